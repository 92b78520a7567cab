"""Moving and keeping: departures over lanes, stock, and the balances that tie them to what is made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.instance.precedence import resolve_lane_capacities, resolve_tariffs, universe_of
from planner.network.frames import Tables, by_period, empty, frame, lookup, next_period, place_keys, positions
from planner.network.reach import PLACE, Lanes, present_places, spread_places, useful_places


def sources_of(instance: Instance) -> pd.DataFrame:
    """Opening stock and arrivals: place, item, period, touched (regions beside the site's), quantity."""
    opening = frame(instance, "stocks")
    opening = opening[opening["opening"] > 0]
    opening = pd.DataFrame(
        {
            "place": opening["site"],
            "item": opening["item"],
            "period": 0,
            "touched": opening["touched"],
            "quantity": opening["opening"],
        }
    )
    arriving = by_period(instance, "arrivals")
    arriving = pd.DataFrame(
        {
            "place": arriving["site"],
            "item": arriving["item"],
            "period": arriving["period"].astype(np.int64),
            "touched": arriving["touched"],
            "quantity": arriving["quantity"],
        }
    )
    return pd.concat([opening, arriving[arriving["quantity"] > 0]], ignore_index=True)


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
    stocks = frame(instance, "stocks")
    kept = stocks[(stocks["minimum"] > 0) | (stocks["closing_minimum"] > 0)]
    promised = frame(instance, "commitments")
    by_item = positions(make, promised[promised["item"].notna()], ["site", "item"]) >= 0
    by_resource = positions(make, promised[promised["item"].isna()], ["site", "resource"]) >= 0
    limited_stages = {limit.stage for limit in policy.limits} if policy else set()
    limited_stages |= {rule.stage for rule in policy.sources if rule.min_sources is not None} if policy else set()
    gains = (make["production"] < 0) | make["stage"].isin(limited_stages)
    wanted = pd.concat(
        [
            place_keys(orders, "customer", "item"),
            place_keys(kept, "site", "item"),
            place_keys(make[by_item | by_resource | gains], "site", "item"),
        ],
        ignore_index=True,
    )
    recipes = (
        make[["site", "item"]].assign(row=np.arange(len(make))).merge(uses[["row", "component"]], on="row", how="left")
    )
    recipes = recipes[["site", "item", "component"]].drop_duplicates()
    spare = spread_places(lanes, sources[PLACE], recipes)
    useful = useful_places(lanes, pd.concat([wanted, spare], ignore_index=True), recipes)
    made = recipes[positions(place_keys(recipes, "site", "item"), useful, PLACE) >= 0]
    starts = pd.concat([place_keys(made, "site", "item"), sources[PLACE]], ignore_index=True)
    return useful, present_places(lanes, starts, useful)


def ship_candidates(
    instance: Instance, resolved: pd.DataFrame, useful: pd.DataFrame, present: pd.DataFrame
) -> pd.DataFrame:
    """Departures over lanes that carry an item from where it can be to where it is useful."""
    pairs = Lanes.of(resolved).with_items("from", present)
    pairs = pairs[positions(place_keys(pairs, "to", "item"), useful, PLACE) >= 0]
    ship = pairs.merge(resolved.rename(columns={"item": "lane_item"}), on=["from", "to", "lane_item"])
    lanes = frame(instance, "lanes")
    row = ship["row"].to_numpy(dtype=np.int64)
    ship["unit_cost"] = lanes["unit_cost"].to_numpy()[row]
    ship["arrive"] = ship["period"] + lanes["lead_time"].to_numpy()[row]
    ship = ship[ship["arrive"] < len(instance.periods)]
    columns = ["from", "to", "item", "period", "arrive", "unit_cost"]
    return ship[columns].sort_values(["from", "to", "item", "period"], ignore_index=True)


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
    return every.drop_duplicates().sort_values(PLACE, ignore_index=True)


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
    rates = resolve_tariffs(instance.tariffs, universe, instance.periods).table
    rates = rates.rename(columns={"from": "from_region", "to": "to_region"})
    rows = frame(instance, "tariffs")
    rates["rate"] = rows["rate"].to_numpy()[rates["row"].to_numpy(dtype=np.int64)] if len(rows) else 0.0
    keys = ["from_region", "to_region", "item", "period"]
    shared = lookup(ship.assign(item="*"), rates, keys, "rate", 0.0)
    rate = lookup(ship, rates, keys, "rate", np.nan)
    rate = np.where(np.isnan(rate.astype(float)), shared, rate).astype(float)
    value = ship["item"].map(frame(instance, "items").set_index("item")["value"])
    ship["tariff"] = rate * value.to_numpy(dtype=float) * factor
    ship["upper"] = np.inf
    closed = by_period(instance, "outages")
    for row in closed[closed["held"].astype(bool)].itertuples():
        ship.loc[(ship["from"] == row.site) & (ship["period"] == row.period), "upper"] = 0.0  # of any item
    return ship


def stock_table(
    instance: Instance, places: pd.DataFrame, keeps: Any, present: Any, discount: pd.Series
) -> pd.DataFrame:
    """Stock where an item can be, or must be."""
    count = len(instance.periods)
    rows = frame(instance, "stocks").rename(columns={"site": "place"})
    floor = lookup(places, rows, PLACE, "minimum", 0.0)[:, None] * np.ones((1, count))
    floor[:, -1] = np.maximum(floor[:, -1], lookup(places, rows, PLACE, "closing_minimum", 0.0))
    at, period = np.nonzero(keeps[:, None] & (present | (floor > 0)))
    stock = places.iloc[at].reset_index(drop=True).rename(columns={"place": "site"})
    stock["period"] = period
    items = frame(instance, "items").set_index("item")
    held = items["holding_cost"].where(items["holding_cost"].notna(), items["value"] * instance.settings.holding_rate)
    by_item = places["item"].map(held).to_numpy(dtype=float)
    own = lookup(places, rows, PLACE, "holding_cost", np.nan).astype(float)
    cost = np.where(np.isnan(own), by_item, own)
    top = lookup(places, rows, PLACE, "maximum", np.nan).astype(float)
    stock["region"] = stock["site"].map(frame(instance, "sites").set_index("site")["region"])
    stock["holding"] = cost[at] * discount.to_numpy()[period]
    stock["lower"] = floor[at, period]
    stock["upper"] = np.where(np.isnan(top), np.inf, top)[at]
    return stock.sort_values(["site", "item", "period"], ignore_index=True)


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
    parts = [
        make[["site", "item", "finish", *by_class]].set_axis(keys, axis=1),
        uses[["site", "component", "period", *by_class]].set_axis(keys, axis=1),
        ship[["from", "item", "period", *by_class]].set_axis(keys, axis=1),
        ship.loc[ship["to"].isin(sites), ["to", "item", "arrive", *by_class]].set_axis(keys, axis=1),
        stock[keys],
        next_period(stock, ["site", "item", *by_class], count)[keys],
        sources[["place", "item", "period", *by_class]].set_axis(keys, axis=1),
    ]
    flow = pd.concat(parts, ignore_index=True).drop_duplicates()
    flow = flow.sort_values(keys, ignore_index=True)
    supply = sources.rename(columns={"place": "site"}).groupby(keys, as_index=False)["quantity"].sum()
    flow["supply"] = lookup(flow, supply, keys, "quantity", 0.0).astype(float)
    return flow


def lane_capacity_tables(instance: Instance, ship: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Limits of lanes that something can go over, and what goes over them."""
    rows = resolve_lane_capacities(instance.lane_capacities, universe_of(instance), instance.periods).table
    keys = ["from", "to", "item", "period"]
    if rows.empty:
        return empty([*keys, "capacity"], ["capacity"]), empty(["row", *keys], ["row"])
    rows["capacity"] = frame(instance, "lane_capacities")["capacity"].to_numpy()[rows["row"].to_numpy(dtype=np.int64)]
    departures = ship[keys].assign(row=np.arange(len(ship)))
    uses = pd.concat([departures, departures.assign(item="*")], ignore_index=True)
    uses = uses[positions(uses, rows, keys) >= 0].reset_index(drop=True)
    used = rows[positions(rows, uses, keys) >= 0]
    return used[[*keys, "capacity"]].reset_index(drop=True), uses[["row", *keys]]
