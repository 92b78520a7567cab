"""Scenarios at work: each type of change as a pure function Instance -> Instance.

`APPLY` maps a change's class to its function. Figures change in the window in full, and fade over `recovery` periods
after it: in the k-th period, k = 1..n, the deviation is 1 - k / (n + 1) of the window's.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from planner.errors import InstanceError, Problem
from planner.instance.instance import Instance
from planner.instance.precedence import (
    Resolved,
    records_of,
    resolve_lane_capacities,
    resolve_lanes,
    resolve_tariffs,
    universe_of,
)
from planner.instance.records import (
    Capacity,
    ExpansionFactor,
    Lane,
    LaneCapacity,
    Outage,
    Stock,
    Tariff,
)
from planner.instance.scenario import (
    CapacityChange,
    DemandChange,
    Deviation,
    FreightChange,
    LaneCapacityChange,
    LeadTimeChange,
    OutageChange,
    PriceChange,
    Scenario,
    StockChange,
    TariffChange,
    UnitCostChange,
    YieldChange,
)
from planner.instance.selecting import selector_problems

Row = Any


def apply_scenario(instance: Instance, scenario: Scenario) -> Instance:
    """The instance as it is when the scenario happens; its changes are applied in order.

    Raises:
        InstanceError: a selector matches nothing, or a figure leaves its range.
    """
    for position, change in enumerate(scenario.changes):
        place = f"changes.{position}"
        found = list(selector_problems(change, universe_of(instance), records_of(instance)))
        if found:
            raise InstanceError([Problem(scenario.name, None, f"{place}.{column}", value, message, remedy)
                                 for column, value, message, remedy in found])
        try:
            instance.periods.window(change.period)
        except ValueError as error:
            raise InstanceError([Problem(scenario.name, None, f"{place}.period", change.period, str(error),
                                         "Name planned periods.")]) from None
        try:
            instance = APPLY[type(change)](instance, change)
        except _RefusedError as refused:
            raise InstanceError([Problem(scenario.name, None, place, change.change, refused.message,
                                         refused.remedy)]) from None
    return instance


class _RefusedError(Exception):
    def __init__(self, message: str, remedy: str) -> None:
        self.message, self.remedy = message, remedy
        super().__init__(message)


def weights(instance: Instance, change: Any) -> list[float]:
    """The part of the deviation that is in force, for each planned period."""
    window = instance.periods.window(change.period)
    part = [0.0] * len(instance.periods)
    for position in window:
        part[position] = 1.0
    for k in range(1, change.recovery + 1):
        if window.stop + k - 1 < len(part):
            part[window.stop + k - 1] = 1.0 - k / (change.recovery + 1)
    return part


def split(instance: Instance, row: Row, updates: Callable[[int], dict[str, Any]]) -> list[Row]:
    """A row as the fewest rows whose windows follow one another, each with the updates of its periods."""
    pieces: list[tuple[int, int, dict[str, Any]]] = []
    for position in instance.periods.window(row.period):
        update = updates(position)
        if pieces and pieces[-1][2] == update:
            pieces[-1] = (pieces[-1][0], position, update)
        else:
            pieces.append((position, position, update))
    if len(pieces) == 1 and not pieces[0][2]:
        return [row]
    return [row.model_copy(update={**update, "period": instance.periods.window_text(first, last)})
            for first, last, update in pieces]


def _figures(instance: Instance, rows: Iterable[Row], selected: Callable[[Row], bool], field: str,
             change: Deviation, base: Callable[[Row], float | None] | None = None,
             finish: Callable[[float], Any] = lambda figure: figure) -> list[Row]:
    """Rows with one figure of the selected ones changed over the window."""
    part = weights(instance, change)
    out: list[Row] = []
    for row in rows:
        start = base(row) if base else getattr(row, field)
        if not selected(row) or start is None:
            out.append(row)
            continue
        out += split(instance, row, _updates(change, field, start, part, finish))
    return out


def _updates(change: Deviation, field: str, base: float, part: Sequence[float],
             finish: Callable[[float], Any] = lambda figure: figure) -> Callable[[int], dict[str, Any]]:
    """For each period, the figure that `base` becomes; nothing where no deviation is in force."""

    def update(position: int) -> dict[str, Any]:
        if not part[position]:
            return {}
        return {field: finish(_checked(change, field, base, part[position]))}

    return update


def _checked(change: Deviation, field: str, base: float, part: float) -> float:
    figure = change.figure(base, part)
    name = field.rstrip("_")
    if name == "yield" and not 0 < figure <= 1:
        raise _RefusedError(f"A yield would become {figure:g}.",
                       "Keep it above 0 and at most 1; to stop a process use an outage.")
    if figure < 0 and field != "unit_cost":
        raise _RefusedError(f"{name} would become {figure:g}, below 0.", "Use a smaller change, or set: 0.")
    return figure


def _resource(row: Row) -> tuple[str, str]:
    return (row.site, row.resource or row.site)


def _resources(instance: Instance, change: Any) -> set[tuple[str, str]]:
    universe = universe_of(instance)
    return {_resource(row) for row in instance.processes if universe.process_matches(change.where, row)}


def capacity(instance: Instance, change: CapacityChange) -> Instance:
    """Capacity of the selected resources; `factor` scales rows and options, `set` and `add` the rows."""
    return _capacity(instance, change, _resources(instance, change), weights(instance, change))


def _capacity(instance: Instance, change: Deviation, resources: set[tuple[str, str]],
              part: Sequence[float]) -> Instance:
    listed = {_resource(row) for row in instance.capacities}
    options = [row for row in instance.expansions if _resource(row) in resources]
    limited = listed | ({_resource(row) for row in options} if change.factor is not None else set())
    unlimited = sorted(resources - limited)
    if unlimited:
        site, resource = unlimited[0]
        raise _RefusedError(f"The resource {resource} at {site} has no capacity rows, so it is unlimited.",
                       "Give it a capacity, or use an outage.")
    rows: list[Row] = []
    covered: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row in instance.capacities:
        if _resource(row) not in resources:
            rows.append(row)
            continue
        covered[_resource(row)].update(instance.periods.window(row.period))
        rows += split(instance, row, _updates(change, "capacity", row.capacity, part))
    if change.factor is None:
        for site, resource in sorted(resources):
            for t, weight in enumerate(part):
                figure = change.figure(0.0, weight) if weight and t not in covered[site, resource] else 0.0
                if figure > 0:
                    rows.append(Capacity(site=site, resource=resource, period=instance.periods.labels[t],
                                         capacity=figure))
        return instance.replace(capacities=rows)
    factors = {(row.option, t): row.factor for row in instance.expansion_factors
               for t in instance.periods.window(row.period)}
    for option in options:
        for t, weight in enumerate(part):
            if weight:
                factors[option.option, t] = change.figure(factors.get((option.option, t), 1.0), weight)
    return instance.replace(capacities=rows, expansion_factors=_windows(
        instance, factors, lambda key, text, factor: ExpansionFactor(option=key, period=text, factor=factor)))


def _windows(instance: Instance, figures: dict[tuple[Any, int], Any],
             make: Callable[[Any, str, Any], Row]) -> list[Row]:
    """Figures by (key, period) as rows with the fewest windows."""
    by_key: dict[Any, dict[Any, list[int]]] = defaultdict(lambda: defaultdict(list))
    for (key, t), figure in figures.items():
        by_key[key][figure].append(t)
    return [make(key, text, figure) for key, kinds in by_key.items() for figure, positions in kinds.items()
            for text in instance.periods.windows(positions)]


def outage(instance: Instance, change: OutageChange) -> Instance:
    """No starts at the selected sites or processes in the window; afterwards capacity comes back over `recovery`."""
    where = change.where
    universe = universe_of(instance)
    held = change.pipeline == "held"
    if where.stage or where.item or where.recipe or where.resource:
        keys = {(row.site, row.item, row.recipe) for row in instance.processes
                if universe.process_matches(where, row)}
    else:
        keys = {(site, "*", "*") for site in universe.sites if universe.site_matches(where, site)}
    closed = {((row.site, row.item, row.recipe, row.held), t): True for row in instance.outages
              for t in instance.periods.window(row.period)}
    closed.update({((*key, held), t): True for key in keys for t in instance.periods.window(change.period)})
    out = instance.replace(outages=_windows(instance, closed, lambda key, text, _: Outage(
        site=key[0], item=key[1], recipe=key[2], held=key[3], period=text)))
    if not change.recovery:
        return out
    _refuse_shared_lines(instance, change)
    inside = instance.periods.window(change.period)
    fading = [0.0 if t in inside else weight for t, weight in enumerate(weights(instance, change))]
    nothing = CapacityChange(change="capacity", factor=0.0, where=where)
    return _capacity(out, nothing, _resources(instance, change), fading)


def _refuse_shared_lines(instance: Instance, change: OutageChange) -> None:
    """Capacity comes back line by line: an outage of a part of a line cannot fade."""
    universe = universe_of(instance)
    out = {(row.site, row.item, row.recipe) for row in instance.processes
           if universe.process_matches(change.where, row)}
    lines = _resources(instance, change)
    for row in instance.processes:
        if _resource(row) in lines and (row.site, row.item, row.recipe) not in out:
            raise _RefusedError(f"{row.item} shares the line {_resource(row)[1]} at {row.site} and is not out, so the "
                                "line cannot come back step by step.",
                                "Select the whole resource, or leave out recovery.")


def demand(instance: Instance, change: DemandChange) -> Instance:
    """Quantities of the selected orders."""
    universe = universe_of(instance)
    return instance.replace(demand=_figures(
        instance, instance.demand, lambda row: universe.demand_matches(change.where, row), "quantity", change))


def price(instance: Instance, change: PriceChange) -> Instance:
    """Prices of the selected orders; what must be served stays as it was."""
    universe = universe_of(instance)
    fixed = [row if row.must_serve is not None or row.price is not None or row.lost_cost is not None
             else row.model_copy(update={"must_serve": 1.0}) for row in instance.demand]
    return instance.replace(demand=_figures(
        instance, fixed, lambda row: universe.demand_matches(change.where, row), "price", change,
        base=lambda row: (row.price or 0.0) if change.factor is None else row.price))


def unit_cost(instance: Instance, change: UnitCostChange) -> Instance:
    """Cost of starts of the selected processes."""
    return _processes(instance, change, "unit_cost")


def yields(instance: Instance, change: YieldChange) -> Instance:
    """Yields of the selected processes."""
    return _processes(instance, change, "yield_")


def lead_time(instance: Instance, change: LeadTimeChange) -> Instance:
    """Lead times of the selected lanes or processes, rounded up to whole periods."""
    if change.of_lanes:
        return _lanes(instance, change, "lead_time", _round_up)
    return _processes(instance, change, "lead_time", _round_up)


def _processes(instance: Instance, change: Deviation, field: str,
               finish: Callable[[float], Any] = lambda figure: figure) -> Instance:
    universe = universe_of(instance)
    return instance.replace(processes=_figures(
        instance, instance.processes, lambda row: universe.process_matches(change.where, row), field, change,
        finish=finish))


def _round_up(figure: float) -> int:
    return math.ceil(figure - 1e-9)


def freight(instance: Instance, change: FreightChange) -> Instance:
    """Freight of the selected lanes."""
    return _lanes(instance, change, "unit_cost")


def _lanes(instance: Instance, change: Deviation, field: str,
           finish: Callable[[float], Any] = lambda figure: figure) -> Instance:
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
            values[field] = finish(_checked(change, field, values[field], part[t]))
        figures[key, t] = (values["unit_cost"], values["lead_time"])
    keys = {key for key, _ in figures}
    kept = [row for row in instance.lanes if (row.from_, row.to, row.item) not in keys]
    return instance.replace(lanes=kept + _windows(instance, figures, lambda key, text, figure: Lane(
        from_=key[0], to=key[1], item=key[2], period=text, unit_cost=figure[0], lead_time=figure[1])))


def _wanted(resolved: Resolved, change: Any,
            matches: Callable[[str, str], bool]) -> list[tuple[tuple[str, str, str], int, int]]:
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
            figures[key, t] = _checked(change, "rate", rate, part[t])
    keys = {key for key, _ in figures}
    kept = [row for row in instance.tariffs if (row.from_region, row.to_region, row.item) not in keys]
    return instance.replace(tariffs=kept + _windows(instance, figures, lambda key, text, rate: Tariff(
        from_region=key[0], to_region=key[1], item=key[2], period=text, rate=rate)))


def lane_capacity(instance: Instance, change: LaneCapacityChange) -> Instance:
    """Limits of the selected lanes; only `set` can limit a lane that has no row."""
    universe = universe_of(instance)
    part = weights(instance, change)
    lanes = resolve_lanes(instance.lanes, universe, instance.periods).table
    pairs = {(start, end) for start, end in zip(lanes["from"], lanes["to"], strict=True)
             if universe.lane_matches(change.where, start, end)}
    resolved = resolve_lane_capacities(instance.lane_capacities, universe, instance.periods)
    items = change.where.item
    figures: dict[tuple[Any, int], float] = {}
    for start, end, item, t, row in resolved.table.itertuples(index=False):
        if (start, end) in pairs and (not items or item in items):
            figures[(start, end, item), int(t)] = instance.lane_capacities[int(row)].capacity
    for key, t in list(figures):
        if part[t]:
            figures[key, t] = _checked(change, "capacity", figures[key, t], part[t])
    if change.set is not None:
        for start, end in pairs:
            for item in items or ("*",):
                for t, weight in enumerate(part):
                    if weight and ((start, end, item), t) not in figures:
                        if weight < 1:
                            raise _RefusedError(f"The lane from {start} to {end} is unlimited after the window, so its "
                                           "limit cannot fade.", "Give it a capacity, or leave out recovery.")
                        figures[(start, end, item), t] = change.set
    if not figures:
        raise _RefusedError("None of the selected lanes has a capacity, so there is nothing to scale.",
                       "Use set, or give the lanes a capacity.")
    keys = {key for key, _ in figures}
    kept = [row for row in instance.lane_capacities if (row.from_, row.to, row.item) not in keys]
    return instance.replace(lane_capacities=kept + _windows(instance, figures, lambda key, text, figure: LaneCapacity(
        from_=key[0], to=key[1], item=key[2], period=text, capacity=figure)))


def stock(instance: Instance, change: StockChange) -> Instance:
    """The opening stock of the selected items and sites."""
    universe = universe_of(instance)
    rows: list[Row] = [row.model_copy(update={"opening": _checked(change, "opening", row.opening, 1.0)})
                       if universe.stock_matches(change.where, row.site, row.item) else row
                       for row in instance.stocks]
    listed = {(row.site, row.item) for row in instance.stocks}
    if change.factor is None:
        rows += [Stock(site=site, item=item, opening=_checked(change, "opening", 0.0, 1.0))
                 for site in change.where.site for item in change.where.item
                 if (site, item) not in listed and universe.stock_matches(change.where, site, item)]
    return instance.replace(stocks=rows)


APPLY: dict[type, Callable[[Instance, Any], Instance]] = {
    CapacityChange: capacity,
    OutageChange: outage,
    DemandChange: demand,
    PriceChange: price,
    UnitCostChange: unit_cost,
    FreightChange: freight,
    TariffChange: tariff,
    YieldChange: yields,
    LeadTimeChange: lead_time,
    LaneCapacityChange: lane_capacity,
    StockChange: stock,
}
