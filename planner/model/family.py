"""Constraint families: a named set of rows, written as a sum of variables against a number for each label."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from planner.errors import PlannerError
from planner.model.blocks import Decisions, Terms
from planner.network.frames import narrowed, positions
from planner.network.network import Network

Sense = Literal["<=", "==", ">="]


class Family(ABC):
    """A constraint family; its docstring has the sentence, formula, shadow price and what moves it.

    Attributes:
        name: the same in the LP file, the shadow prices, the conflict report and the tests.
        over: the labels of a row; a balance by class has `touched` besides.
        sense: "<=", "==" or ">=".
        unit: unit of both sides.
    """

    name: ClassVar[str]
    over: ClassVar[tuple[str, ...]]
    sense: ClassVar[Sense]
    unit: ClassVar[str]

    @abstractmethod
    def left(self, network: Network, x: Decisions) -> Terms:
        """The variables of each row."""

    @abstractmethod
    def right(self, network: Network) -> pd.DataFrame:
        """The table of rows, with the right-hand side in the column `right`."""

    @property
    def doc(self) -> str:
        """The sentence, formula, meaning of the shadow price and what moves it."""
        return inspect.cleandoc(self.__doc__ or "")

    @property
    def sentence(self) -> str:
        """The first line: what the family means, for a planner."""
        return self.doc.splitlines()[0]

    def rows(self, network: Network, x: Decisions) -> FamilyRows:
        """The rows of the family for a network; where there are none, its left side is not looked at.

        Raises:
            PlannerError: the left side has a label that the right side does not know (a bug).
        """
        table = self.right(network).reset_index(drop=True)
        over = [*self.over, *(name for name in network.by_class if name in table)]
        if table.empty:
            return FamilyRows.none(self, narrowed(table, over))
        terms = self.left(network, x).table
        row = positions(terms, table, over) if len(terms) else np.zeros(0, dtype=np.int64)
        if (row < 0).any():
            stray = terms.loc[row < 0, over].iloc[0].tolist()
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
            labels=narrowed(table, over)[keep].reset_index(drop=True),
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

    @classmethod
    def none(cls, family: Family, labels: pd.DataFrame) -> FamilyRows:
        """No row of a family; `labels` has its columns."""
        figures, numbers = np.zeros(0), np.zeros(0, dtype=np.int64)
        return cls(family, labels, right=figures, row=numbers, column=numbers, coefficient=figures)

    def __len__(self) -> int:
        return len(self.labels)
