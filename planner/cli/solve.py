"""planner solve."""

from __future__ import annotations

from pathlib import Path

import click

from planner.cli.options import all_option, instance_argument, json_failures, json_option, print_json, solver_options
from planner.cli.show import print_plan, timings
from planner.errors import InfeasibleError, LimitReachedError


@click.command(epilog="Example: planner solve instances/canning --policy balanced")
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
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write the run to this folder.")
@all_option
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
    out: Path | None,
    *,
    in_full: bool,
    as_json: bool,
) -> int:
    """The plan of least cost under a policy and a scenario, certified.

    Infeasible: exit 3, with what conflicts and the cheapest repairs. A time limit: exit 4, with the plan so far.
    """
    from planner.plan.planning import solve as solve_instance
    from planner.report.run_folder import read_run, write_run

    close_to = read_run(stay_close_to) if stay_close_to is not None else None
    limit: LimitReachedError | None = None
    try:
        plan = solve_instance(
            instance, policy, scenario, solver=solver, time_limit=time_limit, gap=gap, stay_close_to=close_to
        )
    except InfeasibleError as error:
        raise (error.with_every_row() if in_full else error) from None
    except LimitReachedError as error:
        if error.plan is None:
            raise
        limit, plan = error, error.plan
    run = str(write_run(plan, out)) if out is not None else None
    if as_json:
        print_json(plan.as_json(run))
    else:
        print_plan(plan)
    click.echo(timings(plan), err=True)
    if run is not None:
        click.echo(f"wrote {run}", err=True)
    if limit is not None:
        click.echo(f"planner: {limit}", err=True)
        return 4
    return 0
