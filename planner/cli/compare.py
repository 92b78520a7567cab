"""planner compare."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from planner.cli.bar import progress
from planner.cli.keeping import memory_of, named_run, say_kept, store_options
from planner.cli.options import json_failures, json_option, print_json
from planner.cli.show import console, heading, print_block
from planner.errors import UsageError

if TYPE_CHECKING:
    from planner.cli.keeping import NamedRun
    from planner.plan.plan import Plan
    from planner.store.memory import StoreMemory
    from planner.study.compare import Comparison


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
@store_options
@json_option
@json_failures
def compare(runs: tuple[str, ...], *, split: bool, no_store: bool, fresh: bool, as_json: bool) -> int:
    """Runs against the first one: inputs that differ, outputs that differ, what moved, and why the cost moved.

    A run of the same instance rolled on is compared as the next month's: why the cost of the rest changed (actuals,
    demand, capacity, other figures, re-optimisation), and which orders moved in date and source.
    """
    from planner.study.roll.bridge import follows

    if len(runs) < 2:
        raise UsageError("Name at least two runs to compare.")
    memory = memory_of("compare", no_store=no_store, fresh=fresh)
    with progress("comparing") as advance:
        named = []
        for done, run in enumerate(runs):
            advance(done, len(runs), run)
            named.append(named_run(run))
    plans = [run.plan for run in named]
    later = [follows(plans[0], plan) for plan in plans[1:]]
    if all(later):
        return _bridges(named, as_json=as_json)
    if any(later):
        raise UsageError("Some of the runs are of a later period and some are not: compare them one with one.")
    found = _answer(plans, memory, split=split)
    kept = None if memory is None else memory.answer
    if as_json:
        print_json(
            {
                "schema_version": 1,
                "runs": [run.plan.as_json(run.run) for run in named],
                "comparisons": [comparison.as_json() for comparison in found],
                "run": kept,
            }
        )
    else:
        for comparison, run in zip(found, runs[1:], strict=True):
            _print(comparison, runs[0], run)
    say_kept(memory, [] if kept is None else [kept])
    return 0


def _answer(plans: list[Plan], memory: StoreMemory | None, *, split: bool) -> list[Comparison]:
    """The comparisons that are kept already, or new ones that then are."""
    from planner.store.answers import comparisons_answer, comparisons_of, fingerprint
    from planner.store.questions import question
    from planner.study.compare import compare as compare_plans
    from planner.study.policy_split import policy_split

    asked = question("compare", {"plans": [fingerprint(plan) for plan in plans], "split": split})
    known = None if memory is None else memory.recall_answer(asked, comparisons_of)
    if known is not None:
        return known
    found = [compare_plans(plans[0], plan) for plan in plans[1:]]
    if split:
        with progress("splitting the difference") as advance:
            found = [
                replace(comparison, split=policy_split(plans[0], plan, progress=advance))
                for comparison, plan in zip(found, plans[1:], strict=True)
            ]
    if memory is not None:
        memory.keep_answer(asked, plans[0].instance, comparisons_answer(found))
    return found


def _print(comparison: Comparison, first: str, second: str) -> None:
    """Print a comparison of runs as they were named."""
    out = console()
    out.print(heading(comparison.second, f" ({second}) against {comparison.first} ({first})"))
    out.print()
    print_summary(comparison)


def print_summary(comparison: Comparison) -> None:
    """Print what differs, without a heading."""
    out, summary = console(), comparison.summary
    for line in summary.lines:
        out.print(line)
        out.print()
    for block in summary.blocks:
        print_block(block)
        out.print()


def _bridges(runs: list[NamedRun], *, as_json: bool) -> int:
    """Each later plan against the first: the bridge of its cost, and what moved."""
    from planner.study.roll.bridge import bridge

    with progress("solving the steps between") as advance:
        found = [bridge(runs[0].plan, run.plan, advance) for run in runs[1:]]
    if as_json:
        objects = [run.plan.as_json(run.run) for run in runs]
        print_json({"schema_version": 1, "runs": objects, "bridges": [made.as_json() for made in found]})
        return 0
    out = console()
    for made in found:
        out.print(heading(made.summary.title))
        for line in made.summary.lines:
            out.print(line)
        out.print()
        for block in made.summary.blocks:
            if len(block.table):
                print_block(block)
                out.print()
    return 0
