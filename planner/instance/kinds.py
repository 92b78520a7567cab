"""What a column holds, read from its field: so that workbooks, forms and schemas treat a column as its record does."""

from __future__ import annotations

import functools
from enum import Enum
from typing import Any, get_args

from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from planner.instance import fields
from planner.instance.fields import LARGEST


class Kind(Enum):
    """Kinds of columns."""

    NUMBER = "a number"
    COUNT = "a whole number"
    YES_NO = "yes or no"
    ID = "an id"
    PERIOD = "a period or window"
    TEXT = "text"


_KIND_OF_TYPE = (
    (fields.Number, Kind.NUMBER),
    (fields.Amount, Kind.NUMBER),
    (fields.PositiveAmount, Kind.NUMBER),
    (fields.Share, Kind.NUMBER),
    (fields.Yield, Kind.NUMBER),
    (fields.Count, Kind.COUNT),
    (fields.YesNo, Kind.YES_NO),
    (fields.Text, Kind.TEXT),
    (fields.Name, Kind.TEXT),
)
_KIND_OF_READER = {get_args(type_)[1].func: kind for type_, kind in _KIND_OF_TYPE}


def kind_of(field: FieldInfo) -> Kind:
    """The kind of a field: by the reader that its type has; ids, places and choices are `ID`."""
    for part in (field, *_parts(field.annotation)):
        for detail in getattr(part, "metadata", None) or getattr(part, "__metadata__", None) or ():
            if isinstance(detail, BeforeValidator):
                return _KIND_OF_READER.get(detail.func, Kind.ID)
    return Kind.ID


def _parts(annotation: Any) -> tuple[Any, ...]:
    """The types that a union or tuple has inside."""
    inside = get_args(annotation)
    return (*inside, *(deeper for part in inside for deeper in _parts(part)))


@functools.cache
def kinds_of(model: type[BaseModel]) -> dict[str, Kind]:
    """The kind of each column of a record or part, by the name that files use."""
    kinds = {field.alias or name: kind_of(field) for name, field in model.model_fields.items()}
    return {name: Kind.PERIOD if name == "period" else kind for name, kind in kinds.items()}


def number_text(written: str) -> str:
    """A number as short as it can be written without loss: 0.92, not 0.92000000000000004; 1250, not 1.25e3."""
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
