"""Applying scenarios: the changes in order, each a pure function Instance -> Instance; refusals name their place."""

from __future__ import annotations

from planner.errors import InstanceError, Problem
from planner.instance.changes.change import RefusedError
from planner.instance.instance import Instance
from planner.instance.periods import PeriodError
from planner.instance.precedence import records_of, universe_of
from planner.instance.scenario import Scenario
from planner.instance.selecting import selector_problems


def apply_scenario(instance: Instance, scenario: Scenario) -> Instance:
    """The instance under a scenario, with its changes applied in order.

    Where lead times are then as long as all planned periods, or an item has no source left, its settings say that a
    scenario did it: in tables that somebody wrote, both are errors.

    Raises:
        InstanceError: a selector matches nothing, or a figure leaves its range.
    """
    before = instance
    for position, change in enumerate(scenario.changes):
        place = f"changes.{position}"
        found = list(selector_problems(change, universe_of(instance), records_of(instance)))
        if found:
            raise InstanceError(
                [
                    Problem(scenario.name, None, f"{place}.{column}", value, message, remedy)
                    for column, value, message, remedy in found
                ]
            )
        try:
            instance.periods.window(change.period)
        except PeriodError as error:
            raise InstanceError(
                [Problem(scenario.name, None, f"{place}.period", change.period, error.message, error.remedy)]
            ) from None
        try:
            instance = change.apply(instance)
        except RefusedError as refused:
            raise InstanceError(
                [Problem(scenario.name, None, place, change.change, refused.message, refused.remedy)]
            ) from None
    if not instance.settings.as_written or not (_sources(before) - _sources(instance) or _lasts_too_long(instance)):
        return instance
    return instance.replace(instance.settings.model_copy(update={"after_scenario": True}))


def _sources(instance: Instance) -> set[str]:
    """The items that are made, in stock or arriving somewhere."""
    stocked = {row.item for row in instance.stocks if row.opening > 0}
    return stocked.union((row.item for row in instance.processes), (row.item for row in instance.arrivals))


def _lasts_too_long(instance: Instance) -> bool:
    """Whether what starts by some process or lane ends in no planned period."""
    lead_times = [row.lead_time for row in instance.processes] + [row.lead_time for row in instance.lanes]
    return max(lead_times, default=0) >= len(instance.periods)
