"""Orders that come before anything can arrive, and none later: they were said to be reached never, and nothing was planned.

A lane of one period brings what is made in P1 in P2. Four ordered in P1 alone are lost, as they are beside an order in P2.
"""

import pytest
import toys

import planner
from planner.network import build_network, gap_problems, reach_problems

LATE = {"periods": ["P1", "P2", "P3"], "lanes": [{"from": "plant", "to": "shop", "lead_time": 1}]}
EARLY = "No chain of lanes and processes brings unit to shop by {}."
LOST, MUST = "{}, so this order will be lost", "{}, but it must be served"


def ordered(*orders, **tables):
    rows = [{"customer": "shop", "item": "unit", "period": period, "quantity": 4, "price": 9, **more} for period, more in orders]  # fmt: skip
    return toys.tiny(**{**LATE, **tables, "demand": rows})


@pytest.mark.parametrize(
    ("orders", "cost", "when"),
    [
        ([("P1", {})], 36, LOST.format("P1")),
        ([("P1", {}), ("P2", {})], 36 + 4, LOST.format("P1")),
        ([("P1", {}), ("P2", {"quantity": 0})], 36, LOST.format("P1")),
        ([("P1", {"late_cost": 1})], 4 + 4, None),
        ([("P1", {"must_serve": 0})], 36, LOST.format("P1")),
    ],
)
def test_an_order_that_comes_too_early_is_lost(orders, cost, when):
    instance = ordered(*orders)
    words = [] if when is None else [("warning", EARLY.format(when))]
    for found in (gap_problems(instance), reach_problems(build_network(instance))):
        assert [(part.severity, part.message) for part in found] == words
    assert planner.solve(instance).objective == cost


def test_an_order_that_comes_too_early_and_must_be_served_has_no_plan():
    instance = ordered(("P1", {"must_serve": 0.5}))
    assert [(part.severity, part.message) for part in gap_problems(instance)] == [("error", EARLY.format(MUST.format("P1")))]  # fmt: skip
    with pytest.raises(planner.InstanceError, match="brings unit to shop by P1, but it must be served"):
        planner.solve(instance)


def test_what_comes_within_no_planned_period_comes_never():
    far = [*toys.TINY["customers"], {"customer": "far", "region": "TW"}]
    order = {"customer": "far", "item": "unit", "period": "P1", "quantity": 1, "price": 9}
    instance = toys.tiny(**LATE, customers=far, demand=[order])
    with pytest.raises(planner.InstanceError, match="brings unit to far within the planned periods"):
        planner.solve(instance)
