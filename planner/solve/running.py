"""Running a program: the solver that was asked for, then duals and the one plan from HiGHS's linear program."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pulp

from planner.errors import SolverError, UsageError, nearest
from planner.model.program import Program
from planner.solve.faces import choose_plan
from planner.solve.live import Algorithm, Array, Live, Outcome
from planner.solve.recheck import Target
from planner.solve.solution import Solution, Status

DEFAULT_SOLVER = "HiGHS"
INTERIOR_POINT_FROM = 20_000  # columns; measured by tests/benchmarks/algorithms.py
AGREEMENT = 1e-6
_ALIASES = {"cbc": "COIN_CMD", "highs": "HiGHS", "scip": "SCIP_PY", "glpk": "GLPK_CMD"}


@dataclass(frozen=True)
class SolveOptions:
    """How to solve.

    Attributes:
        solver: PuLP's name of a solver, or cbc, scip, glpk, highs for short.
        time_limit: seconds, for everything; None for no limit.
        gap: relative gap at which an integer program counts as solved.
        close_to: a plan to stay close to among the plans of least cost.
        cold: start again from nothing, by another algorithm (after a plan failed its certificate).
    """

    solver: str = DEFAULT_SOLVER
    time_limit: float | None = None
    gap: float = 1e-6
    close_to: Target | None = None
    cold: bool = False


def solve_program(program: Program, options: SolveOptions | None = None) -> Solution:
    """Solve a program.

    Raises:
        UsageError: PuLP does not know the solver, or does not find it on this machine.
        SolverError: the solver failed without saying why, or two solvers disagree.
    """
    options = options or SolveOptions()
    begun = time.perf_counter()
    deadline = None if options.time_limit is None else begun + options.time_limit
    name = _ALIASES.get(options.solver.lower(), options.solver)
    integer = bool(program.problem.isMIP())
    if name == DEFAULT_SOLVER:
        live, found = _with_highs(program, options, deadline, integer=integer)
    else:
        live, found = _with_other(program, name, options, deadline, integer=integer)
    found = replace(found, integer=integer, solver=name)
    solved = time.perf_counter()
    if found.values is None:
        return replace(found, seconds={"solver": solved - begun})
    cost = np.array(live.lp.col_cost_)
    if found.row_duals is None:  # stopped before its linear program could be solved
        values = _without_idle_openings(program, found.values)
        return replace(found, values=values, objective=float(cost @ values), seconds={"solver": solved - begun})
    chosen = choose_plan(program, live, cost, options.close_to)
    values = _without_idle_openings(program, chosen.values)
    return replace(
        found,
        values=values,
        objective=float(cost @ values),
        unique=chosen.unique,
        seconds={"solver": solved - begun, "tie_break": time.perf_counter() - solved},
    )


def _without_idle_openings(program: Program, values: Array) -> Array:
    """A plan that does not pay the fixed cost of an option of which it buys nothing (a stopped solver's may)."""
    bought = program.expand.first + program.network.open["row"].to_numpy(dtype=np.int64)
    settled = values.copy()
    opened = slice(program.open.first, program.open.first + len(program.open))
    settled[opened] = np.where(values[bought] > 0, values[opened], 0.0)
    return settled


def _with_highs(
    program: Program, options: SolveOptions, deadline: float | None, *, integer: bool
) -> tuple[Live, Solution]:
    """Solve by HiGHS in the model that PuLP hands over."""
    live = Live.of(program.problem, deadline)
    live.highs.setOptionValue("mip_rel_gap", options.gap)
    if not integer:
        return live, _linear(live, _algorithm(program, options), deadline)
    outcome = live.run_surely(Algorithm.CHOOSE, presolve=not options.cold)
    if outcome is Outcome.OPTIMAL or (outcome is Outcome.LIMIT and live.has_solution()):
        values, objective, bound = live.values(), live.objective(), live.mip_bound()
        gap = _gap(objective, bound)
        return live, _fixed(
            live,
            program,
            values,
            deadline,
            bound=bound,
            gap=gap,
            proved=outcome is Outcome.OPTIMAL and gap <= max(options.gap, 1e-9),
            method="HiGHS branch and bound",
        )
    return live, _without_plan(live, outcome)


def _with_other(
    program: Program, name: str, options: SolveOptions, deadline: float | None, *, integer: bool
) -> tuple[Live, Solution]:
    """Solve by another solver of PuLP; duals and the one plan come from HiGHS, whose cost must agree."""
    solver = _named_solver(name, options, deadline)
    try:
        result = program.problem.solve(solver)
    except pulp.PulpSolverError as error:
        raise SolverError(f"{name} failed: {error}") from None
    status = result.status
    live = Live.of(program.problem, deadline)
    if status == pulp.LpSolveStatus.Unbounded:
        return live, _without_plan(live, live.run_surely(Algorithm.CHOOSE))
    if status in {pulp.LpSolveStatus.Infeasible, pulp.LpSolveStatus.Undefined}:
        outcome = live.run_surely(Algorithm.CHOOSE)
        if outcome is Outcome.OPTIMAL:
            raise SolverError(f"{name} found no plan ({status.name}), but HiGHS did. Use --solver HiGHS.")
        return live, _without_plan(live, outcome)
    proved = status in {pulp.LpSolveStatus.Optimal, pulp.LpSolveStatus.GapLimit}
    if not proved and not (result.has_solution and integer):
        return live, Solution(Status.LIMIT, method=f"{name} stopped ({status.name})")
    values = np.array([variable.varValue or 0.0 for variable in program.problem.exported_variables()])
    cost = np.array(live.lp.col_cost_)
    theirs = float(cost @ values)
    if not integer:
        found = _linear(live, _algorithm(program, options), deadline)
        if found.objective is not None and abs(found.objective - theirs) > AGREEMENT * (1 + abs(theirs)):
            raise SolverError(f"{name} says the least cost is {theirs:.10g}, HiGHS says {found.objective:.10g}.")
        return live, replace(found, method=f"{name}; duals and tie-break by HiGHS")
    bound = result.best_bound if result.best_bound is not None else -math.inf
    if proved and not math.isfinite(bound):  # the solver stopped within the gap it was asked for, without saying more
        bound = theirs - options.gap * abs(theirs)
    gap = _gap(theirs, bound)
    return live, _fixed(
        live,
        program,
        values,
        deadline,
        bound=bound,
        gap=gap,
        proved=proved and gap <= max(options.gap * (1 + 1e-6), 1e-9),
        method=f"{name} branch and bound; duals and tie-break by HiGHS",
    )


def _linear(live: Live, algorithm: Algorithm, deadline: float | None) -> Solution:
    """Solve a linear program."""
    live.deadline = deadline
    live.scale()
    outcome = live.run_surely(algorithm)
    if outcome is not Outcome.OPTIMAL:
        return _without_plan(live, outcome)
    word = {Algorithm.INTERIOR_POINT: "HiGHS interior point with crossover"}.get(algorithm, "HiGHS simplex")
    return Solution(
        Status.OPTIMAL, values=live.values(), objective=live.objective(), row_duals=live.row_duals(), method=word
    )


def _fixed(
    live: Live,
    program: Program,
    values: Array,
    deadline: float | None,
    *,
    bound: float,
    gap: float,
    proved: bool,
    method: str,
) -> Solution:
    """The linear program with the integers fixed at what was found, for duals and the one plan."""
    integer = np.array(
        [part == pulp.LpInteger for part in (variable.cat for variable in program.problem.exported_variables())]
    )
    live.relax_integers(values, integer)
    status = Status.OPTIMAL if proved else Status.FEASIBLE
    live.deadline = deadline
    fixed = _linear(live, Algorithm.CHOOSE, deadline)
    if fixed.status is not Status.OPTIMAL:
        return Solution(Status.FEASIBLE, values=values, bound=bound, gap=gap, method=method)
    return replace(fixed, status=status, bound=bound, gap=gap, method=method)


def _without_plan(live: Live, outcome: Outcome) -> Solution:
    if outcome is Outcome.INFEASIBLE:
        return Solution(Status.INFEASIBLE)
    if outcome is Outcome.UNBOUNDED:
        return Solution(Status.UNBOUNDED, ray=live.falling_column())
    if outcome is Outcome.LIMIT:
        return Solution(Status.LIMIT, method="time limit")
    raise SolverError("HiGHS ended without a proof or a plan; try another --solver.")


def _algorithm(program: Program, options: SolveOptions) -> Algorithm:
    large = program.columns >= INTERIOR_POINT_FROM
    if options.cold:
        large = not large
    return Algorithm.INTERIOR_POINT if large else Algorithm.SIMPLEX


def _named_solver(name: str, options: SolveOptions, deadline: float | None) -> Any:
    known = sorted(set(pulp.listSolvers()))
    if name not in known:
        raise UsageError(f"PuLP knows no solver '{name}'. {nearest(name, [*known, *_ALIASES])}")
    limit = None if deadline is None else max(0.01, deadline - time.perf_counter())
    try:
        solver = pulp.getSolver(name, msg=False, timeLimit=limit, gapRel=options.gap)
    except TypeError:
        solver = pulp.getSolver(name, msg=False, timeLimit=limit)
    if not solver.available():
        raise UsageError(
            f"PuLP does not find the solver {name} here. Available: {', '.join(pulp.listSolvers(onlyAvailable=True))}."
        )
    return solver


def _gap(objective: float, bound: float) -> float:
    if not math.isfinite(bound):
        return math.inf
    return max(0.0, (objective - bound) / max(abs(objective), 1e-9)) if objective != bound else 0.0
