"""Periods of a calendar as years, quarters and parts of a year, for tables that count so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from planner.instance.periods import Periods

_LABEL = re.compile(r"(\d{4})(?:(Q[1-4])|-(\d{2})|-(W\d{2}))?")
WHOLE_YEAR = "Year"


def year_and_part(periods: Periods, label: str) -> tuple[int, str] | None:
    """The year of a period and its part of it (`Q1`, `01`, `W05`; `Year` for all); None for a plain label."""
    found = _LABEL.fullmatch(label) if periods.length is not None else None
    if found is None:
        return None
    return int(found[1]), found[2] or found[3] or found[4] or WHOLE_YEAR


def spoken(label: str) -> str:
    """The label of a period as a sentence has it: a label that is only a number becomes `period 3`."""
    return f"period {label}" if label.isdecimal() and len(label) < 4 else label


def spoken_window(labels: Sequence[str]) -> str:
    """Periods in a sentence: `2027Q1 to 2028Q4`, `2027Q1` or `period 1 to 3`."""
    return spoken(labels[0]) if len(labels) == 1 else f"{spoken(labels[0])} to {labels[-1]}"


def quarter_of(periods: Periods, label: str) -> str:
    """The quarter in which a period lies, e.g. `2027Q1`, a week's by its Thursday; a year or plain label as it is."""
    found = year_and_part(periods, label)
    if found is None or found[1] == WHOLE_YEAR:
        return label
    year, part = found
    if part.startswith("Q"):
        return label
    if part.startswith("W"):
        thursday = date.fromisocalendar(year, int(part[1:]), 4)
        year, month = thursday.year, thursday.month
    else:
        month = int(part)
    return f"{year:04d}Q{(month + 2) // 3}"
