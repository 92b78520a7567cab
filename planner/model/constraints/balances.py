"""Balances: what comes in goes out, and every order is delivered, owed or lost."""

from __future__ import annotations

import pandas as pd

from planner.model.blocks import Decisions, Terms
from planner.model.family import Family
from planner.network.network import Network


class FlowBalance(Family):
    """What leaves a site, is used or is kept there equals what was kept, finished and has arrived.

    stock[s,i,t] + sum_p quantity_(p,i) * make[p,t] + sum_(l out of s) ship[l,i,t]
      - stock[s,i,t-1] - sum_p yield_p * make[p, t - lead_p] - sum_(l into s) ship[l,i, t - lead_l]
      = opening stock (t = 0) + arrivals[s,i,t]

    What arrives in t can be used in t. Components are consumed when work starts.
    Shadow price: what one more unit of the item at the site in the period saves (money a unit).
    Moved by: opening stock and arrivals; yields and lead times change the structure.
    """

    name = "flow_balance"
    over = ("site", "item", "period")
    sense = "=="
    unit = "units of the item"

    def left(self, network: Network, x: Decisions) -> Terms:
        """Outflow less inflow."""
        place = {"site": "site", "item": "item", "period": "period"}
        arriving = {"site": "place", "item": "item", "period": "period"}
        return (
            x.stock.sum(place)
            + x.make.sum({"site": "site", "item": "component", "period": "period"}, "quantity", network.uses)
            + x.ship.sum({"site": "from", "item": "item", "period": "period"})
            - x.stock.sum(place, through=network.carry)
            - x.make.sum({"site": "site", "item": "item", "period": "finish"}, "yield")
            - x.ship.sum(arriving, through=network.receipts)
        )

    def right(self, network: Network) -> pd.DataFrame:
        """Opening stock and arrivals."""
        return network.flow.rename(columns={"supply": "right"})


class DemandBalance(Family):
    """What is ordered and what was owed is delivered, owed on, or lost.

    sum_(l into c) ship[l,i, t - lead_l] + late[c,i,t] + lost[c,i,t] - late[c,i,t-1] = demand[c,i,t]

    late is 0 in the last period, and always where no late cost is given.
    Shadow price: what one more unit ordered saves; never positive but for an order that pays for itself
    (money a unit; minus the shadow price is what the next unit costs to serve or lose).
    Moved by: the demand change.
    """

    name = "demand_balance"
    over = ("customer", "item", "period")
    sense = "=="
    unit = "units of the item"

    def left(self, network: Network, x: Decisions) -> Terms:
        """Delivered, owed and lost."""
        order = ["customer", "item", "period"]
        return (
            x.ship.sum({"customer": "place", "item": "item", "period": "period"}, through=network.deliveries)
            + x.late.sum(order)
            + x.lost.sum(order)
            - x.late.sum(order, through=network.carried)
        )

    def right(self, network: Network) -> pd.DataFrame:
        """Quantities ordered."""
        return network.orders.rename(columns={"quantity": "right"})
