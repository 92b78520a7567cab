"""The outline of an instance: what can start and go where, whether anybody wants it or not.

It takes the steps of `build_network` as far as they say what is possible, so that an instance is judged as it is
planned, without the figures that only a plan needs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.network.frames import ORDER, distinct, label_rows, narrowed, place_keys, positions
from planner.network.making import make_candidates
from planner.network.moving import lane_rows, sources_of
from planner.network.orders import order_rows
from planner.network.possible import LANE, SOURCE, START, Possible, ends_in_themselves, listed_places, possible
from planner.network.reach import PLACE, Lanes


@dataclass(frozen=True)
class Outline:
    """What can start and go where.

    Attributes:
        instance: of which.
        orders: as `order_rows` gives them.
        pairs: the lanes as pairs of places.
        sources: place, item, period of opening stock and arrivals.
        starts, uses: every start that ends within the horizon and the components that it takes, as `make_candidates`
            gives them.
        ends: place and item that are wanted for their own sake.
        recipes: site, item, component of every process that takes any.
        found: what is possible if everything that can be made is wanted.
    """

    instance: Instance
    orders: pd.DataFrame
    pairs: Lanes
    sources: pd.DataFrame
    starts: pd.DataFrame
    uses: pd.DataFrame
    ends: pd.DataFrame
    recipes: frozenset[tuple[str, str, str]]
    found: Possible

    @property
    def deliveries(self) -> pd.DataFrame:
        """customer, item, period in which something that is owed can arrive."""
        ship = self.found.departures
        keys = pd.DataFrame({"customer": ship["to"], "item": ship["item"], "period": ship["arrive"]})
        return keys[positions(keys, self.orders, ORDER) >= 0]

    @property
    def there(self) -> pd.DataFrame:
        """place, item that can be there in some period."""
        return self.found.places[self.found.present.any(axis=1)]


def outline_of(instance: Instance) -> Outline:
    """The outline of an instance without a policy."""
    discount = pd.Series(np.ones(len(instance.periods)))
    orders = order_rows(instance, discount)
    lanes = narrowed(lane_rows(instance), LANE)
    starts, uses = make_candidates(instance, discount)
    sources = narrowed(sources_of(instance), SOURCE)
    owed = narrowed(orders, ORDER)
    ends = ends_in_themselves(instance, frozenset(), frozenset(), starts, owed)
    made = place_keys(starts, "site", "item")
    at = label_rows(starts, ["site", "item"])
    return Outline(
        instance=instance,
        orders=orders,
        pairs=Lanes.of(lanes),
        sources=sources,
        starts=starts,
        uses=uses,
        ends=ends,
        recipes=frozenset((*at[row], part) for row, part in label_rows(uses, ["row", "component"])),
        found=possible(
            instance,
            lanes,
            narrowed(starts, START),
            uses,
            sources,
            owed,
            distinct(pd.concat([ends, made], ignore_index=True), PLACE),
            listed_places(instance),
            anywhere=False,
        ),
    )
