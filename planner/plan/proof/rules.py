"""The rules that a run has to keep: its program's rows and bounds in exact decimals, without PuLP and without a solver.

Every number of the program is taken as the shortest decimal that has the same double. For numbers of the data this is
the number that people wrote. Products of several numbers (a discounted cost, a weighted share) are rounded to double
precision, a relative error of 1e-16.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.model.layout import Layout, lay_out
from planner.model.linear_program import Matrix
from planner.network.building import build_network
from planner.network.usable import bounded_by_need
from planner.plan.proof.printed_figures import Figures, decimals, zeros
from planner.solve.solution import Array


class Rules:
    """The program of an instance under a policy.

    Attributes:
        layout: its columns, rows and labels.
    """

    def __init__(
        self,
        instance: Instance,
        policy: Policy | None,
        made: Mapping[str, float] | None = None,
        *,
        held: bool = False,
        every_way: bool = False,
    ) -> None:
        """Build it, as for a solve.

        Args:
            instance: what is planned.
            policy: what is chosen.
            made: good units of each item that the run makes. Estimates of what can be needed (network/usable.py) are
                raised to it, because an estimate is no rule. None where there is no plan.
            held: whether the run was held to an earlier plan, so that it may make more than it needs.
            every_way: whether an item can pass through every site, as in a program to which rows can be added.

        Raises:
            UsageError: the policy or the instance uses something that this version does not plan.
        """
        network = build_network(instance, policy, elsewhere=made if held else None, every_way=every_way)
        self.layout: Layout = lay_out(bounded_by_need(network, made))

    @cached_property
    def matrix(self) -> Matrix:
        """The rows in double precision, for what is not finite in them and where entries stand."""
        return self.layout.matrix()

    @cached_property
    def coefficient(self) -> Array:
        """The coefficients of the entries, as decimals."""
        return decimals(self.matrix.coefficient)

    @cached_property
    def row_sides(self) -> tuple[Array, Array]:
        """The lower and upper sides of the rows, as decimals; 0 where there is none."""
        lower, upper = self.matrix.lower, self.matrix.upper
        return tuple(decimals(np.where(np.isfinite(side), side, 0.0)) for side in (lower, upper))  # type: ignore[return-value]

    @cached_property
    def bounds(self) -> tuple[Array, Array]:
        """The lower and upper bounds of the columns, as decimals; 0 where there is none."""
        numbers = self.layout.numbers
        return tuple(  # type: ignore[return-value]
            decimals(np.where(np.isfinite(side), side, 0.0)) for side in (numbers.lower, numbers.upper)
        )

    @cached_property
    def cost(self) -> Array:
        """The cost of each column, as decimals."""
        return decimals(self.layout.numbers.cost)

    def by_row(self, terms: Array) -> Array:
        """The sum of the terms of the entries in each row."""
        return summed(terms, self.matrix.row, len(self.matrix.lower))

    def by_column(self, terms: Array) -> Array:
        """The sum of the terms of the entries in each column."""
        return summed(terms, self.matrix.column, self.layout.columns)

    def activity(self, values: Figures) -> Figures:
        """The left side of each row."""
        column = self.matrix.column
        value = self.by_row(self.coefficient * values.value[column])
        width = self.by_row(np.abs(self.coefficient) * values.width[column])
        return Figures(value, width, np.ones(len(value), dtype=bool))


def summed(terms: Array, groups: Array, count: int) -> Array:
    """The sums of decimals by group, a number below `count`."""
    found = zeros(count)
    if len(terms):
        order = np.argsort(groups, kind="stable")
        there, first = np.unique(groups[order], return_index=True)
        found[there] = np.add.reduceat(terms[order], first)
    return found
