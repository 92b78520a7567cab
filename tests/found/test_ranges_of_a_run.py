"""Runs say how far each shadow price holds where that is asked for: the columns were empty in every run.

CONTRACT.md has valid_from and valid_to among the columns of choke_points; only the report found them.
"""

from dataclasses import replace

import pytest
import toys

import planner
from planner.errors import UsageError
from planner.plan.proof.claims import Claims
from planner.plan.proof.verify import verify
from planner.plan.run_options import RunOptions
from planner.store.questions import question_of

TWO = {
    **toys.TINY,
    **toys.TWO_PLANTS,
    "capacities": [{"site": "east", "capacity": 6}, {"site": "west", "capacity": 9}],
    "policies": [{"name": "half", "limits": [{"name": "made", "measure": "stage", "stage": "make", "of": "TW"}]}],
}
TWO["policies"][0]["limits"][0]["max_share"] = 0.5


def ranges(plan):
    points = plan.choke_points[["name", "shadow_price", "valid_from", "valid_to"]]
    return {name: tuple(figures) for name, *figures in points.itertuples(index=False)}


def test_prices_with_their_ranges():
    """Ten are ordered; a unit costs 1 from east, where at most half of all is made, and 3 from west (9 at most)."""
    plan = planner.solve(TWO, "half", ranges=True)
    east, west, limit = ranges(plan).values()
    assert east == pytest.approx((0, 5, float("nan")), nan_ok=True)
    assert west == pytest.approx((0, 5, float("nan")), nan_ok=True)
    assert limit == pytest.approx((2, 0.1, 0.6))  # 9 units at west are all that it can make, and 6 at east
    verdict = verify(Claims.of(plan))
    assert (verdict.holds, verdict.findings) == (True, ())
    plain = replace(plan, options={name: value for name, value in plan.options.items() if name != "ranges"})
    assert question_of(plain) != question_of(plan)  # the store tells them apart
    [finding] = verify(Claims.of(plain)).findings[:1]
    assert "was not asked for ranges" in finding.words


def test_no_ranges_beside_an_earlier_plan():
    with pytest.raises(UsageError, match="not found beside an earlier plan"):
        RunOptions(stay_close_to=object(), ranges=True)
