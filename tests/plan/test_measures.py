"""Measures and money by hand, on plans small enough to add up in the head."""

import math
from functools import cache

import pandas as pd
import pytest
import toys
from portions import portion_of_rows

import planner
from planner.plan.measures import exposure_summary, exposure_table, hhi, margin, reported_costs, service_summary, shares

# One of everything, in two periods at a discount rate of 25 %: discount 1 in P1 and 0.8 in P2.
ALL = {
    "periods": ["P1", "P2"],
    "discount_rate": 0.25,
    "sites": [{"site": "plant", "region": "TW"}],
    "customers": [{"customer": "shop", "region": "US"}],
    "items": [{"item": "unit", "stage": "make", "value": 10, "holding_cost": 0.5}],
    "processes": [{"site": "plant", "item": "unit", "unit_cost": 2, "yield": 0.5}],
    "capacities": [
        {"site": "plant", "period": "P1", "capacity": 24},
        {"site": "plant", "period": "P2", "capacity": 10},
    ],
    "demand": [
        {"customer": "shop", "item": "unit", "period": "P1", "quantity": 20, "price": 100, "late_cost": 1},
        {"customer": "shop", "item": "unit", "period": "P2", "quantity": 5, "price": 50, "lost_cost": 60},
    ],
    "lanes": [{"from": "plant", "to": "shop", "unit_cost": 1}],
    "lane_capacities": [{"from": "plant", "to": "shop", "period": "P1", "capacity": 10}],
    "tariffs": [{"from_region": "TW", "to_region": "US", "rate": 0.2, "period": "P2"}],
    "commitments": [
        {"commitment": "deal", "site": "plant", "item": "unit", "period": "P1..P2", "minimum": 30, "shortfall_cost": 3}
    ],
    "expansions": [
        {
            "option": "line",
            "site": "plant",
            "period": "P2",
            "capacity": 8,
            "unit_cost": 1,
            "fixed_cost": 4,
            "all_or_nothing": "yes",
        }
    ],
}
SOFT = toys.policy({"stage": "make", "of": "TW", "max_share": 0.9, "soft_cost": 1})


@cache
def plan(window="*"):
    """The plan of `ALL`.

    P1: 24 starts give 12 good units; the lane takes 10 of them, 2 are kept, 10 are owed.
    P2: the line is bought (18 starts, 9 good units); 11 leave: 10 owed and 1 of the 5 ordered; 4 are lost.
    """
    return toys.solve(toys.tiny(**ALL, report_periods=window), policy=SOFT)


COSTS = {
    "production": 24 * 2 + 18 * 2 * 0.8,
    "freight": 10 * 1 + 11 * 1 * 0.8,
    "tariff": 11 * 0.2 * 10 * 0.8,
    "holding": 2 * 0.5,
    "lateness": 10 * 1,
    "lost_sales": 4 * 60 * 0.8,
    "commitment": (30 - 12 - 9) * 3 * 0.8,
    "expansion": (4 + 8 * 1) * 0.8,
    "limit_excess": 0.1 * 12 * 1 + 0.1 * 9 * 0.8,
}


@pytest.mark.parametrize("component", COSTS)
def test_discounted_component_by_hand(component):
    assert toys.cost_of(plan(), component) == pytest.approx(COSTS[component], rel=1e-9)


def test_components_add_up_to_the_objective():
    assert plan().objective == pytest.approx(sum(COSTS.values()), rel=1e-9)
    assert list(plan().costs["component"]) == list(COSTS)


def test_tables_by_hand():
    found = plan()
    assert found.production[["period", "started", "finished", "cost"]].values.tolist() == [
        ["P1", 24, 12, 48],
        ["P2", 18, 9, 28.8],
    ]
    assert found.shipments[["period", "arrives", "quantity", "freight", "tariff"]].values.tolist() == [
        ["P1", "P1", 10, 10, 0],
        ["P2", "P2", 11, 8.8, 17.6],
    ]
    assert found.stock[["period", "quantity", "holding_cost"]].values.tolist() == [["P1", 2, 1]]
    assert found.service[
        ["period", "demand", "delivered", "late", "lost", "price", "lateness_cost", "lost_cost"]
    ].values.tolist() == [["P1", 20, 10, 10, 0, 100, 10, 0], ["P2", 5, 11, 0, 4, 40, 0, 192]]
    assert found.commitments.values.tolist() == [["deal", 30, 21, 9, pytest.approx(21.6)]]
    assert found.expansions[["option", "period", "share", "capacity", "cost"]].values.tolist() == [
        ["line", "P2", 1, 8, pytest.approx(9.6)]
    ]
    assert found.limits[["period", "share", "excess", "cost"]].values.tolist() == [
        ["P1", 1, pytest.approx(1.2), pytest.approx(1.2)],
        ["P2", 1, pytest.approx(0.9), pytest.approx(0.72)],
    ]


def test_margin():
    """Revenue of 20 at 100 and 1 at 50 * 0.8, less every cost but lost sales and limit excess."""
    paid = sum(amount for name, amount in COSTS.items() if name not in {"lost_sales", "limit_excess"})
    assert plan().margin == pytest.approx(20 * 100 + 1 * 40 - paid, rel=1e-9)
    service = pd.DataFrame({"price": [10.0, 4.0], "demand": [5.0, 2.0], "lost": [1.0, 2.0]})
    costs = pd.DataFrame({"component": ["production", "lost_sales", "limit_excess"], "amount": [7.0, 100.0, 50.0]})
    assert margin(service, costs) == 10 * 4 - 7


def test_reported_costs():
    assert plan("P1").reported_costs == pytest.approx(
        {
            "production": 48,
            "freight": 10,
            "tariff": 0,
            "holding": 1,
            "lateness": 10,
            "lost_sales": 0,
            "commitment": 0,
            "expansion": 0,
            "limit_excess": 1.2,
        }
    )
    late = plan("P2").reported_costs
    assert late == pytest.approx(
        {
            "production": 28.8,
            "freight": 8.8,
            "tariff": 17.6,
            "holding": 0,
            "lateness": 0,
            "lost_sales": 192,
            "commitment": 21.6,
            "expansion": 9.6,
            "limit_excess": 0.72,
        }
    )
    assert plan().reported_costs == pytest.approx(COSTS)
    assert reported_costs(plan("P2").instance, SOFT, plan("P2").tables) == late


@pytest.mark.parametrize(
    ("window", "amount"), portion_of_rows([("P1", 0), ("P2", 2.1 * 0.8), ("*", 2.1 * 0.8)], quick=2)
)
def test_reported_excess_of_a_horizon_limit_is_booked_in_the_last_period_of_its_window(window, amount):
    """Inside 21, allowed 0.9 * 21: 2.1 too many, discounted in P2, the last period."""
    limit = {"stage": "make", "of": "TW", "max_share": 0.9, "soft_cost": 1, "per": "horizon"}
    found = toys.solve(toys.tiny(**ALL, report_periods=window), policy=toys.policy(limit))
    assert toys.cost_of(found, "limit_excess") == pytest.approx(2.1 * 0.8, rel=1e-9)
    assert found.reported_costs["limit_excess"] == pytest.approx(amount, rel=1e-9, abs=1e-12)


def test_the_objective_is_over_all_planned_periods():
    assert plan("P1").objective == plan("P2").objective == plan().objective
    assert plan("P1").margin == plan().margin


def test_owed_before():
    assert [plan(period).owed_before for period in ("P1", "P2")] == [0, 10]
    assert plan().owed_before == 0


def test_service_summary():
    assert plan("P1").service_summary == {"demand": 20, "delivered": 10, "late": 10, "lost": 0, "fill_rate": 1}
    assert plan("P2").service_summary == {
        "demand": 5,
        "delivered": 11,
        "late": 0,
        "lost": 4,
        "fill_rate": pytest.approx(0.2),
    }
    assert plan().service_summary == {
        "demand": 25,
        "delivered": 21,
        "late": 10,
        "lost": 4,
        "fill_rate": pytest.approx(0.84),
    }
    nothing = pd.DataFrame({"period": ["P1"], "demand": [0.0], "delivered": [0.0], "late": [0.0], "lost": [0.0]})
    assert service_summary(plan().instance, nothing)["fill_rate"] == 1


def test_calendar_periods_are_discounted_by_years():
    """21 % a year: a quarter of it is a factor of 1.1 over half a year; the second half-year-old quarter is 2027Q3."""
    instance = toys.tiny(
        periods={"first": "2027Q1", "count": 3, "length": "quarter"},
        discount_rate=0.21,
        demand=[{"customer": "shop", "item": "unit", "period": "2027Q3", "quantity": 11, "price": 100}],
        capacities=[{"site": "plant", "period": "2027Q3", "capacity": 11}],
    )
    assert toys.cost(instance) == pytest.approx(10, rel=1e-12)
    yearly = toys.tiny(
        periods={"first": "2027", "count": 2, "length": "year"},
        discount_rate=0.25,
        demand=[{"customer": "shop", "item": "unit", "period": "2028", "quantity": 10, "price": 100}],
        capacities=[{"site": "plant", "period": "2028", "capacity": 10}],
    )
    assert toys.cost(yearly) == pytest.approx(8, rel=1e-12)


def test_shares():
    assert shares(pd.Series({"a": 3.0, "b": 1.0})).to_dict() == {"a": 0.75, "b": 0.25}
    assert shares(pd.Series({"a": 0.0})).empty


def test_hhi():
    assert hhi(pd.Series([7.0])) == 10_000
    assert hhi(pd.Series([2.0, 2.0])) == 5_000
    assert hhi(pd.Series([6.0, 3.0, 1.0])) == pytest.approx(3600 + 900 + 100)
    assert math.isnan(hhi(pd.Series([0.0, 0.0])))


THREE = {
    "periods": ["P1", "P2"],
    "sites": [
        {"site": "a", "region": "TW", "operator": "one", "cluster": "fault"},
        {"site": "b", "region": "TW", "operator": "two"},
        {"site": "c", "region": "US", "operator": "one"},
    ],
    "items": [{"item": "unit", "stage": "make"}],
    "processes": [{"site": site, "item": "unit"} for site in "abc"],
    "lanes": [{"from": site, "to": "shop"} for site in "abc"],
}


def production(*rows):
    region, operator = {"a": "TW", "b": "TW", "c": "US"}, {"a": "one", "b": "two", "c": "one"}
    return pd.DataFrame(
        [
            {
                "site": site,
                "region": region[site],
                "operator": operator[site],
                "stage": "make",
                "item": "unit",
                "recipe": "standard",
                "period": period,
                "started": float(finished),
                "finished": float(finished),
                "cost": 0.0,
            }
            for site, period, finished in rows
        ]
    )


MADE = production(("a", "P1", 6), ("b", "P1", 3), ("c", "P1", 1), ("a", "P2", 10))


def test_exposure_summary():
    """P1 only: TW 9 of 10; operator one 7; sites 6, 3, 1; cluster fault 6 of 10."""
    instance = toys.tiny(**THREE, report_periods="P1")
    found = {(row["over"], row["of"]): (row["share"], row["hhi"]) for row in exposure_summary(instance, MADE)}
    assert found["region", "TW"] == pytest.approx((0.9, 8200))
    assert found["region", "US"] == pytest.approx((0.1, 8200))
    assert found["operator", "one"] == pytest.approx((0.7, 4900 + 900))
    assert found["site", "b"] == pytest.approx((0.3, 3600 + 900 + 100))
    assert found["cluster", "fault"][0] == pytest.approx(0.6)


def test_exposure_summary_of_clusters_agrees_with_its_shares():
    """A site without a cluster is hit by no cluster event: fault has 0.6 of the stage, so its HHI is not that of a monopoly.

    HHI = sum of (100 * share)^2 with the shares that are shown beside it, each unclustered site standing by itself or
    left out: 3600 + 900 + 100, or 3600.
    """
    instance = toys.tiny(**THREE, report_periods="P1")
    (row,) = [row for row in exposure_summary(instance, MADE) if row["over"] == "cluster"]
    assert row["share"] == pytest.approx(0.6)
    assert round(row["hhi"], 6) in {3600, 4600}


def test_exposure_table():
    instance = toys.tiny(**THREE, report_periods="P1")
    limits = pd.DataFrame(
        {
            "stage": ["make", "make"],
            "over": ["region", "region"],
            "of": ["TW", "TW"],
            "period": ["P1", "P1"],
            "max_share": [0.9, 0.95],
        }
    )
    table = exposure_table(instance, MADE, limits)
    found = table.set_index(["over", "of", "period"])["share"].to_dict()
    assert found["region", "TW", "P1"] == pytest.approx(0.9)
    assert found["region", "TW", "P2"] == 1
    assert found["region", "TW", "horizon"] == pytest.approx(0.9), "the horizon is the reported periods"
    assert found["cluster", "fault", "P1"] == pytest.approx(0.6)
    assert ("region", "US", "P2") not in found
    assert table.set_index(["over", "of", "period"])["limit"].dropna().to_dict() == {("region", "TW", "P1"): 0.9}
    assert table["blended"].isna().all()
    whole = exposure_table(toys.tiny(**THREE), MADE).set_index(["over", "of", "period"])["share"]
    assert whole["region", "TW", "horizon"] == pytest.approx(19 / 20)


def test_exposure_is_of_good_output_by_period_of_start():
    found = toys.solve(
        toys.tiny(
            periods=["P1", "P2"],
            processes=[{"site": "plant", "item": "unit", "yield": 0.5, "lead_time": 1}],
            demand=[{"customer": "shop", "item": "unit", "period": "P2", "quantity": 10, "price": 9}],
        )
    )
    assert found.production[["period", "started", "finished"]].values.tolist() == [["P1", 20, 10]]
    by_stage = found.exposure[found.exposure["measure"] == "stage"]
    assert set(by_stage["period"]) == {"P1", "horizon"}


def test_a_plan_that_makes_nothing_has_tables_all_the_same():
    """Making costs more than losing."""
    found = toys.solve(toys.tiny(processes=[{"site": "plant", "item": "unit", "unit_cost": 200}]))
    assert found.objective == 1000
    assert (found.production.empty, found.shipments.empty, found.stock.empty) == (True, True, True)
    assert found.service[["demand", "delivered", "lost"]].values.tolist() == [[10, 0, 10]]
    assert found.exposure.empty
    assert found.exposure_summary == []
    assert found.service_summary["fill_rate"] == 0
    assert found.margin == 0


@pytest.mark.filterwarnings("error")
def test_a_limit_on_nothing_has_an_empty_share_and_no_warning():
    """Where the total is zero the row holds and the share is empty."""
    found = toys.solve(
        toys.two_plants(
            processes=[
                {"site": "east", "item": "unit", "unit_cost": 200},
                {"site": "west", "item": "unit", "unit_cost": 200},
            ]
        ),
        policy=toys.policy({"stage": "make", "of": "TW", "max_share": 0.5}),
    )
    assert found.limits["share"].isna().all()
    assert found.limits["excess"].tolist() == [0]


def test_tables_have_the_columns_of_the_contract():
    wanted = {
        "production": "site, region, operator, stage, item, recipe, period, started, finished, cost",
        "shipments": "from, from_region, to, to_region, item, period, arrives, quantity, freight, tariff",
        "stock": "site, region, item, period, quantity, holding_cost",
        "service": "customer, item, period, demand, delivered, late, lost, price, lateness_cost, lost_cost",
        "exposure": "measure, stage, over, of, period, share, blended, least, limit",
        "limits": "limit, of, period, share, max_share, min_free, excess, cost, shadow_price",
        "commitments": "commitment, minimum, made, shortfall, cost",
        "expansions": "option, site, resource, period, share, capacity, cost",
        "choke_points": "kind, name, site, region, stage, period, used, capacity, utilisation, shadow_price, valid_from, valid_to",
        "costs": "component, amount",
    }
    for name, columns in wanted.items():
        assert list(plan().tables[name].columns) == columns.split(", "), name


def test_rows_are_sorted_and_row_order_of_the_instance_does_not_matter():
    instance = toys.tiny(**{**THREE, "capacities": [{"site": "a", "capacity": 4}, {"site": "b", "capacity": 4}]})
    mapping = instance.as_mapping()
    turned = planner.load_instance(
        {
            name: value[::-1] if isinstance(value, list) and name not in {"periods", "stages"} else value
            for name, value in mapping.items()
        }
    )
    first, second = planner.solve(instance), planner.solve(turned)
    for name, table in first.tables.items():
        assert table.to_csv() == second.tables[name].to_csv(), name
    keys = first.production[["site", "item", "recipe", "period"]].values.tolist()
    assert keys == sorted(keys)
