"""Runs of policies under scenarios, from shared baselines, each a plan or a failure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock
from typing import Protocol

from planner.errors import InstanceError, LimitReachedError, PlannerError
from planner.instance.by_name_or_file import with_distinct_names
from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.plan.case import name_of, names_of
from planner.plan.live_planning import Replanner
from planner.plan.plan import Plan
from planner.plan.planning import plan_instance
from planner.plan.run_options import RunOptions
from planner.solve.carried_basis import CarriedBasis
from planner.solve.deadline import refuse_when_over
from planner.solve.resolver import Resolver
from planner.solve.threads import Pool
from planner.study.failure import Failure, Run, failure_of
from planner.study.progress import Progress

NOT_BEGUN = "this run was begun"


class Memory(Protocol):
    """A store of runs (protocol): it can return runs made before; it changes no result, only the time."""

    def recall(
        self, instance: Instance, policy: Policy | None, scenario: Scenario | None, options: RunOptions
    ) -> Run | None:
        """The run of an undisturbed instance under a policy and a scenario, if it is known."""

    def keep(
        self, run: Run, instance: Instance, policy: Policy | None, scenario: Scenario | None, options: RunOptions
    ) -> None:
        """Keep a run that was made."""


def attempt(
    instance: Instance,
    policy: Policy | None = None,
    scenario: Scenario | None = None,
    options: RunOptions | None = None,
) -> Run:
    """Solve one run; a plan that a limit stopped counts as a plan, with its gap."""
    try:
        return plan_instance(instance, policy, scenario, options)
    except LimitReachedError as error:
        if error.plan is not None:
            plan: Plan = error.plan
            return plan
        return _failed(error, instance, policy, scenario)
    except PlannerError as error:
        return _failed(error, instance, policy, scenario)


def _failed(error: PlannerError, instance: Instance, policy: Policy | None, scenario: Scenario | None) -> Failure:
    return failure_of(error, instance.settings.name, *names_of(policy, scenario))


def survey(
    instance: Instance,
    policies: Sequence[Policy | None],
    scenarios: Sequence[Scenario | None],
    progress: Progress | None = None,
    options: RunOptions | None = None,
    threads: int = 2,
    memory: Memory | None = None,
    bases: Baselines | None = None,
) -> dict[tuple[str | None, str | None], Run]:
    """Every policy under every scenario, each re-solved knowing the scenario from the first period.

    The runs of a policy share a baseline, and are live re-solves of it where only numbers differ; the others are built
    anew and say why (`Plan.rebuilt`). No run depends on another, so the results do not depend on how many are made at a
    time.

    Args:
        instance: what is planned.
        policies, scenarios: in the order to run; None stands for no policy or nothing happening.
        progress: called with (runs done, all runs, name of the one just done) after each run.
        options: how every run is solved. Their deadline, or time limit, is for all runs together: those that are not
            begun by then are failures with the status `limit`.
        threads: runs that are made at a time, with a model each.
        memory: the store that is asked for each run before it is made, and given each run that was made; None for none.
        bases: the baselines of these policies, which the caller uses again; None where it does not.

    Returns:
        runs by (policy name, scenario name), in the order given.

    Raises:
        UsageError: two policies, or two scenarios, that differ have one name.
        InstanceError: the instance is not right without any scenario.
    """
    with_distinct_names("policies", policies)
    with_distinct_names("scenarios", scenarios)
    pairs = [(policy, scenario) for policy in policies for scenario in scenarios]
    each = len(scenarios)
    asked = options or RunOptions()
    asked = replace(asked, deadline=asked.deadline_from_now())
    if bases is None and each > 1:
        bases = Baselines(instance, policies, asked)
    known = {} if memory is None else _recalled(memory, instance, pairs, asked)
    left = set(range(len(pairs))) - set(known)
    order = sorted(left, key=lambda number: (number % each, number))  # baselines first, then by scenario
    with Pool(threads) as pool:
        futures = {
            pool.submit(_run, bases, number // each, instance, *pairs[number], asked): number for number in order
        }
        for done, future in enumerate(as_completed(futures), len(known)):
            number = futures[future]
            run = future.result()
            if progress:
                progress(done + 1, len(pairs), " / ".join(name or "none" for name in names_of(*pairs[number])))
            if _spoiled(run, pairs[number][1]):
                pool.shutdown(wait=True, cancel_futures=True)
                break
            if memory is not None:
                memory.keep(run, instance, *pairs[number], asked)
    found = known | {number: future.result() for future, number in futures.items() if not future.cancelled()}
    for number, run in sorted(found.items()):
        error = _spoiled(run, pairs[number][1])
        if error is not None:
            raise error  # the instance itself is not right: no run of it means anything
    return {names_of(*pair): found[number] for number, pair in enumerate(pairs)}


def _recalled(
    memory: Memory, instance: Instance, pairs: Sequence[tuple[Policy | None, Scenario | None]], options: RunOptions
) -> dict[int, Run]:
    """The runs that are known, by their positions."""
    found = {number: memory.recall(instance, *pair, options) for number, pair in enumerate(pairs)}
    return {number: run for number, run in found.items() if run is not None}


class Baselines:
    """The solved baselines of some policies: made when first used, with a live model for each that uses one at a time.

    Attributes:
        policies: whose they are.
        ended: by the names of policy and scenario, the basis in which a run was solved live.
    """

    def __init__(
        self, instance: Instance, policies: Sequence[Policy | None], options: RunOptions | None = None
    ) -> None:
        """Take the instance without a scenario, the policies, and the options of every run."""
        asked = options or RunOptions()
        self.instance, self.policies, self.options = (
            instance,
            policies,
            replace(asked, deadline=asked.deadline_from_now()),
        )
        self.locks = [Lock() for _ in policies]
        self.first: list[Replanner | None] = [None for _ in policies]
        self.idle: list[list[Replanner]] = [[] for _ in policies]
        self.ended: dict[tuple[str | None, str], CarriedBasis] = {}

    @contextmanager
    def lent(self, number: int) -> Iterator[Replanner]:
        """The baseline of the policy at a position, with a live model that no other thread uses meanwhile."""
        with self.locks[number]:
            base = self._unused(number)
        try:
            yield base
        finally:
            self.idle[number].append(base)

    @contextmanager
    def model(self, policy: Policy | None) -> Iterator[Resolver | None]:
        """The live model of the baseline of a policy, as `lent`; None where it is no linear program, or has no plan."""
        number = next((at for at, known in enumerate(self.policies) if known == policy), None)
        if number is None:
            yield None
            return
        with self.lent(number) as base:
            yield base.resolver

    def _unused(self, number: int) -> Replanner:
        if self.idle[number]:
            return self.idle[number].pop()
        first = self.first[number]
        if first is not None:
            return first.twin()
        self.first[number] = made = Replanner(self.instance, self.policies[number], self.options, start=self._known())
        return made

    def under_another_policy(self, scenario: Scenario) -> CarriedBasis | None:
        """The basis in which a scenario was solved under another policy; None where it was under none."""
        found = [basis for (_, name), basis in list(self.ended.items()) if name == scenario.name]
        return found[-1] if found else None

    def _known(self) -> CarriedBasis | None:
        """The basis of a baseline that is solved already; None where none is."""
        for resolver in (base.resolver for base in self.first if base is not None):
            if resolver is not None and resolver.basis is not None:
                return CarriedBasis.of(resolver.program, resolver.basis)
        return None


def _run(
    bases: Baselines | None,
    number: int,
    instance: Instance,
    policy: Policy | None,
    scenario: Scenario | None,
    options: RunOptions,
) -> Run:
    """A run from the baseline of its policy (at position `number`), or built by itself without baselines."""
    try:
        refuse_when_over(options.deadline, NOT_BEGUN)
        if bases is None:
            return attempt(instance, policy, scenario, options)
        with bases.lent(number) as base:
            if base.obstacle is None:
                if scenario is None:
                    return base.plan()
                found = base.plan(scenario, start=bases.under_another_policy(scenario))
                if found.basis is not None and not found.rebuilt:
                    bases.ended[name_of(policy), scenario.name] = found.basis
                return found
    except LimitReachedError as error:
        return error.plan if isinstance(error.plan, Plan) else _failed(error, instance, policy, scenario)
    except PlannerError as error:
        return _failed(error, instance, policy, scenario)
    run = attempt(instance, policy, scenario, options)
    return replace(run, rebuilt=str(base.obstacle)) if isinstance(run, Plan) else run


def _spoiled(run: Run, scenario: Scenario | None) -> InstanceError | None:
    """The error of the instance itself, if a run without a scenario has one."""
    return run.error if isinstance(run, Failure) and scenario is None else None
