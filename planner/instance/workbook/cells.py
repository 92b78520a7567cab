"""From a workbook's cell to the text that its column expects, or what is wrong with the cell."""

from __future__ import annotations

import bisect
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from operator import itemgetter

from planner.instance.cells import DOUBTFUL
from planner.instance.kinds import Kind, number_text
from planner.instance.labels import read_span

_NUMBERS = (Kind.NUMBER, Kind.COUNT)


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a cell, and its remedy; `shown` is what the cell shows."""

    shown: str
    message: str
    remedy: str


def cell_text(kind: Kind, cell: Sequence[str], labels: Sequence[str], *, plain: bool = True) -> str | Trouble:
    """The text of a cell as (kind, text, style), for a column of a kind; `labels` are those of the planned periods.

    A figure that is text is refused where its point may stand between thousands, but for figures that are never so
    large (`plain` is false). Numbers come as they are stored, whatever their format shows: 0.92 shown as 92 % is 0.92.
    """
    form, text, style = cell
    if form == "e":
        return Trouble(text, f"The cell shows the error {text}.", "Mend its formula, or write the value.")
    if form == "f":
        return Trouble(
            text,
            "The cell has a formula whose value is not stored.",
            "Open the workbook in a spreadsheet program and save it, or write the value.",
        )
    if form == "n":
        return _number(kind, text, style)
    if form == "d":
        return _date(kind, text, style, labels)
    if form == "b":
        return {"TRUE": "yes", "FALSE": "no"}[text] if kind is Kind.YES_NO else text
    return text if kind is Kind.TEXT else _typed(kind, text.strip(), plain=plain)


def _typed(kind: Kind, text: str, *, plain: bool) -> str | Trouble:
    """The text of a text cell in a column that expects a figure or id."""
    if kind in _NUMBERS and text.endswith("%"):
        return Trouble(
            text,
            f"'{text[:60]}' is text, not a number.",
            f"Give the cell a number format and type it again{_as_share(text)}.",
        )
    if plain and kind in _NUMBERS and DOUBTFUL.fullmatch(text):  # what is typed into a sheet as a number is no text
        decimal, whole = f"{float(text):g}", text.replace(".", "")
        return Trouble(
            text,
            f"'{text}' is text, and can be {decimal} or {whole}.",
            f"Give the cell a number format and type {whole} or {decimal}.",
        )
    return text


def _as_share(text: str) -> str:
    """What a percentage is as a figure, where it can be told: its decimal point may be a comma."""
    try:
        share = Decimal(text.removesuffix("%").strip().replace(",", ".")) / 100
    except InvalidOperation:
        return "; 92 % is 0.92"
    return f"; {text.removesuffix('%').strip()} % is {share.normalize():f}" if share.is_finite() else "; 92 % is 0.92"


def _number(kind: Kind, text: str, style: str) -> str | Trouble:
    plain = number_text(text)
    if kind in _NUMBERS or kind is Kind.YES_NO:
        return plain
    if kind is Kind.ID and style == "E":
        return Trouble(
            plain,
            f"The cell holds the number {plain}, shown with an exponent: an id such as 1E5 was taken for a figure.",
            "Format the cell as text and type the id again.",
        )
    return plain.zfill(len(style)) if style.startswith("0") and plain.isdigit() else plain


def _date(kind: Kind, date: str, stored: str, labels: Sequence[str]) -> str | Trouble:
    """A date cell as text or as a period that it names; an error elsewhere, as spreadsheets make dates of ids."""
    if kind is Kind.TEXT:
        return date
    if kind is Kind.PERIOD:
        forms = [date, *([date.removesuffix("-01")] if date.endswith("-01") else [])]
        found = [form for form in forms if form in labels]
        if len(found) == 1:
            return found[0]
        meant = _period_of(date, tuple(labels))
        form = f"like {labels[0]}" if labels else "like 2027Q1 or 2027-01"
        remedy = f"Format the cell as text and write {meant or f'the period {form}'}."
        return Trouble(date, f"The cell holds the date {date}, which is no planned period.", remedy)
    if kind in _NUMBERS:
        number = f" (stored as {number_text(stored)})" if stored else ""
        remedy = "Give the cell a number format and type the figure again."
        return Trouble(date, f"The cell holds a date, {date}{number}, where a number is wanted.", remedy)
    return Trouble(
        date,
        f"The cell holds the date {date}: the spreadsheet has made it of what was typed.",
        "Format the cell as text and type it again.",
    )


def _period_of(date: str, labels: tuple[str, ...]) -> str:
    """The planned period in which a date lies; "" for none."""
    spans = _spans(labels)
    at = bisect.bisect_right(spans, date, key=itemgetter(0)) - 1
    return spans[at][2] if at >= 0 and date <= spans[at][1] else ""


@functools.lru_cache(maxsize=4)
def _spans(labels: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """The first and the last day of each period that is of a calendar, and its label, in order."""
    spans = [(read_span(label), label) for label in labels]
    return sorted((span.first.isoformat(), span.last.isoformat(), label) for span, label in spans if span is not None)
