"""Stress: what a disruption costs that nobody saw coming.

Everything before the strike is frozen as the undisturbed plan has it; from the strike on the rest is planned anew, with
lead times and qualification as they are. Promises that can no longer be kept are broken at a stated price.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

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
from planner.plan.plan import Plan
from planner.plan.planning import solve
from planner.study.runs import Failure, failure_of

WEEKS_A_YEAR = 52.1775


@dataclass(frozen=True)
class Undisturbed:
    """A plan made without knowing of any strike, with the program that it solves.

    Attributes:
        program: what was solved.
        plan: its plan, with the value of each column.
    """

    program: Program
    plan: Plan

    @classmethod
    def of(cls, instance: Instance, policy: Policy | None) -> Undisturbed:
        """Plan an instance under a policy.

        Raises:
            InfeasibleError, UnboundedError, SolverError: there is no such plan.
        """
        program = write_program(build_network(instance, policy))
        return cls(program, replace(solve(program), base_hash=instance.content_hash))

    @property
    def decided(self) -> dict[str, pd.DataFrame]:
        """The labels (periods as positions) and value of each decision that a strike can freeze."""
        found = {}
        for name in (*BEFORE, *AT_ONCE):
            block: Block = getattr(self.program, name)
            table: pd.DataFrame = getattr(self.program.network, name)
            values = np.asarray(self.plan.values)[block.first : block.first + len(block)]
            found[name] = table[block.keys].assign(value=np.maximum(values, 0.0))
        return found

    def on_the_way(self, strike: int) -> pd.DataFrame:
        """customer, item, period and quantity of what was sent before the strike and arrives from then on."""
        network = self.program.network
        sent = network.deliveries.rename(columns={"place": "customer"})
        row = sent["row"].to_numpy(dtype=np.int64)
        block = self.program.ship
        sent["quantity"] = np.asarray(self.plan.values)[block.first : block.first + len(block)][row]
        left = network.ship["period"].to_numpy(dtype=np.int64)[row]
        at = (left < strike) & (sent["period"].to_numpy(dtype=np.int64) >= strike) & (sent["quantity"].to_numpy() > 0)
        return sent.loc[at, ["customer", "item", "period", "quantity"]]


@dataclass(frozen=True)
class Stressed:
    """What a strike does to a plan.

    Attributes:
        policy, scenario: names; None for no policy.
        strike: label of the first period in which anything can change.
        plan: the plan with recourse; a failure where there is none.
        loss: cost with the strike minus the undisturbed cost, in money.
        lost: units lost more than undisturbed, by customer and item.
        delay: weeks that a delivered unit comes later, on average over all units.
        back: label of the first period from which no more is lost or late than undisturbed; None where it never is.
        promises: what gave way, by kind: units, and what breaking it cost.
    """

    policy: str | None
    scenario: str
    strike: str
    plan: Plan | Failure
    loss: float = float("nan")
    lost: pd.DataFrame | None = None
    delay: float = float("nan")
    back: str | None = None
    promises: pd.DataFrame | None = None


def strike_of(instance: Instance, scenario: Scenario) -> int:
    """The first period that any change of a scenario touches, as a position.

    Raises:
        UsageError: the scenario changes nothing.
    """
    if not scenario.changes:
        raise UsageError(f"The scenario {scenario.name} changes nothing, so there is no strike.")
    return min(instance.periods.window(change.period).start for change in scenario.changes)


def stress(undisturbed: Undisturbed, scenario: Scenario, price: float | None = None) -> Stressed:
    """Let a scenario strike a plan without warning, and plan the rest anew.

    loss = least cost of the rest, the past being frozen, with promises broken at `price` - undisturbed cost

    Args:
        undisturbed: the plan that is struck.
        scenario: what happens; it strikes in the first period that any of its changes touches.
        price: what breaking a promise costs, money a unit; `Recourse.of` where it is not given.

    Raises:
        UsageError: the scenario changes nothing.
        InstanceError: a change of the scenario is not right.
    """
    base, before = undisturbed.program.network.instance, undisturbed.plan
    policy = undisturbed.program.network.policy
    struck = apply_scenario(base, scenario)
    strike = strike_of(base, scenario)
    terms = Recourse.of(base) if price is None else Recourse(price)
    terms = replace(terms, on_the_way=undisturbed.on_the_way(strike))
    names = (policy.name if policy else None, scenario.name, base.periods.labels[strike])
    try:
        network = frozen(build_network(struck, policy, terms), undisturbed.decided, strike)
        plan = replace(solve(write_program(network)), scenario=scenario, base_hash=before.base_hash)
    except PlannerError as error:
        return Stressed(*names, failure_of(error, base.settings.name, names[0], names[1]))
    lost, delay, back = _service_lost(before, plan, strike)
    gave_way = plan.tables["recourse"]
    return Stressed(
        *names,
        plan,
        loss=plan.objective - before.objective,
        lost=lost,
        delay=delay,
        back=back,
        promises=gave_way.groupby("kind", as_index=False)[["quantity", "cost"]].sum(),
    )


def _service_lost(before: Plan, after: Plan, strike: int) -> tuple[pd.DataFrame, float, str | None]:
    """Units lost more, by customer and item; the mean delay in weeks; and when service is back."""
    periods = before.instance.periods
    keys = ["customer", "item"]
    grids = []
    for plan in (before, after):
        table = plan.service.assign(at=plan.service["period"].map(periods.index))
        grids.append({name: table.pivot_table(name, keys, "at", "sum", fill_value=0.0) for name in _FIGURES})
    rows = grids[0]["delivered"].index.union(grids[1]["delivered"].index)
    columns = range(len(periods))
    wide = [
        {name: grid.reindex(index=rows, columns=columns, fill_value=0.0) for name, grid in part.items()}
        for part in grids
    ]
    more = wide[1]["lost"].sum(axis=1) - wide[0]["lost"].sum(axis=1)
    lost = more.rename("lost").reset_index()
    behind = (wide[0]["delivered"].cumsum(axis=1) - wide[1]["delivered"].cumsum(axis=1)).clip(lower=0.0)
    waited = behind.sub(more.clip(lower=0.0), axis=0).clip(lower=0.0)  # what is lost for good does not wait
    delivered = float(wide[1]["delivered"].to_numpy().sum())
    weeks = WEEKS_A_YEAR * periods.years_a_period
    delay = float(waited.to_numpy().sum()) / delivered * weeks if delivered > 0 else float("nan")
    worse = sum((wide[1][name] - wide[0][name]).clip(lower=0.0).sum() for name in ("late", "lost")).to_numpy()
    noise = 1e-6 * max(1.0, float(wide[0]["demand"].to_numpy().max(initial=0.0)))
    bad = np.flatnonzero(worse > noise)
    first = max(strike, int(bad[-1]) + 1) if len(bad) else strike
    return lost, delay, periods.labels[first] if first < len(periods) else None


_FIGURES = ("demand", "delivered", "late", "lost")


def stress_each(
    instance: Instance,
    policies: Sequence[Policy | None],
    scenarios: Sequence[Scenario],
    price: float | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> list[Stressed]:
    """Every policy struck by every scenario, in that order; a policy without a plan is a failure in each row."""
    found = []
    for at, policy in enumerate(policies):
        try:
            base: Undisturbed | PlannerError = Undisturbed.of(instance, policy)
        except PlannerError as error:
            base = error
        for number, scenario in enumerate(scenarios):
            name = policy.name if policy else None
            if progress:
                progress(at * len(scenarios) + number, len(policies) * len(scenarios), f"{name} / {scenario.name}")
            if isinstance(base, PlannerError):
                strike = instance.periods.labels[strike_of(instance, scenario)]
                failure = failure_of(base, instance.settings.name, name, None)
                found.append(Stressed(name, scenario.name, strike, failure))
            else:
                found.append(stress(base, scenario, price))
    return found
