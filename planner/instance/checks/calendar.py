"""Warnings about calendars that are probably not meant: a yearly rate on weekly labels, capacity that ends early."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from planner.errors import Problem
from planner.instance.checks.draft import Draft
from planner.instance.labels import FORM, Span
from planner.instance.periods import LONGEST_HORIZON, PERIODS_A_YEAR, Periods

LARGEST_POWER = 100.0
MOST_SHOWN = 1e4
_DAYS = {"day": 1, "week": 7, "month": 30.436875, "quarter": 91.310625, "year": 365.2425}
_WORDS = {  # how a plain label may begin, whatever follows
    "week": re.compile(r"(week|wk|kw|cw|w)[ _.-]?[0-9]", re.IGNORECASE),
    "month": re.compile(r"(month|mon|m)[ _.-]?[0-9]|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE),
    "quarter": re.compile(r"(quarter|qtr|q)[ _.-]?[0-9]|[1-4]q", re.IGNORECASE),
    "day": re.compile(r"(day|d)[ _.-]?[0-9]|(mon|tue|wed|thu|fri|sat|sun)(day)?$", re.IGNORECASE),
}


def check_discount_rate(draft: Draft) -> Iterator[Problem]:
    """Where plain labels look shorter than a year, a yearly discount rate would be applied a period (warning)."""
    rate, periods = draft.settings.discount_rate, draft.periods
    if rate <= 0 or periods.length is not None or len(periods) < 2:
        return
    length = _length(periods)
    if length is None or length == "year":
        return
    a_year = _DAYS["year"] / _DAYS[length]
    grown, right = (math.expm1(min(years * math.log1p(rate), LARGEST_POWER)) for years in (a_year, 1.0 / a_year))
    first, second = periods.labels[:2]
    written = f"periods: {{first: {_first(periods, length)}, count: {len(periods)}, length: {length}}}"
    instead = f"write {written} for a rate a year, or " if length in PERIODS_A_YEAR else ""
    yield Problem(
        draft.settings_file,
        None,
        "discount_rate",
        f"{rate:g}",
        f"With plain labels the discount rate counts a period, and these ({first}, {second}, ...) look like {length}s: "
        f"{_rate(rate)} a {length} is {_rate(grown)} a year.",
        f"If {_rate(rate)} a year is meant, {instead}give the rate of a {length}, {right:.2g}.",
        "warning",
    )


def check_one_label(draft: Draft) -> Iterator[Problem]:
    """A number of periods where a calendar is expected is read as a single period of that name (warning)."""
    labels = draft.periods.labels
    if len(labels) == 1 and draft.periods.length is None and labels[0].isdecimal():
        count = int(labels[0])
        if 1 < count <= LONGEST_HORIZON:
            yield Problem(
                draft.settings_file,
                None,
                "periods",
                labels[0],
                f"One period is planned, called {count}.",
                f"For {count} periods write a calendar, e.g. {FORM['quarter']}..{_last_quarter(count)}.",
                "warning",
            )


def check_capacity_gaps(draft: Draft) -> Iterator[Problem]:
    """A capacity that is given for some periods is given for all that follow (warning): where no row is, it is 0."""
    count = len(draft.periods)
    given: dict[tuple[str, str], set[int]] = defaultdict(set)
    last: dict[tuple[str, str], tuple[int, str, int, str]] = {}  # end of the latest window, and its row
    for file, number, row in draft.rows.get("capacities", ()):
        window, key = draft.window(row.period), row.line
        given[key].update(window)
        last[key] = max(last.get(key, (-1, "", 0, "")), (window.stop, file, number, row.period))
    if not draft.whole("capacities"):
        return
    for (site, resource), found in given.items():
        missing = sorted(set(range(min(found, default=count), count)) - found)
        if missing:
            _, file, number, period = last[site, resource]
            name = site if resource == site else f"{resource} at {site}"
            windows = ", ".join(draft.periods.windows(missing))
            yield Problem(
                file,
                number,
                "period",
                period,
                f"The capacity of {name} has no row for {windows}, so it is 0 there.",
                "Add the periods to a window (`*` is all of them, `P..` from P on), or a row with 0 if that is meant.",
                "warning",
            )


def _last_quarter(count: int) -> str:
    return Periods.calendar(FORM["quarter"], count, "quarter").labels[-1]


def _rate(share: float) -> str:
    if share >= MOST_SHOWN:
        return "millions of %"
    return f"{100 * share:,.0f} %" if share >= 1 else f"{100 * share:.3g} %"


def _length(periods: Periods) -> str | None:
    """The length of period that all labels look like; None where they look like none."""
    spans = [span for span in periods.spans if span is not None]
    if len(spans) == len(periods):
        return _spacing(spans)
    return next((length for length, word in _WORDS.items() if all(map(word.match, periods.labels))), None)


def _spacing(spans: Sequence[Span]) -> str:
    """The length of periods with known days: that of their labels, or from the distance between them."""
    if spans[0].length != "day":
        return spans[0].length
    days = (spans[-1].first - spans[0].first).days / (len(spans) - 1)
    return min(_DAYS, key=lambda length: abs(_DAYS[length] - days))


def _first(periods: Periods, length: str) -> str:
    """The label of the first period as a calendar writes it, where its days are known; else an example."""
    span = periods.spans[0]
    if span is None:
        return FORM.get(length, "")
    return Span(length, span.first, span.last).label
