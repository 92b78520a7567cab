"""Ids that differ by a sign only, which a solver's names of variables might take for one."""

import pytest
import toys

import planner

SITES = ("a-b", "a_b", "a.b", "A-B")


@pytest.mark.parametrize("solver", ["HiGHS", "cbc"])
def test_sites_that_differ_by_a_sign_are_several(solver):
    """Each makes 3 at most, at 1, 2, 3 and 4 a unit: of 10 units the dearest makes 1."""
    instance = toys.tiny(
        sites=[{"site": site, "region": "TW"} for site in SITES],
        processes=[{"site": site, "item": "unit", "unit_cost": cost} for cost, site in enumerate(SITES, 1)],
        capacities=[{"site": site, "capacity": 3} for site in SITES],
        lanes=[{"from": site, "to": "shop"} for site in SITES],
    )
    plan = planner.solve(instance, solver=solver)
    assert dict(zip(plan.production["site"], plan.production["started"], strict=True)) == {"a-b": 3, "a_b": 3, "a.b": 3, "A-B": 1}  # fmt: skip
    assert plan.objective == 3 + 6 + 9 + 4
