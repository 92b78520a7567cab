"""What is made beyond what orders need may be moved, or used up, where that costs less than keeping it where it was made.

Every cost is counted by hand. A unit of `x` is ordered in each of three periods; keeping anything at `dear` costs 9 a
unit and period, and nothing at `cheap`, to which a lane leads for 2 a unit and from which nothing gets to a customer.
"""

import pytest

import planner
from planner.plan.closeness import Closeness

MAKE_X = {"site": "dear", "item": "x", "unit_cost": 1}
MAKE_PART = {"site": "dear", "item": "part", "unit_cost": 1}
TO_CUSTOMER = {"from": "dear", "to": "c"}
DEAL = [{"commitment": "deal", "site": "dear", "item": "part", "minimum": 10, "period": "1"}]
USES_PART = [{"item": "x", "component": "part", "quantity": 1}]


def instance(**tables):
    mapping = {
        "name": "left-over",
        "periods": ["1", "2", "3"],
        "sites": [{"site": "dear", "region": "TW"}, {"site": "cheap", "region": "US"}, {"site": "far", "region": "US"}],
        "items": [{"item": "part", "stage": "die"}, {"item": "x", "stage": "test"}, {"item": "spare", "stage": "test"}],
        "processes": [MAKE_X, MAKE_PART],
        "customers": [{"customer": "c", "region": "US"}],
        "demand": [{"customer": "c", "item": "x", "quantity": 1}],
        "lanes": [TO_CUSTOMER, {"from": "dear", "to": "cheap", "unit_cost": 2}],
        "stocks": [
            {"site": "dear", "item": "part", "holding_cost": 9},
            {"site": "dear", "item": "x", "holding_cost": 9},
        ],
    }
    return planner.load_instance({**mapping, **tables})


CASES = {
    # 3 of x; 10 parts made for 1 and moved for 2
    "a commitment, moved": ({"commitments": DEAL}, 3 + 10 * (1 + 2)),
    # the parts are made into something that costs nothing to keep
    "a commitment, used up": (
        {
            "commitments": DEAL,
            "lanes": [TO_CUSTOMER],
            "processes": [MAKE_X, MAKE_PART, {"site": "dear", "item": "spare"}],
            "components": [{"item": "spare", "component": "part", "quantity": 1}],
        },
        3 + 10 * 1,
    ),
    # four a period that earn 5 each, and are moved for 2
    "starts that earn": (
        {
            "processes": [MAKE_X, {"site": "dear", "item": "part", "unit_cost": -5, "resource": "line"}],
            "capacities": [{"site": "dear", "resource": "line", "capacity": 4}],
        },
        3 - 3 * 4 * (5 - 2),
    ),
    # ten of x: 3 delivered, 2 kept for one period, 1 for two (9 each), 7 moved
    "a lot": ({"processes": [{**MAKE_X, "min_lot": 10}]}, 10 + 9 * (2 + 1) + 7 * 2),
    # ten parts: the same, and x is made of them
    "a lot of a component": (
        {"processes": [MAKE_X, {**MAKE_PART, "min_lot": 10}], "components": USES_PART},
        3 + 10 + 9 * (2 + 1) + 7 * 2,
    ),
    # seven of x can be made a period for 1; all but those ordered are moved to earn 3
    "a lane that earns": (
        {
            "lanes": [TO_CUSTOMER, {"from": "dear", "to": "cheap", "unit_cost": -3}],
            "processes": [MAKE_X],
            "capacities": [{"site": "dear", "capacity": 7}],
            "stocks": [],
        },
        3 * 7 - 3 * 6 * 3,
    ),
}


@pytest.mark.parametrize(("tables", "cost"), CASES.values(), ids=CASES)
def test_it_is_kept_where_that_costs_least(tables, cost):
    plan = planner.solve(instance(**tables))
    assert plan.objective == pytest.approx(cost)
    assert plan.certificate.passed


def test_what_a_limit_asks_for_beside():
    """Half of the stage must be made outside TW; the spare that does it is kept at `far`, for nothing."""
    half = {"name": "half", "measure": "stage", "stage": "test", "of": "TW", "max_share": 0.5}
    found = instance(
        policies=[{"name": "p", "limits": [half]}],
        processes=[MAKE_X, MAKE_PART, {"site": "cheap", "item": "spare"}],
        lanes=[TO_CUSTOMER, {"from": "cheap", "to": "far"}],
        stocks=[{"site": "cheap", "item": "spare", "holding_cost": 50}],
    )
    assert planner.solve(found, "p").objective == pytest.approx(3)


def test_what_a_buffer_asked_for_before():
    """A part is held at the end of the first period for an order that is then not worth serving; it is moved at once."""
    found = instance(
        policies=[{"name": "p", "buffers": [{"items": ["part"], "periods_of_cover": 1, "period": "1"}]}],
        components=USES_PART,
        demand=[
            {"customer": "c", "item": "x", "quantity": 1, "period": "1"},
            {"customer": "c", "item": "x", "quantity": 1, "period": "2", "lost_cost": 0.5},
        ],
    )
    # x and its part for the first order, a part for the buffer, moved; the second order is lost
    assert planner.solve(found, "p").objective == pytest.approx(1 + 1 + 1 + 2 + 0.5)


def test_a_strike_leaves_goods_that_may_be_moved():
    """Parts are made a period before they are used. The strike stops that; the part on hand is moved to `cheap`."""
    found = instance(
        processes=[{"site": "dear", "item": "x", "unit_cost": 1}, {**MAKE_PART, "lead_time": 1}],
        components=USES_PART,
        demand=[{"customer": "c", "item": "x", "quantity": 1, "period": "2..", "lost_cost": 50}],
        scenarios=[{"name": "strike", "changes": [{"change": "outage", "where": {"item": "x"}, "period": "2.."}]}],
    )
    struck = planner.stress(found, scenarios=["strike"])
    loss = struck.table["loss"].iloc[0]
    # undisturbed: 2 parts and 2 of x, 1 each. Struck: the first part was made and is moved, both orders are lost
    assert loss == pytest.approx(1 + 2 + 2 * 50 - 4)


def test_what_a_least_share_asks_for_beside():
    """`far` makes half of all x if any: of 3, one is ordered there, and two are moved to where keeping costs nothing."""
    found = instance(
        policies=[{"name": "p", "sources": [{"stage": "test", "min_share_if_used": 0.5}]}],
        processes=[MAKE_X, {**MAKE_X, "site": "far"}],
        customers=[{"customer": "c", "region": "US"}, {"customer": "d", "region": "US"}],
        demand=[
            {"customer": "c", "item": "x", "quantity": 3, "period": "1"},
            {"customer": "d", "item": "x", "quantity": 1, "period": "1"},
        ],
        lanes=[TO_CUSTOMER, {"from": "far", "to": "d"}, {"from": "far", "to": "cheap", "unit_cost": 2}],
        stocks=[{"site": "far", "item": "x", "holding_cost": 9}],
    )
    assert planner.solve(found, "p").objective == pytest.approx(3 + 3 + 2 * 2)


EARLY = {"processes": [{**MAKE_X, "period": "1"}], "stocks": [{"site": "dear", "item": "x", "holding_cost": 9}]}


def test_what_a_frozen_zone_makes():
    """Three of x were planned in the first period and are kept over it; of one that is ordered now two are moved."""
    demand = {"customer": "c", "item": "x", "period": "2", "quantity": 3}
    before = planner.solve(instance(demand=[demand], **EARLY))
    found = planner.solve(
        instance(demand=[{**demand, "quantity": 1}], **EARLY), stay_close_to=Closeness(before, freeze="1")
    )
    assert found.objective == pytest.approx(3 * (1 + 9) + 2 * 2)


def test_what_is_made_for_a_future_that_does_not_come():
    """Ten more are made and kept for two periods; with 0.1 they are not ordered, and moved when that is known."""
    more = {"change": "demand", "where": {}, "period": "3", "factor": 2}
    found = instance(
        demand=[{"customer": "c", "item": "x", "period": "3", "quantity": 10, "price": 50}],
        scenarios=[{"name": "more", "probability": 0.9, "changes": [more]}],
        **EARLY,
    )
    assert planner.two_stage(found).value == pytest.approx(20 * (1 + 2 * 9) + 0.1 * 10 * 2)


EVEN = [{"item": item, "stage": "test", "holding_cost": 9} for item in ("x", "spare")]
ON_ITS_WAY = {
    "over a lane": {"lanes": [TO_CUSTOMER, {"from": "dear", "to": "cheap", "unit_cost": 2, "lead_time": 2}]},
    "in a process": {
        "lanes": [TO_CUSTOMER],
        "processes": [EARLY["processes"][0], {"site": "dear", "item": "spare", "unit_cost": 2, "lead_time": 2}],
        "components": [{"item": "spare", "component": "x", "quantity": 1}],
    },
}


@pytest.mark.parametrize("way", ON_ITS_WAY.values(), ids=ON_ITS_WAY)
def test_on_its_way_it_costs_nothing_to_keep(way):
    """Of ten of x nine are left over, and keeping them costs 9 a period wherever they are, but not for two periods."""
    tables = {"processes": EARLY["processes"], **way}
    found = instance(
        commitments=[{"commitment": "deal", "site": "dear", "item": "x", "minimum": 10, "period": "1"}],
        demand=[{"customer": "c", "item": "x", "quantity": 1, "period": "1"}],
        items=EVEN,
        stocks=[],
        **tables,
    )
    assert planner.solve(found).objective == pytest.approx(10 + 9 * (2 + 9))
