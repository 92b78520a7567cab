"""The options of a run: solver, limits of time and gap, and a plan to stay close to."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from numbers import Real

from planner.errors import UsageError
from planner.plan.closeness import Closeness
from planner.solve.deadline import seconds_from_now
from planner.solve.search_progress import Tell
from planner.solve.solve_program import DEFAULT_SOLVER

RANGES = "ranges"  # an option of plans whose prices have the ranges over which they hold


def _number(value: object) -> float | None:
    """A number as one of Python; None where it is none."""
    if isinstance(value, int):
        return value
    return float(value) if isinstance(value, Real) and not math.isnan(value) else None


@dataclass(frozen=True)
class RunOptions:
    """The options of a run, the same for every study and command.

    Attributes:
        solver: PuLP's name of a solver; only HiGHS re-solves live.
        time_limit: seconds for each run; None for no limit.
        gap: relative gap at which integer decisions count as solved.
        deadline: time.perf_counter() by which all runs together end; it then replaces the time limit.
        stay_close_to: an earlier plan: among the plans of least cost, the one that differs least from it is taken; and
            which of its decisions must stay. None for no earlier plan.
        repairs: whether the cheapest repairs are looked for where there is no plan, besides the conflict.
        ranges: whether it is found how far each shadow price holds, which takes some re-solves for each.
        tell: who hears of the best plan while whole decisions are searched for; None for nobody.
    """

    solver: str = DEFAULT_SOLVER
    time_limit: float | None = None
    gap: float = 1e-6
    deadline: float | None = None
    stay_close_to: Closeness | None = None
    repairs: bool = True
    ranges: bool = False
    tell: Tell | None = None

    def __post_init__(self) -> None:
        """Refuse what is no option, and take figures of other libraries, such as NumPy, as those of Python.

        Raises:
            UsageError: the solver is no name, the time limit no number, or the gap no share; ranges are asked for of a
                plan that stays close to another.
        """
        if not isinstance(self.solver, str):
            raise UsageError(f"solver is {self.solver!r:.60}. Give PuLP's name of a solver, e.g. {DEFAULT_SOLVER}.")
        gap = _number(self.gap)
        if gap is None or not 0 <= gap <= 1:
            raise UsageError(f"gap is {self.gap!r:.60}. Give a share from 0 to 1, e.g. 1e-6.")
        limit = None if self.time_limit is None else _number(self.time_limit)
        if limit is None and self.time_limit is not None:
            raise UsageError(f"time_limit is {self.time_limit!r:.60}. Give a number of seconds, or None for no limit.")
        if self.ranges and self.stay_close_to is not None:
            raise UsageError("Ranges of prices are not found beside an earlier plan. Leave out one of the two.")
        object.__setattr__(self, "gap", gap)
        object.__setattr__(self, "time_limit", limit)

    def deadline_from_now(self) -> float | None:
        """The deadline of a run that begins now, as a moment of time.perf_counter(); None for no limit."""
        return seconds_from_now(self.time_limit) if self.deadline is None else self.deadline

    def with_deadline(self) -> RunOptions:
        """The options with the deadline of a run that begins now."""
        return replace(self, deadline=self.deadline_from_now())

    def as_json(self) -> dict[str, object]:
        """The options that a plan remembers, by name."""
        found: dict[str, object] = {"solver": self.solver, "time_limit": self.time_limit, "gap": self.gap}
        if self.ranges:
            found[RANGES] = True
        return found if self.stay_close_to is None else {**found, "stay_close_to": self.stay_close_to.as_json()}
