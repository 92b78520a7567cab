"""Tables for people: the same rows on the page and in summary.md."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from planner.network.network import HORIZON
from planner.plan.plan import Plan
from planner.report.findings import UNDISTURBED, Findings, difference
from planner.report.wording import NONE, count, count_change, money, money_change, percent

Tables = dict[str, pd.DataFrame]
LONGEST = 12


@dataclass(frozen=True)
class Grid:
    """A table of texts.

    Attributes:
        caption: what it shows, with units.
        head: headings of the columns.
        rows: texts, a row each; a heading of its own starts each row.
        texts: columns (from 0) that are text and stand on the left; the others are figures.
        strong: rows (from 0) that are totals.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: tuple[int, ...] = (0,)
    strong: tuple[int, ...] = ()


def _grid(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], texts: Sequence[int] = (0,),
          strong: Sequence[int] = ()) -> Grid:
    return Grid(caption, tuple(head), tuple(tuple(row) for row in rows), tuple(texts), tuple(strong))


def _policies(findings: Findings) -> list[str]:
    return [findings.label(name) for name in findings.undisturbed]


def shares_grid(findings: Findings) -> Grid:
    """Share of the region of concern by stage, and the concentration of each stage."""
    held = {name: findings.shares(name) for name in findings.undisturbed}
    stages = [stage for stage in findings.instance.stages if any(stage in found for found in held.values())]
    rows = [[stage, *(percent(found.get(stage, math.nan)) for found in held.values()),
             *(f"{findings.concentration(name, stage):,.0f}" for name in held)] for stage in stages]
    return _grid(f"Share of {findings.concern.title} in the good units of each stage, and the concentration of the "
                 "stage over all regions (HHI, 10,000 = one region); reported periods, undisturbed",
                 ["stage", *(findings.label(name) for name in held), *(f"HHI {findings.label(name)}" for name in held)],
                 rows)


def exposure_grid(findings: Findings, tables: Tables, policy: str) -> Grid:
    """Share of every region by period under a policy; a limit stands in brackets."""
    table = tables["exposure"]
    own = table[table["policy"] == policy]
    columns = [*findings.periods, HORIZON]
    rows = []
    for (stage, region), part in own.groupby(["stage", "region"], sort=False):
        at = part.set_index("period").reindex(columns)
        weight = str(part["weight"].iloc[0])
        cells = [f"{percent(float(share) if not math.isnan(share) else 0.0)}"
                 f"{'' if math.isnan(limit) else f' (≤ {100 * limit:.4g})'}"
                 for share, limit in zip(at["weighted_share"], at["limit"], strict=True)]
        rows.append([str(stage), findings.region_name(str(region)), weight, *cells])
    return _grid(f"Share of each region by {findings.period_word} under {policy}; limits in brackets",
                 ["stage", "region", "counted in", *findings.periods, "all reported"], rows, texts=(0, 1, 2))


def cost_grid(findings: Findings, tables: Tables) -> Grid:
    """Cost components side by side, and the change against the first policy, which add up."""
    table, policies = tables["costs"], _policies(findings)
    planned = table.pivot_table(index="component", columns="policy", values="planned", sort=False)
    change = table.pivot_table(index="component", columns="policy", values="change", sort=False)
    used = [name for name in planned.index if planned.loc[name].abs().sum() > 0]
    rows = [[str(name).replace("_", " "), *(money(planned.loc[name, policy], findings.currency) for policy in policies),
             *(money_change(change.loc[name, policy], findings.currency) for policy in policies[1:])] for name in used]
    rows.append(["total", *(money(float(planned[policy].sum()), findings.currency) for policy in policies),
                 *(money_change(float(change[policy].sum()), findings.currency) for policy in policies[1:])])
    first = findings.label(findings.first)
    return _grid(f"Cost by component over all planned periods, discounted; changes are against {first} and add up",
                 ["component", *policies, *(f"{policy}: change" for policy in policies[1:])], rows,
                 strong=(len(rows) - 1,))


def service_grid(findings: Findings, tables: Tables) -> Grid:
    """Orders by period and policy."""
    sums = tables["service"].groupby(["period", "policy"], sort=False)[["demand", "delivered", "late", "lost"]].sum()
    rows = [[period, policy, *(count(float(value)) for value in sums.loc[(period, policy)])]
            for period in findings.periods for policy in _policies(findings) if (period, policy) in sums.index]
    return _grid("Units ordered, delivered, owed at the end of the period, and lost",
                 [findings.period_word, "policy", "ordered", "delivered", "late", "lost"], rows, texts=(0, 1))


def product_grid(findings: Findings, tables: Tables) -> Grid:
    """Orders by product and policy over the reported periods."""
    sums = tables["service"].groupby(["item", "policy"], sort=False)[["demand", "delivered", "lost"]].sum()
    policies = _policies(findings)
    items = list(dict.fromkeys(tables["service"]["item"]))
    rows = [[item, count(float(sums.loc[(item, policies[0]), "demand"])),
             *(count(float(sums.loc[(item, policy), column])) for column in ("delivered", "lost")
               for policy in policies)] for item in items]
    return _grid("Units by product, all reported periods", ["product", "ordered",
                 *(f"{column}: {policy}" for column in ("delivered", "lost") for policy in policies)], rows)


def utilisation_grid(findings: Findings, tables: Tables, policy: str) -> Grid:
    """Use of every resource by period."""
    own = tables["utilisation"]
    own = own[own["policy"] == policy]
    rows = []
    for (stage, region, site, resource), part in own.groupby(["stage", "region", "site", "resource"], sort=False):
        at = part.set_index("period")["utilisation"].reindex(list(findings.periods))
        name = site if site == resource else f"{site} / {resource}"
        rows.append([str(stage), findings.region_name(str(region)), str(name),
                     *(percent(float(value), 0) if math.isfinite(value) else NONE for value in at)])
    return _grid(f"Use of capacity under {policy}", ["stage", "region", "resource", *findings.periods], rows,
                 texts=(0, 1, 2))


def choke_grid(findings: Findings, tables: Tables, longest: int | None = None) -> Grid:
    """Resources and lanes by rent."""
    table, policies = tables["choke_points"], _policies(findings)
    keys = ["name", "site", "region", "stage"]
    wide = table.pivot_table(index=keys, columns="policy", values="rent", sort=False).reindex(columns=policies) \
        .fillna(0.0) if len(table) else pd.DataFrame(columns=policies)
    wide = wide.loc[wide.max(axis=1).sort_values(ascending=False, kind="stable").index] if len(wide) else wide
    rows = []
    for key, row in wide.head(longest or len(wide)).iterrows():
        name, _, region, stage = map(str, key)
        rows.append([name, stage, findings.region_name(region),
                     *(money(float(row[policy]), findings.currency) for policy in policies)])
    return _grid("Rent: shadow price times capacity, summed over the reported periods",
                 ["resource", "stage", "region", *policies], rows, texts=(0, 1, 2))


def limit_grid(findings: Findings, tables: Tables) -> Grid:
    """Limits that bind in some reported period."""
    table = tables["limits"]
    rows = [[str(row["policy"]), str(row["limit"]), str(row["of"]), str(row["period"]), percent(row["share"]),
             percent(row["max_share"]), f"{row['shadow_price']:,.4g}"]
            for _, row in table.iterrows() if row["shadow_price"] > 0]
    return _grid(f"Limits that bind: what one more unit inside would save ({findings.currency} a unit that the limit "
                 "counts)", ["policy", "limit", "of", "period", "share", "allowed", "shadow price"], rows,
                 texts=(0, 1, 2, 3))


def scenario_grid(findings: Findings) -> Grid:
    """Every policy in every scenario: change of cost, units lost, fill rate, largest share."""
    names = findings.policies
    rows = [[UNDISTURBED, NONE, *(_run_cell(findings, name, None) for name in names)]]
    for scenario in findings.scenarios:
        chance = findings.probability[scenario]
        rows.append([scenario, f"{chance:.4g}" if chance else NONE,
                     *(_run_cell(findings, name, scenario) for name in names)])
    strong = []
    if any(findings.probability.values()):
        strong = [len(rows)]
        rows.append(["expected change of cost", f"{sum(findings.probability.values()):.4g}",
                     *(money_change(findings.expected_change(name), findings.currency)
                       if not math.isnan(findings.expected_change(name)) else "no plan in one of them"
                       for name in names)])
    caption = (f"Change of cost ({findings.currency}, all planned periods) against the same policy undisturbed; units "
               "lost and fill rate (reported periods)")
    head = ["scenario", "probability", *(findings.label(name) for name in names)]
    return _grid(caption, head, rows, strong=strong)


def _run_cell(findings: Findings, policy: str | None, scenario: str | None) -> str:
    plan, failure = findings.plan(policy, scenario), findings.failure(policy, scenario)
    if plan is None:
        return f"no plan ({failure.status})" if failure else NONE
    cost = count(plan.objective) if scenario is None else count_change(findings.cost_change(policy, scenario))
    cost = cost if cost != NONE else f"{count(plan.objective)} in all"
    service = plan.service_summary
    return f"{cost}; {count(service['lost'])} lost; {percent(service['fill_rate'])} filled"


def ranking_grid(findings: Findings) -> Grid:
    """Cost of each policy against the first one, in the same scenario."""
    names = findings.policies
    rows = []
    for scenario in (None, *findings.scenarios):
        base = findings.plan(findings.first, scenario)
        cells = []
        for name in names[1:]:
            plan = findings.plan(name, scenario)
            cells.append(money_change(difference(plan.objective, base.objective), findings.currency)
                         if plan and base else "no plan")
        held = [findings.shares(name, scenario) for name in names]
        largest = [max(found, key=lambda stage: found[stage], default="") for found in held]
        rows.append([scenario or UNDISTURBED, *cells, *(f"{percent(found[stage])} ({stage})" if stage else NONE
                                                         for found, stage in zip(held, largest, strict=True))])
    return _grid(f"Cost against {findings.label(findings.first)} in the same scenario, and the largest share that "
                 f"{findings.concern.title} has of any stage",
                 ["scenario", *(f"{findings.label(name)}: cost" for name in names[1:]),
                  *(f"{findings.label(name)}: share" for name in names)], rows)


def options_grid(findings: Findings, tables: Tables) -> Grid:
    """Options of the instance, and the share of each that the undisturbed plans buy."""
    bought = tables["options"]
    bought = bought[bought["scenario"] == ""].set_index(["policy", "option"])
    regions = {site.site: site.region for site in findings.instance.sites}
    rows = []
    for option in sorted({row.option for row in findings.instance.expansions}):
        row = next(row for row in findings.instance.expansions if row.option == option)
        cells = []
        for name in findings.undisturbed:
            key = (findings.label(name), option)
            if option not in findings.allowed(name):
                cells.append("not allowed")
            elif key in bought.index:
                found = bought.loc[[key]]
                cells.append(f"{percent(float(found['share'].iloc[0]), 0)}, "
                             f"{money(float(found['cost'].sum()), findings.currency)}")
            else:
                cells.append(NONE)
        rows.append([option, row.site, findings.region_name(regions.get(row.site, "")), row.period, *cells])
    return _grid("Expansion options: share bought and its cost, undisturbed",
                 ["option", "site", "region", "from", *_policies(findings)], rows, texts=(0, 1, 2, 3))


def production_grid(findings: Findings, tables: Tables) -> Grid:
    """Good units by site and item, and changes against the first policy."""
    table, policies = tables["production"], _policies(findings)
    wide = table.pivot_table(index=["stage", "region", "site", "item"], columns="policy",
                             values=["finished", "change"], sort=False)
    rows = [[str(stage), findings.region_name(str(region)), str(site), str(item),
             *(count(float(row[("finished", policy)])) for policy in policies),
             *(count_change(float(row[("change", policy)])) for policy in policies[1:])]
            for (stage, region, site, item), row in wide.iterrows()]
    return _grid("Good units by site and item, reported periods", ["stage", "region", "site", "item", *policies,
                 *(f"{policy}: change" for policy in policies[1:])], rows, texts=(0, 1, 2, 3))


def runs_grid(findings: Findings) -> Grid:
    """Status, certificate and size of every run."""
    rows = []
    for name in findings.policies:
        for scenario in (None, *findings.scenarios):
            plan, failure = findings.plan(name, scenario), findings.failure(name, scenario)
            if plan is not None:
                mark = plan.certificate
                rows.append([findings.label(name), scenario or UNDISTURBED, plan.status,
                             "passed" if mark.passed else "failed", f"{mark.largest_violation:.0e}",
                             f"{mark.relative_gap:.0e}", "yes" if plan.unique else "no",
                             f"{plan.solver}, {plan.method}",
                             " × ".join(f"{plan.sizes.get(part, 0):,}" for part in ("rows", "columns"))])
            elif failure is not None:
                rows.append([findings.label(name), scenario or UNDISTURBED, failure.status, *[NONE] * 6])
    return _grid("Every run: the largest violation and the proved gap are relative",
                 ["policy", "scenario", "status", "certificate", "violation", "gap", "tie-break", "solver",
                  "rows × columns"], rows, texts=(0, 1, 2, 3, 6, 7))


def runs_sentence(findings: Findings) -> str:
    """How many of the runs have a plan that passed its certificate."""
    plans = [run for run in findings.runs.values() if isinstance(run, Plan)]
    good = sum(plan.status == "optimal" and plan.certificate.passed for plan in plans)
    return (f"{good} of {len(findings.runs)} runs end with a plan of least cost that passed its certificate"
            + (f"; {len(findings.runs) - len(plans)} have no plan." if len(plans) < len(findings.runs) else "."))
