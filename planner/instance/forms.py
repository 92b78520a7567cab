"""A document as text: a folder of CSV and YAML files, one YAML file, or one JSON file."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from planner.instance.document import NOTE, Document
from planner.instance.fields import USERS_OWN
from planner.instance.kinds import Kind, kinds_of
from planner.instance.records import TABLE

_WORD = r"(?:[\w.%+()/;*-]|:(?=\w))"
_PLAIN = re.compile(rf"[^\W_]{_WORD}*(?: {_WORD}+)*")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?(e[+-]?[0-9]+)?")
_LIKE_A_NUMBER = re.compile(r"[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|0[xo][0-9a-fA-F]+")
_NOT_TEXT = {"~", "null", "true", "false", "yes", "no", "on", "off", "y", "n"}


def folder_files(document: Document, *, every_column: bool = False) -> dict[str, str]:
    """The files of an instance folder, by path: instance.yaml, a CSV file a table, a YAML file a policy or scenario.

    Columns that no row fills are left out, unless `every_column` is asked for.
    """
    files = {"instance.yaml": _settings_text(document.settings)}
    for table in document.tables:
        columns = TABLE[table].record.columns() if every_column else document.columns(table)
        files[f"{table}.csv"] = csv_file(columns, document.tables[table])
    for folder, parts in (("policies", document.policies), ("scenarios", document.scenarios)):
        for part in parts:
            files[f"{folder}/{part['name']}.yaml"] = part_file(part)
    return files


def csv_file(columns: list[str], rows: list[dict[str, str]]) -> str:
    """The text of a CSV file with a header and the rows of a table."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[row.get(name, "") for name in columns] for row in rows])
    return out.getvalue()


def yaml_file(document: Document) -> str:
    """The text of one YAML file: the settings, then tables, policies and scenarios as lists with a row a line."""
    lines = [_settings_text(document.settings)]
    for table, rows in document.tables.items():
        lines += ["", f"{table}:", *(f"  - {{{_cells(document, table, row, _scalar)}}}" for row in rows)]
    for name, parts in (("policies", document.policies), ("scenarios", document.scenarios)):
        if parts:
            lines += ["", f"{name}:"]
        for part in parts:
            first, *others = _block(part)
            lines += [f"  - {first}", *(f"    {line}" for line in others)]
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def json_file(document: Document) -> str:
    """The text of one JSON file, with a row a line and figures as numbers."""
    parts = [f"{json.dumps(name)}: {_json(value)}" for name, value in document.settings.items()]
    for table, rows in document.tables.items():
        lines = [f"{{{_cells(document, table, row, _json)}}}" for row in rows]
        parts.append(f"{json.dumps(table)}: [\n  " + ",\n  ".join(lines) + "\n]")
    for name, found in (("policies", document.policies), ("scenarios", document.scenarios)):
        if found:
            parts.append(f"{json.dumps(name)}: [\n  " + ",\n  ".join(_json(part) for part in found) + "\n]")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _cells(document: Document, table: str, row: Mapping[str, str], written: Callable[[str], str]) -> str:
    """The cells of a row as `name: value` with commas between them; figures stand without quotes."""
    kinds = kinds_of(TABLE[table].record)
    cells = []
    for name in document.columns(table):
        if name in row:
            figure = kinds.get(name) in (Kind.NUMBER, Kind.COUNT) and _NUMBER.fullmatch(row[name])
            cells.append(f"{written(name)}: {row[name] if figure else written(row[name])}")
    return ", ".join(cells)


def _settings_text(settings: Mapping[str, Any]) -> str:
    """The text of instance.yaml, with the notes on settings as comments."""
    notes = {name.removeprefix(USERS_OWN): text for name, text in settings.items() if name.startswith(USERS_OWN)}
    lines = _comment(settings.get(NOTE, ""))
    for name, value in settings.items():
        if not name.startswith(USERS_OWN):
            note = " ".join(notes.pop(name, "").split())
            lines.append(f"{name}: {_flow(value)}" + (f"    # {note}" if note else ""))
    return "\n".join(lines) + "\n"


def part_file(part: Mapping[str, Any]) -> str:
    """The text of the file of a policy or scenario, with its note as a comment above."""
    return "\n".join([*_comment(part.get(NOTE, "")), *_block(_without_note(part), behind=True)]) + "\n"


def _comment(note: str) -> list[str]:
    return [f"# {line}".rstrip() for line in note.split("\n")] if note else []


def _without_note(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name != NOTE}


def _behind(part: Mapping[str, Any]) -> str:
    """The note on a row, as a comment to stand at the end of its line."""
    note = " ".join(str(part.get(NOTE, "")).split())
    return f"    # {note}" if note else ""


def _block(mapping: Mapping[str, Any], *, behind: bool = False) -> list[str]:
    """The lines of a mapping, one for each name and list item; with `behind`, notes stand at the end of a line."""
    lines = []
    for name, value in mapping.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lines.append(f"{_scalar(name)}:")
            lines += [
                f"  - {_flow(_without_note(part))}{_behind(part)}" if behind else f"  - {_flow(part)}" for part in value
            ]
        else:
            lines.append(f"{_scalar(name)}: {_flow(value)}")
    return lines


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(str(name))}: {_flow(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(part) for part in value) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    """A value unquoted where every YAML reader takes it for what it is, else in double quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    plain = _PLAIN.fullmatch(text) and not _LIKE_A_NUMBER.fullmatch(text) and text.lower() not in _NOT_TEXT
    return text if plain else _json(text)
