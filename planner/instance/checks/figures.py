"""Figures as they were written: `2.000` may be two, or two thousand written as in Berlin or Rio (warning)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from planner.errors import Problem
from planner.instance.records import TABLES, Table
from planner.instance.wording import fields_of

Cells = Sequence[tuple[str, int, Mapping[str, Any]]]
_DOUBTFUL = re.compile(r"\s*[+-]?[1-9][0-9]{0,2}\.[0-9]{3}\s*")  # 0.125 is no thousand, and 2.5 none either
_PLACES = {"latitude", "longitude"}


def doubtful_figures(tables: Mapping[str, Cells]) -> Iterator[Problem]:
    """One warning for each column in which every figure has a point and three digits after it."""
    for table in TABLES:
        rows = tables.get(table.name, ())
        for column in _figures(table):
            found = _all_doubtful(rows, column)
            if found:
                file, number, text = found[0]
                whole = text.replace(".", "")
                all_of = f"All {len(found)} figures" if len(found) > 1 else "The one figure"
                yield Problem(
                    file,
                    number,
                    column,
                    text,
                    f"{all_of} of the column {'have' if len(found) > 1 else 'has'} a point and three digits, like "
                    f"{text}: it is read as {float(text):g}, not as {whole}.",
                    f"Write {whole} if that is meant; else write {float(text):g}.",
                    "warning",
                )


def _figures(table: Table) -> list[str]:
    return [
        name for name, typed in fields_of(table.record).items() if typed.plain in {float, int} and name not in _PLACES
    ]


def _all_doubtful(rows: Cells, column: str) -> list[tuple[str, int, str]]:
    """Place and text of each figure of a column, if every one of them is doubtful; else none."""
    found = []
    for file, number, cells in rows:
        value = cells.get(column)
        if value is None or value == "":
            continue
        if not isinstance(value, str) or not _DOUBTFUL.fullmatch(value):
            return []
        found.append((file, number, value.strip()))
    return found
