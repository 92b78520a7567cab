"""planner report."""

from __future__ import annotations

import os
from pathlib import Path

import click

from planner.cli.options import instance_argument, json_failures, json_option, print_json, say, solver_options
from planner.cli.show import progress
from planner.instance.policy import Policy


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
    out; how far the highest shadow prices hold; and the audit.
    """
    from planner.instance.loading import load_instance
    from planner.report.findings import Findings
    from planner.report.sections.pathways import views
    from planner.report.studies import background
    from planner.report.write_report import refuse_to_replace_report, write_report
    from planner.study.runs import survey

    loaded = load_instance(instance)
    place = out or Path("reports") / loaded.settings.name
    refuse_to_replace_report(place, loaded.settings.name, force=force)  # before the work, not after it
    policies: list[Policy | None] = [*loaded.policies] or [None]
    with progress("solving") as advance:
        runs = survey(
            loaded, policies, [None, *loaded.scenarios], advance, solver=solver, time_limit=time_limit, gap=gap
        )
    found = Findings(loaded, runs)
    seen = [loaded.scenario(view) for view in views(found) if view is not None]
    with progress("looking behind the plans") as advance:
        studies = background(loaded, found.undisturbed, seen, advance, time_limit=time_limit)
    folder = write_report(loaded, runs, place, studies, force=force)
    if as_json:
        print_json(
            {
                "schema_version": 1,
                "report": str(folder / "report.html"),
                "runs": [run.as_json() for run in runs.values()],
            }
        )
    say(f"wrote {folder}{os.sep}: report.html, summary.md, tables{os.sep}*.csv")
    return 0
