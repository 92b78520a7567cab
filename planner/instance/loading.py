"""From text rows to a checked instance, with every problem found in one pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from planner.errors import InstanceError, Problem, UsageError, nearest
from planner.instance.checks import find_problems, table_problems
from planner.instance.files import Raw, ReadError, read_instance_files, read_mapping_file, take_mapping
from planner.instance.instance import Instance, Settings, canonical
from planner.instance.policy import Policy
from planner.instance.records import TABLES, Record
from planner.instance.scenario import Scenario


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
    raw = take_mapping(source) if isinstance(source, Mapping) else read_instance_files(Path(source))
    problems = list(raw.problems)
    settings = _parse(Settings, _settings_mapping(raw.settings), raw.settings_file, None, problems)
    rows = {table.name: _rows(raw, table.name, table.record, problems) for table in TABLES}
    problems += [
        Problem(
            raw.settings_file,
            None,
            None,
            table.name,
            f"The table {table.name} is missing or empty.",
            f"Add {table.name}.csv, or `{table.name}:` inline.",
        )
        for table in TABLES
        if table.required and not raw.tables.get(table.name)
    ]
    policies = _parts(Policy, raw.policies, problems)
    scenarios = _parts(Scenario, raw.scenarios, problems)
    if settings is None:
        problems += table_problems(rows)
        return Checked(None, tuple(problems))
    problems += find_problems(settings, rows, policies, scenarios)
    problems.sort(key=lambda problem: problem.severity != "error")
    if any(problem.severity == "error" for problem in problems):
        return Checked(None, tuple(problems))
    placed: dict[str, list[Any]] = {**rows, "policies": policies, "scenarios": scenarios}
    parts: dict[str, Any] = {name: canonical(name, [row for _, _, row in found]) for name, found in placed.items()}
    instance = Instance.model_construct(None, settings=settings, **parts)
    if not settings.stages:  # the order of appearance is part of the instance, and lost by sorting
        stages = tuple(dict.fromkeys(row.stage for _, _, row in rows["items"]))  # type: ignore[attr-defined]
        instance = instance.model_copy(update={"settings": settings.model_copy(update={"stages": stages})})
    return Checked(instance, tuple(problems))


def read_policy(path: Path, instance: Instance) -> Policy:
    """A policy from a file of its own, checked against the instance.

    Raises:
        InstanceError: what is wrong with it.
        UsageError: the file does not exist.
    """
    policy = _single(Policy, path)
    _check_part(instance, path, policies=[(path.name, 1, policy)])
    return policy


def read_scenario(path: Path, instance: Instance) -> Scenario:
    """A scenario from a file of its own, checked against the instance.

    Raises:
        InstanceError: what is wrong with it.
        UsageError: the file does not exist.
    """
    scenario = _single(Scenario, path)
    _check_part(instance, path, scenarios=[(path.name, 1, scenario)])
    return scenario


def checked_policy(policy: Policy, instance: Instance) -> Policy:
    """A policy that was made in Python, checked against the instance.

    Raises:
        InstanceError: what is wrong with it.
    """
    _check_part(instance, Path(policy.name), policies=[(policy.name, 1, policy)])
    return policy


def _single[Model: BaseModel](model: type[Model], path: Path) -> Model:
    if not path.exists():
        raise UsageError(f"There is no file {path}.")
    problems: list[Problem] = []
    try:
        mapping = read_mapping_file(path)
    except ReadError as error:
        raise InstanceError([Problem(path.name, error.row, None, None, error.message, error.remedy)]) from None
    part = _parse(model, mapping, path.name, 1, problems)
    if part is None:
        raise InstanceError(problems)
    return part


def _check_part(instance: Instance, path: Path, **parts: Any) -> None:
    rows = {table.name: [(table.name, 0, row) for row in getattr(instance, table.name)] for table in TABLES}
    found = find_problems(instance.settings, rows, parts.get("policies", []), parts.get("scenarios", []))
    errors = [problem for problem in found if problem.severity == "error" and problem.file == path.name]
    if errors:
        raise InstanceError(errors)


def _settings_mapping(given: dict[str, Any]) -> dict[str, Any]:
    """Settings without empty values; a plain list of labels becomes a tuple."""
    settings = {name: value for name, value in given.items() if value is not None}
    if isinstance(settings.get("periods"), list):
        settings["periods"] = tuple(settings["periods"])
    if isinstance(settings.get("regions"), dict):
        settings["regions"] = {key: value or "" for key, value in settings["regions"].items()}
    return settings


def _rows(raw: Raw, name: str, record: type[Record], problems: list[Problem]) -> list[tuple[str, int, Record]]:
    found = []
    for file, number, cells in raw.tables.get(name, []):
        filled = {key: value for key, value in cells.items() if value is not None and value != ""}
        row = _parse(record, filled, file, number, problems)
        if row is not None:
            found.append((file, number, row))
    return found


def _parts[Model: BaseModel](
    model: type[Model], parts: list[tuple[str, int, dict[str, Any]]], problems: list[Problem]
) -> list[tuple[str, int, Model]]:
    found = []
    for file, number, mapping in parts:
        part = _parse(model, mapping, file, number, problems)
        if part is not None:
            found.append((file, number, part))
    return found


def _parse[Model: BaseModel](
    model: type[Model], mapping: Any, file: str, number: int | None, problems: list[Problem]
) -> Model | None:
    if not isinstance(mapping, dict):
        problems.append(
            Problem(
                file,
                number,
                None,
                str(mapping)[:60],
                "This is not a mapping of names to values.",
                "Write `name: value` lines.",
            )
        )
        return None
    try:
        return model.model_validate(_without_empty(mapping))
    except ValidationError as error:
        problems += [_as_problem(model, detail, file, number) for detail in error.errors(include_url=False)]
        return None


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_empty(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_without_empty(part) for part in value]
    return value


def _as_problem(model: type[BaseModel], detail: Any, file: str, number: int | None) -> Problem:
    """A pydantic error as a problem of the file, in planner words."""
    place = [part for part in detail["loc"] if part not in {"Calendar", "tuple", "constrained-str"}]
    column = ".".join(str(part) for part in place) or detail.get("ctx", {}).get("column") or None
    value = detail.get("input")
    shown = None if isinstance(value, dict | list | tuple) else str(value)[:60]
    kind = detail["type"]
    context = detail.get("ctx", {})
    if kind == "field":
        return Problem(file, number, column, shown, context["message"], context["remedy"])
    if kind == "missing":
        return Problem(file, number, column, None, f"{place[-1]} is missing.", "Give it a value.")
    if kind == "extra_forbidden":
        names = [field.alias or name for name, field in model.model_fields.items()] if len(place) == 1 else []
        hint = nearest(str(place[-1]), names) if names else "Remove it or mend its name."
        return Problem(file, number, column, None, f"'{place[-1]}' is not known here.", hint)
    if kind == "literal_error":
        return Problem(file, number, column, shown, f"'{shown}' is not possible here.", f"Use {context['expected']}.")
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        return Problem(
            file,
            number,
            column,
            str(context.get("tag", "")) or None,
            "This is no type of change.",
            f"Use change: with {context.get('expected_tags', 'one of the types of the format')}.",
        )
    message = str(detail["msg"])
    return Problem(
        file,
        number,
        column,
        shown,
        message if message.endswith(".") else f"{message}.",
        "See `planner explain data` for what the field takes.",
    )
