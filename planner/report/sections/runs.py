"""Grids of runs: scenarios, options, production, certificates."""

from __future__ import annotations

import math

from planner.plan.plan import Plan
from planner.report.findings import UNDISTURBED, Findings, difference, policy_names
from planner.report.page.grids import Grid, Tables, made_grid
from planner.text.figures import NONE, count, count_change, money, money_change, percent


def scenario_grid(findings: Findings) -> Grid:
    """Every policy in every scenario: change of cost, units lost, fill rate, largest share."""
    names = findings.policies
    rows = [[UNDISTURBED, NONE, *(_run_cell(findings, name, None) for name in names)]]
    for scenario in findings.scenarios:
        chance = findings.probability[scenario]
        rows.append(
            [scenario, f"{chance:.4g}" if chance else NONE, *(_run_cell(findings, name, scenario) for name in names)]
        )
    strong = []
    if any(findings.probability.values()):
        strong = [len(rows)]
        rows.append(
            [
                "expected change of cost",
                f"{sum(findings.probability.values()):.4g}",
                *(
                    money_change(findings.expected_change(name), findings.currency)
                    if not math.isnan(findings.expected_change(name))
                    else "no plan in one of them"
                    for name in names
                ),
            ]
        )
    caption = (
        f"Change of cost ({findings.currency}, all planned periods) against the same policy undisturbed; units "
        "lost and fill rate (reported periods)"
    )
    head = ["scenario", "probability", *(findings.label(name) for name in names)]
    return made_grid(caption, head, rows, strong=strong)


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
            cells.append(
                money_change(difference(plan.objective, base.objective), findings.currency)
                if plan and base
                else "no plan"
            )
        held = [findings.shares(name, scenario) for name in names]
        largest = [max(found, key=lambda stage: found[stage], default="") for found in held]
        rows.append(
            [
                scenario or UNDISTURBED,
                *cells,
                *(
                    f"{percent(found[stage])} ({stage})" if stage else NONE
                    for found, stage in zip(held, largest, strict=True)
                ),
            ]
        )
    return made_grid(
        f"Cost against {findings.label(findings.first)} in the same scenario, and the largest share that "
        f"{findings.concern.title} has of any stage",
        [
            "scenario",
            *(f"{findings.label(name)}: cost" for name in names[1:]),
            *(f"{findings.label(name)}: share" for name in names),
        ],
        rows,
    )


def options_grid(findings: Findings, tables: Tables) -> Grid:
    """Options of the instance, and the share of each that the undisturbed plans buy."""
    bought = tables["options"]
    bought = bought[bought["scenario"] == ""].set_index(["policy", "option"])
    regions = findings.instance.region_of
    rows = []
    for option in sorted({row.option for row in findings.instance.expansions}):
        row = next(row for row in findings.instance.expansions if row.option == option)
        cells = []
        for name in findings.undisturbed:
            key = (findings.label(name), option)
            if key in bought.index:  # of a decided one also where the policy does not allow it
                found = bought.loc[[key]]
                cells.append(
                    f"{percent(float(found['share'].iloc[0]), 0)}, "
                    f"{money(float(found['cost'].sum()), findings.currency)}"
                )
            elif option in findings.allowed(name):
                cells.append(NONE)
            else:
                cells.append("not allowed")
        rows.append([option, row.site, findings.region_name(regions.get(row.site, "")), row.period, *cells])
    return made_grid(
        "Expansion options: share bought and its cost, undisturbed",
        ["option", "site", "region", "from", *policy_names(findings)],
        rows,
        texts=(0, 1, 2, 3),
    )


def production_grid(findings: Findings, tables: Tables) -> Grid:
    """Good units by site and item, and changes against the first policy."""
    table, policies = tables["production"], policy_names(findings)
    wide = table.pivot_table(
        index=["stage", "region", "site", "item"], columns="policy", values=["finished", "change"], sort=False
    )
    rows = [
        [
            str(stage),
            findings.region_name(str(region)),
            str(site),
            str(item),
            *(count(float(row[("finished", policy)])) for policy in policies),
            *(count_change(float(row[("change", policy)])) for policy in policies[1:]),
        ]
        for (stage, region, site, item), row in wide.iterrows()
    ]
    return made_grid(
        "Good units by site and item, reported periods",
        ["stage", "region", "site", "item", *policies, *(f"{policy}: change" for policy in policies[1:])],
        rows,
        texts=(0, 1, 2, 3),
    )


def runs_grid(findings: Findings) -> Grid:
    """Status, certificate and size of every run."""
    rows = []
    for name in findings.policies:
        for scenario in (None, *findings.scenarios):
            plan, failure = findings.plan(name, scenario), findings.failure(name, scenario)
            if plan is not None:
                mark = plan.certificate
                rows.append(
                    [
                        findings.label(name),
                        scenario or UNDISTURBED,
                        plan.status,
                        "passed" if mark.passed else "failed",
                        f"{mark.largest_violation:.0e}",
                        f"{mark.relative_gap:.0e}",
                        "yes" if plan.unique else "no",
                        f"{plan.solver}, {plan.method}",
                        " × ".join(f"{plan.sizes.get(part, 0):,}" for part in ("rows", "columns")),
                    ]
                )
            elif failure is not None:
                rows.append([findings.label(name), scenario or UNDISTURBED, failure.status, *[NONE] * 6])
    return made_grid(
        "Every run: the largest violation and the proved gap are relative",
        ["policy", "scenario", "status", "certificate", "violation", "gap", "tie-break", "solver", "rows × columns"],
        rows,
        texts=(0, 1, 2, 3, 6, 7),
    )


def runs_sentence(findings: Findings) -> str:
    """How many of the runs have a plan that passed its certificate."""
    plans = [run for run in findings.runs.values() if isinstance(run, Plan)]
    good = sum(plan.status == "optimal" and plan.certificate.passed for plan in plans)
    if good == len(findings.runs) == 1:
        return "The one run ends with a plan of least cost that passed its certificate."
    return f"{good} of {len(findings.runs)} runs end with a plan of least cost that passed its certificate" + (
        f"; {len(findings.runs) - len(plans)} have no plan." if len(plans) < len(findings.runs) else "."
    )
