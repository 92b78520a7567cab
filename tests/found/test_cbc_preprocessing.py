"""CBC's preprocessing of integers called a plan the best that costs 0.05 % too much, and another instance infeasible.

Found by tests/benchmarks/differential.py, seeds 800664 and 800134.
"""

from pathlib import Path

import pytest

import planner

CASES = [("cbc-dearer-by-preprocessing", None), ("cbc-none-by-preprocessing", "p1")]


@pytest.mark.parametrize(("name", "policy"), CASES)
def test_cbc_finds_what_highs_finds(name, policy):
    instance = planner.load_instance(Path(__file__).parent / f"{name}.yaml")
    own = planner.solve(instance, policy)
    assert planner.solve(instance, policy, solver="cbc").objective == pytest.approx(own.objective, rel=1e-6)
