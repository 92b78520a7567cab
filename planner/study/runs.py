"""Runs: an instance under a policy and scenario, as a plan or as a named failure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from planner.errors import InfeasibleError, InstanceError, LimitReachedError, PlannerError, UnboundedError
from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.plan.plan import Plan
from planner.plan.planning import solve


@dataclass(frozen=True)
class Failure:
    """A run without a plan: a value, not an exception, so that the other runs go on.

    Attributes:
        instance: name of the instance.
        policy, scenario: names; None for none.
        status: "infeasible", "unbounded", "limit" or "error".
        message: what happened, for people.
        conflict, repair, problems: what the exception carried.
        error: the exception, where the instance is not right.
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


Run = Plan | Failure


def failure_of(error: PlannerError, instance: str, policy: str | None, scenario: str | None) -> Failure:
    """What a failed run is called, from the exception that ended it."""
    status = {InfeasibleError: "infeasible", UnboundedError: "unbounded", LimitReachedError: "limit"}.get(
        type(error), "error"
    )
    return Failure(
        instance,
        policy,
        scenario,
        status,
        str(error),
        conflict=tuple(getattr(error, "conflict", ())),
        repair=tuple(getattr(error, "repair", ())),
        problems=tuple(problem.as_json() for problem in error.problems) if isinstance(error, InstanceError) else (),
        error=error if isinstance(error, InstanceError) else None,
    )


def attempt(instance: Instance, policy: Policy | None = None, scenario: Scenario | None = None, **options: Any) -> Run:
    """Solve one run; a plan that a limit stopped counts as a plan, with its gap."""
    try:
        return solve(instance, policy, scenario, **options)
    except LimitReachedError as error:
        if error.plan is not None:
            plan: Plan = error.plan
            return plan
        return _failed(error, instance, policy, scenario)
    except PlannerError as error:
        return _failed(error, instance, policy, scenario)


def _failed(error: PlannerError, instance: Instance, policy: Policy | None, scenario: Scenario | None) -> Failure:
    return failure_of(
        error, instance.settings.name, policy.name if policy else None, scenario.name if scenario else None
    )


def survey(
    instance: Instance,
    policies: Sequence[Policy | None],
    scenarios: Sequence[Scenario | None],
    progress: Callable[[int, int, str], None] | None = None,
    **options: Any,
) -> dict[tuple[str | None, str | None], Run]:
    """Every policy under every scenario, each re-solved knowing the scenario from the first period.

    Args:
        instance: what is planned.
        policies, scenarios: in the order to run; None stands for no policy or nothing happening.
        progress: called with (runs done, all runs, name of the next) before each run.
        options: of `planner.solve`.

    Returns:
        runs by (policy name, scenario name).
    """
    pairs = [(policy, scenario) for policy in policies for scenario in scenarios]
    found: dict[tuple[str | None, str | None], Run] = {}
    for done, (policy, scenario) in enumerate(pairs):
        names = (policy.name if policy else None, scenario.name if scenario else None)
        if progress:
            progress(done, len(pairs), " / ".join(name or "none" for name in names))
        run = attempt(instance, policy, scenario, **options)
        if isinstance(run, Failure) and run.error is not None and scenario is None:
            raise run.error  # the instance itself is not right: no run of it means anything
        found[names] = run
    return found


def plans(runs: Iterable[Run]) -> list[Plan]:
    """The runs that have a plan."""
    return [run for run in runs if isinstance(run, Plan)]
