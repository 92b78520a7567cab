"""The most units of some products that can be free of a region, by the second formulation (what the audit asks)."""

import math
from copy import deepcopy

import numpy as np

from .data import Data
from .flows import Flows

SHARE = ("share",)


def _unburdened(mapping, products):
    """The instance without what a plan owes elsewhere, and without orders of other products."""
    found = deepcopy(mapping)
    for name in ("commitments", "limits_used", "policies", "scenarios"):
        found.pop(name, None)
    for row in found.get("stocks", []):
        row.pop("minimum", None)
        row.pop("closing_minimum", None)
    for row in found["processes"]:
        row.pop("min_lot", None)
    for row in found.get("expansions", []):
        row |= {"fixed_cost": 0.0, "unit_cost": 0.0, "all_or_nothing": "no"}
    found["demand"] = [{**row, "must_serve": 0, "lost_cost": 1.0} for row in found["demand"] if row["item"] in products]
    found["owed"] = [row for row in found.get("owed", []) if row["item"] in products]
    found["arrivals"] = [
        row
        for row in found.get("arrivals", [])
        if row["item"] in products or row["site"] not in {customer["customer"] for customer in found["customers"]}
    ]
    return found


class Free:
    """The program in which what is not needed may be scrapped and nothing must be served.

    Args:
        mapping: the instance.
        region: the region or group that may not be touched.
        products: the products whose units count.
    """

    def __init__(self, mapping, region, products):
        data = Data(_unburdened(mapping, products))
        watching = {"name": "l", "measure": "pathway", "of": region, "max_share": 1}
        self.flows = flows = Flows(data, {"name": "free", "limits": [watching]})
        program = flows.program
        for row, name in enumerate(program.names):
            if name[0] == "flow":  # what flows in may be scrapped
                program.lows[row], program.highs[row] = program.lows[row], math.inf
            if name[0] == "demand":
                program.lows[row] = -math.inf
        self.data, self.products = data, products
        self.counted = {
            t: [
                (column, 1.0)
                for customer, item in flows.ordered
                if item in products
                for column in flows.delivered[customer, item, t, frozenset()]
            ]
            for t in range(data.T)
        }
        self.handed = {
            t: sum(flows.handed.get((customer, item, t, frozenset()), 0.0) for customer, item in flows.ordered)
            for t in range(data.T)
        }

    def demand(self, t):
        return sum(
            part["quantity"] for (_, item, when), part in self.data.order.items() if when == t and item in self.products
        )

    def units(self, periods):
        """The most units in some periods together."""
        cost = np.zeros(len(self.flows.program.keys))
        for t in periods:
            for column, size in self.counted[t]:
                cost[column] -= size
        found = self.flows.program.solve(cost=cost)
        assert found.status == "optimal", found.status
        return -found.cost + sum(self.handed[t] for t in periods)

    def share(self, periods):
        """The largest share of demand in each of some periods at once, at most 1."""
        program = self.flows.program
        column = program.at[SHARE] if SHARE in program.at else program.column(SHARE, high=1.0)
        first = len(program.rows)
        for t in periods:
            program.row(("promise", t), [*self.counted[t], (column, -self.demand(t))], -self.handed[t])
        cost = np.zeros(len(program.keys))
        cost[column] = -1.0
        found = program.solve(cost=cost)
        for part in (program.rows, program.names, program.lows, program.highs):
            del part[first:]
        assert found.status == "optimal", found.status
        return -found.cost
