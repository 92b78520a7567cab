"""The tables of orders: what is due when, what may be late, and what may be lost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.network.frames import (
    ORDER,
    by_period,
    frame,
    group_numbers,
    in_order,
    lookup,
    narrowed,
    positions,
    renamed,
    rows_at,
    rows_where,
    table_of_columns,
    table_of_rows,
    values_at,
)


def order_rows(instance: Instance, discount: pd.Series) -> pd.DataFrame:
    """Demand by period; rows with quantity 0 follow for later periods in which units may still be owed.

    The column `owed` holds the units that are owed when the first period begins; they are due in it.
    """
    rows = by_period(instance, "demand")
    price, lost, must = (rows[name].to_numpy(dtype=float) for name in ("price", "lost_cost", "must_serve"))
    free = np.isnan(price) & np.isnan(lost)
    demand = table_of_columns(
        {
            **{name: rows[name] for name in (*ORDER, "quantity")},
            "price": np.nan_to_num(price),
            "must_serve": np.where(np.isnan(must), free, must),
            "late_cost": rows["late_cost"],
            "lost_cost": np.nan_to_num(np.where(np.isnan(lost), price, lost)),
            "ordered": np.ones(len(rows), dtype=bool),
        }
    )
    demand = in_order(_with_owed(instance, demand), ORDER)
    full = _carried_on(demand, len(instance.periods)) if demand["late_cost"].notna().any() else demand
    full["discount"] = discount.to_numpy()[full["period"].to_numpy(dtype=np.int64)]
    return full


def _with_owed(instance: Instance, demand: pd.DataFrame) -> pd.DataFrame:
    """The orders with what is owed from before; a row without an order where the first period has none."""
    if not instance.owed:
        return demand.assign(owed=0.0)
    owed = frame(instance, "owed")
    owed = renamed(owed[owed["quantity"] > 0], {"quantity": "owed"}).assign(period=0)
    demand = demand.assign(owed=lookup(demand, owed, ORDER, "owed", 0.0).astype(float))
    alone = owed[positions(owed, demand, ORDER) < 0]
    alone = alone.assign(quantity=0.0, price=0.0, must_serve=1.0, ordered=False)
    return pd.concat([demand, narrowed(alone, list(demand))], ignore_index=True) if len(alone) else demand


def handed_over(instance: Instance, orders: pd.DataFrame) -> pd.DataFrame:
    """Goods on the way to customers, as far as these are owed anything when they arrive.

    room[t] = due[t] + (room[t-1] - taken[t-1] where what is owed after t-1 may be late)
    taken[t] = min(arriving[t], room[t]),  due[t] = ordered[t] + owed (t = 0)

    Units beyond `taken` count for nothing, whatever they have touched: nobody pays for what was not ordered.

    Args:
        instance: its arrivals and customers.
        orders: as `order_rows` gives them.

    Returns:
        place (the customer), item, period, touched, quantity.
    """
    customers = instance.customer_ids
    rows = [
        (row.site, row.item, period, row.touched, row.quantity)
        for row in instance.arrivals
        if row.site in customers
        for period in instance.periods.window(row.period)
    ]
    columns = ["place", "item", "period", "touched", "quantity"]
    found = table_of_rows(rows, columns, {"period": np.int64, "quantity": float})
    by_order = found.groupby(columns[:3])["quantity"].sum()
    taken: dict[tuple[str, str, int], float] = {}
    room: dict[tuple[str, str], float] = {}
    figures = (orders[name].tolist() for name in (*ORDER, "quantity", "owed", "late_cost"))
    for customer, item, period, quantity, owed, late in zip(*figures, strict=True):
        left = room.get((customer, item), 0.0) + quantity + owed
        taken[customer, item, period] = min(float(by_order.get((customer, item, period), 0.0)), left)
        room[customer, item] = left - taken[customer, item, period] if late == late else 0.0  # noqa: PLR0124
    keys = zip(*(found[name] for name in columns[:3]), strict=True)
    part = [taken.get(key, 0.0) / by_order[key] if by_order[key] > 0 else 0.0 for key in keys]
    found["quantity"] = found["quantity"] * np.array(part)
    return found[found["quantity"] > 0].reset_index(drop=True)


def _carried_on(demand: pd.DataFrame, count: int) -> pd.DataFrame:
    """The orders, and the periods after those that may be late; nothing is late in the last of `count` periods.

    Args:
        demand: sorted by customer, item and period.
        count: number of periods.
    """
    due = demand["period"].to_numpy(dtype=np.int64)
    pair = group_numbers(demand, columns=["customer", "item"])[0]
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
    full = rows_at(demand, at)
    full["period"] = period
    for name in ("quantity", "owed"):
        full[name] = np.where(ordered, full[name].to_numpy(dtype=float), 0.0)
    full["late_cost"] = np.where(period == count - 1, np.nan, late)
    full["ordered"] = full["ordered"].to_numpy(dtype=bool) & ordered
    return rows_where(full, ordered | owed)


def late_and_lost(orders: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The decision tables `late` (with its cost a unit and period) and `lost` of some orders."""
    number = group_numbers(orders, columns=ORDER[:2])[0]
    due = (orders["quantity"] + orders["owed"]).groupby(number, sort=False).cumsum().to_numpy()
    discount, late_cost = orders["discount"].to_numpy(), orders["late_cost"].to_numpy(dtype=float)
    can_be_late = np.flatnonzero(~np.isnan(late_cost))
    ordered = np.flatnonzero(orders["ordered"].to_numpy(dtype=bool))
    lost_sales = orders["lost_cost"].to_numpy() * discount
    may_be_lost = (1.0 - orders["must_serve"].to_numpy()) * orders["quantity"].to_numpy()
    late, lost = (
        table_of_columns({**{name: values_at(orders[name], at) for name in ORDER}, cost: prices[at], "upper": most[at]})
        for at, cost, prices, most in (
            (can_be_late, "lateness", late_cost * discount, due),  # late is at most what was due
            (ordered, "lost_sales", lost_sales, may_be_lost),
        )
    )
    return late, lost
