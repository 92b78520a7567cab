"""The cheapest repairs of an infeasible program: for each kind of loosening the least change, written down and tried.

First the levers of a kind move as little as possible in all, each weighed by the size of its figure. Among the ways
that move no more than that, the plan of least cost is taken; ties are broken by weights from a hash of the labels. The
new figures are rounded to few digits, the program is solved with them, and its cost stands beside the repair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from planner.errors import SolverError
from planner.model.constraints.balances import LOWER_OWED
from planner.model.linear_program import Array
from planner.model.words.lines import Line
from planner.solve.algorithms import PRIMAL_SIMPLEX, Algorithm, Outcome
from planner.solve.elastic import ElasticModel, Rule
from planner.solve.highs_model import Bounds
from planner.solve.instructions import LOSE, RAISE_OPENING, instructions, instructions_together
from planner.solve.integrality import WholeDecisions
from planner.solve.levers import Lever, OptionSize
from planner.solve.linear_and_integer import solve_linear
from planner.solve.live_numbers import free_rows, restore_bounds
from planner.solve.loosening_levers import levers_by_kind, opening_stock_levers
from planner.solve.row_sentences import label_order
from planner.solve.solution import Solution
from planner.solve.tie_break import fixed_weight

USED = 1e-7  # relative to the size of the figure; a lever that moves less counts as unmoved
SURELY = 1e-3  # of the farthest move, where all that is missing is less than that
NOTHING = 1e-11  # relative to the size of the figure; nothing is missing where no lever moves more
EQUAL = 1e-9  # relative to the total move; by so much the second solve may exceed the least total
GAP = 1e-6  # relative; of what HiGHS proves with integers
TIED = 1e-7  # relative to the cost; plans that differ by less tie, and labels decide


@dataclass(frozen=True)
class Repair:
    """A way to make a plan possible.

    Attributes:
        text: the instructions, in groups.
        rows: the instructions, one for each figure.
        cost: total cost of the cheapest plan that it allows, in money.
        lines: the instructions as values, with the present figure (for an order: what is lost) and the new one.
        free: whether its cost says too little: it loses orders that cost nothing to lose, takes back what is owed, or
            adds stock at no cost.
    """

    text: str
    rows: tuple[str, ...]
    cost: float
    lines: tuple[Line, ...]
    free: bool


def repairs(elastic: ElasticModel, conflict: list[Rule] | None, algorithm: Algorithm) -> list[Repair]:
    """The repairs of an infeasible program, the cheapest first; those whose cost says too little come last.

    Args:
        elastic: its model; its deadline ends the work.
        conflict: rules that cannot hold together: a kind that moves none of them cannot help. None if not known.
        algorithm: of HiGHS, for linear programs.
    """
    model = _RepairModel(elastic, algorithm)
    touched = None if conflict is None else {rule.at for rule in conflict}
    every = levers_by_kind(elastic)
    together = [lever for levers in every for lever in levers]
    model.add(together)
    found: list[Repair] = []
    for levers in every:
        if levers and (touched is None or any(row in touched for lever in levers for row, _ in lever.entries)):
            used, repair = model.repaired(levers)
            found += [repair] if repair else []
            more = opening_stock_levers(elastic, used)
            if more:
                model.add(more)
                _, repair = model.repaired(more)
                found += [repair] if repair else []
    if together and not found:
        _, repair = model.repaired(together)
        found = [repair] if repair else []
    return sorted(found, key=lambda repair: (repair.free, repair.cost, repair.text))


@dataclass(frozen=True)
class _Least:
    """The plan of least cost among those in which some levers move least.

    Attributes:
        values: of all columns.
        basis: of the optimum, to start again from; None for none.
        ceiling: the row that limits how far the levers move in all.
        weights: coefficient of each column in that row.
    """

    values: Array
    basis: Any
    ceiling: int
    weights: Array


class _RepairModel:
    """The elastic model with a slack for each lever; all slacks are fixed at 0 but those of the kind that is tried."""

    def __init__(self, elastic: ElasticModel, algorithm: Algorithm) -> None:
        self.elastic, self.live, self.program = elastic, elastic.live, elastic.program
        self.mixed = bool(self.program.problem.isMIP())
        self.algorithm = Algorithm.CHOOSE if self.mixed else algorithm
        self._whole = np.flatnonzero(elastic.integer)
        bounds = self.live.bounds()
        self._between = bounds.lower[self._whole], bounds.upper[self._whole]
        self._parts: Array = np.zeros(0, dtype=np.int64)  # of the whole decisions, those that need not be whole
        self.slack: dict[int, int] = {}  # by the identity of a lever

    def add(self, levers: list[Lever]) -> None:
        """Add a slack, fixed at 0, for each lever."""
        for lever in levers:
            rows, coefficients = (np.array(part) for part in zip(*lever.entries, strict=True))
            self.slack[id(lever)] = self.live.add_column(0.0, 0.0, 0.0, rows, coefficients)

    def repaired(self, levers: list[Lever]) -> tuple[list[Lever], Repair | None]:
        """The levers that have to move, and the repair; None where these levers cannot make a plan possible."""
        before = self.live.bounds()
        options = np.array([lever.column for lever in levers if isinstance(lever, OptionSize)], dtype=np.int64)
        try:
            self._parts = np.intersect1d(options, self._whole)
            least = self._least(levers)
        finally:
            self._parts = self._parts[:0]
            self._restore(before)
        if least is None:
            return [], None
        values = least.values
        moves = {id(lever): float(values[self.slack[id(lever)]]) for lever in levers}
        farthest = max((moves[id(lever)] / lever.size for lever in levers), default=0.0)
        used = min(USED, SURELY * farthest) if farthest > NOTHING else USED
        moved = [lever for lever in levers if moves[id(lever)] > used * lever.size]
        figures = [lever.figure_for(moves[id(lever)], values) for lever in moved]
        written = [(lever, figure) for lever, figure in zip(moved, figures, strict=True) if figure is not None]
        if not moved or len(written) < len(moved):
            return moved, None
        try:
            price = self._tried(written, least)
        finally:
            self._restore(before)
        if price is None:
            return moved, None
        order = label_order(self.elastic.program.network)
        lines = [lever.line(figure, moves[id(lever)]) for lever, figure in written]
        repair = Repair(
            "; ".join(instructions_together(lines, order)),
            tuple(instructions(lines, order)),
            float(f"{price:.6g}"),
            tuple(lines),
            any(self._is_free(lever) for lever in moved),
        )
        return moved, repair

    def _least(self, levers: list[Lever]) -> _Least | None:
        """The plan of least cost among those in which the levers move least; None where there is no plan."""
        live = self.live
        slacks = np.array([self.slack[id(lever)] for lever in levers])
        sizes = np.array([lever.size for lever in levers])
        typical = float(np.median(sizes))
        live.set_column_bounds(slacks, np.zeros(len(slacks)), np.array([lever.room for lever in levers]))
        weights = np.zeros(int(live.highs.getNumCol()))
        weights[slacks] = typical / sizes
        if not self._solved(weights):
            return None
        first = live.values()
        least = float((weights * first).sum())
        live.add_row(-np.inf, least * (1 + EQUAL), slacks, weights[slacks])
        cost = self._costs()
        tie = TIED * float(np.abs(cost * first).sum()) / max(least, EQUAL * typical)
        decide = np.array([fixed_weight(lever.rule.name, *lever.labels.values()) for lever in levers])
        cost[slacks] = tie * decide * weights[slacks]
        ceiling = int(live.highs.getNumRow()) - 1
        if not self._solved(cost, live.basis()):
            return _Least(first, None, ceiling, weights)
        return _Least(live.values(), live.basis(), ceiling, weights)

    def _solved(self, costs: Array, basis: Any = None) -> bool:
        """Whether the model has an optimum with the given costs, from `basis` where one is given, else from cold."""
        live = self.live
        live.set_costs(costs)
        if self.mixed:
            return self._solved_with_wholes()
        live.scale()
        if basis is not None:
            live.start_from(basis)
            if live.run(Algorithm.SIMPLEX, presolve=False, simplex=PRIMAL_SIMPLEX) is Outcome.OPTIMAL:
                return True
        live.start_from(None)
        return live.run_with_retry(self.algorithm) is Outcome.OPTIMAL

    def _solved_with_wholes(self) -> bool:
        """The same with decisions of 0 or 1 that are whole exactly; then they are fixed in the model."""
        live = self.live
        live.make_integer(self._whole, *self._between)
        live.set_integrality(self._parts, integer=False)
        integer = np.zeros(int(live.highs.getNumCol()), dtype=bool)
        integer[np.setdiff1d(self._whole, self._parts)] = True

        def hold(values: Array) -> Solution:
            live.fix_integers(values, integer)
            return solve_linear(live, Algorithm.CHOOSE)

        try:
            found = WholeDecisions(live, integer, GAP, hold).decided()
        except SolverError:
            return False
        return found.outcome is Outcome.OPTIMAL and found.held is not None

    def _tried(self, written: list[tuple[Lever, float]], least: _Least) -> float | None:
        """The cost of the program with the new figures; None where it has no plan with them after all.

        Where only slacks move, the plan that was found stays feasible, so its basis is the starting point.
        """
        live, cost = self.live, self._costs()
        slacks = np.array([self.slack[id(lever)] for lever, _ in written])
        try:
            for (lever, figure), slack in zip(written, slacks.tolist(), strict=True):
                lever.write(live, slack, figure, cost)
            most = live.bounds().upper[slacks]
            near = bool(np.isfinite(most).all() and most.min() > 0)
            if near:
                ceiling = np.array([(least.weights[slacks] * most).sum()])
                live.set_row_bounds(np.array([least.ceiling]), np.array([-np.inf]), ceiling)
            return live.objective() if self._solved(cost, least.basis if near else None) else None
        finally:
            for (lever, _), slack in zip(written, slacks.tolist(), strict=True):
                lever.write(live, slack, lever.figure, cost)

    def _costs(self) -> Array:
        cost = np.zeros(int(self.live.highs.getNumCol()))
        cost[: len(self.elastic.cost)] = self.elastic.cost
        return cost

    def _restore(self, before: Bounds) -> None:
        """Restore bounds and integers; rows added since then are made free."""
        restore_bounds(self.live, before)
        free_rows(self.live, np.arange(len(before.row_lower), int(self.live.highs.getNumRow())))
        self.live.set_integrality(self._whole, integer=True)

    def _is_free(self, lever: Lever) -> bool:
        """Whether a lever gives up what has no cost: an order without a cost of losing it, what is owed, or stock."""
        if lever.rule in {RAISE_OPENING, LOWER_OWED}:
            return True
        if lever.rule is not LOSE:
            return False
        lost = self.program.network.lost
        at = (lost["customer"] == lever.labels["customer"]) & (lost["item"] == lever.labels["item"])
        return bool((lost.loc[at, "lost_sales"] == 0).any())
