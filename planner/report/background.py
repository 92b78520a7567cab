"""What a report asks beside its runs, made study by study: the longest first, and two at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import as_completed
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from threading import Event, Lock

import pandas as pd

from planner.errors import LimitReachedError, PlannerError
from planner.instance.instance import Instance
from planner.instance.policy import Limit, Policy
from planner.instance.scenario import Scenario
from planner.model.program import Program
from planner.plan.options import Options
from planner.plan.plan import Plan
from planner.plan.planning import formulate, plan_instance
from planner.report.studies import Buys, Size, Studies
from planner.solve.deadline import refuse_when_over, seconds_until
from planner.solve.resolver import Resolver
from planner.solve.threads import Pool
from planner.study.audit.audit import Audit, audit
from planner.study.frontier.curve import Frontier
from planner.study.outage.n_minus_one import Losses, n_minus_one
from planner.study.policy_split import COLUMNS as SPLIT
from planner.study.policy_split import content_of, policy_split
from planner.study.progress import Effort, Progress, Tally
from planner.study.runs import Baselines
from planner.study.shadow_prices import checked_prices
from planner.study.stress.decide_by import OPTION, decide_by
from planner.study.stress.strike_choices import buys, choke_point, heaviest, strikes, survival, telling_frontier
from planner.study.stress.surprise import Stressed, Undisturbed, stress_all

NEEDED = 100.0  # added to the effort of steps that another one waits for


def background(
    instance: Instance,
    plans: Mapping[str | None, Plan],
    views: Sequence[Scenario] = (),
    progress: Progress | None = None,
    *,
    deadline: float | None = None,
    threads: int = 2,
    bases: Baselines | None = None,
    tell: Callable[[Callable[[], Studies]], None] | None = None,
) -> Studies:
    """Make every study of a report; one that fails, or is not done by a deadline, is named and left out.

    Args:
        instance: as it is undisturbed.
        plans: the undisturbed plan of each policy; only proved ones are studied.
        views: scenarios under which the regions are put out as well.
        progress: called with (studies begun, all, name of the next).
        deadline: time.perf_counter() by which all of them end; None for never.
        threads: studies that are made at a time; each uses one thread.
        bases: the solved baselines of the policies, where they are known.
        tell: called after each study with what gives those that were found so far; None for nobody.
    """
    proved = {name: plan for name, plan in plans.items() if plan.status == "optimal"}
    work = _Work(instance, proved, deadline, bases)
    steps = work.steps(views)
    begin = Tally(len(steps), progress)
    ended = {step.name: Event() for step in steps}

    def made(step: _Step) -> tuple[str, str]:
        try:
            for name in step.after:
                ended[name].wait()
            begin(step.name)
            refuse_when_over(deadline, step.name)
            step.make()
        except LimitReachedError:
            return "", step.name
        except PlannerError as error:
            return f"{step.name}: {error}", ""
        finally:
            ended[step.name].set()
        return "", ""

    def so_far() -> Studies:
        return work.found((), (), tuple(step.name for step in steps if not ended[step.name].is_set()))

    order = sorted(steps, key=lambda step: -step.effort)
    with Pool(threads) as pool:
        futures = {pool.submit(made, step): step.name for step in order}
        for future in as_completed(futures):
            future.result()
            if tell and not all(event.is_set() for event in ended.values()):
                tell(so_far)
        said = {name: future.result() for future, name in futures.items()}
    return work.found(
        failures=tuple(sorted(said[step.name][0] for step in steps if said[step.name][0])),
        left_out=tuple(said[step.name][1] for step in steps if said[step.name][1]),
    )


@dataclass(frozen=True)
class _Step:
    """A study to be made.

    Attributes:
        name: for people.
        make: makes it.
        effort: about how long it takes, in any unit: the longest begin first, those that others need before all.
        after: names of the steps that it needs; they have a larger effort.
    """

    name: str
    make: Callable[[], None]
    effort: float
    after: tuple[str, ...] = ()


class _Work:
    """The studies while they are made; threads share it."""

    def __init__(
        self, instance: Instance, plans: Mapping[str | None, Plan], deadline: float | None, solved: Baselines | None
    ) -> None:
        self.instance, self.plans, self.deadline, self.solved = instance, plans, deadline, solved
        self.audit: Audit | None = None
        self.losses: dict[str | None, Losses] = {}
        self.region_losses: dict[tuple[str | None, str | None], Losses] = {}
        self.prices: dict[str | None, pd.DataFrame] = {}
        self.sizes: dict[str | None, tuple[Size, Size]] = {}
        self.survival: dict[str | None, pd.DataFrame] = {}
        self.stressed: dict[str | None, list[Stressed]] = {}
        self.frontier: Frontier | None = None
        self.buys: Buys | None = None
        self.split = pd.DataFrame(columns=SPLIT)
        self.decide: pd.DataFrame | None = None
        self.bases: dict[str | None, Undisturbed] = {}
        self.locks = {name: Lock() for name in plans}
        self.known = {content_of(plan.policy, instance): plan for plan in plans.values()}
        first: dict[str, str | None] = {}
        self.alike = {name: first.setdefault(self._left(plan.policy), name) for name, plan in plans.items()}

    def steps(self, views: Sequence[Scenario]) -> list[_Step]:
        """What is to be done, in the order in which it is told of."""
        found: list[_Step] = []
        ends = self._ends()
        needed = {} if not ends else dict.fromkeys(self._needed(ends[0]), NEEDED)

        def add(name: str, make: Callable[[], None], effort: float, after: Sequence[str] = ()) -> None:
            found.append(_Step(name, make, needed.get(name, 0.0) + effort, tuple(after)))

        for name, plan in self.plans.items():
            label = name or "no policy"
            follows = any(limit.measure == "pathway" for limit in _limits(plan.policy))
            size = 2.0 if follows else 1.0
            if follows:
                add(f"{label}, size", partial(self._size, name), 0.5)
            if self.alike[name] == name:
                add(f"{label}, one out", partial(self._loss, name), 8.0)
            if _limits(plan.policy):
                add(f"{label}, regions out", partial(self._regions, name, None), 4.0 * size)
            for view in views:
                add(f"{label}, {view.name}, regions out", partial(self._regions, name, view), 4.0 * size)
            add(f"{label}, shadow prices", partial(self._price, name), 3.0 * size)
            if strikes(self.instance):
                add(f"{label}, struck", partial(self._strike, name), 6.0 * size)
        if len(self.instance.periods) > 1:
            for name in ends:
                add(f"{name or 'no policy'}, time to survive", partial(self._survive, name), 5.0)
        if any(_limits(plan.policy) for plan in self.plans.values()):
            add("frontier", self._trace, 9.0)
        for name in ends[:1]:
            there = {step.name for step in found}
            after = [step for step in self._needed(name) if step in there]
            add(f"{name or 'no policy'}, what survival costs", partial(self._buy, name), 10.0, after)
        widest = max(self.plans, key=lambda name: len(_limits(self.plans[name].policy)), default=None)
        fewest = min(self.plans, key=lambda name: len(_limits(self.plans[name].policy)), default=None)
        if widest != fewest:
            label = widest or "no policy"
            add(f"{label}, what each part costs", partial(self._split, fewest, widest), 10.0)
            if self.instance.expansions:
                add(f"{label}, decide by", partial(self._decide, widest), 11.0)
        add("audit", self._audit, 3.0)
        return found

    def _needed(self, name: str | None) -> tuple[str, ...]:
        """The steps without which what survival costs under a policy is not asked."""
        label = name or "no policy"
        return (f"{self.alike[name] or 'no policy'}, one out", f"{label}, struck", f"{label}, time to survive")

    def found(self, failures: tuple[str, ...], left_out: tuple[str, ...], coming: tuple[str, ...] = ()) -> Studies:
        """What was found so far."""
        losses = {name: self.losses[self.alike[name]] for name in self.plans if self.alike[name] in self.losses}
        of_regions: dict[tuple[str | None, str | None], Losses] = {
            (name, None): _of_regions(losses[name]) for name in losses if not _limits(self.plans[name].policy)
        }
        return Studies(
            self.audit,
            losses,
            {**self.region_losses, **of_regions},
            dict(self.prices),
            dict(self.sizes),
            dict(self.survival),
            tuple(row for name in self.plans for row in self.stressed.get(name, ())),
            self.frontier,
            self.buys,
            self.split,
            self.decide,
            failures,
            left_out,
            coming,
        )

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

    @contextmanager
    def _model(self, name: str | None) -> Iterator[tuple[Program, Resolver | None]]:
        """The undisturbed program of a policy; and a live model of it, where there is one, that nobody else uses."""
        policy = self.plans[name].policy
        with nullcontext() if self.solved is None else self.solved.model(policy) as live:
            yield (self._base(name).program if live is None else live.program), live

    def _loss(self, name: str | None) -> None:
        policy = self.plans[name].policy
        if _limits(policy):
            lifted = policy.model_copy(update={"limits": ()}) if policy else None
            self.losses[name] = self._whole(n_minus_one(formulate(self.instance, lifted), time_limit=self._seconds))
            return
        with self._model(name) as (program, live):
            self.losses[name] = self._whole(n_minus_one(program, time_limit=self._seconds, resolver=live))

    def _regions(self, name: str | None, view: Scenario | None) -> None:
        over = ("region",)
        if view is not None:
            program = formulate(self.instance, self.plans[name].policy, view)
            found = self._whole(n_minus_one(program, over=over, time_limit=self._seconds))
            self.region_losses[name, view.name] = found
            return
        with self._model(name) as (program, live):
            found = self._whole(n_minus_one(program, over=over, time_limit=self._seconds, resolver=live))
            self.region_losses[name, None] = found

    def _price(self, name: str | None) -> None:
        with self._model(name) as (program, live):
            found = checked_prices(program, self.plans[name], time_limit=self._seconds, resolver=live)
            self.prices[name] = self._whole(found)

    def _base(self, name: str | None) -> Undisturbed:
        with self.locks[name]:
            if name not in self.bases:
                with nullcontext() if self.solved is None else self.solved.model(self.plans[name].policy) as live:
                    program = formulate(self.instance, self.plans[name].policy) if live is None else live.program
                self.bases[name] = Undisturbed(program, self.plans[name])
            return self.bases[name]

    def _strike(self, name: str | None) -> None:
        bases: dict[str | None, Undisturbed | PlannerError] = {name: self._base(name)}
        self.stressed[name] = self._whole(
            stress_all(bases, self.instance, strikes(self.instance), threads=1, deadline=self.deadline)
        )

    def _survive(self, name: str | None) -> None:
        self.survival[name] = survival(self._base(name), threads=1, deadline=self.deadline)

    def _trace(self) -> None:
        self.frontier = self._whole(telling_frontier(self.instance, self.plans, threads=1, time_limit=self._seconds))

    def _split(self, first: str | None, second: str | None) -> None:
        self.split = policy_split(self.plans[first], self.plans[second], self.known, deadline=self.deadline)

    def _decide(self, name: str | None) -> None:
        self.decide = decide_by(self._base(name), threads=1, deadline=self.deadline, together=True, kinds=(OPTION,))

    def _buy(self, name: str | None) -> None:
        if name not in self.survival or self.alike[name] not in self.losses:
            return
        table = self.survival[name]
        chosen = choke_point(table, self.losses[self.alike[name]].table)
        if chosen is None:
            return
        site, sites = chosen
        scenario = heaviest(self.instance, self.stressed.get(name, []), name, sites)
        start = table.loc[table["over"] == "site", "start"].iloc[0]
        found = buys(self._base(name), site, sites, scenario, threads=1, deadline=self.deadline)
        self.buys = Buys(name, site, str(start), scenario.name if scenario else None, found)


def _limits(policy: Policy | None) -> tuple[Limit, ...]:
    return policy.limits if policy else ()


def _of_regions(losses: Losses) -> Losses:
    table = losses.table[losses.table["over"] == "region"].reset_index(drop=True)
    return replace(losses, table=table)
