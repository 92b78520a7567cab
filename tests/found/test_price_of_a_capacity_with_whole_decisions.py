"""The price of a capacity beside lots and sources: what one unit more saves, as if their rows grew with it.

With the decisions of 0 or 1 held, "at most what the capacity allows" stood as a figure of its own, so that a capacity
that binds was worth nothing on one side. 10 are ordered, worth 50; `a` makes 6 at 1 (found with lots and sources in
instances of tests/oracle/crossed.py).
"""

import pytest

import planner
from planner.plan.price_checks import with_ranges

LOT = {"site": "a", "item": "x", "unit_cost": 1, "min_lot": 2}
AT_FIVE, TOO_DEAR = ({"site": "b", "item": "x", "unit_cost": cost} for cost in (5, 60))
CASES = {  # processes, sources, what one unit more saves, up to which capacity
    "a lot": ([LOT, AT_FIVE], [], 4, 10),
    "a source": (
        [{**LOT, "min_lot": 0}, AT_FIVE],
        [{"stage": "make", "max_sources": 2, "min_share_if_used": 0.2}],
        4,
        8,
    ),
    "beside no source": ([{**LOT, "min_lot": 0}, TOO_DEAR], [{"stage": "make", "min_share_if_used": 0.5}], 49, 10),
}


@pytest.mark.parametrize(("processes", "sources", "price", "end"), CASES.values(), ids=CASES)
def test_it_is_what_one_unit_more_saves_and_one_less_costs(processes, sources, price, end):
    instance = planner.load_instance(
        {
            "name": "held",
            "sites": [{"site": "a", "region": "A"}, {"site": "b", "region": "B"}],
            "items": [{"item": "x", "stage": "make"}],
            "processes": processes,
            "capacities": [{"site": "a", "capacity": 6}],
            "customers": [{"customer": "c", "region": "A"}],
            "demand": [{"customer": "c", "item": "x", "quantity": 10, "price": 50}],
            "lanes": [{"from": "a", "to": "c"}, {"from": "b", "to": "c"}],
            "policies": [{"name": "p", "sources": sources}],
        }
    )
    plan = planner.solve(instance, "p")
    assert plan.choke_points["shadow_price"].tolist() == pytest.approx([price])
    assert plan.tables["price_sides"].empty
    table, checks = with_ranges(plan.choke_points, planner.formulate(instance, "p"), plan.values)
    assert table["shadow_price"].tolist() == pytest.approx([price])
    assert table["valid_to"].tolist() == pytest.approx([end])
    assert checks["verified"].all()
