"""Loading: from rows of text to a checked instance, with every problem found in one pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from planner.errors import LISTED, InstanceError, LeftOut, Names, Problem, Problems
from planner.instance.adding import added_up
from planner.instance.cells import FIELD, UNKNOWN, RowReader, UnreadRows, labels_of
from planner.instance.checks import CHECKS_OF_TABLES, Draft, find_problems
from planner.instance.checks.figures import doubtful_figures
from planner.instance.csv_reading import CsvTable
from planner.instance.fields import USERS_OWN, shown
from planner.instance.files import SETTINGS_FILE, Raw, read_source
from planner.instance.instance import Instance, canonical
from planner.instance.mapping_files import Placed
from planner.instance.parts import Part
from planner.instance.policy import Policy
from planner.instance.records import RECORDS, TABLE, TABLES, Record
from planner.instance.scenario import Scenario
from planner.instance.settings import Settings
from planner.instance.trying import refused_changes
from planner.instance.wording import of_headings, placed, problems_of

MOST_FAULTS = 20_000  # of one file or row that are listed
MOST_ROWS = 250_000  # of an instance: far more than can be solved, and what memory of 300 MB holds
Rows = dict[str, list[tuple[str, int, Record]]]


@dataclass(frozen=True)
class Checked:
    """The result of checking an instance.

    Attributes:
        instance: None where it has errors.
        problems: errors, then warnings; of each kind the first `LISTED`, if not asked for all.
        left_out: how many more there are of a kind.
    """

    instance: Instance | None
    problems: tuple[Problem, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems of severity `error`, because of which the instance cannot be used."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> int:
        """How many other problems there are, listed or not."""
        more = sum(kind.count for kind in self.left_out if kind.severity != "error")
        return len(self.problems) - len(self.errors) + more

    def usable(self) -> Instance:
        """The instance.

        Raises:
            InstanceError: with every error, each with file, row, column, value and remedy.
        """
        if self.errors or self.instance is None:
            raise InstanceError(self.errors, left_out=[kind for kind in self.left_out if kind.severity == "error"])
        return self.instance


def load_instance(source: str | Path | Mapping[str, Any]) -> Instance:
    """Read and check an instance.

    >>> import planner
    >>> planner.load_instance("instances/canning")
    <Instance canning: 2 sites, 1 items, 3 customers, 1 periods>

    Args:
        source: a folder, a workbook, a YAML or JSON file, or a mapping in the same shape (tables as lists of rows).

    Returns:
        the instance; its tables are tuples of records, with figures in the units that `planner explain data` gives.

    Raises:
        InstanceError: with every problem, each with file, row, column, value and remedy.
        UsageError: there is nothing to read.
    """
    return check_instance(source, try_scenarios=False).usable()


def instance_of(source: Instance | str | Path) -> Instance:
    """An instance as it is, or from its path; raises as `load_instance`."""
    return source if isinstance(source, Instance) else load_instance(source)


def check_instance(
    source: str | Path | Mapping[str, Any], most: int | None = LISTED, *, try_scenarios: bool = True
) -> Checked:
    """Read an instance and list everything that is wrong or doubtful in it.

    What cannot be judged because something else could not be read is not judged.

    >>> import planner
    >>> found = planner.check_instance({"sites": [{"site": "plant"}]})
    >>> print(found.problems[0].message)
    name is missing.

    Args:
        source: as for `load_instance`.
        most: how many problems of a kind are listed, the rest being counted; None for all.
        try_scenarios: whether each scenario is tried on the instance, too.

    Returns:
        the instance, None where it has errors; and every problem with file, row, column, value and remedy.

    Raises:
        UsageError: there is nothing to read.
    """
    return check_raw(read_source(source, most), try_scenarios=try_scenarios)


def check_raw(raw: Raw, *, try_scenarios: bool = False) -> Checked:
    """Check what was read, and build the instance where it has no errors.

    Args:
        raw: what was read.
        try_scenarios: whether each scenario is applied, too, to find changes that would be refused.
    """
    problems = Problems(raw.problems.most)
    settings = None if "settings" in raw.unread else _settings(raw, problems)
    rows, lost, unread = _tables(raw, problems)
    rows = added_up(rows, settings.periods if settings is not None else None, problems)
    policies, scenarios = _parts(Policy, raw.policies, problems), _parts(Scenario, raw.scenarios, problems)
    known = Settings.model_construct(name="unread") if settings is None else settings
    draft = Draft(known, rows, policies, scenarios, raw.settings_file, frozenset(unread), lost)
    places = _places(raw)
    for check, problem in find_problems(draft, CHECKS_OF_TABLES if settings is None else None):
        problems.add(check, with_line(problem, places))
    found, left_out = _settled(raw, problems), (*raw.problems.left_out(), *problems.left_out())
    if settings is None or raw.problems.errors or any(problem.severity == "error" for problem in found):
        return Checked(None, found, left_out)
    placed: dict[str, list[Any]] = {**rows, "policies": policies, "scenarios": scenarios}
    parts: dict[str, Any] = {name: canonical(name, [row for _, _, row in rows]) for name, rows in placed.items()}
    instance = Instance.model_construct(None, settings=settings, **parts)
    if not settings.stages:  # the order of appearance is part of the instance, and lost by sorting
        stages = tuple(dict.fromkeys(row.stage for _, _, row in rows["items"]))  # type: ignore[attr-defined]
        instance = instance.model_copy(update={"settings": settings.model_copy(update={"stages": stages})})
    refused = list(refused_changes(instance, scenarios)) if try_scenarios else []
    if not refused:
        return Checked(instance, found, left_out)
    for problem in refused:
        problems.add("refused", with_line(problem, places))
    return Checked(None, _settled(raw, problems), (*raw.problems.left_out(), *problems.left_out()))


def _settled(raw: Raw, later: Problems) -> tuple[Problem, ...]:
    """The problems of reading and of later checks, errors first; for a workbook with their cells."""
    found = (raw.problems.listed(), later.listed())
    problems = [*found[0], *found[1]] if raw.places is None else raw.places.settle(*found)
    return tuple(sorted(problems, key=lambda problem: problem.severity != "error"))


def _missing(raw: Raw, table: str) -> Problem:
    if isinstance(raw.tables.get(table), CsvTable):
        remedy = f"Write a row under the head of {table}.csv."
        return Problem(f"{table}.csv", None, None, table, f"The table {table} has no rows.", remedy)
    file = raw.settings_file if raw.places is None else raw.places.book
    beside = f"{table}.csv, or " if raw.settings_file == SETTINGS_FILE else ""  # only a folder has files of tables
    remedy = f"Add {beside}`{table}:` inline." if raw.places is None else f"Fill in a sheet {table}."
    return Problem(file, None, None, table, f"The table {table} is missing or empty.", remedy)


def with_line(problem: Problem, places: Mapping[tuple[str, int | None], Any]) -> Problem:
    """The problem with the line of its field, where its file knows lines (YAML)."""
    given = places.get((problem.file, problem.row))
    if given is None or problem.column is None:
        return problem
    _, line = placed(given, problem.column.split("."), problem.value)
    return replace(problem, row=line) if line else problem


def _places(raw: Raw) -> dict[tuple[str, int | None], Any]:
    """The raw mappings that were read from YAML files, by file and first row."""
    places: dict[tuple[str, int | None], Any] = {}
    inline = [rows for rows in raw.tables.values() if isinstance(rows, list)]
    for rows in (raw.policies, raw.scenarios, *inline):
        for file, number, part in rows:
            if isinstance(part, Placed) and part.line:
                places[file, number] = part
    return {(raw.settings_file, None): raw.settings, **places}


def plain_settings(given: Placed) -> Placed:
    """Settings without empty values; a region without a name has an empty one."""
    settings = Placed({name: value for name, value in given.items() if value is not None})
    settings.line, settings.lines = given.line, given.lines
    if isinstance(settings.get("regions"), dict):
        settings["regions"] = {key: _name_or_none(value) for key, value in settings["regions"].items()}
    return settings


def _name_or_none(value: Any) -> Any:
    return "" if value is None or (isinstance(value, str) and value.isspace()) else value


def _settings(raw: Raw, problems: Problems) -> Settings | None:
    given = plain_settings(raw.settings)
    known = labels_of(Settings)
    names = Names(known)
    for name in [name for name in given if name not in known and str(name)[:1] != USERS_OWN]:
        message = f"'{shown(name)}' is not known here."  # one problem each, as there may be any number of them
        line = given.line_at(name) or None
        problems.add(UNKNOWN, Problem(raw.settings_file, line, str(name), None, message, names.nearest(str(name))))
        del given[name]
    found: list[Problem] = []
    settings = parsed(Settings, given, raw.settings_file, None, found)
    problems.extend(FIELD, found)
    return settings


def _tables(raw: Raw, problems: Problems) -> tuple[Rows, dict[str, UnreadRows], set[str]]:
    """The records of each table, what is known of rows that could not be read, and tables that could not be."""
    rows: Rows = {}
    lost: dict[str, UnreadRows] = {}
    room = MOST_ROWS
    for table in TABLES:
        source = raw.tables.get(table.name, ())
        missed, absent = (source.lost, source.absent) if isinstance(source, CsvTable) else (UnreadRows(), set[str]())
        reader = RowReader(table.record, problems, partial(_explained, problems, absent), missed, absent)
        reader.read(source, room)
        rows[table.name] = reader.found
        room -= len(reader.found)
        if room < 0:
            file, number, _ = reader.found[-1]
            message = f"The instance has more than {MOST_ROWS:,} rows; from here on they are not read."
            remedy = "Leave out what is not planned, or let one row stand for a window of periods."
            problems.add("rows", Problem(file, number, None, None, message, remedy))
            return {}, {}, set(TABLE)  # the rest was not read, so no table can be called complete
        if isinstance(source, CsvTable) and source.unread:
            raw.unread.add(table.name)
        if missed.count:
            lost[table.name] = missed
        elif table.required and not reader.found and table.name not in raw.unread:
            problems.add("missing", _missing(raw, table.name))
            raw.unread.add(table.name)
        problems.extend("doubtful", doubtful_figures(reader))
    return rows, lost, raw.unread & set(TABLE)


def read_table(path: Path, problems: Problems) -> list[tuple[str, int, Any]]:
    """The rows of one CSV file, named as its table, with file and row; what is wrong is added to the problems."""
    record = RECORDS[path.stem]
    source = CsvTable(path, problems)
    reader = RowReader(record, problems, partial(_explained, problems, source.absent), source.lost, source.absent)
    reader.read(source, MOST_ROWS)
    return list(reader.found)


def _explained(
    problems: Problems, absent: set[str], record: type[Record], cells: Mapping[str, Any], file: str, number: int
) -> Record | None:
    """Validate a row as a whole and add its problems, except those of columns known to be absent."""
    found: list[Problem] = []
    row = parsed(record, cells, file, number, found, blank=True)
    labels = labels_of(record)
    headings = of_headings(record, cells, file, number) if len(found) > 1 else None
    for problem in found if headings is None else [headings]:
        if problem.column not in absent:
            problems.add(FIELD if problem.column is None or problem.column in labels else UNKNOWN, problem)
    return row


def _parts[Model: Part](
    model: type[Model], parts: list[tuple[str, int, dict[str, Any]]], problems: Problems
) -> list[tuple[str, int, Model]]:
    read = []
    for file, number, mapping in parts:
        found: list[Problem] = []
        part = parsed(model, mapping, file, number, found)
        problems.extend(FIELD, found)
        if part is not None:
            read.append((file, number, part))
    return read


def parsed[Model: Part](
    model: type[Model], given: Any, file: str, number: int | None, problems: list[Problem], *, blank: bool = False
) -> Model | None:
    """A record of what was read, empty and blank values (`blank`: also "") left out; None where it has problems."""
    try:
        part: Model = model.__pydantic_validator__.validate_python(without_user_names(given, blank=blank))
    except ValidationError as error:
        if error.error_count() > MOST_FAULTS:  # listing them would take too much memory
            message = f"{error.error_count():,} of its values are wrong, too many to list."
            problems.append(Problem(file, number, None, None, message, "Compare it with `planner explain data`."))
            return None
        problems += problems_of(model, error, given, file, number)
        return None
    return part


def without_user_names(value: Any, *, blank: bool = False) -> Any:
    """What was read without empty and blank values (with `blank` also "") and the user's `#` names, at every depth."""
    if isinstance(value, dict):
        return {
            key: without_user_names(part, blank=blank) if isinstance(part, dict | list) else part
            for key, part in value.items()
            if part is not None and str(key)[:1] != USERS_OWN
            if not (isinstance(part, str) and (part.isspace() or (blank and not part)))
        }
    if isinstance(value, list):
        return [without_user_names(part, blank=blank) for part in value]
    return value
