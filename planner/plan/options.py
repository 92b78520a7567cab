"""How a run is solved, whoever asks for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from planner.plan.plan import Plan
from planner.solve.deadline import seconds_from_now
from planner.solve.solve_program import DEFAULT_SOLVER


@dataclass(frozen=True)
class Options:
    """How a run is solved.

    Attributes:
        solver: PuLP's name of a solver; only HiGHS re-solves live.
        time_limit: seconds for each run; None for no limit.
        gap: relative gap at which integer decisions count as solved.
        deadline: time.perf_counter() by which all runs together end; the time limit is then how it was asked for.
        stay_close_to: among the plans of least cost, the one that changes this plan least.
    """

    solver: str = DEFAULT_SOLVER
    time_limit: float | None = None
    gap: float = 1e-6
    deadline: float | None = None
    stay_close_to: Plan | None = None

    def ends(self) -> float | None:
        """The deadline of a run that begins now."""
        return seconds_from_now(self.time_limit) if self.deadline is None else self.deadline

    def begun(self) -> Options:
        """The same for a run that begins now."""
        return replace(self, deadline=self.ends())

    def as_json(self) -> dict[str, object]:
        """The options as a plan remembers them."""
        return {"solver": self.solver, "time_limit": self.time_limit, "gap": self.gap}
