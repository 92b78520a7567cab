"""Buffers against sources: the survival that stock, a capacity option or a second source buys for its cost."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from planner.errors import LimitReachedError, PlannerError
from planner.instance.scenario import Scenario
from planner.model.program import write_program
from planner.plan.plan import Plan
from planner.plan.planning import plan_program
from planner.plan.run_options import RunOptions
from planner.solve.carried_basis import CarriedBasis
from planner.solve.deadline import refuse_when_over
from planner.solve.threads import Pool
from planner.study.failure import status_of
from planner.study.progress import Effort, Tally
from planner.study.stress.longest_outages import Outages, longest_outages
from planner.study.stress.protective_measures import Variant, variants_of
from planner.study.stress.surprise import stress_one
from planner.study.stress.undisturbed import Undisturbed
from planner.study.stress.worth_of_resilience import expected_loss

COLUMNS = [
    "rank",
    "kind",
    "measure",
    "status",
    "extra_cost",
    "survival_gain",
    "cost_of_a_period",
    "loss_avoided",
    "avoided_per_money",
]
COVER = 1.0  # periods


def survival_per_dollar(
    undisturbed: Undisturbed,
    scenarios: Sequence[Scenario] = (),
    outages: Outages | None = None,
    *,
    cover: float = COVER,
    stages: Collection[str] | None = None,
    price: float | None = None,
    effort: Effort | None = None,
) -> pd.DataFrame:
    """Add each measure to a plan by itself: what it costs, how much survival it buys, and which loss it avoids.

    Measures: a buffer of `cover` periods at each stage (soft: a missing unit costs the value of the stage's dearest
    item; where capacity binds, orders may wait for the stock); each capacity option bought whole; and at each stage
    a second source (no operator makes more than its largest share of the horizon less a tenth, soft at the same price).

    extra_cost = cost with the measure - cost without; charges for missing the measure left out, not those of the policy
    survival_gain = mean over sets and starts of periods survived, with - without
    cost_of_a_period = extra_cost / survival_gain
    loss_avoided = expected loss (sum p * max(0, loss); equal weights where no scenario has a probability), without -
    with; avoided_per_money = loss_avoided / extra_cost. Once struck, stock may be used and any operator make more: the
    measure is given up, and no charge for missing it is in the loss

    Args:
        undisturbed: the plan under the base policy.
        scenarios: the strikes for the avoided loss; without any those columns are empty.
        outages: the outages to survive; None for each site, cluster, operator and region.
        cover: periods of cover of the buffers.
        stages: stages whose measures are tried; all where it is not given.
        price: what breaking a promise costs under the strikes, money a unit; as `stress`.
        effort: time, threads (measures at a time) and progress.

    Returns:
        rank (1: a period of survival at the least cost; without a gain last), kind (buffer, option, second source),
        measure, status (that of a run), and the figures above in money and periods.

    Raises:
        LimitReachedError: the time limit ended before all measures were tried.
    """
    outages, effort = outages or Outages(), (effort or Effort()).with_deadline()
    deadline, instance = effort.deadline, undisturbed.program.network.instance
    begins = [instance.report_periods[0]] if outages.starts is None else list(outages.starts)
    weighted = _weighted(scenarios)

    def survived(base: Undisturbed) -> float:
        table = longest_outages(base, replace(outages, starts=begins), Effort(threads=1, deadline=deadline))
        return float(table["periods"].mean())

    ended: dict[str, CarriedBasis] = {}  # of the first plan that each scenario struck

    def lost(base: Undisturbed, variant: Variant | None = None) -> float:
        after = None if variant is None else variant.released
        struck = [stress_one(base, part, price, deadline, ended.get(part.name), after) for part in weighted]
        for row in struck:
            if isinstance(row.plan, Plan) and row.plan.basis is not None:
                ended.setdefault(row.scenario, row.plan.basis)
        refuse_when_over(deadline, "the loss avoided was found")  # a strike cut short by the deadline has no loss
        if variant is not None:
            struck = [replace(row, loss=row.loss + _charged(base.plan, variant.limit)) for row in struck]
        return expected_loss(struck, weighted) if weighted else np.nan

    periods, loss = survived(undisturbed), lost(undisturbed)
    variants = list(variants_of(undisturbed, cover, stages))
    begin = Tally(len(variants), effort.progress)

    def work(variant: Variant) -> tuple[str, str, str, float, float, float]:
        begin(f"{variant.kind} {variant.name}")
        try:
            program = write_program(variant.network)
            plan = plan_program(program, RunOptions(deadline=deadline), priced=False, start=undisturbed.plan.basis)
            other = Undisturbed(program, replace(plan, base_hash=undisturbed.plan.base_hash))
        except LimitReachedError:
            raise
        except PlannerError as error:
            return variant.kind, variant.name, status_of(error), np.nan, np.nan, np.nan
        extra = undisturbed.without_noise(plan.objective - _charged(plan, variant.limit) - undisturbed.plan.objective)
        gain = survived(other) - periods
        return variant.kind, variant.name, "optimal", extra, gain, loss - lost(other, variant)

    with Pool(effort.threads) as pool:
        rows = list(pool.map(work, variants))
    names = ["kind", "measure", "status", "extra_cost", "survival_gain", "loss_avoided"]
    return _ranked(pd.DataFrame(rows, columns=names))


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    """The rows with their rank, the lowest cost of a period of survival first; gains that are noise become 0."""
    extra = table["extra_cost"]
    gain = table["survival_gain"].where(table["survival_gain"].abs() > 1e-6, 0.0)
    table = table.assign(survival_gain=gain)
    with np.errstate(divide="ignore", invalid="ignore"):
        table["cost_of_a_period"] = np.where(gain > 0, extra / gain, np.nan)
        table["avoided_per_money"] = np.where(extra > 0, table["loss_avoided"] / extra, np.nan)
    key = table["cost_of_a_period"].fillna(np.inf)
    table["rank"] = key.rank(method="min").astype(int)
    return table.sort_values(["rank", "kind", "measure"], ignore_index=True)[COLUMNS]


def _weighted(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """The scenarios with a probability; where none has one, all with equal weights that add up to one."""
    known = [part for part in scenarios if part.probability]
    return known or [part.model_copy(update={"probability": 1.0 / len(scenarios)}) for part in scenarios]


def _charged(plan: Plan, limit: str) -> float:
    """What a plan is charged for missing a soft limit, in money; 0 where the name is empty, for none."""
    rows = plan.limits[plan.limits["limit"] == limit]
    return float(rows["cost"].sum())
