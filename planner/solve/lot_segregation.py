"""Strict segregation of lots: with the flows of a plan fixed, the most units that can be clear of a watch.

A pool is an item at a site in a period. A flow (a start, a departure, stock kept, opening stock or an arrival) takes
from pools and gives into one at most. The clear part of each flow is decided by a linear program for each watch. Pools
that are surely all clear, or surely touched altogether, are fixed beforehand, which splits the programs into
independent parts. The parts are solved as one program, once for each objective that a part still needs.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from planner.errors import SolverError
from planner.model.linear_program import LinearProgram, Matrix
from planner.solve.algorithms import PRIMAL_SIMPLEX, Algorithm, Outcome
from planner.solve.certificate import dual_bound
from planner.solve.engine import new_model
from planner.solve.highs_lp import highs_lp
from planner.solve.highs_model import HighsModel
from planner.solve.solution import Array

SURE = 1e-12  # shares closer than this to 0 or 1 are 0 or 1
GAP = 1e-8  # largest gap between an optimum and its dual bound; objectives are shares
FROM_COLD = ((Algorithm.SIMPLEX, False), (Algorithm.SIMPLEX, True), (Algorithm.INTERIOR_POINT, True))
"""Algorithm and presolve, in the order in which they are tried where an answer is not proved."""


@dataclass(frozen=True)
class Flows:
    """The flows of a plan between its pools.

    Attributes:
        pools: number of pools.
        into: pool that each flow gives into; -1 where it leaves the sites, or the last period.
        given: units that it gives.
        flow, pool, taken: one entry for each pool that a flow takes from: number of the flow, number of the pool,
            units; in the order of the flows.
    """

    pools: int
    into: Array
    given: Array
    flow: Array
    pool: Array
    taken: Array


@dataclass(frozen=True)
class Scopes:
    """Sets of deliveries that are counted together; a delivery can be in several.

    Attributes:
        count: number of scopes.
        scope, flow, units: one entry for each delivery in each scope: number of the scope, number of the flow, units.
    """

    count: int
    scope: Array
    flow: Array
    units: Array


def most_clear(flows: Flows, clear_flows: Array, clear_pools: Array, scopes: Scopes) -> Array:
    """The most units of each scope that can be clear of each watch, by (scope, watch).

    max sum_(f in scope) units_f * x_f     over the clear share x_f of each flow
    sum_f taken_(f,p) * x_f / sum_f taken_(f,p) <= sum_f given_(f,p) * x_f / sum_f given_(f,p)     in each pool p
    0 <= x_f <= 1, and x_f = 0 where the flow itself touches the watch

    A unit that is made is clear only if each of its components is, which the one x_f of a start says. Clear units may
    be used as if they had touched (<=).

    Args:
        flows: the flows of a plan.
        clear_flows: by (flow, watch) the clear share where lots mix: it is 0 exactly where no part of the flow can be
            clear, and 1 exactly where all of it is, so that only what lies between is to be decided.
        clear_pools: the same by (pool, watch).
        scopes: what to count.

    Raises:
        SolverError: HiGHS does not solve the program, or its duals do not prove what it found.
    """
    found = np.zeros((scopes.count, clear_flows.shape[1]))
    sure = clear_flows >= 1 - SURE
    np.add.at(found, scopes.scope, sure[scopes.flow] * scopes.units[:, None])
    open_flows = (clear_flows > SURE) & ~sure
    open_pools = (clear_pools > SURE) & (clear_pools < 1 - SURE)
    if not open_flows[scopes.flow].any():
        return found
    shares = _Shares.of(flows, open_flows, open_pools, sure)
    counted = _objectives(shares, scopes)
    solver = _Solver(shares.program)
    for number in range(max(map(len, counted.values()))):
        turn = {part: list(sets.items())[number] for part, sets in counted.items() if number < len(sets)}
        cost = np.zeros(shares.program.columns)
        for (columns, units), _ in turn.values():
            cost[np.frombuffer(columns, dtype=np.int64)] = np.frombuffer(units) / np.frombuffer(units).sum()
        reached = np.bincount(shares.part, weights=cost * solver.best(cost), minlength=shares.part.max() + 1)
        for part, ((_, units), members) in turn.items():
            clear = float(reached[part]) * float(np.frombuffer(units).sum())
            for scope, watch in members:
                found[scope, watch] += clear
    return found


@dataclass(frozen=True)
class _Shares:
    """The clear shares to be decided: the linear programs of all watches side by side, as one.

    Attributes:
        number: by (flow, watch) the column of its clear share; -1 where the share is known beforehand.
        program: a row for each pool and watch, whose right-hand side is the part of the pool that is surely clear.
        part: of each column, the number of the part that it belongs to; parts share no row.
    """

    number: Array
    program: LinearProgram
    part: Array

    @classmethod
    def of(cls, flows: Flows, open_flows: Array, open_pools: Array, sure: Array) -> _Shares:
        """The program of the flows and pools that are not known beforehand."""
        number = np.full(open_flows.shape, -1, dtype=np.int64)
        number[open_flows] = np.arange(np.count_nonzero(open_flows))
        row_number = np.full(open_pools.shape, -1, dtype=np.int64)
        row_number[open_pools] = np.arange(np.count_nonzero(open_pools))
        leaving = np.bincount(flows.pool, weights=flows.taken, minlength=flows.pools)
        at, watch = np.nonzero(open_flows[flows.flow] & open_pools[flows.pool])
        out_row, out_column = row_number[flows.pool[at], watch], number[flows.flow[at], watch]
        out_value = flows.taken[at] / leaving[flows.pool[at]]
        staying = np.flatnonzero(flows.into >= 0)
        pool = flows.into[staying]
        coming = np.bincount(pool, weights=flows.given[staying], minlength=flows.pools)
        share = flows.given[staying] / np.where(coming > 0, coming, 1.0)[pool]
        at, watch = np.nonzero(open_flows[staying] & open_pools[pool])
        in_row, in_column, in_value = row_number[pool[at], watch], number[staying[at], watch], share[at]
        surely, surely_watch = np.nonzero(sure[staying] & open_pools[pool])
        upper = np.bincount(
            row_number[pool[surely], surely_watch], weights=share[surely], minlength=np.count_nonzero(open_pools)
        )
        row, column = np.concatenate([out_row, in_row]), np.concatenate([out_column, in_column])
        rows = Matrix(row, column, np.concatenate([out_value, -in_value]), np.full(len(upper), -np.inf), upper)
        part = _parts(row, column, len(upper), int(open_flows.sum()))
        none, all_ = np.zeros(len(part)), np.ones(len(part))
        return cls(number, LinearProgram(none, all_, none, rows, none.astype(bool)), part)


def _parts(row: Array, column: Array, rows: int, columns: int) -> Array:
    """The part of each column: columns belong together where they share a row, directly or through other columns."""
    of_row, of_column = np.arange(rows), np.full(columns, rows)
    while True:
        before = of_row.copy()
        np.minimum.at(of_column, column, of_row[row])
        np.minimum.at(of_row, row, of_column[column])
        np.minimum.at(of_row, before, of_row.copy())  # rows take over the smaller label of the row they pointed to
        of_row = of_row[of_row]
        if np.array_equal(before, of_row):
            break
    numbered: Array = np.unique(of_column, return_inverse=True)[1]
    return numbered


Objective = tuple[bytes, bytes]


def _objectives(shares: _Shares, scopes: Scopes) -> dict[int, dict[Objective, list[tuple[int, int]]]]:
    """For each part its distinct objectives (columns, units), each with the (scope, watch) pairs that need it.

    Objectives over most columns come first: the optima of the others are near theirs.
    """
    at, watch = np.nonzero(shares.number[scopes.flow] >= 0)
    column = shares.number[scopes.flow[at], watch]
    part, scope, units = shares.part[column], scopes.scope[at], scopes.units[at]
    order = np.lexsort((column, scope, part))
    part, scope, watch, column, units = part[order], scope[order], watch[order], column[order], units[order]
    starts = np.flatnonzero(np.r_[True, (np.diff(part) != 0) | (np.diff(scope) != 0)])
    ends = np.r_[starts[1:], len(part)]
    counted: dict[int, dict[Objective, list[tuple[int, int]]]] = defaultdict(dict)
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        objective = column[start:end].astype(np.int64).tobytes(), units[start:end].astype(float).tobytes()
        counted[int(part[start])].setdefault(objective, []).append((int(scope[start]), int(watch[start])))
    return {part: dict(sorted(sets.items(), key=lambda one: -len(one[0][0]))) for part, sets in counted.items()}


class _Solver:
    """The program in HiGHS, re-solved from objective to objective; every answer is checked against its duals."""

    def __init__(self, program: LinearProgram) -> None:
        self.program = program
        self.live = _live(program)
        self.fresh = True

    def best(self, cost: Array) -> Array:
        """The values of the columns that maximise an objective."""
        self.live.set_costs(-cost)
        if self.fresh:
            outcome = self.live.run(Algorithm.SIMPLEX)
        else:
            outcome = self.live.run(Algorithm.SIMPLEX, presolve=False, simplex=PRIMAL_SIMPLEX)
        self.fresh = False
        if self._proved(outcome, cost):
            return self._values()
        for algorithm, presolve in FROM_COLD:
            self.live.highs.clearSolver()
            outcome = self.live.run(algorithm, presolve=presolve)
            if self._proved(outcome, cost):
                return self._values()
        raise SolverError(f"The least possible exposure of the plan could not be found ({self.live.ending}).")

    def _values(self) -> Array:
        return np.clip(self.live.values(), 0.0, 1.0)

    def _proved(self, outcome: Outcome, cost: Array) -> bool:
        """Whether the values keep every row, and no part could reach more, by weak duality.

        That proves an answer of which HiGHS is not sure, too, where rows of tiny parts miss its tolerance by a hair.
        """
        if outcome not in {Outcome.OPTIMAL, Outcome.UNKNOWN} or len(self.live.values()) != self.program.columns:
            return False
        asked, values = replace(self.program, cost=-cost), self._values()
        slack = float(np.max(asked.rows.activity(values) - asked.rows.upper, initial=0.0))
        reached = float((asked.cost * values).sum())
        least, _ = dual_bound(asked, self.live.row_duals(), reached)
        return slack <= GAP and reached - least <= GAP


def _live(program: LinearProgram) -> HighsModel:
    """The program as a HiGHS model."""
    highs = new_model()
    for option, value in (("primal_feasibility_tolerance", 1e-9), ("dual_feasibility_tolerance", 1e-9)):
        highs.setOptionValue(option, value)
    highs.passModel(highs_lp(program))
    return HighsModel(highs)
