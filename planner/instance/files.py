"""Reading instance files into rows of text: strict CSV, strict YAML 1.2, JSON. Nothing is interpreted here.

Every scalar stays the text that was written, so that no id or figure is altered by a parser (`001`, `NO`, `1e5`).
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.parser import Parser

from planner.errors import LISTED, Names, Problem, Problems, UsageError
from planner.instance.csv_tables import CsvTable
from planner.instance.fields import ID_PATTERN
from planner.instance.opening import ReadError, text_of
from planner.instance.records import TABLE
from planner.instance.syntax import json_fault, yaml_fault
from planner.instance.workbook.places import Places

LARGEST_YAML = 20_000_000
MOST_VALUES = 150_000  # values in a YAML file, which is slow to read; JSON may have ten times as many
MOST_FILES = 1_000  # in a folder
TOO_MANY = "Write long tables as CSV files."
DEEPEST = 24
_NOTHING = {"", "~", "null", "Null", "NULL"}


class Placed(dict[str, Any]):
    """A mapping that remembers its lines.

    Attributes:
        line: the line on which it starts; 0 where that is not known.
        lines: the lines of its names; None where all stand on the first.
    """

    line: int = 0
    lines: dict[str, int] | None = None

    def line_at(self, name: Any) -> int:
        """The line on which one of its names stands, for messages."""
        return self.line if self.lines is None else self.lines.get(name, self.line)


class PlacedList(list[Any]):
    """A list that remembers the lines of its items, as `Placed` does for a mapping."""

    line: int = 0
    lines: list[int] | None = None

    def line_at(self, position: int) -> int:
        """The line on which the item at a position stands, for messages."""
        return self.line if self.lines is None else self.lines[position]


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

    settings_file: str = "instance.yaml"
    settings: Placed = field(default_factory=Placed)
    tables: dict[str, Iterable[tuple[str, int, Mapping[str, Any]]]] = field(default_factory=dict)
    policies: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)
    scenarios: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)
    unread: set[str] = field(default_factory=set)
    places: Places | None = None


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
    if path.suffix.lower() in {".yaml", ".yml", ".json"}:
        raw = Raw(settings_file=path.name, problems=Problems(most))
        _take_file(raw, path, path.name)
        return raw
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        from planner.instance.workbook.sheets import read_workbook  # which makes a Raw

        return read_workbook(path)
    if path.suffix.lower() in {".xls", ".xlsb", ".ods", ".numbers"}:
        raise UsageError(f"{path.name}: of workbooks .xlsx is read. Save it as an Excel workbook (.xlsx).")
    raise UsageError(f"{path.name} is no instance. Give a folder with instance.yaml, a workbook, a YAML or JSON file.")


def read_mapping_file(path: Path) -> Any:
    """What a YAML or JSON file holds, normally a mapping (an instance, a policy, a scenario).

    Raises:
        ReadError: the file is not that.
    """
    text = text_of(path, LARGEST_YAML)
    containers = text.count("[") + text.count("{")
    values = text.count("\n") + text.count(",") + containers
    if not text.lstrip().startswith(("{", "[")):
        return _small_yaml(text, values)
    if values > 10 * MOST_VALUES or containers > 2 * MOST_VALUES:
        raise ReadError("The file has millions of values.", TOO_MANY)
    try:
        return _json(text)
    except json.JSONDecodeError as error:
        try:
            return _small_yaml(text, values)  # YAML may begin with a brace too
        except ReadError:
            if path.suffix.lower() == ".json":
                raise ReadError(*json_fault(error)) from None
            raise


def _small_yaml(text: str, values: int) -> Any:
    if values > MOST_VALUES:
        raise ReadError(f"The file has more than {MOST_VALUES:,} values, too many for YAML.", TOO_MANY)
    return parse_yaml(text)


def take_mapping(mapping: Mapping[str, Any], most: int | None = LISTED) -> Raw:
    """An instance that is already a mapping (settings, tables as lists of rows, policies, scenarios)."""
    raw = Raw(settings_file="instance", problems=Problems(most))
    _take_mapping(raw, dict(mapping), "instance")
    return raw


def _read_folder(path: Path, problems: Problems) -> Raw:
    raw = Raw(problems=problems)
    settings = path / "instance.yaml"
    if not settings.exists():
        raise UsageError(f"{path} has no instance.yaml, so it is no instance.")
    _take_file(raw, settings, "instance.yaml")
    names = Names(TABLE)
    for file in sorted(path.glob("*.csv")):
        if file.stem not in TABLE:
            message = f"'{file.stem}' is no table of the format."
            problem = Problem(file.name, None, None, file.stem, message, names.nearest(file.stem))
            problems.add("folder", problem, "a file")
            continue
        if file.stem in raw.tables:
            raw.problems.append(
                Problem(
                    file.name, None, None, None, "The table stands inline in instance.yaml too.", "Keep one of the two."
                )
            )
            continue
        raw.tables[file.stem] = CsvTable(file, problems)
    raw.unread -= set(raw.tables)  # tables with a file of their own are read even if instance.yaml fails
    for name, kept in (("policies", raw.policies), ("scenarios", raw.scenarios)):
        files = sorted([*(path / name).glob("*.yaml"), *(path / name).glob("*.yml")])
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


def name_after_file(mapping: Any, path: Path) -> None:
    """Give a policy or scenario without a name that of its file.

    Raises:
        ReadError: the file's name is no id.
    """
    if not isinstance(mapping, dict) or mapping.get("name") is not None:
        return
    if not ID_PATTERN.fullmatch(path.stem):
        raise ReadError(
            "name is missing, and the name of the file is no id.",
            "Add name: with 1 to 64 letters, digits, '_', '.' or '-', or rename the file.",
        )
    mapping["name"] = path.stem


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


def _json(text: str) -> Any:
    def pairs(items: list[tuple[str, Any]]) -> Placed:
        mapping = Placed(items)
        if len(mapping) != len(items):
            twice = Counter(name for name, _ in items).most_common(1)[0][0]
            raise ReadError(f"The name '{twice}' stands twice in one mapping.", "Keep one of the two.")
        return mapping

    try:
        return json.loads(text, object_pairs_hook=pairs, parse_float=str, parse_int=str, parse_constant=str)
    except RecursionError:
        raise ReadError("The file is nested too deeply.", "An instance needs no more than a few levels.") from None


class _PlainParser(Parser):
    """A YAML parser that refuses unsupported syntax (anchors, aliases, deep nesting) before any value is built."""

    def __init__(self, loader: Any) -> None:
        super().__init__(loader)
        self.depth = 0

    def get_event(self) -> Any:
        """The next event of the parser.

        Raises:
            ReadError: it is syntax that instances may not use.
        """
        event = super().get_event()
        mark = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise ReadError(
                "YAML anchors and aliases (& and *) are not read.", "Write the value out, or in quotes.", mark
            )
        if getattr(event, "tag", None):
            raise ReadError("YAML tags are not read.", "Remove the tag (the word after !).", mark)
        kind = type(event).__name__
        self.depth += kind.endswith("StartEvent") - kind.endswith("EndEvent")
        if self.depth > DEEPEST:
            raise ReadError("The file is nested too deeply.", "An instance needs only a few levels.", mark)
        return event


def parse_yaml(text: str) -> Any:
    """A YAML 1.2 document as dicts, lists and text; empty and null scalars are None.

    Anchors, aliases, several documents and duplicate names are refused.

    Raises:
        ReadError: with the row at which it fails.
    """
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 2)
    reader.Parser = _PlainParser
    try:
        documents = list(reader.compose_all(io.StringIO(text)))
    except (YAMLError, RecursionError, ValueError) as error:
        raise ReadError(*yaml_fault(error, text)) from None
    if not documents:
        return {}
    if len(documents) > 1:
        raise ReadError("The file holds several YAML documents.", "Keep one.")
    return _plain(documents[0])


def _plain(node: Node) -> Any:
    """A YAML node as dicts, lists and text that remember their lines."""
    if isinstance(node, ScalarNode):
        return None if node.style is None and node.value in _NOTHING else node.value
    if isinstance(node, SequenceNode):
        items = PlacedList(_plain(part) for part in node.value)
        items.line, starts = node.start_mark.line + 1, [part.start_mark.line + 1 for part in node.value]
        items.lines = starts if any(line != items.line for line in starts) else None
        return items
    if isinstance(node, MappingNode):
        mapping = Placed()
        lines: dict[str, int] = {}
        mapping.line = node.start_mark.line + 1
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                raise ReadError(
                    "A list or mapping stands where a name is wanted.", "Write `name: value`.", key.start_mark.line + 1
                )
            name = key.value
            if name in mapping:
                raise ReadError(
                    f"The name '{name}' stands twice in one mapping.", "Keep one of the two.", key.start_mark.line + 1
                )
            mapping[name] = _plain(value)
            lines[name] = key.start_mark.line + 1
        mapping.lines = lines if any(line != mapping.line for line in lines.values()) else None
        return mapping
    raise ReadError("The file holds something that is neither text, list nor mapping.", "Write plain YAML.")
