"""The certificate: an independent check, outside the solver, of everything that a plan claims.

Feasibility is checked from the plan's tables against the network's rows, and every derived figure is computed again
from the decisions. For a linear program the row duals give a lower bound on the cost: they are clipped to their sign,
and the reduced costs that follow are priced at finite bounds. The gap between this bound and the cost limits how far
the plan can be from optimal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planner.model.linear_program import LinearProgram, Matrix
from planner.model.program import Program
from planner.solve.decisions_in_tables import decisions_of, places_of
from planner.solve.money import gross_cost
from planner.solve.solution import Array, Solution
from planner.solve.table_check import table_failures
from planner.solve.violation import side_sizes, violations
from planner.text.figures import percent, power_of_ten

VIOLATION = 1e-6
GAP = 1e-6
COSTS_AGREE = 1e-6
IMPLIED = ", with unbounded columns at the bounds that cost and rows imply"
SOLVERS = "the bound is the solver's"
ASSUMED = ", and free flows in a circle at a bound that is assumed: the sum of all sides"


@dataclass(frozen=True)
class Certificate:
    """The result of checking a plan.

    Attributes:
        passed: whether everything below holds.
        largest_violation: the largest violation of a row or bound, relative to the size of the row.
        relative_gap: (cost - proved lower bound) / cost; with integers the solver's bound.
        method: what was checked, in words.
        cost_error: relative difference of the cost components, added up again from the tables, to the objective.
        failures: what did not hold, in words.
    """

    passed: bool
    largest_violation: float
    relative_gap: float
    method: str
    cost_error: float = 0.0
    failures: tuple[str, ...] = ()

    @property
    def by_the_solver(self) -> bool:
        """Whether the lower bound on the cost is the solver's claim, not proved again here (programs with integers)."""
        return SOLVERS in self.method

    @property
    def assumed(self) -> bool:
        """Whether the lower bound on the cost assumes an upper bound for flows in a circle that nothing else bounds."""
        return ASSUMED in self.method

    def in_words(self, status: str, gap: float) -> str:
        """The certificate as a sentence without its figures.

        Args:
            status: of the plan; "optimal", or "feasible" where a limit stopped the proof.
            gap: relative gap to the proved bound, told where it is not optimal.
        """
        if not self.passed:
            return f"NOT right when checked: {'; '.join(self.failures) or 'see its certificate'}"
        added = f"checked: every balance, limit and cost re-added, to {power_of_ten(self.largest_violation)}"
        if status != "optimal":
            return f"{added}; not proved to be the least: the cost may be above it by up to {percent(gap, 2)}"
        text = f"{added}; within {power_of_ten(self.relative_gap)} of the least possible cost"
        if self.by_the_solver:
            return f"{text}, by the solver's own bound"
        return f"{text}, if free flows in a circle stay bounded" if self.assumed else text

    def as_json(self) -> dict[str, object]:
        """The fields of the certificate in JSON output."""
        return {
            "passed": self.passed,
            "largest_violation": self.largest_violation,
            "relative_gap": self.relative_gap,
            "method": self.method,
        }


def certify(
    program: Program, solution: Solution, tables: Mapping[str, pd.DataFrame], own: Array | None = None
) -> Certificate:
    """Check the tables of a plan.

    Args:
        program: the program that was solved.
        solution: the solver's answer (its duals and bound; its values are not used).
        tables: the plan's tables by name.
        own: values of variables that were added to the problem by hand.
    """
    failures: list[str] = []
    with np.errstate(invalid="ignore", over="ignore"):  # figures that are not numbers fail the checks below
        places = places_of(program, tables)
        values = decisions_of(program, tables, places, failures)
        failures += table_failures(program, tables, values, places)
        return _certified(program, solution, tables, values, own, failures)


def _certified(
    program: Program,
    solution: Solution,
    tables: Mapping[str, pd.DataFrame],
    values: Array,
    own: Array | None,
    failures: list[str],
) -> Certificate:
    """The certificate of decisions that were read back from their tables, and what is wrong with these."""
    matrix = program.matrix()
    if own is not None and len(own):
        values = np.concatenate([values, own])
    violation, where = _largest_violation(program, matrix, values)
    if not violation <= VIOLATION:
        failures.append(f"{where} is violated by {violation:.3g} of its size")
    objective = float(solution.objective or 0.0)
    added = float(sum(tables["costs"]["amount"]))
    again = float((program.numbers.cost * values[: program.columns]).sum())
    foreign = objective - again if own is not None and len(own) else 0.0
    scale = gross_cost(program.numbers.cost, values[: program.columns])
    error = max(abs(added - objective + foreign), abs(again - objective + foreign)) / scale
    if not error <= COSTS_AGREE:
        failures.append(f"cost components add up to {added:.10g}, not {objective:.10g}")
    gap, method = _gap(program, matrix, solution, objective, scale)
    # a linear program claims a gap of 0, so it must be proved here to GAP; else the gap is what the solver claims
    if solution.status == "optimal" and not gap <= max(GAP, solution.gap):
        failures.append(f"the proved bound leaves a gap of {gap:.3g}")
    return Certificate(not failures, violation, max(gap, 0.0), method, error, tuple(failures))


def _largest_violation(program: Program, matrix: Matrix, values: Array) -> tuple[float, str]:
    """The largest violation, relative to the largest part of its row or bound, and where it is."""
    free = np.full(len(values) - program.columns, np.inf)  # variables of your own: PuLP knows their bounds
    lower, upper = np.append(program.numbers.lower, -free), np.append(program.numbers.upper, free)
    rows, columns = violations(matrix, lower, upper, values, side_sizes(matrix), program.units)
    worst_row, worst_column = (int(np.argmax(part)) if len(part) else -1 for part in (rows, columns))
    row = float(rows[worst_row]) if worst_row >= 0 else 0.0
    column = float(columns[worst_column]) if worst_column >= 0 else 0.0
    if np.isnan(rows).any() or np.isnan(values).any():
        return float("inf"), "a figure that is no number"
    if row >= column:
        return row, _words(program, program.row_label(worst_row)) if worst_row >= 0 else "nothing"
    return column, "the bound of " + _words(program, program.column_label(worst_column))


def _words(program: Program, label: tuple[str, tuple[object, ...]]) -> str:
    """A row or column as `name (labels)`, periods by their label."""
    names = program.network.labels
    parts = [names[int(part)] if isinstance(part, int | np.integer) else str(part) for part in label[1]]
    return f"{label[0]} ({', '.join(parts)})"


def _gap(program: Program, matrix: Matrix, solution: Solution, objective: float, scale: float) -> tuple[float, str]:
    """The relative gap to a proved bound, and how it was proved."""
    if solution.row_duals is None:
        return solution.gap, "feasibility from the tables; the bound is the solver's"
    if solution.integer:
        return solution.gap, (
            f"feasibility from the tables; {SOLVERS}; duals of the linear program with the integers fixed"
        )
    if len(np.asarray(solution.values)) > program.columns:
        return solution.gap, f"feasibility from the tables; variables of your own: {SOLVERS}"
    whole = replace(program.linear_program, rows=matrix)
    bound, priced = dual_bound(whole, solution.row_duals, objective + scale * GAP)
    method = "feasibility and costs from the tables; dual bound from clipped row duals" + priced
    return (objective - bound) / scale, method


def dual_bound(program: LinearProgram, row_duals: Array, ceiling: float) -> tuple[float, str]:
    """A lower bound on the cost of every plan from any row duals, and how unbounded columns were priced, if any were.

    For duals y: bound = sum_i y_i * (side of row i) + sum_j d_j * (bound of column j), d = c - A'y. A dual whose
    sign has no side is clipped to 0; a reduced cost whose side is unbounded is priced at a bound that every plan
    costing no more than `ceiling` keeps. Any error in y only weakens the bound.
    """
    matrix, lower, upper = program.rows, program.lower, program.upper
    duals = np.where((row_duals > 0) & ~np.isfinite(matrix.lower), 0.0, row_duals)
    duals = np.where((duals < 0) & ~np.isfinite(matrix.upper), 0.0, duals)
    side = np.where(duals > 0, matrix.lower, np.where(duals < 0, matrix.upper, 0.0))
    reduced = program.cost - np.bincount(
        matrix.column, weights=matrix.coefficient * duals[matrix.row], minlength=program.columns
    )
    open_above = (reduced < 0) & ~np.isfinite(upper)
    priced = ""
    if open_above.any():
        top, proved = implied_bounds(program, ceiling)
        upper = np.where(open_above, top, upper)
        priced = IMPLIED if proved[open_above].all() else IMPLIED + ASSUMED
    at = np.where(reduced > 0, lower, np.where(reduced < 0, upper, 0.0))
    return float((duals * side).sum() + (reduced * at).sum()), priced


def implied_bounds(program: LinearProgram, ceiling: float) -> tuple[Array, Array]:
    """Upper bounds of plans that cost no more than `ceiling`, and for each column whether its bound is proved.

    First from the cost: c_j x_j <= ceiling - (the least that all else can cost). Then by propagating finite bounds
    through the rows (columns are >= 0). A column that neither bounds (a free flow in a circle) is assumed to stay below
    the sum of all finite sides times the spread of the coefficients.
    """
    matrix, lower, upper, cost = program.rows, program.lower, program.upper.copy(), program.cost
    cheapest = np.where(cost > 0, lower, np.where(cost < 0, upper, 0.0))
    least = cost * cheapest
    if np.isfinite(least).all():
        room = max(ceiling - float(least.sum()), 0.0)
        at = cost > 0
        upper[at] = np.minimum(upper[at], lower[at] + room / cost[at])
    used = matrix.coefficient != 0
    row, column, value = matrix.row[used], matrix.column[used], matrix.coefficient[used]
    count = len(matrix.lower)
    open_columns = int(np.isinf(upper).sum())
    while open_columns:
        # for a row  sum a_j x_j <= b  and a_k > 0:  x_k <= (b - sum_(j != k) min a_j x_j) / a_k; and its mirror image
        for sign, side in ((1.0, matrix.upper), (-1.0, -matrix.lower)):
            part = sign * value
            smallest = part * np.where(part > 0, lower[column], upper[column])
            free = np.isinf(smallest)
            unbounded = np.bincount(row, weights=free, minlength=count)
            known = np.bincount(row, weights=np.where(free, 0.0, smallest), minlength=count)
            usable = (part > 0) & np.isfinite(side[row]) & (unbounded[row] == 0)
            rest = side[row[usable]] - known[row[usable]] + smallest[usable]
            np.minimum.at(upper, column[usable], np.maximum(rest / part[usable], 0.0))
        before, open_columns = open_columns, int(np.isinf(upper).sum())
        if open_columns == before:
            break
    proved = np.isfinite(upper)
    if open_columns:
        finite = np.concatenate([np.abs(part[np.isfinite(part)]) for part in (matrix.upper, matrix.lower, lower)])
        spread = float(np.abs(value).max() / np.abs(value).min()) if len(value) else 1.0
        upper = np.where(np.isinf(upper), float(finite.sum()) * max(1.0, spread), upper)
    return upper, proved
