"""The layout: structure and numbers of a network's program as labelled arrays, without PuLP.

A program is written from a layout. Two layouts with the same structure differ only in numbers, and a live model can
take these over without being rebuilt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from planner.model.catalogue import BLOCKS, COSTS, FAMILIES
from planner.model.family import Family, FamilyRows
from planner.model.linear_program import LinearProgram, Matrix
from planner.model.units import Units, units_of
from planner.model.variable_blocks import Array, Block, Decisions, labelled
from planner.network.network import Network


@dataclass(frozen=True)
class Numbers:
    """Those numbers of a program that a re-solve can change: bounds and costs by column, right-hand sides by row.

    Which sides of a row its right-hand side is follows from the sense of its family (`activity_bounds`).
    """

    lower: Array
    upper: Array
    cost: Array
    right: Array


@dataclass(eq=False)
class Layout(Decisions):
    """The columns and rows of a network's program: labels, entries and numbers; each block is a field.

    Attributes:
        network: what it was laid out from.
        families: the rows by family, in the order in which they stand in the program.
        numbers: bounds, costs and right-hand sides.
        integer: which columns are integer.
    """

    network: Network
    families: tuple[FamilyRows, ...]
    numbers: Numbers
    integer: Array

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks in the order of their columns."""
        return tuple(getattr(self, spec.name) for spec in BLOCKS)

    @property
    def columns(self) -> int:
        """Number of columns that the planner wrote, without variables added by hand."""
        return len(self.numbers.cost)

    @property
    def rows(self) -> int:
        """Number of rows that the planner wrote, without rows added by hand."""
        return len(self.numbers.right)

    @cached_property
    def units(self) -> Units | None:
        """The units that scale the program for the solver; None where it needs no scaling."""
        return units_of(self.linear_program)

    @property
    def linear_program(self) -> LinearProgram:
        """Its columns and rows as arrays, without rows and variables added by hand."""
        numbers = self.numbers
        return LinearProgram(numbers.lower, numbers.upper, numbers.cost, Layout.matrix(self), self.integer)

    @cached_property
    def row_starts(self) -> tuple[int, ...]:
        """The number of the first row of each family, in the order of `families`."""
        lengths = [len(rows) for rows in self.families]
        return tuple(int(start) for start in np.cumsum([0, *lengths[:-1]]))

    def row_label(self, row: int) -> tuple[str, tuple[Any, ...]]:
        """(family, labels) of a row.

        Raises:
            IndexError: there is no such row.
        """
        start, rows = self.family_of(row)
        return rows.family.name, tuple(rows.labels.iloc[row - start])

    def family_of(self, row: int) -> tuple[int, FamilyRows]:
        """The number of the first row of the family that a row belongs to, and that family's rows.

        Raises:
            IndexError: there is no such row.
        """
        for start, rows in self.by_family():
            if start <= row < start + len(rows):
                return start, rows
        raise IndexError(row)

    def by_family(self) -> Iterator[tuple[int, FamilyRows]]:
        """For each family, the number of its first row in the program and its rows."""
        return zip(self.row_starts, self.families, strict=True)

    def rows_of(self, family: type[Family]) -> tuple[int, FamilyRows]:
        """The number of the first row, and the rows, of the family of a class; for example `rows_of(Capacity)`."""
        return next((start, rows) for start, rows in self.by_family() if type(rows.family) is family)

    def column_label(self, column: int) -> tuple[str, tuple[Any, ...]]:
        """(block, labels) of a column.

        Raises:
            IndexError: there is no such column.
        """
        for block in self.blocks:
            if block.first <= column < block.first + len(block):
                return block.spec.name, tuple(block.labelled[block.keys].iloc[column - block.first])
        raise IndexError(column)

    def family_rows(self, name: str) -> tuple[int, FamilyRows]:
        """The number of the first row, and the rows, of the family of a name; for example `family_rows("capacity")`."""
        return next((start, rows) for start, rows in self.by_family() if rows.family.name == name)

    def matrix(self) -> Matrix:
        """All rows as arrays, numbered in the order of the families."""
        row = np.concatenate([start + rows.row for start, rows in self.by_family()])
        column = np.concatenate([rows.column for rows in self.families])
        coefficient = np.concatenate([rows.coefficient for rows in self.families])
        return Matrix(row, column, coefficient, *activity_bounds(self.families, self.numbers.right))


def activity_bounds(families: tuple[FamilyRows, ...], right: Array) -> tuple[Array, Array]:
    """Lower and upper bounds on the left side of each row, from the senses of the families."""
    sense = np.concatenate([np.full(len(rows), rows.family.sense, dtype=object) for rows in families])
    return np.where(sense == "<=", -np.inf, right), np.where(sense == ">=", np.inf, right)


def lay_out(network: Network) -> Layout:
    """Number the columns and rows of a network's program and compute all their numbers."""
    blocks: dict[str, Block] = {}
    first = 0
    for spec in BLOCKS:
        block = Block(spec, labelled(spec, network), first)
        blocks[spec.name] = block
        first += len(block)
    families = tuple(family.rows(network, Decisions(**blocks)) for family in FAMILIES)
    numbers = Numbers(*_columns_of(network), np.concatenate([rows.right for rows in families]))
    integer = np.concatenate([spec.integers(network) for spec in BLOCKS])
    return Layout(network=network, **blocks, families=families, numbers=numbers, integer=integer)


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
