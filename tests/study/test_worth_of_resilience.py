"""What resilience is worth: tariff, premium, leverage, decide-by, and survival per dollar, in cases done by hand."""

import dataclasses
import math
from functools import cache

import pandas as pd
import pytest
import toys

from planner.errors import UsageError
from planner.instance.scenario import Scenario
from planner.plan.measures.blending import units_touched
from planner.study.failure import Failure
from planner.study.stress.buffers_against_sources import survival_per_dollar
from planner.study.stress.decide_by import decide_by
from planner.study.stress.longest_outages import Outages, longest_outages
from planner.study.stress.strike_choices import CapacityReturn, capacity_return_of, survival
from planner.study.stress.surprise import Stressed, stress_one
from planner.study.stress.undisturbed import Undisturbed
from planner.study.stress.worth_of_resilience import (
    break_even_premium,
    concentration_tariff,
    expected_loss,
    leverage,
    sites_struck,
    survive_against_recover,
    undisturbed_of,
)

P4 = ["P1", "P2", "P3", "P4"]


def named(name, probability, *changes):
    return Scenario.model_validate({"name": name, "probability": probability, "changes": list(changes)})


def out(site, period, **fields):
    return {"change": "outage", "where": {"site": site}, "period": period, **fields}


def plants(**tables):
    """East for 1 and west for 3; 10 a period at 100; west can make 4."""
    return toys.two_plants(**{"periods": P4, "capacities": [{"site": "west", "capacity": 4}], **tables})


def base():
    """The plants with nothing happening."""
    return toys.undisturbed(plants())


@cache
def east_out():
    """They without the east in P2, without warning: 6 lost and 4 for 3 instead of 1, less 6 not made."""
    return stress_one(base(), named("out", 0.1, out("east", "P2")))


def without_a_plan(scenario, policy=None):
    """A strike that could not be planned."""
    return Stressed(policy, scenario, "P2", Failure("tiny", policy, scenario, "limit", "It took too long."))


HALVES = {"stage": "make", "of": "TW", "max_share": 0.6}


class TestTariff:
    def test_expected_loss_for_each_unit_that_touched(self):
        """Out in P2 with 2 %: 6 lost and 4 for 3 instead of 1, less 6 not made: 602. Out in P4 with 1 %: the same.

        40 units touch the east: 0.03 x 602 / 40. A gain (demand falls) counts as nothing; one without probability too.
        """
        scenarios = [
            named("first", 0.02, out("east", "P2")),
            named("second", 0.01, out("east", "P4")),
            named("idle", 0.5, out("west", "P2")),
            named("unknown", None, out("east", "P1..")),
        ]
        stressed = [
            dataclasses.replace(east_out(), scenario="first"),
            *(stress_one(base(), scenario) for scenario in scenarios[1:3]),
            without_a_plan("unknown"),
        ]
        loss = 6 * 100 + 4 * 3 - 10
        assert [row.loss for row in stressed[:3]] == pytest.approx([loss, loss, 0])
        assert expected_loss(stressed, scenarios) == pytest.approx(0.03 * loss)
        table = concentration_tariff(base(), stressed, scenarios, ("region", "operator", "site"))
        assert set(table["of"]) == {"TW", "one", "east"}  # nothing delivered has touched the west
        assert table["units"].tolist() == pytest.approx([40] * 3)
        assert table["tariff"].tolist() == pytest.approx([0.03 * loss / 40] * 3)
        assert table["scenarios"].tolist() == [2] * 3

    def test_a_site_that_makes_nothing_is_of_its_region_too(self):
        """Of 40 delivered 8 come from stock that has touched TW, 3 stood in the depot there, and 29 are of the east."""
        sites = [*plants().as_mapping()["sites"], {"site": "depot", "region": "TW"}]
        stocks = [{"site": "west", "item": "unit", "opening": 8, "touched": "TW"}]
        stocks.append({"site": "depot", "item": "unit", "opening": 3})
        lanes = [*plants().as_mapping()["lanes"], {"from": "depot", "to": "shop"}]
        undisturbed = Undisturbed.of(plants(sites=sites, stocks=stocks, lanes=lanes), None)
        strike = named("out", 0.1, out("east", "P2"))
        [tariff] = concentration_tariff(undisturbed, [stress_one(undisturbed, strike)], [strike], ("region",)).to_dict(
            "records"
        )
        assert (tariff["of"], tariff["units"]) == ("TW", pytest.approx(40))

    @pytest.mark.slow
    def test_a_gain_is_no_negative_loss(self):
        base = Undisturbed.of(plants(), None)
        scenario = named(
            "less", 0.5, {"change": "unit_cost", "where": {"site": "east"}, "period": "P2..", "factor": 0.5}
        )
        stressed = [stress_one(base, scenario)]
        assert stressed[0].loss == pytest.approx(-15)
        assert expected_loss(stressed, [scenario]) == 0
        assert sites_struck(plants(), scenario) == {"east"}

    def test_which_sites_a_scenario_strikes(self):
        instance = toys.toy()
        assert sites_struck(
            instance, named("a", 0.1, {"change": "capacity", "where": {"region": "TW"}, "factor": 0.5})
        ) == {"fab-a", "pack-a"}
        lane = {"change": "lane_capacity", "where": {"from": "mem", "to": "pack-a"}, "set": 0}
        assert sites_struck(instance, named("b", 0.1, lane)) == {"mem"}
        assert sites_struck(instance, named("c", 0.1, {"change": "demand", "factor": 2})) == set()

    @pytest.mark.slow
    def test_a_strike_without_a_plan_is_not_known_to_cost_nothing(self):
        base = Undisturbed.of(plants(), None)
        scenarios = [
            named("east", 0.1, out("east", "P2")),
            named("west", 0.2, out("west", "P2")),
            named("unlikely", None, out("west", "P3")),
        ]
        stressed = [stress_one(base, scenarios[0]), stress_one(base, scenarios[1]), without_a_plan("unlikely")]
        assert expected_loss(stressed, scenarios) == pytest.approx(0.1 * 602)  # what has no probability does not count
        stressed[0] = without_a_plan("east")
        assert math.isnan(expected_loss(stressed, scenarios))
        assert math.isnan(expected_loss(stressed[::-1], scenarios))
        row = concentration_tariff(base, stressed, scenarios, ("site",)).set_index("of").loc["east"]
        assert math.isnan(row["expected_loss"])
        assert math.isnan(row["tariff"])


class TestTouched:
    @pytest.mark.slow
    def test_lots_mix_in_a_pool(self):
        """Half of the parts are from the east; every unit made in the west takes one: half of them touched the east."""
        instance = toys.two_plants(
            items=[{"item": "unit", "stage": "make"}, {"item": "part", "stage": "parts"}],
            components=[{"item": "unit", "component": "part", "quantity": 1}],
            processes=[
                {"site": "east", "item": "part", "unit_cost": 1},
                {"site": "west", "item": "part", "unit_cost": 2},
                {"site": "west", "item": "unit", "unit_cost": 1},
            ],
            capacities=[{"site": "east", "capacity": 5}],
            lanes=[{"from": "east", "to": "west"}, {"from": "west", "to": "shop"}],
        )
        plan = toys.solve(instance)
        assert units_touched(instance, plan.tables, {"east"}) == pytest.approx(5)
        assert units_touched(instance, plan.tables, {"west"}) == pytest.approx(10)
        assert units_touched(instance, plan.tables, set()) == 0

    def test_parts_that_must_all_be_clear(self):
        """Two parts of separate pools, each half from the east: a quarter of the units is clear."""
        instance = toys.two_plants(
            items=[{"item": "unit", "stage": "make"}, {"item": "a", "stage": "parts"}, {"item": "b", "stage": "parts"}],
            components=[{"item": "unit", "component": part, "quantity": 1} for part in ("a", "b")],
            processes=[
                *({"site": "east", "item": part, "unit_cost": 1, "resource": part} for part in ("a", "b")),
                *({"site": "west", "item": part, "unit_cost": 2} for part in ("a", "b")),
                {"site": "west", "item": "unit", "unit_cost": 1},
            ],
            capacities=[{"site": "east", "resource": part, "capacity": 5} for part in ("a", "b")],
            lanes=[{"from": "east", "to": "west"}, {"from": "west", "to": "shop"}],
        )
        assert units_touched(instance, toys.solve(instance).tables, {"east"}) == pytest.approx(7.5)

    def test_opening_stock_counts_where_it_stands_and_what_it_says(self):
        stock = {"site": "west", "item": "unit", "opening": 10}
        here = plants(periods=["P1"], stocks=[stock])
        assert units_touched(here, toys.solve(here).tables, {"west"}) == pytest.approx(10)
        assert units_touched(here, toys.solve(here).tables, {"east"}) == 0
        said = plants(periods=["P1"], stocks=[{**stock, "touched": "TW"}])
        assert units_touched(said, toys.solve(said).tables, {"east"}) == pytest.approx(10)


class TestPremium:
    def test_what_diversifying_may_cost(self):
        """Six tenths in the east at most: 4 x 2 more a period, 32 in all for 40 units: a premium of 0.8.

        Out in P2 with 10 %: 602 lost concentrated; diversified 6 x 100 - 6. Break-even 0.1 x (602 - 594) / 40.
        """
        instance = plants()
        scenarios = [named("out", 0.1, out("east", "P2"))]
        bases = {None: base(), "p": Undisturbed.of(instance, toys.policy(HALVES))}
        stressed = [east_out(), stress_one(bases["p"], scenarios[0])]
        table = break_even_premium({name: base.plan for name, base in bases.items()}, stressed, scenarios)
        assert table["premium"].tolist() == pytest.approx([0, 0.8])
        assert table["expected_loss"].tolist() == pytest.approx([60.2, 59.4])
        assert table["break_even"].tolist() == pytest.approx([0, 0.1 * 8 / 40])
        assert table["pays"].tolist() == [False, False]
        likely = [named("out", 0.9, out("east", "P2"))]
        assert not break_even_premium({name: base.plan for name, base in bases.items()}, stressed, likely)["pays"].any()

    @pytest.mark.slow
    def test_whether_it_pays_is_not_known_where_a_strike_has_no_plan(self):
        instance = plants()
        scenarios = [named("out", 0.1, out("east", "P2"))]
        plans = {name: toys.solve(instance, policy) for name, policy in ((None, None), ("p", toys.policy(HALVES)))}
        base = Undisturbed.of(instance, None)
        for stressed in (
            [stress_one(base, scenarios[0]), without_a_plan("out", "p")],
            [without_a_plan("out"), without_a_plan("out", "p")],
        ):
            row = break_even_premium(plans, stressed, scenarios).set_index("policy").loc["p"]
            assert math.isnan(row["expected_loss"])
            assert math.isnan(row["break_even"])
            assert row["pays"] is None
            assert row["premium"] == pytest.approx(0.8)


def test_leverage_is_the_cost_of_doing_without():
    """Without the east from the first period: 6 of 10 lost and 4 for 3, in each of 4 periods. Without the west: nothing."""
    table = leverage(base(), ("region",))
    assert table[["of", "rank"]].values.tolist() == [["TW", 1], ["US", 2]]
    assert table["leverage"].tolist() == pytest.approx([4 * (600 + 12 - 10), 0])
    assert table["cost"].tolist() == pytest.approx([4 * 612, 40])


def test_leverage_where_promises_would_break():
    must = [{"customer": "shop", "item": "unit", "quantity": 10, "price": 100, "must_serve": 1}]
    must_serve = Undisturbed.of(plants(demand=must), None)
    table = leverage(must_serve, ("region",))
    assert table["leverage"].iloc[0] == pytest.approx(4 * (6 * (100 + 200) + 12 - 10))
    stated = leverage(must_serve, ("region",), price=7)
    assert stated["leverage"].iloc[0] == pytest.approx(4 * (6 * (100 + 7) + 12 - 10))


class TestRecover:
    def test_at_risk_is_what_recovers_later_than_it_survives(self):
        instance = toys.two_plants(
            periods=[f"P{k}" for k in range(1, 9)],
            capacities=[{"site": "east", "capacity": 10}, {"site": "west", "capacity": 4}],
        )
        table = longest_outages(Undisturbed.of(instance, None), Outages(("site",), [0]))
        judged = survive_against_recover(table, 2.0).set_index("of")
        assert judged["risk"].to_dict() == {"east": "yes", "west": "no"}
        own = survive_against_recover(table, {"east": 0.3, "west": 20.0}).set_index("of")
        assert own["risk"].to_dict() == {"east": "no", "west": "open"}

    def test_nothing_is_said_of_a_risk_where_the_time_to_recover_is_not_known(self):
        survived = pd.DataFrame({"of": ["a", "b", "c"], "periods": [0.5, 0.5, 0.5], "at_least": [False, True, False]})
        assert survive_against_recover(survived, float("nan"))["risk"].tolist() == [None, None, None]
        assert survive_against_recover(survived, {"a": 1.0, "b": 1.0})["risk"].tolist() == ["yes", "open", None]
        by_row = pd.Series([1.0, float("nan"), 0.5])
        assert survive_against_recover(survived, by_row, part=True)["risk"].tolist() == ["perhaps", None, "no"]

    LINES = ({"site": "east", "capacity": 10}, {"site": "west", "capacity": 10})

    def test_an_outage_brings_its_own_time_to_recover(self):
        scenario = named("s", 0.1, out("east", "P2..P3", recovery=1), {"change": "demand", "factor": 2})
        assert capacity_return_of(plants(capacities=list(self.LINES)), scenario) == CapacityReturn(3, whole=True)
        assert capacity_return_of(plants(), named("s", 0.1, {"change": "demand", "factor": 2})) is None

    def test_it_lasts_until_all_that_is_taken_is_back(self):
        half = {"change": "capacity", "where": {"site": "west"}, "period": "P1..P3", "factor": 0.5}
        lines = plants(capacities=list(self.LINES))
        assert capacity_return_of(lines, named("s", 0.1, out("west", "P1"), half)) == CapacityReturn(3, whole=True)
        assert capacity_return_of(lines, named("s", 0.1, half)) == CapacityReturn(3, whole=False)

    def test_the_report_says_the_same(self):
        scenario = {"name": "fire", "surprise": True, "changes": [out("east", "P2")]}
        table = survival(Undisturbed.of(plants(scenarios=[scenario]), None)).set_index(["over", "of"])
        assert table.loc[("scenario", "fire"), ["recover", "part", "risk"]].tolist() == [1, "", "yes"]
        assert table.loc[("site", "east"), "risk"] == ""


class TestDecideBy:
    def test_an_option_that_a_floor_needs(self):
        """From P3 on, 4 of 10 may not be made in the east. West has no line but the option, decided a period ahead."""
        option = {"option": "line", "site": "west", "period": "P2", "capacity": 8, "unit_cost": 1, "lead_time": 1}
        instance = plants(capacities=[{"site": "east", "capacity": 10}], expansions=[option])
        cap = {"name": "cap", **HALVES, "period": "P3.."}
        table = decide_by(Undisturbed.of(instance, toys.policy(cap)))
        rows = table.set_index("limit")
        assert rows.loc["cap", ["kind", "lever", "starts", "in_time", "decide_by"]].tolist() == [
            "option",
            "line",
            "P2",
            "P3",
            "P2",
        ]
        assert rows.loc["all limits", "decide_by"] == "P2"

    def test_a_qualification_that_a_limit_needs_and_one_that_it_can_do_without(self):
        processes = [
            {"site": "east", "item": "unit", "unit_cost": 1},
            {"site": "west", "item": "unit", "unit_cost": 3, "period": "P2.."},
            {"site": "east", "item": "unit", "recipe": "new", "unit_cost": 2, "period": "P2.."},
        ]
        cap = {"name": "cap", **HALVES, "period": "P4"}
        lines = [{"site": "east", "capacity": 10}, {"site": "west", "capacity": 4}]
        table = decide_by(Undisturbed.of(plants(processes=processes, capacities=lines), toys.policy(cap)))
        assert table[["limit", "lever", "in_time", "decide_by"]].values.tolist() == [
            ["cap", "west/unit/standard", "P4", "P4"],
            ["all limits", "west/unit/standard", "P4", "P4"],
        ]

    @pytest.mark.slow
    def test_a_limit_that_is_kept_anyway_has_no_row(self):
        option = {"option": "line", "site": "west", "period": "P2", "capacity": 8, "unit_cost": 1}
        loose = {"stage": "make", "of": "TW", "max_share": 1.0}
        assert decide_by(Undisturbed.of(plants(expansions=[option]), toys.policy(loose))).empty
        assert decide_by(Undisturbed.of(plants(), None)).empty


class TestPerDollar:
    def test_stock_option_and_second_source_side_by_side(self):
        """Survival of the east from P1, stock still to be built: nothing. A line of 6 more in the west carries it all."""
        option = {"option": "line", "site": "west", "period": "P1", "capacity": 6, "unit_cost": 5}
        instance = plants(
            capacities=[{"site": "east", "capacity": 20}, {"site": "west", "capacity": 4}],
            expansions=[option],
            items=[{"item": "unit", "stage": "make", "value": 50, "holding_cost": 1}],
        )
        base = Undisturbed.of(instance, None)
        table = survival_per_dollar(base, [named("s", 0.1, out("east", "P2"))], Outages(("site",), [1]))
        rows = table.set_index("kind")
        assert set(rows.index) == {"buffer", "option", "second source"}
        # undisturbed: west carries 0.4 and the east half (of 20) of a period: 0.7 of its capacity can be out
        # the buffer: 10 in stock at 1 a period (4 periods), made for 10 more in all; it lasts a period longer and more
        assert rows.loc["buffer", "extra_cost"] == pytest.approx(4 * 10 + 10)
        assert rows.loc["option", "extra_cost"] == pytest.approx(30)
        assert rows.loc["option", "survival_gain"] > rows.loc["buffer", "survival_gain"] > 0
        assert rows.loc["option", "loss_avoided"] == pytest.approx(0.1 * (6 * 100 + 4 * 2 - 6 - 10 * 2), abs=0.01)
        # struck, 6 come from stock instead of being lost, which is for use then: no charge, and it is not made again
        assert rows.loc["buffer", "loss_avoided"] == pytest.approx(0.1 * (6 * 100 + 4 * 2 - 6))
        assert table["rank"].tolist() == sorted(table["rank"])
        assert rows.loc["option", "rank"] == 1
        # no operator above 90 %: 1 of 10 in the west for 3 instead of 1; it survives no longer
        assert rows.loc["second source", "extra_cost"] == pytest.approx(4 * 2)
        assert rows.loc["second source", "survival_gain"] == pytest.approx(0, abs=1e-4)

    @pytest.mark.slow
    def test_loss_avoided_is_not_known_where_a_strike_has_no_plan(self, monkeypatch):
        module = "planner.study.stress.buffers_against_sources.stress_one"
        monkeypatch.setattr(module, lambda _, scenario, *_more: without_a_plan(scenario.name))
        instance = plants(periods=["P1", "P2"], items=[{"item": "unit", "stage": "make", "value": 50}])
        base = Undisturbed.of(instance, None)
        table = survival_per_dollar(base, [named("s", 0.1, out("east", "P2"))], Outages(("site",), [1]))
        assert len(table)
        assert table[["loss_avoided", "avoided_per_money"]].isna().all(axis=None)


def test_a_policy_without_a_plan_cannot_be_asked():
    with pytest.raises(UsageError, match="has no plan"):
        undisturbed_of(UsageError("why"), "p")
