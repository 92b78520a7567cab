"""Reading an instance (a folder, a file, a mapping) into rows of text. Nothing is interpreted here.

Every scalar stays the text that was written, so that no id or figure is altered by a parser (`001`, `NO`, `1e5`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from planner.errors import LISTED, Names, Problem, Problems, UsageError, refuse_other_kinds
from planner.instance.csv_reading import CsvTable
from planner.instance.fields import ID_PATTERN
from planner.instance.mapping_files import Placed, name_after_file, read_mapping_file
from planner.instance.records import TABLE
from planner.instance.safe_opening import ReadError
from planner.instance.workbook.places import Places

MOST_FILES = 1_000  # in a folder

SETTINGS_FILE = "instance.yaml"  # of a folder
MAPPING_FILES = (".yaml", ".yml", ".json")  # endings of files that hold settings, a policy or a scenario
UNREAD_FILES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".numbers", ".parquet", ".tsv", ".txt", ".zip")
_MISNAMED = {"policy": "policies", "scenario": "scenarios"}


@dataclass
class Raw:
    """An instance as text: mappings and rows with the places they come from.

    Attributes:
        settings: the settings, by name.
        tables: rows of each table as (file, row number, {column: text}); of a CSV file they are read when they are
            gone through.
        policies: (file, row number, mapping) of each policy; likewise scenarios.
        problems: what could not be read.
        unread: tables and other parts of which something could not be read, so that nothing is said to be missing.
        places: of a workbook, where its cells are.
    """

    settings_file: str = SETTINGS_FILE
    settings: Placed = field(default_factory=Placed)
    tables: dict[str, Iterable[tuple[str, int, Mapping[str, Any]]]] = field(default_factory=dict)
    policies: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)
    scenarios: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)
    unread: set[str] = field(default_factory=set)
    places: Places | None = None


def read_source(source: str | Path | Mapping[str, Any], most: int | None = LISTED) -> Raw:
    """Everything in an instance, from its path or a mapping, as text; `most` as for `read_instance_files`.

    Raises:
        UsageError: it is something else, or there is nothing to read at the path.
    """
    refuse_other_kinds("source", source, (Mapping, str, PathLike), "an instance, its path, or a mapping of its tables")
    return take_mapping(source, most) if isinstance(source, Mapping) else read_instance_files(Path(source), most)


def read_instance_files(path: Path, most: int | None = LISTED) -> Raw:
    """Everything in an instance folder or single file, as text.

    Args:
        path: the folder or file.
        most: how many problems of a kind are listed, the rest being counted; None for all.

    Raises:
        UsageError: the path does not exist or is of no known kind.
    """
    if path.is_dir():
        return _read_folder(path, Problems(most))
    if not path.exists():
        raise UsageError(
            f"There is no instance at {path}. Give a folder with instance.yaml, a workbook, a YAML or JSON file."
        )
    if path.suffix.lower() in MAPPING_FILES:
        raw = Raw(settings_file=path.name, problems=Problems(most))
        _take_file(raw, path, path.name)
        if not raw.tables and any((path.parent / f"{table}.csv").exists() for table in TABLE):
            raise UsageError(f"{path} holds settings, and its tables stand beside it. Name the folder: {path.parent}.")
        return raw
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        from planner.instance.workbook.sheets import read_workbook  # which makes a Raw

        return read_workbook(path)
    if path.suffix.lower() in {".xls", ".xlsb", ".ods", ".numbers"}:
        raise UsageError(f"{path.name}: of workbooks .xlsx is read. Save it as an Excel workbook (.xlsx).")
    raise UsageError(f"{path.name} is no instance. Give a folder with instance.yaml, a workbook, a YAML or JSON file.")


def files_of(folder: Path, *endings: str) -> list[Path]:
    """The files of a folder whose names end so, in capitals or not; none where it is not there, no hidden ones."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in endings and not path.name.startswith("."))


def passed_over(folder: Path, tables: Iterable[str], read: set[str]) -> Iterator[Problem]:
    """Problems for files of a folder that are called as a table and are no CSV file, so that they are not read.

    Args:
        folder: where the files are.
        tables: the names of tables that can be in it.
        read: those that are read from somewhere else; a further file of one is a warning, of any other an error.
    """
    for file in files_of(folder, *UNREAD_FILES, *MAPPING_FILES):
        table = file.name.partition(".")[0].lower()
        if table not in tables:
            continue
        message = "The file is not read: a table in a folder is a CSV file."
        if table in read:
            remedy = f"Nothing is to be done where the table {table} that is read says the same."
            yield Problem(file.name, None, None, None, message, remedy, "warning")
        else:
            yield Problem(file.name, None, None, None, message, f"Save it as {table}.csv, or move it away.")


def _parts_passed_over(folder: Path) -> Iterator[Problem]:
    """Problems for policies and scenarios that are not read because of what their folder or file is called."""
    for path in sorted(folder.iterdir()):
        meant = _MISNAMED.get(path.name.lower(), path.name.lower())
        if meant not in _MISNAMED.values() or not files_of(path, *MAPPING_FILES):
            continue
        if not ((folder / meant).is_dir() and path.samefile(folder / meant)):  # it is, where capitals do not count
            yield Problem(f"{path.name}/", None, None, None, "The folder is not read.", f"Call it {meant}.")
    for name in _MISNAMED.values():
        for file in files_of(folder / name, ".txt"):
            if Path(file.stem).suffix.lower() in MAPPING_FILES:
                message = "The file is not read, as its name ends in .txt."
                yield Problem(f"{name}/{file.name}", None, None, None, message, f"Call it {file.stem}.")


def take_mapping(mapping: Mapping[str, Any], most: int | None = LISTED) -> Raw:
    """An instance that is already a mapping (settings, tables as lists of rows, policies, scenarios)."""
    raw = Raw(settings_file="instance", problems=Problems(most))
    _take_mapping(raw, dict(mapping), "instance")
    return raw


def _how_to_begin(path: Path) -> str:
    """What makes an instance of a folder without instance.yaml: that file beside its tables, or the right folder."""
    if not any(file.stem in TABLE for file in files_of(path, ".csv")):
        return "Name the folder of one; `planner new DIR` writes one that solves, to be overwritten."
    name = "-".join(path.resolve().name.split())
    return (
        f"Add that file beside the tables; one line suffices: `name: {name if ID_PATTERN.fullmatch(name) else 'mine'}`."
    )


def _read_folder(path: Path, problems: Problems) -> Raw:
    raw = Raw(problems=problems)
    settings = path / SETTINGS_FILE
    if not settings.exists():
        raise UsageError(f"{path} has no instance.yaml, so it is no instance. {_how_to_begin(path)}")
    _take_file(raw, settings, SETTINGS_FILE)
    names = Names(TABLE)
    for file in files_of(path, ".csv"):
        if file.stem not in TABLE:
            message = f"'{file.stem}' is no table of the format."
            problem = Problem(file.name, None, None, file.stem, message, names.nearest(file.stem))
            problems.add("folder", problem, "a file")
            continue
        if file.stem in raw.tables:
            other = raw.tables[file.stem]
            beside = f"in {other.path.name}" if isinstance(other, CsvTable) else "inline in instance.yaml"
            message = f"The table stands {beside} too."
            raw.problems.append(Problem(file.name, None, None, None, message, "Keep one of the two."))
            continue
        raw.tables[file.stem] = CsvTable(file, problems)
    problems.extend("files passed over", passed_over(path, TABLE, set(raw.tables)))
    raw.unread -= set(raw.tables)  # tables with a file of their own are read even if instance.yaml fails
    problems.extend("files passed over", _parts_passed_over(path))
    for name, kept in (("policies", raw.policies), ("scenarios", raw.scenarios)):
        files = files_of(path / name, *MAPPING_FILES)
        if len(files) > MOST_FILES:
            message = f"The folder holds {len(files):,} files, of which {MOST_FILES:,} are read."
            problems.append(Problem(f"{name}/", None, None, None, message, "Keep those that are planned with."))
            raw.unread.add(name)
        for file in files[:MOST_FILES]:
            part = _mapping(raw, file, f"{name}/{file.name}", named=True)
            if part is not None:
                kept.append((f"{name}/{file.name}", 1, part))
    return raw


def _take_file(raw: Raw, path: Path, name: str) -> None:
    """Read the file with the settings; where that fails, all tables count as unread."""
    mapping = _mapping(raw, path, name)
    if mapping is None:
        raw.unread.update(TABLE, {"settings", "policies", "scenarios"})
    else:
        _take_mapping(raw, mapping, name)


def _take_mapping(raw: Raw, mapping: dict[str, Any], file: str) -> None:
    raw.settings.line, raw.settings.lines = getattr(mapping, "line", 0), getattr(mapping, "lines", None)
    for name, value in mapping.items():
        if name in TABLE:
            raw.tables[name] = list(_rows(raw, file, name, value))
        elif name in {"policies", "scenarios"}:
            getattr(raw, name).extend(_rows(raw, file, name, value))
        else:
            raw.settings[name] = value


def _rows(raw: Raw, file: str, name: str, value: Any) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """The rows of an inline table as (place, row number, cells), with problems for entries that are no rows."""
    place = f"{file}: {name}"
    if value is None:
        return
    if not isinstance(value, list | tuple):
        raw.problems.append(
            Problem(
                place, None, None, None, f"'{name}' is not a list of rows.", "Write one `- {column: value, ...}` a row."
            )
        )
        raw.unread.add(name)
        return
    for number, row in enumerate(value, start=1):
        if isinstance(row, Mapping):
            yield place, getattr(row, "line", 0) or number, row if isinstance(row, Placed) else dict(row)
        else:
            raw.problems.append(
                Problem(place, number, None, str(row)[:60], "The row is not a mapping.", "Write {column: value, ...}.")
            )
            raw.unread.add(name)


def _mapping(raw: Raw, path: Path, name: str, *, named: bool = False) -> dict[str, Any] | None:
    try:
        value = read_mapping_file(path)
        if named:
            name_after_file(value, path)
    except ReadError as error:
        raw.problems.append(Problem(name, error.row, None, None, error.message, error.remedy))
        return None
    if not isinstance(value, dict):
        raw.problems.append(
            Problem(
                name, None, None, None, "The file is not a mapping of names to values.", "Write `name: value` lines."
            )
        )
        return None
    return value
