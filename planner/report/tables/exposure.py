"""Tables of exposure: shares of each stage beside the limits that count the same thing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.instance.periods import HORIZON
from planner.instance.policy import rules_of
from planner.plan.plan import Plan
from planner.report.findings import Findings, reported_rows
from planner.report.tables.stacked import stacked


def shares(findings: Findings) -> pd.DataFrame:
    """Share of every region at each stage over the reported periods, with the concentration (HHI) of the stage."""
    rows = [
        {
            "policy": findings.label(name),
            "stage": row["stage"],
            "region": row["of"],
            "share": row["share"],
            "hhi": row["hhi"],
        }
        for name, plan in findings.undisturbed.items()
        for row in plan.exposure_summary
        if row["over"] == "region"
    ]
    return pd.DataFrame(rows, columns=["policy", "stage", "region", "share", "hhi"])


def exposure(findings: Findings) -> pd.DataFrame:
    """Share of each region by stage and period: in units, and in the weight that the stage's limits count.

    A limit is shown beside the weighted share, which is the share that it limits.
    """
    weights = limit_weights(findings)
    parts = []
    for name, plan in findings.undisturbed.items():
        made = reported_rows(findings, plan.production)
        amounts = made.assign(units=made["finished"], weighted=_weighted(plan, made, weights))
        sums = amounts.groupby(["stage", "region", "period"], sort=False)[["units", "weighted"]].sum().reset_index()
        whole = amounts.groupby(["stage", "region"], sort=False)[["units", "weighted"]].sum().reset_index()
        sums = pd.concat([sums, whole.assign(period=HORIZON)], ignore_index=True)
        totals = sums.groupby(["stage", "period"])[["units", "weighted"]].transform("sum")
        sums["share"], sums["weighted_share"] = sums["units"] / totals["units"], sums["weighted"] / totals["weighted"]
        limits = _region_limits(findings, name, weights)
        keys = pd.MultiIndex.from_frame(sums[["stage", "region", "period"]])
        sums["limit"] = limits.reindex(keys).to_numpy(dtype=float)
        sums["weight"] = sums["stage"].map(weights)
        parts.append(sums.assign(policy=findings.label(name)))
    columns = ["policy", "stage", "region", "period", "share", "weight", "weighted_share", "limit"]
    return stacked(findings, parts, columns)


def limit_weights(findings: Findings) -> dict[str, str]:
    """What the regional limits of each stage count (units, value or capacity); units where they disagree."""
    found: dict[str, set[str]] = {stage: set() for stage in findings.instance.stages}
    for name in findings.policies:
        policy = findings.policy(name)
        for limit in rules_of(policy).limits:
            if limit.stage is not None and limit.over == "region" and not limit.items:
                found[limit.stage].add(limit.weight)
    return {stage: next(iter(weights)) if len(weights) == 1 else "units" for stage, weights in found.items()}


def _weighted(plan: Plan, made: pd.DataFrame, weights: dict[str, str]) -> pd.Series:
    """The amount of each row in the weight of its stage."""
    value = {item.item: item.value or 0.0 for item in plan.instance.items}
    use: dict[tuple[str, str, str, str], float] = {}
    labels = plan.instance.periods.labels
    for process in plan.instance.processes:
        for position in plan.instance.periods.window(process.period):
            use[(process.site, process.item, process.recipe, labels[position])] = process.capacity_use
    keys = zip(made["site"], made["item"], made["recipe"], made["period"], strict=True)
    amount = {
        "units": made["finished"],
        "value": made["finished"] * made["item"].map(value),
        "capacity": made["started"] * np.array([use.get(key, 1.0) for key in keys], dtype=float),
    }
    weight = made["stage"].map(weights)
    return sum((amount[name].where(weight == name, 0.0) for name in amount), start=pd.Series(0.0, index=made.index))


def _region_limits(findings: Findings, name: str | None, weights: dict[str, str]) -> pd.Series:
    """The tightest limit on each (stage, region, period) that counts what the stage's share counts."""
    policy = findings.policy(name)
    tight: dict[tuple[str, str, str], float] = {}
    periods = findings.instance.periods
    for limit in rules_of(policy).limits:
        if (
            limit.stage is None
            or limit.over != "region"
            or limit.items
            or limit.max_share is None
            or limit.weight != weights[limit.stage]
        ):
            continue
        regions = findings.making_regions if limit.of == "each" else findings.instance.regions_of(limit.of)
        if limit.of != "each" and len(regions) > 1:
            continue  # a limit on a group does not bound one region by itself
        labels = [HORIZON] if limit.per == "horizon" else [periods.labels[at] for at in periods.window(limit.period)]
        for region in regions:
            for label in labels:
                key = (limit.stage, region, label)
                tight[key] = min(tight.get(key, 1.0), limit.max_share)
    index = (
        pd.MultiIndex.from_tuples(list(tight), names=["stage", "region", "period"])
        if tight
        else pd.MultiIndex.from_arrays([[], [], []], names=["stage", "region", "period"])
    )
    return pd.Series(list(tight.values()), index=index, dtype=float)


def limits(findings: Findings) -> pd.DataFrame:
    """Every limit in the reported periods: the share as it counts, how much is allowed, and its shadow price."""
    parts = [
        plan.limits[plan.limits["period"].isin({*findings.periods, HORIZON})].assign(policy=findings.label(name))
        for name, plan in findings.undisturbed.items()
    ]
    columns = ["policy", "limit", "of", "period", "share", "max_share", "excess", "shadow_price"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
