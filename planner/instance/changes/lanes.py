"""Changes of lanes and borders: the selected pairs become exact rows, which beat wide ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from planner.instance.deviations import RefusedError, figure_of, in_windows, weights

from planner.instance.instance import Instance
from planner.instance.precedence import Resolved, resolve_lane_capacities, resolve_lanes, resolve_tariffs, universe_of
from planner.instance.records import Lane, LaneCapacity, Tariff
from planner.instance.scenario import Deviation, FreightChange, LaneCapacityChange, TariffChange


def freight(instance: Instance, change: FreightChange) -> Instance:
    """Freight of the selected lanes."""
    return lanes(instance, change, "unit_cost")


def lanes(
    instance: Instance, change: Deviation, field: str, finish: Callable[[float], Any] = lambda figure: figure
) -> Instance:
    """Selected lanes as exact rows of their own, with one figure changed over the window."""
    universe = universe_of(instance)
    resolved = resolve_lanes(instance.lanes, universe, instance.periods)
    part = weights(instance, change)
    wanted = _wanted(resolved, change, lambda start, end: universe.lane_matches(change.where, start, end))
    figures: dict[tuple[Any, int], Any] = {}
    for key, t, position in wanted:
        row = instance.lanes[position]
        values = {"unit_cost": row.unit_cost, "lead_time": row.lead_time}
        if part[t]:
            values[field] = finish(figure_of(change, field, values[field], part[t]))
        figures[key, t] = (values["unit_cost"], values["lead_time"])
    keys = {key for key, _ in figures}
    kept = [row for row in instance.lanes if (row.from_, row.to, row.item) not in keys]
    return instance.replace(
        lanes=kept
        + in_windows(
            instance,
            figures,
            lambda key, text, figure: Lane(
                from_=key[0], to=key[1], item=key[2], period=text, unit_cost=figure[0], lead_time=figure[1]
            ),
        )
    )


def _wanted(
    resolved: Resolved, change: Any, matches: Callable[[str, str], bool]
) -> list[tuple[tuple[str, str, str], int, int]]:
    """((from, to, item), period, row) of what a change of lanes or tariffs selects."""
    items = change.where.item
    out = []
    known: dict[tuple[str, str], bool] = {}
    own = set(zip(resolved.table["from"], resolved.table["to"], resolved.table["item"], strict=True))
    for start, end, item, t, row in resolved.table.itertuples(index=False):
        pair = (start, end)
        if pair not in known:
            known[pair] = matches(start, end)
        if not known[pair]:
            continue
        if not items or item in items:
            out.append(((start, end, item), int(t), int(row)))
        elif item == "*":
            out += [((start, end, name), int(t), int(row)) for name in items if (start, end, name) not in own]
    return out


def tariff(instance: Instance, change: TariffChange) -> Instance:
    """Rates on the selected crossings of a border; where there is no row the rate is 0."""
    universe = universe_of(instance)
    resolved = resolve_tariffs(instance.tariffs, universe, instance.periods)
    part = weights(instance, change)
    figures: dict[tuple[Any, int], float] = {}
    for start in sorted(universe.regions):
        for end in sorted(universe.regions):
            if universe.border_matches(change.where, start, end):
                for item in change.where.item or ("*",):
                    figures.update({((start, end, item), t): 0.0 for t in range(len(part))})
    matches = {key[:2] for key, _ in figures}
    for key, t, position in _wanted(resolved, change, lambda start, end: (start, end) in matches):
        figures[key, t] = instance.tariffs[position].rate
    for (key, t), rate in figures.items():
        if part[t]:
            figures[key, t] = figure_of(change, "rate", rate, part[t])
    keys = {key for key, _ in figures}
    kept = [row for row in instance.tariffs if (row.from_region, row.to_region, row.item) not in keys]
    return instance.replace(
        tariffs=kept
        + in_windows(
            instance,
            figures,
            lambda key, text, rate: Tariff(from_region=key[0], to_region=key[1], item=key[2], period=text, rate=rate),
        )
    )


def lane_capacity(instance: Instance, change: LaneCapacityChange) -> Instance:
    """Limits of the selected lanes; only `set` can limit a lane that has no row."""
    universe = universe_of(instance)
    part = weights(instance, change)
    lanes = resolve_lanes(instance.lanes, universe, instance.periods).table
    pairs = {
        (start, end)
        for start, end in zip(lanes["from"], lanes["to"], strict=True)
        if universe.lane_matches(change.where, start, end)
    }
    resolved = resolve_lane_capacities(instance.lane_capacities, universe, instance.periods)
    items = change.where.item
    figures: dict[tuple[Any, int], float] = {}
    for start, end, item, t, row in resolved.table.itertuples(index=False):
        if (start, end) in pairs and (not items or item in items):
            figures[(start, end, item), int(t)] = instance.lane_capacities[int(row)].capacity
    for key, t in list(figures):
        if part[t]:
            figures[key, t] = figure_of(change, "capacity", figures[key, t], part[t])
    if change.set is not None:
        for start, end in pairs:
            for item in items or ("*",):
                for t, weight in enumerate(part):
                    if weight and ((start, end, item), t) not in figures:
                        if weight < 1:
                            raise RefusedError(
                                f"The lane from {start} to {end} is unlimited after the window, so its "
                                "limit cannot fade.",
                                "Give it a capacity, or leave out recovery.",
                            )
                        figures[(start, end, item), t] = change.set
    if not figures:
        raise RefusedError(
            "None of the selected lanes has a capacity, so there is nothing to scale.",
            "Use set, or give the lanes a capacity.",
        )
    keys = {key for key, _ in figures}
    kept = [row for row in instance.lane_capacities if (row.from_, row.to, row.item) not in keys]
    return instance.replace(
        lane_capacities=kept
        + in_windows(
            instance,
            figures,
            lambda key, text, figure: LaneCapacity(from_=key[0], to=key[1], item=key[2], period=text, capacity=figure),
        )
    )
