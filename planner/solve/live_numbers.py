"""The numbers of a live model: the program that it holds, other numbers set in it, and an answer checked against it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from planner.errors import SolverError
from planner.model.linear_program import LinearProgram, Matrix
from planner.model.program import Numbers, Program
from planner.solve.certificate import dual_bound
from planner.solve.highs_lp import integers_of
from planner.solve.highs_model import Bounds, HighsModel
from planner.solve.layout_difference import Coefficients
from planner.solve.money import gross_cost
from planner.solve.solution import Array, Solution


def program_in(live: HighsModel, program: Program) -> LinearProgram:
    """The program of a live model: the numbers that the model has, and the rows of the program that it was made of.

    Rows and variables added by hand are among them.
    """
    bounds = live.bounds()
    rows = replace(program.matrix(), lower=bounds.row_lower, upper=bounds.row_upper)
    return LinearProgram(bounds.lower, bounds.upper, live.costs(), rows, integers_of(live.lp))


def costs_alone_differ(one: LinearProgram, other: LinearProgram) -> bool:
    """Whether the costs of two programs of the same columns and rows differ, and no bound or side does."""
    pairs = (
        (one.lower, other.lower),
        (one.upper, other.upper),
        (one.rows.lower, other.rows.lower),
        (one.rows.upper, other.rows.upper),
    )
    return not np.array_equal(one.cost, other.cost) and all(np.array_equal(*pair) for pair in pairs)


def with_numbers(base: LinearProgram, program: Program, numbers: Numbers, held: Array) -> LinearProgram:
    """A live model's program with other numbers; rows and variables added by hand keep theirs.

    Args:
        base: the program of the model as it was handed over.
        program: the same with its labels.
        numbers: the other numbers.
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
    right = np.concatenate([numbers.right, np.zeros(len(base.rows.lower) - rows)])
    planned = np.arange(len(right)) < rows
    row_lower, row_upper = (
        np.where(planned & np.isfinite(side), right, side) for side in (base.rows.lower, base.rows.upper)
    )
    return replace(
        base,
        lower=lower,
        upper=upper,
        cost=np.concatenate([numbers.cost, base.cost[columns:]]),
        rows=replace(base.rows, lower=row_lower, upper=row_upper),
    )


def set_numbers(live: HighsModel, before: LinearProgram, after: LinearProgram) -> None:
    """Set those bounds, sides and costs of a model that differ between two programs of the same columns and rows."""
    at = np.flatnonzero((before.lower != after.lower) | (before.upper != after.upper))
    live.set_column_bounds(at, after.lower[at], after.upper[at])
    rows, others = before.rows, after.rows
    at = np.flatnonzero((rows.lower != others.lower) | (rows.upper != others.upper))
    live.set_row_bounds(at, others.lower[at], others.upper[at])
    if (before.cost != after.cost).any():
        live.set_costs(after.cost)


def restore_bounds(live: HighsModel, before: Bounds) -> None:
    """Set the bounds of columns and rows as they were; columns and rows that were added since then stay as they are."""
    live.set_column_bounds(np.arange(len(before.lower)), before.lower, before.upper)
    live.set_row_bounds(np.arange(len(before.row_lower)), before.row_lower, before.row_upper)


def free_rows(live: HighsModel, rows: Array) -> None:
    """Make some rows of a model free, so that they bound nothing."""
    live.set_row_bounds(rows, np.full(len(rows), -np.inf), np.full(len(rows), np.inf))


def _values_of(matrix: Matrix, coefficients: Coefficients) -> Array:
    """The present values of some coefficients in a matrix; 0 where it has no entry."""
    width = 1 + max(matrix.column.max(initial=0), coefficients.column.max(initial=0))
    wanted, place = np.unique(coefficients.row * width + coefficients.column, return_inverse=True)
    there = matrix.row * width + matrix.column
    used = np.isin(there, wanted)
    at = np.searchsorted(wanted, there[used])
    return np.bincount(at, weights=matrix.coefficient[used], minlength=len(wanted))[place]


def with_coefficients(program: LinearProgram, coefficients: Coefficients) -> LinearProgram:
    """A program with some coefficients changed, by further entries with the differences (entries of a place add up)."""
    rows = program.rows
    changed = replace(
        rows,
        row=np.concatenate([rows.row, coefficients.row]),
        column=np.concatenate([rows.column, coefficients.column]),
        coefficient=np.concatenate([rows.coefficient, coefficients.value - _values_of(rows, coefficients)]),
    )
    return replace(program, rows=changed)


def is_proved(program: LinearProgram, found: Solution, gap: float) -> bool:
    """Whether the row duals of an answer prove its cost to be least; an answer without duals claims no proof.

    Args:
        program: what was solved, rows and variables added by hand included.
        found: the answer, with values.
        gap: the largest accepted difference of cost and proved bound, relative to the sum of all costs without signs.
    """
    if found.row_duals is None:
        return True
    objective = float(found.objective or 0.0)
    scale = gross_cost(program.cost, np.asarray(found.values))
    bound, _ = dual_bound(program, found.row_duals, objective + gap * scale)
    return objective - bound <= gap * scale
