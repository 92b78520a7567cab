"""Periods: the calendar of an instance, and the windows by which tables refer to its periods."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from planner.errors import nearest
from planner.instance.fields import shown
from planner.instance.labels import FORM, Span, read_span, split_window

PERIODS_A_YEAR = {"week": 52.1775, "month": 12, "quarter": 4, "year": 1}  # a year of the calendar has 365.2425 days
_FIRST = {
    "week": re.compile(r"([0-9]{4})-W([0-9]{2})"),
    "month": re.compile(r"([0-9]{4})-([0-9]{2})"),
    "quarter": re.compile(r"([0-9]{4})Q([1-4])"),
    "year": re.compile(r"([0-9]{4})()"),
}
LONGEST_HORIZON = 1200
LAST_YEAR = 9999
HORIZON = "horizon"  # in tables: all periods of a window together
CALENDARS = "2027Q1..2028Q4, {first: 2027Q1, count: 8, length: quarter}, or a list of plain labels [P1, P2]"


class PeriodError(ValueError):
    """A label, window or calendar is wrong; with how to write it.

    Attributes:
        message: what is wrong, in one sentence.
        remedy: how to mend it.
        field: the field of a calendar that is wrong; empty where there is none.
    """

    def __init__(self, message: str, remedy: str, field: str = "") -> None:
        self.message, self.remedy, self.field = message, remedy, field
        super().__init__(f"{message} {remedy}")


@dataclass(frozen=True)
class Periods:
    """The planned periods, in order.

    Attributes:
        labels: one label a period, e.g. ("2027Q1", "2027Q2").
        length: "week" (ISO, from Monday; a year has 52 or 53), "month", "quarter" or "year"; None for plain labels.
    """

    labels: tuple[str, ...]
    length: str | None = None

    @classmethod
    def calendar(cls, first: str, count: int, length: str) -> Periods:
        """Calendar periods from `first` on.

        Raises:
            PeriodError: `first` is not written as the length asks, `count` is not between 1 and 1200, or the periods
                go beyond the year 9999.
        """
        if length not in PERIODS_A_YEAR:
            raise PeriodError(f"'{shown(length)}' is no length of a period.", nearest(length, PERIODS_A_YEAR), "length")
        if not 1 <= count <= LONGEST_HORIZON:
            raise PeriodError(f"count is {count}.", f"Give a number of periods from 1 to {LONGEST_HORIZON}.", "count")
        start = _index(first, length)
        try:
            return cls(tuple(_label(index, length) for index in range(start, start + count)), length)
        except (ValueError, OverflowError):
            raise PeriodError("The periods go past the year 9999.", "Begin earlier, or plan fewer.", "count") from None

    @classmethod
    def between(cls, text: str) -> Periods:
        """Calendar periods from a window of two labels of one length, e.g. 2027Q1..2028Q4, 2027-W05..2027-W20.

        Raises:
            PeriodError: it is no such window.
        """
        quoted = f"'{shown(text)}'"
        ends = split_window(text) or (text, "")
        first, last = (read_span(end) for end in ends)
        if first is None or last is None or not {first.length, last.length} <= PERIODS_A_YEAR.keys():
            alone = first is not None and first.length in PERIODS_A_YEAR
            remedy = f"Write the last one too: {first.label}..{first.label} for one period." if first and alone else ""
            raise PeriodError(f"{quoted} is no calendar.", remedy or f"Write {CALENDARS}.")
        if first.length != last.length:
            raise PeriodError(
                f"{quoted} begins with a {first.length} and ends with a {last.length}.",
                f"Write both as weeks, months, quarters or years, e.g. {CALENDARS.split(',', maxsplit=1)[0]}.",
            )
        if text != f"{first.label}..{last.label}":
            raise PeriodError(f"{quoted} is not how a calendar is written.", f"Write {first.label}..{last.label}.")
        count = _index(last.label, first.length) - _index(first.label, first.length) + 1
        if count < 1:
            raise PeriodError(f"The window {quoted} ends before it starts.", f"Write {last.label}..{first.label}.")
        if count > LONGEST_HORIZON:
            raise PeriodError(f"{quoted} are {count} periods.", f"Plan at most {LONGEST_HORIZON}, or longer ones.")
        return cls.calendar(first.label, count, first.length)

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def index(self) -> dict[str, int]:
        """The position of each label in the horizon, from 0."""
        return {label: position for position, label in enumerate(self.labels)}

    @property
    def years_a_period(self) -> float:
        """Length of a period in years; 1 for plain labels, whose discount rate is a period's."""
        return 1.0 if self.length is None else 1.0 / PERIODS_A_YEAR[self.length]

    @property
    def weeks_a_period(self) -> float:
        """Length of a period in weeks; NaN for plain labels, whose length is not known."""
        return math.nan if self.length is None else PERIODS_A_YEAR["week"] * self.years_a_period

    @property
    def years(self) -> tuple[float, ...]:
        """Time from the start of the first period to the start of each, in years of the calendar, for discounting.

        A year has four equal quarters and twelve equal months, so that the k-th lies k / 4 or k / 12 years after the
        first. Weeks do not divide a year: the k-th lies 7 k days after the first, and a year has 365.2425 days (52.1775
        weeks, the mean of the calendar), whether its ISO year has 52 or 53 of them. Plain labels have no length: k.
        """
        a_year = 1 if self.length is None else PERIODS_A_YEAR[self.length]
        return tuple(position / a_year for position in range(len(self)))

    @cached_property
    def spans(self) -> tuple[Span | None, ...]:
        """The days that each label means; None for a plain label that is no calendar period."""
        return tuple(read_span(label) for label in self.labels)

    def window(self, text: str) -> range:
        """The positions that a label, `*`, or a window `a..b` (open ends allowed) covers.

        Raises:
            PeriodError: an unknown label, or a window that ends before it starts.
        """
        if text == "*":
            return range(len(self))
        if ".." not in text:
            position = self._position(text, text)
            return range(position, position + 1)
        first, _, last = text.partition("..")
        start = self._position(first, text) if first else 0
        stop = self._position(last, text) if last else len(self) - 1
        if stop < start:
            raise PeriodError(
                f"The window '{shown(text)}' ends before it starts.", f"Write it as first..last: {last}..{first}."
            )
        return range(start, stop + 1)

    def found(self, text: str) -> range:
        """The positions of a window; empty where it is wrong, without the slow search for the reason."""
        if text != "*" and any(end and end not in self.index for end in text.partition("..")[::2]):
            return range(0)
        try:
            return self.window(text)
        except PeriodError:
            return range(0)

    def _position(self, label: str, text: str) -> int:
        """The position of a label in a window; raises PeriodError where there is none."""
        try:
            return self.index[label]
        except KeyError:
            planned = self.labels[0] if len(self) == 1 else f"{self.labels[0]} to {self.labels[-1]}"
            hint = self._window_hint(text) or self._label_hint(label)
            raise PeriodError(f"'{shown(label)}' is not a planned period ({planned}).", hint) from None

    def _window_hint(self, text: str) -> str | None:
        """How to write a window whose ends can be recognised, or several labels in one cell; None where neither is."""
        ends = split_window(text)
        if ends is not None:
            first, last = (self._nearest_label(end, at) if end else "" for end, at in zip(ends, (0, -1), strict=True))
            if first and last:
                return f"Write it as first..last: {first}..{last}."
            if first and last == "":
                return f"Write {first}.. with nothing after the two dots, for all periods from it on."
            if last and first == "":
                return f"Write ..{last} with nothing before the two dots, for all periods up to it."
        if text.strip().lower() in {"all", "any", "each", "every", "always"}:
            return "Write * for every period, or leave it empty where that is the default."
        parts = [part.strip() for part in re.split("[,;+|&]", text)]
        if len(parts) > 1 and all(part in self.index or read_span(part) is not None for part in parts):
            return "Write one label or one window first..last here, and one row for each."
        return None

    def _label_hint(self, text: str) -> str:
        """How to write a text that is not the label of a planned period."""
        span = read_span(text)
        within = self._within(span) if span is not None else []
        if span is None or (not within and self.length is None):
            return nearest(text[:60], self.labels)
        if not within:
            first = self.spans[0]
            when = "before the first" if first is not None and span.last < first.first else "after the last"
            return f"{span.label} lies {when} planned period: plan more periods, or name a planned one."
        window = self.window_text(within[0], within[-1])
        if len(within) == 1 and self.spans[within[0]] == span:
            return f"Write {window}."
        if len(within) == 1:
            return f"The {span.length} {span.label} lies in {window}: write that."
        return f"For the {span.length} {span.label}, write {window if window != '*' else '* (every period)'}."

    def _nearest_label(self, text: str, end: int) -> str | None:
        """The first (end 0) or last (end -1) planned period that overlaps what one end of a window means."""
        if text in self.index:
            return text
        span = read_span(text)
        within = self._within(span) if span is not None else []
        return self.labels[within[end]] if within else None

    def _within(self, span: Span) -> list[int]:
        """The positions of the periods that overlap a range of days."""
        return [
            position
            for position, known in enumerate(self.spans)
            if known is not None and known.first <= span.last and span.first <= known.last
        ]

    def windows(self, positions: Sequence[int]) -> list[str]:
        """The fewest windows that cover exactly `positions`."""
        found: list[str] = []
        ordered = sorted(set(positions))
        start = 0
        for end in range(1, len(ordered) + 1):
            if end < len(ordered) and ordered[end] == ordered[end - 1] + 1:
                continue
            first, last = ordered[start], ordered[end - 1]
            found.append(self.window_text(first, last))
            start = end
        return found

    def window_text(self, first: int, last: int) -> str:
        """The shortest text of the window from position `first` to `last`."""
        if first == 0 and last == len(self) - 1:
            return "*"
        return self.labels[first] if first == last else f"{self.labels[first]}..{self.labels[last]}"


def _index(label: str, length: str) -> int:
    """The number of a calendar period, counted from the year 0 (weeks: from the Monday of day 1)."""
    match = _FIRST[length].fullmatch(label)
    span = read_span(label)
    if match is None or span is None or span.length != length:
        meant = f"Write {span.label}." if span and span.length == length else f"Write it like {FORM[length]}."
        if span is not None and span.length != length and span.length in FORM and match is None:
            meant = f"Write it like {FORM[length]}, or length: {span.length}."
        raise PeriodError(f"'{shown(label)}' is not the label of a {length}.", meant, "first")
    if length == "week":
        return (span.first.toordinal() - 1) // 7
    a_year = int(PERIODS_A_YEAR[length])
    return int(match[1]) * a_year + int(match[2] or 1) - 1


def _label(index: int, length: str) -> str:
    if length == "week":
        year, week, _ = date.fromordinal(7 * index + 7).isocalendar()  # by its Sunday, which must exist
        return f"{year:04d}-W{week:02d}"
    year, part = divmod(index, int(PERIODS_A_YEAR[length]))
    if year > LAST_YEAR:
        raise ValueError(year)
    return {"month": f"{year:04d}-{part + 1:02d}", "quarter": f"{year:04d}Q{part + 1}", "year": f"{year:04d}"}[length]
