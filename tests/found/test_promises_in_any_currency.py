"""What a promise costs, where nobody says, is told from the prices and costs given, in whatever money they stand.

It was 2 at least: 2 dollars where money is in dollars, and 2 million a unit where it is in millions.
"""

from functools import cache
from pathlib import Path

import pytest
import toys

import planner
from planner.network.recourse import Recourse

CANNING = planner.load_instance(Path(__file__).parents[2] / "instances" / "canning")
GROWTH = CANNING.scenario("growth").model_copy(update={"probability": 0.5})


def in_money(instance, by):
    """An instance without orders' prices, with its freight and options in another money."""

    def dearer(rows):
        return [row.model_copy(update={"unit_cost": by * row.unit_cost}) for row in rows]

    return instance.replace(lanes=dearer(instance.lanes), expansions=dearer(instance.expansions))


@cache
def answers(instance):
    return planner.stress(instance, "seattle-half", "balanced").table, planner.two_stage(instance, scenarios=GROWTH)


@pytest.mark.parametrize("by", [1e3, 1e-3])
def test_a_strike_and_a_two_stage_plan_where_no_order_has_a_price(by):
    same, other = answers(CANNING), answers(in_money(CANNING, by))
    for name in ("loss", "broken_promises"):
        assert other[0][name][0] == pytest.approx(by * same[0][name][0])
    for name in ("value", "vss", "evpi"):
        assert getattr(other[1], name) == pytest.approx(by * getattr(same[1], name))


@pytest.mark.parametrize("by", [1.0, 1e3, 1e-6])
def test_the_price_of_a_promise_is_twice_the_largest_price(by):
    priced = {"customer": "shop", "item": "unit", "quantity": 10, "price": 100 * by}
    assert Recourse.of(toys.tiny(demand=[priced])).price == pytest.approx(200 * by)


def test_where_nothing_costs_anything():
    free = {"customer": "shop", "item": "unit", "quantity": 10, "price": 0}
    assert Recourse.of(toys.tiny(demand=[free])).price == 2.0


def test_a_curve_is_drawn_as_closely():
    """In millions of the same money its bends were missed: straight lines might err by a millionth of 1."""
    curves = [
        planner.frontier(each, "balanced", "any-region", planner.Levels(stop=0.5))
        for each in (CANNING, in_money(CANNING, 1e-6))
    ]
    same, other = (curve.points["level"].tolist() for curve in curves)
    assert other == same
    assert pytest.approx(11 / 18) in other  # where the option is bought first
