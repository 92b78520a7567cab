"""The HiGHS model that PuLP left: the only place that speaks to highspy.

Values and duals are returned in the program's columns and rows, in the user's units: HiGHS scales inside.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from enum import Enum
from typing import Any

import highspy
import numpy as np
import pulp

Array = np.ndarray[Any, Any]
LARGE, SMALL = 13, -3  # powers of two between which a typical figure needs no scaling


class Outcome(Enum):
    """How a run of HiGHS ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    LIMIT = "limit"
    UNKNOWN = "unknown"


_OUTCOMES = {
    highspy.HighsModelStatus.kOptimal: Outcome.OPTIMAL,
    highspy.HighsModelStatus.kModelEmpty: Outcome.OPTIMAL,
    highspy.HighsModelStatus.kInfeasible: Outcome.INFEASIBLE,
    highspy.HighsModelStatus.kUnbounded: Outcome.UNBOUNDED,
    highspy.HighsModelStatus.kUnboundedOrInfeasible: Outcome.UNKNOWN,
    highspy.HighsModelStatus.kTimeLimit: Outcome.LIMIT,
    highspy.HighsModelStatus.kIterationLimit: Outcome.LIMIT,
    highspy.HighsModelStatus.kSolutionLimit: Outcome.LIMIT,
    highspy.HighsModelStatus.kMemoryLimit: Outcome.LIMIT,
    highspy.HighsModelStatus.kInterrupt: Outcome.LIMIT,
}


class Algorithm(Enum):
    """Which algorithm of HiGHS runs."""

    CHOOSE = "choose"
    SIMPLEX = "simplex"
    INTERIOR_POINT = "ipm"


PRIMAL_SIMPLEX, DUAL_SIMPLEX = 4, 1
CHOSEN_WEIGHTS, DEVEX = -1, 1  # edge weights of dual simplex
NO_LIMIT = 2**31 - 1


@dataclass
class Live:
    """A HiGHS model, with the clock of its time limit.

    Attributes:
        highs: the model.
        deadline: time.perf_counter() at which it must stop; None for no limit.
    """

    highs: highspy.Highs
    deadline: float | None = None

    @classmethod
    def of(cls, problem: pulp.LpProblem, deadline: float | None = None) -> Live:
        """The model of a PuLP problem, handed over but not run; integer columns stay integer."""
        solver = pulp.HiGHS(msg=False, threads=1)
        solver.createAndConfigureSolver(problem)
        solver.buildSolverModel(problem)
        return cls(problem.solverModel, deadline)

    @property
    def lp(self) -> Any:
        """HiGHS's own copy of the program."""
        return self.highs.getLp()

    def run(
        self, algorithm: Algorithm = Algorithm.CHOOSE, *, presolve: bool = True, simplex: int = DUAL_SIMPLEX
    ) -> Outcome:
        """Run from the basis that is there, if any."""
        self.highs.setOptionValue("solver", algorithm.value)
        self.highs.setOptionValue("presolve", "choose" if presolve else "off")
        self.highs.setOptionValue("simplex_strategy", simplex)
        if self.deadline is not None:
            left = self.deadline - time.perf_counter()
            if left <= 0:
                return Outcome.LIMIT
            self.highs.setOptionValue("time_limit", self.highs.getRunTime() + left)
        self.highs.run()
        return _OUTCOMES.get(self.highs.getModelStatus(), Outcome.UNKNOWN)

    def run_surely(self, algorithm: Algorithm, *, presolve: bool = True) -> Outcome:
        """Run; where the answer is not sure, once more from cold by simplex without presolve."""
        outcome = self.run(algorithm, presolve=presolve)
        if outcome is Outcome.UNKNOWN:
            self.highs.clearSolver()
            outcome = self.run(Algorithm.SIMPLEX, presolve=False)
        return outcome

    def scale(self) -> None:
        """Let HiGHS scale quantities and money that are typically very large or small, by powers of two."""
        lp = self.lp
        quantities = np.concatenate(
            [np.array(part) for part in (lp.col_lower_, lp.col_upper_, lp.row_lower_, lp.row_upper_)]
        )
        costs = np.array(lp.col_cost_)
        for option, figures in (("user_bound_scale", quantities), ("user_objective_scale", costs)):
            self.highs.setOptionValue(option, _exponent(figures))

    def values(self) -> Array:
        """The value of each column."""
        return np.array(self.highs.getSolution().col_value)

    def row_duals(self) -> Array:
        """Cost of one more unit of each row's right-hand side."""
        return np.array(self.highs.getSolution().row_dual)

    def reduced_costs(self) -> Array:
        """Reduced cost of each column."""
        return np.array(self.highs.getSolution().col_dual)

    def objective(self) -> float:
        """The objective."""
        return float(self.highs.getObjectiveValue())

    def bounds(self) -> tuple[Array, Array, Array, Array]:
        """Bounds of columns, then of rows."""
        lp = self.lp
        return (np.array(lp.col_lower_), np.array(lp.col_upper_), np.array(lp.row_lower_), np.array(lp.row_upper_))

    def entries(self) -> tuple[Array, Array, Array]:
        """The non-zeros: row, column, coefficient."""
        matrix = self.lp.a_matrix_
        index, value, start = np.array(matrix.index_), np.array(matrix.value_), np.array(matrix.start_)
        outer = np.repeat(np.arange(len(start) - 1), np.diff(start))
        by_column = matrix.format_ == highspy.MatrixFormat.kColwise
        return (index, outer, value) if by_column else (outer, index, value)

    def set_column_bounds(self, columns: Array, lower: Array, upper: Array) -> None:
        """Change the bounds of some columns."""
        if len(columns):
            self.highs.changeColsBounds(
                len(columns), columns.astype(np.int32), lower.astype(float), upper.astype(float)
            )

    def set_row_bounds(self, rows: Array, lower: Array, upper: Array) -> None:
        """Change the bounds of some rows."""
        if len(rows):
            self.highs.changeRowsBounds(len(rows), rows.astype(np.int32), lower.astype(float), upper.astype(float))

    def set_costs(self, cost: Array) -> None:
        """Change the cost of every column."""
        self.highs.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost.astype(float))

    def relax_integers(self, values: Array, integer: Array) -> None:
        """Fix the integer columns at their (rounded) values and make the program linear."""
        at = np.flatnonzero(integer)
        if not len(at):
            return
        fixed = np.round(values[at])
        self.set_column_bounds(at, fixed, fixed)
        self.highs.changeColsIntegrality(
            len(at), at.astype(np.int32), np.full(len(at), highspy.HighsVarType.kContinuous)
        )

    def set_integrality(self, columns: Array, *, integer: bool) -> None:
        """Let some columns take whole values only, or any."""
        if len(columns):
            kind = highspy.HighsVarType.kInteger if integer else highspy.HighsVarType.kContinuous
            self.highs.changeColsIntegrality(len(columns), columns.astype(np.int32), np.full(len(columns), kind))

    def add_column(self, cost: float, lower: float, upper: float, rows: Array, coefficients: Array) -> int:
        """Add a column and return its number."""
        self.highs.addCol(cost, lower, upper, len(rows), rows.astype(np.int32), coefficients.astype(float))
        return int(self.highs.getNumCol()) - 1

    def add_row(self, lower: float, upper: float, columns: Array, coefficients: Array) -> None:
        """Add a row."""
        self.highs.addRow(lower, upper, len(columns), columns.astype(np.int32), coefficients.astype(float))

    def basis(self) -> Any:
        """The basis of the last run."""
        return self.highs.getBasis()

    def start_from(self, basis: Any | None) -> None:
        """Forget all earlier runs, and start the next one from a basis; from nothing where it is None."""
        self.highs.clearSolver()
        if basis is not None:
            self.highs.setBasis(basis)

    def run_hot(self, simplex: int, iterations: int) -> Outcome:
        """Run simplex from the basis that is there, for at most so many iterations.

        Edge weights are devex: the exact ones of a basis that is not slack take longer to reckon than a short run.
        """
        self.highs.setOptionValue("simplex_iteration_limit", iterations)
        self.highs.setOptionValue("simplex_dual_edge_weight_strategy", DEVEX)
        try:
            return self.run(Algorithm.SIMPLEX, presolve=False, simplex=simplex)
        finally:
            self.highs.setOptionValue("simplex_iteration_limit", NO_LIMIT)
            self.highs.setOptionValue("simplex_dual_edge_weight_strategy", CHOSEN_WEIGHTS)

    def set_coefficients(self, rows: Array, columns: Array, values: Array) -> None:
        """Change some coefficients of the rows."""
        for row, column, value in zip(rows.tolist(), columns.tolist(), values.tolist(), strict=True):
            self.highs.changeCoeff(int(row), int(column), float(value))

    def hand_over(self, lp: Any) -> None:
        """Put a whole program (`lp`, kept from before) in the place of what is there, and forget all runs."""
        self.highs.passModel(lp)

    def row_ranges(self) -> tuple[Array, Array] | None:
        """How far down and up the binding side of each row can go while the basis stays; None where HiGHS has none.

        Where the optimum is degenerate the cost may stay on its line further than this.
        """
        status, found = self.highs.getRanging()
        if status != highspy.HighsStatus.kOk:
            return None
        _, exponent = self.highs.getOptionValue("user_bound_scale")
        down, up = np.array(found.row_bound_dn.value_), np.array(found.row_bound_up.value_)
        return down * 2.0**-exponent, up * 2.0**-exponent  # HiGHS leaves ranges in the figures that it scaled

    def mip_bound(self) -> float:
        """The bound that HiGHS proved on an integer program."""
        return float(self.highs.getInfo().mip_dual_bound)

    def has_solution(self) -> bool:
        """Whether the last run left a feasible point."""
        return bool(self.highs.getInfo().primal_solution_status == 2)

    def conflict(self) -> tuple[Array, Array]:
        """Columns (bounds) and rows that cannot hold together: an irreducible infeasible subset.

        The program must have been found infeasible.
        """
        for strategy in (2, 6, 0):
            self.highs.setOptionValue("iis_strategy", strategy)
            _, found = self.highs.getIis()
            columns, rows = np.array(found.col_index_, dtype=np.int64), np.array(found.row_index_, dtype=np.int64)
            if len(columns) + len(rows):
                return columns, rows
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)

    def falling_column(self) -> int | None:
        """The column along which the cost falls without end, after an unbounded run."""
        _, has_ray = self.highs.getPrimalRayExist()
        if not has_ray:
            return self._free_and_paying()
        _, _, ray = self.highs.getPrimalRay()
        size = np.abs(np.array(ray)) * np.maximum(np.abs(np.array(self.lp.col_cost_)), 1e-12)
        return int(np.argmax(size)) if len(size) else None

    def _free_and_paying(self) -> int | None:
        """The column without an upper bound that pays most, where HiGHS gives no ray."""
        lp = self.lp
        gain = np.where(np.isinf(np.array(lp.col_upper_)), -np.array(lp.col_cost_), 0.0)
        return int(np.argmax(gain)) if len(gain) and gain.max() > 0 else None


def _exponent(figures: Array) -> int:
    """The power of two that brings the typical figure between 2^-3 and 2^13; 0 where it is there already."""
    sizes = np.abs(figures[np.isfinite(figures) & (figures != 0)])
    if not len(sizes):
        return 0
    typical = math.log2(float(np.median(sizes)))
    if typical > LARGE:
        return LARGE - math.ceil(typical)
    if typical < SMALL:
        return SMALL - math.floor(typical)
    return 0
