"""Recourse: what may give way after a strike, so that a frozen past never makes the future infeasible.

Orders that are owed may be cancelled, goods on the way may reach a customer who no longer needs them, stock may pass
its bounds, and must-serve shares, limits, floors, buffers and hard commitments become promises that can be broken at a
stated price. Without recourse none of these decisions is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.network.frames import ORDER, PLACED, Tables, empty, positions


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
        """Recourse at a price above the worth of any promise: twice the largest price or cost of an order."""
        figures = [figure for row in instance.demand for figure in (row.price, row.lost_cost, row.late_cost) if figure]
        return cls(price=2.0 * max([1.0, *figures]))

    def prices(self, kind: str, names: pd.Series) -> pd.Series:
        """The price of each promise of a kind, by its name: money (before discounting) a unit."""
        own = {name: price for (of, name), price in self.dearer.items() if of == kind}
        return names.map(own).astype(float).fillna(self.price)


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
        "surplus": sent.rename(columns={"quantity": "upper"}).reset_index(drop=True),
        "owed": cancelled[ORDER].assign(owed=orders["owed"][waits]).reset_index(drop=True),
    }
    for name, bound in (("below", "stock_minimum"), ("over", "stock_maximum")):
        rows = bounds[bound][PLACED]
        promise = recourse.prices("stock", rows["item"]) * factor[rows["period"].to_numpy(dtype=np.int64)]
        found[name] = rows.assign(promise=promise)
    return found
