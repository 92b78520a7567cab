"""A run: a plan, or a failure that says why there is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from planner.errors import InfeasibleError, InstanceError, LimitReachedError, PlannerError, UnboundedError
from planner.plan.case import names_of
from planner.plan.plan import Plan
from planner.plan.proof.kept import RowWeights
from planner.solve.solution import Status
from planner.text.cases import run_called


@dataclass(frozen=True)
class Failure:
    """A run without a plan: a value, not an exception, so that the other runs go on.

    Attributes:
        instance: name of the instance.
        policy, scenario: names; None for none.
        status: "infeasible", "unbounded", "limit" or "error".
        message: what happened, for people.
        in_full: the message with every row of the conflict; empty where it is the same as `message`.
        conflict, repair, problems: the fields of the exception.
        error: the exception, where the instance is not right.
        summary: the conflict in groups; empty where there is no conflict.
        kept: the row weights that prove that no plan exists; None where they were not computed.
    """

    instance: str
    policy: str | None
    scenario: str | None
    status: str
    message: str
    conflict: tuple[str, ...] = ()
    repair: tuple[dict[str, Any], ...] = ()
    problems: tuple[dict[str, Any], ...] = field(default=())
    error: InstanceError | None = field(default=None, repr=False, compare=False)
    in_full: str = field(default="", repr=False)
    summary: tuple[str, ...] = field(default=(), repr=False)
    kept: RowWeights | None = field(default=None, repr=False, compare=False)

    def as_json(self, run: str | None = None) -> dict[str, Any]:
        """The object that JSON output shows in place of a plan's."""
        found: dict[str, Any] = {
            "schema_version": 1,
            "instance": self.instance,
            "policy": self.policy,
            "scenario": self.scenario,
            "status": self.status,
            "message": self.message,
            "run": run,
        }
        if self.status == "infeasible":
            found |= {"conflict": list(self.conflict), "repair": list(self.repair)}
        if self.problems:
            found["problems"] = list(self.problems)
        return found

    def as_error(self) -> PlannerError:
        """The exception that the failure stands for."""
        if self.status == "infeasible":
            return InfeasibleError(self.conflict, self.repair, self.summary, self.scenario or "")
        kinds: dict[str, type[PlannerError]] = {"unbounded": UnboundedError, "limit": LimitReachedError}
        return self.error or kinds.get(self.status, PlannerError)(self.message)


Run = Plan | Failure


def failure_of(error: PlannerError, instance: str, policy: str | None, scenario: str | None) -> Failure:
    """The failure that stands for an exception which ended a run."""
    return Failure(
        instance,
        policy,
        scenario,
        status_of(error),
        str(error),
        conflict=tuple(getattr(error, "conflict", ())),
        repair=tuple(getattr(error, "repair", ())),
        problems=tuple(problem.as_json() for problem in error.problems) if isinstance(error, InstanceError) else (),
        error=error if isinstance(error, InstanceError) else None,
        in_full=error.in_full if isinstance(error, InfeasibleError) else "",
        summary=tuple(error.summary) if isinstance(error, InfeasibleError) else (),
    )


def status_of(error: PlannerError) -> str:
    """The status of a run that an exception ended: infeasible, unbounded, limit or error."""
    kinds = {InfeasibleError: "infeasible", UnboundedError: "unbounded", LimitReachedError: "limit"}
    return kinds.get(type(error), "error")


def run_names(run: Run) -> tuple[str | None, str | None]:
    """The names of a run's policy and scenario; None for none."""
    if isinstance(run, Failure):
        return run.policy, run.scenario
    return names_of(run.policy, run.scenario)


def unproved(runs: Iterable[Run]) -> list[str]:
    """Names of the runs that a limit ended before a proof, with or without a plan."""
    found = []
    for run in runs:
        if run.status in {Status.LIMIT, Status.FEASIBLE}:
            policy, scenario = run_names(run)
            found.append(run_called(policy, scenario))
    return found
