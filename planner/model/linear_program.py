"""A linear program as arrays, without labels: what the certificate, the scaling and the re-solves look at.

    min sum_j cost_j * x_j     with  lower_i <= sum_j a_ij * x_j <= upper_i  in each row  and  lower_j <= x_j <= upper_j

Labels stand in the layout (model/layout.py) and the program (model/program.py), which give their arrays in this shape;
so do a live model of the solver and the extensive form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Matrix:
    """The rows of a program as arrays: entries (row, column, coefficient) and the activity bounds of each row."""

    row: Array
    column: Array
    coefficient: Array
    lower: Array
    upper: Array

    def activity(self, values: Array) -> Array:
        """The left side of each row at the given values of all columns."""
        return np.bincount(self.row, weights=self.coefficient * values[self.column], minlength=len(self.lower))


@dataclass(frozen=True)
class LinearProgram:
    """The columns and rows of a program as arrays.

    Attributes:
        lower, upper: the bounds of each column.
        cost: of one unit of each column.
        rows: entries and activity bounds.
        integer: which columns are integer; a program that is solved as a linear one need not heed it.
    """

    lower: Array
    upper: Array
    cost: Array
    rows: Matrix
    integer: Array

    @property
    def columns(self) -> int:
        """Number of columns."""
        return len(self.cost)
