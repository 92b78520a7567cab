"""A group may name regions in which nobody stands yet, as long as `regions` has them: a typing error stays one."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from toys import two_plants

import planner

GROUPED = {
    "regions": {"TW": "Taiwan", "JP": "Japan"},
    "region_groups": {"asia": ["TW", "JP"]},
    "policies": [{"name": "free", "limits": [{"name": "asia", "measure": "pathway", "of": "asia", "max_share": 0.5}]}],
}


def test_a_named_region_without_places_may_stand_in_a_group():
    found = planner.check_instance({**two_plants().as_mapping(), **GROUPED})
    assert found.errors == ()
    assert [problem.value for problem in found.problems if problem.column == "regions"] == ["JP"], "it is still said"


def test_what_is_named_nowhere_is_refused():
    found = planner.check_instance({**two_plants().as_mapping(), **GROUPED, "regions": {"TW": "Taiwan"}})
    assert [(problem.column, problem.value) for problem in found.errors] == [("region_groups", "JP")]


def test_such_a_group_is_limited_where_it_stands():
    plan = planner.solve(two_plants(**GROUPED), policy="free")
    made = plan.production.groupby("region")["finished"].sum()
    assert made["TW"] == made["US"] == plan.service["delivered"].sum() / 2 > 0
