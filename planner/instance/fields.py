"""Types of the fields in instance files: every format arrives as text and is read by the same strict rules.

Each type says in words what it takes (`Accepted`), for messages about it and for `planner explain data`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from numbers import Real
from typing import Annotated, Any, TypeGuard

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from planner.errors import visible

LARGEST = 1e15
MARKED = ("site", "operator", "cluster")  # what beside regions can have been touched: `operator:alpha`
ID_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
REGION_PREFIX = "region:"
LONGEST_TEXT = 2000
LONGEST_SHOWN = 60
USERS_OWN = "#"  # columns, keys and sheets whose name begins so are the user's own, and passed over
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_PERCENT = re.compile(r"\s*[%％]")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}([.,'  ])[0-9]{3}(\1[0-9]{3})*")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_NO_FIGURE = {"nan", ".nan", "inf", "+inf", "-inf", ".inf", "-.inf", "infinity", "-infinity", "n/a", "na", "none"}
_DASHES = "-‐‑–—−"
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # Unicode: control, format, surrogate, line and paragraph separators
_YES = {"yes", "true", "1"}
_NO = {"no", "false", "0"}


@dataclass(frozen=True)
class Accepted:
    """What a field accepts, in words.

    Attributes:
        words: follow "takes", e.g. "a number from 0 to 1".
        example: a value, as a file has it.
        closed: whether the words list every value.
        plain: whether it is any id or text, so that a field's own sentence says enough.
    """

    words: str
    example: str
    closed: bool = False
    plain: bool = False


def refuse(message: str, remedy: str, column: str = "") -> PydanticCustomError:
    """The validation error of a field, with its remedy, and its column where a rule covers several."""
    return PydanticCustomError("field", "{message}", {"message": message, "remedy": remedy, "column": column})


def shown(value: Any, longest: int = LONGEST_SHOWN) -> str:
    """A value as a file has it, on one line: shortened, with invisible characters written out."""
    if isinstance(value, str):
        text = visible(value[:longest] + ("..." if len(value) > longest else ""))
        return text.replace("\n", "\\n").replace("\t", "\\t")
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        parts = [f"{_part(key)}: {_part(part)}" for key, part in islice(value.items(), 3)]
        return f"{{{', '.join(parts)}{', ...' if len(value) > len(parts) else ''}}}"
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        items = [_part(part) for part in value[:3]]
        return f"[{', '.join(items)}{', ...' if len(value) > len(items) else ''}]"
    if isinstance(value, int) and value.bit_length() > 200:  # Python refuses to write out huge ones
        return f"a number of {int(value.bit_length() * math.log10(2)) + 1} digits"
    return str(value)[:longest] if _is_number(value) else f"an object of Python ({type(value).__name__})"


def _part(value: Any) -> str:
    """A value inside a list or mapping, shortened more than one by itself."""
    if isinstance(value, Mapping):
        return "{...}"
    return "[...]" if isinstance(value, list | tuple) else shown(value, LONGEST_SHOWN // 3)


def _is_number(value: Any) -> TypeGuard[float]:
    """Whether it is a number of Python or of a library such as NumPy; True and False are none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def _scalar(value: Any) -> str:
    """The text of a scalar; refuses lists and mappings."""
    if isinstance(value, str):
        return value
    if not _is_number(value):
        if isinstance(value, Sequence | Mapping) and not isinstance(value, bytes):
            kind = "a mapping" if isinstance(value, Mapping) else "a list"
            raise refuse(f"{shown(value)} is {kind}, where one value is wanted.", "Write one number or word here.")
        raise refuse(f"{shown(value)} is neither a number nor text.", "Write one number or word here.")
    if not math.isfinite(value):  # what other libraries write where nothing is given: else a cluster called nan
        raise refuse(
            f"{shown(value)} is neither a figure nor text.", "Leave it out (null, or None) where there is none."
        )
    return str(value)


def read_number(value: Any) -> float:
    """A finite decimal number below 1e15 in size, from text or a Python number."""
    if not isinstance(value, str) and _is_number(value):
        number = float(value) if abs(value) < LARGEST else math.inf
        if not abs(number) < LARGEST:
            what = "no number" if value != value else "too large"  # noqa: PLR0124  (only NaN differs from itself)
            raise refuse(f"{shown(value)} is {what}.", "Use a number below 1e15, or leave it out for no limit.")
        return number
    text = _scalar(value).strip()
    if not _NUMBER.fullmatch(text):
        raise refuse(f"'{shown(text)}' is not a number.", _how_to_write_a_number(text))
    number = float(text)
    if not abs(number) < LARGEST:
        raise refuse(f"'{shown(text)}' is too large.", "Use a number below 1e15; leave the cell empty for no limit.")
    return number


def _how_to_write_a_number(text: str) -> str:
    """The remedy for a text that is no number, with the number that it probably means."""
    percent = _PERCENT.search(text)
    figure = text[: percent.start()] if percent and percent.end() == len(text) else ""
    comma = bool(_DECIMAL_COMMA.fullmatch(figure))
    figure = figure.replace(",", ".") if comma else figure
    if _NUMBER.fullmatch(figure):
        share = _hundredth(float(figure))
        beside = f", or as {share.replace('.', ',')} in a file whose figures have decimal commas" if comma else ""
        return f"Write {figure} % as {share}{beside}."
    if _THOUSANDS.fullmatch(text):
        mark = re.sub("[0-9+-]", "", text)[0]
        whole = text.replace(mark, "")
        if mark == "," and text.count(",") == 1:
            return f"Write {whole} without a thousands separator, or {text.replace(',', '.')} with a decimal point."
        return f"Write {whole}, without thousands separators."
    if _DECIMAL_COMMA.fullmatch(text):
        return f"Write {text.replace(',', '.')}, with a decimal point."
    if text.lower() in _NO_FIGURE or not text.strip(_DASHES):
        return "Leave it empty where there is no limit or no figure."
    return "Write a decimal number like 1250.5, without units or thousands separators."


def _hundredth(number: float) -> str:
    return f"{number / 100:.10g}"


def _non_negative(value: Any) -> float:
    number = read_number(value)
    if number < 0:
        raise refuse(f"{shown(value)} is negative.", "Give a number of 0 or more.")
    return number


def _positive(value: Any) -> float:
    number = read_number(value)
    if number <= 0:
        raise refuse(f"{shown(value)} is not above 0.", "Give a number above 0.")
    return number


def _share(value: Any) -> float:
    number = read_number(value)
    if not 0 <= number <= 1:
        raise refuse(f"{shown(value)} is not a share.", f"Give a number from 0 to 1 ({_as_share(number, 60)}).")
    return number


def _yield(value: Any) -> float:
    number = read_number(value)
    if not 0 < number <= 1:
        raise refuse(
            f"{shown(value)} is not a yield.", f"Give a number above 0 and at most 1 ({_as_share(number, 92)})."
        )
    return number


def _as_share(number: float, example: float) -> str:
    """`93 % is 0.93`: of the number itself where it may be meant as a percentage, else of an example."""
    percent = number if 1 < number <= 100 else example
    return f"{percent:g} % is {_hundredth(percent)}"


def read_count(value: Any) -> int:
    """A whole number of 0 or more, from text or a Python number."""
    number = read_number(value)
    if number < 0 or number != int(number):
        raise refuse(f"{shown(value)} is not a whole number of 0 or more.", "Give 0, 1, 2, ...")
    return int(number)


def _yes_no(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = _scalar(value).strip().lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise refuse(f"'{shown(value)}' is neither yes nor no.", "Write yes or no.")


def _id(value: Any) -> str:
    text = _scalar(value)
    if not ID_PATTERN.fullmatch(text):
        remedy = "Use 1 to 64 letters (A-Z, a-z), digits, '_', '.' or '-', starting with a letter or digit."
        if ID_PATTERN.fullmatch(text.strip()):
            remedy = f"Remove the blanks around it: {text.strip()}."
        elif ID_PATTERN.fullmatch(joined := "-".join(text.split())):
            remedy = f"An id has no blanks: write {joined}, here and wherever it is named. {remedy}"
        raise refuse(f"'{shown(text)}' is not an id.", remedy)
    return text


def _id_or_any(value: Any) -> str:
    return "*" if isinstance(value, str) and value == "*" else _id(value)


def _place(value: Any) -> str:
    text = _scalar(value)
    kind, colon, name = text.partition(":")
    region = f"{REGION_PREFIX}{name.strip()}"
    if not colon or kind.strip().lower() != "region" or not ID_PATTERN.fullmatch(name.strip()):
        return _id(text)
    if text != region:
        raise refuse(f"'{shown(text)}' is not how a region is written.", f"Write {region}, without blanks.")
    return text


def _touched(value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, tuple | list) else _scalar(value).split("+")
    return tuple(_mark(part) for part in parts)


def _mark(value: Any) -> str:
    """A region or group, or a site, operator or cluster with the word and a colon before it."""
    kind, colon, name = str(value).partition(":")
    return f"{kind}:{_name(name)}" if colon and kind in MARKED and name else _id(value)


def _text(value: Any) -> str:
    text = _scalar(value)
    if any(unicodedata.category(character) in _INVISIBLE for character in text):
        raise refuse(
            f"'{shown(text)}' has control or direction marks in it.",
            "Remove the invisible characters, shown here with a backslash.",
        )
    if len(text) > LONGEST_TEXT:
        raise refuse(f"'{shown(text)}' is longer than 2,000 characters.", "Shorten it.")
    return text


def _name(value: Any) -> str:
    text = _text(value)
    if text.startswith(("=", "+", "-", "@")):
        raise refuse(f"'{shown(text)}' begins like a formula.", "Begin the name with a letter or digit.")
    return text


_ID = "an id (letters, digits, '_', '.', '-')"
_NAMED = Accepted(_ID, "fab-1", plain=True)
Number = Annotated[float, BeforeValidator(read_number), Accepted("a number", "1250.5")]
Amount = Annotated[float, BeforeValidator(_non_negative), Accepted("a number of 0 or more", "1250.5")]
PositiveAmount = Annotated[float, BeforeValidator(_positive), Accepted("a number above 0", "2")]
Share = Annotated[float, BeforeValidator(_share), Accepted("a number from 0 to 1", "0.6")]
Yield = Annotated[float, BeforeValidator(_yield), Accepted("a number above 0 and at most 1", "0.92")]
Count = Annotated[int, BeforeValidator(read_count), Accepted("a whole number of 0 or more", "2")]
YesNo = Annotated[bool, BeforeValidator(_yes_no), Accepted("yes or no", "yes", closed=True)]
Id = Annotated[str, BeforeValidator(_id), _NAMED]
IdOrAny = Annotated[str, BeforeValidator(_id_or_any), Accepted(f"{_ID} or *", "*", plain=True)]
Place = Annotated[str, BeforeValidator(_place), Accepted(f"{_ID}, or region: and one", "region:US", plain=True)]
Touched = Annotated[tuple[str, ...], BeforeValidator(_touched), Accepted("regions with + between", "TW+KR")]
Text = Annotated[str, BeforeValidator(_text), Accepted("one line of text", "a word", plain=True)]
Name = Annotated[str, BeforeValidator(_name), Accepted("one line of text", "a name", plain=True)]
Label = Annotated[str, BeforeValidator(_text), Accepted("the label of one period", "2027Q1")]
Window = Annotated[
    str, BeforeValidator(_text), Accepted("a period, a window first..last (an end may be open) or *", "2027Q1..2027Q4")
]


def column(description: str, unit: str | None = None, example: str | None = None, **options: Any) -> Any:
    """A field of a table: its sentence, unit and example, which the JSON Schema, `explain data` and messages show."""
    examples = [example] if example is not None else None
    return Field(
        description=description, json_schema_extra={"unit": unit} if unit else None, examples=examples, **options
    )
