"""Reach: which item can be where and when, so that decisions which can never be part of a plan are left out.

An item is *useful* at a place if it can get from there to where it is an end in itself (`possible.ends_in_themselves`
lists these). It can be *present* at a place if it is made, kept or arriving there, or comes over a lane. Quantities and
capacities play no part, so a what-if on numbers never changes which decisions exist.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from planner.network.frames import distinct, label_rows

PLACE = ["place", "item"]
Place = tuple[str, str]  # a site or customer, and an item
Recipes = Iterable[tuple[str, str, str]]  # (site, item, component) of every process that takes any


@dataclass(frozen=True)
class Lanes:
    """Lanes as pairs of places; a lane for all items carries only items without a lane of their own there.

    Attributes:
        own: (from, to, item) of lanes of one item.
        items_on, items_back: the ends, or origins, of lanes of one item, by place and item.
        all_on, all_back: the ends, or origins, of lanes for all items, by place.
    """

    own: frozenset[tuple[str, str, str]]
    items_on: Mapping[Place, Sequence[str]]
    items_back: Mapping[Place, Sequence[str]]
    all_on: Mapping[str, Sequence[str]]
    all_back: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, resolved: pd.DataFrame) -> Lanes:
        """The pairs of places in a table of lanes as `lane_rows` gives it."""
        pairs = label_rows(distinct(resolved, ["from", "to", "item"]), ["from", "to", "item"])
        own = [pair for pair in pairs if pair[2] != "*"]
        shared = [pair for pair in pairs if pair[2] == "*"]
        return cls(
            frozenset(own),
            _grouped(((start, item), end) for start, end, item in own),
            _grouped(((end, item), start) for start, end, item in own),
            _grouped((start, end) for start, end, _ in shared),
            _grouped((end, start) for start, end, _ in shared),
        )

    @property
    def ends(self) -> set[str]:
        """All places at which a lane ends."""
        return {end for _, end, _ in self.own} | set(self.all_back)

    def onward(self, place: str, item: str) -> Iterator[tuple[str, str]]:
        """The places to which lanes carry an item from a place, with the item of the lane's row (`*` for all)."""
        for end in self.items_on.get((place, item), ()):
            yield end, item
        for end in self.all_on.get(place, ()):
            if (place, end, item) not in self.own:
                yield end, "*"

    def back(self, place: str, item: str) -> Iterator[str]:
        """The places from which lanes carry an item to a place."""
        yield from self.items_back.get((place, item), ())
        for start in self.all_back.get(place, ()):
            if (start, place, item) not in self.own:
                yield start


def _grouped[Key, Value](pairs: Iterable[tuple[Key, Value]]) -> dict[Key, list[Value]]:
    found: defaultdict[Key, list[Value]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return dict(found)


def useful_places(lanes: Lanes, wanted: Iterable[Place], recipes: Recipes) -> set[Place]:
    """All places from which an item can get to where it is wanted.

    Args:
        lanes: the lanes.
        wanted: places that are an end in themselves.
        recipes: the components that processes take.
    """
    takes = _grouped(((site, item), component) for site, item, component in recipes)

    def before(place: str, item: str) -> Iterator[Place]:
        for start in lanes.back(place, item):
            yield start, item
        for component in takes.get((place, item), ()):
            yield place, component

    return _reached(wanted, before)


def spread_places(lanes: Lanes, sources: Iterable[Place], recipes: Recipes) -> set[Place]:
    """All places to which stock that is there anyway can be brought, as it is or as part of a product.

    Args:
        lanes: the lanes.
        sources: places of opening stock and arrivals.
        recipes: the components that processes take.
    """
    makes = _grouped(((site, component), item) for site, item, component in recipes)

    def after(place: str, item: str) -> Iterator[Place]:
        for end, _ in lanes.onward(place, item):
            yield end, item
        for made in makes.get((place, item), ()):
            yield place, made

    return _reached(sources, after)


def present_places(lanes: Lanes, sources: Iterable[Place], useful: set[Place]) -> set[Place]:
    """All places at which an item can be: its sources, and where lanes bring it as long as it is useful there."""

    def after(place: str, item: str) -> Iterator[Place]:
        for end, _ in lanes.onward(place, item):
            if (end, item) in useful:
                yield end, item

    return _reached(sources, after)


def _reached(start: Iterable[Place], steps: Callable[[str, str], Iterable[Place]]) -> set[Place]:
    """All places that can be reached from some places, step by step, and those places themselves."""
    found = set(start)
    fresh = list(found)
    while fresh:
        for place in steps(*fresh.pop()):
            if place not in found:
                found.add(place)
                fresh.append(place)
    return found


@dataclass(frozen=True)
class Timing:
    """What can happen when, as flags.

    Attributes:
        make: of each candidate start.
        ship: of each candidate departure.
        present: by place and period, whether the item can be there.
    """

    make: np.ndarray[Any, Any]
    ship: np.ndarray[Any, Any]
    present: np.ndarray[Any, Any]


def reach_in_time(
    places: Sequence[Place],
    count: int,
    sources: pd.DataFrame,
    keeps: np.ndarray[Any, Any],
    make: pd.DataFrame,
    uses: pd.DataFrame,
    ship: pd.DataFrame,
) -> Timing:
    """The starts and departures that can happen, given when their components can first be there.

    Args:
        places: each site and customer with each item that can be there.
        count: number of periods.
        sources: (place, item, period) of opening stock and arrivals.
        keeps: for each place, whether stock can be kept.
        make: candidates (site, item, period, finish).
        uses: (row of make, site, component).
        ship: candidates (from, to, item, period, arrive).
    """
    number = {place: at for at, place in enumerate(places)}

    def code(table: pd.DataFrame, place: str, item: str) -> np.ndarray[Any, Any]:
        return np.array([number.get(pair, -1) for pair in label_rows(table, [place, item])], dtype=np.int64)

    present = np.zeros((len(places) + 1, count), dtype=bool)  # the last row stands for unknown places (position -1)
    present[code(sources, "place", "item"), sources["period"].to_numpy(dtype=np.int64)] = True
    present[-1] = False
    made, start, finish = (
        code(make, "site", "item"),
        make["period"].to_numpy(dtype=np.int64),
        make["finish"].to_numpy(dtype=np.int64),
    )
    by = uses["row"].to_numpy(dtype=np.int64)
    component = code(uses, "site", "component")
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
