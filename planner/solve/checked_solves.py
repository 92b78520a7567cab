"""Solving one set of numbers of a live model, hot or from cold; an answer counts only where it passes its check.

An answer from a hot start must keep the rows, and its row duals must prove its cost. An answer that fails this is
continued with tighter tolerances, from a hot start as from cold; from cold the other algorithm is then tried in the
same way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from planner.model.linear_program import Array, LinearProgram
from planner.model.program import Program
from planner.solve.algorithms import DUAL_SIMPLEX, Algorithm, Outcome
from planner.solve.carried_basis import CarriedBasis
from planner.solve.certificate import GAP, VIOLATION
from planner.solve.exact_optimum import exact_optimum
from planner.solve.highs_lp import integers_of
from planner.solve.highs_model import HighsModel
from planner.solve.iis_and_ray import without_plan
from planner.solve.integrality import WholeDecisions
from planner.solve.live_numbers import is_proved, program_in
from planner.solve.money import gross_cost
from planner.solve.solution import Solution, Status, relative_gap
from planner.solve.violation import largest_violation

BRANCH_AND_BOUND_GAP = 1e-6
HOT_GAP = 1e-8  # relative; a hot start that proves less is solved again from cold
SHORT = 500  # iterations that any hot start may take
NOT_RIGHT = Solution(Status.ERROR, method="no answer passed its check")


class CheckedSolves:
    """Solves of one live model, whatever numbers it has at the moment.

    Attributes:
        live: the model.
        linear: whether it is solved as a linear program, so that its answers have row duals.
        patience: iterations of a hot start after which solving from cold would have been faster (measured).
    """

    def __init__(self, live: HighsModel, *, linear: bool) -> None:
        """Take a model; integers that are not fixed by now are decided anew by each solve."""
        self.live, self.linear = live, linear
        self.patience = SHORT + int(live.lp.num_row_)
        self._free = integers_of(live.lp)

    def hot(self, target: LinearProgram, simplex: int, *, proof: bool = True) -> tuple[Outcome, Solution | None]:
        """Solve from the basis that the model was started from.

        Args:
            target: the program that the model holds at the moment.
            simplex: DUAL_SIMPLEX or PRIMAL_SIMPLEX.
            proof: whether the row duals must prove the cost.

        Returns:
            how the run ended, and its answer; None where there is none, or it does not pass the check.
        """
        outcome = self.live.run_hot(simplex, self.patience)
        if outcome is not Outcome.OPTIMAL:
            return outcome, None
        method = f"HiGHS {'dual' if simplex == DUAL_SIMPLEX else 'primal'} simplex, hot"
        return outcome, self._right(target, method, HOT_GAP, proof=proof)

    def cold(self, target: LinearProgram, *, proof: bool = True, first: Algorithm | None = None) -> Solution:
        """Solve from cold; where the answer fails the check, run on more carefully, then by the other algorithm.

        Args:
            target: the program that the model holds at the moment.
            proof: whether the row duals must prove the cost.
            first: the algorithm to begin with; by the number of columns where it is not given.
        """
        if not self.linear:
            return self._decided(target)
        if first is None:
            first = Algorithm.faster_for(target.columns)
        for algorithm in (first, first.other):
            self.live.start_from(None)
            outcome = self.live.run_with_retry(algorithm)
            ended = without_plan(self.live, outcome)
            if ended is not None:
                return ended
            if outcome is Outcome.OPTIMAL:
                found = self._right(target, f"HiGHS {algorithm.value}, cold", GAP, proof=proof)
                if found is not None:
                    return found
        return NOT_RIGHT

    def _right(self, target: LinearProgram, method: str, gap: float, *, proof: bool) -> Solution | None:
        """The optimum that the last run ended in, continued with tighter tolerances where it does not pass the check.

        Where it does not pass then either, there is no answer.
        """
        violation = self._violation_of(target)
        exact, tighter = exact_optimum(self.live, violation), f"{method}, then simplex to tighter tolerances"
        found = self._found(target, tighter if exact.continued else method, exact.values)
        if exact.violation <= VIOLATION and (not proof or is_proved(target, found, gap)):
            return found
        if exact.continued or self.live.run_to_tighter_tolerances() is not Outcome.OPTIMAL:
            return None
        found = self._found(target, tighter, self.live.values())
        right = violation(np.asarray(found.values)) <= VIOLATION and (not proof or is_proved(target, found, gap))
        return found if right else None

    def held(self, target: LinearProgram, values: Array) -> Solution:
        """The answer with the integers that each solve decides fixed at their values; the model stays linear so.

        Args:
            target: the program that the model holds at the moment.
            values: of all columns.

        Returns:
            the answer, with the duals of the linear program; the status `error` where there is none.
        """
        self.live.fix_integers(values, self._free)
        self.live.scale()
        optimal = self.live.run_with_retry(Algorithm.CHOOSE) is Outcome.OPTIMAL
        return self._found(target, "HiGHS branch and bound", self.live.values()) if optimal else Solution(Status.ERROR)

    def _decided(self, target: LinearProgram) -> Solution:
        """The answer where integers are free: solved from cold, with whole decisions and every row kept."""
        self.live.start_from(None)
        try:
            hold = partial(self.held, target)
            whole = WholeDecisions(self.live, self._free, BRANCH_AND_BOUND_GAP, hold).decided()
            found = whole.held
            if found is None or found.objective is None or whole.outcome is not Outcome.OPTIMAL:
                return without_plan(self.live, whole.outcome) or NOT_RIGHT
        finally:
            columns = np.flatnonzero(self._free)
            self.live.make_integer(columns, target.lower[columns], target.upper[columns])
        if not self._violation_of(target)(np.asarray(found.values)) <= VIOLATION:
            return NOT_RIGHT
        gap = relative_gap(found.objective, whole.bound, gross_cost(target.cost, np.asarray(found.values)))
        return replace(found, row_duals=None, bound=whole.bound, gap=gap, integer=True)

    def _found(self, target: LinearProgram, method: str, values: Array) -> Solution:
        """The answer with the plan of the last run, its cost, and the duals that the run left in the model."""
        return Solution(
            Status.OPTIMAL,
            values=values,
            objective=float((target.cost * values).sum()),
            row_duals=self.live.row_duals(),
            method=method,
        )

    def _violation_of(self, target: LinearProgram) -> Callable[[Array], float]:
        """How far values break a program, as the certificate measures it."""
        return partial(largest_violation, target.rows, target.lower, target.upper, units=self.live.units)


def answer_from(start: CarriedBasis | None, program: Program, live: HighsModel) -> Solution | None:
    """The answer of a linear program from the basis of another one; None where it does not pass the check.

    Args:
        start: that basis; None for none.
        program: the program.
        live: its model, scaled and not run yet.
    """
    if start is None or not start.fits(program):
        return None
    live.start_from(start.carried_to(program, live))
    found = CheckedSolves(live, linear=True).hot(program_in(live, program), DUAL_SIMPLEX)[1]
    if found is None:
        live.start_from(None)
    return found
