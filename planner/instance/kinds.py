"""The kind of each column, derived from its field, so that workbooks, forms and schemas treat it alike."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from enum import Enum
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from planner.instance import fields
from planner.instance.changes.change import Fading
from planner.instance.field_types import FieldType, fields_of
from planner.instance.fields import LARGEST


class Kind(Enum):
    """The kinds of values that a column can hold."""

    NUMBER = "a number"
    COUNT = "a whole number"
    YES_NO = "yes or no"
    ID = "an id"
    PERIOD = "a period or window"
    TEXT = "text"


_TYPES: Mapping[Kind, tuple[Any, ...]] = {
    Kind.NUMBER: (fields.Number, fields.Amount, fields.PositiveAmount, fields.Share, fields.Yield),
    Kind.COUNT: (fields.Count, Fading),
    Kind.YES_NO: (fields.YesNo,),
    Kind.PERIOD: (fields.Window, fields.Label),
    Kind.TEXT: (fields.Text, fields.Name),
}
_KINDS = {FieldType.of(type_).takes.words: kind for kind, types in _TYPES.items() for type_ in types}


@functools.cache
def kinds_of(model: type[BaseModel]) -> dict[str, Kind]:
    """The kind of each field of a record or part, by the name that files use; ids, places and choices are `ID`."""
    return {name: _KINDS.get(typed.takes.words, Kind.ID) for name, typed in fields_of(model).items()}


def number_text(written: str) -> str:
    """A number in its shortest spelling without loss: 0.92 for 0.92000000000000004, 1250 for 1.25e3."""
    try:
        number = float(written)
    except ValueError:
        return written
    if number.is_integer() and abs(number) < LARGEST:
        return str(int(number))
    return repr(number)


def unit_of(field: FieldInfo) -> str:
    """The unit of a field; empty where it has none."""
    extra = field.json_schema_extra
    return str(extra.get("unit") or "") if isinstance(extra, dict) else ""
