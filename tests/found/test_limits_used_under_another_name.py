"""What a limit used before the first period counts where a study or the page gives its policy another name."""

import pytest
import toys

import planner
from planner.instance.policy import Policy
from planner.serve.live import Planning
from planner.serve.view import View
from planner.study.policy_split import policy_split

CAP = {"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.6, "per": "horizon"}
FLOOR = {"name": "free", "measure": "pathway", "of": "TW", "min_free": 0.5, "per": "horizon"}


def rolled(*policies):
    """10 are ordered after 10 before, of which 9 were made in Taiwan and 1 was clear of it."""
    used = [
        {"policy": name, "limit": limit, "of": "TW", "inside": inside, "total": 10}
        for name in ("p", "q")
        for limit, inside in (("cap", 9), ("free", 1))
    ]
    return toys.two_plants(limits_used=used, policies=list(policies))


def test_on_the_page_with_a_limit_moved():
    """Of 20 in all at most 14 in Taiwan: 5 of the 10 that are left."""
    instance = rolled({"name": "p", "limits": [CAP]})
    moved = Policy.model_validate({"name": "p", "limits": [{**CAP, "max_share": 0.7}]})
    found = Planning(instance).answer(View("p", limits={"cap": 70.0})).plan
    assert found.objective == pytest.approx(planner.solve(instance, moved).objective)
    assert found.production.set_index("site")["started"].to_dict() == {"east": 5, "west": 5}


def test_on_the_way_from_one_policy_to_another():
    """First the cap: of 20 in all 12 in Taiwan, 3 of the 10 that are left. Then the floor, which asks for 9 clear."""
    instance = rolled({"name": "p", "limits": []}, {"name": "q", "limits": [CAP, FLOOR]})
    free, both = (planner.solve(instance, name) for name in ("p", "q"))
    capped = planner.solve(instance, Policy.model_validate({"name": "q", "limits": [CAP]}))
    costs = policy_split(free, both).set_index("part")["cost"]
    assert costs["make limits"] == pytest.approx(capped.objective - free.objective)
    assert costs["pathway limits"] == pytest.approx(both.objective - capped.objective)


def test_of_a_policy_beside_a_frontier():
    """Under q 3 of 10 are made in Taiwan: of all 20, with 1 clear before, 8 are clear."""
    instance = rolled({"name": "p", "limits": [FLOOR]}, {"name": "q", "limits": [CAP]})
    found = planner.frontier(instance, "p", "free", planner.Levels(start=0, stop=0.5, at=[0.4]))
    marks = {mark.policy: (mark.level, mark.cost) for mark in found.marks}
    costs = found.points.set_index("level")["cost"]
    assert marks["q"] == (pytest.approx(0.4), pytest.approx(costs[0.4]))
