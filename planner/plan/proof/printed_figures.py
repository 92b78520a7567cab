"""Printed figures as exact decimals, each with the width of the interval in which the unrounded figure lies.

A printed figure has nine significant digits, so the unrounded figure lies within half a unit of its ninth digit. Sums
and products of decimals are decimals, so nothing is rounded here: a step that is not exact raises an error.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow, localcontext

import numpy as np

from planner.plan.rounding import TABLE_DIGITS
from planner.solve.solution import Array

ZERO, INFINITY = Decimal(0), Decimal("Infinity")
EXACT = Context(prec=5000, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
HALF = Decimal("0.501")  # of a unit of the last digit: rounding passes through twelve digits
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")


@contextlib.contextmanager
def exact_arithmetic() -> Iterator[None]:
    """A context for computing with decimals in which a sum, difference or product that is not exact raises an error."""
    with localcontext(EXACT):
        yield


@dataclass(frozen=True)
class Figures:
    """Figures of a table's column, or figures computed from such.

    Attributes:
        value: the figures, as decimals.
        width: by how much each unrounded figure may differ from its value, as decimals.
        known: flags for cells that are figures; the value of the others is 0.
    """

    value: Array
    width: Array
    known: Array

    def take(self, at: Array) -> Figures:
        """The figures at some positions; where a position is -1 the figure is 0."""
        there = at >= 0
        parts = (zeros(len(at)), zeros(len(at)), np.ones(len(at), dtype=bool))
        for part, own in zip(parts, (self.value, self.width, self.known), strict=True):
            part[there] = own[at[there]]
        return Figures(*parts)

    def times(self, factors: Array) -> Figures:
        """The figures, each times a decimal."""
        return Figures(self.value * factors, self.width * np.abs(factors), self.known)

    def plus(self, other: Figures) -> Figures:
        """The figures, each plus another one."""
        return Figures(self.value + other.value, self.width + other.width, self.known & other.known)

    def added(self, groups: Array, count: int) -> Figures:
        """The sums of the figures by group; each group is a number below `count`, or -1 for what is left out."""
        value, width = zeros(count), zeros(count)
        used = groups >= 0
        np.add.at(value, groups[used], self.value[used])
        np.add.at(width, groups[used], self.width[used])
        return Figures(value, width, np.ones(count, dtype=bool))

    def floats(self) -> Array:
        """The values in double precision; NaN where they are not known."""
        found = self.value.astype(float)
        found[~self.known] = np.nan
        return found


def zeros(count: int) -> Array:
    """So many decimal zeros."""
    return np.full(count, ZERO, dtype=object)


def decimals(figures: Array) -> Array:
    """Figures in double precision as decimals: each the shortest one that stands for it, as people write it."""
    flat = np.asarray(figures, dtype=float)
    values, inverse = np.unique(flat, return_inverse=True)
    texts = [Decimal(repr(value)) for value in values.tolist()]
    found = np.empty(len(texts), dtype=object)
    found[:] = texts
    return np.asarray(found[inverse.reshape(flat.shape)])


def unrounded(figures: Array) -> Figures:
    """Figures that are not rounded, such as those of the instance and the policy; NaN means unknown."""
    known = ~np.isnan(np.asarray(figures, dtype=float))
    return Figures(decimals(np.where(known, figures, 0.0)), zeros(len(known)), known)


def printed(texts: Sequence[str]) -> tuple[Figures, dict[int, str]]:
    """The figures of a column, and by position what is wrong with texts that are no figures.

    An empty text is not an error here.
    """
    count = len(texts)
    value, width, known = zeros(count), zeros(count), np.zeros(count, dtype=bool)
    wrong: dict[int, str] = {}
    for at, text in enumerate(texts):
        if text == "":
            continue
        if not NUMBER.fullmatch(text):
            wrong[at] = "is no finite figure"
            continue
        number = Decimal(text)
        if _digits(number) > TABLE_DIGITS:
            wrong[at] = f"has more than {TABLE_DIGITS} digits"
            continue
        value[at], known[at] = number, True
        if number:
            width[at] = HALF.scaleb(number.adjusted() - TABLE_DIGITS + 1)
    return Figures(value, width, known), wrong


def _digits(number: Decimal) -> int:
    """The significant digits of a decimal."""
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    return len(digits)
