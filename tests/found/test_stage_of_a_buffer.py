"""A buffer of items of several stages is a choke point at each item's own stage."""

import toys

import planner
from planner.instance.policy import Policy


def test_each_item_of_a_buffer_has_its_own_stage():
    held = {"items": ["chip", "die", "hbm"], "periods_of_cover": 0.5, "soft_cost": 1.0}
    plan = planner.solve(toys.toy(), policy=Policy.model_validate({"name": "held", "buffers": [held]}))
    points = plan.choke_points[plan.choke_points["kind"] == "limit"]
    assert dict(zip(points["name"], points["stage"], strict=True)) == {
        "buffer-1 (chip)": "test",
        "buffer-1 (die)": "wafer",
        "buffer-1 (hbm)": "memory",
    }
