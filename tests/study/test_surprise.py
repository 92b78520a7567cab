"""A strike without warning, in cases that can be solved in the head: what is frozen, and what gives way at what price."""

import json
import math

import pandas as pd
import pytest
import toys

import planner
from planner.errors import PlannerError, UsageError
from planner.instance.applying import apply_scenario
from planner.instance.scenario import Scenario
from planner.model.program import write_program
from planner.network.building import build_network
from planner.network.frozen_past import frozen
from planner.network.recourse import Recourse
from planner.plan.planning import solve_and_certify
from planner.solve.certificate import certify
from planner.solve.solve_program import SolveOptions
from planner.study.stress.stress import stress
from planner.study.stress.surprise import stress_all, stress_one, strike_of
from planner.study.stress.undisturbed import Undisturbed
from planner.study.two_stage.scenario_paths import gave_way as gave_way_of

P5 = ["P1", "P2", "P3", "P4", "P5"]


def strike(*changes, name="strike"):
    return Scenario.model_validate({"name": name, "surprise": True, "changes": list(changes)})


def outage(period, site="plant", **fields):
    return {"change": "outage", "where": {"site": site}, "period": period, **fields}


def struck(instance, *changes, policy=None, price=None):
    found = stress_one(toys.undisturbed(instance, policy), strike(*changes), price)
    assert not hasattr(found.plan, "conflict"), found.plan
    assert found.plan.certificate.passed
    return found


def gave_way(found):
    table = found.plan.tables["recourse"]
    return [tuple(row) for row in table[["kind", "place", "item", "period", "quantity", "cost"]].to_numpy().tolist()]


def pipeline(**tables):
    """East makes for 1 without limit, west for 3 and at most 4 a period; work takes a period; 10 a period from P2 on."""
    return toys.two_plants(
        **{
            "periods": P5,
            "processes": [
                {"site": "east", "item": "unit", "unit_cost": 1, "lead_time": 1},
                {"site": "west", "item": "unit", "unit_cost": 3, "lead_time": 1},
            ],
            "capacities": [{"site": "west", "capacity": 4}],
            "demand": [
                {"customer": "shop", "item": "unit", "period": "P2..", "quantity": 10, "price": 100, "late_cost": 5}
            ],
            **tables,
        }
    )


@pytest.mark.slow
def test_delay_in_weeks_where_periods_have_a_length():
    """6 of 40 units wait for a month."""
    months = {"first": "2027-01", "count": 5, "length": "month"}
    demand = [{"customer": "shop", "item": "unit", "period": "2027-02..", "quantity": 10, "price": 100, "late_cost": 5}]
    found = struck(pipeline(periods=months, demand=demand), outage("2027-02", "east"))
    assert found.delay == pytest.approx(6 / 40 * 52.1775 / 12)
    assert (found.strike, found.back) == ("2027-02", "2027-04")


class TestFrozenPipeline:
    def test_what_was_started_before_the_strike_arrives_and_the_rest_is_planned_anew(self):
        """East is out in P2: the 10 started in P1 come; west makes 4 for P3; 6 wait until P4 and cost 5 each.

        Undisturbed 40 x 1. Struck: 10 + 4 x 3 + 16 + 10 = 48 of making, and 6 x 5 of waiting: 38 more.
        """
        found = struck(pipeline(), outage("P2", "east"))
        assert found.strike == "P2"
        assert found.loss == pytest.approx(38, rel=1e-9)
        made = found.plan.production[["site", "period", "started"]].values.tolist()
        assert made == [["east", "P1", 10], ["east", "P3", 16], ["east", "P4", 10], ["west", "P2", 4]]
        assert found.lost[["customer", "item", "lost"]].values.tolist() == [["shop", "unit", 0]]
        assert found.back == "P4"
        assert found.waiting == pytest.approx(6 / 40)
        assert math.isnan(found.delay)  # plain labels have no length in weeks
        assert gave_way(found) == []

    def test_warned_in_time_the_same_outage_costs_nothing(self):
        """With foresight east makes it all in P1 and stocks it: the loss is what the surprise costs."""
        scenario = strike(outage("P2", "east"))
        warned = planner.solve(pipeline(), scenario=scenario)
        assert warned.objective == pytest.approx(40, rel=1e-9)

    @pytest.mark.slow
    def test_what_comes_too_late_for_anyone_is_lost(self):
        """East is out in P3 and P4. P4: 4 of 10; P5: 4 of 10; nothing comes later, so 6 of each are lost or wait in vain."""
        found = struck(pipeline(), outage("P3..P4", "east"))
        assert found.loss == pytest.approx(12 * 100 + 8 * 3 - 20, rel=1e-9)
        assert found.lost["lost"].tolist() == pytest.approx([12])
        assert found.waiting == pytest.approx(0, abs=1e-9)
        assert found.back is None

    @pytest.mark.slow
    def test_work_under_way_cannot_leave_a_held_site(self):
        """Held in P2: what was started in P1 leaves in P3 only, with nothing new from east; 6 of P2 wait on.

        P2: all 10 wait (50). P3: 10 arrive from east and 4 from west, 6 wait (30). Then east has made what is missing.
        """
        found = struck(pipeline(), outage("P2", "east", pipeline="held"))
        assert found.loss == pytest.approx(50 + 30 + 4 * 2, rel=1e-9)
        assert found.plan.stock[["site", "period", "quantity"]].values.tolist() == [["east", "P2", 10]]

    def test_a_strike_that_changes_nothing_costs_nothing(self):
        neutral = {"change": "capacity", "where": {"site": "west"}, "period": "P2", "factor": 1.0}
        undisturbed = toys.undisturbed(pipeline())
        found = stress_one(undisturbed, strike(neutral))
        assert found.loss == pytest.approx(0, abs=1e-9)
        assert (found.waiting, found.back) == (0, "P2")
        for name in ("production", "shipments", "stock", "service", "expansions"):
            assert found.plan.tables[name].to_csv() == undisturbed.plan.tables[name].to_csv(), name

    def test_options_stay_as_bought(self):
        """With foresight the option at west (6 more for 60) would be bought; after the strike it is too late."""
        option = {"option": "more", "site": "west", "period": "P1", "capacity": 6, "unit_cost": 10}
        instance = pipeline(expansions=[option])
        changes = [outage("P3..P4", "east")]
        found = struck(instance, *changes)
        assert found.plan.expansions.empty
        assert found.loss == pytest.approx(12 * 100 + 8 * 3 - 20, rel=1e-9)


class TestDelay:
    def test_a_fall_in_demand_delays_nobody(self):
        """Half is ordered from P3 on; the 10 made in P2 for P3 come, 5 of them as stock for P4."""
        found = struck(pipeline(), {"change": "demand", "period": "P3..", "factor": 0.5})
        assert found.plan.service["delivered"].tolist() == [10, 5, 5, 5]
        assert (found.waiting, found.lost_units, found.back) == (0, 0, "P3")

    @pytest.mark.slow
    def test_what_is_lost_later_does_not_make_up_for_what_waits_now(self):
        """Out in P1 and in P5, and nothing can be stocked: 5 units come a period late, 5 others are lost.

        20 units are delivered, of which 5 wait for a period. The 5 lost cost 100 each instead of 1.
        """
        order = {"customer": "shop", "item": "unit", "quantity": 5, "price": 100, "late_cost": 1}
        instance = toys.tiny(periods=P5, stock="listed", capacities=[{"site": "plant", "capacity": 10}], demand=[order])
        found = struck(instance, outage("P1"), outage("P5"))
        assert found.plan.service[["delivered", "late", "lost"]].values.tolist() == [
            [0, 5, 0],
            [10, 0, 0],
            [5, 0, 0],
            [5, 0, 0],
            [0, 0, 5],
        ]
        assert found.loss == pytest.approx(5 * 1 + 5 * 100 - 5 * 1, rel=1e-9)
        assert found.waiting == pytest.approx(5 / 20)

    @pytest.mark.slow
    def test_an_order_that_falls_away_does_not_wait(self):
        """Out in P2: its 10 wait for a period. Those of P4 are not ordered, so that 40 units are delivered."""
        order = {"customer": "shop", "item": "unit", "quantity": 10, "price": 100, "late_cost": 1}
        instance = toys.tiny(periods=P5, stock="listed", capacities=[{"site": "plant", "capacity": 20}], demand=[order])
        found = struck(instance, outage("P2"), {"change": "demand", "period": "P4", "factor": 0})
        assert found.waiting == pytest.approx(10 / 40)


HARD = {"name": "hard", "stage": "make", "of": "TW", "max_share": 0.5}
SOFT = {"name": "soft", "stage": "press", "of": "TW", "max_share": 0.5, "soft_cost": 0.5}
WEST_OUT = {"change": "outage", "where": {"site": "west", "item": "unit"}, "period": "P2"}


class TestHardAndSoft:
    """East makes units for 1 and parts for 1; west units for 2 and parts for 9. Half of each may be made in the east."""

    @staticmethod
    def instance(**tables):
        return toys.two_plants(
            **{
                "periods": ["P1", "P2"],
                "stock": "listed",
                "items": [{"item": "unit", "stage": "make"}, {"item": "part", "stage": "press"}],
                "processes": [
                    {"site": "east", "item": "unit", "unit_cost": 1, "resource": "line"},
                    {"site": "west", "item": "unit", "unit_cost": 2, "resource": "line"},
                    {"site": "east", "item": "part", "unit_cost": 1, "resource": "press"},
                    {"site": "west", "item": "part", "unit_cost": 9, "resource": "press"},
                ],
                "demand": [
                    {"customer": "shop", "item": "unit", "quantity": 10, "price": 1000},
                    {"customer": "shop", "item": "part", "quantity": 10, "price": 30, "period": "P2"},
                ],
                **tables,
            }
        )

    @pytest.mark.slow
    def test_what_a_soft_limit_gains_does_not_hide_a_hard_one_that_breaks(self):
        """West is out and no parts are wanted: 5 units above the hard limit at 30, 5 less above the soft one.

        Units of P2: 10 x 1 instead of 5 x 1 + 5 x 2, and 150. Parts: 10 x 1 and 5 x 0.5 less.
        """
        none = {"change": "demand", "where": {"item": "part"}, "period": "P2", "set": 0}
        cap = toys.policy(HARD, SOFT)
        undisturbed = Undisturbed.of(self.instance(), cap)
        assert undisturbed.plan.limits.set_index(["limit", "period"])["excess"].to_dict() == {
            ("hard", "P1"): 0,
            ("hard", "P2"): 0,
            ("soft", "P1"): 0,
            ("soft", "P2"): 5,
        }
        found = stress_one(undisturbed, strike(WEST_OUT, none), 30)
        assert found.promises.values.tolist() == [["limit", 5, 150]]
        assert found.broken == pytest.approx(150)
        assert found.loss == pytest.approx(10 - 15 + 150 - 10 - 2.5, rel=1e-9)
        assert gave_way_of(undisturbed, {"strike": found.plan.tables}).values.tolist() == [["strike", "limit", 5, 150]]

    @pytest.mark.slow
    def test_a_soft_limit_that_is_missed_by_more_is_no_broken_promise(self):
        cap = toys.policy({**HARD, "soft_cost": 0.5})
        undisturbed = Undisturbed.of(self.instance(), cap)
        found = stress_one(undisturbed, strike(WEST_OUT), 30)
        assert found.plan.limits["excess"].sum() == undisturbed.plan.limits["excess"].sum() == 10
        twice = stress_one(
            undisturbed, strike({"change": "demand", "where": {"item": "unit"}, "period": "P2", "factor": 2})
        )
        assert twice.plan.limits["excess"].sum() == 15
        assert found.promises.empty
        assert twice.promises.empty
        assert twice.broken == 0

    @pytest.mark.slow
    def test_a_soft_commitment_that_is_kept_better_does_not_hide_a_hard_one_that_breaks(self):
        """The east out in P2: of 15 units that it promised it makes the 10 of P1, 5 too few at 30 each.

        Parts come from the west then, which was to make 10 of them and made none, at 0.1 each.
        """
        instance = self.instance(
            commitments=[
                {"commitment": "hard", "site": "east", "item": "unit", "minimum": 15},
                {"commitment": "soft", "site": "west", "item": "part", "minimum": 10, "shortfall_cost": 0.1},
            ]
        )
        undisturbed = Undisturbed.of(instance, None)
        assert undisturbed.plan.commitments["shortfall"].tolist() == [0, 10]
        found = stress_one(undisturbed, strike(outage("P2", "east")), 30)
        assert found.plan.commitments["shortfall"].tolist() == [5, 0]
        assert found.promises.values.tolist() == [["commitment", 5, 150]]


def side_by_side(**chains):
    """One instance of several small ones: each name in them, also that of a stage, begins with the name of its chain."""
    tables = ("sites", "items", "processes", "customers", "demand", "lanes", "stocks", "commitments", "capacities")
    merged = {"name": "all", "periods": ["P1", "P2", "P3"], **{table: [] for table in tables}}
    for name, instance in chains.items():
        text = json.dumps(instance.as_mapping())
        for word in ("plant", "unit", "make", "shop", "east", "west", "contract"):
            text = text.replace(f'"{word}"', f'"{name}-{word}"')
        mapping = json.loads(text)
        assert mapping["periods"] == merged["periods"]
        for table in tables:
            merged[table] += mapping.get(table, [])
    return planner.load_instance({table: rows for table, rows in merged.items() if rows != []})


class TestGivesWay:
    """All kinds side by side at one price in every suite; each by itself, at a price of its own, is slow."""

    def test_every_kind_side_by_side(self):
        """What each chain loses is worked out by itself in the tests below, here at a price of 20 a unit.

        The stock that may not fall stays where a missing unit costs 200, and 10 are lost instead of 5.
        """
        periods = ["P1", "P2", "P3"]
        late = {"customer": "shop", "item": "unit", "quantity": 10, "price": 100, "late_cost": 2, "period": "P1"}
        qualified = [{"site": "plant", "item": "unit", "unit_cost": 1, "period": "P2.."}]
        slow = [{"site": "plant", "item": "unit", "unit_cost": 1, "lead_time": 1}]
        sent = [{"customer": "shop", "item": "unit", "period": "P2", "quantity": 10, "price": 100}]
        must = [{"customer": "shop", "item": "unit", "quantity": 10, "price": 100, "must_serve": 0.7}]
        kept = {"site": "plant", "item": "unit", "holding_cost": 0}
        promised = {"commitment": "contract", "site": "plant", "item": "unit", "period": "P1..P2", "minimum": 15}
        instance = side_by_side(
            owed=toys.tiny(periods=periods, processes=qualified, demand=[late]),
            promise=toys.tiny(periods=periods, processes=qualified, demand=[{**late, "must_serve": 0.5}]),
            sent=toys.tiny(periods=periods, lanes=[{"from": "plant", "to": "shop", "lead_time": 1}], demand=sent),
            must=toys.tiny(periods=periods, demand=must),
            low=toys.tiny(periods=periods, stocks=[{**kept, "opening": 5, "minimum": 5}]),
            high=toys.tiny(
                periods=periods, processes=slow, stocks=[{**kept, "maximum": 3}], demand=[{**late, "period": "P2"}]
            ),
            contract=toys.tiny(periods=periods, commitments=[promised]),
            limit=toys.two_plants(periods=periods),
            buffer=toys.tiny(periods=periods),
        )
        chosen = toys.policy(
            {"stage": "limit-make", "of": "TW", "max_share": 0.5},
            buffers=[{"stage": "buffer-make", "periods_of_cover": 1}],
        )
        changes = [
            *(outage("P2..", f"{name}-plant") for name in ("owed", "promise")),
            *(outage("P2", f"{name}-plant") for name in ("must", "low", "contract", "buffer")),
            outage("P2", "high-plant", pipeline="held"),
            outage("P2", "limit-west"),
            {"change": "demand", "where": {"customer": "sent-shop"}, "period": "P2", "set": 4},
        ]
        base = Undisturbed.of(instance, chosen)
        found, dear = (stress_one(base, strike(*changes), price) for price in (20, 200))
        assert found.plan.certificate.passed
        assert dear.plan.certificate.passed
        assert set(gave_way(found)) == {
            ("cancelled", "owed-shop", "owed-unit", "P2", 10, 0),
            ("cancelled", "promise-shop", "promise-unit", "P2", 10, 100),
            ("surplus", "sent-shop", "sent-unit", "P2", 6, 0),
            ("unserved", "must-shop", "must-unit", "P2", 7, 140),
            ("below", "low-plant", "low-unit", "P2", 5, 100),
            ("over", "high-plant", "high-unit", "P2", 7, 140),
        }
        assert found.plan.commitments[["made", "shortfall", "cost"]].values.tolist() == [[10, 5, 100]]
        excess = found.plan.limits.set_index(["limit", "period"])["excess"]
        assert excess[excess > 0].to_dict() == {("l1", "P2"): 5, ("buffer-1", "P2"): 10}
        losses = {
            "owed": 10 * 100 - 10,
            "promise": 10 * 100 - 10 + 100,
            "sent": 0,
            "must": 10 * 100 + 140 - 10,
            "low": 5 * 100 - 10 + 5 + 100,  # 5 lost, 5 made less, 5 made again in P3
            "high": 140 + 10 * 2,
            "contract": 10 * 100 - 10 + 100,
            "limit": 10 - 20 + 5 * 20,
            "buffer": 10 * 20,  # drawn, made again in P3
        }
        assert found.loss == pytest.approx(sum(losses.values()), rel=1e-9)
        lost = found.lost.set_index("customer")["lost"]
        assert lost[lost > 0].to_dict() == {
            "owed-shop": 10,
            "promise-shop": 10,
            "must-shop": 10,
            "low-shop": 5,
            "contract-shop": 10,
        }
        assert "below" not in {kind for kind, *_ in gave_way(dear)}
        assert dear.lost.set_index("customer")["lost"]["low-shop"] == pytest.approx(10)
        broken = found.promises.set_index("kind")[["quantity", "cost"]].apply(tuple, axis=1).to_dict()
        assert broken == {
            "cancelled": (10 + 10, 100),
            "surplus": (6, 0),
            "unserved": (7, 140),
            "below": (5, 100),
            "over": (7, 140),
            "commitment": (5, 100),
            "limit": (5 + 10, 300),
        }
        assert toys.cost_of(found.plan, "broken_promises") == pytest.approx(100 + 140 + 100 + 140)

    @pytest.mark.slow
    def test_owed_units_are_cancelled_at_their_lost_cost(self):
        """10 are owed from P1, to be made in P2 when the process is qualified; the plant is out from P2 on."""
        instance = toys.tiny(
            periods=["P1", "P2", "P3"],
            processes=[{"site": "plant", "item": "unit", "unit_cost": 1, "period": "P2.."}],
            demand=[{"customer": "shop", "item": "unit", "period": "P1", "quantity": 10, "price": 100, "late_cost": 2}],
        )
        found = struck(instance, outage("P2.."))
        assert gave_way(found) == [("cancelled", "shop", "unit", "P2", 10, 0)]
        assert found.loss == pytest.approx(10 * 100 - 10, rel=1e-9)
        assert found.lost["lost"].tolist() == [10]

    @pytest.mark.slow
    def test_a_promise_to_serve_is_broken_when_owed_units_are_cancelled(self):
        """Half must be served: each cancelled unit breaks half a promise."""
        order = {"customer": "shop", "item": "unit", "period": "P1", "quantity": 10, "price": 100, "late_cost": 2}
        instance = toys.tiny(
            periods=["P1", "P2", "P3"],
            processes=[{"site": "plant", "item": "unit", "unit_cost": 1, "period": "P2.."}],
            demand=[{**order, "must_serve": 0.5}],
        )
        found = struck(instance, outage("P2.."), price=40)
        assert gave_way(found) == [("cancelled", "shop", "unit", "P2", 10, 200)]
        assert found.loss == pytest.approx(10 * 100 - 10 + 200, rel=1e-9)

    @pytest.mark.slow
    def test_goods_on_the_way_arrive_though_the_order_shrank(self):
        """10 were sent in P1 for P2; then only 4 are ordered. They arrive, 6 without value, and nothing is saved."""
        instance = toys.tiny(
            periods=["P1", "P2", "P3"],
            lanes=[{"from": "plant", "to": "shop", "lead_time": 1}],
            demand=[{"customer": "shop", "item": "unit", "period": "P2", "quantity": 10, "price": 100}],
        )
        found = struck(instance, {"change": "demand", "where": {"customer": "shop"}, "period": "P2", "set": 4})
        assert gave_way(found) == [("surplus", "shop", "unit", "P2", 6, 0)]
        assert found.loss == pytest.approx(0, abs=1e-9)
        assert found.plan.service[["demand", "delivered", "lost"]].values.tolist() == [[4, 10, 0]]

    @pytest.mark.slow
    def test_no_more_than_was_on_the_way_arrives_beyond_what_is_owed(self):
        """With a capped shop nothing can be dumped on it: a unit made after the strike has to stay in stock."""
        instance = toys.tiny(
            periods=["P1", "P2"],
            stocks=[{"site": "plant", "item": "unit", "opening": 15, "holding_cost": 1}],
            demand=[{"customer": "shop", "item": "unit", "period": "P2", "quantity": 10, "price": 100}],
        )
        found = struck(instance, {"change": "demand", "where": {"customer": "shop"}, "period": "P2", "set": 4})
        assert gave_way(found) == []
        assert found.plan.stock[["period", "quantity"]].values.tolist() == [["P1", 15], ["P2", 11]]

    @pytest.mark.slow
    def test_what_must_be_served_is_not_at_the_stated_price(self):
        instance = toys.tiny(
            periods=["P1", "P2"],
            demand=[{"customer": "shop", "item": "unit", "quantity": 10, "price": 100, "must_serve": 0.7}],
        )
        found = struck(instance, outage("P2"), price=30)
        assert gave_way(found) == [("unserved", "shop", "unit", "P2", 7, 210)]
        assert found.loss == pytest.approx(10 * 100 + 7 * 30 - 10, rel=1e-9)
        assert found.promises.values.tolist() == [["unserved", 7, 210]]
        assert toys.cost_of(found.plan, "broken_promises") == pytest.approx(210)

    @pytest.mark.slow
    def test_stock_falls_below_its_minimum_where_that_is_the_lesser_evil(self):
        """5 in stock that must stay: selling them saves 100 each, at a price of 20 for each missing in P2 and P3."""
        instance = toys.tiny(
            periods=["P1", "P2", "P3"],
            stocks=[{"site": "plant", "item": "unit", "opening": 5, "minimum": 5, "holding_cost": 0}],
        )
        found = struck(instance, outage("P2"), price=20)
        assert gave_way(found) == [("below", "plant", "unit", "P2", 5, 100)]
        assert found.loss == pytest.approx(5 * 100 - 10 + 5 + 100, rel=1e-9)  # 5 lost, 5 made less, 5 made again in P3
        dear = struck(instance, outage("P2"), price=200)
        assert gave_way(dear) == []
        assert dear.loss == pytest.approx(10 * 100 - 10, rel=1e-9)

    @pytest.mark.slow
    def test_stock_passes_its_maximum_where_work_under_way_cannot_leave(self):
        instance = toys.tiny(
            periods=["P1", "P2", "P3"],
            processes=[{"site": "plant", "item": "unit", "unit_cost": 1, "lead_time": 1}],
            stocks=[{"site": "plant", "item": "unit", "maximum": 3, "holding_cost": 0}],
            demand=[{"customer": "shop", "item": "unit", "period": "P2", "quantity": 10, "price": 100, "late_cost": 1}],
        )
        found = struck(instance, outage("P2", pipeline="held"), price=50)
        assert gave_way(found) == [("over", "plant", "unit", "P2", 7, 350)]
        assert found.loss == pytest.approx(7 * 50 + 10 * 1, rel=1e-9)

    @pytest.mark.slow
    def test_what_cannot_be_stocked_at_all_piles_up_too(self):
        """Stock is kept only where it is listed; work under way of a held site has to stay there all the same."""
        instance = toys.tiny(
            periods=["P1", "P2", "P3"],
            stock="listed",
            processes=[{"site": "plant", "item": "unit", "unit_cost": 1, "lead_time": 1}],
            demand=[{"customer": "shop", "item": "unit", "period": "P2", "quantity": 10, "price": 100, "late_cost": 1}],
        )
        found = struck(instance, outage("P2", pipeline="held"), price=50)
        assert gave_way(found) == [("over", "plant", "unit", "P2", 10, 500)]
        assert found.loss == pytest.approx(10 * 50 + 10 * 1, rel=1e-9)

    @pytest.mark.slow
    def test_a_hard_commitment_is_missed_at_the_price(self):
        instance = toys.tiny(
            periods=["P1", "P2"],
            commitments=[{"commitment": "contract", "site": "plant", "item": "unit", "minimum": 15}],
        )
        found = struck(instance, outage("P2"), price=4)
        assert found.plan.commitments[["made", "shortfall", "cost"]].values.tolist() == [[10, 5, 20]]
        assert found.loss == pytest.approx(10 * 100 - 10 + 20, rel=1e-9)

    @pytest.mark.slow
    def test_a_hard_limit_is_passed_at_the_price(self):
        """Half may be made in the east. With the west out, serving beyond costs 30 a unit above the limit."""
        cap = toys.policy({"stage": "make", "of": "TW", "max_share": 0.5})
        instance = toys.two_plants(periods=["P1", "P2"])
        found = struck(instance, outage("P2", "west"), policy=cap, price=30)
        # all 10 of P2 in the east: 10 instead of 5 + 15; 5 above the limit
        assert found.loss == pytest.approx(10 - 20 + 5 * 30, rel=1e-9)
        assert found.plan.limits.set_index("period")["excess"].to_dict() == {"P1": 0, "P2": 5}

    @pytest.mark.slow
    def test_a_buffer_is_drawn_down_at_the_price(self):
        cover = toys.policy(buffers=[{"stage": "make", "periods_of_cover": 1}])
        instance = toys.tiny(periods=["P1", "P2", "P3"])
        found = struck(instance, outage("P2"), policy=cover, price=3)
        assert found.plan.limits[["period", "excess", "cost"]].values.tolist() == [
            ["P1", 0, 0],
            ["P2", 10, 30],
            ["P3", 0, 0],
        ]
        assert found.loss == pytest.approx(10 * 3 + 0, rel=1e-9)  # 10 drawn, made again in P3


class TestDefaultPrice:
    def test_a_promise_without_any_price_is_kept_where_it_can_be(self):
        """No price, no lost cost: a unit must be served, whatever it costs. Serving costs 500, so breaking costs more."""
        instance = toys.two_plants(
            periods=["P1", "P2"],
            processes=[
                {"site": "east", "item": "unit", "unit_cost": 1},
                {"site": "west", "item": "unit", "unit_cost": 500},
            ],
            demand=[{"customer": "shop", "item": "unit", "quantity": 10}],
            capacities=[{"site": "east", "capacity": 6}],
        )
        found = struck(instance, {"change": "capacity", "where": {"site": "east"}, "period": "P2", "factor": 1.0})
        assert found.loss == pytest.approx(0, abs=1e-6)
        assert gave_way(found) == []

    @pytest.mark.slow
    def test_a_limit_counted_in_tiny_units_is_kept_where_it_can_be(self):
        """A thousandth of capacity a unit: a weighted unit above the limit is worth a thousand units."""
        lines = [
            {"site": "east", "item": "unit", "unit_cost": 1, "capacity_use": 0.001},
            {"site": "west", "item": "unit", "unit_cost": 90, "capacity_use": 0.001},
        ]
        cap = toys.policy({"stage": "make", "of": "TW", "max_share": 0.5, "weight": "capacity"})
        instance = toys.two_plants(periods=["P1", "P2"], processes=lines)
        found = struck(instance, {"change": "demand", "period": "P2", "factor": 1.0}, policy=cap)
        assert found.loss == pytest.approx(0, abs=1e-6)
        assert gave_way(found) == []


class TestRefusals:
    def test_a_scenario_that_changes_nothing_has_no_strike(self):
        with pytest.raises(UsageError, match="changes nothing"):
            strike_of(toys.tiny(), strike())

    def test_the_first_of_several_changes_is_the_strike(self):
        instance = toys.tiny(periods=P5)
        changes = [outage("P4"), {"change": "demand", "period": "P2..P3", "factor": 2}]
        assert strike_of(instance, strike(*changes)) == 1

    def test_a_policy_without_a_plan_is_a_failure_in_each_row(self):
        impossible = toys.policy({"stage": "make", "of": "TW", "max_share": 0.5})
        must = [{"customer": "shop", "item": "unit", "quantity": 10}]
        found = stress(
            toys.tiny(periods=["P1", "P2"], demand=must),
            [strike(outage("P2")), strike(outage("P1"), name="sooner")],
            [impossible, None],
        )
        assert [(row.policy, row.strike, getattr(row.plan, "status", "")) for row in found.runs] == [
            ("p", "P2", "infeasible"),
            ("p", "P1", "infeasible"),
            (None, "P2", "optimal"),
            (None, "P1", "optimal"),
        ]

    def test_two_that_differ_and_have_one_name_are_refused(self):
        instance, out = toys.tiny(periods=["P1", "P2"]), strike(outage("P2"))
        with pytest.raises(UsageError, match="Two policies that differ are both named p"):
            stress(instance, [out], [toys.policy(), toys.policy(options=[])])
        with pytest.raises(UsageError, match="Two scenarios that differ are both named strike"):
            stress_all({None: Undisturbed.of(instance, None)}, instance, [out, strike(outage("P1"))])

    def test_scenarios_that_are_more_than_certain_are_refused(self):
        """No expected loss follows from them, as they exclude each other; one that is given again counts once."""
        likely = [strike(outage("P2")).model_copy(update={"name": name, "probability": 0.6}) for name in "ab"]
        with pytest.raises(UsageError, match=r"The probabilities add up to 1\.2, but scenarios exclude each other"):
            stress(toys.tiny(periods=["P1", "P2"]), likely)
        found = stress(toys.tiny(periods=["P1", "P2"]), [likely[0], likely[0]])
        assert found.tariff["expected_loss"].tolist() == pytest.approx([0.6 * found.runs[0].loss] * 2)

    @pytest.mark.slow
    def test_one_that_is_given_again_counts_once(self):
        instance, out = toys.tiny(periods=["P1", "P2"]), strike(outage("P2"))
        found = stress(instance, [out, out], [None, None, toys.policy(), toys.policy()])
        assert [row.policy for row in found.runs] == [None, "p"]

    def test_a_frozen_decision_that_is_gone_is_a_bug_and_says_so(self):
        undisturbed = Undisturbed.of(pipeline(), None)
        other = build_network(toys.two_plants(periods=P5), None, Recourse(1.0))
        decided = undisturbed.decided
        decided["make"] = decided["make"].assign(site=decided["make"]["site"].replace("east", "south"))
        with pytest.raises(PlannerError, match="cannot be told again: make south"):
            frozen(other, decided, 2)


class TestCertificate:
    """A recourse table that is tampered with never passes."""

    @pytest.fixture(scope="class")
    @staticmethod
    def written():
        """A program in which units are cancelled and unserved, and stock is below its minimum."""
        instance = toys.tiny(
            periods=["P1", "P2", "P3"],
            processes=[{"site": "plant", "item": "unit", "unit_cost": 1, "period": "P2.."}],
            stocks=[{"site": "plant", "item": "unit", "opening": 2, "minimum": 2, "holding_cost": 0}],
            demand=[
                {
                    "customer": "shop",
                    "item": "unit",
                    "quantity": 10,
                    "price": 100,
                    "late_cost": 1,
                    "must_serve": 0.5,
                    "period": "P1",
                },
                {"customer": "lab", "item": "unit", "quantity": 10, "price": 90, "must_serve": 0.5, "period": "P3"},
            ],
            customers=[{"customer": "shop", "region": "TW"}, {"customer": "lab", "region": "TW"}],
            lanes=[{"from": "plant", "to": "shop"}, {"from": "plant", "to": "lab"}],
        )
        undisturbed = Undisturbed.of(instance, None)
        network = build_network(apply_scenario(instance, strike(outage("P2.."))), None, Recourse(20.0))
        program = write_program(frozen(network, undisturbed.decided, 1))
        solution, tables, certificate = solve_and_certify(program, SolveOptions())
        assert certificate.passed
        assert set(tables["recourse"]["kind"]) == {"cancelled", "unserved", "below"}
        return program, solution, tables

    @pytest.mark.parametrize("kind", ["cancelled", "unserved", "below"])
    @pytest.mark.parametrize("column", ["quantity", "cost"])
    def test_a_figure_that_is_changed(self, written, kind, column):
        program, solution, tables = written
        table = tables["recourse"].copy()
        table.loc[table["kind"] == kind, column] *= 1.01
        table.loc[(table["kind"] == kind) & (table[column] == 0), column] = 1.0
        assert not certify(program, solution, {**tables, "recourse": table}).passed

    @pytest.mark.parametrize("kind", ["cancelled", "unserved", "below"])
    def test_a_row_that_is_missing(self, written, kind):
        program, solution, tables = written
        table = tables["recourse"]
        assert not certify(program, solution, {**tables, "recourse": table[table["kind"] != kind]}).passed

    def test_a_row_that_stands_twice(self, written):
        program, solution, tables = written
        table = tables["recourse"]
        doubled = table.loc[table.index.repeat(2)].reset_index(drop=True)
        assert not certify(program, solution, {**tables, "recourse": doubled}).passed

    def test_a_row_that_is_no_possible_decision(self, written):
        program, solution, tables = written
        table = tables["recourse"].copy()
        extra = table.iloc[[0]].assign(place="nowhere")
        assert not certify(program, solution, {**tables, "recourse": pd.concat([table, extra])}).passed


@pytest.mark.parametrize("money", [1.0, 1e-12])
def test_what_a_solve_leaves_is_no_loss(money):
    before = Undisturbed.of(toys.tiny(processes=[{"site": "plant", "item": "unit", "unit_cost": money}]), None)
    cost = before.plan.objective
    assert cost > 0
    assert before.without_noise(1e-10 * cost) == 0
    assert before.without_noise(-1e-8 * cost) == -1e-8 * cost
