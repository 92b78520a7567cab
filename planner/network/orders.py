"""Orders: what is due when, what may be late, and what may be lost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.network.frames import by_period, in_order, narrowed


def order_rows(instance: Instance, discount: pd.Series) -> pd.DataFrame:
    """Demand by period; where a row may be late, the periods after it without a row carry on with quantity 0."""
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
    """The orders, and the periods after those that may be late; nothing is late in the last of `count` periods."""
    pairs = demand.groupby(["customer", "item"], sort=False)
    spans = pairs["period"].min().reset_index()
    length = (count - spans["period"]).to_numpy(dtype=np.int64)
    taken = np.repeat(np.arange(len(spans)), length)
    grid = spans.iloc[taken][["customer", "item"]].reset_index(drop=True)
    offset = np.arange(len(taken)) - np.repeat(np.cumsum(length) - length, length)
    grid["period"] = spans["period"].to_numpy()[taken] + offset
    full = grid.merge(demand, on=["customer", "item", "period"], how="left")
    group = full.groupby(["customer", "item"], sort=False)
    full["ordered"] = full["ordered"].eq(other=True)
    last = full["late_cost"].where(full["ordered"], np.nan).fillna(-1.0).where(full["ordered"], np.nan)
    carried = last.groupby([full["customer"], full["item"]], sort=False).ffill()
    full["late_cost"] = carried.where(carried >= 0, np.nan)
    for name in ("price", "must_serve", "lost_cost"):
        full[name] = group[name].ffill()
    full["quantity"] = full["quantity"].fillna(0.0)
    previous = full.groupby(["customer", "item"], sort=False)["late_cost"].shift()
    full = full[full["ordered"] | previous.notna()].reset_index(drop=True)
    full.loc[full["period"] == count - 1, "late_cost"] = np.nan
    return full


def late_and_lost(orders: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What of the orders may be late (with its cost a unit-period), and what may be lost."""
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
