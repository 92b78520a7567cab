"""What is told of a search for whole decisions while it goes on: the cost of the best plan so far, and its gap."""

import itertools

import pytest
from oracle.planners import loaded

from planner.model.program import write_program
from planner.network.building import build_network
from planner.plan.planning import plan_instance, plan_program
from planner.plan.run_options import RunOptions


@pytest.mark.parametrize(("seed", "policy", "scaled"), [(3031, "p0", True), (3003, "p0", False)])
def test_costs_that_are_told_fall_to_that_of_the_plan(seed, policy, scaled):
    instance = loaded(seed)[1]
    program = write_program(build_network(instance, instance.policy(policy)))
    assert (program.units is not None) is scaled, "inside HiGHS money has another unit, or not"
    told = []
    plan = plan_program(program, RunOptions(tell=lambda cost, gap: told.append((cost, gap))))
    assert told
    assert all(after <= before * (1 + 1e-9) for (before, _), (after, _) in itertools.pairwise(told))
    assert all(gap >= 0.0 for _, gap in told)
    assert told[-1] == (pytest.approx(plan.objective, rel=1e-9), pytest.approx(0.0, abs=1e-6))


def test_of_a_linear_program_nothing_is_told():
    def tell(cost, gap):
        raise AssertionError

    assert plan_instance("instances/canning", options=RunOptions(tell=tell)).status == "optimal"
