"""Warnings about figures that are too far apart: orders, recipes, freight and duties against the value of items."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from planner.errors import Problem
from planner.instance.bill import Bill
from planner.instance.checks.draft import Draft

FAR_APART = 1e9  # times; a solver needs units of its own for such figures, and they are seldom meant
HIGHEST_DUTY = 2.0  # as a share of the value; a higher one is seldom meant
DUTIES = {"set": "is a duty of", "add": "raises duties by"}  # by the figure of a change of tariffs, what it does
HIGHEST_RATE = 1.0  # of discounting and holding; a higher one is seldom meant
UNITS = "Check their units: figures so far apart are seldom meant, and are at the edge of what can be solved."


def check_orders_apart(draft: Draft) -> Iterator[Problem]:
    """The largest order is at most 1e9 times the smallest (warning)."""
    placed = [found for found in draft.rows.get("demand", ()) if found[2].quantity > 0]
    if not placed:
        return
    file, number, small = min(placed, key=lambda found: found[2].quantity)
    _, other, large = max(placed, key=lambda found: found[2].quantity)
    if large.quantity > FAR_APART * small.quantity:
        yield Problem(
            file,
            number,
            "quantity",
            f"{small.quantity:g}",
            f"{small.customer} orders {small.quantity:,.12g} of {small.item}, and {large.customer} (row {other}) "
            f"{large.quantity:,.12g} of {large.item}: {_times(large.quantity, small.quantity)} as much.",
            UNITS,
            "warning",
        )


def check_recipes_apart(draft: Draft) -> Iterator[Problem]:
    """Yield, component quantities and capacity use of a start are at most 1e9 times apart (warning)."""
    bill = Bill.of(draft.records("components"))
    said: set[tuple[str, float, float]] = set()
    for file, number, row in draft.rows.get("processes", ()):
        figures = [
            (row.yield_, f"gives {row.yield_:,.12g} of {row.item}"),
            *((units, f"takes {units:,.12g} of {part}") for part, units in _ends(bill.taken(row.item, row.recipe))),
        ]
        if row.capacity_use > 0:
            figures.append((row.capacity_use, f"takes {row.capacity_use:,.12g} of {row.line.resource}"))
        (small, little), (large, much) = min(figures), max(figures)
        if large > FAR_APART * small and (row.item, small, large) not in said:
            said.add((row.item, small, large))
            yield Problem(
                file,
                number,
                "item",
                row.item,
                f"A unit of {row.item} started at {row.site} {much} and {little}, figures that are "
                f"{_times(large, small)} apart.",
                UNITS,
                "warning",
            )


def _ends(parts: Mapping[str, float]) -> list[tuple[str, float]]:
    """The component with the smallest quantity, and that with the largest."""
    ordered = sorted(parts.items(), key=lambda part: part[1])
    return ordered if len(ordered) < 2 else [ordered[0], ordered[-1]]


def check_dear_lanes(draft: Draft) -> Iterator[Problem]:
    """Freight of a unit is at most what the unit is worth, where that is known (warning).

    A unit is worth its value or, if more, what an order pays for it or loses without it. What a lane for all items
    carries is what its customer orders, or else any item.
    """
    dear = [found for found in draft.rows.get("lanes", ()) if found[2].unit_cost > 0]
    if not dear or not draft.whole("items", "demand"):
        return
    worth: dict[str, float] = {row.item: row.value for row in draft.records("items")}
    orders: dict[str, set[str]] = {row.to: set() for _, _, row in dear if row.item == "*"}
    for row in draft.records("demand"):
        paid = max(row.price or 0.0, row.lost_cost or 0.0)
        worth[row.item] = max(worth.get(row.item, 0.0), paid)
        if row.customer in orders:
            orders[row.customer].add(row.item)
    dearest = {customer: _dearest(worth, items) for customer, items in orders.items() if items}
    of_all = _dearest(worth, worth)
    for file, number, row in dear:
        if row.item == "*":
            goods, price = dearest.get(row.to, of_all)
        else:
            goods, price = row.item, worth.get(row.item, 0.0)
        if 0 < price < row.unit_cost:
            yield Problem(
                file,
                number,
                "unit_cost",
                f"{row.unit_cost:g}",
                f"The lane from {row.from_} to {row.to} costs {row.unit_cost:,.12g} a unit, more than {goods} is worth "
                f"({price:,.12g}).",
                "Check the unit of the freight (money a unit), and the value or price of the item.",
                "warning",
            )


def check_rates(draft: Draft) -> Iterator[Problem]:
    """Duties are less than twice what goods are worth, discount and holding rates less than 1 (warnings).

    10 may have been written for 10 %.
    """
    for file, number, row in draft.rows.get("tariffs", ()):
        if row.rate >= HIGHEST_DUTY:
            yield _high(file, number, "rate", row.rate, "is a duty of", " of the value of the goods")
    for file, number, scenario in draft.scenarios:
        for position, change in enumerate(scenario.changes):
            figure, rate = change.duty or ("", 0.0)
            if rate >= HIGHEST_DUTY:
                where, means = f"changes.{position}.{figure}", DUTIES[figure]
                yield _high(file, number, where, rate, means, " of the value of the goods")
    settings = draft.settings
    if settings.discount_rate >= HIGHEST_RATE and draft.periods.length is not None:
        yield _high(draft.settings_file, None, "discount_rate", settings.discount_rate, "is", " a year")
    if settings.holding_rate >= HIGHEST_RATE:
        of_what = " of an item's value a period"
        yield _high(draft.settings_file, None, "holding_rate", settings.holding_rate, "is", of_what)


def _high(file: str, number: int | None, column: str, rate: float, means: str, of_what: str) -> Problem:
    """The warning about a rate that may have been written in percent."""
    message = f"A rate of {rate:g} {means} {100 * rate:,.12g} %{of_what}."
    return Problem(
        file, number, column, f"{rate:g}", message, f"Write {rate / 100:g} if {rate:g} % is meant.", "warning"
    )


def _dearest(worth: Mapping[str, float], items: Any) -> tuple[str, float]:
    """The item that is worth most; ("", 0) where the worth of any of them is not known."""
    if not all(worth.get(item, 0.0) > 0 for item in items):
        return "", 0.0
    return max(((item, worth[item]) for item in items), key=lambda found: found[1], default=("", 0.0))


def _times(large: float, small: float) -> str:
    """How many times the second figure the first is, as short text."""
    if math.isinf(large / small):
        return "more than 1e308 times"
    figure, _, power = f"{large / small:.2e}".partition("e")
    return f"{float(figure):g}e{int(power)} times"
