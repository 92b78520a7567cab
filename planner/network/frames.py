"""Records as data frames, and the joins, sums and look-ups that all tables are built with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.instance.precedence import STRINGS, one_row_a_period
from planner.instance.records import TABLE, Record

Tables = dict[str, pd.DataFrame]
Array = np.ndarray[Any, Any]
type Columns = pd.DataFrame | Mapping[str, Array]  # a table, or its columns as arrays
ORDER = ["customer", "item", "period"]  # labels of what is ordered, delivered, owed or lost
PLACED = ["site", "item", "period"]  # labels of what stands or is made at a site
SHORT = 500  # rows up to which a dictionary numbers them faster than pandas


def frame(instance: Instance, table: str) -> pd.DataFrame:
    """A table of the instance as it is in the file, with defaults filled in (an empty figure is NaN)."""
    rows = getattr(instance, table)
    return _of_records(rows, table) if rows else _no_records(table).copy(deep=False)


def _of_records(rows: Iterable[Record], table: str) -> pd.DataFrame:
    columns = {label: [getattr(row, name) for row in rows] for name, label, _ in _fields(table)}
    if "resource" in columns:
        named = zip(columns["resource"], columns["site"], strict=True)
        columns["resource"] = [site if resource is None else resource for resource, site in named]
    return table_of_columns({label: _column(columns[label], kind) for _, label, kind in _fields(table)})


@cache
def _no_records(table: str) -> pd.DataFrame:
    """The table without rows, made once: most tables of a small instance are empty."""
    return _of_records((), table)


@cache
def _fields(table: str) -> list[tuple[str, str, type]]:
    """For each field of a table's records except `source`: its name, its label in files, and its column type."""
    record = TABLE[table].record
    fields = {name: field.alias or name for name, field in record.model_fields.items() if name != "source"}
    return [(name, label, _type_of(record, name)) for name, label in fields.items()]


def _column(values: list[Any], kind: type) -> Any:
    return text_column(values) if kind is object else np.array(values, dtype=kind)


def text_column(values: Sequence[Any] | Array) -> pd.Index:
    """Texts as a column of a table, which stay Python objects.

    pandas would turn an array of them into its own text type, of which every column is taken by itself; of objects all
    columns of a table are taken at once, which is what counts in short tables.
    """
    return pd.Index(values, dtype=object, tupleize_cols=False)


def _type_of(record: type[Record], name: str) -> type:
    """The column type of a field: float, int or bool, and object for everything else."""
    kind = str(record.model_fields[name].annotation)
    if "float" in kind:
        return float
    if kind == "<class 'int'>":
        return np.int64
    return bool if kind == "<class 'bool'>" else object


def table_of_rows(
    rows: Sequence[tuple[Any, ...]], columns: Sequence[str], numbers: Mapping[str, type] | None = None
) -> pd.DataFrame:
    """Rows as a table: words, and numbers of the given type in the columns that `numbers` names."""
    cells = zip(*rows, strict=True) if rows else [()] * len(columns)
    kinds = numbers or {}
    return table_of_columns(
        {
            name: np.array(values, dtype=kinds[name]) if name in kinds else text_column(values)
            for name, values in zip(columns, cells, strict=True)
        }
    )


def table_of_columns(columns: Mapping[str, Any]) -> pd.DataFrame:
    """Columns as a table, which shares their memory (pandas would look into labels for text, and copy each column)."""
    table = pd.DataFrame(dict(enumerate(columns.values())), copy=False)
    table.columns = _labels(tuple(columns))
    return table


def renamed(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """A table with new names for some of its columns (much quicker in pandas than `table.rename`)."""
    return with_new_names(table, [names.get(name, name) for name in table])


def with_new_names(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """A table with new names for all of its columns, in their order."""
    found = table.copy(deep=False)
    found.columns = _labels(tuple(names))
    return found


@cache
def _labels(names: tuple[str, ...]) -> pd.Index:
    return pd.Index(names, dtype=STRINGS)


def by_period(instance: Instance, table: str) -> pd.DataFrame:
    """An instance's table with one row for each period of each window; `period` is the position."""
    data = frame(instance, table)
    windows = [instance.periods.window(text) for text in data["period"]]
    return one_row_a_period(data, [window.start for window in windows], [len(window) for window in windows])


def group_numbers(*tables: Columns, columns: Sequence[str]) -> list[Array]:
    """For each table, a number for each row: equal exactly where rows agree in `columns`, in order of appearance."""
    ends = np.cumsum([_length(table) for table in tables])
    if ends[-1] <= SHORT:
        known: dict[tuple[Any, ...], int] = {}
        found = [known.setdefault(row, len(known)) for table in tables for row in _rows(table, columns)]
        return np.split(np.array(found, dtype=np.int64), ends[:-1])
    codes = _numbers(tables, columns[0])[0]
    for name in columns[1:]:
        part, count = _numbers(tables, name)
        codes = pd.factorize(codes * count + part)[0]
    return np.split(codes, ends[:-1])


def _length(table: Columns) -> int:
    return len(table) if isinstance(table, pd.DataFrame) else len(next(iter(table.values())))


def _rows(table: Columns, columns: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    """The rows of a table in some columns, what is missing as None."""
    values = []
    for name in columns:
        column = table[name]
        found = column.tolist()
        whole = column.dtype.kind in "iub"
        values.append(found if whole else [None if value != value else value for value in found])  # noqa: PLR0124
    return zip(*values, strict=True)


def _numbers(tables: Sequence[Columns], column: str) -> tuple[Array, int]:
    """A number for each value of a column of some tables, and how many there are."""
    values = np.concatenate([np.asarray(table[column]) for table in tables])
    number, found = pd.factorize(values, use_na_sentinel=False)
    return number, len(found)


def positions(keys: Columns, table: Columns, columns: Sequence[str]) -> Array:
    """For each row of `keys`, the position of the row of `table` that agrees in `columns`; -1 where there is none."""
    if not _length(table) or not _length(keys):
        return np.full(_length(keys), -1, dtype=np.int64)
    own, wanted = group_numbers(table, keys, columns=columns)
    where = np.full(int(max(own.max(), wanted.max())) + 1, -1, dtype=np.int64)
    where[own[::-1]] = np.arange(len(own))[::-1]
    found: Array = where[wanted]
    return found


def joined(table: pd.DataFrame, other: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """A join: every row of `table` beside each row of `other` that agrees in `columns`, in the order of `table`."""
    own, theirs = group_numbers(table, other, columns=columns)
    order = np.argsort(theirs, kind="stable")
    first, last = (np.searchsorted(theirs[order], own, side=side) for side in ("left", "right"))
    count = last - first
    row = np.repeat(np.arange(len(table)), count)
    match = order[np.repeat(first - np.cumsum(count) + count, count) + np.arange(len(row))]
    theirs_and_ours = [(other, match, list(other)), (table, row, [name for name in table if name not in columns])]
    return table_of_columns(
        {name: values_at(part[name], rows) for part, rows, names in theirs_and_ours for name in names}
    )


def values_at(column: pd.Series, rows: Array) -> Any:
    """The values of a column in some rows, as a column of another table."""
    values = column.to_numpy()[rows]
    return text_column(values) if values.dtype == object else values


def distinct(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The distinct combinations of some columns of a table, in order of appearance."""
    return first_rows(narrowed(table, columns), group_numbers(table, columns=columns)[0])


def first_rows(table: pd.DataFrame, number: Array) -> pd.DataFrame:
    """For each number of the rows of a table, in order, the first row that has it."""
    _, first = np.unique(number, return_index=True)
    return rows_at(table, first)


def in_order(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The rows of a table sorted by some columns, numbered anew."""
    return rows_at(table, np.lexsort([_ranks(table[name]) for name in reversed(columns)]))


def _ranks(column: pd.Series) -> Array:
    """Numbers that are in the order of a column's values."""
    if column.dtype.kind in "iuf":
        return np.asarray(column)
    if len(column) > SHORT:
        found: Array = pd.factorize(column.to_numpy(), sort=True)[0]
        return found
    values = column.tolist()
    rank = {value: number for number, value in enumerate(sorted(set(values)))}
    return np.array([rank[value] for value in values], dtype=np.int64)


def summed(table: pd.DataFrame, columns: Sequence[str], figures: Sequence[str]) -> pd.DataFrame:
    """The sums of some columns over the rows that agree in `columns`; sorted by these."""
    number = group_numbers(table, columns=columns)[0]
    found = first_rows(narrowed(table, columns), number)
    for name in figures:
        weights = table[name].to_numpy(dtype=float)
        found[name] = np.bincount(number, weights=weights, minlength=len(found)).astype(float)
    return in_order(found, columns)


def label_rows(table: pd.DataFrame, columns: Sequence[str]) -> list[Any]:
    """The labels of each row in some columns, as tuples."""
    return list(zip(*(table[name].tolist() for name in columns), strict=True))


def is_one_of(column: pd.Series, names: Collection[str]) -> Array:
    """A flag for each row of a column of words: whether it is one of some names."""
    return np.array([value in names for value in column.tolist()], dtype=bool)


def narrowed(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """A table with only some of its columns (much quicker in pandas than `table[columns]`)."""
    return table.take([int(table.columns.get_loc(name)) for name in columns], axis=1)


def rows_at(table: pd.DataFrame, rows: Array, touched: Array | None = None) -> pd.DataFrame:
    """Some rows of a table in the given order, numbered anew; with `touched` as a further column where it is given."""
    found = table.take(rows)
    found.index = pd.RangeIndex(len(found))
    return found if touched is None else found.assign(touched=text_column(touched))


def rows_where(table: pd.DataFrame, flags: Array) -> pd.DataFrame:
    """The rows of a table whose flag is set, numbered anew."""
    return rows_at(table, np.flatnonzero(flags))


def stacked(parts: Iterable[tuple[pd.DataFrame, Sequence[str]]], columns: Sequence[str]) -> pd.DataFrame:
    """Some columns of some tables, one table after the other, under new names.

    Args:
        parts: tables, each with the columns that are taken from it.
        columns: the new name of each column taken, the same for all parts.
    """
    arrays = zip(*([table[name].to_numpy() for name in names] for table, names in parts), strict=True)
    joint = [text_column(array) if array.dtype == object else array for array in map(np.concatenate, arrays)]
    return table_of_columns(dict(zip(columns, joint, strict=True)))


def lookup(keys: Columns, table: pd.DataFrame, columns: Sequence[str], value: str, default: Any) -> Array:
    """For each row of `keys`, the value in the row of `table` that agrees in `columns`, else the default."""
    at = positions(keys, table, columns)
    if table.empty:
        return np.full(len(at), default)
    values = table[value].to_numpy()
    found: Array = np.where(at >= 0, values[at], default)
    return found


def empty(columns: Iterable[str], numbers: Iterable[str] = ()) -> pd.DataFrame:
    """A table without rows; the columns in `numbers` are of type float."""
    return _empty(tuple(columns), frozenset(numbers)).copy(deep=False)


@cache
def _empty(columns: tuple[str, ...], numbers: frozenset[str]) -> pd.DataFrame:
    """The same, made once."""
    return table_of_columns({name: np.zeros(0, dtype=float if name in numbers else object) for name in columns})


def next_period(table: pd.DataFrame, keys: Iterable[str], count: int) -> pd.DataFrame:
    """The rows whose next period is planned, moved to it; `row` is their position in `table`."""
    period = table["period"].to_numpy()
    row = np.flatnonzero(period + 1 < count)
    labels = {name: values_at(table[name], row) for name in keys}
    return table_of_columns({"row": row, **labels, "period": period[row] + 1})
