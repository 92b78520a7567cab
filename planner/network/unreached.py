"""Orders that nothing can reach: no chain of lanes and processes brings the item to the customer, or not in time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from planner.errors import Problem
from planner.instance.instance import Instance
from planner.network.frames import ORDER, label_rows, positions, renamed, rows_where
from planner.network.network import Network
from planner.network.orders import order_rows
from planner.network.outline import Outline, outline_of
from planner.text.figures import joined

MOST_NAMED = 6


def reach_problems(network: Network) -> list[Problem]:
    """Orders that no chain of lanes and processes can reach: never (an error), or not in time (a warning).

    In the rest of a longer plan, orders near its end can be out of reach without a mistake: those are warnings.
    """
    arriving = renamed(network.deliveries, {"place": "customer"})
    wanted = rows_where(network.orders, (network.orders["quantity"] > 0).to_numpy())
    if (positions(wanted, arriving, ORDER[:2]) < 0).any():  # a network has no deliveries in periods without an order
        return list(unreached(outline_of(network.instance)))
    return list(_problems(network.instance, network.orders, arriving))


def unreached(outline: Outline) -> Iterator[Problem]:
    """The same problems, found without a network."""
    yield from _problems(outline.instance, *_in_doubt(outline))


def _in_doubt(outline: Outline) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The orders of those customers and items for which some period has no possible arrival, and the possible arrivals.

    Returns:
        orders: as `order_rows` gives them.
        arriving: customer, item, period.
    """
    instance = outline.instance
    masks: dict[str, int] = {}
    for text in {row.period for row in instance.demand}:
        window = instance.periods.window(text)
        masks[text] = (1 << window.stop) - (1 << window.start)
    arrivals = outline.arrivals
    doubted = {
        (row.customer, row.item)
        for row in instance.demand
        if row.quantity > 0 and masks[row.period] & ~arrivals.get((outline.alike[row.customer], row.item), 0)
    }
    doubted |= {
        (row.customer, row.item)
        for row in instance.owed
        if row.quantity > 0 and not arrivals.get((outline.alike[row.customer], row.item), 0)
    }
    some = instance.replace(
        demand=[row for row in instance.demand if (row.customer, row.item) in doubted],
        owed=[row for row in instance.owed if (row.customer, row.item) in doubted],
    )
    orders = order_rows(some, pd.Series(np.ones(len(instance.periods))))
    arriving = [
        (customer, item, period)
        for customer, item in sorted(doubted)
        for period in range(len(instance.periods))
        if arrivals.get((outline.alike[customer], item), 0) >> period & 1
    ]
    found = pd.DataFrame(arriving, columns=ORDER)
    return orders, found


def _problems(instance: Instance, orders: pd.DataFrame, arriving: pd.DataFrame) -> Iterator[Problem]:
    """Problems of orders that cannot be reached ever (errors), or in their period (errors if they must be served)."""
    owed = rows_where(orders, orders["owed"].to_numpy() > 0)
    due = rows_where(arriving, positions(arriving, orders, ORDER) >= 0)
    yield from _owed_never(rows_where(owed, positions(owed, due, ORDER[:2]) < 0))
    orders = rows_where(orders, orders["quantity"].to_numpy() > 0)
    ever, in_time = positions(orders, arriving, ORDER[:2]) >= 0, positions(orders, arriving, ORDER) >= 0
    yield from _ordered_never(instance, rows_where(orders, ~ever))
    never_late = np.isnan(orders["late_cost"].to_numpy(dtype=float))
    yield from _too_early(instance, rows_where(orders, ever & ~in_time & never_late))


def _owed_never(owed: pd.DataFrame) -> Iterator[Problem]:
    """Problems of customers and items of which units are owed that can never arrive."""
    for customer, item in label_rows(owed, ORDER[:2]):
        yield Problem(
            "owed",
            None,
            "item",
            item,
            f"No chain of lanes and processes brings {item} to {customer}, to whom it is owed, within the planned "
            "periods.",
            "Add the missing lane, process or component source, plan more periods, or lower what is owed to what can "
            "still come.",
        )


def _ordered_never(instance: Instance, orders: pd.DataFrame) -> Iterator[Problem]:
    """Problems of orders that can never arrive, one for each customer."""
    lost: dict[str, dict[str, None]] = {}
    for customer, item in label_rows(orders, ORDER[:2]):
        lost.setdefault(customer, {})[item] = None
    promised = bool((orders["must_serve"].to_numpy() > 0).any())
    severity = "error" if promised or instance.settings.as_written else "warning"
    for customer, items in lost.items():
        never = joined(list(items), "or", MOST_NAMED)
        yield Problem(
            "demand",
            None,
            "item",
            ", ".join(items),
            f"No chain of lanes and processes brings {never} to {customer} within the planned periods.",
            "Add the missing lane, process or component source, or plan more periods.",
            severity,
        )


def _too_early(instance: Instance, orders: pd.DataFrame) -> Iterator[Problem]:
    """Problems of orders that cannot arrive in their period and may not be late."""
    late: dict[tuple[str, str, bool], list[int]] = {}
    for customer, item, share, period in label_rows(orders, ["customer", "item", "must_serve", "period"]):
        late.setdefault((customer, item, share > 0), []).append(period)
    for (customer, item, must), periods in late.items():
        windows = ", ".join(instance.periods.windows(periods))
        lose = "so this order will be lost" if len(periods) == 1 else "so these orders will be lost"
        yield Problem(
            "demand",
            None,
            "period",
            windows,
            f"No chain of lanes and processes brings {item} to {customer} by {windows}, "
            f"{'but it must be served' if must else lose}.",
            "Give it a late_cost, an opening stock or arrivals, or start the planned periods earlier.",
            "error" if must else "warning",
        )
