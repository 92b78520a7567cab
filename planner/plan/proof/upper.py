"""Upper bounds that every plan keeps, for decisions that have none of their own: from costs, and from the rows."""

from __future__ import annotations

from decimal import ROUND_CEILING, Context, Decimal

import numpy as np

from planner.plan.proof.printed_figures import ZERO
from planner.plan.proof.rules import Rules, summed
from planner.solve.solution import Array

UP = Context(prec=20, rounding=ROUND_CEILING)  # an upper bound may be rounded up


class UpperBounds:
    """An upper bound for each column, tightened pass by pass.

    Attributes:
        most: the bounds.
        known: which columns have one.
    """

    def __init__(self, rules: Rules, ceiling: Decimal | None) -> None:
        """Begin with the bounds that columns have, and those from costs: c_j x_j <= ceiling - the least of all else.

        Args:
            rules: the program.
            ceiling: cost above which no plan matters; None for no ceiling.
        """
        self.rules = rules
        numbers = rules.layout.numbers
        self.own = np.isfinite(numbers.upper)
        self.most, self.known = rules.bounds[1].copy(), self.own.copy()
        self.low = np.isfinite(numbers.lower)
        costs, lower = numbers.cost, rules.bounds[0]
        if ceiling is None or not ((self.known | (costs >= 0)) & (self.low | (costs <= 0))).all():
            return
        least = sum((rules.cost * np.where(costs < 0, self.most, lower)).tolist(), ZERO)
        room = max(ceiling - least, ZERO)
        for column in np.flatnonzero((costs > 0) & ~self.known).tolist():
            self.most[column] = UP.add(lower[column], UP.divide(room, rules.cost[column]))
        self.known |= costs > 0

    def most_taken(self, columns: Array, reduced: Array) -> Decimal | None:
        """The most by which columns with negative reduced costs lower a bound; None where one has no upper bound."""
        if not self.known[columns].all():
            return None
        return Decimal(sum((reduced * self.most[columns]).tolist(), ZERO))

    def tighten(self) -> bool:
        """Go through all rows once; whether a bound was found or brought down.

        From a row sum a_j x_j <= b with a_k > 0, and its mirror image:
        a_k x_k <= b - sum_(j != k) (the least of a_j x_j)
        """
        rules, changed = self.rules, False
        matrix, lower = rules.matrix, rules.bounds[0]
        count = len(matrix.lower)
        for sign, side, decimal_side in ((1, matrix.upper, rules.row_sides[1]), (-1, matrix.lower, rules.row_sides[0])):
            rising = sign * matrix.coefficient > 0
            bounded = np.where(rising, self.low[matrix.column], self.known[matrix.column]) | (matrix.coefficient == 0)
            loose = np.bincount(matrix.row, weights=~bounded, minlength=count)
            usable = np.isfinite(side)[matrix.row] & (loose[matrix.row] == 0)
            useful = usable & rising & ~self.own[matrix.column]
            entries = np.flatnonzero(
                usable & (np.bincount(matrix.row, weights=useful, minlength=count)[matrix.row] > 0)
            )
            if not len(entries):
                continue
            at, part = matrix.column[entries], rules.coefficient[entries] * sign
            smallest = summed(part * np.where(rising[entries], lower[at], self.most[at]), matrix.row[entries], count)
            for entry in np.flatnonzero(useful).tolist():
                row, column = matrix.row[entry], matrix.column[entry]
                factor = rules.coefficient[entry] * sign
                rest = decimal_side[row] * sign - smallest[row] + factor * lower[column]
                bound = max(UP.divide(rest, factor), ZERO)
                if not self.known[column] or bound < self.most[column]:
                    self.most[column], self.known[column], changed = bound, True, True
        return changed
