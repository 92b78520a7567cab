"""Constraint families: a named set of rows, written as a sum of variables against a number for each label.

A family carries all that is known of its rule: besides its rows how a planner says one, whether a conflict names it,
how it may be loosened, what keeping it is worth, and whether it is a choke point. Nothing outside asks for a family by
its name. Only `left`, `right` and `said` have to be written; what else a rule says of itself it overrides.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from planner.errors import PlannerError
from planner.model.blocks import Array, Decisions, Terms
from planner.model.loosening import Loosening, Turn, Widest
from planner.model.words.lines import Line, Wording
from planner.model.words.names import Labels, named_labels
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
        said: how a row is said; several where its rows say different things.
        named_last: where whole decisions conflict, rows of a higher number are left out later, so that they are named.
        figures: blocks whose coefficients in a row are figures of a policy or a scenario; all others are structure.
        turn: in which turn its loosening is tried; None where it cannot be loosened.
        bounds: a block whose bounds say what the rows say, where there are no rows.
        promise: the kind of promise that the rule is, as `Recourse.prices` has it; empty for none.
        choke_point: the kind of choke point that its rows are, whose right-hand side is a capacity of 0 or more; empty
            for none (limits of a policy are choke points by their table).
        physical: whether it limits what can be made and moved at all, whatever is agreed.
    """

    name: ClassVar[str]
    over: ClassVar[tuple[str, ...]]
    sense: ClassVar[Sense]
    unit: ClassVar[str]
    said: ClassVar[tuple[Wording, ...]]
    named_last: ClassVar[int] = 0
    figures: ClassVar[tuple[str, ...]] = ()
    turn: ClassVar[Turn | None] = None
    bounds: ClassVar[str] = ""
    promise: ClassVar[str] = ""
    choke_point: ClassVar[str] = ""
    physical: ClassVar[bool] = False

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

    @property
    def priced(self) -> bool:
        """Whether people are shown what one more unit of a row saves, and one less costs."""
        return bool(self.choke_point)

    @property
    def by_nature(self) -> bool:
        """Whether its rows hold by nature: they define something, or tie decisions together."""
        return all(wording.by_nature for wording in self.said)

    def line(self, network: Network, labels: Labels, right: float) -> Line:
        """What a row says, in the words of `said`; without a figure where it holds by nature."""
        figures = () if self.by_nature else (right,)
        return Line(self.said[0], named_labels(network, self.over, labels), figures)

    def can_be_blamed(self, right: Array) -> Array:
        """Which rows a conflict can name, by their right-hand sides: all, or none where they hold by nature."""
        return np.full(len(right), not self.by_nature)

    def sizes(self, network: Network, labels: pd.DataFrame, need: Mapping[str, float]) -> Array | None:  # noqa: ARG002
        """The size of the figure of each row, by which its moves are weighed; None where its right-hand side says it.

        Args:
            network: what is planned.
            labels: of the rows.
            need: of each item, what the orders of a period take.
        """
        return None

    def loosenings(self, network: Network, labels: pd.DataFrame, right: Array) -> Iterator[tuple[int, Loosening]]:  # noqa: ARG002
        """(row, the figure that can be written otherwise), in the order of the rows; a row may hold several figures.

        Args:
            network: what is planned.
            labels: of the rows.
            right: their right-hand sides.
        """
        return iter(())

    def widest(self, network: Network) -> Widest | None:  # noqa: ARG002
        """Where a decision of 0 or 1 bounds starts by what there is: the row by what can be needed; None for others."""
        return None

    def worth(self, network: Network, labels: pd.DataFrame, duals: Array) -> pd.Series:
        """For a promise: the worth of keeping each row, money before discounting a unit; the index names the promise.

        Args:
            network: what is planned.
            labels: of the rows.
            duals: of the rows.
        """
        raise NotImplementedError(f"{self.name} is no promise.")

    def choke_points(self, network: Network, x: Decisions, labels: pd.DataFrame, values: Array) -> pd.DataFrame:
        """For choke points: the name, site, region, stage, use and capacity of each row in a plan.

        Args:
            network: what is planned.
            x: the decisions.
            labels: of the rows.
            values: of the decisions in the plan.
        """
        raise NotImplementedError(f"{self.name} is no choke point.")

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
