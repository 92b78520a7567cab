"""A two-stage plan by the second formulation: paths that share all decisions before their strike, and options."""

import math

from . import scenarios
from .data import Data
from .files import named
from .flows import Flows
from .program import Program
from .rules import add_rules
from .struck import Struck

EARLY = ("make", "ship", "late", "lost")
AT_ONCE = ("expand", "open")
NOT_YET = ("unserved", "cancelled", "surplus", "below", "over")


def strike_of(data, scenario):
    """The first period that any change touches."""
    return min(data.calendar.window(change.get("period"))[0] for change in scenario["changes"])


def _when(key):
    return key[-2] if key[0] in {"make", "ship"} else key[-1]


def alone(mapping, policy, scenario, price):
    """The path of a scenario by itself, known from the first period on, and the position of its strike."""
    data = Data(mapping)
    strike, leads = strike_of(data, scenario), {key: part["lead"] for key, part in data.lane.items()}
    ordered = Flows(data, policy).ordered
    scenarios.apply(data, scenario)
    path = Struck(data, policy, price, {(c, i, t): math.inf for c, i in ordered for t in range(strike, data.T)})
    program = path.program
    for at, key in enumerate(program.keys):
        if key[0] in NOT_YET and _when(key) < strike:
            program.high[at] = 0.0
    for key, surplus in list(program.at.items()):  # what reaches a customer beyond what is owed was sent before
        if key[0] == "surplus":
            terms = [
                (column, -1.0)
                for other, column in program.at.items()
                if other[0] == "ship"
                and other[2:4] == key[1:3]
                and other[4] < strike
                and other[4] + leads[other[1:5]] == key[3]
            ]
            program.row(("sent", *key), [(surplus, 1.0), *terms], high=0.0)
    return path, strike


def weighed(costs, chances, weight, alpha):
    """(1 - w) * expected cost + w * CVaR of some costs; CVaR is the least of eta + expected excess / (1 - alpha)."""
    mean = sum(p * cost for p, cost in zip(chances, costs, strict=True) if p)
    worst = min(
        eta + sum(p * max(0.0, cost - eta) for p, cost in zip(chances, costs, strict=True) if p) / (1.0 - alpha)
        for eta, at in zip(costs, chances, strict=True)
        if at
    )
    return (1.0 - weight) * mean + weight * worst


class Futures:
    """The paths in one program; `program` minimises (1 - w) * expected cost + w * CVaR.

    Args:
        mapping: the instance.
        policy: a name, or None.
        chances: {scenario: probability}; the rest to 1 is the undisturbed path.
        price: what breaking a promise costs.
        weight, alpha: w, and the tail is the worst 1 - alpha.
    """

    def __init__(self, mapping, policy, chances, price, weight=0.0, alpha=0.9):
        self.program, self.costs, self.columns = Program(), [], []
        chosen = named(mapping, "policies", policy)
        undisturbed = Flows(Data(mapping), chosen)
        add_rules(undisturbed)
        self._add(undisturbed, undisturbed.data.T)
        for name in chances:
            self._add(*alone(mapping, chosen, named(mapping, "scenarios", name), price))
        self._weigh([1.0 - sum(chances.values()), *chances.values()], weight, alpha)

    def _add(self, path, strike):
        own, number = path.program, len(self.costs)
        for at, key in enumerate(own.keys):
            self.program.column((number, *key), 0.0, "", own.low[at], own.high[at], whole=own.whole[at])
        shift = self.program.at[(number, *own.keys[0])]
        self.program.choices += [choice.moved(len(self.program.rows)) for choice in own.choices]
        for name, terms, low, high in zip(own.names, own.rows, own.lows, own.highs, strict=True):
            self.program.row((number, name), [(shift + column, size) for column, size in terms.items()], low, high)
        self.costs.append({shift + column: cost for column, cost in enumerate(own.cost) if cost})
        for key in own.keys if number else ():
            if key[0] in AT_ONCE or (key[0] in EARLY and _when(key) < strike):
                first = self.program.at.get((0, *key))
                terms = [(self.program.at[(number, *key)], 1.0)] + ([] if first is None else [(first, -1.0)])
                self.program.row((number, "shared", key), terms, 0.0, 0.0)
        for key in list(self.program.at) if number else ():
            early = key[0] == 0 and key[1] in EARLY and _when(key[1:]) < strike
            if early and (number, *key[1:]) not in self.program.at:
                self.program.high[self.program.at[key]] = 0.0  # it could not be told again

    def _weigh(self, chances, weight, alpha):
        program = self.program
        for chance, costs in zip(chances, self.costs, strict=True):
            for column, cost in costs.items():
                program.cost[column] += (1.0 - weight) * chance * cost
        if not weight:
            return
        eta = program.column(("eta",), weight, "", -math.inf)
        for number, (chance, costs) in enumerate(zip(chances, self.costs, strict=True)):
            beyond = program.column(("beyond", number), weight * chance / (1.0 - alpha))
            program.row(("tail", number), [*costs.items(), (eta, -1.0), (beyond, -1.0)], high=0.0)
