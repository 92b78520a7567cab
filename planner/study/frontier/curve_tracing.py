"""Tracing a frontier: the levels to solve, and their order, until the curve is complete or the time is over."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field

from planner.instance.policy import Policy
from planner.solve.solution import Status
from planner.study.frontier.level_search import RESOLUTION, Point, Search, exact, grid, last_feasible, refined
from planner.study.frontier.level_solves import LevelSolver, TimeOverError
from planner.study.frontier.levels import Levels, MovedLimits
from planner.study.frontier.points_journal import Journal, Mark, key_of

EXACTLY, ROUGHLY = 0.0, 1e-3  # default errors of straight lines, as a part of the cost range


@dataclass
class CurveTracing:
    """A frontier while its curve is traced.

    Attributes:
        solver: solves the policy at a level.
        journal: the levels solved so far.
        moved: the limits that are moved.
        levels: the range and further levels that were asked for.
        loose, tight: the ends of the range.
        search: the search, which calls the solver and counts the levels.
        exactly: whether the curve is convex and straight between breakpoints, so that it can be traced exactly.
        allowed: by how much straight lines between points may err, money.
        traced: whether every level that the curve needs is solved.
        over: whether the time ended before that.
        marks: the policies that were placed beside the curve.
    """

    solver: LevelSolver
    journal: Journal
    moved: MovedLimits
    levels: Levels
    loose: float
    tight: float
    search: Search = field(init=False)
    exactly: bool = field(init=False)
    allowed: float = 0.0
    traced: bool = False
    over: bool = False
    marks: list[Mark] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.search = Search(self.solver.ask, self.levels.most)
        self.exactly = self.moved.floor and not self.solver.integer

    def trace(self, policies: Iterable[Policy]) -> None:
        """Trace the curve, locate the levels for the parts of least cost asked for, and place policies beside it.

        Raises:
            UnboundedError: the cost falls without end.
        """
        try:
            self.allowed = self._curve()
            self.traced = True
            least = self.journal.points[key_of(self.moved.neutral)].cost
            for ratio in self.levels.within:
                points = [point for point in self.points() if point.status == Status.OPTIMAL]
                self._narrow(points, least + ratio * abs(least))
            self.marks += (self._mark(policy) for policy in policies)
        except TimeOverError:
            self.over = True

    def points(self) -> list[Point]:
        """Every known point of the range, from loose to tight."""
        lowest, highest = sorted((self.loose, self.tight))
        points = [point for level, point in self.journal.points.items() if lowest <= level <= highest]
        return sorted(points, key=lambda point: point.level, reverse=not self.moved.floor)

    def _curve(self) -> float:
        """Solve all levels that the curve needs, and return how far its straight lines may err, money."""
        search, own = self.search, self.moved.own
        error = (EXACTLY if self.exactly else ROUGHLY) if self.levels.error is None else self.levels.error
        loose, tight, _ = search.ask([self.loose, self.tight, self.moved.neutral])
        if not loose.solved:
            return 0.0
        if not tight.solved:
            tight, _ = last_feasible(search, loose, tight)
        lowest, highest = sorted((loose.level, tight.level))
        inner = [key_of(level) for level in (*self.levels.at, *([] if own is None else [own]))]
        levels = [level for level in inner if lowest < level < highest]
        if not self.exactly:
            levels += grid(lowest, highest)
        seeds = {point.level: point for point in [loose, tight, *search.ask(levels)] if point.solved}
        if self.exactly:
            exact(search, list(seeds.values()), error)
            return 0.0
        return refined(search, list(seeds.values()), error)

    def _narrow(self, points: list[Point], ceiling: float) -> None:
        """Locate the tightest level that costs at most `ceiling`, by bisection and interpolation.

        Args:
            points: solved points from loose to tight.
            ceiling: money.
        """
        while True:
            inside = list(itertools.takewhile(lambda point: point.cost <= ceiling, points))
            beyond = points[len(inside) :]
            if not inside or not beyond or abs(beyond[0].level - inside[-1].level) <= RESOLUTION:
                return
            low, high = inside[-1], beyond[0]
            way = high.level - low.level
            met, step = (ceiling - low.cost) / (high.cost - low.cost), RESOLUTION / 2 / abs(way)
            parts = sorted({0.5, *(part for part in (met - step, met + step) if 0 < part < 1)})
            asked = self.search.ask([low.level + part * way for part in parts])
            points = [low, *(point for point in asked if point.solved), high]

    def _mark(self, policy: Policy) -> Mark:
        """The mark of a policy; that whose limits are moved is read from the curve, if it has a single level."""
        if policy == self.moved.policy and self.moved.own is not None:
            point = self.journal.points.get(key_of(self.moved.own))
            if point is not None and point.solved:
                return Mark(policy.name, point.level, point.cost)
        return self.solver.place(policy)
