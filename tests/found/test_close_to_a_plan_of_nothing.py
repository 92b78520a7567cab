"""Staying close to a plan of which no decision is left to compare ended in a ValueError of NumPy."""

import pytest
import toys

import planner

WEEKS = {"periods": ["a", "b"]}


@pytest.mark.parametrize(
    "earlier",
    [
        toys.tiny(demand=[{"customer": "shop", "item": "unit", "quantity": 0, "price": 100}]),  # it makes nothing
        toys.tiny(**WEEKS),  # it makes all of it in other periods
    ],
)
def test_every_plan_is_as_close(earlier):
    instance = toys.tiny()
    plan = planner.solve(instance, stay_close_to=planner.solve(earlier))
    assert plan.objective == planner.solve(instance).objective
