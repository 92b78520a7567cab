"""Buffers of a policy as rows: the stock of an item over all sites covers the demand of some periods ahead."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.instance.policy import Buffer
from planner.network.frames import Tables


def buffer_tables(
    instance: Instance,
    number: int,
    buffer: Buffer,
    make: pd.DataFrame,
    uses: pd.DataFrame,
    stock: pd.DataFrame,
    orders: pd.DataFrame,
) -> Tables:
    """The rows of a buffer (as limits of measure `buffer`, `of` being the item) and the stock that counts.

    Args:
        instance: what is planned.
        number: position of the buffer in its policy, from 1; its name is `buffer-<number>`.
        buffer: the buffer.
        make, uses, stock, orders: tables of the network.
    """
    window = instance.periods.window(buffer.period)
    stages = {item.item: item.stage for item in instance.items}
    held = sorted(item for item, stage in stages.items() if stage == buffer.stage or item in buffer.items)
    needed = units_needed(make, uses, orders["item"])
    ordered = orders.pivot_table(index="item", columns="period", values="quantity", aggfunc="sum", fill_value=0.0)
    ordered = ordered.reindex(columns=range(len(instance.periods)), fill_value=0.0)
    name = f"buffer-{number}"
    rows = []
    for item in held:
        demand = sum(
            (
                ordered.loc[product].to_numpy(dtype=float) * needed.get((product, item), 0.0)
                for product in ordered.index
            ),
            start=np.zeros(len(instance.periods)),
        )
        cover = periods_ahead(demand, buffer.periods_of_cover)
        rows += [(name, item, at, float(cover[at])) for at in window if cover[at] > 0]
    table = pd.DataFrame(rows, columns=["limit", "of", "position", "demand"])
    labels = np.array(instance.periods.labels, dtype=object)
    table["period"] = labels[table["position"].to_numpy(dtype=np.int64)]
    figures = {"max_share": math.nan, "min_free": math.nan}
    soft = math.nan if buffer.soft_cost is None else buffer.soft_cost
    limits = table.assign(measure="buffer", stage=table["of"].map(stages), over="item", soft_cost=soft, **figures)
    counted = stock[["item", "period"]].rename(columns={"item": "of", "period": "position"})
    counted["row"] = np.arange(len(stock))
    counted = counted.merge(table[["limit", "of", "position", "period"]], on=["of", "position"]).assign(weight=1.0)
    return {"limits": limits, "uses": counted}


def units_needed(make: pd.DataFrame, uses: pd.DataFrame, ordered: Iterable[str] = ()) -> dict[tuple[str, str], float]:
    """Units of an item that a good unit of a product takes, at the best yields: by (product, item).

    needed(p, p) = 1; needed(p, i) = sum over parents j of needed(p, j) * min over processes of j (quantity / yield)

    Args:
        make, uses: tables of the network.
        ordered: further products, which stand only in stock and arrivals.
    """
    row = uses["row"].to_numpy(dtype=np.int64)
    links = pd.DataFrame(
        {
            "parent": make["item"].to_numpy()[row],
            "component": uses["component"].to_numpy(),
            "ratio": uses["quantity"].to_numpy(dtype=float) / make["yield"].to_numpy(dtype=float)[row],
        }
    )
    best = links.groupby(["parent", "component"])["ratio"].min()
    parts: dict[str, list[tuple[str, float]]] = {}
    for (parent, component), ratio in best.items():
        parts.setdefault(str(parent), []).append((str(component), float(ratio)))
    needed: dict[tuple[str, str], float] = {}

    def add(product: str, item: str, units: float) -> None:
        needed[product, item] = needed.get((product, item), 0.0) + units
        for component, ratio in parts.get(item, ()):
            add(product, component, units * ratio)

    for item in sorted({*make["item"], *best.index.get_level_values("component"), *ordered}):
        add(item, item, 1.0)
    return needed


def periods_ahead(demand: np.ndarray, cover: float) -> np.ndarray:
    """The demand of the next `cover` periods after each period; past the horizon the last period repeats."""
    whole, part = int(cover), cover - int(cover)
    longer = np.concatenate([demand, np.repeat(demand[-1:], whole + 1)])
    ahead = np.array([longer[at + 1 : at + 1 + whole].sum() for at in range(len(demand))])
    return ahead + part * longer[whole + 1 : whole + 1 + len(demand)] if part else ahead
