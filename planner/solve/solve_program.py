"""Solving a program by the solver asked for, then prices and the one plan from HiGHS's linear program."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

import numpy as np

from planner.model.program import Program
from planner.solve.algorithms import Algorithm
from planner.solve.carried_basis import CarriedBasis
from planner.solve.checked_solves import answer_from
from planner.solve.cut_off import refuse_where_cut_off, refuse_where_less_beyond
from planner.solve.decisions_in_tables import ClosenessTarget
from planner.solve.diving import FROM_COLUMNS, dive
from planner.solve.highs_model import HighsModel
from planner.solve.linear_and_integer import (
    ended_without_plan,
    infeasible_or_unbounded,
    integer_columns,
    solve_linear,
    whole_decisions,
    with_duals_of_capacity,
    with_status_and_gap,
)
from planner.solve.noise import without_noise
from planner.solve.one_sided_prices import one_sided_prices
from planner.solve.other_solvers import ALIASES, with_other_solver
from planner.solve.search_progress import Tell, telling
from planner.solve.solution import Solution, Status
from planner.solve.tie_break import choose_plan, with_plan

DEFAULT_SOLVER = "HiGHS"


@dataclass(frozen=True)
class SolveOptions:
    """How to solve.

    Attributes:
        solver: PuLP's name of a solver, or cbc, scip, glpk, highs for short.
        deadline: the moment of time.perf_counter() at which everything must have ended; None for no limit.
        gap: relative gap at which an integer program counts as solved.
        close_to: a plan to stay close to among the plans of least cost.
        cold: start again from nothing, by another algorithm (after a plan failed its certificate).
        priced: whether the tables with shadow prices are wanted.
        start: the basis of a program much like this one, from which a linear program is solved.
        tell: who hears of the best plan while HiGHS searches for whole decisions; None for nobody.
    """

    solver: str = DEFAULT_SOLVER
    deadline: float | None = None
    gap: float = 1e-6
    close_to: ClosenessTarget | None = None
    cold: bool = False
    priced: bool = True
    start: CarriedBasis | None = None
    tell: Tell | None = None


def solve_program(program: Program, options: SolveOptions | None = None) -> Solution:
    """Solve a program.

    Raises:
        UsageError: PuLP does not know the solver, or does not find it on this machine.
        SolverError: the solver failed without saying why, or two solvers disagree.
    """
    options = options or SolveOptions()
    begun, deadline = time.perf_counter(), options.deadline
    name = solver_name(options.solver)
    integer = bool(program.problem.isMIP())
    if name == DEFAULT_SOLVER:
        live, found = _with_highs(program, options, integer=integer)
    else:
        live, found = with_other_solver(program, name, options.gap, algorithm_for(program, options), deadline)
    if integer and found.status is Status.INFEASIBLE:
        refuse_where_cut_off(program, options.gap, deadline)
    if integer and found.status is Status.OPTIMAL:
        found = refuse_where_less_beyond(program, found, options.gap, deadline)
    found = replace(found, integer=integer, solver=name)
    if found.row_duals is not None and not integer:
        found = replace(found, basis=CarriedBasis.of(program, live.basis()))
    if found.row_duals is not None and integer:
        found = with_duals_of_capacity(live, program, found)
    if found.row_duals is not None and options.priced:
        found = replace(found, prices=one_sided_prices(program, live))
    solved = time.perf_counter()
    if found.values is None:
        return replace(found, seconds={"solver": solved - begun})
    cost = live.costs()
    if found.row_duals is None:  # stopped before its linear program could be solved
        values = without_noise(program, found.values)
        return replace(found, values=values, objective=float((cost * values).sum()), seconds={"solver": solved - begun})
    chosen = choose_plan(program, live, cost, options.close_to)
    seconds = {"solver": solved - begun, "tie_break": time.perf_counter() - solved}
    return replace(with_plan(program, found, chosen, cost), seconds=seconds)


def _with_highs(program: Program, options: SolveOptions, *, integer: bool) -> tuple[HighsModel, Solution]:
    """Solve with HiGHS, in the model that PuLP hands over."""
    live = HighsModel.of(program.problem, options.deadline)
    if not integer:
        live.scale()
        begun = None if options.cold else answer_from(options.start, program, live)
        return live, begun or solve_linear(live, algorithm_for(program, options))
    wholes = whole_decisions(live, program, options.gap)
    large = program.columns >= FROM_COLUMNS
    start = (
        dive(live, np.flatnonzero(integer_columns(program)), algorithm_for(program, options), options.gap, options.tell)
        if large
        else None
    )
    with telling(live, options.tell, -math.inf if start is None else start.bound):
        whole = wholes.decided(lambda: live.run_with_retry(Algorithm.CHOOSE, presolve=not options.cold), start)
    if whole.held is None:
        return live, ended_without_plan(live, infeasible_or_unbounded(live, program, whole.outcome))
    return live, with_status_and_gap(whole.held, whole, live.costs(), options.gap, "HiGHS branch and bound")


def solver_name(given: str) -> str:
    """PuLP's name of a solver, which may be given in short."""
    return ALIASES.get(given.lower(), given)


def algorithm_for(program: Program, options: SolveOptions) -> Algorithm:
    """The algorithm of HiGHS that is faster for this size of linear program; the other one with `options.cold`."""
    faster = Algorithm.faster_for(program.columns)
    return faster.other if options.cold else faster
