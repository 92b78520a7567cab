"""Labels of calendar periods as people write them: `Q2 2027`, `2027/01`, `Jan 27`, `2027W5`, `2027-02-15`.

They are only recognised in order to suggest the right label: an instance takes one spelling for each length of period.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

FORM = {"week": "2027-W05", "month": "2027-01", "quarter": "2027Q1", "year": "2027"}
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_LETTERS = {"q": "quarter", "qtr": "quarter", "quarter": "quarter", "m": "month", "month": "month"}
_LETTERS |= {"w": "week", "wk": "week", "week": "week", "kw": "week", "cw": "week"}  # kw, cw: calendar week
_READABLE = re.compile(r"[a-z0-9\s_./',-]{1,30}")
_SEPARATOR = re.compile(r"\s*(?:\.{2,}|[…–—:]|\s-\s|\bto\b)\s*")
_LONGEST_WINDOW = 100


@dataclass(frozen=True)
class Span:
    """A range of days that a label names.

    Attributes:
        length: "day", "week" (ISO, from Monday), "month", "quarter" or "year".
        first: its first day.
        last: its last day.
    """

    length: str
    first: date
    last: date

    @property
    def label(self) -> str:
        """The label as an instance writes it, e.g. 2027-W05, 2027-01, 2027Q1 or 2027; a day as 2027-01-31."""
        year, week, _ = self.first.isocalendar()
        return {
            "day": self.first.isoformat(),
            "week": f"{year:04d}-W{week:02d}",
            "month": f"{self.first.year:04d}-{self.first.month:02d}",
            "quarter": f"{self.first.year:04d}Q{(self.first.month + 2) // 3}",
            "year": f"{self.first.year:04d}",
        }[self.length]


def read_span(text: str) -> Span | None:
    """The day, week, month, quarter or year that a label means in any common spelling; None where it means none."""
    lowered = text.lower().strip()
    if not _READABLE.fullmatch(lowered):
        return None
    parts = re.findall(r"[0-9]+|[a-z]+", lowered)
    words = [part for part in parts if part.isalpha()]
    numbers = [part for part in parts if not part.isalpha()]
    try:
        if not words:
            return _of_numbers(numbers)
        if len(words) > 1 or len(words) == len(parts):
            return None
        length = _LETTERS.get(words[0])
        if length is not None:
            return _of_letter(length, numbers, year_first=parts[0] == numbers[0])
        return _of_month(words[0], numbers)
    except (ValueError, OverflowError):  # no such day, week or month
        return None


def split_window(text: str) -> tuple[str, str] | None:
    """The two ends of a window separated by `..`, a colon, a dash or `to`; None where the text is no window."""
    if len(text) > _LONGEST_WINDOW:
        return None
    ends = _SEPARATOR.split(text.strip())
    if len(ends) == 2 and any(ends):
        return ends[0], ends[1]
    for dash in re.finditer("-", text):  # 2027Q1-2027Q4: where both sides are labels of one length
        first, last = text[: dash.start()], text[dash.end() :]
        spans = read_span(first), read_span(last)
        if spans[0] is not None and spans[1] is not None and spans[0].length == spans[1].length:
            return first, last
    return None


def _of_numbers(numbers: list[str]) -> Span | None:
    if len(numbers) == 3 and len(numbers[0]) == 4:
        day = date(*(int(part) for part in numbers))
        return Span("day", day, day)
    if len(numbers) == 2:
        year, month = numbers if len(numbers[0]) == 4 else numbers[::-1]
        return _month(int(year), int(month)) if len(year) == 4 and len(month) <= 2 else None
    return _year(int(numbers[0])) if len(numbers) == 1 and len(numbers[0]) == 4 else None


def _of_letter(length: str, numbers: list[str], *, year_first: bool) -> Span | None:
    """`2027Q1`, `Q1 2027`, `1Q27`: the year is the number of four digits, else of two; the part is the other one."""
    if len(numbers) != 2:
        return None
    lengths = [len(part) for part in numbers]
    if (lengths[0] == 4) != (lengths[1] == 4):
        first = lengths[0] == 4
    elif sorted(lengths) == [1, 2]:
        first = lengths[0] == 2
    elif lengths == [2, 2]:
        first = year_first
    else:
        return None
    year, part = numbers if first else numbers[::-1]
    return _part(length, _full_year(year), int(part)) if len(part) <= 2 else None


def _of_month(word: str, numbers: list[str]) -> Span | None:
    """`Jan 2027`, `Jan-27`, `2027 January`; `15 Jan 2027` is a day."""
    month = next((at for at, name in enumerate(_MONTHS, start=1) if name.startswith(word)), None)
    if month is None or len(word) < 3:
        return None
    if len(numbers) == 1 and len(numbers[0]) in {2, 4}:
        return _month(_full_year(numbers[0]), month)
    if len(numbers) == 2 and len(numbers[1]) == 4 and len(numbers[0]) <= 2:
        day = date(int(numbers[1]), month, int(numbers[0]))
        return Span("day", day, day)
    return None


def _full_year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _part(length: str, year: int, part: int) -> Span | None:
    if length == "week":
        first = date.fromisocalendar(year, part, 1)
        return Span("week", first, first + timedelta(days=6))
    if length == "month":
        return _month(year, part)
    if not 1 <= part <= 4:
        return None
    return Span("quarter", date(year, 3 * part - 2, 1), _month(year, 3 * part).last)


def _month(year: int, month: int) -> Span:
    first = date(year, month, 1)
    return Span("month", first, first.replace(day=calendar.monthrange(year, month)[1]))


def _year(year: int) -> Span:
    return Span("year", date(year, 1, 1), date(year, 12, 31))
