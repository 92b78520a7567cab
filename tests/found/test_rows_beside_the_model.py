"""A row of a user's own is never told as one of an earlier plan, whatever its name; ids stay whole in what is told."""

import pytest

import planner
from planner.plan.closeness import Closeness


def plant(capacity=10.0):
    """One plant whose id has both a hyphen and an underscore, and which can be closed."""
    return planner.load_instance(
        {
            "name": "one",
            "periods": ["P1", "P2"],
            "sites": [{"site": "north_east-1", "region": "A"}],
            "items": [{"item": "i", "stage": "k"}],
            "processes": [{"site": "north_east-1", "item": "i", "unit_cost": 1}],
            "capacities": [{"site": "north_east-1", "capacity": capacity}],
            "customers": [{"customer": "c", "region": "A"}],
            "lanes": [{"from": "north_east-1", "to": "c"}],
            "demand": [{"customer": "c", "item": "i", "quantity": 8, "price": 10}],
        }
    )


@pytest.mark.parametrize("name", ["frozen_budget_of_ours_1", "most_resourced"])
def test_a_row_is_told_by_its_name(name):
    program = planner.formulate(plant())
    program.problem += program.make["north_east-1", "i", "standard", "P1"] >= 11, name
    with pytest.raises(planner.InfeasibleError) as caught:
        planner.solve(program)
    assert f"Your own row {name} must hold." in caught.value.conflict
    assert not any("frozen zone" in line or "earlier plan" in line for line in caught.value.conflict)


def test_ids_stay_whole():
    before = planner.solve(plant())
    with pytest.raises(planner.InfeasibleError) as caught:
        planner.solve(plant(capacity=1), stay_close_to=Closeness(before, freeze="P1"))
    assert "The frozen zone keeps make north_east-1 i standard P1." in caught.value.conflict


def test_a_limit_on_what_is_re_sourced_is_told():
    before = planner.solve(plant())
    with pytest.raises(planner.InfeasibleError) as caught:
        planner.solve(plant(capacity=1), stay_close_to=Closeness(before, most_resourced=2.0))
    assert "No more may be taken from the sites of the earlier plan." in caught.value.conflict
    assert caught.value.conflict[-1] == "More could be taken from them (--most-resourced UNITS)."
    assert not any("own row" in line for line in caught.value.conflict)
