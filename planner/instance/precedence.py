"""Precedence of wide and exact rows: which row of lanes, lane capacities or tariffs applies to a pair of places.

Rows are compared by `from` (or `from_region`), then `to`, then `item`; in each an id takes precedence over a region,
that over a group, and that over `*`; period by period. Two equally exact rows with different figures are an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from planner.instance.fields import REGION_PREFIX
from planner.instance.periods import Periods
from planner.instance.selecting import Universe, lane_ends

if TYPE_CHECKING:
    from planner.instance.instance import Instance

_ID, _REGION, _GROUP, _ANY = 3, 2, 1, 0
PAIR = ["from", "to", "item", "period"]
STRINGS = pd.StringDtype("python", na_value=np.nan)
"""The type of the labels of columns: Python's strings.

Where pyarrow is installed pandas would take Arrow's, and each access to a column then makes its label a string anew: a
fifth of a small solve.
"""
Positions = np.ndarray[Any, np.dtype[np.int64]]


def universe_of(instance: Instance) -> Universe:
    """The ids of an instance, with the regions, operators and stages that they belong to."""
    return Universe.of(instance.region_groups, instance.stages, records_of(instance))


def records_of(instance: Instance) -> Callable[[str], list[Any]]:
    """A function that gives the rows of an instance's table by name."""
    return lambda table: list(getattr(instance, table))


@dataclass(frozen=True)
class Resolved:
    """The row that applies to each pair, item (`*` for items without a row of their own) and period.

    Attributes:
        table: columns from, to, item, period (position), row (position in the given rows).
        clashes: pairs of row positions that are equally exact for the same pair, item and period.
    """

    table: pd.DataFrame
    clashes: tuple[tuple[int, int], ...]


def resolve_lanes(rows: Sequence[Any], universe: Universe, periods: Periods) -> Resolved:
    """The row of `lanes` that applies to each pair of a site and a place."""
    return _resolve(_lane_pairs(rows, universe), rows, periods, share_items=True)


def resolve_lane_capacities(rows: Sequence[Any], universe: Universe, periods: Periods) -> Resolved:
    """The row of `lane_capacities` that applies; a limit on all items together applies beside one on a single item."""
    return _resolve(_lane_pairs(rows, universe), rows, periods, share_items=False)


def resolve_tariffs(rows: Sequence[Any], universe: Universe, periods: Periods) -> Resolved:
    """The row of `tariffs` that applies to each pair of regions; groups and `*` mean crossings of a border only."""
    pairs: list[tuple[int, str, str, str, int]] = []
    every = sorted(universe.regions)

    def ends(name: str) -> tuple[list[str], int]:
        if name == "*":
            return every, _ANY
        if name in universe.groups:
            return sorted(universe.members([name])), _GROUP
        return [name], _REGION

    for position, row in enumerate(rows):
        starts, start_rank = ends(row.from_region)
        stops, stop_rank = ends(row.to_region)
        exact = start_rank == stop_rank == _REGION
        pairs += [
            (position, start, stop, row.item, _rank(start_rank, stop_rank, row.item))
            for start in starts
            for stop in stops
            if exact or start != stop
        ]
    return _resolve(pairs, rows, periods, share_items=True)


def _lane_pairs(rows: Sequence[Any], universe: Universe) -> list[tuple[int, str, str, str, int]]:
    """For each pair of places that a row stands for: row, from, to, item, and how exact the row is."""

    def rank(place: str) -> int:
        if not place.startswith(REGION_PREFIX):
            return _ID
        return _GROUP if place.removeprefix(REGION_PREFIX) in universe.groups else _REGION

    pairs: list[tuple[int, str, str, str, int]] = []
    for position, row in enumerate(rows):
        start, end = row.from_, row.to
        if start[:7] != REGION_PREFIX and end[:7] != REGION_PREFIX:
            pairs.append((position, start, end, row.item, _rank(_ID, _ID, row.item)))
            continue
        starts, ends = lane_ends(universe, row)
        exactness = _rank(rank(start), rank(end), row.item)
        pairs += [(position, one, other, row.item, exactness) for one in starts for other in ends if one != other]
    return pairs


def _rank(start: int, end: int, item: str) -> int:
    """How exact a row is for a pair, as a number: first by `from`, then by `to`, then by item."""
    return start * 16 + end * 4 + (_ANY if item == "*" else _ID)


def _resolve(
    pairs: list[tuple[int, str, str, str, int]], rows: Sequence[Any], periods: Periods, *, share_items: bool
) -> Resolved:
    """The most exact row of each pair, item and period, and the rows that are equally exact."""
    every = [*pairs, *_of_own_items(pairs)] if share_items else pairs
    columns = list(zip(*every, strict=True)) or [()] * 5
    row, rank = (np.array(columns[at], dtype=np.int64) for at in (0, 4))
    ends = [pd.factorize(np.array(column, dtype=object), sort=True) for column in columns[1:4]]
    windows = [periods.window(given.period) for given in rows]
    start = np.array([window.start for window in windows], dtype=np.int64)
    length = np.array([len(window) for window in windows], dtype=np.int64)
    taken, period = each_period(start[row], length[row])
    row, rank, codes = row[taken], rank[taken], [code[taken] for code, _ in ends]
    order = np.lexsort((row, -rank, period, *codes[::-1]))
    row, rank, labels = row[order], rank[order], [part[order] for part in (*codes, period)]
    again = np.zeros(len(row), dtype=bool)
    again[1:] = np.logical_and.reduce([part[1:] == part[:-1] for part in labels])
    first = np.flatnonzero(~again)
    owner = first[np.searchsorted(first, np.arange(len(row)), side="right") - 1]
    equal = np.flatnonzero(again & (rank == rank[owner]))
    clashes = tuple(sorted({(int(row[owner[at]]), int(row[at])) for at in equal}))
    named = [pd.Index(names[code[first]], dtype=object) for (_, names), code in zip(ends, labels[:3], strict=True)]
    table = pd.DataFrame(dict(enumerate([*named, labels[3][first], row[first]])), copy=False)
    table.columns = pd.Index([*PAIR, "row"], dtype=STRINGS)
    return Resolved(table, clashes)


def _of_own_items(pairs: list[tuple[int, str, str, str, int]]) -> list[tuple[int, str, str, str, int]]:
    """The rows for all items, repeated for each item that has a row of its own between the same places."""
    own: dict[tuple[str, str], dict[str, None]] = {}
    for _, start, end, item, _ in pairs:
        if item != "*":
            own.setdefault((start, end), {})[item] = None
    return [
        (row, start, end, name, rank)
        for row, start, end, item, rank in pairs
        if item == "*"
        for name in own.get((start, end), ())
    ]


def one_row_a_period(table: pd.DataFrame, start: Any, length: Any) -> pd.DataFrame:
    """Each row of `table` once for every period of its window, with the position in a column `period`."""
    taken, period = each_period(np.asarray(start, dtype=np.int64), np.asarray(length, dtype=np.int64))
    wide = table.take(taken)
    wide.index = pd.RangeIndex(len(wide))
    wide["period"] = period
    return wide


def each_period(start: Positions, length: Positions) -> tuple[Positions, Positions]:
    """For windows of periods: the position of each window, repeated for each of its periods, and those periods."""
    taken = np.repeat(np.arange(len(length)), length)
    offset = np.arange(len(taken)) - np.repeat(np.cumsum(length) - length, length)
    return taken, start[taken] + offset
