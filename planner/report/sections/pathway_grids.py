"""Grids of what finished units touched: the comparison of the policies, by customer and product, and program sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from planner.instance.periods import HORIZON
from planner.plan.plan import Plan
from planner.report.findings import Findings, difference, policy_names
from planner.report.page.grids import Grid, Tables, made_grid
from planner.report.sections.pathways import binding, region_loss, rent_words, touched, view_title
from planner.report.tables.studies import ALL
from planner.text.figures import NONE, count, money, money_change, percent

Plans = Mapping[str | None, Plan]
Rows = list[list[str]]
TOUCHED = (  # the shares of finished units that touched a region, as a row says them
    ("finished units that touched {where}", "share"),
    ("the same where lots mix", "blended"),
    ("least that separate lots could show", "least"),
)


def view_grid(findings: Findings, scenario: str | None) -> Grid:
    """The policies side by side in one view: cost, orders, share of each stage, and of units that touched a region."""
    plans = {name: plan for name in findings.policies if (plan := findings.plan(name, scenario)) is not None}
    where = findings.concern.title
    before = _cost_rows(findings, plans) + _stage_rows(findings, plans, scenario)
    touching = _touched_rows(findings, plans, scenario)
    return made_grid(
        f"{view_title(findings, scenario)}: shares of each stage beside the share of finished units that touched "
        f"{where} at any stage; reported periods, cost and loss over all planned periods",
        ["", *(findings.label(name) for name in plans)],
        before + touching + _choke_rows(findings, plans, scenario),
        strong=[len(before)] if touching else [],
    )


def _cost_rows(findings: Findings, plans: Plans) -> Rows:
    base = plans.get(findings.first)
    rows = [["cost", *(money(plan.objective, findings.currency) for plan in plans.values())]]
    if base is not None and len(plans) > 1:
        changes = [difference(plan.objective, base.objective) for plan in plans.values()]
        rows.append(
            [f"against {findings.label(findings.first)}", *(money_change(part, findings.currency) for part in changes)]
        )
    return [*rows, ["units lost", *(count(plan.service_summary["lost"]) for plan in plans.values())]]


def _stage_rows(findings: Findings, plans: Plans, scenario: str | None) -> Rows:
    """The share of each stage that is made in the region of concern."""
    held = [findings.shares(name, scenario) for name in plans]
    return [
        [f"{findings.concern.title}: {stage}", *(percent(shares.get(stage, math.nan)) for shares in held)]
        for stage in findings.instance.stages
        if any(stage in shares for shares in held)
    ]


def _touched_rows(findings: Findings, plans: Plans, scenario: str | None) -> Rows:
    found = [touched(findings, name, scenario) for name in plans]
    if not any(found):
        return []
    return [
        [label.format(where=findings.concern.title), *(percent(getattr(one, part)) if one else NONE for one in found)]
        for label, part in TOUCHED
    ]


def _choke_rows(findings: Findings, plans: Plans, scenario: str | None) -> Rows:
    """What binds, and what it costs to do without the region of concern; as far as it is known."""
    rows = []
    bind = [binding(findings, name, scenario) for name in plans]
    if any(bind):
        words = (f"{one.stage}, {rent_words(one, scenario)}" if one else NONE for one in bind)
        rows.append(["what binds: stage with the largest rent, and its part", *words])
    losses = [region_loss(findings, name, scenario) for name in plans]
    if not all(map(math.isnan, losses)):
        words = (money(loss, findings.currency) for loss in losses)
        rows.append([f"loss with {findings.concern.title} out for good", *words])
    return rows


def scope_grids(findings: Findings, tables: Tables) -> tuple[Grid, ...]:
    """Share of units that touched the region of concern by customer, by product, and by both."""
    table = tables["pathways"]
    table = table[table["period"] == HORIZON]
    policies = policy_names(findings)
    grids = []
    for head, keys in (
        (["customer"], ["customer"]),
        (["product"], ["item"]),
        (["customer", "product"], ["customer", "item"]),
    ):
        other = [name for name in ("customer", "item") if name not in keys]
        own = table[(table[keys] != ALL).all(axis=1) & (table[other] == ALL).all(axis=1)]
        rows = []
        for key, part in own.groupby(keys, sort=False):
            at = part.set_index("policy")
            cells = [_shares(at, policy) for policy in policies]
            rows.append([*map(str, key), count(float(part["delivered"].max())), *cells])
        grids.append(
            made_grid(
                f"Share of units that touched {findings.concern.title} at any stage, by {' and '.join(head)}; where "
                "separate lots could show less, the least stands in brackets; reported periods",
                [*head, "delivered at most", *policies],
                rows,
                texts=tuple(range(len(head))),
            )
        )
    return tuple(grids)


def _shares(table: pd.DataFrame, policy: str) -> str:
    if policy not in table.index:
        return NONE
    share, least = (float(table.loc[policy, name]) for name in ("share", "least"))
    return percent(share) + (f" ({percent(least)})" if percent(least) != percent(share) else "")


def touched_regions_grid(findings: Findings) -> Grid:
    """Share of finished units that touched each region, by policy."""
    plans = {name: plan for name, plan in findings.undisturbed.items() if "exposure" in plan.tables}
    shares: dict[str, dict[str, float]] = {}
    for name, plan in plans.items():
        table = plan.exposure
        own = table[(table["measure"] == "pathway") & (table["over"] == "region") & (table["period"] == HORIZON)]
        for row in own.itertuples():
            shares.setdefault(str(row.of), {})[findings.label(name)] = float(row.share)
    policies = [findings.label(name) for name in plans]
    order = sorted(
        shares, key=lambda region: (region in findings.instance.region_groups, -max(shares[region].values()))
    )
    return made_grid(
        "Share of finished units that touched a region, or a group of regions, at any stage; reported periods. One "
        "unit touches several, so the shares do not add up",
        ["region", *policies],
        [
            [findings.region_name(region), *(percent(shares[region].get(policy, math.nan)) for policy in policies)]
            for region in order
        ],
    )


def size_grid(findings: Findings, *, seconds: bool) -> Grid:
    """The program of each policy with pathway limits, and of the same policy without them."""
    rows = []
    for name, sizes in findings.studies.sizes.items():
        for words, size in zip(("with its pathway limits", "without them"), sizes, strict=True):
            cells = [f"{size.rows:,}", f"{size.columns:,}", f"{size.nonzeros:,}", money(size.cost, findings.currency)]
            rows.append([findings.label(name), words, *cells, *([f"{size.seconds:.1f}"] if seconds else [])])
    return made_grid(
        "What following units costs the program: its size, and the cost of the plan"
        + (". Seconds to write and solve it, beside other work on the machine that made this page" if seconds else ""),
        ["policy", "limits", "rows", "columns", "non-zeros", "cost", *(["seconds"] if seconds else [])],
        rows,
        texts=(0, 1),
    )
