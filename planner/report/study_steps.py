"""The studies of a report as steps: what each asks, what it rests on, and where what it found is put."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock
from typing import Any

import pandas as pd

from planner.errors import PlannerError
from planner.instance.instance import Instance
from planner.instance.policy import Limit, Policy
from planner.instance.scenario import Scenario
from planner.model.program import Program
from planner.plan.options import Options
from planner.plan.plan import Plan
from planner.plan.planning import formulate, plan_instance
from planner.report.kept_parts import Question
from planner.report.studies import Buys, Size, Studies
from planner.solve.carried_basis import CarriedBasis
from planner.solve.deadline import refuse_when_over, seconds_until
from planner.solve.resolver import Resolver
from planner.study.audit.audit import Audit, audit
from planner.study.frontier.curve import Frontier
from planner.study.outage.n_minus_one import Losses, n_minus_one
from planner.study.policy_split import COLUMNS as SPLIT
from planner.study.policy_split import content_of, policy_split
from planner.study.progress import Effort
from planner.study.runs import Baselines
from planner.study.shadow_prices import checked_prices
from planner.study.stress.decide_by import OPTION, decide_by
from planner.study.stress.strike_choices import buys, choke_point, heaviest, strikes, survival, telling_frontier
from planner.study.stress.surprise import Stressed, stress_all
from planner.study.stress.undisturbed import Undisturbed

NEEDED = 100.0  # added to the effort of steps that another one waits for


@dataclass(frozen=True)
class Step:
    """A study to be made.

    Attributes:
        name: for people.
        make: makes it; None where there is nothing to be found.
        put: puts it in its place.
        effort: about how long it takes, in any unit: the longest begin first, those that others need before all.
        after: names of the steps that it needs; they have a larger effort.
        asked: all that it rests on, for it to be kept; None where it is not.
    """

    name: str
    make: Callable[[], Any]
    put: Callable[[Any], None]
    effort: float
    after: tuple[str, ...] = ()
    asked: Question | None = None


class Work:
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
        self.data = instance.replace(policies=(), scenarios=()).content_hash
        self.options = next((plan.options for plan in plans.values()), {})
        self.bases: dict[str | None, Undisturbed] = {}
        self.locks = {name: Lock() for name in plans}
        self.known = {content_of(plan.policy, instance): plan for plan in plans.values()}
        first: dict[str, str | None] = {}
        self.alike = {name: first.setdefault(self._left(plan.policy), name) for name, plan in plans.items()}

    def steps(self, views: Sequence[Scenario]) -> list[Step]:
        """What is to be done, in the order in which it is told of."""
        found: list[Step] = []
        ends = self._ends()
        needed = {} if not ends else dict.fromkeys(self._needed(ends[0]), NEEDED)

        def add(
            name: str,
            make: Callable[[], Any],
            put: Callable[[Any], None],
            effort: float,
            asked: Question | None = None,
            after: Sequence[str] = (),
        ) -> None:
            found.append(Step(name, make, put, needed.get(name, 0.0) + effort, tuple(after), asked))

        sudden = strikes(self.instance)
        for name, plan in self.plans.items():
            label, own = name or "no policy", plan.policy
            follows = any(limit.measure == "pathway" for limit in _limits(own))
            size = 2.0 if follows else 1.0
            if follows:
                add(f"{label}, size", partial(self._size, name), _into(self.sizes, name), 0.5)
            if self.alike[name] == name:
                asked = self._asked("one out", [own])
                add(f"{label}, one out", partial(self._loss, name), _into(self.losses, name), 8.0, asked)
            if _limits(own):
                put, asked = _into(self.region_losses, (name, None)), self._asked("regions out", [own])
                add(f"{label}, regions out", partial(self._regions, name, None), put, 4.0 * size, asked)
            for view in views:
                put, asked = _into(self.region_losses, (name, view.name)), self._asked("regions out", [own], [view])
                title = f"{label}, {view.name}, regions out"
                add(title, partial(self._regions, name, view), put, 4.0 * size, asked)
            asked = self._asked("shadow prices", [own])
            add(f"{label}, shadow prices", partial(self._price, name), _into(self.prices, name), 3.0 * size, asked)
            if sudden:
                add(f"{label}, struck", partial(self._strike, name), _into(self.stressed, name), 6.0 * size)
        if len(self.instance.periods) > 1:
            for name in ends:
                title, asked = f"{name or 'no policy'}, time to survive", self._of("time to survive", name, sudden)
                add(title, partial(self._survive, name), _into(self.survival, name), 5.0, asked)
        if any(_limits(plan.policy) for plan in self.plans.values()):
            asked = self._asked("frontier", [plan.policy for plan in self.plans.values()])
            add("frontier", self._trace, partial(setattr, self, "frontier"), 9.0, asked)
        for name in ends[:1]:
            there = {step.name for step in found}
            after = [step for step in self._needed(name) if step in there]
            title, asked = f"{name or 'no policy'}, what survival costs", self._of("survival costs", name, sudden)
            add(title, partial(self._buy, name), partial(setattr, self, "buys"), 10.0, asked, after)
        widest = max(self.plans, key=lambda name: len(_limits(self.plans[name].policy)), default=None)
        fewest = min(self.plans, key=lambda name: len(_limits(self.plans[name].policy)), default=None)
        if widest != fewest:
            label = widest or "no policy"
            asked = self._asked("parts", [self.plans[fewest].policy, self.plans[widest].policy])
            put = partial(setattr, self, "split")
            add(f"{label}, what each part costs", partial(self._split, fewest, widest), put, 10.0, asked)
            if self.instance.expansions:
                put, asked = partial(setattr, self, "decide"), self._of("decide by", widest)
                add(f"{label}, decide by", partial(self._decide, widest), put, 11.0, asked)
        asked = self._asked("audit", self.instance.policies, self.instance.scenarios)
        add("audit", self._audit, partial(setattr, self, "audit"), 3.0, asked)
        return found

    def _asked(
        self, what: str, policies: Sequence[Policy | None], scenarios: Sequence[Scenario] = ()
    ) -> dict[str, object]:
        """All that a study rests on."""
        return {
            "what": what,
            "data": self.data,
            "policies": [None if part is None else part.model_dump(mode="json", by_alias=True) for part in policies],
            "scenarios": [part.model_dump(mode="json", by_alias=True) for part in scenarios],
            "options": {name: self.options.get(name) for name in ("solver", "gap")},
        }

    def _of(self, what: str, name: str | None, scenarios: Sequence[Scenario] = ()) -> dict[str, object]:
        """All that a study of one policy's plan rests on."""
        return self._asked(what, [self.plans[name].policy], scenarios)

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

    def _audit(self) -> Audit:
        return audit(self.instance, effort=Effort(deadline=self.deadline))

    def _size(self, name: str | None) -> tuple[Size, Size]:
        policy = self.plans[name].policy
        without = tuple(limit for limit in _limits(policy) if limit.measure != "pathway")
        bare = policy.model_copy(update={"limits": without}) if policy else None
        return self._sized(policy), self._sized(bare)

    def _sized(self, policy: Policy | None) -> Size:
        plan = self.known.get(content_of(policy, self.instance))
        if plan is None:
            plan = plan_instance(self.instance, policy, options=Options(deadline=self.deadline), priced=False)
        seconds = plan.timings["build"] + plan.timings["solve"]
        return Size(plan.sizes["columns"], plan.sizes["rows"], plan.sizes["nonzeros"], seconds, plan.objective)

    @contextmanager
    def _model(self, name: str | None) -> Iterator[tuple[Program, Resolver | None]]:
        """The undisturbed program of a policy; and a live model of it, where there is one, that nobody else uses.

        Without one the program is a new one, since only one thread at a time may hand a program to a solver.
        """
        policy = self.plans[name].policy
        with nullcontext() if self.solved is None else self.solved.model(policy) as live:
            yield (formulate(self.instance, policy) if live is None else live.program), live

    def _loss(self, name: str | None) -> Losses:
        policy = self.plans[name].policy
        if _limits(policy):
            lifted = policy.model_copy(update={"limits": ()}) if policy else None
            return self._whole(n_minus_one(formulate(self.instance, lifted), time_limit=self._seconds))
        with self._model(name) as (program, live):
            return self._whole(n_minus_one(program, time_limit=self._seconds, resolver=live))

    def _regions(self, name: str | None, view: Scenario | None) -> Losses:
        over = ("region",)
        if view is not None:
            program = formulate(self.instance, self.plans[name].policy, view)
            known = None if self.solved is None else self.solved.ended.get((name, view.name))
            resolver = None if known is None else Resolver(program, deadline=self.deadline, start=known)
            return self._whole(n_minus_one(program, over=over, time_limit=self._seconds, resolver=resolver))
        with self._model(name) as (program, live):
            return self._whole(n_minus_one(program, over=over, time_limit=self._seconds, resolver=live))

    def _price(self, name: str | None) -> pd.DataFrame:
        with self._model(name) as (program, live):
            return self._whole(checked_prices(program, self.plans[name], time_limit=self._seconds, resolver=live))

    def _base(self, name: str | None) -> Undisturbed:
        with self.locks[name]:
            if name not in self.bases:
                with self._model(name) as (program, _):
                    self.bases[name] = Undisturbed(program, self.plans[name])
            return self.bases[name]

    def _strike(self, name: str | None) -> list[Stressed]:
        bases: dict[str | None, Undisturbed | PlannerError] = {name: self._base(name)}
        sudden = strikes(self.instance)
        return self._whole(
            stress_all(bases, self.instance, sudden, threads=1, deadline=self.deadline, starts=self._struck(name))
        )

    def _struck(self, name: str | None) -> dict[str, CarriedBasis]:
        """By scenario, the basis of the strike on another plan that was made before, if it has the same columns."""
        found = {}
        for other, rows in list(self.stressed.items()):
            for row in rows if other != name else ():
                basis = row.plan.basis if isinstance(row.plan, Plan) else None
                if basis is not None and basis.fits(self._base(name).program):
                    found[row.scenario] = basis
        return found

    def _survive(self, name: str | None) -> pd.DataFrame:
        return survival(self._base(name), threads=1, deadline=self.deadline)

    def _trace(self) -> Frontier | None:
        return self._whole(telling_frontier(self.instance, self.plans, threads=1, time_limit=self._seconds))

    def _split(self, first: str | None, second: str | None) -> pd.DataFrame:
        return policy_split(self.plans[first], self.plans[second], self.known, deadline=self.deadline)

    def _decide(self, name: str | None) -> pd.DataFrame:
        return decide_by(self._base(name), threads=1, deadline=self.deadline, together=True, kinds=(OPTION,))

    def _buy(self, name: str | None) -> Buys | None:
        if name not in self.survival or self.alike[name] not in self.losses:
            return None
        table = self.survival[name]
        chosen = choke_point(table, self.losses[self.alike[name]].table)
        if chosen is None:
            return None
        site, sites = chosen
        scenario = heaviest(self.instance, self.stressed.get(name, []), name, sites)
        start = table.loc[table["over"] == "site", "start"].iloc[0]
        found = buys(self._base(name), site, sites, scenario, threads=1, deadline=self.deadline)
        return Buys(name, site, str(start), scenario.name if scenario else None, found)


def _into[Key](table: dict[Key, Any], key: Key) -> Callable[[Any], None]:
    """What puts a value into a table."""
    return partial(table.__setitem__, key)


def _limits(policy: Policy | None) -> tuple[Limit, ...]:
    return policy.limits if policy else ()


def _of_regions(losses: Losses) -> Losses:
    table = losses.table[losses.table["over"] == "region"].reset_index(drop=True)
    return replace(losses, table=table)
