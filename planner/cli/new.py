"""The command `planner new`: a small instance that solves, to be overwritten."""

from __future__ import annotations

from pathlib import Path

import click

from planner.cli.interrupts import writing
from planner.cli.options import json_failures, say


@click.command(
    short_help="A small instance that solves, to be overwritten.", epilog="Example: planner new my-chain --book"
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--book", is_flag=True, help="One workbook DIR.xlsx instead of a folder.")
@json_failures
def new(folder: Path, *, book: bool) -> int:
    """A small instance that solves, made to be overwritten with your own.

    Every table with its columns and an example row; a policy, a scenario, and what to do next: in the folder's
    README.md, or on the workbook's first sheet.
    """
    from planner.report.new_instance import write_new

    with writing(folder.parent / f"{folder.name}.xlsx" if book else folder):
        target, commands = write_new(folder, book=book)
    say(f"wrote {target}; next:")
    for command in commands:
        say(f"  {command}")
    return 0
