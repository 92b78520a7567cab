"""Smallest lots against orders: units of a lot that no order takes must be able to stand in stock (warning)."""

from __future__ import annotations

import contextlib
import math
from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from planner.errors import Problem
from planner.instance.checks.draft import Draft
from planner.instance.policy import ROUNDING


def check_lots_against_orders(draft: Draft) -> Iterator[Problem]:
    """A smallest lot larger than all orders together, of an item that cannot stand in stock, can never start."""
    lots = [placed for placed in draft.rows.get("processes", ()) if placed[2].min_lot > 0]
    if not lots or not draft.whole("demand", "components", "processes", "items", "stocks", "sites"):
        return
    standing = _may_stand(draft)
    taken = _most_taken(draft, standing)
    for file, number, row in lots:
        if row.item in standing or row.item not in draft.universe.items:
            continue
        good, most = row.min_lot * row.yield_, taken[row.item]
        if good > most * (1 + ROUNDING):
            yield Problem(
                file,
                number,
                "min_lot",
                f"{row.min_lot:g}",
                f"A lot of {row.min_lot:.9g} gives {good:.9g} of {row.item}, more than the {most:.9g} that all orders "
                f"together can take, and no stock of it may stand: none can start.",
                "Lower min_lot, or check its unit; or let a stock stand: a row in stocks, or stock: anywhere.",
                "warning",
            )


def _may_stand(draft: Draft) -> frozenset[str]:
    """The items that can stand in stock at some site in some period."""
    bounds = {(row.site, row.item): row.maximum for row in draft.records("stocks")}
    standing = {item for (_, item), most in bounds.items() if most is None or most > 0}
    if draft.settings.stock == "anywhere":
        sites = draft.universe.sites
        standing |= {item for item in draft.universe.items if any(bounds.get((site, item), 1) != 0 for site in sites)}
    return frozenset(standing)


def _most_taken(draft: Draft, standing: frozenset[str]) -> dict[str, float]:
    """The most good units of each item that orders can take over all periods, directly or in products.

    Items that can stand in stock are unlimited, and so are their components.
    """
    orders: dict[str, float] = defaultdict(float)
    for row in draft.records("demand"):
        orders[row.item] += row.quantity * len(draft.window(row.period))
    worst: dict[str, float] = {}
    for row in draft.records("processes"):
        worst[row.item] = min(worst.get(row.item, 1.0), row.yield_)
    uses: dict[str, dict[str, float]] = defaultdict(dict)
    for row in draft.records("components"):
        uses[row.component][row.item] = max(uses[row.component].get(row.item, 0.0), row.quantity)

    most: dict[str, float] = {}
    order = TopologicalSorter({item: list(uses[item]) for item in draft.universe.items})
    with contextlib.suppress(CycleError):  # then it goes as far as the circle
        order.prepare()
    while ready := order.get_ready():  # products first, then what goes into them
        for item in ready:
            needed = sum(most[parent] / worst.get(parent, 1.0) * each for parent, each in uses[item].items())
            most[item] = math.inf if item in standing else orders[item] + needed
        order.done(*ready)
    return {item: most.get(item, math.inf) for item in draft.universe.items}  # inf within a circle
