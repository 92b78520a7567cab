"""Decisions of 0 or 1 beside figures of any size, against brute force: every set of options and of lots that there is.

Each pattern is a linear program of its own in which no option, lot or count is left to decide, and in which no figure
is large: an option that is bought gives no more than any order could use. The planner is given the same with options
of up to a billion times that, and with items counted in other units.
"""

import itertools
import random
from functools import cache

import numpy as np
import pytest
import test_sourcing_brute_force as sourcing
from portions import portion
from units import counted_in

import planner

SEEDS = range(200)
AMPLE = 300.0  # more than any instance below can use of a resource in a period


def given(seed):
    """An instance as a mapping: plants with options, lots, sometimes parts of limited supply, sometimes two periods."""
    rng = random.Random(seed)
    periods = ["P1", "P2"][: rng.choice([1, 1, 2])]
    plants = ["a", "b", "c"][: rng.choice([1, 2, 2, 3])]
    joined = rng.random() < 0.4
    items = [{"item": "unit", "stage": "make", "holding_cost": rng.choice([0, 0.5])}]
    processes = [
        {
            "site": site,
            "item": "unit",
            "unit_cost": rng.choice([0, 1, 2, 5]),
            "yield": rng.choice([1, 1, 0.8]),
            "capacity_use": rng.choice([1, 1, 0.5, 3]),
            "min_lot": rng.choice([0, 0, 0, 7]),
        }
        for site in plants
    ]
    sites = [{"site": site, "region": rng.choice(["TW", "US"])} for site in plants]
    capacities = [{"site": site, "capacity": rng.choice([0, 0, 4, 10])} for site in plants]
    lanes = [{"from": site, "to": shop, "unit_cost": rng.choice([0, 1, 3])} for site in plants for shop in ("s1", "s2")]
    components = []
    if joined:
        sites.append({"site": "x", "region": "TW"})
        items.append({"item": "part", "stage": "parts", "holding_cost": 0.25})
        processes.append({"site": "x", "item": "part", "unit_cost": rng.choice([0, 1])})
        capacities.append({"site": "x", "capacity": rng.choice([3, 12, 60])})
        components = [{"item": "unit", "component": "part", "quantity": rng.choice([1, 2])}]
        lanes += [{"from": "x", "to": plant, "item": "part"} for plant in plants]
    expansions = []
    for number in range(rng.choice([1, 2, 3])):
        size = 5.0 * 10 ** rng.uniform(0, 9)
        whole = rng.random() < 0.5
        expansions.append(
            {
                "option": f"o{number}",
                "site": rng.choice([*plants, "x"] if joined else plants),
                "period": rng.choice(periods),
                "capacity": size,
                "fixed_cost": rng.choice([0, 5, 40, 200]) if whole else rng.choice([5, 40, 200]),
                "unit_cost": rng.choice([0, 10 / size]) if whole else rng.choice([0, 0, 1.5]),
                "all_or_nothing": "yes" if whole else "no",
            }
        )
    demand = [
        {
            "customer": shop,
            "item": "unit",
            "period": period,
            "quantity": rng.choice([0.05, 4, 9, 18]),
            "price": rng.choice([2, 8, 30]),
            "must_serve": rng.choice([0, 0, 0, 0, 1]),
        }
        for shop in ("s1", "s2")
        for period in periods
    ]
    return {
        "name": "whole",
        "periods": periods,
        "stages": ["parts", "make"],
        "stock": rng.choice(["anywhere", "listed"]),
        "sites": sites,
        "items": items,
        "processes": processes,
        "capacities": capacities,
        "components": components,
        "customers": [{"customer": shop, "region": "US"} for shop in ("s1", "s2")],
        "demand": demand,
        "lanes": lanes,
        "expansions": expansions,
    }


@cache
def brute(seed):
    """The least cost over all sets of options and lots; None where none has a plan.

    Every option is one that can be bought in part and has no fixed cost, in one linear program: what is not bought is
    held at 0, what is bought whole at 1, and the fixed costs are added.
    """
    mapping = given(seed)
    options, whole = (
        mapping["expansions"],
        {row["option"] for row in mapping["expansions"] if row["all_or_nothing"] == "yes"},
    )
    plain = {
        **mapping,
        "processes": [{**row, "min_lot": 0} for row in mapping["processes"]],
        "expansions": [
            {
                **row,
                "capacity": min(row["capacity"], AMPLE),
                "fixed_cost": 0,
                "unit_cost": 0 if row["option"] in whole else row["unit_cost"],
                "all_or_nothing": "no",
            }
            for row in options
        ],
    }
    program = planner.formulate(planner.load_instance(plain))
    model = sourcing.Patterns(program)
    column_of = {name: program.expand.first + at for at, name in enumerate(program.expand.labelled["option"])}
    row_of = {name: model.add_row({column: 1.0}) for name, column in column_of.items()}
    sizes = {(row["site"], row["item"]): row["min_lot"] for row in mapping["processes"] if row.get("min_lot")}
    labels = program.make.labelled[["site", "item"]].itertuples(index=False, name=None)
    lots = {program.make.first + at: sizes[label] for at, label in enumerate(labels) if label in sizes}
    of_lot = {column: model.add_row({column: 1.0}) for column in lots}
    costs = []
    for bought, started in itertools.product(subsets(options), subsets(lots)):
        names = {row["option"] for row in bought}
        paid = sum(
            row["fixed_cost"] + (row["unit_cost"] * row["capacity"] if row["option"] in whole else 0.0)
            for row in bought
        )
        closed = [column for name, column in column_of.items() if name not in names]
        closed += [column for column in lots if column not in started]
        least = {of_lot[column]: (lots[column], np.inf) for column in started}
        least |= {row_of[name]: (1.0, np.inf) for name in names & whole}
        cost = model.cost(closed, least)
        costs += [] if cost is None else [cost + paid]
    return min(costs, default=None)


def subsets(things):
    """All sets of some things."""
    return [chosen for count in range(len(things) + 1) for chosen in itertools.combinations(things, count)]


def found(instance, policy=None):
    """The planner's certified least cost; None where there is no plan."""
    try:
        plan = planner.solve(instance, policy)
    except (planner.InfeasibleError, planner.InstanceError):  # what nothing can reach in time is refused
        return None
    assert plan.status == "optimal"
    assert plan.certificate.passed
    return plan.objective


@pytest.mark.parametrize("seed", portion(SEEDS, quick=2))
def test_the_least_cost_is_that_of_the_best_pattern(seed):
    best = brute(seed)
    assert found(planner.load_instance(given(seed))) == (
        None if best is None else pytest.approx(best, rel=2e-6, abs=1e-6)
    )


@pytest.mark.parametrize("seed", portion(SEEDS, quick=1))
def test_it_is_so_in_any_units(seed):
    best, rng = brute(seed), random.Random(seed)
    factor = {"unit": 10 ** rng.uniform(-5, 8), "part": 10 ** rng.uniform(-5, 8)}
    other = counted_in(planner.load_instance(given(seed)), factor)
    assert found(other) == (None if best is None else pytest.approx(best, rel=2e-6, abs=1e-6))


@pytest.mark.parametrize("seed", portion(sourcing.SEEDS, quick=2))
def test_sources_and_lots_in_any_units(seed):
    """The instances of the other brute force, their capacities of a million as large as can be."""
    mapping, rules, limits = sourcing.given(seed)
    best, rng = sourcing.brute(seed)[0], random.Random(seed)
    for row in mapping["capacities"]:
        row["capacity"] = 1e11 if row["capacity"] == 1e6 else row["capacity"]
    factor = {"unit": 10 ** rng.uniform(-5, 8), "part": 10 ** rng.uniform(-5, 8)}
    other = counted_in(planner.load_instance(mapping), factor)
    cost = found(other, sourcing.policy_of(rules, limits))
    assert cost == (None if best is None else pytest.approx(best, rel=2e-6, abs=1e-6))
