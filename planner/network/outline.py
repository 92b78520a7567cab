"""The outline of an instance: what can start and move where, whether it is needed or not.

It runs the steps of `build_network` that decide what is possible, so that an instance is checked in the same way as it
is planned, without the figures that only a plan needs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.network.departures import LANE
from planner.network.frames import ORDER, distinct, label_rows, narrowed, table_of_columns, table_of_rows
from planner.network.making import make_candidates
from planner.network.moving import lane_rows, sources_of
from planner.network.passing import stood_for
from planner.network.possible import (
    SOURCE,
    START,
    GivenTables,
    Places,
    Possible,
    Wanted,
    ends_in_themselves,
    listed_places,
    possible,
)
from planner.network.reach import Lanes

MOST_ROWS = 1_000_000  # processes, items and orders, a row a period each: far more than any solver here plans with


@dataclass(frozen=True)
class Outline:
    """What can start and move where.

    Attributes:
        instance: the instance, without a policy.
        alike: for each customer the first customer that exactly the same lanes reach; it represents all of them here.
        pairs: the lanes as pairs of places.
        through: the same without places that others stand for (network/passing.py): what it joins is the same.
        sources: place, item, period of opening stock and arrivals.
        starts, uses: every start that ends within the horizon and the components that it takes, as `make_candidates`
            gives them.
        ends: places, each with an item, that are wanted for their own sake.
        recipes: site, item, component of every process that takes any.
        found: what is possible if everything that can be made is wanted, and orders may arrive in any period.
    """

    instance: Instance
    alike: dict[str, str]
    pairs: Lanes
    through: Lanes
    sources: pd.DataFrame
    starts: pd.DataFrame
    uses: pd.DataFrame
    ends: Places
    recipes: frozenset[tuple[str, str, str]]
    found: Possible

    @cached_property
    def arrivals(self) -> dict[tuple[str, str], int]:
        """The periods in which an item can arrive at a (representative) customer, one bit each."""
        ship = self.found.departures
        keys = table_of_columns({"to": ship["to"], "item": ship["item"], "period": ship["arrive"]})
        stand_for = set(self.alike.values())
        masks: dict[tuple[str, str], int] = defaultdict(int)
        for to, item, period in distinct(keys, ["to", "item", "period"]).itertuples(index=False):
            if to in stand_for:
                masks[to, item] |= 1 << int(period)
        return masks

    @property
    def there(self) -> pd.DataFrame:
        """The places at which an item can be in some period: place, item."""
        return self.found.places[self.found.present.any(axis=1)]


def rows_by_period(instance: Instance) -> int:
    """The number of processes and items in all periods, and of orders; above `MOST_ROWS` gaps are not searched for."""
    windows = Counter(row.period for row in instance.demand)
    orders = sum(count * len(instance.periods.window(text)) for text, count in windows.items())
    return (len(instance.processes) + len(instance.items)) * len(instance.periods) + orders


def customers_alike(instance: Instance) -> dict[str, str]:
    """For each customer the first one of the same region that has the same lanes, and the same goods on the way."""
    own: dict[str, set[tuple[str, str, str, int]]] = {row.customer: set() for row in instance.customers}
    for row in instance.lanes:
        if row.to in own:
            own[row.to].add((row.from_, row.item, row.period, row.lead_time))
    for coming in instance.arrivals:
        if coming.site in own:
            own[coming.site].add(("", coming.item, coming.period, 0))
    first: dict[tuple[str, frozenset[tuple[str, str, str, int]]], str] = {}
    return {
        row.customer: first.setdefault((row.region, frozenset(own[row.customer])), row.customer)
        for row in instance.customers
    }


def _with_one_of_each(instance: Instance, alike: dict[str, str]) -> Instance:
    """The instance with only the representative customers, and without orders."""
    return instance.replace(
        customers=[row for row in instance.customers if alike[row.customer] == row.customer],
        lanes=[row for row in instance.lanes if alike.get(row.to, row.to) == row.to],
        arrivals=[row for row in instance.arrivals if alike.get(row.site, row.site) == row.site],
        demand=[],
        owed=[],
    )


def outline_of(instance: Instance) -> Outline:
    """The outline of an instance, without a policy."""
    count = len(instance.periods)
    alike = customers_alike(instance)
    ordered = sorted({(alike[row.customer], row.item) for row in instance.due})
    pairs = table_of_rows(ordered, ORDER[:2])
    owed = pairs.loc[pairs.index.repeat(count)].reset_index(drop=True)
    owed["period"] = np.tile(np.arange(count), len(pairs))
    small = _with_one_of_each(instance, alike)
    resolved = lane_rows(small)
    lanes = narrowed(resolved, LANE)
    starts, uses = make_candidates(small, pd.Series(np.ones(count)))
    handed = [
        (row.site, row.item, period)
        for row in small.arrivals
        if row.site in alike
        for period in instance.periods.window(row.period)
    ]
    coming = table_of_rows(handed, SOURCE, {"period": np.int64})
    sources = pd.concat([narrowed(sources_of(small), SOURCE), coming], ignore_index=True)
    ends = ends_in_themselves(small, frozenset(), frozenset(), starts, owed, resolved)
    at = label_rows(starts, ["site", "item"])
    joined, left_out = Lanes.of(lanes), stood_for(small)
    return Outline(
        instance=instance,
        alike=alike,
        pairs=joined,
        through=replace(joined, left_out=left_out),
        sources=sources,
        starts=starts,
        uses=uses,
        ends=ends,
        recipes=frozenset((*at[row], part) for row, part in label_rows(uses, ["row", "component"])),
        found=possible(
            small,
            GivenTables(lanes, narrowed(starts, START), uses, sources, owed),
            Wanted(ends.union(at), ends, frozenset(), frozenset(), left_out),
            listed_places(small),
            anywhere=False,
        ),
    )
