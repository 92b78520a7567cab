"""JSON Schema (2020-12) of instances, policies and scenarios, for editors; derived from the records.

It describes a file as an editor parses it, where `007` is a number and `yes` a boolean. Rules across tables (an id
exists, a window is planned) are left to `planner check`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from planner.instance import fields
from planner.instance.changes.catalogue import CHANGES
from planner.instance.changes.change import Deviation, Fading
from planner.instance.changes.where import Names
from planner.instance.field_types import FieldType, fields_of
from planner.instance.fields import ID_PATTERN, REGION_PREFIX, USERS_OWN
from planner.instance.kinds import unit_of
from planner.instance.policy import Policy
from planner.instance.records import TABLES
from planner.instance.scenario import Scenario
from planner.instance.settings import Calendar, Settings

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ID = ID_PATTERN.pattern
_FIGURE = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_NUMBER = {"type": ["number", "string"], "pattern": _FIGURE}
_WORD = {"type": ["string", "number", "boolean"]}  # what is read as text, however an editor takes it
_COUNT = {"type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9]+$"}
_YES_NO = {"enum": [True, False, "yes", "no", "true", "false", "Yes", "No", "TRUE", "FALSE", 0, 1]}
_TYPES: tuple[tuple[Any, dict[str, Any]], ...] = (
    (fields.Number, _NUMBER),
    (fields.Amount, {**_NUMBER, "minimum": 0}),
    (fields.PositiveAmount, {**_NUMBER, "exclusiveMinimum": 0}),
    (fields.Share, {**_NUMBER, "minimum": 0, "maximum": 1}),
    (fields.Yield, {**_NUMBER, "exclusiveMinimum": 0, "maximum": 1}),
    (fields.Count, _COUNT),
    (Fading, _COUNT),
    (fields.YesNo, _YES_NO),
    (fields.Id, {"type": ["string", "number"], "pattern": f"^{_ID}$"}),
    (fields.IdOrAny, {"type": ["string", "number"], "pattern": rf"^(\*|{_ID})$"}),
    (fields.Place, {"type": ["string", "number"], "pattern": f"^({REGION_PREFIX})?{_ID}$"}),
    (fields.Touched, {"type": ["string", "array"], "pattern": rf"^{_ID}(\+{_ID})*$", "items": {"type": "string"}}),
    (fields.Text, _WORD),
    (fields.Name, _WORD),
    (fields.Window, _WORD),
    (fields.Label, _WORD),
    (Names, {**_WORD, "type": [*_WORD["type"], "array"], "items": _WORD, "minItems": 1}),
)
_SCALARS = {FieldType.of(type_).takes.words: schema for type_, schema in _TYPES}
_PARTS_OF_POLICIES = ("limits", "buffers", "sources", "options")
_PARTS_OF_SCENARIOS = ("changes", "probability", "surprise")


def json_schema() -> dict[str, Any]:
    """The schema of a file, which is an instance, a policy or a scenario; `$defs` has each, and the rows of tables."""
    return {
        "$schema": DIALECT,
        "title": "planner",
        "description": "instance.yaml, a policy or a scenario of the sourcing planner",
        "type": "object",
        "if": _has_any(_PARTS_OF_SCENARIOS),
        "then": {"$ref": "#/$defs/scenario"},
        "else": {
            "if": _has_any(_PARTS_OF_POLICIES),
            "then": {"$ref": "#/$defs/policy"},
            "else": {"$ref": "#/$defs/instance"},
        },
        "$defs": {
            "instance": _instance(),
            "policy": _file(Policy),
            "scenario": _file(Scenario),
            **{f"row_{table.name}": _object(table.record) for table in TABLES},
            **{f"change_{word}": _change(word) for word in CHANGES},
        },
    }


def _has_any(names: Sequence[str]) -> dict[str, Any]:
    return {"anyOf": [{"required": [name]} for name in names]}


def _instance() -> dict[str, Any]:
    """The schema of an instance: settings, and optionally tables, policies and scenarios inline."""
    schema = _object(Settings)
    for table in TABLES:
        rows = {"type": ["array", "null"], "items": {"$ref": f"#/$defs/row_{table.name}"}}
        schema["properties"][table.name] = {"description": _meaning(table.record), **rows}
    for name, part in (("policies", "policy"), ("scenarios", "scenario")):
        items = {"$ref": f"#/$defs/{part}", "required": ["name"]}
        schema["properties"][name] = {"type": ["array", "null"], "items": items}
    return schema


def _file(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of a policy or scenario file, in which the name is optional (the file's name is the default)."""
    schema = _object(model)
    schema["required"] = [name for name in schema["required"] if name != "name"]
    return schema


def _change(word: str) -> dict[str, Any]:
    """The schema of a kind of change: its own keys of `where`, and exactly one figure for a deviation."""
    model = CHANGES[word]
    schema = _object(model)
    where = schema["properties"]["where"]
    where["properties"] = {name: value for name, value in where["properties"].items() if name in model.selects}
    schema["properties"]["change"] = {"const": word, "description": _meaning(model)}
    if issubclass(model, Deviation):
        schema["oneOf"] = [{"required": [name]} for name in ("factor", "set", "add")]
    return schema


def _object(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of a record: its fields with their sentences and units; names that begin with # are allowed."""
    named = {field.alias or name: field for name, field in model.model_fields.items()}
    properties = {}
    for name, typed in fields_of(model).items():
        field = named[name]
        schema = {**_value(typed)}
        unit = unit_of(field)
        if field.description:
            schema = {**schema, "description": f"{field.description} [{unit}]" if unit else field.description}
        if unit:
            schema["unit"] = unit
        properties[name] = schema if field.is_required() else _or_nothing(schema)
    return {
        "description": _meaning(model),
        "type": "object",
        "properties": properties,
        "patternProperties": {f"^{USERS_OWN}": True},
        "additionalProperties": False,
        "required": [name for name, field in named.items() if field.is_required()],
    }


def _value(typed: FieldType) -> dict[str, Any]:
    """The schema of a field's type."""
    if typed.choices:
        return {"enum": list(typed.choices)}
    if typed.takes.words in _SCALARS:
        return dict(_SCALARS[typed.takes.words])
    if typed.members and Calendar in {member.model for member in typed.members.values()}:
        listed = {"type": "array", "items": _value(FieldType.of(fields.Id)), "minItems": 1}
        return {"anyOf": [_object(Calendar), listed, {"type": "string", "pattern": r"^[^.]+\.\.[^.]+$"}]}
    if typed.members:
        return {"oneOf": [{"$ref": f"#/$defs/change_{word}"} for word in typed.members]}
    if typed.model is not None:
        return _object(typed.model)
    parts = [FieldType.of(part) for part in get_args(typed.plain) if part is not Ellipsis]
    if get_origin(typed.plain) is dict:
        return {"type": "object", "additionalProperties": _or_nothing(_value(parts[1]))}
    if get_origin(typed.plain) is tuple:
        return {"type": "array", "items": _value(parts[0])}
    return dict(_WORD)


def _or_nothing(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with null and empty text allowed besides."""
    if "enum" in schema:
        return {**schema, "enum": [*schema["enum"], None]}
    if "type" in schema:
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return {**schema, "type": [*types, "null"]}
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    return dict(schema)


def _meaning(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip().splitlines()[0]
