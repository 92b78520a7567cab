"""The live HiGHS model of a program, filled by PuLP: running it, changing its numbers, reading its answers.

Values and duals are returned by the program's columns and rows, in the user's units. Where figures are far apart, HiGHS
gets the program in scaled units (model/units.py; "inside" below), and its optimum is refined (solve/refining.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import highspy
import numpy as np
import pulp

from planner.errors import SolverError
from planner.model.linear_program import Array
from planner.model.units import Units
from planner.solve.algorithms import DUAL_SIMPLEX, OUTCOMES, Algorithm, Outcome
from planner.solve.deadline import seconds_until
from planner.solve.engine import complaints, ending, new_model
from planner.solve.highs_lp import entries_of, integers_of
from planner.solve.refining import Refined, refined
from planner.solve.scaling import exponents_for, in_units, units_for
from planner.solve.threads import on_new_thread

TOLERANCES = ("primal_feasibility_tolerance", "dual_feasibility_tolerance", "mip_feasibility_tolerance")
TOLERANCE = 1e-9  # in units inside
CHOSEN_WEIGHTS, DEVEX = -1, 1  # edge weights of dual simplex
NO_LIMIT = 2**31 - 1
SCALES = ("user_bound_scale", "user_objective_scale")


class Bounds(NamedTuple):
    """Four arrays: lower and upper bounds by column, lower and upper bounds by row."""

    lower: Array
    upper: Array
    row_lower: Array
    row_upper: Array


@dataclass
class HighsModel:
    """A HiGHS model with a deadline, which can be changed and run again.

    Attributes:
        highs: the model.
        deadline: time.perf_counter() at which it must stop; None for no limit.
        ending: how the last run ended, in HiGHS's own words, for messages.
        units: the units that scale the program inside HiGHS; None where it is not scaled.
        exact: the last optimum, refined, in units inside; None where it is not refined.
        unclear: whether the last run ended without a clear outcome.
    """

    highs: highspy.Highs
    deadline: float | None = None
    ending: str = "it was not run"
    units: Units | None = None
    exact: Refined | None = None
    unclear: bool = False

    @classmethod
    def of(cls, problem: pulp.LpProblem, deadline: float | None = None) -> HighsModel:
        """The HiGHS model of a PuLP problem, not run yet; integer columns stay integer.

        Raises:
            SolverError: HiGHS does not take it; PuLP would go on with what it did take.
        """
        problem.solverModel = new_model()
        pulp.HiGHS(msg=False).buildSolverModel(problem)
        live = cls(problem.solverModel, deadline)
        taken = live.highs.getNumRow() == problem.numConstraints()
        if not (taken and np.isfinite(live.costs()).all()):
            what = "of its costs is 1e20" if taken else "of its coefficients is 1e15"
            raise SolverError(
                f"HiGHS does not take the program, as one {what} or more: look in `planner check` for figures of very "
                "unlike size, and in rows of your own."
            )
        return live

    @property
    def lp(self) -> Any:
        """HiGHS's own copy of the program, in units inside."""
        return self.highs.getLp()

    @contextmanager
    def until(self, deadline: float | None) -> Iterator[None]:
        """Another deadline for the runs in a `with` block."""
        before, self.deadline = self.deadline, deadline
        try:
            yield
        finally:
            self.deadline = before

    def in_inner_units(self) -> HighsModel:
        """The same model with figures in the units inside, for callers that work on HiGHS's own scale."""
        return replace(self, units=None)

    def run(
        self, algorithm: Algorithm = Algorithm.CHOOSE, *, presolve: bool = True, simplex: int = DUAL_SIMPLEX
    ) -> Outcome:
        """Run the model, from its present basis if there is one."""
        self.highs.setOptionValue("solver", algorithm.value)
        self.highs.setOptionValue("presolve", "choose" if presolve else "off")
        self.highs.setOptionValue("simplex_strategy", simplex)
        left = seconds_until(self.deadline)
        if left == 0:
            return Outcome.LIMIT
        if left is not None:
            clock = 0.0 if integers_of(self.lp).any() else self.highs.getRunTime()  # branch and bound has its own
            self.highs.setOptionValue("time_limit", clock + left)
        outcome = self._run()
        if outcome is Outcome.OPTIMAL and self.units is not None:
            self._refine()
        return outcome

    def _run(self) -> Outcome:
        """Run the model with its present options until it ends or the deadline passes.

        HiGHS is silent, as each line of its log would wait for Python's lock; a run after one that ended without a
        clear outcome is listened to.
        """
        self.exact = None
        said: list[str] = []
        self.highs.setOptionValue("output_flag", self.unclear)
        with complaints(self.highs, said) if self.unclear else nullcontext():
            status = on_new_thread(self.highs, self.highs.run)
        self.ending = ending(self.highs, status, said)
        outcome = OUTCOMES.get(self.highs.getModelStatus(), Outcome.UNKNOWN)
        if status == highspy.HighsStatus.kError:  # the model status may be that of an earlier run
            outcome = Outcome.UNKNOWN
        self.unclear = outcome is Outcome.UNKNOWN
        return outcome

    def _refine(self) -> None:
        """Refine the optimum that was just found, where the program is linear and scaled."""
        if integers_of(self.lp).any():
            return
        for option, value in (("solver", Algorithm.SIMPLEX.value), ("presolve", "off")):
            self.highs.setOptionValue(option, value)
        self.exact = refined(self.highs, lambda: self._run() is Outcome.OPTIMAL)

    def run_with_retry(self, algorithm: Algorithm, *, presolve: bool = True) -> Outcome:
        """Run; where the outcome is not clear, run again from cold by simplex without presolve."""
        outcome = self.run(algorithm, presolve=presolve)
        if outcome is Outcome.UNKNOWN:
            self.highs.clearSolver()
            outcome = self.run(Algorithm.SIMPLEX, presolve=False)
        return outcome

    def scale(self) -> None:
        """Scale the program inside HiGHS where its figures are far apart.

        Elsewhere quantities and money that are typically very large or small are scaled as a whole, as tolerances are
        absolute. With integers only money: HiGHS 1.15 scales counts and quantities alike then, and returns plans that
        break rows.
        """
        lp = self.lp
        if self.units is None:
            self.units = units_for(lp)
            if self.units is not None:
                self.highs.passModel(in_units(lp, self.units))
                for option in TOLERANCES:
                    self.highs.setOptionValue(option, TOLERANCE)
        if self.units is None:
            for option, exponent in exponents_for(lp).items():
                self.highs.setOptionValue(option, exponent)

    def values(self) -> Array:
        """The value of each column, in the user's units."""
        inside = np.array(self.highs.getSolution().col_value) if self.exact is None else self.exact.values
        return inside if self.units is None else inside * self.units.column

    def row_duals(self) -> Array:
        """The change of the cost with one more unit of each row's right-hand side, in money."""
        inside = np.array(self.highs.getSolution().row_dual) if self.exact is None else self.exact.row_duals
        return inside if self.units is None else inside * self.units.row / self.units.money

    def reduced_costs(self) -> Array:
        """The reduced cost of each column: the change of the cost with one more unit of it, in money."""
        inside = np.array(self.highs.getSolution().col_dual) if self.exact is None else self.exact.reduced_costs
        return inside if self.units is None else inside / (self.units.column * self.units.money)

    def objective(self) -> float:
        """The value of the objective after the last run, in money."""
        if self.units is None:
            return float(self.highs.getObjectiveValue())
        return float((self.costs() * self.values()).sum()) + float(self.lp.offset_) / self.units.money

    def costs(self) -> Array:
        """The objective's coefficient of each column, in money a unit."""
        inside = np.array(self.lp.col_cost_)
        return inside if self.units is None else inside / (self.units.column * self.units.money)

    def bounds(self) -> Bounds:
        """The bounds of the columns and rows that the model has at the moment."""
        lp = self.lp
        lower, upper = np.array(lp.col_lower_), np.array(lp.col_upper_)
        row_lower, row_upper = np.array(lp.row_lower_), np.array(lp.row_upper_)
        if self.units is None:
            return Bounds(lower, upper, row_lower, row_upper)
        column, row = self.units.column, self.units.row
        return Bounds(lower * column, upper * column, row_lower / row, row_upper / row)

    def entries(self) -> tuple[Array, Array, Array]:
        """The non-zero coefficients as three arrays: row, column, coefficient."""
        row, column, value = entries_of(self.lp)
        return row, column, value if self.units is None else value / (self.units.row[row] * self.units.column[column])

    def set_column_bounds(self, columns: Array, lower: Array, upper: Array) -> None:
        """Set new bounds of the given columns, in the user's units."""
        if len(columns):
            by = 1.0 if self.units is None else self.units.column[columns]
            self.highs.changeColsBounds(len(columns), columns.astype(np.int32), lower / by, upper / by)

    def set_row_bounds(self, rows: Array, lower: Array, upper: Array) -> None:
        """Set new bounds of the given rows, in the user's units."""
        if len(rows):
            by = 1.0 if self.units is None else self.units.row[rows]
            self.highs.changeRowsBounds(len(rows), rows.astype(np.int32), lower * by, upper * by)

    def set_costs(self, cost: Array) -> None:
        """Set new costs of all columns, in money a unit."""
        by = 1.0 if self.units is None else self.units.column * self.units.money
        self.highs.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost * by)

    def fix_integers(self, values: Array, integer: Array) -> None:
        """Fix the integer columns at their (rounded) values and make the program linear.

        Branch and bound leaves HiGHS with its own tolerance for rows, a millionth, which is too coarse for a plan.
        """
        at = np.flatnonzero(integer)
        if not len(at):
            return
        self.highs.setOptionValue("primal_feasibility_tolerance", TOLERANCE)
        fixed = np.round(values[at])
        self.set_column_bounds(at, fixed, fixed)
        self.set_integrality(at, integer=False)

    def set_integrality(self, columns: Array, *, integer: bool) -> None:
        """Make some columns integer or continuous."""
        if len(columns):
            kind = highspy.HighsVarType.kInteger if integer else highspy.HighsVarType.kContinuous
            self.highs.changeColsIntegrality(len(columns), columns.astype(np.int32), np.full(len(columns), kind))

    def make_integer(self, columns: Array, lower: Array, upper: Array) -> None:
        """Make some columns integer again, with their bounds."""
        self.set_column_bounds(columns, lower, upper)
        self.set_integrality(columns, integer=True)
        self.highs.clearSolver()
        self.scale()

    def start_from_plan(self, values: Array) -> None:
        """Have the next run of an integer program begin with a plan: the values of all columns."""
        plan = highspy.HighsSolution()
        plan.col_value = (values if self.units is None else values / self.units.column).tolist()
        plan.value_valid = True
        self.highs.setSolution(plan)

    def add_column(self, cost: float, lower: float, upper: float, rows: Array, coefficients: Array) -> int:
        """Add a column with entries in existing rows, and return its number."""
        if self.units is not None:
            unit = _unit(coefficients * self.units.row[rows])
            coefficients = coefficients * self.units.row[rows] * unit
            cost, lower, upper = cost * unit * self.units.money, lower / unit, upper / unit
            self.units = replace(self.units, column=np.append(self.units.column, unit))
        if self.exact is not None:  # what was refined goes on holding, with the column at its lower bound
            reduced = cost - float((coefficients * self.exact.row_duals[rows]).sum())
            self.exact = replace(
                self.exact,
                values=np.append(self.exact.values, max(lower, 0.0)),
                reduced_costs=np.append(self.exact.reduced_costs, reduced),
            )
        self.highs.addCol(cost, lower, upper, len(rows), rows.astype(np.int32), coefficients.astype(float))
        return int(self.highs.getNumCol()) - 1

    def add_row(self, lower: float, upper: float, columns: Array, coefficients: Array) -> None:
        """Add a row with entries in existing columns; its number is the number of rows before."""
        if self.units is not None:
            unit = _unit(coefficients * self.units.column[columns])
            coefficients = coefficients * self.units.column[columns] * unit
            lower, upper = lower * unit, upper * unit
            self.units = replace(self.units, row=np.append(self.units.row, unit))
        if self.exact is not None:  # a row that does not bind has a dual of 0
            self.exact = replace(self.exact, row_duals=np.append(self.exact.row_duals, 0.0))
        self.highs.addRow(lower, upper, len(columns), columns.astype(np.int32), coefficients.astype(float))

    def basis(self) -> Any:
        """The basis in which the last run ended, for `start_from`."""
        return self.highs.getBasis()

    def start_from(self, basis: Any | None) -> None:
        """Forget all earlier runs, and start the next one from a basis; from nothing where it is None."""
        self.highs.clearSolver()
        if basis is not None:
            self.highs.setBasis(basis)

    def run_hot(self, simplex: int, iterations: int) -> Outcome:
        """Run simplex from the present basis, for at most so many iterations.

        Edge weights are devex: exact weights of a basis that is not slack take longer to compute than a short run.
        """
        self.highs.setOptionValue("simplex_iteration_limit", iterations)
        self.highs.setOptionValue("simplex_dual_edge_weight_strategy", DEVEX)
        try:
            return self.run(Algorithm.SIMPLEX, presolve=False, simplex=simplex)
        finally:
            self.highs.setOptionValue("simplex_iteration_limit", NO_LIMIT)
            self.highs.setOptionValue("simplex_dual_edge_weight_strategy", CHOSEN_WEIGHTS)

    def run_to_tighter_tolerances(self) -> Outcome:
        """Continue by simplex from where the last run ended, without any scaling and to tighter tolerances.

        HiGHS applies its tolerances to scaled figures, so a plan of large quantities can be below zero by more than
        its tolerance in the user's units, where the optimum is at the edge of its basis.
        """
        options = dict.fromkeys(SCALES, 0) | dict.fromkeys(TOLERANCES, TOLERANCE)
        before = {name: self.highs.getOptionValue(name)[1] for name in options}
        try:
            for name, value in options.items():
                self.highs.setOptionValue(name, value)
            return self.run(Algorithm.SIMPLEX, presolve=False)
        finally:
            for name, value in before.items():
                self.highs.setOptionValue(name, value)

    def set_coefficients(self, rows: Array, columns: Array, values: Array) -> None:
        """Set new values of single coefficients; each is given by its row and column."""
        if self.units is not None:
            values = values * self.units.row[rows] * self.units.column[columns]
        for row, column, value in zip(rows.tolist(), columns.tolist(), values.tolist(), strict=True):
            self.highs.changeCoeff(int(row), int(column), float(value))

    def replace_program(self, lp: Any) -> None:
        """Replace the whole program by `lp`, a copy kept from before, and forget all runs and what was added since."""
        self.exact = None
        if self.units is not None:
            column, row = self.units.column[: lp.num_col_], self.units.row[: lp.num_row_]
            self.units = replace(self.units, column=column, row=row)
        self.highs.passModel(lp)

    def tolerance_of(self, number: int, *, bound: bool) -> float:
        """By how much HiGHS lets a row (or, with `bound`, a column) violate its side, in the user's units."""
        tolerance = float(self.highs.getOptionValue("primal_feasibility_tolerance")[1])
        if self.units is not None:
            return tolerance * float(self.units.column[number] if bound else 1.0 / self.units.row[number])
        return tolerance * 2.0 ** -int(self.highs.getOptionValue("user_bound_scale")[1])

    def mip_bound(self) -> float:
        """The lower bound on the cost that HiGHS proved in its last run, of an integer program, in money.

        Minus infinity where the model has been changed since: HiGHS would call its bound 0 then.
        """
        if self.highs.getModelStatus() == highspy.HighsModelStatus.kNotset:
            return -np.inf
        return float(self.highs.getInfo().mip_dual_bound) / (1.0 if self.units is None else self.units.money)

    def has_solution(self) -> bool:
        """Whether the last run ended with a feasible point."""
        return bool(self.highs.getInfo().primal_solution_status == 2)


def _unit(entries: Array) -> float:
    """The unit in which the entries of a new column or row are near to 1."""
    sizes = np.abs(entries[entries != 0])
    return float(2.0 ** -np.rint(np.log2(sizes).mean())) if len(sizes) else 1.0
