"""A solver that answers in a file rounds each value; its proof holds for the plan, not for the rounded sum."""

from pathlib import Path

import pytest
from portions import portion

import planner

INSTANCE = Path(__file__).with_name("written-with-eight-digits.yaml")


@pytest.mark.parametrize("gap", portion([1e-9, 1e-4, 1e-6], quick=2))
def test_a_plan_of_cbc_is_optimal(gap):
    theirs = planner.solve(INSTANCE, solver="cbc", gap=gap)
    ours = planner.solve(INSTANCE, gap=gap)
    assert theirs.status == "optimal"
    assert theirs.objective == pytest.approx(ours.objective, rel=1e-12)
    assert theirs.certificate.passed


@pytest.mark.parametrize(("name", "scenario"), [("cbc-near-its-gap", None), ("cbc-six-digits-of-a-bound", "w0")])
def test_what_cbc_proves_is_proved_however_few_digits_it_writes(name, scenario):
    """Decisions near 0 or 1 take part of its gap, and of its bound it writes what a number of 32 bits holds."""
    instance = INSTANCE.with_name(f"{name}.yaml")
    theirs, ours = (planner.solve(instance, scenario=scenario, solver=solver) for solver in ("cbc", "HiGHS"))
    assert theirs.status == "optimal"
    assert theirs.gap <= theirs.options["gap"]
    assert theirs.objective == pytest.approx(ours.objective, rel=1e-6)
