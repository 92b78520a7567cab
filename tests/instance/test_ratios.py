"""Warnings of figures that cannot stand beside each other, with both figures: orders, recipes, lanes and their goods."""

import pytest
import toys

import planner


def doubts(**tables):
    found = planner.check_instance({**toys.TINY, **toys.TWO_PLANTS, **tables})
    assert found.instance is not None, found.problems
    assert all(problem.severity == "warning" for problem in found.problems)
    return found.problems


def orders(*quantities):
    return [
        {"customer": "shop", "item": "unit", "period": f"P{number}", "quantity": quantity, "price": 100}
        for number, quantity in enumerate(quantities, 1)
    ]


def test_orders_too_far_apart():
    [problem] = doubts(periods=["P1", "P2", "P3"], demand=orders(5e6, 0, 0.001))
    assert (problem.file, problem.row, problem.column, problem.value) == ("instance: demand", 3, "quantity", "0.001")
    assert "shop orders 0.001 of unit, and shop (row 1) 5,000,000 of unit: 5e9 times as much." in problem.message


@pytest.mark.parametrize("quantities", [(1e6, 0, 0.001), (0, 0, 5), (1e9, 1, 1)])
def test_orders_that_can_be_planned_together(quantities):
    assert not doubts(periods=["P1", "P2", "P3"], demand=orders(*quantities))


CHAIN = {
    "items": [{"item": "unit", "stage": "make"}, {"item": "dye", "stage": "raw"}],
    "processes": [
        {"site": "east", "item": "dye"},
        {"site": "west", "item": "unit", "recipe": "lean", "capacity_use": 0.01},
        {"site": "east", "item": "unit", "recipe": "rich", "resource": "line", "capacity_use": 0},
    ],
    "lanes": [*toys.TWO_PLANTS["lanes"], {"from": "east", "to": "west"}],
}


def test_a_recipe_with_figures_too_far_apart():
    bill = [{"item": "unit", "component": "dye", "quantity": 2}]
    assert not doubts(**CHAIN, components=bill)
    bill.append({"item": "unit", "recipe": "lean", "component": "dye", "quantity": 20_000_000})
    [problem] = doubts(**CHAIN, components=bill)
    assert (problem.file, problem.row, problem.column) == ("instance: processes", 2, "item")
    assert "A unit of unit started at west takes 20,000,000 of dye and takes 0.01 of west" in problem.message
    assert "2e9 times apart" in problem.message


def test_a_yield_counts_as_well_and_each_recipe_is_said_once():
    processes = [{"site": site, "item": "unit", "yield": 1e-10} for site in ("east", "west")]
    [problem] = doubts(processes=processes)
    assert "A unit of unit started at east takes 1 of east and gives 1e-10 of unit" in problem.message


def test_the_smallest_of_all_figures():
    found = doubts(processes=[{"site": "east", "item": "unit", "yield": "1e-320"}])
    assert "more than 1e308 times apart" in found[0].message


def lane(cost, **more):
    return [{"from": "east", "to": "shop", "unit_cost": cost, **more}, {"from": "west", "to": "shop"}]


def test_a_lane_dearer_than_its_goods():
    """A unit has a value of 10, but its buyer pays 100."""
    assert not doubts(lanes=lane(99))
    for named in ({}, {"item": "unit"}):
        [problem] = doubts(lanes=lane(250, **named))
        assert (problem.file, problem.row, problem.column, problem.value) == ("instance: lanes", 1, "unit_cost", "250")
        assert "from east to shop costs 250 a unit, more than unit is worth (100)" in problem.message


def test_a_lane_for_all_items_is_judged_by_what_its_customer_orders():
    more = {
        "items": [{"item": "unit", "stage": "make", "value": 10}, {"item": "gold", "stage": "make", "value": 9000}],
        "processes": [*toys.TWO_PLANTS["processes"], {"site": "east", "item": "gold"}],
        "customers": [*toys.TINY["customers"], {"customer": "bank", "region": "US"}],
        "demand": [*toys.TINY["demand"], {"customer": "bank", "item": "gold", "quantity": 1, "lost_cost": 20_000}],
    }
    found = doubts(**more, lanes=[*lane(250), {"from": "east", "to": "bank", "unit_cost": 9500}])
    assert [problem.row for problem in found] == [1]
    assert not doubts(**more, lanes=[*lane(0), {"from": "east", "to": "region:US", "unit_cost": 9500}])
    found = doubts(**more, lanes=[*lane(0), {"from": "east", "to": "region:US", "unit_cost": 20_001}])
    assert "more than gold is worth (20,000)" in found[0].message


def test_nothing_is_said_of_goods_whose_worth_is_not_known():
    demand = [{"customer": "shop", "item": "unit", "quantity": 10}]
    assert not doubts(items=[{"item": "unit", "stage": "make"}], demand=demand, lanes=lane(1e6))


@pytest.mark.parametrize("name", ["accelerators", "canning"])
def test_the_shipped_instances_have_no_such_figures(name):
    assert planner.check_instance(f"instances/{name}").problems == ()


def test_a_duty_that_was_meant_in_per_cent():
    duty = {"from_region": "TW", "to_region": "US"}
    [problem] = doubts(tariffs=[{**duty, "rate": 10}])
    assert (problem.file, problem.row, problem.column, problem.value) == ("instance: tariffs", 1, "rate", "10")
    assert problem.message == "A rate of 10 is a duty of 1,000 % of the value of the goods."
    assert problem.remedy == "Write 0.1 if 10 % is meant."
    assert not doubts(tariffs=[{**duty, "rate": 1.45}])
