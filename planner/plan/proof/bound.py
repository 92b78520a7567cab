"""What the stored row weights prove, in exact decimals: that no plan costs less than a bound, or that none exists.

For any y, each with a sign for which its row has a side, and d = c - A'y, every plan x costs at least

    sum_i y_i * (side of row i) + sum_j d_j * (the bound of column j that d_j pays for)

by weak duality. Where d_j < 0 and column j has no upper bound, one is taken that every plan keeps which costs no more
than a ceiling (`planner/plan/proof/upper.py`). With c = 0 a sum above 0 is Farkas's proof that no plan exists.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from planner.plan.proof.printed_figures import ZERO, decimals, exact_arithmetic, zeros
from planner.plan.proof.rules import Rules
from planner.plan.proof.upper import UpperBounds
from planner.solve.solution import Array

PASSES = 30  # over the rows, to bring bounds of columns down
WORTH = Decimal("0.9")  # of what open columns take from the bound: a pass that leaves more is the last
COARSE = (None, 14, 12, 10, 9, 7)  # digits below the largest number that are kept; coarser ones cancel exactly


@dataclass(frozen=True)
class Bound:
    """The lower bound that some row weights prove.

    Attributes:
        value: the lower bound; None where a column with a negative reduced cost has no upper bound.
        implied: the number of columns without an upper bound for which the costs or the rows imply one.
        weights: the weights of the rows, as they were used.
    """

    value: Decimal | None
    implied: int
    weights: Array

    def above(self, other: Bound) -> bool:
        """Whether it proves more than another one."""
        return self.value is not None and (other.value is None or self.value > other.value)


def lower_bound(rules: Rules, weights: Array, enough: Decimal, ceiling: Decimal | None = None) -> Bound:
    """The best lower bound that row weights prove, as they are or rounded to fewer digits.

    Args:
        rules: the program.
        weights: the weight of each row.
        enough: the search stops at a bound of at least this.
        ceiling: cost above which no plan matters; None where costs are left out, to prove that no plan exists.
    """
    largest = float(np.abs(weights).max(initial=0.0))
    with exact_arithmetic():
        upper, best = UpperBounds(rules, ceiling), Bound(None, 0, weights)
        for digits in COARSE:
            used = weights
            if digits is not None and largest > 0:
                places = digits - math.floor(math.log10(largest))
                used = np.array([round(weight, places) for weight in weights.tolist()])
            found = _bound(rules, _signed(rules, used), enough, upper, priced=ceiling is not None)
            best = found if found.above(best) else best
            if best.value is not None and best.value > enough:
                break
    return best


def _signed(rules: Rules, weights: Array) -> Array:
    """The numbers as decimals, without those whose row has no side of that sign."""
    lower, upper = np.isfinite(rules.matrix.lower), np.isfinite(rules.matrix.upper)
    return decimals(np.where(((weights > 0) & lower) | ((weights < 0) & upper), weights, 0.0))


def _bound(rules: Rules, weights: Array, enough: Decimal, upper: UpperBounds, *, priced: bool) -> Bound:
    """The lower bound that decimals of the right signs prove."""
    lower_side, upper_side = rules.row_sides
    positive = np.array([weight > 0 for weight in weights.tolist()], dtype=bool)
    total = sum((weights * np.where(positive, lower_side, upper_side)).tolist(), ZERO)
    cost = rules.cost if priced else zeros(rules.layout.columns)
    reduced = cost - rules.by_column(rules.coefficient * weights[rules.matrix.row])
    pays = np.array([part < 0 for part in reduced.tolist()], dtype=bool)
    bounded = np.isfinite(rules.layout.numbers.upper)
    low, high = rules.bounds
    closed = ~pays | bounded
    total += sum((reduced * np.where(pays, high, low))[closed].tolist(), ZERO)
    open_above = np.flatnonzero(~closed)
    if not len(open_above):
        return Bound(total, 0, weights)
    taken: Decimal | None = None
    for _ in range(PASSES):
        before, taken = taken, upper.most_taken(open_above, reduced[open_above])
        if taken is not None and (total + taken > enough or (before is not None and taken < before * WORTH)):
            break
        if not upper.tighten():
            break
    taken = upper.most_taken(open_above, reduced[open_above])
    return Bound(None if taken is None else total + taken, len(open_above), weights)
