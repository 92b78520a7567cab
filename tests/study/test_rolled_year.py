"""A year of months, rolled on with what random actuals make of each: every plan is proved, every bridge adds up."""

import math
import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
import planner
from planner.instance.records import Arrival, Delivery, Stock
from planner.plan.measures.money import costs_booked
from planner.study.roll.actuals import Actuals
from planner.study.roll.bridge import bridge
from planner.study.roll.roll import roll

ACCELERATORS = Path(__file__).parents[2] / "instances" / "accelerators"


def year():
    """Two fabs, two packers and two customers over twelve months, with lead times, an option and a contract."""
    months = [f"2027-{month:02d}" for month in range(1, 13)]
    orders = [
        {
            "customer": customer,
            "item": "chip",
            "period": month,
            "quantity": base + 2 * number,
            "price": 90,
            "late_cost": 3,
        }
        for customer, base in (("cloud", 20), ("lab", 8))
        for number, month in enumerate(months)
    ]
    return {
        "name": "year",
        "periods": "2027-01..2027-12",
        "discount_rate": 0.1,
        "holding_rate": 0.01,
        "sites": [
            {"site": "fab-a", "region": "TW"},
            {"site": "fab-b", "region": "US"},
            {"site": "pack-a", "region": "TW"},
            {"site": "pack-b", "region": "US"},
        ],
        "items": [{"item": "die", "stage": "wafer", "value": 10}, {"item": "chip", "stage": "packaging", "value": 40}],
        "processes": [
            {"site": "fab-a", "item": "die", "unit_cost": 4, "yield": 0.8, "lead_time": 2},
            {"site": "fab-b", "item": "die", "unit_cost": 7, "yield": 0.9, "lead_time": 1},
            {"site": "pack-a", "item": "chip", "unit_cost": 2, "lead_time": 1},
            {"site": "pack-b", "item": "chip", "unit_cost": 4},
        ],
        "components": [{"item": "chip", "component": "die", "quantity": 1}],
        "capacities": [
            {"site": "fab-a", "capacity": 40},
            {"site": "fab-b", "capacity": 30},
            {"site": "pack-b", "capacity": 25},
        ],
        "customers": [{"customer": "cloud", "region": "US"}, {"customer": "lab", "region": "TW"}],
        "demand": orders,
        "lanes": [
            {"from": "region:TW", "to": "region:TW", "unit_cost": 0.5},
            {"from": "region:US", "to": "region:US", "unit_cost": 0.5},
            {"from": "fab-a", "to": "pack-b", "item": "die", "unit_cost": 1, "lead_time": 1},
            {"from": "pack-a", "to": "cloud", "unit_cost": 2, "lead_time": 1},
            {"from": "pack-b", "to": "lab", "unit_cost": 3, "lead_time": 1},
        ],
        "stocks": [{"site": "pack-a", "item": "die", "opening": 60}, {"site": "pack-b", "item": "die", "opening": 30}],
        "commitments": [
            {
                "commitment": "dies",
                "site": "fab-a",
                "item": "die",
                "period": "2027-02..2027-08",
                "minimum": 120,
                "shortfall_cost": 2,
            }
        ],
        "expansions": [
            {"option": "line", "site": "pack-b", "period": "2027-06", "lead_time": 3, "capacity": 20, "unit_cost": 6}
        ],
        "policies": [
            {
                "name": "half",
                "limits": [
                    {
                        "name": "free",
                        "measure": "pathway",
                        "of": "TW",
                        "min_free": 0.3,
                        "per": "horizon",
                        "soft_cost": 8,
                    },
                    {
                        "name": "fabs",
                        "measure": "stage",
                        "stage": "wafer",
                        "of": "TW",
                        "max_share": 0.6,
                        "per": "horizon",
                        "soft_cost": 3,
                    },
                ],
            }
        ],
    }


def what_happened(rng, plan, to):
    """Random counts of some stocks and arrivals, and short deliveries, at the start of a period."""
    expected = roll(plan, to).instance
    before = plan.instance.periods.labels[plan.instance.periods.index[to] - 1]
    stocks = [
        Stock(site=row.site, item=row.item, opening=round(row.opening * rng.uniform(0.8, 1.05), 2))
        for row in expected.stocks
        if row.opening and rng.random() < 0.5
    ]
    sites = {row.site for row in expected.sites}
    named = sorted({(row.site, row.item) for row in expected.arrivals if row.site in sites and rng.random() < 0.4})
    labels = expected.periods.labels
    arrivals = []
    for site, item in named:
        for row in expected.arrivals:
            if (row.site, row.item) == (site, item):
                late = min(expected.periods.index[row.period] + rng.randint(0, 1), len(labels) - 1)
                units = round(row.quantity * rng.uniform(0.7, 1.0), 2)
                arrivals.append(Arrival(site=site, item=item, period=labels[late], quantity=units))
    merged = {}
    for row in arrivals:
        key = row.site, row.item, row.period
        merged[key] = row.model_copy(update={"quantity": row.quantity + (merged[key].quantity if key in merged else 0)})
    deliveries = [
        Delivery(
            customer=row.customer,
            item=row.item,
            period=before,
            quantity=round(row.delivered * rng.uniform(0.85, 1.0), 2),
        )
        for row in plan.service[plan.service["period"] == before].itertuples()
        if rng.random() < 0.4
    ]
    return Actuals(stocks=tuple(stocks), arrivals=tuple(merged.values()), deliveries=tuple(deliveries))


def next_month(rng, plan, actuals, to, *, demand=0.1, capacity=0.1):
    """The instance of the next month: rolled with actuals, and orders and lines as they are seen then."""
    mapping = roll(plan, to, actuals).instance.as_mapping()
    for table, column, wide in (("demand", "quantity", demand), ("capacities", "capacity", capacity)):
        for row in mapping.get(table, ()):
            if rng.random() < 0.3:
                row[column] = round(row[column] * rng.uniform(1 - wide, 1 + wide), 2)
    return planner.load_instance(mapping)


def rolled_through(plan, rng, policy, periods=None, **changes):
    """The periods of a plan, rolled to and planned again; the bridges, and what was booked on the way."""
    bridges, booked = [], 0.0
    for to in plan.instance.periods.labels[1:][:periods]:
        booked += math.fsum(costs_booked(plan.instance, plan.policy, plan.tables, range(1)).values())
        instance = next_month(rng, plan, what_happened(rng, plan, to), to, **changes)
        now = planner.solve(instance, policy=policy, stay_close_to=plan)
        assert now.certificate.passed
        made = bridge(plan, now)
        assert math.fsum(made.steps["change"].iloc[1:]) == pytest.approx(
            made.change, rel=1e-9, abs=1e-7 * now.objective
        )
        bridges.append(made)
        plan = now
    return bridges, booked + plan.objective


def story(first, bridges, total):
    """What the first plan said, what all bridges say of the way, and what was booked in the end: they add up."""
    changes = math.fsum(made.change for made in bridges)
    assert first.objective + changes == pytest.approx(total, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_year_of_months(seed):
    first = planner.solve(planner.load_instance(year()), policy="half")
    bridges, total = rolled_through(first, random.Random(seed), "half")
    assert len(bridges) == 11
    story(first, bridges, total)
    reasons = {reason for made in bridges for reason in made.steps["because"]}
    assert {"actuals", "demand", "re-optimisation"} <= reasons
    assert any(made.moved.units > 0 for made in bridges)


@pytest.mark.slow
def test_two_years_of_quarters_of_the_shipped_instance():
    first = planner.solve(ACCELERATORS, policy="diversified")
    bridges, total = rolled_through(first, random.Random(7), "diversified", periods=8, demand=0.05, capacity=0.03)
    assert len(bridges) == 8
    story(first, bridges, total)
