"""A limit of 0 on what is re-sourced has the earlier plan itself, though its tables round a full capacity up.

Found by instance crossed 1002 of tests/oracle: two thirds of a hundred thousand units, in nine digits, are 3e-5 units
more than the site can make, and no plan was found.
"""

import pytest

import planner
from planner.plan.closeness import Closeness

FULL = 200_000 / 3  # 66666.6667 in nine digits


@pytest.fixture(scope="module")
def instance():
    return planner.load_instance(
        {
            "name": "full",
            "sites": [{"site": "s", "region": "A"}, {"site": "u", "region": "B"}],
            "items": [{"item": "i", "stage": "k"}],
            "processes": [
                {"site": "s", "item": "i", "unit_cost": 2, "yield": 0.7},
                {"site": "u", "item": "i", "unit_cost": 1},
            ],
            "capacities": [{"site": "s", "capacity": FULL}, {"site": "u", "capacity": FULL}],
            "customers": [{"customer": "c", "region": "A"}],
            "lanes": [{"from": "region:A", "to": "c"}, {"from": "region:B", "to": "c"}],
            "demand": [{"customer": "c", "item": "i", "quantity": 200_000, "price": 10}],
        }
    )


def test_the_earlier_plan_is_a_plan(instance):
    before = planner.solve(instance)
    assert before.production.set_index("site").loc["u", "finished"] > FULL  # rounded up
    after = planner.solve(instance, stay_close_to=Closeness(before, most_resourced=0.0))
    assert after.objective == pytest.approx(before.objective, rel=1e-9)


def test_a_change_beyond_the_digits_is_re_sourcing(instance):
    before = planner.solve(instance)
    scenario = {"name": "less", "changes": [{"change": "capacity", "where": {"site": "u"}, "factor": 0.999}]}
    mapping = {**instance.as_mapping(), "scenarios": [scenario]}
    changed = planner.load_instance(mapping)
    with pytest.raises(planner.InfeasibleError):
        planner.solve(changed, scenario="less", stay_close_to=Closeness(before, most_resourced=0.0))
    planner.solve(changed, scenario="less", stay_close_to=Closeness(before, most_resourced=FULL * 0.0011))
