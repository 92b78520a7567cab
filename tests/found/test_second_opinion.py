"""What another solver calls the best plan with whole decisions is put to HiGHS; a better plan is a refusal.

CBC's preprocessing of integers, which the planner tells it to leave, called a plan the best that costs 0.05 % too much.
"""

import math
from pathlib import Path

import numpy as np
import pytest

import planner
from planner.solve import other_solvers
from planner.solve.algorithms import Outcome
from planner.solve.integrality import WholePlan
from planner.solve.second_opinion import confirmed
from planner.solve.solution import Solution, Status

INSTANCE = Path(__file__).with_name("cbc-dearer-by-preprocessing.yaml")


def test_a_plan_that_is_not_the_best_is_refused(monkeypatch):
    monkeypatch.setattr(other_solvers, "TOLD", {})  # CBC preprocesses again
    with pytest.raises(planner.SolverError, match="HiGHS found a plan that costs"):
        planner.solve(INSTANCE, solver="cbc")


def test_it_is_called_the_best_without_a_second_opinion(monkeypatch):
    """So the test above is of the second opinion, and not of what CBC is told."""
    monkeypatch.setattr(other_solvers, "TOLD", {})
    monkeypatch.setattr(other_solvers, "confirmed", lambda *_: None)
    own = planner.solve(INSTANCE)
    theirs = planner.solve(INSTANCE, solver="cbc")
    assert theirs.status == "optimal"
    assert theirs.objective > own.objective * (1 + 1e-4)


class Ends:
    """A search by HiGHS that ends as it is told to, with a plan that costs so much, or none."""

    def __init__(self, outcome, cost=None, bound=-math.inf):
        held = None if cost is None else Solution(Status.OPTIMAL, values=np.array([cost]), objective=cost)
        self.whole = WholePlan(held, bound, outcome)

    def decided(self, start):
        assert start.values.tolist() == [100.0]
        return self.whole


def asked(search):
    theirs = Solution(Status.OPTIMAL, values=np.array([100.0]), objective=100.0)
    return confirmed("CBC", theirs, search, np.ones(1), 1e-6)


def test_a_second_opinion_of_each_kind():
    agreed = asked(Ends(Outcome.OPTIMAL, 99.99995, 99.9999))
    assert agreed.outcome is Outcome.OPTIMAL
    stopped = asked(Ends(Outcome.LIMIT, 100.0, 98.0))
    assert (stopped.outcome, stopped.bound) == (Outcome.LIMIT, 98.0)
    assert asked(Ends(Outcome.UNKNOWN)) is None
    assert asked(Ends(Outcome.UNKNOWN, 100.0)) is None


@pytest.mark.parametrize(
    ("search", "words"),
    [
        (Ends(Outcome.OPTIMAL, 99.9, 99.9), "less by more than the gap of 1e-06"),
        (Ends(Outcome.LIMIT, 99.9), "HiGHS found a plan that costs 99.9"),
        (Ends(Outcome.UNKNOWN, 99.9), "HiGHS found a plan that costs 99.9"),
        (Ends(Outcome.INFEASIBLE), "HiGHS says there is none"),
    ],
)
def test_a_disagreement_is_refused(search, words):
    with pytest.raises(planner.SolverError, match=words):
        asked(search)


def test_where_no_time_is_left_for_it_the_plan_is_not_called_the_best(monkeypatch):
    monkeypatch.setattr(other_solvers, "confirmed", lambda _, theirs, *__: WholePlan(theirs, 0.0, Outcome.LIMIT))
    with pytest.raises(planner.LimitReachedError) as ended:
        planner.solve(INSTANCE, solver="cbc")
    assert ended.value.plan.status == "feasible"
    assert ended.value.plan.gap == pytest.approx(1.0)  # to the bound of HiGHS, not to that of CBC


def test_highs_looks_as_far_as_the_gap_that_is_asked_for(monkeypatch):
    """At HiGHS's own gap of 1e-4 each decision would have to be fixed in turn before the plan is proved."""
    asked_for = []

    def noted(name, theirs, wholes, cost, gap):
        asked_for.append([wholes._live.highs.getOptionValue(f"mip_{kind}_gap")[1] for kind in ("rel", "abs")])
        return WholePlan(theirs, theirs.objective, Outcome.OPTIMAL)

    monkeypatch.setattr(other_solvers, "confirmed", noted)
    planner.solve(INSTANCE, solver="cbc", gap=1e-7)
    assert asked_for == [[1e-7, 0.0]]
