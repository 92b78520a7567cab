"""The tie-break: of all plans of least cost one unique plan, by objectives in succession on ever smaller optimal faces.

The optimal face of a linear program is what satisfies complementary slackness with any of its optimal duals: columns
with a non-zero reduced cost stay at their bound, rows with a non-zero dual stay on their side. It is the same whichever
optimal duals a solver returned. First least cost; then earliest deliveries, or least change from another plan; then,
where units are split by class, fewest deliveries that count as touched, so that a slack limit does not inflate shares;
then weights from a fixed hash of the labels, in which no two plans tie, and which also count relabelling.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from planner.model.linear_program import Array, Matrix
from planner.model.program import Program
from planner.network.provenance import classes_of
from planner.solve.algorithms import PRIMAL_SIMPLEX, Algorithm, Outcome
from planner.solve.certificate import VIOLATION
from planner.solve.decisions_in_tables import ClosenessTarget
from planner.solve.exact_optimum import exact_optimum
from planner.solve.highs_model import HighsModel
from planner.solve.live_numbers import restore_bounds
from planner.solve.money import gross_cost
from planner.solve.noise import without_noise
from planner.solve.solution import Solution
from planner.solve.violation import LEAST

RELATIVE_COST = 1e-9  # of all costs without their signs
RELATIVE_DUAL = 1e-9
NOISE = 1e-12  # relative to the largest dual; smaller duals depend on the path of the solver


@dataclass(frozen=True)
class ChosenPlan:
    """The plan that the tie-break chose.

    Attributes:
        values: value of each column.
        unique: whether every objective was carried through.
    """

    values: Array
    unique: bool


def choose_plan(program: Program, live: HighsModel, cost: Array, close_to: ClosenessTarget | None = None) -> ChosenPlan:
    """The unique plan among those of least cost; `live` holds the solved LP (integers fixed).

    Args:
        program: the program.
        live: its HiGHS model, just solved to optimality.
        cost: cost of each column of the model.
        close_to: a plan to stay close to, instead of delivering early.
    """
    first = live.values()
    objectives = usual_objectives(program, len(cost))
    if close_to is not None:
        objectives[0] = _closeness(live, close_to)
    return minimise_in_succession(live, cost, first, objectives)


def usual_objectives(program: Program, columns: int) -> list[Array]:
    """The objectives of the tie-break, each as weights of the columns of a program, in the order they are minimised.

    Args:
        program: the program.
        columns: number of columns of its model.
    """
    touched = [_touched(program, columns)] if len(program.relabel) else []
    return [_earliness(program, columns), *touched, label_weights(program, columns)]


def minimise_in_succession(
    live: HighsModel, cost: Array, first: Array, objectives: list[Array], matrix: Matrix | None = None
) -> ChosenPlan:
    """The values of least cost that minimise each objective on the optimal face of the one before.

    Args:
        live: a HiGHS model, just solved to optimality (integers fixed).
        cost: cost of each of its columns.
        first: values of least cost.
        objectives: weights of its columns.
        matrix: its rows, where they are known; else they are read from the model.
    """
    least = float((cost * first).sum())
    allowed = RELATIVE_COST * gross_cost(cost, first)
    face = _Face(live, matrix)
    values, unique = face.walk(objectives)
    if not unique or values is None or abs(_sum(cost, values) - least) > allowed:
        face.restore()
        face.keep_below(cost, least + allowed / 2)
        again, unique = face.walk(objectives, from_cost=False)
        if again is not None and _sum(cost, again) - least <= 2 * allowed:
            values = again
        else:
            unique = False
    if values is None or _sum(cost, values) - least > 2 * allowed:
        return ChosenPlan(first, unique=False)
    return ChosenPlan(values[: len(cost)], unique=unique)


def with_plan(program: Program, found: Solution, chosen: ChosenPlan, cost: Array) -> Solution:
    """An answer with the plan that the tie-break chose, and what that costs.

    Args:
        program: the program.
        found: the answer, with any plan of least cost.
        chosen: the plan.
        cost: of each column of the model.
    """
    values = without_noise(program, chosen.values)
    return replace(found, values=values, objective=float((cost * values).sum()), unique=chosen.unique)


def _sum(cost: Array, values: Array) -> float:
    """The cost of values; columns without a cost, which were added later, count as 0."""
    return float((cost * values[: len(cost)]).sum())


class _Face:
    """The current optimal face of a model: its bounds, narrowed step by step, and the original ones."""

    def __init__(self, live: HighsModel, matrix: Matrix | None) -> None:
        self.live = live
        self.original = live.in_inner_units().bounds()
        self.bounds = tuple(part.copy() for part in self.original)
        if matrix is None or live.units is not None:
            self.entries = live.in_inner_units().entries()
        else:
            self.entries = (matrix.row, matrix.column, matrix.coefficient)

    def walk(self, objectives: list[Array], *, from_cost: bool = True) -> tuple[Array | None, bool]:
        """Minimise each objective on the face of the one before.

        Returns:
            the values after the last objective that could be minimised without breaking the program, None where not
            even the first could; and whether all of them could.
        """
        if from_cost:
            self._narrow()
        reached = None
        for number, objective in enumerate(objectives):
            wide = np.zeros(int(self.live.highs.getNumCol()))
            wide[: len(objective)] = objective
            self.live.set_costs(wide)
            if not self._minimised(afresh=number == len(objectives) - 1):
                return reached, False
            found = exact_optimum(self.live, self._broken_by)
            if found.violation > VIOLATION:
                return reached, False
            reached = found.values
            if number < len(objectives) - 1:
                self._narrow()
        return reached, True

    def _minimised(self, *, afresh: bool) -> bool:
        """Whether the present costs could be minimised on the face.

        Most objectives are least close to where the last run ended, and primal simplex gets there in a few steps. The
        last one weighs every decision, and its least is far away: begun `afresh`, presolve takes away all that the
        face holds fixed, and dual simplex needs fewer and cheaper steps.
        """
        live, ended = self.live, self.live.basis()
        if afresh:
            live.start_from(None)
            if live.run(Algorithm.SIMPLEX) is Outcome.OPTIMAL:
                return True
            live.start_from(ended)
        if live.run(Algorithm.SIMPLEX, simplex=PRIMAL_SIMPLEX) is Outcome.OPTIMAL:
            return True
        live.start_from(None)
        return live.run(Algorithm.CHOOSE) is Outcome.OPTIMAL

    def _narrow(self) -> None:
        """Fix columns and rows that complementary slackness with the present duals fixes.

        A reduced cost or dual counts as zero where it is below 1e-9 of the terms that it is the balance of, or where
        all of them are noise beside the largest dual.
        """
        live = self.live.in_inner_units()
        lower, upper, row_lower, row_upper = self.bounds
        reduced, duals = live.reduced_costs(), live.row_duals()
        row, column, value = self.entries
        parts = np.abs(value * duals[row])
        terms = np.abs(live.costs()) + np.bincount(column, weights=parts, minlength=len(lower))
        noise = NOISE * float(np.abs(duals).max(initial=0.0))
        steepest = np.zeros(len(lower))
        np.maximum.at(steepest, column, np.abs(value))
        tolerance = np.maximum(RELATIVE_DUAL * terms, noise * steepest)
        down = (reduced > tolerance) & np.isfinite(lower) & (lower < upper)
        up = (reduced < -tolerance) & np.isfinite(upper) & (lower < upper)
        columns = np.flatnonzero(down | up)
        at = np.where(down, lower, upper)[columns]
        live.set_column_bounds(columns, at, at)
        lower[columns] = upper[columns] = at
        weight = np.zeros(len(row_lower))
        np.maximum.at(weight, row, parts / np.maximum(terms[column], 1e-300))
        low = (duals > noise) & (weight > RELATIVE_DUAL) & np.isfinite(row_lower) & (row_lower < row_upper)
        high = (duals < -noise) & (weight > RELATIVE_DUAL) & np.isfinite(row_upper) & (row_lower < row_upper)
        rows = np.flatnonzero(low | high)
        held = np.where(low, row_lower, row_upper)[rows]
        live.set_row_bounds(rows, held, held)
        row_lower[rows] = row_upper[rows] = held

    def keep_below(self, cost: Array, most: float) -> None:
        """Add a row that keeps a weighted sum of the columns at or below `most`."""
        at = np.flatnonzero(cost)
        self.live.add_row(-np.inf, most, at, cost[at])
        self.entries, self.bounds = self.live.in_inner_units().entries(), self.live.in_inner_units().bounds()

    def _broken_by(self, values: Array) -> float:
        """How far values break the rows and bounds of the program, relative to the size of each, in units inside.

        What complementary slackness holds need not hold together to the last digit: a face may be empty by a hair.
        """
        units = self.live.units
        inside = values if units is None else values / units.column
        least = 1.0 if units is None else LEAST
        lower, upper, row_lower, row_upper = self.original
        row, column, value = self.entries
        own = row < len(row_lower)
        parts = value[own] * inside[column[own]]
        activity = np.bincount(row[own], weights=parts, minlength=len(row_lower))
        size = np.full(len(row_lower), least)
        np.maximum.at(size, row[own], np.abs(parts))
        rows = np.maximum(row_lower - activity, activity - row_upper) / size
        columns = np.maximum(lower - inside, inside - upper) / np.maximum(np.abs(inside), least)
        return max(float(rows.max(initial=0.0)), float(columns.max(initial=0.0)))

    def restore(self) -> None:
        """Restore the original bounds of columns and rows."""
        restore_bounds(self.live.in_inner_units(), self.original)


def _earliness(program: Program, columns: int) -> Array:
    """Weights that maximise sum (T - t) * delivered: minus the number of periods left at each delivery."""
    weights = np.zeros(columns)
    deliveries = program.network.deliveries
    count = len(program.network.labels)
    at = program.ship.first + deliveries["row"].to_numpy(dtype=np.int64)
    weights[at] = deliveries["period"].to_numpy(dtype=float) - count
    return weights


def _closeness(live: HighsModel, close_to: ClosenessTarget) -> Array:
    """Weights whose sum is the total change from a plan; the columns that measure it are added to the model.

    sum_C x_C = x0 + up - down with up and down at least 0: the change is up + down. Where x0 is 0 it is x itself.
    """
    amount = np.append(close_to.amount, np.nan)[close_to.group]  # of each column; NaN where it is no decision
    weights = np.zeros(int(live.highs.getNumCol()))
    weights[: len(amount)] = amount == 0
    extra: list[float] = []
    kept = np.flatnonzero(amount != 0)
    kept = kept[close_to.group[kept] >= 0]
    order = kept[np.argsort(close_to.group[kept], kind="stable")]
    groups, starts = np.unique(close_to.group[order], return_index=True)
    for group, columns in zip(groups, np.split(order, starts)[1:], strict=True):
        target = float(close_to.amount[group])
        row = np.array([live.highs.getNumRow()])
        live.add_row(target, target, columns, np.ones(len(columns)))
        for sign in (-1.0, 1.0):
            live.add_column(0.0, 0.0, np.inf, row, np.array([sign]))
        extra += [1.0, 1.0]
    return np.concatenate([weights, extra])


def _touched(program: Program, columns: int) -> Array:
    """The number of watches in the class of each delivery; 0 for all other columns."""
    weights = np.zeros(columns)
    deliveries = program.network.deliveries
    at = program.ship.first + deliveries["row"].to_numpy(dtype=np.int64)
    weights[at] = deliveries["touched"].map(lambda touched: len(classes_of(touched))).to_numpy(dtype=float)
    return weights


def label_weights(program: Program, columns: int) -> Array:
    """A weight from 1 to 2 for each column, from a hash of its block and labels: the same in every process."""
    weights = np.ones(columns)
    for block in program.blocks:
        labels = zip(*(block.labelled[key].tolist() for key in block.keys), strict=True) if len(block) else ()
        for offset, label in enumerate(labels):
            weights[block.first + offset] = fixed_weight(block.spec.name, *label)
    return weights


@lru_cache(maxsize=2**18, typed=True)
def fixed_weight(*labels: object) -> float:
    """A weight from 1 to 2 from a hash of labels: the same in every process.

    Remembered, since programs of one instance have most labels in common; by their types too, as 1 and 1.0 are equal.
    """
    digest = hashlib.blake2b("\x1f".join(map(str, labels)).encode(), digest_size=6).digest()
    return 1.0 + int.from_bytes(digest) / 2**48
