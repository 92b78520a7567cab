"""A frozen zone in which the earlier plan buys an option: where the instance has it no more, it is refused, or said.

What was bought was left out of the rows of the zone in silence, so the zone stayed only in name.
"""

import pytest

import planner
from planner.plan.closeness import Closeness, changes_in_zone

MAPPING = {
    "name": "grow",
    "periods": ["1", "2"],
    "sites": [{"site": "s", "region": "A"}],
    "items": [{"item": "i", "stage": "k"}],
    "processes": [{"site": "s", "item": "i", "unit_cost": 1}],
    "capacities": [{"site": "s", "capacity": 4}],
    "expansions": [{"option": "line", "site": "s", "period": "2", "lead_time": 1, "capacity": 8, "unit_cost": 1}],
    "customers": [{"customer": "c", "region": "A"}],
    "lanes": [{"from": "s", "to": "c"}],
    "demand": [{"customer": "c", "item": "i", "period": "2", "quantity": 8, "price": 20}],
    "stock": "listed",
}


@pytest.fixture(scope="module")
def before():
    return planner.solve(planner.load_instance(MAPPING))


@pytest.fixture(scope="module")
def without():
    return planner.load_instance({**MAPPING, "expansions": []})


def test_an_option_that_is_gone_is_refused_by_name(before, without):
    assert before.expansions["share"].tolist() == [0.5]
    with pytest.raises(planner.UsageError, match=r"option line can no longer be decided.*--break-cost"):
        planner.solve(without, stay_close_to=Closeness(before, "1"))
    with pytest.raises(planner.InfeasibleError, match="keeps make s i"):  # it is decided in 1, so no part of this zone
        planner.solve(without, stay_close_to=Closeness(before, "2"))


def test_at_a_price_it_is_said_to_be_gone(before, without):
    zone = Closeness(before, "1", break_cost=2.0)
    broken = changes_in_zone(planner.solve(without, stay_close_to=zone), zone)
    assert broken[["kind", "label", "period", "planned", "decided"]].to_numpy().tolist() == [
        ["bought", "line", "1", 0.5, 0.0]
    ]
