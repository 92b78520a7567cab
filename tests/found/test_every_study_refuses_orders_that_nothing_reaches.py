"""An order that no chain of lanes can ever bring is a mistake in the data: whatever is asked of it is refused.

Strikes, times to survive and two-stage plans answered all the same, with the order lost, where `planner solve` and
`what_if` refused (oracle, crossed 90012).
"""

import pytest

import planner

MAPPING = {
    "name": "cut-off",
    "periods": ["P1", "P2"],
    "sites": [{"site": "plant", "region": "A"}],
    "items": [{"item": "good", "stage": "make"}],
    "processes": [{"site": "plant", "item": "good", "unit_cost": 1}],
    "customers": [{"customer": "near", "region": "A"}, {"customer": "far", "region": "B"}],
    "demand": [
        {"customer": "near", "item": "good", "quantity": 4, "price": 9, "lost_cost": 9},
        {"customer": "far", "item": "good", "quantity": 3, "price": 9, "lost_cost": 9},
    ],
    "lanes": [{"from": "plant", "to": "near"}],
    "scenarios": [
        {
            "name": "out",
            "probability": 0.5,
            "surprise": True,
            "changes": [{"change": "outage", "where": {"site": "plant"}, "period": "P2"}],
        }
    ],
}
SWEEP = {
    "name": "orders",
    "mode": "sample",
    "samples": 2,
    "seed": 1,
    "factors": [{"name": "more", "change": "demand", "factor": {"uniform": [1, 2]}}],
}
QUESTIONS = {
    "solve": planner.solve,
    "what_if": lambda instance: planner.what_if(instance, ["out"]),
    "stress": lambda instance: planner.stress(instance, "out"),
    "time_to_survive": lambda instance: planner.time_to_survive(instance, over=["site"]),
    "two_stage": planner.two_stage,
    "sweep": lambda instance: planner.sweep(instance, SWEEP),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_it_is_refused(name):
    instance = planner.load_instance(MAPPING)
    with pytest.raises(planner.InstanceError, match="No chain of lanes and processes brings good to far"):
        QUESTIONS[name](instance)
