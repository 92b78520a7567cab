"""What a frontier is written to: frontier.html (the curve and its price, by the embedded Plotly), .csv and .json."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from planner.instance.whole_files import put_files, text_writer
from planner.report.csv_tables import csv_text
from planner.report.page.chart_marks import POLICY_COLOURS, SCALES, SYMBOLS, drawn, numbers, unit_of
from planner.report.page.templating import page_text
from planner.study.frontier.curve import Frontier
from planner.text.figures import first_of, money
from planner.text.json_values import finite

CURVE, GAP = "#1c2127", "#EE6677"
MARGIN = 0.06  # of the range, beside the curve
NAMED = 3  # limits in the heading


def write_frontier(found: Frontier, folder: Path) -> Path:
    """Write frontier.html, frontier.csv and frontier.json to a folder: none before all of them can be written."""
    texts = {
        "frontier.csv": csv_text(found.points),
        "frontier.json": json.dumps(finite(found.as_json()), indent=2, ensure_ascii=False) + "\n",
        "frontier.html": frontier_page(found),
    }
    put_files(folder, {name: text_writer(text) for name, text in texts.items()})
    return folder


def frontier_page(found: Frontier) -> str:
    """The page as HTML: the curve with the policies beside it, the price of a percentage point, and the points."""
    from plotly.offline import get_plotlyjs

    text = json.dumps([cost_figure(found), price_figure(found)], separators=(",", ":"), allow_nan=False)
    figures = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    scale, word = _scale(found)
    return page_text(
        "frontier.html.j2",
        found=found,
        field="min_free" if found.floor else "max_share",
        outline=found.outline().to_dict("records"),
        answers=[found.within(ratio) for ratio in found.within_asked],
        unit=f"{found.currency} {word}".strip(),
        scale=scale,
        known=math.isfinite,
        error=money(found.error, found.currency),
        limits=first_of(found.limits, NAMED),
        figures=Markup(figures),  # noqa: S704 - escaped above
        plotly=Markup(get_plotlyjs()),  # noqa: S704 - the library
    )


def cost_figure(found: Frontier) -> dict[str, Any]:
    """Cost against level: the curve, its breakpoints, jumps, gaps and the policies."""
    scale, word = _scale(found)
    table = found.tightening
    corners = table[table["kind"].isin(["breakpoint", "end", "policy", "asked"])]
    data: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": f"{drawn(found.policy)}, the limit moved",
            "line": {"color": CURVE, "width": 2},
            **_broken(found, table, scale),
            "hovertemplate": "%{x:.2f} %: %{y:,.4~f}<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "name": "breakpoints and ends" if found.exact else "breakpoints, ends and levels asked for",
            "marker": {"color": CURVE, "size": 6},
            "x": numbers(100 * corners["level"]),
            "y": numbers(corners["cost"] / scale),
            "text": [str(kind) for kind in corners["kind"]],
            "hovertemplate": "%{text}, %{x:.2f} %: %{y:,.4~f}<extra></extra>",
        },
    ]
    for part in (part for part in found.breaks if part.kind == "jump"):
        ends = table[table["level"].isin([part.looser, part.tighter])]
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": "jump",
                "line": {"color": GAP, "width": 2, "dash": "dot"},
                "x": numbers(100 * ends["level"]),
                "y": numbers(ends["cost"] / scale),
                "hovertemplate": "jump at %{x:.2f} %<extra></extra>",
            }
        )
    for number, mark in enumerate(mark for mark in found.marks if math.isfinite(mark.level)):
        data.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "name": drawn(mark.policy),
                "text": [drawn(mark.policy)],
                "textposition": ("top center", "bottom center", "middle right")[number % 3],
                "marker": {
                    "color": POLICY_COLOURS[number % len(POLICY_COLOURS)],
                    "symbol": SYMBOLS[number % len(SYMBOLS)],
                    "size": 13,
                },
                "x": [100 * mark.level],
                "y": [mark.cost / scale],
                "hovertemplate": "%{x:.2f} %: %{y:,.4~f}<extra>" + drawn(mark.policy) + "</extra>",
            }
        )
    return {"data": data, "layout": _layout(found, f"least cost, {unit_of(found.currency, word)}")}


def price_figure(found: Frontier) -> dict[str, Any]:
    """The price of one percentage point against level, in steps from each point to the next tighter one.

    There is none across a jump or a level without an answer.
    """
    steps = found.steps()
    largest = max((abs(price) for *_, price in steps), default=0.0)
    scale, word = next(((scale, word) for scale, word in SCALES if largest >= scale), (1.0, ""))
    drawn: list[tuple[float, float, float | None]] = []
    for step in steps:
        if drawn and drawn[-1][1] != step[0]:
            drawn.append((drawn[-1][1], step[0], None))
        drawn.append(step)
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "line": {"color": CURVE, "width": 2},
            "fill": "tozeroy",
            "fillcolor": "rgba(0,114,178,0.12)",
            "x": [100 * level for low, high, _ in drawn for level in (low, high)],
            "y": [None if price is None else price / scale for *_, price in drawn for _ in (0, 1)],
            "connectgaps": False,
            "hovertemplate": "%{x:.2f} %: %{y:,.4~f} a point<extra></extra>",
        }
    ]
    return {"data": data, "layout": _layout(found, f"a point, {unit_of(found.currency, word)}", keyed=False)}


def _broken(found: Frontier, table: pd.DataFrame, scale: float) -> dict[str, Any]:
    """The line of the curve, interrupted at jumps and where no answer passed its check."""
    levels, costs = numbers(100 * table["level"]), numbers(table["cost"] / scale)
    raw = list(table["level"])
    for number in range(len(raw) - 1, 0, -1):
        if not found.goes_on(raw[number - 1], raw[number]):
            levels.insert(number, levels[number])
            costs.insert(number, None)
    return {"x": levels, "y": costs, "connectgaps": False}


def _layout(found: Frontier, title: str, *, keyed: bool = True) -> dict[str, Any]:
    gaps = [part for part in found.breaks if part.kind != "jump"]
    placed = [mark.level for mark in found.marks if keyed and math.isfinite(mark.level)]
    ends = (min(found.start, found.stop, *placed), max(found.start, found.stop, *placed))
    margin = MARGIN * (ends[1] - ends[0])
    sides = [100 * (ends[0] - margin), 100 * (ends[1] + margin)]
    return {
        "xaxis": {
            "title": {"text": ("least share free" if found.floor else "largest share") + ", per cent"},
            "range": sides if found.start < found.stop else sides[::-1],
            "zeroline": False,
        },
        "yaxis": {"title": {"text": title}, "zeroline": False, **({} if keyed else {"rangemode": "tozero"})},
        "shapes": [
            {
                "type": "rect",
                "xref": "x",
                "yref": "paper",
                "x0": 100 * part.looser,
                "x1": 100 * part.tighter,
                "y0": 0,
                "y1": 1,
                "fillcolor": GAP,
                "opacity": 0.12,
                "line": {"width": 0},
            }
            for part in gaps
        ],
        "annotations": [
            {
                "xref": "x",
                "yref": "paper",
                "x": 50 * (part.looser + part.tighter),
                "y": 0.5,
                "text": "no plan" if part.kind == "gap" else "unproved",
                "showarrow": False,
            }
            for part in gaps
        ],
        "showlegend": keyed,
        "legend": {"orientation": "h", "y": -0.2},
        "margin": {"l": 70, "r": 20, "t": 20, "b": 60},
        "height": 460 if keyed else 300,
    }


def _scale(found: Frontier) -> tuple[float, str]:
    largest = float(found.points["cost"].abs().max()) if found.points["cost"].notna().any() else 0.0
    return next(((scale, word) for scale, word in SCALES if largest >= scale), (1.0, ""))
