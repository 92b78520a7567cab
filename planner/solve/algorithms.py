"""The algorithms of HiGHS, and how its runs end."""

from __future__ import annotations

from enum import Enum

import highspy

INTERIOR_POINT_FROM = 2_000  # columns; measured by tests/benchmarks/algorithms.py
PRIMAL_SIMPLEX, DUAL_SIMPLEX = 4, 1


class Outcome(Enum):
    """How a run of HiGHS ended, reduced from its model statuses."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    LIMIT = "limit"
    UNKNOWN = "unknown"


OUTCOMES = {
    highspy.HighsModelStatus.kOptimal: Outcome.OPTIMAL,
    highspy.HighsModelStatus.kModelEmpty: Outcome.OPTIMAL,
    highspy.HighsModelStatus.kInfeasible: Outcome.INFEASIBLE,
    highspy.HighsModelStatus.kUnbounded: Outcome.UNBOUNDED,
    highspy.HighsModelStatus.kUnboundedOrInfeasible: Outcome.UNKNOWN,
    highspy.HighsModelStatus.kTimeLimit: Outcome.LIMIT,
    highspy.HighsModelStatus.kIterationLimit: Outcome.LIMIT,
    highspy.HighsModelStatus.kSolutionLimit: Outcome.LIMIT,
    highspy.HighsModelStatus.kMemoryLimit: Outcome.LIMIT,
    highspy.HighsModelStatus.kInterrupt: Outcome.LIMIT,
}


class Algorithm(Enum):
    """The algorithm of HiGHS for linear programs."""

    CHOOSE = "choose"
    SIMPLEX = "simplex"
    INTERIOR_POINT = "ipx"  # by its own name: "ipm" is another one (HiPO) where highspy-extras is installed

    @classmethod
    def faster_for(cls, columns: int) -> Algorithm:
        """The algorithm that usually solves a linear program with so many columns faster from cold."""
        return cls.INTERIOR_POINT if columns >= INTERIOR_POINT_FROM else cls.SIMPLEX

    @property
    def other(self) -> Algorithm:
        """The algorithm to try where this one fails."""
        return Algorithm.SIMPLEX if self is Algorithm.INTERIOR_POINT else Algorithm.INTERIOR_POINT
