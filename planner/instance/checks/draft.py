"""A draft: records with the places they come from, before they are an instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from planner.instance.instance import Settings
from planner.instance.periods import PeriodError, Periods
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.instance.selecting import Universe

Rows = Mapping[str, Sequence[tuple[str, int, Any]]]


@dataclass(frozen=True)
class Draft:
    """Records with the places they come from, before they are an instance."""

    settings: Settings
    rows: Rows
    policies: Sequence[tuple[str, int, Policy]]
    scenarios: Sequence[tuple[str, int, Scenario]]
    settings_file: str = "instance.yaml"

    @cached_property
    def periods(self) -> Periods:
        """The planned periods."""
        return self.settings.periods

    def window(self, text: str) -> range:
        """The positions of a window; none where it is not right, which another check reports."""
        try:
            return self.periods.window(text)
        except PeriodError:
            return range(0)

    def records(self, table: str) -> list[Any]:
        """The rows of a table without their places."""
        return [record for _, _, record in self.rows.get(table, ())]

    @cached_property
    def universe(self) -> Universe:
        """The ids and what they belong to."""
        return Universe.of(self.settings.region_groups, self.settings.stages, self.records)
