"""The tables of moving and keeping: departures over lanes, stock, and the balances that connect them to starts."""

from __future__ import annotations

from collections.abc import Mapping
from operator import ne
from typing import Any

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.instance.precedence import resolve_lane_capacities, resolve_lanes, resolve_tariffs, universe_of
from planner.instance.records import Arrival, Stock
from planner.instance.selecting import Universe
from planner.network.frames import (
    PLACED,
    Array,
    Tables,
    by_period,
    distinct,
    empty,
    frame,
    in_order,
    label_rows,
    lookup,
    narrowed,
    next_period,
    positions,
    rows_at,
    rows_where,
    stacked,
    table_of_columns,
    table_of_rows,
    text_column,
    with_new_names,
)
from planner.network.reach import PLACE

DEPARTURE = ["from", "to", "item", "period"]


def sources_of(instance: Instance) -> pd.DataFrame:
    """Opening stock and arrivals at sites: place, item, period, touched (`marks_on`), quantity."""
    sites = instance.site_ids
    rows = [(row.site, row.item, 0, marks_on(row), row.opening) for row in instance.stocks] + [
        (row.site, row.item, period, marks_on(row), row.quantity)
        for row in instance.arrivals
        if row.site in sites
        for period in instance.periods.window(row.period)
    ]
    columns = [*PLACE, "period", "touched", "quantity"]
    return table_of_rows([row for row in rows if row[-1] > 0], columns, {"period": np.int64, "quantity": float})


def marks_on(row: Stock | Arrival) -> tuple[str, ...]:
    """All that opening stock or arrivals have touched: what the row names, and its site where that has worked on it."""
    return (*row.touched, f"site:{row.site}") if row.worked_here else row.touched


def lane_rows(instance: Instance) -> pd.DataFrame:
    """The lane row that applies to each pair of places, item (`*` for items without a row of their own) and period.

    Goods on the way to a customer are handed over there: a lane from the customer to itself, which costs nothing.
    Columns: from, to, item, period, lead_time, unit_cost.
    """
    resolved = resolve_lanes(instance.lanes, universe_of(instance), instance.periods).table
    lanes, row = frame(instance, "lanes"), resolved["row"].to_numpy(dtype=np.int64)
    figures = {name: lanes[name].to_numpy()[row] for name in ("lead_time", "unit_cost")}
    found = table_of_columns({**{name: resolved[name] for name in DEPARTURE}, **figures})
    customers = instance.customer_ids
    own = sorted(
        {
            (row.site, row.site, row.item, period, 0, 0.0)
            for row in instance.arrivals
            if row.site in customers
            for period in instance.periods.window(row.period)
        }
    )
    if not own:
        return found
    handing = pd.DataFrame(own, columns=list(found)).astype(found.dtypes.to_dict())
    return pd.concat([found, handing], ignore_index=True)


def ship_table(
    instance: Instance, moves: pd.DataFrame, departures: pd.DataFrame, lanes: pd.DataFrame, discount: pd.Series
) -> pd.DataFrame:
    """The departures with their regions, freight, tariff and bounds.

    Args:
        instance: what is planned.
        moves: the departures with what does not depend on `lanes`, as `taxed_moves` gives them.
        departures: of which the column `lane` is the row of `lanes` that applies.
        lanes: as `lane_rows` gives them.
        discount: discount factor by period.
    """
    period = moves["period"].to_numpy(dtype=np.int64)
    factor = discount.to_numpy()[period]
    upper = np.full(len(moves), np.inf)
    if instance.outages:
        start, closed = moves["from"].to_numpy(), by_period(instance, "outages")
        for row in closed[closed["held"]].itertuples():
            upper[(start == row.site) & (period == row.period)] = 0.0  # for all items
    return table_of_columns(
        {
            **{name: moves[name] for name in moves if name != "duty"},
            "freight": lanes["unit_cost"].to_numpy()[departures["lane"].to_numpy(dtype=np.int64)] * factor,
            "tariff": moves["duty"].to_numpy() * factor,
            "upper": upper,
        }
    )


def taxed_moves(instance: Instance, departures: pd.DataFrame) -> pd.DataFrame:
    """From, to, item, period and arrive of the departures, their regions, and the duty on a unit, not discounted."""
    universe = universe_of(instance)
    region = {place: universe.region_of(place) for place in [*universe.sites, *universe.customers]}
    starts, ends = departures["from"].tolist(), departures["to"].tolist()
    columns = {
        **{name: departures[name] for name in (*DEPARTURE, "arrive")},
        "from_region": text_column([region[place] for place in starts]),
        "to_region": text_column([region[place] for place in ends]),
        "duty": np.zeros(len(departures)),
    }
    if instance.tariffs:
        each = instance.value_of
        value = np.array([each[item] for item in departures["item"].tolist()], dtype=float)
        moved = np.array(list(map(ne, starts, ends)), dtype=bool)  # what is handed over at its customer's pays no duty
        columns["duty"] = _tariff_rates(instance, universe, columns) * value * moved
    return table_of_columns(columns)


def _tariff_rates(instance: Instance, universe: Universe, ship: Mapping[str, Any]) -> Array:
    """The rate of duty of each departure; a row for its item beats one for all items."""
    rates = resolve_tariffs(instance.tariffs, universe, instance.periods).table
    rates = with_new_names(rates, ["from_region", "to_region", "item", "period", "row"])
    rates["rate"] = frame(instance, "tariffs")["rate"].to_numpy()[rates["row"].to_numpy(dtype=np.int64)]
    keys = ["from_region", "to_region", "item", "period"]
    shared = lookup({**ship, "item": text_column(["*"] * len(ship["item"]))}, rates, keys, "rate", 0.0)
    own = lookup(ship, rates, keys, "rate", np.nan)
    rate: Array = np.where(np.isnan(own), shared, own)
    return rate


def usual_holding_costs(instance: Instance) -> dict[str, float]:
    """The cost of holding each item where a stock has none of its own (money a unit a period)."""
    rate = instance.settings.holding_rate
    return {row.item: row.value * rate if row.holding_cost is None else row.holding_cost for row in instance.items}


def stock_table(
    instance: Instance, places: pd.DataFrame, keeps: Array, listed: Array, present: Array, discount: pd.Series
) -> pd.DataFrame:
    """The stock decisions: where an item can be or must be, with holding cost and bounds.

    Args:
        instance: what is planned.
        places: place and item of each place.
        keeps, listed: flags of each place: whether stock can stand there, and whether the instance allows it.
        present: flags of each place and period: whether the item can be there.
        discount: discount factor by period.
    """
    count = len(instance.periods)
    known = label_rows(places, PLACE)
    rows = {(row.site, row.item): row for row in instance.stocks}
    usual = usual_holding_costs(instance)
    cost = np.array([usual[item] for _, item in known], dtype=float)
    floor, top = np.zeros((len(known), count)), np.full(len(known), np.inf)
    for number, place in enumerate(known):
        if row := rows.get(place):
            floor[number, :] = row.minimum
            floor[number, -1] = max(row.minimum, row.closing_minimum)
            top[number] = np.inf if row.maximum is None else row.maximum
            cost[number] = cost[number] if row.holding_cost is None else row.holding_cost
    at, period = np.nonzero(keeps[:, None] & (present | (floor > 0)))
    stock = with_new_names(rows_at(places, at), ["site", "item"])
    stock["period"] = period
    regions = instance.region_of
    stock["region"] = text_column([regions[known[place][0]] for place in at.tolist()])
    stock["holding"] = cost[at] * discount.to_numpy()[period]
    stock["lower"] = floor[at, period]
    stock["upper"] = np.where(listed, top, 0.0)[at]
    return in_order(stock, PLACED)


def stock_bounds(stock: pd.DataFrame) -> Tables:
    """The minima and maxima of stock as rows, for where stock is split by class and only the sum is bounded."""
    least = rows_where(narrowed(stock, [*PLACED, "lower"]), stock["lower"].to_numpy() > 0)
    most = rows_where(narrowed(stock, [*PLACED, "upper"]), np.isfinite(stock["upper"].to_numpy()))
    return {
        "stock_minimum": with_new_names(least, [*PLACED, "minimum"]),
        "stock_maximum": with_new_names(most, [*PLACED, "maximum"]),
    }


def arriving(instance: Instance, ship: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The departures by their arrival, at sites (receipts) and at customers (deliveries); by class if split."""
    by_class = ["touched"] if "touched" in ship else []
    every = with_new_names(narrowed(ship, ["to", "arrive", "item", *by_class]), ["place", "period", "item", *by_class])
    every.insert(0, "row", np.arange(len(ship)))
    known = instance.customer_ids
    customers = np.array([place in known for place in ship["to"].tolist()], dtype=bool)
    return rows_where(every, ~customers), rows_where(every, customers)


def flow_rows(
    instance: Instance,
    make: pd.DataFrame,
    uses: pd.DataFrame,
    ship: pd.DataFrame,
    stock: pd.DataFrame,
    sources: pd.DataFrame,
) -> pd.DataFrame:
    """The flow balances that any decision or supply takes part in; by class if the decisions are."""
    count = len(instance.periods)
    sites = instance.site_ids
    by_class = ["touched"] if "touched" in make else []
    keys = ["site", "item", "period", *by_class]
    coming = rows_where(ship, np.array([place in sites for place in ship["to"].tolist()], dtype=bool))
    parts = (
        (make, ("site", "item", "finish", *by_class)),
        (uses, ("site", "component", "period", *by_class)),
        (ship, ("from", "item", "period", *by_class)),
        (coming, ("to", "item", "arrive", *by_class)),
        (stock, keys),
        (next_period(stock, ["site", "item", *by_class], count), keys),
        (sources, ("place", "item", "period", *by_class)),
    )
    flow = in_order(distinct(stacked(parts, keys), keys), keys)
    at = positions(with_new_names(sources, ["site", *sources.columns[1:]]), flow, keys)
    supply = np.bincount(at, weights=sources["quantity"].to_numpy(dtype=float), minlength=len(flow))
    flow["supply"] = supply.astype(float)
    return flow


def lane_capacity_tables(instance: Instance, ship: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The limits of lanes that any departure uses, and the departures that count towards each."""
    keys = DEPARTURE
    if not instance.lane_capacities:
        return empty([*keys, "capacity"], ["capacity"]), empty(["row", *keys], ["row"])
    rows = resolve_lane_capacities(instance.lane_capacities, universe_of(instance), instance.periods).table
    rows["capacity"] = frame(instance, "lane_capacities")["capacity"].to_numpy()[rows["row"].to_numpy(dtype=np.int64)]
    departures = narrowed(ship, keys).assign(row=np.arange(len(ship)))
    uses = pd.concat([departures, departures.assign(item=text_column(["*"] * len(departures)))], ignore_index=True)
    uses = rows_where(uses, positions(uses, rows, keys) >= 0)
    used = rows_where(rows, positions(rows, uses, keys) >= 0)
    return narrowed(used, [*keys, "capacity"]), narrowed(uses, ["row", *keys])
