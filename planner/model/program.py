"""The program: a layout written as a PuLP problem, with the labels of every column and row beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import pulp

from planner.model.family import FamilyRows
from planner.model.layout import Layout, Numbers, lay_out
from planner.model.linear_program import Array, Matrix
from planner.model.units import Units, surely_close, units_of, usual_sizes
from planner.model.variable_blocks import Block
from planner.model.words.lines import Line
from planner.network.network import Network

__all__ = ["Numbers", "Program", "write_program"]


@dataclass(eq=False)  # not frozen, so that `program.problem += row` can be written
class Program(Layout):
    """A `pulp.LpProblem` with the labels of its columns and rows; each block of variables is a field.

    Attributes:
        problem: the PuLP problem; you can add rows of your own to it.
        live: the program whose numbers were replaced by these in a live model; None for one that stands alone.
        lines: what rows that an earlier plan adds say, by their number; every other row added by hand is a user's own.
        measures: the numbers of variables that only measure how far a plan is from an earlier one.
    """

    problem: pulp.LpProblem
    live: Program | None = None
    lines: dict[int, Line] = field(default_factory=dict)
    measures: set[int] = field(default_factory=set)

    @cached_property
    def units(self) -> Units | None:
        """The units that scale the program for the solver; None where it needs no scaling."""
        planned = self.linear_program
        if self.live is not None and self.live.units is None and surely_close(planned, self.live.sizes):
            return None
        return units_of(planned)

    @cached_property
    def sizes(self) -> tuple[Array, Array]:
        """The usual sizes of its columns and rows, from which those of programs like it are found."""
        return usual_sizes(self.linear_program)

    @property
    def has_own(self) -> bool:
        """Whether rows or variables were added to the problem by hand."""
        return bool(self.problem.numConstraints() > self.rows or self.problem.numVariables() > self.columns)

    def row_label(self, row: int) -> tuple[str, tuple[Any, ...]]:
        """(family, labels) of a row; rows added by hand are ("own", (name,))."""
        return super().row_label(row) if row < self.rows else ("own", (self.problem.constraints()[row].name,))

    def column_label(self, column: int) -> tuple[str, tuple[Any, ...]]:
        """(block, labels) of a column; variables added by hand are ("own", (name,))."""
        if column < self.columns:
            return super().column_label(column)
        return "own", (self.problem.variables()[column].name,)

    def matrix(self) -> Matrix:
        """All rows as arrays; rows that were added to the problem by hand come last."""
        planned = super().matrix()
        own = self._rows_by_hand() if self.live is None else self.live.handed_over
        if not len(own.lower):
            return planned
        parts = (np.concatenate([getattr(planned, part.name), getattr(own, part.name)]) for part in fields(Matrix))
        return Matrix(*parts)

    @cached_property
    def handed_over(self) -> Matrix:
        """The rows added by hand, as they were when numbers in a live model were first replaced."""
        return self._rows_by_hand()

    def _rows_by_hand(self) -> Matrix:
        """The rows that were added to the problem by hand, numbered after the planner's own."""
        own = self.problem.constraints()[self.rows :]
        entries = [
            (self.rows + k, variable.id, value)
            for k, constraint in enumerate(own)
            for variable, value in constraint.items()
        ]
        added = np.array(entries, dtype=float).reshape(-1, 3)
        lower, upper = ([part.getLb() for part in own], [part.getUb() for part in own])
        return Matrix(
            added[:, 0].astype(np.int64),
            added[:, 1].astype(np.int64),
            added[:, 2],
            np.array([-np.inf if side is None else side for side in lower], dtype=float),
            np.array([np.inf if side is None else side for side in upper], dtype=float),
        )

    def laid_out(self, layout: Layout) -> Program:
        """The same PuLP problem with the labels and numbers of another layout.

        Used once a live model has taken over the numbers. The PuLP problem itself keeps its own. Rows and variables
        added by hand stay.

        Args:
            layout: a layout with the same columns and rows.
        """
        return Program(
            **_parts(layout), problem=self.problem, live=self.live or self, lines=self.lines, measures=self.measures
        )


def _parts(layout: Layout) -> dict[str, Any]:
    return {part.name: getattr(layout, part.name) for part in fields(Layout)}


def write_program(source: Network | Layout, between: Callable[[], None] = lambda: None) -> Program:
    """Write a network, or its layout, as a PuLP problem.

    Args:
        source: the network or the layout.
        between: called before each block and family is written; an error that it raises ends it, as where time is up.
    """
    layout = source if isinstance(source, Layout) else lay_out(source)
    problem = pulp.LpProblem(_problem_name(layout.network))
    blocks = {}
    for block in layout.blocks:
        between()
        blocks[block.spec.name] = _with_variables(problem, layout, block)
    columns = [variable for block in blocks.values() for variable in block.variables]
    problem.setObjective(pulp.lpSum_vars_coefs(zip(columns, layout.numbers.cost.tolist(), strict=True)))
    for rows in layout.families:
        between()
        _add_rows(problem, rows, columns)
    return Program(**{**_parts(layout), **blocks}, problem=problem)


def _problem_name(network: Network) -> str:
    return network.instance.settings.name.replace("-", "_").replace(".", "_")


def _with_variables(problem: pulp.LpProblem, layout: Layout, block: Block) -> Block:
    """The block with one new PuLP variable for each of its rows, added to the problem."""
    part = block.span
    lower, upper, integer = layout.numbers.lower[part], layout.numbers.upper[part], layout.integer[part]
    names = [f"{number:06d}" for number in range(len(block))]
    variables = tuple(problem.add_variable_dicts(block.spec.name, names, lowBound=0).values()) if names else ()
    for position in np.flatnonzero((lower != 0) | (upper != np.inf) | integer):
        variables[position].bounds(
            float(lower[position]), None if np.isinf(upper[position]) else float(upper[position])
        )
        if integer[position]:
            variables[position].cat = pulp.LpInteger
    return replace(block, variables=variables)


def _add_rows(problem: pulp.LpProblem, rows: FamilyRows, columns: list[pulp.LpVariable]) -> None:
    """Add the rows of a family to the PuLP problem, named by family and number."""
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
