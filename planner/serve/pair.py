"""A plan beside its baseline, in the form in which the report's cards and pictures take their runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from planner.instance.instance import Instance
from planner.plan.plan import Plan
from planner.report.findings import Concern, Findings
from planner.report.sections.service_words import Service, service_of
from planner.study.failure import Run

NOW = "this run"


@dataclass(frozen=True)
class Pair(Findings):
    """Two runs: the baseline and the present plan, under names of their own; one run where they are the same.

    Attributes:
        names: of the runs, the baseline's first.
        followed: region or group whose share is followed; "" for the one that matters most.
    """

    names: tuple[str, ...] = ()
    followed: str = field(default="")

    @cached_property
    def policies(self) -> tuple[str | None, ...]:
        """The names of the runs, the baseline's first."""
        return self.names

    @cached_property
    def concern(self) -> Concern:
        """The region that is followed."""
        region = self.followed or followed_by_limits(self.instance) or super().concern.name
        return Concern(region, self.region_name(region), self.instance.regions_of(region))

    @property
    def baseline(self) -> Plan:
        """The plan of the baseline."""
        return self.undisturbed[self.names[0]]

    @property
    def now(self) -> Plan:
        """The present plan."""
        return self.undisturbed[self.names[-1]]

    @cached_property
    def service(self) -> Service:
        """What becomes of the orders in the present plan."""
        return service_of(self.now)

    @cached_property
    def service_before(self) -> Service:
        """What becomes of the orders in the baseline."""
        return self.service if self.same else service_of(self.baseline)

    @property
    def same(self) -> bool:
        """Whether there is one plan only: the present one is the baseline, or the baseline has none."""
        return len(self.names) == 1

    @property
    def alone(self) -> bool:
        """Whether the baseline has no plan."""
        return self.names == (NOW,)


def pair_of(instance: Instance, name: str, baseline: Plan | None, now: Plan, follow: str = "") -> Pair:
    """The runs of a baseline called `name` and of the present plan; one run where they are one, or no baseline is.

    Args:
        instance: as it is given.
        name: of the baseline.
        baseline: its plan; None where it has none.
        now: the present plan.
        follow: region or group to follow; "" for the one that matters most.
    """
    runs: dict[tuple[str | None, str | None], Run] = {(name, None): baseline} if baseline is not None else {}
    if baseline is not now:
        runs[NOW, None] = now
    return Pair(instance, runs, names=tuple(str(key) for key, _ in runs), followed=follow)


def followed_by_limits(instance: Instance) -> str:
    """The region or group that the policies of an instance limit most often; "" where they limit none."""
    known = {*instance.regions, *instance.region_groups}
    named = Counter(
        limit.of
        for policy in instance.policies
        for limit in policy.limits
        if limit.over == "region" and limit.of in known
    )
    return min(named, key=lambda name: (-named[name], name)) if named else ""
