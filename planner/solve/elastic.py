"""An infeasible program as a model in which all that can be named can give way.

Every bound that says something to a planner becomes a row, and every row that does is told apart by its side. One
column lets all of them give way at once, each by the same share of its size; it finds the conflict (`tightest`).
Columns of their own let some of them give way; they find repairs (solve/repairs.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.model.program import Program
from planner.solve.highs_model import Algorithm, Array, Live, Outcome
from planner.solve.integer_conflict import widen_starts
from planner.solve.sizes import Sizes, sizes_of
from planner.solve.tie_break import fixed_weight

BY_NATURE = (
    "expansion_open",
    "stage_total",
    "pathway_total",
    "source_use",
    "lot_use",
    "cancel_owed",
    "received_balance",
)
BOUNDED = ("make", "ship", "stock", "lost", "expand")  # blocks whose bounds say something
SPREAD = 8.0  # a size counts with 1 to 1 + 1 / SPREAD, by its labels, so that no two conflicts tie
NOTHING = 1e-10  # of what gives way in all: below it a row takes no part
PROVED = 1e-7  # of the terms of the proof
SURE = 1e-9
NOISE = 1e-12  # of the largest weight


@dataclass(frozen=True)
class Rule:
    """One side of a row or of a bound that can be named.

    Attributes:
        at: its row in the model.
        most: whether it says "at most" (else "at least").
        row, column: what it is of in the program: a row, or the bound of a column; the other is -1.
        size: of its figure.
    """

    at: int
    most: bool
    row: int
    column: int
    size: float


@dataclass(frozen=True)
class Tightest:
    """Rules that cannot hold together.

    Attributes:
        rules: the rules.
        weights: what each counts with: sum of weight * figure, with a sign for each side, passes what is allowed.
        shortage: by how much.
    """

    rules: list[Rule]
    weights: list[float]
    shortage: float


class Elastic:
    """The model of a program whose named rules can give way.

    Attributes:
        program: the program.
        live: its model; the columns of the program come first, in their order.
        cost: the cost of each of its columns when it was handed over.
        sizes: of all figures.
        rules: what can be named.
    """

    def __init__(self, program: Program, deadline: float | None = None) -> None:
        """Hand the program over, and turn bounds that can be named into rows."""
        self.program = program
        self.live = Live.of(program.problem, deadline)
        self.cost = np.array(self.live.lp.col_cost_)
        self.matrix = program.matrix()
        self.sizes: Sizes = sizes_of(program, self.matrix)
        self.rules: list[Rule] = []
        self.integer = np.zeros(len(self.cost), dtype=bool)
        self.integer[: program.columns] = program.integer
        widen_starts(program, self.live)
        self._name_rows()
        self._name_bounds()
        self.at = {(rule.row, rule.column, rule.most): rule for rule in self.rules}

    def _name_rows(self) -> None:
        """Rows; an equality has a side each way, of which the second is a row of its own."""
        program, matrix = self.program, self.matrix
        named = np.ones(len(matrix.lower), dtype=bool)
        for start, rows in zip(program.row_starts, program.families, strict=True):
            part = slice(start, start + len(rows))
            if rows.family.name in BY_NATURE:
                named[part] = False
            elif rows.family.name in {"flow_balance", "demand_balance"}:
                named[part] = rows.right != 0  # no order, or nothing there: only a balance
        order = np.argsort(matrix.row, kind="stable")
        ends = np.searchsorted(matrix.row[order], np.arange(len(named) + 1))
        for row in np.flatnonzero(named).tolist():
            low, high = float(matrix.lower[row]), float(matrix.upper[row])
            size = float(self.sizes.rows[row])
            if np.isfinite(low):
                self.rules.append(Rule(row, False, row, -1, size))
            if np.isfinite(high) and not np.isfinite(low):
                self.rules.append(Rule(row, True, row, -1, size))
            elif np.isfinite(high):
                entries = order[ends[row] : ends[row + 1]]
                self.live.set_row_bounds(np.array([row]), np.array([low]), np.array([np.inf]))
                at = self._add_row(-np.inf, high, matrix.column[entries], matrix.coefficient[entries])
                self.rules.append(Rule(at, True, row, -1, size))

    def _name_bounds(self) -> None:
        program = self.program
        lower, upper, _, _ = self.live.bounds()
        named = np.zeros(len(lower), dtype=bool)
        named[program.columns :] = True
        for block in program.blocks:
            if block.spec.name in BOUNDED:
                named[block.first : block.first + len(block)] = True
        part = slice(program.lost.first, program.lost.first + len(program.lost))
        named[part] = upper[part] < self.sizes.columns[part] * (1 - SURE)  # else it is the order that says so
        frozen = (lower == upper) & (lower != 0)
        named &= ~frozen & ((lower > 0) | np.isfinite(upper))
        for column in np.flatnonzero(named).tolist():
            low, high, size = float(lower[column]), float(upper[column]), float(self.sizes.columns[column])
            at, one = np.array([column]), np.ones(1)
            if low > 0:
                self.rules.append(Rule(self._add_row(low, np.inf, at, one), False, -1, column, size))
            if np.isfinite(high):
                self.rules.append(Rule(self._add_row(-np.inf, high, at, one), True, -1, column, size))
            self.live.set_column_bounds(at, np.array([min(low, 0.0)]), np.array([np.inf]))

    def copied(self, rule: Rule, least: float) -> int:
        """A row of the model that asks for at least another figure than a rule does; its number."""
        if rule.column >= 0:
            return self._add_row(least, np.inf, np.array([rule.column]), np.ones(1))
        own = self.matrix.row == rule.row
        return self._add_row(least, np.inf, self.matrix.column[own], self.matrix.coefficient[own])

    def _add_row(self, lower: float, upper: float, columns: Array, coefficients: Array) -> int:
        self.live.add_row(lower, upper, columns, coefficients)
        return int(self.live.highs.getNumRow()) - 1

    def tightest(self, algorithm: Algorithm) -> Tightest | None:
        """The rules that are furthest from holding together, as a linear program.

        min g  such that each rule holds but for g times its size

        By duality the rules with a price are an irreducible conflict (Gleeson and Ryan 1990), and the one with the
        largest shortage as a share of all its figures. Sizes are spread by a hash of the labels, so that it is one
        and the same whatever the solver, its release, and the order of the rows.

        Returns:
            None where the linear program has a plan, or the conflict is not among what can be named.
        """
        live, count = self.live, len(self.rules)
        at = np.array([rule.at for rule in self.rules], dtype=np.int64)
        sizes = np.array([rule.size for rule in self.rules]) * self._spread()
        typical = float(np.median(sizes))
        give = np.where([rule.most for rule in self.rules], -sizes, sizes) / typical
        column = live.add_column(float(count), 0.0, np.inf, at, give)
        costs = np.zeros(column + 1)
        costs[column] = float(count)
        live.set_costs(costs)
        whole = np.flatnonzero(self.integer)
        live.set_integrality(whole, integer=False)
        try:
            outcome = live.run_surely(algorithm)
            if outcome is not Outcome.OPTIMAL or live.objective() <= SURE * count:
                return None
            duals = live.row_duals()
            share = np.abs(duals[at]) * sizes / typical / count
            found = np.flatnonzero(share > NOTHING)
            if not self._proves(duals, at, found, column):
                return None
            chosen = [self.rules[number] for number in found.tolist()]
            return Tightest(chosen, np.abs(duals[at[found]]).tolist(), live.objective())
        finally:
            live.set_column_bounds(np.array([column]), np.zeros(1), np.zeros(1))
            live.set_integrality(whole, integer=True)

    def _spread(self) -> Array:
        """A factor from 1 to 1 + 1 / SPREAD for each rule, from a hash of its labels."""
        program = self.program
        names: dict[tuple[int, int], tuple[object, ...]] = {}
        for start, rows in zip(program.row_starts, program.families, strict=True):
            for offset, label in enumerate(rows.labels.itertuples(index=False, name=None)):
                names[start + offset, -1] = (rows.family.name, *label)
        for block in program.blocks:
            labels = zip(*(block.labelled[key].tolist() for key in block.keys), strict=True) if len(block) else ()
            for offset, label in enumerate(labels):
                names[-1, block.first + offset] = (block.spec.name, *label)
        found = [
            fixed_weight(*names.get((rule.row, rule.column), ("own", rule.row, rule.column)), rule.most)
            for rule in self.rules
        ]
        return 1.0 + (np.array(found) - 1.0) / SPREAD

    def _proves(self, duals: Array, at: Array, found: Array, give: int) -> bool:
        """Whether the prices of some rules, with those of all balances, show that they cannot hold together.

        sum_i y_i * side_i + sum_j min (d_j * l_j, d_j * u_j) > 0, where d = - y A and nothing gives way
        """
        kept = duals.copy()
        kept[np.setdiff1d(at, at[found])] = 0.0
        row, column, value = self.live.entries()
        lower, upper, row_lower, row_upper = self.live.bounds()
        terms = np.where(kept > 0, row_lower, row_upper)
        shown = kept != 0
        bound = float((kept[shown] * terms[shown]).sum())
        reduced = -np.bincount(column, weights=kept[row] * value, minlength=len(lower))
        scale = np.bincount(column, weights=np.abs(kept[row] * value), minlength=len(lower))
        steepest = np.zeros(len(lower))
        np.maximum.at(steepest, column, np.abs(value))
        noise = NOISE * float(np.abs(kept).max(initial=0.0))
        reduced[np.abs(reduced) <= np.maximum(PROVED * scale, noise * steepest)] = 0.0
        reduced[give] = 0.0
        sides = np.where(reduced > 0, lower, upper)
        used = reduced != 0
        proof = bound + float((reduced[used] * sides[used]).sum())
        return proof > PROVED * float(np.abs(kept[shown] * terms[shown]).sum())
