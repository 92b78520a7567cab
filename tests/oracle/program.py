"""Columns and rows of a linear or mixed-integer program, and its solution by scipy's HiGHS."""

import math
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import scipy

from .choices import ZERO, Whole, branched

OPTIMAL, INFEASIBLE, UNBOUNDED, UNKNOWN = "optimal", "infeasible", "unbounded", "unknown"
LARGE = 20_000  # columns from which the interior point is quicker


@dataclass
class Answer:
    """What came out: the status, the least cost, its parts by name, and the value of each column."""

    status: str
    cost: float = math.nan
    parts: dict = field(default_factory=dict)
    values: np.ndarray = None


class Program:
    """Columns by key (a tuple whose first part is the block), each with a cost booked under a name."""

    def __init__(self):
        self.at, self.keys = {}, []
        self.cost, self.low, self.high, self.whole, self.booked = [], [], [], [], []
        self.rows, self.lows, self.highs, self.names = [], [], [], []
        self.choices = []

    def column(self, key, cost=0.0, booked="", low=0.0, high=math.inf, *, whole=False):
        """A column; `cost` is a figure booked under one name, or a mapping of names to figures. Its number."""
        assert key not in self.at, key
        self.at[key] = len(self.keys)
        self.keys.append(key)
        parts = cost if isinstance(cost, dict) else {booked: cost}
        self.cost.append(sum(parts.values()))
        self.booked.append(parts)
        self.low.append(low)
        self.high.append(high)
        self.whole.append(whole)
        return self.at[key]

    def row(self, name, terms, low=-math.inf, high=math.inf):
        """A row low <= sum of (column, coefficient) <= high; repeated columns add up. Its number."""
        sums = defaultdict(float)
        for column, size in terms:
            sums[column] += size
        self.rows.append(sums)
        self.names.append(name)
        self.lows.append(low)
        self.highs.append(high)
        return len(self.rows) - 1

    def matrix(self):
        data, columns, starts = [], [], [0]
        for sums in self.rows:
            columns.extend(sums.keys())
            data.extend(sums.values())
            starts.append(len(data))
        return scipy.sparse.csr_array((data, columns, starts), shape=(len(self.rows), len(self.keys)))

    def solve(self, *, cost=None, method=None):
        """The least cost, over every decision that is a choice."""
        cost = np.array(self.cost if cost is None else cost)
        low, high = np.array(self.low, dtype=float), np.array(self.high, dtype=float)
        lows, highs = np.array(self.lows, dtype=float), np.array(self.highs, dtype=float)
        matrix = self.matrix()

        def solve(decided):
            bounds = [part.copy() for part in (low, high, lows, highs)]
            for (kind, k), (least, most) in decided.items():
                first, second = bounds[:2] if kind == "column" else bounds[2:]
                first[k], second[k] = max(first[k], least), min(second[k], most)
            status, values = _linear(cost, matrix, *bounds, method)
            if status != OPTIMAL:
                return status, None, None, None
            return status, math.fsum(cost * values), values, matrix @ values

        status, values = branched(solve, [*(Whole(k) for k, whole in enumerate(self.whole) if whole), *self.choices])
        return self._answer(status, cost, values)

    def _answer(self, status, cost, values):
        if status != OPTIMAL:
            return Answer(status)
        parts = defaultdict(float)
        for booked, value in zip(self.booked, values, strict=True):
            for name, size in booked.items():
                parts[name] += float(size * value)
        return Answer(OPTIMAL, math.fsum(cost * values), dict(parts), values)


def _linear(cost, matrix, low, high, lows, highs, method=None):
    if (low > high).any() or (lows > highs).any():
        return INFEASIBLE, None
    if not len(cost):
        fits = (lows <= ZERO).all() and (highs >= -ZERO).all()
        return (OPTIMAL, np.zeros(0)) if fits else (INFEASIBLE, None)
    equal = lows == highs
    above, below = np.isfinite(highs) & ~equal, np.isfinite(lows) & ~equal
    parts = [part for part in (matrix[above], -matrix[below]) if part.shape[0]]
    status, found = UNKNOWN, None
    for presolve in (True, False):
        found = scipy.optimize.linprog(
            cost,
            A_ub=scipy.sparse.vstack(parts) if parts else None,
            b_ub=np.concatenate([highs[above], -lows[below]]) if parts else None,
            A_eq=matrix[equal] if equal.any() else None,
            b_eq=highs[equal] if equal.any() else None,
            bounds=np.column_stack([low, high]),
            method=method or ("highs-ipm" if len(cost) > LARGE else "highs-ds"),
            options={"presolve": presolve, "primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9},
        )
        status = {0: OPTIMAL, 2: INFEASIBLE, 3: UNBOUNDED}.get(found.status, UNKNOWN)
        if status != UNKNOWN:
            break
    return status, found.x
