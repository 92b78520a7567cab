"""Optima whose rows hold to nine digits, where HiGHS's own tolerances would let a plan break them by a little more.

HiGHS lets a row be broken by 1e-7. In a plan of a hundred units that is a shipment which nothing feeds: a strike that
freezes it leaves no rest, and tables of nine digits do not add up. So simplex goes on to tighter tolerances there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from planner.model.linear_program import Array, Matrix
from planner.solve.algorithms import PRIMAL_SIMPLEX, Algorithm, Outcome
from planner.solve.highs_model import HighsModel
from planner.solve.violation import largest_violation

EXACT = 1e-9  # relative; by so much rows and bounds may be broken without a closer look


class Exact(NamedTuple):
    """An optimum.

    Attributes:
        values: of all columns.
        violation: how far they break rows and bounds, relative to the size of what they break.
        continued: whether they hold to tighter tolerances, to which simplex went on.
    """

    values: Array
    violation: float
    continued: bool = False


def exact_optimum(live: HighsModel, violation: Callable[[Array], float] | None = None) -> Exact:
    """The optimum that a model stands at, continued to tighter tolerances where it breaks the program.

    Where nothing holds to tighter tolerances, the model stands at the optimum that it had.

    Args:
        live: the model, just solved to optimality, its integers fixed.
        violation: how far values break the program; by all rows and bounds that the model has where it is not given.
    """
    violation = violation or _violation_in(live)
    values, ended = live.values(), live.basis()
    found = Exact(values, violation(values))
    if found.violation <= EXACT:
        return found
    if live.run_to_tighter_tolerances() is Outcome.OPTIMAL:
        values = live.values()
        return Exact(values, violation(values), continued=True)
    live.start_from(ended)
    with live.until(None):  # no step is left to take
        live.run(Algorithm.SIMPLEX, simplex=PRIMAL_SIMPLEX)
    return found


def _violation_in(live: HighsModel) -> Callable[[Array], float]:
    bounds = live.bounds()
    matrix = Matrix(*live.entries(), bounds.row_lower, bounds.row_upper)
    return partial(largest_violation, matrix, bounds.lower, bounds.upper, units=live.units)
