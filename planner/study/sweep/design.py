"""The design of a sweep: the figure of each factor in each draw, the same from the same seed.

A sample is a Latin hypercube: the range of each factor is cut into as many parts of equal probability as there are
draws, and each part has one draw. Source: M. D. McKay, R. J. Beckman and W. J. Conover, A Comparison of Three Methods
for Selecting Values of Input Variables (Technometrics 21, 1979). Rank correlations are brought in by rearranging:
R. L. Iman and W. J. Conover, A Distribution-Free Approach to Inducing Rank Correlation (Communications in Statistics
B11, 1982).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from planner.errors import UsageError
from planner.plan.rounding import rounded
from planner.study.sweep.indices import designed
from planner.study.sweep.records import Correlation, Distribution, Factor, SweepQuestion

Array = np.ndarray[Any, Any]
STANDARD = NormalDist()
LEAST = 1e-12  # distance from 0 and 1 of a probability whose quantile is asked for


def draws_of(question: SweepQuestion) -> pd.DataFrame:
    """The figures of all draws: a row a draw, a column a factor; nine significant digits, as they are used.

    Args:
        question: what is drawn. A grid goes through the figures of the last factor first.

    Raises:
        UsageError: the correlations contradict each other, or there are too few draws for them; SALib is missing.
    """
    names = [factor.name for factor in question.factors]
    if question.mode == "grid":
        rows = list(itertools.product(*(factor.distribution.grid or () for factor in question.factors)))
        return pd.DataFrame(rows, columns=names, dtype=float)
    if question.mode == "sample":
        parts = latin_hypercube(question.draws, len(names), question.seed or 0)
    else:
        parts = designed(question.mode, question.samples or 0, len(names), question.seed or 0)
        parts = np.clip(parts, LEAST, 1 - LEAST)  # the figures at the very ends have a probability of 0
    if question.correlations:
        parts = rearranged(parts, correlation_matrix(question.factors, question.correlations), question.seed or 0)
    columns = [
        rounded([quantile(factor.distribution, part) for part in parts[:, number]])
        for number, factor in enumerate(question.factors)
    ]
    return pd.DataFrame(dict(zip(names, columns, strict=True)))


def latin_hypercube(draws: int, factors: int, seed: int) -> Array:
    """Probabilities (0-1) by draw and factor: each of `draws` equal parts of each factor has one draw, at random.

    A factor's column does not depend on how many factors follow it.
    """
    columns = []
    for number in range(factors):
        random = np.random.default_rng([seed, number])
        columns.append((random.permutation(draws) + random.random(draws)) / draws)
    return np.column_stack(columns)


def correlation_matrix(factors: Sequence[Factor], correlations: Sequence[Correlation]) -> Array:
    """Rank correlations as a matrix, 0 where none is given.

    Raises:
        UsageError: no random figures can have them together.
    """
    place = {factor.name: number for number, factor in enumerate(factors)}
    found = np.eye(len(factors))
    for part in correlations:
        one, other = (place[name] for name in part.between)
        found[one, other] = found[other, one] = part.rank
    try:
        np.linalg.cholesky(scores_correlation(found))
    except np.linalg.LinAlgError:
        raise UsageError(
            "The correlations of the sweep contradict each other: no figures can have all of them together. "
            "Bring some of them nearer to 0."
        ) from None
    return found


def scores_correlation(ranks: Array) -> Array:
    """The correlation of normal scores whose ranks have a given correlation: 2 sin(pi r / 6).

    Source: K. Pearson, On Further Methods of Determining Correlation (1907).
    """
    found: Array = 2.0 * np.sin(np.pi / 6.0 * ranks)
    np.fill_diagonal(found, 1.0)
    return found


def rearranged(parts: Array, ranks: Array, seed: int) -> Array:
    """The probabilities with each column in another order, so that the columns have a rank correlation.

    Args:
        parts: by draw and factor.
        ranks: the rank correlation of each pair of factors.
        seed: of the order.

    Raises:
        UsageError: there are not more draws than factors.
    """
    draws, factors = parts.shape
    if draws <= factors + 1:
        raise UsageError(f"{draws} draws cannot carry correlations of {factors} factors: ask for more samples.")
    scores = np.array([STANDARD.inv_cdf(rank / (draws + 1)) for rank in range(1, draws + 1)])
    mixed = np.column_stack([np.random.default_rng([seed, number, 1]).permutation(scores) for number in range(factors)])
    own = np.linalg.cholesky(np.corrcoef(mixed, rowvar=False).reshape(factors, factors))
    wanted = np.linalg.cholesky(scores_correlation(ranks))
    target = mixed @ np.linalg.solve(own, np.eye(factors)).T @ wanted.T
    found = np.empty_like(parts)
    for number in range(factors):
        order = np.argsort(np.argsort(target[:, number], kind="stable"), kind="stable")
        found[:, number] = np.sort(parts[:, number])[order]
    return found


def quantile(distribution: Distribution, part: float) -> float:
    """The figure below which a part (0-1) of a distribution lies."""
    if distribution.uniform is not None:
        low, high = distribution.uniform
        return low + (high - low) * part
    if distribution.triangular is not None:
        low, mode, high = distribution.triangular
        rise = (mode - low) / (high - low)
        if part <= rise:
            return low + math.sqrt(part * (high - low) * (mode - low))
        return high - math.sqrt((1 - part) * (high - low) * (high - mode))
    if distribution.normal is not None:
        normal = distribution.normal
        own = NormalDist(normal.mean, normal.sd)
        low = 0.0 if normal.low is None else own.cdf(normal.low)
        high = 1.0 if normal.high is None else own.cdf(normal.high)
        found = own.inv_cdf(min(max(low + (high - low) * part, LEAST), 1 - LEAST))
        least = found if normal.low is None else normal.low
        most = found if normal.high is None else normal.high
        return min(max(found, least), most)
    if distribution.lognormal is not None:
        mean, sd = distribution.lognormal.mean, distribution.lognormal.sd
        spread = math.log1p((sd / mean) ** 2)
        return math.exp(
            math.log(mean) - spread / 2 + math.sqrt(spread) * STANDARD.inv_cdf(min(max(part, LEAST), 1 - LEAST))
        )
    figures = distribution.listed or ()
    below = np.cumsum(distribution.weights or [1.0] * len(figures))
    return figures[int(np.searchsorted(below / below[-1], part, side="right"))]
