"""Plans of views: live re-solves of a policy's baseline where only figures differ. One thread at a time may ask."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from planner.errors import InfeasibleError, LimitReachedError, PlannerError
from planner.instance.instance import Instance
from planner.plan.case import Case
from planner.plan.live_planning import Replanner
from planner.plan.plan import Plan
from planner.plan.planning import plan_instance
from planner.plan.run_options import RunOptions
from planner.serve.view import Repair, View
from planner.serve.wishes import Wish, place_of, wish_of
from planner.serve.written import written
from planner.study.stress.surprise import stress_one
from planner.study.stress.undisturbed import Undisturbed

BASELINES, STRUCK, ANSWERS = 4, 2, 48  # that are kept
SECONDS = 120.0  # that a plan may take


@dataclass(frozen=True)
class Refusal:
    """Why a view has no plan.

    Attributes:
        error: what the planner says.
        ways: the repairs as they can be taken up, in the order of the error's; an empty one where it cannot be.
    """

    error: PlannerError
    ways: tuple[tuple[Repair, ...], ...] = ()


@dataclass(frozen=True)
class Answer:
    """What came of a view.

    Attributes:
        view: the view.
        wish: what was planned; None where the view means nothing.
        plan: the plan, or why there is none.
        seconds: that it took.
    """

    view: View
    wish: Wish | None
    plan: Plan | Refusal
    seconds: float


class Kept[Key, Value]:
    """The last so many values, by key; each is made when it is first asked for."""

    def __init__(self, most: int) -> None:
        self._most, self._of = most, OrderedDict[Key, Value]()

    def of(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value of a key; what `make` raises is not kept."""
        if key not in self._of:
            self._of[key] = make()
        self._of.move_to_end(key)
        while len(self._of) > self._most:
            self._of.popitem(last=False)
        return self._of[key]

    def drop(self, key: Key) -> None:
        """Forget the value of a key."""
        self._of.pop(key, None)

    def get(self, key: Key) -> Value | None:
        """The value of a key; None where it is not there."""
        return self._of.get(key)


class Planning:
    """The plans of an instance's views; each equals that of the same run built anew, whatever was asked before.

    Attributes:
        instance: as it is given.
        options: of every run.
    """

    def __init__(self, instance: Instance, seconds: float = SECONDS) -> None:
        self.instance, self.options = instance, RunOptions(time_limit=seconds)
        self._baselines: Kept[str, Replanner] = Kept(BASELINES)
        self._struck: Kept[str, Undisturbed] = Kept(STRUCK)
        self._answers: Kept[str, Answer] = Kept(ANSWERS)

    def known(self, view: View) -> Answer | None:
        """The answer to a view, if it is kept; may be asked from any thread."""
        return self._answers.get(view.planned.query)

    def answer(self, view: View) -> Answer:
        """The answer to a view; a bug is raised, all else is an answer. One that a time limit ended is not kept."""
        found = self._answers.of(view.planned.query, lambda: self._answered(view.planned))
        if isinstance(found.plan, Refusal) and isinstance(found.plan.error, LimitReachedError):
            self._answers.drop(view.planned.query)
        return found

    def _answered(self, view: View) -> Answer:
        begun = time.perf_counter()
        wish: Wish | None = None
        try:
            wish = wish_of(self.instance, view)
            found: Plan | Refusal = self._planned(view, wish)
        except InfeasibleError as error:
            found = Refusal(error, () if wish is not None and wish.strike else self._ways(error))
        except PlannerError as error:
            found = Refusal(error)
        return Answer(view, wish, found, time.perf_counter() - begun)

    def _planned(self, view: View, wish: Wish) -> Plan:
        if wish.strike is not None:
            stressed = stress_one(self._undisturbed(view), wish.strike, deadline=self.options.deadline_from_now())
            if isinstance(stressed.plan, Plan):
                return stressed.plan
            raise PlannerError(stressed.plan.message)
        baseline, at = self._baseline(view.policy), place_of(self.instance, view)
        if view.repairs:
            asked = written(self.instance, view)
            return baseline.plan_case(Case(asked.instance, asked.instance, asked.policy, None), at=at)
        return baseline.plan(wish.known, wish.policy if wish.moved else None, at=at)

    def _baseline(self, policy: str) -> Replanner:
        def make() -> Replanner:
            chosen = self.instance.policy(policy) if policy else None
            return Replanner(self.instance, chosen, self.options, priced=False)

        return self._baselines.of(policy, make)

    def _undisturbed(self, view: View) -> Undisturbed:
        """What a strike meets: the plan of all that was known before, with its repairs."""
        before = View(view.policy, limits=view.limits, capacity=view.capacity, demand=view.demand, repairs=view.repairs)

        def make() -> Undisturbed:
            asked = written(self.instance, view)
            return Undisturbed.of(asked.instance, asked.policy, self.options.deadline_from_now())

        return self._struck.of(before.query, make)

    def _ways(self, error: InfeasibleError) -> tuple[tuple[Repair, ...], ...]:
        return tuple(
            tuple(
                Repair(line.rule.name, tuple(sorted(line.labels.items())), tuple(map(float, line.figures)))
                for line in lines
            )
            for lines in error.lines
        )

    def priced(self, view: View) -> Plan:
        """The plan of a view built anew, with its shadow prices: what `planner solve` makes of the same.

        Raises:
            PlannerError: it has none.
        """
        asked = written(self.instance, view.planned)
        if asked.struck:
            return self._planned(view.planned, wish_of(self.instance, view))
        return plan_instance(asked.instance, asked.policy, asked.scenario, self.options)
