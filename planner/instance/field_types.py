"""What a field of a record takes, read from its type: its kind, its choices, and an example, in words."""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Tag

from planner.instance.fields import Accepted


@dataclasses.dataclass(frozen=True)
class FieldType:
    """The type of a field, taken apart: without `Annotated` and `| None` (`plain`), and the metadata (`beside`)."""

    plain: Any
    beside: tuple[Any, ...] = ()

    @classmethod
    def of(cls, annotation: Any, beside: Sequence[Any] = ()) -> FieldType:
        """Take an annotation apart; `beside` is metadata found outside of it."""
        if get_origin(annotation) is Annotated:
            plain, *more = get_args(annotation)
            return cls.of(plain, (*beside, *more))
        if get_origin(annotation) in {Union, types.UnionType}:
            members = [member for member in get_args(annotation) if member is not type(None)]
            if len(members) == 1:
                return cls.of(members[0], beside)
        return cls(annotation, tuple(beside))

    @property
    def model(self) -> type[BaseModel] | None:
        """The record class, where the type is one; else None."""
        return self.plain if isinstance(self.plain, type) and issubclass(self.plain, BaseModel) else None

    @property
    def members(self) -> dict[str, FieldType]:
        """The record classes of a union by the word that chooses among them; empty for other types."""
        if get_origin(self.plain) not in {Union, types.UnionType}:
            return {}
        found: dict[str, FieldType] = {}
        for member in (FieldType.of(part) for part in get_args(self.plain)):
            tags = [part.tag for part in member.beside if isinstance(part, Tag)]
            if not tags and member.model is not None:
                tags = [word for part in fields_of(member.model).values() for word in part.choices[:1]][:1]
            found |= dict.fromkeys(tags, member)
        return found

    @property
    def choices(self) -> tuple[str, ...]:
        """The values of a closed list; empty where the values are not listed."""
        return tuple(get_args(self.plain)) if get_origin(self.plain) is Literal else ()

    @property
    def takes(self) -> Accepted:
        """What a value of this type has to be, in words."""
        for part in reversed(self.beside):
            if isinstance(part, Accepted):
                return part
        if self.choices:
            return Accepted(either(self.choices), self.choices[0], closed=True)
        if self.model is not None:
            return Accepted("a mapping of names to values", _mapping_of(self.model))
        parts = get_args(self.plain)
        if get_origin(self.plain) is tuple:
            return Accepted("a list", f"[{FieldType.of(parts[0]).takes.example}]")
        if get_origin(self.plain) is dict:
            key, value = (FieldType.of(part).takes.example for part in parts)
            return Accepted("a mapping of names to values", f"{{{key}: {value}}}")
        if self.members:
            return next(iter(self.members.values())).takes
        return Accepted("another value", "")

    def part(self, name: str | int) -> FieldType:
        """The type of a field, list item or mapping value."""
        if self.model is not None:
            return fields_of(self.model).get(str(name), FieldType(Any))
        if self.members:
            return self.members.get(str(name), FieldType(Any))
        parts = get_args(self.plain)
        return FieldType.of(parts[-1] if get_origin(self.plain) is dict else parts[0]) if parts else FieldType(Any)


@functools.cache  # read once a class, not once a problem: there may be a million
def fields_of(model: type[BaseModel]) -> dict[str, FieldType]:
    """The types of a record's fields, by the names that files use."""
    found = {}
    for name, field in model.model_fields.items():
        typed = FieldType.of(field.annotation, field.metadata)
        if field.examples:
            own = dataclasses.replace(typed.takes, example=str(field.examples[0]))
            typed = FieldType(typed.plain, (*typed.beside, own))
        found[field.alias or name] = typed
    return found


def either(words: Sequence[str]) -> str:
    """Words joined by commas and a last `or`: `a`, `a or b`, `a, b or c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _mapping_of(model: type[BaseModel]) -> str:
    """An example mapping with all required fields of a record."""
    needed = [field.alias or name for name, field in model.model_fields.items() if field.is_required()]
    fields = fields_of(model)
    return f"{{{', '.join(f'{name}: {fields[name].takes.example}' for name in needed)}}}"
