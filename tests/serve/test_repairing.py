"""A repair that is taken up on the page is done as it is said: the plan costs what stands beside it."""

import sys
from pathlib import Path

import pytest
from portions import portion

sys.path.insert(0, str(Path(__file__).parent.parent / "properties"))

from test_repairs_written_down import CASES, formulated, found_repairs

import planner
from planner.instance.policy import Policy
from planner.serve.repairing import can_be_written, repaired
from planner.serve.view import Repair, View, ViewError


def taken_up(lines):
    """Lines of a repair as the page has them, there and back through a query."""
    repairs = tuple(Repair(line.rule.name, tuple(sorted(line.labels.items())), line.figures) for line in lines)
    return View.read(View(repairs=repairs).query).repairs


@pytest.mark.parametrize("case", portion(CASES, quick=2))
def test_every_kind_of_repair_costs_what_it_says(case):
    mapping, policy, _ = CASES[case]
    instance, chosen = planner.load_instance(mapping), policy and Policy.model_validate(policy)
    found = found_repairs(formulated(mapping, policy))
    assert found
    for repair in found:
        repairs = taken_up(repair.lines)
        assert all(map(can_be_written, repairs)), repair.text
        plan = planner.solve(*repaired(instance, chosen, repairs))
        assert plan.objective == pytest.approx(repair.cost, rel=2e-5, abs=2e-5), repair.text


LIMITS = {  # over the horizon; 2 of 10 were clear, or all were made in TW, before the first period
    "a floor": ({"measure": "pathway", "of": "TW", "min_free": 0.5}, 2, ("lower the floor", "from 50 % to 25 %")),
    "a cap": (
        {"measure": "stage", "stage": "make", "of": "each", "max_share": 0.6},
        10,
        ("raise the make cap", "from 60 % to 85 %"),
    ),
}


@pytest.mark.parametrize("case", LIMITS)
def test_what_a_limit_counted_before_a_roll_is_kept(case):
    """Of 10 ordered west makes 3 at 3, and east the others at 1. What was counted before was lost with the name."""
    limit, inside, said = LIMITS[case]
    limit = {"name": "share", "per": "horizon", **limit}
    mapping = CASES[case][0] | {
        "capacities": [{"site": "west", "capacity": 3}],
        "limits_used": [{"policy": "p", "limit": "share", "of": "TW", "inside": inside, "total": 10}],
    }
    instance, chosen = planner.load_instance(mapping), Policy.model_validate({"name": "p", "limits": [limit]})
    (repair,) = [one for one in found_repairs(planner.formulate(instance, chosen)) if one.text.startswith(said[0])]
    assert repair.text.endswith(said[1])
    plan = planner.solve(*repaired(instance, chosen, taken_up(repair.lines)))
    assert plan.objective == pytest.approx(repair.cost) == pytest.approx(7 + 9)


def test_a_floor_of_each_region_is_one_of_those_that_units_can_touch():
    """West makes 3 of 10; what nothing has touched, a site of `C` that makes nothing, was given a floor of its own."""
    mapping = CASES["a floor"][0]
    mapping = mapping | {
        "sites": [*mapping["sites"], {"site": "yard", "region": "C"}],
        "capacities": [{"site": "west", "capacity": 3}, {"site": "east", "capacity": 3}],
        "demand": [{**row, "must_serve": 0} for row in mapping["demand"]],
    }
    limit = {"name": "free", "measure": "pathway", "of": "each", "min_free": 0.7}
    instance, chosen = planner.load_instance(mapping), Policy.model_validate({"name": "p", "limits": [limit]})
    repair = next(one for one in found_repairs(planner.formulate(instance, chosen)) if "floor" in one.text)
    assert repair.text == (
        "lower the floor of free (free of TW) in 1 from 70 % to 30 %; "
        "lower the floor of free (free of US) in 1 from 70 % to 30 %"
    )
    plan = planner.solve(*repaired(instance, chosen, taken_up(repair.lines)))
    assert plan.objective == pytest.approx(repair.cost) == pytest.approx(3 + 9 + 4 * 100)


@pytest.mark.parametrize(
    "repair",
    [
        Repair("raise_cap", (("limit", "none"), ("of", "TW"), ("period", "1")), (0.5, 0.6)),
        Repair("lower_commitment", (("commitment", "none"),), (1.0, 0.0)),
        Repair("raise_capacity", (("resource", "plant"), ("period", "1999")), (1.0, 2.0)),
        Repair("raise_capacity", (("resource", "nowhere"), ("period", "1")), (1.0, 2.0)),
        Repair("raise_capacity", (("resource", "plant"),), ()),
        Repair("lose", (("customer", "nobody"), ("item", "unit"), ("period", "1")), (1.0, 0.5, 1.0)),
        Repair("__class__", (), ()),
    ],
)
def test_a_repair_of_nothing_is_refused(repair):
    instance = planner.load_instance(CASES["a capacity of nothing"][0])
    with pytest.raises((ViewError, planner.PlannerError)):
        repaired(instance, None, (repair,))
