"""The extensive form: one program for the undisturbed path and every scenario, which share their early decisions.

Before its strike a scenario may not decide differently from the undisturbed path (non-anticipativity). So its starts,
departures, late and lost units and all its options are the columns of the undisturbed path, and so is the stock that
follows from them. Only stock by class is each path's own, because each path relabels its units by itself. From the
strike on all columns are the path's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pulp

from planner.model.linear_program import LinearProgram, Matrix
from planner.model.program import Program
from planner.model.variable_blocks import Array, Block
from planner.network.frames import positions, renamed
from planner.network.frozen_past import AT_ONCE, BEFORE

OWN, NOTHING = -1, -2  # links of a column that is the path's own, and of one that is always 0
FOLLOWS = ("stock",)  # determined by decisions before the strike, so shared as well
NOT_YET = ("unserved", "cancelled", "surplus", "below", "over")  # recourse: always 0 before the strike
TYPICAL_COST = 2.0**20  # of a path, in the unit in which the tail is measured, so that its rows scale like others


@dataclass(frozen=True)
class Path:
    """One path of the future: undisturbed, or with one scenario.

    Attributes:
        name: of the scenario; None for the undisturbed path.
        probability: of this path; all add up to 1.
        strike: the first period in which it differs; the number of periods for the undisturbed path.
        program: the path as a program of its own.
    """

    name: str | None
    probability: float
    strike: int
    program: Program

    @property
    def cost(self) -> Array:
        """The discounted cost of one unit of each column of its program, in money."""
        return self.program.numbers.cost


def bound_surplus(program: Program, strike: int) -> None:
    """Add rows to a program with recourse: surplus is at most what was sent before the strike and arrives.

    surplus[c,i,t] <= sum over lanes into c of ship[l,i, t - lead_l] that left before the strike

    Stress, which freezes the past, sets this as a bound. Here the past is decided too, so it has to be a row.
    """
    network, order = program.network, ["customer", "item", "period"]
    sent = renamed(network.deliveries, {"place": "customer"})
    row = sent["row"].to_numpy(dtype=np.int64)
    early = network.ship["period"].to_numpy(dtype=np.int64)[row] < strike
    at = np.where(early, positions(sent, network.surplus, order), OWN)
    for number, surplus in enumerate(program.surplus.variables):
        terms = [(program.ship.variables[column], -1.0) for column in row[at == number].tolist()]
        left = pulp.lpSum_vars_coefs([(surplus, 1.0), *terms])
        program.problem.addConstraint(left <= 0, f"surplus_was_sent_{number:06d}")


def links_of(undisturbed: Program, path: Path) -> Array:
    """For each column of a path, the column of the undisturbed path that it shares, or OWN, or NOTHING."""
    program = path.program
    link = np.full(program.columns, OWN, dtype=np.int64)
    for name in (*AT_ONCE, *BEFORE, *FOLLOWS, *NOT_YET):
        block: Block = getattr(program, name)
        known: Block = getattr(undisturbed, name)
        if name in FOLLOWS and block.is_split:
            continue
        at = positions(block.labelled, known.labelled, block.keys)
        at = np.where(at >= 0, known.first + at, NOTHING)
        early = np.full(len(block), name in AT_ONCE)
        if name not in AT_ONCE and len(block):
            early = block.labelled["position"].to_numpy(dtype=np.int64) < path.strike
        link[block.span] = np.where(early, at, OWN)
    return link


@dataclass(frozen=True)
class Tail:
    """The conditional value at risk (CVaR) of the costs of paths: columns eta and z, and the rows that define them.

    CVaR = eta + sum_s p_s z_s / (1 - alpha) at its least, with z_s >= cost_s - eta, z_s >= 0 for each possible path

    Source: Rockafellar and Uryasev, Optimization of conditional value-at-risk, Journal of Risk 2 (2000).

    Attributes:
        first: number of the column eta; those of z follow.
        unit: money in one unit of the columns.
        lower: lower bound of eta and of each z, in units.
        share: what a unit of eta and of each z adds to the CVaR, in units.
        rows: columns and coefficients of each row, which is at most 0.
    """

    first: int
    unit: float
    lower: Array
    share: Array
    rows: tuple[tuple[Array, Array], ...]

    @classmethod
    def of(cls, paths: Sequence[Path], columns_of: Sequence[Array], alpha: float, least: float, first: int) -> Tail:
        """The tail of paths whose columns are known, as `write_extensive` says, from the column `first` on."""
        possible = [k for k, path in enumerate(paths) if path.probability > 0]
        unit = float(2.0 ** np.round(np.log2(max(abs(least), 1.0) / TYPICAL_COST)))
        rows = []
        for place, k in enumerate(possible):
            at, cost = columns_of[k], paths[k].cost
            used = np.flatnonzero((cost != 0) & (at >= 0))
            row = np.append(at[used], [first, first + 1 + place]), np.append(cost[used] / unit, [-1.0, -1.0])
            rows.append(row)
        share = np.array([paths[k].probability for k in possible]) / (1.0 - alpha)
        lower = np.append(least / unit, np.zeros(len(possible)))
        return cls(first, unit, lower, np.append(1.0, share), tuple(rows))


@dataclass(frozen=True)
class Extensive:
    """The extensive form of several paths.

    Attributes:
        problem: an ordinary PuLP problem.
        paths: the paths, the undisturbed one first.
        columns_of: for each path the column of each of its columns; NOTHING where it is always 0.
        linear_program: its columns and rows as arrays; the costs are weighted by probability.
        weight: weight of the tail, 0 to 1.
        tail: the tail, which is part of the program where it has weight; else its columns and rows would be the next.
    """

    problem: pulp.LpProblem
    paths: tuple[Path, ...]
    columns_of: tuple[Array, ...]
    linear_program: LinearProgram
    weight: float
    tail: Tail

    @property
    def columns(self) -> int:
        """Number of columns of the extensive form."""
        return self.linear_program.columns

    def values_of(self, number: int, values: Array) -> Array:
        """The value of each column of a path, from those of the extensive form."""
        at = self.columns_of[number]
        return np.where(at >= 0, values[np.maximum(at, 0)], 0.0)

    def costs(self, values: Array) -> Array:
        """The total discounted cost of each path, in money, at the values of all columns."""
        return np.array([(path.cost * self.values_of(k, values)).sum() for k, path in enumerate(self.paths)])

    def expected_cost(self) -> Array:
        """What each column adds to the expected cost, in money."""
        found = np.zeros(self.columns)
        for column, path in zip(self.columns_of, self.paths, strict=True):
            used = column >= 0
            np.add.at(found, column[used], path.probability * path.cost[used])
        return found


def write_extensive(paths: Sequence[Path], weight: float, alpha: float, least: float) -> Extensive:
    """Write paths that share their early decisions as one PuLP problem.

    minimise (1 - w) sum_s p_s cost_s + w (eta + sum_s p_s z_s / (1 - alpha))
    with z_s >= cost_s - eta, z_s >= 0; where w is 0, eta and z are left out

    The second term is the conditional value at risk (`Tail`).

    Args:
        paths: the undisturbed one first.
        weight: w, from 0 to 1.
        alpha: the tail is the worst 1 - alpha, 0 < alpha < 1.
        least: a lower bound on the cost of every path, in money; it also bounds eta from below.
    """
    parts = _Parts(tuple(paths))
    for number in range(len(parts.paths)):
        parts.add_path(number, (1.0 - weight) * parts.paths[number].probability)
    tail = Tail.of(parts.paths, parts.columns_of, alpha, least, parts.columns)
    if weight > 0:
        parts.add_tail(tail, weight)
    return parts.written(weight, tail)


class _Parts:
    """Collects the columns and rows of an extensive form, path by path."""

    def __init__(self, paths: tuple[Path, ...]) -> None:
        self.paths = paths
        self.columns_of: list[Array] = []
        self.columns = self.rows = 0
        self.lower: list[Array] = []
        self.upper: list[Array] = []
        self.integer: list[Array] = []
        self.costs: list[tuple[Array, Array]] = []  # columns and what each adds to their cost
        self.entries: list[tuple[Array, Array, Array]] = []
        self.sides: list[tuple[Array, Array]] = []

    def add_path(self, number: int, weight: float) -> None:
        """Add the columns and rows of a path, its cost times `weight`; the undisturbed path comes first."""
        path = self.paths[number]
        link = links_of(self.paths[0].program, path) if number else np.full(path.program.columns, OWN)
        own = link == OWN
        column = np.where(own, self.columns + np.cumsum(own) - 1, link)
        self.columns_of.append(column)
        numbers = path.program.numbers
        self._columns(numbers.lower[own], numbers.upper[own], path.program.integer[own])
        self.costs.append((column[link != NOTHING], weight * numbers.cost[link != NOTHING]))
        self._rows(path.program.matrix(), column, repeated=number > 0)

    def add_tail(self, tail: Tail, weight: float) -> None:
        """Add the columns and rows of the tail, its value times `weight`."""
        count = len(tail.lower)
        self._columns(tail.lower, np.full(count, np.inf), np.zeros(count, dtype=bool))
        self.costs.append((np.arange(tail.first, tail.first + count), weight * tail.unit * tail.share))
        for column, coefficient in tail.rows:
            self.entries.append((np.full(len(column), self.rows), column, coefficient))
            self.sides.append((np.array([-np.inf]), np.array([0.0])))
            self.rows += 1

    def _columns(self, lower: Array, upper: Array, integer: Array) -> None:
        self.lower.append(lower)
        self.upper.append(upper)
        self.integer.append(integer)
        self.columns += len(lower)

    def _rows(self, matrix: Matrix, column: Array, *, repeated: bool) -> None:
        """Add rows in the columns of the extensive form, without repeating those of the undisturbed path."""
        at = column[matrix.column]
        used = (at >= 0) & (matrix.coefficient != 0)
        row, at, value = matrix.row[used], at[used], matrix.coefficient[used]
        order = np.lexsort((at, row))
        row, at, value = row[order], at[order], value[order]
        stops = np.searchsorted(row, np.arange(len(matrix.lower)), side="right").tolist()
        keep = np.ones(len(matrix.lower), dtype=bool)
        shared = np.bincount(row, weights=at >= self._undisturbed, minlength=len(keep)) == 0
        start = 0
        for number, stop in enumerate(stops):
            if not repeated or shared[number]:
                sides = (float(matrix.lower[number]), float(matrix.upper[number]))
                text = (*sides, at[start:stop].tobytes(), value[start:stop].tobytes())
                keep[number] = not repeated or (text not in self._known and not _holds_always(stop - start, *sides))
                if not repeated:
                    self._known.add(text)
            start = stop
        renumbered = self.rows + np.cumsum(keep) - 1
        kept = keep[row]
        self.entries.append((renumbered[row[kept]], at[kept], value[kept]))
        self.sides.append((matrix.lower[keep], matrix.upper[keep]))
        self.rows += int(keep.sum())

    @cached_property
    def _known(self) -> set[tuple[float, float, bytes, bytes]]:
        """The rows already written for the undisturbed path, as bounds and bytes of their entries."""
        return set()

    @cached_property
    def _undisturbed(self) -> int:
        """The number of columns of the undisturbed path."""
        return self.paths[0].program.columns

    def written(self, weight: float, tail: Tail) -> Extensive:
        """The extensive form of all that was added, as a PuLP problem and as arrays."""
        cost = np.zeros(self.columns)
        for column, amount in self.costs:
            np.add.at(cost, column, amount)
        row, column, value = (np.concatenate(part) for part in zip(*self.entries, strict=True))
        rows = Matrix(row, column, value, *(np.concatenate(part) for part in zip(*self.sides, strict=True)))
        lower, upper, integer = (np.concatenate(part) for part in (self.lower, self.upper, self.integer))
        program = LinearProgram(lower, upper, cost, rows, integer)
        return Extensive(_problem(program), self.paths, tuple(self.columns_of), program, weight, tail)


def _holds_always(entries: int, lower: float, upper: float) -> bool:
    """Whether a row has no entries and 0 lies within its bounds."""
    return entries == 0 and lower <= 0 <= upper


def _problem(program: LinearProgram) -> pulp.LpProblem:
    """The same program as a PuLP problem, with generated names for columns and rows."""
    problem = pulp.LpProblem("two_stage")
    names = [f"{number:07d}" for number in range(program.columns)]
    variables = list(problem.add_variable_dicts("x", names, lowBound=0).values())
    for at in np.flatnonzero((program.lower != 0) | (program.upper != np.inf) | program.integer).tolist():
        upper = None if np.isinf(program.upper[at]) else float(program.upper[at])
        variables[at].bounds(float(program.lower[at]), upper)
        if program.integer[at]:
            variables[at].cat = pulp.LpInteger
    problem.setObjective(pulp.lpSum_vars_coefs(zip(variables, program.cost.tolist(), strict=True)))
    matrix = program.rows
    stops = np.searchsorted(matrix.row, np.arange(len(matrix.lower)), side="right").tolist()
    column, value = matrix.column.tolist(), matrix.coefficient.tolist()
    start = 0
    for number, stop in enumerate(stops):
        left = pulp.lpSum_vars_coefs([(variables[column[k]], value[k]) for k in range(start, stop)])
        lower, upper = float(matrix.lower[number]), float(matrix.upper[number])
        if lower == upper:
            problem.addConstraint(left == upper, f"row_{number:07d}")
        elif lower == -np.inf:
            problem.addConstraint(left <= upper, f"row_{number:07d}")
        else:
            problem.addConstraint(left >= lower, f"row_{number:07d}")
        start = stop
    return problem
