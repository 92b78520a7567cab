"""Each type of change of a scenario: a worked case for what it does, and what it refuses."""

from pathlib import Path
from typing import ClassVar

import pytest
import toys

import planner
from planner.instance.applying import apply_scenario
from planner.instance.changes.catalogue import CHANGES
from planner.instance.precedence import resolve_tariffs, universe_of

PERIODS = ["P1", "P2", "P3", "P4", "P5", "P6"]


def applied(change, *more, base=None, **tables):
    """The instance after the change: `two_plants` in six periods unless `base` is given."""
    instance = base or toys.two_plants(periods=PERIODS, **tables)
    return apply_scenario(instance, toys.scenario(change, *more))


def by_period(instance, table, field, **keys):
    """The figure of a table in each period, for the row whose keys match; None where no row covers it."""
    found = [None] * len(instance.periods)
    for row in getattr(instance, table):
        if all(getattr(row, name) == value for name, value in keys.items()):
            for position in instance.periods.window(row.period):
                assert found[position] is None, "two rows for one period"
                found[position] = getattr(row, field)
    return found


def refusal(change, **tables):
    with pytest.raises(planner.InstanceError) as caught:
        applied(change, **tables)
    (problem,) = caught.value.problems
    assert problem.remedy
    return problem


LIMITED = {"capacities": [{"site": "east", "capacity": 40}, {"site": "west", "period": "P1..P4", "capacity": 20}]}


class TestWindowAndRecovery:
    def capacity(self, **change):
        return by_period(
            applied({"change": "capacity", "where": {"site": "east"}, **change}, **LIMITED),
            "capacities",
            "capacity",
            site="east",
        )

    def test_factor_set_and_add(self):
        assert self.capacity(period="P2..P3", factor=0.25) == [40, 10, 10, 40, 40, 40]
        assert self.capacity(period="P2..P3", set=15) == [40, 15, 15, 40, 40, 40]
        assert self.capacity(period="P2..P3", add=-5) == [40, 35, 35, 40, 40, 40]

    def test_open_windows(self):
        assert self.capacity(period="P5..", factor=0.5) == [40, 40, 40, 40, 20, 20]
        assert self.capacity(period="..P2", factor=0.5) == [20, 20, 40, 40, 40, 40]
        assert self.capacity(factor=0.5) == [20] * 6

    def test_the_deviation_of_the_kth_period_is_1_minus_k_over_n_plus_1(self):
        """From 40 to 10 in P2; the deviation of -30 fades over 3 periods by quarters: -22.5, -15, -7.5."""
        assert self.capacity(period="P2", factor=0.25, recovery=3) == [40, 10, 17.5, 25, 32.5, 40]
        assert self.capacity(period="P2", set=10, recovery=3) == [40, 10, 17.5, 25, 32.5, 40]
        assert self.capacity(period="P2", add=-30, recovery=3) == [40, 10, 17.5, 25, 32.5, 40]

    def test_a_recovery_of_one_period_leaves_half(self):
        assert self.capacity(period="P2", factor=0, recovery=1) == [40, 0, 20, 40, 40, 40]

    def test_a_recovery_past_the_horizon_is_cut_off(self):
        assert self.capacity(period="P5", factor=0, recovery=3) == [40, 40, 40, 40, 0, 10]

    def test_changes_apply_in_order(self):
        first = {"change": "capacity", "where": {"site": "east"}, "period": "P2", "factor": 0.5}
        second = {"change": "capacity", "where": {"site": "east"}, "period": "P1..P2", "add": 4}
        assert by_period(applied(first, second, **LIMITED), "capacities", "capacity", site="east")[:3] == [44, 24, 40]
        assert by_period(applied(second, first, **LIMITED), "capacities", "capacity", site="east")[:3] == [44, 22, 40]

    def test_the_instance_itself_is_not_changed(self):
        base = toys.two_plants(periods=PERIODS, **LIMITED)
        before = base.as_mapping()
        applied({"change": "capacity", "factor": 0}, base=base)
        assert base.as_mapping() == before


class TestCapacity:
    OPTION: ClassVar = {"option": "line", "site": "east", "period": "P2", "capacity": 10}

    def test_a_factor_scales_options_as_well(self):
        change = {"change": "capacity", "where": {"site": "east"}, "period": "P3..P4", "factor": 0.5, "recovery": 1}
        found = toys.network(applied(change, expansions=[self.OPTION], **LIMITED))
        at = found.expand_capacity
        assert dict(zip(at["period"], at["capacity"], strict=True)) == {1: 10, 2: 5, 3: 5, 4: 7.5, 5: 10}
        east = found.capacity[found.capacity["site"] == "east"]
        assert east["capacity"].tolist() == [40, 40, 20, 20, 30, 40]

    def test_two_factors_multiply_on_options(self):
        changes = [{"change": "capacity", "where": {"site": "east"}, "period": "P3", "factor": 0.5}] * 2
        at = toys.network(applied(*changes, expansions=[self.OPTION], **LIMITED)).expand_capacity
        assert dict(zip(at["period"], at["capacity"], strict=True))[2] == 2.5

    def test_set_and_add_leave_options_alone(self):
        for change in ({"set": 0}, {"add": -40}):
            found = toys.network(
                applied(
                    {"change": "capacity", "where": {"site": "east"}, **change}, expansions=[self.OPTION], **LIMITED
                )
            )
            assert set(found.expand_capacity["capacity"]) == {10}

    def test_set_gives_capacity_where_no_row_covers(self):
        change = {"change": "capacity", "where": {"site": "west"}, "period": "P4..P5", "set": 7}
        found = toys.network(applied(change, **LIMITED)).capacity
        assert found[found["site"] == "west"]["capacity"].tolist() == [20, 20, 20, 7, 7, 0]

    def test_a_factor_on_nothing_is_nothing(self):
        change = {"change": "capacity", "where": {"site": "west"}, "factor": 3}
        found = toys.network(applied(change, **LIMITED)).capacity
        assert found[found["site"] == "west"]["capacity"].tolist() == [60, 60, 60, 60, 0, 0]

    def test_a_resource_is_selected_by_item_if_any_process_on_it_is(self):
        tables = {
            "items": [{"item": "unit", "stage": "make"}, {"item": "side", "stage": "other"}],
            "processes": [*toys.TWO_PLANTS["processes"], {"site": "east", "item": "side"}],
            **LIMITED,
        }
        for where in ({"item": "side"}, {"stage": "other"}):
            found = applied({"change": "capacity", "where": where, "factor": 0.5}, **tables)
            assert by_period(found, "capacities", "capacity", site="east") == [20] * 6
            assert by_period(found, "capacities", "capacity", site="west")[0] == 20

    @pytest.mark.parametrize(
        "where",
        [
            {"region": "TW"},
            {"operator": "one"},
            {"cluster": "fault"},
            {"stage": "make", "region": "TW"},
            {"region": "asia"},
            {"resource": "east"},
        ],
    )
    def test_selectors(self, where):
        found = applied(
            {"change": "capacity", "where": where, "factor": 0.5}, region_groups={"asia": ["TW"]}, **LIMITED
        )
        assert by_period(found, "capacities", "capacity", site="east") == [20] * 6
        assert by_period(found, "capacities", "capacity", site="west")[0] == 20

    def test_an_unlimited_resource_is_refused(self):
        for change in ({"factor": 0.5}, {"set": 3}, {"add": 3}):
            problem = refusal({"change": "capacity", **change}, capacities=[{"site": "east", "capacity": 40}])
            assert "west" in problem.message
            assert "unlimited" in problem.message
            assert "outage" in problem.remedy

    def test_below_zero_is_refused(self):
        assert "below 0" in refusal({"change": "capacity", "where": {"site": "east"}, "add": -41}, **LIMITED).message


class TestOutage:
    CHAIN: ClassVar = {
        "periods": ["P1", "P2", "P3"],
        "processes": [{"site": "plant", "item": "unit", "unit_cost": 1, "lead_time": 1}],
        "stocks": [{"site": "plant", "item": "unit", "opening": 20}],
        "demand": [{"customer": "shop", "item": "unit", "quantity": 10, "price": 100}],
    }

    def cost(self, **change):
        base = toys.tiny(**self.CHAIN)
        return toys.cost(applied({"change": "outage", "where": {"site": "plant"}, **change}, base=base))

    def test_kept_work_under_way_and_stock_leave(self):
        """20 in stock serve P1 and P2; P3 needs a start in P1 or P2."""
        assert toys.cost(toys.tiny(**self.CHAIN)) == 10
        assert self.cost(period="P1") == 10
        assert self.cost(period="P2") == 10
        assert self.cost(period="P1..P2") == 1000

    def test_held_nothing_leaves_either(self):
        assert self.cost(period="P2", pipeline="held") == 1000  # P2's order is lost; 10 of the stock serve P3
        assert self.cost(period="P1..P2", pipeline="held") == 2000
        assert self.cost(pipeline="held") == 3000

    def test_no_starts_has_bounds_and_keeps_the_columns(self):
        base = toys.tiny(**self.CHAIN)
        before = toys.program(base)
        after = toys.program(
            applied({"change": "outage", "where": {"site": "plant"}, "period": "P2", "pipeline": "held"}, base=base)
        )
        assert after.make.labels() == before.make.labels()
        assert after.make.labelled["upper"].tolist() == [float("inf"), 0]
        assert after.ship.labelled["upper"].tolist() == [float("inf"), 0, float("inf")]

    def test_options_stand_still_too(self):
        tables = {
            "capacities": [{"site": "east", "capacity": 4}],
            "expansions": [{"option": "line", "site": "east", "period": "P1", "capacity": 10}],
        }
        found = toys.network(applied({"change": "outage", "where": {"site": "east"}, "period": "P2"}, **tables))
        assert found.make.loc[found.make["site"] == "east", "upper"].tolist()[:3] == [float("inf"), 0, float("inf")]

    def test_an_unlimited_site_can_go_out(self):
        found = toys.network(applied({"change": "outage", "where": {"region": "TW"}, "period": "P1..P2"}))
        assert (found.make["upper"] == 0).sum() == 2

    def test_one_item_of_a_site(self):
        tables = {
            "items": [{"item": "unit", "stage": "make"}, {"item": "side", "stage": "other"}],
            "processes": [*toys.TWO_PLANTS["processes"], {"site": "east", "item": "side"}],
            "demand": [{"customer": "shop", "item": item, "quantity": 1, "price": 9} for item in ("unit", "side")],
        }
        found = toys.network(applied({"change": "outage", "where": {"stage": "other"}, "period": "P1"}, **tables)).make
        assert found.loc[found["upper"] == 0, ["site", "item", "period"]].values.tolist() == [["east", "side", 0]]

    def test_recovery_brings_capacity_back(self):
        """Out in P2, then a third and two thirds of the capacity, options alike."""
        tables = {"expansions": [{"option": "line", "site": "east", "period": "P1", "capacity": 9}], **LIMITED}
        found = toys.network(
            applied({"change": "outage", "where": {"site": "east"}, "period": "P2", "recovery": 2}, **tables)
        )
        east = found.capacity[found.capacity["site"] == "east"]["capacity"].tolist()
        assert east == pytest.approx([40, 40, 40 / 3, 80 / 3, 40, 40], rel=1e-12)
        assert found.make.loc[found.make["site"] == "east", "upper"].tolist()[:3] == [float("inf"), 0, float("inf")]
        bought = found.expand_capacity["capacity"].tolist()
        assert bought[2:4] == pytest.approx([3, 6], rel=1e-12)

    def test_recovery_of_an_item_leaves_what_shares_its_line_alone(self):
        """Only `side` is out: `unit`, on the same line, was never short of it and cannot lose capacity afterwards."""
        tables = {
            "items": [{"item": "unit", "stage": "make"}, {"item": "side", "stage": "other"}],
            "processes": [*toys.TWO_PLANTS["processes"], {"site": "east", "item": "side"}],
            **LIMITED,
        }
        change = {"change": "outage", "where": {"item": "side"}, "period": "P2", "recovery": 1}
        try:
            found = applied(change, **tables)
        except planner.InstanceError:
            return  # refusing it is as good: there is no capacity of `side` alone that could come back
        assert by_period(found, "capacities", "capacity", site="east") == [40] * 6

    def test_recovery_on_an_unlimited_base_is_refused(self):
        assert (
            "unlimited"
            in refusal({"change": "outage", "where": {"site": "east"}, "period": "P2", "recovery": 2}).message
        )

    def test_two_outages_add_up(self):
        found = toys.network(
            applied(
                {"change": "outage", "where": {"site": "east"}, "period": "P1"},
                {"change": "outage", "where": {"site": "east"}, "period": "P1..P2", "pipeline": "held"},
            )
        )
        assert found.make.loc[found.make["site"] == "east", "upper"].tolist()[:3] == [0, 0, float("inf")]
        assert found.ship.loc[found.ship["from"] == "east", "upper"].tolist()[:3] == [0, 0, float("inf")]


ORDERS = {
    "customers": [{"customer": "shop", "region": "TW"}, {"customer": "mart", "region": "US"}],
    "lanes": [{"from": start, "to": end} for start in ("east", "west") for end in ("shop", "mart")],
    "demand": [
        {"customer": "shop", "item": "unit", "quantity": 10, "price": 100},
        {"customer": "mart", "item": "unit", "period": "P2..", "quantity": 5, "lost_cost": 7},
        {"customer": "mart", "item": "unit", "period": "P1", "quantity": 5},
    ],
}


class TestDemandAndPrice:
    def test_demand(self):
        found = applied({"change": "demand", "where": {"region": "US"}, "period": "P2..P3", "factor": 1.2}, **ORDERS)
        assert by_period(found, "demand", "quantity", customer="mart") == [5, 6, 6, 5, 5, 5]
        assert by_period(found, "demand", "quantity", customer="shop") == [10] * 6

    def test_demand_set_add_and_recovery(self):
        found = applied(
            {"change": "demand", "where": {"customer": "shop"}, "period": "P2", "add": 6, "recovery": 2}, **ORDERS
        )
        assert by_period(found, "demand", "quantity", customer="shop") == [10, 16, 14, 12, 10, 10]
        found = applied({"change": "demand", "where": {"item": "unit"}, "set": 0}, **ORDERS)
        assert {row.quantity for row in found.demand} == {0}

    def test_set_on_a_period_without_a_row_orders_nothing_new(self):
        single = {"demand": [{"customer": "shop", "item": "unit", "period": "P2", "quantity": 10, "price": 1}]}
        found = applied({"change": "demand", "set": 4}, **single)
        assert by_period(found, "demand", "quantity", customer="shop") == [None, 4, None, None, None, None]

    def lost(self, *changes):
        network = toys.network(applied(*changes, **ORDERS))
        return [
            (row.customer, row.period, row.upper, row.lost_sales) for row in network.lost.itertuples() if row.period < 2
        ]

    def test_an_empty_lost_cost_moves_with_the_price(self):
        found = self.lost({"change": "price", "where": {"customer": "shop"}, "period": "P2", "factor": 1.5})
        assert found == [("mart", 0, 0, 0), ("mart", 1, 5, 7), ("shop", 0, 10, 100), ("shop", 1, 10, 150)]

    def test_a_given_lost_cost_stays(self):
        found = applied({"change": "price", "where": {"customer": "mart"}, "period": "P2", "set": 40}, **ORDERS)
        assert by_period(found, "demand", "price", customer="mart") == [None, 40, None, None, None, None]
        assert by_period(found, "demand", "lost_cost", customer="mart") == [None, 7, 7, 7, 7, 7]

    def test_a_price_does_not_undo_a_promise(self):
        """Where neither price nor lost cost was given, all must be served, and still is when a price appears."""
        found = self.lost({"change": "price", "where": {"customer": "mart"}, "period": "P1", "set": 40})
        assert found[0] == ("mart", 0, 0, 40)

    def test_a_promise_by_default_survives_a_price_change_elsewhere(self):
        found = self.lost({"change": "price", "where": {"customer": "shop"}, "add": -20})
        assert found == [("mart", 0, 0, 0), ("mart", 1, 5, 7), ("shop", 0, 10, 80), ("shop", 1, 10, 80)]

    def test_below_zero_is_refused(self):
        assert "below 0" in refusal({"change": "price", "where": {"customer": "shop"}, "add": -101}, **ORDERS).message
        assert "below 0" in refusal({"change": "demand", "add": -6}, **ORDERS).message


class TestProcesses:
    def test_unit_cost(self):
        found = applied({"change": "unit_cost", "where": {"operator": "two"}, "period": "P3..", "add": 0.5})
        assert by_period(found, "processes", "unit_cost", site="west") == [3, 3, 3.5, 3.5, 3.5, 3.5]
        assert by_period(found, "processes", "unit_cost", site="east") == [1] * 6

    def test_a_unit_cost_may_fall_below_zero(self):
        found = applied({"change": "unit_cost", "where": {"site": "west"}, "set": -1})
        assert by_period(found, "processes", "unit_cost", site="west") == [-1] * 6

    def test_yield_counts_by_period_of_start(self):
        processes = [{"site": "east", "item": "unit", "yield": 0.8, "lead_time": 1}, toys.TWO_PLANTS["processes"][1]]
        found = applied(
            {"change": "yield", "where": {"site": "east"}, "period": "P2", "factor": 0.5}, processes=processes
        )
        assert by_period(found, "processes", "yield_", site="east") == pytest.approx([0.8, 0.4, 0.8, 0.8, 0.8, 0.8])
        finished = toys.network(found).make
        assert finished.loc[finished["yield"] < 0.5, ["site", "period", "finish"]].values.tolist() == [["east", 1, 2]]

    def test_yields_stay_above_0_and_at_most_1(self):
        assert "yield" in refusal({"change": "yield", "set": 0}).message
        assert "outage" in refusal({"change": "yield", "factor": 0}).remedy
        assert "1.1" in refusal({"change": "yield", "add": 0.1}).message

    def test_lead_times_are_rounded_up(self):
        processes = [{"site": "east", "item": "unit", "lead_time": 2}, toys.TWO_PLANTS["processes"][1]]
        change = {"change": "lead_time", "where": {"site": "east"}, "period": "P2"}
        for deviation, lead in (
            ({"factor": 1.2}, 3),
            ({"factor": 1.5}, 3),
            ({"add": 0.1}, 3),
            ({"add": 1}, 3),
            ({"set": 0.2}, 1),
            ({"factor": 0}, 0),
        ):
            found = applied({**change, **deviation}, processes=processes)
            assert by_period(found, "processes", "lead_time", site="east") == [2, lead, 2, 2, 2, 2], deviation

    def test_a_lead_time_fades_in_whole_periods(self):
        """+3 in P2, then +2, +1 (deviations of 2/3 and 1/3)."""
        found = applied({"change": "lead_time", "where": {"site": "east"}, "period": "P2", "add": 3, "recovery": 2})
        assert by_period(found, "processes", "lead_time", site="east") == [0, 3, 2, 1, 0, 0]

    def test_a_recipe(self):
        processes = [*toys.TWO_PLANTS["processes"], {"site": "east", "item": "unit", "recipe": "light", "unit_cost": 2}]
        found = applied({"change": "unit_cost", "where": {"recipe": "light"}, "factor": 2}, processes=processes)
        assert {(row.site, row.recipe): row.unit_cost for row in found.processes} == {
            ("east", "light"): 4,
            ("east", "standard"): 1,
            ("west", "standard"): 3,
        }


LANES = {
    "region_groups": {"both": ["TW", "US"]},
    "items": [{"item": "unit", "stage": "make", "value": 10}, {"item": "side", "stage": "make", "value": 20}],
    "processes": [{"site": site, "item": item} for site in ("east", "west") for item in ("unit", "side")],
    "customers": [{"customer": "shop", "region": "TW"}, {"customer": "mart", "region": "US"}],
    "demand": [
        {"customer": customer, "item": item, "quantity": 1, "price": 9}
        for customer in ("shop", "mart")
        for item in ("unit", "side")
    ],
    "lanes": [{"from": "region:both", "to": "region:both", "unit_cost": 4}],
}


def ship(instance, column, period=1):
    """{(from, to, item): a figure of the lane to a customer} of departures in a period."""
    table = toys.network(instance).ship
    table = table[(table["period"] == period) & table["to"].isin(["shop", "mart"])]
    return {
        (row._1, row.to, row.item): getattr(row, column)
        for row in table[["from", "to", "item", "arrive", "freight", "tariff"]].itertuples()
    }


class TestLanes:
    def test_freight_on_part_of_a_wide_lane(self):
        found = applied(
            {"change": "freight", "where": {"from": "east", "to": "mart"}, "period": "P2", "factor": 2}, **LANES
        )
        now = ship(found, "freight")
        assert now.pop(("east", "mart", "unit")) == 8
        assert now.pop(("east", "mart", "side")) == 8
        assert set(now.values()) == {4}
        assert set(ship(found, "freight", period=2).values()) == {4}

    def test_freight_of_one_item(self):
        now = ship(applied({"change": "freight", "where": {"item": "side"}, "add": 1}, **LANES), "freight")
        assert {item: cost for (_, _, item), cost in now.items()} == {"unit": 4, "side": 5}

    def test_freight_by_regions_and_by_places_of_a_region(self):
        by_region = applied({"change": "freight", "where": {"from_region": "TW", "to_region": "US"}, "set": 0}, **LANES)
        by_place = applied({"change": "freight", "where": {"from": "region:TW", "to": "region:US"}, "set": 0}, **LANES)
        for found in (by_region, by_place):
            assert {key[:2] for key, cost in ship(found, "freight").items() if cost == 0} == {("east", "mart")}

    def test_freight_changes_every_lane_row_by_its_own_base(self):
        lanes = [*LANES["lanes"], {"from": "east", "to": "mart", "item": "unit", "unit_cost": 10, "period": "P2"}]
        found = applied({"change": "freight", "where": {"to": "mart"}, "factor": 0.5}, **{**LANES, "lanes": lanes})
        assert ship(found, "freight")["east", "mart", "unit"] == 5
        assert ship(found, "freight")["east", "mart", "side"] == 2
        assert ship(found, "freight", period=2)["east", "mart", "unit"] == 2

    def test_freight_recovers(self):
        found = applied(
            {"change": "freight", "where": {"to": "mart"}, "period": "P1", "factor": 3, "recovery": 1}, **LANES
        )
        assert [ship(found, "freight", period=t)["west", "mart", "unit"] for t in range(3)] == [12, 8, 4]

    def test_lead_time_of_lanes_where_an_end_is_named(self):
        found = applied({"change": "lead_time", "where": {"to": "mart"}, "period": "P2", "add": 1.5}, **LANES)
        assert ship(found, "arrive")["east", "mart", "unit"] == 3
        assert ship(found, "arrive")["east", "shop", "unit"] == 1
        assert {row.lead_time for row in found.processes} == {0}

    def test_lead_time_of_processes_where_none_is(self):
        found = applied({"change": "lead_time", "where": {"region": "TW"}, "add": 1}, **LANES)
        assert {row.site: row.lead_time for row in found.processes} == {"east": 1, "west": 0}
        assert set(ship(found, "arrive").values()) == {1}

    def test_a_lane_selector_beside_a_process_selector_is_not_ignored(self):
        """All keys must match, and no lane has a stage: nothing is selected, or the mixture is refused."""
        with pytest.raises(planner.InstanceError):
            applied({"change": "lead_time", "where": {"to": "mart", "stage": "make"}, "add": 1}, **LANES)

    def limits(self, change, **tables):
        found = applied({"change": "lane_capacity", **change}, **LANES, **tables)
        table = toys.network(found).lane_capacity
        return {
            (row._1, row.to, row.item, PERIODS[row.period]): row.capacity
            for row in table[["from", "to", "item", "period", "capacity"]].itertuples()
        }

    def test_lane_capacity_set_0_closes_a_lane_without_a_row(self):
        found = self.limits({"where": {"from": "east", "to": "mart"}, "period": "P2..P3", "set": 0})
        assert found == {("east", "mart", "*", "P2"): 0, ("east", "mart", "*", "P3"): 0}

    def test_lane_capacity_of_one_item(self):
        found = self.limits({"where": {"from": "east", "to": "mart", "item": "side"}, "period": "P2", "set": 3})
        assert found == {("east", "mart", "side", "P2"): 3}

    ROW: ClassVar = {"lane_capacities": [{"from": "region:TW", "to": "mart", "capacity": 8}]}

    def test_lane_capacity_factor_and_add(self):
        for change in ({"factor": 0.25}, {"add": -6}):
            found = self.limits({"where": {"to": "mart"}, "period": "P2", **change}, **self.ROW)
            assert found == {("east", "mart", "*", period): 2 if period == "P2" else 8 for period in PERIODS}

    def test_lane_capacity_recovers_where_there_is_a_row(self):
        found = self.limits(
            {"where": {"from": "east", "to": "mart"}, "period": "P2", "set": 0, "recovery": 1}, **self.ROW
        )
        assert [found["east", "mart", "*", period] for period in PERIODS[:4]] == [8, 0, 4, 8]

    def test_closing_by_the_exact_row_leaves_the_rest_of_a_wide_row(self):
        row = {"lane_capacities": [{"from": "region:both", "to": "mart", "capacity": 8}]}
        found = self.limits({"where": {"from": "east"}, "period": "P2", "set": 0}, **row)
        assert found["east", "mart", "*", "P2"] == 0
        assert found["west", "mart", "*", "P2"] == 8
        assert found["east", "mart", "*", "P1"] == 8
        assert found["east", "shop", "*", "P2"] == 0
        assert ("east", "shop", "*", "P1") not in found

    def test_what_has_no_limit_cannot_be_scaled_or_fade(self):
        assert (
            "capacity" in refusal({"change": "lane_capacity", "where": {"to": "mart"}, "factor": 0.5}, **LANES).message
        )
        assert "capacity" in refusal({"change": "lane_capacity", "where": {"to": "mart"}, "add": 5}, **LANES).message
        fading = {"change": "lane_capacity", "where": {"to": "mart"}, "period": "P2", "set": 0, "recovery": 2}
        assert "unlimited" in refusal(fading, **LANES).message


class TestTariff:
    def rates(self, change, period=1, **tables):
        found = applied({"change": "tariff", **change}, **LANES, **tables)
        return {
            key: duty / (10 if key[2] == "unit" else 20) for key, duty in ship(found, "tariff", period).items() if duty
        }

    def test_on_borders_only(self):
        found = self.rates({"add": 0.25})
        assert found == {
            (start, end, item): 0.25 for start, end in (("east", "mart"), ("west", "shop")) for item in ("unit", "side")
        }

    def test_a_group_on_both_sides_is_the_borders_between_its_regions(self):
        both = {"from_region": "both", "to_region": "both"}
        assert set(self.rates({"where": both, "set": 0.5})) == set(self.rates({"set": 0.5}))

    def test_from_and_to(self):
        found = self.rates({"where": {"from_region": "TW", "to_region": "US"}, "period": "P2..", "set": 0.1})
        assert found == pytest.approx({("east", "mart", "unit"): 0.1, ("east", "mart", "side"): 0.1})
        assert self.rates({"where": {"from_region": "TW"}, "period": "P2..", "set": 0.1}, period=0) == {}

    def test_it_adds_to_what_is_there(self):
        rows = [
            {"from_region": "*", "to_region": "US", "rate": 0.1},
            {"from_region": "TW", "to_region": "US", "item": "side", "rate": 0.3},
        ]
        found = self.rates({"where": {"to_region": "US"}, "add": 0.05}, tariffs=rows)
        assert found == pytest.approx({("east", "mart", "unit"): 0.15, ("east", "mart", "side"): 0.35})

    def test_an_item_under_a_row_for_all_items(self):
        rows = [{"from_region": "TW", "to_region": "US", "rate": 0.1}]
        found = self.rates({"where": {"item": "side", "from_region": "TW"}, "factor": 2}, tariffs=rows)
        assert found == pytest.approx({("east", "mart", "unit"): 0.1, ("east", "mart", "side"): 0.2})

    def test_a_region_that_taxes_itself_is_no_border(self):
        rows = [{"from_region": "US", "to_region": "US", "rate": 0.1}]
        found = self.rates({"set": 0}, tariffs=rows)
        assert found == pytest.approx({("west", "mart", "unit"): 0.1, ("west", "mart", "side"): 0.1})

    def test_it_recovers(self):
        change = {"where": {"to_region": "US"}, "period": "P1", "add": 0.4, "recovery": 3}
        found = [self.rates(change, period=t).get(("east", "mart", "unit"), 0) for t in range(5)]
        assert found == pytest.approx([0.4, 0.3, 0.2, 0.1, 0])

    def test_only_the_window_changes_rows(self):
        found = applied({"change": "tariff", "where": {"to_region": "US"}, "period": "P3", "set": 0.5}, **LANES)
        rates = resolve_tariffs(found.tariffs, universe_of(found), found.periods).table
        figures = {
            int(t): found.tariffs[int(row)].rate
            for start, _, _, t, row in rates.itertuples(index=False)
            if start == "TW"
        }
        assert {t for t, rate in figures.items() if rate} == {2}

    def test_below_zero_is_refused(self):
        assert "below 0" in refusal({"change": "tariff", "add": -0.1}, **LANES).message


class TestStock:
    STOCKS: ClassVar = {
        "stocks": [{"site": "east", "item": "unit", "opening": 8}, {"site": "west", "item": "unit", "opening": 2}]
    }

    @pytest.mark.parametrize(("change", "wanted"), [({"factor": 0.5}, 4), ({"set": 1}, 1), ({"add": 3}, 11)])
    def test_opening_stock(self, change, wanted):
        found = applied({"change": "stock", "where": {"region": "TW"}, **change}, **self.STOCKS)
        assert {row.site: row.opening for row in found.stocks} == {"east": wanted, "west": 2}

    def test_set_adds_a_row_where_site_and_item_are_named(self):
        found = applied({"change": "stock", "where": {"site": "east", "item": "unit"}, "set": 5})
        assert [(row.site, row.item, row.opening) for row in found.stocks] == [("east", "unit", 5)]

    def test_below_zero_is_refused(self):
        assert "below 0" in refusal({"change": "stock", "add": -3}, **self.STOCKS).message


class TestSelectors:
    @pytest.mark.parametrize(
        "change",
        [
            {"change": "capacity", "where": {"site": "eest"}, "factor": 1},
            {"change": "outage", "where": {"region": "TWW"}},
            {"change": "demand", "where": {"customer": "shap"}, "factor": 1},
            {"change": "price", "where": {"item": "unti"}, "factor": 1},
            {"change": "unit_cost", "where": {"stage": "maek"}, "factor": 1},
            {"change": "freight", "where": {"from": "eest"}, "factor": 1},
            {"change": "tariff", "where": {"to_region": "TWW"}, "add": 1},
            {"change": "yield", "where": {"recipe": "standart"}, "factor": 1},
            {"change": "lead_time", "where": {"to": "shap"}, "add": 1},
            {"change": "lane_capacity", "where": {"from_region": "TWW"}, "set": 0},
            {"change": "stock", "where": {"operator": "onne"}, "set": 0},
        ],
        ids=lambda change: change["change"],
    )
    def test_an_unknown_name_is_an_error_with_the_nearest(self, change):
        problem = refusal(change)
        key, value = next(iter(change["where"].items()))
        assert problem.column == f"changes.0.where.{key}"
        assert problem.value == value
        assert "Did you mean" in problem.remedy

    @pytest.mark.parametrize(
        "change",
        [
            {"change": "outage", "where": {"site": "west", "region": "TW"}},
            {"change": "capacity", "where": {"site": "west", "operator": "one"}, "factor": 1},
            {"change": "demand", "where": {"customer": "shop", "region": "US"}, "factor": 1},
            {"change": "freight", "where": {"from": "shopless"}, "factor": 1},
            {"change": "freight", "where": {"from": "west", "from_region": "TW"}, "factor": 1},
            {"change": "lane_capacity", "where": {"from": "west", "to": "east"}, "set": 0},
            {"change": "tariff", "where": {"from_region": "TW", "to_region": "TW"}, "add": 1},
            {"change": "stock", "where": {"site": "west"}, "factor": 2},
        ],
        ids=str,
    )
    def test_a_selector_that_matches_nothing_is_an_error(self, change):
        assert refusal(change, **LIMITED).message

    def test_a_key_that_a_change_does_not_take_is_an_error(self):
        with pytest.raises(planner.InstanceError, match="where cannot name customer"):
            toys.scenario({"change": "capacity", "where": {"customer": "shop"}, "factor": 1})

    @pytest.mark.parametrize("deviation", [{}, {"factor": 1, "set": 2}, {"factor": -1}])
    def test_exactly_one_deviation(self, deviation):
        with pytest.raises(planner.InstanceError, match="factor"):
            toys.scenario({"change": "demand", **deviation})

    def test_an_unknown_period_is_named(self):
        with pytest.raises(planner.InstanceError) as caught:
            toys.two_plants(
                periods=PERIODS,
                scenarios=[{"name": "s", "changes": [{"change": "demand", "period": "P9", "factor": 1}]}],
            )
        assert "P9" in str(caught.value)

    def test_an_unknown_period_of_an_object_is_a_planner_error(self):
        with pytest.raises(planner.PlannerError, match="P9"):
            applied({"change": "demand", "period": "P9", "factor": 1})

    def test_a_list_of_values_matches_any_of_them(self):
        found = applied({"change": "unit_cost", "where": {"site": ["east", "west"]}, "set": 9})
        assert {row.unit_cost for row in found.processes} == {9}


def test_every_type_of_change_has_a_worked_case():
    text = Path(__file__).read_text(encoding="utf-8")
    for name in CHANGES:
        assert f'"change": "{name}"' in text, f"write a case for the {name} change"
