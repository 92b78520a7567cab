"""Exposure of the pathway: the share of delivered units that touched a region anywhere in their making."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.instance.periods import HORIZON
from planner.network.frames import distinct, group_numbers, in_order
from planner.network.provenance import classes_of
from planner.network.watches import Watch
from planner.plan.columns import COLUMNS
from planner.plan.flows import PlanFlows, plan_flows
from planner.plan.measures.blending import clear_shares, settled_shares
from planner.plan.measures.exposure import OVER
from planner.plan.rounding import rounded
from planner.solve.lot_segregation import Scopes, most_clear
from planner.solve.solution import Array

MEASURE = "pathway"
FIGURES = ["share", "blended", "least"]


def pathway_table(
    instance: Instance, tables: Mapping[str, pd.DataFrame], watched: Sequence[Watch] = ()
) -> pd.DataFrame:
    """Exposure of the pathway by customer, product and period.

    blended(r) = sum_d delivered_d * e_d / sum_d delivered_d,  where a flow has
        e_f = 1 - (work outside r) * prod_(j taken) (1 - e_j),  e_pool = sum_(f into pool) given_f * e_f / sum given_f
    least(r) = 1 - max sum_d x_d / sum_d delivered_d  over the clear part x_f <= f of every flow of the plan
    share(r) = delivered in classes that contain r / delivered  (where classes are written, else blended)

    All three are shares of units (0-1) with least <= blended and least <= share; they are equal where everything
    comes from one source. Least of several customers, products or periods together is a program of its own: it is at
    most the weighted mean of their own least shares.

    Args:
        instance: what was planned, the scenario applied.
        tables: the plan's tables; production, shipments and stock are read.
        watched: what the plan's classes follow (`watches_of`); empty where no class is written.

    Returns:
        customer and item (empty for all together), over, of (each region that has part in the plan, each region
        group, and what is watched), period (of arrival, or `horizon` for all reported periods), delivered (units),
        share, blended and least. Where nothing is delivered there is no row.

    Raises:
        UsageError: the tables are not of this instance.
        SolverError: the least exposure could not be proved.
    """
    return _measured(instance, tables, watched, [["customer", "item"], ["customer"], ["item"], []])


def pathway_exposure(
    instance: Instance,
    tables: Mapping[str, pd.DataFrame],
    watched: Sequence[Watch] = (),
    limits: pd.DataFrame | None = None,
    *,
    segregated: bool = True,
) -> pd.DataFrame:
    """Exposure of the pathway of all customers and products together: rows of the exposure table.

    least <= share, least <= blended     (shares of delivered units, 0-1; formulas as in `pathway_table`)

    Args:
        instance, tables, watched: as `pathway_table`.
        limits: (over, of, period, max_share) of the limits in force on all deliveries, shown beside the share.
        segregated: whether the least shares are wanted, which take a solver; without them they are empty.

    Returns:
        measure (`pathway`), stage (empty), over, of, period (a label, or `horizon`), share, blended, least, limit.

    Raises:
        UsageError, SolverError: as `pathway_table`.
    """
    table = _measured(instance, tables, watched, [[]], segregated=segregated)
    table["measure"], table["stage"], table["limit"] = MEASURE, "", np.nan
    if limits is not None and len(limits):
        tight = limits.groupby(["over", "of", "period"])["max_share"].min()
        keys = pd.MultiIndex.from_frame(table[["over", "of", "period"]])
        table["limit"] = rounded(tight.reindex(keys).to_numpy())
    return table[list(COLUMNS["exposure"])]


def reported_shares(
    instance: Instance, tables: Mapping[str, pd.DataFrame], watched: Sequence[Watch] = ()
) -> dict[str, float]:
    """The share of the units delivered in the reported periods that touched each region or region group.

    share(r) = delivered in classes that contain r / delivered  (where classes are written, else blended)

    It is that of `pathway_exposure` over the horizon, without the least share, which takes far longer.

    Args:
        instance, tables, watched: as `pathway_table`.

    Returns:
        shares (0-1) by region and region group that has part in the plan; empty where nothing is delivered.

    Raises:
        UsageError: the tables are not of this instance.
    """
    labelled = plan_flows(instance, tables)
    watches = _watches(instance, labelled, tables, watched)
    reported = labelled.deliveries["period"].isin(instance.report_periods).to_numpy(dtype=bool)
    deliveries = labelled.deliveries[reported].reset_index(drop=True)
    units = deliveries["units"].to_numpy(dtype=float)
    if not units.sum() > 0:
        return {}
    flow = deliveries["flow"].to_numpy(dtype=np.int64)
    touched = 1.0 - clear_shares(labelled, labelled.touches(watches)).flows[flow]
    blended = (touched * units[:, None]).sum(axis=0) / units.sum()
    by_class = _assigned(instance, deliveries, tables["shipments"], watches, watched)
    assigned = (by_class * units[:, None]).sum(axis=0) / units.sum()
    shares = rounded(settled_shares(np.where(np.isnan(assigned), blended, assigned)))
    return {watch.of: float(share) for watch, share in zip(watches, shares, strict=True) if watch.over == "region"}


def pathway_summary(exposure: pd.DataFrame) -> list[dict[str, Any]]:
    """Exposure of the pathway over the reported periods, from the exposure table.

    least <= share, least <= blended     (shares of delivered units, 0-1; formulas as in `pathway_table`)

    Returns:
        measure, stage (None: every stage counts), over, of, share, blended and least (0-1), hhi (None: what a unit
        touches does not add up to one).
    """
    rows = exposure[(exposure["measure"] == MEASURE) & (exposure["period"] == HORIZON)]
    return [
        {
            "measure": MEASURE,
            "stage": None,
            "over": str(row.over),
            "of": str(row.of),
            **{name: float(getattr(row, name)) for name in FIGURES},
            "hhi": None,
        }
        for row in rows.itertuples()
    ]


def _measured(
    instance: Instance,
    tables: Mapping[str, pd.DataFrame],
    watched: Sequence[Watch],
    levels: list[list[str]],
    *,
    segregated: bool = True,
) -> pd.DataFrame:
    """The three exposures to every watch, for the deliveries of each group of customers and items.

    `levels` are the groupings, as lists of columns: by customer and item, by customer, by item, and all together.
    """
    labelled = plan_flows(instance, tables)
    watches = _watches(instance, labelled, tables, watched)
    scopes = _scopes(instance, labelled.deliveries, levels)
    blend = clear_shares(labelled, labelled.touches(watches))
    delivered = np.bincount(scopes.numbers.scope, weights=scopes.numbers.units, minlength=scopes.numbers.count)
    total = delivered[:, None]

    def summed(shares: Array) -> Array:
        sums = np.zeros((scopes.numbers.count, len(watches)))
        np.add.at(sums, scopes.numbers.scope, shares * scopes.numbers.units[:, None])
        return sums / total

    blended = summed(1.0 - blend.flows[scopes.numbers.flow])
    assigned = _assigned(instance, labelled.deliveries, tables["shipments"], watches, watched)
    share = summed(assigned[scopes.delivery])
    share = np.where(np.isnan(share), blended, share)
    least = np.full_like(blended, np.nan)
    if segregated:
        least = 1.0 - most_clear(labelled.flows, blend.flows, blend.pools, scopes.numbers) / total
        least = np.minimum(least, np.minimum(blended, share))
    table = scopes.keys.iloc[np.repeat(np.arange(scopes.numbers.count), len(watches))].reset_index(drop=True)
    table["over"] = np.tile([watch.over for watch in watches], scopes.numbers.count)
    table["of"] = np.tile([watch.of for watch in watches], scopes.numbers.count)
    table["delivered"] = np.repeat(rounded(delivered), len(watches))
    for name, figures in zip(FIGURES, (share, blended, least), strict=True):
        table[name] = rounded(settled_shares(figures.ravel()))
    return _in_order(instance, table)[["customer", "item", "over", "of", "period", "delivered", *FIGURES]]


def _watches(
    instance: Instance, labelled: PlanFlows, tables: Mapping[str, pd.DataFrame], watched: Sequence[Watch]
) -> list[Watch]:
    """The watches to measure: each region that takes part in the plan, each region group, and the policy's watches."""
    region = instance.region_of
    marks = frozenset[str]().union(*labelled.regions)
    worked = {mark.removeprefix("site:") for mark in marks if mark.startswith("site:")}
    sites = {*labelled.site, *tables["stock"]["site"], *worked}  # among them customers, who hand over what arrives
    used = {region[site] for site in sites if site in region} | {mark for mark in marks if ":" not in mark}
    found = {(watch.over, watch.of): watch for watch in watched}
    for name in (*sorted(used - instance.region_groups.keys()), *sorted(instance.region_groups)):
        members = frozenset(instance.regions_of(name))
        inside = frozenset(site for site, own in region.items() if own in members)
        found.setdefault(("region", name), Watch("region", name, name, inside, members | {name}))
    return list(found.values())


@dataclass(frozen=True)
class _Scopes:
    """Sets of deliveries to be measured together.

    Attributes:
        keys: the labels of each set: customer, item, period.
        numbers: the sets as numbers, for `most_clear`.
        delivery: for each entry of `numbers`, the row of the delivery.
    """

    keys: pd.DataFrame
    numbers: Scopes
    delivery: Array


def _scopes(instance: Instance, deliveries: pd.DataFrame, levels: Iterable[list[str]]) -> _Scopes:
    """The sets of deliveries of every period and of the reported horizon, at each grouping in `levels`."""
    labels = np.array(instance.periods.labels, dtype=object)
    reported = deliveries["period"].isin(instance.report_periods).to_numpy(dtype=bool)
    dated = deliveries.assign(delivery=np.arange(len(deliveries)))
    dated["period"] = labels[dated["period"].to_numpy(dtype=np.int64)]
    timed = pd.concat([dated, dated[reported].assign(period=HORIZON)], ignore_index=True)
    keys = ["customer", "item", "period"]
    rows = pd.concat(
        [timed.assign(**{name: "" for name in ("customer", "item") if name not in level}) for level in levels],
        ignore_index=True,
    )
    rows["scope"] = group_numbers(rows, columns=keys)[0]
    numbers = Scopes(
        count=int(rows["scope"].max() + 1) if len(rows) else 0,
        scope=rows["scope"].to_numpy(dtype=np.int64),
        flow=rows["flow"].to_numpy(dtype=np.int64),
        units=rows["units"].to_numpy(dtype=float),
    )
    return _Scopes(distinct(rows, keys), numbers, rows["delivery"].to_numpy(dtype=np.int64))


def _assigned(
    instance: Instance,
    deliveries: pd.DataFrame,
    shipments: pd.DataFrame,
    watches: Sequence[Watch],
    watched: Sequence[Watch],
) -> Array:
    """By (delivery, watch), the share delivered in classes that contain the watch; NaN where it is not watched."""
    found = np.full((len(deliveries), len(watches)), np.nan)
    if "touched" not in shipments or not watched:
        return found
    keys = ["customer", "item", "period"]
    arriving = shipments.assign(customer=shipments["to"], period=shipments["arrives"].map(instance.periods.index))
    total = arriving.groupby(keys)["quantity"].sum()
    index = pd.MultiIndex.from_frame(deliveries[keys])
    for number, watch in enumerate(watches):
        if watch in watched:
            names = {touched: watch.name in classes_of(touched) for touched in set(arriving["touched"])}
            inside = arriving.loc[arriving["touched"].map(names).astype(bool)].groupby(keys)["quantity"].sum()
            found[:, number] = (inside.reindex(index).fillna(0.0) / total.reindex(index)).to_numpy(dtype=float)
    return found


def _in_order(instance: Instance, table: pd.DataFrame) -> pd.DataFrame:
    period = {**instance.periods.index, HORIZON: len(instance.periods)}
    ranked = table.assign(
        _over=[OVER.index(name) for name in table["over"].tolist()],
        _period=[period[label] for label in table["period"].tolist()],
    )
    return in_order(ranked, ["customer", "item", "_over", "of", "_period"])
