"""The command `planner export`: a run as a workbook, CSV, Parquet, DuckDB, IAMC or LP file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.cli.bar import progress
from planner.cli.interrupts import writing
from planner.cli.keeping import named_run
from planner.cli.options import json_failures, run_argument, say
from planner.errors import UsageError

if TYPE_CHECKING:
    from planner.report.exports import Export


@click.command(
    short_help="A run as workbook, CSV, Parquet, DuckDB or IAMC.",
    epilog="Example: planner export runs/base --to base.xlsx",
)
@run_argument
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    metavar="FILE_OR_DIR",
    help="One file: a .xlsx workbook, a .duckdb database, or .iamc.csv. Or a folder with a file a table: .parquet, "
    ".csv, or no ending for CSV.",
)
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the program itself as .lp or .mps, with a table of what each name stands for.",
)
@json_failures
def export(run: str, target: Path | None, model: Path | None) -> int:
    """The tables of a run as a workbook, CSV, Parquet, DuckDB or IAMC table, and its program as LP or MPS.

    In CSV, a text that a spreadsheet could run as a formula has an apostrophe before it.
    """
    from planner.report.exports import export_model, export_plan, refuse_model, refuse_plan

    if target is None and model is None:
        raise UsageError("Say where to write: --to FILE_OR_DIR, --model FILE, or both.")
    for place, refuse in ((target, refuse_plan), (model, refuse_model)):  # before anything is written
        if place is not None:
            refuse(place)
    plan = named_run(run).plan
    if target is not None:
        with progress("writing") as advance, writing(target):
            advance(0, 0, str(target))
            written = export_plan(plan, target)
        _say(written)
    if model is not None:
        with progress("writing") as advance, writing(model):
            advance(0, 0, str(model))
            written = export_model(plan, model)
        _say(written)
    return 0


def _say(written: Export) -> None:
    say(f"wrote {written.place}{os.sep if written.place.is_dir() else ''}: {written.words}")
