"""Stage limits of a policy as rows: what counts inside, and out of what total."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.instance.policy import Limit, Policy
from planner.network.frames import empty, frame
from planner.network.network import HORIZON


def limit_tables(
    instance: Instance, policy: Policy | None, make: pd.DataFrame, discount: pd.Series
) -> dict[str, pd.DataFrame]:
    """The tables limits, totals, total, excess, limit_uses and limit_totals of the network."""
    limits: list[pd.DataFrame] = []
    inside: list[pd.DataFrame] = []
    totals: list[pd.DataFrame] = []
    for limit in sorted(policy.limits, key=lambda part: part.name) if policy else ():
        scope = _scope(instance, limit, make)
        totals.append(scope.assign(limit=limit.name)[["row", "limit", "period", "position", "weight"]])
        found = _inside(instance, limit, scope)
        inside.append(found.assign(limit=limit.name)[["row", "limit", "of", "period", "position", "weight"]])
        rows = found[["of", "period", "position"]].drop_duplicates()
        limits.append(
            rows.assign(
                limit=limit.name,
                stage=limit.stage,
                over=limit.over,
                max_share=float(limit.max_share or 0.0),
                soft_cost=np.nan if limit.soft_cost is None else limit.soft_cost,
            )
        )
    columns = ["limit", "of", "period", "position", "stage", "over", "max_share", "soft_cost"]
    numbers = ["position", "max_share", "soft_cost"]
    rows = pd.concat(limits, ignore_index=True)[columns] if limits else empty(columns, numbers)
    rows = rows.sort_values(["limit", "of", "position"], ignore_index=True)
    all_totals = (
        pd.concat(totals, ignore_index=True)
        if totals
        else empty(["row", "limit", "period", "position", "weight"], ["row", "position", "weight"])
    )
    all_inside = (
        pd.concat(inside, ignore_index=True)
        if inside
        else empty(["row", "limit", "of", "period", "position", "weight"], ["row", "position", "weight"])
    )
    total = all_totals[["limit", "period", "position"]].drop_duplicates()
    total = total.sort_values(["limit", "position"], ignore_index=True)[["limit", "period"]]
    soft = rows[rows["soft_cost"].notna()]
    factor = discount.to_numpy()[soft["position"].to_numpy(dtype=np.int64)]
    excess = soft[["limit", "of", "period"]].assign(soft=soft["soft_cost"] * factor).reset_index(drop=True)
    return {
        "limits": rows,
        "totals": total,
        "total": total,
        "excess": excess,
        "limit_uses": all_inside,
        "limit_totals": all_totals,
    }


def _scope(instance: Instance, limit: Limit, make: pd.DataFrame) -> pd.DataFrame:
    """Starts that the limit counts, with their weight and the period (or horizon) in which they count."""
    window = instance.periods.window(limit.period)
    at = (make["stage"] == limit.stage) & make["period"].between(window.start, window.stop - 1)
    if limit.items:
        at &= make["item"].isin(limit.items)
    scope = make[at].copy()
    scope["row"] = np.flatnonzero(at)
    value = scope["item"].map(frame(instance, "items").set_index("item")["value"])
    scope["weight"] = {"units": scope["yield"], "value": scope["yield"] * value, "capacity": scope["capacity_use"]}[
        limit.weight
    ].astype(float)
    if limit.per == "horizon":
        scope["position"] = window.stop - 1
        scope["period"] = HORIZON
    else:
        scope["position"] = scope["period"]
        scope["period"] = scope["period"].map(dict(enumerate(instance.periods.labels)))
    return scope


def _inside(instance: Instance, limit: Limit, scope: pd.DataFrame) -> pd.DataFrame:
    """Starts in the scope that are inside the region, operator, site or cluster, with its id in `of`."""
    if limit.of == "each":
        found = scope.assign(of=scope[limit.over])
        return found[found["of"] != ""]
    members = instance.regions_of(limit.of) if limit.over == "region" else (limit.of,)
    return scope[scope[limit.over].isin(members)].assign(of=limit.of)
