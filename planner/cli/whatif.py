"""planner whatif."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.cli.bar import progress, read_instance
from planner.cli.options import (
    all_option,
    instance_argument,
    json_failures,
    json_option,
    limit_reached,
    print_json,
    say,
    solver_options,
)
from planner.cli.show import console, print_table
from planner.errors import UsageError

if TYPE_CHECKING:
    from planner.instance.scenario import Scenario


@click.command(epilog="Example: planner whatif instances/canning --scenario growth --scenario chicago-road-closed")
@instance_argument
@click.option("--policy", "policies", multiple=True, metavar="P", help="Policy (name or file); may be repeated.")
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    required=True,
    metavar="S",
    help="Scenario (name or file); may be repeated.",
)
@click.option("--base", metavar="S", help="Compare with this one of the scenarios instead of with nothing happening.")
@solver_options
@all_option
@json_option
@json_failures
def whatif(
    instance: Path,
    policies: tuple[str, ...],
    scenarios: tuple[str, ...],
    base: str | None,
    solver: str,
    time_limit: float | None,
    gap: float,
    *,
    in_full: bool,
    as_json: bool,
) -> int:
    """Many runs as a table of differences against the first, which has no scenario unless --base names one.

    Runs that differ from the one without a scenario in numbers alone are re-solved in its live model; why another one
    was built anew is said beside the table, and in `rebuilt` of its JSON. A run without a plan is a row that says so,
    and the exit code is 0, or 4 where the time limit came before a run was proved.
    """
    from planner.plan.live_planning import Options
    from planner.plan.planning import find_policies, find_scenarios
    from planner.solve.deadline import seconds_from_now
    from planner.study.runs import Failure, survey, unproved
    from planner.study.what_if import rebuilds, whatif_json, whatif_table

    options = Options(solver, time_limit, gap, seconds_from_now(time_limit))
    loaded = read_instance(instance)
    chosen = find_policies(loaded, policies or (None,))
    happening: list[Scenario | None] = [*find_scenarios(loaded, scenarios)]
    if base is None:
        happening = [None, *happening]
    else:
        first = [scenario for name, scenario in zip(scenarios, happening, strict=True) if name == base]
        if not first:
            raise UsageError(f"--base {base} is none of the scenarios given. Add --scenario {base}.")
        happening = [first[0], *(scenario for scenario in happening if scenario is not first[0])]
    with progress("solving") as advance:
        runs = list(survey(loaded, chosen, happening, advance, options).values())
    if as_json:
        print_json({"schema_version": 1, "runs": [whatif_json(run) for run in runs]})
        return limit_reached(unproved(runs), "runs")
    title = (
        f"{loaded.settings.name}: changes against the first run ({loaded.settings.currency}; cost over all "
        "planned periods, service over the reported ones)"
    )
    print_table(whatif_table(runs).drop(columns=["margin_change", "delivered"]), title, shares=["fill_rate"])
    for sentence in rebuilds(runs):
        say(sentence)
    for run in runs:
        if isinstance(run, Failure) and run.status != "limit":
            console().print(
                f"\n{run.policy or 'no policy'} / {run.scenario or 'nothing happens'}: "
                f"{(in_full and run.in_full) or run.message}",
                markup=False,
                soft_wrap=True,
            )
    return limit_reached(unproved(runs), "runs")
