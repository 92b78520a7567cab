"""Syntax errors in YAML, JSON or CSV files: the line, and how to mend it, in planner words.

A parser's own message is never shown; a few words in it decide which of our remedies is given.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from planner.errors import Names
from planner.instance.fields import USERS_OWN, shown
from planner.instance.labels import read_span

Fault = tuple[str, str, int | None]  # message, remedy, row
_NEST = "Indent it like the others of its list or mapping, with blanks."
_YAML = {  # words of the parser: our remedy
    "mapping values are not allowed": "Write `name: value` with a blank after each colon, here and in the line above; "
    "indent it like its neighbours; put text with a colon in quotes.",
    "expected <block end>": _NEST,
    "sequence entries are not allowed": "Put each `- ` on a line of its own.",
    "alphabetic or numeric character": "Put a lone * or & in quotes: '*'.",
    "unknown escape character": "Write \\\\ for a backslash, or use single quotes.",
    "chomping or indentation": "Put the text in quotes, on one line.",
    "a comment or a line break": "Put the text in quotes, on one line.",
    "expected the node content": "Remove the comma or bracket that has nothing before it, or put it in quotes.",
    "unexpected document separator": "Close the quote that is open.",
    "directive": "Remove the line that begins with %.",
    "<document start>": "Remove the line that begins with %, or put it in quotes.",
    "incompatible YAML document": "Remove the line that begins with %.",
    "escape sequence": "Write \\\\ for a backslash, or use single quotes.",
}
_JSON = {
    "delimiter": "Put a comma between two parts, and a colon between a name and its value.",
    "property name": "Put every name in double quotes, and no comma after the last part.",
    "Extra data": "Keep one object { ... }, and nothing after it.",
    "Unterminated string": "Close the double quote.",
    "trailing comma": "Remove the comma after the last part.",
    "escape": "Write \\\\ for a backslash.",
    "control character": "Write \\n for a line break in a text, and \\t for a tab.",
    "Expecting value": "Write a text in double quotes, a number, a list or an object.",
}
_CSV = {
    "unexpected end of data": ("A double quote is opened and never closed.", "Close it, or remove it."),
    "field larger": ("A cell is longer than 131,072 characters.", "Shorten it, or close the double quote before it."),
    "new-line character": ("The row ends with a line break of its own kind.", "Save the file with one kind of them."),
}


def yaml_fault(error: YAMLError | ValueError | RecursionError, text: str) -> Fault:
    """Message, remedy and row of what a YAML parser could not read."""
    if isinstance(error, RecursionError):
        return "The file is nested too deeply.", "An instance needs only a few levels.", None
    if isinstance(error, ReaderError):
        row = text.count("\n", 0, error.position) + 1
        what = f"U+{ord(error.character) if isinstance(error.character, str) else error.character:04X}"
        return f"The file has the character {what} in it, which YAML does not allow.", "Remove it.", row
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return "The file is not valid YAML.", "Check its indentation, colons and quotes.", None
    problem = error.problem or error.context or ""
    row = error.problem_mark.line + 1
    opened = error.context_mark.line + 1 if error.context_mark is not None else row
    for mark, other in ("[]", "{}"):
        if f"',' or '{other}'" in problem:
            message = f"The {mark} that is opened here is not closed, or a comma is missing before row {row}"
            return (
                _with_line(message, text, opened),
                f"Close it with {other}, and put commas between its parts.",
                opened,
            )
    if "unexpected end of stream" in problem:
        return _with_line("The quote that is opened here is not closed", text, opened), "Close it.", opened
    if "could not find expected ':'" in problem:
        return _with_line("The line has no colon", text, opened), "Write `name: value` or `- value`.", opened
    line = _line(text, row)
    remedy = next((remedy for words, remedy in _YAML.items() if words in problem), None)
    if "cannot start any token" in problem or "tab" in problem:
        tab = "\t" in line[: len(line) - len(line.lstrip())]
        remedy = "Indent with blanks, not with tabs." if tab else "Put text that begins with @, ` or % in quotes."
    return (
        _with_line("The line is not valid YAML", text, row),
        remedy or "Check the indentation, colons and quotes of this line and of the one above.",
        row,
    )


def json_fault(error: json.JSONDecodeError) -> Fault:
    """Message, remedy and row of what a JSON parser could not read."""
    remedy = next((remedy for words, remedy in _JSON.items() if words in error.msg), "Check its commas and quotes.")
    message = f"The file is not valid JSON at character {error.colno} of this line"
    return _with_line(message, error.doc, error.lineno), remedy, error.lineno


def csv_fault(error: csv.Error, row: int) -> Fault:
    """Message, remedy and row of what a CSV reader could not read."""
    for words, (message, remedy) in _CSV.items():
        if words in str(error):
            return message, remedy, row
    return (
        "A cell goes on after its closing double quote.",
        "Write a double quote inside a quoted cell twice, and put a comma after the closing one.",
        row,
    )


def _with_line(message: str, text: str, row: int) -> str:
    line = shown(_line(text, row).strip())
    return f"{message}: {line}" if line else f"{message}."


def _line(text: str, row: int) -> str:
    lines = text.split("\n", row)
    return lines[row - 1] if row <= len(lines) else ""


def about_unknown_column(name: str, known: Names, labels: Sequence[str] = ()) -> str:
    """The remedy of a column that a table does not have: tables of plans often have a column a period.

    Args:
        name: of the column.
        known: the names of the columns of its table.
        labels: those of the planned periods, where they are known; calendar periods are recognised without.
    """
    planned = {label.lower() for label in labels}
    if "period" in known.known and (name.lower() in planned or read_span(name) is not None):
        return "Give each period a row of its own, with its label in the column period."
    return f"{known.nearest(name)} Let the name of a column of your own begin with {USERS_OWN}."
