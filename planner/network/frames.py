"""Records as data frames, and small joins that every table needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.instance.precedence import spread
from planner.instance.records import TABLE, Record

Tables = dict[str, pd.DataFrame]


def frame(instance: Instance, table: str) -> pd.DataFrame:
    """A table of the instance as it is in the file, with defaults filled in (an empty figure is NaN)."""
    record = TABLE[table].record
    names = {name: field.alias or name for name, field in record.model_fields.items() if name != "source"}
    rows = getattr(instance, table)
    data = pd.DataFrame(
        {
            label: pd.Series([getattr(row, name) for row in rows], dtype=_type_of(record, name))
            for name, label in names.items()
        }
    )
    if "resource" in data:
        data["resource"] = data["resource"].where(data["resource"].notna(), data["site"])
    return data


def _type_of(record: type[Record], name: str) -> type:
    """The column type of a field: a figure, a count, yes or no, or anything else as it is."""
    kind = str(record.model_fields[name].annotation)
    if "float" in kind:
        return float
    if kind == "<class 'int'>":
        return np.int64
    return bool if kind == "<class 'bool'>" else object


def by_period(instance: Instance, table: str) -> pd.DataFrame:
    """A table with one row for each period of each window; `period` is the position."""
    data = frame(instance, table)
    windows = [instance.periods.window(text) for text in data["period"]]
    return spread(data, [window.start for window in windows], [len(window) for window in windows])


def positions(keys: pd.DataFrame, table: pd.DataFrame, columns: Sequence[str]) -> np.ndarray[Any, Any]:
    """For each row of `keys`, the position of the row of `table` that agrees in `columns`; -1 where there is none."""
    if table.empty or keys.empty:
        return np.full(len(keys), -1, dtype=np.int64)
    both = pd.concat([table[list(columns)], keys[list(columns)]], ignore_index=True)
    codes = both.groupby(list(columns), sort=False, dropna=False).ngroup().to_numpy()
    own, wanted = codes[: len(table)], codes[len(table) :]
    where = np.full(codes.max() + 1, -1, dtype=np.int64)
    where[own[::-1]] = np.arange(len(table))[::-1]
    found: np.ndarray[Any, Any] = where[wanted]
    return found


def lookup(
    keys: pd.DataFrame, table: pd.DataFrame, columns: Sequence[str], value: str, default: Any
) -> np.ndarray[Any, Any]:
    """For each row of `keys`, the value in the row of `table` that agrees in `columns`, else the default."""
    at = positions(keys, table, columns)
    if table.empty:
        return np.full(len(keys), default)
    values = table[value].to_numpy()
    found: np.ndarray[Any, Any] = np.where(at >= 0, values[at], default)
    return found


def empty(columns: Iterable[str], numbers: Iterable[str] = ()) -> pd.DataFrame:
    """A table without rows; the columns in `numbers` are of type float."""
    numbers = set(numbers)
    return pd.DataFrame({name: pd.Series(dtype=float if name in numbers else object) for name in columns})


def place_keys(table: pd.DataFrame, place: str, item: str) -> pd.DataFrame:
    """Two columns of a table under the names place and item."""
    return pd.DataFrame({"place": table[place].to_numpy(), "item": table[item].to_numpy()})


def next_period(table: pd.DataFrame, keys: Iterable[str], count: int) -> pd.DataFrame:
    """What is carried into the next period, with the position in `table`."""
    moved = table[[*keys, "period"]].copy()
    moved.insert(0, "row", np.arange(len(table)))
    moved["period"] = moved["period"] + 1
    return moved[moved["period"] < count].reset_index(drop=True)
