"""Which item can be where, and when: pruning of decisions that could never be part of a plan.

An item is *useful* at a place if it can get from there to where it is an end in itself (`possible.ends_in_themselves`
lists these); it can be *present* if it is made, kept or arriving there or comes over a lane. Quantities and
capacities play no part, so that a what-if on numbers never changes what exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from planner.network.frames import distinct, joined, narrowed, place_keys, positions

PLACE = ["place", "item"]


@dataclass(frozen=True)
class Lanes:
    """Lanes as pairs: `own` rows carry one item; `shared` rows carry every item that has no row of its own."""

    own: pd.DataFrame
    shared: pd.DataFrame

    @classmethod
    def of(cls, resolved: pd.DataFrame) -> Lanes:
        """From the resolved table of lanes."""
        pairs = distinct(resolved, ["from", "to", "item"])
        own = pairs["item"] != "*"
        return cls(pairs[own].reset_index(drop=True), narrowed(pairs[~own], ["from", "to"]).reset_index(drop=True))

    def with_items(self, near: str, places: pd.DataFrame) -> pd.DataFrame:
        """(from, to, item, lane_item) of every lane whose end `near` is one of `places` with that item."""
        at = places.set_axis([near, "item"], axis=1)
        own = joined(self.own, at, [near, "item"])
        shared = joined(self.shared, at, [near])
        shared = shared[positions(shared, self.own, ["from", "to", "item"]) < 0]
        return pd.concat([own.assign(lane_item=own["item"]), shared.assign(lane_item="*")], ignore_index=True)


def useful_places(lanes: Lanes, wanted: pd.DataFrame, recipes: pd.DataFrame) -> pd.DataFrame:
    """(place, item) from which an item can get to where it is wanted.

    Args:
        lanes: the lanes.
        wanted: (place, item) that are an end in themselves.
        recipes: (site, item, component) of every process that takes any.
    """
    found = distinct(wanted, PLACE)
    fresh = found
    while not fresh.empty:
        back = lanes.with_items("to", fresh)
        made = recipes[positions(recipes, fresh.set_axis(["site", "item"], axis=1), ["site", "item"]) >= 0]
        fresh, found = _grown(found, place_keys(back, "from", "item"), place_keys(made, "site", "component"))
    return found


def spread_places(lanes: Lanes, sources: pd.DataFrame, recipes: pd.DataFrame) -> pd.DataFrame:
    """(place, item) that stock which is there anyway can be brought to, or made into.

    Args:
        lanes: the lanes.
        sources: (place, item) of opening stock and arrivals.
        recipes: (site, item, component) of every process that takes any.
    """
    found = distinct(sources, PLACE)
    fresh = found
    while not fresh.empty:
        on = lanes.with_items("from", fresh)
        made = recipes[positions(recipes, fresh.set_axis(["site", "component"], axis=1), ["site", "component"]) >= 0]
        fresh, found = _grown(found, place_keys(on, "to", "item"), place_keys(made, "site", "item"))
    return found


def present_places(lanes: Lanes, sources: pd.DataFrame, useful: pd.DataFrame) -> pd.DataFrame:
    """(place, item) at which an item can be: its sources, and what lanes carry on to where it is useful."""
    found = distinct(sources, PLACE)
    fresh = found
    while not fresh.empty:
        on = lanes.with_items("from", fresh)
        step = place_keys(on, "to", "item")
        step = step[positions(step, useful, PLACE) >= 0]
        fresh, found = _grown(found, step)
    return found


def _grown(found: pd.DataFrame, *steps: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What some steps reach that was not found before, and all that is found by then."""
    step = distinct(pd.concat(steps, ignore_index=True), PLACE)
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
        return positions(place_keys(table, place, item), places, PLACE)

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
