"""The calendar moved on: windows of tables, policies and scenarios without the periods that have passed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from planner.instance.instance import Instance
from planner.instance.parts import Part
from planner.instance.periods import Periods
from planner.instance.policy import Policy
from planner.instance.records import Capacity, Outage, Process
from planner.instance.scenario import Scenario
from planner.instance.settings import Calendar, Settings
from planner.text.figures import counted

MOVED = ("demand", "lanes", "lane_capacities", "tariffs", "expansion_factors")


@dataclass(frozen=True)
class Shift:
    """A calendar that begins later.

    Attributes:
        before: the periods as they were.
        gone: how many of them have passed.
    """

    before: Periods
    gone: int

    @cached_property
    def after(self) -> Periods:
        """The periods that are left."""
        return Periods(self.before.labels[self.gone :], self.before.length)

    @property
    def first(self) -> str:
        """The label of the first period that is left."""
        return self.before.labels[self.gone]

    def window(self, text: str) -> str | None:
        """What is left of a window, in its shortest text; None where all of it has passed."""
        window = self.before.window(text)
        if window.stop <= self.gone:
            return None
        return self.after.window_text(max(window.start - self.gone, 0), window.stop - 1 - self.gone)

    def rows[Row: Part](self, rows: Iterable[Row]) -> list[Row]:
        """Rows, limits or changes with what is left of their windows, without those that have passed."""
        found = [(row, self.window(getattr(row, "period"))) for row in rows]  # noqa: B009  (all have one)
        return [row.model_copy(update={"period": text}) for row, text in found if text is not None]

    def settings(self, settings: Settings, notes: list[str]) -> Settings:
        """The settings with the calendar moved on; money stays discounted to the same period as before."""
        report = self.window(settings.report_window)
        if report is None:
            notes.append("All reported periods have passed: all that are left are reported.")
        later: Calendar | tuple[str, ...]
        if isinstance(settings.calendar, Calendar):
            later = settings.calendar.model_copy(update={"first": self.first, "count": len(self.after)})
        else:
            later = self.after.labels
        moved = {"calendar": later, "report_window": report or "*", "elapsed": settings.elapsed + self.gone}
        return settings.model_copy(update=moved)

    def capacities(self, rows: Sequence[Capacity]) -> list[Capacity]:
        """The capacities that are left; a resource whose rows have all passed has 0, as it had before."""
        left = self.rows(rows)
        named = {row.line for row in left}
        last = {row.line: row for row in rows}
        closed = [row for key, row in last.items() if key not in named]
        return left + [row.model_copy(update={"period": "*", "capacity": 0.0}) for row in closed]

    def processes(
        self, rows: Sequence[Process], outages: Sequence[Outage], really: Sequence[Outage] = ()
    ) -> tuple[list[Process], list[Outage]]:
        """The processes and outages that are left; what is really out takes the place of what was expected of the same.

        A process whose windows have all passed stays, so that what names it still finds it, and is out in every period.
        """
        left = self.rows(rows)
        named = {(row.site, row.item, row.recipe) for row in left}
        last = {(row.site, row.item, row.recipe): row for row in rows}
        closed = {key: row for key, row in last.items() if key not in named}
        known = {(row.site, row.item, row.recipe, row.held) for row in really}
        others = [row for row in self.rows(outages) if (row.site, row.item, row.recipe, row.held) not in known]
        others = [row for row in (*others, *really) if row.held or (row.site, row.item, row.recipe) not in closed]
        return (
            left + [row.model_copy(update={"period": "*"}) for row in closed.values()],
            others + [Outage(site=site, item=item, recipe=recipe) for site, item, recipe in closed],
        )

    def policy(self, policy: Policy) -> Policy:
        """A policy with what is left of the windows of its limits and buffers."""
        moved = {"limits": tuple(self.rows(policy.limits)), "buffers": tuple(self.rows(policy.buffers))}
        return policy.model_copy(update=moved)

    def scenario(self, scenario: Scenario, notes: list[str]) -> Scenario | None:
        """A scenario with the changes that are left; None where all have passed."""
        changes = tuple(self.rows(scenario.changes))
        if not changes and scenario.changes:
            notes.append(f"The scenario {scenario.name} has passed, and is left out.")
            return None
        if len(changes) < len(scenario.changes):
            gone = len(scenario.changes) - len(changes)
            passed = f"of the scenario {scenario.name} {'has' if gone == 1 else 'have'} passed"
            notes.append(f"{counted(gone, 'change')} {passed}.")
        return scenario.model_copy(update={"changes": changes})


def tables_left(instance: Instance, shift: Shift, really_out: Sequence[Outage] = ()) -> dict[str, Any]:
    """The tables that only move with the calendar, by name; with what is really out from then on."""
    found: dict[str, Any] = {name: shift.rows(getattr(instance, name)) for name in MOVED}
    processes, outages = shift.processes(instance.processes, instance.outages, really_out)
    return found | {"capacities": shift.capacities(instance.capacities), "processes": processes, "outages": outages}
