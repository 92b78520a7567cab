"""Prices from both sides: what one more unit of a figure saves, and what one unit less costs.

The least cost is a convex, piecewise linear function of a right-hand side, so the two differ where the cost turns. A
solver's dual is any slope between those of the two sides; which one depends on the basis in which it ended. Where
ranging shows that this basis stays optimal for a while in a direction, the dual is the slope on that side. Where it
does not, the program is solved again with the figure moved, closer and closer, until the tangent at that point passes
through today's cost: its slope is then the slope on that side, whatever the basis (as in solve/ranging.py, which also
finds how far it holds).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from planner.model.linear_program import Array
from planner.model.program import Program
from planner.network.frames import lookup, positions, rows_where
from planner.solve.algorithms import DUAL_SIMPLEX, Outcome
from planner.solve.basis_ranges import ranges_of
from planner.solve.deadline import seconds_from_now
from planner.solve.highs_model import HighsModel
from planner.solve.money import gross_cost
from planner.solve.solution import Prices

NEGLIGIBLE = 1e-9  # relative to the largest price, below which a price is 0; also to a price itself
TIGHT = 1e-9  # relative to the size of a row: closer to its side it binds; shorter ranges are empty
STEP = 0.01  # relative to the size of a row: the first move of its figure
CLOSEST = 1e-6  # relative to the size of a row: a corner closer to today's figure counts as at it
DISTINCT = 100.0  # times the solver's tolerance; smaller moves would be lost in it
NOISE = 1e-11  # relative to the sum of all cost terms; two solves of one program may differ by it
MOST = 12  # re-solves for one side of one figure, at most
ALL = 200  # re-solves of all figures together, at most
GRACE = 60.0  # seconds allowed for restoring the model after the deadline; it needs far less
PATIENCE = 500  # iterations of a re-solve, besides as many as there are rows


def promised_orders(program: Program) -> Array:
    """Positions in `lost` of the orders of which a share must be served."""
    orders = program.network.orders
    orders = rows_where(orders, orders["must_serve"].to_numpy(dtype=float) > 0)
    return np.flatnonzero(positions(program.network.lost, orders, ["customer", "item", "period"]) >= 0)


def one_sided_prices(program: Program, live: HighsModel) -> Prices:
    """The prices of a program that was just solved to optimality (integers fixed); the model is left as it was found.

    Args:
        program: the program.
        live: its model. Its deadline ends the work; what is not determined by then is NaN.
    """
    pricing = _Pricing(program, live)
    figures = sorted([*pricing.rows(), *pricing.promises()], key=pricing.worth, reverse=True)
    more, less = (np.full(program.rows, math.nan) for _ in range(2))
    lost_more, lost_less = (np.full(len(program.lost), math.nan) for _ in range(2))
    for side, of_rows, of_promises in ((pricing.more, more, lost_more), (pricing.less, less, lost_less)):
        for figure in figures:
            if figure.bound:
                of_promises[figure.number - program.lost.first] = side(figure)
            else:
                of_rows[figure.number] = side(figure)
    pricing.end()
    return Prices(more, less, lost_more, lost_less)


@dataclass(frozen=True)
class _Figure:
    """A figure to be priced: the right-hand side of a row, or the upper bound of a column.

    Attributes:
        number: of the row or column.
        bound: whether it is the bound of a column.
        rising: whether the cost can only rise with it (a row that says "at least"); else it can only fall.
        value: its present value.
        used: the row's left side, or the column's value.
        size: the usual size of the terms in its row, or the units of the order.
        dual: how the cost changes with one more unit, by the solver: of the right sign, and 0 where it is noise.
        least, most: the range outside which it has no meaning.
        down, up: how far the solver's basis stays optimal; NaN where that is not known.
    """

    number: int
    bound: bool
    rising: bool
    value: float
    used: float
    size: float
    dual: float
    least: float
    most: float
    down: float
    up: float

    @property
    def binds(self) -> bool:
        """Whether the figure is used in full."""
        return self.dual != 0.0 or abs(self.used - self.value) <= TIGHT * self.size


class _Pricing:
    """The live model during pricing, with the solver's duals and ranges."""

    def __init__(self, program: Program, live: HighsModel) -> None:
        self.program, self.live = program, live
        self.values, self.duals, self.reduced = live.values(), live.row_duals(), live.reduced_costs()
        self.cost = live.objective()
        self.noise = NOISE * gross_cost(live.costs(), self.values)
        self.basis, self.lower = live.basis(), live.bounds().lower
        self.ranges = ranges_of(live)
        self.resolves = 0

    def rows(self) -> list[_Figure]:
        """The right-hand sides of the families whose prices are reported."""
        program, matrix = self.program, self.program.matrix()
        parts = matrix.coefficient * self.values[matrix.column]
        used = np.bincount(matrix.row, weights=parts, minlength=len(matrix.lower))
        added = np.bincount(matrix.row, weights=np.abs(parts), minlength=len(matrix.lower))
        found = []
        for start, rows in program.by_family():
            if not rows.family.priced:
                continue
            least = 0.0 if rows.family.choke_point else -math.inf  # capacities are not below zero
            rising = rows.family.sense == ">="
            duals = self._signed(self.duals[start : start + len(rows)], rising=rising)
            for row, (right, dual) in enumerate(zip(rows.right.tolist(), duals.tolist(), strict=True), start):
                size = max(abs(right), float(added[row])) or 1.0
                ends = (math.nan, math.nan) if self.ranges is None else self.ranges.of_row(row)
                found.append(_Figure(row, False, rising, right, float(used[row]), size, dual, least, math.inf, *ends))
        return found

    def promises(self) -> list[_Figure]:
        """The upper bounds of the lost units of orders of which a share must be served."""
        network, first = self.program.network, self.program.lost.first
        ordered = lookup(network.lost, network.orders, ["customer", "item", "period"], "quantity", 0.0).astype(float)
        promised = promised_orders(self.program)
        found = []
        for at, dual in zip(promised.tolist(), self._signed(self.reduced[first + promised]).tolist(), strict=True):
            column, quantity = first + at, float(ordered[at])
            upper, lost = float(self.program.numbers.upper[column]), float(self.values[column])
            ends = (math.nan, math.nan) if self.ranges is None else self.ranges.of_column(column)
            found.append(_Figure(column, True, False, upper, lost, quantity or 1.0, dual, 0.0, quantity, *ends))
        return found

    def _signed(self, duals: Array, *, rising: bool = False) -> Array:
        """The duals with those of the wrong sign, or negligible beside the largest one, set to 0."""
        found = np.maximum(duals, 0.0) if rising else np.minimum(duals, 0.0)
        largest = float(np.abs(self.duals).max(initial=0.0))
        return np.where(np.abs(found) <= NEGLIGIBLE * largest, 0.0, found)

    @staticmethod
    def worth(figure: _Figure) -> float:
        """Dual times size; figures that are worth most are priced first, as time may run out."""
        return abs(figure.dual) * figure.size

    def more(self, figure: _Figure) -> float:
        """What one more unit saves, in money."""
        if not figure.binds:
            return 0.0
        if (figure.dual == 0.0 and not figure.rising) or figure.up - figure.value > TIGHT * figure.size:
            return 0.0 - figure.dual
        return 0.0 - self._slope(figure, 1.0, figure.dual)

    def less(self, figure: _Figure) -> float:
        """What one unit less costs, in money."""
        if not figure.binds:
            return 0.0
        if figure.value <= figure.least:
            return math.nan
        if (figure.dual == 0.0 and figure.rising) or figure.value - figure.down > TIGHT * figure.size:
            return 0.0 - figure.dual
        return self._slope(figure, -1.0, -figure.dual)

    def _slope(self, figure: _Figure, sign: float, known: float) -> float:
        """The one-sided slope of the cost as a figure moves in a direction; NaN where it is not determined.

        Args:
            figure: the figure.
            sign: 1 up, -1 down.
            known: a slope in that direction that is not too steep.
        """
        furthest = (figure.most - figure.value) if sign > 0 else (figure.value - figure.least)
        nearest = max(CLOSEST * figure.size, DISTINCT * self.live.tolerance_of(figure.number, bound=figure.bound))
        at = min(max(STEP * figure.size, nearest), furthest)
        for _ in range(MOST):
            if at <= 0 or self.resolves >= ALL:
                break
            cost, slope = self._moved(figure, sign, at)
            if math.isinf(cost):  # no plan at this distance
                if at <= nearest:
                    return math.inf
                at = max(at / 100.0, nearest)
                continue
            rise = cost - slope * at - self.cost  # tangent at today's figure minus today's cost; never above 0
            allowed = self.noise + NEGLIGIBLE * abs(slope * at)
            if math.isnan(cost) or rise > allowed:
                break
            if rise >= -allowed:
                return slope
            if cost - known * at - self.cost <= self.noise + NEGLIGIBLE * abs(known * at):
                return known
            if at <= nearest:
                return slope
            at = max(rise / (known - slope), nearest)
        return math.nan

    def _moved(self, figure: _Figure, sign: float, at: float) -> tuple[float, float]:
        """The cost with a figure moved by `at`, and the slope there; infinite where there is no plan."""
        live, self.resolves = self.live, self.resolves + 1
        try:
            self._set(figure, figure.value + sign * at)
            live.start_from(self.basis)
            outcome = live.run_hot(DUAL_SIMPLEX, PATIENCE + self.program.rows)
            if outcome is Outcome.INFEASIBLE:
                return math.inf, math.nan
            if outcome is not Outcome.OPTIMAL:
                return math.nan, math.nan
            duals = live.reduced_costs() if figure.bound else live.row_duals()
            return live.objective(), sign * float(duals[figure.number])
        finally:
            self._set(figure, figure.value)

    def _set(self, figure: _Figure, value: float) -> None:
        """Set a figure in the live model: the side of its row, or the upper bound of its column."""
        at, side, open_side = np.array([figure.number]), np.array([value]), np.array([math.inf])
        if figure.bound:
            self.live.set_column_bounds(at, self.lower[at], side)
        elif figure.rising:
            self.live.set_row_bounds(at, side, open_side)
        else:
            self.live.set_row_bounds(at, -open_side, side)

    def end(self) -> None:
        """Solve the program as it was, even past the deadline, so that the model is left as it was found."""
        if not self.resolves:
            return
        grace = None if self.live.deadline is None else seconds_from_now(GRACE)
        with self.live.until(grace):  # quick, as the original basis is still optimal
            self.live.start_from(self.basis)
            self.live.run_hot(DUAL_SIMPLEX, PATIENCE + self.program.rows)
