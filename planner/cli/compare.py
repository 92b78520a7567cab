"""planner compare."""

from __future__ import annotations

from dataclasses import replace

import click

from planner.cli.bar import progress
from planner.cli.keeping import named_run
from planner.cli.options import json_failures, json_option, print_json
from planner.cli.show import console, heading, print_block
from planner.errors import UsageError


@click.command(
    short_help="What differs between runs, and why the cost moved.",
    epilog="Example: planner compare runs/base runs/balanced",
)
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN...")
@click.option(
    "--split/--no-split",
    default=True,
    help="Where policies differ in more than one thing, solve the steps between them, to say what each part costs.",
)
@json_option
@json_failures
def compare(runs: tuple[str, ...], *, split: bool, as_json: bool) -> int:
    """Runs against the first one: inputs that differ, outputs that differ, what moved, and why the cost moved."""
    from planner.study.compare import compare as compare_plans
    from planner.study.policy_split import policy_split

    if len(runs) < 2:
        raise UsageError("Name at least two runs to compare.")
    with progress("comparing") as advance:
        named = []
        for done, run in enumerate(runs):
            advance(done, len(runs), run)
            named.append(named_run(run))
        plans = [run.plan for run in named]
        found = [compare_plans(plans[0], plan) for plan in plans[1:]]
    if split:
        with progress("splitting the difference") as advance:
            found = [
                replace(comparison, split=policy_split(plans[0], plan, progress=advance))
                for comparison, plan in zip(found, plans[1:], strict=True)
            ]
    if as_json:
        print_json(
            {
                "schema_version": 1,
                "runs": [run.plan.as_json(run.run) for run in named],
                "comparisons": [comparison.as_json() for comparison in found],
            }
        )
        return 0
    out = console()
    for comparison, run in zip(found, runs[1:], strict=True):
        out.print(heading(comparison.second, f" ({run}) against {comparison.first} ({runs[0]})"))
        out.print()
        summary = comparison.summary
        for line in summary.lines:
            out.print(line)
            out.print()
        for block in summary.blocks:
            print_block(block)
            out.print()
    return 0
