"""The tables of orders: what is due when, what may be late, and what may be lost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.network.frames import by_period, in_order, narrowed, numbered


def order_rows(instance: Instance, discount: pd.Series) -> pd.DataFrame:
    """Demand by period; rows with quantity 0 follow for later periods in which units may still be owed."""
    demand = by_period(instance, "demand")
    free = demand["price"].isna() & demand["lost_cost"].isna()
    demand["must_serve"] = demand["must_serve"].where(demand["must_serve"].notna(), free.astype(float))
    demand["lost_cost"] = demand["lost_cost"].where(demand["lost_cost"].notna(), demand["price"]).fillna(0.0)
    demand["price"] = demand["price"].fillna(0.0)
    demand["ordered"] = True
    columns = ["customer", "item", "period", "quantity", "price", "must_serve", "late_cost", "lost_cost", "ordered"]
    demand = in_order(narrowed(demand, columns), columns[:3])
    full = _carried_on(demand, len(instance.periods)) if demand["late_cost"].notna().any() else demand
    full["discount"] = discount.to_numpy()[full["period"].to_numpy(dtype=np.int64)]
    return full


def _carried_on(demand: pd.DataFrame, count: int) -> pd.DataFrame:
    """The orders, and the periods after those that may be late; nothing is late in the last of `count` periods.

    Args:
        demand: sorted by customer, item and period.
        count: number of periods.
    """
    due = demand["period"].to_numpy(dtype=np.int64)
    pair = numbered(demand, columns=["customer", "item"])[0]
    first = due[np.unique(pair, return_index=True)[1]]
    length = count - first
    of = np.repeat(np.arange(len(first)), length)
    period = np.arange(len(of)) - np.repeat(np.cumsum(length) - length, length) + first[of]
    moment, ordered_at = of * count + period, pair * count + due
    at = np.searchsorted(ordered_at, moment, side="right") - 1  # the terms of the latest order up to then
    ordered = ordered_at[at] == moment
    late = demand["late_cost"].to_numpy(dtype=float)[at]
    owed = np.zeros(len(of), dtype=bool)  # whether units of earlier orders may still be owed
    owed[1:] = (of[1:] == of[:-1]) & ~np.isnan(late[:-1])
    full = demand.take(at).reset_index(drop=True)
    full["period"] = period
    full["quantity"] = np.where(ordered, full["quantity"].to_numpy(dtype=float), 0.0)
    full["late_cost"] = np.where(period == count - 1, np.nan, late)
    full["ordered"] = ordered
    return full[ordered | owed].reset_index(drop=True)


def late_and_lost(orders: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The decision tables `late` (with its cost a unit and period) and `lost` of some orders."""
    due = orders["quantity"].groupby([orders["customer"], orders["item"]], sort=False).cumsum()
    late = orders.assign(due=due)[orders["late_cost"].notna()]
    lost = orders[orders["ordered"]]
    keys = ["customer", "item", "period"]
    return (
        late[keys]
        .assign(lateness=late["late_cost"] * late["discount"], upper=late["due"])  # no more is owed than was ordered
        .reset_index(drop=True),
        lost[keys]
        .assign(lost_sales=lost["lost_cost"] * lost["discount"], upper=(1.0 - lost["must_serve"]) * lost["quantity"])
        .reset_index(drop=True),
    )
