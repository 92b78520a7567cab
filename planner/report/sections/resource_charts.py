"""Charts of sites and resources: their use, their rent, and what moved between them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from planner.report.findings import Findings, policy_names
from planner.report.page.chart_marks import (
    Chart,
    Panel,
    drawn,
    numbers,
    policy_colours,
    policy_key,
    safe,
    scaled,
    unit_of,
)
from planner.text.figures import count, money

USE_SCALE = [[0.0, "#eef1f4"], [0.5, "#a9c6da"], [0.8, "#5b92b8"], [0.95, "#2f6690"], [1.0, "#173f5f"]]
LONGEST_LIST = 12


def utilisation_chart(findings: Findings, table: pd.DataFrame) -> Chart:
    """A heat map of resources by period, grouped by stage, a policy at a time."""
    variants: dict[str, list[Panel]] = {}
    longest = max((len(resource_name(row)) for _, row in table.iterrows()), default=0)
    for policy in policy_names(findings):
        own = table[table["policy"] == policy]
        panels = []
        for stage in dict.fromkeys(own["stage"]):
            at = own[own["stage"] == stage]
            names = at.apply(resource_name, axis=1)
            wide = (
                at.assign(label=names)
                .pivot_table(index="label", columns="period", values="utilisation", sort=False)
                .reindex(columns=list(findings.periods))
            )
            wide = wide.loc[list(dict.fromkeys(names))].iloc[::-1] if len(wide) else wide
            cells = [[None if pd.isna(value) else min(float(value), 9.99) for value in row] for row in wide.to_numpy()]
            panels.append(
                Panel(
                    stage,
                    [
                        {
                            "type": "heatmap",
                            "x": list(findings.periods),
                            "y": safe(wide.index),
                            "z": cells,
                            "zmin": 0,
                            "zmax": 1,
                            "colorscale": USE_SCALE,
                            "showscale": False,
                            "xgap": 2,
                            "ygap": 2,
                            "text": [["" if value is None else f"{100 * value:.0f}" for value in row] for row in cells],
                            "texttemplate": "%{text}",
                            "textfont": {"size": 11},
                            "hoverongaps": False,
                            "hovertemplate": "%{y}, %{x}: %{z:.1%} used<extra></extra>",
                        }
                    ],
                    {
                        "xaxis": {"type": "category", "side": "bottom", "showgrid": False},
                        "yaxis": {"showgrid": False, "tickfont": {"size": 11}, "automargin": False},
                        "margin": {"l": 24 + 6 * longest},
                    },
                    height=52 + 25 * len(wide),
                    wide=True,
                )
            )
        variants[policy] = panels
    return Chart(
        "utilisation",
        "Use of every resource, per cent of its capacity (bought options included)",
        "Heat map: use of each resource as a share of its capacity by period, grouped by stage; the fuller, "
        "the darker.",
        variants,
        "policy",
    )


def resource_name(row: Any) -> str:
    """A resource in words: its site, and its own name where it differs."""
    resource = row["resource"] if "resource" in row else row["name"]
    return str(row["site"]) if resource == row["site"] or not row["site"] else f"{row['site']} / {resource}"


def choke_chart(findings: Findings, table: pd.DataFrame) -> Chart:
    """Resources and lanes with the largest rent, a bar a policy."""
    names = table.assign(label=table.apply(resource_name, axis=1) if len(table) else "")
    wide = (
        names.pivot_table(index="label", columns="policy", values="rent", aggfunc="sum")
        if len(names)
        else pd.DataFrame()
    )
    order = wide.max(axis=1).sort_values(ascending=False, kind="stable").head(LONGEST_LIST).index[::-1]
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": policy,
            "marker": {"color": policy_colours(findings)[policy]},
            "y": safe(order),
            "x": numbers(wide[policy].reindex(order).fillna(0.0)),
            "customdata": [money(value, drawn(findings.currency)) for value in wide[policy].reindex(order).fillna(0.0)],
            "hovertemplate": "%{y}: %{customdata}<extra>" + drawn(policy) + "</extra>",
        }
        for policy in policy_names(findings)[::-1]
        if policy in wide
    ]
    data, word = scaled(data, "x")
    panels = (
        [
            Panel(
                "",
                data,
                {
                    "barmode": "group",
                    "bargap": 0.25,
                    "yaxis": {"automargin": True},
                    "xaxis": {"title": {"text": f"rent, {unit_of(findings.currency, word)}"}},
                },
                height=90 + len(order) * (14 + 11 * max(len(data), 1)),
                wide=True,
            )
        ]
        if data
        else []
    )
    return Chart(
        "choke-points",
        "Rent of the scarcest resources",
        "Bars: shadow price times capacity of the scarcest resources under every policy.",
        {"": panels} if panels else {},
        key=policy_key(findings),
    )


def moved_chart(findings: Findings, table: pd.DataFrame) -> Chart:
    """Good units by site: the change against the first policy, a panel a stage."""
    others = [policy for policy in policy_names(findings) if policy != findings.label(findings.first)]
    panels = []
    for stage in findings.instance.stages:
        sums = table[table["stage"] == stage].pivot_table(
            index="site", columns="policy", values="change", aggfunc="sum"
        )
        if sums.empty or not others:
            continue
        size = sums[others].abs().max(axis=1)
        size = size[size > 0.01 * size.max()]
        order = size.sort_values(ascending=False, kind="stable").head(LONGEST_LIST).index[::-1]
        if not len(order):
            continue
        data = [
            {
                "type": "bar",
                "orientation": "h",
                "name": policy,
                "y": safe(order),
                "x": numbers(sums[policy].reindex(order)),
                "marker": {"color": policy_colours(findings)[policy]},
                "customdata": [count(value) for value in sums[policy].reindex(order)],
                "hovertemplate": "%{y}: %{customdata} units<extra>" + drawn(policy) + "</extra>",
            }
            for policy in others[::-1]
        ]
        data, word = scaled(data, "x")
        panels.append(
            Panel(
                stage,
                data,
                {
                    "barmode": "group",
                    "bargap": 0.3,
                    "yaxis": {"automargin": True, "tickfont": {"size": 11}},
                    "xaxis": {"title": {"text": f"units more or less{f', {word}' if word else ''}"}, "zeroline": True},
                },
                height=92 + len(order) * (12 + 9 * len(others)),
            )
        )
    first = findings.label(findings.first)
    return Chart(
        "moved",
        f"What moved between sites, against {first}",
        f"Bars by site and stage: good units more or less than under {first}.",
        {"": panels} if panels else {},
        key=tuple((name, colour) for name, colour in policy_colours(findings).items() if name in others),
    )
