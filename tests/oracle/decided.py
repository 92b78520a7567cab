"""By when to decide, by the second formulation: whether a limit is still kept where an option or process starts later.

A limit is kept where some plan passes it no further than a given one does, with every row of it but those of other
limits, every allowed option bought, and no more units lost or late in all.
"""

from copy import deepcopy

import numpy as np

from .calendar import Calendar
from .data import Data, number, text
from .files import named
from .flows import Flows
from .rules import add_rules

KEPT, ROOM = 1e-6, 1e-7  # by so much a limit may be passed, and more be lost; relative to the orders


def levers(mapping, policy):
    """{(kind, name): first period} of the allowed options, and of the processes that do not start at once."""
    window = Calendar(mapping.get("periods") or ["1"]).window
    allowed = (named(mapping, "policies", policy) or {}).get("options")
    found = {}
    for row in mapping.get("expansions", []):
        bought = number(row.get("bought"), None)
        if (allowed is None or row["option"] in allowed) if bought is None else bought > 0:
            found["option", row["option"]] = window(row["period"])[0]
    for row in mapping["processes"]:
        key = ("qualification", "/".join([row["site"], row["item"], text(row.get("recipe"), "standard")]))
        found[key] = min(window(row.get("period"))[0], found.get(key, 10**6))
    return {key: first for key, first in found.items() if key[0] == "option" or first > 0}


class Kept:
    """Questions about one plan.

    Args:
        mapping: the instance.
        policy: the name of its policy.
        tables: limits and service of the plan, each a list of rows.
    """

    def __init__(self, mapping, policy, tables):
        self.mapping, self.policy = mapping, deepcopy(named(mapping, "policies", policy))
        for limit in self.policy["limits"]:
            limit.setdefault("soft_cost", 1.0)
        self.most = {
            name: sum(row[name] for row in tables["service"]) + ROOM * sum(row["demand"] for row in tables["service"])
            for name in ("lost", "late")
        }
        room = KEPT * max(1.0, sum(row["demand"] for row in tables["service"]))
        self.passed = {
            limit["name"]: sum(row["excess"] for row in tables["limits"] if row["limit"] == limit["name"]) * (1 + KEPT)
            + room
            for limit in self.policy["limits"]
        }

    def kept(self, limits, lever=None, first=0):
        """Whether some limits are all kept where a lever starts in a period (a position; the number of all: never)."""
        mapping = deepcopy(self.mapping)
        labels = Calendar(mapping.get("periods") or ["1"]).labels
        for row in mapping.get("expansions", []):
            if ("option", row["option"]) == lever:
                row.update({"period": labels[first]} if first < len(labels) else {"capacity": 0.0})
        data = Data(mapping)
        flows = Flows(data, self.policy)
        add_rules(flows)
        program = flows.program
        for column, key in enumerate(program.keys):
            if key[0] == "make" and lever == ("qualification", "/".join(key[1:4])) and key[4] < first:
                program.high[column] = 0.0
            if key[0] == "open" or (key[0] == "expand" and program.low[column] < program.high[column]):
                program.low[column], program.high[column], program.whole[column] = 1.0, 1.0, False
        for name, most in self.most.items():
            program.row(
                ("no more", name), [(k, 1.0) for k, key in enumerate(program.keys) if key[0] == name], high=most
            )
        for limit in limits:
            passes = [
                (k, 1.0) for k, key in enumerate(program.keys) if (key[0], *key[1:2], len(key)) == ("excess", limit, 4)
            ]
            program.row(("no more", limit), passes, high=self.passed[limit])
        status = program.solve(cost=np.zeros(len(program.keys))).status
        assert status in {"optimal", "infeasible"}, status
        return status == "optimal"

    def last(self, limits, lever, start):
        """The last first period with which limits are kept; None where they can do without."""
        labels = Calendar(self.mapping.get("periods") or ["1"]).labels
        if self.kept(limits, lever, len(labels)):
            return None
        return max(first for first in range(start, len(labels)) if first == start or self.kept(limits, lever, first))
