"""The weights that prove an infeasible program to have no plan, made once with a solver, to be kept."""

from __future__ import annotations

from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.model.program import write_program
from planner.plan.proof.kept import NO_PLAN, RowWeights
from planner.plan.proof.no_plan import surplus_of
from planner.plan.proof.rules import Rules
from planner.solve.farkas import farkas_weights


def contradiction_of(instance: Instance, policy: Policy | None, deadline: float | None = None) -> RowWeights | None:
    """The row weights that prove an infeasible run to have no plan, to be stored with it.

    Args:
        instance: the instance as it was to be solved, the scenario applied.
        policy: what was chosen.
        deadline: the moment of time.perf_counter() at which to stop.

    Returns:
        the weights; None where only integer decisions rule out a plan, or the time did not suffice.
    """
    rules = Rules(instance, policy)
    weights = farkas_weights(write_program(rules.layout), deadline)
    if weights is None:
        return None
    for sign in (1.0, -1.0):
        kept = RowWeights.of(rules.layout, NO_PLAN, sign * weights)
        if kept is not None and surplus_of(rules, kept) is not None:
            return kept
    return None
