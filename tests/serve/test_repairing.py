"""A repair that is taken up on the page is done as it is said: the plan costs what stands beside it."""

import sys
from pathlib import Path

import pytest
import toys
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


MUST = {"customer": "shop", "item": "unit", "quantity": 10, "must_serve": 1, "price": 100}
BY_TWO_WAYS = [
    {"site": "east", "item": "unit", "recipe": "lean", "unit_cost": 1},
    {"site": "east", "item": "unit", "unit_cost": 2},
]
TWO_ITEMS = {
    "items": [{"item": "unit", "stage": "make"}, {"item": "other", "stage": "make"}],
    "processes": [{"site": "east", "item": "unit", "unit_cost": 1}, {"site": "east", "item": "other", "unit_cost": 1}],
    "demand": [MUST, {"customer": "shop", "item": "other", "quantity": 5, "price": 20}],
}
OF_EACH = {"measure": "pathway", "of": "each", "max_share": 0.5}
OVER_ALL = {"name": "cap", "measure": "stage", "stage": "make", "max_share": 0.6, "per": "horizon"}
USED = [{"policy": "own", "limit": "cap", "of": of, "inside": 5, "total": 10} for of in ("TW", "US")]
HARD_TO_WRITE = {
    "an outage of one recipe": ({"processes": BY_TWO_WAYS, "outages": [{"site": "east", "item": "unit"}]}, None),
    "an outage for each recipe": (
        {
            "processes": BY_TWO_WAYS,
            "outages": [{"site": "east", "item": "unit", "recipe": recipe} for recipe in ("lean", "standard")],
        },
        None,
    ),
    "an outage of a site with two items": ({**TWO_ITEMS, "outages": [{"site": "east"}]}, None),
    "what leaves in two outages": (
        {
            **TWO_ITEMS,
            "stocks": [{"site": "east", "item": "unit", "opening": 10}],
            "outages": [{"site": "east", "held": "yes"}, {"site": "east", "item": "unit", "held": "yes"}],
        },
        None,
    ),
    "a held outage of the only process of a site": (
        {
            "periods": ["1", "2"],
            "demand": [{**MUST, "period": "*", "must_serve": 0}],
            "capacities": [{"site": "west", "capacity": 0}],
            "stocks": [{"site": "east", "item": "unit", "opening": 10, "closing_minimum": 15}],
            "outages": [{"site": "east", "held": "yes"}],
        },
        None,
    ),
    "a held outage where units are watched": (
        {
            "periods": ["1", "2"],
            "demand": [{**MUST, "period": "*", "must_serve": 0}],
            "capacities": [{"site": "west", "capacity": 0}],
            "stocks": [{"site": "east", "item": "unit", "opening": 10, "closing_minimum": 15}],
            "outages": [{"site": "east", "held": "yes"}],
        },
        {"measure": "pathway", "of": "TW", "max_share": 1},
    ),
    "a held outage of one of two processes": (
        {
            **TWO_ITEMS,
            "periods": ["1", "2"],
            "stocks": [
                {"site": "east", "item": "unit", "opening": 10, "closing_minimum": 15},
                {"site": "east", "item": "other", "opening": 5},
            ],
            "demand": [{**row, "period": "*", "must_serve": 0} for row in TWO_ITEMS["demand"]],
            "outages": [{"site": "east", "held": "yes"}],
        },
        None,
    ),
    "a capacity with the name of its site": (
        {
            "processes": [{"site": "east", "item": "unit", "resource": "east"}],
            "capacities": [{"site": "east", "resource": "east", "capacity": 6}],
        },
        None,
    ),
    "a lot of the only recipe": (
        {
            "demand": [{**MUST, "quantity": 2}],
            "stock": "listed",
            "processes": [{"site": "east", "item": "unit", "recipe": "lean", "min_lot": 5}],
        },
        None,
    ),
    "a region that only what arrives has touched": (
        {
            "customers": [{"customer": "shop", "region": "EU"}],
            "arrivals": [
                {"site": "east", "item": "unit", "period": "1", "quantity": 10, "touched": ["EU"], "worked_here": "no"}
            ],
            "processes": [{"site": "west", "item": "unit", "unit_cost": 3}],
            "capacities": [{"site": "west", "capacity": 2}],
        },
        OF_EACH,
    ),
    "a cap that was used before": (
        {"capacities": [{"site": "west", "capacity": 2}], "limits_used": USED},
        {**OVER_ALL, "of": "each"},
    ),
    "a cap on each region of which one was used before": (
        {"capacities": [{"site": "west", "capacity": 2}], "limits_used": USED[:1]},
        {**OVER_ALL, "of": "each"},
    ),
    "a cap on one region that was used before": (
        {"capacities": [{"site": "west", "capacity": 2}], "limits_used": USED[:1]},
        {**OVER_ALL, "of": "TW"},
    ),
}


def ways(instance, policy):
    return found_repairs(planner.formulate(instance, policy))


@pytest.mark.parametrize("case", portion(HARD_TO_WRITE, quick=7))
def test_what_is_hard_to_write_costs_what_it_says(case):
    tables, limit = HARD_TO_WRITE[case]
    chosen = limit and toys.policy(limit).model_copy(update={"name": "own"})
    instance = toys.two_plants(**{"demand": [MUST], "policies": [], **tables})
    found = ways(instance, chosen)
    assert len(found) > 1
    for repair in found:
        plan = planner.solve(*repaired(instance, chosen, taken_up(repair.lines)))
        assert plan.objective == pytest.approx(repair.cost, rel=2e-5), repair.text


def first_of(kind, instance, policy):
    return next(way for way in ways(instance, policy) if {line.rule.name for line in way.lines} == {kind})


def test_a_repair_of_what_another_repair_wrote():
    """A piece of a limit is raised once more when less can be made elsewhere than when it was raised."""
    cap = toys.policy({"measure": "stage", "stage": "make", "of": "each", "max_share": 0.6})
    tables = {"periods": ["1", "2"], "demand": [{**MUST, "period": "*"}]}
    instance, less = (toys.two_plants(**tables, capacities=[{"site": "west", "capacity": room}]) for room in (2, 1))
    first = taken_up(first_of("raise_cap", instance, cap).lines)
    second = first_of("raise_cap", *repaired(less, cap, first))
    plan = planner.solve(*repaired(less, cap, first + taken_up(second.lines)))
    assert plan.objective == pytest.approx(second.cost, rel=2e-5)


def test_a_repair_of_one_of_two_buffers_that_another_repair_wrote():
    """Pieces of the first buffer stand behind the second one, which keeps its number."""
    covers = [{"items": [item], "periods_of_cover": 1} for item in ("other", "unit")]
    policy = Policy.model_validate({"name": "covered", "buffers": covers})
    tables = {
        **TWO_ITEMS,
        "periods": ["1", "2", "3"],
        "demand": [{"customer": "shop", "item": item, "quantity": 10, "price": 100} for item in ("unit", "other")],
    }
    less = toys.two_plants(**tables, capacities=[{"site": "east", "capacity": 12}])
    first = (Repair("lower_cover", (("item", "other"), ("limit", "buffer-1"), ("period", "1")), (1.0, 0.7)),)
    second = first_of("lower_cover", *repaired(less, policy, first))
    assert [line.labels["limit"] for line in second.lines] == ["buffer-2"]
    plan = planner.solve(*repaired(less, policy, first + taken_up(second.lines)))
    assert plan.objective == pytest.approx(second.cost, rel=2e-5)
