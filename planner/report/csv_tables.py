"""Tables as CSV: figures without loss, and no text that a spreadsheet would run as a formula.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, some also in their full width, and some
pass over spaces and invisible characters before it. Such a text is written with an apostrophe before it; so is one that
begins with apostrophes and then like a formula, so that reading takes away exactly what writing put there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pandas as pd

TEXT = {
    "site",
    "region",
    "operator",
    "stage",
    "item",
    "recipe",
    "period",
    "from",
    "from_region",
    "to",
    "to_region",
    "arrives",
    "customer",
    "measure",
    "over",
    "of",
    "limit",
    "commitment",
    "option",
    "resource",
    "kind",
    "name",
    "component",
    "product",
    "touched",
    "as",
}
_NUMBERS_NAMED_LIKE_TEXT = {("exposure", "limit")}
MARK = "'"
_BEFORE = re.compile(rf"^[{MARK}\s]+")
_BEGINS = frozenset("=+-@")


def csv_text(table: pd.DataFrame) -> str:
    """A table as CSV, every figure as short as it can be written without loss, every text inert."""
    plain = table.rename(columns={name: inert(name) for name in table.columns if isinstance(name, str)})
    for column in plain.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in plain.dtypes]]:
        plain[column] = _changed(plain[column], inert)
    return str(plain.to_csv(index=False, lineterminator="\n"))


def read_csv_table(path: Path, name: str) -> pd.DataFrame:
    """A table of a plan as `csv_text` wrote it.

    Raises:
        OSError, ValueError: it is not there, or no such table.
    """
    text = read_csv_texts(path, name)
    for column in text.columns:
        if not _is_text(name, column):
            text[column] = pd.to_numeric(text[column].mask(text[column] == "")).astype(float)
    return text


def read_csv_texts(path: Path, name: str) -> pd.DataFrame:
    """A table of a plan as `csv_text` wrote it, every figure as its text.

    Raises:
        OSError, ValueError: it is not there, or no such table.
    """
    text = pd.read_csv(path, dtype=str, keep_default_na=False)
    text = text.rename(columns={column: without_apostrophe(column) for column in text.columns})
    for column in text.columns:
        if _is_text(name, column):
            text[column] = _changed(text[column], without_apostrophe)
    return text


def _is_text(name: str, column: str) -> bool:
    """Whether a column of a table of a plan holds texts; in the allocation each stage is a column, with sites."""
    text = column != "quantity" if name == "allocation" else column in TEXT
    return text and (name, column) not in _NUMBERS_NAMED_LIKE_TEXT


def _changed(column: pd.Series, change: Callable[[str], str]) -> pd.Series:
    """A column with its texts changed, each different one once; the column itself where none changes."""
    changed = {value: change(value) for value in column.unique() if isinstance(value, str) and change(value) != value}
    return column.replace(changed) if changed else column


def like_a_formula(text: str) -> bool:
    """Whether a spreadsheet may take a text for a formula, spaces, apostrophes and invisible characters passed over."""
    visible = "".join(character for character in text if unicodedata.category(character) not in {"Cf", "Cc"})
    rest = _BEFORE.sub("", visible)
    return len(rest) > 1 and unicodedata.normalize("NFKC", rest[0])[:1] in _BEGINS


def inert(text: str) -> str:
    """A text that no spreadsheet runs; `without_apostrophe` gives it back."""
    return MARK + text if like_a_formula(text) else text


def without_apostrophe(text: str) -> str:
    """The text that `inert` was given."""
    return text[1:] if text.startswith(MARK) and like_a_formula(text) else text
