"""What is decided early, side by side: in which unit each figure is counted."""

import pytest
import toys

from planner.study.two_stage.first_stage_decisions import early_decisions


def test_a_commitment_counts_in_units_of_its_item_or_in_those_of_its_resource():
    """10 good units in P1 of 20 started at yield 0.5; each start takes 3 hours of the line and 2 of a bench a period."""
    instance = toys.two_plants(
        periods=["P1"],
        processes=[
            {"site": "east", "item": "unit", "unit_cost": 1, "yield": 0.5, "capacity_use": 3},
            {"site": "west", "item": "part", "unit_cost": 1, "capacity_use": 2, "resource": "bench"},
        ],
        items=[{"item": "unit", "stage": "make"}, {"item": "part", "stage": "parts"}],
        components=[{"item": "unit", "component": "part", "quantity": 1}],
        lanes=[{"from": "west", "to": "east"}, {"from": "east", "to": "shop"}],
        capacities=[
            {"site": "east", "capacity": 100, "unit": "hours"},
            {"site": "west", "resource": "bench", "capacity": 100},
        ],
        commitments=[
            {"commitment": "good", "site": "east", "item": "unit", "minimum": 1},
            {"commitment": "line", "site": "east", "minimum": 1},
            {"commitment": "bench", "site": "west", "resource": "bench", "minimum": 1},
        ],
    )
    table = early_decisions(instance, [], {"plan": toys.solve(instance).tables})
    rows = table[table["kind"] == "commitment"].set_index("name")
    assert rows["unit"].to_dict() == {"good": "units", "line": "hours", "bench": "resource units"}
    assert rows["plan"].to_dict() == pytest.approx({"good": 10, "line": 60, "bench": 40})
