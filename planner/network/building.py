"""Building the network from an instance and a policy, table by table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from planner.errors import Problem, UsageError
from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.instance.precedence import resolve_lane_capacities, resolve_lanes, resolve_tariffs, universe_of
from planner.network.frames import by_period, empty, frame, lookup, positions
from planner.network.limits import limit_tables
from planner.network.network import Network
from planner.network.reach import PLACE, Lanes, present_places, reach_in_time, useful_places

Tables = dict[str, pd.DataFrame]


def build_network(instance: Instance, policy: Policy | None = None) -> Network:
    """The network of an instance under a policy (no policy: no limits, every option).

    Raises:
        UsageError: the policy or the instance uses something that this version does not plan.
    """
    _refuse_what_is_missing(instance, policy)
    count = len(instance.periods)
    rate = instance.settings.discount_rate
    discount = pd.Series((1.0 + rate) ** (-np.arange(count) * instance.periods.years_a_period))
    orders = _orders(instance, discount)
    resolved = resolve_lanes(instance.lanes, universe_of(instance), instance.periods).table
    make, uses = _make_candidates(instance, discount)
    sources = _sources(instance)
    useful, present = _places(instance, resolved, make, uses, sources, orders)
    make, uses = _kept(make, uses, positions(_place(make, "site", "item"), useful, PLACE) >= 0)
    ship = _ship_candidates(instance, resolved, useful, present)
    places = _all_places(present, make, ship, sources)
    keeps = _keeps(instance, places)
    timing = reach_in_time(places, count, sources, keeps, make, uses, ship)
    make, uses = _kept(make, uses, timing.make)
    ship = ship[timing.ship]
    ship = ship[_wanted_by_customer(instance, ship, orders)].reset_index(drop=True)
    ship = _ship_numbers(instance, ship, discount)
    stock = _stock(instance, places, keeps, timing.present, discount)
    flow = _flow(instance, make, uses, ship, stock, sources)
    late, lost = _owed(orders)
    expand, opens, expand_capacity = _options(instance, policy, discount)
    lane_capacity, lane_uses = _lane_capacity(instance, ship)
    commitments, under, commitment_uses = _commitments(instance, make, discount)
    customers = ship["to"].isin({row.customer for row in instance.customers}).to_numpy(dtype=bool)
    arriving = pd.DataFrame({"row": np.arange(len(ship)), "place": ship["to"], "item": ship["item"],
                             "period": ship["arrive"]})
    return Network(
        instance=instance, policy=policy, discount=discount,
        make=make, ship=ship, stock=stock, late=late, lost=lost, under=under, expand=expand, open=opens,
        uses=uses,
        receipts=arriving[~customers].reset_index(drop=True),
        deliveries=arriving[customers].reset_index(drop=True),
        carry=_next_period(stock, ["site", "item"], count),
        carried=_next_period(late, ["customer", "item"], count),
        expand_capacity=expand_capacity, lane_uses=lane_uses, commitment_uses=commitment_uses,
        flow=flow, orders=orders, capacity=_capacity(instance, make), lane_capacity=lane_capacity,
        commitments=commitments, opens=opens[["option"]],
        **limit_tables(instance, policy, make, discount),
    )


def reach_problems(network: Network) -> list[Problem]:
    """Orders that no chain of lanes and processes can reach: never (an error), or not in time (a warning)."""
    orders = network.orders[network.orders["quantity"] > 0]
    arriving = network.deliveries.rename(columns={"place": "customer"})
    ever = positions(orders, arriving, ["customer", "item"]) >= 0
    in_time = positions(orders, arriving, ["customer", "item", "period"]) >= 0
    problems: list[Problem] = []
    for order in orders[~ever].drop_duplicates(["customer", "item"]).itertuples():
        problems.append(Problem(
            "demand", None, "item", str(order.item), f"No chain of lanes and processes brings {order.item} to "
            f"{order.customer} within the planned periods.",
            "Add the missing lane, process or component source, or plan more periods."))
    for order in orders[ever & ~in_time & orders["late_cost"].isna().to_numpy()].itertuples():
        label = network.labels[int(order.period)]
        must = order.must_serve > 0
        problems.append(Problem(
            "demand", None, "period", label, f"No chain of lanes and processes brings {order.item} to "
            f"{order.customer} by {label}" + (", but it must be served." if must else ", so this order will be lost."),
            "Give it a late_cost, an opening stock or arrivals, or start the planned periods earlier.",
            "error" if must else "warning"))
    return problems


def _refuse_what_is_missing(instance: Instance, policy: Policy | None) -> None:
    if any(row.min_lot > 0 for row in instance.processes):
        raise UsageError("min_lot (smallest lots) cannot be planned yet; leave the column empty.")
    if policy is None:
        return
    for limit in policy.limits:
        if limit.measure == "pathway":
            raise UsageError(f"The policy {policy.name} has a pathway limit ({limit.name}), which cannot be planned "
                             "yet; use stage limits.")
    if policy.sources:
        raise UsageError(f"The policy {policy.name} has sources (source counts), which cannot be planned yet.")
    if policy.buffers:
        raise UsageError(f"The policy {policy.name} has buffers (periods of cover), which cannot be planned yet.")


def _place(table: pd.DataFrame, place: str, item: str) -> pd.DataFrame:
    return pd.DataFrame({"place": table[place].to_numpy(), "item": table[item].to_numpy()})


def _orders(instance: Instance, discount: pd.Series) -> pd.DataFrame:
    """Demand by period; where a row may be late, the periods after it without a row carry on with quantity 0."""
    demand = by_period(instance, "demand")
    free = demand["price"].isna() & demand["lost_cost"].isna()
    demand["must_serve"] = demand["must_serve"].where(demand["must_serve"].notna(), free.astype(float))
    demand["lost_cost"] = demand["lost_cost"].where(demand["lost_cost"].notna(), demand["price"]).fillna(0.0)
    demand["price"] = demand["price"].fillna(0.0)
    demand["ordered"] = True
    columns = ["customer", "item", "period", "quantity", "price", "must_serve", "late_cost", "lost_cost", "ordered"]
    demand = demand[columns].sort_values(["customer", "item", "period"], ignore_index=True)
    pairs = demand.groupby(["customer", "item"], sort=False)
    spans = pairs["period"].min().reset_index()
    count = len(instance.periods)
    length = (count - spans["period"]).to_numpy(dtype=np.int64)
    taken = np.repeat(np.arange(len(spans)), length)
    grid = spans.iloc[taken][["customer", "item"]].reset_index(drop=True)
    offset = np.arange(len(taken)) - np.repeat(np.cumsum(length) - length, length)
    grid["period"] = spans["period"].to_numpy()[taken] + offset
    full = grid.merge(demand, on=["customer", "item", "period"], how="left")
    group = full.groupby(["customer", "item"], sort=False)
    full["ordered"] = full["ordered"].eq(other=True)
    last = full["late_cost"].where(full["ordered"], np.nan).fillna(-1.0).where(full["ordered"], np.nan)
    carried = last.groupby([full["customer"], full["item"]], sort=False).ffill()
    full["late_cost"] = carried.where(carried >= 0, np.nan)
    for name in ("price", "must_serve", "lost_cost"):
        full[name] = group[name].ffill()
    full["quantity"] = full["quantity"].fillna(0.0)
    previous = full.groupby(["customer", "item"], sort=False)["late_cost"].shift()
    full = full[full["ordered"] | previous.notna()].reset_index(drop=True)
    full.loc[full["period"] == count - 1, "late_cost"] = np.nan
    full["discount"] = discount.to_numpy()[full["period"].to_numpy(dtype=np.int64)]
    return full


def _make_candidates(instance: Instance, discount: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Starts that end within the horizon, and the components that each takes."""
    make = by_period(instance, "processes")
    make["finish"] = make["period"] + make["lead_time"]
    make = make[make["finish"] < len(instance.periods)]
    make = make.sort_values(["site", "item", "recipe", "period"], ignore_index=True)
    sites, items = frame(instance, "sites"), frame(instance, "items")
    sites["operator"] = sites["operator"].where(sites["operator"] != "", sites["site"])
    for name in ("region", "operator", "cluster"):
        make[name] = make["site"].map(sites.set_index("site")[name])
    make["stage"] = make["item"].map(items.set_index("item")["stage"])
    make["production"] = make["unit_cost"] * discount.to_numpy()[make["period"].to_numpy(dtype=np.int64)]
    make["upper"] = np.inf
    closed = by_period(instance, "outages")
    if not closed.empty:
        for row in closed.itertuples():
            at = (make["site"] == row.site) & (make["period"] == row.period)
            if row.item != "*":
                at &= make["item"] == row.item
            if row.recipe != "*":
                at &= make["recipe"] == row.recipe
            make.loc[at, "upper"] = 0.0
    components = frame(instance, "components")
    own = components[components["recipe"] != "*"]
    wide = components[components["recipe"] == "*"].drop(columns="recipe")
    recipes = make[["item", "recipe"]].drop_duplicates()
    wide = recipes.merge(wide, on="item")
    wide = wide[positions(wide, own, ["item", "recipe", "component"]) < 0]
    bill = pd.concat([own, wide], ignore_index=True)[["item", "recipe", "component", "quantity"]]
    bill = bill.sort_values(["item", "recipe", "component"], ignore_index=True)
    keys = make[["site", "item", "recipe", "period"]].assign(row=np.arange(len(make)))
    uses = keys.merge(bill, on=["item", "recipe"]).sort_values(["row", "component"], ignore_index=True)
    columns = ["site", "item", "recipe", "period", "finish", "stage", "region", "operator", "cluster", "resource",
               "yield", "capacity_use", "production", "upper"]
    return make[columns], uses[["row", "site", "component", "period", "quantity"]]


def _kept(make: pd.DataFrame, uses: pd.DataFrame, keep: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The starts that are kept, with their components renumbered."""
    keep = np.asarray(keep, dtype=bool)
    renumbered = np.cumsum(keep) - 1
    uses = uses[keep[uses["row"].to_numpy(dtype=np.int64)]].reset_index(drop=True)
    uses["row"] = renumbered[uses["row"].to_numpy(dtype=np.int64)]
    return make[keep].reset_index(drop=True), uses


def _sources(instance: Instance) -> pd.DataFrame:
    """Opening stock and arrivals: place, item, period, quantity."""
    opening = frame(instance, "stocks")
    opening = opening[opening["opening"] > 0]
    opening = pd.DataFrame({"place": opening["site"], "item": opening["item"], "period": 0,
                            "quantity": opening["opening"]})
    arriving = by_period(instance, "arrivals")
    arriving = pd.DataFrame({"place": arriving["site"], "item": arriving["item"],
                             "period": arriving["period"].astype(np.int64), "quantity": arriving["quantity"]})
    both = pd.concat([opening, arriving[arriving["quantity"] > 0]], ignore_index=True)
    return both.groupby(["place", "item", "period"], as_index=False)["quantity"].sum()


def _places(instance: Instance, resolved: pd.DataFrame, make: pd.DataFrame, uses: pd.DataFrame,
            sources: pd.DataFrame, orders: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Where items are useful, and where they can be."""
    lanes = Lanes.of(resolved)
    stocks = frame(instance, "stocks")
    kept = stocks[(stocks["minimum"] > 0) | (stocks["closing_minimum"] > 0)]
    promised = frame(instance, "commitments")
    resources = promised["resource"].where(promised["resource"].notna(), promised["site"])
    by_item = positions(make, promised[promised["item"].notna()], ["site", "item"]) >= 0
    by_resource = positions(make, promised.assign(resource=resources)[promised["item"].isna()],
                            ["site", "resource"]) >= 0
    wanted = pd.concat([
        _place(orders, "customer", "item"), _place(kept, "site", "item"),
        _place(make[by_item | by_resource], "site", "item"),
    ], ignore_index=True)
    recipes = make[["site", "item"]].assign(row=np.arange(len(make))).merge(
        uses[["row", "component"]], on="row", how="left")
    recipes = recipes[["site", "item", "component"]].drop_duplicates()
    useful = useful_places(lanes, wanted, recipes)
    made = recipes[positions(_place(recipes, "site", "item"), useful, PLACE) >= 0]
    starts = pd.concat([_place(made, "site", "item"), sources[PLACE]], ignore_index=True)
    return useful, present_places(lanes, starts, useful)


def _ship_candidates(instance: Instance, resolved: pd.DataFrame, useful: pd.DataFrame,
                     present: pd.DataFrame) -> pd.DataFrame:
    """Departures over lanes that carry an item from where it can be to where it is useful."""
    pairs = Lanes.of(resolved).with_items("from", present)
    pairs = pairs[positions(_place(pairs, "to", "item"), useful, PLACE) >= 0]
    ship = pairs.merge(resolved.rename(columns={"item": "lane_item"}), on=["from", "to", "lane_item"])
    lanes = frame(instance, "lanes")
    row = ship["row"].to_numpy(dtype=np.int64)
    ship["unit_cost"] = lanes["unit_cost"].to_numpy()[row]
    ship["arrive"] = ship["period"] + lanes["lead_time"].to_numpy()[row]
    ship = ship[ship["arrive"] < len(instance.periods)]
    columns = ["from", "to", "item", "period", "arrive", "unit_cost"]
    return ship[columns].sort_values(["from", "to", "item", "period"], ignore_index=True)


def _all_places(present: pd.DataFrame, make: pd.DataFrame, ship: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    every = pd.concat([present, _place(make, "site", "item"), _place(ship, "from", "item"),
                       _place(ship, "to", "item"), sources[PLACE]], ignore_index=True)
    return every.drop_duplicates().sort_values(PLACE, ignore_index=True)


def _keeps(instance: Instance, places: pd.DataFrame) -> Any:
    """Whether stock can be kept at each place: at sites, and with `stock: listed` only where listed."""
    sites = {row.site for row in instance.sites}
    keeps = places["place"].isin(sites).to_numpy(dtype=bool)
    if instance.settings.stock == "listed":
        listed = frame(instance, "stocks").rename(columns={"site": "place"})
        keeps = keeps & (positions(places, listed, PLACE) >= 0)
    return keeps


def _wanted_by_customer(instance: Instance, ship: pd.DataFrame, orders: pd.DataFrame) -> Any:
    """Departures to a site, and to a customer in a period in which something is owed."""
    customers = ship["to"].isin({row.customer for row in instance.customers}).to_numpy(dtype=bool)
    keys = pd.DataFrame({"customer": ship["to"], "item": ship["item"], "period": ship["arrive"]})
    return ~customers | (positions(keys, orders, ["customer", "item", "period"]) >= 0)


def _ship_numbers(instance: Instance, ship: pd.DataFrame, discount: pd.Series) -> pd.DataFrame:
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
        at = (ship["from"] == row.site) & (ship["period"] == row.period)
        if row.item != "*":
            at &= ship["item"] == row.item
        ship.loc[at, "upper"] = 0.0
    return ship


def _stock(instance: Instance, places: pd.DataFrame, keeps: Any, present: Any, discount: pd.Series) -> pd.DataFrame:
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


def _flow(instance: Instance, make: pd.DataFrame, uses: pd.DataFrame, ship: pd.DataFrame, stock: pd.DataFrame,
          sources: pd.DataFrame) -> pd.DataFrame:
    """The balances that some decision or supply is part of."""
    count = len(instance.periods)
    sites = {row.site for row in instance.sites}
    parts = [
        make[["site", "item", "finish"]].set_axis(["site", "item", "period"], axis=1),
        uses[["site", "component", "period"]].set_axis(["site", "item", "period"], axis=1),
        ship[["from", "item", "period"]].set_axis(["site", "item", "period"], axis=1),
        ship.loc[ship["to"].isin(sites), ["to", "item", "arrive"]].set_axis(["site", "item", "period"], axis=1),
        stock[["site", "item", "period"]],
        _next_period(stock, ["site", "item"], count)[["site", "item", "period"]],
        sources[["place", "item", "period"]].set_axis(["site", "item", "period"], axis=1),
    ]
    flow = pd.concat(parts, ignore_index=True).drop_duplicates()
    flow = flow.sort_values(["site", "item", "period"], ignore_index=True)
    supply = sources.rename(columns={"place": "site"})
    flow["supply"] = lookup(flow, supply, ["site", "item", "period"], "quantity", 0.0).astype(float)
    return flow


def _next_period(table: pd.DataFrame, keys: Iterable[str], count: int) -> pd.DataFrame:
    """What is carried into the next period, with the position in `table`."""
    moved = table[[*keys, "period"]].copy()
    moved.insert(0, "row", np.arange(len(table)))
    moved["period"] = moved["period"] + 1
    return moved[moved["period"] < count].reset_index(drop=True)


def _owed(orders: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    late = orders[orders["late_cost"].notna()]
    lost = orders[orders["ordered"]]
    keys = ["customer", "item", "period"]
    return (
        late[keys].assign(lateness=late["late_cost"] * late["discount"]).reset_index(drop=True),
        lost[keys].assign(lost_sales=lost["lost_cost"] * lost["discount"],
                          upper=(1.0 - lost["must_serve"]) * lost["quantity"]).reset_index(drop=True),
    )


def _capacity(instance: Instance, make: pd.DataFrame) -> pd.DataFrame:
    """Capacity of each resource that is limited, in each period in which something can start on it."""
    rows = by_period(instance, "capacities")
    options = frame(instance, "expansions")
    limited = pd.concat([rows[["site", "resource"]], options[["site", "resource"]]]).drop_duplicates()
    keys = make[["site", "resource", "period"]].drop_duplicates()
    keys = keys[positions(keys, limited, ["site", "resource"]) >= 0]
    keys = keys.sort_values(["site", "resource", "period"], ignore_index=True)
    keys["capacity"] = lookup(keys, rows, ["site", "resource", "period"], "capacity", 0.0).astype(float)
    return keys


def _options(instance: Instance, policy: Policy | None,
             discount: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Expansion options, their opening where a fixed cost is paid for a part, and the capacity that they give."""
    options = frame(instance, "expansions")
    options["period"] = [instance.periods.window(text).start for text in options["period"]]
    factor = discount.to_numpy()[options["period"].to_numpy(dtype=np.int64)]
    whole = options["all_or_nothing"].to_numpy(dtype=bool)
    options["expansion"] = (options["unit_cost"] * options["capacity"] + options["fixed_cost"] * whole) * factor
    options["integer"] = whole
    allowed = policy.options if policy is not None and policy.options is not None else tuple(options["option"])
    options["upper"] = options["option"].isin(allowed).to_numpy(dtype=float)
    expand = options[["option", "site", "resource", "period", "capacity", "upper", "integer", "expansion"]]
    paid = ~whole & (options["fixed_cost"] > 0)
    opens = pd.DataFrame({"option": options["option"], "expansion": options["fixed_cost"] * factor,
                          "row": np.arange(len(options))})[paid].reset_index(drop=True)
    count = len(instance.periods)
    length = (count - options["period"]).to_numpy(dtype=np.int64)
    taken = np.repeat(np.arange(len(options)), length)
    offset = np.arange(len(taken)) - np.repeat(np.cumsum(length) - length, length)
    given = options.iloc[taken][["option", "site", "resource", "capacity", "period"]].reset_index(drop=True)
    given["period"] = given["period"].astype(np.int64) + offset
    given.insert(0, "row", taken)
    factors = by_period(instance, "expansion_factors")
    given["capacity"] = given["capacity"] * lookup(given, factors, ["option", "period"], "factor", 1.0).astype(float)
    return expand, opens, given


def _lane_capacity(instance: Instance, ship: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
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


def _commitments(instance: Instance, make: pd.DataFrame,
                 discount: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Committed minima, the shortfall that a price allows, and the starts that count."""
    rows = frame(instance, "commitments")
    uses: list[pd.DataFrame] = []
    last: list[int] = []
    for row in rows.itertuples():
        window = instance.periods.window(str(row.period))
        last.append(window.stop - 1)
        at = (make["site"] == row.site) & make["period"].between(window.start, window.stop - 1)
        if row.item is not None:
            at &= make["item"] == row.item
            amount = make["yield"]
        else:
            at &= make["resource"] == (row.resource or row.site)
            amount = make["capacity_use"]
        uses.append(pd.DataFrame({"row": np.flatnonzero(at), "commitment": row.commitment,
                                  "amount": amount[at].to_numpy()}))
    priced = rows["shortfall_cost"].notna()
    paid = rows["shortfall_cost"] * discount.to_numpy()[np.array(last, dtype=np.int64)]
    under = pd.DataFrame({"commitment": rows["commitment"], "shortfall": paid})[priced].reset_index(drop=True)
    counted = pd.concat(uses, ignore_index=True) if uses else empty(["row", "commitment", "amount"], ["row", "amount"])
    return rows[["commitment", "site", "minimum"]], under, counted
