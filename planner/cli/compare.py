"""The command `planner compare`: what differs between runs, and why the cost moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from planner.cli.bar import progress
from planner.cli.keeping import (
    NamedFailure,
    NamedRun,
    NoMemory,
    memory_of,
    named_run_or_failure,
    say_kept,
    store_options,
)
from planner.cli.options import json_failures, json_option, print_json
from planner.cli.show import console, heading, print_block, sentence
from planner.errors import UsageError
from planner.text.cases import run_called

if TYPE_CHECKING:
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
    contracts, demand, capacity, other figures, re-optimisation), and which orders moved in date and source. A run that
    is kept without a plan is shown with the reason, and the exit code is 0.
    """
    from planner.study.roll.bridge import follows

    if len(runs) < 2:
        raise UsageError("Name at least two runs to compare.")
    memory = memory_of("compare", no_store=no_store, fresh=fresh)
    with progress("comparing") as advance:
        named = []
        for done, run in enumerate(runs):
            advance(done, len(runs), run)
            named.append(named_run_or_failure(run))
    first = named[0]
    others = [run for run in named[1:] if isinstance(run, NamedRun)] if isinstance(first, NamedRun) else []
    later = [follows(first.plan, run.plan) for run in others if isinstance(first, NamedRun)]
    if any(later) and not all(later):
        raise UsageError("Some of the runs are of a later period and some are not: compare them one with one.")
    if any(later):
        return _bridges(named, as_json=as_json)
    found = _answer([run.plan for run in named if isinstance(run, NamedRun)], memory, split=split) if others else []
    answers = iter(found)
    each = [next(answers) if others and isinstance(run, NamedRun) else None for run in named[1:]]
    if as_json:
        print_json(
            {
                "schema_version": 1,
                "runs": [run.as_json() for run in named],
                "comparisons": [None if comparison is None else comparison.as_json() for comparison in each],
                "run": memory.answer,
            }
        )
    else:
        for comparison, run in zip(each, runs[1:], strict=True):
            if comparison is not None:
                _print(comparison, runs[0], run)
        _print_failures(named)
    say_kept(memory)
    return 0


def _print_failures(named: Sequence[NamedRun | NamedFailure]) -> None:
    """Print why runs have no plan, so that they cannot be compared."""
    for run in named:
        if isinstance(run, NamedFailure):
            what = run_called(run.failure.policy, run.failure.scenario)
            console().print(heading(what, f" ({run.given}): {run.failure.status}"))
            console().print(run.failure.message, markup=False, soft_wrap=True)
            console().print()


def _answer(plans: list[Plan], memory: StoreMemory | NoMemory, *, split: bool) -> list[Comparison]:
    """The comparisons from the store; where it has none, new ones, which are then stored."""
    from planner.store.answers import comparisons_answer, comparisons_of, fingerprint
    from planner.store.questions import question
    from planner.study.compare import compare as compare_plans
    from planner.study.policy_split import policy_split
    from planner.study.progress import Effort

    asked = question("compare", {"plans": [fingerprint(plan) for plan in plans], "split": split})
    known = memory.recall_answer(asked, comparisons_of)
    if known is not None:
        return known
    found = [compare_plans(plans[0], plan) for plan in plans[1:]]
    if split:
        with progress("splitting the difference") as advance:
            found = [
                replace(comparison, split=policy_split(plans[0], plan, effort=Effort(threads=1, progress=advance)))
                for comparison, plan in zip(found, plans[1:], strict=True)
            ]
    memory.keep_answer(asked, plans[0].instance, comparisons_answer(found))
    return found


def _print(comparison: Comparison, first: str, second: str) -> None:
    """Print a comparison of runs as they were named."""
    out = console()
    out.print(heading(comparison.second, f" ({second}) against {comparison.first} ({first})"))
    out.print()
    print_summary(comparison)


def print_summary(comparison: Comparison) -> None:
    """Print the summary of a comparison, without a heading."""
    out, summary = console(), comparison.summary
    for line in summary.lines:
        out.print(sentence(line))
        out.print()
    for block in summary.shown:
        print_block(block)
        out.print()


def _bridges(named: Sequence[NamedRun | NamedFailure], *, as_json: bool) -> int:
    """Print, for each later plan against the first, the bridge of its cost and what moved."""
    from planner.study.roll.bridge import bridge

    runs = [run for run in named if isinstance(run, NamedRun)]
    with progress("solving the steps between") as advance:
        found = [bridge(runs[0].plan, run.plan, advance) for run in runs[1:]]
    if as_json:
        objects = [run.as_json() for run in named]
        print_json({"schema_version": 1, "runs": objects, "bridges": [made.as_json() for made in found]})
        return 0
    out = console()
    for made in found:
        out.print(heading(made.summary.title))
        for line in made.summary.lines:
            out.print(sentence(line))
        out.print()
        for block in made.summary.shown:
            print_block(block)
            out.print()
    _print_failures(named)
    return 0
