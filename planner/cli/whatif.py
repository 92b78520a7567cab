"""The command `planner whatif`: policies under scenarios, each run held against the first."""

from __future__ import annotations

from pathlib import Path

import click

from planner.cli.bar import progress, read_instance
from planner.cli.keeping import memory_of, say_kept, store_options
from planner.cli.options import (
    all_option,
    instance_argument,
    json_failures,
    json_option,
    limit_reached,
    policies_option,
    print_json,
    say,
    say_counted_anew,
    solver_options,
)
from planner.cli.show import console, print_block
from planner.errors import UsageError
from planner.text.cases import run_called

MOST_NAMED = 8  # scenarios that are offered


@click.command(
    short_help="Many runs as a table of differences.",
    epilog="Example: planner whatif instances/canning --scenario growth --scenario chicago-road-closed",
)
@instance_argument
@policies_option
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="S",
    help="Scenario (name or file), at least one; may be repeated.",
)
@click.option("--base", metavar="S", help="Compare with this one of the scenarios instead of with nothing happening.")
@solver_options
@store_options
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
    no_store: bool,
    fresh: bool,
    in_full: bool,
    as_json: bool,
) -> int:
    """Many runs as a table of differences against the first, which has no scenario unless --base names one.

    Runs that differ from the one without a scenario in numbers alone are re-solved in its live model; why another one
    was built anew is said beside the table, and in `rebuilt` of its JSON. A run without a plan is a row that says so,
    and the exit code is 0, or 4 where the time limit came before a run was proved.
    """
    from planner.solve.deadline import seconds_from_now
    from planner.study.failure import Failure, unproved
    from planner.study.progress import Effort
    from planner.study.what_if import rebuilds, what_if

    if base is not None and base not in scenarios:
        raise UsageError(f"--base {base} is none of the scenarios given. Add --scenario {base}.")
    deadline = seconds_from_now(time_limit)
    memory = memory_of("whatif", no_store=no_store, fresh=fresh)
    loaded = read_instance(instance)
    if not scenarios:
        named = ", ".join(part.name for part in loaded.scenarios[:MOST_NAMED]) or "no scenario; name a file"
        raise UsageError(f"Say what may happen, with --scenario S: {loaded.settings.name} has {named}.")
    say_counted_anew(loaded, policies)
    with progress("solving") as advance:
        found = what_if(
            loaded,
            scenarios,
            policies or None,
            base=base,
            solver=solver,
            gap=gap,
            effort=Effort(time_limit, progress=advance, deadline=deadline),
            memory=memory,
        )
    ids = memory.ids
    in_order = [ids[name] for name in found.names if name in ids]
    if as_json:
        print_json(found.as_json(ids))
        say_kept(memory, in_order)
        return limit_reached(unproved(found.runs), "runs")
    print_block(found.block)
    for sentence in rebuilds(found.runs):
        say(sentence)
    for run in found.runs:
        if isinstance(run, Failure) and run.status != "limit":
            console().print(
                f"\n{run_called(run.policy, run.scenario)}: {(in_full and run.in_full) or run.message}",
                markup=False,
                soft_wrap=True,
            )
    say_kept(memory, in_order)
    return limit_reached(unproved(found.runs), "runs")
