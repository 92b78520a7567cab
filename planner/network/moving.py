"""Moving and keeping: departures over lanes, stock, and the balances that tie them to what is made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.instance.precedence import resolve_lane_capacities, resolve_tariffs, universe_of
from planner.instance.selecting import Universe
from planner.network.frames import (
    Array,
    Tables,
    by_period,
    distinct,
    empty,
    frame,
    in_order,
    joined,
    lookup,
    narrowed,
    next_period,
    place_keys,
    positions,
)
from planner.network.reach import PLACE, Lanes, present_places, spread_places, useful_places

DEPARTURE = ["from", "to", "item", "period"]


def sources_of(instance: Instance) -> pd.DataFrame:
    """Opening stock and arrivals: place, item, period, touched (regions beside the site's), quantity."""
    rows = [(row.site, row.item, 0, row.touched, row.opening) for row in instance.stocks] + [
        (row.site, row.item, period, row.touched, row.quantity)
        for row in instance.arrivals
        for period in instance.periods.window(row.period)
    ]
    columns = [*PLACE, "period", "touched", "quantity"]
    sources = pd.DataFrame([row for row in rows if row[-1] > 0], columns=columns, dtype=object)
    return sources.astype({"period": np.int64, "quantity": float})


def reachable_places(
    instance: Instance,
    policy: Policy | None,
    resolved: pd.DataFrame,
    make: pd.DataFrame,
    uses: pd.DataFrame,
    sources: pd.DataFrame,
    orders: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Where items are useful, and where they can be.

    Ends in themselves are orders, promised stocks and commitments; what a limit or a fewest number of sources counts
    (making more elsewhere meets it); what earns money when it starts; and wherever stock that is there anyway can be
    brought.
    """
    lanes = Lanes.of(resolved)
    kept = [(row.site, row.item) for row in instance.stocks if row.minimum > 0 or row.closing_minimum > 0]
    promised = np.zeros(len(make), dtype=bool)
    if instance.commitments:
        rows = frame(instance, "commitments")
        promised |= positions(make, rows[rows["item"].notna()], ["site", "item"]) >= 0
        promised |= positions(make, rows[rows["item"].isna()], ["site", "resource"]) >= 0
    limited_stages = {limit.stage for limit in policy.limits} if policy else set()
    limited_stages |= {rule.stage for rule in policy.sources if rule.min_sources is not None} if policy else set()
    gains = (make["production"] < 0) | make["stage"].isin(limited_stages)
    wanted = pd.concat(
        [
            place_keys(orders, "customer", "item"),
            pd.DataFrame(kept, columns=PLACE),
            place_keys(make[promised | gains], "site", "item"),
        ],
        ignore_index=True,
    )
    at = uses["row"].to_numpy(dtype=np.int64)
    recipes = pd.DataFrame({"site": uses["site"], "item": make["item"].array[at], "component": uses["component"]})
    recipes = distinct(recipes, ["site", "item", "component"])
    spare = spread_places(lanes, narrowed(sources, PLACE), recipes)
    useful = useful_places(lanes, pd.concat([wanted, spare], ignore_index=True), recipes)
    made = place_keys(make, "site", "item")
    made = made[positions(made, useful, PLACE) >= 0]
    starts = pd.concat([made, narrowed(sources, PLACE)], ignore_index=True)
    return useful, present_places(lanes, starts, useful)


def ship_candidates(
    instance: Instance, resolved: pd.DataFrame, useful: pd.DataFrame, present: pd.DataFrame
) -> pd.DataFrame:
    """Departures over lanes that carry an item from where it can be to where it is useful."""
    pairs = Lanes.of(resolved).with_items("from", present)
    pairs = pairs[positions(place_keys(pairs, "to", "item"), useful, PLACE) >= 0]
    rows = resolved.set_axis(["from", "to", "lane_item", "period", "row"], axis=1)
    ship = joined(rows, pairs, ["from", "to", "lane_item"])
    lanes = frame(instance, "lanes")
    row = ship["row"].to_numpy(dtype=np.int64)
    ship["unit_cost"] = lanes["unit_cost"].to_numpy()[row]
    ship["arrive"] = ship["period"] + lanes["lead_time"].to_numpy()[row]
    ship = ship[ship["arrive"] < len(instance.periods)]
    return in_order(narrowed(ship, [*DEPARTURE, "arrive", "unit_cost"]), DEPARTURE)


def all_places(present: pd.DataFrame, make: pd.DataFrame, ship: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Every place with every item that can be there, sorted."""
    every = pd.concat(
        [
            present,
            place_keys(make, "site", "item"),
            place_keys(ship, "from", "item"),
            place_keys(ship, "to", "item"),
            sources[PLACE],
        ],
        ignore_index=True,
    )
    return in_order(distinct(every, PLACE), PLACE)


def stock_allowed(instance: Instance, places: pd.DataFrame, *, anywhere: bool = False) -> Any:
    """Whether stock can be kept at each place: at sites, and with `stock: listed` only where listed.

    Args:
        instance: what is planned.
        places: place and item of each.
        anywhere: at every site, whatever the instance says.
    """
    sites = {row.site for row in instance.sites}
    keeps = places["place"].isin(sites).to_numpy(dtype=bool)
    if instance.settings.stock == "listed" and not anywhere:
        listed = frame(instance, "stocks").rename(columns={"site": "place"})
        keeps = keeps & (positions(places, listed, PLACE) >= 0)
    return keeps


def wanted_departures(instance: Instance, ship: pd.DataFrame, orders: pd.DataFrame) -> Any:
    """Departures to a site, and to a customer in a period in which something is owed."""
    customers = ship["to"].isin({row.customer for row in instance.customers}).to_numpy(dtype=bool)
    keys = pd.DataFrame({"customer": ship["to"], "item": ship["item"], "period": ship["arrive"]})
    return ~customers | (positions(keys, orders, ["customer", "item", "period"]) >= 0)


def ship_numbers(instance: Instance, ship: pd.DataFrame, discount: pd.Series) -> pd.DataFrame:
    """Freight, tariff and bounds of the departures."""
    universe = universe_of(instance)
    region = {place: universe.region_of(place) for place in [*universe.sites, *universe.customers]}
    ship["from_region"] = ship["from"].map(region)
    ship["to_region"] = ship["to"].map(region)
    factor = discount.to_numpy()[ship["period"].to_numpy(dtype=np.int64)]
    ship["freight"] = ship.pop("unit_cost") * factor
    value = lookup(ship, frame(instance, "items"), ["item"], "value", np.nan)
    ship["tariff"] = _tariff_rates(instance, universe, ship) * value * factor if instance.tariffs else 0.0
    ship["upper"] = np.inf
    if instance.outages:
        closed = by_period(instance, "outages")
        for row in closed[closed["held"]].itertuples():
            ship.loc[(ship["from"] == row.site) & (ship["period"] == row.period), "upper"] = 0.0  # of any item
    return ship


def _tariff_rates(instance: Instance, universe: Universe, ship: pd.DataFrame) -> Array:
    """The rate of duty of each departure; a row for its item beats one for all items."""
    rates = resolve_tariffs(instance.tariffs, universe, instance.periods).table
    rates = rates.set_axis(["from_region", "to_region", "item", "period", "row"], axis=1)
    rates["rate"] = frame(instance, "tariffs")["rate"].to_numpy()[rates["row"].to_numpy(dtype=np.int64)]
    keys = ["from_region", "to_region", "item", "period"]
    shared = lookup(ship.assign(item="*"), rates, keys, "rate", 0.0)
    own = lookup(ship, rates, keys, "rate", np.nan)
    rate: Array = np.where(np.isnan(own), shared, own)
    return rate


def stock_table(
    instance: Instance, places: pd.DataFrame, keeps: Any, present: Any, discount: pd.Series
) -> pd.DataFrame:
    """Stock where an item can be, or must be."""
    count = len(instance.periods)
    rows = frame(instance, "stocks").rename(columns={"site": "place"})
    floor = lookup(places, rows, PLACE, "minimum", 0.0)[:, None] * np.ones((1, count))
    floor[:, -1] = np.maximum(floor[:, -1], lookup(places, rows, PLACE, "closing_minimum", 0.0))
    at, period = np.nonzero(keeps[:, None] & (present | (floor > 0)))
    stock = places.iloc[at].reset_index(drop=True).set_axis(["site", "item"], axis=1)
    stock["period"] = period
    items = frame(instance, "items")
    items["held"] = items["holding_cost"].fillna(items["value"] * instance.settings.holding_rate)
    by_item = lookup(places, items, ["item"], "held", np.nan)
    own = lookup(places, rows, PLACE, "holding_cost", np.nan).astype(float)
    cost = np.where(np.isnan(own), by_item, own)
    top = lookup(places, rows, PLACE, "maximum", np.nan).astype(float)
    sites = frame(instance, "sites")
    stock["region"] = sites["region"].array[positions(stock, sites, ["site"])]
    stock["holding"] = cost[at] * discount.to_numpy()[period]
    stock["lower"] = floor[at, period]
    stock["upper"] = np.where(np.isnan(top), np.inf, top)[at]
    return in_order(stock, ["site", "item", "period"])


def stock_bounds(stock: pd.DataFrame) -> Tables:
    """Bounds of stock as rows, for where the stock of an item is split by class and only the sum is bounded."""
    placed = ["site", "item", "period"]
    least = stock[stock["lower"] > 0].rename(columns={"lower": "minimum"})
    most = stock[np.isfinite(stock["upper"])].rename(columns={"upper": "maximum"})
    return {
        "stock_minimum": least[[*placed, "minimum"]].reset_index(drop=True),
        "stock_maximum": most[[*placed, "maximum"]].reset_index(drop=True),
    }


def flow_rows(
    instance: Instance,
    make: pd.DataFrame,
    uses: pd.DataFrame,
    ship: pd.DataFrame,
    stock: pd.DataFrame,
    sources: pd.DataFrame,
) -> pd.DataFrame:
    """The balances that some decision or supply is part of; by class where the decisions are."""
    count = len(instance.periods)
    sites = {row.site for row in instance.sites}
    by_class = ["touched"] if "touched" in make else []
    keys = ["site", "item", "period", *by_class]
    parts = (
        (make, "site", "item", "finish"),
        (uses, "site", "component", "period"),
        (ship, "from", "item", "period"),
        (ship[ship["to"].isin(sites)], "to", "item", "arrive"),
        (stock, "site", "item", "period"),
        (next_period(stock, ["site", "item", *by_class], count), "site", "item", "period"),
        (sources, "place", "item", "period"),
    )
    every = [narrowed(table, [*names, *by_class]).set_axis(keys, axis=1) for table, *names in parts]
    flow = in_order(distinct(pd.concat(every, ignore_index=True), keys), keys)
    at = positions(sources.set_axis(["site", *sources.columns[1:]], axis=1), flow, keys)
    supply = np.bincount(at, weights=sources["quantity"].to_numpy(dtype=float), minlength=len(flow))
    flow["supply"] = supply.astype(float)
    return flow


def lane_capacity_tables(instance: Instance, ship: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Limits of lanes that something can go over, and what goes over them."""
    keys = DEPARTURE
    if not instance.lane_capacities:
        return empty([*keys, "capacity"], ["capacity"]), empty(["row", *keys], ["row"])
    rows = resolve_lane_capacities(instance.lane_capacities, universe_of(instance), instance.periods).table
    rows["capacity"] = frame(instance, "lane_capacities")["capacity"].to_numpy()[rows["row"].to_numpy(dtype=np.int64)]
    departures = narrowed(ship, keys).assign(row=np.arange(len(ship)))
    uses = pd.concat([departures, departures.assign(item="*")], ignore_index=True)
    uses = uses[positions(uses, rows, keys) >= 0].reset_index(drop=True)
    used = rows[positions(rows, uses, keys) >= 0]
    return narrowed(used, [*keys, "capacity"]).reset_index(drop=True), narrowed(uses, ["row", *keys])
