"""A program solved by another of PuLP's solvers, whose optimum is checked with HiGHS."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pulp

from planner.errors import SolverError, UsageError, nearest
from planner.model.linear_program import Array
from planner.model.program import Program
from planner.solve.algorithms import Algorithm, Outcome
from planner.solve.highs_model import HighsModel
from planner.solve.integrality import WholePlan
from planner.solve.linear_and_integer import (
    ended_without_plan,
    infeasible_or_unbounded,
    integer_columns,
    solve_linear,
    solve_with_integers_fixed,
    whole_decisions,
    with_status_and_gap,
)
from planner.solve.money import gross_cost
from planner.solve.second_opinion import confirmed
from planner.solve.solution import Solution, Status

AGREEMENT = 1e-6  # of all costs without their signs; by so much may the least costs of two solvers differ
ASKED = 0.5  # of the gap is asked of other solvers: fixing their decisions, near 0 or 1, takes some of it
WRITTEN = 1e-8  # relative; solvers that answer in a file write eight digits of each value
TOLD = {  # what other solvers are told
    "SCIP_PY": ["numerics/feastol=1e-9"],  # its own 1e-6 takes a millionth of an option for none of it
    "COIN_CMD": ["preprocess off"],  # its preprocessing of integers lost plans, and called dearer ones the best
}
LEFT_TO_HIGHS = "duals and tie-break by HiGHS"
BOUND_BY_HIGHS = "bound, duals and tie-break by HiGHS"
ALIASES = {"cbc": "COIN_CMD", "highs": "HiGHS", "scip": "SCIP_PY", "glpk": "GLPK_CMD"}


@dataclass(frozen=True)
class _Answer:
    """What another solver says of an integer program.

    Attributes:
        name: PuLP's name of the solver.
        proved: whether it calls its plan the best, within the gap that it was asked for.
        bound: a lower bound on the cost, as it writes it; minus infinity for none.
        values: of all columns.
    """

    name: str
    proved: bool
    bound: float
    values: Array


def with_other_solver(
    program: Program, name: str, gap: float, algorithm: Algorithm, deadline: float | None
) -> tuple[HighsModel, Solution]:
    """Solve with another of PuLP's solvers; duals and the unique plan come from HiGHS, whose cost must agree.

    Args:
        program: the program.
        name: PuLP's name of the solver.
        gap: relative gap within which a plan counts as optimal.
        algorithm: of HiGHS, for the linear program.
        deadline: time.perf_counter() at which all of it must stop; None for no limit.

    Returns:
        The model of HiGHS, in which the linear program of the plan was solved last, and the solution.

    Raises:
        UsageError: PuLP does not know the solver, or does not find it on this machine.
        SolverError: the solver failed, or HiGHS disagrees with it.
    """
    solver = _named_solver(name, gap, deadline)
    live = HighsModel.of(program.problem, deadline)
    integer = bool(program.problem.isMIP())
    if integer and (ending := _without_end(live, program)) is not None:
        return live, ended_without_plan(live, ending)
    try:
        result = program.problem.solve(solver)
    except Exception as error:  # each solver raises what it likes: SCIP no more than a plain Exception
        raise SolverError(f"{name} failed: {error}. Try another --solver.") from error
    status = result.status
    if status == pulp.LpSolveStatus.Interrupted:  # some solvers catch Ctrl-C and return
        raise KeyboardInterrupt
    live = HighsModel.of(program.problem, deadline)
    if status == pulp.LpSolveStatus.Unbounded:
        return live, ended_without_plan(
            live, infeasible_or_unbounded(live, program, live.run_with_retry(Algorithm.CHOOSE))
        )
    if status in {pulp.LpSolveStatus.Infeasible, pulp.LpSolveStatus.Undefined}:
        outcome = infeasible_or_unbounded(live, program, live.run_with_retry(Algorithm.CHOOSE))
        if outcome is Outcome.OPTIMAL:
            raise SolverError(f"{name} found no plan ({status.name}), but HiGHS did. Use --solver HiGHS.")
        return live, ended_without_plan(live, outcome)
    proved = status in {pulp.LpSolveStatus.Optimal, pulp.LpSolveStatus.GapLimit}
    if not proved and not (result.has_solution and integer):
        return live, Solution(Status.LIMIT, method=f"{name} stopped ({status.name})")
    values = np.array([variable.varValue or 0.0 for variable in program.problem.exported_variables()])
    if integer:
        bound = result.best_bound if result.best_bound is not None else -math.inf
        return live, _checked_integers(live, program, _Answer(name, proved, bound, values), gap)
    theirs = float((live.costs() * values).sum())
    found = solve_linear(live, algorithm)
    if found.objective is not None and abs(found.objective - theirs) > AGREEMENT * gross_cost(live.costs(), values):
        raise SolverError(f"{name} says the least cost is {theirs:.10g}, HiGHS says {found.objective:.10g}.")
    return live, replace(found, method=f"{name}; {LEFT_TO_HIGHS}")


def _checked_integers(live: HighsModel, program: Program, answer: _Answer, gap: float) -> Solution:
    """The plan of another solver with its integers fixed, with a bound of HiGHS where HiGHS has time for one."""
    name, cost = answer.name, live.costs()
    theirs, bound = float((cost * answer.values).sum()), answer.bound
    outcome = Outcome.OPTIMAL if answer.proved else Outcome.LIMIT
    wholes = whole_decisions(live, program, gap)
    held = solve_with_integers_fixed(live, program, answer.values)
    if answer.proved:  # within the gap it was asked for, whatever it writes of its bound: nothing, or six digits
        exact = theirs if held.objective is None else held.objective
        reached = min(max(theirs, exact), theirs + WRITTEN * float(np.abs(cost * answer.values).sum()))
        bound = max(bound, reached - ASKED * gap * abs(reached))
    found = with_status_and_gap(
        held, WholePlan(held, bound, outcome), cost, gap, f"{name} branch and bound; {LEFT_TO_HIGHS}"
    )
    if found.status is not Status.OPTIMAL and not found.limited:
        raise SolverError(
            f"{name} says that the least cost is {theirs:.10g}, but its plan costs {found.objective or math.nan:.10g} "
            "once its decisions of 0 or 1 are whole. Use --solver HiGHS."
        )
    if found.limited:
        return found
    whole = confirmed(name, held, wholes, cost, gap)
    if whole is None or whole.held is None:  # no second opinion
        return replace(found, values=solve_with_integers_fixed(live, program, answer.values).values)
    return with_status_and_gap(whole.held, whole, cost, gap, f"{name} branch and bound; {BOUND_BY_HIGHS}")


def _without_end(live: HighsModel, program: Program) -> Outcome | None:
    """The outcome of an integer program whose linear program falls without end; None for any other.

    Some solvers never end on such a program. The cost has a lower bound where each column that lowers it is bounded on
    that side, which is seen without a run, and else where the linear program has an optimum.
    """
    cost, (lower, upper, *_) = live.costs(), live.bounds()
    if not (((cost < 0) & np.isposinf(upper)) | ((cost > 0) & np.isneginf(lower))).any():
        return None
    integer = np.flatnonzero(integer_columns(program))
    live.set_integrality(integer, integer=False)
    relaxed = live.run_with_retry(Algorithm.CHOOSE)
    live.set_integrality(integer, integer=True)
    live.highs.clearSolver()
    if relaxed in {Outcome.OPTIMAL, Outcome.INFEASIBLE}:
        return None
    told = relaxed if relaxed is Outcome.LIMIT else infeasible_or_unbounded(live, program, Outcome.UNKNOWN)
    return None if told is Outcome.UNKNOWN else told


def _named_solver(name: str, gap: float, deadline: float | None) -> Any:
    """PuLP's solver of that name, told the gap and the time that is left."""
    known = sorted(set(pulp.listSolvers()))
    if name not in known:
        raise UsageError(f"PuLP knows no solver '{name}'. {nearest(name, [*known, *ALIASES])}")
    limit = None if deadline is None else max(0.01, deadline - time.perf_counter())
    more = {"options": TOLD[name]} if name in TOLD else {}
    try:
        solver = pulp.getSolver(name, msg=False, timeLimit=limit, gapRel=ASKED * gap, **more)
    except TypeError:
        solver = pulp.getSolver(name, msg=False, timeLimit=limit)
    if not solver.available():
        raise UsageError(
            f"PuLP does not find the solver {name} here. Available: {', '.join(pulp.listSolvers(onlyAvailable=True))}."
        )
    return solver
