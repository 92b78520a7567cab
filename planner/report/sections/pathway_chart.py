"""The chart of what is delivered free of the region of concern, by period."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from planner.report.findings import Findings, policy_names
from planner.report.page.chart_marks import Chart, Panel, drawn, line_style, numbers, periods_axis, policy_key
from planner.report.tables.studies import ALL

MOST_COLOUR = "#777777"


def free_chart(findings: Findings, table: pd.DataFrame) -> Chart:
    """Share of deliveries free of the region of concern by period: all products together, then each product."""
    own = table[(table["customer"] == ALL) & table["period"].isin(findings.periods)]
    most = _most(findings)
    items = [ALL, *(name for name in dict.fromkeys(own["item"]) if name != ALL)]
    if len(items) == 2:  # one product: the same as all together
        items = items[:1]
    panels = []
    for item in items:
        at = own[own["item"] == item]
        data: list[dict[str, Any]] = []
        if item in most:
            data.append(
                {
                    "type": "scatter",
                    "x": list(findings.periods),
                    "y": numbers(most[item].reindex(findings.periods)),
                    "name": "most possible",
                    "mode": "lines",
                    "line": {"color": MOST_COLOUR, "width": 1.5, "dash": "dot"},
                    "hovertemplate": "%{y:.1%}<extra>most possible, of orders</extra>",
                }
            )
        for policy in policy_names(findings):
            rows = at[at["policy"] == policy].set_index("period")["share"].reindex(findings.periods)
            data.append(
                {
                    "type": "scatter",
                    "x": list(findings.periods),
                    "y": numbers(1.0 - rows),
                    "name": policy,
                    **line_style(findings, policy),
                    "hovertemplate": "%{y:.1%}<extra>" + drawn(policy) + "</extra>",
                }
            )
        panels.append(
            Panel(
                "all products together" if item == ALL else item,
                data,
                {
                    "yaxis": {"title": {"text": "share free of it"}, "tickformat": ".0%", "range": [-0.02, 1.04]},
                    "xaxis": periods_axis(findings),
                    "hovermode": "x unified",
                },
            )
        )
    variants = {
        "all products together": [replace(panels[0], title="", height=300, wide=True)],
        "by product": panels[1:],
    }
    where = findings.concern.title
    key = (*policy_key(findings), *((("most possible (audit)", MOST_COLOUR),) if most else ()))
    return Chart(
        "free",
        f"Share of deliveries that touched {where} at no stage, by {findings.period_word}",
        f"Lines by {findings.period_word}: the share of deliveries free of {where} under every policy, and the most "
        "that the audit found possible.",
        {name: part for name, part in variants.items() if part} if len(own) else {},
        "show",
        key,
    )


def _most(findings: Findings) -> dict[str, pd.Series]:
    """By product, the largest share of the orders of each period that the audit found possible.

    All together: the sum over the products, each with the whole chain to itself, so no more than a bound.
    """
    found = findings.studies.audit
    if found is None:
        return {}
    table = found.free_of_periods
    table = table[(table["region"] == findings.concern.name) & table["period"].isin(findings.periods)]
    if table.empty:
        return {}
    shares = {str(item): part.set_index("period")["share"] for item, part in table.groupby("product", sort=False)}
    sums = table.groupby("period")[["units", "demand"]].sum()
    return {**shares, ALL: sums["units"] / sums["demand"]}
