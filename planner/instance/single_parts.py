"""Policies and scenarios from files of their own, or made in Python, checked against an instance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from planner.errors import InstanceError, Problem, UsageError
from planner.instance.checks import CHECKS_OF_PARTS, Draft, find_problems
from planner.instance.instance import Instance
from planner.instance.loading import parsed, with_line
from planner.instance.mapping_files import name_after_file, read_mapping_file
from planner.instance.policy import Policy
from planner.instance.records import TABLES
from planner.instance.safe_opening import ReadError
from planner.instance.scenario import Scenario
from planner.instance.wording import kind_of


def read_policy(path: Path, instance: Instance) -> Policy:
    """A policy from a file of its own, checked against the instance.

    Raises:
        InstanceError: what is wrong with it.
        UsageError: the file does not exist.
    """
    return _read(Policy, path, instance)


def read_scenario(path: Path, instance: Instance) -> Scenario:
    """A scenario from a file of its own, checked against the instance.

    Raises:
        InstanceError: what is wrong with it.
        UsageError: the file does not exist.
    """
    return _read(Scenario, path, instance)


def checked_policy(policy: Policy, instance: Instance) -> Policy:
    """A policy that was made in Python, checked against the instance.

    Raises:
        InstanceError: what is wrong with it.
    """
    _check_part(instance, policy.name, policy)
    return policy


def _read[Model: (Policy, Scenario)](model: type[Model], path: Path, instance: Instance) -> Model:
    """A policy or scenario from a file of its own, checked; the raw mapping knows the lines for messages."""
    if not path.exists():
        raise UsageError(f"There is no file {path}.")
    problems: list[Problem] = []
    try:
        mapping = read_mapping_file(path)
        name_after_file(mapping, path)
    except ReadError as error:
        raise InstanceError([Problem(path.name, error.row, None, None, error.message, error.remedy)]) from None
    part = parsed(model, mapping, path.name, 1, problems)
    if part is None:
        raise InstanceError(problems)
    _check_part(instance, path.name, part, mapping)
    return part


def _check_part(instance: Instance, file: str, part: Policy | Scenario, given: Any = None) -> None:
    """Raise an error where a policy or scenario does not fit the instance."""
    rows = {table.name: [(table.name, 0, row) for row in getattr(instance, table.name)] for table in TABLES}
    policies = [(file, 1, part)] if isinstance(part, Policy) else []
    scenarios = [(file, 1, part)] if isinstance(part, Scenario) else []
    found = [each for _, each in find_problems(Draft(instance.settings, rows, policies, scenarios), CHECKS_OF_PARTS)]
    errors = [problem for problem in found if problem.severity == "error" and problem.file == file]
    if errors:
        if given is None:  # made in Python: it has no lines
            raise InstanceError([replace(problem, row=None) for problem in errors], kind_of(type(part)))
        raise InstanceError([with_line(problem, {(file, 1): given}) for problem in errors])
