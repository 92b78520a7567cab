"""Violations: how far values break rows and bounds, relative to the size of each."""

from __future__ import annotations

import numpy as np

from planner.model.linear_program import Matrix
from planner.model.units import Units
from planner.solve.solution import Array

LEAST = 2.0**-20  # where figures are far apart a row or value counts as at least that, in units inside


def violations(
    matrix: Matrix, lower: Array, upper: Array, values: Array, sizes: Array, units: Units | None = None
) -> tuple[Array, Array]:
    """Two arrays: the violation of each row relative to its largest term, and of each column relative to its value.

    Both are 0 where nothing is violated. A size below 1 counts as 1, unless figures are far apart.

    Args:
        matrix: the rows, with their sides.
        lower, upper: bounds of the columns.
        values: value of each column.
        sizes: the least size of each row.
        units: the units that scale the first rows and columns; None where they are not scaled.
    """
    activity = matrix.activity(values)
    least_row, least_column = _least(units, len(activity), len(values))
    size = np.maximum(sizes, least_row)
    np.maximum.at(size, matrix.row, np.abs(matrix.coefficient * values[matrix.column]))
    rows = np.maximum.reduce([matrix.lower - activity, activity - matrix.upper, np.zeros(len(size))]) / size
    columns = np.maximum.reduce([lower - values, values - upper, np.zeros(len(values))])
    return rows, columns / np.maximum(least_column, np.abs(values))


def _least(units: Units | None, rows: int, columns: int) -> tuple[Array, Array]:
    """The least size of each row and each column, below which its violation is not measured relative to it."""
    row, column = np.ones(rows), np.ones(columns)
    if units is not None:
        row[: len(units.row)] = LEAST / units.row
        column[: len(units.column)] = LEAST * units.column
    return row, column


def largest_violation(matrix: Matrix, lower: Array, upper: Array, values: Array, units: Units | None = None) -> float:
    """The largest relative violation of any row or bound; infinite where a value is no number."""
    if not np.isfinite(values).all():
        return float("inf")
    sides = np.zeros(len(matrix.lower)) if units is None else side_sizes(matrix)
    rows, columns = violations(matrix, lower, upper, values, sides, units)
    return float(max(rows.max(initial=0.0), columns.max(initial=0.0)))


def side_sizes(matrix: Matrix) -> Array:
    """The larger absolute value of each row's finite sides; 0 for a free row."""
    return np.maximum(*(np.where(np.isfinite(side), np.abs(side), 0.0) for side in (matrix.lower, matrix.upper)))
