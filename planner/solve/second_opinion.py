"""Checking with HiGHS what another solver calls the best plan of an integer program.

A bound of branch and bound cannot be proved from what a solver returns. So HiGHS begins its own branch and bound at the
other solver's plan and proves a bound of its own; a plan that it finds to be better by more than the gap is a
disagreement, and nothing is shown.
"""

from __future__ import annotations

import math

import numpy as np

from planner.errors import SolverError
from planner.model.linear_program import Array
from planner.solve.algorithms import Outcome
from planner.solve.diving import Start
from planner.solve.integrality import WholeDecisions, WholePlan
from planner.solve.money import gross_cost
from planner.solve.solution import EQUAL_COST, Solution

MEND = "Use --solver HiGHS, and please report the instance."


def confirmed(name: str, theirs: Solution, wholes: WholeDecisions, cost: Array, gap: float) -> WholePlan | None:
    """The plan of another solver, or HiGHS's own within the gap of it, with HiGHS's bound.

    Args:
        name: PuLP's name of the other solver.
        theirs: its plan, the linear program with the integers fixed at its decisions.
        wholes: the integer program for HiGHS.
        cost: of each column.
        gap: relative; by so much may the plan cost more than the best.

    Returns:
        None where HiGHS comes to no clear end, so that there is no second opinion. Where its time ends, the outcome is
        LIMIT.

    Raises:
        SolverError: HiGHS finds a plan that is better by more than the gap, or holds that there is none.
    """
    if theirs.values is None or theirs.objective is None:
        return None
    whole = wholes.decided(start=Start(theirs.values, -math.inf))
    if whole.outcome is Outcome.INFEASIBLE:
        raise SolverError(f"{name} found a plan that costs {theirs.objective:.10g}, HiGHS says there is none. {MEND}")
    if whole.held is None or whole.held.values is None:
        return None
    reached = float((cost * np.asarray(whole.held.values)).sum())
    room = max(gap * (1 + 1e-6) * abs(theirs.objective), EQUAL_COST * gross_cost(cost, np.asarray(theirs.values)))
    if theirs.objective - reached > room:
        raise SolverError(
            f"{name} says that the least cost is {theirs.objective:.10g}, but HiGHS found a plan that costs "
            f"{reached:.10g}, less by more than the gap of {gap:g}. {MEND}"
        )
    return whole if whole.outcome in {Outcome.OPTIMAL, Outcome.LIMIT} else None
