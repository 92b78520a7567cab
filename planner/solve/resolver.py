"""Re-solving: a live model with other numbers, always from the baseline's basis, and restored afterwards.

Every re-solve starts from the basis of the baseline, so that no answer depends on earlier ones. Where the answer of the
hot start does not pass its check (solve/checked_solves.py), where it takes too long, or where much of the baseline is
ruled out, the program is solved from cold. Only where that fails too is the result an error.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from planner.model.linear_program import Array, LinearProgram, Matrix
from planner.model.program import Numbers, Program
from planner.solve.algorithms import DUAL_SIMPLEX, PRIMAL_SIMPLEX, Algorithm, Outcome
from planner.solve.basis_ranges import Ranges, ranges_of
from planner.solve.carried_basis import CarriedBasis
from planner.solve.checked_solves import CheckedSolves, answer_from
from planner.solve.deadline import is_over
from planner.solve.highs_model import HighsModel
from planner.solve.layout_difference import Coefficients
from planner.solve.linear_and_integer import integer_columns, leave_out_rows_of_capacity
from planner.solve.live_numbers import costs_alone_differ, program_in, set_numbers, with_coefficients, with_numbers
from planner.solve.one_sided_prices import one_sided_prices
from planner.solve.solution import Solution, Status
from planner.solve.tie_break import minimise_in_succession, with_plan

MANY = 60  # decisions that are ruled out, from which cold is faster (instances/accelerators: 40 are not, 64 are)
TIGHT = 1e-7  # relative to a decision; it is outside a bound that it passes by more

Question = tuple[Numbers, Coefficients | None]

__all__ = ["Coefficients", "Question", "Resolver"]


class Resolver:
    """A program that was solved once, and can be solved again with other numbers.

    It has one HiGHS model and belongs to one thread; `twin` makes another.

    Attributes:
        program: what was handed over; it is not changed.
        solves: solves the model as it is at the moment, hot or from cold.
        baseline: the answer with the program's own numbers; its status says so where there is no plan.
        held: values of all columns at which integers are fixed; None where there are none, or they are free.
        linear: whether re-solves are linear programs, so that they have row duals.
        resolves: number of re-solves so far.
        fallbacks: how many of them the hot start could not answer, so that they were solved from cold.
        ended: the basis of the last answer of `solve_other`, before its tie-break.
    """

    def __init__(
        self,
        program: Program,
        *,
        held: Array | None = None,
        deadline: float | None = None,
        twin: Resolver | None = None,
        first: Algorithm | None = None,
        start: CarriedBasis | None = None,
    ) -> None:
        """Hand the program over and solve it.

        Args:
            program: the program, with rows and variables of your own if any.
            held: values of all columns, of a plan; integer columns stay at them, whatever bounds a re-solve gives
                them, and the program is linear. Without it integers are decided anew by each re-solve.
            deadline: time.perf_counter() after which every answer is `limit`.
            twin: another one of the same program, whose baseline is taken over.
            first: the algorithm that solves the baseline; by the number of columns where it is not given.
            start: the basis of a program much like this one, from which the baseline is solved.
        """
        self.program = program
        self.resolves = self.fallbacks = 0
        self.ended: Any | None = None
        self.live = HighsModel.of(program.problem, deadline)
        mixed = bool(program.problem.isMIP())
        self.linear = not mixed or held is not None
        self.held = held if mixed else None
        if self.held is not None:
            integer = integer_columns(program)
            self.live.fix_integers(self.held, integer)
            leave_out_rows_of_capacity(self.live, program, self.held)
            self._held = np.flatnonzero(integer)
        else:
            self._held = np.zeros(0, dtype=np.int64)
        self.solves = CheckedSolves(self.live, linear=self.linear)
        self._base = program_in(self.live, program)
        self.live.scale()
        self._pristine, self._units = self.live.lp, self.live.units
        if twin is None:
            begun = answer_from(start, program, self.live) if self.linear else None
            self.baseline = begun or self.solves.cold(self._base, first=first)
            self.basis = self.live.basis() if self.linear and self.baseline.status is Status.OPTIMAL else None
        else:
            self.baseline, self.basis = twin.baseline, twin.basis

    @property
    def matrix(self) -> Matrix:
        """The rows of the model, those added by hand included."""
        return self._base.rows

    @property
    def cost(self) -> Array:
        """The cost of each column of the model, those of variables added by hand included."""
        return self._base.cost

    @property
    def deadline(self) -> float | None:
        """time.perf_counter() after which every answer is `limit`; None for never. It can be set."""
        return self.live.deadline

    @deadline.setter
    def deadline(self, deadline: float | None) -> None:
        self.live.deadline = deadline

    def twin(self) -> Resolver:
        """A second model for another thread, with the same program and baseline."""
        return Resolver(self.program, held=self.held, deadline=self.deadline, twin=self)

    def resolve(
        self,
        numbers: Numbers,
        coefficients: Coefficients | None = None,
        *,
        proof: bool = True,
        afresh: bool = False,
        objectives: Sequence[Array] = (),
    ) -> Solution:
        """Solve with other numbers; afterwards the model is as it was.

        Args:
            numbers: all numbers of the program; those that differ from the baseline's are changed.
            coefficients: coefficients that differ, if any.
            proof: whether the row duals must prove the cost, besides that values keep rows and bounds. Without it
                the solver's claim that the plan is optimal is accepted.
            afresh: whether so much changes that the baseline's basis is no help: it is solved from cold at once.
            objectives: what is minimised in succession among the plans of least cost (solve/tie_break.py); without any,
                the values are of one plan of many.

        Returns:
            the answer, with row duals where the program is linear. Its method says whether it came from a hot
            start. The status `error` says that no answer passed the check.
        """
        self.resolves += 1
        target = self._target(numbers, coefficients)
        with self._changed(target, coefficients, anew=bool(objectives)):
            if coefficients is None and not afresh:
                found = self._answer(target, proof=proof)
            else:
                found = self.solves.cold(target, proof=proof)
            return self._chosen(self.program, found, target, objectives) if objectives else found

    def resolve_beside(
        self, at: Question, beside: Sequence[Question], fits: Callable[[Solution, int, Solution], bool]
    ) -> tuple[Solution, Solution | None]:
        """Solve with other numbers and then, from that basis, with numbers close by.

        Where the optimum is degenerate its row duals are one choice of many; those a little to one side are the price
        on that side, whatever the solver chose.

        Args:
            at: numbers and coefficients, as in `resolve`.
            beside: numbers and coefficients close by, in the order to be tried; the coefficients at the same places.
            fits: whether the answer of `at` goes with another, given its number among those beside.

        Returns:
            the answer, and the first one beside it that is right and fits; None where there is none.
        """
        self.resolves += 1
        target = self._target(*at)
        with self._changed(target, at[1]):
            found = self._answer(target) if at[1] is None else self.solves.cold(target)
            if found.status is not Status.OPTIMAL or not self.linear:
                return found, None
            basis = self.live.basis()
            for number, (numbers, coefficients) in enumerate(beside):
                near = self._near(basis, target, self._target(numbers, coefficients), coefficients)
                if near is not None and fits(found, number, near):
                    return found, near
            over = is_over(self.deadline)
            return (Solution(Status.LIMIT, method="time limit") if over else found), None

    def _near(
        self, basis: Any, before: LinearProgram, target: LinearProgram, coefficients: Coefficients | None
    ) -> Solution | None:
        """The answer from the basis of a nearby optimum; None where it does not pass the check."""
        self.live.start_from(basis)
        set_numbers(self.live, before, target)
        if coefficients is not None:
            self.live.set_coefficients(coefficients.row, coefficients.column, coefficients.value)
        try:
            return self.solves.hot(target, DUAL_SIMPLEX)[1]
        finally:
            set_numbers(self.live, target, before)

    def solve_other(
        self,
        program: Program,
        coefficients: Coefficients,
        objectives: Sequence[Array],
        *,
        priced: bool = False,
        start: Any | None = None,
    ) -> Solution:
        """Solve another program of the same structure and choose its unique plan; afterwards the model is as it was.

        Where the hot start finds no plan, the answer is `infeasible` at once: to explain it, the caller has to build
        the program anew.

        Args:
            program: the program, on the same problem (`Program.laid_out`).
            coefficients: those in which it differs.
            objectives: what is minimised in succession among the plans of least cost (solve/tie_break.py).
            priced: whether the prices of its rows are wanted.
            start: the basis in which a program with numbers close to these ended, as HiGHS has it or carried from
                another program; that of the baseline without it.

        Returns:
            the answer, with the row duals of the first solve and the seconds of each phase, and without its basis
            (`ended` is that as HiGHS has it).
        """
        self.resolves += 1
        target = self._target(program.numbers)
        begun, rows = time.perf_counter(), program.matrix()
        target = replace(target, rows=replace(rows, lower=target.rows.lower, upper=target.rows.upper))
        with self._changed(target, coefficients):
            if isinstance(start, CarriedBasis):
                start = start.carried_to(program, self.live) if start.fits(program) else None
            found = self._answer(target, anew=True, start=start)
            self.ended = self.live.basis() if found.status is Status.OPTIMAL else None
            if priced and found.status is Status.OPTIMAL:
                found = replace(found, prices=one_sided_prices(program, self.live))
            solved = time.perf_counter()
            if found.status is not Status.OPTIMAL:
                return replace(found, seconds={"solver": solved - begun})
            found = self._chosen(program, found, target, objectives)
        return replace(found, seconds={"solver": solved - begun, "tie_break": time.perf_counter() - solved})

    def _chosen(
        self, program: Program, found: Solution, target: LinearProgram, objectives: Sequence[Array]
    ) -> Solution:
        """An answer that was just found with the values of its unique plan; `limit` where the deadline comes first."""
        if found.status is not Status.OPTIMAL:
            return found
        values = np.asarray(found.values)
        if self.linear or self.solves.held(target, values).status is Status.OPTIMAL:
            chosen = minimise_in_succession(self.live, target.cost, values, list(objectives), target.rows)
            found = with_plan(program, found, chosen, target.cost)
        over = not found.unique and is_over(self.deadline)
        return Solution(Status.LIMIT, method="time limit") if over else found

    @contextmanager
    def _changed(
        self, target: LinearProgram, coefficients: Coefficients | None, *, anew: bool = False
    ) -> Iterator[None]:
        """The model with other numbers and coefficients; at the end they are restored, by a full copy if need be.

        Args:
            target: the numbers.
            coefficients: those that differ, if any.
            anew: whether it is changed further meanwhile.
        """
        try:
            set_numbers(self.live, self._base, target)
            if coefficients is not None:
                self.live.set_coefficients(coefficients.row, coefficients.column, coefficients.value)
            yield
        finally:
            if coefficients is None and not anew:
                set_numbers(self.live, target, self._base)
            else:
                self.live.units = self._units
                self.live.replace_program(self._pristine)
                if not self.linear:
                    self.live.scale()

    def ranges(self) -> Ranges | None:
        """How far each figure can move while the baseline's basis stays optimal; None without a basis."""
        if self.basis is None:
            return None
        self.live.start_from(self.basis)
        self.live.run_hot(DUAL_SIMPLEX, self.solves.patience)
        return ranges_of(self.live)

    def _upset(self, target: LinearProgram) -> int:
        """The number of columns whose value in the baseline is outside other bounds."""
        values = np.asarray(self.baseline.values)
        room = TIGHT * (1.0 + np.abs(values))
        return int(((values > target.upper + room) | (values < target.lower - room)).sum())

    def _answer(
        self, target: LinearProgram, *, proof: bool = True, anew: bool = False, start: Any | None = None
    ) -> Solution:
        """The answer of the hot start where it passes the check, else that from cold.

        Where much of the baseline's plan is ruled out, its basis is no help, and the answer is from cold at once.
        With `anew`, a hot start that finds the program infeasible is believed.
        """
        if self.basis is None or (start is None and self._upset(target) > MANY):
            return self.solves.cold(target, proof=proof)
        simplex = DUAL_SIMPLEX if start is not None else self._simplex_from_baseline(target, whole=anew)
        self.live.start_from(self.basis if start is None else start)
        outcome, found = self.solves.hot(target, simplex, proof=proof)
        if found is not None:
            return found
        if anew and outcome is Outcome.INFEASIBLE:
            return Solution(Status.INFEASIBLE)
        self.fallbacks += 1
        return self.solves.cold(target, proof=proof)

    def _simplex_from_baseline(self, target: LinearProgram, *, whole: bool) -> int:
        """The simplex that takes the fewest iterations from the baseline's basis (measured).

        Where costs are as they were it is dual simplex, and primal where nothing else changed. Where both costs and
        bounds changed, those of a whole plan are all a little off: dual simplex, which shifts costs and mends them at
        its end. Other re-solves minimise something else altogether: primal.

        Args:
            target: the program that the model holds at the moment.
            whole: whether its numbers are those of a plan.
        """
        if whole:
            return PRIMAL_SIMPLEX if costs_alone_differ(target, self._base) else DUAL_SIMPLEX
        return DUAL_SIMPLEX if np.array_equal(target.cost, self._base.cost) else PRIMAL_SIMPLEX

    def _target(self, numbers: Numbers, coefficients: Coefficients | None = None) -> LinearProgram:
        """The program of the model with other numbers and coefficients."""
        target = with_numbers(self._base, self.program, numbers, self._held)
        return target if coefficients is None else with_coefficients(target, coefficients)
