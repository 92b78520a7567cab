"""A first plan of a large integer program, found by diving from its linear program.

HiGHS begins an integer program with heuristics of its own, which on thousands of columns take minutes and end far from
the least cost. Diving solves a few linear programs, each from the basis of the one before: in each step the decisions
that are surest are fixed, and the others are decided again, until all are whole (Berthold, Primal heuristics for mixed
integer programming, 2006, section 3). A decision is rounded in the direction that breaks rows least: up where that
needs nothing more, down where a whole decision would need far more than there is (a site that would have to make a
fifth of everything). Then single decisions are changed, those with the most promising reduced costs first, as long as
that saves something. The first linear program gives a bound; if the plan is within the gap of it, it is optimal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from planner.model.linear_program import Array
from planner.solve.algorithms import Algorithm, Outcome
from planner.solve.deadline import is_over, seconds_from_now, seconds_until
from planner.solve.highs_model import HighsModel
from planner.solve.search_progress import Tell
from planner.solve.solution import relative_gap

FROM_COLUMNS = 2_000  # smaller programs are left to HiGHS's own beginning
WHOLE = 1e-6  # a decision this near to a whole number is whole
TAKEN = 0.3  # share of the open decisions that are taken in one step
FEWEST = 8  # decisions taken in one step, where so many are open
RISES = 3.0  # times as much may a decision break rows in rising as in falling: what falls is lost to all others
TURNED = 32  # decisions turned in one step, at most
PATIENCE = 40  # steps in vain after which no more are turned
SAVED = 1e-9  # of the cost; what a step must save to be kept
TOUCH = 1e-7  # of the least cost; what all decisions cost together besides, so that none is taken without need
TIME = 0.45  # share of the time left that diving may take; HiGHS gains more by the rest, with a plan to begin with


@dataclass(frozen=True)
class Start:
    """A plan from which branch and bound begins.

    Attributes:
        values: of all columns; None where diving found no plan.
        bound: a lower bound on the cost of every plan: the least cost where decisions need not be whole.
    """

    values: Array | None
    bound: float


def dive(
    live: HighsModel, integer: Array, algorithm: Algorithm, gap: float = 0.0, tell: Tell | None = None
) -> Start | None:
    """A plan with whole decisions, and a bound; None where the linear program was not solved.

    The integer program stands in the model afterwards as it did before.

    Args:
        live: the integer program, scaled.
        integer: the numbers of its integer columns.
        algorithm: for its linear program, from cold.
        gap: relative; a plan this near to the bound is good enough.
        tell: who hears of each better plan; None for nobody.
    """
    diving = _Diving(live, integer, gap, tell)
    left = seconds_until(live.deadline)
    try:
        with live.until(None if left is None else seconds_from_now(TIME * left)):
            return diving.start(algorithm)
    finally:
        diving.end()


class _Diving:
    """The model during diving: integer columns are continuous, and have bounds that close step by step."""

    def __init__(self, live: HighsModel, integer: Array, gap: float, tell: Tell | None) -> None:
        self.live, self.integer, self.gap, self.tell, self.cost = live, integer, gap, tell, live.costs()
        bounds = live.bounds()
        self.before = bounds.lower[integer], bounds.upper[integer]
        self.lower, self.upper = self.before[0].copy(), self.before[1].copy()
        self.rows = bounds.row_lower, bounds.row_upper
        self.entries = live.entries()
        place = np.full(len(self.cost), -1)
        place[integer] = np.arange(len(integer))
        row, column, coefficient = self.entries
        whole = place[column] >= 0
        self.own = row[whole], place[column[whole]], coefficient[whole]  # entries of integer columns, by position
        live.set_integrality(integer, integer=False)

    def end(self) -> None:
        """Restore the integer program."""
        self.live.set_costs(self.cost)
        self.live.make_integer(self.integer, *self.before)

    def start(self, algorithm: Algorithm) -> Start | None:
        """The plan and the bound; the plan is that of the linear program where that is whole already."""
        if self.live.run_with_retry(algorithm) is not Outcome.OPTIMAL:
            return None
        bound = self.live.objective()
        each = TOUCH * max(abs(bound), 1.0) / len(self.integer)
        cost = self.cost.copy()
        cost[self.integer] += each
        self.live.set_costs(cost)
        found = self.solved()
        while found and len(open_ := self.fractional()):
            found = self.step(open_)
        return Start(self.bettered(bound) if found else None, bound)

    def solved(self) -> bool:
        """Whether the program with the present bounds has a plan; it is solved."""
        self.live.set_column_bounds(self.integer, self.lower, self.upper)
        return self.live.run(Algorithm.SIMPLEX, presolve=False) is Outcome.OPTIMAL

    def decisions(self) -> Array:
        """The values of the integer columns."""
        return self.live.values()[self.integer]

    def fractional(self) -> Array:
        """Positions of the decisions that are not whole."""
        value = self.decisions()
        apart = np.abs(value - np.round(value)) > WHOLE
        return np.flatnonzero(apart & (self.lower < self.upper))

    def broken(self, value: Array, target: Array) -> Array:
        """For each decision the sum by which rows are broken if this decision alone moves to its target."""
        row, column, coefficient = self.entries
        activity = np.bincount(row, weights=coefficient * self.live.values()[column], minlength=len(self.rows[0]))
        row, at, coefficient = self.own
        moved = activity[row] + coefficient * (target - value)[at]
        excess = np.maximum(moved - self.rows[1][row], self.rows[0][row] - moved)
        return np.bincount(at, weights=np.maximum(excess, 0.0), minlength=len(self.integer))

    def step(self, open_: Array) -> bool:
        """Fix some decisions, the surest first; fewer of them if that leaves no plan.

        A decision is sure if only one direction breaks rows; among equals, the one closest to the whole number above.
        If not even the first can be fixed in its direction, it is fixed in the other one.

        Returns:
            whether there is a plan.
        """
        value = self.decisions()
        above, below = np.ceil(value - WHOLE), np.floor(value + WHOLE)
        up, down = self.broken(value, above), self.broken(value, below)
        sure = np.round(np.abs(up - down) / np.maximum(up + down, np.finfo(float).tiny), 2)
        order = open_[np.lexsort(((above - value)[open_], -sure[open_]))]
        rising = up <= RISES * down
        before = self.lower, self.upper
        count = max(FEWEST, math.floor(TAKEN * len(open_)))
        while count:
            taken = np.isin(np.arange(len(value)), order[:count])
            self.lower = np.where(taken & rising, above, before[0])
            self.upper = np.where(taken & ~rising, below, before[1])
            if self.solved():
                return True
            if is_over(self.live.deadline):
                return False
            count //= 2
        first = np.arange(len(value)) == order[0]
        self.lower = np.where(first & ~rising, above, before[0])
        self.upper = np.where(first & rising, below, before[1])
        return self.solved()

    def bettered(self, bound: float) -> Array:
        """The values of all columns, after decisions were changed as long as that saved something.

        A step changes the decisions with the most promising reduced costs: half as many after a step without success,
        twice as many after a successful one.
        """
        chosen = np.round(self.decisions())
        best, plan = self.live.objective(), self.live.values()
        self.say(best, bound)
        turned, vain = TURNED, 0
        passed = self.before[0] >= self.before[1]  # made already, or turned alone in vain
        self.lower = self.upper = chosen
        known = self.solved()
        while known and vain < PATIENCE and best - bound > self.gap * abs(best) and not is_over(self.live.deadline):
            up = chosen <= self.before[0]  # what stands at its least can only rise
            reduced = self.live.reduced_costs()[self.integer]
            promised = np.where(passed, 0.0, np.where(up, -reduced, reduced))
            order = np.argsort(-promised, kind="stable")
            order = order[promised[order] > SAVED * abs(best)]
            known = False
            while len(order) and vain < PATIENCE:
                at = order[:turned]
                self.lower = chosen.copy()
                self.lower[at] += np.where(up[at], 1.0, -1.0)
                self.upper = self.lower
                if self.solved() and self.live.objective() < best - SAVED * abs(best):
                    chosen, best, plan, known = self.lower, self.live.objective(), self.live.values(), True
                    turned, vain = min(2 * turned, TURNED), 0
                    self.say(best, bound)
                    break
                if is_over(self.live.deadline):
                    return plan
                vain += 1
                if turned == 1:
                    passed[at] = True
                    order = order[1:]
                turned = max(turned // 2, 1)
        return plan

    def say(self, best: float, bound: float) -> None:
        """Tell the cost of the best plan so far and its gap, where somebody listens."""
        if self.tell is not None:
            self.tell(best, relative_gap(best, bound, abs(best)))
