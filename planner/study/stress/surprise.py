"""A strike without warning: the plan that follows when a scenario strikes an undisturbed plan, and what is lost by it.

Everything before the strike is frozen as the undisturbed plan has it; from the strike on the rest is planned anew, with
lead times and qualification as they are. Promises that can no longer be kept are broken at a stated price.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planner.errors import PlannerError, UsageError
from planner.instance.applying import apply_scenario
from planner.instance.by_name_or_file import without_repetition
from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.model.program import write_program
from planner.network.building import build_network
from planner.network.frames import label_rows, table_of_columns
from planner.network.frozen_past import frozen
from planner.network.steps import Steps
from planner.plan.case import name_of
from planner.plan.plan import Plan
from planner.plan.planning import plan_program, priced_when_asked
from planner.plan.run_options import RunOptions
from planner.solve.carried_basis import CarriedBasis
from planner.solve.deadline import refuse_when_over
from planner.solve.threads import Pool
from planner.study.failure import Failure, failure_of
from planner.study.progress import Effort, Tally
from planner.study.stress.undisturbed import Undisturbed
from planner.text.cases import policy_called

DUST = 1e-9  # relative to the largest order; a solver's noise
FIGURES = ("demand", "delivered", "late", "lost")
ORDER = ["customer", "item"]
LIMIT = ["limit", "of", "period"]


@dataclass(frozen=True)
class Stressed:
    """The effect of a strike on a plan.

    Attributes:
        policy, scenario: names; None for no policy.
        strike: label of the first period in which anything can change.
        plan: the plan with recourse; a failure where there is none.
        loss: cost with the strike minus the undisturbed cost, in money; promises are in it at their price.
        lost: units lost more than undisturbed, by customer and item.
        waiting: periods that a delivered unit comes later, on average over all units; see `service_lost`.
        delay: the same in weeks; NaN where periods are plain labels, whose length is not known.
        back: label of the first period from which no more is lost or late than undisturbed; None where it never is.
        promises: what gave way, by kind (those of the recourse table; `commitment` and `limit` where those are hard):
            units, and what breaking it cost.
    """

    policy: str | None
    scenario: str
    strike: str
    plan: Plan | Failure
    loss: float = float("nan")
    lost: pd.DataFrame | None = None
    waiting: float = float("nan")
    delay: float = float("nan")
    back: str | None = None
    promises: pd.DataFrame | None = None

    @property
    def lost_units(self) -> float:
        """Units lost more than undisturbed, over all customers and items; NaN where there is no plan."""
        return float("nan") if self.lost is None else float(self.lost["lost"].sum())

    @property
    def broken(self) -> float:
        """What broken promises cost, in money; NaN where there is no plan."""
        return float("nan") if self.promises is None else float(self.promises["cost"].sum())


def strike_of(instance: Instance, scenario: Scenario) -> int:
    """The first period that any change of a scenario touches, as a position.

    Raises:
        UsageError: the scenario changes nothing.
    """
    if not scenario.changes:
        raise UsageError(f"The scenario {scenario.name} changes nothing, so there is no strike.")
    return min(instance.periods.window(change.period).start for change in scenario.changes)


def stress_one(
    undisturbed: Undisturbed,
    scenario: Scenario,
    price: float | None = None,
    deadline: float | None = None,
    start: CarriedBasis | None = None,
    policy: Policy | None = None,
) -> Stressed:
    """Let a scenario strike a plan without warning, and plan the rest anew.

    loss = least cost of the rest, the past being frozen, with promises broken at their price - undisturbed cost

    Args:
        undisturbed: the plan that is struck.
        scenario: what happens; it strikes in the first period that any of its changes touches.
        price: what breaking a promise costs, money a unit; see `Undisturbed.terms` where it is not given.
        deadline: time.perf_counter() after which there is a failure with the status `limit`; None for never.
        start: the basis of the plan of the same strike on another plan, which makes it faster.
        policy: what holds from the strike on; the policy of the plan where it is not given.

    Raises:
        UsageError: the scenario changes nothing.
        InstanceError: a change of the scenario is not right.
    """
    base, before = undisturbed.program.network.instance, undisturbed.plan
    policy = policy or undisturbed.program.network.policy
    struck = apply_scenario(base, scenario)
    strike = strike_of(base, scenario)
    names = (name_of(policy), scenario.name, base.periods.labels[strike])

    def planned(*, priced: bool) -> Plan:
        terms, steps = undisturbed.terms(strike, price, struck), Steps(undisturbed.steps)
        held = undisturbed.program.network
        built = build_network(struck, policy, terms, steps=steps, elsewhere=undisturbed.needed, holding=held)
        network = frozen(built, undisturbed.decided, strike)
        return plan_program(write_program(network), RunOptions(deadline=deadline), priced=priced, start=start)

    try:
        refuse_when_over(deadline, "the strike was planned for")
        plan = planned(priced=False)
        promises = promises_broken(undisturbed, plan.tables)
        plan = priced_when_asked(plan, lambda: planned(priced=True))
        plan = replace(plan, scenario=scenario, base_hash=before.base_hash)
    except PlannerError as error:
        return Stressed(*names, failure_of(error, base.settings.name, names[0], names[1]))
    lost, waiting, back = service_lost(before, plan.service, strike)
    return Stressed(
        *names,
        plan,
        loss=undisturbed.without_noise(plan.objective - before.objective),
        lost=lost,
        waiting=waiting,
        delay=waiting * base.periods.weeks_a_period,
        back=back,
        promises=promises,
    )


def promises_broken(undisturbed: Undisturbed, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """What gave way in a plan with recourse: kind, quantity and cost, the last two in units and money.

    The kinds are those of the recourse table, and `limit` and `commitment`, row by row where those are hard: what a
    soft one is missed by is paid for as the policy says, and no promise. Undisturbed every hard one is kept.

    Args:
        undisturbed: the plan whose network says what is hard.
        tables: tables of the plan that gave way.
    """
    network = undisturbed.program.network
    limits, commitments = tables["limits"], tables["commitments"]
    soft = pd.MultiIndex.from_frame(network.excess[LIMIT])
    hard = limits[~pd.MultiIndex.from_frame(limits[LIMIT]).isin(soft)]
    due = commitments[~commitments["commitment"].isin(network.under["commitment"])]
    columns = ["kind", "quantity", "cost"]
    given = pd.concat(
        [
            tables["recourse"][columns],
            hard.assign(kind="limit", quantity=hard["excess"])[columns],
            due.assign(kind="commitment", quantity=due["shortfall"])[columns],
        ],
        ignore_index=True,
    )
    sums = given.groupby("kind", as_index=False)[["quantity", "cost"]].sum()
    dust = DUST * float(network.orders["quantity"].max())
    return sums[sums["quantity"] > dust].reset_index(drop=True)


def service_lost(before: Plan, after: pd.DataFrame, strike: int) -> tuple[pd.DataFrame, float, str | None]:
    """Units lost more, by customer and item; the mean delay in periods; and the label of when service is back.

    delay = sum_(c,i,t) max(0, late[c,i,t] struck - late[c,i,t] undisturbed) / units delivered struck

    where late[c,i,t] is what is owed at the end of t. An order that is lost at once, or not placed, does not wait; an
    order that is lost later waits as long as it is owed.

    Args:
        before: the undisturbed plan.
        after: the service table of the struck one.
        strike: the first period in which anything can change.
    """
    periods = before.instance.periods
    services = before.service, after
    asked = [label_rows(service, ORDER) for service in services]
    orders = sorted({*asked[0], *asked[1]})
    rows, columns = ({label: number for number, label in enumerate(labels)} for labels in (orders, periods.labels))
    # each figure by customer and item, and by period
    calm, struck = ({name: np.zeros((len(orders), len(periods))) for name in FIGURES} for _ in services)
    for grids, service, keys in zip((calm, struck), services, asked, strict=True):
        at = [rows[key] for key in keys], [columns[label] for label in service["period"].tolist()]
        for name, grid in grids.items():
            np.add.at(grid, at, service[name].to_numpy(dtype=float))
    more = struck["lost"].sum(axis=1) - calm["lost"].sum(axis=1)
    lost = table_of_columns({**{name: [order[at] for order in orders] for at, name in enumerate(ORDER)}, "lost": more})
    later, fewer = ((struck[name] - calm[name]).clip(min=0.0).sum(axis=0) for name in ("late", "lost"))
    delivered = float(struck["delivered"].sum())
    waiting = float(later.sum()) / delivered if delivered > 0 else float("nan")
    noise = 1e-6 * max(float(calm[name].max(initial=0.0)) for name in ("demand", "late"))
    bad = np.flatnonzero(later + fewer > noise)
    first = max(strike, int(bad[-1]) + 1) if len(bad) else strike
    return lost, waiting, periods.labels[first] if first < len(periods) else None


def stress_all(
    bases: dict[str | None, Undisturbed | PlannerError],
    instance: Instance,
    scenarios: Sequence[Scenario],
    price: float | None = None,
    effort: Effort | None = None,
    starts: Mapping[str, CarriedBasis] | None = None,
) -> list[Stressed]:
    """Strike every plan by every scenario, in that order; a policy without a plan is a failure in each row.

    Args:
        bases: the undisturbed plan of each policy by its name, or the error where there is none.
        instance: what is planned.
        scenarios: the scenarios that strike; one that is given twice counts once.
        price: as for `stress_one`.
        effort: time, threads and progress; strikes that are not made in time are failures with the status `limit`.
        starts: by scenario, the basis of a plan after the same strike; None for none.

    Raises:
        UsageError: a scenario changes nothing, or two that differ have one name.
        InstanceError: a change of a scenario is not right.
    """
    effort = (effort or Effort()).with_deadline()
    happening = without_repetition("scenarios", scenarios)
    cases = [(name, scenario) for name in bases for scenario in happening]
    begin = Tally(len(cases), effort.progress)

    def work(case: tuple[str | None, Scenario]) -> Stressed:
        name, scenario = case
        begin(f"{policy_called(name)} / {scenario.name}")
        base = bases[name]
        if isinstance(base, Undisturbed):
            return stress_one(base, scenario, price, effort.deadline, (starts or {}).get(scenario.name))
        strike = instance.periods.labels[strike_of(instance, scenario)]
        return Stressed(name, scenario.name, strike, failure_of(base, instance.settings.name, name, None))

    with Pool(effort.threads) as pool:
        return list(pool.map(work, cases))
