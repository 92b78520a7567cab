"""Building the network from an instance and a policy, table by table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from planner.errors import Problem
from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.instance.precedence import resolve_lanes, universe_of
from planner.network.frames import empty, next_period, place_keys, positions
from planner.network.limits import Counted, limit_tables
from planner.network.making import capacity_rows, commitment_tables, kept_starts, make_candidates, option_tables
from planner.network.moving import (
    all_places,
    flow_rows,
    lane_capacity_tables,
    reachable_places,
    ship_candidates,
    ship_numbers,
    sources_of,
    stock_allowed,
    stock_bounds,
    stock_table,
    wanted_departures,
)
from planner.network.network import Network
from planner.network.orders import late_and_lost, order_rows
from planner.network.provenance import split_by_class, watches_of
from planner.network.reach import PLACE, reach_in_time
from planner.network.recourse import Recourse, recourse_tables
from planner.network.sourcing import no_sourcing, sourcing_tables
from planner.network.survival import Survival, survival_tables

PLACED = ("site", "item", "period")


def build_network(
    instance: Instance, policy: Policy | None = None, recourse: Recourse | None = None, survival: Survival | None = None
) -> Network:
    """The network of an instance under a policy (no policy: no limits, every option).

    Args:
        instance: what is planned.
        policy: what is chosen.
        recourse: on which terms promises can be broken; None where they must be kept.
        survival: deliveries that must be kept up, and sites that can be out for a share of a period; None for none.

    Raises:
        UsageError: the policy or the instance uses something that this version does not plan.
    """
    count = len(instance.periods)
    rate = instance.settings.discount_rate
    discount = pd.Series((1.0 + rate) ** (-np.arange(count) * instance.periods.years_a_period))
    orders = order_rows(instance, discount)
    resolved = resolve_lanes(instance.lanes, universe_of(instance), instance.periods).table
    make, uses = make_candidates(instance, discount)
    sources = sources_of(instance)
    useful, present = reachable_places(instance, policy, resolved, make, uses, sources, orders)
    make, uses = kept_starts(make, uses, positions(place_keys(make, "site", "item"), useful, PLACE) >= 0)
    ship = ship_candidates(instance, resolved, useful, present)
    places = all_places(present, make, ship, sources)
    keeps = stock_allowed(instance, places)
    listed = places[keeps]
    if recourse is not None:  # after a strike goods can pile up where none are kept otherwise
        keeps = stock_allowed(instance, places, anywhere=True)
    timing = reach_in_time(places, count, sources, keeps, make, uses, ship)
    make, uses = kept_starts(make, uses, timing.make)
    ship = ship[timing.ship]
    ship = ship[wanted_departures(instance, ship, orders)].reset_index(drop=True)
    ship = ship_numbers(instance, ship, discount)
    stock = stock_table(instance, places, keeps, timing.present, discount)
    stock["upper"] = stock["upper"].where(positions(place_keys(stock, "site", "item"), listed, PLACE) >= 0, 0.0)
    bounds = {"stock_minimum": empty([*PLACED, "minimum"]), "stock_maximum": empty([*PLACED, "maximum"])}
    relabel = empty([*PLACED, "touched", "as"])
    watches = watches_of(instance, policy)
    if watches or recourse:
        bounds = stock_bounds(stock)
        stock = stock.assign(lower=0.0, upper=np.inf)
    if watches:
        split = split_by_class(watches, places, keeps, make, uses, ship, stock, sources, count)
        make, uses, ship, sources, relabel = split.make, split.uses, split.ship, split.sources, split.relabel
        stock = split.stock
    by_class = ["touched"] if watches else []
    flow = flow_rows(instance, make, uses, ship, stock, sources.drop(columns=[] if watches else "touched"))
    late, lost = late_and_lost(orders)
    expand, opens, expand_capacity = option_tables(instance, policy, discount)
    lane_capacity, lane_uses = lane_capacity_tables(instance, ship)
    commitments, under, commitment_uses = commitment_tables(instance, make, discount, recourse)
    customers = ship["to"].isin({row.customer for row in instance.customers}).to_numpy(dtype=bool)
    arriving = pd.DataFrame(
        {"row": np.arange(len(ship)), "place": ship["to"], "period": ship["arrive"], **ship[["item", *by_class]]}
    )
    capacity = capacity_rows(instance, make)
    deliveries = arriving[customers].reset_index(drop=True)
    network = Network(
        instance=instance,
        policy=policy,
        watches=watches,
        recourse=recourse,
        discount=discount,
        make=make,
        ship=ship,
        stock=stock,
        late=late,
        lost=lost,
        under=under,
        expand=expand,
        open=opens,
        relabel=relabel,
        uses=uses,
        receipts=arriving[~customers].reset_index(drop=True),
        deliveries=deliveries,
        carry=next_period(stock, ["site", "item", *by_class], count),
        carried=next_period(late, ["customer", "item"], count),
        expand_capacity=expand_capacity,
        lane_uses=lane_uses,
        commitment_uses=commitment_uses,
        flow=flow,
        orders=orders,
        capacity=capacity,
        lane_capacity=lane_capacity,
        commitments=commitments,
        opens=opens[["option"]],
        **bounds,
        **survival_tables(survival, capacity, expand_capacity),
        **recourse_tables(recourse, orders, late, bounds, discount),
        **limit_tables(instance, policy, Counted(make, uses, stock, deliveries, orders), discount, recourse),
        **no_sourcing(),
    )
    return replace(network, **sourcing_tables(network))


def reach_problems(network: Network) -> list[Problem]:
    """Orders that no chain of lanes and processes can reach: never (an error), or not in time (a warning)."""
    orders = network.orders[network.orders["quantity"] > 0]
    arriving = network.deliveries.rename(columns={"place": "customer"})
    ever = positions(orders, arriving, ["customer", "item"]) >= 0
    in_time = positions(orders, arriving, ["customer", "item", "period"]) >= 0
    problems = [
        Problem(
            "demand",
            None,
            "item",
            str(order.item),
            f"No chain of lanes and processes brings {order.item} to {order.customer} within the planned periods.",
            "Add the missing lane, process or component source, or plan more periods.",
        )
        for order in orders[~ever].drop_duplicates(["customer", "item"]).itertuples()
    ]
    for order in orders[ever & ~in_time & orders["late_cost"].isna().to_numpy()].itertuples():
        label = network.labels[int(order.period)]
        must = order.must_serve > 0
        problems.append(
            Problem(
                "demand",
                None,
                "period",
                label,
                f"No chain of lanes and processes brings {order.item} to "
                f"{order.customer} by {label}"
                + (", but it must be served." if must else ", so this order will be lost."),
                "Give it a late_cost, an opening stock or arrivals, or start the planned periods earlier.",
                "error" if must else "warning",
            )
        )
    return problems
