"""Limits of a policy as rows: what counts inside a limit, and the total of which it is a share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.instance.periods import HORIZON
from planner.instance.policy import Limit, Policy
from planner.network.buffers import buffer_tables
from planner.network.frames import (
    Array,
    Tables,
    distinct,
    empty,
    in_order,
    is_one_of,
    label_rows,
    narrowed,
    renamed,
    rows_at,
    rows_where,
    stacked,
    table_of_columns,
    table_of_rows,
    text_column,
)
from planner.network.provenance import classes_of
from planner.network.recourse import Recourse
from planner.network.steps import Steps
from planner.network.watches import Watch, watched_by, watches_of

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
    rows = in_order(rows, ["limit", "of", "position"])
    capped = [part for part in pathway if _has_cap(part)]
    soft = rows_where(rows, ~np.isnan(rows["soft_cost"].to_numpy(dtype=float)))
    factor = discount.to_numpy()[soft["position"].to_numpy(dtype=np.int64)]
    total = _totals(stage, capped)
    return {
        "limits": rows,
        "totals": narrowed(total, ["limit", "period", "measure", "before"]),
        "total": narrowed(total, ["limit", "period"]),
        "excess": narrowed(soft, ["limit", "of", "period"]).assign(soft=soft["soft_cost"].to_numpy() * factor),
        "limit_uses": _joined([part["uses"] for part in stage], _USES),
        "limit_totals": _joined([part["totals"] for part in stage], _TOTALS),
        "pathway_uses": _joined([part["uses"] for part in pathway], _USES),
        "pathway_totals": _joined([part["totals"] for part in capped], _TOTALS),
        "buffer_uses": _joined([part["uses"] for part in buffers], _USES),
    }


def _has_cap(part: Tables) -> bool:
    """Whether the rows of a limit have a largest share."""
    return len(part["limits"]) > 0 and not bool(np.isnan(part["limits"]["max_share"].iloc[0]))


def _totals(stage: Iterable[Tables], capped: Iterable[Tables]) -> pd.DataFrame:
    """The totals of which limits are shares: limit, period, position, measure, and what counted before (`before`).

    Args:
        stage: the tables of each stage limit.
        capped: those of each pathway limit with a largest share.
    """
    keys = ["limit", "period", "position"]
    parts = [*(("stage", part) for part in stage), *(("pathway", part) for part in capped)]
    past = [(kind, part["before"]) for kind, part in parts if _has_cap(part)]
    tables = [*((kind, part["totals"]) for kind, part in parts), *past]
    total = in_order(distinct(_joined([table for _, table in tables], keys), keys), ["limit", "position"])
    measure = {name: kind for kind, table in tables for name in set(table["limit"].tolist())}
    before = {tuple(key): figure for _, table in past for *key, figure in label_rows(table, [*keys[:2], "before"])}
    total["measure"] = text_column([measure[name] for name in total["limit"].tolist()])
    total["before"] = np.array([before.get(key, 0.0) for key in label_rows(total, keys[:2])], dtype=float)
    return total


def _used_of(instance: Instance, policy: Policy, limit: Limit) -> tuple[tuple[str, float, float], ...]:
    """What of a limit over the horizon was used before the first period: of, inside, total (weighted units)."""
    if limit.per != "horizon":
        return ()
    return tuple(
        (row.of, row.inside, row.total)
        for row in instance.limits_used
        if (row.policy, row.limit) == (policy.name, limit.name) and limit.speaks_of(row.of)
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
    return stacked(((part, columns) for part in parts), columns) if parts else empty(columns, _FIGURES)


def _stage_limit(
    instance: Instance, limit: Limit, make: pd.DataFrame, used: tuple[tuple[str, float, float], ...]
) -> Tables:
    """Starts that a stage limit counts, inside and in total, and its rows."""
    at = _in_window(instance, limit, make) & is_one_of(make["stage"], (limit.stage or "",))
    row = np.flatnonzero(at & is_one_of(make["item"], limit.items) if limit.items else at)
    weight = make["capacity_use" if limit.weight == "capacity" else "yield"].to_numpy(dtype=float)[row]
    if limit.weight == "value":
        weight = weight * _values(instance, make["item"].to_numpy()[row])
    place = make[limit.over].to_numpy()[row]
    if limit.of == "each":
        within, of = place != "", place
    else:
        members = instance.regions_of(limit.of) if limit.over == "region" else (limit.of,)
        within, of = is_one_of(place, members), np.full(len(row), limit.of, dtype=object)
    counted = _counted(instance, limit, make["period"].to_numpy(dtype=np.int64)[row])
    scope = table_of_columns({"row": row, "weight": weight, "of": text_column(of), **counted})
    inside = rows_where(scope, within)
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
    keys = ["period", "position"]
    scope = _chosen(instance, limit, renamed(deliveries, {"place": "customer"}))
    ordered = _chosen(instance, limit, rows_where(orders, orders["ordered"].to_numpy(dtype=bool)))
    demand: defaultdict[tuple[str, int], float] = defaultdict(float)
    for *key, weight, quantity in label_rows(ordered, [*keys, "weight", "quantity"]):
        demand[*key] += weight * quantity
    floor = limit.min_free is not None
    if floor and used:
        demand[HORIZON, instance.periods.window(limit.period).stop - 1] += max(total for _, _, total in used)
    if floor:  # late deliveries in periods without an order do not count towards a floor
        scope = rows_where(scope, np.array([key in demand for key in label_rows(scope, keys)], dtype=bool))
    names = {(watch.over, watch.of): watch.name for watch in watches}
    touched = scope["touched"].tolist()
    classes = {marks: classes_of(marks) for marks in set(touched)}
    watched = watched_by(instance, limit)
    inside = []
    for of in watched:
        touching = {marks for marks, watches_in in classes.items() if names[limit.over, of] in watches_in}
        inside.append(np.array([(marks in touching) != floor for marks in touched], dtype=bool))
    counted = rows_at(scope, np.concatenate([np.flatnonzero(flags) for flags in inside]))
    counted["of"] = text_column(np.repeat(np.array(watched, dtype=object), [int(flags.sum()) for flags in inside]))
    if floor:
        counted["weight"] *= -1.0
        rows = table_of_rows([(of, *key) for of in watched for key in demand], ["of", *keys], {"position": np.int64})
    else:
        rows = distinct(counted, ["of", *keys])
    rows["demand"] = np.array([demand.get(key, 0.0) for key in label_rows(rows, keys)], dtype=float)
    return _named(instance, limit, {"limits": rows, "uses": counted, "totals": scope}, used)


def _in_window(instance: Instance, limit: Limit, table: pd.DataFrame) -> Array:
    """A flag for each row: its period is one of the limit's."""
    window, period = instance.periods.window(limit.period), table["period"].to_numpy(dtype=np.int64)
    found: Array = (period >= window.start) & (period < window.stop)
    return found


def _chosen(instance: Instance, limit: Limit, table: pd.DataFrame) -> pd.DataFrame:
    """The rows of deliveries or orders in the scope of a pathway limit, with their weight."""
    at = _in_window(instance, limit, table)
    for name, chosen in (("item", limit.items), ("customer", limit.customers)):
        at &= is_one_of(table[name], chosen) if chosen else True
    scope = rows_where(table, at)
    weight = _values(instance, scope["item"].to_numpy()) if limit.weight == "value" else 1.0
    return scope.assign(weight=weight, **_counted(instance, limit, scope["period"].to_numpy(dtype=np.int64)))


def _values(instance: Instance, items: Array) -> Array:
    """The value (money a unit) of each of some items."""
    each = instance.value_of
    return np.array([each[item] for item in items.tolist()], dtype=float)


def _counted(instance: Instance, limit: Limit, period: Array) -> dict[str, Any]:
    """The period (label or horizon) in which each row in the scope of a limit counts, by its own, and its position."""
    if limit.per == "horizon":
        period = np.full(len(period), instance.periods.window(limit.period).stop - 1)
        return {"period": text_column([HORIZON] * len(period)), "position": period}
    labels = instance.periods.labels
    return {"period": text_column([labels[at] for at in period.tolist()]), "position": period}


def _named(instance: Instance, limit: Limit, tables: Tables, used: tuple[tuple[str, float, float], ...]) -> Tables:
    """The tables of a limit with its name and figures, and with what was used before the first period."""
    rows, last = tables["limits"], instance.periods.window(limit.period).stop - 1
    known = set(rows["of"].tolist())
    more = [
        (of, HORIZON, last, total if limit.measure == "pathway" else np.nan) for of, _, total in used if of not in known
    ]
    if more:
        added = table_of_rows(more, ["of", "period", "position", "demand"], {"position": np.int64, "demand": float})
        rows = pd.concat([rows, added], ignore_index=True) if len(rows) else added
    inside = {of: share for of, share, _ in used}
    texts = {"limit": limit.name, "measure": limit.measure, "stage": limit.stage or "", "over": limit.over}
    figures = {name: getattr(limit, name) for name in ("max_share", "min_free", "soft_cost")}
    columns = {
        **{name: rows[name] for name in ("of", "period", "position", "demand")},
        "used": np.array([inside.get(of, 0.0) for of in rows["of"].tolist()], dtype=float),
        **{name: text_column([text] * len(rows)) for name, text in texts.items()},
        **{name: np.full(len(rows), np.nan if figure is None else figure) for name, figure in figures.items()},
    }
    before = [(limit.name, HORIZON, last, total) for _, _, total in used[:1]]
    return {
        "limits": table_of_columns({name: columns[name] for name in _LIMITS}),
        "before": table_of_rows(before, _BEFORE, {"position": np.int64, "before": float}),
        **{
            name: narrowed(tables[name].assign(limit=text_column([limit.name] * len(tables[name]))), columns)
            for name, columns in (("uses", _USES), ("totals", _TOTALS))
        },
    }
