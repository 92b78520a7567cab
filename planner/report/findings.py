"""What a report is about: the runs in order, the region of concern, and the losses in the scenarios."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from planner.instance.instance import Instance
from planner.instance.policy import Policy, rules_of
from planner.plan.measures import hhi
from planner.plan.plan import Plan
from planner.plan.rounding import rounded
from planner.report.studies import Studies
from planner.study.failure import Failure, Run
from planner.study.policy_split import content_of
from planner.text.cases import NO_POLICY

Runs = Mapping[tuple[str | None, str | None], Run]
UNDISTURBED = "undisturbed"
NOISE = 1e-7


@dataclass(frozen=True)
class Concern:
    """The region, or group of regions, whose share the report follows."""

    name: str
    title: str
    regions: tuple[str, ...]


@dataclass(frozen=True)
class Loss:
    """What a scenario takes from a policy, against the same policy undisturbed."""

    policy: str | None
    scenario: str
    cost: float
    lost: float


@dataclass(frozen=True)
class Findings:
    """An instance and its runs, and the figures that the report derives from them.

    Attributes:
        instance: as it is undisturbed.
        runs: by (policy name, scenario name); None for no policy, and for the undisturbed run.
        studies: what was found beside the runs; empty where nothing was.
    """

    instance: Instance
    runs: Runs
    studies: Studies = field(default_factory=Studies)

    @cached_property
    def policies(self) -> tuple[str | None, ...]:
        """Names of the policies, fewest limits first; then fewest limited stages, most options, and least cost.

        Between policies that are equal in all of this what they say decides, and only then what they are called: the
        first and the last are what a report compares.
        """
        names = dict.fromkeys(policy for policy, _ in self.runs)

        def order(name: str | None) -> tuple[int, int, int, float, str, str]:
            policy, plan = self.policy(name), self.plan(name)
            cost = math.inf if plan is None else float(rounded([plan.objective])[0])
            limits, stages, options = rules_of(policy).limits, self.limited_stages(name), self.allowed(name)
            return len(limits), len(stages), -len(options), cost, content_of(policy, self.instance), name or ""

        return tuple(sorted(names, key=order))

    @cached_property
    def scenarios(self) -> tuple[str, ...]:
        """Names of the scenarios, the dearest for the first policy first; those without a plan lead."""
        names = dict.fromkeys(scenario for _, scenario in self.runs if scenario is not None)
        size = {name: self.cost_change(self.policies[0], name) for name in names}
        return tuple(sorted(names, key=lambda name: (-math.inf if math.isnan(size[name]) else -size[name], name)))

    @cached_property
    def probability(self) -> dict[str, float]:
        """Probability of each scenario; those without one are 0."""
        given = {scenario.name: scenario.probability or 0.0 for scenario in self.instance.scenarios}
        return {name: float(given.get(name, 0.0)) for name in self.scenarios}

    @cached_property
    def scenario_titles(self) -> dict[str, str]:
        """What happens, in a line."""
        titles = {scenario.name: scenario.title for scenario in self.instance.scenarios}
        return {name: titles.get(name) or name for name in self.scenarios}

    @cached_property
    def periods(self) -> tuple[str, ...]:
        """Labels of the reported periods."""
        return self.instance.report_labels

    @property
    def period_word(self) -> str:
        """What a period is called."""
        return self.instance.periods.length or "period"

    @property
    def currency(self) -> str:
        """Currency of all money."""
        return self.instance.settings.currency

    @cached_property
    def making_regions(self) -> tuple[str, ...]:
        """Regions with sites, the largest share first (over all stages of the first plan)."""
        sums: Counter[str] = Counter()
        for plan in self.undisturbed.values():
            for row in plan.exposure_summary:
                if row["over"] == "region":
                    sums[row["of"]] += row["share"]
        regions = {site.region for site in self.instance.sites}
        return tuple(sorted(regions, key=lambda region: (-sums[region], region)))

    @cached_property
    def undisturbed(self) -> dict[str | None, Plan]:
        """The undisturbed plan of each policy that has one."""
        return {name: run for name in self.policies if isinstance(run := self.runs.get((name, None)), Plan)}

    @cached_property
    def first(self) -> str | None:
        """The policy with which the others are compared: the first one that has an undisturbed plan."""
        return next(iter(self.undisturbed), self.policies[0])

    def policy(self, name: str | None) -> Policy | None:
        """The policy of a name."""
        found = [
            run.policy
            for (policy, _), run in self.runs.items()
            if policy == name and isinstance(run, Plan) and run.policy
        ]
        known = {policy.name: policy for policy in self.instance.policies}
        return found[0] if found else known.get(name or "")

    def label(self, policy: str | None) -> str:
        """What a policy is called."""
        return NO_POLICY if policy is None else policy

    def region_name(self, region: str) -> str:
        """The name of a region or group for people."""
        return self.instance.settings.region_name(region)

    def allowed(self, policy: str | None) -> tuple[str, ...]:
        """The expansion options that a policy may use."""
        every = tuple(row.option for row in self.instance.expansions)
        chosen = self.policy(policy)
        return every if chosen is None or chosen.options is None else chosen.options

    def plan(self, policy: str | None, scenario: str | None = None) -> Plan | None:
        """A run's plan, if it has one."""
        run = self.runs.get((policy, scenario))
        return run if isinstance(run, Plan) else None

    def failure(self, policy: str | None, scenario: str | None = None) -> Failure | None:
        """A run's failure, if it has no plan."""
        run = self.runs.get((policy, scenario))
        return run if isinstance(run, Failure) else None

    def limited_stages(self, policy: str | None) -> tuple[str, ...]:
        """The stages that a policy limits, in order of the chain."""
        chosen = self.policy(policy)
        named = {limit.stage for limit in chosen.limits} if chosen else set()
        return tuple(stage for stage in self.instance.stages if stage in named)

    @cached_property
    def concern(self) -> Concern:
        """The region that the policies' limits name most, else the one with the largest share of any stage."""
        known = {*self.instance.regions, *self.instance.region_groups}
        named = Counter(
            limit.of
            for name in self.policies
            if (policy := self.policy(name))
            for limit in policy.limits
            if limit.over == "region" and limit.of in known
        )
        if named:
            region = min(named, key=lambda name: (-named[name], name))
        else:
            rows = [
                row
                for plan in list(self.undisturbed.values())[:1]
                for row in plan.exposure_summary
                if row["over"] == "region"
            ]
            region = max(rows, key=lambda row: row["share"])["of"] if rows else next(iter(self.making_regions), "")
        return Concern(region, self.region_name(region), self.instance.regions_of(region))

    def shares(self, policy: str | None, scenario: str | None = None) -> dict[str, float]:
        """Share of the region of concern by stage, over the reported periods; stages that make nothing are left out."""
        if (policy, scenario) not in self._known_shares:
            self._known_shares[policy, scenario] = self._shares(self.plan(policy, scenario))
        return self._known_shares[policy, scenario]

    @cached_property
    def _known_shares(self) -> dict[tuple[str | None, str | None], dict[str, float]]:
        return {}

    def _shares(self, plan: Plan | None) -> dict[str, float]:
        if plan is None:
            return {}
        made = reported_rows(self, plan.production).groupby(["stage", "region"])["finished"].sum()
        whole = made.groupby(level="stage").sum()
        inside = made[made.index.get_level_values("region").isin(self.concern.regions)].groupby(level="stage").sum()
        return {
            stage: float(rounded([inside.get(stage, 0.0) / whole[stage]])[0])
            for stage in self.instance.stages
            if whole.get(stage, 0.0) > 0
        }

    def cost_change(self, policy: str | None, scenario: str) -> float:
        """Cost of a scenario over the same policy undisturbed, all planned periods; NaN without both plans."""
        after, before = self.plan(policy, scenario), self.plan(policy)
        return difference(after.objective, before.objective) if after and before else math.nan

    def lost_change(self, policy: str | None, scenario: str) -> float:
        """Units lost in a scenario over the same policy undisturbed, reported periods; NaN without both plans."""
        after, before = self.plan(policy, scenario), self.plan(policy)
        return (
            difference(after.service_summary["lost"], before.service_summary["lost"], scale=self.demand)
            if after and before
            else math.nan
        )

    @cached_property
    def demand(self) -> float:
        """Units ordered in the reported periods, undisturbed."""
        return max((plan.service_summary["demand"] for plan in self.undisturbed.values()), default=0.0)

    def worst(self, policy: str | None) -> Loss | None:
        """The scenario with the largest cost change of a policy, among those with a plan."""
        losses = [
            Loss(policy, name, self.cost_change(policy, name), self.lost_change(policy, name))
            for name in self.scenarios
        ]
        known = [loss for loss in losses if not math.isnan(loss.cost)]
        return max(known, key=lambda loss: (loss.cost, loss.lost), default=None)

    def without_plan(self, policy: str | None) -> tuple[str, ...]:
        """Scenarios under which a policy has no plan."""
        return tuple(name for name in self.scenarios if self.plan(policy, name) is None)

    def expected_change(self, policy: str | None) -> float:
        """Expected cost of the scenarios over the undisturbed plan: sum of probability x cost change."""
        return math.fsum(
            chance * self.cost_change(policy, name) for name, chance in self.probability.items() if chance > 0
        )

    def option_changes(self, policy: str | None, scenario: str) -> dict[str, tuple[float, float]]:
        """Options bought in other shares than undisturbed: (undisturbed, in the scenario)."""
        before, after = (self._bought(policy, name) for name in (None, scenario))
        if self.plan(policy) is None or self.plan(policy, scenario) is None:
            return {}
        return {
            option: (before.get(option, 0.0), after.get(option, 0.0))
            for option in sorted({*before, *after})
            if abs(before.get(option, 0.0) - after.get(option, 0.0)) > 0.005
        }

    def _bought(self, policy: str | None, scenario: str | None) -> dict[str, float]:
        plan = self.plan(policy, scenario)
        return dict(zip(plan.expansions["option"], map(float, plan.expansions["share"]), strict=True)) if plan else {}

    def concentration(self, policy: str | None, stage: str) -> float:
        """HHI of a stage over regions, reported periods."""
        plan = self.plan(policy)
        if plan is None:
            return math.nan
        made = plan.production[plan.production["period"].isin(self.periods) & (plan.production["stage"] == stage)]
        return hhi(made.groupby("region")["finished"].sum())


def difference(second: float, first: float, scale: float = 0.0) -> float:
    """The second figure minus the first; 0 where the difference is within the numerical noise of the two."""
    change = second - first
    return 0.0 if abs(change) <= NOISE * max(abs(first), abs(second), scale) else change


def reported_rows(findings: Findings, table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the reported periods."""
    return table[table["period"].isin(findings.periods)]


def policy_names(findings: Findings) -> list[str]:
    """Names of the policies that have an undisturbed plan."""
    return [findings.label(name) for name in findings.undisturbed]
