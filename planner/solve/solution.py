"""The answer of a solve, by the program's columns and rows, with its status."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from planner.solve.carried_basis import CarriedBasis

Array = np.ndarray[Any, Any]
EQUAL_COST = 1e-9  # of all costs without their signs; costs that differ by less count as equal


class Status(StrEnum):
    """How a solve ended; no other status is shown to users."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    LIMIT = "limit"
    ERROR = "error"


@dataclass(frozen=True)
class Prices:
    """Shadow prices of rows and promises from both sides, in money a unit; NaN where they were not determined.

    They do not depend on the solver: the least cost has one slope on each side of a figure.

    Attributes:
        more: by row, cost now minus cost with one more unit of its right-hand side; NaN also where rows are not priced.
        less: by row, cost with one unit less minus cost now; infinite where there is no plan then, NaN also where the
            figure cannot be less.
        lost_more, lost_less: the same for the units that may be lost of each order; only for promised orders.
    """

    more: Array
    less: Array
    lost_more: Array
    lost_less: Array


@dataclass(frozen=True)
class Solution:
    """The answer of a solve.

    Attributes:
        status: how it ended.
        values: value of each column; None where there is no plan.
        objective: total cost, in money; None where there is no plan.
        row_duals: cost of one more unit of each row's right-hand side, in money (an LP's, or with the integers
            fixed); None where there is no plan.
        prices: what one more unit of a figure saves and one less costs; None where they were not looked for.
        bound: a proved lower bound on the cost; for an LP it comes from the certificate.
        gap: (objective - bound) / |objective| with integers; 0 for a solved LP.
        integer: whether the program has integer decisions.
        unique: whether the tie-break was carried through, so that this is the one plan.
        solver: PuLP's name of the solver.
        method: in words, how the cost was found.
        limited: whether a limit ended the solve before a proof.
        ray: the column along which the cost falls without end, where it does.
        seconds: time of each phase.
        basis: the basis in which a linear program ended, before the tie-break; None where there is none.
    """

    status: Status
    values: Array | None = None
    objective: float | None = None
    row_duals: Array | None = None
    prices: Prices | None = None
    bound: float | None = None
    gap: float = 0.0
    integer: bool = False
    unique: bool = False
    solver: str = "HiGHS"
    method: str = ""
    limited: bool = False
    ray: int | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    basis: CarriedBasis | None = field(default=None, repr=False)


def relative_gap(objective: float, bound: float, gross: float) -> float:
    """How far a cost is above its proved bound, relative to its size; infinite without a bound, or above 0 from 0.

    Args:
        objective: the cost.
        bound: what was proved that no plan costs less than.
        gross: all costs of the plan without their signs (solve/money.py).
    """
    if not math.isfinite(bound):
        return math.inf
    if objective - bound <= EQUAL_COST * gross:
        return 0.0
    return (objective - bound) / abs(objective) if objective else math.inf
