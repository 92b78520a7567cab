"""Levers: figures of tables and policies that a planner can write otherwise, and what gives way when they move.

Each lever is one figure as the format holds it: a minimum stock counts in every period, a policy has one number of
sources for a stage, an outage is there or not. So what a repair says can be written down as it is said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import override

import numpy as np

from planner.model.words.amounts import TOLERATED, at_least, at_most
from planner.model.words.lines import Line, Wording
from planner.network.buffers import periods_ahead
from planner.solve.highs_model import Live
from planner.solve.solution import Array

PARTS = 1000  # a share is written in tenths of a percentage point
COVER = 100  # periods of cover are written in hundredths


@dataclass(frozen=True)
class Lever:
    """A figure, and the rows of a model that give way when it moves by a slack.

    Attributes:
        rule: the instruction that moves it.
        labels: what it is of.
        figure: as it stands.
        size: of the figure, by which its move is weighed.
        entries: (row of the model, coefficient of the slack).
        up: whether it is raised (else it is lowered).
    """

    rule: Wording
    labels: Mapping[str, str]
    figure: float
    size: float
    entries: tuple[tuple[int, float], ...]
    up: bool = True

    @property
    def room(self) -> float:
        """How far the slack can move at most."""
        return math.inf

    def written(self, amount: float, values: Array) -> float | None:  # noqa: ARG002 some levers need the plan
        """The figure to write, rounded so that it is enough; None where this lever says nothing.

        Args:
            amount: how far the slack moves.
            values: of all columns of the model.
        """
        return at_least(self.figure + amount) if self.up else at_most(self.figure - amount)

    def write(self, live: Live, column: int, written: float, cost: Array) -> None:  # noqa: ARG002 as above
        """Let the model be as if the figure were written; with the figure as it stands it is as it was.

        Args:
            live: the model.
            column: the slack.
            written: the figure.
            cost: the cost of each column, which may change with it.
        """
        allow(live, column, abs(written - self.figure))

    def line(self, written: float, amount: float) -> Line:  # noqa: ARG002 as above
        """The instruction, with the figure as it stands and as it is written."""
        return Line(self.rule, self.labels, (self.figure, written))


def allow(live: Live, column: int, most: float) -> None:
    """Let a slack move so far."""
    live.set_column_bounds(np.array([column]), np.zeros(1), np.array([most]))


@dataclass(frozen=True)
class Switch(Lever):
    """Something that is so or not: an outage, an option that is not allowed."""

    @override
    def written(self, amount: float, values: Array) -> float | None:
        """It is switched whole."""
        return 1.0

    @override
    def write(self, live: Live, column: int, written: float, cost: Array) -> None:
        """Nothing of it is left."""
        allow(live, column, math.inf)

    @override
    def line(self, written: float, amount: float) -> Line:
        """The instruction has no figure."""
        return Line(self.rule, self.labels)


@dataclass(frozen=True)
class Promise(Lever):
    """The share of an order that must be served; the slack is in units. An order that may be lost whole has none.

    Attributes:
        quantity: units ordered.
    """

    quantity: float = 0.0

    @property
    @override
    def room(self) -> float:
        """No more than all of the order is lost."""
        return self.figure * self.quantity

    @override
    def written(self, amount: float, values: Array) -> float | None:
        """The largest share, in three digits of what is given up."""
        lost = (1.0 - self.figure) + amount / self.quantity
        return max(0.0, 1.0 - at_least(lost, 3))

    @override
    def write(self, live: Live, column: int, written: float, cost: Array) -> None:
        """The slack is in units."""
        allow(live, column, (self.figure - written) * self.quantity)

    @override
    def line(self, written: float, amount: float) -> Line:
        """The units that must be lost, the share that is served at least, and what that share was."""
        lost = (1.0 - self.figure) * self.quantity + amount
        return Line(self.rule, self.labels, (at_least(lost), written, self.figure))


@dataclass(frozen=True)
class Cap(Lever):
    """The largest share of a limit; the slack is in weighted units.

    Attributes:
        row, total: row of the limit and column of its total, whose coefficient is minus the share.
    """

    row: int = 0
    total: int = 0

    @override
    def written(self, amount: float, values: Array) -> float | None:
        """The share of the total that is made, rounded up to a tenth of a point."""
        total = float(values[self.total])
        share = self.figure + amount / total if total > 0 else 1.0
        return min(1.0, math.ceil(share * PARTS * (1 - 10 * TOLERATED)) / PARTS)

    @override
    def write(self, live: Live, column: int, written: float, cost: Array) -> None:
        """The share is a coefficient."""
        live.set_coefficients(np.array([self.row]), np.array([self.total]), np.array([-written]))


@dataclass(frozen=True)
class Floor(Lever):
    """The share of the demand that must be free of a region; the slack is in weighted units.

    Attributes:
        demand: in weighted units.
    """

    demand: float = 0.0

    @override
    def written(self, amount: float, values: Array) -> float | None:
        """The share that can be kept, rounded down to a tenth of a point."""
        share = max(0.0, self.figure - amount / self.demand)
        return math.floor(share * PARTS * (1 + 10 * TOLERATED)) / PARTS

    @override
    def write(self, live: Live, column: int, written: float, cost: Array) -> None:
        """The slack is in weighted units."""
        allow(live, column, (self.figure - written) * self.demand)


@dataclass(frozen=True)
class Cover(Lever):
    """The periods of demand that a buffer covers; the slack is in units.

    Attributes:
        ordered: what the orders take of the item, by period.
        at: the period.
    """

    ordered: tuple[float, ...] = ()
    at: int = 0

    def _held(self, cover: float) -> float:
        return float(periods_ahead(np.array(self.ordered), cover)[self.at])

    @override
    def written(self, amount: float, values: Array) -> float | None:
        """The cover that can be held, rounded down to a hundredth of a period."""
        have = self._held(self.figure) - amount
        have += TOLERATED * abs(have)
        most = math.ceil(self.figure * COVER)
        steps = next((step for step in range(most, -1, -1) if self._held(step / COVER) <= have), 0)
        return min(self.figure, steps / COVER)

    @override
    def write(self, live: Live, column: int, written: float, cost: Array) -> None:
        """The slack is in units."""
        allow(live, column, self._held(self.figure) - self._held(written))


@dataclass(frozen=True)
class OptionSize(Lever):
    """The capacity of an option; the slack is in times the option, beyond the first.

    Attributes:
        column: of the share that is bought.
        gives: (row, coefficient) of what it gives.
        fixed: the part of its cost that does not grow with it.
    """

    column: int = 0
    gives: tuple[tuple[int, float], ...] = ()
    fixed: float = 0.0

    @override
    def written(self, amount: float, values: Array) -> float | None:
        """The capacity, rounded up."""
        return at_least(self.figure * (1.0 + amount))

    @override
    def write(self, live: Live, column: int, written: float, cost: Array) -> None:
        """What it gives grows with it, and what it costs a unit."""
        times = written / self.figure
        rows, coefficients = (np.array(part) for part in zip(*self.gives, strict=True))
        live.set_coefficients(rows.astype(np.int64), np.full(len(rows), self.column), coefficients * times)
        cost[self.column] = self.fixed + (cost[self.column] - self.fixed) * times


@dataclass(frozen=True)
class Count(Lever):
    """A number of sites."""

    @override
    def written(self, amount: float, values: Array) -> float | None:
        """A whole number."""
        return float(math.ceil(self.figure + amount - 1e-6) if self.up else math.floor(self.figure - amount + 1e-6))


@dataclass(frozen=True)
class LeastShareOfSites(Lever):
    """The least share of a site that is used; the slack is in shares of what a period takes.

    Attributes:
        sources: for each site, item and period: column of its use, and (column, yield) of what it and all make.
        coefficients: (row, column, times, plus): what each coefficient is at a share, times * share + plus.
        sides: (row, times): right-hand sides, times * share.
    """

    sources: tuple[tuple[int, tuple[tuple[int, float], ...], tuple[tuple[int, float], ...]], ...] = ()
    coefficients: tuple[tuple[int, int, float, float], ...] = ()
    sides: tuple[tuple[int, float], ...] = ()

    @override
    def written(self, amount: float, values: Array) -> float | None:
        """The least share of what all make that a used site makes; None where it makes nothing."""
        least = self.figure
        for use, own, every in self.sources:
            total = sum(values[column] * weight for column, weight in every)
            if values[use] > 1 / 2 and total > TOLERATED:
                least = min(least, sum(values[column] * weight for column, weight in own) / total)
        least = math.floor(least * PARTS * (1 + 10 * TOLERATED)) / PARTS
        return least if least > 0 else None

    @override
    def write(self, live: Live, column: int, written: float, cost: Array) -> None:
        """The share is in coefficients and right-hand sides."""
        rows, columns, times, plus = (np.array(part) for part in zip(*self.coefficients, strict=True))
        live.set_coefficients(rows, columns, times * written + plus)
        at, sides = (np.array(part) for part in zip(*self.sides, strict=True))
        live.set_row_bounds(at, np.full(len(at), -np.inf), sides * written)
