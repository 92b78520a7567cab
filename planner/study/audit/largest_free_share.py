"""The largest share that can be free of a region: an upper bound on what any policy can promise, and what limits it.

For a region r (or group), a product p and the reported periods R, over all flows of units that have not touched r:

    units(p, R)  = max sum_(t in R) delivered_p(t)                share(p, R) = min(1, units / sum_(t in R) demand_p(t))
    share(p, t)  = min(1, max delivered_p(t) / demand_p(t))       (one period by itself)
    lasting(p,t) = max a such that delivered_p(u) >= a * demand_p(u) for every reported u >= t, at most 1

The chain works for the product alone, so each is an upper bound for any policy: the first for a floor over the horizon,
the second for a floor in that period only, the third for a floor in each period from that one on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from planner.instance.instance import Instance
from planner.plan.rounding import rounded
from planner.solve.deadline import refuse_when_over
from planner.study.audit.capable_sites import CapableSites
from planner.study.audit.free_chain_program import Chain, Deliveries, Question, items_of, regions_touched
from planner.study.progress import ALONE, Effort

EVERY_PRODUCT = "*"
NOTHING = 1e-7
SAME = 5e-4
COLUMNS = {
    "free_of": [
        "region",
        "product",
        "demand",
        "units",
        "share",
        "every_period",
        "any_region",
        "first",
        "full_from",
        "stopped_by",
        "waits_for",
    ],
    "free_of_periods": ["region", "product", "period", "demand", "units", "share", "lasting"],
    "free_of_stages": ["region", "product", "stage", "units", "share", "makers"],
}


@dataclass(frozen=True)
class AvoidedRegion:
    """A region or region group that no unit may touch.

    Attributes:
        region: its id.
        members: its member regions.
    """

    region: str
    members: frozenset[str]


NOWHERE = AvoidedRegion("", frozenset())


@dataclass(frozen=True)
class FreeOf:
    """What can be made without touching each region.

    Attributes:
        verdicts: region, product (`*`: all together), demand and most units over the reported periods, share (0-1),
            every_period (the largest share in each of them), any_region (the share with no region avoided), first
            (first reported period with any unit), full_from (from which all can be promised), stopped_by (stages
            with the lowest ceiling, `+` between), waits_for (stages that let nothing through before `first`).
        periods: region, product, period, demand, units (most in that period by itself, at most the demand), share,
            lasting (the largest share in each reported period from this one on); no shares where nothing is ordered.
        stages: region, product, stage, units and share that the stage lets through if no other stood in the way
            (outside it, every site counts, without a limit of capacity), makers (sites outside the region, `+`
            between). Only where the region stands in the way.
    """

    verdicts: pd.DataFrame
    periods: pd.DataFrame
    stages: pd.DataFrame


def avoidable(instance: Instance) -> tuple[AvoidedRegion, ...]:
    """The regions with a site that makes or holds something, then the groups with such a region; each sorted."""
    home = instance.region_of
    used = {home[row.site] for row in instance.processes}
    for table in (instance.stocks, instance.arrivals):
        for row in table:
            used |= regions_touched(instance, row)
    regions = [AvoidedRegion(region, frozenset([region])) for region in sorted(used)]
    groups = [AvoidedRegion(name, frozenset(members)) for name, members in sorted(instance.region_groups.items())]
    return (*regions, *(group for group in groups if group.members & used))


def free_of(instance: Instance, avoided: Sequence[AvoidedRegion], effort: Effort = ALONE) -> FreeOf:
    """The most that can be made without touching each of some regions, product by product and all together.

    Args:
        instance: what is planned.
        avoided: the regions, one at a time.
        effort: progress by regions, and the deadline after which no region is begun.

    Raises:
        LimitReachedError: the deadline passed before the last region.
        SolverError: a figure could not be proved.
    """
    chain, makers = Chain(instance), CapableSites(instance)
    reported = list(instance.report_periods)
    scopes: dict[str, tuple[str, ...]] = {
        name: (name,) for name in chain.products if chain.demand([name])[reported].sum() > 0
    }
    if len(scopes) > 1:
        scopes[EVERY_PRODUCT] = tuple(scopes)
    found: dict[tuple[str, str], _Answer] = {}
    clear: dict[str, list[frozenset[str]]] = {name: [] for name in scopes}
    for done, region in enumerate(sorted(avoided, key=lambda region: -len(region.members))):
        if effort.progress:
            effort.progress(done, len(avoided), region.region)
        for name, products in scopes.items():
            refuse_when_over(effort.deadline, f"what can be made without {region.region} was found")
            within = any(region.members <= others for others in clear[name])  # it avoids less
            answer = _answer(_Case(chain, makers, region, name, products), known=within)
            found[region.region, name] = answer
            if answer.full:
                clear[name].append(region.members)
    for name, products in scopes.items():
        anywhere = (1.0, 1.0) if clear[name] else _anywhere(_Case(chain, makers, NOWHERE, name, products))
        for region in avoided:
            refuse_when_over(effort.deadline, f"what stops {name} without {region.region} was found")
            _blame(found[region.region, name], anywhere)
    answers = [found[region.region, name] for region in avoided for name in scopes]
    return FreeOf(
        _table([answer.verdict for answer in answers], COLUMNS["free_of"]),
        _table([row for answer in answers for row in answer.periods], COLUMNS["free_of_periods"]),
        _table([row for answer in answers for row in answer.stages], COLUMNS["free_of_stages"]),
    )


@dataclass(frozen=True)
class _Case:
    """A region to avoid, and one product or all of them."""

    chain: Chain
    makers: CapableSites
    avoided: AvoidedRegion
    name: str
    products: tuple[str, ...]

    @property
    def instance(self) -> Instance:
        return self.chain.instance

    @property
    def reported(self) -> list[int]:
        return list(self.instance.report_periods)

    @property
    def key(self) -> dict[str, object]:
        return {"region": self.avoided.region, "product": self.name}

    def deliveries(self, stages: Iterable[str]) -> Deliveries:
        return self.chain.deliveries(Question(self.products, self.avoided.members, frozenset(stages)))


@dataclass
class _Answer:
    """The figures of a case.

    Attributes:
        case: the case.
        demand: units ordered over the reported periods.
        units: the most free units over them.
        every: the largest share in each of them at once.
        first: position of the first period with any free unit.
        periods, stages, verdict: its rows in the tables of `FreeOf`.
    """

    case: _Case
    demand: float
    units: float
    every: float
    first: int
    periods: list[dict[str, object]]
    stages: list[dict[str, object]] = field(default_factory=list)
    verdict: dict[str, object] = field(default_factory=dict)

    @property
    def share(self) -> float:
        return self.units / self.demand

    @property
    def full(self) -> bool:
        return self.every >= 1.0 - NOTHING


def _over(deliveries: Deliveries, reported: list[int], every: float = 0.0) -> float:
    """The most units over the reported periods together, and at most their demand."""
    demand = float(deliveries.demand[reported].sum())
    return demand if every >= 1.0 - NOTHING else min(demand, deliveries.units(reported))


def _anywhere(case: _Case) -> tuple[float, float]:
    """The share over the reported periods together, and in each of them, with no region avoided."""
    deliveries = case.deliveries(case.instance.stages)
    every = deliveries.share(case.reported)
    return _over(deliveries, case.reported, every) / float(deliveries.demand[case.reported].sum()), every


def _answer(case: _Case, *, known: bool) -> _Answer:
    """The figures of a case without its stages; `known` says that everything can be made without the region."""
    reported, labels = case.reported, case.instance.periods.labels
    deliveries = case.deliveries(case.instance.stages)
    every = 1.0 if known else deliveries.share(reported)
    units, demand = _over(deliveries, reported, every), float(deliveries.demand[reported].sum())
    answer = _Answer(case, demand, units, every, reported[0], [])
    answer.verdict = {**case.key, "demand": demand, "units": units, "share": answer.share, "every_period": every}
    if case.name != EVERY_PRODUCT:
        answer.periods = _by_period(case, deliveries, full=answer.full)
        some = [at for at, row in zip(reported, answer.periods, strict=True) if _number(row["units"]) > 0]
        full = [row for row in answer.periods if _number(row["lasting"]) >= 1.0 - NOTHING]
        answer.first = some[0] if some else reported[-1] + 1
        answer.verdict["first"] = labels[some[0]] if some else None
        answer.verdict["full_from"] = full[0]["period"] if full else None
    return answer


def _number(value: object) -> float:
    return float(str(value))


def _by_period(case: _Case, deliveries: Deliveries, *, full: bool) -> list[dict[str, object]]:
    """The rows of the reported periods; the last is solved first, as no lasting share exceeds that of a later one."""
    reported, labels = case.reported, case.instance.periods.labels
    found: list[dict[str, object]] = []
    lasting = 1.0
    for period in reversed(reported):
        demand = float(deliveries.demand[period])
        units = demand if full or demand == 0 else min(demand, deliveries.units([period]))
        if demand > 0 and units < NOTHING * demand:
            units = lasting = 0.0
        elif demand > 0 and not full and lasting > 0:
            lasting = deliveries.share([other for other in reported if other >= period])
        share, lasts = (units / demand, lasting) if demand > 0 else (math.nan, math.nan)
        row = {"period": labels[period], "demand": demand, "units": units, "share": share, "lasting": lasts}
        found.append({**case.key, **row})
    return found[::-1]


def _blame(answer: _Answer, anywhere: tuple[float, float]) -> None:
    """Add the stages that limit the share: what each lets through alone, over all periods and before the first unit."""
    case = answer.case
    answer.verdict |= {"any_region": anywhere[0], "stopped_by": "", "waits_for": ""}
    if answer.share >= anywhere[0] - NOTHING and answer.every >= anywhere[1] - NOTHING:
        return
    before = [period for period in case.reported if period < answer.first]
    items = items_of(case.instance, case.products)
    ceilings: dict[str, float] = {}
    waits: list[str] = []
    for stage in case.instance.stages:
        own = [item.item for item in case.instance.items if item.item in items and item.stage == stage]
        if not own:
            continue
        deliveries = case.deliveries([stage])
        units = _over(deliveries, case.reported)
        ceilings[stage] = units / answer.demand
        if before and deliveries.units(before) < NOTHING * answer.demand:
            waits.append(stage)
        makers = "+".join(case.makers.of(own, case.avoided.members))
        row = {"stage": stage, "units": units, "share": ceilings[stage], "makers": makers}
        answer.stages.append({**case.key, **row})
    answer.verdict |= {"stopped_by": "+".join(_lowest(ceilings, answer.share)), "waits_for": "+".join(waits)}


def _lowest(ceilings: dict[str, float], share: float) -> list[str]:
    """The stages with the lowest ceiling; where it does not explain the share, all stages that reduce it."""
    lowest = min(ceilings.values(), default=1.0)
    if lowest >= 1.0 - NOTHING:
        return []
    alone = [stage for stage, ceiling in ceilings.items() if ceiling <= lowest + SAME]
    if share >= 0.9 * lowest:
        return alone
    return sorted((stage for stage in ceilings if ceilings[stage] < 1.0 - NOTHING), key=ceilings.__getitem__)


def _table(rows: list[dict[str, object]], columns: list[str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=columns)
    for name in ("demand", "units", "share", "every_period", "any_region", "lasting"):
        if name in table:
            values = table[name].astype(float)
            table[name] = rounded(values.where(values.abs() > NOTHING, 0.0).where(values.notna()))
    return table
