"""Periods: the calendar of an instance, and the windows that tables write over it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from planner.errors import nearest

PERIODS_A_YEAR = {"month": 12, "quarter": 4, "year": 1}
_FIRST = {
    "month": re.compile(r"([0-9]{4})-([0-9]{2})"),
    "quarter": re.compile(r"([0-9]{4})Q([1-4])"),
    "year": re.compile(r"([0-9]{4})()"),
}
_FORM = {"month": "2027-01", "quarter": "2027Q1", "year": "2027"}
LONGEST_HORIZON = 1200
HORIZON = "horizon"  # in tables: all periods of a window together


@dataclass(frozen=True)
class Periods:
    """The planned periods, in order.

    Attributes:
        labels: one label a period, e.g. ("2027Q1", "2027Q2").
        length: "month", "quarter" or "year"; None for plain labels.
    """

    labels: tuple[str, ...]
    length: str | None = None

    @classmethod
    def calendar(cls, first: str, count: int, length: str) -> Periods:
        """Calendar periods from `first` on.

        Raises:
            ValueError: `first` is not written as the length asks, or `count` is not between 1 and 1200.
        """
        if length not in PERIODS_A_YEAR:
            raise ValueError(f"'{length}' is no length of a period. {nearest(length, PERIODS_A_YEAR)}")
        if not 1 <= count <= LONGEST_HORIZON:
            raise ValueError(f"count is {count}; give a number from 1 to {LONGEST_HORIZON}.")
        match = _FIRST[length].fullmatch(first)
        a_year = PERIODS_A_YEAR[length]
        if match is None or not 1 <= int(match[2] or 1) <= a_year:
            raise ValueError(f"'{first}' is not the label of a {length}; write it like {_FORM[length]}.")
        start = int(match[1]) * a_year + int(match[2] or 1) - 1
        return cls(tuple(_label(index, length) for index in range(start, start + count)), length)

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def index(self) -> dict[str, int]:
        """The position of each label."""
        return {label: position for position, label in enumerate(self.labels)}

    @property
    def years_a_period(self) -> float:
        """Length of a period in years; 1 for plain labels, whose discount rate is a period's."""
        return 1.0 if self.length is None else 1.0 / PERIODS_A_YEAR[self.length]

    def window(self, text: str) -> range:
        """The positions that a label, `*`, or a window `a..b` (open ends allowed) covers.

        Raises:
            ValueError: an unknown label, or a window that ends before it starts.
        """
        if text == "*":
            return range(len(self))
        if ".." not in text:
            position = self._position(text)
            return range(position, position + 1)
        first, _, last = text.partition("..")
        start = self._position(first) if first else 0
        stop = self._position(last) if last else len(self) - 1
        if stop < start:
            raise ValueError(f"The window '{text}' ends before it starts.")
        return range(start, stop + 1)

    def _position(self, label: str) -> int:
        try:
            return self.index[label]
        except KeyError:
            hint = nearest(label, self.labels)
            raise ValueError(
                f"'{label}' is not a planned period ({self.labels[0]} to {self.labels[-1]}). {hint}"
            ) from None

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


def _label(index: int, length: str) -> str:
    a_year = PERIODS_A_YEAR[length]
    year, part = divmod(index, a_year)
    return {"month": f"{year:04d}-{part + 1:02d}", "quarter": f"{year:04d}Q{part + 1}", "year": f"{year:04d}"}[length]
