"""Changes of capacity: factors and amounts on resources, and outages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from planner.instance.deviations import (
    RefusedError,
    Row,
    in_windows,
    resource_of,
    resources_of,
    split,
    updates,
    weights,
)

from planner.instance.instance import Instance
from planner.instance.precedence import universe_of
from planner.instance.records import Capacity, ExpansionFactor, Outage
from planner.instance.scenario import CapacityChange, Deviation, OutageChange


def capacity(instance: Instance, change: CapacityChange) -> Instance:
    """Capacity of the selected resources; `factor` scales rows and options, `set` and `add` the rows."""
    return _capacity(instance, change, resources_of(instance, change), weights(instance, change))


def _capacity(
    instance: Instance, change: Deviation, resources: set[tuple[str, str]], part: Sequence[float]
) -> Instance:
    listed = {resource_of(row) for row in instance.capacities}
    options = [row for row in instance.expansions if resource_of(row) in resources]
    limited = listed | ({resource_of(row) for row in options} if change.factor is not None else set())
    unlimited = sorted(resources - limited)
    if unlimited:
        site, resource = unlimited[0]
        raise RefusedError(
            f"The resource {resource} at {site} has no capacity rows, so it is unlimited.",
            "Give it a capacity, or use an outage.",
        )
    rows: list[Row] = []
    covered: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row in instance.capacities:
        if resource_of(row) not in resources:
            rows.append(row)
            continue
        covered[resource_of(row)].update(instance.periods.window(row.period))
        rows += split(instance, row, updates(change, "capacity", row.capacity, part))
    if change.factor is None:
        for site, resource in sorted(resources):
            for t, weight in enumerate(part):
                figure = change.figure(0.0, weight) if weight and t not in covered[site, resource] else 0.0
                if figure > 0:
                    rows.append(
                        Capacity(site=site, resource=resource, period=instance.periods.labels[t], capacity=figure)
                    )
        return instance.replace(capacities=rows)
    factors = {
        (row.option, t): row.factor for row in instance.expansion_factors for t in instance.periods.window(row.period)
    }
    for option in options:
        for t, weight in enumerate(part):
            if weight:
                factors[option.option, t] = change.figure(factors.get((option.option, t), 1.0), weight)
    return instance.replace(
        capacities=rows,
        expansion_factors=in_windows(
            instance, factors, lambda key, text, factor: ExpansionFactor(option=key, period=text, factor=factor)
        ),
    )


def outage(instance: Instance, change: OutageChange) -> Instance:
    """No starts at the selected sites or processes in the window; afterwards capacity comes back over `recovery`."""
    where = change.where
    universe = universe_of(instance)
    held = change.pipeline == "held"
    if where.stage or where.item or where.recipe or where.resource:
        keys = {(row.site, row.item, row.recipe) for row in instance.processes if universe.process_matches(where, row)}
    else:
        keys = {(site, "*", "*") for site in universe.sites if universe.site_matches(where, site)}
    closed = {
        ((row.site, row.item, row.recipe, row.held), t): True
        for row in instance.outages
        for t in instance.periods.window(row.period)
    }
    closed.update({((*key, held), t): True for key in keys for t in instance.periods.window(change.period)})
    out = instance.replace(
        outages=in_windows(
            instance,
            closed,
            lambda key, text, _: Outage(site=key[0], item=key[1], recipe=key[2], held=key[3], period=text),
        )
    )
    if not change.recovery:
        return out
    _refuse_shared_lines(instance, change)
    inside = instance.periods.window(change.period)
    fading = [0.0 if t in inside else weight for t, weight in enumerate(weights(instance, change))]
    nothing = CapacityChange(change="capacity", factor=0.0, where=where)
    return _capacity(out, nothing, resources_of(instance, change), fading)


def _refuse_shared_lines(instance: Instance, change: OutageChange) -> None:
    """Capacity comes back line by line: an outage of a part of a line cannot fade."""
    universe = universe_of(instance)
    out = {
        (row.site, row.item, row.recipe) for row in instance.processes if universe.process_matches(change.where, row)
    }
    lines = resources_of(instance, change)
    for row in instance.processes:
        if resource_of(row) in lines and (row.site, row.item, row.recipe) not in out:
            raise RefusedError(
                f"{row.item} shares the line {resource_of(row)[1]} at {row.site} and is not out, so the "
                "line cannot come back step by step.",
                "Select the whole resource, or leave out recovery.",
            )
