"""Comparing two layouts: the numbers in which they differ, or why a live model of one cannot answer the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from planner.model.family import Family
from planner.model.layout import Layout
from planner.model.variable_blocks import Array, Block
from planner.network.frames import lookup, positions

# (block, column of its table, what differs)
TELLING = (("make", "finish", "the lead time"), ("ship", "arrive", "the lead time"), ("make", "yield", "the yield"))

INTEGERS = "The program has decisions of 0 or 1, which are found anew each time."


class Reason(StrEnum):
    """Why a run was built anew instead of re-solved in the live model."""

    COLUMNS_DIFFER = "columns differ"
    ROWS_DIFFER = "rows differ"
    COEFFICIENTS_DIFFER = "coefficients differ"
    INTEGERS = "integers"
    OTHER_SOLVER = "other solver"
    NO_BASELINE = "no baseline"
    NO_PLAN = "no plan"
    NOT_PROVED = "not proved"
    NOT_UNIQUE = "not unique"


@dataclass(frozen=True)
class Rebuild:
    """Why a run was built anew, with details.

    Attributes:
        reason: the kind of reason.
        what: what differs or was missed, as a sentence.
    """

    reason: Reason
    what: str

    def __str__(self) -> str:
        """`reason: sentence`, as the log and the tests show it."""
        return f"{self.reason}: {self.what}"


@dataclass(frozen=True)
class Coefficients:
    """Coefficients that a re-solve changes: arrays of row, column and new value."""

    row: Array
    column: Array
    value: Array


def difference(base: Layout, other: Layout) -> Coefficients | Rebuild:
    """The coefficients in which two layouts differ, besides their bounds, costs and right-hand sides.

    Args:
        base: of the program that stands in the live model.
        other: of the program that is asked for.

    Returns:
        the coefficients that are figures and differ (none in most cases), or why a live model of the one cannot
        answer the other.
    """
    if base.integer.any() or other.integer.any():
        return Rebuild(Reason.INTEGERS, INTEGERS)
    for ours, theirs in zip(base.blocks, other.blocks, strict=True):
        if not _equal(ours.labelled, theirs.labelled, ours.keys, theirs.keys):
            return Rebuild(Reason.COLUMNS_DIFFER, _cause(base, other) or _appearing(ours, theirs))
    changed: list[tuple[Array, Array, Array]] = []
    for start, ours_, theirs_ in zip(base.row_starts, base.families, other.families, strict=True):
        name = ours_.family.name
        if not _equal(ours_.labels, theirs_.labels, list(ours_.labels), list(theirs_.labels)):
            said = _stray(name, ours_.labels, theirs_.labels, base.network.labels)
            return Rebuild(Reason.ROWS_DIFFER, _cause(base, other) or said)
        same = np.array_equal(ours_.row, theirs_.row) and np.array_equal(ours_.column, theirs_.column)
        if not same:
            said = f"Which decisions take part in {name} differs."
            return Rebuild(Reason.COEFFICIENTS_DIFFER, _cause(base, other) or said)
        at = np.flatnonzero(ours_.coefficient != theirs_.coefficient)
        if len(at):
            row, column = ours_.row[at], ours_.column[at]
            structure = np.flatnonzero(~_are_figures(base, ours_.family, column))
            if len(structure):
                said = _coefficient(base, start + int(row[structure[0]]), int(column[structure[0]]))
                return Rebuild(Reason.COEFFICIENTS_DIFFER, _cause(base, other) or said)
            changed.append((start + row, column, theirs_.coefficient[at]))
    if not changed:
        return Coefficients(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
    row, column, value = (np.concatenate(part) for part in zip(*changed, strict=True))
    return Coefficients(row, column, value)


def _equal(ours: pd.DataFrame, theirs: pd.DataFrame, columns: Sequence[str], others: Sequence[str]) -> bool:
    """Whether two tables agree in their labels, row for row."""
    if list(columns) != list(others) or len(ours) != len(theirs):
        return False
    if ours is theirs or not len(ours):
        return True
    return all(bool(np.array_equal(ours[name].to_numpy(), theirs[name].to_numpy())) for name in columns)


def _are_figures(base: Layout, family: Family, column: Array) -> Array:
    """Which columns have a coefficient in a family that is a figure of a policy or a scenario, not structure."""
    found = np.zeros(len(column), dtype=bool)
    for name in family.figures:
        block: Block = getattr(base, name)
        found |= block.holds(column)
    return found


def _cause(base: Layout, other: Layout) -> str:
    """The first lead time or yield that differs, as a sentence; empty where none does."""
    for name, figure, words in TELLING:
        ours: Block = getattr(base, name)
        theirs: Block = getattr(other, name)
        if ours.keys != theirs.keys:
            continue
        before = lookup(theirs.labelled, ours.labelled, ours.keys, figure, np.nan).astype(float)
        now = theirs.labelled[figure].to_numpy(dtype=float)
        rows = np.flatnonzero(~np.isnan(before) & (before != now))
        if len(rows):
            return f"It changes {words} of {_named(name, theirs.labelled[theirs.keys].iloc[int(rows[0])])}."
    return ""


def _appearing(ours: Block, theirs: Block) -> str:
    """The first decision that is possible in one program only."""
    if ours.keys != theirs.keys:
        return f"Its units of {ours.spec.name} are told apart by other regions."
    return _stray(ours.spec.name, ours.labelled[ours.keys], theirs.labelled[theirs.keys], ())


def _stray(name: str, ours: pd.DataFrame, theirs: pd.DataFrame, periods: Sequence[str]) -> str:
    """The first label that only one of two tables has."""
    keys = list(ours)
    if keys != list(theirs):
        return f"The labels of {name} differ."
    gone = np.flatnonzero(positions(ours, theirs, keys) < 0)
    if len(gone):
        return f"It does away with {_named(name, ours.iloc[int(gone[0])], periods)}."
    new = np.flatnonzero(positions(theirs, ours, keys) < 0)
    if len(new):
        return f"It brings {_named(name, theirs.iloc[int(new[0])], periods)}."
    return f"The order of {name} differs."


def _coefficient(base: Layout, row: int, column: int) -> str:
    family, labels = base.row_label(row)
    block, parts = base.column_label(column)
    place = _named(family, pd.Series(labels), base.network.labels)
    return f"It changes what {_named(block, pd.Series(parts))} counts for in {place}."


def _named(name: str, label: pd.Series, periods: Sequence[str] = ()) -> str:
    """A name with its labels in brackets, periods by their own label."""
    parts = [
        periods[int(part)] if periods and isinstance(part, int | np.integer) else str(part) for part in label.tolist()
    ]
    return f"{name} ({', '.join(part for part in parts if part)})"
