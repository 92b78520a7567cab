"""Promises and their price: what keeping each is worth in the undisturbed plan, from its duals.

A promise that can be broken at a price above its dual is broken by no plan that need not: the price is an exact
penalty (Luenberger and Ye, Linear and Nonlinear Programming, section on exact penalty functions).
"""

from __future__ import annotations

import math

from planner.model.program import Program
from planner.solve.solution import Array

ENOUGH = 2.0  # price of breaking a promise, as a multiple of the worth of keeping it


def dearer_prices(program: Program, duals: Array | None, usual: float) -> dict[tuple[str, str], float]:
    """The promises that are worth more than the usual price of breaking them, each with twice its worth as a price.

    Each family defines the worth of its promises: for an order the dual of its balance, divided by the least share that
    must be served; for a limit, buffer or commitment its dual; for stock the spread of the duals of the item's balance.
    The largest of a promise's rows counts, before discounting, rounded up to two digits, so that a solver's noise does
    not show.

    Args:
        program: the undisturbed program.
        duals: of its rows; None where there are none, and then no promise has a price of its own.
        usual: what breaking a promise costs otherwise, money a unit.

    Returns:
        prices by (kind, name), as `Recourse.dearer`.
    """
    if duals is None:
        return {}
    worth: dict[tuple[str, str], float] = {}
    for start, rows in program.by_family():
        if not rows.family.promise:
            continue
        of_rows = rows.family.worth(program.network, rows.labels, duals[start : start + len(rows)])
        for name, figure in of_rows.groupby(level=0).max().items():
            key = (rows.family.promise, str(name))
            worth[key] = max(worth.get(key, 0.0), float(figure))
    return {key: _two_digits_up(ENOUGH * figure) for key, figure in sorted(worth.items()) if figure > usual}


def _two_digits_up(figure: float) -> float:
    """A figure rounded up to two significant digits."""
    step = 10.0 ** (math.floor(math.log10(figure)) - 1)
    return math.ceil(figure / step * (1.0 - 1e-9)) * step
