"""What must be served and has no price is dropped after a strike only where it can no longer be served.

A promise broke at 2 a unit where no order has a price, whatever the currency: with costs in thousands an order was kept
that was dropped in units. It broke at twice what serving costs undisturbed where only the strike made serving dear.
"""

import pytest
from portions import portion

import planner


def struck(scale=1.0, **change):
    mapping = {
        "name": "must",
        "sites": [{"site": "near", "region": "A"}, {"site": "far", "region": "B"}],
        "items": [{"item": "i", "stage": "k"}, {"item": "part", "stage": "j"}],
        "components": [{"item": "i", "component": "part", "quantity": 2}],
        "processes": [
            {"site": "near", "item": "i", "unit_cost": scale},
            {"site": "far", "item": "i", "unit_cost": scale, "yield": 0.5},
            {"site": "near", "item": "part", "resource": "parts"},
            {"site": "far", "item": "part", "resource": "parts", "unit_cost": 10 * scale},
        ],
        "customers": [{"customer": "c", "region": "A"}],
        "lanes": [
            {"from": site, "to": "c", "item": "i", "unit_cost": cost * scale}
            for site, cost in (("near", 1), ("far", 3))
        ],
        "demand": [{"customer": "c", "item": "i", "quantity": 5}],
        "capacities": [{"site": "near", "capacity": 5}, {"site": "far", "capacity": 6}],
    }
    instance = planner.load_instance({**mapping, "scenarios": [{"name": "s", "changes": [change]}]})
    return planner.stress(instance).runs[0]


@pytest.mark.parametrize("scale", portion([0.1, 1000.0, 1.0], quick=2))
def test_what_can_be_served_is_served_in_every_currency(scale):
    """The far site makes 3 of its 6 starts; 2 units are dropped at 2 * (2 * 21 + 3) each."""
    found = struck(scale, change="outage", where={"site": "near"})
    assert found.lost_units == pytest.approx(2)
    assert found.broken == pytest.approx(2 * 90 * scale)
    assert found.loss == pytest.approx((3 * 45 + 2 * 90 - 5 * 2) * scale)


def test_a_strike_that_makes_serving_dear_breaks_no_promise():
    found = struck(change="freight", where={"item": "i"}, factor=1000.0)
    assert found.lost_units == pytest.approx(0, abs=1e-9)
    assert found.loss == pytest.approx(5 * 999)
