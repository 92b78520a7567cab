"""planner export."""

from __future__ import annotations

from pathlib import Path

import click

from planner.cli.options import json_failures, run_argument
from planner.errors import UsageError


@click.command(epilog="Example: planner export runs/base --to base.xlsx")
@run_argument
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    metavar="FILE_OR_DIR",
    help="A .xlsx workbook, or a folder of files: .parquet for Parquet, .csv or no suffix for CSV.",
)
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the program itself as .lp or .mps, with a table of what each name stands for.",
)
@json_failures
def export(run: Path, target: Path | None, model: Path | None) -> int:
    """The tables of a run as a workbook, CSV or Parquet, and its program as LP or MPS."""
    from planner.report.exports import export_model, export_plan
    from planner.report.run_folder import read_run

    if target is None and model is None:
        raise UsageError("Say where to write: --to FILE_OR_DIR, --model FILE, or both.")
    plan = read_run(run)
    if target is not None:
        click.echo(f"wrote {export_plan(plan, target)}", err=True)
    if model is not None:
        click.echo(f"wrote {export_model(plan, model)}", err=True)
    return 0
