"""The studies of a report as steps: the list of them, the inputs of each, and where its result is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from planner.instance.instance import Instance
from planner.instance.policy import Policy, rules_of
from planner.instance.scenario import Scenario
from planner.plan.plan import Plan
from planner.report.kept_parts import Question
from planner.report.studies import Studies
from planner.report.study_makers import FoundSoFar, StudyMakers
from planner.study.outage.n_minus_one import Losses
from planner.study.runs import Baselines
from planner.study.stress.strike_choices import strikes
from planner.text.cases import policy_called

NEEDED = 100.0  # added to the effort of steps that another one waits for


@dataclass(frozen=True)
class Step:
    """A study that has to be made.

    Attributes:
        name: its name, for people.
        make: the function that makes it; it returns None where there is no result.
        put: stores its result in the field of `FoundSoFar`.
        effort: about how long it takes, in any unit: the longest begin first, and before them those that others need.
        after: the names of the steps that it needs; these have a larger effort.
        asked: all its inputs, by which its result is stored for the next report; None where it is not stored.
    """

    name: str
    make: Callable[[], Any]
    put: Callable[[Any], None]
    effort: float
    after: tuple[str, ...] = ()
    asked: Question | None = None


class Work:
    """The studies of a report while they are made; threads share it.

    Attributes:
        now: the results so far.
    """

    def __init__(
        self, instance: Instance, plans: Mapping[str | None, Plan], deadline: float | None, solved: Baselines | None
    ) -> None:
        """Take the instance and plans, and as `StudyMakers` the deadline and the solved baselines."""
        self.instance, self.plans = instance, plans
        self.now = FoundSoFar()
        self.makers = StudyMakers(instance, plans, deadline, solved, self.now)
        self.data = instance.replace(policies=(), scenarios=()).content_hash
        self.options = next((plan.options for plan in plans.values()), {})
        self.sudden = strikes(instance)

    def steps(self, views: Sequence[Scenario]) -> list[Step]:
        """All steps, in the order in which progress names them.

        Args:
            views: scenarios under which the regions are put out as well.
        """
        ends = self._ends()
        found = [step for name in self.plans for step in self._of_a_policy(name, views)]
        found += [*self._survival(ends), *self._frontier()]
        needed = self._needed(ends[0]) if ends else ()
        found += self._buying(ends[0], [step.name for step in found if step.name in needed]) if ends else ()
        found += [*self._of_the_widest(), self._audit()]
        return [replace(step, effort=NEEDED + step.effort) if step.name in needed else step for step in found]

    def _of_a_policy(self, name: str | None, views: Sequence[Scenario]) -> Iterator[Step]:
        """The studies of the plan of one policy."""
        make, now, label, own = self.makers, self.now, policy_called(name), self.plans[name].policy
        follows = any(limit.measure == "pathway" for limit in rules_of(own).limits)
        size = 2.0 if follows else 1.0
        if follows:
            yield Step(f"{label}, size", partial(make.size, name), _into(now.sizes, name), 0.5)
        if make.alike[name] == name:
            asked = self._asked("one out", [own])
            yield Step(f"{label}, one out", partial(make.loss, name), _into(now.losses, name), 8.0, asked=asked)
        if rules_of(own).limits:
            put, asked = _into(now.region_losses, (name, None)), self._asked("regions out", [own])
            yield Step(f"{label}, regions out", partial(make.regions, name, None), put, 4.0 * size, asked=asked)
        for view in views:
            put, asked = _into(now.region_losses, (name, view.name)), self._asked("regions out", [own], [view])
            title = f"{label}, {view.name}, regions out"
            yield Step(title, partial(make.regions, name, view), put, 4.0 * size, asked=asked)
        put, asked = _into(now.prices, name), self._asked("shadow prices", [own])
        yield Step(f"{label}, shadow prices", partial(make.price, name), put, 3.0 * size, asked=asked)
        if self.sudden:
            yield Step(f"{label}, struck", partial(make.strike, name), _into(now.stressed, name), 6.0 * size)

    def _survival(self, names: Sequence[str | None]) -> Iterator[Step]:
        """How long the plans of some policies survive."""
        for name in names if len(self.instance.periods) > 1 else ():
            asked = self._of("time to survive", name, self.sudden)
            put = _into(self.now.survival, name)
            yield Step(
                f"{policy_called(name)}, time to survive", partial(self.makers.survive, name), put, 5.0, asked=asked
            )

    def _frontier(self) -> Iterator[Step]:
        policies = [plan.policy for plan in self.plans.values()]
        if any(rules_of(policy).limits for policy in policies):
            put, asked = partial(setattr, self.now, "frontier"), self._asked("frontier", policies)
            yield Step("frontier", self.makers.trace, put, 9.0, asked=asked)

    def _buying(self, name: str | None, after: Sequence[str]) -> Iterator[Step]:
        """The step that asks what survival costs under a policy, after the steps that it needs."""
        put, asked = partial(setattr, self.now, "buys"), self._of("survival costs", name, self.sudden)
        make = partial(self.makers.buy, name)
        yield Step(f"{policy_called(name)}, what survival costs", make, put, 10.0, tuple(after), asked)

    def _of_the_widest(self) -> Iterator[Step]:
        """The steps for the policy with most limits: the cost of its parts, and by when its options must be decided."""
        widest = max(self.plans, key=lambda name: len(rules_of(self.plans[name].policy).limits), default=None)
        fewest = min(self.plans, key=lambda name: len(rules_of(self.plans[name].policy).limits), default=None)
        if widest == fewest:
            return
        put, make = partial(setattr, self.now, "split"), partial(self.makers.split, fewest, widest)
        asked = self._asked("parts", [self.plans[fewest].policy, self.plans[widest].policy])
        yield Step(f"{policy_called(widest)}, what each part costs", make, put, 10.0, asked=asked)
        if self.instance.expansions:
            put, asked = partial(setattr, self.now, "decide"), self._of("decide by", widest)
            yield Step(
                f"{policy_called(widest)}, decide by", partial(self.makers.decide, widest), put, 11.0, asked=asked
            )

    def _audit(self) -> Step:
        asked = self._asked("audit", self.instance.policies, self.instance.scenarios)
        return Step("audit", self.makers.audit, partial(setattr, self.now, "audit"), 3.0, asked=asked)

    def _asked(
        self, what: str, policies: Sequence[Policy | None], scenarios: Sequence[Scenario] = ()
    ) -> dict[str, object]:
        """All inputs of a study."""
        return {
            "what": what,
            "data": self.data,
            "policies": [None if part is None else part.model_dump(mode="json", by_alias=True) for part in policies],
            "scenarios": [part.model_dump(mode="json", by_alias=True) for part in scenarios],
            "options": {name: self.options.get(name) for name in ("solver", "gap")},
        }

    def _of(self, what: str, name: str | None, scenarios: Sequence[Scenario] = ()) -> dict[str, object]:
        """All inputs of a study of one policy's plan."""
        return self._asked(what, [self.plans[name].policy], scenarios)

    def _needed(self, name: str | None) -> tuple[str, ...]:
        """The steps without which what survival costs under a policy is not asked."""
        label = policy_called(name)
        return (f"{policy_called(self.makers.alike[name])}, one out", f"{label}, struck", f"{label}, time to survive")

    def found(self, failures: tuple[str, ...], left_out: tuple[str, ...], coming: tuple[str, ...] = ()) -> Studies:
        """The results so far, as the report takes them.

        Args:
            failures: the studies that failed, each with its reason.
            left_out: the names of the steps for which no time was left.
            coming: the names of the steps that are still being made.
        """
        now = self.now
        losses = {name: now.losses[first] for name, first in self.makers.alike.items() if first in now.losses}
        of_regions: dict[tuple[str | None, str | None], Losses] = {
            (name, None): _of_regions(losses[name]) for name in losses if not rules_of(self.plans[name].policy).limits
        }
        return Studies(
            now.audit,
            losses,
            {**now.region_losses, **of_regions},
            dict(now.prices),
            dict(now.sizes),
            dict(now.survival),
            tuple(row for name in self.plans for row in now.stressed.get(name, ())),
            now.frontier,
            now.buys,
            now.split,
            now.decide,
            failures,
            left_out,
            coming,
        )

    def _ends(self) -> list[str | None]:
        """The first policy and the last one without pathway limits; a policy with them takes four times as long."""
        quick = [
            name
            for name, plan in self.plans.items()
            if all(limit.measure != "pathway" for limit in rules_of(plan.policy).limits)
        ]
        return list(dict.fromkeys([*[*self.plans][:1], *quick[-1:]]))


def _into[Key](table: dict[Key, Any], key: Key) -> Callable[[Any], None]:
    """A function that stores a value under a key of a table."""
    return partial(table.__setitem__, key)


def _of_regions(losses: Losses) -> Losses:
    table = losses.table[losses.table["over"] == "region"].reset_index(drop=True)
    return replace(losses, table=table)
