"""How far values break rows and bounds, each measured by its own size."""

from __future__ import annotations

import numpy as np

from planner.model.layout import Matrix
from planner.solve.solution import Array


def violations(matrix: Matrix, lower: Array, upper: Array, values: Array, sizes: Array) -> tuple[Array, Array]:
    """The violation of each row, relative to the largest part of the row, and of each column, relative to its value.

    Both are 0 where nothing is broken; a size below 1 counts as 1.

    Args:
        matrix: the rows, with their sides.
        lower, upper: bounds of the columns.
        values: value of each column.
        sizes: what each row counts as at least.
    """
    activity = matrix.activity(values)
    size = np.maximum(sizes, 1.0)
    np.maximum.at(size, matrix.row, np.abs(matrix.coefficient * values[matrix.column]))
    rows = np.maximum.reduce([matrix.lower - activity, activity - matrix.upper, np.zeros(len(size))]) / size
    columns = np.maximum.reduce([lower - values, values - upper, np.zeros(len(values))])
    return rows, columns / np.maximum(1.0, np.abs(values))


def largest_violation(matrix: Matrix, lower: Array, upper: Array, values: Array) -> float:
    """The largest relative violation of any row or bound; infinite where a value is no number."""
    if not np.isfinite(values).all():
        return float("inf")
    rows, columns = violations(matrix, lower, upper, values, np.zeros(len(matrix.lower)))
    return float(max(rows.max(initial=0.0), columns.max(initial=0.0)))
