"""Types of the fields in instance files: every format arrives as text and is read by the same strict rules."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

LARGEST = 1e15
ID_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
REGION_PREFIX = "region:"
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # Unicode: control, format, surrogate, line and paragraph separators
LONGEST_TEXT = 2000
_YES = {"yes", "true", "1"}
_NO = {"no", "false", "0"}


def refuse(message: str, remedy: str, column: str = "") -> PydanticCustomError:
    """An error of a field, with its remedy, and its column where several take part, apart for the list of problems."""
    return PydanticCustomError("field", "{message}", {"message": message, "remedy": remedy, "column": column})


def _scalar(value: Any) -> str:
    """The text of a scalar; a list or mapping has none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise refuse(f"{str(value)[:60]} is not text.", "Write one value here.")
    return value if isinstance(value, str) else str(value)


def read_number(value: Any) -> float:
    """A finite decimal number below 1e15 in size, from text or a Python number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value) if abs(value) < LARGEST else math.inf
        shown = "This figure"
    else:
        text = _scalar(value).strip()
        shown = f"'{text[:60]}'"
        if not _NUMBER.fullmatch(text):
            remedy = "Write a decimal number like 1250.5, without units or thousands separators."
            if text.lower() in {"nan", "inf", "+inf", "-inf", "infinity"}:
                remedy = "Leave the cell empty where there is no limit or no figure."
            raise refuse(f"{shown} is not a number.", remedy)
        number = float(text)
    if not abs(number) < LARGEST:
        raise refuse(
            f"{shown} is too large, or no figure at all.", "Use a number below 1e15; leave the cell empty for no limit."
        )
    return number


def _non_negative(value: Any) -> float:
    number = read_number(value)
    if number < 0:
        raise refuse(f"{number:g} is negative.", "Give a number of 0 or more.")
    return number


def _positive(value: Any) -> float:
    number = read_number(value)
    if number <= 0:
        raise refuse(f"{number:g} is not above 0.", "Give a number above 0.")
    return number


def _share(value: Any) -> float:
    number = read_number(value)
    if not 0 <= number <= 1:
        raise refuse(f"{number:g} is not a share.", "Give a number from 0 to 1 (60 % is 0.6).")
    return number


def _yield(value: Any) -> float:
    number = read_number(value)
    if not 0 < number <= 1:
        raise refuse(f"{number:g} is not a yield.", "Give a number above 0 and at most 1 (92 % is 0.92).")
    return number


def _count(value: Any) -> int:
    number = read_number(value)
    if number < 0 or number != int(number):
        raise refuse(f"{number:g} is not a whole number of periods.", "Give 0, 1, 2, ...")
    return int(number)


def _yes_no(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = _scalar(value).strip().lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise refuse(f"'{value}' is neither yes nor no.", "Write yes or no.")


def _id(value: Any) -> str:
    text = _scalar(value)
    if not ID_PATTERN.fullmatch(text):
        raise refuse(
            f"{text[:70]!r} is not an id.",
            "Use 1 to 64 letters, digits, '_', '.' or '-', starting with a letter or digit.",
        )
    return text


def _id_or_any(value: Any) -> str:
    return "*" if value == "*" else _id(value)


def _place(value: Any) -> str:
    text = _scalar(value)
    if text.startswith(REGION_PREFIX):
        return REGION_PREFIX + _id(text.removeprefix(REGION_PREFIX))
    return _id(text)


def _touched(value: Any) -> tuple[str, ...]:
    if isinstance(value, tuple | list):
        return tuple(_id(part) for part in value)
    return tuple(_id(part) for part in _scalar(value).split("+"))


def _text(value: Any) -> str:
    text = _scalar(value)
    if any(unicodedata.category(character) in _INVISIBLE for character in text):
        raise refuse("The text has control or direction marks in it.", "Remove the invisible characters.")
    if len(text) > LONGEST_TEXT:
        raise refuse("The text is longer than 2,000 characters.", "Shorten it.")
    return text


def _name(value: Any) -> str:
    text = _text(value)
    if text.startswith(("=", "+", "-", "@")):
        raise refuse(f"'{text[:60]}' begins like a formula.", "Begin the name with a letter or digit.")
    return text


Number = Annotated[float, BeforeValidator(read_number)]
Amount = Annotated[float, BeforeValidator(_non_negative)]
PositiveAmount = Annotated[float, BeforeValidator(_positive)]
Share = Annotated[float, BeforeValidator(_share)]
Yield = Annotated[float, BeforeValidator(_yield)]
Count = Annotated[int, BeforeValidator(_count)]
YesNo = Annotated[bool, BeforeValidator(_yes_no)]
Id = Annotated[str, BeforeValidator(_id)]
IdOrAny = Annotated[str, BeforeValidator(_id_or_any)]
Place = Annotated[str, BeforeValidator(_place)]
Touched = Annotated[tuple[str, ...], BeforeValidator(_touched)]
Text = Annotated[str, BeforeValidator(_text)]
Name = Annotated[str, BeforeValidator(_name)]


def column(description: str, unit: str | None = None, **options: Any) -> Any:
    """A field of a table: its sentence and unit, which the JSON Schema, `explain data` and the docs show."""
    return Field(description=description, json_schema_extra={"unit": unit} if unit else None, **options)
