"""The elastic model: an infeasible program in which every rule that a planner can name can give way.

Every bound that means something to a planner becomes a row, and the two sides of an equality become two rows. One
column lets all of them give way at once, each by the same share of its size; it finds the conflict (solve/tightest.py).
Further columns let single rules give way; they find the repairs (solve/repairs.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.model.linear_program import Array
from planner.model.program import Program
from planner.network.frames import lookup
from planner.solve.highs_model import HighsModel
from planner.solve.integer_conflict import widen_starts
from planner.solve.sizes import Sizes, sizes_of

BOUNDED = ("make", "ship", "stock", "lost", "expand")  # blocks whose bounds mean something to a planner
SURE = 1e-9


@dataclass(frozen=True)
class Rule:
    """One side of a row or bound that a conflict can name.

    Attributes:
        at: its row in the elastic model.
        most: whether it says "at most" (else "at least").
        row, column: its row in the program, or the column whose bound it is; the other one is -1.
        size: the usual size of its figure, in its own unit.
    """

    at: int
    most: bool
    row: int
    column: int
    size: float


class ElasticModel:
    """The elastic model of a program.

    Attributes:
        program: the program.
        live: the HiGHS model; the columns of the program come first, in their order.
        cost: the cost of each of the program's columns.
        sizes: the usual sizes of all figures.
        ordered: units of the orders that can be lost, in the order of the block `lost`.
        rules: everything that can be named.
    """

    def __init__(self, program: Program, deadline: float | None = None) -> None:
        """Hand the program over, and turn bounds that can be named into rows."""
        self.program = program
        self.live = HighsModel.of(program.problem, deadline)
        self.cost = np.array(self.live.lp.col_cost_)
        self.matrix = program.matrix()
        self.sizes: Sizes = sizes_of(program, self.matrix)
        lost, orders = program.network.lost, program.network.orders
        self.ordered: Array = lookup(lost, orders, ["customer", "item", "period"], "quantity", 0.0).astype(float)
        self.rules: list[Rule] = []
        self.integer = np.zeros(len(self.cost), dtype=bool)
        self.integer[: program.columns] = program.integer
        widen_starts(program, self.live)
        self._name_rows()
        self._name_bounds()
        self.at = {(rule.row, rule.column, rule.most): rule for rule in self.rules}

    def _name_rows(self) -> None:
        """Make rules of the rows that can be named; the second side of an equality becomes a row of its own."""
        program, matrix = self.program, self.matrix
        named = np.ones(len(matrix.lower), dtype=bool)
        for start, rows in program.by_family():
            named[start : start + len(rows)] = rows.family.can_be_blamed(rows.right)
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
        """Make rows and rules of the column bounds that can be named."""
        program = self.program
        lower, upper, *_ = self.live.bounds()
        named = np.zeros(len(lower), dtype=bool)
        named[program.columns :] = True
        for block in program.blocks:
            if block.spec.name in BOUNDED:
                named[block.span] = True
        part = program.lost.span
        named[part] = upper[part] < self.ordered * (1 - SURE)  # else all of it may be lost
        frozen = (lower == upper) & (lower != 0)  # by a strike, or bought before
        stock = program.stock  # never frozen: a minimum may be as large as the maximum
        frozen[stock.span] = False
        named &= ~frozen & ((lower > 0) | np.isfinite(upper))
        part = program.expand.span
        decided = [row.option for row in program.network.instance.expansions if row.bought is not None]
        named[part] &= ~program.network.expand["option"].isin(decided)
        for column in np.flatnonzero(named).tolist():
            low, high, size = float(lower[column]), float(upper[column]), float(self.sizes.columns[column])
            at, one = np.array([column]), np.ones(1)
            if low > 0:
                self.rules.append(Rule(self._add_row(low, np.inf, at, one), False, -1, column, size))
            if np.isfinite(high):
                self.rules.append(Rule(self._add_row(-np.inf, high, at, one), True, -1, column, size))
            self.live.set_column_bounds(at, np.array([min(low, 0.0)]), np.array([np.inf]))
        opened = program.open.first + np.arange(len(program.open))  # that they are bought once says enough
        self.live.set_column_bounds(opened, lower[opened], np.full(len(opened), np.inf))

    def copied(self, rule: Rule, least: float) -> int:
        """Add a row with the left side of a rule that asks for at least `least`, and return its number in the model."""
        if rule.column >= 0:
            return self._add_row(least, np.inf, np.array([rule.column]), np.ones(1))
        own = self.matrix.row == rule.row
        return self._add_row(least, np.inf, self.matrix.column[own], self.matrix.coefficient[own])

    def _add_row(self, lower: float, upper: float, columns: Array, coefficients: Array) -> int:
        self.live.add_row(lower, upper, columns, coefficients)
        return int(self.live.highs.getNumRow()) - 1

    def labels(self) -> list[tuple[tuple[object, ...], int]]:
        """For each rule a key that is unique and the same in every process, and the position of its period."""
        program = self.program
        periods = {label: position for position, label in enumerate(program.network.labels)}
        names: dict[tuple[int, int], tuple[tuple[object, ...], int]] = {}
        for first, name, table, is_row in (
            *(
                (start, rows.family.name, rows.labels, True)
                for start, rows in zip(program.row_starts, program.families, strict=True)
            ),
            *((block.first, block.spec.name, block.labelled[block.keys], False) for block in program.blocks),
        ):
            at = table.columns.get_loc("period") if "period" in table else None
            for offset, label in enumerate(table.itertuples(index=False, name=None)):
                key = (first + offset, -1) if is_row else (-1, first + offset)
                period = 0 if at is None else periods.get(label[at], label[at])
                position = int(period) if isinstance(period, int | np.integer) else len(periods) - 1  # the horizon
                names[key] = ((name, *label), position)
        found = []
        for rule in self.rules:
            label, period = names.get((rule.row, rule.column), (("own", rule.row, rule.column), 0))
            found.append(((*label, rule.most), period))
        return found
