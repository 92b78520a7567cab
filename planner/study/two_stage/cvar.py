"""Expected cost and conditional value at risk (CVaR) of costs with probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.errors import UsageError
from planner.plan.rounding import STEADY, rounded

SAME = 1e-12  # probabilities that differ by less are equal


def expected(costs: Sequence[float], probabilities: Sequence[float]) -> float:
    """The expected cost, in money: sum p_s cost_s; a cost with probability 0 does not count, even if infinite."""
    return float(sum(p * cost for cost, p in zip(costs, probabilities, strict=True) if p > 0))


def tail(costs: Sequence[float], probabilities: Sequence[float], alpha: float) -> tuple[float, float]:
    """Value at risk and conditional value at risk of a cost, in money.

    eta = the least cost that is not passed with a probability of at least alpha
    CVaR = eta + sum_s p_s max(0, cost_s - eta) / (1 - alpha) = min over eta of the same

    So CVaR is the mean of the worst 1 - alpha. It lies between the expected and the worst cost.
    Source: Rockafellar and Uryasev, Optimization of conditional value-at-risk, Journal of Risk 2 (2000).

    Args:
        costs: of each case, in money.
        probabilities: of each case; they add up to 1.
        alpha: 0 < alpha < 1; 0.9 is the worst tenth.

    Raises:
        UsageError: alpha is not between 0 and 1.
    """
    if not 0.0 < alpha < 1.0:
        raise UsageError(f"alpha is {alpha:g}, but has to lie between 0 and 1: 0.9 is the worst tenth.")
    possible = np.asarray(probabilities, dtype=float) > 0
    cost = np.asarray(costs, dtype=float)[possible]
    p = np.asarray(probabilities, dtype=float)[possible]
    order = np.argsort(cost, kind="stable")
    reached = np.cumsum(p[order])
    eta = float(cost[order][np.searchsorted(reached, alpha - SAME)])
    beyond = float((p * np.maximum(cost - eta, 0.0)).sum()) if np.isfinite(cost).all() else float("inf")
    return eta, eta + beyond / (1.0 - alpha)


def weighed(costs: Sequence[float], probabilities: Sequence[float], weight: float, alpha: float) -> float:
    """The value that a two-stage plan minimises, in money: (1 - w) * expected cost + w * CVaR.

    Raises:
        UsageError: the weight or alpha is out of range.
    """
    if not 0.0 <= weight <= 1.0:
        raise UsageError(f"The weight of the tail is {weight:g}, but has to lie from 0 to 1.")
    worst = tail(costs, probabilities, alpha)[1]
    mean = expected(costs, probabilities)
    return mean if weight == 0 else (1.0 - weight) * mean + weight * worst


@dataclass(frozen=True)
class Weighing:
    """The weights by which the costs of the scenarios become one value.

    value = (1 - weight) * expected cost + weight * mean cost of the worst 1 - alpha
    """

    weight: float
    alpha: float

    def value(self, costs: Sequence[float], probabilities: Sequence[float]) -> float:
        """The value of some costs, in money."""
        return weighed(costs, probabilities, self.weight, self.alpha)

    def row(self, name: str, costs: Sequence[float], probabilities: Sequence[float]) -> tuple[str, float, float, float]:
        """The given name with the expected cost, the mean of the worst, and the value, in money to twelve digits."""
        worst = tail(costs, probabilities, self.alpha)[1]
        figures = rounded([expected(costs, probabilities), worst, self.value(costs, probabilities)], STEADY)
        return name, *figures.tolist()
