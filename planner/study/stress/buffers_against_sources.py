"""Buffers against sources: the survival that stock, a capacity option or a second source buys for its cost."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count

import numpy as np
import pandas as pd

from planner.errors import LimitReachedError, PlannerError
from planner.instance.instance import Instance
from planner.instance.policy import Buffer, Limit, Policy
from planner.instance.scenario import Scenario
from planner.model.program import write_program
from planner.network.building import build_network
from planner.network.network import Network
from planner.network.steps import Steps
from planner.plan.options import Options
from planner.plan.plan import Plan
from planner.plan.planning import plan_program
from planner.solve.carried_basis import CarriedBasis
from planner.solve.deadline import refuse_when_over
from planner.solve.threads import Pool
from planner.study.outage.n_minus_one import OVER
from planner.study.progress import Effort, Tally
from planner.study.stress.longest_outages import longest_outages
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
STEP = 0.1  # share that a second source takes over
BOUGHT = 1.0 - 1e-6


@dataclass(frozen=True)
class _Variant:
    """The network of a base policy with one measure added; kind and name are those of the measure."""

    kind: str
    name: str
    network: Network


@dataclass(frozen=True)
class Outages:
    """Which sets of sites are out, and from when.

    Attributes:
        over: kinds of sets: site, cluster, operator, region.
        starts: positions of the periods in which outages begin; the first reported period where it is not given.
        sets: further sets of sites by a kind and name of your own; with no `over` only these.
    """

    over: Sequence[str] = OVER
    starts: Sequence[int] | None = None
    sets: Mapping[tuple[str, str], frozenset[str]] | None = None


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

    extra_cost = cost with the measure - cost without, charges for missing it left out
    survival_gain = mean over sets and starts of periods survived, with - without
    cost_of_a_period = extra_cost / survival_gain
    loss_avoided = expected loss (sum p * max(0, loss); equal weights where no scenario has a probability), without -
    with; avoided_per_money = loss_avoided / extra_cost

    Args:
        undisturbed: the plan under the base policy.
        scenarios: strikes for the loss avoided; none, and those columns are empty.
        outages: what is to be survived; each site, cluster, operator and region where it is not given.
        cover: periods of cover of the buffers.
        stages: stages whose measures are tried; all where it is not given.
        price: what breaking a promise costs under the strikes, money a unit; as `stress`.
        effort: time, threads (measures at a time) and progress.

    Returns:
        rank (1: a period of survival at the least cost; without a gain last), kind (buffer, option, second source),
        measure, status (why there is no plan), and the figures above in money and periods.

    Raises:
        LimitReachedError: the time limit came first.
    """
    outages, effort = outages or Outages(), (effort or Effort()).begun()
    deadline, instance = effort.deadline, undisturbed.program.network.instance
    begins = [instance.report_periods[0]] if outages.starts is None else list(outages.starts)
    weighted = _weighted(scenarios)

    def survived(base: Undisturbed) -> float:
        table = longest_outages(base, outages.over, begins, 1, sets=outages.sets, deadline=deadline)
        return float(table["periods"].mean())

    ended: dict[str, CarriedBasis] = {}  # of the first plan that each scenario struck

    def lost(base: Undisturbed) -> float:
        struck = [stress_one(base, part, price, deadline, ended.get(part.name)) for part in weighted]
        for row in struck:
            if isinstance(row.plan, Plan) and row.plan.basis is not None:
                ended.setdefault(row.scenario, row.plan.basis)
        refuse_when_over(deadline, "the loss avoided was found")  # a strike cut short by the deadline has no loss
        return expected_loss(struck, weighted) if weighted else np.nan

    cost, periods, loss = _spent(undisturbed), survived(undisturbed), lost(undisturbed)
    variants = list(_variants(undisturbed, cover, stages))
    begin = Tally(len(variants), effort.progress)

    def work(variant: _Variant) -> tuple[str, str, str, float, float, float]:
        begin(f"{variant.kind} {variant.name}")
        try:
            program = write_program(variant.network)
            plan = plan_program(program, Options(deadline=deadline), priced=False, start=undisturbed.plan.basis)
            other = Undisturbed(program, replace(plan, base_hash=undisturbed.plan.base_hash))
        except LimitReachedError:
            raise
        except PlannerError as error:
            return variant.kind, variant.name, type(error).__name__, np.nan, np.nan, np.nan
        gain = survived(other) - periods
        return variant.kind, variant.name, "optimal", _spent(other) - cost, gain, loss - lost(other)

    with Pool(effort.threads) as pool:
        rows = list(pool.map(work, variants))
    names = ["kind", "measure", "status", "extra_cost", "survival_gain", "loss_avoided"]
    return _ranked(pd.DataFrame(rows, columns=names), cost)


def _ranked(table: pd.DataFrame, cost: float) -> pd.DataFrame:
    """The rows with their rank, the lowest cost of a period of survival first; figures that are noise become 0."""
    noise = 1e-9 * max(1.0, abs(cost))
    extra = table["extra_cost"].where(table["extra_cost"].abs() > noise, 0.0)
    gain = table["survival_gain"].where(table["survival_gain"].abs() > 1e-6, 0.0)
    table = table.assign(extra_cost=extra.where(table["extra_cost"].notna()), survival_gain=gain)
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


def _spent(base: Undisturbed) -> float:
    """The cost of a plan without the charges for missing soft limits."""
    costs = base.plan.costs.set_index("component")["amount"]
    return base.plan.objective - float(costs["limit_excess"])


def _variants(base: Undisturbed, cover: float, chosen_stages: Collection[str] | None) -> Iterator[_Variant]:
    """The base policy with each measure added in turn: buffers, options, second sources."""
    network = base.program.network
    instance = network.instance
    policy = network.policy or Policy(name="none")
    first = instance.periods.labels[instance.report_periods[0]]
    made = {row.item for row in instance.processes}
    price = {
        stage: max([item.value for item in instance.items if item.stage == stage and item.item in made], default=0.0)
        for stage in instance.stages
    }
    price = {stage: value or network_price(instance) for stage, value in price.items()}
    stages = [
        stage
        for stage in instance.stages
        if any(part.stage == stage and part.item in made for part in instance.items)
        and (chosen_stages is None or stage in chosen_stages)
    ]
    steps = Steps()
    build_network(instance, policy, steps=steps)

    def built(chosen: Policy) -> Network:
        return build_network(instance, chosen, steps=Steps(steps))

    stage_of = {item.item: item.stage for item in instance.items}
    makes = {(row.site, row.resource or row.site): set[str]() for row in instance.processes}
    for row in instance.processes:
        makes[row.site, row.resource or row.site].add(stage_of[row.item])
    lines = {row.option: makes.get((row.site, row.resource or row.site), set()) for row in instance.expansions}
    shown_as = f"buffer-{len(policy.buffers) + 1}"
    limits = tuple(
        limit.model_copy(update={"name": _new_name(policy, "limit")}) if limit.name == shown_as else limit
        for limit in policy.limits
    )
    for stage in stages:
        buffer = Buffer(stage=stage, periods_of_cover=cover, period=f"{first}..", soft_cost=price[stage])
        chosen = policy.model_copy(update={"buffers": (*policy.buffers, buffer), "limits": limits})
        periods = "period" if cover == 1 else "periods"
        yield _Variant("buffer", f"{stage}, {cover:g} {periods} of cover", built(chosen))
    share = dict(zip(network.expand["option"], base.decided["expand"]["value"], strict=True))
    for option in sorted(share):
        if share[option] >= BOUGHT or not (chosen_stages is None or lines[option] & set(stages)):
            continue
        allowed = None if policy.options is None else (*policy.options, option)
        other = built(policy.model_copy(update={"options": allowed}))
        whole = other.expand["option"] == option
        expand = other.expand.assign(lower=whole.astype(float))
        yield _Variant("option", option, replace(other, expand=expand))
    shares = base.plan.production.groupby(["stage", "operator"])["finished"].sum()
    operators = network.make.groupby("stage")["operator"].nunique()
    for stage in stages:
        if operators.get(stage, 0) < 2 or stage not in shares.index.get_level_values("stage"):
            continue
        most = float(shares[stage].max() / shares[stage].sum())
        limit = Limit(
            name=_new_name(policy, "second-source"),
            measure="stage",
            stage=stage,
            over="operator",
            of="each",
            max_share=max(0.0, round(most - STEP, 4)),
            per="horizon",
            soft_cost=price[stage],
        )
        chosen = policy.model_copy(update={"limits": (*policy.limits, limit)})
        name = f"{stage}, no operator above {limit.max_share:.0%}"
        yield _Variant("second source", name, built(chosen))


def _new_name(policy: Policy, name: str) -> str:
    """The given name, or the first of `name-2`, `name-3`, ... that no limit of the policy has."""
    taken = {limit.name for limit in policy.limits}
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    return next(text for text in names if text not in taken)


def network_price(instance: Instance) -> float:
    """The largest price or lost cost of an order, in money a unit, for use where items have no value."""
    return max([1.0, *(figure for row in instance.demand for figure in (row.price, row.lost_cost) if figure)])
