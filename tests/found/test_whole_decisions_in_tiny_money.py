"""Whole decisions are as good where money is counted in billions: a solver's tolerance of costs is absolute.

HiGHS takes a plan for the best where its reduced costs are below 1e-7, and a unit that costs 100 costs no more where
money is counted in billions. Costs were scaled for it only where no decision has to be whole.
"""

import random
from copy import deepcopy

import pytest
import toys
from oracle.crossed import crossed
from oracle.planners import Questions
from oracle.wide import wide
from units import in_money

import planner
from planner.study.two_stage.two_stage_plan import two_stage

DUE = (("P1", 12), ("P2", 25), ("P3", 31))


@pytest.mark.parametrize(("mapping", "power"), [(crossed(12), -24), (wide(22), -30)])
def test_the_least_cost_is_the_same_in_other_money(mapping, power):
    """Found 1 % and 33 % above the least cost, and called optimal."""
    questions = Questions(mapping)
    assert questions.program().integer.any()
    found = Questions(in_money(mapping, 2.0**power)).answer()
    assert found.status == "optimal"
    assert found.cost == pytest.approx(questions.answer().cost * 2.0**power, rel=1e-6)


def with_options(seed, money):
    """Two plants with fourteen options, every second of them whole, and money in other units."""
    rng, options = random.Random(seed), []
    for number in range(14):
        row = {"option": f"o{number}", "site": "east" if number % 2 else "west"}
        row |= {"period": rng.choice(["P1", "P2", "P3"]), "capacity": rng.randint(2, 9)}
        row |= {"fixed_cost": round(rng.uniform(5, 60), 2) * money, "unit_cost": round(rng.uniform(0.1, 3), 2) * money}
        options.append(row | ({} if number % 2 else {"all_or_nothing": "yes"}))
    terms = {"customer": "shop", "item": "unit", "price": 30 * money, "late_cost": 2 * money}
    plants = deepcopy(toys.TWO_PLANTS)
    for row in plants["processes"]:
        row["unit_cost"] *= money
    return toys.tiny(
        **plants,
        periods=[label for label, _ in DUE],
        capacities=[{"site": "east", "capacity": 5}, {"site": "west", "capacity": 4}],
        expansions=options,
        demand=[{**terms, "period": label, "quantity": units} for label, units in DUE],
        scenarios=[
            {"name": "more", "probability": 0.2, "changes": [{"change": "demand", "period": "P2..", "factor": 1.3}]}
        ],
    )


@pytest.mark.parametrize(("seed", "least"), [(1, 192.9), (2, 224.25)])
def test_options_that_are_bought_whole_are_decided_as_well(seed, least):
    for money in (1.0, 1e-8, 1e-9):
        plan = planner.solve(with_options(seed, money))
        assert plan.status == "optimal"
        assert plan.objective == pytest.approx(least * money, rel=1e-6)


def test_two_stages_and_what_ifs_of_them():
    same, other = with_options(1, 1.0), with_options(1, 1e-8)
    assert two_stage(other).value == pytest.approx(two_stage(same).value * 1e-8, rel=2e-6)
    costs = [planner.what_if(each, ["more"]).table["cost"].to_numpy() for each in (same, other)]
    assert costs[1] == pytest.approx(costs[0] * 1e-8, rel=2e-6)
