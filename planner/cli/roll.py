"""The command `planner roll`: the instance as it stands at a later period, had a plan been followed."""

from __future__ import annotations

from pathlib import Path

import click

from planner.cli.bar import progress
from planner.cli.interrupts import writing
from planner.cli.keeping import named_run
from planner.cli.options import json_failures, run_argument, say
from planner.cli.show import console, heading, print_block


@click.command(
    short_help="The instance at a later period, had the plan been followed.",
    epilog="Example: planner roll runs/january --to 2027Q2 --out spring",
)
@run_argument
@click.option("--to", required=True, metavar="PERIOD", help="The period at whose start the instance shall stand.")
@click.option(
    "--actuals",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help=(
        "Folder with what really is: any of stocks.csv, arrivals.csv and outages.csv, with the columns that `planner "
        "explain data` names, and deliveries.csv with customer, item, period and quantity."
    ),
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR|FILE",
    help="The instance: a folder, or a file that ends in .xlsx, .yaml or .json. It must not exist yet.",
)
@json_failures
def roll(run: str, to: str, actuals: Path | None, out: Path) -> int:
    """The instance as it stands at the start of a period, had the plan been followed.

    Stock, work in process and goods on lanes, owed orders, options bought, commitments partly met and what limits over
    the horizon have used are carried on. What really is takes the place of what was expected; the differences are
    printed, and written beside the instance. Then edit the new demand in, and solve with --stay-close-to RUN.
    """
    from planner.instance.whole_files import put_file, text_writer
    from planner.report.csv_tables import csv_text
    from planner.report.instance_forms import document_of_instance, refuse_existing, write_document
    from planner.study.roll.roll import roll as roll_plan

    named = out if out.name else out.absolute()  # `.` has no name
    beside = named.with_name(f"{named.stem}.differences.csv")
    for target in (out, *(() if actuals is None else (beside,))):
        refuse_existing(target)
    with progress("rolling") as advance:
        advance(0, 0, run)
        plan = named_run(run).plan
        rolled = roll_plan(plan, to, actuals)
        document = document_of_instance(rolled.instance)
    with writing(out):
        write_document(document, out)  # first: it refuses a name that asks for no form
        if actuals is not None:
            put_file(beside, text_writer(csv_text(rolled.differences)))
    screen = console()
    screen.print(heading(rolled.summary.title))
    for line in rolled.summary.lines:
        screen.print(line)
    for block in rolled.summary.shown:
        screen.print()
        print_block(block)
    say(f"wrote {out}" + (f" and {beside}" if actuals is not None else ""))
    return 0
