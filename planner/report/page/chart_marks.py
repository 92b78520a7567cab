"""Colours and scales of all charts, and texts and figures in the form that Plotly takes."""

from __future__ import annotations

import html

import pandas as pd

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


def drawn(text: str) -> str:
    """A text escaped for Plotly, which otherwise reads tags, and `%{...}` in the text at the pointer."""
    return html.escape(text).replace("%{", "%&#123;")


def unit_of(unit: str, word: str) -> str:
    """A unit with its scale, e.g. `USD bn`, for an axis."""
    return drawn(f"{unit} {word}".strip())


def numbers(values: pd.Series) -> list[float | None]:
    """Figures for JSON; a missing one is null."""
    return [None if pd.isna(value) else float(value) for value in values]
