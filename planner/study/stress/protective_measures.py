"""Measures that protect: a buffer, an option bought whole or a second source, each added to a policy by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from planner.instance.instance import Instance
from planner.instance.policy import Buffer, Limit, Policy, buffer_name, free_name, rules_of
from planner.network.building import build_network
from planner.network.network import Network
from planner.network.recourse import dearest_ways
from planner.network.steps import Steps
from planner.study.stress.undisturbed import Undisturbed

STEP = 0.1  # share that a second source takes over
BOUGHT = 1.0 - 1e-6


@dataclass(frozen=True)
class Variant:
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


def variants_of(base: Undisturbed, cover: float, chosen_stages: Collection[str] | None) -> Iterator[Variant]:
    """The base policy with each measure added in turn: buffers, options, second sources.

    Args:
        base: the plan under the base policy.
        cover: periods of cover of the buffers.
        chosen_stages: stages whose measures are tried; all where it is None.
    """
    tried = _Tried.of(base, chosen_stages)
    yield from _buffers(tried, cover)
    yield from _options(tried, every_line=chosen_stages is None)
    yield from _second_sources(tried)


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
        policy = rules_of(base.program.network.policy)
        made = {row.item for row in instance.processes}
        values: dict[str, list[float]] = {stage: [] for stage in instance.stages}
        for item in instance.items:
            if item.item in made:
                values[item.stage].append(item.value)
        stages = tuple(stage for stage in instance.stages if values[stage] and (chosen is None or stage in chosen))
        price = {stage: max(values[stage], default=0.0) or _network_price(instance) for stage in instance.stages}
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


def _buffers(tried: _Tried, cover: float) -> Iterator[Variant]:
    """A buffer at each stage, from the first reported period on."""
    first = tried.instance.periods.labels[tried.instance.report_periods[0]]
    name = buffer_name(len(tried.policy.buffers) + 1)
    instance, policy = _with_name_free(tried, name)
    periods = "period" if cover == 1 else "periods"
    for stage in tried.stages:
        buffer = Buffer(stage=stage, periods_of_cover=cover, period=f"{first}..", soft_cost=tried.price[stage])
        with_buffer = policy.model_copy(update={"buffers": (*policy.buffers, buffer)})
        network = build_network(instance, with_buffer, steps=Steps(tried.steps))
        yield Variant("buffer", f"{stage}, {cover:g} {periods} of cover", network, name, policy)


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


def _options(tried: _Tried, *, every_line: bool) -> Iterator[Variant]:
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
        yield Variant("option", option, replace(network, expand=network.expand.assign(lower=lower)))


def _second_sources(tried: _Tried) -> Iterator[Variant]:
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
        yield Variant("second source", words, network, limit.name, policy)


def _network_price(instance: Instance) -> float:
    """What a unit is worth where items have no value, in money: the largest price or lost cost of an order.

    Where no order has any, the dearest way to serve a unit; 1 where that costs nothing.
    """
    figures = [figure for row in instance.demand for figure in (row.price, row.lost_cost) if figure]
    return max(figures, default=0.0) or max(dearest_ways(instance).values(), default=0.0) or 1.0
