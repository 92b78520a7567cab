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
