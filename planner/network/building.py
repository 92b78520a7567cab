"""Building the network from an instance and a policy, table by table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from planner.instance.instance import Instance, Settings
from planner.instance.policy import Policy
from planner.network.buffers import buffered_items
from planner.network.frames import ORDER, PLACED, empty, narrowed, next_period, taken
from planner.network.limits import Counted, limit_tables
from planner.network.making import capacity_rows, commitment_tables, make_candidates, option_tables
from planner.network.moving import (
    DEPARTURE,
    arriving,
    flow_rows,
    lane_capacity_tables,
    lane_rows,
    ship_table,
    sources_of,
    stock_bounds,
    stock_table,
)
from planner.network.network import Network
from planner.network.orders import late_and_lost, order_rows
from planner.network.possible import LANE, SOURCE, START, counted_stages, ends_in_themselves, listed_places, possible
from planner.network.provenance import classed_sources, split_by_class, watches_of
from planner.network.recourse import Recourse, recourse_tables
from planner.network.sourcing import no_sourcing
from planner.network.steps import Steps
from planner.network.survival import Survival, survival_tables
from planner.network.usable import bounded_by_need

DEPARTURE_AND_ARRIVAL = [*DEPARTURE, "arrive"]
FIGURES = ("production", "upper")  # of make; no row of the program depends on them


def build_network(
    instance: Instance,
    policy: Policy | None = None,
    recourse: Recourse | None = None,
    survival: Survival | None = None,
    steps: Steps | None = None,
    elsewhere: Mapping[str, float] | None = None,
) -> Network:
    """The network of an instance under a policy (no policy: no limits, every option).

    Args:
        instance: what is planned.
        policy: what is chosen.
        recourse: on which terms promises can be broken; None where they must be kept.
        survival: deliveries that must be kept up, and sites that can be out for a share of a period; None for none.
        steps: does the steps, and may take over what comes out as in another network; None for steps of its own.
        elsewhere: good units of each item that are needed in other futures with which this one shares decisions
            (network/usable.py); None for none.

    Raises:
        UsageError: the policy or the instance uses something that this version does not plan.
    """
    step = Steps() if steps is None else steps
    count = len(instance.periods)
    alone = instance.only()
    discount = step(_discount, instance.settings)
    orders = step(order_rows, instance.only("demand"), discount)
    lanes = step(lane_rows, instance.only("lanes"))
    starts, uses = step(make_candidates, instance.only("processes", "components", "outages"), discount)
    sources = step(sources_of, instance.only("stocks", "arrivals"))
    buffered = step(
        buffered_items, instance.only("processes", "components", "demand"), policy.buffers if policy else ()
    )
    owed = step(narrowed, orders, ORDER)
    ends = step(
        ends_in_themselves, instance.only("stocks", "commitments"), counted_stages(policy), buffered, starts, owed
    )
    found = step(
        possible,
        alone,
        step(narrowed, lanes, LANE),
        step(narrowed, starts, START),
        uses,
        step(narrowed, sources, SOURCE),
        owed,
        ends,
        step(listed_places, instance.only("stocks")),
        recourse is not None,  # after a strike goods can pile up where none are kept otherwise
    )
    make, uses = step(taken, starts, found.starts), found.uses
    ship = step(ship_table, instance.only("tariffs", "outages"), found.departures, lanes, discount)
    stock = step(stock_table, instance.only("stocks"), found.places, found.keeps, found.listed, found.present, discount)
    bounds = {"stock_minimum": empty([*PLACED, "minimum"]), "stock_maximum": empty([*PLACED, "maximum"])}
    relabel = empty([*PLACED, "touched", "as"])
    watches = watches_of(instance, policy)
    if watches or recourse:
        bounds = stock_bounds(stock)
        stock = stock.assign(lower=0.0, upper=np.inf)
    if watches:
        sources = step(classed_sources, watches, sources)
        split = step(
            split_by_class,
            watches,
            found.places,
            found.keeps,
            step(narrowed, make, START),
            uses,
            step(narrowed, ship, DEPARTURE_AND_ARRIVAL),
            step(narrowed, stock, PLACED),
            step(narrowed, sources, [*SOURCE, "touched"]),
            count,
        )
        make, ship, stock = (
            step(taken, table, *classed)
            for table, classed in ((make, split.make), (ship, split.ship), (stock, split.stock))
        )
        uses, relabel = split.uses, split.relabel
    else:
        sources = sources.drop(columns="touched")
    by_class = ["touched"] if watches else []
    made = step(narrowed, make, [name for name in make if name not in FIGURES])
    sent = step(narrowed, ship, [*DEPARTURE_AND_ARRIVAL, *by_class])
    kept = step(narrowed, stock, [*PLACED, *by_class])
    ordered = step(narrowed, orders, [*ORDER, "quantity", "ordered"])
    receipts, deliveries = step(arriving, alone, sent)
    late, lost = step(late_and_lost, orders)
    chosen = None if policy is None else policy.options
    expand, opens, expand_capacity = step(
        option_tables, instance.only("expansions", "expansion_factors"), chosen, discount
    )
    lane_capacity, lane_uses = step(lane_capacity_tables, instance.only("lane_capacities"), sent)
    commitments, under, commitment_uses = step(
        commitment_tables, instance.only("commitments"), made, discount, recourse
    )
    capacity = step(capacity_rows, instance.only("capacities", "expansions"), made)
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
        receipts=receipts,
        deliveries=deliveries,
        carry=step(next_period, kept, ["site", "item", *by_class], count),
        carried=step(next_period, step(narrowed, late, ORDER), ["customer", "item"], count),
        expand_capacity=expand_capacity,
        lane_uses=lane_uses,
        commitment_uses=commitment_uses,
        flow=step(flow_rows, alone, made, uses, sent, kept, sources),
        orders=orders,
        capacity=capacity,
        lane_capacity=lane_capacity,
        commitments=commitments,
        opens=opens[["option"]],
        **bounds,
        **survival_tables(survival, capacity, expand_capacity),
        **recourse_tables(recourse, orders, late, bounds, discount),
        **limit_tables(instance, policy, Counted(made, kept, deliveries, ordered), discount, recourse, step),
        **no_sourcing(),
    )
    return bounded_by_need(network, elsewhere)


def _discount(settings: Settings) -> pd.Series:
    """Discount factor by period: (1 + rate) ** -(years from the start of the first period to the start of this one)."""
    return pd.Series((1.0 + settings.discount_rate) ** -np.array(settings.periods.years))
