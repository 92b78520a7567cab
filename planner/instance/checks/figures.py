"""A warning about figures such as `2.000`, which may mean two, or two thousand in German or Brazilian notation."""

from __future__ import annotations

from collections.abc import Iterator

from planner.errors import Problem
from planner.instance.cells import COORDINATES, RowReader
from planner.instance.field_types import fields_of


def doubtful_figures(reader: RowReader) -> Iterator[Problem]:
    """One warning for each column of a read table in which every figure has a point followed by three digits."""
    typed = fields_of(reader.record)
    for file, number, column, text, count in reader.doubtful():
        if typed[column].plain not in {float, int} or column in COORDINATES:
            continue
        whole = text.replace(".", "")
        all_of = f"All {count} figures" if count > 1 else "The one figure"
        yield Problem(
            file,
            number,
            column,
            text,
            f"{all_of} of the column {'have' if count > 1 else 'has'} a point and three digits, like "
            f"{text}: it is read as {float(text):g}, not as {whole}.",
            f"Write {whole} if that is meant; else write {float(text):g}.",
            "warning",
        )
