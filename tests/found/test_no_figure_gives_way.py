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
