"""The departures over lanes that can be part of a plan."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pandas as pd

from planner.errors import InstanceError, Problem
from planner.instance.instance import Instance
from planner.network.frames import (
    ORDER,
    Array,
    in_order,
    joined,
    narrowed,
    positions,
    rows_where,
    table_of_rows,
    with_new_names,
)
from planner.network.moving import DEPARTURE
from planner.network.reach import Lanes, Place

LANE = ["from", "to", "item", "period", "lead_time"]
MOST = 20_000_000  # departures of a plan, some 40 GB of a program: far more than any solver here plans with


def departures_of(
    instance: Instance, lanes: pd.DataFrame, pairs: Lanes, useful: set[Place], present: list[Place]
) -> pd.DataFrame:
    """Departures over lanes that carry an item from where it can be to where it is useful.

    Args:
        instance: its periods.
        lanes: from, to, item, period, lead_time: the lane that applies.
        pairs: the same as pairs of places.
        useful: places, each with an item, from which it can get to where it is wanted.
        present: places at which an item can be.

    Returns:
        from, to, item, period, arrive, lane (row of `lanes`), sorted.

    Raises:
        InstanceError: they are more than any plan can have.
    """
    count = len(instance.periods)
    ways = (
        (place, end, item, lane_item)
        for place, item in present
        for end, lane_item in pairs.onward(place, item)
        if (end, item) in useful
    )
    found = list(islice(ways, MOST // count + 1))
    if len(found) * count > MOST:
        raise InstanceError([_too_many(count)])
    carried = table_of_rows(found, ["from", "to", "item", "lane_item"])
    rows = with_new_names(narrowed(lanes, LANE), ["from", "to", "lane_item", "period", "lead_time"])
    rows["lane"] = np.arange(len(lanes))
    ship = joined(rows, carried, ["from", "to", "lane_item"])
    ship["arrive"] = ship["period"] + ship["lead_time"]
    ship = rows_where(narrowed(ship, [*DEPARTURE, "arrive", "lane"]), ship["arrive"].to_numpy() < count)
    return in_order(ship, DEPARTURE)


def can_be_wanted(instance: Instance, ship: pd.DataFrame, orders: pd.DataFrame) -> Array:
    """A flag for each departure: it goes to a site, or to a customer in a period in which something is owed."""
    known = instance.customer_ids
    customers = np.array([place in known for place in ship["to"].tolist()], dtype=bool)
    keys = {"customer": ship["to"].to_numpy(), "item": ship["item"].to_numpy(), "period": ship["arrive"].to_numpy()}
    found: Array = ~customers | (positions(keys, orders, ORDER) >= 0)
    return found


def _too_many(periods: int) -> Problem:
    return Problem(
        "lanes",
        None,
        "from",
        "",
        f"Items could go from place to place in more than {MOST // periods:,} ways in each of {periods:,} periods; a "
        f"plan may have {MOST:,} departures.",
        "Write lanes from the sites that make an item to those that take it, site by site, or plan fewer periods.",
    )
