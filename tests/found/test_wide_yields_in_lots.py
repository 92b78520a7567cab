"""HiGHS loses itself where lots are beside yields of 0.02 and 0.9; the plan it had found by then is shown.

The plan was found and proved. To see whether one costs less beyond what was taken for the most that can be needed, the
program is solved once more with a far larger estimate; of its linear program, with decisions held whole, HiGHS said
neither that it has an optimum nor that it has none, and `solve` ended in an error (random question 5000028).
"""

from pathlib import Path

import pytest

import planner
from planner.plan.proof.claims import Claims
from planner.plan.proof.verify import verify

INPUT = Path(__file__).with_name("wide-yields-in-lots.yaml")


def test_the_plan_is_shown():
    plan = planner.solve(planner.load_instance(INPUT), "p0")
    assert plan.status == "optimal"
    assert plan.objective == pytest.approx(16374.075238, rel=1e-6)
    assert verify(Claims.of(plan)).holds
