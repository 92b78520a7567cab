"""From a solution to a plan: tables, their certificate, measures, and the plan that holds them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.instance.policy import Policy, rules_of
from planner.instance.scenario import Scenario
from planner.model.program import Program
from planner.network.frames import narrowed, rows_where
from planner.network.network import Network
from planner.plan.allocation import allocation_table
from planner.plan.choke_points import choke_point_tables
from planner.plan.lazy_tables import Later, LazyTables, Tables, Waiting
from planner.plan.measures import exposure_table, pathway_exposure
from planner.plan.plan import Plan
from planner.plan.proof.kept import LEAST_COST, RowWeights
from planner.plan.tables import negligible_in, plan_tables
from planner.solve.certificate import Certificate, certify
from planner.solve.solution import Solution, Status

ARITHMETIC = 1e-15  # of a column's largest; a smaller figure is what double precision leaves


class CertifiedSolution(NamedTuple):
    """A solution with its tables and certificate.

    Attributes:
        solution: the solution, with the seconds of each phase.
        tables: the tables by name; where the certificate failed, only those that it checks.
        certificate: the result of checking the tables.
    """

    solution: Solution
    tables: LazyTables
    certificate: Certificate


def certified_solution(program: Program, solution: Solution, waiting: Waiting | None = None) -> CertifiedSolution:
    """The tables of a solution and their certificate.

    Exposure and allocation, which are measures of the other tables, are computed only when they are asked for.

    Args:
        program: what was solved.
        solution: its answer, with values.
        waiting: gives further tables that are computed only when asked for, at least the choke points; None where these
            are computed at once.
    """
    start = time.perf_counter()
    made = certified_tables(program, solution)
    certified = time.perf_counter()
    tables = LazyTables(made.tables)
    if made.certificate.passed:
        further = (waiting or choke_points_later(program, solution))(made.tables)
        at_once = {} if waiting else {name: make() for name, make in further.items()}
        tables = _with_measures(program, made.tables, {**further, **at_once})
    end = time.perf_counter()
    writing = certified - start - made.seconds + end - certified
    seconds = {**solution.seconds, "tables": writing, "certify": made.seconds}
    return CertifiedSolution(replace(solution, seconds=seconds), tables, made.certificate)


class CertifiedTables(NamedTuple):
    """The tables of a solution that follow from its decisions, their certificate, and the seconds of checking."""

    tables: dict[str, pd.DataFrame]
    certificate: Certificate
    seconds: float


def certified_tables(program: Program, solution: Solution) -> CertifiedTables:
    """The tables of a solution, without figures so small that they are a solver's noise, and their certificate.

    If the certificate fails, a small figure may have been a true one, without which a row is broken. The tables are
    then made once more with all figures above the rounding errors of double precision (`ARITHMETIC`).

    Args:
        program: what was solved.
        solution: its answer, with values.
    """
    seconds = 0.0
    for negligible in (negligible_in(program), ARITHMETIC):
        tables = plan_tables(program, solution, negligible)
        start = time.perf_counter()
        certificate = certify(program, solution, tables, np.asarray(solution.values)[program.columns :])
        seconds += time.perf_counter() - start
        if certificate.passed or negligible <= ARITHMETIC:
            break
    return CertifiedTables(tables, certificate, seconds)


def choke_points_later(program: Program, solution: Solution) -> Waiting:
    """Choke points and prices that differ by side, both computed when one is asked for; until then the program is kept.

    Args:
        program: what was solved.
        solution: its answer.
    """

    def waiting(tables: Tables) -> Later:
        both = cache(partial(choke_point_tables, program, solution, tables["limits"]))
        return {"choke_points": lambda: both()[0], "price_sides": lambda: both()[1]}

    return waiting


def _with_measures(
    program: Program, tables: dict[str, pd.DataFrame], further: Mapping[str, pd.DataFrame | Callable[[], pd.DataFrame]]
) -> LazyTables:
    """The tables with exposure and allocation added, which are computed later, and with further ones."""
    network = program.network
    instance, watches, limits = network.instance, network.watches, limits_in_force(network)
    checked = dict(tables)

    def exposure() -> pd.DataFrame:
        """Exposure by stage and of the finished units, beside the limits that speak of the same shares."""
        by_stage = exposure_table(instance, checked["production"], limits[limits["measure"] == "stage"])
        pathways = pathway_exposure(instance, checked, watches, limits[limits["measure"] == "pathway"])
        return pd.concat([by_stage, pathways], ignore_index=True) if len(pathways) else by_stage

    def allocation() -> pd.DataFrame:
        return allocation_table(instance, checked)

    return LazyTables({**tables, "exposure": exposure, "allocation": allocation, **further}, tables)


def limits_in_force(network: Network) -> pd.DataFrame:
    """The largest shares of units that apply to all items of a stage, or to all deliveries, for the exposure table.

    Limits over the horizon count only where they cover the reported periods.
    """
    reported = network.instance.report_periods
    comparable = {
        limit.name
        for limit in rules_of(network.policy).limits
        if limit.weight == "units"
        and not limit.items
        and not limit.customers
        and (limit.per == "period" or list(network.instance.periods.window(limit.period)) == list(reported))
    }
    limits = network.limits
    capped = ~np.isnan(limits["max_share"].to_numpy(dtype=float))
    caps = capped & limits["limit"].isin(comparable).to_numpy(dtype=bool)
    return rows_where(narrowed(limits, ["measure", "stage", "over", "of", "period", "max_share"]), caps)


@dataclass(frozen=True)
class PlanRequest:
    """The request that a plan answers, as the plan remembers it.

    Attributes:
        instance: as solved, the scenario applied.
        policy, scenario: what was chosen and what happens; None for none.
        base_hash: content hash of the instance before the scenario.
        options: options of the solve, by name.
    """

    instance: Instance
    policy: Policy | None
    scenario: Scenario | None
    base_hash: str
    options: dict[str, Any]


def kept_duals(program: Program, solution: Solution) -> RowWeights | None:
    """The duals of a solution that prove its cost to be the least; None where they do not, or are not of its rows."""
    if solution.status is not Status.OPTIMAL or solution.integer or program.columns != len(np.asarray(solution.values)):
        return None
    return RowWeights.of(program, LEAST_COST, solution.row_duals)


def plan_of(request: PlanRequest, program: Program, found: CertifiedSolution, timings: dict[str, float]) -> Plan:
    """The plan made of a request, its program and its certified solution.

    Args:
        request: what was asked for.
        program: what was solved.
        found: its solution, certified.
        timings: seconds of each phase before the solve.
    """
    solution = found.solution
    seconds = {
        **timings,
        "solve": solution.seconds["solver"],
        "tie_break": solution.seconds.get("tie_break", 0.0),
        "certify": solution.seconds["certify"],
        "tables": solution.seconds["tables"],
    }
    return Plan(
        instance=request.instance,
        policy=request.policy,
        scenario=request.scenario,
        base_hash=request.base_hash,
        status=str(solution.status),
        objective=float(solution.objective or 0.0),
        gap=solution.gap,
        tables=found.tables,
        certificate=found.certificate,
        unique=solution.unique,
        solver=solution.solver,
        method=solution.method,
        options=request.options,
        sizes={
            "columns": program.columns,
            "rows": program.rows,
            "nonzeros": sum(len(rows.column) for rows in program.families),
        },
        timings={name: round(part, 6) for name, part in seconds.items()},
        values=solution.values,
        duals=solution.row_duals,
        basis=solution.basis,
        kept=kept_duals(program, solution),
    )
