"""A stock that is promised where the item can never be: no plan, said in the rule's words, and not a promise forgotten."""

import pytest
import toys

import planner
from planner.network.gaps import gap_problems


def promised(**stock):
    mapping = toys.tiny().as_mapping()
    shed = {"site": "shed", "region": "US"}
    return planner.load_instance(
        {**mapping, "sites": [*mapping["sites"], shed], "stocks": [{"site": "shed", "item": "unit", **stock}]}
    )


@pytest.mark.parametrize("promise", ["minimum", "closing_minimum"])
def test_no_plan_keeps_what_cannot_be_there(promise):
    instance = promised(**{promise: 3})
    (warning,) = gap_problems(instance)
    assert warning.message == "A stock of unit is promised at shed, where none can ever be."
    with pytest.raises(planner.InfeasibleError) as caught:
        planner.solve(instance)
    assert caught.value.conflict == ["At least 3 unit must be kept at shed in 1."]
    assert any(part["text"].startswith("lower the ") for part in caught.value.repair)


def test_what_was_there_is_kept():
    instance = promised(opening=5, closing_minimum=3)
    assert not [problem for problem in gap_problems(instance) if "is promised" in problem.message]
    plan = planner.solve(instance)
    assert plan.status == "optimal"
    assert plan.stock.set_index("site").loc["shed", "quantity"] == 5


def test_a_scenario_that_takes_the_stock_leaves_the_promise():
    instance = promised(opening=5, closing_minimum=3)
    gone = toys.scenario({"change": "stock", "where": {"site": "shed"}, "factor": 0})
    with pytest.raises(planner.InfeasibleError):
        planner.solve(instance, scenario=gone)
