"""Checks of lane capacities: each row limits a lane that is there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from planner.errors import Problem
from planner.instance.checks.draft import Draft
from planner.instance.fields import REGION_PREFIX
from planner.instance.selecting import Universe, lane_ends

Ends = tuple[frozenset[str], frozenset[str]]


def check_lane_capacities(draft: Draft) -> Iterator[Problem]:
    """Each row limits some lane (warning); after a roll or a scenario lanes may be gone, so it is not asked then."""
    rows = draft.rows.get("lane_capacities", ())
    if not rows or not draft.settings.as_written or not draft.whole("lanes", "sites", "customers"):
        return
    lanes = _Lanes(draft.records("lanes"), draft.universe)
    for file, number, row in rows:
        if not lanes.limited_by(row):
            what = "anything" if row.item == "*" else row.item
            yield Problem(
                file,
                number,
                "from",
                row.from_,
                f"No lane takes {what} from {row.from_} to {row.to}, so this limits nothing.",
                "Check from, to and item against the table lanes, or remove the row.",
                "warning",
            )


class _Lanes:
    """The items that lanes take, by their ends as the rows write them: `region:X` stands for the places there."""

    def __init__(self, rows: list[Any], universe: Universe) -> None:
        self._universe = universe
        self._carried: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._wide: dict[tuple[str, str], Ends] = {}
        for row in rows:
            pair = (row.from_, row.to)
            if pair not in self._carried and any(end.startswith(REGION_PREFIX) for end in pair):
                self._wide[pair] = self._ends(row)
            self._carried[pair].add(row.item)

    def limited_by(self, row: Any) -> bool:
        """Whether a row of lane_capacities is of some lane, and of an item that the lane takes."""
        pair = (row.from_, row.to)
        if _meet(self._carried.get(pair, set()), row.item):
            return True
        starts, ends = self._ends(row)
        asked = self._carried if any(end.startswith(REGION_PREFIX) for end in pair) else self._wide
        return any(
            _meet(self._carried[lane], row.item) and _some_pair(starts & first, ends & last)
            for lane in asked
            for first, last in [self._wide.get(lane) or (frozenset(lane[:1]), frozenset(lane[1:]))]
        )

    def _ends(self, row: Any) -> Ends:
        starts, ends = lane_ends(self._universe, row)
        return frozenset(starts), frozenset(ends)


def _meet(items: set[str], item: str) -> bool:
    return bool(items) and (item == "*" or "*" in items or item in items)


def _some_pair(starts: frozenset[str], ends: frozenset[str]) -> bool:
    """Whether some place of the first is not the same as some place of the second."""
    return bool(starts and ends) and len(starts | ends) > 1
