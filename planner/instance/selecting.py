"""Selectors applied: which rows a `where` matches, and what is wrong with one that matches none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from planner.errors import nearest
from planner.instance.changes.change import Change
from planner.instance.changes.where import Where
from planner.instance.fields import REGION_PREFIX

Records = Callable[[str], list[Any]]


@dataclass(frozen=True)
class Universe:
    """The ids of an instance and what they belong to, for matching selectors.

    Attributes:
        sites: (region, operator, cluster) of each site; an empty operator is the site itself.
        items: stage of each item.
        customers: region of each customer.
        recipes: recipes of the processes.
        resources: resources of the processes.
        groups: regions of each region group.
        stages: stages in order of the chain.
    """

    sites: Mapping[str, tuple[str, str, str]]
    items: Mapping[str, str]
    customers: Mapping[str, str]
    recipes: frozenset[str]
    resources: frozenset[str]
    groups: Mapping[str, tuple[str, ...]]
    stages: tuple[str, ...]

    @classmethod
    def of(cls, groups: Mapping[str, tuple[str, ...]], stages: tuple[str, ...], records: Records) -> Universe:
        """The universe of the records of some tables."""
        processes = records("processes")
        items = {row.item: row.stage for row in records("items")}
        return cls(
            sites={row.site: (row.region, row.run_by, row.cluster) for row in records("sites")},
            items=items,
            customers={row.customer: row.region for row in records("customers")},
            recipes=frozenset(row.recipe for row in processes),
            resources=frozenset(row.line.resource for row in processes),
            groups=groups,
            stages=stages or tuple(dict.fromkeys(items.values())),
        )

    @cached_property
    def regions(self) -> frozenset[str]:
        """All regions in which sites and customers are."""
        return frozenset([*(region for region, _, _ in self.sites.values()), *self.customers.values()])

    @cached_property
    def operators(self) -> frozenset[str]:
        """All operators of sites; a site without one is its own."""
        return frozenset(operator for _, operator, _ in self.sites.values())

    @cached_property
    def clusters(self) -> frozenset[str]:
        """All hazard clusters that sites belong to."""
        return frozenset(cluster for _, _, cluster in self.sites.values() if cluster)

    def ids_over(self, over: str) -> frozenset[str]:
        """The ids that a limit over regions (or groups), operators, sites or clusters can name."""
        return {
            "region": self.regions | frozenset(self.groups),
            "operator": self.operators,
            "site": frozenset(self.sites),
            "cluster": self.clusters,
        }[over]

    def members(self, regions: Iterable[str]) -> frozenset[str]:
        """The regions themselves, each group replaced by its member regions."""
        return frozenset(member for name in regions for member in self.groups.get(name, (name,)))

    def known(self, key: str) -> frozenset[str]:
        """All values that a key of `where` can have in this instance."""
        regions = self.regions | frozenset(self.groups)
        places = frozenset(REGION_PREFIX + region for region in regions)
        return {
            "stage": frozenset(self.stages),
            "region": regions,
            "from_region": regions,
            "to_region": regions,
            "operator": self.operators,
            "cluster": self.clusters,
            "site": frozenset(self.sites),
            "resource": self.resources,
            "item": frozenset(self.items),
            "recipe": self.recipes,
            "customer": frozenset(self.customers),
            "from": frozenset(self.sites) | places,
            "to": frozenset(self.sites) | frozenset(self.customers) | places,
        }[key]

    def region_of(self, place: str) -> str:
        """The region in which a site or customer is."""
        return self.sites[place][0] if place in self.sites else self.customers[place]

    def site_matches(self, where: Where, site: str) -> bool:
        """Whether the site keys of a selector (region, operator, cluster, site) allow a site."""
        region, operator, cluster = self.sites[site]
        return (
            (not where.site or site in where.site)
            and (not where.region or region in self.members(where.region))
            and (not where.operator or operator in where.operator)
            and (not where.cluster or cluster in where.cluster)
        )

    def process_matches(self, where: Where, row: Any) -> bool:
        """Whether a selector matches a process."""
        return (
            self.site_matches(where, row.site)
            and (not where.item or row.item in where.item)
            and (not where.stage or self.items[row.item] in where.stage)
            and (not where.recipe or row.recipe in where.recipe)
            and (not where.resource or row.line.resource in where.resource)
        )

    def demand_matches(self, where: Where, row: Any) -> bool:
        """Whether a selector matches a row of demand."""
        return (
            (not where.customer or row.customer in where.customer)
            and (not where.region or self.customers[row.customer] in self.members(where.region))
            and (not where.item or row.item in where.item)
            and (not where.stage or self.items[row.item] in where.stage)
        )

    def stock_matches(self, where: Where, site: str, item: str) -> bool:
        """Whether a selector matches the stock of an item at a site."""
        return (
            self.site_matches(where, site)
            and (not where.item or item in where.item)
            and (not where.stage or self.items[item] in where.stage)
        )

    def lane_matches(self, where: Where, start: str, end: str) -> bool:
        """Whether a selector matches a lane between two places, whatever its items."""
        return self._end_matches(where.from_, where.from_region, start) and self._end_matches(
            where.to, where.to_region, end
        )

    def _end_matches(self, places: tuple[str, ...], regions: tuple[str, ...], place: str) -> bool:
        region = self.region_of(place)
        if regions and region not in self.members(regions):
            return False
        if not places:
            return True
        named = [name.removeprefix(REGION_PREFIX) for name in places if name.startswith(REGION_PREFIX)]
        return place in places or region in self.members(named)

    def border_matches(self, where: Where, start: str, end: str) -> bool:
        """Whether a selector matches crossings from one region to another."""
        return (
            start != end
            and (not where.from_region or start in self.members(where.from_region))
            and (not where.to_region or end in self.members(where.to_region))
        )


def selector_problems(change: Change, universe: Universe, records: Records) -> Iterator[tuple[str, str, str, str]]:
    """(column, value, message, remedy) for each value that is unknown, else for a selector that matches nothing."""
    where = change.where
    unknown = False
    for key, values in where.given.items():
        known = universe.known(key)
        for value in values:
            if value not in known:
                unknown = True
                yield f"where.{key}", value, f"There is no {key.replace('_', ' ')} '{value}'.", nearest(value, known)
    if unknown:
        return
    try:
        matched = change.finds(universe, records)
    except KeyError:
        return  # an unknown id, which another check reports
    if not matched:
        given = ", ".join(f"{key}: {' or '.join(values)}" for key, values in where.given.items()) or "everything"
        nothing = f"The instance has nothing that a {change.word()} change could change: remove the change."
        remedy = change.remedy if where.given else nothing
        yield "where", given, f"The {change.word()} change selects nothing ({given}).", remedy


def lane_ends(universe: Universe, row: Any) -> tuple[list[str], list[str]]:
    """The sites at which a row of lanes starts, and the places at which it ends."""

    def within(text: str, places: Iterable[str]) -> list[str]:
        if not text.startswith(REGION_PREFIX):
            return [text]
        regions = universe.members([text.removeprefix(REGION_PREFIX)])
        return [place for place in places if universe.region_of(place) in regions]

    return within(row.from_, universe.sites), within(row.to, [*universe.sites, *universe.customers])
