"""Capacities of resources and lanes, committed minima, and options with a fixed cost."""

from __future__ import annotations

import pandas as pd

from planner.model.blocks import Decisions, Terms
from planner.model.family import Family
from planner.network.frames import narrowed, positions
from planner.network.network import Network
from planner.network.usable import capacity_bought


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

    def left(self, network: Network, x: Decisions) -> Terms:
        """Capacity used, less capacity bought."""
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
        """Capacity of the rows."""
        return network.capacity.rename(columns={"capacity": "right"})


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

    def left(self, network: Network, x: Decisions) -> Terms:
        """Departures."""
        return x.ship.sum(["from", "to", "item", "period"], through=network.lane_uses)

    def right(self, network: Network) -> pd.DataFrame:
        """Limits of lanes."""
        return network.lane_capacity.rename(columns={"capacity": "right"})


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

    def left(self, network: Network, x: Decisions) -> Terms:
        """What counts, and what is short."""
        return x.make.sum(["commitment"], "amount", network.commitment_uses) + x.under.sum(["commitment"])

    def right(self, network: Network) -> pd.DataFrame:
        """Committed minima."""
        return network.commitments.rename(columns={"minimum": "right"})


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

    def left(self, network: Network, x: Decisions) -> Terms:
        """Part bought, less opened."""
        opened = network.open
        usable = opened.assign(row=range(len(opened)), usable=opened["usable"].where(opened["integer"], 1.0))
        return x.expand.sum(["option"], through=opened) - x.open.sum(["option"], "usable", usable)

    def right(self, network: Network) -> pd.DataFrame:
        """Zero."""
        return network.opens.assign(right=0.0)
