"""An instance without a plan in which no figure of a table or policy can be loosened: it has a conflict and no repair.

The search for repairs ended with an error of indices.
"""

import pytest

import planner


def test_only_a_row_of_your_own_is_in_the_way():
    program = planner.formulate(
        {
            "name": "free",
            "sites": [{"site": "a", "region": "A"}],
            "items": [{"item": "x", "stage": "make"}],
            "processes": [{"site": "a", "item": "x", "unit_cost": 1}],
            "customers": [{"customer": "c", "region": "A"}],
            "demand": [{"customer": "c", "item": "x", "quantity": 5, "price": 50}],
            "lanes": [{"from": "a", "to": "c"}],
        }
    )
    program.problem += program.ship["a", "c", "x", "1"] >= 9, "our own"
    with pytest.raises(planner.InfeasibleError) as found:
        planner.solve(program)
    assert any("our own" in line for line in found.value.conflict)
    assert found.value.repair == []


def test_a_minimum_stock_as_large_as_the_maximum_gives_way():
    """5 must be kept in each period, no more and no less; 3 are there, and what is made comes a period later.

    It was taken for a figure that a strike has fixed, so that neither conflict nor repair named it.
    """
    instance = planner.load_instance(
        {
            "name": "just",
            "periods": ["1", "2"],
            "sites": [{"site": "a", "region": "A"}],
            "items": [{"item": "x", "stage": "make"}],
            "processes": [{"site": "a", "item": "x", "unit_cost": 1, "lead_time": 1}],
            "customers": [{"customer": "c", "region": "A"}],
            "demand": [{"customer": "c", "item": "x", "quantity": 10, "price": 100}],
            "lanes": [{"from": "a", "to": "c"}],
            "stocks": [{"site": "a", "item": "x", "opening": 3, "minimum": 5, "maximum": 5}],
        }
    )
    with pytest.raises(planner.InfeasibleError) as found:
        planner.solve(instance)
    assert any("At least 5 x must be kept at a" in line for line in found.value.conflict)
    assert {repair["text"]: repair["cost"] for repair in found.value.repair} == {
        "lower the minimum stock of x at a from 5 to 3": 10 + 1000,
        "raise the opening stock of x at a from 3 to 5": 10 + 1000,
    }
