"""Watches: the sets of sites that the pathway limits of a policy follow through the chain.

A watch is a region, a region group, an operator, a cluster or a site. Work at one of its sites touches it; standing in
stock or passing through does not.
"""

from __future__ import annotations

from dataclasses import dataclass

from planner.errors import UsageError
from planner.instance.instance import Instance
from planner.instance.policy import Limit, Policy
from planner.instance.records import Arrival, Stock
from planner.network.moving import marks_on

MOST_WATCHES = 6


@dataclass(frozen=True)
class Watch:
    """A set of sites whose work is followed through the chain.

    Attributes:
        over, of: as in the limit that names it, `of` never being `each`.
        name: how a class names it; `of`, with `over` before it where two watches share an `of`.
        sites: where work touches it.
        regions: what touches it where opening stock or arrivals name it: regions and a group, or an operator or cluster
            with the word before it.
    """

    over: str
    of: str
    name: str
    sites: frozenset[str]
    regions: frozenset[str]


def watched_by(instance: Instance, limit: Limit) -> list[str]:
    """The ids that a pathway limit watches: its `of`, or for `each` every id that units can touch.

    Those are the groups of the sites that make something or whose work opening stock or arrivals carry, and what else
    these have touched.
    """
    if limit.of != "each":
        return [limit.of]
    standing: list[Stock | Arrival] = [row for row in instance.stocks if row.opening > 0]
    touched = {mark for row in [*standing, *instance.arrivals] for mark in marks_on(row)}
    touched -= {f"site:{row.customer}" for row in instance.customers}  # they hand over what arrives, that is all
    sites = {f"site:{process.site}" for process in instance.processes} | touched
    groups = {group for site, group in instance.group_of(limit.over).items() if f"site:{site}" in sites and group}
    if limit.over == "region":
        named = {mark for mark in touched if ":" not in mark and mark not in instance.region_groups}
    else:
        named = {mark.removeprefix(f"{limit.over}:") for mark in touched if mark.startswith(f"{limit.over}:")}
    return sorted(groups | named)


def watches_of(instance: Instance, policy: Policy | None) -> tuple[Watch, ...]:
    """The watches of a policy's pathway limits, sorted by name.

    Raises:
        UsageError: it watches more than six sets of sites; the program would have too many classes.
    """
    pairs = sorted(
        {
            (limit.over, of)
            for limit in (policy.limits if policy else ())
            if limit.measure == "pathway"
            for of in watched_by(instance, limit)
        }
    )
    if policy is not None and len(pairs) > MOST_WATCHES:
        raise UsageError(
            f"The pathway limits of {policy.name} watch {len(pairs)} regions, operators, clusters or sites "
            f"({', '.join(of for _, of in pairs)}); at most {MOST_WATCHES} can be followed at once. "
            "Name the ones that matter instead of `of: each`, or put regions into a group."
        )
    shared = {of for _, of in pairs if [other for _, other in pairs].count(of) > 1}
    watches = []
    for over, of in pairs:
        members = frozenset(instance.regions_of(of)) if over == "region" else frozenset({of})
        sites = frozenset(site for site, group in instance.group_of(over).items() if group in members)
        regions = members | {of} if over == "region" else frozenset({f"{over}:{of}"})
        watches.append(Watch(over, of, f"{over}:{of}" if of in shared else of, sites, regions))
    return tuple(sorted(watches, key=lambda watch: watch.name))
