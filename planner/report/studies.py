"""What a report says beside its runs: losses, strikes, survival, a frontier, prices, the audit, program sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import pandas as pd

from planner.errors import LimitReachedError, PlannerError
from planner.instance.instance import Instance
from planner.instance.policy import Limit, Policy
from planner.instance.scenario import Scenario
from planner.plan.options import Options
from planner.plan.plan import Plan
from planner.plan.planning import formulate, plan_instance
from planner.solve.deadline import refuse_when_over, seconds_until
from planner.study.audit.audit import Audit, audit
from planner.study.frontier.curve import Frontier
from planner.study.outage.n_minus_one import Losses, n_minus_one
from planner.study.policy_split import COLUMNS as SPLIT
from planner.study.policy_split import content_of, policy_split
from planner.study.progress import Effort, Progress
from planner.study.shadow_prices import checked_prices
from planner.study.stress.decide_by import OPTION, decide_by
from planner.study.stress.strike_choices import buys, choke_point, heaviest, strikes, survival, telling_frontier
from planner.study.stress.surprise import Stressed, Undisturbed, stress_all


@dataclass(frozen=True)
class Size:
    """The program of a policy, and how long it takes by itself.

    Attributes:
        columns, rows, nonzeros: of the program.
        seconds: to write and to solve it; they differ from machine to machine.
        cost: of the plan, in the instance's currency.
    """

    columns: int
    rows: int
    nonzeros: int
    seconds: float
    cost: float


@dataclass(frozen=True)
class Buys:
    """Where one unit of money buys the most survival of the site that can be done without the shortest.

    Attributes:
        policy: what each measure is added to.
        site: that site.
        start: label of the period from which it is out.
        scenario: the strike whose loss is avoided; None where none hits the site.
        table: the columns of `planner.study.stress.buffers_against_sources`; the loss avoided if the scenario
            strikes.
    """

    policy: str | None
    site: str
    start: str
    scenario: str | None
    table: pd.DataFrame


@dataclass(frozen=True)
class Studies:
    """What was found beside the runs; a part that was not made is empty.

    Attributes:
        audit: who depends on whom.
        losses: by policy, each site, cluster, operator and region out; the limits lifted, the options as allowed.
        region_losses: by policy and scenario (None: undisturbed), each region out with the limits in force.
        prices: by policy, the highest shadow prices (columns `PRICED`), with the range of `capacity` in which each
            holds.
        sizes: by policy with pathway limits, its program, and that of the same policy without them.
        survival: by policy (the first, and the last that follows no units), time to survive beside time to recover:
            the columns of `planner.study.stress.strike_choices.survival`.
        stressed: every policy struck by every scenario that is marked a surprise, in that order.
        frontier: least cost against the most telling limits; None where no policy has limits.
        buys: what stock, an option and a second source buy for one site; None where there is no such site.
        split: what each part of the policy with most limits makes of its cost against the one with fewest: the columns
            of `planner.study.policy_split`; empty where they differ in fewer than two parts.
        decide: by when each option has to be decided to keep all limits of the policy with most of them: the columns
            of `planner.study.stress.decide_by`; None where no policy has limits, or there are no options.
        failures: what could not be made, and why.
        left_out: what a time limit left no time for: studies and, of a report, policies and scenarios.
    """

    audit: Audit | None = None
    losses: Mapping[str | None, Losses] = field(default_factory=dict)
    region_losses: Mapping[tuple[str | None, str | None], Losses] = field(default_factory=dict)
    prices: Mapping[str | None, pd.DataFrame] = field(default_factory=dict)
    sizes: Mapping[str | None, tuple[Size, Size]] = field(default_factory=dict)
    survival: Mapping[str | None, pd.DataFrame] = field(default_factory=dict)
    stressed: tuple[Stressed, ...] = ()
    frontier: Frontier | None = None
    buys: Buys | None = None
    split: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=SPLIT))
    decide: pd.DataFrame | None = None
    failures: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def background(
    instance: Instance,
    plans: Mapping[str | None, Plan],
    views: Sequence[Scenario] = (),
    progress: Progress | None = None,
    *,
    deadline: float | None = None,
) -> Studies:
    """Make every study of a report; one that fails, or is not done by a deadline, is named and left out.

    Args:
        instance: as it is undisturbed.
        plans: the undisturbed plan of each policy; only proved ones are studied.
        views: scenarios under which the regions are put out as well.
        progress: called with (studies done, all, name of the next).
        deadline: time.perf_counter() by which all of them end; None for never.
    """
    work = _Work(instance, {name: plan for name, plan in plans.items() if plan.status == "optimal"}, deadline)
    steps = work.steps(views)
    failures, left_out = [], []
    for done, (name, step) in enumerate(steps):
        if progress:
            progress(done, len(steps), name)
        try:
            refuse_when_over(deadline, name)
            step()
        except LimitReachedError:
            left_out.append(name)
        except PlannerError as error:
            failures.append(f"{name}: {error}")
    for policy in work.plans:
        if policy not in work.losses and work.alike[policy] in work.losses:
            work.losses[policy] = work.losses[work.alike[policy]]
        if policy in work.losses and not _limits(work.plans[policy].policy):
            work.region_losses[policy, None] = _of_regions(work.losses[policy])
    return Studies(
        work.audit,
        work.losses,
        work.region_losses,
        work.prices,
        work.sizes,
        work.survival,
        tuple(work.stressed),
        work.frontier,
        work.buys,
        work.split,
        work.decide,
        tuple(sorted(failures)),
        tuple(left_out),
    )


class _Work:
    """The studies while they are made."""

    def __init__(self, instance: Instance, plans: Mapping[str | None, Plan], deadline: float | None) -> None:
        self.instance, self.plans, self.deadline = instance, plans, deadline
        self.audit: Audit | None = None
        self.losses: dict[str | None, Losses] = {}
        self.region_losses: dict[tuple[str | None, str | None], Losses] = {}
        self.prices: dict[str | None, pd.DataFrame] = {}
        self.sizes: dict[str | None, tuple[Size, Size]] = {}
        self.survival: dict[str | None, pd.DataFrame] = {}
        self.stressed: list[Stressed] = []
        self.frontier: Frontier | None = None
        self.buys: Buys | None = None
        self.split = pd.DataFrame(columns=SPLIT)
        self.decide: pd.DataFrame | None = None
        self.bases: dict[str | None, Undisturbed] = {}
        self.known = {content_of(plan.policy, instance): plan for plan in plans.values()}
        first: dict[str, str | None] = {}
        self.alike = {name: first.setdefault(self._left(plan.policy), name) for name, plan in plans.items()}

    def steps(self, views: Sequence[Scenario]) -> list[tuple[str, Callable[[], None]]]:
        """What is to be done, by name."""
        found: list[tuple[str, Callable[[], None]]] = []
        for name, plan in self.plans.items():
            label = name or "no policy"
            if any(limit.measure == "pathway" for limit in _limits(plan.policy)):
                found.append((f"{label}, size", partial(self._size, name)))
            if self.alike[name] == name:
                found.append((f"{label}, one out", partial(self._loss, name)))
            if _limits(plan.policy):
                found.append((f"{label}, regions out", partial(self._regions, name, None)))
            found += [(f"{label}, {view.name}, regions out", partial(self._regions, name, view)) for view in views]
            found.append((f"{label}, shadow prices", partial(self._price, name)))
            if strikes(self.instance):
                found.append((f"{label}, struck", partial(self._strike, name)))
        ends = self._ends()
        if len(self.instance.periods) > 1:
            found += [(f"{name or 'no policy'}, time to survive", partial(self._survive, name)) for name in ends]
        if any(_limits(plan.policy) for plan in self.plans.values()):
            found.append(("frontier", self._trace))
        found += [(f"{name or 'no policy'}, what survival costs", partial(self._buy, name)) for name in ends[:1]]
        widest = max(self.plans, key=lambda name: len(_limits(self.plans[name].policy)), default=None)
        fewest = min(self.plans, key=lambda name: len(_limits(self.plans[name].policy)), default=None)
        if widest != fewest:
            found.append((f"{widest or 'no policy'}, what each part costs", partial(self._split, fewest, widest)))
            if self.instance.expansions:
                found.append((f"{widest or 'no policy'}, decide by", partial(self._decide, widest)))
        return [*found, ("audit", self._audit)]

    def _ends(self) -> list[str | None]:
        """The first policy, and the last that follows no units: one that does takes four times as long."""
        quick = [
            name
            for name, plan in self.plans.items()
            if all(limit.measure != "pathway" for limit in _limits(plan.policy))
        ]
        return list(dict.fromkeys([*[*self.plans][:1], *quick[-1:]]))

    def _left(self, policy: Policy | None) -> str:
        """What a policy still says with its limits lifted."""
        every = [row.option for row in self.instance.expansions]
        if policy is None:
            return repr((sorted(every), (), ()))
        return repr((sorted(every if policy.options is None else policy.options), policy.buffers, policy.sources))

    def _whole[Found](self, found: Found) -> Found:
        """What a study found, if it was not cut short: those that can be end with what they have by the deadline."""
        refuse_when_over(self.deadline, "the study was done")
        return found

    @property
    def _seconds(self) -> float | None:
        return seconds_until(self.deadline)

    def _audit(self) -> None:
        self.audit = audit(self.instance, effort=Effort(deadline=self.deadline))

    def _size(self, name: str | None) -> None:
        policy = self.plans[name].policy
        without = tuple(limit for limit in _limits(policy) if limit.measure != "pathway")
        bare = policy.model_copy(update={"limits": without}) if policy else None
        self.sizes[name] = (self._sized(policy), self._sized(bare))

    def _sized(self, policy: Policy | None) -> Size:
        plan = self.known.get(content_of(policy, self.instance))
        if plan is None:
            plan = plan_instance(self.instance, policy, options=Options(deadline=self.deadline), priced=False)
        seconds = plan.timings["build"] + plan.timings["solve"]
        return Size(plan.sizes["columns"], plan.sizes["rows"], plan.sizes["nonzeros"], seconds, plan.objective)

    def _loss(self, name: str | None) -> None:
        policy = self.plans[name].policy
        lifted = policy.model_copy(update={"limits": ()}) if policy else None
        program = formulate(self.instance, lifted)
        self.losses[name] = self._whole(n_minus_one(program, time_limit=self._seconds, threads=2))

    def _regions(self, name: str | None, view: Scenario | None) -> None:
        program = formulate(self.instance, self.plans[name].policy, view)
        found = n_minus_one(program, over=("region",), time_limit=self._seconds, threads=2)
        self.region_losses[name, view.name if view else None] = self._whole(found)

    def _price(self, name: str | None) -> None:
        plan = self.plans[name]
        program = formulate(self.instance, plan.policy)
        self.prices[name] = self._whole(checked_prices(program, plan, time_limit=self._seconds, threads=2))

    def _base(self, name: str | None) -> Undisturbed:
        if name not in self.bases:
            self.bases[name] = Undisturbed(formulate(self.instance, self.plans[name].policy), self.plans[name])
        return self.bases[name]

    def _strike(self, name: str | None) -> None:
        bases: dict[str | None, Undisturbed | PlannerError] = {name: self._base(name)}
        self.stressed += self._whole(
            stress_all(bases, self.instance, strikes(self.instance), threads=2, deadline=self.deadline)
        )

    def _survive(self, name: str | None) -> None:
        self.survival[name] = survival(self._base(name), threads=2, deadline=self.deadline)

    def _trace(self) -> None:
        self.frontier = self._whole(telling_frontier(self.instance, self.plans, time_limit=self._seconds))

    def _split(self, first: str | None, second: str | None) -> None:
        self.split = policy_split(self.plans[first], self.plans[second], self.known, deadline=self.deadline)

    def _decide(self, name: str | None) -> None:
        self.decide = decide_by(self._base(name), threads=2, deadline=self.deadline, together=True, kinds=(OPTION,))

    def _buy(self, name: str | None) -> None:
        if name not in self.survival or name not in self.losses:
            return
        table = self.survival[name]
        chosen = choke_point(table, self.losses[name].table)
        if chosen is None:
            return
        site, sites = chosen
        scenario = heaviest(self.instance, self.stressed, name, sites)
        start = table.loc[table["over"] == "site", "start"].iloc[0]
        found = buys(self._base(name), site, sites, scenario, threads=2, deadline=self.deadline)
        self.buys = Buys(name, site, str(start), scenario.name if scenario else None, found)


def _limits(policy: Policy | None) -> tuple[Limit, ...]:
    return policy.limits if policy else ()


def _of_regions(losses: Losses) -> Losses:
    table = losses.table[losses.table["over"] == "region"].reset_index(drop=True)
    return replace(losses, table=table)
