"""Checks of wide rows (`region:X`, a group or `*`): how many pairs they stand for, and which row takes precedence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from planner.errors import Problem
from planner.instance.checks.draft import Draft
from planner.instance.fields import REGION_PREFIX
from planner.instance.precedence import resolve_lane_capacities, resolve_lanes, resolve_tariffs
from planner.instance.records import FIELD_OF, TABLE

MOST_PAIRS = 5_000_000  # pairs of places and periods that the rows of a table stand for
RESOLVERS = {"lanes": resolve_lanes, "lane_capacities": resolve_lane_capacities, "tariffs": resolve_tariffs}


def check_precedence(draft: Draft) -> Iterator[Problem]:
    """Two equally exact rows for the same lane or border have the same figures."""
    for name, resolver in RESOLVERS.items():
        table = TABLE[name]
        seen: set[tuple[Any, ...]] = set()
        rows = []
        for placed in draft.rows.get(name, ()):
            key = (*table.key_of(placed[2]), placed[2].period)
            if key not in seen:  # another check reports repeated keys
                seen.add(key)
                rows.append(placed)
        if not rows:
            continue
        ends = _Width(draft, name)
        if all(ends.exact(row) for _, _, row in rows):
            continue
        wide = list(ends.too_wide(rows))
        yield from wide
        if wide:
            continue
        try:
            clashes = resolver([row for _, _, row in rows], draft.universe, draft.periods).clashes
        except (KeyError, ValueError):
            continue  # an unknown id or period, which another check reports
        ignored = {"source", "period", *(FIELD_OF.get(column, column) for column in table.key)}
        for first, second in clashes:
            file, number, row = rows[second]
            figures = [part.model_dump(exclude=ignored) for part in (rows[first][2], row)]
            if figures[0] != figures[1] and table.key_of(rows[first][2]) != table.key_of(row):
                message = (
                    f"Row {rows[first][1]} is equally exact for the same places in the same period, with other figures."
                )
                remedy = "Write one more exact row, or make the figures agree."
                yield Problem(file, number, table.key[0], None, message, remedy)


class _Width:
    """The number of pairs of places, or of regions, that the rows of a table stand for."""

    def __init__(self, draft: Draft, table: str) -> None:
        self.periods = draft.window
        sites, customers = draft.records("sites"), draft.records("customers")
        if table == "tariffs":
            self.columns = ("from_region", "to_region")
            each = dict.fromkeys({row.region for row in [*sites, *customers]}, 1)
            self.count = (_counter(each, draft, ""), _counter(each, draft, ""))
        else:
            self.columns = ("from_", "to")
            at = Counter(row.region for row in sites)
            around = at + Counter(row.region for row in customers)
            self.count = (_counter(at, draft, REGION_PREFIX), _counter(around, draft, REGION_PREFIX))

    def exact(self, row: Any) -> bool:
        """Whether a row stands for a single pair."""
        start, end = (getattr(row, column) for column in self.columns)
        return self.columns[0] == "from_" and not start.startswith(REGION_PREFIX) and not end.startswith(REGION_PREFIX)

    def too_wide(self, rows: list[tuple[str, int, Any]]) -> Iterator[Problem]:
        """The problem of the row with which the pairs become more than can be planned."""
        total = 0
        for file, number, row in rows:
            starts, ends = (count(getattr(row, column)) for count, column in zip(self.count, self.columns, strict=True))
            total += starts * ends * len(self.periods(row.period))
            if total > MOST_PAIRS:
                message = (
                    f"The row stands for {starts:,} times {ends:,} pairs of places; up to here the table stands for "
                    f"more than {MOST_PAIRS:,} pairs and periods."
                )
                yield Problem(file, number, self.columns[0].rstrip("_"), None, message, "Write lanes place by place.")
                return


def _counter(by_region: Mapping[str, int], draft: Draft, prefix: str) -> Callable[[str], int]:
    """How many places (or regions) the end of a row stands for; `prefix` tells regions from places."""
    wide = {prefix + region: count for region, count in by_region.items()}
    for name, members in draft.settings.region_groups.items():
        wide[prefix + name] = sum(by_region.get(region, 0) for region in members)
    if not prefix:
        wide["*"] = sum(by_region.values())
    return lambda end: wide.get(end, 1)
