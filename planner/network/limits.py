"""Limits of a policy as rows: what counts inside a limit, and the total of which it is a share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.instance.periods import HORIZON
from planner.instance.policy import Limit, Policy
from planner.network.buffers import buffer_tables
from planner.network.frames import Tables, distinct, empty, frame, lookup, narrowed
from planner.network.provenance import Watch, classes_of, watched_by, watches_of
from planner.network.recourse import Recourse
from planner.network.steps import Steps

_USES = ["row", "limit", "of", "period", "position", "weight"]
_TOTALS = ["row", "limit", "period", "position", "weight"]
_LIMITS = [
    "limit",
    "of",
    "period",
    "position",
    "measure",
    "stage",
    "over",
    "max_share",
    "min_free",
    "demand",
    "used",
    "soft_cost",
]
_BEFORE = ["limit", "period", "position", "before"]
_FIGURES = ("row", "position", "weight", "max_share", "min_free", "demand", "used", "soft_cost", "before")


@dataclass(frozen=True)
class Counted:
    """The tables of the network whose rows limits count."""

    make: pd.DataFrame
    stock: pd.DataFrame
    deliveries: pd.DataFrame
    orders: pd.DataFrame


def limit_tables(
    instance: Instance,
    policy: Policy | None,
    counted: Counted,
    discount: pd.Series,
    recourse: Recourse | None,
    step: Steps,
) -> Tables:
    """The tables limits, totals, total and excess, and the links from make, ship and stock to the limits' rows.

    With recourse a hard limit can be exceeded at the price of a broken promise.

    Args:
        instance: what is planned.
        policy: whose limits and buffers they are; None for none.
        counted: the tables of the network that they count.
        discount: discount factor by period.
        recourse: the terms on which promises can be broken; None where they must be kept.
        step: runs the steps, one for each limit and buffer.
    """
    if policy is None or not (policy.limits or policy.buffers):
        return _no_limits()
    limits = sorted(policy.limits, key=lambda part: part.name)
    alone, touching = instance.only(), instance.only("processes", "stocks", "arrivals")
    watches = watches_of(instance, policy)
    used = {limit.name: _used_of(instance, policy, limit) for limit in limits}
    stage = tuple(
        step(_stage_limit, alone, limit, counted.make, used[limit.name]) for limit in limits if limit.measure == "stage"
    )
    pathway = tuple(
        step(_pathway_limit, touching, limit, counted.deliveries, counted.orders, watches, used[limit.name])
        for limit in limits
        if limit.measure == "pathway" and watched_by(instance, limit)
    )
    buffers = tuple(
        step(buffer_tables, instance.only("processes", "components"), number, buffer, counted.stock, counted.orders)
        for number, buffer in enumerate(policy.buffers, start=1)
    )
    return step(_together, stage, pathway, buffers, discount, recourse)


def _together(
    stage: tuple[Tables, ...],
    pathway: tuple[Tables, ...],
    buffers: tuple[Tables, ...],
    discount: pd.Series,
    recourse: Recourse | None,
) -> Tables:
    """The tables of all limits and buffers, combined into the network's tables."""
    rows = _joined([part["limits"] for part in [*stage, *pathway, *buffers]], _LIMITS)
    if recourse is not None:
        rows["soft_cost"] = rows["soft_cost"].fillna(recourse.prices("limit", rows["limit"]))
    rows = rows.sort_values(["limit", "of", "position"], ignore_index=True)
    totals = _joined([part["totals"].assign(measure="stage") for part in stage], [*_TOTALS, "measure"])
    reached = _joined([part["totals"].assign(measure="pathway") for part in pathway], [*_TOTALS, "measure"])
    capped = rows.loc[(rows["measure"] == "pathway") & rows["max_share"].notna(), "limit"]
    reached = reached[reached["limit"].isin(capped)].reset_index(drop=True)
    before = [part["before"].assign(measure=name) for name, parts in _by_measure(stage, pathway) for part in parts]
    past = _joined(before, [*_BEFORE, "measure"])
    past = past[past["limit"].isin(rows.loc[rows["max_share"].notna(), "limit"])]
    named = ["limit", "period", "position", "measure"]
    total = _joined([totals[named], reached[named], past[named]], named)
    total["before"] = lookup(total, past, ["limit", "period"], "before", 0.0).astype(float)
    total = total.drop_duplicates().sort_values(["limit", "position"], ignore_index=True)
    soft = rows[rows["soft_cost"].notna()]
    factor = discount.to_numpy()[soft["position"].to_numpy(dtype=np.int64)]
    return {
        "limits": rows,
        "totals": total[["limit", "period", "measure", "before"]],
        "total": total[["limit", "period"]],
        "excess": soft[["limit", "of", "period"]].assign(soft=soft["soft_cost"] * factor).reset_index(drop=True),
        "limit_uses": _joined([part["uses"] for part in stage], _USES),
        "limit_totals": totals[_TOTALS],
        "pathway_uses": _joined([part["uses"] for part in pathway], _USES),
        "pathway_totals": reached[_TOTALS],
        "buffer_uses": _joined([part["uses"] for part in buffers], _USES),
    }


def _by_measure(stage: tuple[Tables, ...], pathway: tuple[Tables, ...]) -> tuple[tuple[str, tuple[Tables, ...]], ...]:
    return ("stage", stage), ("pathway", pathway)


def _used_of(instance: Instance, policy: Policy, limit: Limit) -> tuple[tuple[str, float, float], ...]:
    """What of a limit over the horizon was used before the first period: of, inside, total (weighted units)."""
    if limit.per != "horizon":
        return ()
    return tuple(
        (row.of, row.inside, row.total)
        for row in instance.limits_used
        if (row.policy, row.limit) == (policy.name, limit.name)
    )


def _no_limits() -> Tables:
    """The same tables without rows, for a network without limits."""
    uses, totals = empty(_USES, _FIGURES), empty(_TOTALS, _FIGURES)
    return {
        "limits": empty(_LIMITS, _FIGURES),
        "totals": empty(["limit", "period", "measure", "before"], ["before"]),
        "total": empty(["limit", "period"]),
        "excess": empty(["limit", "of", "period", "soft"], ["soft"]),
        "limit_uses": uses,
        "limit_totals": totals,
        "pathway_uses": uses,
        "pathway_totals": totals,
        "buffer_uses": uses,
    }


def _joined(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    parts = [part for part in parts if len(part)]
    numbers = [name for name in _FIGURES if name in columns]
    return pd.concat(parts, ignore_index=True)[columns] if parts else empty(columns, numbers)


def _stage_limit(
    instance: Instance, limit: Limit, make: pd.DataFrame, used: tuple[tuple[str, float, float], ...]
) -> Tables:
    """Starts that a stage limit counts, inside and in total, and its rows."""
    window = instance.periods.window(limit.period)
    at = (make["stage"] == limit.stage) & make["period"].between(window.start, window.stop - 1)
    if limit.items:
        at &= make["item"].isin(limit.items)
    row = np.flatnonzero(at)
    scope = narrowed(make, ["item", "period", "yield", "capacity_use", limit.over]).take(row).reset_index(drop=True)
    scope["row"] = row
    scope["weight"] = scope["capacity_use" if limit.weight == "capacity" else "yield"].astype(float)
    if limit.weight == "value":
        scope["weight"] *= _values(instance, scope)
    scope = _counted(instance, limit, scope)
    if limit.of == "each":
        inside = scope.assign(of=scope[limit.over])
        inside = inside[inside["of"] != ""]
    else:
        members = instance.regions_of(limit.of) if limit.over == "region" else (limit.of,)
        inside = scope[scope[limit.over].isin(members)].assign(of=limit.of)
    rows = distinct(inside, ["of", "period", "position"])
    return _named(instance, limit, {"limits": rows.assign(demand=np.nan), "uses": inside, "totals": scope}, used)


def _pathway_limit(
    instance: Instance,
    limit: Limit,
    deliveries: pd.DataFrame,
    orders: pd.DataFrame,
    watches: tuple[Watch, ...],
    used: tuple[tuple[str, float, float], ...],
) -> Tables:
    """Deliveries that a pathway limit counts: inside what it watches for a cap, clear of it for a floor."""
    names = {(watch.over, watch.of): watch.name for watch in watches}
    window = instance.periods.window(limit.period)
    scope, ordered = deliveries.rename(columns={"place": "customer"}), orders[orders["ordered"]]
    parts = []
    for part in (scope, ordered):
        at = part["period"].between(window.start, window.stop - 1)
        if limit.items:
            at &= part["item"].isin(limit.items)
        if limit.customers:
            at &= part["customer"].isin(limit.customers)
        chosen = part[at].copy()
        chosen["weight"] = _values(instance, chosen) if limit.weight == "value" else 1.0
        parts.append(_counted(instance, limit, chosen))
    scope, ordered = parts
    demand = (ordered["weight"] * ordered["quantity"]).groupby([ordered["period"], ordered["position"]]).sum()
    floor = limit.min_free is not None
    if floor and used:
        at = pd.MultiIndex.from_tuples([(HORIZON, window.stop - 1)], names=demand.index.names)
        demand = demand.add(pd.Series([max(total for _, _, total in used)], index=at), fill_value=0.0)
    if floor:  # late deliveries in periods without an order do not count towards a floor
        scope = scope[pd.MultiIndex.from_frame(scope[["period", "position"]]).isin(demand.index)]
    inside, rows = [], []
    for of in watched_by(instance, limit):
        name = names[limit.over, of]
        touching = scope["touched"].isin(
            [touched for touched in scope["touched"].unique() if name in classes_of(touched)]
        )
        counted = scope[~touching if floor else touching].assign(of=of)
        counted["weight"] *= -1.0 if floor else 1.0
        inside.append(counted)
        keys = demand.index.to_frame(index=False) if floor else counted[["period", "position"]].drop_duplicates()
        rows.append(keys.assign(of=of))
    table = pd.concat(rows, ignore_index=True)
    ordered_in = pd.MultiIndex.from_frame(table[["period", "position"]])
    table["demand"] = demand.reindex(ordered_in).fillna(0.0).to_numpy()
    tables = {"limits": table, "uses": pd.concat(inside, ignore_index=True), "totals": scope}
    return _named(instance, limit, tables, used)


def _values(instance: Instance, table: pd.DataFrame) -> pd.Series:
    """The value (money a unit) of each row's item."""
    found = lookup(table, frame(instance, "items"), ["item"], "value", np.nan)
    return pd.Series(found.astype(float), index=table.index)


def _counted(instance: Instance, limit: Limit, scope: pd.DataFrame) -> pd.DataFrame:
    """For each row in the scope of a limit, the period in which it counts (label or horizon), and its position."""
    window = instance.periods.window(limit.period)
    if limit.per == "horizon":
        return scope.assign(position=window.stop - 1, period=HORIZON)
    labels = np.array(instance.periods.labels, dtype=object)
    return scope.assign(position=scope["period"], period=labels[scope["period"].to_numpy(dtype=np.int64)])


def _named(instance: Instance, limit: Limit, tables: Tables, used: tuple[tuple[str, float, float], ...]) -> Tables:
    """The tables of a limit with its name and figures, and with what was used before the first period."""
    rows = tables["limits"]
    past = pd.DataFrame(used, columns=["of", "used", "before"]).astype({"used": float, "before": float})
    past = past.assign(period=HORIZON, position=instance.periods.window(limit.period).stop - 1, limit=limit.name)
    more = past[~past["of"].isin(rows["of"])]
    if len(more):
        more = more.assign(demand=more["before"] if limit.measure == "pathway" else np.nan)
        rows = pd.concat([rows, narrowed(more, list(rows))] if len(rows) else [narrowed(more, list(rows))])
    rows = rows.assign(
        used=lookup(rows, past, ["of"], "used", 0.0).astype(float),
        limit=limit.name,
        measure=limit.measure,
        stage=limit.stage or "",
        over=limit.over,
        max_share=np.nan if limit.max_share is None else limit.max_share,
        min_free=np.nan if limit.min_free is None else limit.min_free,
        soft_cost=np.nan if limit.soft_cost is None else limit.soft_cost,
    )
    return {
        "limits": narrowed(rows, _LIMITS),
        "before": narrowed(past, _BEFORE).drop_duplicates(["limit", "period"]),
        "uses": narrowed(tables["uses"].assign(limit=limit.name), _USES),
        "totals": narrowed(tables["totals"].assign(limit=limit.name), _TOTALS),
    }
