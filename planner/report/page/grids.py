"""Tables for people: the same rows on the page and in summary.md."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from planner.instance.periods import HORIZON
from planner.report.findings import Findings, policy_names
from planner.text.figures import NONE, count, money, money_change, percent

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Grid:
    """A table for people, whose cells are texts.

    Attributes:
        caption: what it shows, with units.
        head: the headings of the columns.
        rows: the cells, row by row; the first cell of a row is its heading.
        texts: the numbers (from 0) of the columns that are aligned to the left as text; the others are figures.
        strong: the numbers (from 0) of the rows that are totals.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: tuple[int, ...] = (0,)
    strong: tuple[int, ...] = ()


def made_grid(
    caption: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    texts: Sequence[int] = (0,),
    strong: Sequence[int] = (),
) -> Grid:
    """A grid from lists."""
    return Grid(caption, tuple(head), tuple(tuple(row) for row in rows), tuple(texts), tuple(strong))


def shares_grid(findings: Findings) -> Grid:
    """Share of the region of concern by stage, and the concentration of each stage."""
    held = {name: findings.shares(name) for name in findings.undisturbed}
    stages = [stage for stage in findings.instance.stages if any(stage in found for found in held.values())]
    rows = [
        [
            stage,
            *(percent(found.get(stage, math.nan)) for found in held.values()),
            *(_index(findings.concentration(name, stage)) for name in held),
        ]
        for stage in stages
    ]
    return made_grid(
        f"Share of {findings.concern.title} in the good units of each stage, and the concentration of the "
        "stage over all regions (HHI, 10,000 = one region); reported periods, undisturbed",
        ["stage", *(findings.label(name) for name in held), *(f"HHI {findings.label(name)}" for name in held)],
        rows,
    )


def _index(hhi: float) -> str:
    return NONE if math.isnan(hhi) else f"{hhi:,.0f}"


def exposure_grid(findings: Findings, tables: Tables, policy: str) -> Grid:
    """Share of every region by period under a policy; a limit stands in brackets."""
    table = tables["exposure"]
    own = table[table["policy"] == policy]
    columns = [*findings.periods, HORIZON]
    rows = []
    for (stage, region), part in own.groupby(["stage", "region"], sort=False):
        at = part.set_index("period").reindex(columns)
        weight = str(part["weight"].iloc[0])
        cells = [
            f"{percent(float(share) if not math.isnan(share) else 0.0)}"
            f"{'' if math.isnan(limit) else f' (≤ {100 * limit:.4g})'}"
            for share, limit in zip(at["weighted_share"], at["limit"], strict=True)
        ]
        rows.append([str(stage), findings.region_name(str(region)), weight, *cells])
    return made_grid(
        f"Share of each region by {findings.period_word} under {policy}; limits in brackets",
        ["stage", "region", "counted in", *findings.periods, "all reported"],
        rows,
        texts=(0, 1, 2),
    )


def cost_grid(findings: Findings, tables: Tables) -> Grid:
    """Cost components side by side, and the change against the first policy, which add up."""
    table, policies = tables["costs"], policy_names(findings)
    planned = table.pivot_table(index="component", columns="policy", values="planned", sort=False)
    change = table.pivot_table(index="component", columns="policy", values="change", sort=False)
    used = [name for name in planned.index if planned.loc[name].abs().sum() > 0]
    rows = [
        [
            str(name).replace("_", " "),
            *(money(planned.loc[name, policy], findings.currency) for policy in policies),
            *(money_change(change.loc[name, policy], findings.currency) for policy in policies[1:]),
        ]
        for name in used
    ]
    rows.append(
        [
            "total",
            *(money(float(planned[policy].sum()), findings.currency) for policy in policies),
            *(money_change(float(change[policy].sum()), findings.currency) for policy in policies[1:]),
        ]
    )
    first = findings.label(findings.first)
    return made_grid(
        "Cost by component over all planned periods, discounted"
        + (f"; changes are against {first} and add up" if len(policies) > 1 else ""),
        ["component", *policies, *(f"{policy}: change" for policy in policies[1:])],
        rows,
        strong=(len(rows) - 1,),
    )


def service_grid(findings: Findings, tables: Tables) -> Grid:
    """Orders by period and policy."""
    sums = tables["service"].groupby(["period", "policy"], sort=False)[["demand", "delivered", "late", "lost"]].sum()
    rows = [
        [period, policy, *(count(float(value)) for value in sums.loc[(period, policy)])]
        for period in findings.periods
        for policy in policy_names(findings)
        if (period, policy) in sums.index
    ]
    return made_grid(
        "Units ordered, delivered, owed at the end of the period, and lost",
        [findings.period_word, "policy", "ordered", "delivered", "late", "lost"],
        rows,
        texts=(0, 1),
    )


def product_grid(findings: Findings, tables: Tables) -> Grid:
    """Orders by product and policy over the reported periods."""
    sums = tables["service"].groupby(["item", "policy"], sort=False)[["demand", "delivered", "lost"]].sum()
    policies = policy_names(findings)
    items = list(dict.fromkeys(tables["service"]["item"]))
    rows = [
        [
            item,
            count(float(sums.loc[(item, policies[0]), "demand"])),
            *(
                count(float(sums.loc[(item, policy), column]))
                for column in ("delivered", "lost")
                for policy in policies
            ),
        ]
        for item in items
    ]
    return made_grid(
        "Units by product, all reported periods",
        ["product", "ordered", *(f"{column}: {policy}" for column in ("delivered", "lost") for policy in policies)],
        rows,
    )


def utilisation_grid(findings: Findings, tables: Tables, policy: str) -> Grid:
    """Use of every resource by period."""
    own = tables["utilisation"]
    own = own[own["policy"] == policy]
    rows = []
    for (stage, region, site, resource), part in own.groupby(["stage", "region", "site", "resource"], sort=False):
        at = part.set_index("period")["utilisation"].reindex(list(findings.periods))
        name = resource_in_grid(str(site), str(resource))
        rows.append(
            [
                str(stage),
                findings.region_name(str(region)),
                name,
                *(percent(float(value), 0) if math.isfinite(value) else NONE for value in at),
            ]
        )
    return made_grid(
        f"Use of capacity under {policy}", ["stage", "region", "resource", *findings.periods], rows, texts=(0, 1, 2)
    )


def resource_in_grid(site: str, resource: str) -> str:
    """A resource with its site, because two sites may each have a line of the same name."""
    return resource if resource == site or not site else f"{site} / {resource}"


def choke_grid(findings: Findings, tables: Tables, longest: int | None = None) -> Grid:
    """Resources and lanes by rent."""
    table, policies = tables["choke_points"], policy_names(findings)
    keys = ["kind", "name", "site", "region", "stage"]
    wide = (
        table.pivot_table(index=keys, columns="policy", values="rent", sort=False).reindex(columns=policies).fillna(0.0)
        if len(table)
        else pd.DataFrame(columns=policies)
    )
    wide = wide.loc[wide.max(axis=1).sort_values(ascending=False, kind="stable").index] if len(wide) else wide
    rows = []
    for key, row in wide.head(longest or len(wide)).iterrows():
        kind, name, site, region, stage = map(str, key)
        rows.append(
            [
                name if kind == "lane" else resource_in_grid(site, name),
                stage,
                findings.region_name(region),
                *(money(float(row[policy]), findings.currency) for policy in policies),
            ]
        )
    return made_grid(
        "Rent: shadow price times capacity, summed over the reported periods",
        ["resource", "stage", "region", *policies],
        rows,
        texts=(0, 1, 2),
    )


def limit_grid(findings: Findings, tables: Tables) -> Grid:
    """Limits that bind in some reported period."""
    table = tables["limits"]
    rows = [
        [
            str(row["policy"]),
            str(row["limit"]),
            str(row["of"]),
            str(row["period"]),
            percent(row["share"]),
            percent(row["max_share"]),
            count(float(row["shadow_price"])),
        ]
        for _, row in table.iterrows()
        if row["shadow_price"] > 0
    ]
    return made_grid(
        f"Limits that bind: what one more unit inside would save ({findings.currency} a unit that the limit counts)",
        ["policy", "limit", "of", "period", "share", "allowed", "shadow price"],
        rows,
        texts=(0, 1, 2, 3),
    )
