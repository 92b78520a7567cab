"""A stock that is promised where the item can never be: no plan, said in the rule's words, and not a promise forgotten."""

import pytest
import toys

import planner


def promised(**stock):
    mapping = toys.tiny().as_mapping()
    shed = {"site": "shed", "region": "US"}
    return planner.load_instance(
        {**mapping, "sites": [*mapping["sites"], shed], "stocks": [{"site": "shed", "item": "unit", **stock}]}
    )


@pytest.mark.parametrize("promise", ["minimum", "closing_minimum"])
def test_no_plan_keeps_what_cannot_be_there(promise):
    with pytest.raises(planner.InfeasibleError) as caught:
        planner.solve(promised(**{promise: 3}))
    assert caught.value.conflict == ["At least 3 unit must be kept at shed in 1."]
    assert any(part["text"].startswith("lower the ") for part in caught.value.repair)


def test_what_was_there_is_kept():
    plan = planner.solve(promised(opening=5, closing_minimum=3))
    assert plan.status == "optimal"
    assert plan.stock.set_index("site").loc["shed", "quantity"] == 5


def test_a_scenario_that_takes_the_stock_leaves_the_promise():
    instance = promised(opening=5, closing_minimum=3)
    gone = toys.scenario({"change": "stock", "where": {"site": "shed"}, "factor": 0})
    with pytest.raises(planner.InfeasibleError):
        planner.solve(instance, scenario=gone)
