"""The blended exposure: where lots mix in each pool, the part of each flow that is clear of some sites."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.network.watches import Watch
from planner.plan.flows import PlanFlows, plan_flows
from planner.plan.rounding import NEGLIGIBLE
from planner.solve.solution import Array


@dataclass(frozen=True)
class Blend:
    """The share (0-1) of each flow and pool that is clear, by watch, where lots mix within pools."""

    flows: Array
    pools: Array


def clear_shares(labelled: PlanFlows, touches: Array) -> Blend:
    """The clear shares where lots mix, computed from period to period and up the bill of materials.

    Lanes without lead time join pools of one period and item, even in a circle; there a system of equations is solved.

    Args:
        labelled: the flows of a plan.
        touches: by flow and watch, whether the work of the flow touches the watch.
    """
    flows = labelled.flows
    place = labelled.pools[["period", "level"]].to_numpy(dtype=np.int64)
    turn = np.r_[0, np.cumsum((np.diff(place, axis=0) != 0).any(axis=1))] if len(place) else np.zeros(0, np.int64)
    last = int(turn.max(initial=-1)) + 1  # the turn of what leaves all pools: deliveries
    turn_of_flow = np.where(flows.into >= 0, turn[flows.into] if len(turn) else 0, last)
    flows_by_turn = _by_turn(turn_of_flow, last + 1)
    takes_by_turn = _by_turn(turn_of_flow[flows.flow], last + 1)
    coming = np.bincount(flows.into[flows.into >= 0], weights=flows.given[flows.into >= 0], minlength=flows.pools)
    clear_pools = np.zeros((flows.pools, touches.shape[1]))
    clear_flows = np.where(touches, 0.0, 1.0)
    for number, (own, takes) in enumerate(zip(flows_by_turn, takes_by_turn, strict=True)):
        within = turn[flows.pool[takes]] == number
        outer, inner = takes[~within], takes[within]
        np.multiply.at(clear_flows, flows.flow[outer], clear_pools[flows.pool[outer]])
        if number == last:
            break
        waiting = np.zeros(len(clear_flows), dtype=bool)
        waiting[flows.flow[inner]] = True
        ready = own[~waiting[own]]
        part = flows.given[ready] / coming[flows.into[ready]]
        np.add.at(clear_pools, flows.into[ready], part[:, None] * clear_flows[ready])
        if len(inner):
            begin, end = np.searchsorted(turn, [number, number + 1])
            moves = flows.flow[inner]
            mixing = np.eye(end - begin)
            share = flows.given[moves] / coming[flows.into[moves]]
            np.add.at(mixing, (flows.into[moves] - begin, flows.pool[inner] - begin), -share)
            clear_pools[begin:end] = np.linalg.solve(mixing, clear_pools[begin:end])
            np.multiply.at(clear_flows, moves, clear_pools[flows.pool[inner]])
    return Blend(clear_flows, np.clip(clear_pools, 0.0, 1.0))


def _by_turn(turns: Array, count: int) -> list[Array]:
    """The positions at which each turn from 0 to count - 1 stands, in order."""
    order = np.argsort(turns, kind="stable")
    return np.split(order, np.searchsorted(turns[order], np.arange(1, count)))


def settled_shares(shares: Array) -> Array:
    """Shares with values within `NEGLIGIBLE` of 0 or 1 (and those outside) set to 0 or 1."""
    shares = np.where(shares < NEGLIGIBLE, 0.0, shares)
    cleaned: Array = np.where(shares > 1.0 - NEGLIGIBLE, 1.0, shares)
    return cleaned


def units_touched(instance: Instance, tables: Mapping[str, pd.DataFrame], sites: Collection[str]) -> float:
    """Units delivered over all planned periods that touched any of some sites: the blended exposure of the pathway.

    sum_d delivered_d * e_d     (e as in `pathway_table`, blended)

    Opening stock and arrivals count as touched where they stand inside, or where their column `touched` names a
    region whose sites are all inside. Work touches; standing in stock or passing through does not.

    Args:
        instance: what was planned, the scenario applied.
        tables: production, shipments and stock of the plan; classes are added up.
        sites: the sites.

    Returns:
        units.

    Raises:
        UsageError: the tables are not of this instance.
    """
    inside = frozenset(sites)
    outside = {row.region for row in instance.sites if row.site not in inside}
    whole = frozenset(row.region for row in instance.sites if row.region not in outside)
    labelled = plan_flows(instance, tables)
    touches = labelled.touches([Watch("site", "", "", inside, whole)])
    clear = clear_shares(labelled, touches).flows[labelled.deliveries["flow"].to_numpy(dtype=np.int64)]
    units = labelled.deliveries["units"].to_numpy(dtype=float)
    return float((units[:, None] * settled_shares(1.0 - clear)).sum(axis=0)[0])
