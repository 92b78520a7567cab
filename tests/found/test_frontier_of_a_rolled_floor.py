"""The frontier of a floor over the horizon counts what was clear before the first period, as a solve does."""

import pytest
import toys

import planner

FLOOR = {"name": "free", "measure": "pathway", "of": "TW", "min_free": 0.5, "per": "horizon"}


@pytest.mark.parametrize("soft", [{}, {"soft_cost": 1}])
def test_each_level_costs_what_a_solve_says(soft):
    """10 are ordered after 10 before, of which 6 were clear: of 20 in all 10 have to be, so 4 more come from the west."""
    used = [{"policy": "p", "limit": "free", "of": "TW", "inside": 6, "total": 10}]
    instance = toys.two_plants(limits_used=used, policies=[{"name": "p", "limits": [{**FLOOR, **soft}]}])
    found = planner.frontier(instance, "p", "free", planner.Levels(start=0, stop=0.8, at=[0.5]), marks=False)
    costs = found.points.set_index("level")["cost"]
    assert costs[0.5] == pytest.approx(planner.solve(instance, "p").objective, rel=1e-9)
    assert costs[0.5] - costs[0.0] == pytest.approx(4 * (1 if soft else 2), rel=1e-9)
