"""The flows of a plan as numbers: what each start, departure, stock and source takes from pools and gives into them.

A pool is an item at a site in a period. Pools are numbered by period and then by their depth in the bill of
materials. So what flows into a pool comes from earlier ones, or over a lane without lead time from one of the same
period and item.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.errors import UsageError
from planner.instance.instance import Instance
from planner.network.frames import by_period, distinct, in_order, narrowed, positions, summed, with_new_names
from planner.network.making import PROCESS, components_taken
from planner.network.moving import marks_on
from planner.network.watches import Watch
from planner.solve.lot_segregation import Flows
from planner.solve.solution import Array

_POOL = ["site", "item", "period"]


@dataclass(frozen=True)
class PlanFlows:
    """The flows of a plan with their labels.

    Attributes:
        flows: the flows between pools, as numbers.
        pools: site, item, period (position), level (depth in the bill of materials).
        site: of each flow, the site whose watches it touches (work, opening stock, arrivals); empty for other flows.
        regions: for each flow, what else it has touched (`marks_on`); only opening stock and arrivals have entries.
        deliveries: flow, customer, item, period (position of arrival), units.
    """

    flows: Flows
    pools: pd.DataFrame
    site: Array
    regions: tuple[tuple[str, ...], ...]
    deliveries: pd.DataFrame

    def touches(self, watches: Iterable[Watch]) -> Array:
        """By (flow, watch), whether the flow itself touches what is watched."""
        number, sites = pd.factorize(self.site)
        marked = [at for at, regions in enumerate(self.regions) if regions]
        columns = []
        for watch in watches:
            column = np.array([site in watch.sites for site in sites], dtype=bool)[number]
            for at in marked:
                marks = self.regions[at]
                worked = {mark.removeprefix("site:") for mark in marks if mark[:5] == "site:"}
                column[at] |= not (watch.regions.isdisjoint(marks) and watch.sites.isdisjoint(worked))
            columns.append(column)
        return np.column_stack(columns) if columns else np.zeros((len(self.site), 0), dtype=bool)


def plan_flows(instance: Instance, tables: Mapping[str, pd.DataFrame]) -> PlanFlows:
    """The flows of a plan, classes added up.

    Args:
        instance: what was planned, the scenario applied.
        tables: the plan's tables; production, shipments and stock are read.

    Raises:
        UsageError: something was started that the instance does not know.
    """
    count = len(instance.periods)
    starts, uses = _starts(instance, tables["production"])
    sent = _sent(instance, tables["shipments"])
    kept = _added(instance, tables["stock"], _POOL, ["quantity"])
    sources = _sources(instance)
    outside = sent["to"].isin(instance.customer_ids).to_numpy(dtype=bool)
    into = pd.concat(
        [
            with_new_names(narrowed(starts, ["site", "item", "finish"]), _POOL),
            with_new_names(narrowed(sent, ["to", "item", "arrive"]), _POOL),
            narrowed(kept, _POOL).assign(period=kept["period"] + 1),
            narrowed(sources, _POOL),
        ],
        ignore_index=True,
    )
    first_sent, first_kept = len(starts), len(starts) + len(sent)
    first_source = first_kept + len(kept)
    leaves = np.zeros(len(into), dtype=bool)
    leaves[first_sent:first_kept] = outside
    leaves |= into["period"].to_numpy(dtype=np.int64) >= count
    takes = pd.concat(
        [
            uses,
            with_new_names(narrowed(sent, ["from", "item", "period", "quantity"]), [*_POOL, "taken"]).assign(
                flow=np.arange(first_sent, first_kept)
            ),
            with_new_names(narrowed(kept, [*_POOL, "quantity"]), [*_POOL, "taken"]).assign(
                flow=np.arange(first_kept, first_source)
            ),
        ],
        ignore_index=True,
    )
    pools = _pools(instance, pd.concat([into[~leaves], narrowed(takes, _POOL)], ignore_index=True))
    flows = Flows(
        pools=len(pools),
        into=np.where(leaves, -1, positions(into, pools, _POOL)),
        given=np.concatenate([starts["finished"], sent["quantity"], kept["quantity"], sources["quantity"]]),
        flow=takes["flow"].to_numpy(dtype=np.int64),
        pool=positions(takes, pools, _POOL),
        taken=takes["taken"].to_numpy(dtype=float),
    )
    site = np.full(len(into), "", dtype=object)
    site[:first_sent] = starts["site"]
    site[first_source:] = list(map(_worked_at, sources["site"], sources["touched"]))
    deliveries = narrowed(sent[outside], ["to", "item", "arrive", "quantity"]).reset_index(drop=True)
    deliveries = with_new_names(deliveries, ["customer", "item", "period", "units"])
    deliveries.insert(0, "flow", first_sent + np.flatnonzero(outside))
    regions = ((),) * first_source + tuple(sources["touched"])
    return _with_what_is_missing(PlanFlows(flows, pools, site, regions, deliveries))


def _worked_at(site: str, touched: tuple[str, ...]) -> str:
    """The site of opening stock or arrivals where it has worked on them; empty where it has not."""
    return site if f"site:{site}" in touched else ""


def _added(instance: Instance, table: pd.DataFrame, keys: list[str], figures: list[str]) -> pd.DataFrame:
    """Figures of a table added up over classes, with periods as positions."""
    found = summed(table, keys, figures)
    found["period"] = _positions(instance, found["period"])
    return found


def _positions(instance: Instance, labels: pd.Series) -> Array:
    """The positions of periods that are given by their labels."""
    index = instance.periods.index
    return np.array([index[label] for label in labels.tolist()], dtype=np.int64)


def _starts(instance: Instance, production: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Starts with their period of finish; and the components that they take: site, item, period, taken, flow."""
    starts = _added(instance, production, PROCESS, ["started", "finished"])
    known = by_period(instance, "processes")
    at = positions(starts, known, PROCESS)
    starts["finish"] = starts["period"].to_numpy() + known["lead_time"].to_numpy(dtype=np.int64)[at]
    strange = (at < 0) | (starts["finish"].to_numpy() >= len(instance.periods))
    if strange.any():
        row = starts[strange].iloc[0]
        raise UsageError(f"The plan starts {row['item']} at {row['site']}, which the instance does not know.")
    uses = components_taken(instance, starts)
    flow = uses["row"].to_numpy(dtype=np.int64)
    taken = uses["quantity"] * starts["started"].to_numpy()[flow]
    uses = with_new_names(narrowed(uses, ["site", "component", "period"]), _POOL)
    return starts, uses.assign(taken=taken, flow=flow)


def _sent(instance: Instance, shipments: pd.DataFrame) -> pd.DataFrame:
    """Departures with their arrival, but without those that return to the same site in the same period."""
    sent = _added(instance, shipments, ["from", "to", "item", "period", "arrives"], ["quantity"])
    sent["arrive"] = _positions(instance, sent.pop("arrives"))
    handed = sent["to"].isin(instance.customer_ids)  # also what is handed over at its customer
    return sent[(sent["from"] != sent["to"]) | (sent["arrive"] > sent["period"]) | handed].reset_index(drop=True)


def _sources(instance: Instance) -> pd.DataFrame:
    """Opening stock and arrivals: site, item, period, quantity, touched (`marks_on`)."""
    rows = [(row.site, row.item, 0, row.opening, marks_on(row)) for row in instance.stocks] + [
        (row.site, row.item, period, row.quantity, marks_on(row))
        for row in instance.arrivals
        for period in instance.periods.window(row.period)
    ]
    sources = pd.DataFrame([row for row in rows if row[3] > 0], columns=[*_POOL, "quantity", "touched"])
    return sources.astype({"period": np.int64, "quantity": float})


def _pools(instance: Instance, keys: pd.DataFrame) -> pd.DataFrame:
    """The distinct pools of some keys, with their depth, sorted by period and depth."""
    pools, depth = distinct(keys, _POOL), instance.bill.depth
    pools["level"] = np.array([depth[item] for item in pools["item"]], dtype=np.int64)
    return in_order(pools, ["period", "level", "item", "site"])


def _with_what_is_missing(labelled: PlanFlows) -> PlanFlows:
    """The flows with a source added for each pool that something leaves although nothing comes in.

    Figures below 1e-9 of their column's largest have no row in the tables, so a small flow can lack its origin. The
    added source counts as touching the site at which it stands.
    """
    flows = labelled.flows
    period = labelled.pools["period"].to_numpy()
    turns = np.bincount(flows.flow, minlength=len(flows.into))
    taken_from = np.full(len(flows.into), -1, dtype=np.int64)
    taken_from[flows.flow] = flows.pool
    staying = flows.into >= 0
    waits = staying & (turns == 1) & (labelled.site == "")
    waits[waits] = period[flows.into[waits]] == period[taken_from[waits]]
    fed = np.zeros(flows.pools, dtype=bool)
    fed[flows.into[staying & ~waits]] = True
    while True:
        arrives = waits & np.where(waits, fed[taken_from], False)
        if fed[flows.into[arrives]].all():
            break
        fed[flows.into[arrives]] = True
    leaving = np.bincount(flows.pool, weights=flows.taken, minlength=flows.pools)
    bare = np.flatnonzero(~fed & (leaving > 0))
    if not len(bare):
        return labelled
    return PlanFlows(
        Flows(
            flows.pools,
            np.concatenate([flows.into, bare]),
            np.concatenate([flows.given, leaving[bare]]),
            flows.flow,
            flows.pool,
            flows.taken,
        ),
        labelled.pools,
        np.concatenate([labelled.site, labelled.pools["site"].to_numpy(dtype=object)[bare]]),
        (*labelled.regions, *((),) * len(bare)),
        labelled.deliveries,
    )
