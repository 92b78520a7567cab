"""What orders need is found in one pass over the items, however many ways lead through the bill of materials.

Each of forty stages takes both items of the one before: a million million ways. Policies with a buffer, and the
explanation of why no plan exists, walked every one of them.
"""

import itertools

import pytest
import toys

import planner
from planner.network.buffers import units_needed
from planner.network.needed import _products_first

STAGES = 40


def diamonds(**tables):
    """Two items a stage, each of half a unit of both items of the stage before; the last is ordered once a period."""
    items = [f"{side}{number:02}" for number in range(STAGES) for side in "ab"]
    bill = [
        {"item": f"{side}{number:02}", "component": f"{part}{number - 1:02}", "quantity": 0.5}
        for number in range(1, STAGES)
        for side in "ab"
        for part in "ab"
    ]
    return toys.tiny(
        items=[{"item": item, "stage": "make"} for item in items],
        processes=[{"site": "plant", "item": item} for item in items],
        components=bill,
        demand=[{"customer": "shop", "item": items[-1], "quantity": 8, "price": 1, "must_serve": 1}],
        **tables,
    )


def test_a_buffer_behind_them():
    """A unit takes half a unit of each item of every stage before, so a period of cover is 4 of the first."""
    instance = diamonds(
        policies=[{"name": "stocked", "buffers": [{"items": ["a00"], "periods_of_cover": 1}]}],
        stocks=[{"site": "plant", "item": "a00", "opening": 4}],
    )
    plan = planner.solve(instance, "stocked")
    assert plan.stock.loc[plan.stock["item"] == "a00", "quantity"].tolist() == pytest.approx(
        [4.0] * len(instance.periods)
    )
    assert units_needed(instance)["b39", "a00"] == pytest.approx(0.5)


def test_no_plan_behind_them():
    instance = diamonds(capacities=[{"site": "plant", "capacity": 1}])
    with pytest.raises(planner.InfeasibleError) as caught:
        planner.solve(instance)
    assert any(line.startswith("The resource plant has 1") for line in caught.value.conflict)


def test_a_chain_of_any_length():
    """Each item goes into the next one; a policy or process with a least number walked it by recursion."""
    items = [f"i{number:04}" for number in range(3000)]
    users = {item: [(user, 1.0, 1.0)] for item, user in itertools.pairwise(items)}
    assert _products_first(users, items) == items[::-1]
