"""The chart of what each scenario does to each policy."""

from __future__ import annotations

from typing import Any

import pandas as pd

from planner.report.findings import Findings
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
from planner.text.figures import count, money_change, percent


def scenario_chart(findings: Findings, table: pd.DataFrame) -> Chart:
    """Each scenario's effect on each policy: change of cost, lost units, fill rate, largest share."""
    shown = {
        "change of cost": ("cost_change", findings.currency, "more than undisturbed"),
        "units lost": ("lost", "units", "lost, reported periods"),
        "fill rate": ("fill_rate", "", "fill rate, reported periods"),
        f"largest stage share of {findings.concern.title}": ("largest_share", "", "share of units"),
    }
    variants = {}
    order = list(findings.scenarios)[::-1]
    for choice, (column, unit, title) in shown.items():
        data: list[dict[str, Any]] = []
        for policy in [findings.label(name) for name in findings.policies][::-1]:
            rows = table[table["policy"] == policy].set_index("scenario").reindex(order)
            words = [_figure_words(column, value, drawn(findings.currency)) for value in rows[column]]
            data.append(
                {
                    "type": "bar",
                    "orientation": "h",
                    "y": safe(order),
                    "x": numbers(rows[column]),
                    "name": policy,
                    "marker": {"color": policy_colours(findings)[policy]},
                    "customdata": words,
                    "hovertemplate": "%{y}: %{customdata}<extra>" + drawn(policy) + "</extra>",
                }
            )
        data.append(_without_plan(findings, order))
        data, word = scaled(data, "x") if unit else (data, "")
        axis: dict[str, Any] = {"title": {"text": f"{unit_of(unit, word)} {title}".strip()}, "zeroline": True}
        if not unit:
            axis |= {"range": [0, 1.02], "tickformat": ".0%"}
        variants[choice] = [
            Panel(
                "",
                data,
                {"barmode": "group", "bargap": 0.3, "xaxis": axis, "yaxis": {"automargin": True}},
                height=90 + len(order) * (16 + 9 * len(data)),
                wide=True,
            )
        ]
    return Chart(
        "scenarios",
        "Every policy in every scenario",
        "Bars: what each scenario does to each policy.",
        variants if order else {},
        "show",
        policy_key(findings),
    )


def _without_plan(findings: Findings, order: list[str]) -> dict[str, Any]:
    """Names of the policies that have no plan in a scenario, in place of their bars."""
    none = {
        name: [findings.label(policy) for policy in findings.policies if findings.plan(policy, name) is None]
        for name in order
    }
    shown = [name for name in order if none[name]]
    return {
        "type": "scatter",
        "mode": "text",
        "y": safe(shown),
        "x": [0.0] * len(shown),
        "hoverinfo": "skip",
        "text": safe([f" no plan: {', '.join(none[name])}" for name in shown]),
        "textposition": "middle right",
        "cliponaxis": False,
    }


def _figure_words(column: str, value: float, currency: str) -> str:
    if pd.isna(value):
        return "no plan"
    return {"cost_change": money_change(value, currency), "lost": count(value)}.get(column, percent(value))
