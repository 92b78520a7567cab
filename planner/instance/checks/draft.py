"""The draft: records with their places, before they become an instance, and what is known of unread rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from planner.instance.cells import UnreadRows
from planner.instance.periods import Periods
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.instance.selecting import Universe
from planner.instance.settings import Settings

Rows = Mapping[str, Sequence[tuple[str, int, Any]]]


@dataclass(frozen=True)
class Draft:
    """Records with the places they come from, before they are an instance.

    Attributes:
        settings, rows, policies, scenarios: what was read.
        settings_file: the file in which the settings stand.
        unread: tables of which a part could not be read at all.
        lost: rows of tables that could not be read, and the ids that stand in them.
    """

    settings: Settings
    rows: Rows
    policies: Sequence[tuple[str, int, Policy]]
    scenarios: Sequence[tuple[str, int, Scenario]]
    settings_file: str = "instance.yaml"
    unread: frozenset[str] = frozenset()
    lost: Mapping[str, UnreadRows] = field(default_factory=dict)

    @cached_property
    def periods(self) -> Periods:
        """The periods that the settings describe."""
        return self.settings.periods

    @cached_property
    def _windows(self) -> dict[str, range]:
        return {}

    def window(self, text: str) -> range:
        """The positions of a window; empty where it is wrong, which another check reports."""
        found = self._windows.get(text)
        if found is None:
            found = self._windows[text] = self.periods.found(text)
        return found

    @cached_property
    def _records(self) -> dict[str, list[Any]]:
        return {table: [record for _, _, record in found] for table, found in self.rows.items()}

    def records(self, table: str) -> list[Any]:
        """The records of a table, without file and row number."""
        return self._records.get(table, [])

    def whole(self, *tables: str) -> bool:
        """Whether every row of these tables was read, so that a missing id can be reported."""
        return not any(table in self.unread or table in self.lost for table in tables)

    def ids(self, table: str, column: str) -> set[str] | None:
        """The ids in a column of a table, unread rows included; None where these are not known."""
        lost = self.lost.get(table)
        if table in self.unread or (lost is not None and not lost.known):
            return None
        found = {getattr(row, column) for row in self.records(table)}
        return found if lost is None else found | lost.named(column)

    @cached_property
    def _lost_ids(self) -> set[str]:
        return {text for lost in self.lost.values() for texts in lost.ids.values() for text in texts}

    def may_be_lost(self, text: str) -> bool:
        """Whether a name may stand in something that could not be read, so that it must not be reported as unknown."""
        return bool(self.unread) or text in self._lost_ids or not all(lost.known for lost in self.lost.values())

    @cached_property
    def universe(self) -> Universe:
        """The ids of the draft, with the regions, operators and stages that they belong to."""
        return Universe.of(self.settings.region_groups, self.settings.stages, self.records)
