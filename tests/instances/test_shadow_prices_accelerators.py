"""Every shadow price of the shipped instance is verified by re-solves, or shown with the reason why not."""

from functools import cache

import numpy as np
import pytest
from shipped import shipped, undisturbed

import planner
from planner.instance.applying import apply_scenario
from planner.instance.scenario import Scenario
from planner.plan.price_checks import SHARES, with_ranges
from planner.solve.ranging import Target, price_ranges
from planner.solve.resolver import Resolver
from planner.study.outage.n_minus_one import n_minus_one

pytestmark = pytest.mark.shipped

POLICY = "diversified"
SAMPLE = 25  # one in so many priced rows is held against plans made anew


@cache
def formulated():
    return planner.formulate(shipped(), policy=POLICY)


def scenario(*changes):
    return Scenario.model_validate({"name": "s", "changes": list(changes)})


@pytest.fixture(scope="module")
def resolver():
    return Resolver(formulated())


def capacities(resolver, every):
    """Targets of one in `every` of the capacities that have a price."""
    start, rows = formulated().family_rows("capacity")
    prices = -resolver.baseline.row_duals[start : start + len(rows)]
    return [Target(start + int(row), least=0.0) for row in np.flatnonzero(prices > 1)[::every]]


@pytest.mark.slow
def test_prices_are_what_a_plan_made_anew_saves(resolver):
    """Capacity added in a scenario, half the way to the end of the range and a little beyond it."""
    base = undisturbed(POLICY).objective
    start, rows = formulated().family_rows("capacity")
    for part in price_ranges(resolver, capacities(resolver, 4 * SAMPLE)):
        label = rows.labels.iloc[part.target.number - start]
        period = shipped().periods.labels[int(label["period"])]
        where = {"site": label["site"], "resource": label["resource"]}
        room = part.valid_to - part.figure
        for more, on_the_line in ((room / 2, True), (room + 0.05 * part.figure, False)):
            change = scenario({"change": "capacity", "add": more, "period": period, "where": where})
            saved = base - planner.solve(apply_scenario(shipped(), change), policy=POLICY).objective
            assert saved <= part.shadow_price * more * (1 + 1e-6)
            assert (saved == pytest.approx(part.shadow_price * more, rel=1e-6)) is on_the_line


@pytest.mark.slow
def test_a_sample_is_verified(resolver):
    found = price_ranges(resolver, capacities(resolver, SAMPLE))
    assert len(found) > 5
    for part in found:
        assert part.verified, part
        assert part.shadow_price > 0
        assert part.valid_from <= part.figure <= part.valid_to
        assert part.valid_from < part.valid_to
    assert resolver.fallbacks <= resolver.resolves / 10


@pytest.mark.slow
def test_every_price_is_verified_or_says_why_not():
    plan = undisturbed(POLICY)
    table, checks = with_ranges(plan.choke_points, formulated(), plan.values, threads=2)
    assert checks["verified"].all()
    priced = table["shadow_price"] > 0
    assert priced.sum() > 200
    assert (
        table.loc[priced, ["valid_from", "valid_to"]].notna().all(axis=None)
        or (checks.loc[priced & table["valid_to"].isna().to_numpy(), "reason"] != "").all()
    )
    limits = (table["kind"] == "limit") & priced
    assert (checks.loc[limits.to_numpy(), "reason"] == SHARES).all()
    inside = table[priced]
    slack = 1e-8 * (1 + inside["capacity"].abs())
    assert not (inside["valid_from"] > inside["capacity"] + slack).any()
    assert not (inside["valid_to"] < inside["capacity"] - slack).any()


@pytest.mark.slow
def test_a_site_that_is_out_equals_an_outage_scenario():
    losses = n_minus_one(formulated(), over=("region",), period="2027Q1..2027Q4")
    assert set(losses.table["status"]) == {"optimal"}
    for region in ("EU", "JP"):
        out = scenario({"change": "outage", "period": "2027Q1..2027Q4", "where": {"region": region}})
        expected = planner.solve(shipped(), policy=POLICY, scenario=out).objective
        found = losses.table.set_index("of").loc[region]
        assert found["cost"] == pytest.approx(expected, rel=1e-9)
        assert found["loss"] == pytest.approx(expected - undisturbed(POLICY).objective, rel=1e-6)
