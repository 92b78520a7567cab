"""Integer decisions that are whole only within a solver's tolerance are recognised, and decided exactly.

A solver accepts 0.0000004 of an option as 0, so that a part of it can be used at no cost. Therefore an optimum is
solved once more with its decisions rounded. If that costs more than the proved bound, one of them was not whole. This
decision is then fixed at 0 and at 1 in turn (branch and bound), each giving a program with a bound of its own, until
the best plan with whole decisions costs no more than the least bound. Where all decisions are fixed, the linear program
gives the bound.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.model.linear_program import Array
from planner.solve.algorithms import Algorithm, Outcome
from planner.solve.diving import Start
from planner.solve.highs_model import HighsModel
from planner.solve.money import gross_cost
from planner.solve.solution import EQUAL_COST, Solution, Status

MOST = 400  # programs solved for one plan, at most


@dataclass(frozen=True)
class WholePlan:
    """The best plan with whole decisions.

    Attributes:
        held: its linear program with the integers fixed; None where no plan was found.
        bound: a lower bound on the cost of every plan.
        outcome: OPTIMAL where the cost is within the gap of the bound, INFEASIBLE, LIMIT, or UNKNOWN where too many
            programs would have to be solved.
    """

    held: Solution | None
    bound: float
    outcome: Outcome


@dataclass(frozen=True)
class _Node:
    """A program with some decisions fixed, as the solver solved it (a node of branch and bound).

    Attributes:
        held: the fixed columns and their values.
        values: of all columns.
        unclear: whether HiGHS did not find out what its decisions cost once they are whole.
    """

    held: dict[int, float]
    values: Array
    unclear: bool


class WholeDecisions:
    """An integer program whose decisions of 0 or 1 have to be whole exactly.

    Args:
        live: the program, scaled.
        integer: which columns are integer.
        gap: relative gap within which a plan counts as optimal.
        hold: solves the linear program in `live` with the integers fixed at rounded values; its solution has no
            objective where there is no plan, and the status `error` where HiGHS does not say whether there is one.
    """

    def __init__(self, live: HighsModel, integer: Array, gap: float, hold: Callable[[Array], Solution]) -> None:
        self._live, self._gap, self._hold = live, gap, hold
        live.highs.setOptionValue("mip_rel_gap", gap)
        live.highs.setOptionValue("mip_abs_gap", 0.0)
        self._integer = np.flatnonzero(integer)
        bounds = live.bounds()
        self._lower, self._upper = bounds.lower[self._integer], bounds.upper[self._integer]
        self._best: tuple[float, Array] | None = None
        self._last: tuple[Array, Solution] | None = None
        self._number = itertools.count()

    def decided(self, run: Callable[[], Outcome] | None = None, start: Start | None = None) -> WholePlan:
        """The best plan with whole decisions; afterwards its linear program stands in the model.

        Args:
            run: runs the integer program for the first time, where that is not done as usual.
            start: a plan to begin with, and a bound on the cost of every plan.
        """
        least = -np.inf if start is None else start.bound
        if start is not None and start.values is not None:
            self._look(start.values)
            if self._closed(least):
                return self._whole(least, Outcome.OPTIMAL)
            self._free({})
            self._live.start_from_plan(start.values)
            self._last = None
        outcome = (run or self._run)()
        if outcome is Outcome.LIMIT:
            return self._stopped(least)
        if outcome is not Outcome.OPTIMAL:
            return WholePlan(None, -np.inf, outcome)
        heap: list[tuple[float, int, _Node]] = []
        self._put(heap, {}, least)
        solved, unclear = 1, np.inf  # the least bound of decisions whose cost is not known
        while heap:
            bound, _, node = heapq.heappop(heap)
            bound = min(bound, unclear)
            if self._closed(bound):
                return self._whole(bound, Outcome.OPTIMAL)
            column = self._least_whole(node)
            if column is None:
                unclear = bound if node.unclear else unclear
                continue
            for value in (0.0, 1.0):
                held = {**node.held, column: value}
                self._free(held)
                solved += 1
                outcome = self._run() if solved <= MOST else Outcome.UNKNOWN
                if outcome is Outcome.OPTIMAL:
                    self._put(heap, held, bound)
                elif outcome is not Outcome.INFEASIBLE:
                    return self._whole(bound, outcome)
        if np.isfinite(unclear) and not self._closed(unclear):
            return self._whole(unclear, Outcome.UNKNOWN)
        return self._whole(np.inf if self._best is None else self._best[0], Outcome.OPTIMAL)

    def _stopped(self, bound: float) -> WholePlan:
        """The result when the time has ended: the better of the solver's plan and the best known plan."""
        if not self._live.has_solution():
            return self._whole(bound, Outcome.LIMIT)
        bound = max(bound, self._live.mip_bound())  # before the decisions are fixed
        values = self._live.values()
        held = self._hold(values)  # without values where no time is left for that either
        reached = float((self._live.costs() * np.asarray(values if held.values is None else held.values)).sum())
        if self._best is not None and self._best[0] < reached:
            return self._whole(bound, Outcome.LIMIT)
        return WholePlan(held, bound, Outcome.LIMIT)

    def _run(self) -> Outcome:
        return self._live.run_with_retry(Algorithm.CHOOSE)

    def _put(self, heap: list[tuple[float, int, _Node]], held: dict[int, float], above: float) -> None:
        """Put the program that was just solved on the heap, ordered by its bound."""
        values, bound = self._live.values(), max(above, self._live.mip_bound())
        found = self._look(values)
        unclear = found.status is Status.ERROR
        if len(held) == len(self._integer) and not unclear:
            bound = np.inf if found.objective is None else float(found.objective)
        heapq.heappush(heap, (bound, next(self._number), _Node(held, values, unclear)))

    def _look(self, values: Array) -> Solution:
        """The plan with the decisions rounded; the best such plan is remembered."""
        found = self._hold(values)
        self._last = values, found
        if found.objective is not None and (self._best is None or found.objective < self._best[0]):
            self._best = float(found.objective), values
        return found

    def _closed(self, bound: float) -> bool:
        """Whether the best plan is within the gap of a bound."""
        if self._best is None:
            return False
        cost = self._best[0]
        equal = EQUAL_COST * gross_cost(self._live.costs(), self._best[1])
        return cost - bound <= max(self._gap * (1 + 1e-6) * abs(cost), equal)

    def _least_whole(self, node: _Node) -> int | None:
        """The decision farthest from 0 and 1 among those that are not fixed; None where all are fixed."""
        off = np.abs(node.values[self._integer] - np.round(node.values[self._integer]))
        off[np.isin(self._integer, list(node.held))] = -1.0
        at = int(np.argmax(off)) if len(off) else 0
        return int(self._integer[at]) if len(off) and off[at] >= 0 else None

    def _free(self, held: dict[int, float]) -> None:
        """Restore the integer program, with only some decisions fixed."""
        lower, upper = self._lower.copy(), self._upper.copy()
        at = np.searchsorted(self._integer, list(held))
        lower[at] = upper[at] = list(held.values())
        self._live.make_integer(self._integer, lower, upper)

    def _whole(self, bound: float, outcome: Outcome) -> WholePlan:
        """The best plan as the result, with its linear program in the model."""
        if self._best is None:
            return WholePlan(None, bound, Outcome.INFEASIBLE if outcome is Outcome.OPTIMAL else outcome)
        values = self._best[1]
        if self._last is not None and self._last[0] is values:
            return WholePlan(self._last[1], bound, outcome)
        self._free({})
        return WholePlan(self._hold(values), bound, outcome)
