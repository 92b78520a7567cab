"""Orders against capacity by stage and period, by hand; and items of which a thousand times more is needed."""

import itertools
import math

import numpy as np
import pytest
import toys

import planner
from planner.instance.lines import line_capacities_of
from planner.network.building import build_network
from planner.network.load import StageLoad, load_problems, stage_loads

CHAIN = {
    "name": "chain",
    "periods": ["P1", "P2"],
    "sites": [{"site": "fab", "region": "A"}, {"site": "pack", "region": "A"}],
    "items": [{"item": "die", "stage": "wafer"}, {"item": "chip", "stage": "packaging"}],
    "processes": [
        {"site": "fab", "item": "die", "yield": 0.5, "capacity_use": 0.1},
        {"site": "pack", "item": "chip", "yield": 0.8, "period": "P2.."},
    ],
    "components": [{"item": "chip", "component": "die", "quantity": 2}],
    "capacities": [{"site": "fab", "capacity": 30}, {"site": "pack", "period": "P1", "capacity": 7}],
    "expansions": [{"option": "second", "site": "pack", "period": "P2", "capacity": 50}],
    "customers": [{"customer": "shop", "region": "A"}],
    "demand": [{"customer": "shop", "item": "chip", "period": "P2", "quantity": 40, "price": 9}],
    "lanes": [{"from": "fab", "to": "pack"}, {"from": "pack", "to": "shop"}],
}


def loads(**tables):
    return stage_loads(planner.load_instance({**CHAIN, **tables}))


def said(**tables):
    return [problem.message for problem in load_problems(planner.load_instance({**CHAIN, **tables}))]


def test_a_chain_by_hand():
    """40 chips take 40 / 0.8 * 2 = 100 good dies; a wafer line of 30 gives 30 / 0.1 * 0.5 = 150 a period."""
    wafer, packaging = loads()
    assert (wafer.stage, wafer.items, wafer.sites) == ("wafer", ("die",), ("fab",))
    assert list(wafer.needed) == [0, 100]
    assert list(wafer.capacity) == pytest.approx([150, 150])
    assert wafer.share() == pytest.approx(1 / 3)
    assert wafer.share(slice(1, 2)) == pytest.approx(2 / 3)
    assert list(packaging.needed) == [0, 40]
    assert list(packaging.capacity) == [0, 0]  # in P1 nothing may start, in P2 there is no capacity without the option
    assert packaging.share() == math.inf
    assert packaging.share(slice(0, 1)) == 0


def test_what_is_owed_from_before_is_needed_in_the_first_period():
    """8 more chips take 8 / 0.8 * 2 = 20 good dies."""
    wafer, packaging = loads(owed=[{"customer": "shop", "item": "chip", "quantity": 8, "late_cost": 1}])
    assert list(wafer.needed) == [20, 100]
    assert list(packaging.needed) == [8, 40]


def test_a_line_without_limit():
    wafer, _ = loads(capacities=CHAIN["capacities"][1:])
    assert list(wafer.capacity) == [math.inf, math.inf]
    assert wafer.share() is None


def test_a_line_makes_its_items_in_the_mix_that_orders_need():
    """Three of four chips are small ones, which take half as much: (3 * 1 + 1 * 2) / 4 = 1.25 a chip."""
    [make] = stage_loads(
        toys.tiny(
            items=[{"item": "small", "stage": "make"}, {"item": "big", "stage": "make"}],
            processes=[
                {"site": "plant", "item": "small", "capacity_use": 1},
                {"site": "plant", "item": "big", "capacity_use": 2},
            ],
            capacities=[{"site": "plant", "capacity": 100}],
            demand=[
                {"customer": "shop", "item": "small", "quantity": 30, "price": 1},
                {"customer": "shop", "item": "big", "quantity": 10, "price": 1},
            ],
        )
    )
    assert make.items == ("small", "big")
    assert make.capacity[0] == pytest.approx(80)
    assert make.share() == pytest.approx(0.5)


def test_lines_of_their_own_add_up():
    [make] = stage_loads(
        toys.two_plants(capacities=[{"site": "east", "capacity": 4}, {"site": "west", "capacity": 16}])
    )
    assert (make.sites, make.share()) == (("east", "west"), 0.5)


def test_the_best_yield_counts_and_a_recipe_without_a_component_needs_none():
    lean = [*CHAIN["processes"], {"site": "pack", "item": "chip", "recipe": "lean", "yield": 0.5}]
    wafer, _ = loads(processes=lean)
    assert list(wafer.needed) == [0, 100]
    bill = [{"item": "chip", "recipe": "standard", "component": "die", "quantity": 2}]
    wafer, _ = loads(processes=lean, components=bill)
    assert list(wafer.needed) == [0, 0]


def test_a_planned_shutdown_gives_nothing():
    wafer, _ = loads(outages=[{"site": "fab", "period": "P1"}])
    assert list(wafer.capacity) == pytest.approx([0, 150])


def test_many_ways_through_a_chain_are_walked_once():
    """Each of thirty stages takes two parts of the one before: a thousand million ways, and sixty items."""
    items = [f"{side}{number}" for number in range(30) for side in "ab"]
    bill = [
        {"item": f"{side}{number}", "component": f"{part}{number - 1}", "quantity": 1}
        for number in range(1, 30)
        for side in "ab"
        for part in "ab"
    ]
    instance = toys.tiny(
        items=[{"item": item, "stage": "make"} for item in items],
        processes=[{"site": "plant", "item": item} for item in items],
        components=bill,
        demand=[{"customer": "shop", "item": "a29", "quantity": 1, "price": 1}],
    )
    [make] = stage_loads(instance)
    assert make.needed[0] == 1 + sum(2 * 2**number for number in range(29))  # 1, then 1 and 1, 2 and 2, 4 and 4, ...
    assert list(load_problems(instance)) == []


def test_figures_of_any_size_stay_figures(recwarn):
    items = [f"i{number}" for number in range(40)]
    instance = toys.tiny(
        items=[{"item": item, "stage": item} for item in items],
        processes=[{"site": "plant", "item": item, "yield": 1e-12} for item in items],
        components=[
            {"item": after, "component": before, "quantity": 1e14} for before, after in itertools.pairwise(items)
        ],
        demand=[{"customer": "shop", "item": items[-1], "quantity": 1e14, "price": 1}],
    )
    assert all(math.isfinite(load.needed.sum()) for load in stage_loads(instance))
    assert not recwarn.list


def test_a_thousandth_of_what_is_needed_is_said_with_both_figures():
    few = [{"site": "fab", "capacity": 0.009}, *CHAIN["capacities"][1:]]
    [message] = said(capacities=few)
    assert message == (
        "Orders need 100 of die, and all lines that make it can make 0.09 at most in all periods, "
        "1,111 times too little."
    )
    assert said(capacities=[{"site": "fab", "capacity": 0.011}, *CHAIN["capacities"][1:]]) == []


def test_options_count_and_stock_is_taken_off():
    assert said() == []  # only the option gives packaging any capacity in P2
    none = [{"site": "fab", "capacity": 0}, *CHAIN["capacities"][1:]]
    assert said(capacities=none) == ["Orders need 100 of die, and all lines that make it can make none."]
    assert said(capacities=none, stocks=[{"site": "fab", "item": "die", "opening": 100}]) == []
    assert said(capacities=none, stocks=[{"site": "pack", "item": "chip", "opening": 40}]) == []


def test_an_option_counts_as_far_as_it_is_there():
    """The option gives packaging all its capacity in P2; where none of it is there, 40 chips cannot be made."""
    gone = [{"option": "second", "period": "P2", "factor": 0}]
    assert said(expansion_factors=gone) == ["Orders need 40 of chip, and all lines that make it can make none."]
    assert said(expansion_factors=[{**gone[0], "factor": 0.1}]) == []


def test_lines_can_give_what_the_model_lets_them():
    """The capacity of each line with all its options is the right side of its row and the largest of its left side."""
    instance = planner.load_instance(
        {
            **CHAIN,
            "processes": [{"site": "fab", "item": "die"}, {"site": "pack", "item": "chip"}],
            "expansions": [
                *CHAIN["expansions"],
                {"option": "third", "site": "pack", "period": "P1", "capacity": 20, "bought": 0.25},
            ],
            "expansion_factors": [{"option": "second", "period": "P2", "factor": 0.5}],
        }
    )
    network, found = build_network(instance), line_capacities_of(instance)
    most = network.capacity.set_index(["site", "resource", "period"])["capacity"]
    given = network.expand_capacity.merge(network.expand[["option", "upper"]])
    most = most.add(
        (given["capacity"] * given["upper"]).groupby([given[name] for name in most.index.names]).sum(), fill_value=0
    )
    assert most.to_dict() == {(*line, at): found.most(line)[at] for line in found.own for at in range(2)}
    assert found.most(("pack", "pack")).tolist() == [7 + 5, 5 + 25]


@pytest.mark.parametrize("name", ["accelerators", "canning"])
def test_the_shipped_instances_have_capacity(name):
    instance = planner.load_instance(f"instances/{name}")
    assert list(load_problems(instance)) == []
    assert all(0 < load.share() < 1 for load in stage_loads(instance))


@pytest.mark.parametrize(
    ("needed", "capacity", "share"), [(0.5, 0, math.inf), (0, 0, 0), (0.5, 2, 0.25), (3, math.inf, None), (3, 0.5, 6)]
)
def test_the_share_of_a_capacity_however_small(needed, capacity, share):
    load = StageLoad("make", (), (), np.array([needed], dtype=float), np.array([capacity], dtype=float))
    assert load.share() == share
