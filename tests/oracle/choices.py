"""Decisions that are not linear, and their optimum by branching on them: no large numbers, no solver of integers.

A choice looks at the values of a linear program and, where they break it, gives the ways on: each a change of bounds.
"""

import heapq
import math
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

ZERO = 1e-7
NODES = 1_500


class State(NamedTuple):
    """The optimum of a linear program: values of columns, sums of rows, and the bounds that were changed for it."""

    values: Any
    activity: Any
    decided: dict


@dataclass(frozen=True)
class Whole:
    """A column that is 0 or 1."""

    column: int

    def ways(self, at):
        if min(at.values[self.column], 1.0 - at.values[self.column]) <= ZERO:
            return None
        return [{("column", self.column): (0.0, 0.0)}, {("column", self.column): (1.0, 1.0)}]


@dataclass(frozen=True)
class Lot:
    """A row whose sum is 0 or at least `least`."""

    row: int
    least: float

    def moved(self, by):
        """The same choice where its rows stand so much further down."""
        return Lot(self.row + by, self.least)

    def ways(self, at):
        if at.activity[self.row] <= ZERO or at.activity[self.row] >= self.least - ZERO:
            return None
        return [{("row", self.row): (0.0, 0.0)}, {("row", self.row): (self.least, math.inf)}]


@dataclass(frozen=True)
class Sources:
    """At least `fewest` (if any) and at most `most` sites are used; each that is used makes its share of the whole.

    Attributes:
        used: rows with what each makes.
        enough: rows with what each makes less its share of the whole.
    """

    used: tuple
    enough: tuple
    fewest: int
    most: int

    def moved(self, by):
        """The same choice where its rows stand so much further down."""
        used, enough = (tuple(row + by for row in rows) for rows in (self.used, self.enough))
        return Sources(used, enough, self.fewest, self.most)

    def ways(self, at):
        off = [k for k, row in enumerate(self.used) if ("row", row) in at.decided]
        on = [k for k, row in enumerate(self.enough) if ("row", row) in at.decided]
        open_ones = [k for k in range(len(self.used)) if k not in off and k not in on]
        if all(at.activity[row] <= ZERO for row in self.used):
            return None
        if len(on) > self.most:
            return []
        if len(self.used) - len(off) < self.fewest:
            return [{("row", row): (0.0, 0.0) for row in self.used}]
        makes = [k for k in open_ones if at.activity[self.used[k]] > ZERO]
        short = [k for k in makes if at.activity[self.enough[k]] < -ZERO]
        fit = [k for k in open_ones if at.activity[self.enough[k]] >= -ZERO]
        if not short and len(on) + len(makes) <= self.most and len(on) + len(fit) >= self.fewest:
            return None
        if not open_ones:
            return []
        k = max(short or makes or open_ones, key=lambda k: at.activity[self.used[k]])
        return [{("row", self.used[k]): (0.0, 0.0)}, {("row", self.enough[k]): (0.0, math.inf)}]


def branched(solve, choices):
    """(status, values) of the least cost that keeps every choice; best bound first.

    Args:
        solve: from changed bounds to (status, cost, values, activity of the rows).
        choices: what has to hold.
    """
    status, cost, values, activity = solve({})
    if status != "optimal":
        return status, None
    number_of, best, found = count(), math.inf, None
    heap = [(cost, next(number_of), {}, values, activity)]
    while heap:
        bound, number, decided, values, activity = heapq.heappop(heap)
        if bound >= best - 1e-10 * max(1.0, abs(best)):
            break
        if number > NODES:
            return "unknown", None
        ways = next(
            (ways for choice in choices if (ways := choice.ways(State(values, activity, decided))) is not None), None
        )
        if ways is None:
            best, found = bound, values
            continue
        for way in ways:
            more = {**decided, **way}
            status, cost, values, activity = solve(more)
            if status == "optimal" and cost < best:
                heapq.heappush(heap, (cost, next(number_of), more, values, activity))
            elif status not in {"optimal", "infeasible"}:
                return "unknown", None
    return ("infeasible", None) if found is None else ("optimal", found)
