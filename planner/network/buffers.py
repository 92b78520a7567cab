"""Buffers of a policy as rows: the stock of an item over all sites covers the demand of some periods ahead."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from planner.instance.bill import ratios
from planner.instance.instance import Instance
from planner.instance.policy import Buffer, buffer_name
from planner.network.frames import Tables, renamed


def buffer_tables(instance: Instance, number: int, buffer: Buffer, stock: pd.DataFrame, orders: pd.DataFrame) -> Tables:
    """The rows of a buffer (as limits of measure `buffer`, `of` being the item) and the stock that counts.

    Args:
        instance: what is planned.
        number: position of the buffer in its policy, from 1; which names it.
        buffer: the buffer.
        stock, orders: tables of the network.
    """
    window = instance.periods.window(buffer.period)
    stages = instance.stage_of
    name = buffer_name(number)
    rows = []
    taken = orders_take(instance, held_in(instance, buffer), orders)
    for item in held_in(instance, buffer):
        demand = taken[item]
        cover = periods_ahead(demand, buffer.periods_of_cover)
        rows += [(name, item, at, float(cover[at])) for at in window if cover[at] > 0]
    table = pd.DataFrame(rows, columns=["limit", "of", "position", "demand"])
    labels = np.array(instance.periods.labels, dtype=object)
    table["period"] = labels[table["position"].to_numpy(dtype=np.int64)]
    figures = {"max_share": math.nan, "min_free": math.nan, "used": 0.0}
    soft = math.nan if buffer.soft_cost is None else buffer.soft_cost
    limits = table.assign(measure="buffer", stage=table["of"].map(stages), over="item", soft_cost=soft, **figures)
    counted = renamed(stock[["item", "period"]], {"item": "of", "period": "position"})
    counted["row"] = np.arange(len(stock))
    counted = counted.merge(table[["limit", "of", "position", "period"]], on=["of", "position"]).assign(weight=1.0)
    return {"limits": limits, "uses": counted}


def orders_take(instance: Instance, items: Iterable[str], orders: pd.DataFrame) -> dict[str, np.ndarray]:
    """Units of some items that the orders of each period take, through the components at that period's best yields.

    taken(i, t) = ordered(i, t) + sum over parents j of taken(j, t) * min over processes of j in t (quantity / yield)

    A process counts in the periods of its window, outages apart; so what has passed changes nothing of what is still to
    come. Where no process of an item has a period in its window, orders of that period take none of its components.

    Args:
        instance: what is planned.
        items: the items.
        orders: the table of the network.
    """
    count = len(instance.periods)
    best: dict[tuple[str, str], np.ndarray] = {}
    for process, component, ratio in ratios(instance):
        least = best.setdefault((process.item, component), np.full(count, np.inf))
        window = instance.periods.window(process.period)
        least[window.start : window.stop] = np.minimum(least[window.start : window.stop], ratio)
    ordered = orders.pivot_table(index="item", columns="period", values="quantity", aggfunc="sum", fill_value=0.0)
    ordered = ordered.reindex(columns=range(count), fill_value=0.0)
    taken = {item.item: np.zeros(count) for item in instance.items}
    for product in ordered.index:
        taken[str(product)] += ordered.loc[product].to_numpy(dtype=float)
    for item in reversed(instance.bill.order):
        for component in instance.bill.parts.get(item, ()):
            least = best.get((item, component), np.full(count, np.inf))
            taken[component] += taken[item] * np.where(np.isinf(least), 0.0, least)
    return {item: taken[item] for item in items}


def held_in(instance: Instance, buffer: Buffer) -> list[str]:
    """The items that a buffer holds: those of its stage, and those it names; sorted."""
    return sorted(row.item for row in instance.items if row.stage == buffer.stage or row.item in buffer.items)


def buffered_items(instance: Instance, buffers: tuple[Buffer, ...]) -> frozenset[str]:
    """The buffered items that are ordered themselves, or are components of anything ordered."""
    if not buffers:
        return frozenset()
    ordered = {row.item for row in instance.demand}
    taken = {item for product, item in units_needed(instance) if product in ordered}
    return frozenset(item for buffer in buffers for item in held_in(instance, buffer) if item in taken)


def units_needed(instance: Instance) -> dict[tuple[str, str], float]:
    """Units of an item that a good unit of a product takes, at the best yields of all periods: by (product, item).

    needed(p, p) = 1; needed(p, i) = sum over parents j of needed(p, j) * min over processes of j (quantity / yield)

    Every process of the instance counts, also one that cannot end within the planned periods, so that a longer lead
    time changes no buffer.
    """
    best: dict[str, dict[str, float]] = {}
    for process, component, ratio in ratios(instance):
        parts = best.setdefault(process.item, {})
        parts[component] = min(parts.get(component, ratio), ratio)
    needed: dict[str, dict[str, float]] = {}
    for product in dict.fromkeys([*instance.bill.order, *(row.item for row in instance.items)]):
        found = needed[product] = {product: 1.0}
        for component, ratio in best.get(product, {}).items():
            for item, units in needed[component].items():
                found[item] = found.get(item, 0.0) + ratio * units
    return {(product, item): units for product in sorted(needed) for item, units in needed[product].items()}


def periods_ahead(demand: np.ndarray, cover: float) -> np.ndarray:
    """Units demanded in the next `cover` periods after each period; past the horizon the last period repeats.

    Args:
        demand: units by period.
        cover: number of periods, also in fractions.
    """
    whole, part = int(cover), cover - int(cover)
    longer = np.concatenate([demand, np.repeat(demand[-1:], whole + 1)])
    ahead = np.array([longer[at + 1 : at + 1 + whole].sum() for at in range(len(demand))])
    return ahead + part * longer[whole + 1 : whole + 1 + len(demand)] if part else ahead
