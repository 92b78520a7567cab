"""A cost that falls without end is told as such, and its decision named, also beside decisions of 0 or 1."""

from pathlib import Path

import pytest

import planner

INSTANCE = Path(__file__).with_name("unbounded-with-a-lot.yaml")


@pytest.mark.parametrize("solver", ["HiGHS", "cbc", "scip"])
def test_the_decision_is_named(solver):
    with pytest.raises(planner.UnboundedError, match="without end"):
        planner.solve(INSTANCE, solver=solver)
