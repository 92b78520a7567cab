"""Pathway limits: cases solved by hand.

`crossed()` is two fabs, two packaging sites and one memory maker, a unit of each region costing by its way

    fab-tw > pack-tw  1 + 2 + 1 = 4     fab-us > pack-tw  3 + 2 + 1 = 6
    fab-tw > pack-us  1 + 2 + 4 = 7     fab-us > pack-us  3 + 2 + 4 = 9     the only way that never touches TW

and 100 are ordered. `toys.two_plants()` makes 10 units, in TW at 1 or in the US at 3.
"""

import copy
import json
import re
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
import toys
from portions import portion, portion_of_rows

import planner
from planner.cli.main import main
from planner.report.exports import export_model

PATH = {"measure": "pathway", "of": "TW"}
SITES = ("fab-tw", "fab-us", "pack-tw", "pack-us")
CROSSED = {
    "name": "crossed",
    "periods": ["P1"],
    "stages": ["wafer", "memory", "packaging"],
    "region_groups": {"asia": ["TW", "KR"]},
    "sites": [
        {"site": "fab-tw", "region": "TW", "operator": "alpha", "cluster": "valley"},
        {"site": "fab-us", "region": "US", "operator": "alpha"},
        {"site": "mem", "region": "KR"},
        {"site": "pack-tw", "region": "TW", "operator": "beta", "cluster": "valley"},
        {"site": "pack-us", "region": "US", "operator": "beta"},
    ],
    "items": [
        {"item": "die", "stage": "wafer"},
        {"item": "hbm", "stage": "memory"},
        {"item": "gpu", "stage": "packaging"},
    ],
    "processes": [
        {"site": "fab-tw", "item": "die", "unit_cost": 1},
        {"site": "fab-us", "item": "die", "unit_cost": 3},
        {"site": "mem", "item": "hbm", "unit_cost": 1},
        {"site": "pack-tw", "item": "gpu", "unit_cost": 1},
        {"site": "pack-us", "item": "gpu", "unit_cost": 4},
    ],
    "components": [
        {"item": "gpu", "component": "die", "quantity": 1},
        {"item": "gpu", "component": "hbm", "quantity": 2},
    ],
    "customers": [{"customer": "cloud", "region": "US"}],
    "demand": [{"customer": "cloud", "item": "gpu", "quantity": 100}],
    "lanes": [
        *({"from": start, "to": end} for start in ("fab-tw", "fab-us", "mem") for end in ("pack-tw", "pack-us")),
        *({"from": start, "to": "cloud"} for start in ("pack-tw", "pack-us")),
    ],
    "capacities": [{"site": site, "capacity": 100} for site in SITES],
}
HALVES = (
    {"measure": "stage", "stage": "wafer", "of": "TW", "max_share": 0.5},
    {"measure": "stage", "stage": "packaging", "of": "TW", "max_share": 0.5},
)


def crossed(**tables):
    return planner.load_instance({**copy.deepcopy(CROSSED), **tables})


def cost(instance, *limits):
    """The least cost under limits, from the program's matrix alone."""
    return toys.cost(instance, toys.policy(*limits))


def by_class(plan, customer=None):
    """Units delivered by what they have touched."""
    rows = plan.shipments[plan.shipments["to"].isin({row.customer for row in plan.instance.customers})]
    rows = rows if customer is None else rows[rows["to"] == customer]
    return rows.groupby("touched")["quantity"].sum().to_dict()


def shares(plan):
    return plan.limits.set_index(["limit", "of", "period"])["share"].to_dict()


class TestStageLimitsMissWhatTheWholeWayTouches:
    def test_half_of_each_stage_leaves_every_unit_touched(self):
        """50 dies and 50 packages of the US: 400 + 50 * 2 + 50 * 3. No unit has to hold both."""
        instance = crossed()
        assert cost(instance, *HALVES) == pytest.approx(650, rel=1e-9)
        program = toys.program(instance, toys.policy(*HALVES, {**PATH, "max_share": 1.0}))
        at = "P1"
        crossing = toys.point(
            program,
            make={
                ("fab-tw", "die", "standard", at, "TW"): 50,
                ("fab-us", "die", "standard", at, ""): 50,
                ("mem", "hbm", "standard", at, ""): 200,
                ("pack-tw", "gpu", "standard", at, "TW"): 50,
                ("pack-us", "gpu", "standard", at, "TW"): 50,
            },
            ship={
                ("fab-tw", "pack-us", "die", at, "TW"): 50,
                ("fab-us", "pack-tw", "die", at, ""): 50,
                ("mem", "pack-tw", "hbm", at, ""): 100,
                ("mem", "pack-us", "hbm", at, ""): 100,
                ("pack-tw", "cloud", "gpu", at, "TW"): 50,
                ("pack-us", "cloud", "gpu", at, "TW"): 50,
            },
            relabel={
                ("pack-tw", "die", at, "", "TW"): 50,
                ("pack-tw", "hbm", at, "", "TW"): 100,
                ("pack-us", "hbm", at, "", "TW"): 100,
            },
            total={("l1", at): 100, ("l2", at): 100, ("l3", at): 100},
        )
        assert toys.broken(program, crossing) == []
        assert float(program.numbers.cost @ crossing) == 650  # as cheap as any plan, and 100 % of units touched

    def test_a_pathway_cap_binds(self):
        """60 of the cheapest way and 40 clear ones: 240 + 360."""
        plan = toys.solve(crossed(), toys.policy({**PATH, "max_share": 0.6}))
        assert plan.objective == pytest.approx(600, rel=1e-9)
        assert by_class(plan) == {"": 40, "TW": 60}
        columns = ["limit", "of", "period", "share", "max_share", "excess", "cost", "shadow_price"]
        assert plan.limits[columns].values.tolist() == [["l1", "TW", "P1", 0.6, 0.6, 0, 0, 5]]
        assert plan.production[["site", "touched", "started"]].values.tolist() == [
            ["fab-tw", "TW", 60],
            ["fab-us", "", 40],
            ["mem", "", 200],
            ["pack-tw", "TW", 60],
            ["pack-us", "", 40],
        ]
        assert plan.tables["relabelled"].values.tolist() == [["pack-tw", "hbm", "P1", "", "TW", 120]]

    def test_its_shadow_price_is_the_finite_difference(self):
        """One more touched unit costs 4 instead of 9."""
        program = toys.program(crossed(), toys.policy({**PATH, "max_share": 0.6}))
        row = toys.row_number(program, "pathway_limit", "l1", "TW", "P1")
        less, more = (toys.least_cost(program, {row: step}) for step in (-0.25, 0.25))
        assert (less - 600) / 0.25 == pytest.approx(5)
        assert (600 - more) / 0.25 == pytest.approx(5)
        steps = [cost(crossed(), {**PATH, "max_share": share}) for share in (0.59, 0.6, 0.61)]
        assert np.diff(steps) == pytest.approx([-5, -5])  # 0.01 * the price * 100 delivered

    def test_stage_and_pathway_limits_together(self):
        """Half of each stage already pays for 50 clear units; at 40 % another 10 go from 4 to 9."""
        assert cost(crossed(), *HALVES, {**PATH, "max_share": 0.6}) == pytest.approx(650, rel=1e-9)
        assert cost(crossed(), *HALVES, {**PATH, "max_share": 0.4}) == pytest.approx(700, rel=1e-9)

    @pytest.mark.parametrize("share", portion([0, 0.25, 0.6, 1], quick=1))
    def test_where_all_is_delivered_a_floor_is_the_cap_of_the_rest(self, share):
        cap, floor = cost(crossed(), {**PATH, "max_share": share}), cost(crossed(), {**PATH, "min_free": 1 - share})
        assert cap == pytest.approx(400 + 500 * (1 - share), rel=1e-9)
        assert floor == pytest.approx(cap, rel=1e-9)

    @pytest.mark.slow
    def test_a_part_in_the_middle_counts_too(self):
        """All memory is of KR, so every unit has touched it, wherever it is packaged."""
        plan = toys.solve(crossed(), toys.policy({**PATH, "of": "KR", "max_share": 1.0}))
        assert by_class(plan) == {"KR": 100}
        with pytest.raises(planner.InfeasibleError):
            toys.solve(crossed(), toys.policy({**PATH, "of": "KR", "max_share": 0.9}))


class TestCapAndFloor:
    def test_a_cap_can_be_met_by_delivering_less_a_floor_cannot(self):
        """A touched unit earns 5 - 4, a clear one 5 - 9: mixed 60 to 40 they lose, so under a cap none is made."""
        instance = crossed(demand=[{"customer": "cloud", "item": "gpu", "quantity": 100, "price": 5}])
        assert cost(instance) == pytest.approx(400, rel=1e-9)
        capped = toys.solve(instance, toys.policy({**PATH, "max_share": 0.6}))
        assert capped.objective == pytest.approx(500, rel=1e-9)
        assert np.isnan(capped.limits["share"]).all()
        assert cost(instance, {**PATH, "min_free": 0.4}) == pytest.approx(600, rel=1e-9)

    @pytest.mark.slow
    def test_both_at_once(self):
        """Of 10 at most 40 % may be of TW, so that the floor of one half is no further burden; nor the other way."""
        cap, floor = {**PATH, "max_share": 0.4}, {**PATH, "min_free": 0.5}
        plan = toys.solve(toys.two_plants(), toys.policy(cap, floor))
        assert plan.objective == pytest.approx(4 + 18, rel=1e-9)
        assert plan.limits[["limit", "share", "shadow_price"]].values.tolist() == [["l1", 0.4, 2], ["l2", 0.6, 0]]
        assert cost(toys.two_plants(), {**cap, "max_share": 0.7}, floor) == pytest.approx(5 + 15, rel=1e-9)

    def test_the_share_of_a_floor_is_of_what_is_ordered(self):
        """4 of the US and none of TW: 40 % of the 10 ordered are clear, all that is delivered."""
        instance = toys.two_plants(capacities=[{"site": "east", "capacity": 0}, {"site": "west", "capacity": 4}])
        plan = toys.solve(instance, toys.policy({**PATH, "min_free": 0.3}, {**PATH, "max_share": 0.5}))
        assert shares(plan) == {("l1", "TW", "1"): 0.4, ("l2", "TW", "1"): 0.0}

    TWO_PERIODS: ClassVar = {
        "periods": ["P1", "P2"],
        "stocks": [{"site": "east", "item": "unit", "maximum": 0}, {"site": "west", "item": "unit", "maximum": 0}],
        "capacities": [{"site": "west", "period": "P2", "capacity": 20}],
    }

    @pytest.mark.parametrize(
        ("part", "wanted"),
        portion_of_rows(
            [
                ({"max_share": 0.5}, 1000 + 5 + 15),  # west cannot work in P1: nothing is delivered then
                ({"max_share": 0.5, "per": "horizon"}, 10 + 30),
                ({"max_share": 0.5, "period": "P2"}, 10 + 20),
                ({"max_share": 0.5, "period": "P2..", "per": "horizon"}, 10 + 20),
                ({"min_free": 0.5, "per": "horizon"}, 10 + 30),
                ({"min_free": 0.25, "per": "horizon"}, 10 + 5 + 15),
                ({"min_free": 0.5, "period": "P2"}, 10 + 20),
            ],
            quick=2,
        ),
    )
    def test_per_period_horizon_and_window(self, part, wanted):
        instance = toys.two_plants(**self.TWO_PERIODS)
        assert cost(instance, {**PATH, **part}) == pytest.approx(wanted, rel=1e-9)

    def test_a_floor_in_a_period_in_which_it_cannot_be_kept(self):
        with pytest.raises(planner.InfeasibleError) as failed:
            toys.solve(toys.two_plants(**self.TWO_PERIODS), toys.policy({**PATH, "min_free": 0.5}))
        assert any("free of TW in P1" in text for text in failed.value.conflict)


class TestScope:
    SHOPS: ClassVar = {
        "customers": [{"customer": "shop", "region": "TW"}, {"customer": "side", "region": "US"}],
        "demand": [
            {"customer": "shop", "item": "unit", "quantity": 10, "price": 100},
            {"customer": "side", "item": "unit", "quantity": 20, "price": 100},
        ],
        "lanes": [{"from": start, "to": end} for start in ("east", "west") for end in ("shop", "side")],
    }

    @pytest.mark.parametrize(
        ("customers", "wanted"),
        portion_of_rows([(["shop"], 5 + 15 + 20), (["side"], 10 + 10 + 30), ([], 15 + 45)], quick=3),
    )
    @pytest.mark.parametrize("part", [{"max_share": 0.5}, {"min_free": 0.5}], ids=["cap", "floor"])
    def test_customers(self, customers, wanted, part):
        instance = toys.two_plants(**self.SHOPS)
        assert cost(instance, {**PATH, **part, "customers": customers}) == pytest.approx(wanted, rel=1e-9)

    def test_each_customer_of_its_own(self):
        """Half of the shop's and a quarter of the side's; the others' units are of TW."""
        limits = [{**PATH, "max_share": 0.5, "customers": ["shop"]}, {**PATH, "min_free": 0.75, "customers": ["side"]}]
        plan = toys.solve(toys.two_plants(**self.SHOPS), toys.policy(*limits))
        assert plan.objective == pytest.approx(5 + 15 + 5 + 45, rel=1e-9)
        assert by_class(plan, "shop") == {"": 5, "TW": 5}
        assert by_class(plan, "side") == {"": 15, "TW": 5}

    VALUED: ClassVar = {
        "items": [{"item": "a", "stage": "make", "value": 30}, {"item": "b", "stage": "make", "value": 10}],
        "processes": [
            {"site": "east", "item": "a", "unit_cost": 1},
            {"site": "west", "item": "a", "unit_cost": 7},
            {"site": "east", "item": "b", "unit_cost": 1},
            {"site": "west", "item": "b", "unit_cost": 2},
        ],
        "demand": [
            {"customer": "shop", "item": "a", "quantity": 10, "price": 100},
            {"customer": "shop", "item": "b", "quantity": 10, "price": 100},
        ],
    }

    @pytest.mark.parametrize(
        ("part", "wanted"),
        portion_of_rows(
            [
                ({"max_share": 0.5}, 20 + 10),  # all of b at 1 more each
                ({"max_share": 0.5, "weight": "value"}, 20 + 10 + 20),  # 200 of 400: all of b, and 10/3 of a at 6 more
                ({"min_free": 0.5, "weight": "value"}, 20 + 10 + 20),
                ({"max_share": 0.5, "items": ["a"]}, 20 + 30),
                ({"min_free": 0.4, "items": ["b"]}, 20 + 4),
                ({"min_free": 0.5, "items": ["a", "b"]}, 20 + 10),
            ],
            quick=3,
        ),
    )
    def test_items_and_weights(self, part, wanted):
        assert cost(toys.two_plants(**self.VALUED), {**PATH, **part}) == pytest.approx(wanted, rel=1e-9)

    def test_a_floor_by_value_has_a_price_by_value(self):
        """100 of 400 are clear already; one more in value is 1/30 of a at 6 more."""
        plan = toys.solve(toys.two_plants(**self.VALUED), toys.policy({**PATH, "min_free": 0.5, "weight": "value"}))
        assert plan.limits["shadow_price"].tolist() == [0.2]
        assert plan.limits["share"].tolist() == [0.5]


class TestSoft:
    @pytest.mark.parametrize("part", portion([{"max_share": 0.6}, {"min_free": 0.4}], quick=1, ids=["cap", "floor"]))
    def test_passed_where_that_is_cheaper(self, part):
        """A unit of TW more saves 2: at 1.5 all ten are of TW, at 2.5 six."""
        passed = toys.solve(toys.two_plants(), toys.policy({**PATH, **part, "soft_cost": 1.5}))
        kept = toys.solve(toys.two_plants(), toys.policy({**PATH, **part, "soft_cost": 2.5}))
        assert (passed.objective, kept.objective) == (pytest.approx(10 + 6), pytest.approx(18))
        columns = ["excess", "cost", "shadow_price"]
        assert passed.limits[columns].values.tolist() == [[4, 6, 1.5]]
        assert kept.limits[columns].values.tolist() == [[0, 0, 2]]
        assert toys.cost_of(passed, "limit_excess") == pytest.approx(6)
        assert passed.certificate.passed

    def test_a_floor_that_nothing_can_keep(self):
        """No unit is free of KR: 40 are missing at 2."""
        plan = toys.solve(crossed(), toys.policy({**PATH, "of": "KR", "min_free": 0.4, "soft_cost": 2}))
        assert plan.objective == pytest.approx(400 + 80, rel=1e-9)
        assert plan.limits[["share", "excess", "cost"]].values.tolist() == [[0, 40, 80]]

    def test_excess_over_the_horizon_is_discounted_in_the_last_period_of_its_window(self):
        """All 20 of TW where 10 may be: 10 at 1.5 and a factor of 0.8, and 10 + 10 * 0.8 for making."""
        instance = toys.two_plants(periods=["P1", "P2"], discount_rate=0.25)
        part = {**PATH, "max_share": 0.5, "per": "horizon", "soft_cost": 1.5}
        assert cost(instance, part) == pytest.approx(10 + 8 + 10 * 1.5 * 0.8, rel=1e-9)


class TestWatches:
    @pytest.mark.slow
    def test_two_regions(self):
        """Both shares hold at once; where they add up to less than one, nothing can be delivered."""
        pair = [{**PATH, "max_share": 0.6}, {**PATH, "of": "US", "max_share": 0.7}]
        plan = toys.solve(toys.two_plants(), toys.policy(*pair))
        assert plan.objective == pytest.approx(6 + 12, rel=1e-9)
        assert shares(plan) == {("l1", "TW", "1"): 0.6, ("l2", "US", "1"): 0.4}
        less = [pair[0], {**pair[1], "max_share": 0.3}]
        assert cost(toys.two_plants(), *less) == pytest.approx(1000, rel=1e-9)

    def test_classes_are_what_the_ways_touch(self):
        """60 of the cheapest way, 30 that are only packaged in TW and 10 only of its fab."""
        watched = [
            {**PATH, "over": "site", "of": "fab-tw", "max_share": 0.6},
            {**PATH, "over": "site", "of": "pack-tw", "max_share": 0.9},
            {**PATH, "of": "KR", "max_share": 1.0},
        ]
        plan = toys.solve(crossed(), toys.policy(*watched))
        assert plan.objective == pytest.approx(400 + 40 * 2 + 10 * 3, rel=1e-9)
        assert shares(plan) == {("l1", "fab-tw", "P1"): 0.6, ("l2", "pack-tw", "P1"): 0.9, ("l3", "KR", "P1"): 1}
        found = by_class(plan)
        assert sum(found.values()) == pytest.approx(100)
        assert set(found) <= {"KR", "KR+fab-tw", "KR+pack-tw", "KR+fab-tw+pack-tw"}

    @pytest.mark.parametrize(
        ("part", "clear"),
        portion_of_rows(
            [
                ({"of": "TW"}, {"fab-us > pack-us": 9}),
                ({"over": "cluster", "of": "valley"}, {"fab-us > pack-us": 9}),
                ({"over": "site", "of": "fab-tw"}, {"fab-us > pack-tw": 6}),
                ({"over": "site", "of": "pack-tw"}, {"fab-tw > pack-us": 7}),
                ({"of": "US"}, {"fab-tw > pack-tw": 4}),
            ],
            quick=2,
        ),
    )
    def test_over(self, part, clear):
        """Half of the units must go the cheapest way that is clear, the others go for 4."""
        (price,) = clear.values()
        assert cost(crossed(), {**PATH, **part, "max_share": 0.5}) == pytest.approx(50 * 4 + 50 * price, rel=1e-9)

    @pytest.mark.parametrize(
        "part", portion([{"over": "operator", "of": "alpha"}, {"of": "asia"}, {"over": "site", "of": "mem"}], quick=1)
    )
    def test_what_nothing_avoids(self, part):
        """alpha has both fabs; the only memory is of Asia. Both sides of that are said."""
        with pytest.raises(planner.InfeasibleError):
            toys.solve(crossed(), toys.policy({**PATH, **part, "max_share": 0.5}))
        assert cost(crossed(), {**PATH, **part, "max_share": 1.0}) == pytest.approx(400, rel=1e-9)

    def test_an_empty_operator_is_the_site_itself(self):
        part = {**PATH, "over": "operator", "of": "mem", "max_share": 1.0}
        assert by_class(toys.solve(crossed(), toys.policy(part))) == {"mem": 100}

    THREE: ClassVar = {
        "region_groups": {"asia": ["TW", "KR"]},
        "sites": [*toys.TWO_PLANTS["sites"], {"site": "north", "region": "KR"}],
        "processes": [*toys.TWO_PLANTS["processes"], {"site": "north", "item": "unit", "unit_cost": 2}],
        "lanes": [*toys.TWO_PLANTS["lanes"], {"from": "north", "to": "shop"}],
    }

    def test_a_group_is_one_watch(self):
        """Half of Asia together: 5 at 1 and 5 at 3. By themselves TW and KR can share what is left to them."""
        instance = toys.two_plants(**self.THREE)
        plan = toys.solve(instance, toys.policy({**PATH, "of": "asia", "max_share": 0.5}))
        assert plan.objective == pytest.approx(5 + 15, rel=1e-9)
        assert by_class(plan) == {"": 5, "asia": 5}
        apart = [{**PATH, "max_share": 0.5}, {**PATH, "of": "KR", "max_share": 0.5}]
        assert cost(instance, *apart) == pytest.approx(5 + 10, rel=1e-9)

    @pytest.mark.slow
    def test_a_group_and_its_member(self):
        """Half of Asia, of it 2 of TW: 2 at 1, 3 at 2 and 5 at 3."""
        limits = [{**PATH, "of": "asia", "max_share": 0.5}, {**PATH, "max_share": 0.2}]
        plan = toys.solve(toys.two_plants(**self.THREE), toys.policy(*limits))
        assert plan.objective == pytest.approx(2 + 6 + 15, rel=1e-9)
        assert by_class(plan) == {"": 5, "TW+asia": 2, "asia": 3}

    def test_each_is_a_row_for_each_region_that_makes_something(self):
        instance = toys.two_plants(**self.THREE)
        plan = toys.solve(instance, toys.policy({**PATH, "of": "each", "max_share": 0.4}))
        assert plan.objective == pytest.approx(4 + 8 + 6, rel=1e-9)
        assert shares(plan) == {("l1", "KR", "1"): 0.4, ("l1", "TW", "1"): 0.4, ("l1", "US", "1"): 0.2}
        floors = toys.solve(instance, toys.policy({**PATH, "of": "each", "min_free": 0.6}))
        assert floors.objective == pytest.approx(4 + 8 + 6, rel=1e-9)
        assert floors.limits["of"].tolist() == ["KR", "TW", "US"]

    def test_each_beside_one_of_them_is_no_further_watch(self):
        limits = [{**PATH, "of": "each", "max_share": 0.9}, {**PATH, "min_free": 0.5}]
        network = toys.network(toys.two_plants(**self.THREE), toys.policy(*limits))
        assert [watch.name for watch in network.watches] == ["KR", "TW", "US"]

    def many(self, count):
        names = [f"R{number}" for number in range(count)]
        return toys.tiny(
            sites=[{"site": f"s{name}", "region": name} for name in names],
            processes=[{"site": f"s{name}", "item": "unit", "unit_cost": 1} for name in names],
            lanes=[{"from": f"s{name}", "to": "shop"} for name in names],
        )

    def test_six_can_be_followed_and_seven_cannot(self):
        each = toys.policy({**PATH, "of": "each", "max_share": 0.2})
        assert toys.solve(self.many(6), each).objective == pytest.approx(10, rel=1e-9)
        with pytest.raises(planner.UsageError) as refused:
            toys.solve(self.many(7), each)
        assert all(f"R{number}" in str(refused.value) for number in range(7))
        assert "at most 6" in str(refused.value)

    def test_a_region_and_an_operator_of_one_name(self):
        """The site TW of the region TW is run by US, the site west of the region US by TW."""
        instance = toys.two_plants(
            sites=[
                {"site": "TW", "region": "TW", "operator": "US"},
                {"site": "west", "region": "US", "operator": "TW"},
            ],
            processes=[
                {"site": "TW", "item": "unit", "unit_cost": 1},
                {"site": "west", "item": "unit", "unit_cost": 3},
            ],
            lanes=[{"from": "TW", "to": "shop"}, {"from": "west", "to": "shop"}],
        )
        limits = [
            {**PATH, "max_share": 0.4},
            {**PATH, "over": "operator", "max_share": 0.7},
            {**PATH, "over": "site", "max_share": 0.35},
            {**PATH, "of": "US", "max_share": 0.9},
        ]
        plan = toys.solve(instance, toys.policy(*limits))
        assert plan.objective == pytest.approx(3.5 + 19.5, rel=1e-9)
        assert by_class(plan) == {"region:TW+site:TW": 3.5, "US+operator:TW": 6.5}
        assert plan.limits["share"].tolist() == [0.35, 0.65, 0.35, 0.65]
        assert plan.certificate.passed

    @pytest.mark.parametrize("part", [{"max_share": 0.0}, {"min_free": 1.0}], ids=["cap", "floor"])
    def test_a_region_that_makes_nothing_is_never_touched(self, part):
        instance = toys.two_plants(customers=[{"customer": "shop", "region": "DE"}])
        assert cost(instance, {**PATH, "of": "DE", **part}) == pytest.approx(10, rel=1e-9)

    def test_each_cluster_where_no_site_has_one(self):
        """Nothing is watched, so nothing is limited."""
        sites = [{"site": "east", "region": "TW"}, {"site": "west", "region": "US"}]
        part = {**PATH, "over": "cluster", "of": "each", "max_share": 0.1}
        assert cost(toys.two_plants(sites=sites), part) == pytest.approx(10, rel=1e-9)

    @pytest.mark.slow
    @pytest.mark.parametrize("part", [{"max_share": 0.1}, {"min_free": 0.9}], ids=["cap", "floor"])
    def test_a_customer_who_orders_nothing(self, part):
        instance = toys.two_plants(
            customers=[{"customer": "shop", "region": "TW"}, {"customer": "idle", "region": "US"}]
        )
        plan = toys.solve(instance, toys.policy({**PATH, **part, "customers": ["idle"]}))
        assert plan.objective == pytest.approx(10, rel=1e-9)
        assert plan.limits.empty

    @pytest.mark.slow
    @pytest.mark.parametrize("soft", [None, 3.0])
    def test_an_order_of_nothing(self, soft):
        instance = toys.two_plants(demand=[{"customer": "shop", "item": "unit", "quantity": 0, "price": 100}])
        limits = [{**PATH, **part, "soft_cost": soft} for part in ({"max_share": 0.1}, {"min_free": 0.9})]
        plan = toys.solve(instance, toys.policy(*limits))
        assert plan.objective == 0
        assert plan.limits["share"].isna().all()
        assert plan.limits[["excess", "cost"]].to_numpy().sum() == 0


class TestWhatTouches:
    """10 of the US at 3 or of TW at 1 by way of a shelf; a floor tells what the planner takes for clear."""

    SHELF: ClassVar = {
        "sites": [*toys.TWO_PLANTS["sites"], {"site": "shelf", "region": "SG", "operator": "store"}],
        "lanes": [{"from": "east", "to": "shelf"}, {"from": "west", "to": "shelf"}, {"from": "shelf", "to": "shop"}],
    }

    def shelf(self, **tables):
        return toys.two_plants(**{**self.SHELF, **tables})

    @pytest.mark.parametrize(
        "part", [{"of": "SG"}, {"over": "operator", "of": "store"}, {"over": "site", "of": "shelf"}]
    )
    def test_passing_through_does_not(self, part):
        assert cost(self.shelf(), {**PATH, **part, "min_free": 1.0}) == pytest.approx(10, rel=1e-9)

    def test_standing_in_stock_does_not(self):
        """Made in the US in P1, kept in SG over P2, sold in P3: free of SG and of TW."""
        instance = self.shelf(
            periods=["P1", "P2", "P3"],
            capacities=[{"site": site, "period": "P1", "capacity": 30} for site in ("east", "west")],
            stocks=[{"site": "east", "item": "unit", "maximum": 0}, {"site": "west", "item": "unit", "maximum": 0}],
            demand=[{"customer": "shop", "item": "unit", "period": "P3", "quantity": 10, "price": 100}],
        )
        plan = toys.solve(instance, toys.policy({**PATH, "of": "SG", "min_free": 1.0}, {**PATH, "min_free": 0.6}))
        assert plan.objective == pytest.approx(4 + 18, rel=1e-9)
        assert plan.stock[["site", "period", "touched", "quantity"]].values.tolist() == [
            ["shelf", "P1", "", 6],
            ["shelf", "P1", "TW", 4],
            ["shelf", "P2", "", 6],
            ["shelf", "P2", "TW", 4],
        ]

    def test_work_does_wherever_it_is(self):
        """The shelf labels every unit at 0: all are of SG."""
        instance = self.shelf(
            items=[{"item": "unit", "stage": "make"}, {"item": "sold", "stage": "label"}],
            processes=[*toys.TWO_PLANTS["processes"], {"site": "shelf", "item": "sold"}],
            components=[{"item": "sold", "component": "unit", "quantity": 1}],
            demand=[{"customer": "shop", "item": "sold", "quantity": 10, "price": 100}],
        )
        plan = toys.solve(instance, toys.policy({**PATH, "max_share": 0.3}, {**PATH, "of": "SG", "max_share": 1.0}))
        assert by_class(plan) == {"SG": 7, "SG+TW": 3}
        assert plan.objective == pytest.approx(3 + 21, rel=1e-9)

    @pytest.mark.parametrize(
        ("of", "touched", "wanted"),
        portion_of_rows(
            [
                ("SG", "", 4 + 6),  # stock of SG is touched there; the rest of 10 is made in TW
                ("TW", "", 6 * 3),  # it is clear of TW
                ("TW", "TW", 10 * 3),  # but not where it says that it has been there: nothing of it can be used
                ("TW", "KR+TW", 10 * 3),
                ("TW", "KR", 6 * 3),
                ("asia", "KR", 10 * 3),
            ],
            quick=2,
        ),
    )
    def test_opening_stock_counts_its_site_and_what_it_has_touched(self, of, touched, wanted):
        """4 units stand on the shelf, all of 10 must be free of one region."""
        instance = self.shelf(
            region_groups={"asia": ["TW", "KR"]},
            customers=[{"customer": "shop", "region": "KR"}],
            stocks=[{"site": "shelf", "item": "unit", "opening": 4, "touched": touched}],
        )
        if of == "SG":  # no other unit is of SG, so that its stock stays where it is
            assert cost(instance, {**PATH, "of": of, "min_free": 1.0}) == pytest.approx(10, rel=1e-9)
            assert cost(instance, {**PATH, "of": of, "min_free": 0.6}) == pytest.approx(6, rel=1e-9)
        else:
            assert cost(instance, {**PATH, "of": of, "min_free": 1.0}) == pytest.approx(wanted, rel=1e-9)

    @pytest.mark.slow
    def test_opening_stock_counts_every_kind_of_watch_of_its_site(self):
        instance = self.shelf(stocks=[{"site": "shelf", "item": "unit", "opening": 4}])
        for part in ({"over": "operator", "of": "store"}, {"over": "site", "of": "shelf"}):
            assert cost(instance, {**PATH, **part, "min_free": 1.0}) == pytest.approx(10, rel=1e-9)
            assert cost(instance, {**PATH, **part, "min_free": 0.6}) == pytest.approx(6, rel=1e-9)

    def test_arrivals_of_two_kinds_at_one_place(self):
        """4 clear ones and 2 that have touched TW arrive; of 10 half must be clear, so one more is made in the US."""
        instance = self.shelf(
            arrivals=[
                {"site": "shelf", "item": "unit", "period": "1", "quantity": 4},
                {"site": "shelf", "item": "unit", "period": "1", "quantity": 2, "touched": "TW"},
            ]
        )
        plan = toys.solve(instance, toys.policy({**PATH, "min_free": 0.5}))
        assert plan.objective == pytest.approx(3 + 3 * 1, rel=1e-9)
        assert by_class(plan) == {"": 5, "TW": 5}
        assert shares(plan) == {("l1", "TW", "1"): 0.5}

    def test_lead_times_and_yields(self):
        """Dies of TW (yield 0.5, one period) or the US, joined in the US (yield 0.8), over a lane of one period.

        10 in P4 are 10 / 0.8 = 12.5 joined: of TW 25 wafers a 12.5 at 1, of the US 12.5 at 8. Half of each:
        12.5 + 6.25 * 8 + 12.5 * 2 for joining.
        """
        instance = toys.two_plants(
            periods=["P1", "P2", "P3", "P4"],
            items=[{"item": "die", "stage": "wafer"}, {"item": "unit", "stage": "make"}],
            sites=[*toys.TWO_PLANTS["sites"], {"site": "join", "region": "US"}],
            processes=[
                {"site": "east", "item": "die", "unit_cost": 1, "yield": 0.5, "lead_time": 1},
                {"site": "west", "item": "die", "unit_cost": 8},
                {"site": "join", "item": "unit", "unit_cost": 2, "yield": 0.8, "lead_time": 1},
            ],
            components=[{"item": "unit", "component": "die", "quantity": 1}],
            lanes=[
                {"from": "east", "to": "join"},
                {"from": "west", "to": "join"},
                {"from": "join", "to": "shop", "lead_time": 1},
            ],
            demand=[{"customer": "shop", "item": "unit", "period": "P4", "quantity": 10, "price": 100}],
        )
        plan = toys.solve(instance, toys.policy({**PATH, "max_share": 0.5}))
        assert plan.objective == pytest.approx(12.5 + 50 + 25, rel=1e-9)
        started = plan.production.set_index(["site", "touched"])[["period", "started", "finished"]]
        assert started.loc[("east", "TW")].tolist() == ["P1", 12.5, 6.25]
        assert started.loc[("west", "")].tolist()[1:] == [6.25, 6.25]
        assert started.loc[("join", "TW")].tolist() == ["P2", 6.25, 5]
        assert plan.limits["period"].tolist() == ["P4"]  # where it arrives

    def test_a_part_used_more_than_once_can_be_of_both_kinds(self):
        """Each unit takes two parts; 4 clear parts are there, the rest is of TW: two units of ten can be clear."""
        instance = toys.tiny(
            sites=[{"site": "plant", "region": "US"}, {"site": "east", "region": "TW"}],
            items=[{"item": "part", "stage": "parts"}, {"item": "unit", "stage": "make"}],
            processes=[{"site": "east", "item": "part", "unit_cost": 1}, {"site": "plant", "item": "unit"}],
            components=[{"item": "unit", "component": "part", "quantity": 2}],
            lanes=[{"from": "east", "to": "plant"}, {"from": "plant", "to": "shop"}],
            stocks=[{"site": "plant", "item": "part", "opening": 4}],
        )
        assert cost(instance, {**PATH, "max_share": 0.8}) == pytest.approx(16, rel=1e-9)
        assert cost(instance, {**PATH, "max_share": 0.75}) == pytest.approx(200 + 12, rel=1e-9)  # 2 clear of 8

    @pytest.mark.parametrize(
        "part", portion([{"min_free": 0.5}, {"min_free": 0.5, "soft_cost": 50}], quick=1, ids=["hard", "soft"])
    )
    def test_what_comes_late_helps_no_floor(self, part):
        """10 due in P1, late at 1: at least 5 of the US in P1, though they could come in P2, where none is due."""
        instance = toys.two_plants(
            periods=["P1", "P2"],
            demand=[{"customer": "shop", "item": "unit", "period": "P1", "quantity": 10, "price": 100, "late_cost": 1}],
            capacities=[{"site": "east", "capacity": 20}, {"site": "west", "period": "P1", "capacity": 5}],
        )
        plan = toys.solve(instance, toys.policy({**PATH, **part}))
        assert plan.objective == pytest.approx(15 + 5, rel=1e-9)
        assert plan.limits["period"].tolist() == ["P1"]
        later = toys.solve(instance, toys.policy({**PATH, **part, "period": "P2", "per": "horizon"}))
        assert later.objective == pytest.approx(10, rel=1e-9)
        assert later.limits.empty  # nothing is ordered there

    def test_a_cap_counts_what_comes_late_where_it_comes(self):
        """East makes 4 in P1, and 6 in P2 are late at 1; of those at most half of TW."""
        instance = toys.two_plants(
            periods=["P1", "P2"],
            demand=[{"customer": "shop", "item": "unit", "period": "P1", "quantity": 10, "price": 100, "late_cost": 1}],
            capacities=[{"site": "east", "capacity": 4}, {"site": "west", "period": "P2", "capacity": 20}],
        )
        plan = toys.solve(instance, toys.policy({**PATH, "max_share": 0.5, "period": "P2"}))
        assert plan.objective == pytest.approx(4 + 6 * 1 + 3 + 9, rel=1e-9)
        assert shares(plan) == {("l1", "TW", "P2"): 0.5}


class TestStockBounds:
    """A shelf between the plants and the shop; what is sold in P2 is made in P1."""

    def instance(self, **bounds):
        return toys.two_plants(
            periods=["P1", "P2"],
            sites=[*toys.TWO_PLANTS["sites"], {"site": "shelf", "region": "US"}],
            capacities=[{"site": site, "period": "P1", "capacity": 6} for site in ("east", "west")],
            lanes=[{"from": "east", "to": "shelf"}, {"from": "west", "to": "shelf"}, {"from": "shelf", "to": "shop"}],
            demand=[{"customer": "shop", "item": "unit", "period": "P2", "quantity": 10, "price": 100}],
            stocks=[
                {"site": "shelf", "item": "unit", **bounds},
                *({"site": site, "item": "unit", "maximum": 0} for site in ("east", "west")),
            ],
        )

    def test_a_maximum_is_of_all_classes_together(self):
        plan = toys.solve(self.instance(maximum=8), toys.policy({**PATH, "max_share": 0.5}))
        assert plan.objective == pytest.approx(4 + 12 + 200, rel=1e-9)
        assert plan.stock[["touched", "quantity"]].values.tolist() == [["", 4], ["TW", 4]]

    def test_a_minimum_is_of_all_classes_together(self):
        """12 are made and 10 sold, half of them of TW: one of each is left."""
        plan = toys.solve(self.instance(closing_minimum=2), toys.policy({**PATH, "max_share": 0.5}))
        assert plan.objective == pytest.approx(6 + 18, rel=1e-9)
        assert plan.stock[plan.stock["period"] == "P2"]["quantity"].sum() == pytest.approx(2)

    def failed(self, share=0.5, **bounds):
        with pytest.raises(planner.InfeasibleError) as failed:
            toys.solve(self.instance(**bounds), toys.policy({**PATH, "max_share": share}))
        return failed.value

    def test_a_minimum_that_cannot_be_kept_is_named_with_its_repair(self):
        error = self.failed(closing_minimum=15)
        assert "At least 15 unit must be kept at shelf in P2." in error.conflict
        assert "lower the closing minimum of unit at shelf from 15 to 12" in [part["text"] for part in error.repair]
        assert cost(self.instance(closing_minimum=12), {**PATH, "max_share": 0.5}) == pytest.approx(6 + 18 + 1000)

    @pytest.mark.slow
    def test_a_maximum_that_cannot_be_kept_is_named_once(self):
        """7 of TW stand on a shelf for 5; with room for 7 they are sold in P2, and 3 are lost."""
        error = self.failed(share=1.0, opening=7, maximum=5, touched="TW")
        assert "At most 5 unit can be kept at shelf in P1." in error.conflict
        assert [part["text"] for part in error.repair] == ["raise the maximum stock of unit at shelf from 5 to 7"]
        instance = self.instance(opening=7, maximum=7, touched="TW")
        assert cost(instance, {**PATH, "max_share": 1.0}) == pytest.approx(300, rel=1e-9)


class TestWithEverythingElse:
    def test_contracts_stage_limits_and_options(self):
        """Half of the units clear, at least 30 dies of fab-us, at most 40 at pack-us but for an option of 20 at 2.

        The contract on fab-tw asks for 60 dies though 50 are used: 10 more at 1, which stay. Half of the units go
        the cheapest way (50 * 4), half are clear (50 * 9); 10 more at pack-us are half of the option, 10 * 2.
        """
        instance = crossed(
            capacities=[
                {"site": site, "capacity": 40 if site == "pack-us" else 100}
                for site in ("fab-tw", "fab-us", "pack-tw", "pack-us")
            ],
            commitments=[
                {"commitment": "wafers", "site": "fab-tw", "item": "die", "minimum": 60},
                {"commitment": "chips", "site": "fab-us", "item": "die", "minimum": 30},
            ],
            expansions=[{"option": "more", "site": "pack-us", "period": "P1", "capacity": 20, "unit_cost": 2}],
        )
        limits = [{"measure": "stage", "stage": "packaging", "of": "TW", "max_share": 0.55}, {**PATH, "max_share": 0.5}]
        plan = toys.solve(instance, toys.policy(*limits))
        assert plan.objective == pytest.approx(200 + 450 + 10 + 20, rel=1e-9)
        assert plan.expansions[["share", "capacity", "cost"]].values.tolist() == [[0.5, 10, 20]]
        assert plan.commitments["made"].tolist() == [50, 60]
        assert shares(plan) == {("l1", "TW", "P1"): 0.5, ("l2", "TW", "P1"): 0.5}
        assert plan.certificate.passed

    @pytest.mark.slow
    def test_without_the_option_the_limit_cannot_hold(self):
        instance = crossed(
            capacities=[{"site": "pack-us", "capacity": 40}],
            expansions=[{"option": "more", "site": "pack-us", "period": "P1", "capacity": 20, "unit_cost": 2}],
        )
        with pytest.raises(planner.InfeasibleError) as failed:
            toys.solve(instance, toys.policy({**PATH, "max_share": 0.5}, options=[]))
        texts = [part["text"] for part in failed.value.repair]
        assert "allow the option more" in texts
        assert "raise the pathway cap of TW (l1) in P1 from 50 % to 60 %" in texts

    def test_an_option_with_a_fixed_cost(self):
        """All or nothing: 15 for 20 more at pack-us, where 10 are needed."""
        option = {"option": "more", "site": "pack-us", "period": "P1", "capacity": 20, "fixed_cost": 15}
        instance = crossed(
            capacities=[{"site": "pack-us", "capacity": 40}], expansions=[{**option, "all_or_nothing": "yes"}]
        )
        plan = toys.solve(instance, toys.policy({**PATH, "max_share": 0.5}))
        assert plan.objective == pytest.approx(200 + 450 + 15, rel=1e-9)
        assert plan.limits["shadow_price"].tolist() == [5]
        assert plan.certificate.passed

    def test_a_scenario(self):
        """With fab-us out no unit is clear, and the soft floor is missed by 40."""
        instance = crossed(
            scenarios=[{"name": "out", "changes": [{"change": "outage", "where": {"site": "fab-us"}, "period": "P1"}]}],
            policies=[{"name": "floor", "limits": [{**PATH, "name": "free", "min_free": 0.4, "soft_cost": 7}]}],
        )
        plan = planner.solve(instance, policy="floor", scenario="out")
        assert plan.objective == pytest.approx(400 + 280, rel=1e-9)
        assert planner.solve(instance, policy="floor").objective == pytest.approx(600, rel=1e-9)


class TestTheProgram:
    def test_a_decision_is_the_sum_over_its_classes(self):
        program = planner.formulate(crossed(), policy=toys.policy({**PATH, "max_share": 0.6}))
        label = ("pack-us", "gpu", "standard", "P1")
        whole = program.make[label]
        parts = [program.make[(*label, touched)] for touched in ("", "TW")]
        assert {variable.name: value for variable, value in whole.items()} == {part.name: 1 for part in parts}
        assert label in program.make
        assert (*label, "TW") in program.make
        assert ("pack-us", "gpu", "standard", "P2") not in program.make
        with pytest.raises(KeyError):
            program.make["pack-us", "gpu", "standard", "P2"]

    def test_a_row_of_your_own(self):
        """At least 45 at pack-us: beside the 40 clear ones 5 more go from 4 to 7, a price of 3."""
        program = planner.formulate(crossed(), policy=toys.policy({**PATH, "max_share": 0.6}))
        program.problem += program.make["pack-us", "gpu", "standard", "P1"] >= 45, "our own floor"
        plan = planner.solve(program)
        assert plan.objective == pytest.approx(600 + 15, rel=1e-9)
        assert plan.production.groupby("site")["started"].sum()["pack-us"] == pytest.approx(45)
        assert plan.certificate.passed

    def test_a_row_of_your_own_on_one_class(self):
        """At most 30 clear ones of pack-us: the other 10 must be lost in a mix of 60 to 40, so 25 units of 100."""
        instance = crossed(demand=[{"customer": "cloud", "item": "gpu", "quantity": 100, "price": 50}])
        program = planner.formulate(instance, policy=toys.policy({**PATH, "max_share": 0.6}))
        program.problem += program.make["pack-us", "gpu", "standard", "P1", ""] <= 30, "few clear"
        plan = planner.solve(program)
        assert plan.objective == pytest.approx(45 * 4 + 30 * 9 + 25 * 50, rel=1e-9)
        assert by_class(plan) == {"": 30, "TW": 45}

    def test_its_names_in_a_file(self, tmp_path):
        plan = toys.solve(crossed(), toys.policy({**PATH, "max_share": 0.6}))
        text = export_model(plan, tmp_path / "crossed.lp").place.read_text()
        assert "pathway_limit_000000:" in text
        assert "pathway_total_000000:" in text
        names = pd.read_csv(tmp_path / "crossed.names.csv", dtype=str, keep_default_na=False)
        assert len(names) == plan.sizes["columns"] + plan.sizes["rows"]
        said = names.set_index("name")["label"]
        assert said["make_000004"] == "pack-us/gpu/standard/P1/"
        assert said["make_000005"] == "pack-us/gpu/standard/P1/TW"
        assert said["relabel_000001"] == "pack-tw/hbm/P1//TW"
        assert said["pathway_limit_000000"] == "l1/TW/P1"

    def test_explained(self, capsys):
        for words, wanted in (
            (["explain", "model"], ("pathway_limit", "pathway_total", "stock_minimum", "stock_maximum", "relabel")),
            (["explain", "pathway_limit"], ("min_free", "never negative")),
            (["explain", "relabel"], ("used as if they had touched more",)),
        ):
            with pytest.raises(SystemExit) as left:
                main(words)
            assert not left.value.code
            shown = " ".join(capsys.readouterr().out.split())
            assert [word for word in wanted if word not in shown] == []

    def test_without_pathway_limits_no_table_has_a_column_of_classes(self):
        plan = toys.solve(crossed(), toys.policy(*HALVES))
        assert "relabelled" not in plan.tables
        assert not [name for name, table in plan.tables.items() if "touched" in table]


class TestWhyNoPlanExists:
    """The conflict names the limit, and what the repair says, done, gives a plan at the cost that it says."""

    NARROW: ClassVar = {"capacities": [{"site": "fab-us", "capacity": 37}, {"site": "pack-us", "capacity": 45}]}

    def failed(self, instance, *limits):
        with pytest.raises(planner.InfeasibleError) as failed:
            toys.solve(instance, toys.policy(*limits))
        return failed.value

    def repaired(self, error, start):
        (found,) = [part for part in error.repair if part["text"].startswith(start)]
        return found["text"], found["cost"]

    def test_a_floor(self):
        instance, floor = crossed(**self.NARROW), {**PATH, "min_free": 0.4}
        error = self.failed(instance, floor)
        assert error.conflict == [
            "The resource fab-us has 37 in P1.",
            "The limit l1 asks for at least 40 delivered free of TW in P1 (40 % of the demand).",
        ]
        text, price = self.repaired(error, "lower the floor")
        assert text == "lower the floor of l1 (free of TW) in P1 from 40 % to 37 %"
        assert cost(instance, {**floor, "min_free": 0.37}) == pytest.approx(price, rel=1e-5)
        text, price = self.repaired(error, "raise the capacity")
        assert text == "raise the capacity of fab-us in P1 from 37 to 40"
        more = crossed(capacities=[{"site": "fab-us", "capacity": 40}, self.NARROW["capacities"][1]])
        assert cost(more, floor) == pytest.approx(price, rel=1e-5)

    def test_a_floor_of_all_periods_together_is_told_over_the_horizon(self):
        floor = {**PATH, "min_free": 0.4, "per": "horizon"}
        error = self.failed(crossed(**self.NARROW), floor)
        said = "The limit l1 asks for at least 40 delivered free of TW over the horizon (40 % of the demand)."
        assert said in error.conflict
        assert self.repaired(error, "lower the floor")[0].startswith("lower the floor of l1 (free of TW) over the hor")

    @pytest.mark.slow
    def test_a_cap(self):
        instance, cap = crossed(**self.NARROW), {**PATH, "max_share": 0.6}
        error = self.failed(instance, cap)
        assert "The limit l1 lets at most 60 % of what is delivered in P1 have touched TW." in error.conflict
        text, price = self.repaired(error, "raise the pathway cap")
        assert text == "raise the pathway cap of TW (l1) in P1 from 60 % to 63 %"
        assert cost(instance, {**cap, "max_share": 0.63}) == pytest.approx(price, rel=1e-5)

    @pytest.mark.slow
    @pytest.mark.parametrize("free", portion([0.4173, 0.62, 1.0], quick=1))
    def test_a_rounded_share_is_enough(self, free):
        """A capacity of 100 / 3 gives no round share: what is said is rounded to the side that works."""
        instance = crossed(capacities=[{"site": "fab-us", "capacity": 100 / 3}])
        floor, _ = self.repaired(self.failed(instance, {**PATH, "min_free": free}), "lower the floor")
        cap, _ = self.repaired(self.failed(instance, {**PATH, "max_share": 1 - free}), "raise the pathway cap")
        (floor_to,), (cap_to,) = (re.findall(r"to ([\d.]+) %", text) for text in (floor, cap))
        assert (float(floor_to), float(cap_to)) == (33.3, 66.7)
        assert cost(instance, {**PATH, "min_free": float(floor_to) / 100}) == pytest.approx(400 + 5 * 33.3, rel=1e-9)
        assert cost(instance, {**PATH, "max_share": float(cap_to) / 100}) == pytest.approx(400 + 5 * 33.3, rel=1e-9)

    @pytest.mark.slow
    def test_two_floors_that_exclude_each_other(self):
        """70 % free of TW and 70 % free of the US: 10 units cannot be both; one of the floors must give 40 points."""
        floors = [{**PATH, "min_free": 0.7}, {**PATH, "of": "US", "min_free": 0.7}]
        error = self.failed(toys.two_plants(), *floors)
        assert {text for text in error.conflict if "free of" in text} == {
            "The limit l1 asks for at least 7 delivered free of TW in 1 (70 % of the demand).",
            "The limit l2 asks for at least 7 delivered free of US in 1 (70 % of the demand).",
        }
        text, price = self.repaired(error, "lower the floor")
        eased = {"l1": floors[0], "l2": floors[1]}
        name = re.findall(r"floor of (l\d)", text)[0]
        eased[name] = {**eased[name], "min_free": float(re.findall(r"to ([\d.]+) %", text)[0]) / 100}
        assert cost(toys.two_plants(), *eased.values()) == pytest.approx(price, rel=1e-5)

    @pytest.mark.slow
    def test_in_the_words_of_the_command(self, tmp_path, capsys):
        rows = {**CROSSED, "policies": [{"name": "kr", "limits": [{**PATH, "name": "w", "of": "KR", "min_free": 0.4}]}]}
        (tmp_path / "crossed.json").write_text(json.dumps(rows))
        with pytest.raises(SystemExit) as left:
            main(["solve", str(tmp_path / "crossed.json"), "--policy", "kr", "--json"])
        found = json.loads(capsys.readouterr().out)
        assert (left.value.code, found["status"]) == (3, "infeasible")
        assert found["repair"][0]["text"] == "lower the floor of w (free of KR) in P1 from 40 % to 0 %"


class TestOnePlan:
    """Three plants, two of them in the US at the same cost: which one makes the clear units is a tie."""

    def instance(self, west=3, south=3):
        return toys.two_plants(
            sites=[*toys.TWO_PLANTS["sites"], {"site": "south", "region": "US"}],
            processes=[
                {"site": "east", "item": "unit", "unit_cost": 1},
                {"site": "west", "item": "unit", "unit_cost": west},
                {"site": "south", "item": "unit", "unit_cost": south},
            ],
            capacities=[{"site": "east", "capacity": 6}],
            lanes=[*toys.TWO_PLANTS["lanes"], {"from": "south", "to": "shop"}],
        )

    @pytest.mark.parametrize(
        ("prices", "wanted"), portion_of_rows([({"west": 2}, "west"), ({"south": 2}, "south")], quick=1)
    )
    def test_close_to_a_plan_without_classes(self, prices, wanted):
        """6 of the east and 4 of the site that was cheaper then; with a cap of 60 % the same, and of one half 1 more."""
        before = toys.solve(self.instance(**prices))
        assert before.production.set_index("site")["started"].to_dict() == {"east": 6, wanted: 4}
        for share, more in ((0.6, 0), (0.5, 1)):
            limits = toys.policy({**PATH, "max_share": share})
            after = planner.solve(self.instance(), policy=limits, stay_close_to=before)
            started = after.production.set_index("site")["started"]
            assert started["east"] == 6 - more
            assert started[wanted] >= 4
            assert started.sum() == 10
            assert after.certificate.passed

    @pytest.mark.slow
    def test_close_to_a_plan_with_classes_without_them(self):
        before = toys.solve(self.instance(south=2), toys.policy({**PATH, "max_share": 0.5}))
        after = planner.solve(self.instance(), stay_close_to=before)
        assert after.production.set_index("site")["started"].to_dict() == {"east": 6, "south": 4}

    @pytest.mark.parametrize("share", portion([0.5, 0.6, 1.0], quick=1))
    def test_a_decision_is_what_all_its_classes_add_up_to(self, share):
        """Every unit is joined in the US from a part of TW or the US, at one cost: only what they touched differs.

        The plan to stay close to takes 7 parts of TW and 3 of the US; within the cap as many of TW as then.
        """
        parts = {
            **toys.TWO_PLANTS,
            "sites": [*toys.TWO_PLANTS["sites"], {"site": "join", "region": "US"}],
            "items": [{"item": "part", "stage": "parts"}, {"item": "unit", "stage": "make"}],
            "components": [{"item": "unit", "component": "part", "quantity": 1}],
            "lanes": [{"from": "east", "to": "join"}, {"from": "west", "to": "join"}, {"from": "join", "to": "shop"}],
        }

        def instance(west):
            makes = [
                {"site": "east", "item": "part", "unit_cost": 1},
                {"site": "west", "item": "part", "unit_cost": west},
                {"site": "join", "item": "unit", "unit_cost": 1},
            ]
            return toys.tiny(**{**parts, "processes": makes, "capacities": [{"site": "east", "capacity": 7}]})

        before = toys.solve(instance(3))
        limits = toys.policy({**PATH, "max_share": share})
        after = planner.solve(instance(1), policy=limits, stay_close_to=before)
        tw = min(7, 10 * share)
        assert by_class(after) == {"": 10 - tw, "TW": tw}
        assert after.production.groupby("site")["started"].sum().to_dict() == {"east": tw, "join": 10, "west": 10 - tw}

    def test_no_more_count_as_touched_than_must(self):
        """A limit that binds nothing: the units that the US makes stay clear."""
        instance = self.instance()
        plan = toys.solve(instance, toys.policy({**PATH, "max_share": 1.0}, {**PATH, "of": "US", "max_share": 1.0}))
        assert by_class(plan) == {"TW": 6, "US": 4}
        assert plan.tables["relabelled"].empty

    def test_choke_points_name_the_limit(self):
        plan = toys.solve(crossed(), toys.policy({**PATH, "max_share": 0.6}))
        row = toys.choke(plan, "limit", name="l1 (TW)")
        assert (row["region"], row["used"], row["capacity"], row["utilisation"]) == ("TW", 0.6, 0.6, 1)
        assert row["shadow_price"] == pytest.approx(5)
