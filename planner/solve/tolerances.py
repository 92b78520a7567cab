"""Tolerances: when a figure in a table agrees with the one that follows from the decisions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.model.layout import Layout
from planner.solve.solution import Array

RELATIVE = 1e-7  # relative; tables have nine digits
DROPPED = 2e-9  # tables omit rows below 1e-9 of their column's largest figure; with a margin
LEAST = 1e-12  # absolute; smaller differences never count


def label_of(table: pd.DataFrame, keys: list[str], row: int) -> str:
    """The key values of a table's row, joined by `/`, for messages."""
    return "/".join(str(part) for part in table[keys].iloc[row])


def dropped_in(program: Layout) -> float:
    """The share of a column's largest figure below which tables drop rows; 0 where figures are far apart."""
    return DROPPED if program.units is None else 0.0


def wrong_figures(
    table: pd.DataFrame, keys: list[str], name: str, shown: Array, wanted: Array, dropped: float
) -> list[str]:
    """A sentence on the first row whose figure is not the wanted one.

    Args:
        table, keys: the table, and the columns that label its rows.
        name: what is shown.
        shown, wanted: the figures.
        dropped: as `dropped_in` gives it.
    """
    if not len(shown):
        return []
    missing = dropped * float(np.max(np.abs(wanted), initial=0.0)) + (LEAST if dropped else 0.0)
    far = ~(np.abs(shown - wanted) <= RELATIVE * np.abs(wanted) + missing)
    rows = np.flatnonzero(far)
    if not len(rows):
        return []
    row = int(rows[0])
    return [f"{name} of {label_of(table, keys, row)} is {shown[row]:.9g}, but {wanted[row]:.9g} follows"]
