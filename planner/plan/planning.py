"""Planning: from an instance, a policy and a scenario through network, program and solution to a certified plan."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from planner.errors import InfeasibleError, InstanceError, LimitReachedError, SolverError, UnboundedError, UsageError
from planner.instance.instance import Instance
from planner.instance.loading import instance_of
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.model.program import Program, write_program
from planner.network.building import build_network
from planner.network.network import Network
from planner.network.steps import Steps
from planner.network.unreached import reach_problems
from planner.plan.case import Case
from planner.plan.closeness import Closeness, closeness_of
from planner.plan.from_solution import CertifiedSolution, PlanRequest, certified_solution, plan_of
from planner.plan.lazy_tables import LazyTables, priced_later
from planner.plan.plan import Plan
from planner.plan.price_checks import plan_with_ranges
from planner.plan.run_options import RunOptions
from planner.solve.carried_basis import CarriedBasis
from planner.solve.conflict import explain_infeasibility
from planner.solve.cut_off import CutOffError, with_far_more
from planner.solve.deadline import refuse_when_over
from planner.solve.decisions_in_tables import closeness_target
from planner.solve.solution import Solution, Status
from planner.solve.solve_program import SolveOptions, solve_program
from planner.solve.sources_and_lots import estimate_failures

Source = Instance | Program | str | Path
FORMULATED = "formulated"  # an option of plans of a program that may have rows of the user's own
SHOWING = 0.3  # time of tables and certificate, relative to that of building the program (measured)


def formulate(
    source: Instance | str | Path,
    policy: Policy | str | Path | None = None,
    scenario: Scenario | str | Path | None = None,
) -> Program:
    """The program of an instance under a policy and scenario, as an ordinary PuLP problem with labels.

    >>> import planner
    >>> program = planner.formulate("instances/canning")
    >>> program.problem += program.ship["seattle", "new-york", "cases", "1"] >= 100, "our own floor"
    >>> planner.solve(program)
    <Plan of canning, no policy: optimal, cost kUSD 154.1, fill rate 100.0 %>

    Args:
        source: an instance or its path.
        policy, scenario: an object, a name in the instance, or a path; None for no limits and nothing happening.

    Returns:
        the program: `problem` is the pulp.LpProblem, and blocks such as `make` and `ship` give its variables by label.

    Raises:
        InstanceError, UsageError: as `solve`.
    """
    base = instance_of(source)
    case = Case.of(base, policy, scenario)
    return write_program(build_network(case.instance, case.policy, every_way=True))


def refuse_unreachable(network: Network) -> None:
    """Refuse an instance with orders that nothing can ever reach, or promises that come too early to keep.

    Raises:
        InstanceError: it has such orders.
    """
    errors = [problem for problem in reach_problems(network) if problem.severity == "error"]
    if errors:
        raise InstanceError(errors)


def solve(
    source: Source,
    policy: Policy | str | Path | None = None,
    scenario: Scenario | str | Path | None = None,
    *,
    solver: str = "HiGHS",
    time_limit: float | None = None,
    gap: float = 1e-6,
    stay_close_to: Plan | Closeness | None = None,
    ranges: bool = False,
    deadline: float | None = None,
) -> Plan:
    """Plan an instance.

    >>> import planner
    >>> plan = planner.solve("instances/canning", policy="balanced")
    >>> plan
    <Plan of canning, balanced: optimal, cost kUSD 154.8, fill rate 100.0 %>
    >>> print(plan.production[["site", "item", "started"]].to_string(index=False))
         site  item  started
    san-diego cases    495.0
      seattle cases    405.0

    Args:
        source: an instance, its path, or a program from `formulate` (rows of your own are planned, certified and
            priced like ours).
        policy, scenario: an object, a name in the instance, or a path; None for no limits and nothing happening.
        solver: PuLP's name of a solver.
        time_limit: seconds for all of it, reading and the certificate included.
        gap: relative gap at which integer decisions count as solved.
        stay_close_to: an earlier plan: among the plans of least cost, the one that changes it least; with what of it
            must stay, a `Closeness`.
        ranges: whether `choke_points` shall say how far each shadow price holds, which takes some re-solves for each.
        deadline: the moment of time.perf_counter() at which the time limit ends, where it began before this call.

    Returns:
        the plan with its tables: units of the items, money in the instance's currency, discounted, shares from 0 to 1.

    Raises:
        InstanceError: the instance, policy or scenario is not right.
        UsageError: a name does not exist.
        InfeasibleError: no plan exists, with the conflict and the cheapest repairs.
        UnboundedError: the cost falls without end; the decision is named.
        LimitReachedError: a limit was reached before a proof, with the plan found so far, if any.
        SolverError: the solver failed, or its plan did not pass the certificate.
    """
    options = RunOptions(solver, time_limit, gap, deadline, closeness_of(stay_close_to), ranges=ranges)
    if not isinstance(source, Program):
        return plan_instance(source, policy, scenario, options)
    if policy is not None or scenario is not None:
        raise UsageError("A program has its policy and scenario already: give them to formulate.")
    return plan_program(source, options)


def plan_instance(
    source: Instance | str | Path,
    policy: Policy | str | Path | None = None,
    scenario: Scenario | str | Path | None = None,
    options: RunOptions | None = None,
    *,
    priced: bool = True,
    start: CarriedBasis | None = None,
) -> Plan:
    """Plan an instance with `RunOptions`; `priced` and `start` as for `plan_program`, all else as for `solve`."""
    begun = time.perf_counter()
    options = (options or RunOptions()).with_deadline()
    base = instance_of(source)
    refuse_when_over(options.deadline, "planning began")
    loaded = time.perf_counter()
    case = Case.of(base, policy, scenario)
    before = options.stay_close_to

    def in_time() -> None:
        refuse_when_over(options.deadline, "the program was written")

    elsewhere = None if before is None else before.made()
    network = build_network(case.instance, case.policy, steps=Steps(between=in_time), elsewhere=elsewhere)
    if case.scenario is None:
        refuse_unreachable(network)
    in_time()
    ready = time.perf_counter()
    program = write_program(network, in_time)
    timings = {"load": loaded - begun, "network": ready - loaded, "build": time.perf_counter() - ready}
    request = PlanRequest(case.instance, case.policy, case.scenario, base.content_hash, dict(options.as_json()))
    try:
        return _planned(program, request, options, timings, priced=priced, start=start)
    except CutOffError:
        program = write_program(with_far_more(network))
        return _planned(program, request, options, timings, priced=priced)


def plan_program(
    program: Program, options: RunOptions | None = None, *, priced: bool = True, start: CarriedBasis | None = None
) -> Plan:
    """Plan a program from `formulate`, its rows of your own included; errors are those of `solve`.

    Args:
        program: what is planned.
        options: how.
        priced: whether shadow prices are wanted, which take many re-solves; without them their columns are empty.
        start: the basis of a similar plan: a linear program is solved faster from it, and its plan is the same.
    """
    options = (options or RunOptions()).with_deadline()
    instance, policy = program.network.instance, program.network.policy
    request = PlanRequest(instance, policy, None, instance.content_hash, {**options.as_json(), FORMULATED: True})
    return _planned(program, request, options, {"load": 0.0, "network": 0.0, "build": 0.0}, priced=priced, start=start)


def priced_when_asked(plan: Plan, anew: Callable[[], Plan]) -> Plan:
    """A plan made without shadow prices, whose tables with prices are made when they are first asked for.

    Args:
        plan: the plan; its prices stay empty where there is no time to compute them.
        anew: a function that makes the same plan with its prices.
    """
    made = {name: partial(plan.tables.__getitem__, name) for name in plan.tables}
    later = priced_later(lambda: anew().tables, lambda: plan.tables)
    return replace(plan, tables=LazyTables({**made, **later}, plan.tables))


def _planned(
    program: Program,
    request: PlanRequest,
    options: RunOptions,
    timings: dict[str, float],
    *,
    priced: bool = True,
    start: CarriedBasis | None = None,
) -> Plan:
    """Solve a program, certify the solution, and make the plan.

    Args:
        program: what is solved.
        request: what is asked for, as the plan records it.
        options: how it is solved, with its deadline.
        timings: seconds of each phase so far.
        priced: whether shadow prices are wanted.
        start: as of `plan_program`.
    """
    before = options.stay_close_to
    if before is not None:
        before.hold(program)
    close = None if before is None else closeness_target(program, before.plan.tables)
    how = SolveOptions(
        options.solver, options.deadline, options.gap, close, priced=priced, start=start, tell=options.tell
    )
    try:
        kept_back = SHOWING * (timings["network"] + timings["build"])
        found = solve_and_certify(program, how, kept_back, repairs=options.repairs)
    except InfeasibleError as error:
        raise (error if request.scenario is None else error.under(request.scenario.name)) from None
    plan = plan_of(request, program, found, timings)
    if before is not None and before.break_cost is not None:
        plan = replace(plan, objective=math.fsum(plan.costs["amount"]))  # without what steers
    if plan.status == Status.FEASIBLE:
        raise limit_error(plan)
    return plan_with_ranges(plan, program, options.deadline) if options.ranges else plan


def limit_error(plan: Plan) -> LimitReachedError:
    """The error that says that a limit stopped the proof of a plan."""
    return LimitReachedError(f"A limit was reached with a plan within {plan.gap:.3%} of the proved bound.", plan)


def solve_and_certify(
    program: Program, options: SolveOptions, kept_back: float = 0.0, *, repairs: bool = True
) -> CertifiedSolution:
    """A certified solution with its tables; one that fails is solved once more from cold, if time is left.

    Args:
        program: what is solved.
        options: how; by their deadline the tables and the certificate must be made, too.
        kept_back: seconds before the deadline that are kept free for these.
        repairs: whether repairs are looked for where no plan exists.

    Raises:
        InfeasibleError, UnboundedError, LimitReachedError, SolverError: as `solve`.
    """
    stop = None if options.deadline is None else options.deadline - kept_back
    found = None
    for cold in (False, True):
        refuse_when_over(stop, "a plan passed its certificate" if cold else "the solver began")
        solution = solve_program(program, replace(options, deadline=stop, cold=cold))
        _raise_without_plan(program, solution, options.deadline, repairs=repairs)
        found = certified_solution(program, solution)
        if solution.limited and not found.certificate.passed:
            raise LimitReachedError("The limit was reached, and what the solver had by then is no plan.")
        if found.certificate.passed and (solution.limited or solution.status is Status.OPTIMAL):
            return found
    if found is not None and found.certificate.passed:
        raise SolverError(
            f"{options.solver} ended twice without a proof, and no limit was reached: its plan is within "
            f"{found.solution.gap:.3%} of what it proved, so it is not shown. Try another --solver."
        )
    failures = () if found is None else found.certificate.failures
    values = None if found is None else found.solution.values
    cut_off = values is not None and estimate_failures(program, np.asarray(values))
    raise (CutOffError if cut_off else SolverError)(
        "The plan failed its certificate twice, so it is not shown: " + "; ".join(failures)
    )


def _raise_without_plan(program: Program, solution: Solution, deadline: float | None, *, repairs: bool) -> None:
    if solution.status is Status.INFEASIBLE:
        raise InfeasibleError(*explain_infeasibility(program, deadline, repaired=repairs))
    if solution.status is Status.UNBOUNDED:
        where = "" if solution.ray is None else " by more of " + _column_words(program, solution.ray)
        raise UnboundedError(f"The cost falls without end{where}. Check for a negative cost without a limit.")
    if solution.values is None:
        raise LimitReachedError(f"The limit was reached before any plan was found ({solution.method}).")


def _column_words(program: Program, column: int) -> str:
    name, labels = program.column_label(column)
    return f"{name} ({', '.join(str(label) for label in labels)})"
