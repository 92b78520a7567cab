"""Plans that stay close to an earlier one: frozen zones, break costs and re-sourcing, held against the oracle."""

import random

import pytest
from portions import portion_of_rows

import planner
from oracle import closeness
from oracle.answer import formulated
from oracle.crossed import crossed
from oracle.planners import loaded
from planner.plan.closeness import Closeness

CLOSE = {"rel": 1e-6, "abs": 1e-5}
NO_QUESTION = (planner.InstanceError, planner.UnboundedError)
TABLES = ("production", "shipments", "expansions")


def rows(plan):
    return {name: plan.tables[name].to_dict("records") for name in TABLES}


def solved(instance, policy, scenario, near=None):
    """A plan; None where there is none; the words of a refusal."""
    try:
        return planner.solve(instance, policy, scenario, stay_close_to=near)
    except planner.InfeasibleError:
        return None
    except planner.UsageError as error:
        return str(error)


CASES = ((None, "w1"), ("p0", "w0"), ("p1", "w1"))  # policy, scenario


@pytest.mark.parametrize(
    ("seed", "cases"), portion_of_rows([(1002, CASES[:1]), *((seed, CASES) for seed in range(1000, 1040))], 1)
)
def test_frozen_zones_and_resourcing(seed, cases):
    """One seed without a policy in every suite; 40 under three policies are slow."""
    mapping, rng = crossed(seed), random.Random(seed)
    instance = planner.load_instance(mapping)
    labels = instance.periods.labels
    for policy, scenario in cases:
        try:
            before = planner.solve(instance, policy)
            planner.solve(instance, policy, scenario)  # else there is nothing to stay close in
        except planner.PlannerError:
            continue
        last = rng.randrange(len(labels))
        window, zone = range(last + 1), f"..{labels[last]}"
        price = rng.choice([0.3, 5.0, 100.0])
        told = solved(instance, policy, scenario, Closeness(before, zone, price))
        flows = formulated(mapping, policy, scenario)
        closeness.hold(flows, rows(before), window, price)
        own = flows.program.solve()
        assert own.status == "optimal"
        steered = closeness.steering(flows, rows(before), rows(told), window, price)
        costs = told.costs["amount"].sum()
        assert told.objective == pytest.approx(costs, **CLOSE)  # what steers is no part of the cost
        assert costs + steered == pytest.approx(own.cost, **CLOSE), (policy, scenario, zone, price)
        told = solved(instance, policy, scenario, Closeness(before, zone))
        flows = formulated(mapping, policy, scenario)
        _, gone = closeness.hold(flows, rows(before), window)
        own = flows.program.solve()
        stays = isinstance(told, planner.Plan)  # else it cannot stay, or is refused: something can no longer be decided
        assert stays == (not gone and own.status == "optimal"), (policy, scenario, zone, told, gone, own)
        if not stays:
            continue
        assert told.objective == pytest.approx(own.cost, **CLOSE), (policy, scenario, zone)
        most = rng.choice([0.0, 1.0, 5.0, 20.0])
        told = solved(instance, policy, scenario, Closeness(before, most_resourced=most))
        flows = formulated(mapping, policy, scenario)
        closeness.limit_resourced(flows, rows(before), most)
        own = flows.program.solve()
        assert (told is None) == (own.status == "infeasible"), (policy, scenario, most, own)
        if told is not None:
            assert told.objective == pytest.approx(own.cost, **CLOSE), (policy, scenario, most)


READ = (*TABLES, "stock", "service", "commitments", "limits", "relabelled")
LITTLE = 1e-8  # of the cost: by so much may the plan of least change cost more


SEEDS = [*(f"crossed {k}" for k in range(12000, 12030)), *range(12000, 12020)]
STEPS = ((None, (None, "w1")), (None, ("p0", None)), ("p1", ("p1", "w0")))  # the plan before; policy, scenario then


@pytest.mark.parametrize(
    ("seed", "steps"), portion_of_rows([("crossed 12001", STEPS[:1]), *((seed, STEPS) for seed in SEEDS)], 1)
)
def test_the_least_change_among_plans_of_least_cost(seed, steps):
    """One step of one seed in every suite; three of each of 50 are slow."""
    mapping, instance = loaded(seed)
    if instance is None:
        return
    for policy, (then, scenario) in steps:
        if formulated(mapping, then).program.choices:
            continue
        try:
            before = planner.solve(instance, policy)
            told = planner.solve(instance, then, scenario, stay_close_to=before)
            least = planner.solve(instance, then, scenario).objective
        except planner.PlannerError:
            continue
        flows = formulated(mapping, then, scenario)
        if any(flows.program.whole):  # unique given the decisions of 0 or 1 alone
            continue
        old, new = (
            {name: plan.tables[name].to_dict("records") for name in READ if name in plan.tables}
            for plan in (before, told)
        )
        assert told.objective == pytest.approx(least, rel=1e-8, abs=1e-8)
        change = closeness.change_between(flows, new, old)
        own = closeness.least_change(flows, old, least + LITTLE * max(1.0, abs(least)))
        if own is not None:
            assert change == pytest.approx(own, rel=1e-4, abs=1e-4), (then, scenario)
