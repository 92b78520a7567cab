"""Options that are bought whole or not at all are decided as well where money is counted in billions.

HiGHS leaves out plans that are cheaper by an absolute difference that it does not see: the cost was 6 % above the least.
"""

import random
from copy import deepcopy

import pytest
import toys

import planner
from planner.study.two_stage.two_stage_plan import two_stage

DUE = (("P1", 12), ("P2", 25), ("P3", 31))


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
def test_the_least_cost(seed, least):
    for money in (1.0, 1e-8, 1e-9):
        plan = planner.solve(with_options(seed, money))
        assert plan.status == "optimal"
        assert plan.objective == pytest.approx(least * money, rel=1e-6)


def test_two_stages_and_what_ifs():
    same, other = with_options(1, 1.0), with_options(1, 1e-8)
    assert two_stage(other).value == pytest.approx(two_stage(same).value * 1e-8, rel=2e-6)
    costs = [planner.what_if(each, ["more"]).table["cost"].to_numpy() for each in (same, other)]
    assert costs[1] == pytest.approx(costs[0] * 1e-8, rel=2e-6)
