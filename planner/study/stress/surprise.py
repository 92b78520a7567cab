"""A strike without warning: an undisturbed plan, and the plan that follows when a scenario strikes it.

Everything before the strike is frozen as the undisturbed plan has it; from the strike on the rest is planned anew, with
lead times and qualification as they are. Promises that can no longer be kept are broken at a stated price.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from planner.errors import PlannerError, UsageError
from planner.instance.applying import apply_scenario
from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.model.blocks import Block
from planner.model.program import Program, write_program
from planner.network.building import build_network
from planner.network.freezing import AT_ONCE, BEFORE, frozen
from planner.network.recourse import Recourse
from planner.network.steps import Steps
from planner.network.usable import needs
from planner.plan.options import Options
from planner.plan.plan import Plan
from planner.plan.planning import plan_program, priced_when_asked, told_apart
from planner.solve.carried_basis import CarriedBasis
from planner.solve.deadline import refuse_when_over
from planner.solve.threads import Pool
from planner.study.progress import Progress, Tally
from planner.study.runs import Failure, failure_of
from planner.study.stress.promise_prices import dearer_prices

WEEKS_A_YEAR = 52.1775
DUST = 1e-9  # relative to the largest order; a solver's noise
FIGURES = ("demand", "delivered", "late", "lost")
LIMIT = ["limit", "of", "period"]


@dataclass(frozen=True)
class Undisturbed:
    """A plan made without knowing of any strike, with its program.

    Attributes:
        program: what was solved.
        plan: its plan, with the value of each column.
    """

    program: Program
    plan: Plan

    @classmethod
    def of(
        cls,
        instance: Instance,
        policy: Policy | None,
        deadline: float | None = None,
        elsewhere: Mapping[str, float] | None = None,
    ) -> Undisturbed:
        """Plan an instance under a policy.

        Args:
            instance: what is planned.
            policy: what is chosen; None for no limits and every option.
            deadline: time.perf_counter() by which it ends; None for never.
            elsewhere: what other futures need that share its decisions (`build_network`); None for none.

        Raises:
            InfeasibleError, UnboundedError, LimitReachedError, SolverError: there is no such plan.
        """
        program = write_program(build_network(instance, policy, elsewhere=elsewhere))
        return cls(program, replace(plan_program(program, Options(deadline=deadline)), base_hash=instance.content_hash))

    @cached_property
    def decided(self) -> dict[str, pd.DataFrame]:
        """The decisions that a strike can freeze: by block, a table of labels (periods as positions) and `value`."""
        found = {}
        for name in (*BEFORE, *AT_ONCE):
            block: Block = getattr(self.program, name)
            table: pd.DataFrame = getattr(self.program.network, name)
            values = np.asarray(self.plan.values)[block.first : block.first + len(block)]
            found[name] = table[block.keys].assign(value=np.maximum(values, 0.0))
        return found

    @cached_property
    def needed(self) -> Mapping[str, float]:
        """Good units of each item that the plan may need, whatever strikes later (network/usable.py)."""
        return needs(self.program.network)

    @cached_property
    def steps(self) -> Steps:
        """The steps of its network with recourse; the networks of strikes differ in few of them."""
        network, steps = self.program.network, Steps()
        build_network(network.instance, network.policy, self.terms(0), steps=steps)
        return steps

    def on_the_way(self, strike: int) -> pd.DataFrame:
        """Deliveries sent before the strike that arrive from then on: customer, item, period and quantity."""
        network = self.program.network
        sent = network.deliveries.rename(columns={"place": "customer"})
        row = sent["row"].to_numpy(dtype=np.int64)
        block = self.program.ship
        sent["quantity"] = np.asarray(self.plan.values)[block.first : block.first + len(block)][row]
        left = network.ship["period"].to_numpy(dtype=np.int64)[row]
        at = (left < strike) & (sent["period"].to_numpy(dtype=np.int64) >= strike) & (sent["quantity"].to_numpy() > 0)
        return sent.loc[at, ["customer", "item", "period", "quantity"]]

    def terms(self, strike: int, price: float | None = None) -> Recourse:
        """The terms of recourse on which the plan gives way after a strike.

        Args:
            strike: the first period in which anything can change.
            price: what breaking any promise costs, money a unit. Where it is not given: `Recourse.of`, and more for
                promises that the undisturbed plan keeps at a higher cost, so that a strike that changes nothing
                breaks none.
        """
        on_the_way = self.on_the_way(strike)
        if price is not None:
            return Recourse(price, on_the_way)
        usual = Recourse.of(self.program.network.instance)
        return Recourse(usual.price, on_the_way, dearer_prices(self.program, self.plan.duals, usual.price))


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
) -> Stressed:
    """Let a scenario strike a plan without warning, and plan the rest anew.

    loss = least cost of the rest, the past being frozen, with promises broken at their price - undisturbed cost

    Args:
        undisturbed: the plan that is struck.
        scenario: what happens; it strikes in the first period that any of its changes touches.
        price: what breaking a promise costs, money a unit; see `Undisturbed.terms` where it is not given.
        deadline: time.perf_counter() after which there is a failure with the status `limit`; None for never.
        start: the basis of the plan of the same strike on another plan, which makes it faster.

    Raises:
        UsageError: the scenario changes nothing.
        InstanceError: a change of the scenario is not right.
    """
    base, before = undisturbed.program.network.instance, undisturbed.plan
    policy = undisturbed.program.network.policy
    struck = apply_scenario(base, scenario)
    strike = strike_of(base, scenario)
    names = (policy.name if policy else None, scenario.name, base.periods.labels[strike])

    def planned(*, priced: bool) -> Plan:
        terms, steps = undisturbed.terms(strike, price), Steps(undisturbed.steps)
        built = build_network(struck, policy, terms, steps=steps, elsewhere=undisturbed.needed)
        network = frozen(built, undisturbed.decided, strike)
        return plan_program(write_program(network), Options(deadline=deadline), priced=priced, start=start)

    try:
        refuse_when_over(deadline, "the strike was planned for")
        plan = planned(priced=False)
        promises = promises_broken(undisturbed, plan.tables)
        plan = priced_when_asked(plan, lambda: planned(priced=True))
        plan = replace(plan, scenario=scenario, base_hash=before.base_hash)
    except PlannerError as error:
        return Stressed(*names, failure_of(error, base.settings.name, names[0], names[1]))
    lost, waiting, back = service_lost(before, plan.service, strike)
    length = base.periods.years_a_period if base.periods.length is not None else float("nan")
    return Stressed(
        *names,
        plan,
        loss=settled_difference(plan.objective, before.objective),
        lost=lost,
        waiting=waiting,
        delay=waiting * WEEKS_A_YEAR * length,
        back=back,
        promises=promises,
    )


def settled_difference(cost: float, before: float) -> float:
    """The difference of two costs; 0 where it is within the tolerance of a solve."""
    found = cost - before
    return found if abs(found) > DUST * (1.0 + abs(before)) else 0.0


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

    where late[c,i,t] is what is owed at the end of t: an order that is lost at once, or not placed, does not wait; one
    that waits in vain does as long as it is owed.

    Args:
        before: the undisturbed plan.
        after: the service table of the struck one.
        strike: the first period in which anything can change.
    """
    periods = before.instance.periods
    keys = ["customer", "item"]
    grids = []
    for service in (before.service, after):
        table = service.assign(at=service["period"].map(periods.index))
        grids.append({name: table.pivot_table(name, keys, "at", "sum", fill_value=0.0) for name in FIGURES})
    rows = grids[0]["delivered"].index.union(grids[1]["delivered"].index)
    columns = range(len(periods))
    wide = [
        {name: grid.reindex(index=rows, columns=columns, fill_value=0.0) for name, grid in part.items()}
        for part in grids
    ]
    more = wide[1]["lost"].sum(axis=1) - wide[0]["lost"].sum(axis=1)
    lost = more.rename("lost").reset_index()
    later, fewer = ((wide[1][name] - wide[0][name]).clip(lower=0.0).sum().to_numpy() for name in ("late", "lost"))
    delivered = float(wide[1]["delivered"].to_numpy().sum())
    waiting = float(later.sum()) / delivered if delivered > 0 else float("nan")
    noise = 1e-6 * max(1.0, float(wide[0]["demand"].to_numpy().max(initial=0.0)))
    bad = np.flatnonzero(later + fewer > noise)
    first = max(strike, int(bad[-1]) + 1) if len(bad) else strike
    return lost, waiting, periods.labels[first] if first < len(periods) else None


def each_once[P: Policy | Scenario | None](what: str, parts: Sequence[P]) -> list[P]:
    """The distinct policies or scenarios, in the order given.

    Args:
        what: "policies" or "scenarios".
        parts: None stands for no policy.

    Raises:
        UsageError: two that differ have one name, by which results are told apart.
    """
    return [part for at, part in enumerate(told_apart(what, parts)) if part not in parts[:at]]


def undisturbed_each(
    instance: Instance, policies: Sequence[Policy | None], threads: int = 1, deadline: float | None = None
) -> dict[str | None, Undisturbed | PlannerError]:
    """The undisturbed plan of each policy, by its name; the error where there is none.

    Raises:
        UsageError: two policies that differ have one name.
    """
    chosen = each_once("policies", policies)

    def work(policy: Policy | None) -> Undisturbed | PlannerError:
        try:
            refuse_when_over(deadline, "the undisturbed plan was begun")
            return Undisturbed.of(instance, policy, deadline)
        except PlannerError as error:
            return error

    with Pool(threads) as pool:
        found = list(pool.map(work, chosen))
    return {policy.name if policy else None: part for policy, part in zip(chosen, found, strict=True)}


def stress_all(
    bases: dict[str | None, Undisturbed | PlannerError],
    instance: Instance,
    scenarios: Sequence[Scenario],
    price: float | None = None,
    threads: int = 1,
    progress: Progress | None = None,
    deadline: float | None = None,
    starts: Mapping[str, CarriedBasis] | None = None,
) -> list[Stressed]:
    """Strike every plan by every scenario, in that order; a policy without a plan is a failure in each row.

    Args:
        bases: the undisturbed plan of each policy, by its name; what went wrong where there is none.
        instance: what is planned.
        scenarios: what strikes; one that stands there again counts once.
        price: as for `stress_one`.
        threads: 1, or 2: the solver runs outside Python's lock.
        progress: called with (strikes done, all strikes, name of the next).
        deadline: time.perf_counter() after which the rest are failures with the status `limit`; None for never.
        starts: by scenario, the basis of a plan that it struck; None for none.

    Raises:
        UsageError: a scenario changes nothing, or two that differ have one name.
        InstanceError: a change of a scenario is not right.
    """
    happening = each_once("scenarios", scenarios)
    cases = [(name, scenario) for name in bases for scenario in happening]
    begin = Tally(len(cases), progress)

    def work(case: tuple[str | None, Scenario]) -> Stressed:
        name, scenario = case
        begin(f"{name or 'no policy'} / {scenario.name}")
        base = bases[name]
        if isinstance(base, Undisturbed):
            return stress_one(base, scenario, price, deadline, (starts or {}).get(scenario.name))
        strike = instance.periods.labels[strike_of(instance, scenario)]
        return Stressed(name, scenario.name, strike, failure_of(base, instance.settings.name, name, None))

    with Pool(threads) as pool:
        return list(pool.map(work, cases))
