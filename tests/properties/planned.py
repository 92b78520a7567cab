"""Plans of the random instances, each solved once."""

from functools import cache

from random_instances import random_instance

import planner


@cache
def given(seed, **options):
    """The mapping, the loaded instance and the policy (of every odd seed) of a seed."""
    mapping = random_instance(seed, **options)
    policy = mapping["policies"][0] if seed % 2 and "policies" in mapping else None
    return mapping, planner.load_instance(mapping), policy


@cache
def planned(seed, **options):
    """The plan of a seed, or None where there is none."""
    _, instance, policy = given(seed, **options)
    try:
        return planner.solve(instance, policy=policy["name"] if policy else None)
    except planner.InfeasibleError:
        return None


def cost_of(mapping, policy=None):
    """The least cost that the planner finds; infinite where there is no plan."""
    try:
        return planner.solve(planner.load_instance(mapping), policy=policy).objective
    except planner.InfeasibleError:
        return float("inf")


def texts(plan, *, without=()):
    """Every table as CSV text, which is what two equal plans must agree in to the byte."""
    return {name: table.to_csv(index=False) for name, table in plan.tables.items() if name not in without}
