"""Which starts, moves and places are kept, by hand: what is wanted for its own sake, what may be left, and where keeping differs."""

import numpy as np
import pandas as pd
import pytest
import toys

import planner
from planner.network.gaps import gap_problems
from planner.network.load import stage_loads
from planner.network.making import make_candidates
from planner.network.moving import lane_rows
from planner.network.orders import handed_over, late_and_lost, order_rows
from planner.network.possible import (
    ends_in_themselves,
    listed_places,
    may_be_left,
    promised_stocks,
    where_keeping_differs,
)
from planner.network.reach import _turns
from planner.network.watches import watched_by, watches_of

# dies of one fab become chips at two plants; nothing costs anything to keep
CHAIN = {
    "name": "chain",
    "periods": ["P1", "P2", "P3"],
    "sites": [{"site": name, "region": "TW"} for name in ("fab", "one", "two")],
    "items": [{"item": "die", "stage": "wafer", "value": 1}, {"item": "chip", "stage": "packaging", "value": 5}],
    "processes": [{"site": "fab", "item": "die"}, {"site": "one", "item": "chip"}, {"site": "two", "item": "chip", "resource": "line"}],
    "components": [{"item": "chip", "component": "die", "quantity": 2}],
    "customers": [{"customer": "shop", "region": "TW"}],
    "demand": [{"customer": "shop", "item": "chip", "quantity": 1, "price": 9}],
    "lanes": [{"from": "fab", "to": "one"}, {"from": "fab", "to": "two", "item": "die"}, {"from": "one", "to": "shop"}, {"from": "two", "to": "shop"}],
}  # fmt: skip


def given(**tables):
    """The instance, its possible starts, the components they take, and its lanes."""
    instance = planner.load_instance({**CHAIN, **tables})
    starts, uses = make_candidates(instance, pd.Series(np.ones(3)))
    return instance, starts, uses, lane_rows(instance)


def ends(stages=(), buffered=(), **tables):
    instance, starts, _, lanes = given(**tables)
    orders = order_rows(instance, pd.Series(np.ones(3)))
    return set(ends_in_themselves(instance, frozenset(stages), frozenset(buffered), starts, orders, lanes)) - {("shop", "chip")}  # fmt: skip


DEAL = {"commitment": "deal", "minimum": 1, "shortfall_cost": 1}
STOCK = {"site": "one", "item": "die"}


@pytest.mark.parametrize(
    ("tables", "stages", "buffered", "wanted"),
    [
        ({}, (), (), set()),
        ({}, ("packaging",), (), {("one", "chip"), ("two", "chip")}),
        ({}, (), ("die",), {("fab", "die")}),
        ({"stocks": [{**STOCK, "opening": 1}]}, (), ("die",), {("fab", "die"), ("one", "die")}),
        ({"stocks": [{**STOCK, "opening": 1}]}, (), (), set()),
        ({"stocks": [{**STOCK, "minimum": 1}]}, (), (), {("one", "die")}),
        ({"stocks": [{**STOCK, "closing_minimum": 1}]}, (), (), {("one", "die")}),
        ({"commitments": [{**DEAL, "site": "one", "item": "chip"}]}, (), (), {("one", "chip")}),
        ({"commitments": [{**DEAL, "site": "two", "resource": "line"}]}, (), (), {("two", "chip")}),
        ({"processes": [*CHAIN["processes"][:2], {"site": "two", "item": "chip", "unit_cost": -1}]}, (), (), {("two", "chip")}),
        ({"lanes": [*CHAIN["lanes"][1:], {"from": "fab", "to": "one", "unit_cost": -1}]}, (), (), {("one", "die"), ("one", "chip")}),
        ({"lanes": [CHAIN["lanes"][0], *CHAIN["lanes"][2:], {"from": "fab", "to": "two", "item": "die", "unit_cost": -1}]}, (), (), {("two", "die")}),
        ({"lanes": [*CHAIN["lanes"][:3], {"from": "two", "to": "shop", "unit_cost": -1}]}, (), (), set()),  # no site
    ],
)  # fmt: skip
def test_what_is_wanted_for_its_own_sake(tables, stages, buffered, wanted):
    assert ends(stages, buffered, **tables) == wanted


def test_what_may_be_left():
    instance, starts, _, _ = given()
    made = {("fab", "die"), ("one", "chip"), ("two", "chip")}
    some = frozenset({("one", "chip")})
    assert may_be_left(instance, starts, some, frozenset(), spare=False) == some
    assert may_be_left(instance, starts, some, frozenset(), spare=True) == made
    assert may_be_left(instance, starts, some, frozenset({"wafer"}), spare=False) == some | {("fab", "die")}
    lots = given(processes=[{"site": "fab", "item": "die", "min_lot": 4}, *CHAIN["processes"][1:]])[0]
    assert may_be_left(lots, starts, frozenset(), frozenset(), spare=False) == {("fab", "die")}


def held(*costs):
    """The items, with what they cost to keep."""
    return [{**row, "holding_cost": cost} for row, cost in zip(CHAIN["items"], costs, strict=True)]


EVERYWHERE = {"die": {("fab", "die"), ("one", "die"), ("two", "die")}, "chip": {("fab", "chip"), ("one", "chip"), ("two", "chip")}}  # fmt: skip
LATE = [{**row, "lead_time": 1} if row["site"] == "one" else row for row in CHAIN["processes"]]
SLOW = [{"from": "fab", "to": "one", "lead_time": 1}, *CHAIN["lanes"][1:]]
SLOW_DIES = [CHAIN["lanes"][0], {"from": "fab", "to": "two", "item": "die", "lead_time": 1}, *CHAIN["lanes"][2:]]


@pytest.mark.parametrize(
    ("tables", "places"),
    [
        ({}, set()),
        # a chip costs less to keep than the two dies that it takes, or as much, or more
        ({"items": held(1, 1.9)}, {("one", "chip"), ("two", "chip")}),
        ({"items": held(1, 2)}, set()),
        ({"items": held(1, 2.1)}, set()),
        # with half of them good, a start gives half a chip: 3 / 2 is less than 2
        ({"items": held(1, 3), "processes": [*CHAIN["processes"][:2], {"site": "two", "item": "chip", "yield": 0.5}]}, {("two", "chip")}),
        # while it is made, nothing is kept
        ({"items": held(1, 5), "processes": LATE}, {("one", "chip")}),
        ({"items": held(0, 5), "processes": LATE}, set()),
        # nor while it travels
        ({"items": held(1, 5), "lanes": SLOW}, {("one", "die"), ("one", "chip")}),
        ({"items": held(0, 5), "lanes": SLOW}, {("one", "chip")}),
        ({"items": held(1, 5), "lanes": SLOW_DIES}, {("two", "die")}),
        ({"items": held(0, 5), "lanes": SLOW_DIES}, set()),
        # one place is cheaper than another, or has a maximum, or not every place may have a stock
        ({"items": held(1, 5), "stocks": [{"site": "one", "item": "die", "holding_cost": 0.5}]}, EVERYWHERE["die"]),
        ({"items": held(1, 5), "stocks": [{"site": "one", "item": "die", "holding_cost": 1}]}, set()),
        ({"items": held(1, 5), "stocks": [{"site": "one", "item": "chip", "maximum": 4}]}, EVERYWHERE["chip"]),
        ({"items": held(1, 5), "stocks": [{"site": "one", "item": "chip", "minimum": 4}]}, set()),
        ({"items": held(1, 5), "stock": "listed"}, EVERYWHERE["die"] | EVERYWHERE["chip"]),
    ],
)  # fmt: skip
def test_where_keeping_costs_less(tables, places):
    instance, starts, uses, lanes = given(**tables)
    assert set(where_keeping_differs(instance, starts, uses, lanes)) == places


def test_listed_and_promised_stocks():
    rows = [{"site": "fab", "item": "die", "opening": 1}, {"site": "one", "item": "die", "minimum": 2}]
    rows.append({"site": "two", "item": "chip", "closing_minimum": 1})
    listed = given(stocks=rows, stock="listed")[0]
    assert listed_places(listed) == {("fab", "die"), ("one", "die"), ("two", "chip")}
    assert listed_places(given(stocks=rows, stock="anywhere")[0]) is None
    assert promised_stocks(listed) == {("one", "die"), ("two", "chip")}


@pytest.mark.parametrize("stock", [{"minimum": 1}, {"closing_minimum": 1}, {"minimum": 0}])
def test_a_stock_that_is_promised_where_none_can_be(stock):
    instance = planner.load_instance({**CHAIN, "stocks": [{"site": "fab", "item": "chip", **stock}]})
    words = "A stock of chip is promised at fab, where none can ever be."
    assert [str(part.message) for part in gap_problems(instance)] == ([] if stock == {"minimum": 0} else [words])
    there = planner.load_instance({**CHAIN, "stocks": [{"site": "one", "item": "chip", **stock}]})
    assert list(gap_problems(there)) == []


def test_entries_in_turns():
    assert [part.tolist() for part in _turns(np.array([0, 1, 0, 0, 1]))] == [[0, 1], [2, 4], [3]]
    assert [part.tolist() for part in _turns(np.array([5, 3]))] == [[0, 1]]
    assert _turns(np.zeros(0, dtype=np.int64)) == []


def test_items_that_are_needed_have_a_load_though_nobody_makes_them():
    """Tape is bought: its stage has it as needed, and glue that nothing needs and nobody makes has none."""
    items = [*CHAIN["items"], {"item": "tape", "stage": "bought"}, {"item": "glue", "stage": "bought"}]
    components = [*CHAIN["components"], {"item": "chip", "component": "tape", "quantity": 3}]
    stocks = [{"site": "one", "item": "tape", "opening": 1}]  # which no load takes into account
    instance = planner.load_instance({**CHAIN, "items": items, "components": components, "stocks": stocks})
    found = {load.stage: load for load in stage_loads(instance)}
    assert (found["bought"].items, found["bought"].sites) == (("tape",), ())
    assert found["bought"].needed.tolist() == [3, 3, 3]
    assert found["bought"].capacity.tolist() == [0, 0, 0]
    assert found["packaging"].items == ("chip",)


# --- what units have touched ------------------------------------------------------------------------------------------


def test_what_stock_names_touches_the_watch_of_its_own_kind_alone():
    """`x` is a region, an operator, a cluster and a site at once."""
    sites = [
        {"site": "x", "region": "TW", "operator": "o", "cluster": "c"},
        {"site": "p", "region": "x", "operator": "x", "cluster": "x"},
    ]
    instance = toys.tiny(sites=sites, processes=[{"site": "x", "item": "unit"}, {"site": "p", "item": "unit"}], lanes=[{"from": "x", "to": "shop"}, {"from": "p", "to": "shop"}])  # fmt: skip
    limits = [{"measure": "pathway", "over": over, "of": "x", "max_share": 1} for over in ("region", "operator", "cluster", "site")]  # fmt: skip
    found = {watch.over: watch for watch in watches_of(instance, toys.policy(*limits))}
    assert {over: watch.regions for over, watch in found.items()} == {
        "region": {"x"},
        "operator": {"operator:x"},
        "cluster": {"cluster:x"},
        "site": {"site:x"},
    }
    assert {over: watch.sites for over, watch in found.items()} == {
        "region": {"p"},
        "operator": {"p"},
        "cluster": {"p"},
        "site": {"x"},
    }
    assert {over: watch.name for over, watch in found.items()} == {over: f"{over}:x" for over in found}


def test_a_watch_of_each_is_one_of_all_that_units_can_touch():
    limit = toys.policy({"measure": "pathway", "over": "operator", "of": "each", "max_share": 1}).limits[0]
    region = toys.policy({"measure": "pathway", "of": "each", "max_share": 1}).limits[0]
    stock = {"site": "one", "item": "die", "opening": 1, "touched": ["operator:old", "KR"]}

    def watched(which, **tables):
        return watched_by(planner.load_instance({**CHAIN, **tables}), which)

    customers = [{"customer": "shop", "region": "TW"}, {"customer": "kr", "region": "KR"}]
    sites = [*CHAIN["sites"], {"site": "gone", "region": "JP", "operator": "old"}]
    both = {"customers": customers, "sites": sites}
    assert watched(limit, **both) == ["fab", "one", "two"]
    assert watched(limit, **both, stocks=[stock]) == ["fab", "old", "one", "two"]
    assert watched(limit, **both, stocks=[{**stock, "opening": 0}]) == ["fab", "one", "two"]
    assert watched(region, **both) == ["TW"]
    assert watched(region, **both, stocks=[stock]) == ["KR", "TW"]


# --- goods on the way to customers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("orders", "coming", "owed", "taken"),
    [
        ([("P1", 10, None)], [("P1", 4)], 0, {0: 4}),
        ([("P1", 10, None)], [("P1", 14)], 0, {0: 10}),
        ([("P1", 10, None)], [("P1", 14)], 3, {0: 13}),
        ([("P1", 10, None)], [("P1", 0.5)], 0, {0: 0.5}),
        ([("P1", 0.25, None)], [("P1", 0.5)], 0, {0: 0.25}),
        ([("P1", 10, None), ("P2", 5, None)], [("P1", 4), ("P2", 9)], 0, {0: 4, 1: 5}),  # what was lost stays lost
        ([("P1", 10, 1), ("P2", 5, 1)], [("P1", 4), ("P2", 9)], 0, {0: 4, 1: 9}),  # 6 are late
        ([("P1", 10, 1), ("P2", 5, 1)], [("P1", 4), ("P2", 12)], 0, {0: 4, 1: 11}),
        ([("P1", 10, 1)], [("P3", 12)], 0, {2: 10}),  # late for two periods
        ([("P2", 5, None)], [("P1", 4)], 0, {}),
        ([("P1", 10, None)], [("P1", 0)], 0, {}),
    ],
)
def test_goods_on_the_way_count_as_far_as_they_are_owed(orders, coming, owed, taken):
    demand = [
        {"customer": "shop", "item": "chip", "period": period, "quantity": quantity, "price": 9, **({} if late is None else {"late_cost": late})}
        for period, quantity, late in orders
    ]  # fmt: skip
    arrivals = [{"site": "shop", "item": "chip", "period": period, "quantity": quantity} for period, quantity in coming]
    more = {"owed": [{"customer": "shop", "item": "chip", "quantity": owed, "late_cost": 1}]} if owed else {}
    instance = planner.load_instance({**CHAIN, "demand": demand, "arrivals": arrivals, **more})
    found = handed_over(instance, order_rows(instance, pd.Series(np.ones(3))))
    assert dict(zip(found["period"], found["quantity"], strict=True)) == taken
    assert set(found["place"]) <= {"shop"}


# --- orders that nothing reaches --------------------------------------------------------------------------------------


def reached(**tables):
    """What is said of the orders of the chain: severity, where, and what."""
    instance = planner.load_instance({**CHAIN, **tables})
    return [(part.severity, part.file, part.message) for part in gap_problems(instance) if part.file in {"demand", "owed"}]  # fmt: skip


def test_an_order_is_reached_by_what_is_on_the_way_to_its_customer_alone():
    """Tape is made nowhere: 4 come to the shop in P2."""
    items = [*CHAIN["items"], {"item": "tape", "stage": "bought"}]
    coming = [{"site": "shop", "item": "tape", "period": "P2", "quantity": 4}]

    def said(period, **more):
        order = {"customer": "shop", "item": "tape", "period": period, "quantity": 4, "price": 1, **more}
        return reached(items=items, demand=[*CHAIN["demand"], order], arrivals=coming)

    early = "No chain of lanes and processes brings tape to shop by P1, {}."
    assert said("P2") == []
    assert said("P1", late_cost=1) == []
    assert said("P1") == [("warning", "demand", early.format("so this order will be lost"))]
    assert said("P1", must_serve=0.1) == [("error", "demand", early.format("but it must be served"))]
    later = early.replace("by P1", "by P3").format("so this order will be lost")
    assert said("P3") == [("warning", "demand", later)], "nobody keeps it at the shop"
    assert said("P2..P3") == [("warning", "demand", later)]


@pytest.mark.parametrize(
    ("settings", "fields", "severity"),
    [
        ({}, {}, "error"),
        ({}, {"must_serve": 1}, "error"),
        ({"elapsed": 2}, {}, "warning"),  # the rest of a longer plan
        ({"elapsed": 2}, {"must_serve": 1}, "error"),
    ],
)
def test_an_order_that_can_never_be_reached(settings, fields, severity):
    customers = [*CHAIN["customers"], {"customer": "far", "region": "TW"}]
    order = {"customer": "far", "item": "chip", "period": "P2", "quantity": 4, "price": 1, **fields}
    found = reached(customers=customers, demand=[*CHAIN["demand"], order], **settings)
    words = "No chain of lanes and processes brings chip to far within the planned periods."
    assert found == [(severity, "demand", words)]


def test_orders_with_what_is_owed_from_before():
    """Two shops: one is owed 3, due in P1 in which it orders nothing; the other orders 4 in P2 that may be late."""
    customers = [{"customer": name, "region": "TW"} for name in ("late", "shop")]
    demand = [
        {"customer": "late", "item": "chip", "period": "P2", "quantity": 4, "price": 9, "late_cost": 1, "must_serve": 0.5},
        {"customer": "shop", "item": "chip", "period": "P3", "quantity": 5, "lost_cost": 7},
        {"customer": "shop", "item": "die", "period": "P1", "quantity": 6},
    ]  # fmt: skip
    owed = [{"customer": "shop", "item": "chip", "quantity": 3, "late_cost": 2}, {"customer": "shop", "item": "die", "quantity": 0}]  # fmt: skip
    lanes = [*CHAIN["lanes"], {"from": "one", "to": "late"}, {"from": "fab", "to": "shop"}]
    instance = planner.load_instance({**CHAIN, "customers": customers, "demand": demand, "owed": owed, "lanes": lanes})
    columns = [
        "customer",
        "item",
        "period",
        "quantity",
        "owed",
        "price",
        "lost_cost",
        "must_serve",
        "ordered",
        "discount",
    ]
    found = order_rows(instance, pd.Series([1.0, 0.8, 0.64]))
    assert found[columns].to_numpy().tolist() == [
        ["late", "chip", 1, 4, 0, 9, 9, 0.5, True, 0.8],
        ["late", "chip", 2, 0, 0, *found.loc[1, ["price", "lost_cost", "must_serve"]], False, 0.64],
        ["shop", "chip", 0, 0, 3, *found.loc[2, ["price", "lost_cost", "must_serve"]], False, 1.0],
        ["shop", "chip", 1, 0, 0, *found.loc[3, ["price", "lost_cost", "must_serve"]], False, 0.8],
        ["shop", "chip", 2, 5, 0, 0, 7, 0, True, 0.64],
        ["shop", "die", 0, 6, 0, 0, 0, 1, True, 1.0],
    ]
    late, lost = late_and_lost(found)
    assert late[["customer", "item", "period", "lateness", "upper"]].to_numpy().tolist() == [
        ["late", "chip", 1, 0.8, 4],
        ["shop", "chip", 0, 2, 3],
        ["shop", "chip", 1, 1.6, 3],
    ]
    assert lost[["customer", "item", "period", "lost_sales", "upper"]].to_numpy().tolist() == [
        ["late", "chip", 1, 9 * 0.8, 2],
        ["shop", "chip", 2, 7 * 0.64, 5],
        ["shop", "die", 0, 0, 0],
    ]
    bare = order_rows(planner.load_instance({**CHAIN, "customers": customers, "demand": demand, "lanes": lanes}), pd.Series([1.0, 0.8, 0.64]))  # fmt: skip
    assert bare["owed"].tolist() == [0] * len(bare)
    assert len(bare) == 4


@pytest.mark.parametrize(
    ("stock", "rows", "said"),
    [
        ("anywhere", [], None),
        ("listed", [], "No chain of lanes and processes brings tape to shop by P3, so this order will be lost."),
        ("listed", [{"site": "one", "item": "tape"}], None),
        ("listed", [{"site": "two", "item": "tape"}], "No chain of lanes and processes brings tape to shop by P3, so this order will be lost."),
    ],
)  # fmt: skip
def test_an_order_is_reached_by_what_may_wait_for_it(stock, rows, said):
    """Tape comes to the first plant in P1, and is ordered in P1 and P3: it can wait where a stock of it may stand."""
    items = [*CHAIN["items"], {"item": "tape", "stage": "bought"}]
    coming = [{"site": "one", "item": "tape", "period": "P1", "quantity": 4}]
    orders = [{"customer": "shop", "item": "tape", "period": period, "quantity": 2, "price": 1} for period in ("P1", "P3")]  # fmt: skip
    found = reached(items=items, demand=[*CHAIN["demand"], *orders], arrivals=coming, stock=stock, stocks=rows)
    assert [message for _, _, message in found] == ([] if said is None else [said])
