"""A solver that answers in a file rounds each value; its proof holds for the plan, not for the rounded sum."""

from pathlib import Path

import pytest

import planner

INSTANCE = Path(__file__).with_name("written-with-eight-digits.yaml")


@pytest.mark.parametrize("gap", [1e-9, 1e-6, 1e-4])
def test_a_plan_of_cbc_is_optimal(gap):
    theirs = planner.solve(INSTANCE, solver="cbc", gap=gap)
    ours = planner.solve(INSTANCE, gap=gap)
    assert theirs.status == "optimal"
    assert theirs.objective == pytest.approx(ours.objective, rel=1e-12)
    assert theirs.certificate.passed


def test_decisions_near_0_or_1_take_part_of_the_gap_and_no_more():
    instance = INSTANCE.with_name("cbc-near-its-gap.yaml")
    theirs, ours = planner.solve(instance, solver="cbc"), planner.solve(instance)
    assert theirs.status == "optimal"
    assert 0 < theirs.gap <= theirs.options["gap"]
    assert theirs.objective == pytest.approx(ours.objective, rel=1e-6)
