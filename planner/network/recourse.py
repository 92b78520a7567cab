"""Recourse: what may give way after a strike, so that a frozen past never makes the future infeasible.

Orders that are owed may be cancelled, goods on the way may reach a customer who no longer needs them, stock may pass
its bounds, and must-serve shares, limits, floors, buffers and hard commitments become promises that can be broken at a
stated price. Without recourse none of these decisions is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.network.frames import ORDER, PLACED, Tables, empty, positions, renamed


@dataclass(frozen=True)
class Recourse:
    """The terms on which a plan may give way.

    Attributes:
        price: what breaking a promise costs, in money (before discounting) a unit: a unit that must be served, a
            weighted unit above a limit or below a floor, a unit below a minimum or a commitment.
        on_the_way: customer, item, period (a position) and quantity of deliveries that were sent before the strike;
            no more than that can reach a customer beyond what is owed. None for none.
        dearer: a price of its own for some promises, by their kind (`order`, `stock`, `commitment`, `limit`) and name
            (the item of an order or stock, the commitment, the limit), where `price` would make breaking them pay.
    """

    price: float
    on_the_way: pd.DataFrame | None = None
    dearer: Mapping[tuple[str, str], float] = field(default_factory=dict)

    @classmethod
    def of(cls, instance: Instance) -> Recourse:
        """The terms where nobody states a price.

        A promise costs twice the largest price or cost of an order. One to serve costs at least twice the dearest way
        to serve a unit (`dearest_ways`), as it was made without asking what serving costs. Where no order has a price
        or cost, twice the dearest of those ways is the price of every promise; 2 where that costs nothing.
        """
        figures = [figure for row in instance.demand for figure in (row.price, row.lost_cost, row.late_cost) if figure]
        served = prices_to_serve(instance)
        price = 2.0 * max(figures, default=0.0) or max(served.values(), default=0.0) or 2.0
        return cls(price, dearer={promise: own for promise, own in served.items() if own > price})

    def prices(self, kind: str, names: pd.Series) -> pd.Series:
        """The price of each promise of a kind, by its name: money (before discounting) a unit."""
        own = {name: price for (of, name), price in self.dearer.items() if of == kind}
        return names.map(own).astype(float).fillna(self.price)


def prices_to_serve(instance: Instance) -> dict[tuple[str, str], float]:
    """Twice the dearest way to serve a unit of each item that must be served, by ("order", item), as `dearer`."""
    must = {row.item for row in instance.owed}
    for row in instance.demand:
        share = row.must_serve if row.must_serve is not None else float(row.price is None and row.lost_cost is None)
        if share > 0:
            must.add(row.item)
    ways = dearest_ways(instance) if must else {}
    return {("order", item): 2.0 * ways[item] for item in sorted(must)}


def dearest_ways(instance: Instance) -> dict[str, float]:
    """What a unit of each item costs at a customer at most, in money: made the dearest way, each part over one lane.

    way[i] = max_p (unit_cost_p + sum_c quantity_c * way[c]) / yield_p + max_l (unit_cost_l) + max tariff rate * value_i

    Each maximum is taken by itself, over all sites and periods, and 0 where there is nothing to take it over. Options,
    holding, and further lanes between sites are left out.
    """
    freight = _largest((row.item, row.unit_cost) for row in instance.lanes)
    tariff = _largest((row.item, row.rate) for row in instance.tariffs)
    processes = defaultdict(list)
    for process in instance.processes:
        processes[process.item].append(process)
    value = instance.value_of
    bill, found = instance.bill, dict[str, float]()
    for item in dict.fromkeys([*bill.order, *value]):
        made = [
            (row.unit_cost + sum(units * found[part] for part, units in bill.taken(item, row.recipe).items()))
            / row.yield_
            for row in processes[item]
        ]
        moved = [max(most[item], most["*"]) for most in (freight, tariff)]
        found[item] = max([0.0, *made]) + moved[0] + moved[1] * value[item]
    return found


def _largest(figures: Iterable[tuple[str, float]]) -> defaultdict[str, float]:
    """The largest figure of each item, and 0 for others."""
    found: defaultdict[str, float] = defaultdict(float)
    for item, figure in figures:
        found[item] = max(found[item], figure)
    return found


def recourse_tables(
    recourse: Recourse | None, orders: pd.DataFrame, late: pd.DataFrame, bounds: Tables, discount: pd.Series
) -> Tables:
    """The tables unserved, cancelled, surplus, below, over and owed of the network.

    Args:
        recourse: the terms; None for none, and then empty tables.
        orders, late: tables of the network.
        bounds: stock_minimum and stock_maximum.
        discount: discount factor by period.
    """
    if recourse is None:
        promised = ["lost_sales", "promise"]
        return {
            "unserved": empty([*ORDER, *promised, "upper"], [*promised, "upper"]),
            "cancelled": empty([*ORDER, *promised], promised),
            "surplus": empty([*ORDER, "upper"], ["upper"]),
            "below": empty([*PLACED, "promise"], ["promise"]),
            "over": empty([*PLACED, "promise"], ["promise"]),
            "owed": empty([*ORDER, "owed"], ["owed"]),
        }
    factor = discount.to_numpy()
    price = recourse.prices("order", orders["item"]) * orders["discount"]
    costs = orders[ORDER].assign(lost_sales=orders["lost_cost"] * orders["discount"])
    must = orders["ordered"] & (orders["must_serve"] > 0) & (orders["quantity"] > 0)
    unserved = costs.assign(promise=price, upper=orders["must_serve"] * orders["quantity"])[must]
    before = orders[ORDER].assign(period=orders["period"] - 1)
    waits = (positions(before, late, ORDER) >= 0) | (orders["owed"] > 0).to_numpy()
    # at the dearest of all earlier orders: else waiting and then cancelling would cost less than losing at once
    dearest = costs["lost_sales"].groupby([costs["customer"], costs["item"]], sort=False).cummax()
    cancelled = costs.assign(promise=price * orders["must_serve"].fillna(0.0) + dearest - costs["lost_sales"])[waits]
    on_the_way = recourse.on_the_way if recourse.on_the_way is not None else empty([*ORDER, "quantity"], ["quantity"])
    sent = on_the_way.groupby(ORDER, as_index=False)["quantity"].sum()
    sent = sent[positions(sent, orders, ORDER) >= 0] if len(sent) else sent
    found: Tables = {
        "unserved": unserved.reset_index(drop=True),
        "cancelled": cancelled.reset_index(drop=True),
        "surplus": renamed(sent, {"quantity": "upper"}).reset_index(drop=True),
        "owed": cancelled[ORDER].assign(owed=orders["owed"][waits]).reset_index(drop=True),
    }
    for name, bound in (("below", "stock_minimum"), ("over", "stock_maximum")):
        rows = bounds[bound][PLACED]
        promise = recourse.prices("stock", rows["item"]) * factor[rows["period"].to_numpy(dtype=np.int64)]
        found[name] = rows.assign(promise=promise)
    return found
