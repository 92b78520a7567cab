"""The command `planner convert`: an instance as a folder, a workbook, YAML or JSON."""

from __future__ import annotations

from pathlib import Path

import click

from planner.cli.bar import progress
from planner.cli.interrupts import writing
from planner.cli.options import instance_argument, json_failures, say


@click.command(
    short_help="The same instance as folder, workbook, YAML or JSON.",
    epilog="Example: planner convert instances/canning --to canning.xlsx",
)
@instance_argument
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR|FILE",
    help="A folder, or a file that ends in .xlsx, .yaml or .json. It must not exist yet.",
)
@json_failures
def convert(instance: Path, target: Path) -> int:
    """The same instance in another form: a folder, a workbook, one YAML file or one JSON file.

    There and back it is the same, row by row, sources and notes included. Of a workbook's formulas the values are
    taken. What another form has no place for, such as a README, is named and stays behind.
    """
    from planner.report.instance_forms import read_document, write_document

    with progress("reading") as advance:
        advance(0, 0, instance.name)
        document, left = read_document(instance)
    with progress("writing") as advance, writing(target):
        advance(0, 0, target.name)
        words = f"wrote {write_document(document, target)}"
    say(words)
    if left:
        say(f"not carried over: {', '.join(left)}")
    return 0
