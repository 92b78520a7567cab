"""What HiGHS says of a program without an optimum: rows that cannot hold together (an IIS), or where the cost falls."""

from __future__ import annotations

import numpy as np

from planner.model.linear_program import Array
from planner.solve.algorithms import Outcome
from planner.solve.deadline import seconds_until
from planner.solve.highs_model import HighsModel
from planner.solve.solution import Solution, Status
from planner.solve.threads import on_new_thread


def without_plan(live: HighsModel, outcome: Outcome) -> Solution | None:
    """The solution with the status of a run that ended without a plan; None where HiGHS did not say why it ended."""
    if outcome is Outcome.INFEASIBLE:
        return Solution(Status.INFEASIBLE)
    if outcome is Outcome.UNBOUNDED:
        return Solution(Status.UNBOUNDED, ray=falling_column(live))
    if outcome is Outcome.LIMIT:
        return Solution(Status.LIMIT, method="time limit", limited=True)
    return None


def iis_of(live: HighsModel) -> tuple[Array, Array]:
    """An irreducible infeasible subset (IIS): columns whose bounds, and rows, that cannot hold together.

    The program must have been found infeasible.
    """
    for strategy in (2, 6, 0):
        left = seconds_until(live.deadline)
        if left is not None:
            live.highs.setOptionValue("iis_time_limit", left)
        live.highs.setOptionValue("iis_strategy", strategy)
        _, found = on_new_thread(live.highs, live.highs.getIis)
        columns, rows = np.array(found.col_index_, dtype=np.int64), np.array(found.row_index_, dtype=np.int64)
        if len(columns) + len(rows):
            return columns, rows
    return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)


def falling_column(live: HighsModel) -> int | None:
    """The column along which the cost falls without end, after an unbounded run."""
    _, has_ray = live.highs.getPrimalRayExist()
    if not has_ray:
        return _free_and_paying(live)
    _, _, ray = on_new_thread(live.highs, live.highs.getPrimalRay)
    size = np.abs(np.array(ray)) * np.maximum(np.abs(np.array(live.lp.col_cost_)), 1e-12)
    return int(np.argmax(size)) if len(size) else None


def _free_and_paying(live: HighsModel) -> int | None:
    """The column without an upper bound that pays most, where HiGHS gives no ray."""
    lp = live.lp
    gain = np.where(np.isinf(np.array(lp.col_upper_)), -np.array(lp.col_cost_), 0.0)
    return int(np.argmax(gain)) if len(gain) and gain.max() > 0 else None
