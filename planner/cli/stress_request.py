"""What `planner stress` is asked: an instance, policies and scenarios, which questions, and their figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from planner.cli.bar import progress
from planner.cli.stress_answers import TWO, StressAnswers

if TYPE_CHECKING:
    from planner.instance.instance import Instance
    from planner.instance.policy import Policy
    from planner.instance.scenario import Scenario


@dataclass(frozen=True)
class StressRequest:
    """What is asked: an instance, policies and scenarios, which questions, and their figures.

    Attributes:
        instance: the undisturbed instance.
        policies: the policies whose plans are struck; None for no policy.
        scenarios: the scenarios that strike; none where strikes are not asked for.
        striking: whether strikes by the scenarios are asked for.
        each: the kinds of sets of sites of which each is struck; none where that is not asked for.
        survive, leverage, decide_by, per_dollar: whether these questions are asked.
        start: position of the period in which outages begin; None for the default of each question.
        periods, recovery: how long the outages of `each` last, and how long capacity takes to return.
        recover: time to recover, in periods, beside the time to survive; None where it is not known.
        price: of a broken promise, in money a unit; None for the default of each promise.
    """

    instance: Instance
    policies: Sequence[Policy | None]
    scenarios: list[Scenario]
    striking: bool
    each: tuple[str, ...]
    survive: bool
    leverage: bool
    decide_by: bool
    per_dollar: bool
    start: int | None
    periods: int
    recovery: int
    recover: float | None
    price: float | None

    @property
    def each_from(self) -> int:
        """The position of the period in which the outages of `each` begin: the first reported one by default."""
        return self.instance.report_periods[0] if self.start is None else self.start

    def question(self) -> str:
        """The hash of what is asked."""
        from planner.plan.run_record import policy_record, scenario_record
        from planner.store.questions import question

        return question(
            "stress",
            {
                "instance": self.instance.content_hash,
                "policies": [policy_record(policy) for policy in self.policies],
                "scenarios": [scenario_record(scenario) for scenario in self.scenarios],
                "striking": self.striking,
                "each": [self.each, self.each_from, self.periods, self.recovery] if self.each else None,
                "survive": [self.start, self.recover] if self.survive else None,
                "leverage": self.leverage,
                "decide_by": self.decide_by,
                "per_dollar": [self.start] if self.per_dollar else None,
                "price": self.price,
            },
        )

    def answers(self, deadline: float | None) -> StressAnswers:
        """Plan undisturbed, and ask every question of every policy."""
        from planner.study.stress.undisturbed import undisturbed_each

        with progress("planning") as advance:
            advance(0, len(self.policies), "undisturbed")
            bases = undisturbed_each(self.instance, self.policies, TWO, deadline)
        found = StressAnswers(self.instance, bases, deadline)
        if self.striking:
            found.strike(self.scenarios, self.price)
        for name, base in bases.items():
            questions = self._questions(found, name)
            if questions and not found.failed(name, base):
                for option, answer in questions.items():
                    found.ask(name, option, answer)
        return found

    def _questions(self, found: StressAnswers, name: str | None) -> dict[str, Callable[[], None]]:
        """The questions beside the strikes, by their options: functions that add the answer for a policy to `found`."""
        every: dict[str, tuple[bool, Callable[[], None]]] = {
            "--each": (
                bool(self.each),
                partial(found.each, name, self.each, self.each_from, self.periods, self.recovery, self.price),
            ),
            "--survive": (self.survive, partial(found.survive, name, self.start, self.recover, self.scenarios)),
            "--leverage": (self.leverage, partial(found.leverage, name, self.price)),
            "--decide-by": (self.decide_by, partial(found.decide_by, name)),
            "--per-dollar": (self.per_dollar, partial(found.per_dollar, name, self.start, self.scenarios, self.price)),
        }
        return {option: answer for option, (wanted, answer) in every.items() if wanted}
