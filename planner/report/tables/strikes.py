"""Tables of strikes, time to survive, the frontier and what buys survival, as they go into tables/*.csv."""

from __future__ import annotations

import math
from itertools import pairwise

import pandas as pd

from planner.plan.plan import Plan
from planner.report.findings import Findings, difference
from planner.report.sections.choke_points import in_steps
from planner.study.stress.strike_choices import SURVIVAL
from planner.study.stress.surprise import Stressed
from planner.study.stress.tables import lost_table

STRIKES = [
    *("policy", "scenario", "probability", "strike", "status", "loss", "known_loss", "lost_units"),
    *("delay_weeks", "waiting", "back", "broken_promises"),
]
DELIVERIES = ["policy", "scenario", "period", "demand", "undisturbed", "delivered"]
FRONTIER = ["policy", "level", "cost", "extra_cost", "price_a_point", "kind"]
NEVER = "not in the planned periods"
NOISE = 1e-7  # of all units: less than that is what two solves differ by


def struck(findings: Findings) -> list[Stressed]:
    """Every strike, by policy and then scenario, in the order of the report."""
    at = {name: number for number, name in enumerate(findings.scenarios)}
    order = {name: number for number, name in enumerate(findings.policies)}
    return sorted(findings.studies.stressed, key=lambda row: (order.get(row.policy, 0), at.get(row.scenario, 0)))


def stepped(findings: Findings, policy: str | None, amount: float) -> float:
    """A difference of costs; 0 where it is within the numerical noise of two solves."""
    plan = findings.plan(policy)
    return in_steps(amount, plan.objective if plan else 0.0)


def strikes(findings: Findings) -> pd.DataFrame:
    """One row a policy and surprise: loss without warning, and with it; units lost, delay, when service is back."""
    rows = []
    for row in struck(findings):
        has, units = isinstance(row.plan, Plan), NOISE * max(findings.demand, 1.0)
        rows.append(
            {
                "policy": findings.label(row.policy),
                "scenario": row.scenario,
                "probability": findings.probability.get(row.scenario, 0.0),
                "strike": row.strike,
                "status": row.plan.status,
                "loss": stepped(findings, row.policy, row.loss),
                "known_loss": stepped(findings, row.policy, findings.cost_change(row.policy, row.scenario)),
                "lost_units": round(row.lost_units / units) * units if has else math.nan,
                "delay_weeks": row.delay,
                "waiting": row.waiting,
                "back": (row.back or NEVER) if has else "",
                "broken_promises": stepped(findings, row.policy, row.broken),
            }
        )
    return pd.DataFrame(rows, columns=STRIKES)


def strikes_lost(findings: Findings) -> pd.DataFrame:
    """Units lost more than undisturbed, by policy, surprise, customer and product; less than a millionth is none."""
    table = lost_table(struck(findings))
    table = table[table["lost_units"].abs() > 10 * NOISE * max(findings.demand, 1.0)].reset_index(drop=True)
    return table.assign(policy=[findings.label(None if pd.isna(name) else str(name)) for name in table["policy"]])


def deliveries(findings: Findings) -> pd.DataFrame:
    """Units ordered, delivered undisturbed and delivered after each surprise, by period from the first reported one."""
    labels = findings.instance.periods.labels[findings.instance.report_periods[0] :]
    parts = []
    for row in struck(findings):
        before = findings.plan(row.policy)
        if before is None or not isinstance(row.plan, Plan):
            continue
        usual = before.service.groupby("period")[["demand", "delivered"]].sum().reindex(labels, fill_value=0.0)
        after = row.plan.service.groupby("period")[["demand", "delivered"]].sum().reindex(labels, fill_value=0.0)
        part = pd.DataFrame(
            {
                "policy": findings.label(row.policy),
                "scenario": row.scenario,
                "period": list(labels),
                "demand": after["demand"].to_numpy(),
                "undisturbed": usual["delivered"].to_numpy(),
                "delivered": after["delivered"].to_numpy(),
            }
        )
        parts.append(part)
    return pd.concat(parts, ignore_index=True)[DELIVERIES] if parts else pd.DataFrame(columns=DELIVERIES)


def survival(findings: Findings) -> pd.DataFrame:
    """Time to survive of every set of sites, and of the sites of each surprise beside its time to recover."""
    parts = [
        table.assign(policy=findings.label(name), at_least=["yes" if part else "" for part in table["at_least"]])
        for name in findings.undisturbed
        if (table := findings.studies.survival.get(name)) is not None
    ]
    columns = ["policy", *SURVIVAL]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def frontier(findings: Findings) -> pd.DataFrame:
    """The points of the frontier from loose to tight, then where the policies stand; costs as in other tables."""
    found = findings.studies.frontier
    if found is None:
        return pd.DataFrame(columns=FRONTIER)
    table = found.tightening
    cost = pd.Series([in_steps(cost, found.least) for cost in table["cost"]], index=table.index, dtype=float)
    rise, width = cost.diff().shift(-1), table["level"].diff().abs().shift(-1)
    goes_on = [found.goes_on(*pair) for pair in pairwise(table["level"])] + [True] * min(len(table), 1)
    curve = pd.DataFrame(
        {
            "policy": "",
            "level": table["level"].round(4),
            "cost": cost,
            "extra_cost": cost - in_steps(found.least, found.least),
            "price_a_point": (0.01 * rise / width).where(goes_on),
            "kind": table["kind"],
        }
    )
    marks = pd.DataFrame(
        [
            {
                "policy": mark.policy,
                "level": round(mark.level, 4),
                "cost": in_steps(mark.cost, found.least),
                "extra_cost": difference(mark.cost, found.least),
                "price_a_point": math.nan,
                "kind": "where it stands",
            }
            for mark in found.marks
        ],
        columns=FRONTIER,
    )
    parts = [part for part in (curve, marks) if len(part)]
    return pd.concat(parts, ignore_index=True)[FRONTIER] if parts else pd.DataFrame(columns=FRONTIER)


def buys(findings: Findings) -> pd.DataFrame:
    """What each measure costs and buys for the site that can be done without the shortest."""
    found = findings.studies.buys
    columns = [
        *("policy", "site", "start", "scenario", "rank", "kind", "measure", "status"),
        *("extra_cost", "survival_gain", "cost_of_a_period", "loss_avoided", "avoided_per_money"),
    ]
    if found is None:
        return pd.DataFrame(columns=columns)
    table = found.table
    extra = pd.Series([stepped(findings, found.policy, amount) for amount in table["extra_cost"]])
    avoided = pd.Series([stepped(findings, found.policy, amount) for amount in table["loss_avoided"]])
    gain = table["survival_gain"].where(table["survival_gain"].abs() >= 1e-3, 0.0).where(table["status"] == "optimal")
    return table.assign(
        policy=findings.label(found.policy),
        site=found.site,
        start=found.start,
        scenario=found.scenario or "",
        extra_cost=extra,
        survival_gain=gain,
        cost_of_a_period=(extra / gain).where(gain > 0),
        loss_avoided=avoided,
        avoided_per_money=(avoided / extra).where(extra > 0),
    )[columns]


STRIKE_TABLES = (strikes, strikes_lost, deliveries, survival, frontier, buys)
