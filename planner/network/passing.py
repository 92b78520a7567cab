"""Passing: sites through which an item can only pass, of which one stands for the others.

Lanes between regions lead to every site there, also to those that neither make nor take an item and keep no stock of
their own of it. Such sites of one region can be told apart by nothing: the same rows of lanes lead to and from each,
and keeping the item costs the same. So what passes through any of them could pass through one, at the same cost and at
the same time, and the others are left out. With 300 sites that leaves out all but a thirtieth of the departures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from planner.instance.fields import REGION_PREFIX
from planner.instance.instance import Instance
from planner.instance.precedence import universe_of
from planner.instance.selecting import Universe
from planner.network.frames import distinct, label_rows
from planner.network.network import Network
from planner.network.reach import Place

READ = ("processes", "components", "stocks", "arrivals", "lanes", "lane_capacities", "outages")


def stood_for(instance: Instance) -> frozenset[Place]:
    """The sites, each with an item, that can be left out because another site of their region stands for them.

    At these the item can only pass: they have no process that makes or takes it, and no stock or arrival of it. A site
    stands for them that has the same lanes, all from wide rows, no limit on any of them, nothing that holds goods back,
    and neither a maximum nor a holding cost of its own for the item. One is enough where goods go from site to site of
    the region within the period and earn nothing by it: staying is then as good as going round. Elsewhere two are kept
    at which it only passes, so that goods can still go from one to the other.

    Args:
        instance: its sites and items, and the tables in `READ`.
    """
    universe = universe_of(instance)
    alike = _alike(instance, universe)
    if not any(len(sites) > 1 for sites in alike.values()):
        return frozenset()
    lively = _where_going_round_differs(instance, universe)
    busy, uneven = _busy(instance), _uneven(instance)
    found: set[Place] = set()
    for item in (row.item for row in instance.items):
        for region, sites in alike.items():
            passing = [site for site in sites if site not in busy[item]]
            if region in lively:
                needed = 2
            else:
                needed = int(all(site not in busy[item] or site in uneven[item] for site in sites))
            found.update((site, item) for site in passing[needed:])
    return frozenset(found)


def places_of(network: Network | None) -> frozenset[Place]:
    """The places, each with an item, at which a network has a decision on moving or keeping; none of no network."""
    if network is None:
        return frozenset()
    ends = [(network.ship, "from"), (network.ship, "to"), (network.stock, "site")]
    return frozenset(
        place for table, end in ends for place in label_rows(distinct(table, [end, "item"]), [end, "item"])
    )


def _alike(instance: Instance, universe: Universe) -> dict[str, list[str]]:
    """The sites of each region, sorted, that only wide rows of lanes join to others, without a limit on any lane."""
    apart = {end for row in instance.lanes for end in (row.from_, row.to)}
    limited = {end for row in instance.lane_capacities for end in (row.from_, row.to)}
    apart |= limited | {row.site for row in instance.outages if row.held}
    closed = _regions_of(limited, universe)
    found: dict[str, list[str]] = defaultdict(list)
    for site in sorted(instance.site_ids - apart):
        region = universe.region_of(site)
        if region not in closed:
            found[region].append(site)
    return dict(found)


def _regions_of(ends: Iterable[str], universe: Universe) -> frozenset[str]:
    """The regions that some ends of lanes name, by themselves or in a group."""
    return frozenset(universe.members(end.removeprefix(REGION_PREFIX) for end in ends if end.startswith(REGION_PREFIX)))


def _where_going_round_differs(instance: Instance, universe: Universe) -> set[str]:
    """The regions in which a lane from site to site takes a period or more, or earns money."""
    found: set[str] = set()
    for row in instance.lanes:
        if row.lead_time > 0 or row.unit_cost < 0:
            found |= _regions_of([row.from_], universe) & _regions_of([row.to], universe)
    return found


def _busy(instance: Instance) -> dict[str, set[str]]:
    """For each item the sites that make or take it, or have stock or arrivals of it."""
    found: dict[str, set[str]] = defaultdict(set)
    parts: dict[str, set[str]] = defaultdict(set)
    for component in instance.components:
        parts[component.item].add(component.component)
    for process in instance.processes:
        for item in (process.item, *parts[process.item]):
            found[item].add(process.site)
    kept = [(row.item, row.site) for row in instance.stocks]
    for item, site in [*kept, *((row.item, row.site) for row in instance.arrivals)]:
        found[item].add(site)
    return found


def _uneven(instance: Instance) -> dict[str, set[str]]:
    """For each item the sites at which its stock has a maximum or a holding cost of its own."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in instance.stocks:
        if row.maximum is not None or row.holding_cost is not None:
            found[row.item].add(row.site)
    return found
