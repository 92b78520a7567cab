"""An instance with its money counted in another currency has the same plan, and every study the same answer."""

from copy import deepcopy

import numpy as np
import pytest
from planned import given
from portions import portion
from random_instances import seeds

import planner
from planner.instance.scenario import Scenario

MONEY = {
    "items": ("value", "holding_cost"),
    "processes": ("unit_cost",),
    "lanes": ("unit_cost",),
    "demand": ("price", "late_cost", "lost_cost"),
    "stocks": ("holding_cost",),
    "commitments": ("shortfall_cost",),
    "expansions": ("fixed_cost", "unit_cost"),
}
SEEDS = [*seeds(20, start=4000), *seeds(10, start=4100, integers=False)]
HARDER = {"name": "harder", "probability": 0.3, "changes": [{"change": "demand", "factor": 1.2}]}


def in_money(mapping, by):
    """A mapping with each amount of money times a factor; of soft limits those that are charged a unit."""
    found = deepcopy(mapping)
    for name, fields in MONEY.items():
        for row in found.get(name, []):
            row.update({field: row[field] * by for field in fields if row.get(field) is not None})
    for limit in (limit for policy in found.get("policies", []) for limit in policy["limits"]):
        if limit.get("soft_cost") is not None and limit["weight"] != "value":  # else it is money of money
            limit["soft_cost"] *= by
    return found


def answered(instance, policy):
    """The plan and no repairs, or no plan and what would mend that."""
    try:
        return planner.solve(instance, policy), []
    except planner.InfeasibleError as error:
        return None, [repair["text"] for repair in error.repair]


def same(ours, theirs, by, scale):
    np.testing.assert_allclose(np.asarray(theirs) / by, ours, rtol=3e-6, atol=3e-9 * scale)


@pytest.mark.parametrize("seed", portion(SEEDS, quick=1))
def test_plans_prices_and_strikes(seed):
    mapping, instance, chosen = given(seed)
    policy, by = chosen["name"] if chosen else None, (1e-6 if seed % 3 else 1e5)
    other = planner.load_instance(in_money(mapping, by))
    (plan, mends), (again, others) = answered(instance, policy), answered(other, policy)
    assert others == mends
    assert (again is None) == (plan is None)
    if plan is None:
        return
    scale = abs(plan.objective)
    same([plan.objective, plan.margin], [again.objective, again.margin], by, scale)
    assert again.unique == plan.unique
    if "integers" in plan.certificate.method:
        return  # two plans of one cost may have other options, and other prices
    prices = [each.choke_points.set_index(["kind", "name", "period"])["shadow_price"] for each in (plan, again)]
    capacities = [each[each.index.get_level_values("kind") != "limit"].sort_index() for each in prices]
    assert capacities[1].index.equals(capacities[0].index)
    same(capacities[0].to_numpy(), capacities[1].to_numpy(), by, scale)
    harder = Scenario.model_validate(HARDER)
    ours, theirs = (planner.two_stage(each, policy, harder) for each in (instance, other))
    same([ours.value, ours.vss, ours.evpi], [theirs.value, theirs.vss, theirs.evpi], by, scale)
