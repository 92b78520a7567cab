"""Constraint families: a named set of rows, written as a sum of variables against a number for each label."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from planner.errors import PlannerError
from planner.model.blocks import Terms
from planner.network.frames import positions
from planner.network.network import Network

Sense = Literal["<=", "==", ">="]


@dataclass(frozen=True)
class Family:
    """A constraint family.

    Attributes:
        name: the same in the LP file's comments, the shadow prices, the conflict report and the tests.
        over: the labels of a row.
        sense: "<=", "==" or ">=".
        unit: unit of both sides.
        doc: the sentence, formula, meaning of the shadow price and what moves it.
        left: the variables of each row.
        right: the table of rows, with the right-hand side in the column `right`.
    """

    name: str
    over: tuple[str, ...]
    sense: Sense
    unit: str
    doc: str
    left: Callable[[Network, Any], Terms]
    right: Callable[[Network], pd.DataFrame]

    @property
    def sentence(self) -> str:
        """The first line: what the family means, for a planner."""
        return self.doc.splitlines()[0]

    def rows(self, network: Network, blocks: Any) -> FamilyRows:
        """The rows of the family for a network.

        Raises:
            PlannerError: the left side has a label that the right side does not know (a bug).
        """
        table = self.right(network).reset_index(drop=True)
        terms = self.left(network, blocks).table
        row = positions(terms, table, self.over) if len(terms) else np.zeros(0, dtype=np.int64)
        if (row < 0).any():
            stray = terms.loc[row < 0, list(self.over)].iloc[0].tolist()
            raise PlannerError(f"{self.name}: the row {stray} has a left side but no right side.")
        right = table["right"].to_numpy(dtype=float)
        used = np.zeros(len(table), dtype=bool)
        used[row] = True
        true = {"<=": right >= 0, "==": right == 0, ">=": right <= 0}[self.sense]
        keep = used | ~true  # a row without variables stays where it cannot hold, so that the conflict names it
        renumbered = np.cumsum(keep) - 1
        order = np.argsort(row, kind="stable")
        return FamilyRows(
            family=self,
            labels=table.loc[keep, list(self.over)].reset_index(drop=True),
            right=right[keep],
            row=renumbered[row[order]] if len(row) else row,
            column=terms["column"].to_numpy(dtype=np.int64)[order],
            coefficient=terms["coefficient"].to_numpy(dtype=float)[order],
        )


@dataclass(frozen=True)
class FamilyRows:
    """The rows of a family in a program: labels and numbers, and the matrix entries sorted by row."""

    family: Family
    labels: pd.DataFrame
    right: np.ndarray[Any, Any]
    row: np.ndarray[Any, Any]
    column: np.ndarray[Any, Any]
    coefficient: np.ndarray[Any, Any]

    def __len__(self) -> int:
        return len(self.labels)


def family(*, over: Sequence[str], sense: Sense, unit: str) -> Callable[[type], Family]:
    """Make a family of a class with a docstring, `left(network, x)` and `right(network)`."""

    def made(cls: type) -> Family:
        doc = inspect.cleandoc(cls.__doc__ or "")
        return Family(cls.__name__, tuple(over), sense, unit, doc, cls.left, cls.right)  # type: ignore[attr-defined]

    return made
