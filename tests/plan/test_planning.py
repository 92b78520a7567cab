"""From an instance to a certified plan: what is given together, and how long it may take."""

import time
from dataclasses import replace

import pytest
import toys

from planner.errors import LimitReachedError, SolverError, UsageError
from planner.instance.by_name_or_file import find_policies, find_scenarios
from planner.plan import planning
from planner.plan.planning import solve
from planner.solve.deadline import seconds_until

HALVES, THIRDS = (toys.policy({"stage": "make", "of": "TW", "max_share": share}) for share in (0.5, 0.7))


@pytest.fixture
def limits(monkeypatch):
    """The seconds that each solve has, none of whose plans passes its certificate; a look at one takes 0.05 s."""
    seen = []
    solve_program, certified_solution = planning.solve_program, planning.certified_solution

    def solving(program, options):
        left = seconds_until(options.deadline)
        solution = solve_program(program, options)
        seen.append(left)
        return solution

    def failing(program, solution):
        time.sleep(0.05)
        found = certified_solution(program, solution)
        return found._replace(certificate=replace(found.certificate, passed=False, failures=("a row is broken",)))

    monkeypatch.setattr(planning, "solve_program", solving)
    monkeypatch.setattr(planning, "certified_solution", failing)
    return seen


def test_a_second_solve_has_the_time_that_the_first_left(limits):
    with pytest.raises(SolverError, match=r"certificate twice.*a row is broken"):
        solve(toys.tiny(), time_limit=100)
    first, second = limits
    assert first <= 100
    assert second <= first - 0.05


def test_there_is_no_second_solve_where_no_time_is_left(limits, monkeypatch):
    clock = time.perf_counter
    monkeypatch.setattr(planning.time, "perf_counter", lambda: clock() + 60 * len(limits))
    with pytest.raises(LimitReachedError, match="before a plan passed its certificate"):
        solve(toys.tiny(), time_limit=30)
    assert len(limits) == 1


def test_without_a_limit_both_solves_have_all_the_time(limits):
    with pytest.raises(SolverError):
        solve(toys.tiny())
    assert limits == [None, None]


def test_what_is_given_together_is_told_apart_by_name():
    given = toys.two_plants()
    assert find_policies(given, [None, HALVES, HALVES.model_copy()]) == [None, HALVES, HALVES]
    with pytest.raises(UsageError, match="Two policies that differ are both named p"):
        find_policies(given, [HALVES, None, THIRDS])
    more, less = (toys.scenario({"change": "demand", "factor": factor}) for factor in (2, 0.5))
    assert find_scenarios(given, [more, more]) == [more, more]
    with pytest.raises(UsageError, match="Two scenarios that differ are both named s"):
        find_scenarios(given, [more, less])


@pytest.mark.parametrize("given", [{"name": "fire"}, 3, ["fire"]])
@pytest.mark.parametrize("what", ["policy", "scenario"])
def test_what_is_neither_a_name_nor_a_file_nor_an_object_is_refused(what, given):
    with pytest.raises(UsageError, match=rf"A {what} is its name, a file or a planner\.{what.title()}, not a \w+: "):
        solve(toys.tiny(), **{what: given})
