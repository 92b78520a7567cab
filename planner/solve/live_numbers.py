"""The numbers of a live model, and the check of an answer against them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from planner.errors import SolverError
from planner.model.layout import Matrix
from planner.model.program import Numbers, Program
from planner.model.units import Units
from planner.solve.certificate import VIOLATION, dual_bound
from planner.solve.highs_model import Live
from planner.solve.layout_difference import Coefficients
from planner.solve.solution import Array, Solution
from planner.solve.violation import largest_violation


@dataclass(frozen=True)
class State:
    """All numbers of a live model, including those of rows and variables added by hand."""

    lower: Array
    upper: Array
    cost: Array
    row_lower: Array
    row_upper: Array

    @classmethod
    def of(cls, live: Live) -> State:
        """The numbers that a model has."""
        lower, upper, row_lower, row_upper = live.bounds()
        return cls(lower, upper, live.costs(), row_lower, row_upper)

    def costs_alone_differ(self, other: State) -> bool:
        """Whether costs differ from those of another state, and nothing else does."""
        names = (part.name for part in fields(State))
        return {name for name in names if not np.array_equal(getattr(self, name), getattr(other, name))} == {"cost"}


def state_of(program: Program, numbers: Numbers, base: State, held: Array) -> State:
    """The state of a model with other numbers of its program; rows and variables added by hand keep theirs.

    Args:
        program: the program that was handed over.
        numbers: the other numbers.
        base: all numbers of the model as it was handed over.
        held: columns that stay at their bounds in `base` (integers that are fixed).

    Raises:
        SolverError: the numbers are not of this program.
    """
    columns, rows = program.columns, program.rows
    if len(numbers.cost) != columns or len(numbers.right) != rows:
        raise SolverError("These numbers belong to another program.")
    lower, upper = (
        np.concatenate([given, own[columns:]])
        for given, own in ((numbers.lower, base.lower), (numbers.upper, base.upper))
    )
    lower[held], upper[held] = base.lower[held], base.upper[held]
    right = np.concatenate([numbers.right, np.zeros(len(base.row_lower) - rows)])
    planned = np.arange(len(right)) < rows
    return State(
        lower,
        upper,
        np.concatenate([numbers.cost, base.cost[columns:]]),
        np.where(planned & np.isfinite(base.row_lower), right, base.row_lower),
        np.where(planned & np.isfinite(base.row_upper), right, base.row_upper),
    )


def set_numbers(live: Live, before: State, after: State) -> None:
    """Set those numbers of a model that differ between two states."""
    differ = {part.name: getattr(before, part.name) != getattr(after, part.name) for part in fields(State)}
    at = np.flatnonzero(differ["lower"] | differ["upper"])
    live.set_column_bounds(at, after.lower[at], after.upper[at])
    at = np.flatnonzero(differ["row_lower"] | differ["row_upper"])
    live.set_row_bounds(at, after.row_lower[at], after.row_upper[at])
    if differ["cost"].any():
        live.set_costs(after.cost)


def _values_of(matrix: Matrix, coefficients: Coefficients) -> Array:
    """The present values of some coefficients in a matrix; 0 where it has no entry."""
    width = 1 + max(matrix.column.max(initial=0), coefficients.column.max(initial=0))
    wanted, place = np.unique(coefficients.row * width + coefficients.column, return_inverse=True)
    there = matrix.row * width + matrix.column
    used = np.isin(there, wanted)
    at = np.searchsorted(wanted, there[used])
    return np.bincount(at, weights=matrix.coefficient[used], minlength=len(wanted))[place]


def with_coefficients(matrix: Matrix, coefficients: Coefficients) -> Matrix:
    """A matrix with some coefficients changed, by further entries with the differences (entries of a place add up)."""
    change = coefficients.value - _values_of(matrix, coefficients)
    return Matrix(
        np.concatenate([matrix.row, coefficients.row]),
        np.concatenate([matrix.column, coefficients.column]),
        np.concatenate([matrix.coefficient, change]),
        matrix.lower,
        matrix.upper,
    )


def is_right(
    program: Program,
    state: State,
    matrix: Matrix,
    found: Solution,
    gap: float,
    *,
    proof: bool,
    units: Units | None = None,
) -> bool:
    """Whether an answer keeps all rows and bounds and, with `proof`, its row duals prove its cost to be least.

    Args:
        program: the program that was handed over.
        state: all numbers of the model.
        matrix: its rows.
        found: the answer, with values.
        gap: the largest accepted difference of cost and proved bound, relative to the sum of all costs without signs.
        proof: whether the cost must be proved.
        units: the units in which the solver had the program; None where they are the user's.
    """
    values, duals = np.asarray(found.values), found.row_duals
    sides = replace(matrix, lower=state.row_lower, upper=state.row_upper)
    if not largest_violation(sides, state.lower, state.upper, values, units) <= VIOLATION:
        return False
    if duals is None or not proof:
        return True
    numbers = Numbers(state.lower, state.upper, state.cost, state.row_upper)
    objective = float(found.objective or 0.0)
    scale = 1 + float(np.abs(state.cost * values).sum())
    bound, _ = dual_bound(replace(program, numbers=numbers), sides, duals, objective + gap * scale)
    return objective - bound <= gap * scale
