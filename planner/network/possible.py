"""The starts, departures and places that can be part of a plan at all.

They depend on what exists and how long it takes, never on quantities, capacities, costs or prices. So a what-if on such
figures can reuse them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.network.frames import (
    ORDER,
    Array,
    distinct,
    flagged,
    frame,
    in_order,
    joined,
    label_rows,
    narrowed,
    place_keys,
    positions,
)
from planner.network.moving import DEPARTURE
from planner.network.reach import PLACE, Lanes, Place, present_places, reach_in_time, spread_places, useful_places

LANE = ["from", "to", "item", "period", "lead_time"]
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
class Wanted:
    """Where units are wanted, and where more than that can be: tables of place and item.

    Attributes:
        ends: what is wanted for its own sake (`ends_in_themselves`).
        left: what can be more than orders need (`may_be_left`).
        cheaper: where keeping that may cost less (`where_keeping_differs`).
        promised: where a stock must be, whether it can or not (`promised_stocks`).
    """

    ends: pd.DataFrame
    left: pd.DataFrame
    cheaper: pd.DataFrame
    promised: pd.DataFrame


def ends_in_themselves(
    instance: Instance,
    stages: frozenset[str],
    buffered: frozenset[str],
    starts: pd.DataFrame,
    orders: pd.DataFrame,
    lanes: pd.DataFrame,
) -> pd.DataFrame:
    """The (place, item) pairs that are wanted for their own sake, not only as a component.

    These are orders, promised stocks and commitments; what is made at the given stages, because a limit or min_sources
    counts it (making more elsewhere can satisfy them); what buffers hold, where it is made or listed; and what earns
    money when it starts, or when it comes over a lane.
    """
    kept = [
        (row.site, row.item)
        for row in instance.stocks
        if row.minimum > 0 or row.closing_minimum > 0 or row.item in buffered
    ]
    wanted = (starts["production"] < 0) | starts["stage"].isin(stages) | starts["item"].isin(buffered)
    if instance.commitments:
        rows = frame(instance, "commitments")
        wanted |= positions(starts, rows[rows["item"].notna()], ["site", "item"]) >= 0
        wanted |= positions(starts, rows[rows["item"].isna()], ["site", "resource"]) >= 0
    every = [
        place_keys(orders, "customer", "item"),
        pd.DataFrame(kept, columns=PLACE),
        place_keys(starts[wanted], "site", "item"),
        _where_moving_earns(instance, lanes),
    ]
    return distinct(pd.concat(every, ignore_index=True), PLACE)


def _where_moving_earns(instance: Instance, lanes: pd.DataFrame) -> pd.DataFrame:
    """The (site, item) pairs to which a lane with a freight below 0 leads."""
    sites, every = {row.site for row in instance.sites}, [row.item for row in instance.items]
    found = [
        (place, item)
        for place, named in label_rows(lanes[lanes["unit_cost"] < 0], ["to", "item"])
        for item in (every if named == "*" else [named])
        if place in sites
    ]
    return pd.DataFrame(found, columns=PLACE, dtype=object)


def may_be_left(instance: Instance, starts: pd.DataFrame, ends: pd.DataFrame, piles: bool) -> pd.DataFrame:
    """The (place, item) pairs where more can be than orders need, beside what is there anyway.

    That is what is wanted for its own sake, what is made in lots of a smallest size, and after a strike all that is
    made.

    Args:
        instance: its processes.
        starts: the candidates that can start.
        ends: as `ends_in_themselves` gives them.
        piles: whether goods can pile up, as after a strike.
    """
    lots = sorted({(row.site, row.item) for row in instance.processes if row.min_lot > 0})
    made = place_keys(starts, "site", "item") if piles else pd.DataFrame(lots, columns=PLACE, dtype=object)
    return distinct(pd.concat([ends, made], ignore_index=True), PLACE)


def where_keeping_differs(instance: Instance, starts: pd.DataFrame, uses: pd.DataFrame) -> pd.DataFrame:
    """The (site, item) pairs at which units may cost less to keep than where they come from.

    These are all sites for an item that costs more to keep at one than at another, or cannot be kept at every one in
    any quantity; and where an item is made that costs less to keep than what it takes. Elsewhere nothing is gained by
    moving or using up what no order needs.

    Args:
        instance: its settings, items, sites and stocks.
        starts: the candidates that can start.
        uses: the components that each takes.
    """
    usual = {
        row.item: row.value * instance.settings.holding_rate if row.holding_cost is None else row.holding_cost
        for row in instance.items
    }
    figures = {item: {cost} for item, cost in usual.items()}
    for row in instance.stocks:
        figures[row.item].add(usual[row.item] if row.holding_cost is None else row.holding_cost)
    bounded = {row.item for row in instance.stocks if row.maximum is not None}
    everywhere = instance.settings.stock == "anywhere"
    uneven = [item for item, costs in figures.items() if len(costs) > 1 or item in bounded or not everywhere]
    taken = uses["quantity"] * uses["component"].map({item: max(costs) for item, costs in figures.items()}).astype(
        float
    )
    before = taken.groupby(uses["row"]).sum().reindex(range(len(starts)), fill_value=0.0).to_numpy()
    after = starts["item"].map({item: min(costs) for item, costs in figures.items()}).astype(float) * starts["yield"]
    every = pd.DataFrame([(row.site, item) for row in instance.sites for item in uneven], columns=PLACE, dtype=object)
    cheaper = place_keys(starts[(after < before).to_numpy()], "site", "item")
    return distinct(pd.concat([every, cheaper], ignore_index=True), PLACE)


def counted_stages(policy: Policy | None) -> frozenset[str]:
    """The stages whose output a limit or min_sources of a policy counts."""
    if policy is None:
        return frozenset()
    limited = {limit.stage for limit in policy.limits if limit.stage}
    return frozenset(limited | {rule.stage for rule in policy.sources if rule.min_sources is not None})


def promised_stocks(instance: Instance) -> pd.DataFrame:
    """The (site, item) pairs of which a minimum is promised."""
    kept = [(row.site, row.item) for row in instance.stocks if row.minimum > 0 or row.closing_minimum > 0]
    return pd.DataFrame(kept, columns=PLACE, dtype=object)


def listed_places(instance: Instance) -> pd.DataFrame | None:
    """(place, item) where stock may stand; None where it may at every site."""
    if instance.settings.stock != "listed":
        return None
    return place_keys(frame(instance, "stocks"), "site", "item")


def possible(
    instance: Instance,
    lanes: pd.DataFrame,
    starts: pd.DataFrame,
    uses: pd.DataFrame,
    sources: pd.DataFrame,
    orders: pd.DataFrame,
    wanted: Wanted,
    listed: pd.DataFrame | None,
    anywhere: bool,
) -> Possible:
    """Find what can be part of a plan.

    Items are useful where they can be brought to an end in itself, or where units can be brought that are there anyway
    or may be left over.

    Args:
        instance: its sites, customers and periods.
        lanes: from, to, item, period, lead_time: the lane that applies.
        starts: site, item, period, finish of each candidate.
        uses: row (of starts), site, component, period, quantity.
        sources: place, item, period of opening stock and arrivals.
        orders: customer, item, period in which something is owed.
        wanted: where units are wanted, and where more than that can be.
        listed: place and item where stock may stand; None for every site.
        anywhere: whether stock can stand at every site all the same (after a strike goods can pile up).
    """
    pairs = Lanes.of(lanes)
    made = label_rows(starts, ["site", "item"])
    recipes = {(*made[row], component) for row, component in label_rows(uses, ["row", "component"])}
    given = set(label_rows(sources, PLACE))
    gaining = useful_places(pairs, label_rows(wanted.cheaper, PLACE), recipes)
    more = spread_places(pairs, gaining.intersection(label_rows(wanted.left, PLACE)), recipes)
    spare = spread_places(pairs, given, recipes).union(more.intersection(gaining))
    useful = useful_places(pairs, spare.union(label_rows(wanted.ends, PLACE)), recipes)
    kept_rows = np.array([place in useful for place in made], dtype=bool)
    present = present_places(pairs, given.union(place for place in made if place in useful), useful)
    rows, uses = np.flatnonzero(kept_rows), _of_kept(uses, kept_rows)
    kept = starts.take(rows)
    known = sorted(present.union(label_rows(wanted.promised, PLACE)))  # a promise that none can keep is no plan
    departures = _departures(instance, lanes, pairs, useful, known)
    places = pd.DataFrame(known, columns=PLACE, dtype=object)
    sites = places["place"].isin({row.site for row in instance.sites}).to_numpy(dtype=bool)
    allowed = sites if listed is None else sites & (positions(places, listed, PLACE) >= 0)
    keeps = sites if anywhere else allowed
    timing = reach_in_time(known, len(instance.periods), sources, keeps, kept, uses, departures)
    departures = departures[timing.ship]
    departures = departures[_wanted(instance, departures, orders)].reset_index(drop=True)
    return Possible(
        starts=rows[timing.make],
        uses=_of_kept(uses, timing.make),
        departures=departures,
        places=places,
        keeps=keeps,
        listed=allowed,
        present=timing.present,
    )


def _of_kept(uses: pd.DataFrame, keep: Array) -> pd.DataFrame:
    """The components of the starts that are kept, renumbered."""
    row = uses["row"].to_numpy(dtype=np.int64)
    kept = uses[keep[row]].reset_index(drop=True)
    kept["row"] = (np.cumsum(keep) - 1)[row[keep[row]]]
    return kept


def _departures(
    instance: Instance, lanes: pd.DataFrame, pairs: Lanes, useful: set[Place], present: list[Place]
) -> pd.DataFrame:
    """Departures over lanes that carry an item from where it can be to where it is useful."""
    found = [
        (place, end, item, lane_item)
        for place, item in present
        for end, lane_item in pairs.onward(place, item)
        if (end, item) in useful
    ]
    carried = pd.DataFrame(found, columns=["from", "to", "item", "lane_item"], dtype=object).astype({"to": "str"})
    rows = narrowed(lanes, LANE).set_axis(["from", "to", "lane_item", "period", "lead_time"], axis=1)
    rows["lane"] = np.arange(len(lanes))
    ship = joined(rows, carried, ["from", "to", "lane_item"])
    ship["arrive"] = ship["period"] + ship["lead_time"]
    ship = flagged(narrowed(ship, [*DEPARTURE, "arrive", "lane"]), ship["arrive"].to_numpy() < len(instance.periods))
    return in_order(ship, DEPARTURE)


def _wanted(instance: Instance, ship: pd.DataFrame, orders: pd.DataFrame) -> Array:
    """A flag for each departure: it goes to a site, or to a customer in a period in which something is owed."""
    known = {row.customer for row in instance.customers}
    customers = np.array([place in known for place in ship["to"].tolist()], dtype=bool)
    keys = {"customer": ship["to"].to_numpy(), "item": ship["item"].to_numpy(), "period": ship["arrive"].to_numpy()}
    found: Array = ~customers | (positions(keys, orders, ORDER) >= 0)
    return found
