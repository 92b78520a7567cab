"""From an instance, a policy and a scenario to a certified plan: the straight line of the house in one place."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from planner.errors import InfeasibleError, InstanceError, LimitReachedError, SolverError, UnboundedError, UsageError
from planner.instance.applying import apply_scenario
from planner.instance.instance import Instance
from planner.instance.loading import checked_policy, load_instance, read_policy, read_scenario
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.model.program import Program, write_program
from planner.network.building import build_network, reach_problems
from planner.plan.allocation import allocation_table
from planner.plan.choke_points import choke_point_table
from planner.plan.measures import exposure_table, pathway_exposure
from planner.plan.plan import Plan
from planner.plan.tables import plan_tables
from planner.solve.certificate import Certificate, certify
from planner.solve.conflict import explain_infeasibility
from planner.solve.recheck import target_of
from planner.solve.running import SolveOptions, solve_program
from planner.solve.solution import Solution, Status

Source = Instance | Program | str | Path


@dataclass(frozen=True)
class Case:
    """What is planned: an instance as it is in a scenario, under a policy."""

    base: Instance
    instance: Instance
    policy: Policy | None
    scenario: Scenario | None

    @classmethod
    def of(
        cls, base: Instance, policy: Policy | str | Path | None = None, scenario: Scenario | str | Path | None = None
    ) -> Case:
        """From names in the instance, files, or objects.

        Raises:
            UsageError: a name is neither in the instance nor a file.
            InstanceError: a file or a change is not right.
        """
        chosen = find_policy(base, policy)
        happens = find_scenario(base, scenario)
        instance = apply_scenario(base, happens) if happens is not None else base
        return cls(base, instance, chosen, happens)


def find_policy(instance: Instance, policy: Policy | str | Path | None) -> Policy | None:
    """A policy by name or path, or as it is."""
    if policy is None:
        return None
    if isinstance(policy, Policy):
        return checked_policy(policy, instance)
    return read_policy(Path(policy), instance) if _is_file(instance.policies, policy) else instance.policy(str(policy))


def find_scenario(instance: Instance, scenario: Scenario | str | Path | None) -> Scenario | None:
    """A scenario by name or path, or as it is."""
    if scenario is None or isinstance(scenario, Scenario):
        return scenario
    return (
        read_scenario(Path(scenario), instance)
        if _is_file(instance.scenarios, scenario)
        else instance.scenario(str(scenario))
    )


def _is_file(known: Sequence[Policy | Scenario], name: str | Path) -> bool:
    """Whether a file is meant: a YAML or JSON path that is no name of the instance."""
    return not any(part.name == str(name) for part in known) and Path(name).suffix.lower() in {".yaml", ".yml", ".json"}


def formulate(
    source: Instance | str | Path,
    policy: Policy | str | Path | None = None,
    scenario: Scenario | str | Path | None = None,
) -> Program:
    """The program of an instance under a policy and scenario, as an ordinary PuLP problem with labels.

    Raises:
        InstanceError, UsageError: as `solve`.
    """
    base = source if isinstance(source, Instance) else load_instance(source)
    case = Case.of(base, policy, scenario)
    return write_program(build_network(case.instance, case.policy))


def solve(
    source: Source,
    policy: Policy | str | Path | None = None,
    scenario: Scenario | str | Path | None = None,
    *,
    solver: str = "HiGHS",
    time_limit: float | None = None,
    gap: float = 1e-6,
    stay_close_to: Plan | None = None,
) -> Plan:
    """Plan an instance.

    Args:
        source: an instance, its path, or a program from `formulate` (rows of your own are planned, certified and
            priced like ours).
        policy, scenario: an object, a name in the instance, or a path; None for no limits and nothing happening.
        solver: PuLP's name of a solver.
        time_limit: seconds for the whole solve.
        gap: relative gap at which integer decisions count as solved.
        stay_close_to: among the plans of least cost, the one that changes this plan least.

    Raises:
        InstanceError: the instance, policy or scenario is not right.
        UsageError: a name does not exist.
        InfeasibleError: no plan exists, with the conflict and the cheapest repairs.
        UnboundedError: the cost falls without end; the decision is named.
        LimitReachedError: a limit was reached before a proof, with the plan found so far, if any.
        SolverError: the solver failed, or its plan did not pass the certificate.
    """
    begun = time.perf_counter()
    base_hash = ""
    if isinstance(source, Program):
        if policy is not None or scenario is not None:
            raise UsageError("A program has its policy and scenario already: give them to formulate.")
        program, case = source, None
        scenario_object = None
        instance, policy_object = program.network.instance, program.network.policy
        timings = {"load": 0.0, "network": 0.0, "build": 0.0}
    else:
        base = source if isinstance(source, Instance) else load_instance(source)
        loaded = time.perf_counter()
        case = Case.of(base, policy, scenario)
        network = build_network(case.instance, case.policy)
        if case.scenario is None:
            errors = [problem for problem in reach_problems(network) if problem.severity == "error"]
            if errors:
                raise InstanceError(errors)
        joined = time.perf_counter()
        program = write_program(network)
        instance, policy_object, scenario_object = case.instance, case.policy, case.scenario
        base_hash = base.content_hash
        timings = {"load": loaded - begun, "network": joined - loaded, "build": time.perf_counter() - joined}
    close_to = None
    if stay_close_to is not None:
        close_to = target_of(program, stay_close_to.tables)
    options = SolveOptions(solver=solver, time_limit=time_limit, gap=gap, close_to=close_to)
    solution, tables, certificate = solved(program, options)
    timings.update(
        {
            "solve": solution.seconds["solver"],
            "tie_break": solution.seconds.get("tie_break", 0.0),
            "certify": solution.seconds["certify"],
            "tables": solution.seconds["tables"],
        }
    )
    plan = Plan(
        instance=instance,
        policy=policy_object,
        scenario=scenario_object,
        base_hash=base_hash or instance.content_hash,
        status=str(solution.status),
        objective=float(solution.objective or 0.0),
        gap=solution.gap,
        tables=tables,
        certificate=certificate,
        unique=solution.unique,
        solver=solution.solver,
        method=solution.method,
        options={"solver": solver, "time_limit": time_limit, "gap": gap},
        sizes={
            "columns": program.columns,
            "rows": program.rows,
            "nonzeros": sum(len(rows.column) for rows in program.families),
        },
        timings={name: round(seconds, 6) for name, seconds in timings.items()},
        values=solution.values,
        duals=solution.row_duals,
    )
    if solution.status is Status.FEASIBLE:
        raise LimitReachedError(f"A limit was reached with a plan within {solution.gap:.3%} of the proved bound.", plan)
    return plan


def solved(program: Program, options: SolveOptions) -> tuple[Solution, dict[str, pd.DataFrame], Certificate]:
    """A certified solution with its tables; one that fails is solved once more from cold.

    Raises:
        InfeasibleError, UnboundedError, LimitReachedError, SolverError: as `solve`.
    """
    certificate = None
    for cold in (False, True):
        solution = solve_program(program, replace(options, cold=cold))
        _raise_without_plan(program, solution)
        start = time.perf_counter()
        tables = plan_tables(program, solution)
        shown = time.perf_counter()
        own = np.asarray(solution.values)[program.columns :]
        certificate = certify(program, solution, tables, own)
        done = time.perf_counter()
        if certificate.passed:
            tables["exposure"] = _exposure(program, tables)
            tables["allocation"] = allocation_table(program.network.instance, tables)
            tables["choke_points"] = choke_point_table(program, solution, tables["limits"])
            end = time.perf_counter()
            seconds = {**solution.seconds, "tables": shown - start + end - done, "certify": done - shown}
            return replace(solution, seconds=seconds), tables, certificate
        if solution.status is Status.FEASIBLE:
            raise LimitReachedError("The limit was reached, and what the solver had by then is no plan.")
    raise SolverError(
        "The plan failed its certificate twice, so it is not shown: "
        + "; ".join(certificate.failures if certificate else ())
    )


def _exposure(program: Program, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Exposure by stage and of the finished units, beside the limits that speak of the same shares."""
    network = program.network
    instance, limits = network.instance, _limits_in_force(program)
    by_stage = exposure_table(instance, tables["production"], limits[limits["measure"] == "stage"])
    pathways = pathway_exposure(instance, tables, network.watches, limits[limits["measure"] == "pathway"])
    return pd.concat([by_stage, pathways], ignore_index=True) if len(pathways) else by_stage


def _limits_in_force(program: Program) -> pd.DataFrame:
    """The caps on shares of units, of all items of a stage or of all that is delivered; a horizon as reported."""
    network = program.network
    reported = network.instance.report_periods
    comparable = {
        limit.name
        for limit in (network.policy.limits if network.policy else ())
        if limit.weight == "units"
        and not limit.items
        and not limit.customers
        and (limit.per == "period" or list(network.instance.periods.window(limit.period)) == list(reported))
    }
    limits = network.limits
    caps = limits["limit"].isin(comparable) & limits["max_share"].notna()
    return limits.loc[caps, ["measure", "stage", "over", "of", "period", "max_share"]]


def _raise_without_plan(program: Program, solution: Solution) -> None:
    if solution.status is Status.INFEASIBLE:
        conflict, repair = explain_infeasibility(program)
        raise InfeasibleError(conflict, repair)
    if solution.status is Status.UNBOUNDED:
        where = "" if solution.ray is None else " by more of " + _column_words(program, solution.ray)
        raise UnboundedError(f"The cost falls without end{where}. Check for a negative cost without a limit.")
    if solution.values is None:  # noqa: PD011  (a field of ours)
        raise LimitReachedError(f"The limit was reached before any plan was found ({solution.method}).")


def _column_words(program: Program, column: int) -> str:
    name, labels = program.column_label(column)
    return f"{name} ({', '.join(str(label) for label in labels)})"
