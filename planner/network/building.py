"""Building the network of an instance and a policy, table by table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.instance.settings import Settings
from planner.network.buffers import buffered_items
from planner.network.departures import LANE
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
    taxed_moves,
)
from planner.network.network import Network
from planner.network.orders import handed_over, late_and_lost, order_rows
from planner.network.passing import READ, places_of, stood_for
from planner.network.possible import (
    SOURCE,
    START,
    Places,
    Possible,
    Wanted,
    counted_stages,
    ends_in_themselves,
    listed_places,
    may_be_left,
    possible,
    promised_stocks,
    shared_stages,
    where_keeping_differs,
)
from planner.network.provenance import classed_sources, split_by_class
from planner.network.reach import Candidates
from planner.network.recourse import Recourse, recourse_tables
from planner.network.sourcing import no_sourcing
from planner.network.steps import Steps
from planner.network.survival import Survival, survival_tables
from planner.network.usable import bounded_by_need
from planner.network.watches import Watch, watches_of

DEPARTURE_AND_ARRIVAL = [*DEPARTURE, "arrive"]
FIGURES = ("production", "upper")  # figures of `make` that no row depends on, so that a change of them keeps all rows


def build_network(
    instance: Instance,
    policy: Policy | None = None,
    recourse: Recourse | None = None,
    survival: Survival | None = None,
    steps: Steps | None = None,
    elsewhere: Mapping[str, float] | None = None,
    *,
    holding: Network | None = None,
    every_way: bool = False,
) -> Network:
    """The network of an instance under a policy (without a policy: no limits, every option allowed).

    Args:
        instance: what is planned.
        policy: what is chosen.
        recourse: the terms on which promises can be broken; None where they must be kept.
        survival: deliveries that must be kept up, and sites that can be out for a share of a period; None for none.
        steps: runs the steps, and may reuse tables of another network (network/steps.py); None for steps of its own.
        elsewhere: good units of each item that are needed otherwise: in other futures with which this one shares
            decisions, or in an earlier plan of which something stays (network/usable.py). What is made for them may be
            left over here. None for none.
        holding: a network of which some decisions are held here, as before a strike; None for none.
        every_way: whether no site stands for others through which an item only passes (network/passing.py), because
            rows may be added that tell them apart. None does either where more than instance and policy is given and
            it is not said what is held: no decision of an earlier plan may be missing.

    Raises:
        UsageError: the policy or the instance uses something that this version does not plan.
    """
    step = Steps() if steps is None else steps
    given = _given(step, instance)
    spare = recourse is not None or elsewhere is not None
    apart = every_way or (holding is None and (spare or survival is not None))
    left_out: Places = frozenset() if apart else step(stood_for, instance.only(*READ)) - places_of(holding)
    found = _possible(step, instance, policy, given, left_out, spare=spare, piles=recourse is not None)
    decided = _decided(step, instance, given, found)
    watches = watches_of(instance, policy)
    if watches or recourse:
        decided = replace(
            decided, bounds=stock_bounds(decided.stock), stock=decided.stock.assign(lower=0.0, upper=np.inf)
        )
    if watches:
        decided = _by_class(step, watches, found, decided, len(instance.periods))
    else:
        decided = replace(decided, sources=decided.sources.drop(columns="touched"))
    terms = _Terms(recourse, survival)
    return bounded_by_need(_with_rows(step, instance, policy, terms, given, decided), elsewhere)


@dataclass(frozen=True)
class _Given:
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
class _Decided:
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


@dataclass(frozen=True)
class _Terms:
    """Terms beyond instance and policy, for re-planning and survival.

    Attributes:
        recourse: the terms on which promises can be broken; None where they must be kept.
        survival: deliveries that must be kept up while sites are out; None for none.
    """

    recourse: Recourse | None
    survival: Survival | None


def _given(step: Steps, instance: Instance) -> _Given:
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
    return _Given(discount, orders, lanes, starts, uses, sources)


def _possible(
    step: Steps, instance: Instance, policy: Policy | None, given: _Given, left_out: Places, *, spare: bool, piles: bool
) -> Possible:
    """The starts, departures and places that can be part of a plan.

    Args:
        step: runs the steps.
        instance: what is planned.
        policy: what is chosen.
        given: its tables.
        left_out: where nothing goes because another site stands for it.
        spare: whether more of anything can be made than is needed here, as after a strike.
        piles: whether goods can pile up where none are kept otherwise, as after a strike.
    """
    buffered = step(
        buffered_items, instance.only("processes", "components", "demand"), policy.buffers if policy else ()
    )
    owed = step(narrowed, given.orders, ORDER)
    ends = step(
        ends_in_themselves,
        instance.only("stocks", "commitments"),
        counted_stages(policy),
        buffered,
        given.starts,
        owed,
        given.lanes,
    )
    lanes = step(narrowed, given.lanes, LANE)
    left = step(may_be_left, instance.only("processes"), given.starts, ends, shared_stages(policy), spare)
    cheaper = step(where_keeping_differs, instance.only("stocks"), given.starts, given.uses, lanes)
    return step(
        possible,
        instance.only(),
        lanes,
        step(narrowed, given.starts, START),
        given.uses,
        step(narrowed, given.sources, SOURCE),
        owed,
        Wanted(ends, left, cheaper, step(promised_stocks, instance.only("stocks")), left_out),
        step(listed_places, instance.only("stocks")),
        piles,
    )


def _decided(step: Steps, instance: Instance, given: _Given, found: Possible) -> _Decided:
    """The decisions that are possible, not yet split by class."""
    discount = given.discount
    return _Decided(
        make=step(taken, given.starts, found.starts),
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


def _by_class(step: Steps, watches: tuple[Watch, ...], found: Possible, decided: _Decided, count: int) -> _Decided:
    """The same decisions, split by the class of what their units have touched.

    Args:
        step: runs the steps.
        watches: what is watched.
        found: what is possible.
        decided: the decisions without classes.
        count: number of periods.
    """
    sources = step(classed_sources, watches, decided.sources)
    split = step(
        split_by_class,
        watches,
        Candidates(
            found.places,
            found.keeps,
            step(narrowed, decided.make, START),
            decided.uses,
            step(narrowed, decided.ship, DEPARTURE_AND_ARRIVAL),
            count,
        ),
        step(narrowed, decided.stock, PLACED),
        step(narrowed, sources, [*SOURCE, "touched"]),
    )
    make, ship, stock = (
        step(taken, table, *classed)
        for table, classed in ((decided.make, split.make), (decided.ship, split.ship), (decided.stock, split.stock))
    )
    return replace(
        decided,
        make=make,
        uses=split.uses,
        ship=ship,
        stock=stock,
        sources=sources,
        relabel=split.relabel,
        watches=watches,
    )


def _with_rows(
    step: Steps, instance: Instance, policy: Policy | None, terms: _Terms, given: _Given, decided: _Decided
) -> Network:
    """The network of some decisions, with all rows and the links from decisions to rows."""
    count, alone = len(instance.periods), instance.only()
    discount, orders, recourse = given.discount, given.orders, terms.recourse
    make, ship, stock, uses, sources = decided.make, decided.ship, decided.stock, decided.uses, decided.sources
    by_class = ["touched"] if decided.watches else []
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
    return Network(
        instance=instance,
        policy=policy,
        watches=decided.watches,
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
        relabel=decided.relabel,
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
        opens=narrowed(opens, ["option"]),
        **decided.bounds,
        **survival_tables(terms.survival, capacity, expand_capacity),
        **recourse_tables(recourse, orders, late, decided.bounds, discount),
        **limit_tables(instance, policy, Counted(made, kept, deliveries, ordered), discount, recourse, step),
        **no_sourcing(),
    )


def _discount(settings: Settings) -> pd.Series:
    """Discount factor by period: (1 + rate) ** -(years from the period to which money is discounted to this one).

    That period is the first one, or lies `elapsed` periods before it.
    """
    gone = settings.elapsed * settings.periods.years_a_period
    return pd.Series((1.0 + settings.discount_rate) ** -(np.array(settings.periods.years) + gone))
