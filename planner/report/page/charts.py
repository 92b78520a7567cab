"""The charts of a report: exposure, cost, service and scenarios; `charts` makes all of them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from planner.instance.periods import HORIZON
from planner.report.findings import Findings, policy_names
from planner.report.page.chart_marks import (
    Chart,
    Panel,
    drawn,
    line_style,
    numbers,
    periods_axis,
    policy_colours,
    policy_key,
    region_colours,
    safe,
    scaled,
    unit_of,
)
from planner.report.sections.frontier import frontier_chart
from planner.report.sections.pathway_chart import free_chart
from planner.report.sections.recovery import recovery_chart
from planner.report.sections.resource_charts import choke_chart, moved_chart, utilisation_chart
from planner.report.sections.scenario_chart import scenario_chart
from planner.report.sections.survival import survival_chart
from planner.text.figures import count, money, money_change, percent


def exposure_chart(findings: Findings, table: pd.DataFrame) -> Chart:
    """Share of a region at each stage by period, a line a policy, limits dashed."""
    variants: dict[str, list[Panel]] = {}
    layout = {
        "yaxis": {"title": {"text": "share of the stage"}, "tickformat": ".0%", "range": [0, 1.02]},
        "xaxis": periods_axis(findings),
        "hovermode": "x unified",
    }
    order = sorted(findings.making_regions, key=lambda region: region not in findings.concern.regions)
    for region in order:
        panels = []
        for stage in findings.instance.stages:
            at = table[(table["region"] == region) & (table["stage"] == stage) & (table["period"] != HORIZON)]
            if at.empty:
                continue
            weight = str(at["weight"].iloc[0])
            data = [trace for policy in policy_names(findings) for trace in _share_and_limit(findings, at, policy)]
            panels.append(Panel(stage if weight == "units" else f"{stage} (by {weight})", data, dict(layout)))
        if panels:
            variants[findings.region_name(region)] = panels
    return Chart(
        "exposure",
        "Share of a region at each stage, by policy",
        f"Lines by {findings.period_word}: the share of a region in each stage under every policy, and the "
        "limits as short bars.",
        variants,
        "region",
        policy_key(findings),
    )


def _share_and_limit(findings: Findings, at: pd.DataFrame, policy: str) -> list[dict[str, Any]]:
    """The line of a policy, and the short bars of its limit where it has one."""
    rows = at[at["policy"] == policy].set_index("period").reindex(findings.periods)
    colour = policy_colours(findings)[policy]
    line = {
        "type": "scatter",
        "x": list(findings.periods),
        "y": numbers(rows["weighted_share"].fillna(0.0)),
        "name": policy,
        **line_style(findings, policy),
        "hovertemplate": "%{y:.1%}<extra>" + drawn(policy) + "</extra>",
    }
    if not rows["limit"].notna().any():
        return [line]
    bars = {
        "type": "scatter",
        "x": list(findings.periods),
        "y": numbers(rows["limit"]),
        "name": f"limit of {policy}",
        "mode": "markers",
        "cliponaxis": False,
        "marker": {"symbol": "line-ew", "size": 20, "color": colour, "line": {"width": 2, "color": colour}},
        "hovertemplate": "%{y:.1%}<extra>limit of " + drawn(policy) + "</extra>",
    }
    return [line, bars]


def regions_chart(findings: Findings, table: pd.DataFrame) -> Chart:
    """What share each region has at each stage over the reported periods: bars of policies by stage."""
    colours = region_colours(findings)
    panels = []
    for stage in findings.instance.stages:
        at = table[(table["stage"] == stage) & (table["period"] == HORIZON)]
        if at.empty:
            continue
        data = []
        for region, colour in colours.items():
            rows = at[at["region"] == region].set_index("policy").reindex(policy_names(findings)[::-1])
            if not rows["share"].fillna(0).any():
                continue
            name = drawn(findings.region_name(region))
            data.append(
                {
                    "type": "bar",
                    "orientation": "h",
                    "x": numbers(rows["share"].fillna(0.0)),
                    "y": safe(rows.index),
                    "name": name,
                    "marker": {"color": colour},
                    "text": [percent(value, 0) if value >= 0.1 else "" for value in rows["share"].fillna(0)],
                    "textposition": "inside",
                    "insidetextanchor": "middle",
                    "textangle": 0,
                    "constraintext": "none",
                    "insidetextfont": {"color": "#111", "size": 11},
                    "hovertemplate": name + " %{x:.1%}<extra>%{y}</extra>",
                }
            )
        panels.append(
            Panel(
                stage,
                data,
                {
                    "barmode": "stack",
                    "bargap": 0.25,
                    "yaxis": {"automargin": True},
                    "xaxis": {
                        "tickformat": ".0%",
                        "range": [0, 1],
                        "tickvals": [0, 0.5, 1],
                        "title": {"text": "share of units"},
                    },
                    "margin": {"r": 26},
                },
                height=90 + 34 * len(policy_names(findings)),
            )
        )
    return Chart(
        "regions",
        "Every region's share of each stage, all reported periods together",
        "Stacked bars: the share of every region in the good units of each stage, a bar a policy.",
        {"": panels},
        key=tuple((findings.region_name(region), colour) for region, colour in colours.items()),
    )


def cost_chart(findings: Findings, table: pd.DataFrame) -> Chart:
    """Cost by component: the whole, and the change against the first policy."""
    used = [
        name
        for name in dict.fromkeys(table["component"])
        if table.loc[table["component"] == name, "planned"].abs().sum() > 0
    ]
    currency = drawn(findings.currency)
    amounts: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    for policy in policy_names(findings):
        rows = table[table["policy"] == policy].set_index("component")
        labels = safe([name.replace("_", " ") for name in used])
        colour = policy_colours(findings)[policy]
        planned = [float(rows["planned"][name]) for name in used]
        change = [float(rows["change"][name]) for name in used]
        total, moved = sum(rows["planned"]), sum(rows["change"])
        for found, values, last, words in ((amounts, planned, total, money), (changes, change, moved, money_change)):
            found.append(
                {
                    "type": "bar",
                    "x": ["total", *labels],
                    "y": [last, *values],
                    "name": policy,
                    "marker": {"color": colour},
                    "customdata": [words(value, currency) for value in (last, *values)],
                    "hovertemplate": "%{x}: %{customdata}<extra>" + drawn(policy) + "</extra>",
                }
            )
    first = findings.label(findings.first)
    variants = {}
    for choice, found in ((f"change against {first}", changes[1:]), ("amounts", amounts)):
        data, word = scaled(found, "y")
        if data:
            variants[choice] = [
                Panel(
                    "",
                    data,
                    {
                        "barmode": "group",
                        "bargap": 0.3,
                        "xaxis": {"type": "category"},
                        "yaxis": {
                            "title": {"text": f"{unit_of(findings.currency, word)}, all planned periods"},
                            "zeroline": True,
                        },
                    },
                    330,
                    wide=True,
                )
            ]
    return Chart(
        "cost",
        "Cost by component",
        f"Bars by cost component and policy: the change against {first}, or the amounts.",
        variants,
        "show",
        policy_key(findings),
    )


def service_chart(findings: Findings, table: pd.DataFrame) -> Chart:
    """Demand, delivered, late and lost by period, a line a policy."""
    titles = {
        "demand": "ordered in the period",
        "delivered": "delivered in the period",
        "late": "late: still owed at the end of the period",
        "lost": "lost: orders of the period never served",
    }
    panels = []
    sums = table.groupby(["policy", "period"], sort=False)[list(titles)].sum()
    for column, title in titles.items():
        data: list[dict[str, Any]] = []
        for policy in policy_names(findings):
            rows = sums.loc[policy].reindex(findings.periods).fillna(0.0)
            data.append(
                {
                    "type": "scatter",
                    "x": list(findings.periods),
                    "y": numbers(rows[column]),
                    "name": policy,
                    **line_style(findings, policy),
                    "customdata": [count(value) for value in rows[column]],
                    "hovertemplate": "%{customdata}<extra>" + drawn(policy) + "</extra>",
                }
            )
        data, word = scaled(data, "y")
        panels.append(
            Panel(
                title,
                data,
                {
                    "hovermode": "x unified",
                    "xaxis": periods_axis(findings),
                    "yaxis": {"title": {"text": f"units, {word}" if word else "units"}, "rangemode": "tozero"},
                },
            )
        )
    return Chart(
        "service",
        f"Orders by {findings.period_word}",
        f"Lines by {findings.period_word}: units ordered, delivered, late and lost under every policy.",
        {"": panels},
        key=policy_key(findings),
    )


def charts(findings: Findings, tables: dict[str, pd.DataFrame]) -> dict[str, Chart]:
    """Every chart that has something to show, by name."""
    every = (
        free_chart(findings, tables["pathways"]),
        exposure_chart(findings, tables["exposure"]),
        regions_chart(findings, tables["exposure"]),
        cost_chart(findings, tables["costs"]),
        service_chart(findings, tables["service"]),
        utilisation_chart(findings, tables["utilisation"]),
        choke_chart(findings, tables["choke_points"]),
        scenario_chart(findings, tables["scenarios"]),
        recovery_chart(findings, tables["deliveries"]),
        survival_chart(findings, tables["survival"]),
        frontier_chart(findings),
        moved_chart(findings, tables["production"]),
    )
    return {chart.name: chart for chart in every if any(chart.variants.values())}
