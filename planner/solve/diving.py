"""A first plan of a large integer program, found by diving from its linear program.

HiGHS begins an integer program with searches of its own, which on thousands of columns take minutes and end far from
the least cost. Diving takes a few linear programs, each warm from the one before: those decisions that the linear
program takes for the largest part are taken in full, and the rest is decided anew, until all are whole (Berthold,
Primal heuristics for mixed integer programming, 2006, section 3). The bound of the first linear program says how good
the plan is; where that is within the gap, nothing else need be solved.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from planner.solve.algorithms import Algorithm, Outcome
from planner.solve.deadline import seconds_from_now, seconds_until
from planner.solve.highs_model import Array, Live

FROM_COLUMNS = 2_000  # smaller programs are left to HiGHS's own beginning
WHOLE = 1e-6  # a decision this near to a whole number is whole
TAKEN = 0.3  # share of the open decisions that are taken in one step
FEWEST = 8  # decisions taken in one step, where so many are open
TOUCH = 1e-7  # of the least cost; what all decisions cost together besides, so that none is taken without need
TIME = 0.75  # share of the time left that diving may take


@dataclass(frozen=True)
class Start:
    """A plan from which branch and bound begins.

    Attributes:
        values: of all columns; None where diving found no plan.
        bound: a lower bound on the cost of every plan: the least cost where decisions need not be whole.
    """

    values: Array | None
    bound: float


def dive(live: Live, integer: Array, algorithm: Algorithm) -> Start | None:
    """A plan with whole decisions, and a bound; None where the linear program was not solved.

    The integer program stands in the model afterwards as it did before.

    Args:
        live: the integer program, scaled.
        integer: the numbers of its integer columns.
        algorithm: for its linear program, from cold.
    """
    diving = _Diving(live, integer)
    deadline, left = live.deadline, seconds_until(live.deadline)
    live.deadline = None if left is None else seconds_from_now(TIME * left)
    try:
        return diving.start(algorithm)
    finally:
        live.deadline = deadline
        diving.end()


class _Diving:
    """The model during diving: integer columns are continuous, and have bounds that close step by step."""

    def __init__(self, live: Live, integer: Array) -> None:
        self.live, self.integer, self.cost = live, integer, live.costs()
        bounds = live.bounds()
        self.before = bounds[0][integer], bounds[1][integer]
        self.lower, self.upper = self.before[0].copy(), self.before[1].copy()
        live.set_integrality(integer, integer=False)

    def end(self) -> None:
        """Restore the integer program."""
        self.live.set_costs(self.cost)
        self.live.make_integer(self.integer, *self.before)

    def start(self, algorithm: Algorithm) -> Start | None:
        """The plan and the bound; the plan is that of the linear program where that is whole already."""
        if self.live.run_surely(algorithm) is not Outcome.OPTIMAL:
            return None
        bound = self.live.objective()
        each = TOUCH * max(abs(bound), 1.0) / len(self.integer)
        cost = self.cost.copy()
        cost[self.integer] += each
        self.live.set_costs(cost)
        found = self.solved()
        while found and len(open_ := self.fractional()):
            found = self.step(open_)
        return Start(self.live.values() if found else None, bound)

    def solved(self) -> bool:
        """Whether the program with the present bounds has a plan; it is solved."""
        self.live.set_column_bounds(self.integer, self.lower, self.upper)
        return self.live.run(Algorithm.SIMPLEX, presolve=False) is Outcome.OPTIMAL

    def fractional(self) -> Array:
        """Positions of the decisions that are not whole, the nearest to the next whole number first."""
        value = self.live.values()[self.integer]
        missing = np.ceil(value - WHOLE) - value
        apart = np.abs(value - np.round(value)) > WHOLE
        at = np.flatnonzero(apart & (self.lower < self.upper))
        return at[np.argsort(missing[at], kind="stable")]

    def step(self, open_: Array) -> bool:
        """Take some decisions in full, fewer where there is no plan then; and the first not at all, if it cannot be.

        Returns:
            whether there is a plan.
        """
        value = self.live.values()[self.integer]
        count = max(FEWEST, math.floor(TAKEN * len(open_)))
        before = self.lower.copy()
        while count:
            taken = open_[:count]
            self.lower = before.copy()
            self.lower[taken] = np.ceil(value[taken])
            if self.solved():
                return True
            if seconds_until(self.live.deadline) == 0:
                return False
            count //= 2
        self.lower = before
        self.upper[open_[0]] = math.floor(value[open_[0]])
        return self.solved()
