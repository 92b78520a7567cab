"""A buffer takes the orders of a period through that period's yields, so a roll leaves what it asks for as it was."""

import pytest
import toys

import planner
from planner.network.buffers import orders_take

P4 = ["P1", "P2", "P3", "P4"]
POLICY = {"name": "held", "buffers": [{"items": ["die"], "periods_of_cover": 1}]}


def ramp(**tables):
    """10 chips are ordered a period; a die is half a good chip in P1 and P2, and a whole one from P3 on."""
    making = {"site": "plant", "item": "chip", "unit_cost": 1}
    given = {
        "periods": P4,
        "items": [{"item": "die", "stage": "fab", "holding_cost": 1}, {"item": "chip", "stage": "pack"}],
        "processes": [
            {"site": "plant", "item": "die", "unit_cost": 2, "resource": "fab"},
            {**making, "period": "..P2", "yield": 0.5},
            {**making, "period": "P3..", "yield": 1},
        ],
        "components": [{"item": "chip", "component": "die", "quantity": 1}],
        "capacities": [],
        "lanes": [{"from": "plant", "to": "shop", "unit_cost": 0}],
        "demand": [{"customer": "shop", "item": "chip", "quantity": 10, "price": 100}],
        "policies": [POLICY],
    }
    return toys.tiny(**{**given, **tables})


def held(plan):
    return plan.stock.set_index(["item", "period"])["quantity"].to_dict()


def test_each_period_at_its_own_yield():
    """The end of P1 covers the 10 of P2, which take 20; later ones take 10."""
    plan = planner.solve(ramp(), "held")
    assert held(plan) == {("die", "P1"): 20, ("die", "P2"): 10, ("die", "P3"): 10, ("die", "P4"): 10}


@pytest.mark.parametrize("to", P4[1:])
def test_the_rest_of_a_plan_is_the_plan_of_the_rest(to):
    """Yields fall: what has passed was better, and the buffer of what is left asks for no more because of that."""
    making = {"site": "plant", "item": "chip", "unit_cost": 1}
    fab = {"site": "plant", "item": "die", "unit_cost": 2, "resource": "fab"}
    falling = [fab, {**making, "period": "..P2", "yield": 1}, {**making, "period": "P3..", "yield": 0.5}]
    plan = planner.solve(ramp(processes=falling), "held")
    rolled = planner.roll(plan, to)
    assert planner.solve(rolled.instance, "held").objective == pytest.approx(rolled.tail_cost, rel=1e-9)


def test_where_nothing_can_start_nothing_is_taken():
    """Chips are qualified from P3 on, so the orders of P2 take no dies, and P1 holds none for them."""
    late = [
        {"site": "plant", "item": "die", "resource": "fab"},
        {"site": "plant", "item": "chip", "period": "P3..", "yield": 0.8},
    ]
    instance = ramp(processes=late)
    orders = toys.program(instance).network.orders
    assert orders_take(instance, ["die"], orders)["die"].tolist() == [0, 0, 12.5, 12.5]
    assert orders_take(instance, ["chip"], orders)["chip"].tolist() == [10, 10, 10, 10]
