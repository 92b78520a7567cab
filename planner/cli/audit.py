"""The command `planner audit`: who depends on whom, and what could avoid a region, before any plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.cli.bar import progress, read_instance
from planner.cli.options import instance_argument, json_failures, json_option, print_json, time_limit_option
from planner.cli.show import console, heading, print_block

if TYPE_CHECKING:
    from planner.instance.instance import Instance


@click.command(
    short_help="Who depends on whom, and what could avoid a region.",
    epilog="Example: planner audit instances/accelerators --region TW",
)
@instance_argument
@click.option(
    "--region",
    "regions",
    multiple=True,
    metavar="R",
    help="Only what can avoid this region or region group; may be repeated. All of them if not given.",
)
@time_limit_option
@json_option
@json_failures
def audit(instance: Path, regions: tuple[str, ...], time_limit: float | None, *, as_json: bool) -> int:
    """Who depends on whom, before any plan: what can avoid a region, single sources, capacity and its concentration.

    For each region: the most that can be made without touching it, by product and period, hence the largest share
    that any policy could promise, and the stage that stops it.
    """
    from planner.solve.deadline import seconds_from_now
    from planner.study.audit.audit import audit as audit_instance
    from planner.study.progress import Effort

    deadline = seconds_from_now(time_limit)
    loaded = read_instance(instance)
    with progress("auditing") as advance:
        found = audit_instance(loaded, regions, effort=Effort(time_limit, progress=advance, deadline=deadline))
    notes = [*found.notes, *_provenance(loaded)]
    if as_json:
        print_json({**found.as_json(), "notes": notes})
        return 0
    out, summary = console(), found.summary
    out.print(heading(found.instance, f": audit of {found.periods}, before any plan"))
    out.print()
    for finding in summary.lines:
        out.print(f"- {finding}", markup=False, soft_wrap=True)
    out.print()
    for block in summary.shown:
        print_block(block)
        out.print()
    out.print(heading("What this means"))
    for note in notes:
        out.print(f"- {note}", markup=False, soft_wrap=True)
    return 0


def _provenance(instance: Instance) -> list[str]:
    """How much of the instance's data is assumption, where its rows name their sources."""
    from planner.report.sections.data_sources import ASSUMED, MISSING, MIXED, provenance_sentence, sources

    kinds = {kind for counted in sources(instance).values() for kind in counted}
    if kinds <= {MISSING}:
        return []
    companies = any(site.operator for site in instance.sites) and kinds & {ASSUMED, MIXED}
    estimates = (
        "Sites of companies are public estimates and assumptions. No company has confirmed a capacity, price, yield, "
        "date or customer share."
    )
    return [*([estimates] if companies else []), provenance_sentence(instance)]
