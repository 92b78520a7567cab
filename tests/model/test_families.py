"""Each constraint family: a point it accepts, a point it rejects, and a case solved by hand with its shadow price."""

from typing import ClassVar

import pytest
import toys

from planner.solve import solve_program

STEP = 0.25  # how far a right-hand side is moved for a finite difference; every case is linear over it


def shadow_price(instance, family, *labels, policy=None):
    """What one more unit of a row's right-hand side saves, by its dual and by solving again."""
    program = toys.program(instance, policy)
    solution = solve_program(program)
    row = toys.row_number(program, family, *labels)
    dual = -solution.row_duals[row]
    again = toys.least_cost(program, {row: STEP})
    assert (solution.objective - again) / STEP == pytest.approx(dual, abs=1e-7), "dual and finite difference"
    return dual


class TestFlowBalance:
    def test_points(self):
        program = toys.program(toys.tiny(stocks=[{"site": "plant", "item": "unit", "opening": 4}]))
        fits = toys.point(
            program, make={("plant", "unit", "standard", "1"): 6}, ship={("plant", "shop", "unit", "1"): 10}
        )
        assert toys.broken(program, fits) == []
        short = toys.point(
            program, make={("plant", "unit", "standard", "1"): 5}, ship={("plant", "shop", "unit", "1"): 10}
        )
        assert toys.broken(program, short) == ["flow_balance[plant, unit, 1]"]

    def test_nothing_vanishes(self):
        program = toys.program(toys.tiny(stocks=[{"site": "plant", "item": "unit", "opening": 4}]))
        spilled = toys.point(
            program, make={("plant", "unit", "standard", "1"): 9}, ship={("plant", "shop", "unit", "1"): 10}
        )
        assert toys.broken(program, spilled) == ["flow_balance[plant, unit, 1]"]

    def test_opening_stock_saves_work(self):
        instance = toys.tiny(stocks=[{"site": "plant", "item": "unit", "opening": 4}])
        assert toys.cost(instance) == pytest.approx(6, rel=1e-9)
        assert shadow_price(instance, "flow_balance", "plant", "unit", "1") == pytest.approx(1, rel=1e-9)
        more = toys.tiny(stocks=[{"site": "plant", "item": "unit", "opening": 5}])
        assert toys.cost(more) == pytest.approx(5, rel=1e-9)

    def test_yield_lead_time_and_lane_time(self):
        """Order of 10 in P3, lane of one period, work of one period, yield 0.8: 12.5 started in P1."""
        instance = toys.tiny(
            periods=["P1", "P2", "P3"],
            processes=[{"site": "plant", "item": "unit", "unit_cost": 1, "yield": 0.8, "lead_time": 1}],
            lanes=[{"from": "plant", "to": "shop", "lead_time": 1, "unit_cost": 2}],
            demand=[{"customer": "shop", "item": "unit", "period": "P3", "quantity": 10, "price": 100}],
        )
        plan = toys.solve(instance)
        assert plan.production[["period", "started", "finished"]].values.tolist() == [["P1", 12.5, 10]]
        assert plan.shipments[["period", "arrives", "quantity"]].values.tolist() == [["P2", "P3", 10]]
        assert plan.objective == pytest.approx(12.5 + 20, rel=1e-9)

    def test_components_are_taken_when_work_starts(self):
        """The part arrives in P2 only, so the unit (lead time 1) is ready in P3, not in P2."""
        instance = toys.tiny(
            periods=["P1", "P2", "P3"],
            items=[{"item": "unit", "stage": "make"}, {"item": "part", "stage": "parts"}],
            components=[{"item": "unit", "component": "part", "quantity": 3}],
            processes=[{"site": "plant", "item": "unit", "unit_cost": 1, "lead_time": 1}],
            arrivals=[{"site": "plant", "item": "part", "period": "P2", "quantity": 30}],
            demand=[{"customer": "shop", "item": "unit", "period": "P2", "quantity": 10, "price": 100, "late_cost": 2}],
        )
        plan = toys.solve(instance)
        assert plan.production[["period", "started"]].values.tolist() == [["P2", 10]]
        assert plan.objective == pytest.approx(10 + 20, rel=1e-9)

    def test_what_arrives_in_a_period_is_used_in_it(self):
        instance = toys.tiny(
            items=[{"item": "unit", "stage": "make"}, {"item": "part", "stage": "parts"}],
            components=[{"item": "unit", "component": "part", "quantity": 2}],
            arrivals=[{"site": "plant", "item": "part", "period": "*", "quantity": 20}],
        )
        assert toys.cost(instance) == pytest.approx(10, rel=1e-9)


class TestDemandBalance:
    def test_points(self):
        program = toys.program(toys.tiny())
        make, ship = {("plant", "unit", "standard", "1"): 7}, {("plant", "shop", "unit", "1"): 7}
        assert toys.broken(program, toys.point(program, make=make, ship=ship, lost={("shop", "unit", "1"): 3})) == []
        assert toys.broken(program, toys.point(program, make=make, ship=ship)) == ["demand_balance[shop, unit, 1]"]
        assert toys.broken(program, toys.point(program, make=make, ship=ship, lost={("shop", "unit", "1"): 4})) == [
            "demand_balance[shop, unit, 1]"
        ]

    def test_one_more_order_costs_its_making(self):
        assert toys.cost(toys.tiny()) == pytest.approx(10, rel=1e-9)
        assert shadow_price(toys.tiny(), "demand_balance", "shop", "unit", "1") == pytest.approx(-1, rel=1e-9)

    def test_an_order_that_pays_for_itself(self):
        """A negative unit cost (a subsidy of 3) makes one more order save money, so its shadow price is positive."""
        instance = toys.tiny(
            processes=[{"site": "plant", "item": "unit", "unit_cost": -3}],
            capacities=[{"site": "plant", "capacity": 50}],
            stocks=[{"site": "plant", "item": "unit", "maximum": 0}],
        )
        assert toys.cost(instance) == pytest.approx(-30, rel=1e-9)
        assert shadow_price(instance, "demand_balance", "shop", "unit", "1") == pytest.approx(3, rel=1e-9)

    def test_more_than_is_owed_cannot_be_delivered(self):
        program = toys.program(toys.tiny())
        values = toys.point(
            program, make={("plant", "unit", "standard", "1"): 11}, ship={("plant", "shop", "unit", "1"): 11}
        )
        assert toys.broken(program, values) == ["demand_balance[shop, unit, 1]"]


class TestCapacity:
    def test_points(self):
        program = toys.program(
            toys.tiny(
                processes=[{"site": "plant", "item": "unit", "unit_cost": 1, "capacity_use": 2}],
                capacities=[{"site": "plant", "capacity": 8}],
            )
        )

        def made(amount):
            return toys.broken(
                program,
                toys.point(
                    program,
                    make={("plant", "unit", "standard", "1"): amount},
                    ship={("plant", "shop", "unit", "1"): amount},
                    lost={("shop", "unit", "1"): 10 - amount},
                ),
            )

        assert made(4) == []
        assert made(4.01) == ["capacity[plant, plant, 1]"]

    @pytest.mark.parametrize(("use", "capacity", "cost", "price"), [(1, 6, 406, 99), (2, 8, 604, 49.5)])
    def test_shadow_price(self, use, capacity, cost, price):
        """What is not made is lost at 100; making costs 1."""

        def plan(amount):
            return toys.solve(
                toys.tiny(
                    processes=[{"site": "plant", "item": "unit", "unit_cost": 1, "capacity_use": use}],
                    capacities=[{"site": "plant", "capacity": amount}],
                )
            )

        found = plan(capacity)
        assert found.objective == pytest.approx(cost, rel=1e-9)
        row = toys.choke(found, "resource", name="plant")
        assert row["shadow_price"] == pytest.approx(price, rel=1e-9)
        assert (row["used"], row["capacity"], row["utilisation"]) == (capacity, capacity, 1)
        assert (found.objective - plan(capacity + STEP).objective) / STEP == pytest.approx(price, rel=1e-7)

    def test_a_slack_resource_has_no_price(self):
        found = toys.solve(toys.tiny(capacities=[{"site": "plant", "capacity": 40}]))
        row = toys.choke(found, "resource", name="plant")
        assert (row["used"], row["utilisation"], row["shadow_price"]) == (10, 0.25, 0)

    def test_work_counts_in_the_period_of_its_start(self):
        instance = toys.tiny(
            periods=["P1", "P2"],
            capacities=[{"site": "plant", "period": "P1", "capacity": 6}],
            processes=[{"site": "plant", "item": "unit", "unit_cost": 1, "lead_time": 1}],
            demand=[{"customer": "shop", "item": "unit", "period": "P2", "quantity": 10, "price": 100}],
        )
        assert toys.cost(instance) == pytest.approx(6 + 400, rel=1e-9)

    def test_zero_where_no_row_covers_and_unlimited_without_any(self):
        two = {"periods": ["P1", "P2"], "stocks": [{"site": "plant", "item": "unit", "maximum": 0}]}
        covered = toys.solve(toys.tiny(capacities=[{"site": "plant", "period": "P1", "capacity": 10}], **two))
        assert covered.objective == pytest.approx(10 + 1000, rel=1e-9)
        assert toys.cost(toys.tiny(**two)) == pytest.approx(20, rel=1e-9)

    def test_an_option_alone_limits_its_resource(self):
        option = {"option": "line", "site": "plant", "period": "P2", "capacity": 4, "unit_cost": 1}
        plan = toys.solve(toys.tiny(periods=["P1", "P2"], expansions=[option]))
        assert plan.objective == pytest.approx(1000 + 4 + 4 + 600, rel=1e-9)

    def test_two_items_share_a_resource(self):
        """6 of the line: item a takes 1 and earns 100, item b takes 3 and earns 150: a first, then b."""
        instance = toys.tiny(
            items=[{"item": "a", "stage": "make"}, {"item": "b", "stage": "make"}],
            processes=[
                {"site": "plant", "item": "a", "resource": "line"},
                {"site": "plant", "item": "b", "resource": "line", "capacity_use": 3},
            ],
            capacities=[{"site": "plant", "resource": "line", "capacity": 6}],
            demand=[
                {"customer": "shop", "item": "a", "quantity": 3, "price": 100},
                {"customer": "shop", "item": "b", "quantity": 10, "price": 150},
            ],
        )
        plan = toys.solve(instance)
        assert plan.objective == pytest.approx(9 * 150, rel=1e-9)
        assert toys.choke(plan, "resource", name="line")["shadow_price"] == pytest.approx(50, rel=1e-9)


class TestLaneCapacity:
    TWO: ClassVar = {
        "items": [{"item": "a", "stage": "make"}, {"item": "b", "stage": "make"}],
        "processes": [{"site": "plant", "item": "a", "unit_cost": 1}, {"site": "plant", "item": "b", "unit_cost": 1}],
        "demand": [
            {"customer": "shop", "item": "a", "quantity": 10, "price": 100},
            {"customer": "shop", "item": "b", "quantity": 10, "price": 50},
        ],
    }

    def test_points(self):
        program = toys.program(toys.tiny(lane_capacities=[{"from": "plant", "to": "shop", "capacity": 12}], **self.TWO))

        def sent(a, b):
            return toys.broken(
                program,
                toys.point(
                    program,
                    make={("plant", "a", "standard", "1"): a, ("plant", "b", "standard", "1"): b},
                    ship={("plant", "shop", "a", "1"): a, ("plant", "shop", "b", "1"): b},
                    lost={("shop", "a", "1"): 10 - a, ("shop", "b", "1"): 10 - b},
                ),
            )

        assert sent(10, 2) == []
        assert sent(7, 6) == ["lane_capacity[plant, shop, *, 1]"]

    def test_all_items_together(self):
        def plan(limit):
            return toys.solve(
                toys.tiny(lane_capacities=[{"from": "plant", "to": "shop", "capacity": limit}], **self.TWO)
            )

        assert plan(12).objective == pytest.approx(12 + 8 * 50, rel=1e-9)
        assert toys.choke(plan(12), "lane", name="plant > shop")["shadow_price"] == pytest.approx(49, rel=1e-9)
        assert (plan(12).objective - plan(12 + STEP).objective) / STEP == pytest.approx(49, rel=1e-7)

    def test_an_item_and_all_items_stand_side_by_side(self):
        plan = toys.solve(
            toys.tiny(
                lane_capacities=[
                    {"from": "plant", "to": "shop", "capacity": 12},
                    {"from": "plant", "to": "shop", "item": "a", "capacity": 4},
                ],
                **self.TWO,
            )
        )
        assert plan.objective == pytest.approx(12 + 6 * 100 + 2 * 50, rel=1e-9)
        assert toys.choke(plan, "lane", name="plant > shop")["shadow_price"] == pytest.approx(49, rel=1e-9)
        assert toys.choke(plan, "lane", name="plant > shop a")["shadow_price"] == pytest.approx(50, rel=1e-9)

    def test_a_wide_row_limits_each_lane_by_itself(self):
        instance = toys.two_plants(
            lane_capacities=[
                {"from": "region:TW", "to": "region:TW", "capacity": 3},
                {"from": "region:US", "to": "shop", "capacity": 2},
            ]
        )
        assert toys.cost(instance) == pytest.approx(3 + 2 * 3 + 5 * 100, rel=1e-9)


class TestCommitment:
    YIELD: ClassVar = [{"site": "plant", "item": "unit", "unit_cost": 1, "yield": 0.8, "capacity_use": 2}]

    def plan(self, **contract):
        return toys.solve(
            toys.tiny(processes=self.YIELD, commitments=[{"commitment": "deal", "site": "plant", **contract}])
        )

    def test_points(self):
        program = toys.program(
            toys.tiny(
                processes=self.YIELD,
                commitments=[{"commitment": "deal", "site": "plant", "item": "unit", "minimum": 12}],
            )
        )

        def made(starts):
            return toys.broken(
                program,
                toys.point(
                    program,
                    make={("plant", "unit", "standard", "1"): starts},
                    ship={("plant", "shop", "unit", "1"): 10},
                    stock={("plant", "unit", "1"): 0.8 * starts - 10},
                ),
            )

        assert made(15) == []
        assert made(14.9) == ["commitment[deal]"]

    def test_hard_by_item_counts_good_units(self):
        """12 good units at a yield of 0.8 are 15 starts; a thirteenth costs 1 / 0.8."""
        plan = self.plan(item="unit", minimum=12)
        assert plan.objective == pytest.approx(15, rel=1e-9)
        assert plan.commitments[["minimum", "made", "shortfall", "cost"]].values.tolist() == [[12, 12, 0, 0]]
        assert self.plan(item="unit", minimum=13).objective == pytest.approx(16.25, rel=1e-9)
        instance = toys.tiny(
            processes=self.YIELD, commitments=[{"commitment": "deal", "site": "plant", "item": "unit", "minimum": 12}]
        )
        assert shadow_price(instance, "commitment", "deal") == pytest.approx(-1.25, rel=1e-9)

    def test_hard_by_resource_counts_use(self):
        """30 units of the line, 2 a start, are 15 starts."""
        plan = self.plan(minimum=30)
        assert plan.objective == pytest.approx(15, rel=1e-9)
        assert plan.commitments["made"].tolist() == [30]

    def test_priced(self):
        """Two good units short at 0.5 each are cheaper than 2.5 starts."""
        plan = self.plan(item="unit", minimum=12, shortfall_cost=0.5)
        assert plan.objective == pytest.approx(12.5 + 1, rel=1e-9)
        assert plan.commitments[["made", "shortfall", "cost"]].values.tolist() == [[10, 2, 1]]
        assert toys.cost_of(plan, "commitment") == pytest.approx(1, rel=1e-9)
        assert self.plan(item="unit", minimum=12, shortfall_cost=1.3).objective == pytest.approx(15, rel=1e-9)

    def test_by_item_and_by_resource_in_one_table(self):
        """The order of 10 takes 12.5 starts: the item contract asks for 15 starts, the line's for 16."""
        instance = toys.tiny(
            processes=self.YIELD,
            commitments=[
                {"commitment": "by-item", "site": "plant", "item": "unit", "minimum": 12},
                {"commitment": "by-line", "site": "plant", "minimum": 32},
            ],
        )
        assert toys.cost(instance) == pytest.approx(16, rel=1e-9)

    def test_a_named_and_the_own_resource_in_one_table(self):
        instance = toys.tiny(
            processes=[
                *self.YIELD,
                {"site": "plant", "item": "unit", "recipe": "other", "unit_cost": 1, "resource": "line"},
            ],
            commitments=[
                {"commitment": "named", "site": "plant", "resource": "line", "minimum": 3},
                {"commitment": "own", "site": "plant", "minimum": 4},
            ],
        )
        made = toys.solve(instance).production.set_index("recipe")["started"]
        assert made.to_dict() == pytest.approx({"other": 8.4, "standard": 2}, rel=1e-9)

    def test_only_its_periods_count(self):
        """6 in P1 of the 5 and 5 that are ordered: one is made early and kept."""
        plan = toys.solve(
            toys.tiny(
                periods=["P1", "P2"],
                items=[{"item": "unit", "stage": "make", "holding_cost": 0.1}],
                demand=[{"customer": "shop", "item": "unit", "quantity": 5, "price": 100}],
                commitments=[{"commitment": "deal", "site": "plant", "item": "unit", "period": "P1", "minimum": 6}],
            )
        )
        assert plan.production["started"].tolist() == [6, 4]
        assert plan.objective == pytest.approx(10.1, rel=1e-9)


class TestExpansionOpen:
    OPTION: ClassVar = {
        "option": "line",
        "site": "plant",
        "period": "1",
        "capacity": 10,
        "fixed_cost": 30,
        "unit_cost": 2,
    }

    def instance(self, **option):
        return toys.tiny(capacities=[{"site": "plant", "capacity": 4}], expansions=[{**self.OPTION, **option}])

    def test_points(self):
        program = toys.program(self.instance())
        part = {
            "make": {("plant", "unit", "standard", "1"): 9},
            "ship": {("plant", "shop", "unit", "1"): 9},
            "lost": {("shop", "unit", "1"): 1},
            "expand": {"line": 0.5},
        }
        assert toys.broken(program, toys.point(program, open={"line": 1}, **part)) == []
        assert toys.broken(program, toys.point(program, **part)) == ["expansion_open[line]"]

    def test_a_part_is_bought_and_its_fixed_cost_paid_once(self):
        """6 of the 10 are bought: 30 + 6 * 2, and 10 units made."""
        plan = toys.solve(self.instance())
        assert plan.objective == pytest.approx(30 + 12 + 10, rel=1e-9)
        assert plan.expansions[["share", "capacity", "cost"]].values.tolist() == [[0.6, 6, 42]]
        assert toys.choke(plan, "resource", name="plant")["shadow_price"] == pytest.approx(2, rel=1e-9)

    def test_shadow_price_with_integers_fixed(self):
        """One more of the line's own capacity saves 2, the unit cost of the option: the fixed cost is spent already."""
        more = toys.tiny(capacities=[{"site": "plant", "capacity": 5}], expansions=[self.OPTION])
        assert toys.cost(self.instance()) - toys.cost(more) == pytest.approx(2, rel=1e-9)

    def test_too_dear_to_open(self):
        plan = toys.solve(self.instance(fixed_cost=600))
        assert plan.objective == pytest.approx(4 + 600, rel=1e-9)
        assert plan.expansions.empty

    def test_continuous_without_a_fixed_cost_needs_no_integer(self):
        program = toys.program(self.instance(fixed_cost=0))
        assert not program.integer.any()
        assert toys.least_cost(program) == pytest.approx(12 + 10, rel=1e-9)

    def test_all_or_nothing(self):
        """The whole option costs 30 + 20, though only 6 of it are used."""
        plan = toys.solve(self.instance(all_or_nothing="yes"))
        assert plan.objective == pytest.approx(50 + 10, rel=1e-9)
        assert plan.expansions[["share", "capacity", "cost"]].values.tolist() == [[1, 10, 50]]
        assert toys.solve(self.instance(all_or_nothing="yes", fixed_cost=590)).expansions.empty

    def test_the_policy_chooses_the_options(self):
        assert toys.cost(self.instance(), toys.policy(options=[])) == pytest.approx(604, rel=1e-9)
        assert toys.cost(self.instance(), toys.policy(options=["line"])) == pytest.approx(52, rel=1e-9)


TW = {"stage": "make", "of": "TW", "max_share": 0.6}


class TestStageTotal:
    def test_points(self):
        program = toys.program(toys.two_plants(), toys.policy(TW))
        both = {
            "make": {("east", "unit", "standard", "1"): 6, ("west", "unit", "standard", "1"): 4},
            "ship": {("east", "shop", "unit", "1"): 6, ("west", "shop", "unit", "1"): 4},
        }
        assert toys.broken(program, toys.point(program, total={("l1", "1"): 10}, **both)) == []
        assert toys.broken(program, toys.point(program, total={("l1", "1"): 11}, **both)) == ["stage_total[l1, 1]"]

    def test_shadow_price(self):
        """One more in the total without making it lets 0.6 more units be made inside, each saving 2."""
        price = shadow_price(toys.two_plants(), "stage_total", "l1", "1", policy=toys.policy(TW))
        assert price == pytest.approx(1.2, rel=1e-9)


class TestStageLimit:
    def test_points(self):
        program = toys.program(toys.two_plants(), toys.policy(TW))

        def made(inside):
            return toys.broken(
                program,
                toys.point(
                    program,
                    make={("east", "unit", "standard", "1"): inside, ("west", "unit", "standard", "1"): 10 - inside},
                    ship={("east", "shop", "unit", "1"): inside, ("west", "shop", "unit", "1"): 10 - inside},
                    total={("l1", "1"): 10},
                ),
            )

        assert made(6) == []
        assert made(0) == []
        assert made(6.01) == ["stage_limit[l1, TW, 1]"]

    def test_hard(self):
        """6 at 1 and 4 at 3; one more inside saves 2."""
        plan = toys.solve(toys.two_plants(), policy=toys.policy(TW))
        assert plan.objective == pytest.approx(6 + 12, rel=1e-9)
        columns = ["limit", "of", "period", "share", "max_share", "excess", "cost", "shadow_price"]
        assert plan.limits[columns].values.tolist() == [["l1", "TW", "1", 0.6, 0.6, 0, 0, 2]]
        row = toys.choke(plan, "limit", name="l1 (TW)")
        assert (row["used"], row["capacity"], row["utilisation"], row["shadow_price"]) == (0.6, 0.6, 1, 2)
        assert shadow_price(toys.two_plants(), "stage_limit", "l1", "TW", "1", policy=toys.policy(TW)) == pytest.approx(
            2
        )

    def test_slope_along_the_share(self):
        """The slope per percentage point is 0.01 * shadow price * total (10 units)."""
        costs = [toys.cost(toys.two_plants(), toys.policy({**TW, "max_share": share})) for share in (0.6, 0.61)]
        assert costs[0] - costs[1] == pytest.approx(0.01 * 2 * 10, rel=1e-7)

    def test_a_limit_of_nothing(self):
        plan = toys.solve(toys.two_plants(), policy=toys.policy({**TW, "max_share": 0}))
        assert plan.objective == pytest.approx(30, rel=1e-9)

    @pytest.mark.parametrize(("soft_cost", "cost", "excess"), [(1.5, 10 + 4 * 1.5, 4), (2.5, 18, 0)])
    def test_soft(self, soft_cost, cost, excess):
        plan = toys.solve(toys.two_plants(), policy=toys.policy({**TW, "soft_cost": soft_cost}))
        assert plan.objective == pytest.approx(cost, rel=1e-9)
        assert plan.limits[["excess", "cost"]].values.tolist() == [[excess, excess * soft_cost]]
        assert toys.cost_of(plan, "limit_excess") == pytest.approx(excess * soft_cost, rel=1e-9)

    def test_each_has_a_row_for_every_region(self):
        plan = toys.solve(toys.two_plants(), policy=toys.policy({**TW, "of": "each"}))
        assert plan.limits[["of", "share"]].values.tolist() == [["TW", 0.6], ["US", 0.4]]
        assert plan.objective == pytest.approx(18, rel=1e-9)

    def test_each_over_regions_can_only_be_met_by_enough_of_them(self):
        """No region above 0.4 of two regions: nothing can be made, so all is lost."""
        plan = toys.solve(toys.two_plants(), policy=toys.policy({**TW, "of": "each", "max_share": 0.4}))
        assert plan.objective == pytest.approx(1000, rel=1e-9)
        assert plan.limits["share"].isna().all()

    def test_a_group_counts_together(self):
        group = {
            "region_groups": {"both": ["TW", "US"]},
            "sites": [*toys.TWO_PLANTS["sites"], {"site": "south", "region": "EU"}],
            "processes": [*toys.TWO_PLANTS["processes"], {"site": "south", "item": "unit", "unit_cost": 8}],
            "lanes": [*toys.TWO_PLANTS["lanes"], {"from": "south", "to": "shop"}],
        }
        plan = toys.solve(toys.two_plants(**group), policy=toys.policy({**TW, "of": "both"}))
        assert plan.objective == pytest.approx(6 + 4 * 8, rel=1e-9)
        assert plan.limits["of"].tolist() == ["both"]

    @pytest.mark.parametrize(("over", "of"), [("operator", "one"), ("site", "east"), ("cluster", "fault")])
    def test_over(self, over, of):
        plan = toys.solve(toys.two_plants(), policy=toys.policy({**TW, "over": over, "of": of}))
        assert plan.objective == pytest.approx(18, rel=1e-9)

    def test_each_cluster_leaves_sites_without_one_alone(self):
        program = toys.program(toys.two_plants(), toys.policy({**TW, "over": "cluster", "of": "each"}))
        assert toys.rows_of(program, "stage_limit") == [
            "stage_limit[l1, fault, 1]: make[east, unit, standard, 1] - 0.6 total[l1, 1] <= 0"
        ]

    def test_an_empty_operator_is_the_site(self):
        sites = [{"site": "east", "region": "TW"}, {"site": "west", "region": "US"}]
        policy = toys.policy({**TW, "over": "operator", "of": "east"})
        assert toys.cost(toys.two_plants(sites=sites), policy) == pytest.approx(18, rel=1e-9)

    def test_good_output_counts_in_units(self):
        """East at a yield of 0.5: 6 good units are 12 starts."""
        processes = [
            {"site": "east", "item": "unit", "unit_cost": 1, "yield": 0.5},
            {"site": "west", "item": "unit", "unit_cost": 3},
        ]
        plan = toys.solve(toys.two_plants(processes=processes), policy=toys.policy(TW))
        assert plan.production["started"].tolist() == [12, 4]

    def test_capacity_counts_use_without_yield(self):
        """East takes 0.5 of its line a start, west 1: 0.5 e <= 0.6 (0.5 e + w) with e + w = 10, so e = 7.5."""
        processes = [
            {"site": "east", "item": "unit", "unit_cost": 1, "capacity_use": 0.5},
            {"site": "west", "item": "unit", "unit_cost": 3},
        ]
        plan = toys.solve(toys.two_plants(processes=processes), policy=toys.policy({**TW, "weight": "capacity"}))
        assert plan.production["started"].tolist() == [7.5, 2.5]
        half = [{**processes[0], "yield": 0.5}, processes[1]]
        written = toys.rows_of(
            toys.program(toys.two_plants(processes=half), toys.policy({**TW, "weight": "capacity"})), "stage_limit"
        )
        assert written == ["stage_limit[l1, TW, 1]: 0.5 make[east, unit, standard, 1] - 0.6 total[l1, 1] <= 0"]

    VALUED: ClassVar = {
        "items": [{"item": "a", "stage": "make", "value": 30}, {"item": "b", "stage": "make", "value": 10}],
        "processes": [
            {"site": "east", "item": "a", "unit_cost": 1, "yield": 0.5},
            {"site": "west", "item": "b", "unit_cost": 1},
            {"site": "west", "item": "a", "unit_cost": 6},
        ],
        "demand": [
            {"customer": "shop", "item": "a", "quantity": 10, "price": 100},
            {"customer": "shop", "item": "b", "quantity": 10, "price": 100},
        ],
    }

    def test_value_counts_good_output_times_value(self):
        program = toys.program(toys.two_plants(**self.VALUED), toys.policy({**TW, "weight": "value"}))
        assert toys.rows_of(program, "stage_total") == [
            (
                "stage_total[l1, 1]: -15 make[east, a, standard, 1] - 30 make[west, a, standard, 1] "
                "- 10 make[west, b, standard, 1] + total[l1, 1] = 0"
            )
        ]
        # 300 + 100 are ordered, so 240 = 8 good units of a may come from east: 16 starts
        plan = toys.solve(program.network.instance, program.network.policy)
        assert plan.objective == pytest.approx(16 + 2 * 6 + 10, rel=1e-9)

    def test_items_narrow_the_scope(self):
        program = toys.program(toys.two_plants(**self.VALUED), toys.policy({**TW, "items": ["a"]}))
        assert toys.rows_of(program, "stage_total") == [
            "stage_total[l1, 1]: -0.5 make[east, a, standard, 1] - make[west, a, standard, 1] + total[l1, 1] = 0"
        ]

    TWO_PERIODS: ClassVar = {
        "periods": ["P1", "P2"],
        "stocks": [{"site": "east", "item": "unit", "maximum": 0}, {"site": "west", "item": "unit", "maximum": 0}],
        "capacities": [{"site": "west", "period": "P2", "capacity": 20}],
    }

    def test_per_period(self):
        """West cannot work in P1, so at most 0.5 inside means nothing is made in P1."""
        plan = toys.solve(toys.two_plants(**self.TWO_PERIODS), policy=toys.policy({**TW, "max_share": 0.5}))
        assert plan.objective == pytest.approx(1000 + 5 + 15, rel=1e-9)

    def test_per_horizon(self):
        """East makes all of P1, west all of P2."""
        plan = toys.solve(
            toys.two_plants(**self.TWO_PERIODS), policy=toys.policy({**TW, "max_share": 0.5, "per": "horizon"})
        )
        assert plan.objective == pytest.approx(10 + 30, rel=1e-9)
        assert plan.limits[["period", "share"]].values.tolist() == [["horizon", 0.5]]

    def test_its_window(self):
        """Limited in P2 only: 10 in P1 and 5 + 15 in P2."""
        plan = toys.solve(
            toys.two_plants(**self.TWO_PERIODS), policy=toys.policy({**TW, "max_share": 0.5, "period": "P2"})
        )
        assert plan.objective == pytest.approx(10 + 20, rel=1e-9)
        assert plan.limits["period"].tolist() == ["P2"]

    def test_a_start_counts_in_its_period(self):
        """With a lead time of one period, the output of P2 was started, and is limited, in P1."""
        processes = [
            {"site": "east", "item": "unit", "unit_cost": 1, "lead_time": 1},
            {"site": "west", "item": "unit", "unit_cost": 3, "lead_time": 1},
        ]
        instance = toys.two_plants(
            periods=["P1", "P2"],
            processes=processes,
            demand=[{"customer": "shop", "item": "unit", "period": "P2", "quantity": 10, "price": 100}],
        )
        limited = toys.solve(instance, policy=toys.policy({**TW, "period": "P1"}))
        free = toys.solve(instance, policy=toys.policy({**TW, "period": "P2"}))
        assert (limited.objective, free.objective) == (pytest.approx(18, rel=1e-9), pytest.approx(10, rel=1e-9))


PATH = {"measure": "pathway", "of": "TW", "max_share": 0.6}
FLOOR = {"measure": "pathway", "of": "TW", "min_free": 0.4}

# A unit joined in the US from a part of TW or the US and two cases of the US.
JOINED = {
    "sites": [
        {"site": "part-tw", "region": "TW"},
        {"site": "part-us", "region": "US"},
        {"site": "join", "region": "US"},
    ],
    "items": [
        {"item": "part", "stage": "parts"},
        {"item": "case", "stage": "parts"},
        {"item": "unit", "stage": "make"},
    ],
    "processes": [
        {"site": "part-tw", "item": "part", "unit_cost": 1},
        {"site": "part-us", "item": "part", "unit_cost": 4},
        {"site": "part-us", "item": "case", "unit_cost": 1},
        {"site": "join", "item": "unit", "unit_cost": 2},
    ],
    "components": [
        {"item": "unit", "component": "part", "quantity": 1},
        {"item": "unit", "component": "case", "quantity": 2},
    ],
    "lanes": [{"from": "part-tw", "to": "join"}, {"from": "part-us", "to": "join"}, {"from": "join", "to": "shop"}],
}


class TestFlowBalanceByClass:
    """6 units of a part of TW (class TW, their cases used as if they were) and 4 clear ones."""

    FITS: ClassVar = {
        "make": {
            ("part-tw", "part", "standard", "1", "TW"): 6,
            ("part-us", "part", "standard", "1", ""): 4,
            ("part-us", "case", "standard", "1", ""): 20,
            ("join", "unit", "standard", "1", "TW"): 6,
            ("join", "unit", "standard", "1", ""): 4,
        },
        "ship": {
            ("part-tw", "join", "part", "1", "TW"): 6,
            ("part-us", "join", "part", "1", ""): 4,
            ("part-us", "join", "case", "1", ""): 20,
            ("join", "shop", "unit", "1", "TW"): 6,
            ("join", "shop", "unit", "1", ""): 4,
        },
        "relabel": {("join", "case", "1", "", "TW"): 12},
        "total": {("l1", "1"): 10},
    }

    def broken(self, **changes):
        program = toys.program(toys.tiny(**JOINED), toys.policy(PATH))
        blocks = {name: {**figures, **changes.get(name, {})} for name, figures in self.FITS.items()}
        return toys.broken(program, toys.point(program, **blocks))

    def test_it_fits(self):
        assert self.broken() == []

    def test_a_unit_of_tw_called_clear(self):
        called = self.broken(ship={("join", "shop", "unit", "1", "TW"): 5, ("join", "shop", "unit", "1", ""): 5})
        assert called == ["flow_balance[join, unit, 1, {}]", "flow_balance[join, unit, 1, {TW}]"]

    def test_a_part_of_tw_in_a_clear_unit(self):
        made = {("join", "unit", "standard", "1", "TW"): 5, ("join", "unit", "standard", "1", ""): 5}
        sent = {("join", "shop", "unit", "1", "TW"): 5, ("join", "shop", "unit", "1", ""): 5}
        used = self.broken(make=made, ship=sent, relabel={("join", "case", "1", "", "TW"): 10})
        assert used == ["flow_balance[join, part, 1, {}]", "flow_balance[join, part, 1, {TW}]"]

    def test_more_used_as_touched_than_is_there(self):
        more = self.broken(relabel={("join", "case", "1", "", "TW"): 13})
        assert more == ["flow_balance[join, case, 1, {}]", "flow_balance[join, case, 1, {TW}]"]

    def test_nothing_is_relabelled_downward(self):
        """Every relabelling is to a larger class, and work at a site of TW has no clear class."""
        program = toys.program(toys.toy(), toys.TRACED)
        pairs = [(set(row[3].split("+")) - {""}, set(row[4].split("+")) - {""}) for row in program.relabel.labels()]
        assert pairs
        assert all(before < after for before, after in pairs)
        regions = dict(zip(program.make.labels(), program.make.labelled["region"], strict=True))
        assert {"TW" in label[-1].split("+") for label, region in regions.items() if region == "TW"} == {True}

    def test_shadow_price(self):
        """A clear part more at the join: one unit less of a part at 4, so that it saves 4; a part of TW saves 1."""
        instance, limits = toys.tiny(**JOINED), toys.policy(PATH)
        clear = shadow_price(instance, "flow_balance", "join", "part", "1", "{}", policy=limits)
        touched = shadow_price(instance, "flow_balance", "join", "part", "1", "{TW}", policy=limits)
        assert (clear, touched) == (pytest.approx(4), pytest.approx(1))


class TestPathwayTotal:
    def test_points(self):
        program = toys.program(toys.two_plants(), toys.policy(PATH))
        both = {
            "make": {("east", "unit", "standard", "1", "TW"): 6, ("west", "unit", "standard", "1", ""): 3},
            "ship": {("east", "shop", "unit", "1", "TW"): 6, ("west", "shop", "unit", "1", ""): 3},
            "lost": {("shop", "unit", "1"): 1},
        }
        assert toys.broken(program, toys.point(program, total={("l1", "1"): 10}, **both)) == ["pathway_total[l1, 1]"]
        assert toys.broken(program, toys.point(program, total={("l1", "1"): 9}, **both)) == ["pathway_limit[l1, TW, 1]"]

    def test_shadow_price(self):
        """One more in the total without its delivery lets 0.6 more be of TW, each saving 2."""
        price = shadow_price(toys.two_plants(), "pathway_total", "l1", "1", policy=toys.policy(PATH))
        assert price == pytest.approx(1.2, rel=1e-9)


class TestPathwayLimit:
    def delivered(self, part, touched, clear=None):
        program = toys.program(toys.two_plants(), toys.policy(part))
        clear = 10 - touched if clear is None else clear
        total = {"total": {("l1", "1"): touched + clear}} if len(program.total) else {}
        return toys.broken(
            program,
            toys.point(
                program,
                make={("east", "unit", "standard", "1", "TW"): touched, ("west", "unit", "standard", "1", ""): clear},
                ship={("east", "shop", "unit", "1", "TW"): touched, ("west", "shop", "unit", "1", ""): clear},
                lost={("shop", "unit", "1"): 10 - touched - clear},
                **total,
            ),
        )

    def test_points_of_a_cap(self):
        assert self.delivered(PATH, 6) == []
        assert self.delivered(PATH, 0) == []
        assert self.delivered(PATH, 0, 0) == []
        assert self.delivered(PATH, 3, 2) == []
        assert self.delivered(PATH, 6.01) == ["pathway_limit[l1, TW, 1]"]
        assert self.delivered(PATH, 6, 3) == ["pathway_limit[l1, TW, 1]"]

    def test_points_of_a_floor(self):
        """4 of the 10 that are ordered, whatever is delivered."""
        assert self.delivered(FLOOR, 6) == []
        assert self.delivered(FLOOR, 0, 4) == []
        assert self.delivered(FLOOR, 6.01) == ["pathway_limit[l1, TW, 1]"]
        assert self.delivered(FLOOR, 0, 0) == ["pathway_limit[l1, TW, 1]"]

    @pytest.mark.parametrize("part", [PATH, FLOOR], ids=["cap", "floor"])
    def test_shadow_price(self, part):
        """6 at 1 and 4 at 3; one more of TW, or one less that must be clear, saves 2."""
        assert toys.cost(toys.two_plants(), toys.policy(part)) == pytest.approx(18, rel=1e-9)
        price = shadow_price(toys.two_plants(), "pathway_limit", "l1", "TW", "1", policy=toys.policy(part))
        assert price == pytest.approx(2, rel=1e-9)


class TestStockBoundsOverClasses:
    """5 of TW and 5 of the US stand on a shelf that keeps so many; they are sold in the second period."""

    def instance(self, **bounds):
        return toys.two_plants(
            periods=["P1", "P2"],
            sites=[*toys.TWO_PLANTS["sites"], {"site": "shelf", "region": "US"}],
            lanes=[
                {"from": "east", "to": "shelf", "period": "P1"},
                {"from": "west", "to": "shelf", "period": "P1"},
                {"from": "shelf", "to": "shop"},
            ],
            demand=[{"customer": "shop", "item": "unit", "period": "P2", "quantity": 10, "price": 100}],
            stocks=[
                {"site": "shelf", "item": "unit", **bounds},
                *({"site": site, "item": "unit", "maximum": 0} for site in ("east", "west")),
            ],
        )

    def kept(self, instance, touched, clear, sold):
        """Made and kept in P1; sold in P2, as many of TW as of the US."""
        program = toys.program(instance, toys.policy(PATH))
        return toys.broken(
            program,
            toys.point(
                program,
                make={("east", "unit", "standard", "P1", "TW"): touched, ("west", "unit", "standard", "P1", ""): clear},
                ship={
                    ("east", "shelf", "unit", "P1", "TW"): touched,
                    ("west", "shelf", "unit", "P1", ""): clear,
                    ("shelf", "shop", "unit", "P2", "TW"): sold / 2,
                    ("shelf", "shop", "unit", "P2", ""): sold / 2,
                },
                stock={
                    ("shelf", "unit", "P1", "TW"): touched,
                    ("shelf", "unit", "P1", ""): clear,
                    ("shelf", "unit", "P2", "TW"): touched - sold / 2,
                    ("shelf", "unit", "P2", ""): clear - sold / 2,
                },
                lost={("shop", "unit", "P2"): 10 - sold},
                total={("l1", "P2"): sold},
            ),
        )

    def test_points_of_a_maximum(self):
        instance = self.instance(maximum=8)
        assert self.kept(instance, 4, 4, 8) == []
        assert self.kept(instance, 5, 3, 6) == []
        assert self.kept(instance, 4, 4.01, 8) == ["stock_maximum[shelf, unit, P1]"]

    def test_points_of_a_minimum(self):
        instance = self.instance(minimum=2)
        assert self.kept(instance, 5, 5, 8) == []
        assert self.kept(instance, 4, 6, 8) == []
        assert self.kept(instance, 5, 5, 8.02) == ["stock_minimum[shelf, unit, P2]"]

    def test_shadow_price_of_a_maximum(self):
        """8 are sold; one more would be 0.6 at 1 and 0.4 at 3 instead of a loss of 100."""
        instance = self.instance(maximum=8)
        assert toys.cost(instance, toys.policy(PATH)) == pytest.approx(4.8 + 9.6 + 200, rel=1e-9)
        price = shadow_price(instance, "stock_maximum", "shelf", "unit", "P1", policy=toys.policy(PATH))
        assert price == pytest.approx(100 - 1.8, rel=1e-9)

    def test_shadow_price_of_a_minimum(self):
        """10 are sold and 2 of TW stay, which no delivery is; one more that must stay costs 1."""
        instance = self.instance(minimum=2)
        assert toys.cost(instance, toys.policy(PATH)) == pytest.approx(18 + 2, rel=1e-9)
        price = shadow_price(instance, "stock_minimum", "shelf", "unit", "P2", policy=toys.policy(PATH))
        assert price == pytest.approx(-1, rel=1e-9)
