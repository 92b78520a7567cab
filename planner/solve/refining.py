"""Iterative refinement: an optimum of a linear program more exact than the solver's tolerances.

A solver's values violate rows by up to its tolerance, which is negligible for large figures but not for small ones. So
a further program is solved for the remaining errors, enlarged: its sides are the old sides minus the activities, times
a large power of two, and its costs are the reduced costs, times another power of two. Its solution, divided by these
factors, is added as a correction. The basis stays, or changes in a few steps. Rows with a dual are fixed at their side
in the further program, because its costs do not contain what leaving the side costs, and it could be unbounded. After
Gleixner, Steffy and Wolter, Iterative refinement for linear programming, INFORMS Journal on Computing 28 (2016).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import highspy
import numpy as np

from planner.model.linear_program import Array, LinearProgram
from planner.solve.highs_lp import arrays_of

ROUNDS = 6
EXACT = 1e-13  # relative to the terms of a row or column; errors below it need no refinement
LEAST = 2.0**-20  # least size of a row or column when errors are taken relative, in units inside
AT_ONCE = 2.0**24  # the factor grows by at most so much in a round
FAR = 2.0**50  # enlarged sides and costs are clipped to this; so far away they do not matter
DUST = 1e-12  # values below it are set to 0, in units inside
AT_BOUND = 2.0**-30  # values closer to a bound than this count as at it, in units inside


@dataclass(frozen=True)
class Refined:
    """Values, row duals and reduced costs of an optimum, in the units of the solver's program."""

    values: Array
    row_duals: Array
    reduced_costs: Array


class _Rows:
    """The rows of a program, for sums with more digits than the solver uses (where the machine has them)."""

    def __init__(self, program: LinearProgram) -> None:
        rows = program.rows
        order = np.argsort(rows.row, kind="stable")
        self.row, self.column = rows.row[order], rows.column[order]
        self.value = rows.coefficient[order].astype(np.longdouble)
        self._across = np.argsort(self.column, kind="stable")
        self._by_row = _Sums(self.row, len(rows.lower))
        self._by_column = _Sums(self.column[self._across], program.columns)

    def activity(self, values: Array) -> tuple[Array, Array]:
        """The left side of each row, and the largest term in it."""
        parts = self.value * values[self.column]
        return self._by_row.total(parts), self._by_row.largest(np.abs(parts))

    def charged(self, duals: Array) -> tuple[Array, Array]:
        """For each column the sum of coefficient * row dual, and the largest term in it."""
        parts = (self.value * duals[self.row])[self._across]
        return self._by_column.total(parts), self._by_column.largest(np.abs(parts))


class _Sums:
    """Sums and maxima over sorted groups; groups may be empty."""

    def __init__(self, group: Array, count: int) -> None:
        self.count = count
        self.starts = np.flatnonzero(np.r_[True, np.diff(group) != 0]) if len(group) else np.zeros(0, dtype=np.int64)
        self.group = group[self.starts]

    def total(self, parts: Array) -> Array:
        found = np.zeros(self.count, dtype=np.longdouble)
        if len(self.starts):
            found[self.group] = np.add.reduceat(parts, self.starts)
        return found

    def largest(self, parts: Array) -> Array:
        found = np.zeros(self.count, dtype=np.longdouble)
        if len(self.starts):
            found[self.group] = np.maximum.reduceat(parts, self.starts)
        return found


def refined(highs: highspy.Highs, run: Callable[[], bool]) -> Refined:
    """The refined optimum of a solved program; afterwards the model holds the same program again, solved.

    Args:
        highs: a linear program that was just solved to optimality.
        run: runs simplex from the present basis and returns whether it ended with an optimum. Where it does not, the
            refinement so far is returned.
    """
    program = arrays_of(highs.getLp())
    rows = _Rows(program)
    solution = highs.getSolution()
    values = np.array(solution.col_value).astype(np.longdouble)
    duals = np.array(solution.row_dual).astype(np.longdouble)
    larger = larger_costs = 1.0
    changed = False
    for _ in range(ROUNDS):
        activity, part = rows.activity(values)
        duals = _on_a_side(program, duals)
        charged, charge = rows.charged(duals)
        reduced = program.cost - charged
        off, off_part = _broken(program, values, activity, part)
        off_costs, off_costs_part = _wrong(program, values, reduced, np.maximum(charge, np.abs(program.cost)))
        if off_part <= EXACT and off_costs_part <= EXACT:
            break
        larger = _factor(off, larger) if off_part > EXACT else 1.0
        larger_costs = _factor(off_costs, larger_costs) if off_costs_part > EXACT else 1.0
        changed = True
        _put(highs, _left(program, values, activity, duals, reduced, larger, larger_costs))
        if not run():
            break
        more = highs.getSolution()
        values = values + np.array(more.col_value) / np.longdouble(larger)
        duals = duals + np.array(more.row_dual) / np.longdouble(larger_costs)
    if changed:
        _put(highs, program)
        run()
    charged, _ = rows.charged(duals)
    parts = (part.astype(float) for part in (values, duals, program.cost - charged))
    return Refined(*(np.where(np.abs(part) < DUST, 0.0, part) for part in parts))


def _left(
    program: LinearProgram,
    values: Array,
    activity: Array,
    duals: Array,
    reduced: Array,
    larger: float,
    larger_costs: float,
) -> LinearProgram:
    """The program of the remaining errors, rows with a dual held: sides `larger` times, costs `larger_costs`."""
    rows = program.rows
    return replace(
        program,
        lower=_clipped((program.lower - values) * larger),
        upper=_clipped((program.upper - values) * larger),
        cost=_clipped(reduced * larger_costs),
        rows=replace(
            rows,
            lower=_clipped((np.where(duals < 0, rows.upper, rows.lower) - activity) * larger),
            upper=_clipped((np.where(duals > 0, rows.lower, rows.upper) - activity) * larger),
        ),
    )


def _clipped(part: Array) -> Array:
    """Sides or costs of which those that are finite lie within `FAR`."""
    return np.where(np.isinf(part), part, np.clip(part, -FAR, FAR)).astype(float)


def _on_a_side(program: LinearProgram, duals: Array) -> Array:
    """The row duals, but those of a sign for which the row has no side: they are noise."""
    sides = np.where(duals > 0, program.rows.lower, program.rows.upper)
    return np.where(np.isfinite(sides), duals, 0.0)


def _factor(off: float, before: float) -> float:
    """The next factor: it brings the remaining error to about 1, but grows by at most `AT_ONCE` a round.

    Figures that are exact already are not enlarged: their last digits would count as errors, and the program could be
    unbounded.
    """
    return float(2.0 ** np.floor(np.log2(min(1.0 / max(off, 1e-300), before * AT_ONCE))))


def _put(highs: highspy.Highs, program: LinearProgram) -> None:
    """Set bounds, costs and sides of the program in the solver."""
    columns, rows = (np.arange(len(part), dtype=np.int32) for part in (program.cost, program.rows.lower))
    highs.changeColsBounds(len(columns), columns, program.lower, program.upper)
    highs.changeRowsBounds(len(rows), rows, program.rows.lower, program.rows.upper)
    highs.changeColsCost(len(columns), columns, program.cost)


def _broken(program: LinearProgram, values: Array, activity: Array, part: Array) -> tuple[float, float]:
    """The largest violation of a row or bound, and the largest one relative to the terms that are added up there."""
    row = np.maximum.reduce([program.rows.lower - activity, activity - program.rows.upper, np.zeros(len(activity))])
    column = np.maximum.reduce([program.lower - values, values - program.upper, np.zeros(len(values))])
    off = np.concatenate([row, column])
    size = np.maximum(np.concatenate([part, np.abs(values)]), LEAST)
    return float(off.max(initial=0.0)), float((off / size).max(initial=0.0))


def _wrong(program: LinearProgram, values: Array, reduced: Array, part: Array) -> tuple[float, float]:
    """The largest reduced cost of the wrong sign, and the largest one relative to the terms in its column.

    A column above its lower bound must have none above 0, one below its upper bound none below 0.
    """
    near = AT_BOUND * np.maximum(1.0, np.abs(values))
    off = np.maximum(
        np.where(values - program.lower > near, reduced, 0.0), np.where(program.upper - values > near, -reduced, 0.0)
    )
    return float(off.max(initial=0.0)), float((off / np.maximum(part, LEAST)).max(initial=0.0))
