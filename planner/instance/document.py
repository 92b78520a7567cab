"""The document: everything written in an instance's files, in order, independent of their form.

`Instance` holds what is meant; a `Document` holds how it is written (rows, figures, sources, notes). It serves to
convert one form to another without loss. Names that begin with `#` are the user's own, and are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from planner.instance.fields import USERS_OWN
from planner.instance.files import Raw
from planner.instance.kinds import Kind, kinds_of, number_text
from planner.instance.loading import plain_settings, without_user_names
from planner.instance.policy import Policy
from planner.instance.records import TABLE, TABLES
from planner.instance.scenario import Scenario
from planner.instance.settings import SCHEMA_VERSION, Settings

NOTE = f"{USERS_OWN}note"
_NUMBERS = (Kind.NUMBER, Kind.COUNT)
_EMPTY_SAYS = frozenset({"options"})  # left out = all, [] = none


@dataclass(frozen=True)
class Document:
    """An instance as it is written, with one spelling for each value.

    Attributes:
        settings: by name, and notes on them under `#name` (on the whole under `#note`).
        tables: rows of each table that has any, by column name; figures as text.
        policies: mappings in the format of a policy's file; notes under names with `#`.
        scenarios: likewise.
    """

    settings: dict[str, Any]
    tables: dict[str, list[dict[str, str]]]
    policies: list[dict[str, Any]]
    scenarios: list[dict[str, Any]]

    def columns(self, table: str) -> list[str]:
        """The columns of a table that any row fills, in the order of the format, the user's own last."""
        rows = self.tables.get(table, [])
        known = [name for name in TABLE[table].record.columns() if any(name in row for row in rows)]
        own = dict.fromkeys(name for row in rows for name in row if name.startswith(USERS_OWN))
        return [*known, *own]


def document_of(raw: Raw) -> Document:
    """The document of an instance that was read; it must have been checked and found right."""
    settings = Settings.model_validate(without_user_names(plain_settings(raw.settings)))
    plain = settings.model_dump(by_alias=True, exclude_unset=True, mode="json")
    notes = {name: _note(value) for name, value in raw.settings.items() if name.startswith(USERS_OWN) and value}
    return Document(
        settings={"schema_version": SCHEMA_VERSION, **_figures(plain), **notes},
        tables={table.name: rows for table in TABLES if (rows := _rows(raw, table.name))},
        policies=sorted((_part(Policy, mapping) for _, _, mapping in raw.policies), key=_name),
        scenarios=sorted((_part(Scenario, mapping) for _, _, mapping in raw.scenarios), key=_name),
    )


def _name(part: Mapping[str, Any]) -> str:
    return str(part["name"])


def _rows(raw: Raw, table: str) -> list[dict[str, str]]:
    kinds = kinds_of(TABLE[table].record)
    rows = []
    for _, _, row in raw.tables.get(table, ()):
        given = {name: value for name, value in row.items() if value not in (None, [], ()) and str(value).strip()}
        rows.append({name: _cell(name, kinds.get(name), value) for name, value in given.items()})
    return rows


def _cell(name: str, kind: Kind | None, value: Any) -> str:
    if name.startswith(USERS_OWN):
        return _note(value)
    if isinstance(value, list | tuple):
        return "+".join(str(part) for part in value)
    if kind is Kind.YES_NO:
        return "yes" if str(value).strip().lower() in {"yes", "true", "1"} else "no"
    text = str(value)
    return number_text(text.strip()) if kind in _NUMBERS else text


def _note(value: Any) -> str:
    """A user's own text without characters that some form could not hold (control characters)."""
    text = value if isinstance(value, str) else str(value)
    return "".join(character for character in text if character.isprintable() or character == "\n").strip()


def _part(model: type[BaseModel], mapping: Mapping[str, Any]) -> dict[str, Any]:
    """A policy or scenario as its record dumps it, with the notes that stand in it."""
    record = model.model_validate(without_user_names(mapping))
    plain = _figures(record.model_dump(by_alias=True, exclude_unset=True, mode="json"))
    return dict(_with_notes(plain, mapping))


def _with_notes(plain: Any, written: Any) -> Any:
    """The dumped values with the `#` names of the original put back in their places."""
    if isinstance(plain, dict) and isinstance(written, Mapping):
        notes = {name: _note(value) for name, value in written.items() if str(name).startswith(USERS_OWN) and value}
        return {name: _with_notes(value, written.get(name)) for name, value in plain.items()} | notes
    if isinstance(plain, list) and isinstance(written, list | tuple) and len(plain) == len(written):
        return [_with_notes(*pair) for pair in zip(plain, written, strict=True)]
    return plain


def _figures(value: Any) -> Any:
    """Values with figures in their shortest spelling, and lists of one name in a selector as that name."""
    if isinstance(value, dict):
        value = {**({"change": value["change"]} if "change" in value else {}), **value}
        return {name: _inside(name, part) for name, part in value.items() if not _says_nothing(name, part)}
    if isinstance(value, list):
        return [_figures(part) for part in value]
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return value


def _says_nothing(name: str, part: Any) -> bool:
    """Whether a value is what its field has when it is left out: blank, or an empty list or mapping."""
    if isinstance(part, str):
        return not part.strip()
    return part in ([], {}) and name not in _EMPTY_SAYS


def _inside(name: str, part: Any) -> Any:
    if name == "where":
        return {key: _one(names) for key, names in part.items()}
    return part if name == "regions" else _figures(part)  # a region may have an empty name


def _one(names: list[str]) -> list[str] | str:
    return names[0] if len(names) == 1 else names
