"""An integer program that falls without end is told before a solver is asked that would look for the end for ever."""

from pathlib import Path

import pytest

import planner

INSTANCE = Path(__file__).with_name("unbounded-for-ever.yaml")


def dies_that_earn(capacities, *, must_serve):
    """Dies earn 1 each; chips are made of them in lots of 9."""
    return planner.load_instance(
        {
            "name": "dies-that-earn",
            "sites": [{"site": "plant", "region": "A"}],
            "items": [{"item": "die", "stage": "fab"}, {"item": "chip", "stage": "pack"}],
            "processes": [
                {"site": "plant", "item": "die", "unit_cost": -1, "resource": "fab"},
                {"site": "plant", "item": "chip", "unit_cost": 3, "min_lot": 9, "resource": "line"},
            ],
            "components": [{"item": "chip", "component": "die", "quantity": 1}],
            "capacities": [{"site": "plant", **row} for row in capacities],
            "customers": [{"customer": "shop", "region": "A"}],
            "demand": [{"customer": "shop", "item": "chip", "quantity": 20, "price": 100, "must_serve": must_serve}],
            "lanes": [{"from": "plant", "to": "shop"}],
        }
    )


@pytest.mark.parametrize("solver", ["scip", "cbc"])
def test_a_cost_without_end_is_unbounded(solver):
    with pytest.raises(planner.UnboundedError, match="without end"):
        planner.solve(INSTANCE, scenario="w0", solver=solver, time_limit=60)


def test_one_that_has_no_plan_is_infeasible():
    """The line cannot start a whole lot, and all must be served: no plan, however much the dies would earn."""
    with pytest.raises(planner.InfeasibleError):
        planner.solve(dies_that_earn([{"resource": "line", "capacity": 5}], must_serve=1), solver="scip")


def test_a_cost_that_can_fall_but_has_an_end_is_solved():
    """Only 50 dies can be made: 20 become chips at 3 each, and 50 earn 1."""
    few = dies_that_earn([{"resource": "fab", "capacity": 50}], must_serve=0)
    assert planner.solve(few, solver="scip").objective == pytest.approx(20 * 3 - 50, rel=1e-6)
