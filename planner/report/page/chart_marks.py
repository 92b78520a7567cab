"""What every chart is made of: panels of plain Plotly data, colours, axes and scales."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from planner.report.findings import Findings

# colour-blind safe: policies after Okabe and Ito, regions after Tol's bright scheme
POLICY_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#999999")
REGION_COLOURS = (
    "#EE6677",
    "#4477AA",
    "#CCBB44",
    "#228833",
    "#66CCEE",
    "#AA3377",
    "#999999",
    "#EE7733",
    "#009988",
    "#BB5566",
)
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "cross")
SCALES = ((1e12, "trn"), (1e9, "bn"), (1e6, "M"), (1e3, "thousand"))


@dataclass(frozen=True)
class Panel:
    """One small plot.

    Attributes:
        title: heading above it.
        data, layout: what Plotly draws.
        height: pixels.
        wide: whether it takes the whole width.
    """

    title: str
    data: list[dict[str, Any]]
    layout: dict[str, Any]
    height: int = 230
    wide: bool = False

    def as_json(self) -> dict[str, Any]:
        """What the page reads."""
        return {"title": self.title, "data": self.data, "layout": self.layout, "height": self.height, "wide": self.wide}


@dataclass(frozen=True)
class Chart:
    """Panels under one heading.

    Attributes:
        name: id on the page.
        title: heading.
        describes: what it shows, in a sentence, for those who cannot see it.
        variants: panels by choice; one choice needs no buttons.
        choice: what is chosen.
        key: (name, colour) of the marks.
    """

    name: str
    title: str
    describes: str
    variants: dict[str, list[Panel]]
    choice: str = ""
    key: tuple[tuple[str, str], ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """What the page reads."""
        return {
            "name": self.name,
            "describes": self.describes,
            "variants": [
                {"name": name, "panels": [panel.as_json() for panel in panels]}
                for name, panels in self.variants.items()
            ],
        }


def policy_colours(findings: Findings) -> dict[str, str]:
    """A colour for each policy."""
    return {findings.label(name): POLICY_COLOURS[at % len(POLICY_COLOURS)] for at, name in enumerate(findings.policies)}


def region_colours(findings: Findings) -> dict[str, str]:
    """A colour for each region that makes something; the region of concern first."""
    order = sorted(findings.making_regions, key=lambda region: region not in findings.concern.regions)
    return {region: REGION_COLOURS[at % len(REGION_COLOURS)] for at, region in enumerate(order)}


def drawn(text: str) -> str:
    """A text as Plotly shows it as it is: it would read tags, and in what it says at the pointer also `%{...}`."""
    return html.escape(text).replace("%{", "%&#123;")


def safe(names: Sequence[Any] | pd.Series) -> list[str]:
    """Names as Plotly shows them as they are."""
    return [drawn(str(name)) for name in names]


def unit_of(unit: str, word: str) -> str:
    """A unit with its scale, e.g. `USD bn`, for an axis."""
    return drawn(f"{unit} {word}".strip())


def numbers(values: pd.Series) -> list[float | None]:
    """Figures for JSON; a missing one is null."""
    return [None if pd.isna(value) else float(value) for value in values]


def scaled(data: list[dict[str, Any]], axis: str) -> tuple[list[dict[str, Any]], str]:
    """Traces with the figures of one axis in bn, M or thousands, and that word for the axis title."""
    largest = max((abs(value) for trace in data for value in trace[axis] if value is not None), default=0.0)
    scale, word = next(((scale, word) for scale, word in SCALES if largest >= scale), (1.0, ""))
    return [
        {**trace, axis: [None if value is None else value / scale for value in trace[axis]]} for trace in data
    ], word


def periods_axis(findings: Findings) -> dict[str, Any]:
    """An axis of periods with room for its labels."""
    return {
        "type": "category",
        "tickmode": "linear",
        "tick0": 0,
        "dtick": max(1, math.ceil(len(findings.periods) / 4)),
        "tickangle": 0,
    }


def line_style(findings: Findings, policy: str) -> dict[str, Any]:
    """Lines of later policies are thinner, so that they show on top of those they coincide with."""
    names = [findings.label(name) for name in findings.policies]
    at, colour = names.index(policy), policy_colours(findings)[policy]
    wider = len(names) - 1 - at
    return {
        "mode": "lines+markers",
        "line": {"color": colour, "width": 1.8 + 2 * min(wider, 3)},
        "marker": {"color": colour, "symbol": SYMBOLS[at % len(SYMBOLS)], "size": 6 + 3 * min(wider, 3)},
    }


def policy_key(findings: Findings) -> tuple[tuple[str, str], ...]:
    """Policies with their colours."""
    return tuple(policy_colours(findings).items())
