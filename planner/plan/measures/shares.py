"""Shares of a total, and their concentration (HHI)."""

from __future__ import annotations

import pandas as pd


def shares(amounts: pd.Series) -> pd.Series:
    """The share of each amount in their total.

    share_i = a_i / sum_j a_j     (dimensionless, 0 to 1; empty where the total is zero)

    Example: shares of 3 and 1 are 0.75 and 0.25.
    """
    total = float(amounts.sum())
    return amounts / total if total > 0 else amounts.iloc[:0].astype(float)


def hhi(amounts: pd.Series) -> float:
    """Herfindahl-Hirschman index of concentration.

    HHI = sum_i (100 * share_i)^2     (0 to 10,000; 10,000 = one holder; NaN where the total is zero)

    Source: O. C. Herfindahl, Concentration in the Steel Industry (1950); A. O. Hirschman, National Power and the
    Structure of Foreign Trade (1945). Example: two equal holders give 5,000.
    """
    found = shares(amounts)
    return float(((100.0 * found) ** 2).sum()) if len(found) else float("nan")
