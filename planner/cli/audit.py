"""planner audit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.cli.bar import progress, read_instance
from planner.cli.options import instance_argument, json_failures, json_option, print_json, time_limit_option
from planner.cli.show import console, heading, print_table

if TYPE_CHECKING:
    import pandas as pd

    from planner.instance.instance import Instance
    from planner.study.audit.audit import Audit


@click.command(epilog="Example: planner audit instances/accelerators --region TW")
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

    deadline = seconds_from_now(time_limit)
    loaded = read_instance(instance)
    with progress("auditing") as advance:
        found = audit_instance(loaded, regions, advance, deadline)
    notes = [*found.notes, *_provenance(loaded)]
    if as_json:
        print_json({**found.as_json(), "notes": notes})
        return 0
    _print_findings(found)
    _print_tables(found)
    out = console()
    out.print(heading("What this means"))
    for note in notes:
        out.print(f"- {note}", markup=False, soft_wrap=True)
    return 0


def _provenance(instance: Instance) -> list[str]:
    """What the figures of the instance rest on, where it says so."""
    from planner.report.sections.provenance import ASSUMED, MISSING, MIXED, provenance_sentence, sources

    kinds = {kind for counted in sources(instance).values() for kind in counted}
    if kinds <= {MISSING}:
        return []
    companies = any(site.operator for site in instance.sites) and kinds & {ASSUMED, MIXED}
    estimates = (
        "Sites of companies are public estimates and assumptions. No company has confirmed a capacity, price, yield, "
        "date or customer share."
    )
    return [*([estimates] if companies else []), provenance_sentence(instance)]


def _print_findings(found: Audit) -> None:
    out = console()
    out.print(heading(found.instance, f": audit of {found.periods}, before any plan"))
    out.print()
    for finding in found.findings:
        out.print(f"- {finding}", markup=False, soft_wrap=True)
    out.print()


def _print_tables(found: Audit) -> None:
    import pandas as pd

    out = console()
    for title, table in (
        ("Free of a region: the largest share of the orders that any policy could promise", _shares(found)),
        ("The same by period: the largest share that lasts from that period on", _lasting(found)),
        ("What each stage by itself lets through free of the region", _ceilings(found)),
    ):
        if len(table):
            print_table(table, title, shares=[name for name in table.columns if name not in _TEXTS])
            out.print()
    by_stage = found.concentration.groupby(["stage", "unit"], sort=False)
    wide = pd.DataFrame(
        [
            {**dict(zip(("stage", "unit"), key, strict=True)), **dict(zip(part["over"], part["hhi"], strict=True))}
            for key, part in by_stage
        ]
    )
    print_table(wide.round(0), "Concentration of capacity: HHI (10,000 = one holder)")
    out.print()
    held = found.capacity[found.capacity["over"].isin(["region", "operator"])].drop(columns=["over"])
    by = found.capacity.loc[held.index, "over"]
    held.insert(2, "by", by)
    print_table(held, "Capacity by region and operator", shares=["share", "share_with_options"])
    out.print()
    single = found.sources[found.sources["single"] != ""]
    if len(single):
        single = single[["stage", "item", "recipe", "period", "sites", "operators", "regions", "single"]]
        print_table(single, "Single sources: items with one site, cluster, operator or region")
        out.print()
    if len(found.behind):
        behind = found.behind[["over", "of", "sites", "regions", "stage", "share"]]
        print_table(behind, "Operators and hazard clusters behind several sites", shares=["share"])
        out.print()


_TEXTS = ("region", "product", "first", "full_from", "stopped_by", "demand", "units")


def _named(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(product=table["product"].where(table["product"] != "*", "all"))


def _shares(found: Audit) -> pd.DataFrame:
    """One row a region and product for which something stands in the way."""
    table = _named(found.free_of)
    columns = ["region", "product", "demand", "units", "share", "every_period", "first", "full_from", "stopped_by"]
    return table.loc[table["every_period"] < 1, columns]


def _lasting(found: Audit) -> pd.DataFrame:
    """One row a region and product that is not free in every period, one column a period."""
    table = found.free_of_periods
    wide = table.pivot_table(  # with the periods in which nothing is ordered
        index=["region", "product"], columns="period", values="lasting", aggfunc="first", sort=False, dropna=False
    )
    return wide[(wide < 1).any(axis=1)].reset_index()


def _ceilings(found: Audit) -> pd.DataFrame:
    """One row a region and product with a stage in the way, one column a stage."""
    table = _named(found.free_of_stages)
    wide = table.pivot_table(index=["region", "product"], columns="stage", values="share", aggfunc="first", sort=False)
    return wide.reset_index()
