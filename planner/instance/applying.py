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

    Raises:
        InstanceError: a selector matches nothing, or a figure leaves its range.
    """
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
    return instance
