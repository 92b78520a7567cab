"""A strike without warning by the second formulation: the past as it was planned, and promises that may be broken.

Of a plan that is struck nothing before the strike changes, nor any option. What is owed may be cancelled at the dearest
lost cost of all orders so far, goods on the way may reach a customer who is owed nothing any more, stock may pass its
bounds, and must-serve shares, hard limits, buffers and commitments may be broken, each at one price a unit.
"""

import math
from copy import deepcopy

from . import scenarios
from .data import Data, number
from .files import named
from .flows import Flows
from .rules import add_rules

LABELS = {
    "make": ("site", "item", "recipe", "period"),
    "ship": ("from", "to", "item", "period"),
    "late": ("customer", "item", "period"),
    "lost": ("customer", "item", "period"),
    "expand": ("option",),
    "open": ("option",),
}
NEARLY = 1e-7  # of a decision, and of a unit


class Struck(Flows):
    """The program after a strike.

    Args:
        data: the instance with the scenario carried out.
        policy: the policy, or None.
        price: what breaking a promise costs, money a unit before discounting.
        on_the_way: {(customer, item, t): units} that were sent before the strike and arrive from then on.
    """

    def __init__(self, data, policy, price, on_the_way):
        self.price, self.on_the_way, self.held = price, on_the_way, []
        policy = deepcopy(policy or {})
        for part in [*(policy.get("limits") or []), *(policy.get("buffers") or [])]:
            if number(part.get("soft_cost"), None) is None:
                part["soft_cost"] = price
        data.mapping = {**data.mapping, "commitments": [self._soft(row) for row in data.rows("commitments")]}
        super().__init__(data, policy)
        add_rules(self)

    def _soft(self, row):
        return row if number(row.get("shortfall_cost"), None) is not None else {**row, "shortfall_cost": self.price}

    def _may_keep(self, site, item):  # noqa: ARG002
        """Stock can be kept wherever an item can be; where none is kept else, all of it is above the maximum."""
        return True

    def _bound(self, site, item, t):
        """Rows for a minimum and a maximum, with units below and above what is promised."""
        data, key = self.data, (site, item, t)
        low, high = data.stock_bounds(site, item, t) if data.may_keep(site, item) else (0.0, 0.0)
        terms = [(column, 1.0) for column in self.kept[key]]
        if low > 0:
            below = self.program.column(("below", *key), self.price * data.discount[t], "recourse")
            self.program.row(("minimum", *key), [*terms, (below, 1.0)], low)
        if high < math.inf:
            over = self.program.column(("over", *key), self.price * data.discount[t], "recourse")
            self.program.row(("maximum", *key), [*terms, (over, -1.0)], high=high)

    def _orders(self):
        super()._orders()
        data, program = self.data, self.program
        rows = {name: row for row, name in enumerate(program.names) if name[0] == "demand"}
        for customer, item in self.ordered:
            owed = number(data.owed.get((customer, item), {}).get("quantity"))
            dearest, must = 0.0, 1.0 if owed else 0.0
            for t in range(data.T):
                key = (customer, item, t)
                row, factor = program.rows[rows["demand", *key]], data.discount[t]
                order = data.order.get(key)
                if order:
                    lost = order["lost"] if order["lost"] is not None else order["price"] or 0.0
                    must = order["must"]
                    dearest = max(dearest, lost * factor)
                if order and must * order["quantity"] > 0:
                    cost = {"lost_sales": lost * factor, "recourse": self.price * factor}
                    row[program.column(("unserved", *key), cost, "", 0.0, must * order["quantity"])] = 1.0
                before = ("late", customer, item, t - 1)
                if before in program.at or (t == 0 and owed > 0):
                    column = program.column(("cancelled", *key), dearest + self.price * factor * must, "recourse")
                    row[column] = 1.0
                    if t:
                        program.row(("owed", *key), [(column, 1.0), (program.at[before], -1.0)], high=0.0)
                    else:
                        program.row(("owed", *key), [(column, 1.0)], high=owed)
                sent = self.on_the_way.get(key, 0.0)
                if sent > 0:
                    row[program.column(("surplus", *key), 0.0, "recourse", 0.0, sent)] = -1.0

    def hold(self, key, value):
        """Fix a decision that has been taken."""
        if key in self.program.at:
            column = self.program.at[key]
            self.program.low[column] = self.program.high[column] = value
            self.program.whole[column] = False
            self.held.append(column)
        else:
            assert value <= 1e-9, key


def least_after(path):
    """The answer of a program after a strike.

    A planned past keeps its balances as nearly as the planner's solver does, not as nearly as this one asks: where it
    has no plan as it stands, it may differ by so little.
    """
    found, program = path.program.solve(), path.program
    if found.status == "infeasible":
        for column in path.held:
            room = NEARLY * max(1.0, abs(program.low[column]))
            program.low[column], program.high[column] = program.low[column] - room, program.high[column] + room
        found = program.solve()
    return found


def rows_of(base):
    """What a strike can freeze of an undisturbed plan, by block, as lists of rows."""
    return {name: table.to_dict("records") for name, table in base.decided.items()}


def taken(tables, flows):
    """{key of a column: value} of the decisions of a plan that a strike can freeze.

    Args:
        tables: make, ship, late, lost, expand and open: rows with the labels (periods as positions) and `value`.
        flows: the oracle's formulation of the same plan.
    """
    names = [name for _, name in flows.watches.sites]
    marks = {f"{over}:{name}" if names.count(name) > 1 else name: (over, name) for over, name in flows.watches.sites}
    found = {}
    for name, rows in tables.items():
        for row in rows:
            touched = frozenset(marks[mark] for mark in row.get("touched", "").split("+") if mark)
            key = (name, *(row[label] for label in LABELS[name]), *((touched,) if name in {"make", "ship"} else ()))
            if name != "ship" or row["from"] in flows.data.sites:  # what is handed over is no decision
                found[key] = row["value"]
    return found


def struck(mapping, policy, scenario, price, strike, decided):
    """The program after a strike.

    Args:
        mapping: the instance before the strike.
        policy, scenario: names; None for none.
        price: what breaking a promise costs.
        strike: the first period in which anything changes, as a position.
        decided: {key of a column: value} of the plan that is struck, for make, ship, late, lost, expand and open.
    """
    data = Data(mapping)
    lead = {key: part["lead"] for key, part in data.lane.items()}
    scenarios.apply(data, named(mapping, "scenarios", scenario))
    on_the_way = {}
    for key, value in decided.items():
        if key[0] == "ship" and key[2] in data.customers and key[4] < strike and value > 0:
            there = key[4] + lead[key[1:5]]
            if there >= strike:
                at = (key[2], key[3], there)
                on_the_way[at] = on_the_way.get(at, 0.0) + value
    found = Struck(data, named(mapping, "policies", policy), price, on_the_way)
    for key, value in decided.items():
        if key[0] in {"expand", "open"} or _when(key) < strike:
            found.hold(key, value)
    for key in found.program.keys:
        if key[0] in {"make", "ship", "late", "lost"} and _when(key) < strike and key not in decided:
            found.hold(key, 0.0)
    return found


def _when(key):
    return key[-2] if key[0] in {"make", "ship"} else key[-1]
