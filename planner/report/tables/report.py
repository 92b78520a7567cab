"""The tables of a report on its runs: the figures of every policy, one policy after the other."""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd

from planner.instance.policy import rules_of
from planner.plan.plan import Plan
from planner.plan.rounding import rounded
from planner.report.findings import Findings, difference, reported_rows
from planner.report.tables.exposure import exposure, limits, shares
from planner.report.tables.stacked import stacked
from planner.report.tables.studies import study_tables

REPORT_DIGITS = 6


def overview(findings: Findings) -> pd.DataFrame:
    """One row a policy: cost over all planned periods, service over the reported ones, the worst scenario."""
    rows = []
    for name in findings.policies:
        policy, plan, worst = findings.policy(name), findings.plan(name), findings.worst(name)
        failure = findings.failure(name)
        row: dict[str, object] = {
            "policy": findings.label(name),
            "limits": len(rules_of(policy).limits),
            "options_allowed": len(findings.allowed(name)),
            "status": failure.status if failure else "optimal",
        }
        if plan is not None:
            first = findings.undisturbed[findings.first]
            row |= {
                "status": plan.status,
                "cost": plan.objective,
                "cost_change": difference(plan.objective, first.objective),
                "margin": plan.margin,
                **plan.service_summary,
            }
        if worst is not None:
            row |= {
                "worst_scenario": worst.scenario,
                "worst_cost_change": worst.cost,
                "worst_lost_change": worst.lost,
                "expected_cost_change": findings.expected_change(name),
            }
        rows.append(row)
    return pd.DataFrame(
        rows,
        columns=[
            "policy",
            "limits",
            "options_allowed",
            "status",
            "cost",
            "cost_change",
            "margin",
            "demand",
            "delivered",
            "late",
            "lost",
            "fill_rate",
            "worst_scenario",
            "worst_cost_change",
            "worst_lost_change",
            "expected_cost_change",
        ],
    )


def scenarios(findings: Findings) -> pd.DataFrame:
    """One row a policy and scenario, with the change against the same policy undisturbed."""
    rows = []
    for scenario in findings.scenarios:
        for name in findings.policies:
            plan, failure = findings.plan(name, scenario), findings.failure(name, scenario)
            row: dict[str, object] = {
                "scenario": scenario,
                "probability": findings.probability[scenario],
                "policy": findings.label(name),
                "status": failure.status if failure else "",
            }
            if plan is not None:
                held = findings.shares(name, scenario)
                stage = max(held, key=lambda key: held[key], default="")
                changed = findings.option_changes(name, scenario)
                row |= {
                    "status": plan.status,
                    "cost": plan.objective,
                    "cost_change": findings.cost_change(name, scenario),
                    **{key: plan.service_summary[key] for key in ("delivered", "late", "lost")},
                    "lost_change": findings.lost_change(name, scenario),
                    "fill_rate": plan.service_summary["fill_rate"],
                    "largest_stage": stage,
                    "largest_share": held.get(stage, math.nan),
                    "options_more": "+".join(key for key, (one, two) in changed.items() if two > one),
                    "options_less": "+".join(key for key, (one, two) in changed.items() if two < one),
                }
            rows.append(row)
    return pd.DataFrame(
        rows,
        columns=[
            "scenario",
            "probability",
            "policy",
            "status",
            "cost",
            "cost_change",
            "delivered",
            "late",
            "lost",
            "lost_change",
            "fill_rate",
            "largest_stage",
            "largest_share",
            "options_more",
            "options_less",
        ],
    )


def costs(findings: Findings) -> pd.DataFrame:
    """Cost by component: all planned periods, the reported ones, and the change against the first policy."""
    rows = []
    for name, plan in findings.undisturbed.items():
        first = dict(_components(findings.undisturbed[findings.first]))
        size = sum(abs(amount) for amount in first.values())
        rows += [
            {
                "policy": findings.label(name),
                "component": component,
                "planned": amount,
                "reported": plan.reported_costs[component],
                "change": difference(amount, first[component], scale=size * 1e-4),
            }
            for component, amount in _components(plan)
        ]
    return pd.DataFrame(rows, columns=["policy", "component", "planned", "reported", "change"])


def _components(plan: Plan) -> list[tuple[str, float]]:
    return [
        (str(name), float(amount)) for name, amount in zip(plan.costs["component"], plan.costs["amount"], strict=True)
    ]


def service(findings: Findings) -> pd.DataFrame:
    """Units ordered, delivered, owed and lost by policy, product and period."""
    parts = [
        reported_rows(findings, plan.service)
        .groupby(["item", "period"], sort=False)[["demand", "delivered", "late", "lost"]]
        .sum()
        .reset_index()
        .assign(policy=findings.label(name))
        for name, plan in findings.undisturbed.items()
    ]
    return stacked(findings, parts, ["policy", "item", "period", "demand", "delivered", "late", "lost"])


def utilisation(findings: Findings) -> pd.DataFrame:
    """Use of every resource in every reported period."""
    columns = ["policy", "stage", "region", "site", "resource", "period", "used", "capacity", "utilisation"]
    parts = [
        reported_rows(findings, plan.choke_points[plan.choke_points["kind"] == "resource"])
        .rename(columns={"name": "resource"})
        .assign(policy=findings.label(name))
        for name, plan in findings.undisturbed.items()
    ]
    return stacked(findings, parts, columns)


def choke_points(findings: Findings) -> pd.DataFrame:
    """Rent (shadow price x capacity, over the reported periods) of each resource and lane that binds."""
    columns = ["policy", "kind", "name", "site", "region", "stage", "rent", "periods_binding", "highest_shadow_price"]
    parts = []
    for name, plan in findings.undisturbed.items():
        points = reported_rows(findings, plan.choke_points[plan.choke_points["kind"].isin(["resource", "lane"])])
        points = points.assign(
            rent=points["shadow_price"] * points["capacity"], periods_binding=(points["shadow_price"] > 0).astype(int)
        )
        keys = ["kind", "name", "site", "region", "stage"]
        sums = (
            points.groupby(keys, sort=False)
            .agg(
                rent=("rent", "sum"),
                periods_binding=("periods_binding", "sum"),
                highest_shadow_price=("shadow_price", "max"),
            )
            .reset_index()
        )
        largest = sums["rent"].max() if len(sums) else 0.0
        sums = sums[sums["rent"] > 1e-6 * largest].sort_values(["rent", "name", "site"], ascending=[False, True, True])
        parts.append(sums.assign(policy=findings.label(name)))
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def production(findings: Findings) -> pd.DataFrame:
    """Good units by site and item in the reported periods, and the change against the first policy."""
    keys = ["stage", "region", "site", "item"]
    sums = {
        name: reported_rows(findings, plan.production).groupby(keys)["finished"].sum()
        for name, plan in findings.undisturbed.items()
    }
    if not sums:
        return pd.DataFrame(columns=["policy", *keys, "finished", "change"])
    wide = pd.concat(sums, axis=1).fillna(0.0)
    wide.columns = pd.Index(list(sums))
    first = wide[findings.first]
    parts = []
    for name in sums:
        change = wide[name] - first
        change = change.where(change.abs() > 1e-7 * wide.max(axis=1), 0.0)
        table = pd.DataFrame({"finished": wide[name], "change": change}).reset_index()
        parts.append(table.assign(policy=findings.label(name)))
    return stacked(findings, parts, ["policy", *keys, "finished", "change"])


def options(findings: Findings) -> pd.DataFrame:
    """Expansion options bought in every run that has a plan."""
    columns = ["policy", "scenario", "option", "site", "resource", "period", "share", "capacity", "cost"]
    parts = [
        plan.expansions.assign(policy=findings.label(name), scenario=scenario or "")
        for name in findings.policies
        for scenario in (None, *findings.scenarios)
        if (plan := findings.plan(name, scenario)) is not None
    ]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def runs(findings: Findings) -> pd.DataFrame:
    """Status, certificate and size of every run; no figures that are the solver's noise."""
    rows = []
    for name in findings.policies:
        for scenario in (None, *sorted(findings.scenarios)):
            row: dict[str, object] = {"policy": findings.label(name), "scenario": scenario or ""}
            plan, failure = findings.plan(name, scenario), findings.failure(name, scenario)
            if plan is not None:
                row |= {
                    "status": plan.status,
                    "certified": "yes" if plan.certificate.passed else "no",
                    "unique": "yes" if plan.unique else "no",
                    **plan.sizes,
                }
            else:
                row |= {"status": failure.status if failure else "not run"}
            rows.append(row)
    return pd.DataFrame(
        rows, columns=["policy", "scenario", "status", "certified", "unique", "columns", "rows", "nonzeros"]
    ).astype(dict.fromkeys(("columns", "rows", "nonzeros"), "Int64"))


TABLES: tuple[Callable[[Findings], pd.DataFrame], ...] = (
    overview,
    shares,
    exposure,
    limits,
    costs,
    service,
    utilisation,
    choke_points,
    scenarios,
    options,
    production,
    runs,
)


def report_tables(findings: Findings) -> dict[str, pd.DataFrame]:
    """Every table by name, not rounded."""
    return {**{table.__name__: table(findings) for table in TABLES}, **study_tables(findings)}


def for_disk(table: pd.DataFrame) -> pd.DataFrame:
    """A table with its figures rounded to six significant digits, so that no numerical noise is written."""
    return table.assign(
        **{
            name: pd.Series(
                [math.nan if math.isnan(value) else float(rounded([value], REPORT_DIGITS)[0]) for value in table[name]],
                index=table.index,
                dtype=float,
            )
            for name in table.columns
            if table[name].dtype == float
        }
    )
