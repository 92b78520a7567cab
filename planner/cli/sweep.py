"""The command `planner sweep`: thousands of runs over what may happen, and what they say together."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.cli.bar import progress, read_instance
from planner.cli.interrupts import writing
from planner.cli.keeping import NoMemory, memory_of, say_kept, store_options
from planner.cli.options import instance_argument, json_failures, json_option, print_json, say
from planner.cli.show import console, heading, print_block

if TYPE_CHECKING:
    from planner.store.memory import StoreMemory
    from planner.study.sweep.reading import ResolvedSweep
    from planner.study.sweep.result import Sweep


@click.command(
    short_help="Thousands of runs over what may happen.",
    epilog="Example: planner sweep instances/canning instances/canning/sweeps/demand.yaml --out sweep",
)
@instance_argument
@click.argument("question", metavar="SWEEP.yaml", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    required=True,
    help="Keep each run here and go on from there; write report.html, runs.csv and summary.json, with mode sobol or "
    "morris also indices.csv.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes on this machine; as many as it has processors if not given.",
)
@click.option("--scheduler", metavar="tcp://HOST:PORT", help="Make the runs on the Dask cluster of this scheduler.")
@click.option("--force", is_flag=True, help="Replace the runs of another sweep or instance in DIR.")
@store_options
@json_option
@json_failures
def sweep(
    instance: Path,
    question: Path,
    out: Path,
    workers: int | None,
    scheduler: str | None,
    *,
    force: bool,
    no_store: bool,
    fresh: bool,
    as_json: bool,
) -> int:
    """Thousands of runs: every policy under every scenario in each of many draws of uncertain figures.

    SWEEP.yaml names policies, scenarios and factors: changes as in a scenario, or shares of limits, with a distribution
    in place of the figure (`planner explain sweep` shows how it is written). A run without a plan is a row with its
    reason. Ctrl-C loses no run that ended: the same command goes on from there, with as many workers as you like. A
    whole sweep is kept in the run store besides.

    `mode: sobol` and `mode: morris` draw for SALib (pip install 'planner[sensitivity]'), which then tells in
    indices.csv and on the page which factor drives what: shares of the variance, or effects over the range of each.
    """
    from planner.report.sweep_files import write_sweep
    from planner.study.sweep.reading import read_sweep
    from planner.study.sweep.sweep import sweep as runs_of
    from planner.study.sweep.workers import processors

    loaded = read_instance(instance)
    asked = read_sweep(question, loaded)
    memory = memory_of("sweep", no_store=no_store, fresh=fresh)
    kept = f"each run that ended is kept in {out}, and the same command goes on from there"
    with progress("solving") as advance, writing(out, kept):
        found = runs_of(
            loaded,
            asked.question,
            folder=out,
            workers=workers or processors(),
            scheduler=scheduler,
            force=force,
            progress=advance,
            known=_known(asked, memory),
        )
        written = write_sweep(found, out)
    _keep(found, memory)
    if as_json:
        print_json({**found.as_json(), "run": memory.answer})
    else:
        print_sweep(found)
    before = f", {found.remembered} known before" if found.remembered else ""
    say(f"runs: {len(found.runs)}{before}; {found.plans} with a plan")
    say(f"wrote {out}{os.sep}: {', '.join(written)}; each run in runs.jsonl")
    say_kept(memory)
    return 0


def print_sweep(found: Sweep) -> None:
    """Print the statistics of a sweep's runs."""
    summary = found.summary
    console().print(heading(found.asked.instance.settings.name, f": {summary.title}"), soft_wrap=True)
    for line in summary.lines:
        console().print(line, markup=False, soft_wrap=True)
    for block in summary.shown:
        console().print()
        print_block(block)


def _question(asked: ResolvedSweep) -> str:
    """The hash of what is asked, with the release of SALib where its draws are used."""
    from planner.store.questions import question
    from planner.study.sweep.indices import versions_of
    from planner.study.sweep.runs_journal import question_record

    whole = {"instance": asked.instance.content_hash, "sweep": question_record(asked)}
    made_by = versions_of(asked.question.mode)
    return question("sweep", {**whole, "draws": made_by} if made_by else whole)


def _known(asked: ResolvedSweep, memory: StoreMemory | NoMemory) -> list[dict[str, Any]]:
    """The rows of the same sweep in the store; none where it has none."""
    from planner.store.answers import sweep_rows

    return memory.recall_answer(_question(asked), sweep_rows) or []


def _keep(found: Sweep, memory: StoreMemory | NoMemory) -> None:
    """Store a sweep, unless it is stored already."""
    from planner.store.answers import sweep_answer

    if memory.answer is None:
        names = [names[0] if len(names) == 1 else None for names in (found.asked.policies, found.asked.scenarios)]
        policy, scenario = (None if part is None else part.name for part in names)
        memory.keep_answer(_question(found.asked), found.asked.instance, sweep_answer(found), (policy, scenario))
