"""The decisions that are possible in an instance, as tables: starts, departures, stock, and their classes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.instance.settings import Settings
from planner.network.buffers import buffered_items
from planner.network.departures import LANE
from planner.network.frames import ORDER, PLACED, empty, narrowed, rows_at
from planner.network.making import make_candidates
from planner.network.moving import DEPARTURE, lane_rows, ship_table, sources_of, stock_bounds, stock_table, taxed_moves
from planner.network.orders import handed_over, order_rows
from planner.network.possible import (
    SOURCE,
    START,
    GivenTables,
    Places,
    Possible,
    Wanted,
    ends_in_themselves,
    listed_places,
    may_be_left,
    possible,
    promised_stocks,
    where_keeping_differs,
)
from planner.network.provenance import classed_sources, split_by_class
from planner.network.reach import Candidates
from planner.network.steps import Steps
from planner.network.watches import Watch, watches_of

DEPARTURE_AND_ARRIVAL = [*DEPARTURE, "arrive"]


@dataclass(frozen=True)
class InstanceTables:
    """The data of an instance as tables, with periods as positions.

    Attributes:
        discount: factor by period.
        orders: the orders, with the periods after them in which they may still be late.
        lanes: the lane row that applies between two places, by item and period.
        starts, uses: starts that end within the horizon, and the components that they take.
        sources: opening stock and arrivals.
    """

    discount: pd.Series
    orders: pd.DataFrame
    lanes: pd.DataFrame
    starts: pd.DataFrame
    uses: pd.DataFrame
    sources: pd.DataFrame


@dataclass(frozen=True)
class DecisionTables:
    """The decisions of a plan, one row each.

    Attributes:
        make, uses, ship, stock: starts, the components that they take, departures, and stock at the end of a period.
        sources: opening stock and arrivals, which are given.
        relabel: units used as if they had touched more; without rows where nothing is watched.
        bounds: minima and maxima of stock that are rows of their own, by name.
        watches: what is watched.
    """

    make: pd.DataFrame
    uses: pd.DataFrame
    ship: pd.DataFrame
    stock: pd.DataFrame
    sources: pd.DataFrame
    relabel: pd.DataFrame
    bounds: dict[str, pd.DataFrame]
    watches: tuple[Watch, ...] = ()


def instance_tables(step: Steps, instance: Instance) -> InstanceTables:
    """The tables of an instance, before impossible decisions are left out."""
    discount = step(_discount, instance.settings)
    orders = step(order_rows, instance.only("demand", "owed"), discount)
    lanes = step(lane_rows, instance.only("lanes", "arrivals"))
    starts, uses = step(make_candidates, instance.only("processes", "components", "outages"), discount)
    sources = step(sources_of, instance.only("stocks", "arrivals"))
    customers = instance.customer_ids
    if any(row.site in customers for row in instance.arrivals):
        handed = step(handed_over, instance.only("arrivals"), orders)
        sources = pd.concat([sources, handed], ignore_index=True)
    return InstanceTables(discount, orders, lanes, starts, uses, sources)


def decision_tables(
    step: Steps,
    instance: Instance,
    policy: Policy | None,
    given: InstanceTables,
    left_out: Places,
    *,
    spare: bool,
    recourse: bool,
    unlisted: bool = False,
) -> DecisionTables:
    """The decisions that can be part of a plan, split by class where a policy watches what units touch.

    Args:
        step: runs the steps.
        instance: what is planned.
        policy: what is chosen.
        given: the tables of the instance.
        left_out: where nothing goes because another site stands for it (network/passing.py).
        spare: whether more of anything can be made than is needed here, as after a strike.
        recourse: whether promises can be broken: then goods can pile up where none are kept otherwise, and the minima
            and maxima of stock are rows, not bounds.
        unlisted: whether there is stock with a maximum of 0 where no row lists it.
    """
    found = _possible(step, instance, policy, given, left_out, spare=spare, piles=recourse or unlisted)
    decisions = _decisions(step, instance, given, found)
    watches = watches_of(instance, policy)
    if watches or recourse:
        bounds = stock_bounds(decisions.stock)
        decisions = replace(decisions, bounds=bounds, stock=decisions.stock.assign(lower=0.0, upper=np.inf))
    if watches:
        return _by_class(step, watches, found, decisions, len(instance.periods))
    return replace(decisions, sources=decisions.sources.drop(columns="touched"))


def _possible(
    step: Steps,
    instance: Instance,
    policy: Policy | None,
    given: InstanceTables,
    left_out: Places,
    *,
    spare: bool,
    piles: bool,
) -> Possible:
    """The starts, departures and places that can be part of a plan.

    Args:
        step: runs the steps.
        instance: what is planned.
        policy: what is chosen.
        given: its tables.
        left_out: where nothing goes because another site stands for it.
        spare: whether more of anything can be made than is needed here, as after a strike.
        piles: whether stock has decisions where none is kept otherwise, as after a strike.
    """
    buffered = step(
        buffered_items, instance.only("processes", "components", "demand"), policy.buffers if policy else ()
    )
    owed = step(narrowed, given.orders, ORDER)
    ends = step(
        ends_in_themselves,
        instance.only("stocks", "commitments"),
        _counted_stages(policy),
        buffered,
        given.starts,
        owed,
        given.lanes,
    )
    lanes = step(narrowed, given.lanes, LANE)
    left = step(may_be_left, instance.only("processes"), given.starts, ends, _shared_stages(policy), spare)
    cheaper = step(where_keeping_differs, instance.only("stocks"), given.starts, given.uses, lanes)
    return step(
        possible,
        instance.only(),
        GivenTables(
            lanes, step(narrowed, given.starts, START), given.uses, step(narrowed, given.sources, SOURCE), owed
        ),
        Wanted(ends, left, cheaper, step(promised_stocks, instance.only("stocks")), left_out),
        step(listed_places, instance.only("stocks")),
        piles,
    )


def _counted_stages(policy: Policy | None) -> frozenset[str]:
    """The stages whose output a limit or min_sources of a policy counts."""
    if policy is None:
        return frozenset()
    limited = {limit.stage for limit in policy.limits if limit.stage}
    return frozenset(limited | {rule.stage for rule in policy.sources if rule.min_sources is not None})


def _shared_stages(policy: Policy | None) -> frozenset[str]:
    """The stages at which a policy asks each site that is used for a least share."""
    return frozenset(rule.stage for rule in (policy.sources if policy else ()) if rule.min_share_if_used)


def _decisions(step: Steps, instance: Instance, given: InstanceTables, found: Possible) -> DecisionTables:
    """The decisions that are possible, not yet split by class."""
    discount = given.discount
    return DecisionTables(
        make=step(rows_at, given.starts, found.starts),
        uses=found.uses,
        ship=step(
            ship_table,
            instance.only("outages"),
            step(taxed_moves, instance.only("tariffs"), found.departures),
            found.departures,
            given.lanes,
            discount,
        ),
        stock=step(
            stock_table, instance.only("stocks"), found.places, found.keeps, found.listed, found.present, discount
        ),
        sources=given.sources,
        relabel=empty([*PLACED, "touched", "as"]),
        bounds={"stock_minimum": empty([*PLACED, "minimum"]), "stock_maximum": empty([*PLACED, "maximum"])},
    )


def _by_class(
    step: Steps, watches: tuple[Watch, ...], found: Possible, decisions: DecisionTables, count: int
) -> DecisionTables:
    """The same decisions, split by the class of what their units have touched.

    Args:
        step: runs the steps.
        watches: what is watched.
        found: what is possible.
        decisions: the decisions without classes.
        count: number of periods.
    """
    sources = step(classed_sources, watches, decisions.sources)
    split = step(
        split_by_class,
        watches,
        Candidates(
            found.places,
            found.keeps,
            step(narrowed, decisions.make, START),
            decisions.uses,
            step(narrowed, decisions.ship, DEPARTURE_AND_ARRIVAL),
            count,
        ),
        step(narrowed, decisions.stock, PLACED),
        step(narrowed, sources, [*SOURCE, "touched"]),
    )
    make, ship, stock = (
        step(rows_at, table, *classed)
        for table, classed in (
            (decisions.make, split.make),
            (decisions.ship, split.ship),
            (decisions.stock, split.stock),
        )
    )
    return replace(
        decisions,
        make=make,
        uses=split.uses,
        ship=ship,
        stock=stock,
        sources=sources,
        relabel=split.relabel,
        watches=watches,
    )


def _discount(settings: Settings) -> pd.Series:
    """Discount factor by period: (1 + rate) ** -(years from the period to which money is discounted to this one).

    That period is the first one, or lies `elapsed` periods before it.
    """
    gone = settings.elapsed * settings.periods.years_a_period
    return pd.Series((1.0 + settings.discount_rate) ** -(np.array(settings.periods.years) + gone))
