"""The size of money in a plan: what a difference of costs is small or large against, in whatever currency it stands."""

from __future__ import annotations

import numpy as np

from planner.solve.solution import Array

ROUNDING = 1e-6  # of what the least cost and the largest quantity come to: beside it a plan that costs nothing is exact


def gross_cost(cost: Array, values: Array) -> float:
    """All costs and earnings of a plan without their signs, in money; never 0.

    gross = sum_j |cost_j x_j| + 1e-6 * (the least |cost_j| but 0) * (the largest |x_j|)

    The first part is what the cost is the balance of, so that a solver's tolerance is a part of it; the second one
    stands for it where a plan costs nothing. It is 1 where nothing can cost anything. Money counted in millions instead
    of units makes it a million times smaller, as it does the cost.

    Args:
        cost: of each column, in money a unit.
        values: of each column.
    """
    sizes = np.abs(cost)
    least = float(sizes[sizes > 0].min(initial=np.inf))
    if np.isinf(least):
        return 1.0
    found = float((sizes * np.abs(values)).sum()) + ROUNDING * least * float(np.abs(values).max(initial=0.0))
    return found if found > 0 else least
