"""What is nothing beside the costs of a plan is so in every currency: no tolerance is an amount of money.

Some twenty of them were parts of 1 and a cost. Counted in billions a plan that costs a few hundred dollars was proved
by any bound, a loss or what perfect information is worth came out as 0, and a curve had no breakpoints.
"""

import copy
import math
from functools import cache

import numpy as np
import pytest
import toys
from units import in_money

import planner
from planner.plan.from_solution import certified_tables
from planner.plan.proof.claims import Claims
from planner.plan.proof.verify import UNPROVED, verify
from planner.solve.money import gross_cost
from planner.solve.solution import Solution, Status, relative_gap

TINY = 2.0**-44  # a power of two, so that every figure of the other money is exact
SHORT = {
    "periods": ["P1", "P2"],
    "capacities": [{"site": "east", "capacity": 8}, {"site": "west", "capacity": 4}],
    "scenarios": [
        {"name": "more", "probability": 0.2, "changes": [{"change": "demand", "period": "P2", "factor": 1.4}]},
        {"name": "fire", "probability": 0.1, "changes": [{"change": "outage", "where": {"region": "TW"}}]},
    ],
    "policies": [{"name": "floor", "limits": [{"name": "free", "measure": "pathway", "of": "TW", "min_free": 0.1}]}],
}


@cache
def instances():
    """Two plants that can make little more than is ordered, in two moneys."""
    mapping = {**copy.deepcopy(toys.TINY), **copy.deepcopy(toys.TWO_PLANTS), **SHORT}
    return tuple(planner.load_instance(part) for part in (mapping, in_money(mapping, TINY)))


def same(ours, theirs, figures):
    for figure in figures:
        assert getattr(theirs, figure) / TINY == pytest.approx(getattr(ours, figure), rel=1e-6, abs=1e-6), figure


def test_losses_of_strikes():
    ours, theirs = (planner.stress(part, ["more", "fire"]).table for part in instances())
    assert (ours["loss"] > 1).all()
    assert (theirs["loss"] / TINY).tolist() == pytest.approx(ours["loss"].tolist(), rel=1e-6)


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_what_it_is_worth_to_know_and_to_plan_for_it(weight):
    ours, theirs = (planner.two_stage(part, scenarios=["more"], weight=weight) for part in instances())
    assert max(ours.vss, ours.evpi) > 0.1
    same(ours, theirs, ("value", "vss", "evpi"))


def test_breakpoints_of_a_curve():
    ours, theirs = (planner.frontier(part, "floor", "free").points for part in instances())
    assert theirs["level"].tolist() == pytest.approx(ours["level"].tolist(), abs=1e-9)
    assert theirs["kind"].tolist() == ours["kind"].tolist()
    assert (ours["kind"] == "breakpoint").any()


def of_two_plants(**tables):
    """Two plants at 1 and 3 a unit, in the other money."""
    return planner.load_instance(in_money({**copy.deepcopy(toys.TINY), **toys.TWO_PLANTS, **tables}, TINY))


@cache
def cheap_and_dear():
    """The best plan, which makes ten in the east at 1, and one that makes them in the west at 3."""
    return planner.solve(of_two_plants()), planner.solve(of_two_plants(capacities=[{"site": "east", "capacity": 0}]))


def test_no_certificate_is_given_to_a_plan_that_costs_three_times_as_much():
    """Its balances and limits hold, and the duals of the best plan prove no more than a third of its cost."""
    best, dear = cheap_and_dear()
    assert dear.objective == pytest.approx(3 * best.objective)
    claimed = Solution(Status.OPTIMAL, values=dear.values, objective=dear.objective, row_duals=best.duals)
    certificate = certified_tables(toys.program(of_two_plants()), claimed).certificate
    assert certificate.failures == ("the proved bound leaves a gap of 0.667",)


def test_no_run_of_such_a_plan_is_proved_again():
    best, dear = (Claims.of(plan) for plan in cheap_and_dear())
    record = {**best.record, "objective": dear.record["objective"]}
    tables = {**dear.tables, "choke_points": best.tables["choke_points"]}
    verdict = verify(Claims(best.instance, record, tables, best.kept))
    assert verdict.bound == UNPROVED
    assert verdict.gap == pytest.approx(2 / 3)


def test_a_gap_is_a_part_of_a_cost_however_small_that_is():
    assert relative_gap(2 * TINY, TINY, 2 * TINY) == 0.5
    assert relative_gap(TINY, TINY * (1 - 1e-10), TINY) == 0.0
    assert relative_gap(0.0, -TINY, TINY) == math.inf
    cost, values = np.array([3.0, -2.0, 0.0]), np.array([1e3, 1e3, 5e6])
    assert gross_cost(cost * TINY, values) == gross_cost(cost, values) * TINY == pytest.approx(5e3 * TINY, rel=1e-2)
    assert 0 < gross_cost(cost, np.array([0.0, 0.0, 7.0])) < 1e-4
    assert gross_cost(0 * cost, values) == 1.0
