"""Scaling of a program: powers of two by which columns and rows are counted inside the solver.

A solver's tolerances are absolute: it accepts a row that is violated by 1e-7 of whatever its unit is. Where one item is
counted in billions and another in thousandths, that is negligible for the first and too coarse for the second. So each
column and row gets a unit of its own that brings its figures near to 1: the logarithms of the scaled coefficients,
right-hand sides and bounds have the least sum of squares (Curtis and Reid, On the automatic scaling of matrices for
Gaussian elimination, 1972). Counting an item in another unit leads to the same scaled program but for a factor below
two. Programs whose figures are near to each other are not scaled at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.model.linear_program import Array, LinearProgram

APART = 2.0**20  # scale if the usual values of columns differ by more than this factor
SIDES_APART = 1e7  # scale if right-hand sides differ by more than this factor
APART_FROM_INTEGERS = 2.0**13  # scale if columns differ by more than this factor from integers (unit 1)
STEPS = 60  # at most so many conjugate-gradient steps; a unit need not be exact
MARGIN = 4.0  # logarithm to base 2; steps from other beginnings end closer together than this
CLOSE = 0.05  # logarithm to base 2; stop when a step changes no unit by more
BOUND_COUNTS = 0.1  # weight of a bound against an entry: a bound may be far above usual values


@dataclass(frozen=True)
class Units:
    """Units of the columns, the rows and money; all of them powers of two.

    Attributes:
        column: by column: value in the program = this * value in the solver.
        row: by row: row in the solver = this * row in the program.
        money: cost in the solver = this * cost in the program.
    """

    column: Array
    row: Array
    money: float


def units_of(program: LinearProgram) -> Units | None:
    """The units that scale a program; None where its figures are close enough to each other that it needs none."""
    if not (program.rows.coefficient != 0).any():
        return None
    found_column, found_row = usual_sizes(program)
    if not _are_apart(program, found_column):
        return None
    column_units, row_units = _powers(found_column), _powers(found_row)
    paid = np.abs(program.cost * column_units)[program.cost != 0]
    money = 2.0 ** -round(float(np.median(np.log2(paid)))) if len(paid) else 1.0
    return Units(column_units, row_units, money)


def usual_sizes(program: LinearProgram, near: tuple[Array, Array] | None = None) -> tuple[Array, Array]:
    """Logarithms of two of the usual sizes of columns, and of the units of rows that go with them.

    Args:
        program: as arrays.
        near: those of a program like it, from which the steps begin; where they begin shows in the result by less than
            a factor of two.
    """
    used = (program.rows.coefficient != 0) & np.isfinite(program.rows.coefficient)
    row, column = program.rows.row[used], program.rows.column[used]
    entry = np.log2(np.abs(program.rows.coefficient[used]))
    sides = _size(program.rows.lower, program.rows.upper)
    bounds = np.where(program.integer, 0.0, _size(program.lower, program.upper))
    return _least_squares(row, column, entry, sides, bounds, program.integer, near)


def surely_close(program: LinearProgram, near: tuple[Array, Array]) -> bool:
    """Whether a program certainly needs no scaling, found quickly from the usual sizes of a program like it.

    Figures that are close to being too far apart are not judged: `units_of` has to.
    """
    return not _are_apart(program, usual_sizes(program, near)[0], MARGIN)


def _size(lower: Array, upper: Array) -> Array:
    """The larger absolute value of the finite ones of two sides; 0 where neither is finite."""
    larger: Array = np.maximum(*(np.where(np.isfinite(side), np.abs(side), 0.0) for side in (lower, upper)))
    return larger


def _powers(logarithms: Array) -> Array:
    """The nearest powers of two, from logarithms of two."""
    powers: Array = np.exp2(np.rint(logarithms))
    return powers


def _are_apart(program: LinearProgram, column: Array, margin: float = 0.0) -> bool:
    """Whether usual values or sides are too far apart for one absolute tolerance to fit all of them.

    Args:
        program: as arrays.
        column: logarithms of the usual values of columns.
        margin: how much less apart, as a logarithm of two, they count as too far apart already.
    """
    sides = _size(program.rows.lower, program.rows.upper)
    share = (program.upper <= 1.0) & (program.lower >= 0.0)  # option shares and integers
    usual = column[~share]
    spread = float(np.ptp(usual)) if len(usual) else 0.0
    given = sides[sides > 0]
    sides_spread = float(given.max() / given.min()) if len(given) else 1.0
    if spread > math.log2(APART) - margin or sides_spread > SIDES_APART:
        return True
    return bool(program.integer.any()) and float(np.abs(column).max()) > math.log2(APART_FROM_INTEGERS) - margin


def _least_squares(
    row: Array,
    column: Array,
    entry: Array,
    sides: Array,
    bounds: Array,
    integer: Array,
    near: tuple[Array, Array] | None,
) -> tuple[Array, Array]:
    """Logarithms of two of the units of columns and rows, by conjugate gradients, from `near` or from 0.

    min sum_(i,j) (log|a_ij| + r_i + c_j)^2 + sum_i (log|side_i| + r_i)^2 + 0.1 * sum_j (log|bound_j| - c_j)^2

    with c_j = 0 for integer columns.
    """
    rows, columns = len(sides), len(bounds)
    has_side, has_bound = sides > 0, (bounds > 0) & ~integer
    side = np.log2(sides, out=np.zeros(rows), where=has_side)
    bound = np.log2(bounds, out=np.zeros(columns), where=has_bound)
    free = ~integer
    weight = np.concatenate(
        [
            np.bincount(row, minlength=rows) + has_side,
            np.where(free, np.bincount(column, minlength=columns) + BOUND_COUNTS * has_bound, 0.0),
        ]
    ).astype(float)
    wanted = np.concatenate(
        [
            -np.bincount(row, weights=entry, minlength=rows) - side,
            np.where(free, BOUND_COUNTS * bound - np.bincount(column, weights=entry, minlength=columns), 0.0),
        ]
    )
    inverse = np.divide(1.0, weight, out=np.zeros(rows + columns), where=weight > 0)

    def product(part: Array) -> Array:
        across = np.bincount(row, weights=part[rows:][column], minlength=rows)
        down = np.where(free, np.bincount(column, weights=part[:rows][row], minlength=columns), 0.0)
        return np.asarray(weight * part + np.concatenate([across, down]))

    found = _conjugate_gradients(product, wanted, inverse, None if near is None else np.concatenate([near[1], near[0]]))
    return found[rows:], found[:rows]


def _conjugate_gradients(
    product: Callable[[Array], Array], wanted: Array, inverse: Array, start: Array | None
) -> Array:
    """An approximate solution x of A x = b for a symmetric matrix A, until x changes by less than `CLOSE`.

    Args:
        product: gives A x for an x.
        wanted: b.
        inverse: one divided by the diagonal of A, the preconditioner.
        start: the x at which to begin; None for 0.
    """
    found, rest = (np.zeros(len(wanted)), wanted) if start is None else (start, wanted - product(start))
    step = inverse * rest
    length = float((rest * step).sum())
    for _ in range(STEPS):
        if length <= 0.0:
            break
        image = product(step)
        curved = float((step * image).sum())
        if curved <= 0.0:
            break
        by = length / curved
        found = found + by * step
        rest = rest - by * image
        turned = inverse * rest
        before, length = length, float((rest * turned).sum())
        if np.abs(by * step).max() < CLOSE and np.abs(turned).max() < CLOSE:
            break
        step = turned + (length / before) * step
    return found
