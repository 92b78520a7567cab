"""A run in which the price of a buffer turns: both sides are below 0, and `verify` accepts them as they are.

The tolerance was taken as a part of the figure, which has the wrong sign below 0. 5 are ordered and 5 kept, which is all
that `a` makes at 1 and what stands at `b`, which makes at 5: one more that must be kept costs 5, one less saves 1.
"""

import pytest

import planner
from planner.plan.proof.claims import Claims
from planner.plan.proof.verify import verify


@pytest.mark.parametrize("stock", [0, 2])
def test_both_sides_of_a_buffer(stock):
    instance = planner.load_instance(
        {
            "name": "buffer",
            "sites": [{"site": "a", "region": "A"}, {"site": "b", "region": "B"}],
            "items": [{"item": "x", "stage": "make"}],
            "processes": [{"site": "a", "item": "x", "unit_cost": 1}, {"site": "b", "item": "x", "unit_cost": 5}],
            "capacities": [{"site": "a", "capacity": 10 - stock}],
            "stocks": [{"site": "b", "item": "x", "opening": stock}],
            "customers": [{"customer": "c", "region": "A"}],
            "demand": [{"customer": "c", "item": "x", "quantity": 5, "price": 50}],
            "lanes": [{"from": "a", "to": "c"}, {"from": "b", "to": "c"}],
            "policies": [{"name": "p", "buffers": [{"items": ["x"], "periods_of_cover": 1}]}],
        }
    )
    plan = planner.solve(instance, "p")
    assert plan.objective == pytest.approx(10 - stock)
    sides = plan.tables["price_sides"].set_index("kind").loc["limit"]
    assert (sides["shadow_price"], sides["one_less_costs"]) == pytest.approx((-5, -1))
    verdict = verify(Claims.of(plan))
    assert verdict.holds, verdict.findings
