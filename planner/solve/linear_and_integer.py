"""The parts of a solve by HiGHS: a linear program, an integer one with its decisions fixed, and how either ended."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pulp

from planner.errors import SolverError
from planner.model.linear_program import Array
from planner.model.program import Program
from planner.solve.algorithms import Algorithm, Outcome
from planner.solve.exact_optimum import exact_optimum
from planner.solve.highs_model import HighsModel
from planner.solve.iis_and_ray import without_plan
from planner.solve.integrality import WholeDecisions, WholePlan
from planner.solve.live_numbers import free_rows
from planner.solve.money import gross_cost
from planner.solve.noise import without_idle_sources
from planner.solve.solution import Solution, Status, relative_gap


def solve_linear(live: HighsModel, algorithm: Algorithm) -> Solution:
    """Solve a linear program by an algorithm of HiGHS; where the outcome is not clear, by simplex from cold."""
    live.scale()
    outcome = live.run_with_retry(algorithm)
    if outcome is not Outcome.OPTIMAL:
        return ended_without_plan(live, outcome)
    values = exact_optimum(live).values
    word = {Algorithm.INTERIOR_POINT: "HiGHS interior point with crossover"}.get(algorithm, "HiGHS simplex")
    return Solution(Status.OPTIMAL, values=values, objective=live.objective(), row_duals=live.row_duals(), method=word)


def integer_columns(program: Program) -> Array:
    """Which columns of the problem are integer, variables of your own included."""
    return np.array([variable.cat == pulp.LpInteger for variable in program.problem.exported_variables()])


def whole_decisions(live: HighsModel, program: Program, gap: float) -> WholeDecisions:
    """The integer program for HiGHS, scaled, with the relative gap that is asked for."""
    live.scale()

    def hold(values: Array) -> Solution:
        try:
            return solve_with_integers_fixed(live, program, values)
        except SolverError:  # what these decisions cost is not known; others may be cheaper
            return Solution(Status.ERROR, values=values)

    return WholeDecisions(live, integer_columns(program), gap, hold)


def solve_with_integers_fixed(live: HighsModel, program: Program, values: Array) -> Solution:
    """The linear program with the integers fixed at their values, for duals and the unique plan.

    Its cost is the plan's cost: what a solver claims with integers that are whole only within its tolerance is not
    used. A site that makes nothing is fixed as no source. Without an objective where there is no plan, or no time.

    Args:
        live: the model.
        program: the program.
        values: of all columns, as the solver found them.
    """
    values = without_idle_sources(program, values)
    live.fix_integers(values, integer_columns(program))
    held = solve_linear(live, Algorithm.CHOOSE)
    return replace(held, values=values) if held.values is None else held


def with_status_and_gap(held: Solution, whole: WholePlan, cost: Array, wanted: float, method: str) -> Solution:
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
    gap = relative_gap(reached, bound, gross_cost(cost, np.asarray(held.values)))
    limited = whole.outcome is Outcome.LIMIT or held.status is Status.LIMIT
    ended = whole.outcome is Outcome.OPTIMAL and held.status is Status.OPTIMAL
    proved = ended and gap <= max(wanted * (1 + 1e-6), 1e-9)
    status = Status.OPTIMAL if proved else Status.FEASIBLE
    return replace(held, status=status, bound=bound, gap=gap, method=method, limited=limited)


def leave_out_rows_of_capacity(live: HighsModel, program: Program, values: Array) -> bool:
    """Leave the rows out of a model that say no more than capacities, the decisions of 0 or 1 held.

    Args:
        live: the model, with these decisions fixed; it has the same plans without the rows.
        program: the program, whose families know which rows they are (`repeats_capacity`).
        values: of all columns, the decisions whole.

    Returns:
        whether there are any.
    """
    flags = [
        rows.family.repeats_capacity(program.network, program, rows.labels, values) for _, rows in program.by_family()
    ]
    rows = np.flatnonzero(np.concatenate(flags))
    free_rows(live, rows)
    return len(rows) > 0


def with_duals_of_capacity(live: HighsModel, program: Program, found: Solution) -> Solution:
    """A plan with its integers fixed, and duals that count capacities alone where other rows say the same.

    Without these the optimum is only a few steps away, so no deadline ends them.
    """
    if not leave_out_rows_of_capacity(live, program, np.asarray(found.values)):
        return found
    with live.until(None):
        if live.run_with_retry(Algorithm.CHOOSE) is not Outcome.OPTIMAL:
            raise SolverError(f"HiGHS did not find its optimum again without rows that say nothing ({live.ending}).")
    return replace(found, row_duals=live.row_duals())


def infeasible_or_unbounded(live: HighsModel, program: Program, outcome: Outcome) -> Outcome:
    """The outcome of an integer program, where HiGHS says no more than that it is infeasible or unbounded.

    It is unbounded where it has a plan at all and its linear program is unbounded (Meyer, On the existence of optimal
    solutions to integer and mixed-integer programming problems, 1974: the figures are rational).
    """
    integer = np.flatnonzero(integer_columns(program))
    if outcome is not Outcome.UNKNOWN or not len(integer):
        return outcome
    cost = live.costs()
    live.set_costs(np.zeros(len(cost)))
    any_plan = live.run_with_retry(Algorithm.CHOOSE)
    live.set_costs(cost)
    if any_plan is not Outcome.OPTIMAL:
        return any_plan
    live.set_integrality(integer, integer=False)
    relaxed = live.run_with_retry(Algorithm.SIMPLEX, presolve=False)
    return Outcome.UNBOUNDED if relaxed is Outcome.UNBOUNDED else Outcome.UNKNOWN


def ended_without_plan(live: HighsModel, outcome: Outcome) -> Solution:
    """The solution that stands for a run which ended without a plan.

    Raises:
        SolverError: HiGHS ended without saying why.
    """
    found = without_plan(live, outcome)
    if found is None:
        raise SolverError(
            f"HiGHS ended without a proof or a plan ({live.ending}). Try another solver (--solver cbc or scip), and "
            "look in `planner check` for figures of very unlike size."
        )
    return found
