"""Constraint families: a family is a set of rows of one kind, each a sum of variables against a number.

A family carries all that is known of its rule: besides its rows, how a row is put in words, whether a conflict may
name it, how it may be loosened, what keeping it is worth, and whether it is a choke point. Nothing outside asks for a
family by its name. A family has to define `left`, `right` and `wordings`; everything else has a default to override.
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
from planner.model.loosening import Loosening, Turn, Widest
from planner.model.variable_blocks import Array, Decisions, Terms
from planner.model.words.lines import Line, Wording
from planner.model.words.names import Labels, named_labels
from planner.network.frames import narrowed, positions, rows_where
from planner.network.network import Network

Sense = Literal["<=", "==", ">="]


class Family(ABC):
    """A constraint family; its docstring has the sentence, formula, shadow price and what moves it.

    Attributes:
        name: the same in the LP file, the shadow prices, the conflict report and the tests.
        over: the labels of a row; a balance by class has `touched` besides.
        sense: "<=", "==" or ">=".
        unit: unit of both sides.
        wordings: the wording of its rows; several where its rows say different things.
        named_last: order in which rows are left out when a conflict of integer decisions is reduced; rows with a higher
            number are tried later, so they tend to stay in the conflict and be named.
        figures: blocks whose coefficients in a row are figures of a policy or a scenario; all other coefficients are
            structure, and a change of theirs needs a new program.
        turn: the turn in which repairs try to loosen it; None where it cannot be loosened.
        bounds: the block whose bounds express the rule where it has no rows; empty for none.
        promise: the kind of promise that the rule is, a key of `Recourse.prices`; empty for none.
        choke_point: the kind of choke point that its rows are, with a capacity of 0 or more on the right; empty for
            none (limits of a policy become choke points through their table).
        physical: whether it limits what can be made and moved at all, whatever is agreed.
    """

    name: ClassVar[str]
    over: ClassVar[tuple[str, ...]]
    sense: ClassVar[Sense]
    unit: ClassVar[str]
    wordings: ClassVar[tuple[Wording, ...]]
    named_last: ClassVar[int] = 0
    figures: ClassVar[tuple[str, ...]] = ()
    turn: ClassVar[Turn | None] = None
    bounds: ClassVar[str] = ""
    promise: ClassVar[str] = ""
    choke_point: ClassVar[str] = ""
    physical: ClassVar[bool] = False

    @abstractmethod
    def left(self, network: Network, x: Decisions) -> Terms:
        """The left side of each row: its variables with their coefficients, grouped by the labels in `over`."""

    @abstractmethod
    def right(self, network: Network) -> pd.DataFrame:
        """A table of the family's rows: their labels, and their right-hand sides in the column `right`."""

    @property
    def doc(self) -> str:
        """The docstring of the family: sentence, formula, meaning of the shadow price and what moves it."""
        return inspect.cleandoc(self.__doc__ or "")

    @property
    def sentence(self) -> str:
        """The first line of the docstring, which says what the family means to a planner."""
        return self.doc.splitlines()[0]

    @property
    def priced(self) -> bool:
        """Whether the shadow prices of its rows are reported."""
        return bool(self.choke_point)

    @property
    def by_nature(self) -> bool:
        """Whether its rows only define a variable or tie decisions together, without a figure of the data."""
        return all(wording.by_nature for wording in self.wordings)

    def line(self, network: Network, labels: Labels, right: float) -> Line:
        """What a row says, in the wording of `wordings`; without a figure where it holds by nature."""
        figures = () if self.by_nature else (right,)
        return Line(self.wordings[0], named_labels(network, self.over, labels), figures)

    def can_be_blamed(self, right: Array) -> Array:
        """Which rows a conflict can name, one boolean a row: all, or none where they hold by nature."""
        return np.full(len(right), not self.by_nature)

    def sizes(self, network: Network, labels: pd.DataFrame, need: Mapping[str, float]) -> Array | None:  # noqa: ARG002
        """The usual size of each row's figure, to compare moves by; None where it is the right-hand side.

        Args:
            network: what is planned.
            labels: of the rows.
            need: of each item, what the orders of a period take.
        """
        return None

    def loosenings(self, network: Network, labels: pd.DataFrame, right: Array) -> Iterator[tuple[int, Loosening]]:  # noqa: ARG002
        """Pairs of a row's position and a figure that loosens it, in row order; a row may have several.

        Args:
            network: what is planned.
            labels: of the rows.
            right: their right-hand sides.
        """
        return iter(())

    def widest(self, network: Network) -> Widest | None:  # noqa: ARG002
        """Coefficients by which decisions of 0 or 1 allow all that can be needed; None without such decisions."""
        return None

    def repeats_capacity(self, network: Network, x: Decisions, labels: pd.DataFrame, values: Array) -> Array:  # noqa: ARG002
        """Which rows, with the decisions of 0 or 1 held, say no more than the capacities their bounds were taken from.

        A unit of capacity more would move them too: as rows with a figure of their own they would hide its price.
        Bounds that are estimates are none of these.

        Args:
            network: what is planned.
            x: the decisions.
            labels: of the rows.
            values: of the decisions in the plan, whole.

        Returns:
            a flag for each row.
        """
        return np.zeros(len(labels), dtype=bool)

    def worth(self, network: Network, labels: pd.DataFrame, duals: Array) -> pd.Series:
        """For a promise: what keeping each row is worth, in undiscounted money a unit; the index names the promise.

        Args:
            network: what is planned.
            labels: of the rows.
            duals: of the rows.

        Raises:
            NotImplementedError: the family is no promise.
        """
        raise NotImplementedError(f"{self.name} is no promise.")

    def choke_points(self, network: Network, x: Decisions, labels: pd.DataFrame, values: Array) -> pd.DataFrame:
        """For choke points: the name, site, region, stage, use and capacity of each row in a plan.

        Args:
            network: what is planned.
            x: the decisions.
            labels: of the rows.
            values: of the decisions in the plan.

        Raises:
            NotImplementedError: the family is no choke point.
        """
        raise NotImplementedError(f"{self.name} is no choke point.")

    def rows(self, network: Network, x: Decisions) -> FamilyRows:
        """The rows of the family for a network; where there are none, its left side is not looked at.

        Raises:
            PlannerError: the left side has a label that the right side does not know (a bug).
        """
        table = self.right(network)
        over = [*self.over, *(name for name in network.by_class if name in table)]
        if table.empty:
            return FamilyRows.none(self, narrowed(table, over))
        terms = self.left(network, x).together()
        row = positions(terms, table, over)
        if (row < 0).any():
            stray = [terms[name][row < 0][0] for name in over]
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
            labels=rows_where(narrowed(table, over), keep),
            right=right[keep],
            row=renumbered[row[order]] if len(row) else row,
            column=terms["column"][order],
            coefficient=terms["coefficient"][order],
        )


@dataclass(frozen=True)
class FamilyRows:
    """The rows of a family in a program.

    Attributes:
        family: the family.
        labels: a table with one row for each row of the family.
        right: right-hand sides, one a row.
        row, column, coefficient: the matrix entries sorted by row; `row` counts from 0 within the family, `column` from
            0 within the program.
    """

    family: Family
    labels: pd.DataFrame
    right: np.ndarray[Any, Any]
    row: np.ndarray[Any, Any]
    column: np.ndarray[Any, Any]
    coefficient: np.ndarray[Any, Any]

    @classmethod
    def none(cls, family: Family, labels: pd.DataFrame) -> FamilyRows:
        """A family without rows; `labels` is an empty table with its label columns."""
        figures, numbers = np.zeros(0), np.zeros(0, dtype=np.int64)
        return cls(family, labels, right=figures, row=numbers, column=numbers, coefficient=figures)

    def __len__(self) -> int:
        return len(self.labels)
