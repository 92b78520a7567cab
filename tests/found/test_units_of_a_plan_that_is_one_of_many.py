"""Units lost, late and waiting when sites are out are those of the one plan, where plans of equal cost differ in them.

An order may wait at no cost here, so that the least cost says nothing of when it comes, or of which one waits.
"""

import pytest
import toys

from planner.instance.applying import apply_scenario
from planner.study.outage.n_minus_one import n_minus_one
from planner.study.outage.n_minus_one_without_warning import Outage, strike_each
from planner.study.stress.surprise import stress_one
from planner.study.stress.undisturbed import Undisturbed

PERIODS = ["P1", "P2", "P3", "P4", "P5"]
CASES = pytest.mark.parametrize(
    ("capacity", "process"), [(7, {}), (5, {"min_lot": 2})], ids=["linear", "whole lots"]
)  # with lots, whose decisions of 0 or 1 come before the tie-break, all of the capacity is needed: each lot is started


def waiting_costs_nothing(capacity, process):
    """Two plants that cost the same, and two shops, whose orders may wait at no cost and are lost at the same."""
    return toys.two_plants(
        periods=PERIODS,
        customers=[{"customer": "shop", "region": "US"}, {"customer": "stall", "region": "US"}],
        processes=[{"site": site, "item": "unit", "unit_cost": 1, **process} for site in ("east", "west")],
        lanes=[{"from": site, "to": to} for site in ("east", "west") for to in ("shop", "stall")],
        capacities=[{"site": site, "capacity": capacity} for site in ("east", "west")],
        demand=[
            {"customer": to, "item": "unit", "quantity": 5, "price": 100, "late_cost": 0} for to in ("shop", "stall")
        ],
    )


def out(sites, window, **change):
    return toys.scenario({"change": "outage", "where": {"site": sites.split("+")}, "period": window, **change})


@CASES
def test_struck_without_warning_they_are_those_of_stress(capacity, process):
    base = Undisturbed.of(waiting_costs_nothing(capacity, process), None)
    found = strike_each(base, Outage(1, 2, 1))
    for row in found.table.drop_duplicates("sites").itertuples():
        wanted = stress_one(base, out(row.sites, "P2..P3", recovery=1))
        assert row.loss == pytest.approx(wanted.loss, abs=1e-6)
        assert row.waiting == pytest.approx(wanted.waiting, abs=1e-9), row
        assert row.back == wanted.back, row
        orders = found.by_order[(found.by_order["over"] == row.over) & (found.by_order["of"] == row.of)]
        lost = orders.set_index(["customer", "item"])["lost_units"]
        assert lost.to_dict() == pytest.approx(wanted.lost.set_index(["customer", "item"])["lost"].to_dict())


@CASES
def test_known_in_advance_they_are_those_of_the_plan_made_for_it(capacity, process):
    instance = waiting_costs_nothing(capacity, process)
    found = n_minus_one(toys.program(instance), period="P2..P3", over=("site", "region"))
    before = toys.solve(instance).service
    assert (found.table[["lost_units", "late_units"]].abs() > 0.5).any(axis=None)
    for row in found.table.itertuples():
        after = toys.solve(apply_scenario(instance, out(row.sites, "P2..P3"))).service
        assert row.late_units == pytest.approx(after["late"].sum() - before["late"].sum(), abs=1e-6), row
        assert row.lost_units == pytest.approx(after["lost"].sum() - before["lost"].sum(), abs=1e-6), row


def test_without_the_units_losses_are_the_same():
    asked = toys.program(waiting_costs_nothing(7, {}))
    quick = n_minus_one(asked, units=False)
    assert quick.table[["lost_units", "late_units"]].isna().all(axis=None)
    assert quick.by_product.empty
    whole = n_minus_one(asked)
    assert quick.table["loss"].tolist() == pytest.approx(whole.table["loss"].tolist(), abs=1e-9)
