"""Provenance: what each unit has touched, as classes of the watches of a policy (network/watches.py).

A class is a set of watches. The decisions are split by the classes that can be reached, and a unit can be used as if it
had touched more, never less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from planner.network.frames import (
    PLACED,
    distinct,
    in_order,
    joined,
    narrowed,
    rows_at,
    summed,
    table_of_columns,
    text_column,
    with_new_names,
)
from planner.network.reach import PLACE, Candidates, by_class_in_time
from planner.network.watches import Watch

TOUCHED = "touched"

Array = np.ndarray[Any, Any]
Classed = tuple[Array, Array]


@dataclass(frozen=True)
class Split:
    """The decisions by class that can be reached.

    Attributes:
        make, ship, stock: (row of the table without classes, class) of each decision.
        uses: row (of the decisions by class), site, component, period, quantity, touched.
        relabel: site, item, period, touched, as: units of a class used as if they were of a larger one.
    """

    make: Classed
    ship: Classed
    stock: Classed
    uses: pd.DataFrame
    relabel: pd.DataFrame


def classes_of(touched: str) -> frozenset[str]:
    """The names of the watches in the label of a class."""
    return frozenset(touched.split("+")) if touched else frozenset()


class _Classes:
    """All classes as bit masks of their watches, numbered in the order of their labels."""

    def __init__(self, watches: tuple[Watch, ...]) -> None:
        self.watches = watches
        names = {
            mask: "+".join(watch.name for bit, watch in enumerate(watches) if mask >> bit & 1)
            for mask in range(2 ** len(watches))
        }
        self.masks = np.array(sorted(names, key=lambda mask: names[mask]), dtype=np.int64)
        self.labels = np.array([names[mask] for mask in self.masks], dtype=object)
        self.number = np.argsort(self.masks)  # number of the class of each mask

    def of_site(self, site: str) -> int:
        """The mask of the watches that work at a site touches."""
        return sum(1 << bit for bit, watch in enumerate(self.watches) if site in watch.sites)

    def of_source(self, touched: tuple[str, ...]) -> int:
        """The mask of opening stock or arrivals that carry some marks (`marks_on`)."""
        mask = sum(1 << bit for bit, watch in enumerate(self.watches) if watch.regions & set(touched))
        for mark in touched:
            if mark.startswith("site:"):
                mask |= self.of_site(mark.removeprefix("site:"))
        return mask

    def unions(self, left: Array, right: Array) -> Array:
        """For each row, which classes are the union of one class of `left` and one of `right` (flags by class)."""
        subsets = self._below(left) * self._below(right)
        for bit in range(len(self.watches)):
            having = (self.masks >> bit & 1) == 1
            without = self.number[self.masks[having] ^ (1 << bit)]
            subsets[:, having] -= subsets[:, without]
        return np.asarray(subsets > 0)

    def _below(self, flags: Array) -> Array:
        """For each class, how many flagged classes it contains."""
        counts = flags.astype(np.int64)
        for bit in range(len(self.watches)):
            having = (self.masks >> bit & 1) == 1
            counts[:, having] += counts[:, self.number[self.masks[having] ^ (1 << bit)]]
        return counts


def split_by_class(
    watches: tuple[Watch, ...], candidates: Candidates, stock: pd.DataFrame, sources: pd.DataFrame
) -> Split:
    """The decisions of a network, one for each class that its units can be of.

    Args:
        watches: what is watched.
        candidates: the decisions without classes.
        stock: table of the network without classes.
        sources: as `classed_sources` gives them.
    """
    classes, make, uses = _Classes(watches), candidates.make, candidates.uses
    label_number = {label: number for number, label in enumerate(classes.labels)}
    given = np.array([label_number[label] for label in sources[TOUCHED].tolist()], dtype=np.int64)
    own = np.zeros((len(make), len(classes.labels)), dtype=bool)
    masks = np.array([classes.of_site(site) for site in make["site"]], dtype=np.int64)
    own[np.arange(len(make)), classes.number[masks]] = True
    there = candidates.present(sources, given, len(classes.labels))
    reached = by_class_in_time(candidates, there, own, classes.unions)
    at, number = np.nonzero(reached.make)
    made = at, classes.labels[number]
    copies = table_of_columns({"row": at, "new": np.arange(len(at)), "number": number})
    used = in_order(joined(copies, uses, ["row"]), ["new", "component"])
    used["row"] = used["new"]
    used[TOUCHED] = text_column(classes.labels[used["number"].to_numpy(dtype=np.int64)])
    at, number = np.nonzero(reached.ship)
    sent = at, classes.labels[number]
    kept = reached.present[candidates.at(stock, "site", "item"), stock["period"].to_numpy(dtype=np.int64)].copy()
    kept[~kept.any(axis=1), classes.number[0]] = True  # a minimum that nothing can meet: the conflict names it
    at, number = np.nonzero(kept)
    return Split(
        make=made,
        ship=sent,
        stock=(at, classes.labels[number]),
        uses=narrowed(used, [*uses, TOUCHED]),
        relabel=_relabelling(classes, candidates, used, reached.present),
    )


def class_of(watches: tuple[Watch, ...], touched: tuple[str, ...]) -> str:
    """The label of the class of opening stock or arrivals that carry some marks (`marks_on`)."""
    classes = _Classes(watches)
    return str(classes.labels[classes.number[classes.of_source(touched)]])


def classed_sources(watches: tuple[Watch, ...], sources: pd.DataFrame) -> pd.DataFrame:
    """Opening stock and arrivals by the class of what they have touched: place, item, period, touched, quantity.

    Args:
        watches: what is watched.
        sources: place, item, period, touched (a tuple, as `marks_on` gives it), quantity.
    """
    classes = _Classes(watches)
    masks = [classes.of_source(touched) for touched in sources[TOUCHED]]
    labels = classes.labels[classes.number[np.array(masks, dtype=np.int64)]] if masks else np.zeros(0, dtype=object)
    return summed(sources.assign(touched=text_column(labels)), [*PLACE, "period", TOUCHED], ["quantity"])


def _relabelling(classes: _Classes, candidates: Candidates, used: pd.DataFrame, present: Array) -> pd.DataFrame:
    """For each component in use, the relabellings from each present class to each larger class that is used."""
    wanted = distinct(used, ["site", "component", "period", "number"])
    there = present[candidates.at(wanted, "site", "component"), wanted["period"].to_numpy(dtype=np.int64)]
    goal = classes.masks[wanted["number"].to_numpy(dtype=np.int64)]
    within = ((classes.masks[None, :] & ~goal[:, None]) == 0) & (classes.masks[None, :] != goal[:, None])
    at, number = np.nonzero(there & within)
    found = with_new_names(rows_at(narrowed(wanted, ["site", "component", "period"]), at), [*PLACED])
    found[TOUCHED] = text_column(classes.labels[number])
    found["as"] = text_column(classes.labels[wanted["number"].to_numpy(dtype=np.int64)[at]])
    return in_order(found, [*PLACED, TOUCHED, "as"])
