"""Solving an extensive form: the least value, the unique plan of that value, and a proof of both."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from planner.errors import InfeasibleError, LimitReachedError, SolverError, UnboundedError
from planner.model.extensive import Extensive
from planner.model.linear_program import Array, LinearProgram
from planner.solve.algorithms import Algorithm, Outcome
from planner.solve.certificate import GAP, SOLVERS, VIOLATION, dual_bound
from planner.solve.highs_model import HighsModel
from planner.solve.integrality import WholeDecisions
from planner.solve.money import gross_cost
from planner.solve.solution import Solution, Status, relative_gap
from planner.solve.tie_break import minimise_in_succession, usual_objectives
from planner.solve.violation import largest_violation

WHOLE_GAP = 1e-6  # relative gap at which integer decisions count as solved


@dataclass(frozen=True)
class ExtensiveSolution:
    """The solution of an extensive form.

    Attributes:
        values: the value of each column.
        value: the objective, in money.
        scale: the sum of all costs and earnings without their signs, in money.
        gap: value minus a proved bound, relative to the scale; with integers the solver's gap, relative to the value.
        violation: the largest violation of a row or bound, relative to the size of the row.
        unique: whether the tie-break was carried through.
        method: how it was found and proved, in words.
        seconds: time taken.
    """

    values: Array
    value: float
    scale: float
    gap: float
    violation: float
    unique: bool
    method: str
    seconds: float


def solve_extensive(extensive: Extensive, deadline: float | None = None) -> ExtensiveSolution:
    """Solve an extensive form by the algorithm that is faster for its size, else by the other one.

    Of all plans of the least value, one that is no better in the tail alone, or on average alone, comes first; then the
    same tie-break decides as in `planner solve`, summed over all paths: earliest deliveries, least relabelling, then
    weights from a hash of the labels.

    Args:
        extensive: the program.
        deadline: time.perf_counter() at which it must stop; None for never.

    Raises:
        LimitReachedError: the deadline came before a proof.
        InfeasibleError: no early decisions allow a plan on every path.
        UnboundedError: the cost falls without end.
        SolverError: the answer did not pass its check.
    """
    begun = time.perf_counter()
    first = Algorithm.faster_for(extensive.columns)
    for algorithm in (first, first.other):
        found = _solved(extensive, algorithm, begun, deadline)
        if found.violation <= VIOLATION and found.gap <= GAP:
            return found
    raise SolverError(
        f"The two-stage plan did not pass its check: the largest violation is {found.violation:.3g} of its row, "
        f"the proved bound leaves a gap of {found.gap:.3g}."
    )


def _solved(extensive: Extensive, algorithm: Algorithm, begun: float, deadline: float | None) -> ExtensiveSolution:
    """The solution found with one algorithm, with the tie-break and the proof."""
    live = HighsModel.of(extensive.problem, deadline)
    program = extensive.linear_program
    cost, whole = program.cost, bool(program.integer.any())
    live.scale()
    gap = 0.0
    if whole:
        decided = WholeDecisions(
            live, program.integer, WHOLE_GAP, lambda values: _held(live, program, values, algorithm)
        )
        found = decided.decided()
        _refuse(live, found.outcome)
        held = np.asarray(found.held.values) if found.held and found.held.values is not None else np.zeros(len(cost))
        gap = relative_gap(float((cost * held).sum()), found.bound, gross_cost(cost, held))
    else:
        _refuse(live, live.run_with_retry(algorithm))
    duals, units = live.row_duals(), live.units  # the tie-break may add a row, with a unit of its own
    least = live.values()
    chosen = minimise_in_succession(live, cost, least, _objectives(extensive, live))
    values = chosen.values
    value = float((cost * values).sum())
    scale = gross_cost(cost, values)
    proof = f"{SOLVERS} branch and bound"
    if not whole:
        bound, priced = dual_bound(program, duals, value + scale * GAP)
        gap, proof = (value - bound) / scale, f"dual bound from clipped row duals{priced}"
    method = "interior point with crossover" if algorithm is Algorithm.INTERIOR_POINT else "simplex"
    return ExtensiveSolution(
        values=values,
        value=value,
        scale=scale,
        gap=max(gap, 0.0),
        violation=largest_violation(program.rows, program.lower, program.upper, values, units),
        unique=chosen.unique,
        method=f"extensive form by HiGHS {method}; {proof}",
        seconds=time.perf_counter() - begun,
    )


def _held(live: HighsModel, program: LinearProgram, values: Array, algorithm: Algorithm) -> Solution:
    """The linear program with the integers fixed at their values; without an objective where it is infeasible."""
    live.fix_integers(values, program.integer)
    live.scale()
    if live.run_with_retry(algorithm) is not Outcome.OPTIMAL:
        return Solution(Status.ERROR)
    return Solution(Status.OPTIMAL, values=live.values(), objective=live.objective())


def _refuse(live: HighsModel, outcome: Outcome) -> None:
    """Raise the error that an outcome without a plan stands for."""
    if outcome is Outcome.INFEASIBLE:
        raise InfeasibleError(["some scenario leaves no way on, whatever is decided before it strikes"])
    if outcome is Outcome.UNBOUNDED:
        raise UnboundedError("The cost falls without end. Check for a negative cost without a limit.")
    if outcome is Outcome.LIMIT:
        raise LimitReachedError("The limit was reached before a two-stage plan was proved.")
    if outcome is not Outcome.OPTIMAL:
        raise SolverError(f"HiGHS ended without a proof or a two-stage plan ({live.ending}). Try fewer scenarios.")


def _objectives(extensive: Extensive, live: HighsModel) -> list[Array]:
    """The tie-break objectives, each summed over all paths in the columns of the extensive form.

    Where the tail alone has weight, any cost below it is as good, and the least expected cost comes first; where it has
    none, any tail is, and the least one comes first. Its columns and rows are then added to the model.
    """
    found: list[Array] = []
    for column, path in zip(extensive.columns_of, extensive.paths, strict=True):
        for number, weights in enumerate(usual_objectives(path.program, path.program.columns)):
            if len(found) <= number:
                found.append(np.zeros(extensive.columns))
            used = column >= 0
            np.add.at(found[number], column[used], weights[used])
    if extensive.weight == 1.0:
        expected = extensive.expected_cost()
        found.insert(0, expected / max(float(np.abs(expected).max()), np.finfo(float).tiny))
    if extensive.weight == 0.0:
        tail, nothing = extensive.tail, np.zeros(0, dtype=np.int64)
        for lower in tail.lower.tolist():
            live.add_column(0.0, lower, np.inf, nothing, np.zeros(0))
        for column, coefficient in tail.rows:
            live.add_row(-np.inf, 0.0, column, coefficient)
        found.insert(0, np.append(np.zeros(extensive.columns), tail.share))
    return found
