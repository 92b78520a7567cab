"""The time to survive by the second formulation: the longest outage after which every delivery is kept up."""

import numpy as np

from .struck import struck

PRICE = 1.0  # of broken promises, which are free here
SLACK = 1e-7  # of a delivery and of the largest; by so much it may fall short, for the solver's tolerance
WHOLE, LARGEST, DIGITS = 1.0 - 1e-6, 0.999, 3


class Survival:
    """What must be kept up from a start, and sites that are out from then on.

    Args:
        mapping: the instance.
        policy: a name, or None.
        start: the first period of the outage, as a position.
        past: what a strike can freeze (`struck.taken`).
        flows: the oracle's formulation of the undisturbed plan.
        sites: those that are out.
    """

    def __init__(self, mapping, policy, start, past, flows, sites):
        self.start, self.past, self.sites = start, past, sites
        self.path = struck(mapping, policy, None, PRICE, start, past)
        self._keep_up(flows)

    def _keep_up(self, flows):
        """Deliveries up to each period are no less than those of the plan."""
        data, program = flows.data, self.path.program
        sent = {}
        for key, value in self.past.items():
            if key[0] == "ship" and key[2] in data.customers:
                at = (key[2], key[3], key[4] + data.lane[key[1:5]]["lead"])
                sent[at] = sent.get(at, 0.0) + value
        due = {
            pair: np.cumsum(
                [
                    sent.get((*pair, t), 0.0) + sum(flows.handed[(*pair, t, touched)] for touched in flows.classes)
                    for t in range(data.T)
                ]
            )
            for pair in flows.ordered
        }
        largest = max((units[-1] for units in due.values()), default=0.0)
        for pair, units in due.items():
            terms, handed = [], 0.0
            for t in range(data.T):
                for touched in self.path.classes:
                    terms += [(column, 1.0) for column in self.path.delivered[(*pair, t, touched)]]
                    handed += self.path.handed[(*pair, t, touched)]
                if t >= self.start:
                    program.row(("kept up", *pair, t), terms, units[t] * (1 - SLACK) - SLACK * largest - handed)

    def _room(self, site, line, t):
        """Capacity of a line in a period, with the options that are bought."""
        data = self.path.data
        bought = (
            data.option_room(option, t) * self.past.get(("expand", option), 0.0)
            for option, row in data.options.items()
            if data.line(row) == (site, line)
        )
        return data.room.get((site, line, t), 0.0) + sum(bought)

    def periods(self, last):
        """Periods survived, to a thousandth; the outage goes on up to a period (a position, not in it) at most."""
        program = self.path.program
        for t in range(self.start, last):
            starts = [k for k, key in enumerate(program.keys) if key[0] == "make" and key[1] in self.sites]
            starts = [k for k in starts if program.keys[k][4] == t]
            if not starts:
                continue
            share = program.column(("out", t), high=1.0)
            for row, name in enumerate(program.names):
                if name[0] == "capacity" and name[1] in self.sites and name[3] == t:
                    program.rows[row][share] = self._room(*name[1:])
            cost = np.zeros(len(program.keys))
            cost[share] = -1.0
            found = program.solve(cost=cost)
            if found.status == "infeasible":
                return float(t - self.start)
            assert found.status == "optimal", found.status
            program.high[share] = 0.0
            for column in starts:
                program.high[column] = 0.0
            if -found.cost < WHOLE or program.solve(cost=0.0 * cost).status == "infeasible":
                return round(t - self.start + min(-found.cost, LARGEST), DIGITS)
        return float(max(0, last - self.start))
