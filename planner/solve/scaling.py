"""The program as HiGHS sees it: in units of its own where figures are far apart, else scaled as a whole if at all."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from planner.model.linear_program import Array
from planner.model.units import Units, units_of
from planner.solve.highs_lp import arrays_of, entries_of, integers_of

LARGE, SMALL = 13, -3  # powers of two between which a typical figure needs no scaling


def units_for(lp: Any) -> Units | None:
    """The units that scale a HiGHS program by row and column; None where its figures are close enough as they are."""
    return units_of(arrays_of(lp))


def in_units(lp: Any, units: Units) -> Any:
    """Scale a HiGHS program to other units, in place."""
    row, column, value = entries_of(lp)
    lp.a_matrix_.value_ = value * units.row[row] * units.column[column]
    lp.col_cost_ = np.array(lp.col_cost_) * units.column * units.money
    lp.offset_ = lp.offset_ * units.money
    for name in ("col_lower_", "col_upper_"):
        setattr(lp, name, np.array(getattr(lp, name)) / units.column)
    for name in ("row_lower_", "row_upper_"):
        setattr(lp, name, np.array(getattr(lp, name)) * units.row)
    return lp


def exponents_for(lp: Any) -> dict[str, int]:
    """The HiGHS options that scale all quantities, and all money, by a power of two; from the typical size of each.

    Quantities stay as they are where some decisions are integers.
    """
    sides = (lp.col_lower_, lp.col_upper_, lp.row_lower_, lp.row_upper_)
    quantities = np.concatenate([np.array(part) for part in sides])
    by = 0 if integers_of(lp).any() else _exponent(quantities)
    return {"user_bound_scale": by, "user_objective_scale": _exponent(np.array(lp.col_cost_))}


def _exponent(figures: Array) -> int:
    """The power of two that brings the typical figure between 2^-3 and 2^13; 0 where it is there already."""
    sizes = np.abs(figures[np.isfinite(figures) & (figures != 0)])
    if not len(sizes):
        return 0
    typical = math.log2(float(np.median(sizes)))
    if typical > LARGE:
        return LARGE - math.ceil(typical)
    if typical < SMALL:
        return SMALL - math.floor(typical)
    return 0
