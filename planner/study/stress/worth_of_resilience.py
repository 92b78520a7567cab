"""The worth of resilience: concentration tariff, break-even premium of diversifying, and leverage.

The first two are computed from plans, from what strikes did to them, and from the probabilities of the scenarios.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from planner.errors import LimitReachedError, PlannerError, UsageError
from planner.instance.instance import Instance
from planner.instance.scenario import Scenario
from planner.model.program import write_program
from planner.network.building import build_network
from planner.plan.case import name_of
from planner.plan.measures.blending import units_touched
from planner.plan.plan import Plan
from planner.plan.rounding import rounded
from planner.solve.deadline import refuse_when_over, seconds_until
from planner.solve.solution import Status
from planner.study.outage.n_minus_one import n_minus_one
from planner.study.progress import ALONE, Effort
from planner.study.stress.surprise import Stressed
from planner.study.stress.undisturbed import Undisturbed

TARIFF = ["policy", "over", "of", "scenarios", "expected_loss", "units", "tariff"]
PREMIUM = ["policy", "cost", "expected_loss", "premium", "break_even", "pays"]
ROUNDING = 1e-9  # of a sum of probabilities
LEVERAGE = ["rank", "over", "of", "sites", "cost", "leverage"]


def sites_struck(instance: Instance, scenario: Scenario) -> frozenset[str]:
    """The sites that a scenario strikes: at which a change selects work, a line, a yield, or a lane that leaves there.

    A change of demand, price, tariff, freight or stock strikes none.
    """
    return frozenset().union(*(change.sites_struck(instance) for change in scenario.changes))


def probability_of_any(scenarios: Sequence[Scenario]) -> float:
    """The probability that one of some scenarios comes, which exclude each other: the sum of theirs.

    Raises:
        UsageError: they add up to more than 1.
    """
    total = math.fsum(scenario.probability or 0.0 for scenario in scenarios)
    if total > 1.0 + ROUNDING:
        raise UsageError(
            f"The probabilities add up to {total:.6g}, but scenarios exclude each other, so they cannot add up to "
            "more than 1. Name fewer scenarios, or lower their probabilities."
        )
    return total


def expected_loss(stressed: Sequence[Stressed], scenarios: Sequence[Scenario]) -> float:
    """sum_s p_s * max(0, loss_s), in money: over the scenarios that have a probability.

    Args:
        stressed: what each scenario did to one plan.
        scenarios: the scenarios, with their probabilities.

    Returns:
        money; NaN where a strike that has a probability has no plan: what it costs is not known.
    """
    chance = {part.name: part.probability or 0.0 for part in scenarios}
    losses = [(chance[row.scenario], row.loss) for row in stressed if chance[row.scenario] > 0]
    return float(sum(part * np.maximum(0.0, loss) for part, loss in losses))  # max(0.0, nan) would be 0


def _sets_of(instance: Instance, over: Sequence[str]) -> dict[tuple[str, str], frozenset[str]]:
    """The sites of each region, operator, cluster or site, by (over, of), whether they make anything or not."""
    named: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for kind in over:
        for site, name in instance.group_of(kind).items():
            if name:
                named[kind, name].add(site)
    return {key: frozenset(sites) for key, sites in named.items()}


def units_delivered(plan: Plan) -> float:
    """Units delivered over all planned periods, customers and products."""
    return float(plan.service["delivered"].sum())


def concentration_tariff(
    undisturbed: Undisturbed,
    stressed: Sequence[Stressed],
    scenarios: Sequence[Scenario],
    over: Sequence[str] = ("region", "operator"),
) -> pd.DataFrame:
    """The tariff without paperwork: the expected loss that a region or operator brings, per unit that touched it.

    tariff(r) = sum_(s strikes r) p_s * max(0, stressed_s - undisturbed cost) / delivered units that touched r

    A scenario that strikes several regions counts in full with each of them.

    Args:
        undisturbed: the plan.
        stressed: what each scenario did to it.
        scenarios: the scenarios; only those with a probability count.
        over: kinds: site, cluster, operator, region.

    Returns:
        policy, over, of, scenarios (how many strike it), expected_loss (money), units (touched, blended), tariff
        (money a unit), the largest first; those that a scenario strikes and a delivered unit touches. Expected loss and
        tariff are NaN, and last, where one of the strikes has no plan.
    """
    plan, network = undisturbed.plan, undisturbed.program.network
    hits = {part.name: sites_struck(network.instance, part) for part in scenarios if part.probability}
    policy = name_of(network.policy)
    rows = []
    for (kind, name), sites in _sets_of(network.instance, over).items():
        struck = [row for row in stressed if hits.get(row.scenario, frozenset()) & sites]
        if not struck:
            continue
        units = units_touched(network.instance, plan.tables, sites)
        loss = expected_loss(struck, scenarios)
        if units > 0:
            rows.append((policy, kind, name, len(struck), loss, units, loss / units))
    table = pd.DataFrame(rows, columns=TARIFF)
    table = table.assign(**{name: rounded(table[name].astype(float)) for name in ("units", "tariff")})
    return table.sort_values(["tariff", "over", "of"], ascending=[False, True, True], ignore_index=True)


def break_even_premium(
    plans: Mapping[str | None, Plan], stressed: Sequence[Stressed], scenarios: Sequence[Scenario]
) -> pd.DataFrame:
    """What each policy may cost more a unit than the first, and what it does cost more.

    break_even = (expected loss of the first - expected loss of the policy) / units that the policy delivers
    premium = (cost of the policy - cost of the first) / units that the policy delivers

    Args:
        plans: the undisturbed plan of each policy; the first is the one to compare with.
        stressed: what each scenario did to each of them.
        scenarios: the scenarios; only those with a probability count.

    Returns:
        policy, cost and expected_loss (money), premium and break_even (money a delivered unit; 0 for the first), and
        pays (whether the premium is below the break-even one). Where a strike has no plan, expected_loss and break_even
        are NaN and pays is None.
    """
    losses = {name: expected_loss([row for row in stressed if row.policy == name], scenarios) for name in plans}
    first = next(iter(plans))
    rows = []
    for name, plan in plans.items():
        units = units_delivered(plan)
        premium = (plan.objective - plans[first].objective) / units if units > 0 else np.nan
        even = (losses[first] - losses[name]) / units if units > 0 else np.nan
        pays = None if np.isnan(premium - even) else name != first and bool(premium < even)
        rows.append((name, plan.objective, losses[name], premium, even, pays))
    return pd.DataFrame(rows, columns=PREMIUM).astype({"pays": object})


def leverage(
    undisturbed: Undisturbed,
    over: Sequence[str] = ("region", "operator"),
    price: float | None = None,
    effort: Effort = ALONE,
) -> pd.DataFrame:
    """What a region or operator could ask for staying in the chain: the cost of doing without it, known in advance.

    leverage(r) = least cost with r out for the whole horizon - least cost with it, both with stress's slacks

    Args:
        undisturbed: the plan, whose promises set the price of breaking them where none is given.
        over: kinds: site, cluster, operator, region.
        price: what breaking a promise costs, money a unit; see `Undisturbed.terms`.
        effort: threads, of which the second has a model of its own; progress by sets; the deadline of all of it.

    Returns:
        rank, over, of, sites, cost (without it, money) and leverage (money), the largest first.

    Raises:
        LimitReachedError: the deadline came first.
    """
    refuse_when_over(effort.deadline, "the leverage was begun")
    network = undisturbed.program.network
    terms = undisturbed.terms(0, price)
    program = write_program(build_network(network.instance, network.policy, terms, holding=network))
    left = seconds_until(effort.deadline)
    losses = n_minus_one(
        program, over=tuple(over), time_limit=left, threads=effort.threads, progress=effort.progress, units=False
    )
    found = losses.table
    if (found["status"] == str(Status.LIMIT)).any():
        raise LimitReachedError("The time limit was reached before the cost of doing without each was found.")
    return found.rename(columns={"loss": "leverage"})[LEVERAGE]


def survive_against_recover(
    survival: pd.DataFrame, recover: float | Mapping[str, float] | pd.Series, *, part: bool | pd.Series = False
) -> pd.DataFrame:
    """Time to survive beside time to recover: at risk is what recovers later than it can be done without.

    risk = survive < recover (periods). Where the horizon ends first (`at_least`), a longer recovery leaves it open; and
    where only a part of the capacity is out, more can be survived than the whole outage that `survive` is about.

    Args:
        survival: rows of `longest_outages`.
        recover: periods until sites are back, which is data: for all sets, by `of`, or row by row; NaN where it is not
            known.
        part: whether only a part of the capacity is out: for all sets, or row by row.

    Returns:
        the rows with `recover` (periods) and `risk` (yes, no, open, perhaps; None where `recover` is not known).
    """
    given = survival["of"].map(recover) if isinstance(recover, Mapping) else recover
    table = survival.assign(recover=given, part=part).astype({"recover": float})
    risk = pd.Series("yes", index=table.index, dtype=object)
    risk = risk.mask(table["at_least"].astype(bool), "open").mask(table["part"].astype(bool), "perhaps")
    risk = risk.where(table["periods"] < table["recover"], "no").where(table["recover"].notna(), None)
    return table.drop(columns="part").assign(risk=risk)


def undisturbed_of(base: Undisturbed | PlannerError, name: str | None) -> Undisturbed:
    """The undisturbed plan of a policy.

    Raises:
        UsageError: it has none.
    """
    if isinstance(base, Undisturbed):
        return base
    raise UsageError(f"The policy {name or '(none)'} has no plan, so nothing can be asked of it: {base}")
