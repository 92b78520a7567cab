"""Rolling a plan on and solving what is left gives the rest of the plan: the cost that it booked from then on."""

import random

import pytest
from planned import given, planned
from portions import portion
from random_instances import HOPELESS, labels_of, random_instance, seeds

import planner
from planner.study.roll.roll import roll

SEEDS = [seed for seed in seeds(160) if len(labels_of(seed)) > 1]
WATCHED = [seed for seed in range(2000, 2161) if seed not in HOPELESS[seed % 3 == 0] and len(labels_of(seed)) > 1]


def solved_again(rolled, policy):
    return planner.solve(rolled.instance, policy=policy)


def agrees(rolled, plan, policy):
    again = solved_again(rolled, policy)
    assert again.certificate.passed
    scale = max(1.0, abs(rolled.tail_cost), 1e-3 * abs(plan.objective))
    assert again.objective == pytest.approx(rolled.tail_cost, rel=0, abs=1e-6 * scale)
    return again


def twice(rolled, again, policy):
    """The rest of the rest, which is the same as rolling at once."""
    labels = rolled.instance.periods.labels
    if len(labels) > 1:
        agrees(roll(again, labels[1]), again, policy)


@pytest.mark.parametrize("seed", portion(SEEDS, quick=1))
def test_the_rest_of_a_plan_is_the_plan_of_the_rest(seed):
    _, instance, policy = given(seed)
    plan = planned(seed)
    if plan is None:
        return
    name = policy["name"] if policy else None
    for number, to in enumerate(instance.periods.labels[1:]):
        rolled = roll(plan, to)
        again = agrees(rolled, plan, name)
        if number == 0:
            twice(rolled, again, name)


def watched(seed):
    """A random instance with pathway limits, options decided early, and stock that has touched something."""
    rng = random.Random(seed)
    mapping = random_instance(seed, integers=seed % 3 == 0, limits=False)
    regions = sorted({row["region"] for row in mapping["sites"]})
    for row in [*mapping.get("stocks", ()), *mapping.get("arrivals", ())]:
        if rng.random() < 0.5:
            row["touched"] = rng.choice(regions)
    limits = []
    for number in range(rng.randint(1, 3)):
        over = rng.choice(["region", "region", "operator", "site"])
        ids = {"region": [*regions, "world"], "operator": ["alpha", "beta"], "site": ["s0", "s1"]}[over]
        limit = {"name": f"path-{number}", "measure": "pathway", "over": over, "of": rng.choice(ids)}
        if over == "region" and rng.random() < 0.3 and len(regions) <= 4:
            limit["of"] = "each"
        if over == "operator":
            known = {row.get("operator") or row["site"] for row in mapping["sites"]}
            limit["of"] = rng.choice(sorted(known))
        limit["per"] = rng.choice(["period", "horizon", "horizon"])
        limit |= rng.choice([{"max_share": rng.choice([0.2, 0.5, 0.8])}, {"min_free": rng.choice([0.1, 0.4])}])
        if limit["of"] == "world" or rng.random() < 0.7:
            limit["soft_cost"] = rng.choice([1.0, 5.0, 40.0])
        limit["weight"] = rng.choice(["units", "value"])
        limits.append(limit)
    mapping["policies"] = [{"name": "traced", "limits": limits}]
    for row in mapping.get("expansions", ()):
        row["lead_time"] = rng.choice([0, 1, 2])
    return mapping


@pytest.mark.parametrize("seed", portion(WATCHED, quick=1))
def test_what_units_touched_and_what_limits_used_are_carried(seed):
    instance = planner.load_instance(watched(seed))
    try:
        plan = planner.solve(instance, policy="traced")
    except planner.InfeasibleError:
        return
    to = random.Random(seed).choice(instance.periods.labels[1:])
    rolled = roll(plan, to)
    again = agrees(rolled, plan, "traced")
    twice(rolled, again, "traced")
