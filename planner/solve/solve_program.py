"""Solving a program: first by the solver asked for, then duals and the unique plan from HiGHS's linear program."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pulp

from planner.errors import SolverError, UsageError, nearest
from planner.model.program import Program
from planner.solve.algorithms import Algorithm, Outcome
from planner.solve.carried_basis import CarriedBasis
from planner.solve.checked_solves import answer_from
from planner.solve.cut_off import CutOffError, widened
from planner.solve.decisions_in_tables import Target
from planner.solve.diving import FROM_COLUMNS, dive
from planner.solve.highs_model import Array, Live
from planner.solve.iis_and_ray import without_plan
from planner.solve.noise import settled, without_idle_sources
from planner.solve.one_sided_prices import one_sided_prices
from planner.solve.second_opinion import confirmed
from planner.solve.solution import EQUAL_COST, Solution, Status, relative_gap
from planner.solve.sources_and_lots import rows_of_capacity
from planner.solve.tie_break import choose_plan
from planner.solve.whole import Whole, Wholes

DEFAULT_SOLVER = "HiGHS"
AGREEMENT = 1e-6
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
class SolveOptions:
    """How to solve.

    Attributes:
        solver: PuLP's name of a solver, or cbc, scip, glpk, highs for short.
        time_limit: seconds, for everything; None for no limit.
        gap: relative gap at which an integer program counts as solved.
        close_to: a plan to stay close to among the plans of least cost.
        cold: start again from nothing, by another algorithm (after a plan failed its certificate).
        priced: whether the tables with shadow prices are wanted.
        start: the basis of a program much like this one, from which a linear program is solved.
    """

    solver: str = DEFAULT_SOLVER
    time_limit: float | None = None
    gap: float = 1e-6
    close_to: Target | None = None
    cold: bool = False
    priced: bool = True
    start: CarriedBasis | None = None


def solve_program(program: Program, options: SolveOptions | None = None) -> Solution:
    """Solve a program.

    Raises:
        UsageError: PuLP does not know the solver, or does not find it on this machine.
        SolverError: the solver failed without saying why, or two solvers disagree.
    """
    options = options or SolveOptions()
    begun = time.perf_counter()
    deadline = None if options.time_limit is None else begun + options.time_limit
    name = solver_name(options.solver)
    integer = bool(program.problem.isMIP())
    if name == DEFAULT_SOLVER:
        live, found = _with_highs(program, options, deadline, integer=integer)
    else:
        live, found = _with_other(program, name, options, deadline, integer=integer)
    if integer and found.status is Status.INFEASIBLE:
        _refuse_where_cut_off(program, options, deadline)
    found = replace(found, integer=integer, solver=name)
    if found.row_duals is not None and not integer:
        found = replace(found, basis=CarriedBasis.of(program, live.basis()))
    if found.row_duals is not None and integer:
        found = _with_duals_of_capacity(live, program, found)
    if found.row_duals is not None and options.priced:
        found = replace(found, prices=one_sided_prices(program, live))
    solved = time.perf_counter()
    if found.values is None:
        return replace(found, seconds={"solver": solved - begun})
    cost = live.costs()
    if found.row_duals is None:  # stopped before its linear program could be solved
        values = settled(program, found.values)
        return replace(found, values=values, objective=float((cost * values).sum()), seconds={"solver": solved - begun})
    chosen = choose_plan(program, live, cost, options.close_to)
    values = settled(program, chosen.values)
    return replace(
        found,
        values=values,
        objective=float((cost * values).sum()),
        unique=chosen.unique,
        seconds={"solver": solved - begun, "tie_break": time.perf_counter() - solved},
    )


def _with_highs(
    program: Program, options: SolveOptions, deadline: float | None, *, integer: bool
) -> tuple[Live, Solution]:
    """Solve with HiGHS, in the model that PuLP hands over."""
    live = Live.of(program.problem, deadline)
    if not integer:
        live.scale()
        begun = None if options.cold else answer_from(options.start, program, live)
        return live, begun or _linear(live, algorithm_for(program, options), deadline)
    wholes = _wholes(live, program, options, deadline)
    large = program.columns >= FROM_COLUMNS
    start = (
        dive(live, np.flatnonzero(_integers(program)), algorithm_for(program, options), options.gap) if large else None
    )
    whole = wholes.decided(lambda: live.run_surely(Algorithm.CHOOSE, presolve=not options.cold), start)
    if whole.held is None:
        return live, _without_plan(live, _told_apart(live, program, whole.outcome))
    return live, _judged(whole.held, whole, live.costs(), options.gap, "HiGHS branch and bound")


def _with_other(
    program: Program, name: str, options: SolveOptions, deadline: float | None, *, integer: bool
) -> tuple[Live, Solution]:
    """Solve with another of PuLP's solvers; duals and the unique plan come from HiGHS, whose cost must agree."""
    solver = _named_solver(name, options, deadline)
    live = Live.of(program.problem, deadline)
    if integer and (ending := _without_end(live, program)) is not None:
        return live, _without_plan(live, ending)
    try:
        result = program.problem.solve(solver)
    except pulp.PulpSolverError as error:
        raise SolverError(f"{name} failed: {error}") from None
    status = result.status
    if status == pulp.LpSolveStatus.Interrupted:  # some solvers catch Ctrl-C and return
        raise KeyboardInterrupt
    live = Live.of(program.problem, deadline)
    if status == pulp.LpSolveStatus.Unbounded:
        return live, _without_plan(live, _told_apart(live, program, live.run_surely(Algorithm.CHOOSE)))
    if status in {pulp.LpSolveStatus.Infeasible, pulp.LpSolveStatus.Undefined}:
        outcome = _told_apart(live, program, live.run_surely(Algorithm.CHOOSE))
        if outcome is Outcome.OPTIMAL:
            raise SolverError(f"{name} found no plan ({status.name}), but HiGHS did. Use --solver HiGHS.")
        return live, _without_plan(live, outcome)
    proved = status in {pulp.LpSolveStatus.Optimal, pulp.LpSolveStatus.GapLimit}
    if not proved and not (result.has_solution and integer):
        return live, Solution(Status.LIMIT, method=f"{name} stopped ({status.name})")
    values = np.array([variable.varValue or 0.0 for variable in program.problem.exported_variables()])
    cost = live.costs()
    theirs = float((cost * values).sum())
    if not integer:
        found = _linear(live, algorithm_for(program, options), deadline)
        if found.objective is not None and abs(found.objective - theirs) > AGREEMENT * (1 + abs(theirs)):
            raise SolverError(f"{name} says the least cost is {theirs:.10g}, HiGHS says {found.objective:.10g}.")
        return live, replace(found, method=f"{name}; {LEFT_TO_HIGHS}")
    bound = result.best_bound if result.best_bound is not None else -math.inf
    outcome = Outcome.OPTIMAL if proved else Outcome.LIMIT
    wholes = _wholes(live, program, options, deadline)
    held = _held(live, program, values, deadline)
    if proved:  # within the gap it was asked for, whatever it writes of its bound: nothing, or six digits
        exact = theirs if held.objective is None else held.objective
        reached = min(max(theirs, exact), theirs + WRITTEN * float(np.abs(cost * values).sum()))
        bound = max(bound, reached - ASKED * options.gap * abs(reached))
    found = _judged(held, Whole(held, bound, outcome), cost, options.gap, f"{name} branch and bound; {LEFT_TO_HIGHS}")
    if found.status is not Status.OPTIMAL and not found.limited:
        raise SolverError(
            f"{name} says that the least cost is {theirs:.10g}, but its plan costs {found.objective or math.nan:.10g} "
            "once its decisions of 0 or 1 are whole. Use --solver HiGHS."
        )
    if found.limited:
        return live, found
    whole = confirmed(name, held, wholes, cost, options.gap)
    if whole is None or whole.held is None:  # no second opinion
        return live, replace(found, values=_held(live, program, values, deadline).values)
    return live, _judged(whole.held, whole, cost, options.gap, f"{name} branch and bound; {BOUND_BY_HIGHS}")


def _wholes(live: Live, program: Program, options: SolveOptions, deadline: float | None) -> Wholes:
    """The integer program for HiGHS, scaled, with the gap that is asked for."""
    live.highs.setOptionValue("mip_rel_gap", options.gap)
    live.highs.setOptionValue("mip_abs_gap", 0.0)
    live.scale()
    return Wholes(live, _integers(program), options.gap, lambda values: _held(live, program, values, deadline))


def _refuse_where_cut_off(program: Program, options: SolveOptions, deadline: float | None) -> None:
    """Raise an error where there is a plan once an estimate of what can be needed is far larger."""
    live = Live.of(program.problem, deadline)
    if not widened(program, live):
        return
    live.set_costs(np.zeros(program.problem.numVariables()))
    if _wholes(live, program, options, deadline).decided().held is not None:
        raise CutOffError(
            "No plan keeps within what was taken for the most that can be needed, but there is one beyond it, so it is "
            "not said that there is none: give what your own rows ask for as a commitment or stock instead."
        )


def _linear(live: Live, algorithm: Algorithm, deadline: float | None) -> Solution:
    """Solve a linear program by an algorithm of HiGHS; where the outcome is not clear, by simplex from cold."""
    live.deadline = deadline
    live.scale()
    outcome = live.run_surely(algorithm)
    if outcome is not Outcome.OPTIMAL:
        return _without_plan(live, outcome)
    word = {Algorithm.INTERIOR_POINT: "HiGHS interior point with crossover"}.get(algorithm, "HiGHS simplex")
    return Solution(
        Status.OPTIMAL, values=live.values(), objective=live.objective(), row_duals=live.row_duals(), method=word
    )


def _held(live: Live, program: Program, values: Array, deadline: float | None) -> Solution:
    """The linear program with the integers fixed at their values, for duals and the unique plan.

    Its cost is the plan's cost: what a solver claims with integers that are whole only within its tolerance is not
    used. A site that makes nothing is fixed as no source. Without an objective where there is no plan, or no time.

    Args:
        live: the model.
        program: the program.
        values: of all columns, as the solver found them.
        deadline: when to stop.
    """
    values = without_idle_sources(program, values)
    live.relax_integers(values, _integers(program))
    held = _linear(live, Algorithm.CHOOSE, deadline)
    return replace(held, values=values) if held.values is None else held


def _with_duals_of_capacity(live: Live, program: Program, found: Solution) -> Solution:
    """A plan with its integers fixed, and duals that count capacities alone where other rows say the same.

    The rows are left out of the model, which has the same plans without them; its optimum is only a few steps away, so
    no deadline ends them.
    """
    rows = rows_of_capacity(program, np.asarray(found.values))
    if not len(rows):
        return found
    free = np.full(len(rows), np.inf)
    live.set_row_bounds(rows, -free, free)
    deadline, live.deadline = live.deadline, None
    try:
        if live.run_surely(Algorithm.CHOOSE) is not Outcome.OPTIMAL:
            raise SolverError(f"HiGHS did not find its optimum again without rows that say nothing ({live.ending}).")
    finally:
        live.deadline = deadline
    return replace(found, row_duals=live.row_duals())


def _judged(held: Solution, whole: Whole, cost: Array, wanted: float, method: str) -> Solution:
    """A plan with fixed integers, with its status, bound and gap.

    Args:
        held: the linear program of the plan.
        whole: what ended the search, and the bound.
        cost: of each column.
        wanted: the relative gap within which a plan counts as optimal.
        method: how the integers were found.
    """
    bound = whole.bound
    reached = float((cost * np.asarray(held.values)).sum()) if held.objective is None else held.objective
    gap = 0.0 if reached - bound <= EQUAL_COST * (1 + abs(reached)) else relative_gap(reached, bound)
    limited = whole.outcome is Outcome.LIMIT or held.status is Status.LIMIT
    ended = whole.outcome is Outcome.OPTIMAL and held.status is Status.OPTIMAL
    proved = ended and gap <= max(wanted * (1 + 1e-6), 1e-9)
    status = Status.OPTIMAL if proved else Status.FEASIBLE
    return replace(held, status=status, bound=bound, gap=gap, method=method, limited=limited)


def _integers(program: Program) -> Array:
    """Which columns of the problem are integer, variables of your own included."""
    return np.array([variable.cat == pulp.LpInteger for variable in program.problem.exported_variables()])


def _without_end(live: Live, program: Program) -> Outcome | None:
    """The outcome of an integer program whose linear program falls without end; None for any other.

    Some solvers look for the end of such a program for ever. A cost with a lower bound has an end: it has one where
    each column that lowers it is bounded on that side, which needs no run, and where the linear program has an optimum.
    """
    cost, (lower, upper, *_) = live.costs(), live.bounds()
    if not (((cost < 0) & np.isposinf(upper)) | ((cost > 0) & np.isneginf(lower))).any():
        return None
    integer = np.flatnonzero(_integers(program))
    live.set_integrality(integer, integer=False)
    relaxed = live.run_surely(Algorithm.CHOOSE)
    live.set_integrality(integer, integer=True)
    live.highs.clearSolver()
    if relaxed in {Outcome.OPTIMAL, Outcome.INFEASIBLE}:
        return None
    told = relaxed if relaxed is Outcome.LIMIT else _told_apart(live, program, Outcome.UNKNOWN)
    return None if told is Outcome.UNKNOWN else told


def _told_apart(live: Live, program: Program, outcome: Outcome) -> Outcome:
    """The outcome of an integer program, where HiGHS says no more than that it is infeasible or unbounded.

    It is unbounded where it has a plan at all and its linear program is unbounded (Meyer, On the existence of optimal
    solutions to integer and mixed-integer programming problems, 1974: the figures are rational).
    """
    integer = np.flatnonzero(_integers(program))
    if outcome is not Outcome.UNKNOWN or not len(integer):
        return outcome
    cost = live.costs()
    live.set_costs(np.zeros(len(cost)))
    any_plan = live.run_surely(Algorithm.CHOOSE)
    live.set_costs(cost)
    if any_plan is not Outcome.OPTIMAL:
        return any_plan
    live.set_integrality(integer, integer=False)
    relaxed = live.run_surely(Algorithm.SIMPLEX, presolve=False)
    return Outcome.UNBOUNDED if relaxed is Outcome.UNBOUNDED else Outcome.UNKNOWN


def _without_plan(live: Live, outcome: Outcome) -> Solution:
    found = without_plan(live, outcome)
    if found is None:
        raise SolverError(
            f"HiGHS ended without a proof or a plan ({live.ending}). Try another solver (--solver cbc or scip), and "
            "look in `planner check` for figures of very unlike size."
        )
    return found


def solver_name(given: str) -> str:
    """PuLP's name of a solver, which may be given in short."""
    return ALIASES.get(given.lower(), given)


def algorithm_for(program: Program, options: SolveOptions) -> Algorithm:
    """The algorithm of HiGHS that is faster for this size of linear program; the other one with `options.cold`."""
    faster = Algorithm.faster_for(program.columns)
    return faster.other if options.cold else faster


def _named_solver(name: str, options: SolveOptions, deadline: float | None) -> Any:
    known = sorted(set(pulp.listSolvers()))
    if name not in known:
        raise UsageError(f"PuLP knows no solver '{name}'. {nearest(name, [*known, *ALIASES])}")
    limit = None if deadline is None else max(0.01, deadline - time.perf_counter())
    more = {"options": TOLD[name]} if name in TOLD else {}
    try:
        solver = pulp.getSolver(name, msg=False, timeLimit=limit, gapRel=ASKED * options.gap, **more)
    except TypeError:
        solver = pulp.getSolver(name, msg=False, timeLimit=limit)
    if not solver.available():
        raise UsageError(
            f"PuLP does not find the solver {name} here. Available: {', '.join(pulp.listSolvers(onlyAvailable=True))}."
        )
    return solver
