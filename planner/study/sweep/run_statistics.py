"""Statistics of the runs of a sweep: quantiles, CVaR, rank correlations, regret, and which policy beats which."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from planner.plan.rounding import rounded
from planner.study.two_stage.cvar import tail

QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p95": 0.95}
WORST = 0.95  # beyond it the worst twentieth
MEASURES = {"cost": "objective", "lost": "lost"}  # the words of the summary, and their columns of the runs
BEATS = 1e-9  # relative; what differs by less is equal
GROUP = ["policy", "scenario"]


def quantile_table(runs: pd.DataFrame) -> pd.DataFrame:
    """Quantiles, mean and CVaR of cost and lost units by policy and scenario, over the runs with a plan.

    Quantiles are interpolated linearly between neighbouring figures. CVaR at 0.95 is the mean of the worst twentieth
    (formula and source in study/two_stage/cvar.py); all draws have the same probability.

    Returns:
        policy, scenario, measure (cost in money, lost in units), runs, plans, p05, p25, p50, p75, p95, mean, cvar95.
    """
    rows = []
    for names, group in grouped(runs):
        for measure, column in MEASURES.items():
            figures = group[column].dropna().to_numpy(dtype=float)
            row: dict[str, Any] = {**names, "measure": measure, "runs": len(group), "plans": len(figures)}
            if len(figures):
                row |= {name: float(np.quantile(figures, at)) for name, at in QUANTILES.items()}
                row["mean"] = float(figures.mean())
                row["cvar95"] = cvar(figures)
            rows.append(row)
    return _table(rows, [*GROUP, "measure", "runs", "plans", *QUANTILES, "mean", "cvar95"])


def cvar(figures: Sequence[float] | np.ndarray[Any, Any]) -> float:
    """The mean of the worst twentieth of some figures that are equally probable."""
    return tail(list(figures), [1.0 / len(figures)] * len(figures), WORST)[1]


def correlation_table(runs: pd.DataFrame, factors: Sequence[str]) -> pd.DataFrame:
    """The rank correlation (Spearman) of each factor with cost and lost units, by policy and scenario.

    rho = the correlation of the ranks, equal figures having their mean rank; empty where either never changes.

    Returns:
        policy, scenario, factor, measure, rank (-1 to 1).
    """
    rows = []
    for names, group in grouped(runs):
        for measure, column in MEASURES.items():
            solved = group[group[column].notna()]
            rows += [
                {**names, "factor": factor, "measure": measure, "rank": spearman(solved[factor], solved[column])}
                for factor in factors
            ]
    return _table(rows, [*GROUP, "factor", "measure", "rank"])


def spearman(one: pd.Series, other: pd.Series) -> float:
    """The rank correlation of two series; NaN where either has only one figure."""
    if one.nunique() < 2 or other.nunique() < 2:
        return math.nan
    return float(np.corrcoef(one.rank(), other.rank())[0, 1])


def regret_table(runs: pd.DataFrame, draws: int) -> pd.DataFrame:
    """By how much each policy is worse than the best one in the same draw, in cost and in lost units.

    regret of p in draw d = figure of p in d - least figure of any policy in d     (over draws in which p has a plan)

    Returns:
        policy, scenario, measure, draws (in which it has a plan), best (share of all draws in which no policy is
        better), mean, p50, p95, most.
    """
    rows = []
    for scenario, measure, figures in _by_draw(runs, draws):
        least, slack = figures.min(axis=1), _slack(figures)
        for policy in figures:
            regret = (figures[policy] - least).dropna()
            best = regret <= slack
            row: dict[str, Any] = {"policy": policy, "scenario": scenario, "measure": measure, "draws": len(regret)}
            row["best"] = float(best.sum()) / draws
            if len(regret):
                row |= {
                    "mean": float(regret.mean()),
                    "p50": float(regret.quantile(0.5)),
                    "p95": float(regret.quantile(0.95)),
                    "most": float(regret.max()),
                }
            rows.append(row)
    return _table(rows, [*GROUP, "measure", "draws", "best", "mean", "p50", "p95", "most"])


def better_table(runs: pd.DataFrame, draws: int) -> pd.DataFrame:
    """How often a policy beats another one in the same draw: it has less cost (or lost units), or alone has a plan.

    Returns:
        policy, against, scenario, measure, probability (share of all draws), equal (share in which neither beats).
    """
    rows = []
    for scenario, measure, figures in _by_draw(runs, draws):
        slack = _slack(figures)
        for policy, against in itertools.permutations(figures, 2):
            ours, theirs = figures[policy], figures[against]
            wins = (ours < theirs - slack) | (ours.notna() & theirs.isna())
            loses = (theirs < ours - slack) | (theirs.notna() & ours.isna())
            probability, lost = float(wins.sum()) / draws, float(loses.sum()) / draws
            names = {"policy": policy, "against": against, "scenario": scenario, "measure": measure}
            rows.append({**names, "probability": probability, "equal": 1.0 - probability - lost})
    return _table(rows, ["policy", "against", "scenario", "measure", "probability", "equal"])


def _slack(figures: pd.DataFrame) -> float:
    """How far two figures of a measure may be apart and be the same, in its unit."""
    return BEATS * float(np.nanmax(figures.abs().to_numpy(dtype=float), initial=0.0))


def grouped(runs: pd.DataFrame) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """The runs of each policy and scenario, in the order of the design, with the two names (None for none)."""
    for (policy, scenario), group in runs.groupby(GROUP, sort=False, dropna=False):
        yield {"policy": _name(policy), "scenario": _name(scenario)}, group


def _by_draw(runs: pd.DataFrame, draws: int) -> Iterator[tuple[Any, str, pd.DataFrame]]:
    """Scenario, measure, and a table of the figures: a row a draw, a column a policy."""
    drawn = runs.assign(draw=(runs["run"] - 1) % draws)
    for scenario, group in drawn.groupby("scenario", sort=False, dropna=False):
        for measure, column in MEASURES.items():
            parts = {
                _name(policy): part.set_index("draw")[column]
                for policy, part in group.groupby("policy", sort=False, dropna=False)
            }
            yield _name(scenario), measure, pd.DataFrame(parts, index=range(draws))


def _name(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _table(rows: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    """Rows as a table, nine significant digits."""
    table = pd.DataFrame(rows, columns=columns)
    for name in columns:
        if pd.api.types.is_float_dtype(table[name]):
            table[name] = rounded(table[name].to_numpy(dtype=float))
    return table
