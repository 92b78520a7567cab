"""A repair can be written into the tables and policies as they are, and then a plan costs what the repair says.

Every kind by hand on a toy, with its words; then on random instances that were made infeasible, where the conflict and
the repairs depend neither on the order of rows nor on the algorithm.
"""

import copy
import importlib
import pkgutil
import random
from functools import cache

import pytest
import toys
from portions import portion
from random_instances import random_instance, seeds, shuffled
from writing_down import written_down

import planner
from planner.instance.policy import Policy
from planner.model import constraints
from planner.model.catalogue import FAMILIES
from planner.model.words.lines import Wording
from planner.solve import Status, explain_infeasibility, solve_program
from planner.solve.algorithms import Algorithm
from planner.solve.elastic import ElasticModel
from planner.solve.repairs import repairs
from planner.solve.tightest import tightest

MUST = [{"customer": "shop", "item": "unit", "quantity": 10, "price": 100, "must_serve": 1}]
TWO = {"periods": ["P1", "P2"]}
OPTION = {"option": "line", "site": "plant", "period": "1", "capacity": 4, "unit_cost": 2}


def tiny(**tables):
    return {**copy.deepcopy(toys.TINY), "demand": copy.deepcopy(MUST), **tables}


def plants(**tables):
    return {**tiny(), **copy.deepcopy(toys.TWO_PLANTS), **tables}


def formulated(mapping, policy):
    return planner.formulate(planner.load_instance(mapping), policy and Policy.model_validate(policy))


def found_repairs(program):
    elastic = ElasticModel(program)
    conflict = tightest(elastic, Algorithm.SIMPLEX)
    return repairs(elastic, conflict and conflict.rules, Algorithm.SIMPLEX)


def check_written_down(mapping, policy):
    """Each repair of a program without a plan, done."""
    check_done(mapping, policy, found_repairs(formulated(mapping, policy)))


def check_done(mapping, policy, found):
    """Each of the repairs that were found, done."""
    for repair in found:
        solution = solve_program(formulated(*written_down(mapping, policy, repair.lines)))
        assert solution.status is Status.OPTIMAL, repair.text
        assert solution.objective == pytest.approx(repair.cost, rel=2e-5, abs=2e-5), repair.text


CASES = {
    "capacity": (
        tiny(capacities=[{"site": "plant", "resource": "line", "capacity": 6}], processes=[
            {"site": "plant", "item": "unit", "unit_cost": 1, "resource": "line"}]),
        None,
        {
            "raise the capacity of line at plant in 1 from 6 to 10": 10,
            "allow 4 unit of shop in 1 to be lost (must_serve 0.6)": 6 + 400,
        },
    ),
    "a capacity of nothing": (
        tiny(capacities=[{"site": "plant", "capacity": 0}]),
        None,
        {
            "raise the capacity of plant in 1 from 0 to 10": 10,
            "allow 10 unit of shop in 1 to be lost (must_serve 0)": 1000,
        },
    ),
    "a lane, of one item": (
        tiny(lane_capacities=[{"from": "plant", "to": "shop", "item": "unit", "capacity": 4}]),
        None,
        {
            "raise the limit of the lane plant > shop for unit in 1 from 4 to 10": 10,
            "allow 6 unit of shop in 1 to be lost (must_serve 0.4)": 4 + 600,
        },
    ),
    "a lane, of all items": (
        tiny(lane_capacities=[{"from": "plant", "to": "shop", "capacity": 4}]),
        None,
        {
            "raise the limit of the lane plant > shop in 1 from 4 to 10": 10,
            "allow 6 unit of shop in 1 to be lost (must_serve 0.4)": 4 + 600,
        },
    ),
    "a commitment": (
        tiny(
            demand=[{**MUST[0], "must_serve": 0}],
            capacities=[{"site": "plant", "capacity": 6}],
            commitments=[{"commitment": "deal", "site": "plant", "item": "unit", "minimum": 8}],
        ),
        None,
        {
            "raise the capacity of plant in 1 from 6 to 8": 8 + 200,
            "lower the minimum of the commitment deal from 8 to 6": 6 + 400,
        },
    ),
    "a minimum in every period": (
        tiny(
            **TWO,
            demand=[{**MUST[0], "must_serve": 0}],
            processes=[{"site": "plant", "item": "unit", "unit_cost": 1, "lead_time": 1}],
            stocks=[{"site": "plant", "item": "unit", "opening": 3, "minimum": 5}],
        ),
        None,
        {
            "lower the minimum stock of unit at plant from 5 to 3": 10 + 1000,
            "raise the opening stock of unit at plant from 3 to 5": 10 + 1000,
        },
    ),
    "a minimum at the end": (
        tiny(capacities=[{"site": "plant", "capacity": 12}], stocks=[{"site": "plant", "item": "unit", "closing_minimum": 8}]),
        None,
        {
            "lower the closing minimum of unit at plant from 8 to 2": 12,
            "raise the capacity of plant in 1 from 12 to 18": 18,
            "allow 6 unit of shop in 1 to be lost (must_serve 0.4)": 12 + 600,
        },
    ),
    "a maximum in every period": (
        tiny(
            **TWO,
            demand=[{**MUST[0], "period": "P2"}],
            stocks=[{"site": "plant", "item": "unit", "opening": 7, "maximum": 5}],
        ),
        None,
        {"raise the maximum stock of unit at plant from 5 to 7": 3},
    ),
    "an outage": (
        plants(outages=[{"site": "east", "period": "1"}], capacities=[{"site": "west", "capacity": 4}]),
        None,
        {
            "end the outage of unit at east in 1": 10,
            "raise the capacity of west in 1 from 4 to 10": 30,
            "allow 6 unit of shop in 1 to be lost (must_serve 0.4)": 12 + 600,
        },
    ),
    "an outage that holds what is there": (
        tiny(
            outages=[{"site": "plant", "item": "gift", "period": "1", "held": "yes"}],
            items=[*toys.TINY["items"], {"item": "gift", "stage": "make"}],
            processes=[*toys.TINY["processes"], {"site": "plant", "item": "gift"}],
        ),
        None,
        {
            "let goods leave plant in 1 in spite of the outage": 10,
            "allow 10 unit of shop in 1 to be lost (must_serve 0)": 1000,
        },
    ),
    "an outage that holds what is there, too": (
        plants(
            outages=[{"site": "east", "item": "unit", "period": "1", "held": "yes"}],
            capacities=[{"site": "west", "capacity": 4}],
        ),
        None,
        {
            "end the outage of unit at east in 1, so that goods can leave there too": 10,
            "raise the capacity of west in 1 from 4 to 10": 30,
            "allow 6 unit of shop in 1 to be lost (must_serve 0.4)": 12 + 600,
        },
    ),
    "what is owed from before": (
        tiny(
            **TWO,
            capacities=[{"site": "plant", "capacity": 4}],
            demand=[{**MUST[0], "quantity": 3, "late_cost": 1}],
            owed=[{"customer": "shop", "item": "unit", "quantity": 4, "late_cost": 1, "lost_cost": 50}],
            elapsed=3,
        ),
        None,
        {
            "raise the capacity of plant in P1 from 4 to 6": 10 + 1,
            "lower what shop is owed of unit from 4 to 2": 8 + 1,
            "allow 2 unit of shop in P1 to be lost (must_serve 0.333)": 8 + 1 + 200,
        },
    ),
    "an option that the policy leaves out": (
        tiny(capacities=[{"site": "plant", "capacity": 6}], expansions=[{**OPTION, "fixed_cost": 7}]),
        {"name": "p", "options": []},
        {
            "raise the capacity of plant in 1 from 6 to 10": 10,
            "allow the option line": 10 + 8 + 7,
            "allow 4 unit of shop in 1 to be lost (must_serve 0.6)": 6 + 400,
        },
    ),
    "an option that is too small, with a fixed cost": (
        tiny(capacities=[{"site": "plant", "capacity": 3}], expansions=[{**OPTION, "fixed_cost": 7}]),
        None,
        {
            "raise the capacity of plant in 1 from 3 to 6": 10 + 8 + 7,
            "raise the capacity of the option line from 4 to 7": 10 + 14 + 7,
            "allow 3 unit of shop in 1 to be lost (must_serve 0.7)": 7 + 8 + 7 + 300,
        },
    ),
    "an option that is too small, all or nothing": (
        tiny(
            capacities=[{"site": "plant", "capacity": 3}],
            expansions=[{**OPTION, "fixed_cost": 7, "all_or_nothing": "yes"}],
        ),
        None,
        {
            "raise the capacity of plant in 1 from 3 to 6": 10 + 8 + 7,
            "raise the capacity of the option line from 4 to 7": 10 + 14 + 7,
            "allow 3 unit of shop in 1 to be lost (must_serve 0.7)": 7 + 8 + 7 + 300,
        },
    ),
    "a cap": (
        plants(capacities=[{"site": "west", "capacity": 1}]),
        {"name": "p", "limits": [{"name": "tw", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.6}]},
        {
            "raise the make cap of TW (tw) in 1 from 60 % to 90 %": 9 + 3,
            "raise the capacity of west in 1 from 1 to 4": 6 + 12,
            "allow 7.5 unit of shop in 1 to be lost (must_serve 0.25)": 1.5 + 3 + 750,
        },
    ),
    "a cap that nothing inside it meets": (
        plants(
            capacities=[{"site": "west", "capacity": 0}, {"site": "east", "capacity": 50}],
            stocks=[{"site": "east", "item": "unit", "maximum": 0}],
        ),
        {"name": "p", "limits": [{"name": "each", "measure": "stage", "stage": "make", "of": "each", "max_share": 0.8}]},
        {
            "raise the make cap of TW (each) in 1 from 80 % to 100 %": 10,
            "raise the capacity of west in 1 from 0 to 2": 8 + 6,
            "allow 10 unit of shop in 1 to be lost (must_serve 0)": 1000,
        },
    ),
    "a floor": (
        plants(capacities=[{"site": "west", "capacity": 3}]),
        {"name": "p", "limits": [{"name": "free", "measure": "pathway", "of": "TW", "min_free": 0.5}]},
        {
            "lower the floor of free (free of TW) in 1 from 50 % to 30 %": 7 + 9,
            "raise the capacity of west in 1 from 3 to 5": 5 + 15,
        },
    ),
    "a buffer": (
        tiny(**TWO, capacities=[{"site": "plant", "capacity": 14}], demand=[{**MUST[0], "must_serve": 1}]),
        {"name": "p", "buffers": [{"items": ["unit"], "periods_of_cover": 0.5}]},
        {
            "lower periods_of_cover of buffer-1 for unit in P1 from 0.5 to 0.4": 25,
            "raise the capacity of plant in P1 from 14 to 15": 25,
            "allow 1 unit of shop in P1 to be lost (must_serve 0.9)": 24 + 100,
        },
    ),
    "most sources": (
        plants(capacities=[{"site": "east", "capacity": 6}, {"site": "west", "capacity": 7}]),
        {"name": "p", "sources": [{"stage": "make", "max_sources": 1}]},
        {
            "raise max_sources of make from 1 to 2": 6 + 12,
            "raise the capacity of west in 1 from 7 to 10": 30,
            "allow 3 unit of shop in 1 to be lost (must_serve 0.7)": 21 + 300,
        },
    ),
    "fewest sources, and their least share": (
        plants(capacities=[{"site": "west", "capacity": 1}]),
        {"name": "p", "sources": [{"stage": "make", "min_sources": 2, "min_share_if_used": 0.2}]},
        {
            "lower min_sources of make from 2 to 1": 10,
            "lower min_share_if_used of make from 20 % to 10 %": 9 + 3,
            "raise the capacity of west in 1 from 1 to 2": 8 + 6,
            "allow 5 unit of shop in 1 to be lost (must_serve 0.5)": 4 + 3 + 500,
        },
    ),
    "a lot": (
        plants(
            processes=[{"site": "east", "item": "unit", "min_lot": 8}, {"site": "west", "item": "unit", "unit_cost": 3}],
            capacities=[{"site": "east", "capacity": 6}, {"site": "west", "capacity": 6}],
        ),
        None,
        {
            "raise the capacity of east in 1 from 6 to 8": 6,
            "lower the smallest lot of unit at east in 1 from 8 to 6": 12,
            "allow 4 unit of shop in 1 to be lost (must_serve 0.6)": 18 + 400,
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", portion(CASES, quick=3))
def test_every_kind_says_what_can_be_written_and_what_it_then_costs(name):
    mapping, policy, expected = CASES[name]
    found = repairs_of(name)
    assert {repair.text: repair.cost for repair in found} == pytest.approx(expected, rel=1e-5)
    check_done(mapping, policy, found)


@cache
def repairs_of(name):
    """The repairs of a case, found once."""
    mapping, policy, _ = CASES[name]
    return found_repairs(formulated(mapping, policy))


def instructions():
    """The names of all wordings of instructions: of those beside the families, what says no row."""
    modules = [importlib.import_module("planner.solve.instructions")]
    modules += [
        importlib.import_module(f"{constraints.__name__}.{part.name}")
        for part in pkgutil.iter_modules(constraints.__path__)
    ]
    found = {value for module in modules for value in vars(module).values() if isinstance(value, Wording)}
    return {wording.name for wording in found - {wording for family in FAMILIES for wording in family.wordings}}


@pytest.mark.slow
def test_every_instruction_has_its_case():
    said = set()
    for name in CASES:
        said |= {line.rule.name for repair in repairs_of(name) for line in repair.lines}
    assert said == instructions()


@cache
def without_plan(seed, *, integers):
    """A random instance and its policy, with more asked for than there is; a program that has no plan, or None."""
    rng = random.Random(7 * seed + 1)
    mapping = random_instance(seed, integers=integers)
    for row in mapping["demand"] if rng.random() < 0.7 else ():
        row["must_serve"] = rng.choice([1, 1, 0.8, 0.5])
    for row in mapping.get("capacities", []):
        row["capacity"] = round(row["capacity"] * rng.choice([0, 0.1, 0.3, 0.5]), 2)
    for row in mapping.get("stocks", []):
        for field in ("minimum", "maximum", "closing_minimum"):
            if rng.random() < 0.3:
                row[field] = round(row.get("opening", 10) * rng.choice([0.5, 1, 2]), 2)
        if "maximum" in row:
            row["maximum"] = max(row["maximum"], row.get("minimum", 0), row.get("closing_minimum", 0))
    for row in mapping.get("commitments", []):
        if rng.random() < 0.5:
            row.pop("shortfall_cost", None)
    (policy,) = mapping.pop("policies")
    for row in policy["limits"]:
        if row["of"] != "world" and rng.random() < 0.5:
            row.pop("soft_cost", None)
    if rng.random() < 0.3:
        policy["buffers"] = [{"stage": mapping["stages"][-1], "periods_of_cover": rng.choice([0.5, 1, 1.5])}]
    if mapping.get("expansions") and rng.random() < 0.3:
        policy["options"] = []
    if integers and rng.random() < 0.4:
        rule = rng.choice([{"max_sources": 1}, {"min_sources": 2, "min_share_if_used": 0.3}])
        policy["sources"] = [{"stage": rng.choice(mapping["stages"]), **rule}]
    if rng.random() < 0.3:
        process = rng.choice(mapping["processes"])
        held = rng.choice(["yes", "no"])
        mapping["outages"] = [{"site": process["site"], "period": process["period"], "held": held}]
    for row in mapping.get("lane_capacities", []) if rng.random() < 0.3 else ():
        row["capacity"] = round(0.2 * row["capacity"], 2)
    program = formulated(mapping, policy)
    return (mapping, policy, program) if solve_program(program).status is Status.INFEASIBLE else None


@pytest.mark.parametrize("integers", [False, True])
@pytest.mark.parametrize("seed", portion(seeds(40, start=300), quick=1))
def test_what_a_repair_says_is_enough_and_costs_what_it_says(seed, integers):
    found = without_plan(seed, integers=integers)
    if found is None:
        pytest.skip("it has a plan")
    check_written_down(*found[:2])


@pytest.mark.parametrize("seed", portion(seeds(40, start=300), quick=1))
def test_neither_the_order_of_rows_nor_the_algorithm_matters(seed):
    found = without_plan(seed, integers=False)
    if found is None:
        pytest.skip("it has a plan")
    mapping, policy, program = found
    first = explain_infeasibility(program, algorithm=Algorithm.SIMPLEX)
    assert explain_infeasibility(program, algorithm=Algorithm.INTERIOR_POINT) == first
    assert explain_infeasibility(formulated(shuffled(mapping, seed), policy)) == first
