"""Trying scenarios on an instance, so that a change which will be refused is reported before any run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from planner.errors import InstanceError, Problem
from planner.instance.applying import apply_scenario
from planner.instance.instance import Instance
from planner.instance.scenario import Scenario


def refused_changes(instance: Instance, scenarios: Sequence[tuple[str, int, Scenario]]) -> Iterator[Problem]:
    """The first change of each scenario that cannot be applied, for example because a figure leaves its range.

    Args:
        instance: without errors.
        scenarios: with the file and row of each.
    """
    for file, number, scenario in scenarios:
        try:
            apply_scenario(instance, scenario)
        except InstanceError as error:
            yield from (replace(problem, file=file, row=number) for problem in error.problems)
