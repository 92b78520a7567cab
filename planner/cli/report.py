"""The command `planner report`: policies under scenarios as a page, tables and pictures for a board."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.cli.bar import progress
from planner.cli.interrupts import writing
from planner.cli.keeping import NoMemory, instance_or_run, memory_of, say_kept, store_options
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
    from planner.instance.instance import Instance
    from planner.store.memory import StoreMemory
    from planner.study.progress import Effort


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
@click.option("--png", is_flag=True, help="With --figures: write them as PNG files as well.")
@click.option("--force", is_flag=True, help="Replace the report of another instance that stands there.")
@solver_options
@store_options
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
    png: bool,
    force: bool,
    no_store: bool,
    fresh: bool,
    as_json: bool,
) -> int:
    """Solve the instance's policies under its scenarios, and write report.html, summary.md and tables/*.csv.

    Beside the runs: what finished units touched; how each policy breaks and recovers when a scenario marked as a
    surprise strikes; time to survive; the price of the limits; what is lost when a site, cluster, operator or region is
    out; how far the highest shadow prices hold; and the audit. What a time limit leaves out is said in all of them, and
    the exit code is 4; where no policy is planned by then nothing is written. What was due before `as_of` of
    instance.yaml, the date of the data, is said to be past. INSTANCE may be a run that is kept, whose instance
    is then reported.
    """
    from planner.report.make_report import WRITING
    from planner.report.pictures.png import refuse_without_png
    from planner.solve.deadline import seconds_from_now
    from planner.study.progress import Effort

    deadline = None if time_limit is None else seconds_from_now((1 - WRITING) * time_limit)
    memory = memory_of("report", no_store=no_store, fresh=fresh, recalls=False)
    if png and figures is None:
        raise click.UsageError("--png is about the pictures: name their folder with --figures.")
    if png:
        refuse_without_png()
    asked = ReportRequest(
        instance=instance_or_run(instance), out=out, figures=figures, png=png, solver=solver, gap=gap, force=force
    )
    place = out or Path("reports")
    meanwhile = (
        f"{place} is as it was, or has what was found by then: every file is whole, and the page says what is missing"
    )
    with progress("report") as advance, writing(place, meanwhile):
        effort = Effort(time_limit, progress=advance, deadline=deadline)
        found, left_out = _answer(asked, effort, memory)
    if as_json:
        print_json({**found, "report": str(asked.place / "report.html"), "run": memory.answer})
    if figures is not None:
        say(f"wrote {figures}{os.sep}: the pictures of the page, one SVG file{' and one PNG file' if png else ''} each")
    say(f"wrote {asked.place}{os.sep}: report.html, summary.md, tables{os.sep}*.csv")
    say_kept(memory)
    return limit_reached(left_out, "parts")


@dataclass(frozen=True, kw_only=True)
class ReportRequest:
    """What is asked: the report of an instance, where it is written, and how the runs are solved."""

    instance: Instance
    out: Path | None
    figures: Path | None
    png: bool
    solver: str
    gap: float
    force: bool

    @property
    def place(self) -> Path:
        """The folder of the report."""
        return Path("reports") / self.instance.settings.name if self.out is None else self.out


def _answer(
    asked: ReportRequest, effort: Effort, memory: StoreMemory | NoMemory
) -> tuple[dict[str, Any], Sequence[str]]:
    """Write the report from the store; where it has none, make a new one, which is stored if nothing was left out.

    Returns:
        the object that --json prints, and what was left out.
    """
    from planner.report.make_report import report as make_report
    from planner.report.write_report import ReportTexts, put_report
    from planner.store.answers import report_answer, report_of
    from planner.store.questions import question

    instance = asked.instance
    options = [asked.solver, asked.gap, effort.time_limit]
    whole = question("report", {"instance": instance.content_hash, "options": options})
    known = memory.recall_answer(whole, report_of)
    if known is not None:
        found, files, pictures = known
        name = instance.settings.name
        put_report(
            ReportTexts(files, pictures), asked.place, name, force=asked.force, figures=asked.figures, png=asked.png
        )
        return found, ()
    made = make_report(
        instance,
        asked.place,
        force=asked.force,
        figures=asked.figures,
        png=asked.png,
        solver=asked.solver,
        gap=asked.gap,
        effort=effort,
        memory=memory,
    )
    found = made.as_json(memory.ids)
    if not made.left_out:
        memory.keep_answer(whole, instance, report_answer(found, *made.texts))
    return found, made.left_out
