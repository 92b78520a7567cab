"""Every plan of a random instance is proved again in exact figures, and every infeasible one by Farkas's weights."""

import math

import pytest
from planned import given, planned
from portions import portion
from random_instances import seeds

from planner.plan.proof.claims import Claims
from planner.plan.proof.contradiction import contradiction_of
from planner.plan.proof.no_plan import verify_no_plan
from planner.plan.proof.rules import Rules
from planner.plan.proof.verify import PROVED, SOLVERS, verify

SEEDS = seeds(64)


@pytest.mark.parametrize("seed", portion(SEEDS, quick=4))
def test_a_plan_that_is_right_is_proved(seed):
    plan = planned(seed)
    if plan is None:
        _, instance, policy = given(seed)
        chosen = instance.policy(policy["name"]) if policy else None
        kept = contradiction_of(instance, chosen)
        if kept is not None:  # else only whole decisions rule a plan out
            assert verify_no_plan(instance, chosen, kept).proved
        return
    rules = Rules(plan.instance, plan.policy)
    verdict = verify(Claims.of(plan), rules)
    assert verdict.holds, [finding.words for finding in verdict.findings]
    if rules.layout.integer.any():
        assert (verdict.bound, math.isnan(verdict.gap)) == (SOLVERS, True)
    else:
        assert verdict.bound == PROVED
        assert verdict.gap <= 1e-9
