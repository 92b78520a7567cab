"""Whether an integer program has no plan, or no cheaper one, only because of an estimate of what can be needed.

A decision of 0 or 1 allows starts up to an upper bound. Where no capacity gives this bound, it is an estimate of what
can be needed (network/needed.py). The estimate does not know rows of your own, nor all that several limits can ask for
together. So a plan whose starts come near the estimate is not shown (solve/sources_and_lots.py); and before the planner
says that there is no plan, or no cheaper one, it solves the program with a far larger estimate. If this changes the
answer, an instance is planned again with the larger estimate (plan/planning.py); a program with rows of your own is
refused.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from planner.errors import SolverError
from planner.model.layout import lay_out
from planner.model.program import Program
from planner.network.needed import is_proved
from planner.network.network import Network
from planner.network.usable import bounded_by_need, estimated, needs
from planner.solve.algorithms import Outcome
from planner.solve.highs_model import HighsModel
from planner.solve.linear_and_integer import whole_decisions, with_status_and_gap
from planner.solve.money import gross_cost
from planner.solve.solution import Array, Solution, relative_gap

MORE = 1e4  # times the most that is needed of any item
LESS = 1e-8  # of all costs without their signs; costs that differ by less are equal


class CutOffError(SolverError):
    """A plan may lie beyond what was taken for the most that can be needed."""


def with_far_more(network: Network) -> Network:
    """The network with a far larger estimate of what can be needed, so that it cuts off no plan that is sensible."""
    known = needs(network)
    most = MORE * max([1.0, *(units for units in known.values() if np.isfinite(units))])
    return bounded_by_need(network, dict.fromkeys(known, most))


def widened(program: Program, deadline: float | None) -> HighsModel | None:
    """The model of a program with integers, with a far larger estimate of what can be needed in it.

    Args:
        program: the program.
        deadline: time.perf_counter() when to stop; None for never.

    Returns:
        the model; None if no figure of it depends on the estimate.
    """
    if not estimated(program.network):
        return None
    live = HighsModel.of(program.problem, deadline)
    wider = lay_out(with_far_more(program.network))
    changed = False
    for start, ours, theirs in zip(program.row_starts, program.families, wider.families, strict=True):
        at = np.flatnonzero(ours.coefficient != theirs.coefficient)
        live.set_coefficients(start + ours.row[at], ours.column[at], theirs.coefficient[at])
        rows = np.flatnonzero(ours.right != theirs.right)  # of families with an upper side alone
        live.set_row_bounds(start + rows, np.full(len(rows), -np.inf), theirs.right[rows])
        changed = changed or len(at) > 0 or len(rows) > 0
    return live if changed else None


def refuse_where_cut_off(program: Program, gap: float, deadline: float | None) -> None:
    """Refuse to call an integer program infeasible where there is a plan once the estimate is far larger.

    Args:
        program: the program, for which no plan was found.
        gap: relative, as asked for.
        deadline: time.perf_counter() when to stop; None for never.

    Raises:
        CutOffError: there is a plan with the larger estimate.
    """
    live = widened(program, deadline)
    if live is None:
        return
    live.set_costs(np.zeros(program.problem.numVariables()))
    if whole_decisions(live, program, gap).decided().held is not None:
        raise CutOffError(
            "No plan keeps within what was taken for the most that can be needed, but there is one beyond it, so it is "
            "not said that there is none: give what your own rows ask for as a commitment or stock instead."
        )


def refuse_where_less_beyond(program: Program, found: Solution, gap: float, deadline: float | None) -> Solution:
    """The optimum of an integer program, unless a plan costs less once the estimate is far larger.

    A plan need not come near the estimate to be the wrong one: where an option can give too little to be worth its
    cost, it is not bought. Where the estimate is proved, or no figure depends on it, nothing is solved.

    Args:
        program: the program.
        found: its optimum.
        gap: relative, as asked for.
        deadline: time.perf_counter() when to stop; None for never.

    Returns:
        the optimum; where it could not be proved with the larger estimate, as a feasible plan with the bound of that.

    Raises:
        CutOffError: another plan costs less.
    """
    if is_proved(program.network) and len(program.problem.constraints()) == program.rows:
        return found
    live = widened(program, deadline)
    if live is None:
        return found
    cost = live.costs()
    whole = whole_decisions(live, program, gap).decided()
    if whole.held is not None and whole.held.objective is not None:
        least, reached = whole.held.objective, float(found.objective or 0.0)
        if reached - least > max(gap * abs(reached), LESS * gross_cost(cost, np.asarray(whole.held.values))):
            raise CutOffError(
                "A plan costs less that makes more than was taken for the most that can be needed, so this one is not "
                "shown: give the resources of its options, sources and lots capacities that can be used in full."
            )
    if whole.outcome is Outcome.OPTIMAL or _proves(whole.bound, found, gap, cost):
        return found
    bound = min(whole.bound, -np.inf if found.bound is None else found.bound)
    return with_status_and_gap(found, replace(whole, bound=bound), cost, gap, found.method)


def _proves(bound: float, found: Solution, gap: float, cost: Array) -> bool:
    """Whether a bound with the larger estimate proves an optimum, whatever the search for a cheaper plan ended in."""
    gross = gross_cost(cost, np.asarray(found.values))
    return relative_gap(float(found.objective or 0.0), bound, gross) <= max(gap * (1 + 1e-6), LESS)
