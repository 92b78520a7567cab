"""The command `planner solve`: the plan of least cost, certified, and written or kept as a run."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.cli.bar import best_so_far, progress, read_instance
from planner.cli.interrupts import advise, writing
from planner.cli.keeping import NoMemory, kept_ids, memory_of, named_run, say_failed, say_kept, store_options
from planner.cli.options import (
    Number,
    all_option,
    exact_option,
    instance_argument,
    json_failures,
    json_option,
    print_json,
    ranges_option,
    say,
    say_counted_anew,
    solver_options,
    verbose_option,
)
from planner.cli.plan_shown import print_plan, timings
from planner.cli.show import console, print_block
from planner.errors import InfeasibleError, LimitReachedError, PlannerError, SolverError, UnboundedError, UsageError

if TYPE_CHECKING:
    from planner.instance.instance import Instance
    from planner.instance.policy import Policy
    from planner.instance.scenario import Scenario
    from planner.plan.closeness import Closeness
    from planner.plan.plan import Plan
    from planner.plan.proof.kept import RowWeights
    from planner.plan.proof.verify import Verdict
    from planner.plan.run_options import RunOptions
    from planner.store.memory import StoreMemory

FINDINGS = 5  # that are said


@click.command(
    short_help="The plan of least cost, certified.", epilog="Example: planner solve instances/canning --policy balanced"
)
@instance_argument
@click.option("--policy", metavar="P", help="Name of a policy of the instance, or a file; without it, no limits.")
@click.option("--scenario", metavar="S", help="Name of a scenario of the instance, or a file.")
@solver_options
@click.option(
    "--stay-close-to", metavar="RUN", help="Of all plans of least cost, the one that changes this run's plan least."
)
@click.option(
    "--freeze",
    metavar="WINDOW",
    help="With --stay-close-to: what that run starts, sends and buys in these periods stays.",
)
@click.option(
    "--break-cost",
    type=Number(min=0),
    metavar="MONEY",
    help="With --freeze: the price of each unit that is changed there all the same; it steers, and is no cost.",
)
@click.option(
    "--most-resourced",
    type=Number(min=0),
    metavar="UNITS",
    help="With --stay-close-to: at most so many good units are taken from the sites where that run makes them.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the run to this folder; a run of the same instance that stands there is replaced.",
)
@exact_option
@ranges_option
@click.option("--force", is_flag=True, help="With --out, replace a run of another instance too.")
@store_options
@all_option
@verbose_option
@json_option
@json_failures
def solve(
    instance: Path,
    policy: str | None,
    scenario: str | None,
    solver: str,
    time_limit: float | None,
    gap: float,
    stay_close_to: str | None,
    freeze: str | None,
    break_cost: float | None,
    most_resourced: float | None,
    out: Path | None,
    *,
    exact: bool,
    ranges: bool,
    force: bool,
    no_store: bool,
    fresh: bool,
    in_full: bool,
    verbose: bool,
    as_json: bool,
) -> int:
    """The plan of least cost under a policy and a scenario, certified.

    Infeasible: exit 3, with what conflicts and the cheapest repairs. A time limit: exit 4, with the plan so far.
    """
    from planner.plan.price_checks import ranges_missing
    from planner.plan.run_options import RunOptions
    from planner.report.run_folder import refuse_to_replace, write_run
    from planner.solve.deadline import seconds_from_now

    deadline = seconds_from_now(time_limit)
    memory = memory_of("solve", no_store=no_store, fresh=fresh)
    close_to = _closeness(stay_close_to, freeze, break_cost, most_resourced)
    start = time.perf_counter()
    loaded = read_instance(instance)
    loading = time.perf_counter() - start
    if out is not None:  # before the work, not after it
        refuse_to_replace(out, loaded.settings.name, force=force)
    options = RunOptions(solver, time_limit, gap, deadline, close_to, ranges=ranges)
    try:
        plan = _answer(loaded, policy, scenario, options, memory, loading)
    except (InfeasibleError, UnboundedError) as error:
        say_failed(memory)
        raise (error.with_every_row() if in_full and isinstance(error, InfeasibleError) else error) from None
    ids = kept_ids(memory)
    verdict = _proved(plan, deadline) if exact else None
    try:
        with writing(out):
            folder = str(write_run(plan, out, force=force)) if out is not None else None
    except (PlannerError, OSError):
        if not as_json:
            print_plan(plan, verbose=verbose)  # the work is not lost with the place
        say_kept(memory)
        raise
    if as_json:
        proof = {} if verdict is None else {"proof": verdict.as_json()}
        print_json({**plan.as_json(ids[0] if ids else folder), **proof})
    else:
        _print_found(plan, verdict, close_to, verbose=verbose)
    say(timings(plan))
    say_kept(memory)
    if folder is not None:
        say(f"wrote {folder}{os.sep}: run.json, instance.yaml, tables{os.sep}*.csv")
    unproved = _unproved(plan, verdict, exact=exact) or (ranges_missing(plan, deadline) if ranges else "")
    if unproved:
        say(f"planner: {unproved}")
    return 4 if unproved else 0


def _print_found(plan: Plan, verdict: Verdict | None, close_to: Closeness | None, *, verbose: bool) -> None:
    """Print a plan, what is proved of it in exact decimals, and what moved against the plan that it stays close to."""
    print_plan(plan, verbose=verbose)
    for sentence in () if verdict is None else verdict.sentences:
        console().print(sentence, markup=False, soft_wrap=True)
    if close_to is not None:
        _print_moved(plan, close_to)


def _unproved(plan: Plan, verdict: Verdict | None, *, exact: bool) -> str:
    """The sentence on what is not proved of a plan although it was asked for; empty where all is proved."""
    from planner.plan.planning import limit_error

    if plan.status != "optimal":
        return str(limit_error(plan))
    if not exact:
        return ""
    if verdict is None:
        return "no time was left for the exact proof"
    return "" if verdict.settled else f"not proved: {verdict.why}"


def _proved(plan: Plan, deadline: float | None) -> Verdict | None:
    """The proof of a plan in exact decimals; None where no time is left for it.

    Raises:
        SolverError: the proof finds something wrong in the plan.
    """
    from planner.plan.proof.claims import Claims
    from planner.plan.proof.verify import verify
    from planner.solve.deadline import is_over

    if is_over(deadline):
        return None
    with progress("proving") as advance:
        advance(0, 0, plan.name)
        verdict = verify(Claims.of(plan))
    if not verdict.holds:
        words = "; ".join(finding.words for finding in verdict.findings[:FINDINGS])
        raise SolverError(f"The plan does not hold in exact figures, so it is not shown: {words}")
    return verdict


def _answer(
    instance: Instance,
    policy: str | None,
    scenario: str | None,
    options: RunOptions,
    memory: StoreMemory | NoMemory,
    loading: float,
) -> Plan:
    """The plan from the store; where it has none, a new one, which is then stored.

    Args:
        instance: the instance as it was read.
        policy, scenario: names or files; None for none.
        options: how it is solved.
        memory: the access to the store; None for no store.
        loading: the seconds that reading took.

    Raises:
        PlannerError: there is no plan; that is stored, too, where more time would not find one.
    """
    from planner.instance.by_name_or_file import find_policy, find_scenario
    from planner.plan.case import names_of
    from planner.plan.planning import plan_instance
    from planner.study.failure import Failure, failure_of

    chosen, happens = find_policy(instance, policy), find_scenario(instance, scenario)
    say_counted_anew(instance, [chosen])
    known = memory.recall(instance, chosen, happens, options)
    if isinstance(known, Failure):
        raise known.as_error()
    if known is not None:
        return known
    try:
        with progress("planning") as advance:
            advance(0, 0, instance.settings.name)
            told = replace(options, tell=best_so_far(advance, instance.settings.currency))
            plan = plan_instance(instance, chosen, happens, told)
        advise()
    except LimitReachedError as error:
        if error.plan is None:
            raise
        plan = error.plan
    except (InfeasibleError, UnboundedError) as error:
        if memory.place:  # what proves it takes a while
            names = names_of(chosen, happens)
            failure = failure_of(error, instance.settings.name, *names)
            if isinstance(error, InfeasibleError):
                failure = replace(failure, kept=_contradiction(instance, chosen, happens, options))
            memory.keep(failure, instance, chosen, happens, options)
        raise
    plan = replace(plan, timings={**plan.timings, "load": round(loading, 6)})
    memory.keep(plan, instance, chosen, happens, options)
    return plan


def _contradiction(
    instance: Instance, policy: Policy | None, scenario: Scenario | None, options: RunOptions
) -> RowWeights | None:
    """The row weights that prove that there is no plan; None where decisions of an earlier plan must stay."""
    if options.stay_close_to is not None:
        return None
    from planner.instance.applying import apply_scenario
    from planner.plan.proof.contradiction import contradiction_of

    solved = instance if scenario is None else apply_scenario(instance, scenario)
    return contradiction_of(solved, policy, options.deadline_from_now())


def _closeness(
    run: str | None, freeze: str | None, break_cost: float | None, most_resourced: float | None
) -> Closeness | None:
    """The earlier run to stay close to, and which of its decisions must stay; None without one."""
    if run is None:
        if freeze is not None or break_cost is not None or most_resourced is not None:
            raise UsageError(
                "--freeze, --break-cost and --most-resourced are of an earlier run: name it with --stay-close-to RUN."
            )
        return None
    from planner.plan.closeness import Closeness

    return Closeness(named_run(run).plan, freeze, break_cost, most_resourced)


def _print_moved(plan: Plan, earlier: Closeness) -> None:
    """Print what moved against the plan to which this one stays close, and what changed in its frozen zone."""
    from planner.plan.closeness import changes_in_zone
    from planner.study.roll.nervousness import moved_between
    from planner.text.blocks import Block

    moved = moved_between(earlier.plan, plan)
    if not moved.periods:
        return
    screen = console()
    screen.print()
    screen.print(moved.sentence)
    broken = None if earlier.freeze is None else changes_in_zone(plan, earlier)
    if broken is not None and len(broken):
        screen.print()
        print_block(Block("Changed in the frozen zone", broken, "units; of options shares", most=20))
