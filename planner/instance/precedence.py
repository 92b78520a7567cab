"""Wide and exact rows: which row of lanes, lane capacities or tariffs counts for a pair of places in a period.

Compare `from` (or `from_region`), then `to`, then `item`; an id beats a region beats a group beats `*`, period by
period. Two rows equally exact with different figures are an error.
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


def universe_of(instance: Instance) -> Universe:
    """The ids of an instance and what they belong to."""
    return Universe.of(instance.region_groups, instance.stages, records_of(instance))


def records_of(instance: Instance) -> Callable[[str], list[Any]]:
    """The rows of each table by its name."""
    return lambda table: list(getattr(instance, table))


@dataclass(frozen=True)
class Resolved:
    """The row that counts for each pair, item (or `*` for the items without a row of their own) and period.

    Attributes:
        table: columns from, to, item, period (position), row (position in the given rows).
        clashes: pairs of row positions that are equally exact for the same pair, item and period.
    """

    table: pd.DataFrame
    clashes: tuple[tuple[int, int], ...]


def resolve_lanes(rows: Sequence[Any], universe: Universe, periods: Periods) -> Resolved:
    """Which row of `lanes` counts, for each site and place that a row joins."""
    return _resolve(_lane_pairs(rows, universe), rows, periods, share_items=True)


def resolve_lane_capacities(rows: Sequence[Any], universe: Universe, periods: Periods) -> Resolved:
    """Which row of `lane_capacities` counts; a limit of all items together and one of an item stand side by side."""
    return _resolve(_lane_pairs(rows, universe), rows, periods, share_items=False)


def resolve_tariffs(rows: Sequence[Any], universe: Universe, periods: Periods) -> Resolved:
    """Which row of `tariffs` counts, for each pair of regions; groups and `*` mean crossings of a border only."""
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
    return start * 16 + end * 4 + (_ANY if item == "*" else _ID)


def _resolve(
    pairs: list[tuple[int, str, str, str, int]], rows: Sequence[Any], periods: Periods, *, share_items: bool
) -> Resolved:
    table = pd.DataFrame(pairs, columns=["row", "from", "to", "item", "rank"])
    if share_items and not table.empty:
        own = table.loc[table["item"] != "*", ["from", "to", "item"]].drop_duplicates()
        shared = table.loc[table["item"] == "*"].drop(columns="item").merge(own, on=["from", "to"])
        table = pd.concat([table, shared], ignore_index=True)
    windows = [periods.window(row.period) for row in rows]
    start = np.array([window.start for window in windows], dtype=np.int64)
    length = np.array([len(window) for window in windows], dtype=np.int64)
    table = spread(table, start[table["row"].to_numpy(dtype=np.int64)], length[table["row"].to_numpy(dtype=np.int64)])
    table = table.sort_values([*PAIR, "rank", "row"], ascending=[True] * 4 + [False, True], kind="stable")
    again = table.duplicated(PAIR).to_numpy()
    clashes: tuple[tuple[int, int], ...] = ()
    if again.any():
        same_rank = np.zeros(len(table), dtype=bool)
        ranks, positions = table["rank"].to_numpy(), table["row"].to_numpy()
        same_rank[1:] = again[1:] & (ranks[1:] == ranks[:-1])
        first = np.flatnonzero(~again)
        owner = first[np.searchsorted(first, np.arange(len(table)), side="right") - 1]
        at = np.flatnonzero(same_rank & (ranks == ranks[owner]))
        clashes = tuple(sorted({(int(positions[owner[k]]), int(positions[k])) for k in at}))
        table = table.loc[~again]
    return Resolved(table[[*PAIR, "row"]].reset_index(drop=True), clashes)


def spread(table: pd.DataFrame, start: Any, length: Any) -> pd.DataFrame:
    """Each row of `table` once for every period of its window, with the position in a column `period`."""
    start, length = np.asarray(start, dtype=np.int64), np.asarray(length, dtype=np.int64)
    taken = np.repeat(np.arange(len(table)), length)
    offset = np.arange(len(taken)) - np.repeat(np.cumsum(length) - length, length)
    wide = table.iloc[taken].reset_index(drop=True)
    wide["period"] = start[taken] + offset
    return wide
