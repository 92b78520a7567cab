"""How far prices of limits hold: an end at a share of nothing is 0, and of a buffer nothing is said that is not so.

Each of three periods takes 10 units, made at 1 in `a` (A) or at 3 in `b`; a unit kept for a period costs 1.
"""

import pytest

import planner
from planner.plan.price_checks import with_ranges


def checked(policy):
    """The rows of the limit among the choke points, and their checks."""
    instance = planner.load_instance(
        {
            "name": "shares",
            "periods": ["P1", "P2", "P3"],
            "sites": [{"site": "a", "region": "A"}, {"site": "b", "region": "B"}],
            "items": [{"item": "u", "stage": "make", "holding_cost": 1}],
            "processes": [{"site": "a", "item": "u", "unit_cost": 1}, {"site": "b", "item": "u", "unit_cost": 3}],
            "customers": [{"customer": "c", "region": "A"}],
            "lanes": [{"from": "a", "to": "c"}, {"from": "b", "to": "c"}],
            "demand": [{"customer": "c", "item": "u", "quantity": 10, "price": 20}],
            "policies": [{"name": "p", **policy}],
        }
    )
    plan = planner.solve(instance, "p")
    found = with_ranges(plan.choke_points, planner.formulate(instance, "p"), plan.values)
    return [table[table["kind"] == "limit"] if "kind" in table else table for table in found]


@pytest.mark.parametrize("most", [0.4, 0.7, 0.9])
def test_an_end_at_nothing_is_nothing(most):
    limit = {"name": "l", "measure": "stage", "stage": "make", "of": "A", "max_share": most, "per": "horizon"}
    table, _ = checked({"limits": [limit]})
    assert table["shadow_price"].tolist() == [pytest.approx(2)]
    assert table["valid_from"].tolist() == [0.0]  # not 1.7e-16
    assert table["valid_to"].tolist() == [pytest.approx(1)]


def test_of_a_buffer_it_is_not_said_that_nothing_can_be_made():
    table, checks = checked({"buffers": [{"items": ["u"], "periods_of_cover": 0.5}]})
    assert table["shadow_price"].tolist() == [pytest.approx(price) for price in (-1, -1, -2)]
    for reason in checks["reason"]:
        assert reason.startswith("not determined: how far it holds is not looked for of a buffer")
