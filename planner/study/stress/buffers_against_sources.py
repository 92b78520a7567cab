"""Buffers against sources: the survival that stock, a capacity option or a second source buys for its cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planner.errors import LimitReachedError, PlannerError
from planner.instance.instance import Instance
from planner.instance.policy import Buffer, Limit, Policy, buffer_name, free_name
from planner.instance.scenario import Scenario
from planner.model.program import write_program
from planner.network.building import build_network
from planner.network.network import Network
from planner.network.recourse import dearest_ways
from planner.network.steps import Steps
from planner.plan.options import Options
from planner.plan.plan import Plan
from planner.plan.planning import plan_program
from planner.solve.carried_basis import CarriedBasis
from planner.solve.deadline import refuse_when_over
from planner.solve.threads import Pool
from planner.study.failure import status_of
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
    """The network of a base policy with one measure added.

    Attributes:
        kind, name: those of the measure.
        network: what is planned with it.
        limit: the limit by which a soft measure is charged; empty for none.
        released: the base policy, which holds once a strike has come and the stock is for use; None where the measure
            cannot be given up.
    """

    kind: str
    name: str
    network: Network
    limit: str = ""
    released: Policy | None = None


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

    extra_cost = cost with the measure - cost without; charges for missing the measure left out, not those of the policy
    survival_gain = mean over sets and starts of periods survived, with - without
    cost_of_a_period = extra_cost / survival_gain
    loss_avoided = expected loss (sum p * max(0, loss); equal weights where no scenario has a probability), without -
    with; avoided_per_money = loss_avoided / extra_cost. Once struck, stock may be used and any operator make more: the
    measure is given up, and no charge for missing it is in the loss

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
        measure, status (that of a run), and the figures above in money and periods.

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

    def lost(base: Undisturbed, variant: _Variant | None = None) -> float:
        after = None if variant is None else variant.released
        struck = [stress_one(base, part, price, deadline, ended.get(part.name), after) for part in weighted]
        for row in struck:
            if isinstance(row.plan, Plan) and row.plan.basis is not None:
                ended.setdefault(row.scenario, row.plan.basis)
        refuse_when_over(deadline, "the loss avoided was found")  # a strike cut short by the deadline has no loss
        if variant is not None:
            struck = [replace(row, loss=row.loss + _charged(base.plan, variant.limit)) for row in struck]
        return expected_loss(struck, weighted) if weighted else np.nan

    cost, periods, loss = undisturbed.plan.objective, survived(undisturbed), lost(undisturbed)
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
            return variant.kind, variant.name, status_of(error), np.nan, np.nan, np.nan
        extra = plan.objective - _charged(plan, variant.limit) - cost
        gain = survived(other) - periods
        return variant.kind, variant.name, "optimal", extra, gain, loss - lost(other, variant)

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


def _charged(plan: Plan, limit: str) -> float:
    """What a plan is charged for missing a soft limit, in money; 0 where the name is empty, for none."""
    rows = plan.limits[plan.limits["limit"] == limit]
    return float(rows["cost"].sum())


@dataclass(frozen=True)
class _Tried:
    """What measures are added to.

    Attributes:
        base: the plan under the base policy.
        policy: that policy; one without anything where there is none.
        stages: the stages whose measures are tried, in order.
        price: what missing a unit of a measure costs at each stage, in money.
        steps: the steps of the base network, of which the others have most in common.
    """

    base: Undisturbed
    policy: Policy
    stages: tuple[str, ...]
    price: Mapping[str, float]
    steps: Steps

    @classmethod
    def of(cls, base: Undisturbed, chosen: Collection[str] | None) -> _Tried:
        """What is tried at the stages that make something; only at the chosen ones where some are."""
        instance = base.program.network.instance
        policy = base.program.network.policy or Policy(name="none")
        made = {row.item for row in instance.processes}
        values: dict[str, list[float]] = {stage: [] for stage in instance.stages}
        for item in instance.items:
            if item.item in made:
                values[item.stage].append(item.value)
        stages = tuple(stage for stage in instance.stages if values[stage] and (chosen is None or stage in chosen))
        price = {stage: max(values[stage], default=0.0) or network_price(instance) for stage in instance.stages}
        steps = Steps()
        build_network(instance, policy, steps=steps)
        return cls(base, policy, stages, price, steps)

    @property
    def instance(self) -> Instance:
        """What is planned."""
        return self.base.program.network.instance

    def built(self, update: Mapping[str, object]) -> Network:
        """The network under the base policy with some fields in place of its own."""
        return build_network(self.instance, self.policy.model_copy(update=update), steps=Steps(self.steps))


def _variants(base: Undisturbed, cover: float, chosen_stages: Collection[str] | None) -> Iterator[_Variant]:
    """The base policy with each measure added in turn: buffers, options, second sources."""
    tried = _Tried.of(base, chosen_stages)
    yield from _buffers(tried, cover)
    yield from _options(tried, every_line=chosen_stages is None)
    yield from _second_sources(tried)


def _buffers(tried: _Tried, cover: float) -> Iterator[_Variant]:
    """A buffer at each stage, from the first reported period on."""
    first = tried.instance.periods.labels[tried.instance.report_periods[0]]
    name = buffer_name(len(tried.policy.buffers) + 1)
    instance, policy = _with_name_free(tried, name)
    periods = "period" if cover == 1 else "periods"
    for stage in tried.stages:
        buffer = Buffer(stage=stage, periods_of_cover=cover, period=f"{first}..", soft_cost=tried.price[stage])
        with_buffer = policy.model_copy(update={"buffers": (*policy.buffers, buffer)})
        network = build_network(instance, with_buffer, steps=Steps(tried.steps))
        yield _Variant("buffer", f"{stage}, {cover:g} {periods} of cover", network, name, policy)


def _with_name_free(tried: _Tried, name: str) -> tuple[Instance, Policy]:
    """What measures are added to, in which no limit has a given name; what was used of such a limit is used of it."""
    policy, instance = tried.policy, tried.instance
    if not any(limit.name == name for limit in policy.limits):
        return instance, policy
    other = {"name": free_name("limit", {part.name for part in policy.limits})}
    limits = tuple(limit.model_copy(update=other) if limit.name == name else limit for limit in policy.limits)
    used = [
        row.model_copy(update={"limit": other["name"]}) if (row.policy, row.limit) == (policy.name, name) else row
        for row in instance.limits_used
    ]
    return instance.replace(limits_used=used), policy.model_copy(update={"limits": limits})


def _options(tried: _Tried, *, every_line: bool) -> Iterator[_Variant]:
    """Each capacity option that is still to decide, bought whole; of every line, or of those of the tried stages."""
    policy, instance, decided = tried.policy, tried.instance, tried.base.decided
    stage_of = instance.stage_of
    stages: dict[tuple[str, str], set[str]] = defaultdict(set)
    for process in instance.processes:
        stages[process.line].add(stage_of[process.item])
    lines = {row.option: row.line for row in instance.expansions}
    share = dict(zip(tried.base.program.network.expand["option"], decided["expand"]["value"], strict=True))
    still = {row.option for row in instance.expansions if row.bought is None}
    for option in sorted(still & set(share)):
        if share[option] >= BOUGHT or not (every_line or stages[lines[option]] & set(tried.stages)):
            continue
        network = tried.built({"options": None if policy.options is None else (*policy.options, option)})
        whole = network.expand["option"] == option
        lower = np.where(whole, 1.0, network.expand["lower"])
        yield _Variant("option", option, replace(network, expand=network.expand.assign(lower=lower)))


def _second_sources(tried: _Tried) -> Iterator[_Variant]:
    """At each stage of several operators, none may make more than the largest does now, less a tenth of the horizon."""
    policy = tried.policy
    shares = tried.base.plan.production.groupby(["stage", "operator"])["finished"].sum()
    operators = tried.base.program.network.make.groupby("stage")["operator"].nunique()
    for stage in tried.stages:
        if operators.get(stage, 0) < 2 or stage not in shares.index.get_level_values("stage"):
            continue
        most = float(shares[stage].max() / shares[stage].sum())
        limit = Limit(
            name=free_name("second-source", {part.name for part in policy.limits}),
            measure="stage",
            stage=stage,
            over="operator",
            of="each",
            max_share=max(0.0, round(most - STEP, 4)),
            per="horizon",
            soft_cost=tried.price[stage],
        )
        network = tried.built({"limits": (*policy.limits, limit)})
        words = f"{stage}, no operator above {limit.max_share:.0%}"
        yield _Variant("second source", words, network, limit.name, policy)


def network_price(instance: Instance) -> float:
    """What a unit is worth where items have no value, in money: the largest price or lost cost of an order.

    Where no order has any, the dearest way to serve a unit; 1 where that costs nothing.
    """
    figures = [figure for row in instance.demand for figure in (row.price, row.lost_cost) if figure]
    return max(figures, default=0.0) or max(dearest_ways(instance).values(), default=0.0) or 1.0
