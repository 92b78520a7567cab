"""The bill of materials: what a start takes, and the order in which items go into each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from planner.instance.records import Component, Process

if TYPE_CHECKING:
    from planner.instance.instance import Instance

ANY = "*"


@dataclass(frozen=True)
class Bill:
    """The bill of materials.

    Attributes:
        rows: units of each component for a unit started, by item and recipe as written: `*` for all recipes.
    """

    rows: Mapping[tuple[str, str], Mapping[str, float]]

    @classmethod
    def of(cls, components: Iterable[Component]) -> Bill:
        """The bill of rows of the table."""
        rows: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
        for row in components:
            rows[row.item, row.recipe][row.component] = row.quantity
        return cls(dict(rows))

    def taken(self, item: str, recipe: str) -> dict[str, float]:
        """Units of each component that a unit started takes.

        A row for a recipe replaces the row of the same component for all recipes.
        """
        return {**self.rows.get((item, ANY), {}), **self.rows.get((item, recipe), {})}

    @cached_property
    def parts(self) -> dict[str, frozenset[str]]:
        """The components of each item, by any recipe; items without components are not in it."""
        found: dict[str, set[str]] = defaultdict(set)
        for (item, _), taken in self.rows.items():
            found[item].update(taken)
        return {item: frozenset(taken) for item, taken in found.items()}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The items of the bill, none before its components.

        Raises:
            graphlib.CycleError: items need each other in a circle, which a check of the instance refuses.
        """
        return tuple(TopologicalSorter({item: sorted(taken) for item, taken in self.parts.items()}).static_order())

    @cached_property
    def depth(self) -> dict[str, int]:
        """The length of the longest chain of components below each item; 0 for items that are not in the bill."""
        found: dict[str, int] = defaultdict(int)
        for item in self.order:
            found[item] = max((found[part] + 1 for part in self.parts.get(item, ())), default=0)
        return found


def ratios(instance: Instance) -> Iterator[tuple[Process, str, float]]:
    """Each process with each component that it takes, and the units of that for a good unit of its item.

    ratio = quantity / yield
    """
    taken: dict[tuple[str, str], dict[str, float]] = {}
    for process in instance.processes:
        key = (process.item, process.recipe)
        if key not in taken:
            taken[key] = instance.bill.taken(*key)
        for component, quantity in taken[key].items():
            yield process, component, quantity / process.yield_
