"""A basis carried from one program to another: the state of each column and row, found again by its labels.

Programs of one instance under other policies or scenarios, or with recourse after a strike, have most of their columns
and rows in common. Begun at the basis of such a program, dual simplex takes a fraction of what a solve from cold takes.
Where a solve begins cannot show in its answer: that is checked as any other, and the tie-break takes the one plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
import pandas as pd

from planner.model.linear_program import Array
from planner.model.program import Program
from planner.network.frames import narrowed, positions
from planner.solve.highs_model import HighsModel

_STATES = tuple(sorted(highspy.HighsBasisStatus.__members__.values(), key=lambda state: state.value))
_LOWER, _UPPER, _ZERO, _BASIC = (
    state.value
    for state in (
        highspy.HighsBasisStatus.kLower,
        highspy.HighsBasisStatus.kUpper,
        highspy.HighsBasisStatus.kZero,
        highspy.HighsBasisStatus.kBasic,
    )
)


@dataclass(frozen=True, eq=False)
class CarriedBasis:
    """The basis of a program that was solved, with the labels of its columns and rows.

    Attributes:
        columns: by block, the labels of its columns and the state of each.
        rows: the same of the rows, by family.
    """

    columns: Mapping[str, tuple[pd.DataFrame, Array]]
    rows: Mapping[str, tuple[pd.DataFrame, Array]]

    @classmethod
    def of(cls, program: Program, basis: Any) -> CarriedBasis:
        """The basis in which a program was solved; rows and variables added by hand are left out.

        Args:
            program: its labels.
            basis: as `HighsModel.basis` gives it.
        """
        states = _numbers_of(basis.col_status)
        columns = {
            block.spec.name: (narrowed(block.labelled, block.keys), states[block.span]) for block in program.blocks
        }
        states = _numbers_of(basis.row_status)
        rows = {
            rows.family.name: (rows.labels, states[start : start + len(rows)]) for start, rows in program.by_family()
        }
        return cls(columns, rows)

    def carried_to(self, program: Program, live: HighsModel) -> Any:
        """The basis for another program: its new columns stand at a bound, and its new rows are slack.

        HiGHS completes a basis that has too few or too many basic columns.

        Args:
            program: the labels of the other program.
            live: its model, with rows and columns added by hand, if any.
        """
        lower, upper, row_lower, _ = live.bounds()
        columns = np.where(np.isfinite(lower), _LOWER, np.where(np.isfinite(upper), _UPPER, _ZERO))
        for block in program.blocks:
            part, labels = block.span, narrowed(block.labelled, block.keys)
            columns[part] = _carried(self.columns.get(block.spec.name), labels, columns[part])
        columns[(columns == _UPPER) & ~np.isfinite(upper)] = _LOWER
        columns[(columns == _LOWER) & ~np.isfinite(lower)] = _ZERO
        rows = np.full(len(row_lower), _BASIC)
        for start, own in program.by_family():
            part = slice(start, start + len(own))
            rows[part] = _carried(self.rows.get(own.family.name), own.labels, rows[part])
        basis = highspy.HighsBasis()
        basis.col_status = [_STATES[state] for state in columns.tolist()]
        basis.row_status = [_STATES[state] for state in rows.tolist()]
        basis.valid = basis.alien = True
        return basis

    def fits(self, program: Program) -> bool:
        """Whether the columns of another program have the same labels, so that much of it can be found again."""
        return all(
            block.spec.name in self.columns and _alike(list(self.columns[block.spec.name][0]), block.keys)
            for block in program.blocks
            if len(block)
        )


def _numbers_of(states: Sequence[Any]) -> Array:
    """HiGHS's number of each state, read from its attribute: `int` and `hash` take four times as long."""
    return np.array([state.value for state in states], dtype=np.int8)


def _carried(known: tuple[pd.DataFrame, Array] | None, labels: pd.DataFrame, otherwise: Array) -> Array:
    """The states of some columns or rows; where the labels are new, the ones given."""
    if known is None or not _alike(list(known[0]), list(labels)):
        return otherwise
    found = positions(labels, known[0], list(labels))
    return np.where(found >= 0, known[1][found], otherwise) if len(known[1]) else otherwise


def _alike(one: Sequence[str], other: Sequence[str]) -> bool:
    return sorted(one) == sorted(other)
