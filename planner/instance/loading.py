"""From text rows to a checked instance, with every problem found in one pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from planner.errors import InstanceError, Problem, UsageError
from planner.instance.adding import added_up
from planner.instance.checks import find_problems, table_problems
from planner.instance.checks.figures import doubtful_figures
from planner.instance.fields import USERS_OWN
from planner.instance.files import (
    Placed,
    Raw,
    ReadError,
    name_after_file,
    read_instance_files,
    read_mapping_file,
    take_mapping,
)
from planner.instance.instance import Instance, Settings, canonical
from planner.instance.parts import Part
from planner.instance.policy import Policy
from planner.instance.records import TABLES, Record
from planner.instance.scenario import Scenario
from planner.instance.wording import kind_of, placed, problems_of


@dataclass(frozen=True)
class Checked:
    """An instance with what was found in it.

    Attributes:
        instance: None where it has errors.
        problems: errors, then warnings.
    """

    instance: Instance | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that make the instance unusable."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def load_instance(source: str | Path | Mapping[str, Any]) -> Instance:
    """Read and check an instance.

    Args:
        source: a folder, a YAML or JSON file, or a mapping in the same shape (tables as lists of rows).

    Raises:
        InstanceError: with every problem, each with file, row, column, value and remedy.
        UsageError: there is nothing to read.
    """
    checked = check_instance(source)
    if checked.errors or checked.instance is None:
        raise InstanceError(checked.errors)
    return checked.instance


def check_instance(source: str | Path | Mapping[str, Any]) -> Checked:
    """Read an instance and list everything that is wrong or doubtful in it.

    Raises:
        UsageError: there is nothing to read.
    """
    return check_raw(take_mapping(source) if isinstance(source, Mapping) else read_instance_files(Path(source)))


def check_raw(raw: Raw) -> Checked:
    """Check what was read, and make an instance of it where it is right."""
    problems: list[Problem] = []
    mapping = plain_settings(raw.settings)
    settings = None if "settings" in raw.unread else _parse(Settings, mapping, raw.settings_file, None, problems)
    rows = {table.name: _rows(raw, table.name, table.record, problems) for table in TABLES}
    problems += [
        _missing(raw, table.name)
        for table in TABLES
        if table.required and not raw.tables.get(table.name) and table.name not in raw.unread
    ]
    problems += doubtful_figures(raw.tables)
    rows = added_up(rows, settings.periods if settings is not None else None, problems)
    policies = _parts(Policy, raw.policies, problems)
    scenarios = _parts(Scenario, raw.scenarios, problems)
    if raw.unread:  # what cannot be judged without it is not judged
        return Checked(None, _settled(raw, problems))
    if settings is None:
        problems += table_problems(rows)
        return Checked(None, _settled(raw, problems))
    places = _places(raw)
    problems += [
        _on_its_line(problem, places)
        for problem in find_problems(settings, rows, policies, scenarios, raw.settings_file)
    ]
    found = _settled(raw, problems)
    if any(problem.severity == "error" for problem in found):
        return Checked(None, found)
    placed: dict[str, list[Any]] = {**rows, "policies": policies, "scenarios": scenarios}
    parts: dict[str, Any] = {name: canonical(name, [row for _, _, row in rows]) for name, rows in placed.items()}
    instance = Instance.model_construct(None, settings=settings, **parts)
    if not settings.stages:  # the order of appearance is part of the instance, and lost by sorting
        stages = tuple(dict.fromkeys(row.stage for _, _, row in rows["items"]))  # type: ignore[attr-defined]
        instance = instance.model_copy(update={"settings": settings.model_copy(update={"stages": stages})})
    return Checked(instance, found)


def _settled(raw: Raw, later: list[Problem]) -> tuple[Problem, ...]:
    """What reading found and what came later, errors first; of a workbook with its cells."""
    problems = [*raw.problems, *later] if raw.places is None else raw.places.settle(raw.problems, later)
    return tuple(sorted(problems, key=lambda problem: problem.severity != "error"))


def _missing(raw: Raw, table: str) -> Problem:
    file = raw.settings_file if raw.places is None else raw.places.book
    remedy = f"Add {table}.csv, or `{table}:` inline." if raw.places is None else f"Fill in a sheet {table}."
    return Problem(file, None, None, table, f"The table {table} is missing or empty.", remedy)


def read_policy(path: Path, instance: Instance) -> Policy:
    """A policy from a file of its own, checked against the instance.

    Raises:
        InstanceError: what is wrong with it.
        UsageError: the file does not exist.
    """
    policy, given = _single(Policy, path)
    _check_part(instance, path.name, policy, given)
    return policy


def read_scenario(path: Path, instance: Instance) -> Scenario:
    """A scenario from a file of its own, checked against the instance.

    Raises:
        InstanceError: what is wrong with it.
        UsageError: the file does not exist.
    """
    scenario, given = _single(Scenario, path)
    _check_part(instance, path.name, scenario, given)
    return scenario


def checked_policy(policy: Policy, instance: Instance) -> Policy:
    """A policy that was made in Python, checked against the instance.

    Raises:
        InstanceError: what is wrong with it.
    """
    _check_part(instance, policy.name, policy)
    return policy


def _single[Model: Part](model: type[Model], path: Path) -> tuple[Model, Any]:
    """A policy or scenario from a file of its own, and what was read, which knows its lines."""
    if not path.exists():
        raise UsageError(f"There is no file {path}.")
    problems: list[Problem] = []
    try:
        mapping = read_mapping_file(path)
        name_after_file(mapping, path)
    except ReadError as error:
        raise InstanceError([Problem(path.name, error.row, None, None, error.message, error.remedy)]) from None
    part = _parse(model, mapping, path.name, 1, problems)
    if part is None:
        raise InstanceError(problems)
    return part, mapping


def _check_part(instance: Instance, file: str, part: Policy | Scenario, given: Any = None) -> None:
    """Refuse a policy or scenario that does not fit the instance."""
    rows = {table.name: [(table.name, 0, row) for row in getattr(instance, table.name)] for table in TABLES}
    policies = [(file, 1, part)] if isinstance(part, Policy) else []
    scenarios = [(file, 1, part)] if isinstance(part, Scenario) else []
    found = find_problems(instance.settings, rows, policies, scenarios)
    errors = [problem for problem in found if problem.severity == "error" and problem.file == file]
    if errors:
        if given is None:  # made in Python: it has no lines
            raise InstanceError([replace(problem, row=None) for problem in errors], kind_of(type(part)))
        raise InstanceError([_on_its_line(problem, {(file, 1): given}) for problem in errors])


def _on_its_line(problem: Problem, places: Mapping[tuple[str, int | None], Any]) -> Problem:
    """A problem with the line of its field, where the file in which it stands knows lines."""
    given = places.get((problem.file, problem.row))
    if given is None or problem.column is None:
        return problem
    _, line = placed(given, problem.column.split("."), problem.value)
    return replace(problem, row=line) if line else problem


def _places(raw: Raw) -> dict[tuple[str, int | None], Any]:
    """What was read from YAML files, by file and first row."""
    places: dict[tuple[str, int | None], Any] = {}
    for file, number, part in [*raw.policies, *raw.scenarios, *chain.from_iterable(raw.tables.values())]:
        if isinstance(part, Placed) and part.line:
            places[file, number] = part
    return {(raw.settings_file, None): raw.settings, **places}


def plain_settings(given: Placed) -> Placed:
    """Settings without empty values; a region without a name has an empty one."""
    settings = Placed({name: value for name, value in given.items() if value is not None})
    settings.line, settings.lines = given.line, given.lines
    if isinstance(settings.get("regions"), dict):
        settings["regions"] = {key: "" if value is None else value for key, value in settings["regions"].items()}
    return settings


def _rows(raw: Raw, name: str, record: type[Record], problems: list[Problem]) -> list[tuple[str, int, Record]]:
    found = []
    for file, number, cells in raw.tables.get(name, []):
        row = _parse(record, cells, file, number, problems, blank=True)
        if row is not None:
            found.append((file, number, row))
    return found


def _parts[Model: Part](
    model: type[Model], parts: list[tuple[str, int, dict[str, Any]]], problems: list[Problem]
) -> list[tuple[str, int, Model]]:
    found = []
    for file, number, mapping in parts:
        part = _parse(model, mapping, file, number, problems)
        if part is not None:
            found.append((file, number, part))
    return found


def _parse[Model: Part](
    model: type[Model], given: Any, file: str, number: int | None, problems: list[Problem], *, blank: bool = False
) -> Model | None:
    """A record of what was read, values that are empty (`blank`: or "") left out; None where it has problems."""
    try:
        part: Model = model.__pydantic_validator__.validate_python(without_own(given, blank=blank))
    except ValidationError as error:
        problems += problems_of(model, error, given, file, number)
        return None
    return part


def without_own(value: Any, *, blank: bool = False) -> Any:
    """What was read without empty values (`blank`: or "") and without what is the user's own, at every depth."""
    if isinstance(value, dict):
        return {
            key: without_own(part, blank=blank) if isinstance(part, dict | list) else part
            for key, part in value.items()
            if part is not None and not (blank and isinstance(part, str) and not part) and str(key)[:1] != USERS_OWN
        }
    if isinstance(value, list):
        return [without_own(part, blank=blank) for part in value]
    return value
