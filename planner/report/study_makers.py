"""How each study of a report is made from its plans: which function of planner.study is called, and with what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from threading import Lock

import pandas as pd

from planner.errors import PlannerError
from planner.instance.instance import Instance
from planner.instance.policy import Policy, rules_of
from planner.instance.scenario import Scenario
from planner.model.program import Program
from planner.plan.case import name_of
from planner.plan.plan import Plan
from planner.plan.planning import formulate, plan_instance
from planner.plan.run_options import RunOptions
from planner.report.studies import Buys, Size
from planner.solve.carried_basis import CarriedBasis
from planner.solve.deadline import refuse_when_over, seconds_until
from planner.solve.resolver import Resolver
from planner.study.audit.audit import Audit, audit
from planner.study.frontier.curve import Frontier
from planner.study.outage.n_minus_one import OVER, Losses, n_minus_one
from planner.study.policy_split import COLUMNS as SPLIT
from planner.study.policy_split import content_of, policy_split
from planner.study.progress import Effort
from planner.study.runs import Baselines
from planner.study.shadow_prices import checked_prices
from planner.study.stress.decide_by import OPTION, decide_by
from planner.study.stress.strike_choices import buys, choke_point, heaviest, strikes, survival, telling_frontier
from planner.study.stress.surprise import Stressed, stress_all
from planner.study.stress.undisturbed import Undisturbed


@dataclass
class FoundSoFar:
    """The results so far, which several threads fill in; the fields are those of `Studies`."""

    audit: Audit | None = None
    losses: dict[str | None, Losses] = field(default_factory=dict)
    region_losses: dict[tuple[str | None, str | None], Losses] = field(default_factory=dict)
    prices: dict[str | None, pd.DataFrame] = field(default_factory=dict)
    sizes: dict[str | None, tuple[Size, Size]] = field(default_factory=dict)
    survival: dict[str | None, pd.DataFrame] = field(default_factory=dict)
    stressed: dict[str | None, list[Stressed]] = field(default_factory=dict)
    frontier: Frontier | None = None
    buys: Buys | None = None
    split: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=SPLIT))
    decide: pd.DataFrame | None = None


class StudyMakers:
    """One method for each study; several threads use it.

    Attributes:
        instance: as it is undisturbed.
        plans: the undisturbed plan of each policy.
        deadline: time.perf_counter() by which all studies end; None for never.
        found: the results so far.
        alike: for each policy the first one that is equal to it but for its limits. Studies that do not depend on
            limits are made for that policy only.
    """

    def __init__(
        self,
        instance: Instance,
        plans: Mapping[str | None, Plan],
        deadline: float | None,
        solved: Baselines | None,
        found: FoundSoFar,
    ) -> None:
        """Take what studies are made from; `solved` are the solved baselines of the policies, where they are known."""
        self.instance, self.plans, self.deadline, self.found = instance, plans, deadline, found
        self._solved = solved
        self._bases: dict[str | None, Undisturbed] = {}
        self._locks = {name: Lock() for name in plans}
        self._known = {content_of(plan.policy, instance): plan for plan in plans.values()}
        first: dict[str, str | None] = {}
        self.alike = {name: first.setdefault(self._left(plan.policy), name) for name, plan in plans.items()}

    @property
    def _seconds(self) -> float | None:
        return seconds_until(self.deadline)

    @property
    def _effort(self) -> Effort:
        return Effort(threads=1, deadline=self.deadline)

    def audit(self) -> Audit:
        """Who depends on whom."""
        return audit(self.instance, effort=self._effort)

    def size(self, name: str | None) -> tuple[Size, Size]:
        """The program sizes of a policy, with and without its pathway limits."""
        policy = self.plans[name].policy
        without = tuple(limit for limit in rules_of(policy).limits if limit.measure != "pathway")
        bare = policy.model_copy(update={"limits": without}) if policy else None
        return self._sized(policy), self._sized(bare)

    def _sized(self, policy: Policy | None) -> Size:
        plan = self._known.get(content_of(policy, self.instance))
        if plan is None:
            plan = plan_instance(self.instance, policy, options=RunOptions(deadline=self.deadline), priced=False)
        seconds = plan.timings["build"] + plan.timings["solve"]
        return Size(plan.sizes["columns"], plan.sizes["rows"], plan.sizes["nonzeros"], seconds, plan.objective)

    @contextmanager
    def _model(self, name: str | None) -> Iterator[tuple[Program, Resolver | None]]:
        """The undisturbed program of a policy; and a live model of it that no other thread uses, where there is one.

        Without a live model the program is a new one, because only one thread at a time may give a program to a solver.
        """
        policy = self.plans[name].policy
        with nullcontext() if self._solved is None else self._solved.model(policy) as live:
            yield (formulate(self.instance, policy) if live is None else live.program), live

    def loss(self, name: str | None) -> Losses:
        """The losses from putting out each site, cluster, operator and region, with the limits of the policy lifted."""
        policy = self.plans[name].policy
        if rules_of(policy).limits:
            lifted = policy.model_copy(update={"limits": ()}) if policy else None
            return self._lost(formulate(self.instance, lifted), None)
        with self._model(name) as (program, live):
            return self._lost(program, live)

    def regions(self, name: str | None, view: Scenario | None) -> Losses:
        """The losses from putting out each region with the limits in force, under a scenario or undisturbed."""
        over = ("region",)
        if view is not None:
            program = formulate(self.instance, self.plans[name].policy, view)
            known = None if self._solved is None else self._solved.ended.get((name, view.name))
            resolver = None if known is None else Resolver(program, deadline=self.deadline, start=known)
            return self._lost(program, resolver, over)
        with self._model(name) as (program, live):
            return self._lost(program, live, over)

    def _lost(self, program: Program, resolver: Resolver | None, over: tuple[str, ...] = OVER) -> Losses:
        """What each set of sites costs when it is out; a report shows no units of it."""
        found = n_minus_one(program, over=over, time_limit=self._seconds, resolver=resolver, units=False)
        return self._whole(found)

    def price(self, name: str | None) -> pd.DataFrame:
        """The highest shadow prices of a plan, checked."""
        with self._model(name) as (program, live):
            return self._whole(checked_prices(program, self.plans[name], deadline=self.deadline, resolver=live))

    def _base(self, name: str | None) -> Undisturbed:
        with self._locks[name]:
            if name not in self._bases:
                with self._model(name) as (program, _):
                    self._bases[name] = Undisturbed(program, self.plans[name])
            return self._bases[name]

    def strike(self, name: str | None) -> list[Stressed]:
        """A plan struck by every surprise of the instance."""
        bases: dict[str | None, Undisturbed | PlannerError] = {name: self._base(name)}
        sudden = strikes(self.instance)
        return self._whole(stress_all(bases, self.instance, sudden, effort=self._effort, starts=self._struck(name)))

    def _struck(self, name: str | None) -> dict[str, CarriedBasis]:
        """By scenario, the basis of the strike on another plan that was made before, if it has the same columns."""
        found = {}
        for other, rows in list(self.found.stressed.items()):
            for row in rows if other != name else ():
                basis = row.plan.basis if isinstance(row.plan, Plan) else None
                if basis is not None and basis.fits(self._base(name).program):
                    found[row.scenario] = basis
        return found

    def survive(self, name: str | None) -> pd.DataFrame:
        """Time to survive beside time to recover."""
        return survival(self._base(name), self._effort)

    def trace(self) -> Frontier | None:
        """Least cost against the most telling limits."""
        return self._whole(telling_frontier(self.instance, self.plans, self._effort))

    def split(self, first: str | None, second: str | None) -> pd.DataFrame:
        """The change of cost that each part of the second policy causes against the first policy."""
        return policy_split(self.plans[first], self.plans[second], self._known, self._effort)

    def decide(self, name: str | None) -> pd.DataFrame:
        """By when each option has to be decided to keep the limits of a policy."""
        return decide_by(self._base(name), self._effort, together=True, kinds=(OPTION,))

    def buy(self, name: str | None) -> Buys | None:
        """What a unit of money buys at the site that the plan survives shortest; None where there is none."""
        if name not in self.found.survival or self.alike[name] not in self.found.losses:
            return None
        table = self.found.survival[name]
        chosen = choke_point(table, self.found.losses[self.alike[name]].table)
        if chosen is None:
            return None
        site, sites = chosen
        scenario = heaviest(self.instance, self.found.stressed.get(name, []), name, sites)
        start = table.loc[table["over"] == "site", "start"].iloc[0]
        found = buys(self._base(name), site, sites, scenario, self._effort)
        return Buys(name, site, str(start), name_of(scenario), found)

    def _whole[FoundSoFar](self, found: FoundSoFar) -> FoundSoFar:
        """The result of a study, unless the deadline cut it short: some studies end with a partial result then."""
        refuse_when_over(self.deadline, "the study was done")
        return found

    def _left(self, policy: Policy | None) -> str:
        """The policy without its limits."""
        every = [row.option for row in self.instance.expansions]
        rules = rules_of(policy)
        return repr((sorted(every if rules.options is None else rules.options), rules.buffers, rules.sources))
