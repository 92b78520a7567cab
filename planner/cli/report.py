"""planner report."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.cli.bar import progress, read_instance
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

if TYPE_CHECKING:
    from planner.instance.policy import Policy

WRITING = 0.2  # of a time limit: what is kept back to write the report


@click.command(epilog="Example: planner report instances/accelerators")
@instance_argument
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where to write; reports/<name of the instance> if not given.",
)
@click.option("--force", is_flag=True, help="Replace the report of another instance that stands there.")
@solver_options
@json_option
@json_failures
def report(
    instance: Path, out: Path | None, solver: str, time_limit: float | None, gap: float, *, force: bool, as_json: bool
) -> int:
    """Solve the instance's policies under its scenarios, and write report.html, summary.md and tables/*.csv.

    Beside the runs: what finished units touched; how each policy breaks and recovers when a scenario marked as a
    surprise strikes; time to survive; the price of the limits; what is lost when a site, cluster, operator or region is
    out; how far the highest shadow prices hold; and the audit. What a time limit leaves out is said in all of them, and
    the exit code is 4; where no policy is planned by then nothing is written.
    """
    from planner.plan.live_planning import Options
    from planner.report.findings import Findings
    from planner.report.left_out import done_by_then
    from planner.report.sections.pathways import views
    from planner.report.studies import background
    from planner.report.write_report import refuse_to_replace_report, write_report
    from planner.solve.deadline import seconds_from_now
    from planner.study.runs import survey, unproved

    deadline = seconds_from_now(None if time_limit is None else (1 - WRITING) * time_limit)
    loaded = read_instance(instance)
    place = out or Path("reports") / loaded.settings.name
    refuse_to_replace_report(place, loaded.settings.name, force=force)  # before the work, not after it
    policies: list[Policy | None] = [*loaded.policies] or [None]
    with progress("solving") as advance:
        options = Options(solver, time_limit, gap, deadline)
        runs, left_out = done_by_then(survey(loaded, policies, [None, *loaded.scenarios], advance, options))
    found = Findings(loaded, runs)
    seen = [loaded.scenario(view) for view in views(found) if view is not None]
    with progress("looking behind the plans") as advance:
        studies = background(loaded, found.undisturbed, seen, advance, deadline=deadline)
    studies = replace(studies, left_out=(*left_out, *studies.left_out))
    with progress("writing") as advance, writing(place):
        advance(0, 0, str(place))
        folder = write_report(loaded, runs, place, studies, force=force)
    if as_json:
        print_json(
            {
                "schema_version": 1,
                "report": str(folder / "report.html"),
                "runs": [run.as_json() for run in runs.values()],
                "left_out": list(studies.left_out),
            }
        )
    say(f"wrote {folder}{os.sep}: report.html, summary.md, tables{os.sep}*.csv")
    return limit_reached([*unproved(runs.values()), *studies.left_out], "parts")
