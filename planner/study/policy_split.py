"""Splitting the cost difference of two plans into the parts in which their policies differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from planner.errors import InfeasibleError, InstanceError, UnboundedError
from planner.instance.by_name_or_file import find_policy
from planner.instance.instance import Instance
from planner.instance.policy import Limit, Policy, buffer_name, free_name, rules_of
from planner.instance.records import LimitUsed
from planner.model.program import write_program
from planner.network.building import build_network
from planner.network.steps import Steps
from planner.plan.plan import Plan
from planner.plan.planning import plan_program, refuse_unreachable
from planner.plan.rounding import steady
from planner.plan.run_options import RunOptions
from planner.solve.carried_basis import CarriedBasis
from planner.solve.deadline import refuse_when_over
from planner.study.progress import ALONE, Effort, Tally

COLUMNS = ["part", "cost", "other_order", "reason"]
DATA, OPTIONS, BUFFERS, SOURCES = "data and scenario", "options", "buffers", "sources"
PATHWAY = "pathway limits"
REOPTIMISED = "re-optimisation"
TENTH = 0.1  # by which two orders may differ before both are told
NOTHING = 1e-7  # of the cost: a smaller part is what two solves differ by
STEP = "a-step"  # a policy on the way from one to the other


@dataclass(frozen=True)
class PolicyPart:
    """A part of a policy that is exchanged as a whole.

    Attributes:
        name: its name for people: `options`, `wafer limits`, `pathway limits`, ...
        of: returns the content of the part in a policy; two policies differ in the part where the contents differ.
        put: returns a policy with the content of the part taken from another policy.
    """

    name: str
    of: Callable[[Policy], object]
    put: Callable[[Policy, Policy], Policy]


def parts_of(instance: Instance) -> tuple[PolicyPart, ...]:
    """The groups in the order in which they are switched on: options, limits by stage along the chain, the rest."""

    def limits(name: str, stage: str | None) -> PolicyPart:
        def own(policy: Policy) -> tuple[object, ...]:
            kept = (limit for limit in policy.limits if limit.stage == stage)
            return tuple(sorted(kept, key=lambda limit: limit.name))

        def put(policy: Policy, other: Policy) -> Policy:
            kept = [limit for limit in policy.limits if limit.stage != stage]
            added = [limit for limit in other.limits if limit.stage == stage]
            return policy.model_copy(update={"limits": (*kept, *added)})

        return PolicyPart(name, own, put)

    def field(name: str) -> PolicyPart:
        return PolicyPart(
            name,
            lambda policy: getattr(policy, name),
            lambda policy, other: policy.model_copy(update={name: getattr(other, name)}),
        )

    every = sorted({row.option for row in instance.expansions})
    options = PolicyPart(
        OPTIONS, lambda policy: every if policy.options is None else sorted(set(policy.options)), field(OPTIONS).put
    )
    stages = [limits(f"{stage} limits", stage) for stage in instance.stages]
    return (options, *stages, limits(PATHWAY, None), field(BUFFERS), field(SOURCES))


def differing_parts(first: Plan, second: Plan) -> tuple[PolicyPart, ...]:
    """The parts in which the policies of two plans differ; data are not among them."""
    one, other = (rules_of(plan.policy) for plan in (first, second))
    return tuple(part for part in parts_of(second.instance) if part.of(one) != part.of(other))


def policy_split(
    first: Plan, second: Plan, known: Mapping[str, Plan] | None = None, effort: Effort = ALONE
) -> pd.DataFrame:
    """The part of the cost difference of two plans that each part of their policies causes.

    The parts of the second policy replace those of the first one after another, and each step is solved:

        cost(part k) = least cost with parts 1..k of the second policy - least cost with parts 1..k-1 of it

    so that the parts add up to the whole difference. A frozen zone or a strike without warning can make a plan cost
    more than the least cost; the difference of this excess between the two plans is a part, too: re-optimisation. The
    cost of a part can depend on the parts before it, so it is also computed in the reverse order, and shown where the
    two differ by more than a tenth of the larger. Data and scenario, where they differ, come first, in reverse last.

    Args:
        first, second: the plans; of two instances where their data differs.
        known: plans of the second plan's instance by policy content (`content_of`), which need not be solved again.
        effort: progress by solves, and the deadline; it uses one thread.

    Returns:
        part, cost (money), other_order (money; NaN where it is about the same or not known), reason (why a cost is not
        known; else empty). Empty where the plans differ in fewer than two groups.

    Raises:
        LimitReachedError: the deadline passed before the last step.
        SolverError: a step could not be solved.
    """
    parts = differing_parts(first, second)
    same = _data_of(first) == _data_of(second)
    names = [*([] if same else [DATA]), *(part.name for part in parts)]
    dearer = [plan for plan in (first, second) if not _is_of_least_cost(plan)]
    if len(names) < (1 if dearer else 2):
        return pd.DataFrame(columns=COLUMNS)
    ladder = _Ladder(first, second, dict(known or {}), effort, 2 * (len(names) - 1) + len(dearer))
    forward = ladder.climb(names, parts)
    backward = ladder.climb(names[::-1], parts)
    if dearer:
        forward[REOPTIMISED] = backward[REOPTIMISED] = ladder.reoptimised
    rows = []
    for name in forward:
        one, other = forward[name], backward[name]
        noise = NOTHING * max(abs(first.objective), abs(second.objective))
        one_cost, other_cost = (0.0 if abs(step.cost) <= noise else step.cost for step in (one, other))
        apart = abs(one_cost - other_cost) > TENTH * max(abs(one_cost), abs(other_cost))
        beside = other_cost if apart or math.isnan(one_cost) else math.nan
        rows.append((name, one_cost, beside, one.reason))
    table = pd.DataFrame(rows, columns=COLUMNS)
    size = max(abs(first.objective), abs(second.objective))
    return table.assign(**{column: steady(table[column], [size]) for column in ("cost", "other_order")})


def content_of(policy: Policy | None, instance: Instance) -> str:
    """The content of a policy without its name; equal for policies that differ in their names only."""
    return repr([part.of(rules_of(policy)) for part in parts_of(instance)])


def _data_of(plan: Plan) -> str:
    """The content of what was solved, without the policies and scenarios that it had to choose from."""
    return plan.instance.replace(policies=(), scenarios=()).content_hash


def _is_of_least_cost(plan: Plan) -> bool:
    """Whether a plan has the least cost of its data and policy, so that no earlier decisions had to stay."""
    close = plan.options.get("stay_close_to") or {}
    held = any(close.get(name) is not None for name in ("freeze", "most_resourced"))
    return "recourse" not in plan.tables and not held


@dataclass(frozen=True)
class _Step:
    cost: float
    reason: str = ""

    @classmethod
    def between(cls, before: float | str, after: float | str) -> _Step:
        """The step from one cost to another; in place of each cost there may be the reason why it is not known."""
        if isinstance(before, str) or isinstance(after, str):
            return cls(math.nan, after if isinstance(after, str) else str(before))
        return cls(after - before)


class _Ladder:
    """The steps from one plan to another; each policy on the way is solved once."""

    def __init__(self, first: Plan, second: Plan, known: dict[str, Plan], effort: Effort, steps: int) -> None:
        self.first, self.second, self.known, self.deadline = first, second, known, effort.deadline
        self.begin = Tally(steps, effort.progress)
        self.solved: dict[str, float | str] = {}
        self.start: CarriedBasis | None = None  # of the last plan on the way, where it is known
        self.built = Steps()  # what made the last network, most tables of which are those of the next
        self.least = self._least(first), self._least(second)

    def climb(self, names: Sequence[str], parts: Sequence[PolicyPart]) -> dict[str, _Step]:
        """The change of cost of each part, switched on in this order."""
        by_name = {part.name: part for part in parts}
        instance, policy = self.first.instance, rules_of(self.first.policy)
        before = self.least[0]
        self.start = self.first.basis
        found = {}
        for number, name in enumerate(names):
            if name == DATA:
                instance = self.second.instance
            else:
                policy = by_name[name].put(policy, rules_of(self.second.policy))
            after = self.least[1] if number == len(names) - 1 else self._cost(instance, policy, name)
            found[name] = _Step.between(before, after)
            before = after
        return found

    @property
    def reoptimised(self) -> _Step:
        """The excess of the second plan's cost over its least cost, minus that of the first plan."""
        first = _Step.between(self.least[0], self.first.objective)
        second = _Step.between(self.least[1], self.second.objective)
        return _Step(second.cost - first.cost, second.reason or first.reason)

    def _least(self, plan: Plan) -> float | str:
        """The least cost with the data and the policy of one of the two plans, or the reason why it is not known."""
        if _is_of_least_cost(plan):
            return plan.objective
        return self._cost(plan.instance, rules_of(plan.policy), REOPTIMISED)

    def _cost(self, instance: Instance, policy: Policy, name: str) -> float | str:
        self.begin(name)
        content, its_data = content_of(policy, instance), instance is self.second.instance
        if its_data and content in self.known:
            self.start = self.known[content].basis or self.start
            return self.known[content].objective
        key = f"{its_data} {content}"
        if key not in self.solved:
            self.solved[key] = self._solve(*self._step(instance, policy))
        return self.solved[key]

    def _step(self, instance: Instance, policy: Policy) -> tuple[Instance, Policy]:
        """The instance and policy of a step, with limits of both policies side by side and what was used of each.

        A limit whose name is already taken by another limit or buffer gets a new name, also in the table of use.
        """
        ends = (rules_of(self.first.policy), rules_of(self.second.policy))
        taken = {buffer_name(number) for number in range(1, len(policy.buffers) + 1)}
        limits: list[Limit] = []
        used: list[LimitUsed] = []
        for limit in policy.limits:
            owner = next((end.name for end in reversed(ends) if limit in end.limits), None)
            name = free_name(limit.name, taken)
            taken.add(name)
            limits.append(limit.model_copy(update={"name": name}))
            used += [
                row.model_copy(update={"policy": STEP, "limit": name})
                for row in instance.limits_used
                if (row.policy, row.limit) == (owner, limit.name)
            ]
        asked = policy.model_copy(update={"name": STEP, "limits": tuple(limits)})
        return (instance.replace(limits_used=used) if used else instance), asked

    def _solve(self, instance: Instance, policy: Policy) -> float | str:
        try:
            refuse_when_over(self.deadline, "a step between two policies was planned")
            self.built = Steps(self.built)
            network = build_network(instance, find_policy(instance, policy), steps=self.built)
            refuse_unreachable(network)
            options = RunOptions(deadline=self.deadline)
            plan = plan_program(write_program(network), options, priced=False, start=self.start)
        except (InfeasibleError, UnboundedError, InstanceError) as error:
            return str(error).splitlines()[0]
        self.start = plan.basis
        return plan.objective
