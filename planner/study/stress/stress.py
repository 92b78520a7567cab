"""Stress: every policy's plan struck by every scenario, and the worth of resilience that follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from planner.errors import PlannerError, UsageError
from planner.instance.by_name_or_file import find_policies, find_scenarios, without_repetition
from planner.instance.instance import Instance
from planner.instance.loading import instance_of
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.study.failure import Failure
from planner.study.progress import Effort
from planner.study.stress.surprise import Stressed, stress_all
from planner.study.stress.tables import lost_table, promises_in_words, promises_table, stressed_table
from planner.study.stress.undisturbed import Undisturbed, undisturbed_each
from planner.study.stress.worth_of_resilience import break_even_premium, concentration_tariff, probability_of_any
from planner.text.blocks import Block, Summary
from planner.text.cases import policy_called
from planner.text.html import html_of
from planner.text.json_values import records


@dataclass(frozen=True, eq=False)
class Stress:
    """The effects of strikes without warning on plans.

    Attributes:
        instance: what is planned, undisturbed.
        runs: every policy struck by every scenario, in the order given.
        table: a row each: policy, scenario, strike, status, undisturbed_cost, loss, lost_units, delay_weeks, waiting,
            back, broken_promises (`planner.study.stress.tables.stressed_table`).
        lost: units lost more than undisturbed, by policy, scenario, customer and item.
        promises: what gave way, by policy, scenario and kind: units, and what breaking it cost.
        tariff: expected loss that a region or operator brings, a unit that touched it (`concentration_tariff`); None
            where no scenario has a probability, or no policy a plan.
        premium: what each policy may cost more than the first, a delivered unit (`break_even_premium`); None where no
            scenario has a probability, or only one policy has a plan.
    """

    instance: Instance
    runs: tuple[Stressed, ...]
    table: pd.DataFrame
    lost: pd.DataFrame
    promises: pd.DataFrame
    tariff: pd.DataFrame | None
    premium: pd.DataFrame | None

    def __repr__(self) -> str:
        plans = sum(not isinstance(run.plan, Failure) for run in self.runs)
        return f"<Stress of {self.instance.settings.name}: {len(self.runs)} strikes, {plans} with a plan>"

    def _repr_html_(self) -> str:
        """The strikes in a notebook: their summary."""
        return html_of(self.summary)

    @property
    def failures(self) -> dict[str, Failure]:
        """The strikes after which there is no plan, by `policy / scenario`, with the failure of each."""
        return {
            f"{policy_called(run.policy)} / {run.scenario}": run.plan
            for run in self.runs
            if isinstance(run.plan, Failure)
        }

    @property
    def summary(self) -> Summary:
        """The summary of the strikes: a row for each, lost units, broken promises, and the worth of resilience."""
        money = self.instance.settings.currency
        blocks = (
            Block("Struck without warning", self.table, f"loss and broken promises in {money}, against undisturbed"),
            Block("Units lost", self.lost, "more than undisturbed"),
            Block("What gave way", promises_in_words(self.promises), f"units, and the price of promises in {money}"),
            Block("Concentration tariff", _rows(self.tariff), f"expected loss in {money} a unit that touched it"),
            Block(
                "What diversifying may cost and costs",
                _rows(self.premium),
                f"{money} a delivered unit, against the first policy",
            ),
        )
        lines = tuple(f"{name}: {failure.message}" for name, failure in self.failures.items())
        return Summary(f"{self.instance.settings.name}: struck without warning", lines, blocks)

    def as_json(self) -> dict[str, Any]:
        """Every table as a list of rows, for JSON output."""
        names = ("table", "lost", "promises", "tariff", "premium")
        found: dict[str, Any] = {"schema_version": 1, "instance": self.instance.settings.name}
        return {**found, **{name: records(_rows(getattr(self, name))) for name in names}}


def _rows(table: pd.DataFrame | None) -> pd.DataFrame:
    """The table, or an empty one for None."""
    return pd.DataFrame() if table is None else table


def stress(
    source: Instance | str | Path,
    scenarios: Iterable[Scenario | str | Path] | Scenario | str | Path | None = None,
    policies: Iterable[Policy | str | Path | None] | Policy | str | Path | None = None,
    *,
    price: float | None = None,
    effort: Effort | None = None,
) -> Stress:
    """Let every scenario strike every policy's plan without warning, and plan the rest anew.

    Everything before the strike stays as planned; promises that can no longer be kept are broken at a price.

    loss = least cost of the rest, the past being frozen, with promises broken at their price - undisturbed cost

    >>> import planner
    >>> found = planner.stress("instances/canning", "seattle-half", ["balanced"])
    >>> found
    <Stress of canning: 1 strikes, 1 with a plan>
    >>> print(found.table[["policy", "scenario", "strike", "lost_units"]].to_string(index=False))
      policy     scenario strike  lost_units
    balanced seattle-half      1        97.5

    Args:
        source: an instance or its path.
        scenarios: the scenarios that strike: one or several objects, names in the instance or paths. None for those
            marked as a surprise or, where none is marked, for all.
        policies: the policies whose plans are struck, given like scenarios; None among them stands for no limits.
        price: the cost of breaking any promise, money a unit. None for a default: twice the largest price or cost of
            an order; twice the most expensive way to serve a unit where that is more and the unit must be served, or
            where no order has a price; and more for a promise that costs more to keep in the undisturbed plan.
        effort: time, threads and progress; strikes that are not begun when the time limit ends are failures.

    Returns:
        a row a policy and scenario, and the tables that follow: money in the instance's currency, units of the items,
        delays in weeks (NaN where periods have no length) and in periods.

    Raises:
        InstanceError: the instance, a policy, or a change of a scenario is not right.
        UsageError: a name does not exist, two that differ have one name, a scenario changes nothing, there is none, or
            their probabilities add up to more than 1.
    """
    effort = (effort or Effort()).with_deadline()
    instance = instance_of(source)
    chosen = find_policies(instance, policies)
    named = surprises(instance) if scenarios is None else find_scenarios(instance, scenarios)
    bases = undisturbed_each(instance, chosen, effort.threads, effort.deadline)
    return stress_of(bases, instance, without_repetition("scenarios", named), price, effort)


def surprises(instance: Instance) -> list[Scenario]:
    """The scenarios marked as a surprise; where none is marked, all scenarios.

    Raises:
        UsageError: the instance has no scenario.
    """
    if not instance.scenarios:
        raise UsageError("The instance has no scenario that could strike. Name a file.")
    return [scenario for scenario in instance.scenarios if scenario.surprise] or list(instance.scenarios)


def stress_of(
    bases: Mapping[str | None, Undisturbed | PlannerError],
    instance: Instance,
    scenarios: Sequence[Scenario],
    price: float | None,
    effort: Effort,
) -> Stress:
    """The same as `stress`, for undisturbed plans that are made already.

    Args:
        bases: the undisturbed plan of each policy by its name, or the error where there is none.
        instance: what is planned.
        scenarios: the scenarios that strike.
        price: as for `stress`.
        effort: as for `stress`.
    """
    weighted = probability_of_any(without_repetition("scenarios", scenarios)) > 0
    runs = stress_all(dict(bases), instance, scenarios, price, effort)
    plans = {name: base for name, base in bases.items() if isinstance(base, Undisturbed)}
    tariffs = [
        concentration_tariff(base, [row for row in runs if row.policy == name], scenarios)
        for name, base in (plans if weighted else {}).items()
    ]
    premium = None
    if weighted and len(plans) > 1:
        premium = break_even_premium({name: base.plan for name, base in plans.items()}, runs, scenarios)
    return Stress(
        instance,
        tuple(runs),
        stressed_table(runs),
        lost_table(runs),
        promises_table(runs),
        pd.concat(tariffs, ignore_index=True) if tariffs else None,
        premium,
    )
