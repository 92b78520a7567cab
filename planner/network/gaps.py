"""Gaps in an instance: orders, processes, sites, items and customers that nothing connects to the rest.

A problem names one place and one cause, not each period. What follows from a cause that is named already is not named
again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from planner.errors import InstanceError, Problem
from planner.instance.instance import Instance
from planner.network.frames import label_rows
from planner.network.outline import MOST_ROWS, Outline, outline_of, rows_by_period
from planner.network.reach import PLACE, Place, present_places, useful_places
from planner.network.unreached import MOST_NAMED, unreached
from planner.text.figures import joined

Made = tuple[str, str, str]  # site, item, recipe


def gap_problems(instance: Instance) -> Iterator[Problem]:
    """Orders that nothing can reach (errors where they must be served), and what can never play a part (warnings).

    It judges the instance without a policy or scenario: a policy closes nothing, and a scenario may be meant to. So of
    tables as a scenario left them (in a run) only errors are told.
    """
    left = instance.settings.after_scenario
    yield from (found for found in _gaps(instance) if found.severity == "error" or not left)


def _gaps(instance: Instance) -> Iterator[Problem]:
    try:
        outline = outline_of(instance)
    except InstanceError as error:  # too many departures
        yield from error.problems
        return
    yield from unreached(outline)
    yield from _without_lane(outline)
    yield from _unused(outline)
    yield from _promised(outline)
    stuck = _stuck(outline)
    yield from _starved(outline, stuck)
    yield from _dead_ends(outline, stuck)


def too_large(instance: Instance) -> Iterator[Problem]:
    """A warning, where the instance is too large to be searched for gaps."""
    rows = rows_by_period(instance)
    if rows > MOST_ROWS:
        yield _warning(
            "processes",
            "period",
            [],
            f"Processes, items and orders are {rows:,} rows when each period is counted, more than the {MOST_ROWS:,} "
            "that are looked through for what nothing joins.",
            "Plan fewer or longer periods.",
        )


def _without_lane(outline: Outline) -> Iterator[Problem]:
    """Problems of customers to which no lane leads; where they have orders, their orders are named elsewhere."""
    ends = outline.pairs.ends
    instance = outline.instance
    ordering = {row.customer for row in instance.due if row.quantity > 0}
    found = [row.customer for row in instance.customers if outline.alike[row.customer] not in ends]
    found = [customer for customer in found if customer not in ordering]
    if found:
        yield _warning(
            "customers",
            "customer",
            found,
            f"No lane goes to {_named(found, 'or')}, who can order nothing.",
            "Add a lane to it, or remove the customer.",
        )


def _unused(outline: Outline) -> Iterator[Problem]:
    """Problems of items that are no component, are not ordered, and have no other use."""
    instance = outline.instance
    used = {row.item for row in instance.due} | {row.component for row in instance.components}
    used |= {row.item for row in instance.commitments if row.item}
    used |= {row.item for row in instance.stocks if row.minimum > 0 or row.closing_minimum > 0}
    found = [row.item for row in instance.items if row.item not in used]
    if found:
        yield _warning(
            "items",
            "item",
            found,
            f"Nothing uses or orders {_named(found, 'or')}.",
            "Add a component row or an order for it, or remove the item.",
        )


def _promised(outline: Outline) -> Iterator[Problem]:
    """Problems of stocks that are promised where the item can never be."""
    joined = _pairs(outline.found.places)
    for row in outline.instance.stocks:
        if max(row.minimum, row.closing_minimum) > 0 and (row.site, row.item) not in joined:
            yield _warning(
                "stocks",
                "item",
                [row.item],
                f"A stock of {row.item} is promised at {row.site}, where none can ever be.",
                "Add a process, a lane or an opening stock, or take the minimum away.",
            )


def _stuck(outline: Outline) -> set[Made]:
    """The processes that can start in no period."""
    can = outline.starts.take(outline.found.starts)
    return _processes(outline).difference(zip(can["site"], can["item"], can["recipe"], strict=True))


def _processes(outline: Outline) -> set[Made]:
    return {(row.site, row.item, row.recipe) for row in outline.instance.processes}


def _starved(outline: Outline, stuck: set[Made]) -> Iterator[Problem]:
    """Problems of processes that can start in no period, by site and by what keeps them from starting."""
    if not stuck:
        return
    starts = outline.starts
    keys = list(zip(starts["site"], starts["item"], starts["recipe"], strict=True))
    idle = _idle(outline.instance, stuck)
    late: dict[str, set[str]] = defaultdict(set)
    for site, item, _ in stuck.difference(keys):
        late[site].add(item)
    for site, items in sorted(late.items()):
        yield _warning(
            "processes",
            "lead_time",
            [site],
            f"Nothing that starts at {site} to make {_named(sorted(items), 'or')} ends within the planned periods"
            f"{idle[site]}.",
            "Plan more periods, or check its periods and its lead time.",
        )
    needs: dict[Made, set[str]] = defaultdict(set)
    for row, component in zip(outline.uses["row"], outline.uses["component"], strict=True):
        if keys[row] in stuck:
            needs[keys[row]].add(component)
    there, wanted = _pairs(outline.there), _wanted(outline)
    around = present_places(outline.through, there, wanted)  # reachable from where it can be, in any period
    made = {(site, item) for site, item, _ in _processes(outline)} | _pairs(outline.sources)
    joined = present_places(outline.through, made, wanted)  # from where it is made, though perhaps not in time
    kept: dict[str, dict[tuple[str, tuple[str, ...]], set[str]]] = defaultdict(lambda: defaultdict(set))
    for (site, item, _), components in needs.items():
        missing = sorted(part for part in components if (site, part) not in there)
        cut = tuple(part for part in missing if (site, part) not in joined)
        slow = tuple(part for part in missing if (site, part) in around)
        if cut or slow:
            kept[site]["lane" if cut else "time", cut or slow].add(item)
        elif not missing:
            kept[site]["window", tuple(sorted(components))].add(item)
    for site, causes in sorted(kept.items()):
        yield from _kept_from(site, causes, idle[site])


def _pairs(places: pd.DataFrame) -> set[Place]:
    return set(label_rows(places, PLACE))


def _kept_from(site: str, causes: dict[tuple[str, tuple[str, ...]], set[str]], idle: str) -> Iterator[Problem]:
    """Problems that say what keeps the processes of a site from starting, one for each cause."""
    words = {
        "lane": ("No lane brings {parts} to {site}", "or", "Add the lane, or remove the process."),
        "time": (
            "The lanes bring {parts} to {site} too late",
            "and",
            "Plan more periods, check lead times, or give an opening stock or arrivals.",
        ),
        "window": (
            "{parts} can be at {site} only when it may not start",
            "and",
            "Check the periods of the process, of the lanes and of their components.",
        ),
    }
    for cause, (sentence, between, remedy) in words.items():
        parts = sorted({part for (kind, found), _ in causes.items() if kind == cause for part in found})
        items = sorted({item for (kind, _), found in causes.items() if kind == cause for item in found})
        if parts:
            said = sentence.format(parts=_named(parts, between), site=site)
            yield _warning(
                "processes", "site", [site], f"{said}, so {_named(items, 'and')} can never start there{idle}.", remedy
            )


def _idle(instance: Instance, stuck: set[Made]) -> dict[str, str]:
    """For each site, words on the capacity that is useless because no process that uses it can start."""
    used: dict[str, set[str]] = defaultdict(set)
    idle: dict[str, set[str]] = defaultdict(set)
    for row in instance.processes:
        kind = idle if (row.site, row.item, row.recipe) in stuck else used
        kind[row.site].add(row.line.resource)
    capacities: dict[str, set[str]] = defaultdict(set)
    options: dict[str, list[str]] = defaultdict(list)
    for capacity in instance.capacities:
        capacities[capacity.site].add(capacity.line.resource)
    for option in instance.expansions:
        if option.line.resource in idle[option.site] - used[option.site]:
            options[option.site].append(option.option)
    words = {}
    for site, resources in idle.items():
        found = []
        if names := sorted((resources - used[site]) & capacities[site]):
            found.append("its capacity" if names == [site] else f"its capacity of {_named(names, 'and')}")
        if options[site]:
            found.append(f"the option{'s' if len(options[site]) > 1 else ''} {_named(options[site], 'and')}")
        single = len(found) == 1 and len(options[site]) < 2
        words[site] = f", and {' and '.join(found)} {'is' if single else 'are'} of no use" if found else ""
    return words


def _wanted(outline: Outline) -> set[Place]:
    """All places, with an item, from which the item can get to an order or to a process that takes it."""
    taken = {(site, component) for site, _, component in outline.recipes}
    return useful_places(outline.through, outline.ends | taken, outline.recipes)


def _dead_ends(outline: Outline, stuck: set[Made]) -> Iterator[Problem]:
    """Problems of sites that nothing leaves, and of items made where they can reach nobody who needs them."""
    made = {(site, item) for site, item, _ in _processes(outline) - stuck}
    here: dict[str, set[str]] = defaultdict(set)
    for site, item in made | _pairs(outline.sources):
        here[site].add(item)
    closed = [
        site
        for site, items in sorted(here.items())
        if not any(next(outline.pairs.onward(site, item), None) for item in items)
    ]
    for site in closed:
        items = sorted(here[site])
        yield _warning(
            "lanes",
            "from",
            [site],
            f"Nothing can leave {site}: no lane takes {_named(items, 'or')} from there.",
            "Add a lane from it, or remove the site.",
        )
    useful = useful_places(outline.through, outline.ends, outline.recipes)
    unused = {problem.value for problem in _unused(outline)}
    unwanted: dict[str, list[str]] = defaultdict(list)
    for site, item in sorted(made - useful):
        if site not in closed and item not in unused:
            unwanted[site].append(item)
    for site, named in unwanted.items():
        yield _warning(
            "processes",
            "item",
            named,
            f"What {site} makes of {_named(named, 'and')} can get to no order and to no process that uses it.",
            "Add the lanes that are missing, or remove the process.",
        )


def _warning(file: str, column: str, values: Iterable[str], message: str, remedy: str) -> Problem:
    return Problem(file, None, column, ", ".join(values), message, remedy, "warning")


def _named(names: Sequence[str], last: str) -> str:
    return joined(names, last, MOST_NAMED)
