"""The figures in the README of instances/canning, which the tour of the product leans on."""

from pathlib import Path

import pytest

import planner

CANNING = Path(__file__).parents[2] / "instances" / "canning"
COSTS = {
    (None, None): 153.675,
    (None, "growth"): 169.8425,
    (None, "chicago-road-closed"): 156.375,
    ("balanced", None): 154.775,
    ("balanced", "growth"): 170.9525,
    ("balanced", "chicago-road-closed"): 160.355,
}


@pytest.mark.parametrize(("policy", "scenario"), COSTS)
def test_cost(policy, scenario):
    plan = planner.solve(planner.load_instance(CANNING), policy=policy, scenario=scenario)
    assert plan.status == "optimal"
    assert plan.certificate.passed is True
    assert plan.objective == pytest.approx(COSTS[policy, scenario], rel=1e-6)


def test_share_of_a_region():
    plan = planner.solve(planner.load_instance(CANNING), policy="balanced")
    made = plan.production.groupby("region")["finished"].sum()
    assert made["SW"] / made.sum() == pytest.approx(0.55, rel=1e-6)


@pytest.mark.parametrize("policy", [None, "balanced"])
def test_half_of_seattle_is_not_enough(policy):
    with pytest.raises(planner.InfeasibleError) as caught:
        planner.solve(planner.load_instance(CANNING), policy=policy, scenario="seattle-half")
    assert caught.value.conflict
