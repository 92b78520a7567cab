"""planner solve."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.cli.bar import progress, read_instance
from planner.cli.interrupts import writing
from planner.cli.options import (
    Number,
    all_option,
    instance_argument,
    json_failures,
    json_option,
    print_json,
    say,
    solver_options,
    verbose_option,
)
from planner.cli.show import console, print_block, print_plan, timings
from planner.errors import InfeasibleError, LimitReachedError, PlannerError

if TYPE_CHECKING:
    from planner.plan.plan import Plan


@click.command(
    short_help="The plan of least cost, certified.", epilog="Example: planner solve instances/canning --policy balanced"
)
@instance_argument
@click.option("--policy", metavar="P", help="Name of a policy of the instance, or a file; without it, no limits.")
@click.option("--scenario", metavar="S", help="Name of a scenario of the instance, or a file.")
@solver_options
@click.option(
    "--stay-close-to",
    type=click.Path(path_type=Path),
    metavar="RUN",
    help="Of all plans of least cost, the one that changes this run's plan least.",
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
@click.option("--force", is_flag=True, help="With --out, replace a run of another instance too.")
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
    stay_close_to: Path | None,
    freeze: str | None,
    break_cost: float | None,
    most_resourced: float | None,
    out: Path | None,
    *,
    force: bool,
    in_full: bool,
    verbose: bool,
    as_json: bool,
) -> int:
    """The plan of least cost under a policy and a scenario, certified.

    Infeasible: exit 3, with what conflicts and the cheapest repairs. A time limit: exit 4, with the plan so far.
    """
    from planner.plan.frozen_zone import Hold
    from planner.plan.planning import solve as solve_instance
    from planner.report.run_folder import read_run, refuse_to_replace, write_run
    from planner.solve.deadline import seconds_from_now

    deadline = seconds_from_now(time_limit)
    held = (freeze, break_cost, most_resourced)
    hold = None if held == (None, None, None) else Hold(*held)
    close_to = read_run(stay_close_to) if stay_close_to is not None else None
    start = time.perf_counter()
    loaded = read_instance(instance)
    loading = time.perf_counter() - start
    if out is not None:  # before the work, not after it
        refuse_to_replace(out, loaded.settings.name, force=force)
    limit: LimitReachedError | None = None
    try:
        with progress("planning") as advance:
            advance(0, 0, loaded.settings.name)
            plan = solve_instance(
                loaded,
                policy,
                scenario,
                solver=solver,
                time_limit=time_limit,
                gap=gap,
                stay_close_to=close_to,
                hold=hold,
                deadline=deadline,
            )
    except InfeasibleError as error:
        raise (error.with_every_row() if in_full else error) from None
    except LimitReachedError as error:
        if error.plan is None:
            raise
        limit, plan = error, error.plan
    plan = replace(plan, timings={**plan.timings, "load": round(loading, 6)})
    try:
        with writing(out):
            run = str(write_run(plan, out, force=force)) if out is not None else None
    except (PlannerError, OSError):
        if not as_json:
            print_plan(plan, verbose=verbose)  # the work is not lost with the place
        raise
    if as_json:
        print_json(plan.as_json(run))
    else:
        print_plan(plan, verbose=verbose)
        if close_to is not None:
            _print_moved(plan, close_to, freeze)
    say(timings(plan))
    if run is not None:
        say(f"wrote {run}{os.sep}: run.json, instance.yaml, tables{os.sep}*.csv")
    if limit is not None:
        say(f"planner: {limit}")
        return 4
    return 0


def _print_moved(plan: Plan, before: Plan, window: str | None) -> None:
    """What moved against the plan that this one stays close to, and what of its frozen zone broke."""
    from planner.plan.frozen_zone import changes_in_zone
    from planner.study.roll.nervousness import moved_between
    from planner.text.blocks import Block

    moved = moved_between(before, plan)
    if not moved.periods:
        return
    screen = console()
    screen.print()
    screen.print(moved.sentence)
    broken = None if window is None else changes_in_zone(before, plan, window)
    if broken is not None and len(broken):
        screen.print()
        print_block(Block("Changed in the frozen zone", broken, "units", most=20))
