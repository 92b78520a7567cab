"""The maximum of many weighted sums over one small linear program, each answer proved by its duals."""

from __future__ import annotations

import numpy as np

from planner.errors import SolverError
from planner.model.linear_program import Array, LinearProgram
from planner.solve.algorithms import PRIMAL_SIMPLEX, Algorithm, Outcome
from planner.solve.engine import new_model
from planner.solve.highs_lp import highs_lp
from planner.solve.highs_model import HighsModel

GAP = 1e-7
_NO_SIGN = 2e-7  # duals of the wrong sign up to this size are within HiGHS's tolerance


class RepeatedMaximum:
    """A linear program that stays in the solver and is maximised for one weighted sum after another.

    Each solve starts from the basis of the last one, and its answer is checked outside the solver by weak duality.
    Where the check fails, it is solved once more from cold.

    Args:
        program: its columns and rows; its costs are not used.
    """

    def __init__(self, program: LinearProgram) -> None:
        self._program = program
        self._row_lower = program.rows.lower.copy()
        highs = new_model()
        highs.passModel(highs_lp(program))
        self._live = HighsModel(highs)
        self._live.scale()
        self._begun = False

    def set_row_lower(self, rows: Array, lower: Array) -> None:
        """Set new lower bounds of some rows, for all later maxima."""
        self._row_lower[rows] = lower
        self._live.set_row_bounds(rows, lower, self._program.rows.upper[rows])

    def maximum(self, weight: Array) -> float:
        """The largest weighted sum of the columns, within all rows and bounds.

        max sum_j weight_j * x_j     (in units of the weights)

        Raises:
            SolverError: there is no largest sum, or it could not be proved.
        """
        self._live.set_costs(-weight)
        outcome = self._live.run(Algorithm.SIMPLEX, presolve=not self._begun, simplex=PRIMAL_SIMPLEX)
        if outcome is not Outcome.OPTIMAL or not self._proved(weight):
            self._live.highs.clearSolver()
            outcome = self._live.run(Algorithm.SIMPLEX, presolve=False)
            if outcome is not Outcome.OPTIMAL or not self._proved(weight):
                raise SolverError(f"HiGHS could not prove the most that can be delivered ({self._live.ending}).")
        self._begun = True
        return max(0.0, float((weight * self._live.values()).sum()))

    def _proved(self, weight: Array) -> bool:
        """Whether the values keep every row and bound, and the duals prove that no others give more."""
        values, dual, reduced = self._live.values(), self._live.row_duals(), self._live.reduced_costs()
        lower, upper = self._program.lower, self._program.upper
        row_lower, row_upper = self._row_lower, self._program.rows.upper
        activity = self._program.rows.activity(values)
        size = 1.0 + np.maximum(np.abs(activity), np.abs(values).max(initial=0.0))
        excess = np.maximum(row_lower - activity, activity - row_upper)
        outside = np.maximum(lower - values, values - upper)
        if (excess > GAP * size).any() or (outside > GAP * (1.0 + np.abs(values))).any():
            return False
        bound = _bound(dual, row_lower, row_upper) + _bound(reduced, lower, upper)
        found = -float((weight * values).sum())
        return found - bound <= GAP * (1.0 + abs(found))


def _bound(price: Array, lower: Array, upper: Array) -> float:
    """The part of the dual bound that prices of rows or columns give; -inf where one has an infinite side."""
    at = np.where(price > 0, lower, upper)
    open_side = ~np.isfinite(at)
    if (np.abs(price[open_side]) > _NO_SIGN).any():
        return -np.inf
    return float(np.sum(price[~open_side] * at[~open_side]))
