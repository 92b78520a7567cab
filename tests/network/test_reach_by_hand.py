"""Where items can get, and when, by hand: lanes as pairs, what is useful, spread and present, and the rows of limits."""

import math

import numpy as np
import pandas as pd
import pytest
import toys

from planner.network import build_network
from planner.network.buffers import buffered_items, held_in, units_needed
from planner.network.departures import can_be_wanted
from planner.network.moving import arriving, marks_on, sources_of
from planner.network.reach import Candidates, Lanes, present_places, reach_in_time, spread_places, useful_places

LANES = pd.DataFrame(
    [("a", "b", "x", 0), ("a", "b", "*", 0), ("a", "b", "*", 1), ("b", "c", "*", 0), ("c", "a", "y", 0)],
    columns=["from", "to", "item", "period"],
)


def test_lanes_as_pairs_of_places():
    """A lane for all items carries only items without a lane of their own there."""
    lanes = Lanes.of(LANES)
    assert list(lanes.onward("a", "x")) == [("b", "x")]
    assert list(lanes.onward("a", "y")) == [("b", "*")]
    assert list(lanes.onward("c", "y")) == [("a", "y")]
    assert list(lanes.onward("c", "x")) == []
    assert list(lanes.back("b", "x")) == ["a"]
    assert list(lanes.back("b", "y")) == ["a"]
    assert list(lanes.back("a", "y")) == ["c"]
    assert list(lanes.back("a", "x")) == []
    assert lanes.ends == {"a", "b", "c"}


def test_lanes_without_the_places_that_are_left_out():
    lanes = Lanes.of(LANES, frozenset({("b", "y"), ("a", "x")}))
    assert list(lanes.onward("a", "y")) == []
    assert list(lanes.onward("a", "x")) == [("b", "x")], "only where it goes is asked"
    assert list(lanes.back("b", "x")) == []
    assert list(lanes.back("c", "y")) == []
    assert list(lanes.back("c", "x")) == ["b"]
    assert list(Lanes.of(LANES, frozenset({("b", "x")})).onward("a", "x")) == []
    assert list(Lanes.of(LANES, frozenset({("a", "y")})).onward("c", "y")) == []


def test_what_is_useful_spread_and_present():
    """x goes a, b, c; at c it becomes z, which goes there from a and b as well, and nowhere from there."""
    lanes, recipes = Lanes.of(LANES), {("c", "z", "x")}
    assert useful_places(lanes, {("c", "z")}, recipes) == {(place, item) for place in "abc" for item in "xz"}
    assert useful_places(lanes, {("b", "x")}, recipes) == {("b", "x"), ("a", "x")}
    assert spread_places(lanes, {("a", "x")}, recipes) == {("a", "x"), ("b", "x"), ("c", "x"), ("c", "z")}
    assert spread_places(lanes, {("b", "y")}, recipes) == {("b", "y"), ("c", "y"), ("a", "y")}, "round in a circle"
    assert present_places(lanes, {("a", "x")}, {("b", "x")}) == {("a", "x"), ("b", "x")}
    assert present_places(lanes, {("a", "x")}, {("c", "x")}) == {("a", "x")}, "not past where it is of no use"


@pytest.mark.parametrize(
    ("keeps", "stock", "starts", "sent", "there"),
    [
        # stock of x from 0 at a, kept there: it can leave in any period, and starts follow where it has arrived
        (True, 0, [True, True, False], [True, True, True], [0, 1, 2]),
        # not kept: it leaves at once or never
        (False, 0, [True, False, False], [True, False, False], [0]),
        (True, 1, [False, True, False], [False, True, True], [1, 2]),
        (True, None, [False, False, False], [False, False, False], []),
    ],
)
def test_what_can_be_there_in_time(keeps, stock, starts, sent, there):
    """x leaves a in 0, 1 or 2 and is at b a period later; z starts there in 1, 2 or (in vain) 0, and ends at once."""
    places = pd.DataFrame([("a", "x"), ("b", "x"), ("b", "z")], columns=["place", "item"])
    make = pd.DataFrame([("b", "z", 1, 1), ("b", "z", 2, 2), ("b", "z", 0, 0)], columns=["site", "item", "period", "finish"])  # fmt: skip
    uses = pd.DataFrame({"row": [0, 1, 2], "site": "b", "component": "x"})
    ship = pd.DataFrame([("a", "b", "x", at, at + 1) for at in range(2)] + [("a", "b", "x", 1, 2)], columns=["from", "to", "item", "period", "arrive"])  # fmt: skip
    ship = ship.iloc[:2]
    candidates = Candidates(places, np.array([keeps, False, False]), make, uses, ship, 3)
    sources = pd.DataFrame([] if stock is None else [("a", "x", stock)], columns=["place", "item", "period"])
    found = reach_in_time(candidates, sources)
    assert found.make[:, 0].tolist() == starts
    assert found.ship[:, 0].tolist() == sent[:2]
    assert np.flatnonzero(found.present[0, :, 0]).tolist() == there
    assert np.flatnonzero(found.present[2, :, 0]).tolist() == [at for at, able in zip((1, 2, 0), starts, strict=True) if able]  # fmt: skip


def test_a_start_waits_for_all_its_components():
    places = pd.DataFrame([("a", "x"), ("a", "y"), ("a", "z")], columns=["place", "item"])
    make = pd.DataFrame([("a", "z", at, at) for at in range(3)], columns=["site", "item", "period", "finish"])
    uses = pd.DataFrame([(row, "a", part) for row in range(3) for part in "xy"], columns=["row", "site", "component"])
    ship = pd.DataFrame(columns=["from", "to", "item", "period", "arrive"])
    candidates = Candidates(places, np.array([True, True, True]), make, uses, ship, 3)
    sources = pd.DataFrame([("a", "x", 0), ("a", "y", 1)], columns=["place", "item", "period"])
    assert reach_in_time(candidates, sources).make[:, 0].tolist() == [False, True, True]
    assert reach_in_time(candidates, sources.iloc[:1]).make[:, 0].tolist() == [False] * 3


def test_arrivals_and_opening_stock():
    stock = {"site": "plant", "item": "unit", "opening": 4, "touched": "KR"}
    arrivals = [
        {"site": "plant", "item": "unit", "period": "P1..P2", "quantity": 2},
        {"site": "shop", "item": "unit", "period": "P1", "quantity": 9},
        {"site": "plant", "item": "unit", "period": "P3", "quantity": 0},
    ]
    customers = [*toys.TINY["customers"], {"customer": "kr", "region": "KR"}]
    demand = [{"customer": "shop", "item": "unit", "period": "P1", "quantity": 9, "price": 1}]
    instance = toys.tiny(periods=["P1", "P2", "P3"], stocks=[stock], arrivals=arrivals, customers=customers, demand=demand)  # fmt: skip
    found = sources_of(instance)
    assert found[["period", "touched", "quantity"]].to_numpy().tolist() == [
        [0, marks_on(instance.stocks[0]), 4],
        [0, marks_on(instance.arrivals[0]), 2],
        [1, marks_on(instance.arrivals[0]), 2],
    ]
    assert "KR" in marks_on(instance.stocks[0])


def test_departures_by_their_arrival():
    instance = toys.two_plants()
    ship = pd.DataFrame([("east", "west", "unit", 0, 1), ("west", "shop", "unit", 0, 2)], columns=["from", "to", "item", "period", "arrive"])  # fmt: skip
    receipts, deliveries = arriving(instance, ship)
    assert receipts[["row", "place", "period"]].to_numpy().tolist() == [[0, "west", 1]]
    assert deliveries[["row", "place", "period"]].to_numpy().tolist() == [[1, "shop", 2]]
    orders = pd.DataFrame([("shop", "unit", 0)], columns=["customer", "item", "period"])
    assert can_be_wanted(instance, ship, orders).tolist() == [True, False]
    assert can_be_wanted(instance, ship, orders.assign(period=2)).tolist() == [True, True]


# --- limits -----------------------------------------------------------------------------------------------------------

PERIODS = {
    "periods": ["P1", "P2", "P3"],
    "discount_rate": 0.25,
    "demand": [{"customer": "shop", "item": "unit", "period": f"P{at}", "quantity": 10 * at, "price": 100} for at in (1, 2, 3)],
    "processes": [{"site": "east", "item": "unit", "yield": 0.5, "capacity_use": 3}, {"site": "west", "item": "unit"}],
}  # fmt: skip


def limited(limit, **tables):
    """The network of two plants over three periods under one limit."""
    return build_network(toys.two_plants(**{**PERIODS, **tables}), toys.policy(limit))


def rows(table, *columns):
    """Some columns of a table, row by row, what is missing as None."""
    found = table[list(columns)].astype(object)
    return found.where(found.notna(), None).to_numpy().tolist()


@pytest.mark.parametrize(
    ("fields", "limits", "inside", "totals"),
    [
        ({"of": "TW"}, [["TW", "P1"], ["TW", "P2"], ["TW", "P3"]], [0.5] * 3, [0.5] * 3 + [1] * 3),
        ({"of": "TW", "period": "P2.."}, [["TW", "P2"], ["TW", "P3"]], [0.5] * 2, [0.5] * 2 + [1] * 2),
        ({"of": "TW", "per": "horizon"}, [["TW", "horizon"]], [0.5] * 3, [0.5] * 3 + [1] * 3),
        ({"of": "US", "weight": "capacity"}, [["US", "P1"], ["US", "P2"], ["US", "P3"]], [1] * 3, [3] * 3 + [1] * 3),
        ({"of": "US", "weight": "value"}, [["US", "P1"], ["US", "P2"], ["US", "P3"]], [10] * 3, [5] * 3 + [10] * 3),
        ({"of": "each", "period": "P1"}, [["TW", "P1"], ["US", "P1"]], [0.5, 1], [0.5, 1]),
        ({"of": "each", "over": "cluster", "period": "P1"}, [["fault", "P1"]], [0.5], [0.5, 1]),  # west is in none
        ({"of": "two", "over": "operator", "period": "P1"}, [["two", "P1"]], [1], [0.5, 1]),
    ],
)
def test_what_a_limit_of_a_stage_counts(fields, limits, inside, totals):
    found = limited({"stage": "make", "max_share": 0.5, **fields})
    assert rows(found.limits, "of", "period") == limits
    assert sorted(found.limit_uses["weight"]) == sorted(inside)
    assert sorted(found.limit_totals["weight"]) == sorted(totals)
    assert set(found.limits["max_share"]) == {0.5}
    assert found.limits["min_free"].isna().all()
    assert found.total["period"].tolist() == list(dict.fromkeys(period for _, period in limits))
    last = {"horizon": 2, "P1": 0, "P2": 1, "P3": 2}
    assert found.limits["position"].tolist() == [last[period] for _, period in limits]


@pytest.mark.parametrize(
    ("fields", "limits"),
    [
        ({"max_share": 0.5}, [["P1", 10], ["P2", 20], ["P3", 30]]),
        ({"min_free": 0.5}, [["P1", 10], ["P2", 20], ["P3", 30]]),
        ({"min_free": 0.5, "per": "horizon"}, [["horizon", 60]]),
        ({"min_free": 0.5, "per": "horizon", "period": "P1..P2"}, [["horizon", 30]]),
        ({"min_free": 0.5, "weight": "value", "period": "P2"}, [["P2", 200]]),
        ({"min_free": 0.5, "customers": ["shop"], "period": "P2"}, [["P2", 20]]),
        ({"min_free": 0.5, "customers": ["none"], "period": "P2"}, []),
    ],
)
def test_what_a_limit_of_deliveries_counts(fields, limits):
    customers = [*toys.TINY["customers"], {"customer": "none", "region": "TW"}]
    found = limited({"measure": "pathway", "of": "TW", **fields}, customers=customers)
    assert rows(found.limits, "period", "demand") == limits
    sign = -1 if "min_free" in fields else 1
    assert {math.copysign(1, weight) for weight in found.pathway_uses["weight"]} <= {sign}
    touched = found.ship["touched"].to_numpy()[found.pathway_uses["row"].to_numpy(dtype=int)]
    assert set(touched) <= ({""} if sign < 0 else {"TW"}), "a floor counts what is clear, a cap what has touched"
    assert (len(found.total) > 0) == (sign > 0), "only a cap has a total"


def test_a_soft_limit_costs_by_the_last_period_in_which_it_counts():
    found = limited({"stage": "make", "of": "TW", "max_share": 0.5, "soft_cost": 100})
    assert found.excess["soft"].tolist() == pytest.approx([100, 80, 64])
    found = limited({"stage": "make", "of": "TW", "max_share": 0.5, "soft_cost": 100, "per": "horizon", "period": "P1..P2"})  # fmt: skip
    assert found.excess["soft"].tolist() == pytest.approx([80])
    assert len(limited({"stage": "make", "of": "TW", "max_share": 0.5}).excess) == 0


@pytest.mark.parametrize(
    ("limit", "used", "before", "demand"),
    [
        ({"stage": "make", "max_share": 0.5}, 3, [8], [None]),
        ({"measure": "pathway", "max_share": 0.5}, 3, [8], [60]),
        ({"measure": "pathway", "min_free": 0.5}, 3, [], [68]),  # what was ordered before counts as ordered
    ],
)
def test_what_was_used_before_counts(limit, used, before, demand):
    row = {"policy": "p", "limit": "l1", "of": "TW", "inside": used, "total": 8}
    found = limited({"of": "TW", "per": "horizon", **limit}, limits_used=[row])
    assert rows(found.limits, "period", "used", "demand") == [["horizon", used, demand[0]]]
    assert found.totals["before"].tolist() == before
    other = limited({"of": "US", "per": "horizon", **limit}, limits_used=[row])
    assert other.limits["used"].tolist() == [0], "of another region"
    each = limited({"of": "each", "per": "horizon", **limit}, limits_used=[row, {**row, "of": "JP", "inside": 1}])
    assert dict(rows(each.limits, "of", "used")) == {"TW": used, "US": 0, "JP": 1}


# --- buffers ----------------------------------------------------------------------------------------------------------


def test_what_a_buffer_holds():
    instance = toys.toy()
    wafers, packages, some = (toys.policy(buffers=[{"periods_of_cover": 1, **fields}]).buffers[0] for fields in ({"stage": "wafer"}, {"stage": "packaging"}, {"items": ["hbm", "die"]}))  # fmt: skip
    assert held_in(instance, wafers) == ["die"]
    assert held_in(instance, some) == ["die", "hbm"]
    assert buffered_items(instance, (packages, some)) == {"die", "hbm", "package"}
    assert buffered_items(instance, ()) == frozenset()
    assert buffered_items(instance.replace(demand=[]), (wafers,)) == frozenset(), "nothing is ordered"


def test_units_that_a_product_takes():
    """A chip takes a package, at best one and a lean one no die: 0 dies and 1 of memory by the lean recipe."""
    found = units_needed(toys.toy())
    assert found["chip", "chip"] == 1
    assert found["chip", "package"] == 1
    assert found["chip", "hbm"] == found["package", "hbm"] == 1
    assert ("die", "hbm") not in found
