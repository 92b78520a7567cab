"""What delivered units of a plan have touched, from its tables and the second reading of the instance.

Blended: all units of an item at a site in a period mix. Least: the fewest delivered units that must have touched some
sites or regions, the flows of the plan being as they are.
"""

from collections import defaultdict

import numpy as np
import scipy

from .data import text, yes

SETTLED = 1e-13


class Travelled:
    """The flows of a plan: what each takes from pools, the pool it enters, units, and what it touches by itself.

    Args:
        data: the instance as read by the oracle, a scenario carried out.
        tables: production, shipments and stock of the plan, each a list of rows.
    """

    def __init__(self, data, tables):
        self.data, self.flows, self.deliveries = data, [], []
        self.at = {label: t for t, label in enumerate(data.calendar.labels)}
        for row in tables["production"]:
            self._start(row)
        for row in tables["shipments"]:
            self._shipment(row)
        for row in tables["stock"]:
            t = self.at[row["period"]]
            self._flow({(row["site"], row["item"], t): row["quantity"]}, (row["site"], row["item"], t + 1), row)
        for (site, item), units in data.opening.items():
            self._given(site, item, 0, units, data.stock[site, item])
        for place, item, t, units, row in data.arrivals:
            if place in data.sites:
                self._given(place, item, t, units, row)

    def _flow(self, takes, goal, row, units=None, sites=frozenset(), marks=frozenset()):
        self.flows.append((takes, goal, row["quantity"] if units is None else units, sites, marks))

    def _start(self, row):
        t = self.at[row["period"]]
        part = self.data.start[row["site"], row["item"], row["recipe"], t]
        bill = self.data.bill(row["item"], row["recipe"])
        takes = {(row["site"], component, t): size * row["started"] for component, size in bill.items()}
        goal = (row["site"], row["item"], t + part["lead"])
        self._flow(takes, goal, row, row["finished"], frozenset([row["site"]]))

    def _shipment(self, row):
        t, there = self.at[row["period"]], self.at[row["arrives"]]
        if row["to"] not in self.data.customers:
            self._flow({(row["from"], row["item"], t): row["quantity"]}, (row["to"], row["item"], there), row)
            return
        if row["from"] in self.data.sites:
            self.deliveries.append((len(self.flows), row["to"], row["item"], there))
            self._flow({(row["from"], row["item"], t): row["quantity"]}, None, row)
            return
        came = [part for part in self.data.arrivals if part[:3] == (row["from"], row["item"], t) and part[3] > 0]
        for part in came:  # of all that is handed over as much counts
            marks = frozenset(filter(None, text(part[4].get("touched")).split("+")))
            self.deliveries.append((len(self.flows), row["to"], row["item"], there))
            self._flow({}, None, row, row["quantity"] * part[3] / sum(other[3] for other in came), marks=marks)

    def _given(self, site, item, t, units, row):
        if units > 0:
            sites = frozenset([site]) if yes(row.get("worked_here"), default=True) else frozenset()
            marks = frozenset(filter(None, text(row.get("touched")).split("+")))
            self._flow({}, (site, item, t), row, units, sites, marks)

    def touching(self, region):
        """Whether each flow touches a region or group by itself."""
        members = set(self.data.members(region)) | {region}
        return [
            any(self.data.region[site] in members for site in sites) or bool(marks & members)
            for _, _, _, sites, marks in self.flows
        ]

    def blended(self, region):
        """The touched share of each flow, by passing over all flows until nothing moves."""
        own, exposed = self.touching(region), defaultdict(float)
        while True:
            shares, total, inside = [], defaultdict(float), defaultdict(float)
            for (takes, goal, units, *_), touched in zip(self.flows, own, strict=True):
                clear = 0.0 if touched else 1.0
                for pool in takes:
                    clear *= 1.0 - exposed[pool]
                shares.append(1.0 - clear)
                total[goal] += units
                inside[goal] += units * (1.0 - clear)
            new = {pool: inside[pool] / total[pool] for pool in total if total[pool] > 0}
            if all(abs(new[pool] - exposed[pool]) < SETTLED for pool in new):
                return shares
            exposed.update(new)

    def least(self, region, scope):
        """The fewest units of some deliveries (numbers of flows) that must have touched a region or group."""
        own, rows, entries = self.touching(region), {}, []
        for number, (takes, goal, units, *_) in enumerate(self.flows):
            for pool, taken in takes.items():
                entries.append((rows.setdefault(pool, len(rows)), number, taken))
            if goal is not None:
                entries.append((rows.setdefault(goal, len(rows)), number, -units))
        cost = np.zeros(len(self.flows))
        for number in scope:
            cost[number] = -self.flows[number][2]
        row, column, size = (np.array(part) for part in zip(*entries, strict=True)) if entries else ([], [], [])
        matrix = scipy.sparse.coo_array((size, (row, column)), shape=(len(rows), len(self.flows))).tocsr()
        bounds = [(0.0, 0.0 if touched else 1.0) for touched in own]
        slack = np.full(len(rows), 1e-7)
        found = scipy.optimize.linprog(cost, A_ub=matrix, b_ub=slack, bounds=bounds, method="highs")
        return sum(self.flows[number][2] for number in scope) + found.fun
