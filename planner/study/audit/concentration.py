"""Concentration: capacity by stage, single sources, and operators and clusters behind several sites.

It is read from the tables alone: what could be started in the reported periods, whatever a plan would start.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from planner.instance.instance import Instance
from planner.instance.records import Line
from planner.plan.measures.shares import hhi
from planner.plan.rounding import rounded
from planner.study.audit.capable_sites import CapableSites

OVER = ("region", "operator", "cluster", "site")
COLUMNS = {
    "capacity": ["stage", "unit", "over", "of", "capacity", "share", "options", "share_with_options"],
    "concentration": ["stage", "unit", "over", "holders", "largest", "share", "hhi", "hhi_with_options"],
    "sources": ["stage", "item", "recipe", "period", "makers", *(f"{over}s" for over in OVER), "single", "optional"],
    "behind": ["over", "of", "sites", "names", "regions", "stage", "unit", "share", "sole_maker_of"],
}


def members(instance: Instance, over: str) -> dict[str, str]:
    """For each site its region, operator, cluster or id, as `over` says; a site without one has its own id."""
    return {site: group or site for site, group in instance.group_of(over).items()}


@dataclass
class _Capacity:
    """What a resource gives a stage over the reported periods: periods in use, capacity, and capacity of options."""

    periods: set[int] = field(default_factory=set)
    capacity: float = 0.0
    options: float = 0.0


def capacity_table(instance: Instance, makers: CapableSites) -> pd.DataFrame:
    """Capacity by stage and region, operator, cluster and site, summed over the reported periods.

    share = sum of the capacities of its resources / sum of those of the stage     (0-1, in one unit of resource)

    A resource counts in the periods in which a process of the stage may start on it; one that serves two stages
    counts at both. Capacities in different units stand apart. `options` is what all expansion options would add.
    Shares are empty where a resource of the stage is unlimited.
    """
    stage_of = instance.stage_of
    units = _units(instance)
    lines: dict[str, dict[Line, _Capacity]] = {stage: {} for stage in instance.stages}
    for process in instance.processes:
        line = lines[stage_of[process.item]].setdefault(process.line, _Capacity())
        line.periods |= set(makers.starts(process)) & set(instance.report_periods)
    rows: list[dict[str, object]] = []
    for stage, found in lines.items():
        for resource, line in found.items():
            own, added = makers.capacities.own.get(resource), makers.capacities.added.get(resource)
            at = sorted(line.periods)
            line.capacity = (math.inf if at else 0.0) if own is None else math.fsum(own[at])
            line.options = 0.0 if added is None else math.fsum(added[at])
        open_ended = any(math.isinf(line.capacity) for line in found.values())
        known = sorted({units[resource] for resource in found if units.get(resource)})
        for unit in known or [""]:
            alike = {
                resource: line
                for resource, line in found.items()
                if units.get(resource, "") == unit or (not units.get(resource) and unit == (known or [""])[0])
            }
            for over in OVER:
                rows += _shares(stage, unit, over, members(instance, over), alike, known=not open_ended)
    table = pd.DataFrame(rows, columns=COLUMNS["capacity"])
    for name in ("capacity", "share", "options", "share_with_options"):
        table[name] = rounded(table[name].astype(float))
    return table


def _units(instance: Instance) -> dict[Line, str]:
    """The unit of each resource, where a row names one."""
    return {row.line: row.unit for row in reversed(instance.capacities) if row.unit}


def _shares(
    stage: str, unit: str, over: str, of: dict[str, str], lines: dict[Line, _Capacity], *, known: bool
) -> list[dict[str, object]]:
    """The rows of a stage, unit and grouping, the largest first."""
    own: dict[str, float] = {}
    added: dict[str, float] = {}
    for (site, _), line in lines.items():
        own[of[site]] = own.get(of[site], 0.0) + line.capacity
        added[of[site]] = added.get(of[site], 0.0) + line.options
    total, with_options = math.fsum(own.values()), math.fsum([*own.values(), *added.values()])
    return [
        {
            "stage": stage,
            "unit": unit,
            "over": over,
            "of": name,
            "capacity": own[name],
            "share": own[name] / total if known and total > 0 else math.nan,
            "options": added[name],
            "share_with_options": (own[name] + added[name]) / with_options if known and with_options > 0 else math.nan,
        }
        for name in sorted(own, key=lambda name: (-own[name], -added[name], name))
    ]


def concentration_table(capacity: pd.DataFrame) -> pd.DataFrame:
    """The concentration of each stage over regions, operators, clusters and sites.

    HHI = sum_i (100 * share_i)^2     (0 to 10,000; of the capacity table's shares; empty where they are)
    """
    rows: list[dict[str, object]] = []
    for (stage, unit, over), part in capacity.groupby(["stage", "unit", "over"], sort=False):
        known = bool(part["share"].notna().any())
        rows.append(
            {
                "stage": stage,
                "unit": unit,
                "over": over,
                "holders": int((part["capacity"] > 0).sum()),
                "largest": part["of"].iloc[0] if part["capacity"].iloc[0] > 0 else "",
                "share": part["share"].iloc[0],
                "hhi": hhi(part["capacity"]) if known else math.nan,
                "hhi_with_options": hhi(part["capacity"] + part["options"])
                if part["share_with_options"].notna().any()
                else math.nan,
            }
        )
    table = pd.DataFrame(rows, columns=COLUMNS["concentration"])
    for name in ("hhi", "hhi_with_options"):
        table[name] = rounded(table[name].astype(float))
    return table


def sources_table(instance: Instance, makers: CapableSites, items: Iterable[str]) -> pd.DataFrame:
    """How many sites, clusters, operators and regions can start each item, by window of the reported periods.

    `recipe` is `*` for all recipes; an item with several recipes also has a row for each of them. `single` says of
    which of these there is only one; `optional` names the sites that only an expansion option would add.
    """
    stage_of = instance.stage_of
    order = {stage: position for position, stage in enumerate(instance.stages)}
    groups = {over: members(instance, over) for over in OVER}
    rows: list[dict[str, object]] = []
    for item in sorted(items, key=lambda item: (order[stage_of[item]], item)):
        recipes = sorted({row.recipe for row in instance.processes if row.item == item})
        for recipe in [None, *(recipes if len(recipes) > 1 else ())]:
            for window, sites, optional in _windows(instance, makers, item, recipe):
                counts = {over: len({of[site] for site in sites}) for over, of in groups.items()}
                rows.append(
                    {
                        "stage": stage_of[item],
                        "item": item,
                        "recipe": recipe or "*",
                        "period": window,
                        "makers": "+".join(sites),
                        **{f"{over}s": counts[over] for over in OVER},
                        "single": "+".join(over for over in reversed(OVER) if counts[over] == 1),
                        "optional": "+".join(optional),
                    }
                )
    return pd.DataFrame(rows, columns=COLUMNS["sources"])


def _windows(
    instance: Instance, makers: CapableSites, item: str, recipe: str | None
) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Windows of reported periods over which the same sites can start an item: window, sites, optional sites."""
    found: list[tuple[list[int], tuple[str, ...], tuple[str, ...]]] = []
    for period in instance.report_periods:
        sites = makers.able(item, period, recipe=recipe)
        optional = tuple(site for site in makers.able(item, period, recipe=recipe, options=True) if site not in sites)
        if found and found[-1][1:] == (sites, optional):
            found[-1][0].append(period)
        else:
            found.append(([period], sites, optional))
    return [(window_text(instance, window), sites, optional) for window, sites, optional in found]


def window_text(instance: Instance, periods: list[int] | range) -> str:
    """A window of periods in labels, e.g. `2027Q1..2028Q4`."""
    first, last = instance.periods.labels[periods[0]], instance.periods.labels[periods[-1]]
    return first if first == last else f"{first}..{last}"


def behind_table(instance: Instance, capacity: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Operators and hazard clusters with several sites: a row for each stage at which they hold capacity.

    `share` is their share of the stage's capacity (0-1), or where it is counted in several units, of that in `unit`
    (else empty); `sole_maker_of` the items of the stage that only they can start in some reported period.
    """
    rows: list[dict[str, object]] = []
    units = capacity.groupby("stage")["unit"].nunique()
    region = members(instance, "region")
    for over in ("operator", "cluster"):
        of = members(instance, over)
        for name in sorted(set(of.values())):
            sites = sorted(site for site in of if of[site] == name)
            if len(sites) < 2:
                continue
            held = capacity[(capacity["over"] == over) & (capacity["of"] == name)]
            rows += [
                {
                    "over": over,
                    "of": name,
                    "sites": len(sites),
                    "names": "+".join(sites),
                    "regions": "+".join(sorted({region[site] for site in sites})),
                    "stage": part.stage,
                    "unit": part.unit if units[part.stage] > 1 else "",
                    "share": part.share,
                    "sole_maker_of": "+".join(_sole(sources, str(part.stage), set(sites))),
                }
                for part in held.itertuples()
            ]
    return pd.DataFrame(rows, columns=COLUMNS["behind"])


def stage_in_unit(row: Any) -> str:
    """The stage of a row of `behind_table`, with the unit of which its share is where there are several."""
    return f"{row.stage} (in {row.unit})" if row.unit else str(row.stage)


def _sole(sources: pd.DataFrame, stage: str, sites: set[str]) -> list[str]:
    at = sources[(sources["stage"] == stage) & (sources["recipe"] == "*") & (sources["makers"] != "")]
    return sorted({row.item for row in at.itertuples() if set(row.makers.split("+")) <= sites})
