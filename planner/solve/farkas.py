"""Farkas's weights of an infeasible linear program: factors by which its rows, added up, contradict the bounds."""

from __future__ import annotations

import numpy as np

from planner.model.linear_program import Array
from planner.model.program import Program
from planner.solve.algorithms import Algorithm, Outcome
from planner.solve.highs_model import HighsModel
from planner.solve.threads import on_new_thread


def farkas_weights(program: Program, deadline: float | None = None) -> Array | None:
    """A factor for each row, in one sign or the other; None where the linear program has a plan, or for want of time.

    Args:
        program: an infeasible program; decisions that must be whole need not be so here.
        deadline: time.perf_counter() by which to end.
    """
    live = HighsModel.of(program.problem, deadline)
    live.set_integrality(np.flatnonzero(program.integer), integer=False)
    live.set_costs(np.zeros(len(live.costs())))
    if live.run(Algorithm.SIMPLEX, presolve=False) is not Outcome.INFEASIBLE:
        return None
    _, there, ray = on_new_thread(live.highs, live.highs.getDualRay)
    return np.array(ray, dtype=float) if there else None
