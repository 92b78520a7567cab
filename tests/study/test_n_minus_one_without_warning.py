"""Every site, cluster, operator and region struck in turn by re-solves: the same as stress with such a scenario."""

from functools import cache

import pytest
import toys
from portions import portion

from planner.instance.scenario import Scenario
from planner.study.outage.n_minus_one_without_warning import Outage, strike_each
from planner.study.progress import Effort
from planner.study.stress.surprise import stress_one
from planner.study.stress.undisturbed import Undisturbed

P6 = ["P1", "P2", "P3", "P4", "P5", "P6"]


def chain():
    """Two plants with limits and an option each way, lateness, and a must-serve share."""
    return toys.two_plants(
        periods=P6,
        discount_rate=0.05,
        capacities=[{"site": "east", "capacity": 12}, {"site": "west", "capacity": 3}],
        expansions=[{"option": "more", "site": "east", "period": "P2", "capacity": 4, "unit_cost": 0.5}],
        demand=[
            {"customer": "shop", "item": "unit", "period": "P1..P3", "quantity": 12, "price": 100, "late_cost": 5},
            {
                "customer": "shop",
                "item": "unit",
                "period": "P4..",
                "quantity": 14,
                "price": 90,
                "late_cost": 8,
                "must_serve": 0.4,
            },
        ],
        stocks=[{"site": "east", "item": "unit", "opening": 6, "minimum": 6, "holding_cost": 0.1}],
    )


@cache
def undisturbed_chain():
    return Undisturbed.of(chain(), None)


def as_scenario(sites, outage):
    window = f"{P6[outage.start]}..{P6[min(len(P6), outage.start + outage.periods) - 1]}"
    change = {"change": "outage", "where": {"site": sites.split("+")}, "period": window, "recovery": outage.recovery}
    return Scenario.model_validate({"name": "out", "changes": [change]})


@pytest.mark.parametrize(
    "outage", portion([Outage(1, 1, 2), Outage(1), Outage(2, 2), Outage(3, 9), Outage(0, 2, 1)], quick=1), ids=str
)
def test_it_is_the_same_as_stress_with_such_an_outage(outage):
    undisturbed = undisturbed_chain()
    found = strike_each(undisturbed, outage, effort=Effort(threads=2))
    assert found.table["rank"].is_monotonic_increasing
    assert (found.table["loss"] >= -1e-6).all()
    for row in found.table.drop_duplicates("sites").itertuples():
        wanted = stress_one(undisturbed, as_scenario(row.sites, outage))
        assert row.loss == pytest.approx(wanted.loss, rel=1e-7, abs=1e-6), row
        assert row.lost_units == pytest.approx(wanted.lost_units, rel=1e-6, abs=1e-6), row
    parts = found.by_order.groupby(["over", "of"])["lost_units"].sum()
    for row in found.table.itertuples():
        assert parts[row.over, row.of] == pytest.approx(row.lost_units, abs=1e-6)


def test_options_come_back_with_their_line():
    """Option and line of east at a half in the period after the outage: (12 + 4) / 2, not 12 / 2 + 4."""
    undisturbed = undisturbed_chain()
    assert undisturbed.plan.expansions["share"].tolist() == [pytest.approx(0.5)]
    outage = Outage(3, 1, 1)
    found = strike_each(undisturbed, outage, over=["site"])
    row = found.table.set_index("of").loc["east"]
    assert row["loss"] == pytest.approx(stress_one(undisturbed, as_scenario("east", outage)).loss, rel=1e-7)


def test_what_is_struck_but_idle_costs_nothing():
    free = toys.two_plants(periods=P6)
    found = strike_each(Undisturbed.of(free, None), Outage(1), over=["site", "region"])
    losses = found.table.set_index(["over", "of"])["loss"].to_dict()
    assert losses["site", "west"] == losses["region", "US"] == 0
    assert losses["site", "east"] == losses["region", "TW"] == pytest.approx(20)  # 10 units for 3 instead of 1
    assert found.resolves == 1
    assert found.table.set_index("of").loc["west", "back"] == "P2"


@pytest.mark.slow
def test_what_is_idle_gains_what_a_low_price_of_promises_gains():
    """All must be served: 3 of 5 from the east for 1, 2 from the west for 50, though a lost unit costs 20.

    With promises free from P2 on the 2 are lost: 60 less a period. That is so with any site out that is idle then; with
    the east out all 5 of P2 are lost: 100 instead of 103.
    """
    instance = toys.two_plants(
        periods=P6,
        stock="listed",
        sites=[
            {"site": "east", "region": "TW", "operator": "one"},
            {"site": "west", "region": "US", "operator": "two"},
            {"site": "third", "region": "JP", "operator": "three"},
        ],
        processes=[
            {"site": "east", "item": "unit", "unit_cost": 1},
            {"site": "west", "item": "unit", "unit_cost": 50},
            {"site": "third", "item": "unit", "unit_cost": 900},
        ],
        lanes=[{"from": site, "to": "shop"} for site in ("east", "west", "third")],
        capacities=[{"site": "east", "capacity": 3}],
        demand=[{"customer": "shop", "item": "unit", "quantity": 5, "price": 20, "must_serve": 1}],
    )
    undisturbed = Undisturbed.of(instance, None)
    found = strike_each(undisturbed, Outage(1), over=["site"], price=0.0)
    table = found.table.set_index("of")
    assert table["loss"].to_dict() == pytest.approx({"east": -3 - 4 * 60, "west": -5 * 60, "third": -5 * 60})
    assert table["lost_units"].to_dict() == pytest.approx({"east": 5 + 4 * 2, "west": 5 * 2, "third": 5 * 2})
    for site in ("east", "west", "third"):
        wanted = stress_one(undisturbed, as_scenario(site, Outage(1)), 0.0)
        assert table.loc[site, "loss"] == pytest.approx(wanted.loss)
        assert table.loc[site, "lost_units"] == pytest.approx(wanted.lost_units)
    assert found.resolves == 1  # the west is idle too where nothing need be served
    usual = strike_each(undisturbed, Outage(1), over=["site"]).table.set_index("of")
    assert usual.loc["third", ["loss", "lost_units"]].tolist() == [0, 0]


def test_a_stated_price_is_used():
    must = [{"customer": "shop", "item": "unit", "quantity": 10, "price": 100, "must_serve": 1}]
    instance = toys.tiny(periods=P6, demand=must)
    undisturbed = Undisturbed.of(instance, None)
    table = strike_each(undisturbed, Outage(2), over=["site"], price=7).table
    assert table["loss"].tolist() == [pytest.approx(10 * (100 + 7) - 10)]
    assert table["lost_units"].tolist() == [pytest.approx(10)]
    assert table["back"].tolist() == ["P4"]
