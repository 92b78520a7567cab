"""Building the network of an instance and a policy: its decisions, then the rows that bind them, table by table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.network.decisions import (
    DEPARTURE_AND_ARRIVAL,
    DecisionTables,
    InstanceTables,
    decision_tables,
    instance_tables,
)
from planner.network.frames import ORDER, PLACED, narrowed, next_period
from planner.network.limits import Counted, limit_tables
from planner.network.making import capacity_rows, commitment_tables, option_tables
from planner.network.moving import arriving, flow_rows, lane_capacity_tables
from planner.network.network import Network
from planner.network.orders import late_and_lost
from planner.network.passing import READ, places_of, stood_for
from planner.network.possible import Places
from planner.network.recourse import Recourse, recourse_tables
from planner.network.sourcing import no_sourcing
from planner.network.steps import Steps
from planner.network.survival import Survival, survival_tables
from planner.network.usable import bounded_by_need

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
    unlisted: bool = False,
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
        unlisted: whether stock also has decisions where it cannot stand because no row lists it, with a maximum of 0.

    Raises:
        UsageError: the policy or the instance uses something that this version does not plan.
    """
    step = Steps() if steps is None else steps
    given = instance_tables(step, instance)
    spare = recourse is not None or elsewhere is not None
    apart = every_way or (holding is None and (spare or survival is not None))
    left_out: Places = frozenset() if apart else step(stood_for, instance.only(*READ)) - places_of(holding)
    decisions = decision_tables(
        step, instance, policy, given, left_out, spare=spare, recourse=recourse is not None, unlisted=unlisted
    )
    network = _with_rows(step, instance, policy, _Terms(recourse, survival), given, decisions)
    return bounded_by_need(network, elsewhere)


@dataclass(frozen=True)
class _Terms:
    """Terms beyond instance and policy, for re-planning and survival.

    Attributes:
        recourse: the terms on which promises can be broken; None where they must be kept.
        survival: deliveries that must be kept up while sites are out; None for none.
    """

    recourse: Recourse | None
    survival: Survival | None


def _with_rows(
    step: Steps,
    instance: Instance,
    policy: Policy | None,
    terms: _Terms,
    given: InstanceTables,
    decisions: DecisionTables,
) -> Network:
    """The network of some decisions, with all rows and the links from decisions to rows."""
    count, alone = len(instance.periods), instance.only()
    discount, orders, recourse = given.discount, given.orders, terms.recourse
    make, ship, stock, uses, sources = (
        decisions.make,
        decisions.ship,
        decisions.stock,
        decisions.uses,
        decisions.sources,
    )
    by_class = ["touched"] if decisions.watches else []
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
        watches=decisions.watches,
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
        relabel=decisions.relabel,
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
        **decisions.bounds,
        **survival_tables(terms.survival, capacity, expand_capacity),
        **recourse_tables(recourse, orders, late, decisions.bounds, discount),
        **limit_tables(instance, policy, Counted(made, kept, deliveries, ordered), discount, recourse, step),
        **no_sourcing(),
    )
