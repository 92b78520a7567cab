"""Which item can be where, and when: pruning of decisions that could never be part of a plan.

An item is *useful* at a place if it can get from there to where it is an end in itself (`moving.reachable_places`
lists the ends); it can be *present* if it is made, kept or arriving there or comes over a lane. Quantities and
capacities play no part, so that a what-if on numbers never changes what exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from planner.network.frames import positions

PLACE = ["place", "item"]


@dataclass(frozen=True)
class Lanes:
    """Lanes as pairs: `own` rows carry one item; `shared` rows carry every item that has no row of its own."""

    own: pd.DataFrame
    shared: pd.DataFrame

    @classmethod
    def of(cls, resolved: pd.DataFrame) -> Lanes:
        """From the resolved table of lanes."""
        pairs = resolved[["from", "to", "item"]].drop_duplicates()
        own = pairs["item"] != "*"
        return cls(pairs[own].reset_index(drop=True), pairs[~own][["from", "to"]].reset_index(drop=True))

    def with_items(self, near: str, places: pd.DataFrame) -> pd.DataFrame:
        """(from, to, item, lane_item) of every lane whose end `near` is one of `places` with that item."""
        at = places.rename(columns={"place": near})
        own = self.own.merge(at, on=[near, "item"])
        own["lane_item"] = own["item"]
        shared = self.shared.merge(at, on=near)
        taken = positions(shared, self.own, ["from", "to", "item"]) >= 0
        shared = shared[~taken]
        shared = shared.assign(lane_item="*")
        return pd.concat([own, shared], ignore_index=True)[["from", "to", "item", "lane_item"]]


def useful_places(lanes: Lanes, wanted: pd.DataFrame, recipes: pd.DataFrame) -> pd.DataFrame:
    """(place, item) from which an item can get to where it is wanted.

    Args:
        lanes: the lanes.
        wanted: (place, item) that are an end in themselves.
        recipes: (site, item, component) of every process; component is NaN where it takes none.
    """
    uses = recipes.dropna(subset=["component"])
    found = wanted.drop_duplicates()
    fresh = found
    while not fresh.empty:
        back = lanes.with_items("to", fresh)
        step = [pd.DataFrame({"place": back["from"], "item": back["item"]})]
        made = uses.merge(fresh.rename(columns={"place": "site"}), on=["site", "item"])
        step.append(pd.DataFrame({"place": made["site"], "item": made["component"]}))
        fresh, found = _grown(found, pd.concat(step, ignore_index=True))
    return found


def spread_places(lanes: Lanes, sources: pd.DataFrame, recipes: pd.DataFrame) -> pd.DataFrame:
    """(place, item) that stock which is there anyway can be brought to, or made into.

    Args:
        lanes: the lanes.
        sources: (place, item) of opening stock and arrivals.
        recipes: (site, item, component) of every process.
    """
    found = sources.drop_duplicates()
    fresh = found
    while not fresh.empty:
        on = lanes.with_items("from", fresh)
        made = recipes.merge(fresh.rename(columns={"place": "site", "item": "component"}), on=["site", "component"])
        step = pd.concat(
            [
                pd.DataFrame({"place": on["to"], "item": on["item"]}),
                pd.DataFrame({"place": made["site"], "item": made["item"]}),
            ],
            ignore_index=True,
        )
        fresh, found = _grown(found, step)
    return found


def present_places(lanes: Lanes, sources: pd.DataFrame, useful: pd.DataFrame) -> pd.DataFrame:
    """(place, item) at which an item can be: its sources, and what lanes carry on to where it is useful."""
    found = sources.drop_duplicates()
    fresh = found
    while not fresh.empty:
        on = lanes.with_items("from", fresh)
        step = pd.DataFrame({"place": on["to"], "item": on["item"]})
        step = step[positions(step, useful, PLACE) >= 0]
        fresh, found = _grown(found, step)
    return found


def _grown(found: pd.DataFrame, step: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    step = step.drop_duplicates()
    fresh = step[positions(step, found, PLACE) < 0]
    return fresh, pd.concat([found, fresh], ignore_index=True)


@dataclass(frozen=True)
class Timing:
    """What can happen when: flags for each make and ship candidate, and presence by place and period."""

    make: np.ndarray[Any, Any]
    ship: np.ndarray[Any, Any]
    present: np.ndarray[Any, Any]


def reach_in_time(
    places: pd.DataFrame,
    count: int,
    sources: pd.DataFrame,
    keeps: np.ndarray[Any, Any],
    make: pd.DataFrame,
    uses: pd.DataFrame,
    ship: pd.DataFrame,
) -> Timing:
    """Which starts and departures can happen, given when their components can first be there.

    Args:
        places: (place, item), sites and customers.
        count: number of periods.
        sources: (place, item, period) of opening stock and arrivals.
        keeps: for each place, whether stock can be kept.
        make: candidates (site, item, period, finish).
        uses: (row of make, component).
        ship: candidates (from, to, item, period, arrive).
    """

    def code(table: pd.DataFrame, place: str, item: str) -> np.ndarray[Any, Any]:
        keys = pd.DataFrame({"place": table[place].to_numpy(), "item": table[item].to_numpy()})
        return positions(keys, places, PLACE)

    present = np.zeros((len(places) + 1, count), dtype=bool)  # the last row stands for places that are not known
    present[code(sources, "place", "item"), sources["period"].to_numpy(dtype=np.int64)] = True
    present[-1] = False
    made, start, finish = (
        code(make, "site", "item"),
        make["period"].to_numpy(dtype=np.int64),
        make["finish"].to_numpy(dtype=np.int64),
    )
    by = uses["row"].to_numpy(dtype=np.int64)
    component = code(
        pd.DataFrame({"site": make["site"].to_numpy()[by], "component": uses["component"].to_numpy()}),
        "site",
        "component",
    )
    left, to = code(ship, "from", "item"), code(ship, "to", "item")
    leave, arrive = ship["period"].to_numpy(dtype=np.int64), ship["arrive"].to_numpy(dtype=np.int64)
    while True:
        before = int(present.sum())
        kept = present[:-1][keeps]
        present[:-1][keeps] = np.logical_or.accumulate(kept, axis=1)
        missing = np.bincount(by, weights=~present[component, start[by]], minlength=len(make)) > 0
        can_make = ~missing & (made >= 0)
        present[made[can_make], finish[can_make]] = True
        can_ship = present[left, leave] & (to >= 0)
        present[to[can_ship], arrive[can_ship]] = True
        present[-1] = False
        if int(present.sum()) == before:
            return Timing(can_make, can_ship, present[:-1])
