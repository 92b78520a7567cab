"""The program: a network written as a PuLP problem, with the labels of every column and row beside it.

Structure (columns, rows, coefficients) and numbers (bounds, right-hand sides, costs) are kept apart: `numbers` holds
every number, reckoned from the network without touching an expression.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pulp

from planner.model.blocks import Array, Block, Decisions, labelled
from planner.model.catalogue import BLOCKS, COSTS, FAMILIES
from planner.model.family import FamilyRows
from planner.network.network import Network


@dataclass(frozen=True)
class Numbers:
    """Every number of a program: bounds and costs by column, right-hand sides by row."""

    lower: Array
    upper: Array
    cost: Array
    right: Array


@dataclass(frozen=True)
class Matrix:
    """The rows of a program as arrays: entries (row, column, coefficient) and the activity bounds of each row."""

    row: Array
    column: Array
    coefficient: Array
    lower: Array
    upper: Array

    def activity(self, values: Array) -> Array:
        """The left side of each row at the given values."""
        return np.bincount(self.row, weights=self.coefficient * values[self.column], minlength=len(self.lower))


@dataclass(eq=False)  # not frozen, so that `program.problem += row` can be written
class Program(Decisions):
    """An ordinary `pulp.LpProblem` and what its columns and rows mean; its variables by label are its fields.

    Attributes:
        network: what it was written from.
        problem: the PuLP problem; rows of your own can be added to it.
        families: the rows by family, in the order in which they stand in the problem.
        numbers: bounds, costs and right-hand sides as written.
        integer: which columns are integer.
    """

    network: Network
    problem: pulp.LpProblem
    families: tuple[FamilyRows, ...]
    numbers: Numbers
    integer: Array

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks in the order of their columns."""
        return tuple(getattr(self, spec.name) for spec in BLOCKS)

    @property
    def columns(self) -> int:
        """Number of columns that the planner wrote."""
        return len(self.numbers.cost)

    @property
    def rows(self) -> int:
        """Number of rows that the planner wrote."""
        return len(self.numbers.right)

    @cached_property
    def row_starts(self) -> tuple[int, ...]:
        """The first row of each family."""
        lengths = [len(rows) for rows in self.families]
        return tuple(int(start) for start in np.cumsum([0, *lengths[:-1]]))

    def row_label(self, row: int) -> tuple[str, tuple[Any, ...]]:
        """(family, labels) of a row; rows added by hand are ("own", (name,))."""
        for start, rows in zip(self.row_starts, self.families, strict=True):
            if start <= row < start + len(rows):
                return rows.family.name, tuple(rows.labels.iloc[row - start])
        return "own", (self.problem.constraints()[row].name,)

    def column_label(self, column: int) -> tuple[str, tuple[Any, ...]]:
        """(block, labels) of a column; variables added by hand are ("own", (name,))."""
        for block in self.blocks:
            if block.first <= column < block.first + len(block):
                return block.spec.name, tuple(block.labelled[block.keys].iloc[column - block.first])
        return "own", (self.problem.variables()[column].name,)

    def family_rows(self, name: str) -> tuple[int, FamilyRows]:
        """The first row and the rows of a family."""
        return next(
            (start, rows)
            for start, rows in zip(self.row_starts, self.families, strict=True)
            if rows.family.name == name
        )

    def matrix(self) -> Matrix:
        """The rows as arrays, with rows that were added to the problem by hand at the end."""
        row = np.concatenate([start + rows.row for start, rows in zip(self.row_starts, self.families, strict=True)])
        column = np.concatenate([rows.column for rows in self.families])
        coefficient = np.concatenate([rows.coefficient for rows in self.families])
        lower, upper = activity_bounds(self.families, self.numbers.right)
        own = self.problem.constraints()[self.rows :]
        if own:
            entries = [
                (self.rows + k, variable.id, value)
                for k, constraint in enumerate(own)
                for variable, value in constraint.items()
            ]
            added = np.array(entries, dtype=float).reshape(-1, 3)
            row = np.concatenate([row, added[:, 0].astype(np.int64)])
            column = np.concatenate([column, added[:, 1].astype(np.int64)])
            coefficient = np.concatenate([coefficient, added[:, 2]])
            bounds = [
                (-np.inf if part.getLb() is None else part.getLb(), np.inf if part.getUb() is None else part.getUb())
                for part in own
            ]
            lower = np.concatenate([lower, [bound[0] for bound in bounds]])
            upper = np.concatenate([upper, [bound[1] for bound in bounds]])
        return Matrix(row, column, coefficient, lower, upper)


def activity_bounds(families: tuple[FamilyRows, ...], right: Array) -> tuple[Array, Array]:
    """Lower and upper bounds on the left side of each row, from the senses of the families."""
    sense = np.concatenate([np.full(len(rows), rows.family.sense, dtype=object) for rows in families])
    return np.where(sense == "<=", -np.inf, right), np.where(sense == ">=", np.inf, right)


def write_program(network: Network) -> Program:
    """Write a network as a PuLP problem."""
    problem = pulp.LpProblem(_problem_name(network))
    blocks: dict[str, Block] = {}
    first = 0
    for spec in BLOCKS:
        table = labelled(spec, network)
        lower, upper = spec.bounds(network)
        integer = spec.integers(network)
        names = [f"{number:06d}" for number in range(len(table))]
        variables = tuple(problem.add_variable_dicts(spec.name, names, lowBound=0).values()) if names else ()
        for position in np.flatnonzero((lower != 0) | (upper != np.inf) | integer):
            variables[position].bounds(
                float(lower[position]), None if np.isinf(upper[position]) else float(upper[position])
            )
            if integer[position]:
                variables[position].cat = pulp.LpInteger
        blocks[spec.name] = Block(spec, table, first, variables)
        first += len(variables)
    columns = [variable for block in blocks.values() for variable in block.variables]
    numbers = _columns_of(network)
    problem.setObjective(pulp.lpSum_vars_coefs(zip(columns, numbers[2].tolist(), strict=True)))
    decisions = Decisions(**blocks)
    families = tuple(family.rows(network, decisions) for family in FAMILIES)
    for rows in families:
        _add_rows(problem, rows, columns)
    right = np.concatenate([rows.right for rows in families])
    integer = np.concatenate([spec.integers(network) for spec in BLOCKS])
    return Program(
        network=network, problem=problem, **blocks, families=families, numbers=Numbers(*numbers, right), integer=integer
    )


def _problem_name(network: Network) -> str:
    return network.instance.settings.name.replace("-", "_").replace(".", "_")


def _columns_of(network: Network) -> tuple[Array, Array, Array]:
    """Lower bounds, upper bounds and costs of all columns."""
    bounds = [spec.bounds(network) for spec in BLOCKS]
    costs = []
    for spec in BLOCKS:
        table = spec.table(network)
        cost = np.zeros(len(table))
        for component in COSTS:
            for block, column in component.parts:
                if block == spec.name:
                    cost = cost + table[column].to_numpy(dtype=float)
        costs.append(cost)
    return (
        np.concatenate([lower for lower, _ in bounds]),
        np.concatenate([upper for _, upper in bounds]),
        np.concatenate(costs),
    )


def _add_rows(problem: pulp.LpProblem, rows: FamilyRows, columns: list[pulp.LpVariable]) -> None:
    stops = np.searchsorted(rows.row, np.arange(len(rows)), side="right").tolist()
    column, coefficient = rows.column.tolist(), rows.coefficient.tolist()
    start = 0
    for number, (stop, right) in enumerate(zip(stops, rows.right.tolist(), strict=True)):
        left = pulp.lpSum_vars_coefs([(columns[column[k]], coefficient[k]) for k in range(start, stop)])
        name = f"{rows.family.name}_{number:06d}"
        if rows.family.sense == "<=":
            problem.addConstraint(left <= right, name)
        elif rows.family.sense == ">=":
            problem.addConstraint(left >= right, name)
        else:
            problem.addConstraint(left == right, name)
        start = stop
