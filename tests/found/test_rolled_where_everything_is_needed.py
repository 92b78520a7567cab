"""Rolled on, a plan that needs all there is has a rest: nothing is missing for the digits that its tables leave out.

A share of 10/21 of an option was carried as 0.476190476, and orders that must be served were a thousandth of a unit short.
"""

import pytest
import toys

import planner

QUARTERS = {"first": "2027Q1", "count": 3, "length": "quarter"}
THIRD = 1 / 3


def plant(**tables):
    """One plant that makes 70 % good units, for orders of a million a quarter that must be served."""
    return toys.tiny(
        **{
            "periods": QUARTERS,
            "processes": [{"site": "plant", "item": "unit", "yield": 0.7, "unit_cost": 1}],
            "demand": [{"customer": "shop", "item": "unit", "quantity": 1e6}],
            **tables,
        }
    )


def bought_in_part():
    line = {"option": "line", "site": "plant", "period": "2027Q1", "capacity": 3e6, "unit_cost": 2}
    return plant(capacities=[{"site": "plant", "capacity": 0}], expansions=[line]), None


def owed_and_no_more_than_that():
    """Half of what is ordered first is made first; the rest is late, of stock that was made with it."""
    items = [{"item": name, "stage": name, "value": 10} for name in ("die", "unit")]
    return (
        plant(
            stages=["die", "unit"],
            items=items,
            components=[{"item": "unit", "component": "die", "quantity": 1}],
            processes=[
                {"site": "plant", "item": "die", "yield": 0.9, "resource": "fab"},
                {"site": "plant", "item": "unit", "yield": 0.7, "resource": "pack"},
            ],
            capacities=[
                {"site": "plant", "resource": "fab", "period": "2027Q1", "capacity": 1e6 / 0.63},
                {"site": "plant", "resource": "fab", "period": "2027Q2..", "capacity": 0},
                {"site": "plant", "resource": "pack", "period": "2027Q1", "capacity": 1e6 * THIRD},
                {"site": "plant", "resource": "pack", "period": "2027Q2..", "capacity": 1e7},
            ],
            stock="anywhere",
            demand=[
                {"customer": "shop", "item": "unit", "quantity": 1e6, "period": "2027Q1", "late_cost": 1, "price": 9}
            ],
        ),
        None,
    )


def a_commitment():
    deal = {"commitment": "deal", "site": "plant", "item": "unit", "minimum": 2e6, "period": "2027Q1..2027Q2"}
    order = {"customer": "shop", "item": "unit"}
    orders = [
        {**order, "quantity": 1e6 * THIRD, "period": "2027Q1"},
        {**order, "quantity": 2e6 - 1e6 * THIRD, "period": "2027Q2"},
    ]
    return plant(commitments=[deal], demand=orders, stock="listed"), None


def half_of_each(of, **limit):
    """Two plants that can make just what is ordered, and a limit over the horizon that lets them."""
    given = {"stage": "make", "of": of, "per": "horizon", **limit}
    first = {"site": "east", "capacity": 2e6 * THIRD}
    return (
        toys.two_plants(
            periods=QUARTERS,
            capacities=[first, {"site": "west", "capacity": 1e6 * THIRD}],
            demand=[{"customer": "shop", "item": "unit", "quantity": 1e6 * (1 - 1e-12)}],
        ),
        toys.policy(given),
    )


def a_cap():
    return half_of_each("TW", max_share=2 * THIRD)


def a_floor():
    return half_of_each("TW", measure="pathway", stage=None, min_free=THIRD * (1 - 1e-12))


def components_that_cannot_be_kept():
    """Dies and memory that arrive for the same work: a rest of either has no place."""
    names = {"die": 2, "memory": 8}
    return (
        toys.tiny(
            periods={**QUARTERS, "count": 4},
            stock="listed",
            stages=[*names, "unit"],
            sites=[{"site": site, "region": "TW"} for site in (*names, "plant")],
            items=[{"item": item, "stage": item, "value": 1} for item in (*names, "unit")],
            components=[{"item": "unit", "component": part, "quantity": units} for part, units in names.items()],
            processes=[
                *({"site": part, "item": part, "yield": 0.9, "unit_cost": 1} for part in names),
                {"site": "plant", "item": "unit", "yield": 0.7, "unit_cost": 1},
            ],
            lanes=[*({"from": part, "to": "plant", "lead_time": 1} for part in names), {"from": "plant", "to": "shop"}],
            demand=[{"customer": "shop", "item": "unit", "quantity": 1234567, "period": "2027Q2.."}],
        ),
        None,
    )


@pytest.mark.parametrize(
    "given",
    [bought_in_part, owed_and_no_more_than_that, a_commitment, a_cap, a_floor, components_that_cannot_be_kept],
    ids=lambda part: part.__name__,
)
def test_there_is_a_rest_and_it_costs_what_the_plan_said(given):
    instance, policy = given()
    plan = planner.solve(instance, policy)
    first = planner.roll(plan, "2027Q2")
    once = planner.solve(first.instance, policy)
    for rolled in (first, planner.roll(plan, "2027Q3"), planner.roll(once, "2027Q3")):
        rest = planner.solve(rolled.instance, policy)
        assert rest.objective == pytest.approx(rolled.tail_cost, rel=1e-7, abs=1e-6 * abs(plan.objective))
