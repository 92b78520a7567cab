"""Goods on the way to a customer are handed over there: nobody has worked on them at the customer's, whatever a row says."""

import pytest
import toys

import planner

ON_THE_WAY = {"site": "shop", "item": "unit", "period": "1", "quantity": 4}


@pytest.mark.parametrize("row", [{}, {"worked_here": "yes"}, {"touched": "KR"}], ids=str)
def test_its_exposure_is_measured(row):
    plan = planner.solve(toys.tiny(arrivals=[{**ON_THE_WAY, **row}], customers=[{"customer": "shop", "region": "KR"}]))
    assert plan.objective == pytest.approx(6)
    found = plan.exposure[plan.exposure["measure"] == "pathway"].set_index(["of", "period"])
    shares = {"TW": 0.6} | ({"KR": 0.4} if "touched" in row else {})  # six of ten units come from the plant
    assert found.xs("horizon", level="period")["share"].to_dict() == pytest.approx(shares)
    assert (found["least"] <= found["share"]).all()


def test_a_policy_that_watches_each_site_passes_customers_over():
    each = toys.policy({"measure": "pathway", "over": "site", "of": "each", "max_share": 0.6, "per": "horizon"})
    plan = planner.solve(toys.tiny(arrivals=[ON_THE_WAY]), each)
    assert plan.objective == pytest.approx(6)
    assert set(plan.limits["of"]) == {"plant"}


def test_a_floor_for_each_site_asks_nothing_of_the_customer():
    """Six units are lost for 0.5 each rather than made for 1; one is missing below the floor of the plant, for 2."""
    floor = {"measure": "pathway", "over": "site", "of": "each", "min_free": 0.5, "per": "horizon", "soft_cost": 2}
    order = {"customer": "shop", "item": "unit", "quantity": 10, "lost_cost": 0.5}
    plan = planner.solve(toys.tiny(arrivals=[ON_THE_WAY], demand=[order]), toys.policy(floor))
    assert plan.limits["of"].tolist() == ["plant"]
    assert plan.objective == pytest.approx(6 * 0.5 + 1 * 2)
