"""Rolling a plan on: the instance as it stands at the start of a later period, had the plan been followed.

The plan's decisions before the period become data of the new instance: opening stock, arrivals (work in process and
goods on lanes), owed orders, bought options, partly met commitments, and the used part of limits over the horizon.
Money stays discounted to the same period. So the new instance has the rest of the plan as a plan of least cost: it
costs what the plan booked from the period on (`tail_costs`).

    least cost of the rolled instance = sum of the plan's costs that are booked in t, t+1, ...
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path

import pandas as pd

from planner.errors import InstanceError, UsageError, nearest, refuse_other_kinds
from planner.instance.applying import apply_scenario
from planner.instance.instance import Instance
from planner.instance.loading import load_instance
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.network.watches import watches_of
from planner.plan.measures.money import costs_booked
from planner.plan.plan import Plan, refuse_no_plan
from planner.plan.pools import read_pools
from planner.study.roll.actuals import Actuals, read_actuals
from planner.study.roll.calendar import Shift, tables_left
from planner.study.roll.differences import differences, goods_that_stay_nowhere, outage_rows, really_owed, really_there
from planner.study.roll.promises import commitments_left, demand_left, limits_used, options_left, owed_at
from planner.study.roll.standing import standing_at, tables_of
from planner.study.roll.touched import marks_in_pools
from planner.text.blocks import Block, Summary
from planner.text.figures import counted


@dataclass(frozen=True, eq=False)
class Rolled:
    """A plan rolled on.

    Attributes:
        instance: as it stands at the start of the period; the plan's policy is among its policies.
        notes: sentences on what was left out, and on what is doubtful in the files of actuals.
        tail_costs: the plan's cost components that are booked from the period on, in money discounted as before.
        differences: kind (stock, arrival, delivery, outage), item, place, period, expected, actual, difference (units);
            a row for each figure that the actuals name.
    """

    instance: Instance
    notes: tuple[str, ...]
    tail_costs: dict[str, float]
    differences: pd.DataFrame

    def __repr__(self) -> str:
        labels = self.instance.periods.labels
        return f"<Rolled of {self.instance.settings.name}: {labels[0]} to {labels[-1]}, {len(self.notes)} notes>"

    @property
    def tail_cost(self) -> float:
        """What the rest of the plan costs, in money discounted as before."""
        return math.fsum(self.tail_costs.values())

    @cached_property
    def summary(self) -> Summary:
        """What was carried, for people."""
        instance = self.instance
        counts = {
            ("opening stock", "opening stocks"): sum(row.opening > 0 for row in instance.stocks),
            ("arrival", "arrivals"): len(instance.arrivals),
            ("owed order", "owed orders"): sum(row.quantity > 0 for row in instance.owed),
            ("option bought", "options bought"): sum((row.bought or 0.0) > 0 for row in instance.expansions),
            ("commitment", "commitments"): len(instance.commitments),
        }
        carried = ", ".join(f"{count} {one if count == 1 else many}" for (one, many), count in counts.items() if count)
        periods = len(instance.periods)
        left = f"{counted(periods, 'period')} {'is' if periods == 1 else 'are'} left"
        left += f", from {instance.periods.labels[0]} on" if periods > 1 else f", {instance.periods.labels[0]}"
        return Summary(
            f"{instance.settings.name} at the start of {instance.periods.labels[0]}",
            (f"{left}. Carried on: {carried or 'nothing'}.", *self.notes),
            (Block("Actual against expected", self.differences, "units"),),
        )


def roll(plan: Plan, to: str, actuals: Actuals | str | Path | None = None) -> Rolled:
    """The instance as it stands at the start of a period, had the plan been followed.

    Actual figures, where they are given, replace those that the plan expected.

    >>> import planner
    >>> plan = planner.solve("instances/accelerators", policy="diversified")
    >>> planner.roll(plan, "2027Q3").instance.periods.labels[0]
    '2027Q3'

    Args:
        plan: the plan that was followed until then. Its scenario has been applied to its instance.
        to: the label of the period.
        actuals: the actual figures, or a folder with any of stocks.csv, arrivals.csv, deliveries.csv and outages.csv;
            None where everything happened as planned.

    Returns:
        the instance at the start of the period (units and money as before, discounted to the same period), what was
        left out, what the rest of the plan costs, and how the actuals differ from what was expected.

    Raises:
        UsageError: `to` is no planned period, or the first one; the plan's tables are not of its instance; or the
            folder has no actuals.
        InstanceError: the actuals are not right, or what is left is no valid instance.
    """
    refuse_no_plan("plan", plan)
    instance = plan.instance
    shift = Shift(instance.periods, position_of(instance, to))
    notes: list[str] = []
    source = f"plan of {instance.settings.name} rolled to {to}"
    watches = watches_of(instance, plan.policy)
    pools = read_pools(instance, plan.tables)
    marks = marks_in_pools(instance, pools, watches if pools.by_class else ())
    standing = standing_at(instance, pools, marks, watches if pools.by_class else (), shift.gone)
    owed = owed_at(plan, shift.gone, source)
    really = _actuals(actuals, instance, to)
    notes += map(str, really.warnings)
    standing, rows = really_there(standing, really, shift)
    owed, ahead, of_deliveries = really_owed(plan, really, owed, shift, source)
    notes += goods_that_stay_nowhere(of_deliveries, really)
    rows += [*of_deliveries, *outage_rows(plan, really, shift)]
    stocks, arrivals = tables_of(instance, standing.with_more(ahead, shift), shift, source)
    policies = _policies(plan, notes)
    tables = {
        **tables_left(instance, shift, really.outages),
        "stocks": stocks,
        "arrivals": arrivals,
        "owed": owed,
        "demand": demand_left(instance, shift, owed),
        "commitments": commitments_left(plan, shift),
        "expansions": options_left(plan, shift),
        "limits_used": limits_used(plan, policies, pools, marks, shift, source),
        "policies": [shift.policy(policy) for policy in policies],
        "scenarios": [],
    }
    left = instance.replace(**tables)
    fields = {name: getattr(left, name) for name in Instance.model_fields}
    left = Instance.model_construct(None, **{**fields, "settings": shift.settings(instance.settings, notes)})
    left = left.replace(scenarios=_scenarios(plan, left, shift, notes))
    rolled = load_instance(left.as_mapping())
    costs = costs_booked(instance, plan.policy, plan.tables, range(shift.gone, len(instance.periods)))
    return Rolled(rolled, tuple(notes), costs, differences(rows))


def _actuals(given: Actuals | str | Path | None, instance: Instance, to: str) -> Actuals:
    if given is None or isinstance(given, Actuals):
        return given or Actuals()
    refuse_other_kinds("actuals", given, (str, PathLike), "a folder, or a planner.Actuals")
    return read_actuals(Path(given), instance, to)


def position_of(instance: Instance, to: str) -> int:
    """The position of the period to roll to."""
    labels = instance.periods.labels
    refuse_other_kinds("to", to, str, f"the label of a period as text, '{labels[-1]}' say")
    if to not in labels:
        raise UsageError(f"'{to}' is no planned period ({labels[0]} to {labels[-1]}). {nearest(to, labels)}")
    if to == labels[0]:
        after = f"; the next one is {labels[1]}" if len(labels) > 1 else ", and the only one"
        raise UsageError(f"{to} is the first planned period{after}: nothing has passed before it.")
    return instance.periods.index[to]


def _policies(plan: Plan, notes: list[str]) -> list[Policy]:
    """The policies of the instance, and the plan's own in place of one of its name."""
    if plan.policy is None or plan.policy in plan.instance.policies:
        return list(plan.instance.policies)
    others = [policy for policy in plan.instance.policies if policy.name != plan.policy.name]
    if len(others) < len(plan.instance.policies):
        notes.append(f"The policy {plan.policy.name} is the plan's, which differs from the instance's.")
    return [*others, plan.policy]


def _scenarios(plan: Plan, left: Instance, shift: Shift, notes: list[str]) -> list[Scenario]:
    """The scenarios of which something is still to come, without the plan's own, which is in the figures."""
    found = []
    for scenario in plan.instance.scenarios:
        if plan.scenario is not None and scenario.name == plan.scenario.name:
            notes.append(f"The scenario {scenario.name} is in the figures, and left out as a scenario.")
            continue
        moved = shift.scenario(scenario, notes)
        if moved is None:
            continue
        try:
            apply_scenario(left, moved)
        except InstanceError as error:
            notes.append(f"The scenario {scenario.name} is left out, as it no longer fits: {error.problems[0].message}")
            continue
        found.append(moved)
    return found
