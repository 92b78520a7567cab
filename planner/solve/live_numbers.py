"""All numbers of a live model, and what of an answer can be checked against them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.model.layout import Matrix
from planner.solve.layout_difference import Coefficients
from planner.solve.solution import Array


@dataclass(frozen=True)
class State:
    """All numbers of the live model, own rows and variables included."""

    lower: Array
    upper: Array
    cost: Array
    row_lower: Array
    row_upper: Array


def _values_of(matrix: Matrix, coefficients: Coefficients) -> Array:
    """The values that some coefficients have in a matrix; 0 where it has none."""
    pairs = zip(coefficients.row.tolist(), coefficients.column.tolist(), strict=True)
    return np.array(
        [matrix.coefficient[(matrix.row == row) & (matrix.column == column)].sum() for row, column in pairs]
    )


def with_coefficients(matrix: Matrix, coefficients: Coefficients) -> Matrix:
    """A matrix with some coefficients changed: the differences are further entries, as entries of a place add up."""
    change = coefficients.value - _values_of(matrix, coefficients)
    return Matrix(
        np.concatenate([matrix.row, coefficients.row]),
        np.concatenate([matrix.column, coefficients.column]),
        np.concatenate([matrix.coefficient, change]),
        matrix.lower,
        matrix.upper,
    )
