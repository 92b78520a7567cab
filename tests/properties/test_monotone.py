"""Costs move the way they must: more room never costs more, a tighter limit or a larger promise never costs less."""

from copy import deepcopy

import pytest
from planned import cost_of, given, planned, texts
from portions import portion
from random_instances import seeds

import planner

SLACK = 3e-6  # twice the gap at which integer decisions count as solved


def never_more(cheaper, dearer):
    assert cheaper <= dearer + SLACK * (1 + abs(cheaper))


def base_cost(seed, **options):
    plan = planned(seed, **options)
    return float("inf") if plan is None else plan.objective


@pytest.mark.parametrize("seed", portion(seeds(5, start=500), quick=1))
def test_more_capacity_never_costs_more(seed):
    mapping, _, policy = given(seed)
    more = deepcopy(mapping)
    for row in more.get("capacities", []):
        row["capacity"] = row["capacity"] * 1.3 + 5
    for row in more.get("lane_capacities", []):
        row["capacity"] *= 1.5
    never_more(cost_of(more, policy["name"] if policy else None), base_cost(seed))


@pytest.mark.parametrize("seed", portion([seed for seed in seeds(10, start=600) if seed % 2], quick=1))
def test_a_tighter_limit_never_costs_less(seed):
    mapping, _, _ = given(seed)
    tight = deepcopy(mapping)
    for limit in tight["policies"][0]["limits"]:
        limit["max_share"] *= 0.8
    never_more(base_cost(seed), cost_of(tight, "limited"))


@pytest.mark.parametrize("seed", portion(seeds(5, start=700), quick=1))
def test_limits_at_one_change_nothing(seed):
    mapping, instance, _ = given(seed, limits=False)
    free = planned(seed, limits=False)
    if free is None:
        pytest.skip("no plan to compare")
    stages = sorted(
        {
            instance_item.stage
            for instance_item in instance.items
            if instance_item.item in {row.item for row in instance.processes}
        }
    )
    limits = [
        {
            "name": f"all-{stage}-{over}",
            "measure": "stage",
            "stage": stage,
            "over": over,
            "of": "each",
            "max_share": 1.0,
        }
        for stage in stages
        for over in ("region", "site")
    ]
    bounded = planner.solve(
        planner.load_instance({**mapping, "policies": [{"name": "all", "limits": limits}]}), policy="all"
    )
    assert bounded.objective == pytest.approx(free.objective, rel=1e-9)
    for name in ("production", "shipments", "stock", "service", "expansions", "costs"):
        assert texts(bounded)[name] == texts(free)[name], name


@pytest.mark.parametrize("seed", portion(seeds(5, start=800, calm=True, limits=False), quick=1))
def test_more_demand_that_must_be_served_never_costs_less(seed):
    mapping, _, _ = given(seed, calm=True, limits=False)
    more = deepcopy(mapping)
    for row in more["demand"]:
        row["quantity"] = row["quantity"] * 1.1 + 1
    try:
        dearer = cost_of(more)
        cheaper = base_cost(seed, calm=True, limits=False)
    except planner.InstanceError:
        pytest.skip("an order that no lane can reach in time")
    never_more(cheaper, dearer)


@pytest.mark.parametrize("seed", portion(seeds(5, start=900), quick=1))
def test_one_more_option_never_costs_more(seed):
    mapping, _, policy = given(seed)
    if not mapping.get("capacities"):
        pytest.skip("every resource is unlimited")
    more = deepcopy(mapping)
    line = {name: mapping["capacities"][0][name] for name in ("site", "resource") if name in mapping["capacities"][0]}
    label = planner.load_instance(mapping).periods.labels[0]
    more.setdefault("expansions", []).append(
        {"option": "new", **line, "period": label, "capacity": 80.0, "unit_cost": 1.5}
    )
    if policy and policy.get("options") is not None:
        more["policies"][0]["options"] = [*policy["options"], "new"]
    never_more(cost_of(more, policy["name"] if policy else None), base_cost(seed))
