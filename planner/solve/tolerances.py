"""When a figure that a table shows agrees with the one that follows from the decisions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.model.blocks import Block
from planner.solve.solution import Array

RELATIVE = 1e-7  # tables have nine digits
DROPPED = 2e-9  # and no row below 1e-9 of their column's largest


def values_of(block: Block, values: Array) -> Array:
    """The values of a block's columns."""
    return values[block.first : block.first + len(block)]


def label_of(table: pd.DataFrame, keys: list[str], row: int) -> str:
    """The keys of a row, as one word."""
    return "/".join(str(part) for part in table[keys].iloc[row])


def wrong_figures(table: pd.DataFrame, keys: list[str], name: str, shown: Array, wanted: Array) -> list[str]:
    """A sentence on the first row whose figure is not the wanted one."""
    if not len(shown):
        return []
    dropped = DROPPED * float(np.max(np.abs(wanted), initial=0.0))
    far = ~(np.abs(shown - wanted) <= RELATIVE * np.abs(wanted) + dropped + 1e-12)
    rows = np.flatnonzero(far)
    if not len(rows):
        return []
    row = int(rows[0])
    return [f"{name} of {label_of(table, keys, row)} is {shown[row]:.9g}, but {wanted[row]:.9g} follows"]
