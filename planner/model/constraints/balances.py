"""Balances: flow balance at sites, demand balance of customers, and the two balances that only re-planning needs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from planner.model.family import Family
from planner.model.loosening import Loosening, Turn
from planner.model.variable_blocks import Array, Decisions, Terms
from planner.model.words.lines import Line, Phrase, Wording
from planner.model.words.names import Labels, named_labels
from planner.network.frames import label_rows, lookup, next_period, positions, renamed
from planner.network.network import Network


def _supply(phrase: Phrase) -> str:
    supply = f" ({phrase.total()} are there or arriving)" if not phrase.all_are(0, 0.0) else ""
    touched = f" that has touched {phrase['touched']}" if "touched" in phrase.group.labels else ""
    what = f"What {phrase['site']} uses, sends and keeps of {phrase['item']}{touched}"
    return f"{what} {phrase.when} must have come in{supply}."


def _order(phrase: Phrase, most: str = "") -> str:
    verb = "order" if phrase.several("customer") else "orders"
    if phrase.group.figures(0) == phrase.group.figures(1) and not phrase.all_are(1, 0.0):
        verb = "are" if phrase.several("customer") else "is"
        return f"{phrase['customer']} {verb} owed {most}{phrase.total()} {phrase['item']} from before."
    owed = "" if phrase.all_are(1, 0.0) else f" ({phrase.total(1)} of them owed from before)"
    return f"{phrase['customer']} {verb} {most}{phrase.total()} {phrase['item']} {phrase.when}{owed}."


SUPPLY = Wording("supply", _supply, over=("period", "item", "site"), by_nature=True)
ORDER = Wording("order", _order, over=("period", "item", "customer"), added_up=True)
ORDER_MOST = Wording(
    "order_most", lambda phrase: _order(phrase, "no more than "), over=("period", "item", "customer"), added_up=True
)
LOWER_OWED = Wording(
    "lower_owed",
    lambda phrase: f"lower what {phrase['customer']} is owed of {phrase['item']} {phrase.lowered}",
    over=("item", "customer"),
)
CANCEL_OWED = Wording(
    "cancel_owed",
    lambda phrase: f"{phrase['customer']} can cancel no more {phrase['item']} {phrase.when} than it is owed.",
    by_nature=True,
)
RECEIVED = Wording(
    "received",
    lambda phrase: f"What {phrase['customer']} has received of {phrase['item']} {phrase.when} is what came.",
    by_nature=True,
)


class FlowBalance(Family):
    """What leaves a site, is used or is kept there equals what was kept, finished and has arrived.

    stock[s,i,t] + sum_p quantity_(p,i) * make[p,t] + sum_(l out of s) ship[l,i,t]
      - stock[s,i,t-1] - sum_p yield_p * make[p, t - lead_p] - sum_(l into s) ship[l,i, t - lead_l]
      = opening stock (t = 0) + arrivals[s,i,t]

    What arrives in t can be used in t. Components are consumed when work starts. Where a policy has pathway limits
    there is one row for each class C of what units have touched: work in class C takes components of class C, and
    + sum_(C' containing C) relabel[s,i,t,C->C'] - sum_(C' within C) relabel[s,i,t,C'->C] stands on the left.
    Shadow price: what one more unit of the item at the site in the period saves (money a unit).
    Moved by: opening stock and arrivals; yields and lead times change the structure.
    """

    name = "flow_balance"
    over = ("site", "item", "period")
    sense = "=="
    unit = "units of the item"
    wordings = (SUPPLY,)
    promise = "stock"
    physical = True

    def left(self, network: Network, x: Decisions) -> Terms:
        """Stock at the end, components used and departures, minus stock before, finished work and arrivals."""
        by_class = {name: name for name in network.by_class}
        place = {"site": "site", "item": "item", "period": "period", **by_class}
        used_as = {**place, **dict.fromkeys(by_class, "as")}
        return (
            x.stock.sum(place)
            + x.make.sum({**place, "item": "component"}, "quantity", network.uses)
            + x.ship.sum({**place, "site": "from"})
            + x.relabel.sum(place)
            - x.stock.sum(place, through=network.carry)
            - x.make.sum({**place, "period": "finish"}, "yield")
            - x.ship.sum({**place, "site": "place"}, through=network.receipts)
            - x.relabel.sum(used_as)
        )

    def right(self, network: Network) -> pd.DataFrame:
        """Opening stock (in the first period) plus scheduled arrivals, in units of the item."""
        return renamed(network.flow, {"supply": "right"})

    def line(self, network: Network, labels: Labels, right: float) -> Line:
        """The row with its supply (opening stock and arrivals) and, by class, what those units have touched."""
        place = named_labels(network, self.over, labels)
        for touched in labels[len(self.over) :]:
            place["touched"] = str(touched).replace("+", ", ") or "nothing watched"
        return Line(SUPPLY, place, (right,))

    def can_be_blamed(self, right: Array) -> Array:
        """Only rows with opening stock or arrivals: the others hold no figure that could be in conflict."""
        return np.asarray(right != 0)

    def worth(self, network: Network, labels: pd.DataFrame, duals: Array) -> pd.Series:
        """The worth of keeping one unit of an item: how far apart the undiscounted duals of its balances are."""
        value = duals / network.discount.to_numpy()[labels["period"].to_numpy(dtype=np.int64)]
        items = labels["item"].to_numpy()
        top = pd.Series(value).clip(lower=0.0).groupby(items).max()
        return top - pd.Series(value).clip(upper=0.0).groupby(items).min()


class DemandBalance(Family):
    """What is ordered and what was owed is delivered, owed on, or lost.

    sum_(l into c) ship[l,i, t - lead_l] + late[c,i,t] + lost[c,i,t] - late[c,i,t-1] = demand[c,i,t]

    What is owed from before the first period is due in it, and stands on the right beside its demand. late is 0 in
    the last period, and always where no late cost is given. With recourse (after a strike)
    + unserved[c,i,t] + cancelled[c,i,t] - surplus[c,i,t] stands on the left.
    Shadow price: what one more unit ordered saves; never positive but for an order that pays for itself
    (money a unit; minus the shadow price is what the next unit costs to serve or lose).
    Moved by: the demand change.
    """

    name = "demand_balance"
    over = ("customer", "item", "period")
    sense = "=="
    unit = "units of the item"
    wordings = (ORDER, ORDER_MOST)
    turn = Turn.PROMISES
    named_last = 1
    promise = "order"
    physical = True

    def left(self, network: Network, x: Decisions) -> Terms:
        """Deliveries, units late at the end of the period and lost units, minus units late before it."""
        order = ["customer", "item", "period"]
        return (
            x.ship.sum({"customer": "place", "item": "item", "period": "period"}, through=network.deliveries)
            + x.late.sum(order)
            + x.lost.sum(order)
            - x.late.sum(order, through=network.carried)
            + x.unserved.sum(order)
            + x.cancelled.sum(order)
            - x.surplus.sum(order)
        )

    def right(self, network: Network) -> pd.DataFrame:
        """Quantities ordered, and in the first period what is owed from before, in units of the item."""
        return network.orders.assign(right=network.orders["quantity"] + network.orders["owed"])

    def line(self, network: Network, labels: Labels, right: float) -> Line:
        """The row with all that is due, and how much of it is owed from before."""
        owed = {tuple(row): float(units) for *row, units in label_rows(_owed(network), [*self.over, "owed"])}
        place = named_labels(network, self.over, labels)
        return Line(ORDER, place, (right, owed.get(tuple(labels[: len(self.over)]), 0.0)))

    def loosenings(self, network: Network, labels: pd.DataFrame, right: Array) -> Iterator[tuple[int, Loosening]]:  # noqa: ARG002
        """Lower what is owed from before: unlike an order it cannot be lost."""
        owed = lookup(labels, _owed(network), list(self.over), "owed", 0.0).astype(float)
        for row in np.flatnonzero(owed).tolist():
            customer, item = (str(labels[name].iloc[row]) for name in self.over[:2])
            yield row, Loosening(LOWER_OWED, {"customer": customer, "item": item}, float(owed[row]), up=False)

    def can_be_blamed(self, right: Array) -> Array:
        """Only rows with an order: the others hold no figure that could be in conflict."""
        return np.asarray(right != 0)

    def worth(self, network: Network, labels: pd.DataFrame, duals: Array) -> pd.Series:
        """The undiscounted dual of each order, divided by the least share of the item that must be served."""
        factor = network.discount.to_numpy()[labels["period"].to_numpy(dtype=np.int64)]
        must = network.orders["must_serve"]
        least = must.where(must > 0).groupby(network.orders["item"]).min().fillna(1.0)
        share = labels["item"].map(least).to_numpy(dtype=float)
        return pd.Series(duals / factor / share, index=labels["item"].to_numpy())


def _owed(network: Network) -> pd.DataFrame:
    """The orders of the first period in which something is owed from before."""
    return network.orders[network.orders["owed"] > 0]


class CancelOwed(Family):
    """No more is cancelled than is owed; only with recourse.

    cancelled[c,i,t] - late[c,i,t-1] <= 0 (what is owed from before, in the first period)

    Shadow price: what one more unit that could be cancelled saves (money a unit, never negative).
    Moved by: nothing.
    """

    name = "cancel_owed"
    over = ("customer", "item", "period")
    sense = "<="
    unit = "units of the item"
    wordings = (CANCEL_OWED,)

    def left(self, network: Network, x: Decisions) -> Terms:
        """Units cancelled in the period minus units late at the end of the period before."""
        order = ["customer", "item", "period"]
        owed = network.carried[positions(network.carried, network.owed, order) >= 0]
        return x.cancelled.sum(order) - x.late.sum(order, through=owed)

    def right(self, network: Network) -> pd.DataFrame:
        """0, but in the first period what is owed from before."""
        return renamed(network.owed, {"owed": "right"})


class ReceivedBalance(Family):
    """What a customer has received up to a period is what it had before and what arrives; only where it must survive.

    received[c,i,t] - received[c,i,t-1] - sum_(l into c) ship[l,i, t - lead_l] = 0

    `received` is at least what the undisturbed plan has delivered by then.
    Shadow price: none to act on; what must survive has no price.
    Moved by: nothing.
    """

    name = "received_balance"
    over = ("customer", "item", "period")
    sense = "=="
    unit = "units of the item"
    wordings = (RECEIVED,)

    def left(self, network: Network, x: Decisions) -> Terms:
        """Units received up to the period, minus those received up to the period before and those that arrive in it."""
        order = ["customer", "item", "period"]
        customer = {"customer": "place", "item": "item", "period": "period"}
        arriving = renamed(network.deliveries, {"place": "customer"})
        arriving = network.deliveries[positions(arriving, network.received, order) >= 0]
        return (
            x.received.sum(order)
            - x.received.sum(order, through=next_period(network.received, order[:2], len(network.labels)))
            - x.ship.sum(customer, through=arriving)
        )

    def right(self, network: Network) -> pd.DataFrame:
        """0: both sides of the balance are decisions and stand on the left."""
        return network.received.assign(right=0.0)
