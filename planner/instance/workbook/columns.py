"""What each column of each sheet means, in which unit, and what it takes: for notes, drop-down lists and help."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from planner.instance.instance import Settings
from planner.instance.kinds import Kind, unit_of
from planner.instance.policy import Buffer, Limit, Policy, Sources
from planner.instance.records import TABLE
from planner.instance.scenario import CHANGES, Deviation, OutageChange, Scenario
from planner.instance.workbook.layout import SHEETS

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
_OPTIONAL = {("regions", "name")}
MODELS: Mapping[str, type[BaseModel]] = {"limits": Limit, "buffers": Buffer, "sources": Sources}
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
        key: whether it is part of what tells rows apart.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    default: str | None = ""
    choices: tuple[str, ...] = ()
    key: bool = False

    @property
    def note(self) -> str:
        """All of it in a few lines."""
        lines = [f"{self.meaning[:1].upper()}{self.meaning[1:]}."]
        if self.unit:
            lines.append(f"Unit: {self.unit}.")
        if self.choices:
            lines.append(f"One of {', '.join(self.choices)}.")
        if self.kind is Kind.PERIOD:
            lines.append("One period, a window such as 2027Q2..2028Q1 (an end may stay open), or * for all.")
        if self.default is None:
            lines.append("Must be filled.")
        elif self.default:
            lines.append(f"Empty = {self.default}.")
        return "\n".join(lines)


def meaning_of(sheet: str) -> str:
    """What a row of a sheet says."""
    if sheet in TABLE:
        return (TABLE[sheet].record.__doc__ or "").splitlines()[0]
    return MEANINGS[sheet]


@functools.cache
def columns_of(sheet: str) -> tuple[Column, ...]:
    """The columns of a sheet in order."""
    key = TABLE[sheet].key if sheet in TABLE else ()
    return tuple(_column(sheet, name, kind, key=name in key) for name, kind in SHEETS[sheet].items())


@functools.cache
def setting_columns() -> dict[str, Column]:
    """The settings that a sheet of keys and values can hold, as if each were a column."""
    listed = {"regions", "region_groups", "stages"}
    fields = {field.alias or name: field for name, field in Settings.model_fields.items()}
    return {name: _described(name, Kind.TEXT, field) for name, field in fields.items() if name not in listed}


def _column(sheet: str, name: str, kind: Kind, *, key: bool) -> Column:
    words = _WORDS.get((sheet, name), "")
    field = _field(sheet, name)
    if field is None:
        choices = tuple(CHANGES) if (sheet, name) == ("changes", "change") else ()
        required = (sheet, name) not in _OPTIONAL and name not in {"options", "where"}
        return Column(name, kind, words, default=None if required else "", choices=choices, key=key)
    found = _described(name, kind, field, key=key)
    return Column(name, kind, words, found.unit, found.default, found.choices, key) if words else found


def _field(sheet: str, name: str) -> FieldInfo | None:
    """The field that a column is read into; None for what only sheets have."""
    models: tuple[type[BaseModel], ...] = (Deviation, OutageChange) if sheet == "changes" else ()
    if sheet in TABLE:
        models = (TABLE[sheet].record,)
    elif sheet in MODELS:
        models = (MODELS[sheet],)
    elif sheet in {"policies", "scenarios"}:
        models = (Policy if sheet == "policies" else Scenario,)
        name = "name" if name in {"policy", "scenario"} else name
    if (sheet, name) in {("changes", "change"), ("changes", "where"), ("policies", "options")}:
        return None
    for model in models:
        for field_name, field in model.model_fields.items():
            if name == (field.alias or field_name):
                return field
    return None


def _described(name: str, kind: Kind, field: FieldInfo, *, key: bool = False) -> Column:
    default = None if field.is_required() else _shown(field.default)
    choices = ("yes", "no") if kind is Kind.YES_NO else _choices(field.annotation)
    return Column(name, kind, field.description or "", unit_of(field), default, choices, key)


def _choices(annotation: Any) -> tuple[str, ...]:
    if get_origin(annotation) is Literal:
        return tuple(str(word) for word in get_args(annotation))
    return ()


def _shown(default: Any) -> str:
    if default in (None, "", (), {}):
        return ""
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, float) and default.is_integer():
        return str(int(default))
    return ", ".join(default) if isinstance(default, tuple) else str(default)
