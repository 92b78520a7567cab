"""Exposure by stage: the share of a stage's good output that a region, operator, site or cluster makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.instance.periods import HORIZON
from planner.network.frames import in_order, lookup, summed, with_new_names
from planner.plan.columns import COLUMNS
from planner.plan.measures.shares import hhi
from planner.plan.rounding import rounded

OVER = ("region", "operator", "site", "cluster")


def exposure_table(instance: Instance, production: pd.DataFrame, limits: pd.DataFrame | None = None) -> pd.DataFrame:
    """Exposure of every stage, by period and over the reported horizon.

    share(k, o, t) = sum_(p at k inside o) finished[p,t] / sum_(p at k) finished[p,t]      (units, by period of start)

    Args:
        instance: what was planned.
        production: the plan's production table.
        limits: (stage, over, of, period, max_share) of the limits in force, shown beside the share.

    Returns:
        measure, stage, over, of, period (a label, or `horizon` for all reported periods), share (0-1), blended and
        least (of pathways; empty for stages), limit (largest share allowed, where there is one).
    """
    made = _with_cluster(instance, production)
    reported = made["period"].isin(instance.report_labels)
    timed = pd.concat([made, made[reported].assign(period=HORIZON)], ignore_index=True)
    total = summed(timed, ["stage", "period"], ["finished"])
    parts: list[pd.DataFrame] = []
    for over in OVER:
        part = summed(timed[timed[over] != ""], ["stage", "period", over], ["finished"])
        part = with_new_names(part, ["stage", "period", "of", "finished"])
        part["share"] = part["finished"] / lookup(part, total, ["stage", "period"], "finished", np.nan)
        parts.append(part.assign(over=over))
    table = pd.concat(parts, ignore_index=True)
    table["of"] = table["of"].infer_objects()  # else sites would be plain objects and the others text
    table["measure"], table["blended"], table["least"] = "stage", np.nan, np.nan
    table["limit"] = np.nan
    if limits is not None and len(limits):
        tight = limits.groupby(["stage", "over", "of", "period"])["max_share"].min()
        keys = pd.MultiIndex.from_frame(table[["stage", "over", "of", "period"]])
        table["limit"] = rounded(tight.reindex(keys).to_numpy())
    table["share"] = rounded(table["share"])
    return _in_order(instance, table)[list(COLUMNS["exposure"])]


def exposure_summary(instance: Instance, production: pd.DataFrame, over: Sequence[str] = OVER) -> list[dict[str, Any]]:
    """Exposure of each stage over the reported periods, with the concentration (HHI) of what it is over.

    A site without a cluster counts as one of its own in the concentration of clusters.

    share(k, o) = sum_(t reported, p at k inside o) finished[p,t] / sum_(t reported, p at k) finished[p,t]

    Args:
        instance: what was planned.
        production: the plan's production table.
        over: what shares are counted over: region, operator, site, cluster; all of them, or some.

    Returns:
        measure, stage, over, of, share (0-1) and hhi (0-10,000, the same on each row of a stage and over).
    """
    made = _with_cluster(instance, production)
    made = made[made["period"].isin(instance.report_labels)]
    rows: list[dict[str, Any]] = []
    for stage in instance.stages:
        for kind in over:
            amounts = made[(made["stage"] == stage) & (made[kind] != "")].groupby(kind)["finished"].sum()
            total = float(made.loc[made["stage"] == stage, "finished"].sum())
            if total <= 0 or amounts.empty:
                continue
            alone = made[(made["stage"] == stage) & (made[kind] == "")].groupby("site")["finished"].sum()
            index = float(rounded([hhi(pd.concat([amounts, alone]))])[0])
            rows += [
                {
                    "measure": "stage",
                    "stage": stage,
                    "over": kind,
                    "of": str(name),
                    "share": float(rounded([amount / total])[0]),
                    "hhi": index,
                }
                for name, amount in sorted(amounts.items())
            ]
    return rows


def reported_shares_of_regions(instance: Instance, production: pd.DataFrame) -> dict[tuple[str, str], float]:
    """The share of each stage's good output in the reported periods that a region makes, by (stage, region).

    They are those of `exposure_summary`, without the concentration, which takes far longer.

    Returns:
        shares (0-1); of a stage that makes nothing there are none.
    """
    labels = instance.report_labels
    made = summed(production[production["period"].isin(labels)], ["stage", "region"], ["finished"])
    total = made.groupby("stage")["finished"].transform("sum")
    made = made[total > 0].assign(share=made["finished"] / total)
    shares = rounded(made["share"].to_numpy(dtype=float)).tolist()
    return dict(zip(zip(made["stage"], made["region"], strict=True), shares, strict=True))


def _with_cluster(instance: Instance, production: pd.DataFrame) -> pd.DataFrame:
    return production.assign(cluster=production["site"].map(instance.group_of("cluster")))


def _in_order(instance: Instance, table: pd.DataFrame) -> pd.DataFrame:
    """The table sorted by stage (in order of the chain), kind of group, id, and period."""
    stage = {name: position for position, name in enumerate(instance.stages)}
    period = {**instance.periods.index, HORIZON: len(instance.periods)}
    ranked = table.assign(
        _stage=[stage[name] for name in table["stage"].tolist()],
        _over=[OVER.index(name) for name in table["over"].tolist()],
        _period=[period[label] for label in table["period"].tolist()],
    )
    return in_order(ranked, ["_stage", "_over", "of", "_period"])
