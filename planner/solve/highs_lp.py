"""A linear program as HiGHS holds it (`HighsLp`), from arrays and back to arrays."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np

from planner.model.linear_program import Array, LinearProgram, Matrix


def highs_lp(program: LinearProgram) -> Any:
    """A program as HiGHS takes it, linear: which columns are integer is left aside."""
    rows = program.rows
    order = np.lexsort((rows.row, rows.column))
    lp: Any = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = program.columns, len(rows.lower)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = program.cost, program.lower, program.upper
    lp.row_lower_, lp.row_upper_ = rows.lower, rows.upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.r_[0, np.cumsum(np.bincount(rows.column, minlength=program.columns))].astype(np.int32)
    lp.a_matrix_.index_ = rows.row[order].astype(np.int32)
    lp.a_matrix_.value_ = rows.coefficient[order]
    return lp


def arrays_of(lp: Any) -> LinearProgram:
    """The columns and rows of a HiGHS program, in the units that it has there."""
    lower, upper, cost = (np.array(part) for part in (lp.col_lower_, lp.col_upper_, lp.col_cost_))
    rows = Matrix(*entries_of(lp), np.array(lp.row_lower_), np.array(lp.row_upper_))
    return LinearProgram(lower, upper, cost, rows, integers_of(lp))


def entries_of(lp: Any) -> tuple[Array, Array, Array]:
    """The non-zero coefficients of a HiGHS program as three arrays: row, column, coefficient."""
    matrix = lp.a_matrix_
    index, value, start = np.array(matrix.index_), np.array(matrix.value_), np.array(matrix.start_)
    outer = np.repeat(np.arange(len(start) - 1), np.diff(start))
    by_column = matrix.format_ == highspy.MatrixFormat.kColwise
    return (index, outer, value) if by_column else (outer, index, value)


def integers_of(lp: Any) -> Array:
    """Which columns of a HiGHS program are integer."""
    kinds = list(lp.integrality_)
    if not kinds:
        return np.zeros(lp.num_col_, dtype=bool)
    return np.array([kind == highspy.HighsVarType.kInteger for kind in kinds])
