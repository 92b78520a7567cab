"""Levers: single figures of tables and policies that a repair can change, and the rows that give way when they move.

A lever is one figure as it stands in the files: a minimum stock counts in every period, a policy has one number of
sources for a stage, an outage exists or not. So a repair can be written into the files exactly as it is shown.
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
from planner.solve.highs_model import HighsModel
from planner.solve.solution import Array

PARTS = 1000  # a share is written in tenths of a percentage point
COVER = 100  # periods of cover are written in hundredths


@dataclass(frozen=True)
class Lever:
    """A figure that can be changed, and the rows of an elastic model that give way when it moves by a slack.

    Attributes:
        rule: the instruction that changes it, as a wording.
        labels: what the figure belongs to, by label.
        figure: its present value.
        size: the usual size of the figure, by which its move is compared with others.
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
        """The most that the slack can be, in the unit of the slack."""
        return math.inf

    def figure_for(self, amount: float, values: Array) -> float | None:
        """The new figure, rounded so that it suffices; None where no other figure would, or it would not matter.

        A figure that exceeds a rounding step by no more than a solver's noise is not rounded up to the next one, unless
        it would then stay at its present value because so little is missing.

        Args:
            amount: the slack.
            values: of all columns of the model.
        """
        for tolerated in (TOLERATED, 0.0):
            found = self.written(amount, values, tolerated)
            if found is None or (found > self.figure if self.up else found < self.figure):
                return found
        return None

    def written(self, amount: float, values: Array, tolerated: float = TOLERATED) -> float | None:  # noqa: ARG002
        """The new figure, rounded, where so much (relative) is tolerated as noise; it may be the present one."""
        if self.up:
            return at_least(self.figure + amount, tolerated=tolerated)
        left = self.figure - amount  # of which a part that is noise beside the figure would still ask for a lot
        return 0.0 if left <= TOLERATED * self.figure else at_most(left, tolerated=tolerated)

    def write(self, live: HighsModel, column: int, written: float, cost: Array) -> None:  # noqa: ARG002 as above
        """Change the model as if the figure were changed; with the present figure the model is as it was.

        Args:
            live: the model.
            column: the slack.
            written: the new figure.
            cost: the cost of each column, which may change with it.
        """
        allow_slack(live, column, abs(written - self.figure))

    def line(self, written: float, amount: float) -> Line:  # noqa: ARG002 as above
        """The instruction as a line, with the present figure and the new one."""
        return Line(self.rule, self.labels, (self.figure, written))


def allow_slack(live: HighsModel, column: int, most: float) -> None:
    """Let a slack be anything from 0 to `most`."""
    live.set_column_bounds(np.array([column]), np.zeros(1), np.array([most]))


@dataclass(frozen=True)
class Switch(Lever):
    """A lever without a figure, which is either on or off: an outage, an option that is not allowed.

    Attributes:
        most: by how much the rows give way at most: of an option the whole of it, of an outage as much as is needed.
    """

    most: float = math.inf

    @property
    @override
    def room(self) -> float:
        """The most that the slack can be."""
        return self.most

    @override
    def written(self, amount: float, values: Array, tolerated: float = TOLERATED) -> float | None:
        """1: it is switched off as a whole."""
        return 1.0

    @override
    def write(self, live: HighsModel, column: int, written: float, cost: Array) -> None:
        """Let the slack be as large as it can be."""
        allow_slack(live, column, self.most)

    @override
    def line(self, written: float, amount: float) -> Line:
        """The instruction as a line without figures."""
        return Line(self.rule, self.labels)


@dataclass(frozen=True)
class Promise(Lever):
    """The share of an order that must be served; the slack is in units. An order with must_serve 0 has no such lever.

    Attributes:
        quantity: units ordered.
    """

    quantity: float = 0.0

    @property
    @override
    def room(self) -> float:
        """The units that must be served: all of them may be given up."""
        return self.figure * self.quantity

    @override
    def written(self, amount: float, values: Array, tolerated: float = TOLERATED) -> float | None:
        """The new must_serve share; the part that is given up is rounded up to three digits."""
        lost = (1.0 - self.figure) + amount / self.quantity
        return max(0.0, 1.0 - at_least(lost, 3, tolerated))

    @override
    def write(self, live: HighsModel, column: int, written: float, cost: Array) -> None:
        """Allow a slack, in units, of the share given up times the quantity ordered."""
        allow_slack(live, column, (self.figure - written) * self.quantity)

    @override
    def line(self, written: float, amount: float) -> Line:
        """The instruction with three figures: units that must be lost, new share to serve, and present share."""
        lost = (1.0 - self.figure) * self.quantity + amount
        return Line(self.rule, self.labels, (at_least(lost), written, self.figure))


@dataclass(frozen=True)
class Cap(Lever):
    """The largest share of a limit; the slack is in weighted units.

    Attributes:
        row: row of the limit in the model.
        total: column of its total, whose coefficient in the row is minus the share.
    """

    row: int = 0
    total: int = 0

    @override
    def written(self, amount: float, values: Array, tolerated: float = TOLERATED) -> float | None:
        """The new share of the total in the plan at hand, rounded up to a tenth of a percentage point."""
        total = float(values[self.total])
        share = self.figure + amount / total if total > 0 else 1.0
        return min(1.0, math.ceil(share * PARTS * (1 - 10 * tolerated)) / PARTS)

    @override
    def write(self, live: HighsModel, column: int, written: float, cost: Array) -> None:
        """Change the coefficient of the total to minus the new share."""
        live.set_coefficients(np.array([self.row]), np.array([self.total]), np.array([-written]))


@dataclass(frozen=True)
class Floor(Lever):
    """The share of the demand that must be free of a region; the slack is in weighted units.

    Attributes:
        demand: demand in the scope of the limit, in weighted units.
    """

    demand: float = 0.0

    @override
    def written(self, amount: float, values: Array, tolerated: float = TOLERATED) -> float | None:
        """The share that can still be kept, rounded down to a tenth of a percentage point."""
        share = max(0.0, self.figure - amount / self.demand)
        return math.floor(share * PARTS * (1 + 10 * tolerated)) / PARTS

    @override
    def write(self, live: HighsModel, column: int, written: float, cost: Array) -> None:
        """Allow a slack, in weighted units, of the share given up times the demand."""
        allow_slack(live, column, (self.figure - written) * self.demand)


@dataclass(frozen=True)
class Cover(Lever):
    """The periods of demand that a buffer covers; the slack is in units.

    Attributes:
        ordered: units of the item that the orders take, by period.
        at: position of the row's period.
    """

    ordered: tuple[float, ...] = ()
    at: int = 0

    def _held(self, cover: float) -> float:
        """Units that must be held at the end of the row's period for a given number of periods of cover."""
        return float(periods_ahead(np.array(self.ordered), cover)[self.at])

    @override
    def written(self, amount: float, values: Array, tolerated: float = TOLERATED) -> float | None:
        """The periods of cover that can still be held, rounded down to hundredths."""
        have = self._held(self.figure) - amount
        have += tolerated * abs(have)
        most = math.ceil(self.figure * COVER)
        steps = next((step for step in range(most, -1, -1) if self._held(step / COVER) <= have), 0)
        return min(self.figure, steps / COVER)

    @override
    def write(self, live: HighsModel, column: int, written: float, cost: Array) -> None:
        """Allow a slack, in units, of the stock that the lower cover no longer asks for."""
        allow_slack(live, column, self._held(self.figure) - self._held(written))


@dataclass(frozen=True)
class OptionSize(Lever):
    """The capacity of an option; the slack is the additional capacity, as a multiple of the present one.

    Attributes:
        column: of the share of the option that is bought.
        gives: (row, coefficient) of the capacity that it gives.
        fixed: the part of its cost that does not grow with its capacity.
    """

    column: int = 0
    gives: tuple[tuple[int, float], ...] = ()
    fixed: float = 0.0

    @override
    def written(self, amount: float, values: Array, tolerated: float = TOLERATED) -> float | None:
        """The new capacity, rounded up."""
        return at_least(self.figure * (1.0 + amount), tolerated=tolerated)

    @override
    def write(self, live: HighsModel, column: int, written: float, cost: Array) -> None:
        """Scale the option's coefficients and its variable cost to the new capacity."""
        times = written / self.figure
        rows, coefficients = (np.array(part) for part in zip(*self.gives, strict=True))
        live.set_coefficients(rows.astype(np.int64), np.full(len(rows), self.column), coefficients * times)
        cost[self.column] = self.fixed + (cost[self.column] - self.fixed) * times


@dataclass(frozen=True)
class Count(Lever):
    """A number of sites (max_sources or min_sources)."""

    @override
    def written(self, amount: float, values: Array, tolerated: float = TOLERATED) -> float | None:
        """The new number, rounded to a whole one that suffices."""
        noise = 5 * tolerated
        return float(math.ceil(self.figure + amount - noise) if self.up else math.floor(self.figure - amount + noise))


@dataclass(frozen=True)
class LeastShareOfSites(Lever):
    """The least share of a site that is used; the slack is in shares of what a period takes.

    Attributes:
        sources: for each site, item and period: the column of its use, the (column, yield) pairs of its own starts, and
            those of the starts at all sites.
        coefficients: (row, column, times, plus): the coefficient at a share is times * share + plus.
        sides: (row, times): the right-hand side at a share is times * share.
    """

    sources: tuple[tuple[int, tuple[tuple[int, float], ...], tuple[tuple[int, float], ...]], ...] = ()
    coefficients: tuple[tuple[int, int, float, float], ...] = ()
    sides: tuple[tuple[int, float], ...] = ()

    @override
    def written(self, amount: float, values: Array, tolerated: float = TOLERATED) -> float | None:
        """The least share that any used site has in the plan at hand; None where no site makes anything."""
        least = self.figure
        for use, own, every in self.sources:
            total = sum(values[column] * weight for column, weight in every)
            if values[use] > 1 / 2 and total > TOLERATED:
                least = min(least, sum(values[column] * weight for column, weight in own) / total)
        least = math.floor(least * PARTS * (1 + 10 * tolerated)) / PARTS
        return least if least > 0 else None

    @override
    def write(self, live: HighsModel, column: int, written: float, cost: Array) -> None:
        """Change the coefficients and right-hand sides that contain the share."""
        rows, columns, times, plus = (np.array(part) for part in zip(*self.coefficients, strict=True))
        live.set_coefficients(rows, columns, times * written + plus)
        at, sides = (np.array(part) for part in zip(*self.sides, strict=True))
        live.set_row_bounds(at, np.full(len(at), -np.inf), sides * written)
