"""Solving a policy at levels of its limits, on one or two live models, each level once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from queue import SimpleQueue

import numpy as np

from planner.errors import InfeasibleError, LimitReachedError, PlannerError, UnboundedError
from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.model.program import Program, write_program
from planner.network.building import build_network
from planner.plan.from_solution import certified_tables
from planner.plan.planning import plan_program, refuse_unreachable
from planner.plan.run_options import RunOptions
from planner.solve.carried_basis import CarriedBasis
from planner.solve.conflict import TOO_LATE, conflict_of
from planner.solve.cut_off import CutOffError, with_far_more
from planner.solve.deadline import is_over, refuse_when_over
from planner.solve.resolver import Resolver
from planner.solve.solution import Solution, Status
from planner.solve.solve_program import SolveOptions, solve_program
from planner.solve.threads import Pool
from planner.study.frontier.level_search import Point
from planner.study.frontier.levels import MovedLimits, MovedRows, gross_of, lost_units
from planner.study.frontier.points_journal import Journal, Mark, key_of
from planner.study.progress import Effort


class TimeOverError(Exception):
    """The time limit was reached; levels solved before are in the journal."""


class LevelSolver:
    """A policy with moved limits, which can be solved at any level.

    A linear program is written once and re-solved with other numbers, from one basis, each answer checked and its
    cost proved by its row duals. With integers each level is a program of its own (the bounds of its decisions of 0 or
    1 depend on the limits), its plan is certified, and its duals are those with the integers fixed.

    Attributes:
        program: the program that is re-solved.
        solved: number of levels that were solved here.
    """

    def __init__(
        self,
        instance: Instance,
        moved: MovedLimits,
        journal: Journal,
        *,
        tightest: float,
        struck: bool = False,
        effort: Effort,
        start: CarriedBasis | None = None,
    ) -> None:
        """Write the program.

        Args:
            instance: the instance, with the scenario applied.
            moved: the limits that are moved.
            journal: the levels that are known already; solved levels are added to it.
            tightest: the tightest level that will be asked for, as a share.
            struck: whether a scenario was applied. Orders that cannot be reached are then no error in the instance, but
                a reason why there is no plan.
            effort: time, threads and progress. After its deadline no level is solved. Its progress is called before
                each solve with the levels solved, the levels known to be needed, and the next one.
            start: the basis of the policy's plan; None where it is not known.

        Raises:
            InstanceError: orders that must be served cannot be reached, although no scenario was applied.
        """
        self._instance, self._moved, self._journal = instance, moved, journal
        self._deadline, self._start = effort.deadline, start
        network = build_network(instance, moved.written(tightest))
        if not struck:
            refuse_unreachable(network)
        self.program = write_program(network)
        self._rows = MovedRows.of(self.program, moved)
        self.integer = bool(self.program.problem.isMIP())
        self._threads = 1 if self.integer else effort.threads
        self._resolvers: list[Resolver] = []
        self._progress = effort.progress
        self.solved = 0

    @property
    def fallbacks(self) -> int:
        """Number of levels that were solved from cold because the hot start did not prove its answer."""
        return sum(resolver.fallbacks for resolver in self._resolvers)

    def ask(self, levels: Sequence[float]) -> list[Point]:
        """The points of some levels, in order; known ones are not solved again.

        Raises:
            TimeOverError: the time limit was reached.
            UnboundedError: the cost falls without end.
        """
        keys = [key_of(level) for level in levels]
        new = [key for key in dict.fromkeys(keys) if key not in self._journal.points]
        if new:
            self._solve(new)
        return [self._journal.points[key] for key in keys]

    def conflict(self, level: float) -> tuple[str, ...]:
        """The conflict at a level without a plan, as sentences; it is stored unless the time ran out."""
        if level in self._journal.conflicts:
            return self._journal.conflicts[level]
        if is_over(self._deadline):
            return (TOO_LATE,)
        program = write_program(build_network(self._instance, self._moved.at(level)))
        found = tuple(conflict_of(program, self._deadline))
        if not is_over(self._deadline):
            self._journal.add_conflict(level, found)
        return found

    def place(self, policy: Policy) -> Mark:
        """The mark of a policy: its least cost, and the level of the moved limits that its plan keeps.

        Raises:
            TimeOverError: the time limit was reached.
        """
        if policy.name not in self._journal.marks:
            self._tell(0, 1, policy.name)
            try:
                mark, self._start = _measured(self._instance, policy, self._moved, self._deadline, self._start)
            except LimitReachedError as error:
                raise TimeOverError from error  # not stored in the journal, so that a later run tries again
            except InfeasibleError as error:
                mark = Mark(policy.name, note="No plan: " + " ".join(error.summary))
            except PlannerError as error:
                mark = Mark(policy.name, note=str(error).splitlines()[0])
            self._journal.add(mark)
        return self._journal.marks[policy.name]

    def _solve(self, levels: list[float]) -> None:
        """Solve some levels on the live models (or from cold with integers), and store the points."""
        done, known = 0, len(self._journal.points)
        total = known + len(levels)

        def one(idle: SimpleQueue[Resolver | None], level: float) -> None:
            nonlocal done
            self._tell(known + done, total, f"{100 * level:.4g} %")
            resolver = idle.get()
            try:
                point = self._cold(level) if resolver is None else self._again(resolver, level)
            finally:
                idle.put(resolver)
            self._journal.add(point)
            done += 1
            self.solved += 1

        idle: SimpleQueue[Resolver | None] = SimpleQueue()
        models = [None] if self.integer else self._models(len(levels))
        for model in models:
            idle.put(model)
        with Pool(len(models)) as pool:
            futures = [pool.submit(one, idle, level) for level in levels]
            for future in futures:
                future.result()

    def _models(self, count: int) -> list[Resolver]:
        if not self._resolvers:
            self._resolvers = [Resolver(self.program, deadline=self._deadline, start=self._start)]
        if count > 1 and self._threads > 1 and len(self._resolvers) == 1:
            self._resolvers.append(self._resolvers[0].twin())
        return self._resolvers

    def _again(self, resolver: Resolver, level: float) -> Point:
        """A point by a live re-solve, or from cold where no answer passes its check."""
        found, near = _beside(resolver, self._rows, level)
        if found.status is Status.ERROR:
            return self._cold(level)
        return _point(level, found, self._rows, near)

    def _cold(self, level: float) -> Point:
        """A point from a program of its own; its slope is that with the integers fixed."""
        network = build_network(self._instance, self._moved.at(level))
        program = write_program(network)
        try:
            found = self._certified(program)
        except CutOffError:
            program = write_program(with_far_more(network))
            found = self._certified(program)
        rows, near = MovedRows.of(program, self._moved), None
        if found.status is Status.OPTIMAL:
            held, near = _beside(Resolver(program, held=found.values, deadline=self._deadline), rows, level)
            if held.status is Status.LIMIT:
                raise TimeOverError
        return _point(level, found, rows, near)

    def _certified(self, program: Program) -> Solution:
        """The answer of a program that passes its certificate, perhaps at the second try; else an error."""
        for cold in (False, True):
            if is_over(self._deadline):
                raise TimeOverError
            found = solve_program(program, SolveOptions(deadline=self._deadline, cold=cold, priced=False))
            if found.status is not Status.OPTIMAL or certified_tables(program, found).certificate.passed:
                return found
        return Solution(Status.ERROR)

    def _tell(self, done: int, total: int, name: str) -> None:
        if self._progress is not None:
            self._progress(done, total, name)


def _beside(resolver: Resolver, rows: MovedRows, level: float) -> tuple[Solution, Solution | None]:
    """The answer at a level, and one at a level close by that shows its slope, on the tighter side where possible."""
    levels = rows.beside(level)
    return resolver.resolve_beside(
        rows.numbers(level),
        [rows.numbers(at) for at in levels],
        lambda found, number, near: rows.fits(levels[number] - level, found, near),
    )


def _point(level: float, found: Solution, rows: MovedRows, near: Solution | None) -> Point:
    """A point with the slope of an answer close by, since at a breakpoint the row duals are one choice of many."""
    if found.status in {Status.LIMIT, Status.FEASIBLE}:
        raise TimeOverError
    if found.status is Status.UNBOUNDED:
        raise UnboundedError(
            f"With the limits at {100 * level:.4g} % the cost falls without end. Check for a negative cost."
        )
    if found.status is not Status.OPTIMAL:
        return Point(level, str(found.status))
    cost, lost = float(found.objective or 0.0), lost_units(rows.program, found)
    return Point(level, str(found.status), cost, lost, rows.slope(near or found), gross_of(rows.program, found))


def _measured(
    instance: Instance, policy: Policy, moved: MovedLimits, deadline: float | None, start: CarriedBasis | None
) -> tuple[Mark, CarriedBasis | None]:
    """The mark of a policy, from its plan with the moved limits added at a level that limits nothing; and its basis."""
    refuse_when_over(deadline, f"the policy {policy.name} was placed")
    names = [limit.name for limit in policy.limits]
    candidates = (f"level-{number}-" for number in range(len(names) + 1))
    free = next(text for text in candidates if not any(name.startswith(text) for name in names))
    called = {limit.name: f"{free}{number}" for number, limit in enumerate(moved.limits)}
    measures = tuple(
        limit.model_copy(update={"name": called[limit.name], moved.field: moved.neutral, "soft_cost": None})
        for limit in moved.limits
    )
    watched = policy.model_copy(update={"limits": (*policy.limits, *measures)})
    used = [
        row.model_copy(update={"policy": policy.name, "limit": called[row.limit]})
        for row in instance.limits_used
        if row.policy == moved.policy.name and row.limit in called
    ]
    counted = instance.replace(limits_used=(*instance.limits_used, *used)) if used else instance
    program = write_program(build_network(counted, watched))
    plan = plan_program(program, RunOptions(deadline=deadline), priced=False, start=start)
    shares = plan.limits.loc[plan.limits["limit"].str.startswith(free), "share"].dropna()
    level = np.nan if shares.empty else float(shares.min() if moved.floor else shares.max())
    return replace(Mark(policy.name), level=level, cost=plan.objective), plan.basis
