"""Figures in sentences: few digits, but enough that different figures look different."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

WHOLE = 1000
PLAIN = 4  # usual number of digits
MOST = 12  # figures that agree in so many digits count as equal
TOLERATED = 2e-7  # relative; more than the tolerance of a second solve
MILLION = 1e6


def amount_of(figure: float, digits: int = PLAIN) -> str:
    """A quantity as people write it: four digits, or whole units from 1,000 on; more digits where asked for."""
    if abs(figure) < WHOLE:
        return f"{figure:.{digits}g}"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(figure)))) if digits > PLAIN else 0
    text = f"{figure:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text


def exact(figure: float) -> str:
    """A figure with all its digits (at most 12), for instructions that are to be followed to the letter."""
    return amount_of(round(figure, MOST), MOST)


@dataclass(frozen=True)
class Amounts:
    """The number of digits of each figure in some sentences, chosen so that different figures look different.

    Attributes:
        digits: digits of all figures.
        room: by how much the figures clash, in their unit; a sum of them is rounded to a fraction of this, so that the
            clash still shows.
        more: figures that need more digits to be told from another one, with their number of digits.
    """

    digits: int = PLAIN
    room: float = math.inf
    more: dict[float, int] = field(default_factory=dict)

    @classmethod
    def apart(cls, figures: Iterable[float], digits: int = PLAIN, room: float = math.inf) -> Amounts:
        """Choose digits so that figures that differ are written differently.

        Args:
            figures: all figures that will be written.
            digits: digits that each figure has at least.
            room: by how much the figures clash, in their unit; infinite where they do not.
        """
        found = {figure: digits for figure in figures if math.isfinite(figure)}
        for wanted in range(digits + 1, MOST + 1):
            alike: dict[str, list[float]] = {}
            for figure, own in found.items():
                alike.setdefault(amount_of(figure, own), []).append(figure)
            hidden = [figure for same in alike.values() if len(same) > 1 for figure in same]
            if not hidden:
                break
            found |= dict.fromkeys(hidden, wanted)
        return cls(digits, room, {figure: own for figure, own in found.items() if own > digits})

    def of(self, figure: float) -> str:
        """A figure as text, with the digits chosen for it."""
        return amount_of(figure, self.more.get(figure, self.digits))

    def span(self, figures: Sequence[float], word: str = " to ") -> str:
        """One figure, or the smallest and the largest with `word` between them."""
        low, high = self.of(min(figures)), self.of(max(figures))
        return low if low == high else f"{low}{word}{high}"

    def total(self, figures: Sequence[float]) -> str:
        """The sum of figures as text; in millions where it is large and stands for several figures."""
        if len(figures) == 1:
            return self.of(figures[0])
        total = math.fsum(figures)
        unit, word = (MILLION, " M") if total >= MILLION else (1.0, "")
        for digits in range(self.digits, MOST):
            text = amount_of(total / unit, digits)
            if abs(_read(text) * unit - total) <= self.room / 4:
                break
        return f"{text}{word}"


def _read(text: str) -> float:
    return float(text.replace(",", ""))


def digits_for(figures: Sequence[float], weights: Sequence[float], room: float) -> int:
    """The fewest digits with which the figures of a conflict, as written, still contradict each other.

    Args:
        figures: what is written.
        weights: factor of each figure in the sum whose sign proves the conflict.
        room: by how much the sum passes what is allowed.
    """
    for digits in range(PLAIN, MOST):
        errors = (
            abs(weight * (figure - _read(amount_of(figure, digits))))
            for figure, weight in zip(figures, weights, strict=True)
        )
        if math.fsum(errors) <= room / 2:
            return digits
    return MOST


def at_least(figure: float, digits: int = PLAIN, tolerated: float = TOLERATED) -> float:
    """A needed quantity rounded up to few digits, so that providing the rounded quantity is enough.

    Args:
        figure: the quantity.
        digits: significant digits; whole units from 1,000 on where they are the usual ones.
        tolerated: relative; what is above a step by no more is noise, and not rounded up for.
    """
    return _stepped(figure, digits, math.ceil, 1 - tolerated)


def at_most(figure: float, digits: int = PLAIN, tolerated: float = TOLERATED) -> float:
    """An allowed quantity rounded down to few digits, as `at_least`; 0 where it is within the solver's tolerance."""
    return 0.0 if figure <= TOLERATED else _stepped(figure, digits, math.floor, 1 + tolerated)


def _stepped(figure: float, digits: int, rounded: Callable[[float], int], allowance: float) -> float:
    """A figure rounded by `rounded` to some digits, after multiplying it by an allowance for noise."""
    size = max(abs(figure), 1e-9)
    exponent = math.floor(math.log10(size)) - digits + 1
    if size >= WHOLE and digits == PLAIN:
        exponent = 0
    steps = rounded(figure / 10.0**exponent * allowance)
    return float(steps * 10**exponent) if exponent >= 0 else float(steps / 10**-exponent)
