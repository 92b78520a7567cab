"""The starts, departures and places that can be part of a plan at all.

They depend on what exists and how long it takes, never on quantities, capacities, costs or prices. So a what-if on such
figures can reuse them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.network.departures import can_be_wanted, departures_of
from planner.network.frames import Array, label_rows, rows_where, table_of_rows
from planner.network.moving import usual_holding_costs
from planner.network.reach import (
    PLACE,
    Candidates,
    Lanes,
    Place,
    present_places,
    reach_in_time,
    spread_places,
    useful_places,
)

Places = frozenset[Place]
START = ["site", "item", "period", "finish"]
SOURCE = [*PLACE, "period"]


@dataclass(frozen=True)
class Possible:
    """What can be part of a plan.

    Attributes:
        starts: rows of the candidates that can start.
        uses: the components that each takes: row (position in `starts`), site, component, period, quantity.
        departures: from, to, item, period, arrive, lane (row of the lane that applies), sorted.
        places: place and item, sorted.
        keeps, listed: flags of each place: whether stock can stand there, and whether the instance allows it.
        present: flags of each place and period: whether the item can be there.
    """

    starts: Array
    uses: pd.DataFrame
    departures: pd.DataFrame
    places: pd.DataFrame
    keeps: Array
    listed: Array
    present: Array


@dataclass(frozen=True)
class GivenTables:
    """The labels of what an instance has, from which it follows what is possible.

    Attributes:
        lanes: from, to, item, period, lead_time: the lane that applies.
        starts: site, item, period, finish of each candidate.
        uses: row (of starts), site, component, period, quantity.
        sources: place, item, period of opening stock and arrivals.
        orders: customer, item, period in which something is owed.
    """

    lanes: pd.DataFrame
    starts: pd.DataFrame
    uses: pd.DataFrame
    sources: pd.DataFrame
    orders: pd.DataFrame


@dataclass(frozen=True)
class Wanted:
    """Where units are wanted, where more than that can be, and where none: places, each with an item.

    Attributes:
        ends: what is wanted for its own sake (`ends_in_themselves`).
        left: what can be more than orders need (`may_be_left`).
        cheaper: where keeping that may cost less (`where_keeping_differs`).
        promised: where a stock must be, whether it can or not (`promised_stocks`).
        left_out: where nothing goes because another site stands for it (network/passing.py).
    """

    ends: Places
    left: Places
    cheaper: Places
    promised: Places
    left_out: Places


def ends_in_themselves(
    instance: Instance,
    stages: frozenset[str],
    buffered: frozenset[str],
    starts: pd.DataFrame,
    orders: pd.DataFrame,
    lanes: pd.DataFrame,
) -> Places:
    """The places and items that are wanted for their own sake, not only as a component.

    These are orders, promised stocks and commitments; what is made at the given stages, because a limit or min_sources
    counts it (making more elsewhere can satisfy them); what buffers hold, where it is made or listed; and what earns
    money when it starts, or when it comes over a lane.
    """
    kept = {(row.site, row.item) for row in instance.stocks if row.item in buffered}
    pledged = {(row.site, row.item) for row in instance.commitments if row.item is not None}
    reserved = {row.line for row in instance.commitments if row.item is None}
    earning = (starts["production"].to_numpy(dtype=float) < 0).tolist()
    made = [
        (site, item)
        for (site, item, resource, stage), earns in zip(
            label_rows(starts, ["site", "item", "resource", "stage"]), earning, strict=True
        )
        if earns or stage in stages or item in buffered or (site, item) in pledged or (site, resource) in reserved
    ]
    owed = label_rows(orders, ["customer", "item"])
    return promised_stocks(instance).union(kept, made, owed, _where_moving_earns(instance, lanes))


def _where_moving_earns(instance: Instance, lanes: pd.DataFrame) -> Places:
    """The sites, each with an item, to which a lane with a freight below 0 leads."""
    sites, every = instance.site_ids, [row.item for row in instance.items]
    return frozenset(
        (place, item)
        for place, named in label_rows(rows_where(lanes, lanes["unit_cost"].to_numpy() < 0), ["to", "item"])
        for item in (every if named == "*" else [named])
        if place in sites
    )


def may_be_left(instance: Instance, starts: pd.DataFrame, ends: Places, shared: frozenset[str], spare: bool) -> Places:
    """The places and items of which more can be than orders need, beside what is there anyway.

    That is what is wanted for its own sake, what is made in lots of a smallest size or to a least share of all that is
    made, and with `spare` all that is made.

    Args:
        instance: its processes.
        starts: the candidates that can start.
        ends: as `ends_in_themselves` gives them.
        shared: the stages at which a site that is used makes a least share.
        spare: whether more of anything can be made, as after a strike or for other futures.
    """
    lots = [(row.site, row.item) for row in instance.processes if row.min_lot > 0]
    more = [
        (site, item) for site, item, stage in label_rows(starts, ["site", "item", "stage"]) if spare or stage in shared
    ]
    return ends.union(lots, more)


def where_keeping_differs(instance: Instance, starts: pd.DataFrame, uses: pd.DataFrame, lanes: pd.DataFrame) -> Places:
    """The places and items to which units may be moved, or used up, because keeping them costs less there.

    These are all sites for an item that costs more to keep at one than at another, or cannot be kept at every one in
    any quantity; where a lane ends on which an item that costs anything to keep travels for some periods, since on the
    way it costs nothing; and where an item is made that costs less to keep than what it takes, or takes some periods.
    Elsewhere nothing is gained by moving or using up what no order needs.

    Args:
        instance: its settings, items, sites and stocks.
        starts: the candidates that can start.
        uses: the components that each takes.
        lanes: from, to, item, period, lead_time: the lane that applies.
    """
    usual = usual_holding_costs(instance)
    figures = {item: {cost} for item, cost in usual.items()}
    for row in instance.stocks:
        figures[row.item].add(usual[row.item] if row.holding_cost is None else row.holding_cost)
    bounded = {row.item for row in instance.stocks if row.maximum is not None}
    everywhere = instance.settings.stock == "anywhere"
    uneven = [item for item, costs in figures.items() if len(costs) > 1 or item in bounded or not everywhere]
    most, least = ({item: pick(costs) for item, costs in figures.items()} for pick in (max, min))
    dearest = np.array([most[item] for item in uses["component"].tolist()], dtype=float)
    weights = uses["quantity"].to_numpy(dtype=float) * dearest
    before = np.bincount(uses["row"].to_numpy(dtype=np.int64), weights=weights, minlength=len(starts))
    after = np.array([least[item] for item in starts["item"].tolist()], dtype=float) * starts["yield"].to_numpy()
    takes_time = starts["finish"].to_numpy() > starts["period"].to_numpy()
    cheaper = label_rows(rows_where(starts, (after < before) | (takes_time & (before > 0))), ["site", "item"])
    kept_at_cost, sites = [item for item, cost in most.items() if cost > 0], instance.site_ids
    travelled = [
        (place, item)
        for place, named in label_rows(rows_where(lanes, lanes["lead_time"].to_numpy() > 0), ["to", "item"])
        for item in (kept_at_cost if named == "*" else [named])
        if place in sites and most[item] > 0
    ]
    return frozenset(cheaper).union(travelled, ((site, item) for site in sites for item in uneven))


def promised_stocks(instance: Instance) -> Places:
    """The sites and items of which a minimum is promised."""
    rows = [row for row in instance.stocks if row.minimum > 0 or row.closing_minimum > 0]
    return frozenset((row.site, row.item) for row in rows)


def listed_places(instance: Instance) -> Places | None:
    """The sites and items of which stock may stand; None where it may at every site."""
    if instance.settings.stock != "listed":
        return None
    return frozenset((row.site, row.item) for row in instance.stocks)


def possible(instance: Instance, given: GivenTables, wanted: Wanted, listed: Places | None, anywhere: bool) -> Possible:
    """Find what can be part of a plan.

    Items are useful where they can be brought to an end in itself, or where units can be brought that are there anyway
    or may be left over.

    Args:
        instance: its sites, customers and periods.
        given: the labels of what the instance has.
        wanted: where units are wanted, and where more than that can be.
        listed: where stock may stand, and of which item; None for every site.
        anywhere: whether stock can stand at every site all the same (after a strike goods can pile up).

    Raises:
        InstanceError: there would be more departures than any plan can have.
    """
    pairs = Lanes.of(given.lanes, wanted.left_out)
    made = label_rows(given.starts, ["site", "item"])
    recipes = {(*made[row], component) for row, component in label_rows(given.uses, ["row", "component"])}
    supplied = set(label_rows(given.sources, PLACE))
    gaining = useful_places(pairs, wanted.cheaper, recipes)
    more = spread_places(pairs, gaining & wanted.left, recipes)
    spare = spread_places(pairs, supplied, recipes).union(more.intersection(gaining))
    useful = useful_places(pairs, spare | wanted.ends, recipes)
    kept_rows = np.array([place in useful for place in made], dtype=bool)
    present = present_places(pairs, supplied.union(place for place in made if place in useful), useful)
    rows, uses = np.flatnonzero(kept_rows), _of_kept(given.uses, kept_rows)
    kept = given.starts.take(rows)
    known = sorted(present | wanted.promised)  # a promise that none can keep is no plan
    departures = departures_of(instance, given.lanes, pairs, useful, known)
    places = table_of_rows(known, PLACE)
    names = instance.site_ids
    sites = np.array([place in names for place, _ in known], dtype=bool)
    allowed = sites if listed is None else sites & np.array([place in listed for place in known], dtype=bool)
    keeps = sites if anywhere else allowed
    candidates = Candidates(places, keeps, kept, uses, departures, len(instance.periods))
    timing = reach_in_time(candidates, given.sources)
    can_start, can_leave = timing.make[:, 0], timing.ship[:, 0]
    departures = rows_where(departures, can_leave)
    departures = rows_where(departures, can_be_wanted(instance, departures, given.orders))
    return Possible(
        starts=rows[can_start],
        uses=_of_kept(uses, can_start),
        departures=departures,
        places=places,
        keeps=keeps,
        listed=allowed,
        present=timing.present[:, :, 0],
    )


def _of_kept(uses: pd.DataFrame, keep: Array) -> pd.DataFrame:
    """The components of the starts that are kept, renumbered."""
    row = uses["row"].to_numpy(dtype=np.int64)
    kept = rows_where(uses, keep[row])
    kept["row"] = (np.cumsum(keep) - 1)[row[keep[row]]]
    return kept
