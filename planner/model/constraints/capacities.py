"""Capacities of resources and lanes, committed minima, and options with a fixed cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pandas as pd

from planner.model.family import Family
from planner.model.loosening import Loosening, Turn
from planner.model.variable_blocks import Array, Decisions, Terms
from planner.model.words.lines import Line, Phrase, Wording, one_or_many
from planner.model.words.names import Labels, period_name, resource_name
from planner.network.frames import (
    distinct,
    in_order,
    label_rows,
    lookup,
    narrowed,
    positions,
    renamed,
    table_of_columns,
)
from planner.network.network import Network
from planner.network.usable import capacity_bought


def _capacity(phrase: Phrase) -> str:
    head = "resources {} have" if phrase.several("resource") else "resource {} has"
    return f"The {head.format(phrase['resource'])} {phrase.span()}{phrase.each} {phrase.when}."


def _lane(phrase: Phrase) -> str:
    items = "" if phrase.group.labels["item"] == ("*",) else f" of {phrase['item']}"
    return f"At most {phrase.span()} units{items}{phrase.each} can leave {phrase['lane']} {phrase.when}."


def _raise_lane(phrase: Phrase) -> str:
    items = "" if phrase.group.labels["item"] == ("*",) else f" for {phrase['item']}"
    lane = "lanes" if phrase.several("lane") else "lane"
    return f"raise the limit of the {lane} {phrase['lane']}{items} {phrase.when} {phrase.raised}"


def _commitment(phrase: Phrase) -> str:
    verb = "commitments {} ask" if phrase.many else "commitment {} asks"
    return f"The {verb.format(phrase['commitment'])} for at least {phrase.span()}{' each' if phrase.many else ''}."


CAPACITY = Wording("capacity", _capacity, over=("period", "resource"))
RAISE_CAPACITY = Wording(
    "raise_capacity",
    lambda phrase: f"raise the capacity of {phrase['resource']} {phrase.when} {phrase.raised}",
    over=("period", "resource"),
)
LANE_CAPACITY = Wording("lane_capacity", _lane, over=("period", "item", "lane"))
RAISE_LANE = Wording("raise_lane", _raise_lane, over=("period", "lane"))
COMMITMENT = Wording("commitment", _commitment, over=("commitment",))
LOWER_COMMITMENT = Wording(
    "lower_commitment",
    lambda phrase: f"lower the minimum of the commitment {phrase['commitment']} {phrase.lowered}",
    over=("commitment",),
)
OPTION_OPENED = Wording(
    "option_opened",
    one_or_many("What the option {} gives must be opened.", "What the options {} give must be opened.", "option"),
    by_nature=True,
)


class Capacity(Family):
    """The work started on a resource in a period fits its capacity.

    sum_(p on q) capacity_use_p * make[p,t] - sum_o usable_o[t] * expand[o] <= capacity[q,t]
    usable_o[t]: the option's capacity; of an option that is bought whole no more than can be used of it
    (+ all of the capacity * halt[sites,t] on the left, where sites can be out for a share of a period)

    Work counts in the period in which it starts. A resource with any row or option has 0 where no row covers a
    period; one with neither has no row here: it is unlimited.
    Shadow price: what one more unit of capacity saves (money a resource unit, never negative).
    Moved by: the capacity change, expansion options.
    """

    name = "capacity"
    over = ("site", "resource", "period")
    sense = "<="
    unit = "resource units"
    wordings = (CAPACITY,)
    figures = ("expand",)
    turn = Turn.CAPACITIES
    choke_point = "resource"
    physical = True

    def left(self, network: Network, x: Decisions) -> Terms:
        """Capacity used by work that starts in the period, minus the capacity of the options bought."""
        resource = ["site", "resource", "period"]
        limited = narrowed(network.make, [*resource, "capacity_use"]).assign(row=range(len(network.make)))
        limited = limited[positions(limited, network.capacity, resource) >= 0]
        bought = capacity_bought(network)
        bought = bought[positions(bought, network.capacity, resource) >= 0]
        return (
            x.make.sum(resource, "capacity_use", limited)
            - x.expand.sum(resource, "counted", bought)
            + x.halt.sum(resource, "capacity", network.halt_uses)
        )

    def right(self, network: Network) -> pd.DataFrame:
        """Capacity in the instance's table, in resource units; 0 where a resource has no row in the period."""
        return renamed(network.capacity, {"capacity": "right"})

    def line(self, network: Network, labels: Labels, right: float) -> Line:
        """The row with site and resource joined to one name."""
        resource = resource_name(labels[0], labels[1])
        return Line(CAPACITY, {"resource": resource, "period": period_name(network, labels[2])}, (right,))

    def loosenings(self, network: Network, labels: pd.DataFrame, right: Array) -> Iterator[tuple[int, Loosening]]:
        """Raise the capacity of a resource in a period: each row has a figure of its own."""
        for row, (site, resource, period) in enumerate(labels.itertuples(index=False, name=None)):
            named = {"resource": resource_name(site, resource), "period": period_name(network, period)}
            yield row, Loosening(RAISE_CAPACITY, named, float(right[row]))

    def choke_points(self, network: Network, x: Decisions, labels: pd.DataFrame, values: Array) -> pd.DataFrame:
        """Capacity used on each resource, and its capacity including the options bought, in resource units."""
        keys = ["site", "resource", "period"]
        make = network.make
        made = values[x.make.span] * make["capacity_use"].to_numpy(dtype=float)
        at = positions(make, labels, keys)
        used = np.bincount(at[at >= 0], weights=made[at >= 0], minlength=len(labels))
        bought = network.expand_capacity
        share = values[x.expand.first + bought["row"].to_numpy(dtype=np.int64)]
        more_at = positions(bought, labels, keys)
        more = share * bought["capacity"].to_numpy(dtype=float)
        added = np.bincount(more_at[more_at >= 0], weights=more[more_at >= 0], minlength=len(labels))
        stages: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        worked = ["site", "resource", "stage"]
        for site, resource, stage in label_rows(in_order(distinct(make, worked), ["stage"]), worked):
            stages[site, resource].append(stage)
        return table_of_columns(
            {
                "name": labels["resource"],
                "site": labels["site"],
                "region": _regions(network, labels["site"]),
                "stage": ["+".join(stages[resource]) for resource in label_rows(labels, ["site", "resource"])],
                "used": used,
                "capacity": lookup(labels, network.capacity, keys, "capacity", 0.0).astype(float) + added,
            }
        )


class LaneCapacity(Family):
    """What leaves over a lane in a period fits its limit.

    sum_i ship[l,i,t] <= capacity[l,t]   (all items together; one item where the row names one)

    Shadow price: what one more unit over the lane saves (money a unit, never negative).
    Moved by: the lane_capacity change.
    """

    name = "lane_capacity"
    over = ("from", "to", "item", "period")
    sense = "<="
    unit = "units"
    wordings = (LANE_CAPACITY,)
    turn = Turn.CAPACITIES
    choke_point = "lane"
    physical = True

    def left(self, network: Network, x: Decisions) -> Terms:
        """Units that leave over the lane in the period."""
        return x.ship.sum(["from", "to", "item", "period"], through=network.lane_uses)

    def right(self, network: Network) -> pd.DataFrame:
        """The limit of the lane in the period, in units."""
        return renamed(network.lane_capacity, {"capacity": "right"})

    def line(self, network: Network, labels: Labels, right: float) -> Line:
        """The row with the two ends of the lane joined to one name."""
        start, end, item, period = labels
        named = {"lane": f"{start} for {end}", "item": str(item), "period": period_name(network, period)}
        return Line(LANE_CAPACITY, named, (right,))

    def loosenings(self, network: Network, labels: pd.DataFrame, right: Array) -> Iterator[tuple[int, Loosening]]:
        """Raise the limit of a lane in a period: each row has a figure of its own."""
        for row, (start, end, item, period) in enumerate(labels.itertuples(index=False, name=None)):
            named = {"lane": f"{start} > {end}", "item": str(item), "period": period_name(network, period)}
            yield row, Loosening(RAISE_LANE, named, float(right[row]))

    def choke_points(self, network: Network, x: Decisions, labels: pd.DataFrame, values: Array) -> pd.DataFrame:
        """Units that leave over each lane, and its limit."""
        keys = ["from", "to", "item", "period"]
        uses = network.lane_uses
        sent = values[x.ship.first + uses["row"].to_numpy(dtype=np.int64)]
        items = np.where(labels["item"] == "*", "", " " + labels["item"].astype(str))
        return table_of_columns(
            {
                "name": labels["from"].astype(str) + " > " + labels["to"].astype(str) + items,
                "site": labels["from"],
                "region": _regions(network, labels["from"]),
                "stage": "",
                "used": np.bincount(positions(uses, labels, keys), weights=sent, minlength=len(labels)),
                "capacity": lookup(labels, network.lane_capacity, keys, "capacity", 0.0).astype(float),
            }
        )


class Commitment(Family):
    """A committed minimum is made over the contract's periods, or its shortfall is paid.

    sum_(p, t in window) amount_p * make[p,t] + under[contract] >= minimum
    amount_p = yield_p where the contract counts an item, capacity_use_p where it counts a resource

    A start counts in its own period. `under` exists only where the shortfall has a price.
    Shadow price: minus what one more committed unit costs (money a unit, never positive).
    Moved by: the minimum.
    """

    name = "commitment"
    over = ("commitment",)
    sense = ">="
    unit = "good units, or resource units"
    wordings = (COMMITMENT,)
    turn = Turn.CAPACITIES
    promise = "commitment"

    def left(self, network: Network, x: Decisions) -> Terms:
        """Good units (or resource units) that count towards the contract, plus the shortfall where it has a price."""
        return x.make.sum(["commitment"], "amount", network.commitment_uses) + x.under.sum(["commitment"])

    def right(self, network: Network) -> pd.DataFrame:
        """The minimum of each contract, in good units of its item or in units of its resource."""
        return renamed(network.commitments, {"minimum": "right"})

    def loosenings(self, network: Network, labels: pd.DataFrame, right: Array) -> Iterator[tuple[int, Loosening]]:
        """Lower the minimum; only for hard commitments, because a priced one gives way at its shortfall cost."""
        priced = set(network.under["commitment"])
        for row, name in enumerate(labels["commitment"]):
            if name not in priced:
                yield row, Loosening(LOWER_COMMITMENT, {"commitment": str(name)}, float(right[row]), up=False)

    def worth(self, network: Network, labels: pd.DataFrame, duals: Array) -> pd.Series:
        """The worth of one more committed unit: the size of the row's dual, undiscounted at the end of the horizon."""
        return pd.Series(np.abs(duals) / network.discount.to_numpy()[-1], index=labels["commitment"].to_numpy())


class ExpansionOpen(Family):
    """A part of an option is bought only where its fixed cost is paid.

    expand[o] - usable_o * open[o] <= 0
    usable_o: the share of the option that can be used at most

    Shadow price: of the program with the integers fixed; no figure to act on.
    Moved by: nothing.
    """

    name = "expansion_open"
    over = ("option",)
    sense = "<="
    unit = "share of the option"
    wordings = (OPTION_OPENED,)

    def left(self, network: Network, x: Decisions) -> Terms:
        """Share of the option that is bought, minus the share that can be used where its fixed cost is paid."""
        opened = network.open
        usable = opened.assign(row=range(len(opened)), usable=opened["usable"].where(opened["integer"], 1.0))
        return x.expand.sum(["option"], through=opened) - x.open.sum(["option"], "usable", usable)

    def right(self, network: Network) -> pd.DataFrame:
        """0: both sides of the rule are decisions and stand on the left."""
        return network.opens.assign(right=0.0)


def _regions(network: Network, sites: pd.Series) -> list[str]:
    regions = network.instance.region_of
    return [regions[site] for site in sites.tolist()]
