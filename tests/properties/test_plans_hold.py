"""Every plan of a random instance is certified, keeps every rule recomputed from the raw rows, and is of least cost."""

import pytest
from own_program import INFEASIBLE, least_cost
from planned import given, planned
from portions import portion
from random_instances import seeds
from recompute import check_everything

import planner

SEEDS = seeds(64)
QUICK = 15  # in these stands every kind of row and field that random instances have


def kinds(mapping):
    """The settings of an instance, and the fields of its tables, limits included, that say something."""
    tables = {name: value if isinstance(value, list) else [{"": value}] for name, value in mapping.items()}
    tables["limits"] = [limit for policy in mapping["policies"] for limit in policy["limits"]]
    found = {
        (name, field)
        for name, rows in tables.items()
        for row in rows
        if isinstance(row, dict)
        for field in row
        if row[field]
    }
    return found | {
        (field, limit[field]) for limit in tables["limits"] for field in ("over", "per", "weight") if field in limit
    }


def test_the_quick_seeds_have_every_kind_that_there_is():
    each = [kinds(given(seed)[0]) for seed in SEEDS]
    assert set.union(*each[:QUICK]) == set.union(*each)


@pytest.mark.parametrize("seed", portion(SEEDS, quick=QUICK))
def test_plan_keeps_every_rule_and_is_of_least_cost(seed):
    mapping, _, policy = given(seed)
    plan = planned(seed)
    own = least_cost(mapping, policy)
    if plan is None:
        assert own == INFEASIBLE
        return
    assert plan.status == "optimal"
    assert plan.certificate.passed
    assert plan.unique
    check_everything(mapping, policy, plan)
    assert own != INFEASIBLE
    assert plan.objective == pytest.approx(own, rel=2e-6, abs=1e-6)


def test_a_resource_commitment_counts_beside_one_that_names_an_item():
    mapping = {
        "name": "two-contracts",
        "sites": [{"site": "s", "region": "TW"}],
        "items": [{"item": "x", "stage": "test"}],
        "processes": [{"site": "s", "item": "x", "unit_cost": 1, "resource": "line"}],
        "customers": [{"customer": "c", "region": "US"}],
        "demand": [{"customer": "c", "item": "x", "quantity": 10}],
        "lanes": [{"from": "s", "to": "c"}],
        "commitments": [
            {"commitment": "by-item", "site": "s", "item": "x", "minimum": 4, "shortfall_cost": 5},
            {"commitment": "by-line", "site": "s", "resource": "line", "minimum": 8, "shortfall_cost": 5},
        ],
    }
    plan = planner.solve(planner.load_instance(mapping))
    assert plan.objective == pytest.approx(10)
    assert list(plan.commitments["made"]) == [10, 10]
    assert list(plan.commitments["shortfall"]) == [0, 0]


def test_stock_that_no_order_needs_may_go_where_keeping_it_is_cheaper():
    """The least cost is over every decision that section 2 of the model names, not only over those that serve orders."""
    mapping = {
        "name": "spare-stock",
        "sites": [{"site": "dear", "region": "TW"}, {"site": "cheap", "region": "US"}],
        "items": [{"item": "x", "stage": "test"}, {"item": "spare", "stage": "test", "holding_cost": 1}],
        "processes": [{"site": "dear", "item": "x", "unit_cost": 1}],
        "customers": [{"customer": "c", "region": "US"}],
        "demand": [{"customer": "c", "item": "x", "quantity": 1}],
        "lanes": [{"from": "dear", "to": "c"}, {"from": "dear", "to": "cheap", "unit_cost": 2}],
        "stocks": [{"site": "dear", "item": "spare", "opening": 10, "holding_cost": 9}],
    }
    assert least_cost(mapping) == pytest.approx(1 + 10 * (2 + 1))
    assert planner.solve(planner.load_instance(mapping)).objective == pytest.approx(1 + 10 * (2 + 1))
