"""How far values break rows and bounds, each measured by its own size."""

from __future__ import annotations

import numpy as np

from planner.model.layout import Matrix
from planner.solve.solution import Array


def violations(matrix: Matrix, lower: Array, upper: Array, values: Array) -> tuple[Array, Array]:
    """The violation of each row, relative to the largest part of the row, and of each column, relative to its bounds.

    Both are 0 where nothing is broken; sizes below 1 count as 1.

    Args:
        matrix: the rows, with their sides.
        lower, upper: bounds of the columns.
        values: value of each column.
    """
    activity = matrix.activity(values)
    size = np.ones(len(matrix.lower))
    np.maximum.at(size, matrix.row, np.abs(matrix.coefficient * values[matrix.column]))
    size = np.maximum.reduce([size, _size_of(matrix.lower), _size_of(matrix.upper)])
    rows = np.maximum.reduce([matrix.lower - activity, activity - matrix.upper, np.zeros(len(size))]) / size
    span = np.maximum.reduce([np.ones(len(values)), _size_of(lower), _size_of(upper)])
    columns = np.maximum.reduce([lower - values, values - upper, np.zeros(len(values))]) / span
    return rows, columns


def largest_violation(matrix: Matrix, lower: Array, upper: Array, values: Array) -> float:
    """The largest relative violation of any row or bound; infinite where a value is no number."""
    if not np.isfinite(values).all():
        return float("inf")
    rows, columns = violations(matrix, lower, upper, values)
    return float(max(rows.max(initial=0.0), columns.max(initial=0.0)))


def _size_of(side: Array) -> Array:
    return np.where(np.isfinite(side), np.abs(side), 0.0)
