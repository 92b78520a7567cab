"""Buffers as rows: what must be held, taken through components and yields, at which price it may be missing."""

import pytest
import toys
from portions import portion

from planner.network.buffers import periods_ahead, units_needed

P4 = ["P1", "P2", "P3", "P4"]


def held(plan):
    return plan.stock.set_index(["item", "period"])["quantity"].to_dict()


def covered(cover, **tables):
    instance = toys.tiny(
        **{"periods": P4, "items": [{"item": "unit", "stage": "make", "value": 10, "holding_cost": 1}], **tables}
    )
    return instance, toys.policy(buffers=[{"stage": "make", **cover}])


def test_a_buffer_is_the_demand_of_the_periods_ahead():
    """10 a period, 1.5 periods of cover: 15 at each end; past the horizon the last period repeats."""
    instance, policy = covered({"periods_of_cover": 1.5})
    plan = toys.solve(instance, policy)
    assert held(plan) == {("unit", period): 15 for period in P4}
    assert plan.objective == pytest.approx(55 + 4 * 15, rel=1e-9)  # 40 sold and 15 left, 15 held for 4 periods


def test_a_buffer_follows_demand():
    """P1 covers 20 of P2 and half of the 30 of P3; P2 30 and half of 0; P3 and P4 nothing."""
    demand = [
        {"customer": "shop", "item": "unit", "period": period, "quantity": quantity, "price": 100}
        for period, quantity in (("P1", 10), ("P2", 20), ("P3", 30), ("P4", 0))
    ]
    instance, policy = covered({"periods_of_cover": 1.5}, demand=demand)
    assert held(toys.solve(instance, policy)) == {("unit", "P1"): 35, ("unit", "P2"): 30}


def test_a_window_and_a_buffer_below_one_period():
    instance, policy = covered({"periods_of_cover": 0.25, "period": "P2..P3"})
    assert held(toys.solve(instance, policy)) == {("unit", "P2"): 2.5, ("unit", "P3"): 2.5}


def test_a_soft_buffer_is_missed_where_holding_costs_more():
    instance, policy = covered({"periods_of_cover": 1, "soft_cost": 0.5})
    plan = toys.solve(instance, policy)
    assert held(plan) == {}
    assert plan.limits[["limit", "of", "excess", "cost"]].values.tolist() == [["buffer-1", "unit", 10, 5]] * 4
    dear = toys.solve(*covered({"periods_of_cover": 1, "soft_cost": 5}))
    assert held(dear) == {("unit", period): 10 for period in P4}
    assert dear.limits["share"].tolist() == [1, 1, 1, 1]


def test_the_shadow_price_is_what_one_unit_more_costs():
    """A unit more held at the end of P2 alone: made for it and sold on; a period's holding."""
    instance, policy = covered({"periods_of_cover": 0.5, "period": "P2"})
    program = toys.program(instance, policy)
    row = toys.row_number(program, "buffer", "buffer-1", "unit", "P2")
    more = toys.least_cost(program, {row: 0.25})
    plan = toys.solve(instance, policy)
    assert (more - plan.objective) / 0.25 == pytest.approx(1)
    assert plan.limits["shadow_price"].tolist() == [pytest.approx(-1)]


def test_points():
    instance, policy = covered({"periods_of_cover": 1, "period": "P1"})
    program = toys.program(instance, policy)
    served = {("plant", "shop", "unit", period): 10 for period in P4}
    made = {("plant", "unit", "standard", period): 10 for period in P4}
    bare = toys.point(program, make=made, ship=served)
    assert toys.broken(program, bare) == ["buffer[buffer-1, unit, P1]"]
    early = {**made, ("plant", "unit", "standard", "P1"): 20, ("plant", "unit", "standard", "P2"): 0}
    kept = toys.point(program, make=early, ship=served, stock={("plant", "unit", "P1"): 10})
    assert toys.broken(program, kept) == []


def test_stock_anywhere_counts():
    """One row over all sites: what stands in the west counts too."""
    instance = toys.two_plants(
        periods=P4, stocks=[{"site": "west", "item": "unit", "opening": 12, "minimum": 12, "holding_cost": 0}]
    )
    plan = toys.solve(instance, toys.policy(buffers=[{"items": ["unit"], "periods_of_cover": 1.2}]))
    assert plan.stock[["site", "quantity"]].drop_duplicates().values.tolist() == [["west", 12]]


def test_components_are_taken_at_the_best_yields():
    """A package takes a die at yield 0.8 (pack-a) or 1 (pack-b): the best is 1; two hbm, or one by the lean recipe."""
    needed = units_needed(toys.toy())
    assert needed["chip", "chip"] == 1
    assert needed["chip", "package"] == 1
    assert needed["chip", "die"] == pytest.approx(1)
    assert needed["chip", "hbm"] == pytest.approx(1)
    assert ("chip", "cloud") not in needed


def only_in_stock(**cover):
    """Five spares in stock that nobody makes; five are ordered in P1 at 100 and five in P2 at 90."""
    instance = toys.tiny(
        periods=["P1", "P2"],
        items=[{"item": "unit", "stage": "make", "value": 10}, {"item": "spare", "stage": "bought"}],
        stocks=[{"site": "plant", "item": "spare", "opening": 5}],
        demand=[
            {"customer": "shop", "item": "spare", "period": "P1", "quantity": 5, "price": 100},
            {"customer": "shop", "item": "spare", "period": "P2", "quantity": 5, "price": 90},
        ],
    )
    return instance, toys.policy(buffers=[{"items": ["spare"], "period": "P1", **cover}])


def test_a_buffer_of_what_nobody_makes():
    """A hard one keeps all 5 for P2: 100 less 90 is lost each; a soft one at 20 too, one at 5 nothing."""
    free, held_back = only_in_stock(periods_of_cover=1), [["buffer-1", "spare", "P1", 1]]
    plan = toys.solve(*free)
    assert held(plan) == {("spare", "P1"): 5}
    assert plan.limits[["limit", "of", "period", "share"]].values.tolist() == held_back
    assert plan.service.set_index("period")["delivered"].to_dict() == {"P1": 0, "P2": 5}
    assert plan.objective == pytest.approx(toys.solve(free[0]).objective + 5 * (100 - 90))
    assert held(toys.solve(*only_in_stock(periods_of_cover=1, soft_cost=20))) == {("spare", "P1"): 5}
    assert held(toys.solve(*only_in_stock(periods_of_cover=1, soft_cost=5))) == {}
    assert held(toys.solve(*only_in_stock(periods_of_cover=0.4))) == {("spare", "P1"): 2}


def test_a_buffer_of_what_nobody_makes_nor_has():
    """6 are needed and 5 are there."""
    import planner

    with pytest.raises(planner.InfeasibleError) as error:
        planner.solve(*only_in_stock(periods_of_cover=1.2))
    assert any("buffer-1" in sentence for sentence in error.value.conflict), error.value.conflict


@pytest.mark.parametrize(
    ("cover", "wanted"),
    [(0, [0, 0, 0]), (1, [20, 40, 40]), (0.5, [10, 20, 20]), (2.5, [80, 100, 100]), (1.25, [30, 50, 50])],
)
def test_periods_ahead(cover, wanted):
    import numpy as np

    assert periods_ahead(np.array([10.0, 20.0, 40.0]), cover).tolist() == wanted


def test_a_buffer_that_no_capacity_can_fill_is_named_in_the_conflict():
    import planner

    instance, policy = covered(
        {"periods_of_cover": 2},
        capacities=[{"site": "plant", "capacity": 10}],
        demand=[{"customer": "shop", "item": "unit", "quantity": 10}],
    )
    with pytest.raises(planner.InfeasibleError) as error:
        planner.solve(instance, policy)
    assert any("buffer-1" in sentence or "buffer" in sentence for sentence in error.value.conflict), (
        error.value.conflict
    )


def slow_to_pack(**tables):
    """Three periods with an order of 10 in each, all in stock from the start; a wafer buffer of one period."""
    return toys.planner.load_instance(
        {
            "name": "slow",
            "periods": ["w1", "w2", "w3"],
            "stages": ["wafer", "pack"],
            "sites": [{"site": "f", "region": "A"}, {"site": "p", "region": "B"}, {"site": "q", "region": "B"}],
            "items": [{"item": "d", "stage": "wafer"}, {"item": "x", "stage": "pack"}],
            "processes": [
                {"site": "f", "item": "d", "unit_cost": 5},
                {"site": "p", "item": "x", "unit_cost": 1},
                {"site": "q", "item": "x", "unit_cost": 1, "yield": 0.5},
            ],
            "components": [{"item": "x", "component": "d", "quantity": 1}],
            "customers": [{"customer": "c", "region": "A"}],
            "demand": [{"customer": "c", "item": "x", "quantity": 10, "price": 100}],
            "lanes": [
                {"from": "f", "to": "p"},
                {"from": "f", "to": "q"},
                {"from": "p", "to": "c"},
                {"from": "q", "to": "c"},
            ],
            "stocks": [{"site": "p", "item": "x", "opening": 30}],
            **tables,
        }
    )


@pytest.mark.parametrize("sites", portion([["p"], ["q"], ["p", "q"]], quick=1))
@pytest.mark.parametrize("stock", ["anywhere", "listed"])
def test_a_longer_lead_time_changes_no_buffer(sites, stock):
    """10 dies at the end of each period, made once at 5: whatever packing takes, also where it takes too long."""
    stocks = [{"site": "p", "item": "x", "opening": 30}, {"site": "p", "item": "d"}]
    instance = slow_to_pack() if stock == "anywhere" else slow_to_pack(stock=stock, stocks=stocks)
    slow = toys.scenario({"change": "lead_time", "where": {"site": sites}, "set": 3})
    cover = toys.policy(buffers=[{"stage": "wafer", "periods_of_cover": 1}])
    for plan in (toys.planner.solve(instance, cover), toys.planner.solve(instance, cover, slow)):
        assert plan.objective == pytest.approx(50)
        assert plan.limits["share"].tolist() == [1.0] * 3
