"""planner report."""

from __future__ import annotations

import os
from pathlib import Path

import click

from planner.cli.bar import progress
from planner.cli.interrupts import writing
from planner.cli.options import (
    instance_argument,
    json_failures,
    json_option,
    limit_reached,
    print_json,
    say,
    solver_options,
)


@click.command(
    short_help="Policies under scenarios, as a report for a board.",
    epilog="Example: planner report instances/accelerators",
)
@instance_argument
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where to write; reports/<name of the instance> if not given.",
)
@click.option(
    "--figures",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write every picture of the page there too, as an SVG file each.",
)
@click.option("--force", is_flag=True, help="Replace the report of another instance that stands there.")
@solver_options
@json_option
@json_failures
def report(
    instance: Path,
    out: Path | None,
    figures: Path | None,
    solver: str,
    time_limit: float | None,
    gap: float,
    *,
    force: bool,
    as_json: bool,
) -> int:
    """Solve the instance's policies under its scenarios, and write report.html, summary.md and tables/*.csv.

    Beside the runs: what finished units touched; how each policy breaks and recovers when a scenario marked as a
    surprise strikes; time to survive; the price of the limits; what is lost when a site, cluster, operator or region is
    out; how far the highest shadow prices hold; and the audit. What a time limit leaves out is said in all of them, and
    the exit code is 4; where no policy is planned by then nothing is written.
    """
    from planner.report.make_report import report as make_report
    from planner.study.progress import Effort

    place = out or Path("reports")
    meanwhile = (
        f"{place} is as it was, or has what was found by then: every file is whole, and the page says what is missing"
    )
    with progress("report") as advance, writing(place, meanwhile):
        effort = Effort(time_limit, progress=advance)
        found = make_report(instance, out, force=force, figures=figures, solver=solver, gap=gap, effort=effort)
    if as_json:
        print_json(found.as_json())
    if figures is not None:
        say(f"wrote {figures}{os.sep}: the pictures of the page, one SVG file each")
    say(f"wrote {found.folder}{os.sep}: report.html, summary.md, tables{os.sep}*.csv")
    return limit_reached(found.left_out, "parts")
