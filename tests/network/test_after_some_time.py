"""Tables of a network after a strike, of a rolled instance, in an outage: what is held, owed, handed over, used before."""

import numpy as np
import pandas as pd
import pytest
import toys
from decision_labels import LABELS

from planner.errors import PlannerError
from planner.network.frozen_past import AT_ONCE, BEFORE, frozen
from planner.network.orders import handed_over

PERIODS = ["P1", "P2", "P3"]


def decided(network, figure):
    """Every decision of a network at a figure, as it is told again."""
    keys = {
        name: [column for column in getattr(network, name) if column in LABELS[name]] for name in (*BEFORE, *AT_ONCE)
    }
    return {name: getattr(network, name)[keys[name]].assign(value=figure) for name in keys}


def test_what_was_decided_before_a_strike_is_held_and_the_rest_is_free():
    network = toys.network(toys.toy(), "guarded")
    held = frozen(network, decided(network, 0.25), 1)
    for name in BEFORE:
        before, after = getattr(network, name), getattr(held, name)
        past = (after["period"] < 1).to_numpy()
        assert (after.loc[past, ["lower", "upper"]] == 0.25).all().all(), name
        assert (after.loc[~past, "lower"] == 0).all(), name
        upper = before["upper"] if "upper" in before else pd.Series(np.inf, index=before.index)
        assert after.loc[~past, "upper"].tolist() == upper[~past].tolist(), name
    for name in AT_ONCE:
        after = getattr(held, name)
        assert len(after)
        assert (after[["lower", "upper"]] == 0.25).all().all(), "decided for good"
        assert not after["integer"].any()
    assert network.open["integer"].any()
    assert "lower" not in network.make, "the network itself is as it was"


def test_what_is_not_told_was_nothing_and_what_cannot_be_told_again_is_a_bug():
    network = toys.network(toys.toy(), "guarded")
    told = decided(network, 2.0)
    told["make"] = told["make"].iloc[1:]
    assert frozen(network, told, 3).make["upper"].tolist() == [0.0, *[2.0] * (len(network.make) - 1)]
    stray = told["make"].iloc[[0]].assign(site="nowhere", period=0)
    for value, refused in ((2.0, True), (2.1e-9, True), (2e-9, False), (0.0, False)):
        told["make"] = pd.concat([decided(network, 2.0)["make"], stray.assign(value=value)])
        if not refused:
            assert (frozen(network, told, 3).make["upper"] == 2.0).all()
            continue
        with pytest.raises(PlannerError, match="cannot be told again: make nowhere/die/standard/0"):
            frozen(network, told, 3)
    told["make"] = told["make"].assign(period=2)
    assert (frozen(network, told, 2).make.query("period == 2")["upper"] == np.inf).all(), "nothing is told of later"


def test_goods_handed_over_count_as_far_as_something_is_owed():
    """5, 4 and 9 arrive where 3 are ordered in P1, which may be late, 8 in P2, 1 in P3; 1 is owed from before."""
    instance = toys.tiny(
        periods=PERIODS,
        demand=[
            {"customer": "shop", "item": "unit", "period": "P1", "quantity": 3, "price": 9, "late_cost": 1},
            {"customer": "shop", "item": "unit", "period": "P2", "quantity": 8, "price": 9},
            {"customer": "shop", "item": "unit", "period": "P3", "quantity": 1, "price": 9},
        ],
        owed=[{"customer": "shop", "item": "unit", "quantity": 1}],
        arrivals=[
            {"site": "shop", "item": "unit", "period": "P1", "quantity": 1.5, "touched": "TW"},
            {"site": "shop", "item": "unit", "period": "P1", "quantity": 1, "touched": "site:plant"},
            {"site": "shop", "item": "unit", "period": "P2", "quantity": 4},
            {"site": "shop", "item": "unit", "period": "P3", "quantity": 9},
            {"site": "plant", "item": "unit", "period": "P2", "quantity": 7},
        ],
    )
    orders = toys.network(instance).orders
    assert orders["owed"].tolist() == [1, 0, 0]
    found = handed_over(instance, orders)
    assert found["place"].unique().tolist() == ["shop"]
    # P1: 2.5 of 4 owed; 1.5 are late; P2: 4 of 9.5 owed, which may not be late; P3: 1 of 9
    by_period = found.groupby("period")["quantity"].sum()
    assert by_period.to_dict() == pytest.approx({0: 2.5, 1: 4.0, 2: 1.0})
    assert found.loc[found["period"] == 0, "quantity"].tolist() == pytest.approx([1.5, 1.0])


def test_what_may_not_be_late_makes_no_room_later():
    """2 ordered in P1, none in time: where they may not be late, nothing is owed in P2."""
    arrivals = [{"site": "shop", "item": "unit", "period": "P2", "quantity": 5}]
    for late_cost, counted in ((1, [5.0]), (None, [3.0])):
        first = {"customer": "shop", "item": "unit", "period": "P1", "quantity": 2, "price": 9}
        later = {"customer": "shop", "item": "unit", "period": "P2", "quantity": 3, "price": 9}
        instance = toys.tiny(periods=PERIODS, demand=[{**first, "late_cost": late_cost}, later], arrivals=arrivals)
        found = handed_over(instance, toys.network(instance).orders)
        assert found["quantity"].tolist() == counted
    none = toys.tiny(periods=PERIODS, demand=[later], arrivals=[{**arrivals[0], "quantity": 0, "period": "P2"}])
    assert handed_over(none, toys.network(none).orders).empty


def test_what_is_owed_is_due_in_the_first_period_with_an_order_or_without():
    order = {"customer": "shop", "item": "unit", "quantity": 4, "price": 9}
    with_order = toys.tiny(
        periods=PERIODS, demand=[{**order, "period": "P1"}], owed=[{"customer": "shop", "item": "unit", "quantity": 2}]
    )
    found = toys.network(with_order).orders
    assert found[["period", "quantity", "owed", "ordered"]].to_numpy().tolist() == [[0, 4, 2, True]]
    alone = toys.tiny(
        periods=PERIODS,
        demand=[{**order, "period": "P2"}],
        owed=[{"customer": "shop", "item": "unit", "quantity": 2, "late_cost": 3}],
    )
    found = toys.network(alone).orders
    assert found[["period", "quantity", "owed", "ordered", "must_serve"]].to_numpy().tolist() == [
        [0, 0, 2, False, 1],
        [1, 4, 0, True, 0],
    ]
    assert found["late_cost"].fillna(-1).tolist() == [3, -1], "the order of P2 may not be late"
    late = toys.network(alone).late
    assert late["upper"].tolist() == [2], "no more is late than was due"
    nothing = toys.tiny(
        periods=PERIODS, demand=[{**order, "period": "P2"}], owed=[{"customer": "shop", "item": "unit", "quantity": 0}]
    )
    assert toys.network(nothing).orders["period"].tolist() == [1]


def test_an_outage_is_of_an_item_and_a_recipe_and_holds_what_stands_if_it_says_so():
    def closed(**outage):
        network = toys.network(toys.toy(outages=[{"site": "pack-b", "period": "P2", **outage}]))
        rows = network.make[(network.make["upper"] == 0)]
        gone = network.ship[network.ship["upper"] == 0]
        return (
            sorted(zip(rows["site"], rows["item"], rows["recipe"], rows["period"], strict=True)),
            sorted(zip(gone["from"], gone["to"], gone["item"], gone["period"], strict=True)),
        )

    both = [("pack-b", "package", recipe, 1) for recipe in ("lean", "standard")]
    assert closed() == (both, [])
    assert closed(item="package") == (both, [])
    assert closed(recipe="lean") == (both[:1], [])
    assert closed(held="yes") == (both, [("pack-b", "test", "package", 1)])


def used(limit, *rows, **tables):
    """The rows of a limit over the horizon of which something was used before."""
    policy = toys.policy({**limit, "per": "horizon", "max_share": limit.get("max_share")})
    before = [{"policy": "p", "limit": "l1", "of": of, "inside": inside, "total": total} for of, inside, total in rows]
    return toys.network(toys.two_plants(limits_used=before, **tables), policy)


def test_what_of_a_limit_was_used_before_counts_inside_and_in_total():
    network = used({"stage": "make", "of": "TW", "max_share": 0.5}, ("TW", 4.0, 10.0))
    assert network.limits[["limit", "of", "period", "used"]].to_numpy().tolist() == [["l1", "TW", "horizon", 4.0]]
    assert network.totals[["limit", "period", "before"]].to_numpy().tolist() == [["l1", "horizon", 10.0]]
    other = used({"stage": "make", "of": "TW", "max_share": 0.5, "name": "l2"}, ("TW", 4.0, 10.0))
    assert (other.limits["used"].tolist(), other.totals["before"].tolist()) == ([0.0], [0.0])


def test_a_limit_that_only_the_past_fills_has_a_row():
    """Nothing is made in KR any more: what was made there before still counts for `each`."""
    network = used({"stage": "make", "of": "each", "max_share": 0.5}, ("KR", 3.0, 10.0), ("TW", 7.0, 10.0))
    rows = network.limits[["of", "used"]].sort_values("of").to_numpy().tolist()
    assert rows == [["KR", 3.0], ["TW", 7.0], ["US", 0.0]]


def test_a_floor_counts_what_was_ordered_before():
    network = used({"measure": "pathway", "of": "TW", "min_free": 0.25, "stage": None}, ("TW", 2.0, 6.0))
    [row] = network.limits.to_dict("records")
    assert (row["of"], row["used"], row["demand"]) == ("TW", 2.0, 16.0)
    fresh = used({"measure": "pathway", "of": "TW", "min_free": 0.25, "stage": None})
    assert fresh.limits[["used", "demand"]].to_numpy().tolist() == [[0.0, 10.0]]
