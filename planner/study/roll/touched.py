"""What units have touched, followed through all pools of a plan, whether or not its policy watches anything.

    marks(pool) = union over all that enters it of its marks
    marks(finished work) = the site's own, united with the marks of the pools that its components leave
    marks(opening stock, arrivals) = as the instance says

Units in a pool mix, so each of them may have touched all that any of them has touched. Where a policy watches regions,
pools are divided by class, and so are their marks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from planner.errors import PlannerError
from planner.instance.instance import Instance
from planner.instance.records import Arrival, Stock
from planner.network.moving import marks_on
from planner.network.provenance import class_of, classes_of
from planner.network.watches import Watch
from planner.plan.pools import Pool, Pools

Marks = frozenset[str]
SITE = "site:"


def marks_in_pools(instance: Instance, pools: Pools, watches: tuple[Watch, ...]) -> dict[Pool, Marks]:
    """The marks of each pool: `site:X` for each site that has worked on any of its units, and what else it carries.

    Args:
        instance: as it was solved.
        pools: of the plan.
        watches: what its classes follow; empty where it has none.
    """
    found: dict[Pool, Marks] = defaultdict(frozenset)
    for row, period in _given(instance):
        marks = marks_on(row)
        touched = class_of(watches, marks) if pools.by_class else ""
        found[Pool(row.site, row.item, period, touched)] |= frozenset(marks)
    for step in pools.steps:
        for start in step.starts:
            parts = (found[pool] for pool, _ in start.components)
            found[start.target] |= frozenset({SITE + start.target.site}).union(*parts)
        for group in step.groups:
            for _ in group:  # as many rounds as the longest way through the group has steps
                for pool in group:
                    for move in pools.leaving.get(pool, ()):
                        if isinstance(move.target, Pool):
                            found[move.target] |= found[pool]
    return dict(found)


def _given(instance: Instance) -> Iterable[tuple[Stock | Arrival, int]]:
    yield from ((row, 0) for row in instance.stocks if row.opening > 0)
    yield from ((row, period) for row in instance.arrivals for period in instance.periods.window(row.period))


def written(
    instance: Instance, place: str, marks: Iterable[str], touched: str, watches: tuple[Watch, ...]
) -> tuple[tuple[str, ...], bool]:
    """How a table says what units have touched: the columns touched and worked_here.

    Regions stand for the sites in them. A class that holds more than the marks say (units used as if they had touched
    more) is written with what it watches.

    Args:
        instance: as it was solved.
        place: where the units stand or arrive.
        marks: as `marks_in_pools` gives them.
        touched: the class of the units in the plan; empty without classes.
        watches: what the classes follow.

    Raises:
        PlannerError: the class holds less than the marks say (a bug).
    """
    region = {SITE + site.site: site.region for site in instance.sites}
    own = SITE + place
    marks = set(marks)
    worked = own in marks
    regions = {region.get(mark, mark) for mark in marks} - ({region[own]} if worked else set())
    carried = (*sorted(regions), own) if worked else tuple(sorted(regions))
    wanted, known = classes_of(touched), classes_of(class_of(watches, carried)) if watches else frozenset[str]()
    more = {
        watch.of if watch.over == "region" else f"{watch.over}:{watch.of}"
        for watch in watches
        if watch.name in wanted - known
    }
    named = tuple(sorted(regions | more))
    if watches and classes_of(class_of(watches, (*named, own) if worked else named)) != wanted:
        raise PlannerError(f"Units at {place} are of the class '{touched}', but have touched {' + '.join(carried)}.")
    return named, worked
