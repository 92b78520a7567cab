"""Promises and their price: what keeping each is worth in the undisturbed plan, from its duals.

A promise that can be broken at a price above its dual is broken by no plan that need not: the price is an exact
penalty (Luenberger and Ye, Linear and Nonlinear Programming, section on exact penalty functions).
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from planner.model.program import Program
from planner.network.frames import lookup
from planner.solve.solution import Array

ENOUGH = 2.0  # times what keeping it is worth


def dearer_prices(program: Program, duals: Array | None, usual: float) -> dict[tuple[str, str], float]:
    """The promises that are worth more than the usual price of breaking them, with twice their worth as a price.

    worth of an order = the largest dual of its demand balance, over the least share that must be served; of a limit,
    buffer or commitment = the largest dual of its rows; of stock = the spread of the duals of the item's balance.
    All before discounting, and rounded up to two digits, so that a solver's noise does not show.

    Args:
        program: the undisturbed program.
        duals: of its rows; None where there are none, and then no promise has a price of its own.
        usual: what breaking a promise costs otherwise, money a unit.

    Returns:
        prices by (kind, name), as `Recourse.dearer`.
    """
    if duals is None:
        return {}
    network = program.network
    factor = network.discount.to_numpy()

    def rows(family: str) -> tuple[pd.DataFrame, Array]:
        start, found = program.family_rows(family)
        return found.labels, duals[start : start + len(found)]

    worth: dict[tuple[str, str], float] = {}

    def worth_of(kind: str, names: pd.Series, figures: Array) -> None:
        for name, figure in pd.Series(figures).groupby(names.to_numpy()).max().items():
            worth[kind, str(name)] = max(worth.get((kind, str(name)), 0.0), float(figure))

    labels, dual = rows("demand_balance")
    at = labels["period"].to_numpy(dtype=np.int64)
    must = network.orders["must_serve"]
    least = must.where(must > 0).groupby(network.orders["item"]).min().fillna(1.0)
    worth_of("order", labels["item"], dual / factor[at] / labels["item"].map(least).to_numpy(dtype=float))
    labels, dual = rows("flow_balance")
    value = dual / factor[labels["period"].to_numpy(dtype=np.int64)]
    top = pd.Series(value).clip(lower=0.0).groupby(labels["item"].to_numpy()).max()
    bottom = pd.Series(value).clip(upper=0.0).groupby(labels["item"].to_numpy()).min()
    worth_of("stock", pd.Series(top.index), (top - bottom).to_numpy())
    labels, dual = rows("commitment")
    worth_of("commitment", labels["commitment"], np.abs(dual) / factor[-1])
    for family in ("stage_limit", "pathway_limit", "buffer"):
        labels, dual = rows(family)
        at = lookup(labels, network.limits, ["limit", "of", "period"], "position", 0).astype(np.int64)
        worth_of("limit", labels["limit"], np.abs(dual) / factor[at])
    return {key: _two_digits_up(ENOUGH * figure) for key, figure in sorted(worth.items()) if figure > usual}


def _two_digits_up(figure: float) -> float:
    """A figure rounded up to two digits."""
    step = 10.0 ** (math.floor(math.log10(figure)) - 1)
    return math.ceil(figure / step * (1.0 - 1e-9)) * step
