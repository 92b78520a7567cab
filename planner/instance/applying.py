"""Scenarios at work: each type of change as a pure function Instance -> Instance.

`APPLY` maps a change's class to its function. Figures change in the window in full, and fade over `recovery` periods
after it: in the k-th period, k = 1..n, the deviation is 1 - k / (n + 1) of the window's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from planner.errors import InstanceError, Problem
from planner.instance.capacity_changes import capacity, outage
from planner.instance.deviations import RefusedError, Row, changed, figure_of
from planner.instance.instance import Instance
from planner.instance.lane_changes import freight, lane_capacity, lanes, tariff
from planner.instance.periods import PeriodError
from planner.instance.precedence import records_of, universe_of
from planner.instance.records import Stock
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


def apply_scenario(instance: Instance, scenario: Scenario) -> Instance:
    """The instance as it is when the scenario happens; its changes are applied in order.

    Raises:
        InstanceError: a selector matches nothing, or a figure leaves its range.
    """
    for position, change in enumerate(scenario.changes):
        place = f"changes.{position}"
        found = list(selector_problems(change, universe_of(instance), records_of(instance)))
        if found:
            raise InstanceError(
                [
                    Problem(scenario.name, None, f"{place}.{column}", value, message, remedy)
                    for column, value, message, remedy in found
                ]
            )
        try:
            instance.periods.window(change.period)
        except PeriodError as error:
            raise InstanceError(
                [Problem(scenario.name, None, f"{place}.period", change.period, error.message, error.remedy)]
            ) from None
        try:
            instance = APPLY[type(change)](instance, change)
        except RefusedError as refused:
            raise InstanceError(
                [Problem(scenario.name, None, place, change.change, refused.message, refused.remedy)]
            ) from None
    return instance


def demand(instance: Instance, change: DemandChange) -> Instance:
    """Quantities of the selected orders."""
    universe = universe_of(instance)
    return instance.replace(
        demand=changed(
            instance, instance.demand, lambda row: universe.demand_matches(change.where, row), "quantity", change
        )
    )


def price(instance: Instance, change: PriceChange) -> Instance:
    """Prices of the selected orders; what must be served stays as it was."""
    universe = universe_of(instance)
    fixed = [
        row
        if row.must_serve is not None or row.price is not None or row.lost_cost is not None
        else row.model_copy(update={"must_serve": 1.0})
        for row in instance.demand
    ]
    return instance.replace(
        demand=changed(
            instance,
            fixed,
            lambda row: universe.demand_matches(change.where, row),
            "price",
            change,
            base=lambda row: (row.price or 0.0) if change.factor is None else row.price,
        )
    )


def unit_cost(instance: Instance, change: UnitCostChange) -> Instance:
    """Cost of starts of the selected processes."""
    return _processes(instance, change, "unit_cost")


def yields(instance: Instance, change: YieldChange) -> Instance:
    """Yields of the selected processes."""
    return _processes(instance, change, "yield_")


def lead_time(instance: Instance, change: LeadTimeChange) -> Instance:
    """Lead times of the selected lanes or processes, rounded up to whole periods."""
    if change.of_lanes:
        return lanes(instance, change, "lead_time", _round_up)
    return _processes(instance, change, "lead_time", _round_up)


def _processes(
    instance: Instance, change: Deviation, field: str, finish: Callable[[float], Any] = lambda figure: figure
) -> Instance:
    universe = universe_of(instance)
    return instance.replace(
        processes=changed(
            instance,
            instance.processes,
            lambda row: universe.process_matches(change.where, row),
            field,
            change,
            finish=finish,
        )
    )


def _round_up(figure: float) -> int:
    return math.ceil(figure - 1e-9)


def stock(instance: Instance, change: StockChange) -> Instance:
    """The opening stock of the selected items and sites."""
    if instance.periods.window(change.period).start > 0 or change.recovery:
        raise RefusedError(
            "A stock change is of the opening stock, at the start of the first period.", "Remove period and recovery."
        )
    universe = universe_of(instance)
    rows: list[Row] = [
        row.model_copy(update={"opening": figure_of(change, "opening", row.opening, 1.0)})
        if universe.stock_matches(change.where, row.site, row.item)
        else row
        for row in instance.stocks
    ]
    listed = {(row.site, row.item) for row in instance.stocks}
    if change.factor is None:
        rows += [
            Stock(site=site, item=item, opening=figure_of(change, "opening", 0.0, 1.0))
            for site in change.where.site
            for item in change.where.item
            if (site, item) not in listed and universe.stock_matches(change.where, site, item)
        ]
    return instance.replace(stocks=rows)


APPLY: dict[type[Any], Callable[[Instance, Any], Instance]] = {
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
