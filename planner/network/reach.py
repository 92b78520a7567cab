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

from planner.network.frames import distinct, label_rows, positions

PLACE = ["place", "item"]
Place = tuple[str, str]  # a site or customer, and an item
Flags = np.ndarray[Any, np.dtype[np.bool_]]
Recipes = Iterable[tuple[str, str, str]]  # (site, item, component) of every process that takes any


@dataclass(frozen=True)
class Lanes:
    """Lanes as pairs of places; a lane for all items carries only items without a lane of their own there.

    Attributes:
        own: (from, to, item) of lanes of one item.
        items_on, items_back: the ends, or origins, of lanes of one item, by place and item.
        all_on, all_back: the ends, or origins, of lanes for all items, by place.
        left_out: places, each with an item, through which nothing goes (network/passing.py).
    """

    own: frozenset[tuple[str, str, str]]
    items_on: Mapping[Place, Sequence[str]]
    items_back: Mapping[Place, Sequence[str]]
    all_on: Mapping[str, Sequence[str]]
    all_back: Mapping[str, Sequence[str]]
    left_out: frozenset[Place] = frozenset()

    @classmethod
    def of(cls, resolved: pd.DataFrame, left_out: frozenset[Place] = frozenset()) -> Lanes:
        """The pairs of places in a table of lanes as `lane_rows` gives it, without the places that are left out."""
        pairs = label_rows(distinct(resolved, ["from", "to", "item"]), ["from", "to", "item"])
        own = [pair for pair in pairs if pair[2] != "*"]
        shared = [pair for pair in pairs if pair[2] == "*"]
        return cls(
            frozenset(own),
            _grouped(((start, item), end) for start, end, item in own),
            _grouped(((end, item), start) for start, end, item in own),
            _grouped((start, end) for start, end, _ in shared),
            _grouped((end, start) for start, end, _ in shared),
            left_out,
        )

    @property
    def ends(self) -> set[str]:
        """All places at which a lane ends."""
        return {end for _, end, _ in self.own} | set(self.all_back)

    def onward(self, place: str, item: str) -> Iterator[tuple[str, str]]:
        """The places to which lanes carry an item from a place, with the item of the lane's row (`*` for all)."""
        for end in self.items_on.get((place, item), ()):
            if (end, item) not in self.left_out:
                yield end, item
        for end in self.all_on.get(place, ()):
            if (place, end, item) not in self.own and (end, item) not in self.left_out:
                yield end, "*"

    def back(self, place: str, item: str) -> Iterator[str]:
        """The places from which lanes carry an item to a place."""
        for start in self.items_back.get((place, item), ()):
            if (start, item) not in self.left_out:
                yield start
        for start in self.all_back.get(place, ()):
            if (start, place, item) not in self.own and (start, item) not in self.left_out:
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
class Candidates:
    """What may be started, sent and kept, before it is asked what can be there in time.

    Attributes:
        places: (place, item) of each site and customer with each item that can be there.
        keeps: for each place, whether stock can be kept.
        make: site, item, period, finish.
        uses: row (position in `make`), site, component.
        ship: from, to, item, period, arrive.
        count: number of periods.
    """

    places: pd.DataFrame
    keeps: Flags
    make: pd.DataFrame
    uses: pd.DataFrame
    ship: pd.DataFrame
    count: int

    def at(self, table: pd.DataFrame, place: str, item: str) -> np.ndarray[Any, Any]:
        """The position among the places of each row of a table, by two of its columns; -1 where there is none."""
        return positions({"place": table[place].to_numpy(), "item": table[item].to_numpy()}, self.places, PLACE)

    def present(self, sources: pd.DataFrame, number: Any, classes: int) -> Flags:
        """Flags by place, period and class: what opening stock and arrivals are (place, item, period), and no more.

        Args:
            sources: opening stock and arrivals.
            number: of the class of each, or of all.
            classes: how many there are.
        """
        found = np.zeros((len(self.places), self.count, classes), dtype=bool)
        at = self.at(sources, "place", "item")
        known = at >= 0
        numbers = np.broadcast_to(number, len(at))
        found[at[known], sources["period"].to_numpy(dtype=np.int64)[known], numbers[known]] = True
        return found


@dataclass(frozen=True)
class Timing:
    """What can happen when, as flags by class; units that are not told apart are all of one.

    Attributes:
        make: of each candidate start.
        ship: of each candidate departure.
        present: by place and period, whether the item can be there.
    """

    make: Flags
    ship: Flags
    present: Flags


def reach_in_time(candidates: Candidates, sources: pd.DataFrame) -> Timing:
    """The starts and departures that can happen, given when their components can first be there.

    Args:
        candidates: what may be started, sent and kept.
        sources: (place, item, period) of opening stock and arrivals.
    """
    present = candidates.present(sources, 0, 1)
    return by_class_in_time(candidates, present, np.ones((len(candidates.make), 1), dtype=bool), np.logical_and)


def by_class_in_time(
    candidates: Candidates, present: Flags, own: Flags, with_component: Callable[[Flags, Flags], Flags]
) -> Timing:
    """The classes that can be where and when: those of the components of a start, together with its own.

    Args:
        candidates: what may be started, sent and kept.
        present: flags by place, period and class of what is there anyway.
        own: flags by class of each start without its components.
        with_component: flags by class of starts from those before a component is taken, and those of the component.
    """
    make, uses, ship, keeps = candidates.make, candidates.uses, candidates.ship, candidates.keeps
    present = np.concatenate([present, np.zeros((1, *present.shape[1:]), dtype=bool)])  # for places that are none: -1
    made, finish = candidates.at(make, "site", "item"), make["finish"].to_numpy(dtype=np.int64)
    row, component = uses["row"].to_numpy(dtype=np.int64), candidates.at(uses, "site", "component")
    start = make["period"].to_numpy(dtype=np.int64)[row]
    turns = _turns(row)
    left, to = (candidates.at(ship, end, "item") for end in ("from", "to"))
    leave, arrive = ship["period"].to_numpy(dtype=np.int64), ship["arrive"].to_numpy(dtype=np.int64)
    while True:
        before = int(present.sum())
        present[:-1][keeps] = np.logical_or.accumulate(present[:-1][keeps], axis=1)
        able = own & (made >= 0)[:, None]
        for taken in turns:
            able[row[taken]] = with_component(able[row[taken]], present[component[taken], start[taken]])
        at, number = np.nonzero(able)
        present[made[at], finish[at], number] = True
        sent = present[left, leave] & (to >= 0)[:, None]
        at, number = np.nonzero(sent)
        present[to[at], arrive[at], number] = True
        if int(present.sum()) == before:
            return Timing(able, sent, present[:-1])


def _turns(row: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
    """The entries in turns in which each row stands at most once, in their order."""
    order = np.argsort(row, kind="stable")
    sorted_rows, turn = row[order], np.zeros(len(row), dtype=np.int64)
    turn[order] = np.arange(len(row)) - np.searchsorted(sorted_rows, sorted_rows, side="left")
    return [np.flatnonzero(turn == number) for number in range(int(turn.max(initial=-1)) + 1)]
