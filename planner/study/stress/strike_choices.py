"""What a report shows of strikes: the scenarios that strike, the start of survival, limits and choke point."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pandas as pd

from planner.instance.applying import apply_scenario
from planner.instance.changes.change import Change
from planner.instance.instance import Instance
from planner.instance.policy import Limit, Policy
from planner.instance.scenario import Scenario
from planner.plan.plan import Plan
from planner.plan.rounding import rounded
from planner.study.audit.capable_sites import CapableSites
from planner.study.frontier.curve import Frontier
from planner.study.frontier.levels import Levels
from planner.study.frontier.price_of_resilience import FURTHEST, frontier
from planner.study.outage.n_minus_one import OVER
from planner.study.progress import ALONE, Effort
from planner.study.stress.buffers_against_sources import survival_per_dollar
from planner.study.stress.longest_outages import Outages, last_start_within_horizon, longest_outages
from planner.study.stress.surprise import Stressed, strike_of
from planner.study.stress.undisturbed import Undisturbed
from planner.study.stress.worth_of_resilience import sites_struck, survive_against_recover

SCENARIO = "scenario"
SURVIVAL = ["over", "of", "sites", "start", "periods", "at_least", "weeks", "recover", "recover_weeks", "part", "risk"]
ROUGH = 0.02  # of the cost range: what straight lines of a report's frontier may err by
LEVELS = 24  # of a report's frontier at most
BEYOND = 0.05  # share by which a frontier goes on past the tightest level that the policy has


def strikes(instance: Instance) -> tuple[Scenario, ...]:
    """The scenarios that strike without warning: marked as a surprise, and with changes."""
    return tuple(scenario for scenario in instance.scenarios if scenario.surprise and scenario.changes)


def survival_start(undisturbed: Undisturbed) -> int:
    """The period in which most scenarios strike (the earliest of equals); the first reported one where none strikes.

    Where nothing can be told from it, since the horizon ends first, it is the last period from which something can.
    """
    instance, last = undisturbed.program.network.instance, last_start_within_horizon(undisturbed) - 1
    found = Counter(strike_of(instance, scenario) for scenario in strikes(instance))
    usual = min(found, key=lambda at: (-found[at], at)) if found else instance.report_periods[0]
    return usual if last < 0 else min(usual, last)


@dataclass(frozen=True)
class CapacityReturn:
    """The recovery of the capacity that a scenario takes from its sites.

    Attributes:
        periods: from its strike until the last of its capacity changes and outages, recovery included, is over.
        whole: whether the sites have no capacity at all in some period; else only a part of it is gone.
    """

    periods: int
    whole: bool


def capacity_return_of(instance: Instance, scenario: Scenario) -> CapacityReturn | None:
    """The recovery after a scenario; None where it takes no capacity, or takes it for the rest of the horizon."""
    taken = capacity_taken(scenario)
    if not taken or not sites_struck(instance, scenario):
        return None
    windows = [instance.periods.window(part.period) for part in taken]
    if max(window.stop for window in windows) >= len(instance.periods):
        return None
    last = max(window.stop + part.recovery for window, part in zip(windows, taken, strict=True))
    whole = any(part.takes_all for part in taken) and _stand_still(instance, scenario, chain.from_iterable(windows))
    return CapacityReturn(last - min(window.start for window in windows), whole)


def _stand_still(instance: Instance, scenario: Scenario, periods: Iterable[int]) -> bool:
    """Whether in one of some periods nothing can start at any of the sites that a scenario strikes."""
    sites, makers = sites_struck(instance, scenario), CapableSites(apply_scenario(instance, scenario))
    busy = {
        period
        for process in makers.instance.processes
        if process.site in sites
        for period in makers.starts(process)
        if makers.has_capacity(process, period, options=True)
    }
    return any(period not in busy for period in periods)


def capacity_taken(scenario: Scenario) -> list[Change]:
    """The changes of a scenario that reduce capacity: outages, factors below one, negative additions, set to 0."""
    return [part for part in scenario.changes if part.takes_capacity]


def sites_out(undisturbed: Undisturbed, scenario: Scenario) -> frozenset[str]:
    """The sites that a scenario strikes and at which something can be made."""
    network = undisturbed.program.network
    return sites_struck(network.instance, scenario) & frozenset(network.make["site"])


def survival(undisturbed: Undisturbed, effort: Effort = ALONE) -> pd.DataFrame:
    """Time to survive of every set of sites from one start, and of the sites of each strike from its own.

    risk is that of `survive_against_recover`: "perhaps" where a strike takes only a part of the capacity.

    Args:
        undisturbed: the plan that is struck.
        effort: threads, each with a model of its own; progress by sets; the deadline of all of it.

    Returns:
        over (site, cluster, operator, region, or scenario), of, sites (`+` between), start (label), periods and weeks
        survived if all of it is out (NaN weeks where periods have no length), at_least, recover and recover_weeks (of
        scenarios: until the capacity taken is back), part (yes: only a part is out), risk (yes, no, open, perhaps; but
        for scenarios empty).

    Raises:
        LimitReachedError: the deadline came first.
    """
    instance, effort = undisturbed.program.network.instance, effort.with_deadline()
    usual = survival_start(undisturbed)
    sets: dict[int, dict[tuple[str, str], frozenset[str]]] = {usual: {}}
    backs: dict[str, CapacityReturn] = {}
    for scenario in strikes(instance):
        back, sites = capacity_return_of(instance, scenario), sites_out(undisturbed, scenario)
        if back is not None and sites:
            backs[scenario.name] = back
            sets.setdefault(strike_of(instance, scenario), {})[SCENARIO, scenario.name] = sites
    parts = [
        longest_outages(undisturbed, Outages(OVER if start == usual else (), [start], found), effort)
        for start, found in sets.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    known = [
        backs.get(str(name)) if kind == SCENARIO else None
        for kind, name in zip(table["over"], table["of"], strict=True)
    ]
    recover = pd.Series([np.nan if back is None else float(back.periods) for back in known], dtype=float)
    part = pd.Series([back is not None and not back.whole for back in known], dtype=bool)
    table = survive_against_recover(table, recover, part=part)
    return table.assign(
        recover_weeks=recover * instance.periods.weeks_a_period,
        part=part.map({True: "yes", False: ""}),
        risk=table["risk"].fillna(""),
    )[SURVIVAL]


def telling_limits(plans: Mapping[str | None, Plan]) -> tuple[Policy, tuple[str, ...]] | None:
    """The policy and the limits for the report's frontier: pathway floors before pathway caps before stage limits.

    Of policies with the same kind the one with the most limits; of its limits those on the same region (or operator)
    and stage, as many as there are; of stages the one whose limits have the highest price in all. Among equals the
    dearer policy, and then what it says: names decide nothing.
    """
    best: tuple[tuple[int, int, float, float, str], Policy, tuple[str, ...]] | None = None
    for plan in plans.values():
        if plan.policy is None:
            continue
        prices = plan.limits.groupby("limit")["shadow_price"].sum() if "limits" in plan.tables else {}
        groups: dict[tuple[object, ...], list[Limit]] = {}
        for limit in plan.policy.limits:
            groups.setdefault((limit.min_free is not None, limit.stage, limit.over, limit.of), []).append(limit)
        for (floor, stage, *_), limits in groups.items():
            kind = 2 if floor else (0 if stage else 1)
            price = float(sum(prices.get(limit.name, 0.0) for limit in limits))
            said = repr([limit.model_copy(update={"name": ""}) for limit in limits])
            key = (kind, len(plan.policy.limits), price, float(rounded([plan.objective])[0]), said)
            if best is None or key > best[0]:
                best = (key, plan.policy, tuple(limit.name for limit in limits))
    return None if best is None else best[1:]


def telling_frontier(instance: Instance, plans: Mapping[str | None, Plan], effort: Effort = ALONE) -> Frontier | None:
    """The frontier of `telling_limits`, from no limit at all to beyond what the policy asks; None without limits.

    It is approximate: straight lines between its points err by up to 2 % of the cost range.
    """
    chosen = telling_limits(plans)
    if chosen is None:
        return None
    policy, names = chosen
    limits = [limit for limit in policy.limits if limit.name in names]
    levels = [limit.max_share if limit.min_free is None else limit.min_free for limit in limits]
    known = [level for level in levels if level is not None]
    floor = limits[0].min_free is not None
    own = max(known) if floor else min(known)  # which is on the curve, however tight
    stop = max(own, min(FURTHEST, own + BEYOND)) if floor else min(own, max(1 - FURTHEST, own - BEYOND))
    return frontier(instance, policy, names, Levels(stop=stop, error=ROUGH, most=LEVELS), effort=effort)


def choke_point(survived: pd.DataFrame, losses: pd.DataFrame) -> tuple[str, frozenset[str]] | None:
    """The site with the shortest time to survive; among equals the one with the largest N-1 loss.

    Args:
        survived: rows of `survival`.
        losses: the table of `n_minus_one` for the same policy; a site without any plan when out counts as the largest.
    """
    sites = survived[(survived["over"] == "site") & ~survived["at_least"].astype(bool)]
    if sites.empty:
        return None
    size = losses[losses["over"] == "site"].set_index("of")["loss"].fillna(np.inf)
    ranked = sites.assign(loss=[float(size.get(name, 0.0)) for name in sites["of"]])
    row = ranked.sort_values(["periods", "loss", "of"], ascending=[True, False, True], kind="stable").iloc[0]
    return str(row["of"]), frozenset(str(row["sites"]).split("+"))


def heaviest(
    instance: Instance, stressed: Sequence[Stressed], policy: str | None, sites: frozenset[str]
) -> Scenario | None:
    """The strike on some sites that costs a policy most, weighted by its probability where it has one.

    None where no scenario strikes them.
    """
    hits = {scenario.name: scenario for scenario in strikes(instance) if sites & sites_struck(instance, scenario)}
    rows = [row for row in stressed if row.policy == policy and row.scenario in hits and row.loss > 0]
    likely = [row for row in rows if hits[row.scenario].probability]
    if not rows:
        return None
    row = max(likely or rows, key=lambda row: (row.loss * (hits[row.scenario].probability or 1.0), row.scenario))
    return hits[row.scenario]


def buys(
    undisturbed: Undisturbed, site: str, sites: frozenset[str], scenario: Scenario | None, effort: Effort = ALONE
) -> pd.DataFrame:
    """The survival of a site, and the loss avoided, that stock, an option and a second source at its stages buy.

    The columns are those of `survival_per_dollar`; the loss avoided is that of one scenario if it strikes, not times
    its probability.

    Raises:
        LimitReachedError: the deadline came first.
    """
    instance = undisturbed.program.network.instance
    stage = instance.stage_of
    stages = {stage[row.item] for row in instance.processes if row.site in sites}
    start = survival_start(undisturbed)
    return survival_per_dollar(
        undisturbed,
        [] if scenario is None else [scenario.model_copy(update={"probability": 1.0})],
        Outages((), [start], {("site", site): sites}),
        stages=stages,
        effort=effort,
    )
