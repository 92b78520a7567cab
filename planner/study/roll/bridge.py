"""From last month's plan to this month's: why the cost of the rest changed, in steps that add up exactly.

    cost of this plan - cost that the last plan booked for the same periods
      = sum over groups g of (least cost with the figures of groups 1..g - least cost with those of 1..g-1)
        + (cost of this plan - its least cost) - (what the last plan booked - its least cost)

The first instance is the last plan rolled on as if everything had happened as planned. Then each group of figures is
replaced by that of this month, one after another, and each step is solved. The last line is re-optimisation: what a
frozen zone or a gap costs in this plan, minus what it cost in the last one. If a group alone leaves no plan, or no
valid instance, it is replaced together with the next group. Another order of the groups would split the change
differently. Contracts are a group of their own, because what is left of a minimum says neither what was made nor what
was agreed anew. Outages that continue count as capacity, in whichever table they are written.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import pandas as pd

from planner.errors import InfeasibleError, InstanceError, UnboundedError, UsageError
from planner.instance.instance import Instance, row_mapping
from planner.instance.loading import load_instance
from planner.instance.policy import Policy
from planner.instance.records import Record, Stock
from planner.instance.settings import Settings
from planner.plan.plan import Plan
from planner.plan.planning import solve
from planner.plan.rounding import rounded
from planner.study.policy_split import content_of
from planner.study.progress import Progress
from planner.study.roll.nervousness import Moved, moved_between
from planner.study.roll.roll import roll
from planner.text.blocks import Block, Summary
from planner.text.figures import money
from planner.text.json_values import records

ALIKE = 1e-7  # relative: costs that are closer are the same
HORIZON, ACTUALS, CONTRACTS, DEMAND = "longer horizon", "actuals", "contracts", "demand"
CAPACITY, OTHERS = "capacity", "other figures"
REOPTIMISED = "re-optimisation"
GROUPS: dict[str, tuple[str, ...]] = {
    ACTUALS: ("stocks", "arrivals", "owed", "limits_used"),
    CONTRACTS: ("commitments",),
    DEMAND: ("demand",),
    CAPACITY: ("capacities", "expansions", "expansion_factors", "outages", "lane_capacities"),
    OTHERS: ("items", "processes", "components", "lanes", "tariffs", "stocks"),
}
NOISE = 1e-8  # of the costs: by as much the nine digits of the tables that are rolled on move a least cost
COUNTED = ("opening", "touched", "worked_here", "source")  # of a stock; its other figures are ours, and no actuals
WORDS = {"name", "source"}  # of a row; no cost depends on them
KNOWN = ("sites", "customers")  # a new one is there from the first step on: nothing goes to it by itself


@dataclass(frozen=True)
class Bridge:
    """Why the cost of the rest changed from one plan to a later one.

    Attributes:
        steps: because (the groups), cost (least cost with all groups up to it), change; the first row is what the last
            plan booked for the periods, the last one the later plan's cost. Money, discounted as in both plans.
        moved: what moved between them.
        currency: of the money.
        names: of the two plans.
    """

    steps: pd.DataFrame
    moved: Moved
    currency: str
    names: tuple[str, str]

    @property
    def change(self) -> float:
        """The cost of the later plan less what the last one booked for the same periods: the sum of all changes."""
        return float(self.steps["cost"].iloc[-1] - self.steps["cost"].iloc[0])

    @cached_property
    def summary(self) -> Summary:
        """The bridge, and what moved, for people."""
        first, last = (money(float(self.steps["cost"].iloc[at]), self.currency) for at in (0, -1))
        moved = self.moved
        span = f"{moved.periods[0]} to {moved.periods[-1]}" if len(moved.periods) > 1 else moved.periods[0]
        said, more = f"this one says {last}", self.change
        if first == last and abs(more) > ALIKE * float(self.steps["cost"].abs().max()):
            said = f"this one says {money(abs(more), self.currency)} {'more' if more > 0 else 'less'}"
        lines = (f"For {span} the last plan said {first}, {said}.", moved.sentence)
        return Summary(
            f"{self.names[1]} against {self.names[0]}",
            lines,
            (
                Block("Why the cost of the rest changed", self.steps, f"{self.currency}, discounted as in both plans"),
                Block("Re-sourced", moved.resourced[moved.resourced["units"] > 0], "good units", most=12),
                Block("Orders that moved", moved.orders, "units, by date of arrival and last site", most=20),
            ),
        )

    def as_json(self) -> dict[str, Any]:
        """The object that `planner compare --json` prints."""
        return {
            "first": self.names[0],
            "second": self.names[1],
            "periods": list(self.moved.periods),
            "steps": records(self.steps),
            "change": self.change,
            "resourced_units": self.moved.units,
            "resourced_share": self.moved.share,
            "resourced": records(self.moved.resourced),
            "orders": records(self.moved.orders),
        }


def follows(first: Plan, second: Plan) -> bool:
    """Whether one plan is of a later period of what the other one plans: both count money from the same period."""
    one, other = first.instance, second.instance
    gone = other.settings.elapsed - one.settings.elapsed
    labels = one.periods.labels
    same = one.settings.name == other.settings.name and one.periods.length == other.periods.length
    return same and 0 < gone < len(labels) and other.periods.labels[0] == labels[gone]


def bridge(first: Plan, second: Plan, progress: Progress | None = None) -> Bridge:
    """The bridge from a plan to one of a later period.

    Args:
        first: last month's plan.
        second: this month's, of an instance that `roll` made and that may have been changed since.
        progress: called with (done, all, name of the next) before each solve.

    Raises:
        UsageError: the second does not follow the first, or they count in two currencies.
        InfeasibleError, UnboundedError, SolverError, LimitReachedError: the last step cannot be solved.
    """
    if not follows(first, second):
        raise UsageError(
            f"The plan of {second.instance.settings.name} from {second.instance.periods.labels[0]} on does not follow "
            f"that of {first.instance.settings.name} from {first.instance.periods.labels[0]} on: roll the first, solve "
            "what that writes, and compare the two."
        )
    currency = second.instance.settings.currency
    if first.instance.settings.currency != currency:
        raise UsageError(f"The first plan counts in {first.instance.settings.currency}, the second in {currency}.")
    rolled = roll(first, second.instance.periods.labels[0])
    policy = rolled.instance.policy(first.policy.name) if first.policy else None
    steps = _steps(rolled.instance, policy, second)
    tell = progress or (lambda *_: None)
    tell(0, len(steps) + 1, "as planned")
    least = [solve(rolled.instance, policy).objective]
    changes: list[tuple[str, float]] = []
    waiting: list[str] = []
    for number, (name, made) in enumerate(steps, start=1):
        waiting.append(name)
        tell(number, len(steps) + 1, name)
        try:
            found = solve(*made()).objective
        except (InfeasibleError, UnboundedError, InstanceError):
            if number == len(steps):
                raise
            continue
        changes.append((" and ".join(waiting), found - least[-1]))
        least.append(found)
        waiting = []
    changes.append((REOPTIMISED, (second.objective - least[-1]) - (rolled.tail_cost - least[0])))
    size = max(map(abs, (*least, rolled.tail_cost, math.fsum(second.costs["amount"].abs()))))
    table = bridge_table(rolled.tail_cost, least[0], changes, NOISE * size)
    return Bridge(table, moved_between(first, second), currency, (_named(first), _named(second)))


def bridge_table(booked: float, least: float, changes: list[tuple[str, float]], noise: float) -> pd.DataFrame:
    """The steps of a bridge: because, cost, change.

    Changes that are noise are shown as 0, and their sum is added to the largest change, so that all add up.

    Args:
        booked: what the last plan booked.
        least: the least cost of its rest.
        changes: (because, change) of each step; the last one is re-optimisation.
        noise: the least change that is none.
    """
    names, found = zip(*changes, strict=True)
    kept = [change if abs(change) > noise else 0.0 for change in found]
    if any(kept):
        largest = max(range(len(kept)), key=lambda step: abs(kept[step]))
        kept[largest] += math.fsum(found) - math.fsum(kept)
    costs = [booked, *(least + math.fsum(kept[: step + 1]) for step in range(len(kept) - 1)), booked + math.fsum(kept)]
    table = pd.DataFrame({"because": ["last plan", *names], "cost": costs, "change": [math.nan, *kept]})
    for name in ("cost", "change"):
        table[name] = rounded(table[name], 12)
    return table


def _named(plan: Plan) -> str:
    return f"{plan.name} from {plan.instance.periods.labels[0]} on"


Question = tuple[Instance, Policy | None]


def _steps(rolled: Instance, kept: Policy | None, second: Plan) -> list[tuple[str, Callable[[], Question]]]:
    """The groups whose figures differ, each with what makes the question of its step; the last is this month's.

    Args:
        rolled: the last plan's instance, rolled on.
        kept: its policy, which is chosen anew with the other figures.
        second: this month's plan.
    """
    target, policy = second.instance, second.policy
    tables: dict[str, Any] = {name: getattr(target, name) for name in KNOWN}
    calendar = {name: getattr(target.settings, name) for name in ("calendar", "report_window")}
    longer = rolled.settings.model_copy(update=calendar)
    found: list[tuple[str, Callable[[], Question]]] = []

    def step(name: str, settings: Settings, chosen: Policy | None) -> None:
        found.append((name, partial(_question, rolled, dict(tables), settings, chosen)))

    if target.periods.labels != rolled.periods.labels:
        step(HORIZON, longer, kept)
    for name, group in GROUPS.items():
        last = name == OTHERS
        given = {table: getattr(target, table) for table in group}
        if name == ACTUALS:
            given["stocks"] = _as_counted(rolled, target)
        differ = any(
            _figures(tables.get(table, getattr(rolled, table))) != _figures(rows) for table, rows in given.items()
        )
        tables |= given
        if last:
            differ |= content_of(kept, target) != content_of(policy, target) or _counts(longer) != _counts(
                target.settings
            )
        if differ:
            step(name, target.settings if last else longer, policy if last else kept)
    return found


def _figures(rows: Iterable[Record]) -> list[str]:
    """The figures of rows, without names, sources and the order in which they stand."""
    return sorted(repr({name: part for name, part in row_mapping(row).items() if name not in WORDS}) for row in rows)


def _counts(settings: Settings) -> dict[str, Any]:
    """The settings that a plan depends on: without what only names or describes."""
    return settings.model_dump(exclude={"title", "as_of", "regions"})


def _as_counted(rolled: Instance, target: Instance) -> tuple[Stock, ...]:
    """What stands where by this month's count, with the bounds and costs that were known last month."""
    before = {(row.site, row.item): row for row in rolled.stocks}
    now = {(row.site, row.item): row for row in target.stocks}
    found = []
    for site, item in sorted(before.keys() | now.keys()):
        counted = now.get((site, item), Stock(site=site, item=item))
        known = before.get((site, item), Stock(site=site, item=item))
        found.append(known.model_copy(update={name: getattr(counted, name) for name in COUNTED}))
    return tuple(found)


def _question(rolled: Instance, tables: dict[str, Any], settings: Settings, policy: Policy | None) -> Question:
    """The rolled instance with some tables of this month's, checked, and the policy.

    Raises:
        InstanceError: the tables do not fit together.
    """
    mixed = rolled.replace(**tables, scenarios=(), policies=())
    fields = {name: getattr(mixed, name) for name in Instance.model_fields}
    return load_instance(Instance.model_construct(None, **{**fields, "settings": settings}).as_mapping()), policy
