"""How far each side and bound of a solved program can move while its basis stays optimal."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np

from planner.model.linear_program import Array
from planner.solve.highs_model import HighsModel
from planner.solve.threads import on_new_thread


@dataclass(frozen=True)
class Ranges:
    """How far the binding side of each row and column can move while the basis stays optimal; NaN where it is basic.

    Attributes:
        row_down, row_up: the lowest and highest value, by row.
        column_down, column_up: the same by column.
    """

    row_down: Array
    row_up: Array
    column_down: Array
    column_up: Array

    def of_row(self, row: int) -> tuple[float, float]:
        """The lowest and highest value of a row's side."""
        return float(self.row_down[row]), float(self.row_up[row])

    def of_column(self, column: int) -> tuple[float, float]:
        """The lowest and highest value of a column's bound."""
        return float(self.column_down[column]), float(self.column_up[column])


def ranges_of(live: HighsModel) -> Ranges | None:
    """How far the binding side of each row or column can move while the basis stays optimal; None without ranging.

    Where the optimum is degenerate a shadow price may hold further than this.
    """
    status, found = on_new_thread(live.highs, live.highs.getRanging)
    if status != highspy.HighsStatus.kOk:
        return None
    _, exponent = live.highs.getOptionValue("user_bound_scale")
    basis, units = live.highs.getBasis(), live.units
    ends = []
    for down, up, statuses, unit in (
        (found.row_bound_dn, found.row_bound_up, basis.row_status, None if units is None else 1.0 / units.row),
        (found.col_bound_dn, found.col_bound_up, basis.col_status, None if units is None else units.column),
    ):
        stands = np.array([status != highspy.HighsBasisStatus.kBasic for status in statuses])
        by = 2.0**-exponent if unit is None else unit  # HiGHS returns ranges in its scaled figures
        ends += [np.where(stands, np.array(part.value_) * by, np.nan) for part in (down, up)]
    return Ranges(*ends)
