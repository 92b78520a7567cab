"""The meaning, unit and accepted values of each column of each sheet, for notes, drop-down lists and help."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from planner.instance.changes.catalogue import CHANGES
from planner.instance.field_types import fields_of
from planner.instance.kinds import Kind, unit_of
from planner.instance.policy import Buffer, Limit, Policy, Sources
from planner.instance.records import TABLE
from planner.instance.scenario import Scenario
from planner.instance.settings import Settings
from planner.instance.workbook.sheet_layout import LISTS, SHEETS

_WHERE = "what is selected, as stage=packaging; region=TW,KR (all must match); empty = everything"
_WORDS: Mapping[tuple[str, str], str] = {
    ("settings", "key"): "name of the setting",
    ("settings", "value"): "its value",
    ("regions", "region"): "id of the region, as sites and customers name it",
    ("regions", "name"): "name for people",
    ("region_groups", "group"): "id of the group, different from every region's",
    ("region_groups", "region"): "a region of the group; a row for each",
    ("stages", "stage"): "stage of the chain; the rows stand in its order",
    ("policies", "options"): "expansion options that may be used, with commas between; empty = all, - = none",
    ("limits", "policy"): "policy that the limit belongs to",
    ("buffers", "policy"): "policy that the buffer belongs to",
    ("sources", "policy"): "policy that the rule belongs to",
    ("changes", "scenario"): "scenario that the change belongs to; its changes apply from top to bottom",
    ("changes", "change"): "what changes",
    ("changes", "where"): _WHERE,
}
_CALENDARS = (
    "two weeks, months, quarters or years (2027-W05..2027-W20, 2027-01..2027-12, 2027Q1..2028Q4, 2027..2030), "
    "or plain labels with commas between"
)
_OPTIONAL = {("regions", "name")}
_MODELS: Mapping[str, tuple[type[BaseModel], ...]] = {
    "limits": (Limit,),
    "buffers": (Buffer,),
    "sources": (Sources,),
    "policies": (Policy,),
    "scenarios": (Scenario,),
    "changes": tuple(CHANGES.values()),
}
_RENAMED = {("policies", "policy"): "name", ("scenarios", "scenario"): "name"}
MEANINGS: Mapping[str, str] = {
    "settings": "Settings of the instance, one a row.",
    "regions": "Names of regions; a region is any id that sites and customers use.",
    "region_groups": "Groups of regions, by which rows may name several at once.",
    "stages": "The stages of the chain, in order.",
    "policies": "What is ours to choose; each policy is a plan's set of rules.",
    "limits": "Limits on dependence: how much of a stage, or of finished units, may come from one place.",
    "buffers": "Stock that a policy holds.",
    "sources": "How many sites a policy uses.",
    "scenarios": "What happens to us; each scenario is a list of changes.",
    "changes": "The changes of each scenario, in order.",
}


@dataclass(frozen=True)
class Column:
    """A column of a sheet.

    Attributes:
        name: its name.
        kind: what it holds.
        meaning: a sentence without its full stop.
        unit: empty where it has none.
        default: what an empty cell means, as text; empty for nothing, None where the cell must be filled.
        choices: the words that it takes, where they are fixed.
        takes: what it takes in other words.
        example: a value.
        key: whether it is part of the key that identifies a row.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    default: str | None = ""
    choices: tuple[str, ...] = ()
    takes: str = ""
    example: str = ""
    key: bool = False

    @property
    def note(self) -> str:
        """Meaning, unit, default and accepted values in a few lines, as the note of a cell."""
        lines = [f"{self.meaning[:1].upper()}{self.meaning[1:]}."]
        if self.unit:
            lines.append(f"Unit: {self.unit}.")
        if self.choices:
            lines.append(f"One of {', '.join(self.choices)}.")
        if self.takes:
            lines.append(f"Takes {self.takes}.")
        if self.default is None:
            lines.append("Must be filled.")
        elif self.default:
            lines.append(f"Empty = {self.default}.")
        return "\n".join(lines)


def meaning_of(sheet: str) -> str:
    """A sentence on what a row of a sheet means."""
    if sheet in TABLE:
        return (TABLE[sheet].record.__doc__ or "").splitlines()[0]
    return MEANINGS[sheet]


@functools.cache
def columns_of(sheet: str) -> tuple[Column, ...]:
    """The columns of a sheet, in the order in which they are written."""
    key = TABLE[sheet].key if sheet in TABLE else ()
    return tuple(_column(sheet, name, kind, key=name in key) for name, kind in SHEETS[sheet].items())


@functools.cache
def setting_columns() -> dict[str, Column]:
    """The settings that a sheet of keys and values can hold, as if each were a column."""
    listed = {"regions", "region_groups", "stages"}
    columns = {name: _described(Settings, name, Kind.TEXT) for name in fields_of(Settings) if name not in listed}
    return {**columns, "periods": dataclasses.replace(columns["periods"], takes=_CALENDARS)}


def _column(sheet: str, name: str, kind: Kind, *, key: bool) -> Column:
    words = _WORDS.get((sheet, name), "")
    model = _model_of(sheet, name)
    if model is None:
        choices = tuple(CHANGES) if (sheet, name) == ("changes", "change") else ()
        required = (sheet, name) not in _OPTIONAL and name not in {"options", "where"}
        return Column(name, kind, words, default=None if required else "", choices=choices, key=key)
    found = _described(model, _RENAMED.get((sheet, name), name), kind)
    if name in LISTS.get(sheet, ()):
        found = dataclasses.replace(found, takes="ids with commas between")
    return dataclasses.replace(found, name=name, meaning=words or found.meaning, key=key)


def _model_of(sheet: str, name: str) -> type[BaseModel] | None:
    """The record into whose field a column is read; None for what only sheets have."""
    if (sheet, name) in {("changes", "change"), ("changes", "where"), ("policies", "options")}:
        return None
    models: tuple[type[BaseModel], ...] = _MODELS.get(sheet, ())
    if sheet in TABLE:
        models = (TABLE[sheet].record,)
    name = _RENAMED.get((sheet, name), name)
    return next((model for model in models if name in fields_of(model)), None)


def _described(model: type[BaseModel], name: str, kind: Kind) -> Column:
    """The column of a field of a record, with the field's own description."""
    typed = fields_of(model)[name]
    field = next(field for own, field in model.model_fields.items() if name == (field.alias or own))
    takes = typed.takes
    return Column(
        name,
        kind,
        field.description or "",
        unit_of(field),
        None if field.is_required() else _shown(field.default),
        ("yes", "no") if kind is Kind.YES_NO else typed.choices,
        "" if takes.plain or takes.closed else takes.words,
        takes.example,
    )


def _shown(default: Any) -> str:
    if default in (None, "", (), {}):
        return ""
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, float) and default.is_integer():
        return str(int(default))
    return ", ".join(default) if isinstance(default, tuple) else str(default)
