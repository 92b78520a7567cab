"""Validation errors in planner words: where a record is wrong, which value, and what to write instead.

pydantic finds the errors, but none of its messages is shown. Each kind of error has a sentence here, and what a field
takes is derived from its type (instance/field_types.py), so that a new field needs no message of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, get_origin

from pydantic import BaseModel, ValidationError

from planner.errors import Problem, nearest
from planner.instance.field_types import FieldType, either, fields_of
from planner.instance.fields import Accepted, shown

MOST_COMPARED = 50  # unknown names of one mapping for which the nearest is looked up
MOST_SEARCHED = 1000  # items among which one is looked up to name its line; what is longer names the line of the whole
_TOTAL = re.compile(r"(grand |sub-?)?totals?|sums?|summe|gesamt|totaux|suma", re.IGNORECASE)
_NO_FIGURE = {"-", "--", "?", "n/a", "na", "n.a.", "nan", "none", "null", "tbd", "unknown", "open"}
LONGEST_NAME, LONGEST_POSITION = 64, 9
_LIST_WANTED = {"tuple_type", "list_type", "set_type", "iterable_type"}
_MAPPING_WANTED = {"dict_type", "mapping_type", "model_type", "model_attributes_type"}


def problems_of(
    model: type[BaseModel], error: ValidationError, given: Any, file: str, number: int | None
) -> Iterator[Problem]:
    """Each validation error of a record as a problem of its file.

    Args:
        model: the class of the record.
        error: what pydantic found.
        given: the value as it was read, which may know its lines.
        file: the file, or the inline table, in which it stands.
        number: its row, where it knows no line of its own.
    """
    compared = 0
    for detail in error.errors(include_url=False):
        unknown = detail["type"] == "extra_forbidden"
        compared += unknown
        yield _problem(model, detail, given, file, number, compare=not unknown or compared <= MOST_COMPARED)


def of_headings(model: type[BaseModel], given: Mapping[str, Any], file: str, number: int) -> Problem | None:
    """The one problem of a row that says in which units the columns count, or names them again; None of other rows.

    Such a row has words in every cell of a number that it fills: in several, or in one where a required cell is empty.
    """
    fields = fields_of(model)
    filled = {name: value for name, value in given.items() if name in fields and value not in (None, "")}
    figures = [value for name, value in filled.items() if fields[name].plain in (float, int)]
    texts = [value for value in figures if isinstance(value, str) and not any(sign.isdigit() for sign in value)]
    words = [text for text in texts if text.strip().casefold() not in _NO_FIGURE]
    needed = {details.alias or name for name, details in model.model_fields.items() if details.is_required()}
    if not words or len(texts) < len(figures) or (len(words) == 1 and needed <= filled.keys()):
        return None
    named = " and ".join(f"'{shown(word)}'" for word in words[:2])
    return Problem(
        file,
        number,
        None,
        None,
        f"The row has words where figures belong: {named}.",
        "Take it out if it names the columns or their units: one row of names stands above the data of a table, and "
        "`planner explain data` says in which units its columns count.",
    )


def _problem(
    model: type[BaseModel], detail: Any, given: Any, file: str, number: int | None, *, compare: bool
) -> Problem:
    """One validation error as a problem, with the words of its field's rule or of `_words`."""
    path, holder, typed = _reached(model, detail["loc"])
    kind, context, value = detail["type"], detail.get("ctx", {}), detail.get("input")
    if kind == "field" and context["column"]:
        path = [*path, *context["column"].split(".")]
    if kind == "union_tag_invalid" and isinstance(value, Mapping):
        value = value.get("change")
    text = None if kind in {"missing", "extra_forbidden", "union_tag_not_found"} else shown(value)
    if kind == "field":
        message, remedy = context["message"], context["remedy"]
        text = None if isinstance(value, BaseModel | Mapping) else text
    else:
        message, remedy = _words(kind, path, holder, typed, value, compare=compare)
        if kind == "missing" and isinstance(given, Mapping) and _totals(given):
            remedy = "Take the row out: totals are no data."
    where, line = placed(given, path)
    return Problem(file, line or number, where or None, text, message, remedy)


def _totals(row: Mapping[str, Any]) -> bool:
    """Whether a row is one of totals, as stand at the end of many sheets."""
    return any(isinstance(value, str) and _TOTAL.fullmatch(value.strip()) for value in row.values())


def _words(
    kind: str, path: Sequence[str | int], holder: FieldType, typed: FieldType, value: Any, *, compare: bool
) -> tuple[str, str]:
    """Message and remedy of an error of pydantic's own, not raised by a field's rule."""
    name, takes = _name(path), typed.takes
    if kind == "missing":
        return f"{name} is missing.", f"Write {_with_example(takes)}."
    if kind == "extra_forbidden":
        known = list(fields_of(holder.model)) if holder.model else []
        hint = nearest(str(path[-1])[:80], known) if compare and known else ""
        if not hint.startswith("Did you mean"):
            hint = (
                f"Remove it, or name one of {', '.join(known)}." if compare and known else "Remove it or mend its name."
            )
        return f"'{shown(path[-1])}' is not known here.", hint
    if kind == "invalid_key":
        return f"'{shown(path[-1])}' is no name.", "Write names as text."
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        if takes.closed:
            return f"{name} cannot be {_quoted(value)}.", f"Write {takes.words}."
        words = list(typed.members)
        if kind == "union_tag_not_found":
            return "The type of change is missing.", f"Add change: {either(words)}."
        return f"change cannot be {_quoted(value)}.", _choice(value, words)
    if kind == "literal_error":
        return f"{name} cannot be {_quoted(value)}.", _choice(value, typed.choices)
    if kind in _LIST_WANTED:
        remedy = f"Write a list, e.g. {takes.example}."
        if get_origin(holder.plain) is dict:
            remedy = f"Write {_name(path[:-1])} like {holder.takes.example}."
        return f"{name} is {_quoted(value)}, where a list is wanted.", remedy
    if kind in _MAPPING_WANTED:
        if not path:
            return f"{_quoted(value)} is no mapping of names to values.", "Write `name: value` lines."
        one = holder.takes.example[1:-1] if get_origin(holder.plain) is tuple else takes.example
        return f"{name} is {_quoted(value)}, where a mapping is wanted.", f"Write it like {one}."
    return f"{name} cannot be {_quoted(value)}.", f"Write {_with_example(takes)}."


def _with_example(takes: Accepted) -> str:
    return takes.words if takes.closed or not takes.example else f"{takes.words}, e.g. {takes.example}"


def _choice(value: Any, words: Sequence[str]) -> str:
    """The nearest of a closed list of words, and all of them."""
    hint = nearest(value[:80], words) if isinstance(value, str) else ""
    return f"{hint} It can be {either(words)}." if hint.startswith("Did you mean") else f"Write {either(words)}."


def _quoted(value: Any) -> str:
    """A text in quotes, so that it looks different from a list, a mapping or an empty value."""
    return f"'{shown(value)}'" if isinstance(value, str) else shown(value)


def _name(path: Sequence[str | int]) -> str:
    """The name of a place in a record: `max_share`, or `An entry of limits` for an item of a list."""
    if not path:
        return "This"
    if isinstance(path[-1], int):
        return f"An entry of {_name(path[:-1])}"
    return shown(path[-1])


def _reached(model: type[BaseModel], place: Sequence[str | int]) -> tuple[list[str | int], FieldType, FieldType]:
    """The path as files spell it, the type that holds its last part, and the type of that part."""
    path: list[str | int] = []
    holder = typed = FieldType(model)
    for part in place:
        if part == "[key]":  # the name in a mapping, not its value
            continue
        chosen = typed.members
        if not chosen or part not in chosen:
            path.append(part)
            holder = typed
        typed = typed.part(part)
    return path, holder, typed


def placed(given: Any, path: Sequence[str | int], value: str | None = None) -> tuple[str, int | None]:
    """A path as it is shown, with names for positions where they have one, and the line on which it stands.

    Args:
        given: what was read; mappings and lists of a YAML file know their lines.
        path: names of fields, and positions or names in lists.
        value: a name or item of the place itself that is meant.

    Returns:
        `limits.cap.max_share`, and its line, or the last one known on the way; None where none is.
    """
    line = getattr(given, "line", 0)
    names = []
    for part in path:
        below = None
        if isinstance(given, list | tuple):
            position = part if isinstance(part, int) else _position(given, part)
            if position is not None and position < len(given):
                below = given[position]
                line = _line_at(given, position) or line
                name = below.get("name") if isinstance(below, Mapping) else None
                part = name if isinstance(name, str) and name and len(name) <= LONGEST_NAME else part  # noqa: PLW2901
        elif isinstance(given, Mapping) and part in given:
            below = given[part]
            line = _line_at(given, part) or line
        names.append(shown(part))
        given = below
    if value is not None:
        line = _line_of_value(given, value) or line
    return ".".join(names), line or None


def _position(given: Sequence[Any], part: str) -> int | None:
    """The position of an item in a list, which is given by its name or as a number."""
    items = enumerate(islice(given, MOST_SEARCHED))
    named = next((at for at, item in items if isinstance(item, Mapping) and item.get("name") == part), None)
    return int(part) if named is None and part.isdecimal() and len(part) <= LONGEST_POSITION else named


def _line_at(given: Any, part: Any) -> int:
    line_at = getattr(given, "line_at", None)
    return int(line_at(part)) if line_at is not None else 0


def _line_of_value(given: Any, value: str) -> int:
    """The line of a name of a mapping, or of an item in a list, in it or in the lists that it holds."""
    if isinstance(given, Mapping) and value in given:
        return _line_at(given, value)
    if not isinstance(given, Mapping | list | tuple) or len(given) > MOST_SEARCHED:
        return 0
    if isinstance(given, Mapping):
        return next((line for part in given.values() if (line := _line_of_value(part, value))), 0)
    return _line_at(given, given.index(value)) if value in given else 0


def kind_of(model: type[BaseModel]) -> str:
    """The name of a record class in messages: `limit`, `lane capacity`, `unit cost change`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", model.__name__).lower()
