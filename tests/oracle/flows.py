"""Decisions by period and class, and the balances and capacities that hold them together."""

import math
from collections import defaultdict

from .data import number, text, yes
from .program import Program
from .watches import Watches


class Flows:
    """The program of an instance: columns make, ship, stock, relabel, late, lost, under, expand, open."""

    def __init__(self, data, policy):
        self.data, self.policy = data, policy or {}
        self.watches = Watches(data, policy)
        self.program = Program()
        self.classes = self.watches.classes
        self.ordered = sorted(
            {key[:2] for key in data.order}
            | set(data.owed)
            | {(place, item) for place, item, _, quantity, _ in data.arrivals if place in data.customers and quantity}
        )
        self.present = self._present()
        self.into = defaultdict(list)  # (site, item, t, class): what flows in, as (column, units)
        self.given = defaultdict(float)  # the same: units given
        self.delivered = defaultdict(list)  # (customer, item, t, class): columns
        self.handed = defaultdict(float)  # (customer, item, t, class): units on their way already
        self.used = defaultdict(list)  # (site, resource, t): (column, resource units)
        self.started = defaultdict(list)  # (site, item, recipe, t): columns
        self.kept = defaultdict(list)  # (site, item, t): columns
        self._makes()
        self._ships()
        self._stocks()
        self._given()
        self._orders()
        self._options()
        self._balances()
        self._lines()
        self._lane_rooms()
        self._commitments()

    def _present(self):
        """(site, item) where an item could ever be, quantities and periods apart."""
        data = self.data
        found = {key for key, quantity in data.opening.items() if quantity > 0}
        found |= {(place, item) for place, item, _, quantity, _ in data.arrivals if quantity > 0}
        starts = {key[:3] for key in data.start}
        lanes = {key[:3] for key in data.lane}
        while True:
            new = {(s, i) for s, i, r in starts if all((s, part) in found for part in data.bill(i, r))}
            new |= {(b, i) for a, b, i in lanes if (a, i) in found and b in data.sites}
            if new <= found:
                return found
            found |= new

    def _makes(self):
        data = self.data
        for (site, item, recipe, t), part in data.start.items():
            done = t + part["lead"]
            bill = data.bill(item, recipe)
            if done >= data.T or (site, item, recipe, t) in data.stopped:
                continue
            if not all((site, component) in self.present for component in bill):
                continue
            for touched in self.watches.above(self.watches.at(site)):
                column = self.program.column(
                    ("make", site, item, recipe, t, touched), part["cost"] * data.discount[t], "production"
                )
                self.into[site, item, done, touched].append((column, part["yield"]))
                for component, quantity in bill.items():
                    self.into[site, component, t, touched].append((column, -quantity))
                self.used[(*part["line"], t)].append((column, part["use"]))
                self.started[site, item, recipe, t].append(column)

    def _ships(self):
        data, ordered = self.data, set(self.ordered)
        self.sent = defaultdict(list)  # (from, to, t): (item, column)
        for (a, b, item, t), part in data.lane.items():
            there = t + part["lead"]
            if there >= data.T or (a, t) in data.held or (a, item) not in self.present:
                continue
            if b in data.customers and (b, item) not in ordered:
                continue
            duty = data.duty.get((data.region[a], data.region[b], item, t), 0.0) * data.value[item]
            for touched in self.classes:
                booked = {"freight": part["cost"] * data.discount[t], "tariff": duty * data.discount[t]}
                column = self.program.column(("ship", a, b, item, t, touched), booked)
                self.into[a, item, t, touched].append((column, -1.0))
                if b in data.customers:
                    self.delivered[b, item, there, touched].append(column)
                else:
                    self.into[b, item, there, touched].append((column, 1.0))
                self.sent[a, b, t].append((item, column))

    def _stocks(self):
        data = self.data
        for site, item in sorted(self.present | set(data.stock)):
            if not self._may_keep(site, item):
                continue
            cost = data.holding_cost(site, item)
            for t in range(data.T):
                for touched in self.classes:
                    column = self.program.column(("stock", site, item, t, touched), cost * data.discount[t], "holding")
                    self.into[site, item, t, touched].append((column, -1.0))
                    if t + 1 < data.T:
                        self.into[site, item, t + 1, touched].append((column, 1.0))
                    self.kept[site, item, t].append(column)
                self._bound(site, item, t)
        for site, item in sorted(self.present):
            for t in range(data.T):
                for touched in self.classes:
                    for more in self.classes:
                        if touched < more and len(more) == len(touched) + 1:
                            column = self.program.column(("relabel", site, item, t, touched, more))
                            self.into[site, item, t, touched].append((column, -1.0))
                            self.into[site, item, t, more].append((column, 1.0))

    def _may_keep(self, site, item):
        return self.data.may_keep(site, item)

    def _bound(self, site, item, t):
        """The row of a minimum and maximum of stock."""
        low, high = self.data.stock_bounds(site, item, t)
        if low > 0 or high < math.inf:
            terms = [(column, 1.0) for column in self.kept[site, item, t]]
            self.program.row(("stock", site, item, t), terms, low, high)

    def _given(self):
        data = self.data
        for (site, item), quantity in data.opening.items():
            self.given[site, item, 0, self.watches.standing(data.stock[site, item], site)] += quantity
        for place, item, t, quantity, row in data.arrivals:
            to = self.handed if place in data.customers else self.given
            to[place, item, t, self.watches.standing(row, place)] += quantity
        for customer, item in self.ordered:
            self._only_what_is_due(customer, item)

    def _only_what_is_due(self, customer, item):
        """Of what is on its way to a customer, units that are not due when they arrive count for nothing."""
        data, due = self.data, number(self.data.owed.get((customer, item), {}).get("quantity"))
        costs = data.late_cost(customer, item)
        for t in range(data.T):
            due += data.order.get((customer, item, t), {"quantity": 0.0})["quantity"]
            arriving = sum(self.handed.get((customer, item, t, touched), 0.0) for touched in self.classes)
            for touched in self.classes if arriving > due else ():
                if (customer, item, t, touched) in self.handed:
                    self.handed[customer, item, t, touched] *= due / arriving
            due = due - min(due, arriving) if costs[t] is not None else 0.0

    def _orders(self):
        data, program = self.data, self.program
        for customer, item in self.ordered:
            costs = data.late_cost(customer, item)
            owed = number(data.owed.get((customer, item), {}).get("quantity"))
            before = []
            for t in range(data.T):
                key = (customer, item, t)
                order = data.order.get(key, {"quantity": 0.0, "price": None, "lost": None, "must": 1.0})
                due, terms = order["quantity"] + (owed if t == 0 else 0.0), list(before)
                before = []
                if costs[t] is not None:
                    column = program.column(("late", *key), costs[t] * data.discount[t], "lateness")
                    terms.append((column, 1.0))
                    before = [(column, -1.0)]
                most = (1.0 - order["must"]) * order["quantity"]
                if most > 0:
                    cost = order["lost"] if order["lost"] is not None else order["price"] or 0.0
                    column = program.column(("lost", *key), cost * data.discount[t], "lost_sales", 0.0, most)
                    terms.append((column, 1.0))
                for touched in self.classes:
                    terms += [(column, 1.0) for column in self.delivered[(*key, touched)]]
                    due -= self.handed[(*key, touched)]
                program.row(("demand", *key), terms, due, due)

    def _options(self):
        data, allowed = self.data, self.policy.get("options")
        self.bought = {}
        for option, row in data.options.items():
            size, first = number(row["capacity"]), data.calendar.window(row["period"])[0]
            rate, fixed = number(row.get("unit_cost")) * size, number(row.get("fixed_cost"))
            low, high = 0.0, 1.0
            if allowed is not None and option not in allowed:
                high = 0.0
            if number(row.get("bought"), None) is not None:
                low = high = number(row["bought"])
            whole = yes(row.get("all_or_nothing"))
            cost = (rate + (fixed if whole else 0.0)) * data.discount[first]
            column = self.program.column(("expand", option), cost, "expansion", low, high, whole=whole and low < high)
            self.bought[option] = column
            if fixed > 0 and not whole:
                opened = self.program.column(
                    ("open", option), fixed * data.discount[first], "expansion", 0.0, 1.0, whole=True
                )
                self.program.row(("open", option), [(opened, 1.0), (column, -1.0)], 0.0)

    def _balances(self):
        for key in sorted(set(self.into) | {key for key, units in self.given.items() if units}, key=str):
            units = -self.given.get(key, 0.0)
            self.program.row(("flow", *key), self.into.get(key, []), units, units)

    def _lines(self):
        data = self.data
        for site, line in sorted(data.limited):
            for t in range(data.T):
                terms = list(self.used[site, line, t])
                for option, row in data.options.items():
                    if data.line(row) == (site, line):
                        terms.append((self.bought[option], -data.option_room(option, t)))
                self.program.row(("capacity", site, line, t), terms, high=data.room.get((site, line, t), 0.0))

    def _lane_rooms(self):
        for (a, b, item, t), room in self.data.lane_room.items():
            terms = [(column, 1.0) for name, column in self.sent[a, b, t] if item in {"*", name}]
            if terms:
                self.program.row(("lane", a, b, item, t), terms, high=room)

    def _commitments(self):
        data = self.data
        for row in data.rows("commitments"):
            site, item, window = text(row["site"]), text(row.get("item")), data.window(row)
            terms = []
            for (where, what, recipe, t), columns in self.started.items():
                part = data.start[where, what, recipe, t]
                if t not in window or (item and (where, what) != (site, item)):
                    continue
                if item:
                    terms += [(column, part["yield"]) for column in columns]
                elif part["line"] == data.line(row):
                    terms += [(column, part["use"]) for column in columns]
            price = number(row.get("shortfall_cost"), None)
            if price is not None:
                terms.append(
                    (
                        self.program.column(
                            ("under", text(row["commitment"])), price * data.discount[window[-1]], "commitment"
                        ),
                        1.0,
                    )
                )
            self.program.row(("commitment", text(row["commitment"])), terms, number(row["minimum"]))
