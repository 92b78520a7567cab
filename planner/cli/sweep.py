"""planner sweep."""

from __future__ import annotations

import os
from pathlib import Path

import click

from planner.cli.bar import progress, read_instance
from planner.cli.interrupts import writing
from planner.cli.options import instance_argument, json_failures, json_option, print_json, say
from planner.cli.show import console, heading, print_block


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
    help="Keep each run here and go on from there; write report.html, runs.csv and summary.json.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes on this machine; as many as it has processors if not given.",
)
@click.option("--scheduler", metavar="tcp://HOST:PORT", help="Make the runs on the Dask cluster of this scheduler.")
@click.option("--force", is_flag=True, help="Replace the runs of another sweep or instance in DIR.")
@json_option
@json_failures
def sweep(
    instance: Path, question: Path, out: Path, workers: int | None, scheduler: str | None, *, force: bool, as_json: bool
) -> int:
    """Thousands of runs: every policy under every scenario in each of many draws of uncertain figures.

    SWEEP.yaml names policies, scenarios and factors: changes as in a scenario, or shares of limits, with a distribution
    in place of the figure. A run without a plan is a row with its reason. Ctrl-C loses no run that ended: the same
    command goes on from there, with as many workers as you like.
    """
    from planner.report.sweep_files import write_sweep
    from planner.study.sweep.sweep import sweep as runs_of
    from planner.study.sweep.workers import processors

    loaded = read_instance(instance)
    kept = f"each run that ended is kept in {out}, and the same command goes on from there"
    with progress("solving") as advance, writing(out, kept):
        found = runs_of(
            loaded,
            question,
            folder=out,
            workers=workers or processors(),
            scheduler=scheduler,
            force=force,
            progress=advance,
        )
        write_sweep(found, out)
    if as_json:
        print_json(found.as_json())
    else:
        summary = found.summary
        console().print(heading(loaded.settings.name, f": {summary.title}"), soft_wrap=True)
        for line in summary.lines:
            console().print(line, markup=False, soft_wrap=True)
        for block in summary.blocks:
            console().print()
            print_block(block)
    before = f", {found.remembered} known before" if found.remembered else ""
    say(f"runs: {len(found.runs)}{before}; {found.plans} with a plan")
    say(f"wrote {out}{os.sep}: report.html, runs.csv, summary.json; each run in runs.jsonl")
    return 0
