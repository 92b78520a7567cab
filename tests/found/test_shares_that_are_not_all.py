"""A share that is not all, or not nothing, is not written as 100 % or 0 % in a sentence about a plan.

A plan of which 99.9 % of the units delivered had touched Korea was said to have 100 % of them touch it.
"""

import pytest
import toys

import planner
from planner.plan.plan_summary import plan_answer
from planner.text.figures import correlation, nearly


@pytest.mark.parametrize(
    ("share", "text"),
    [(1.0, "100 %"), (0.9993, "99.9 %"), (0.9949, "99 %"), (0.5, "50 %"), (0.004, "0.4 %"), (0.0, "0 %")],
)
def test_shares_in_whole_per_cent(share, text):
    assert nearly(share) == text


@pytest.mark.parametrize(("far", "text"), [(2, "99.8 %"), (0, "100 %")])
def test_a_plan_of_which_nearly_all_comes_from_a_region(far, text):
    """Two of a thousand units are stock of another region, which is sent; the others can come from TW alone."""
    sites = [{"site": "plant", "region": "TW"}, {"site": "depot", "region": "US"}]
    plan = planner.solve(
        toys.tiny(
            sites=sites,
            lanes=[{"from": site, "to": "shop"} for site in ("plant", "depot")],
            demand=[{"customer": "shop", "item": "unit", "quantity": 1000, "price": 100}],
            stocks=[{"site": "depot", "item": "unit", "opening": far}],
        )
    )
    assert f"which {text} of the units delivered have touched." in plan_answer(plan)


def test_a_correlation_that_is_not_whole_is_not_one():
    """0.997 was told as +1.00."""
    ranks = (1.0, 0.9974, -0.9974, 0.9939, 0.25, -1.0, 0.0)
    assert [correlation(rank) for rank in ranks] == ["+1.00", "+0.997", "−0.997", "+0.99", "+0.25", "−1.00", "+0.00"]
