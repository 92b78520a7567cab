"""A re-solve equals a rebuild, whatever was asked before, and leaves no trace."""

import time
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from portions import portion
from toys import least_cost, policy, program, scenario, toy, two_plants

from planner.errors import SolverError
from planner.instance.applying import apply_scenario
from planner.model import write_program
from planner.network import build_network
from planner.solve.resolver import Coefficients, Resolver
from planner.solve.solution import Status
from planner.solve.two_models import map_cases

CHANGES = {
    "cost": {"change": "unit_cost", "factor": 1.7, "where": {"stage": "packaging"}},
    "capacity": {"change": "capacity", "factor": 0.5, "where": {"site": "fab-a"}},
    "demand": {"change": "demand", "factor": 1.2},
    "outage": {"change": "outage", "where": {"region": "TW"}, "period": "P2"},
    "lanes": {"change": "lane_capacity", "factor": 0.2},
    "prices": {"change": "price", "factor": 0.1},
}
STAGED = policy({"stage": "packaging", "of": "US", "max_share": 0.8})


def linear():
    """The toy chain without options, so that it is a linear program."""
    return toy(expansions=[])


def changed(name):
    return program(apply_scenario(linear(), scenario(CHANGES[name])), STAGED)


def close(cost):
    return pytest.approx(cost, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("name", portion(CHANGES, quick=2))
def test_equals_a_rebuild(name):
    again = changed(name)
    found = Resolver(program(linear(), STAGED)).resolve(again.numbers)
    expected = least_cost(again)
    assert (found.objective if found.status is Status.OPTIMAL else None) == (
        None if expected is None else close(expected)
    )


def test_the_order_of_questions_does_not_matter():
    resolver = Resolver(program(linear(), STAGED))
    first = {name: resolver.resolve(changed(name).numbers).objective for name in CHANGES}
    for order in list(permutations(CHANGES))[::97]:
        for name in order:
            assert resolver.resolve(changed(name).numbers).objective == first[name], name


def test_the_model_and_the_program_are_as_they_were():
    asked = write_program(build_network(linear(), STAGED))
    before = asked.numbers
    kept = {name: getattr(before, name).copy() for name in ("lower", "upper", "cost", "right")}
    resolver = Resolver(asked)
    bounds = resolver.live.bounds()
    for name in CHANGES:
        resolver.resolve(changed(name).numbers)
    assert asked.numbers is before
    for name, figures in kept.items():
        assert np.array_equal(getattr(before, name), figures)
    for then, now in zip(bounds, resolver.live.bounds(), strict=True):
        assert np.array_equal(then, now)
    assert np.array_equal(np.array(resolver.live.lp.col_cost_), kept["cost"])
    again = resolver.resolve(before)
    assert again.objective == close(resolver.baseline.objective)
    assert np.allclose(again.values, resolver.baseline.values)


def test_other_coefficients():
    tight = policy({"stage": "packaging", "of": "US", "max_share": 0.2})
    asked = program(linear(), STAGED)
    resolver = Resolver(asked)
    start, rows = asked.family_rows("stage_limit")
    matrix = asked.matrix()
    at = np.flatnonzero((matrix.row >= start) & (matrix.row < start + len(rows)) & (matrix.column >= asked.total.first))
    change = Coefficients(matrix.row[at], matrix.column[at], np.full(len(at), -0.2))
    expected = least_cost(program(linear(), tight))
    assert resolver.resolve(asked.numbers, change).objective == close(expected)
    assert expected > resolver.baseline.objective + 1
    assert resolver.resolve(asked.numbers).objective == close(resolver.baseline.objective)


def test_a_hot_start_that_is_too_long_is_left_and_counted(monkeypatch):
    asked = changed("demand").numbers
    resolver = Resolver(program(linear(), STAGED))
    expected = resolver.resolve(asked)
    assert resolver.fallbacks == 0
    assert "hot" in expected.method
    monkeypatch.setattr(resolver.solves, "patience", 0)
    found = resolver.resolve(asked)
    assert resolver.fallbacks == 1
    assert "cold" in found.method
    assert found.objective == close(expected.objective)


@pytest.mark.parametrize("wrong", ["values", "row_duals"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_hot_answer_that_is_not_right_is_continued_and_then_left_and_counted(monkeypatch, wrong, times):
    asked = changed("demand").numbers
    resolver = Resolver(program(linear(), STAGED))
    expected = resolver.resolve(asked)
    true = getattr(resolver.live, wrong)
    lies = [True] * times
    monkeypatch.setattr(resolver.live, wrong, lambda: true() * (0.9 if lies and lies.pop() else 1.0))
    found = resolver.resolve(asked)
    assert resolver.fallbacks == times - 1
    assert ("hot, then simplex to tighter tolerances" in found.method) == (times == 1)
    assert found.objective == close(expected.objective)
    assert resolver.live.highs.getOptionValue("primal_feasibility_tolerance")[1] == 1e-7  # as it was


def test_what_can_never_be_shown_to_be_right_is_no_answer(monkeypatch):
    resolver = Resolver(program(linear(), STAGED))
    true = resolver.live.values
    monkeypatch.setattr(resolver.live, "values", lambda: true() * 0.9)
    found = resolver.resolve(changed("demand").numbers)
    assert found.status is Status.ERROR
    assert found.values is None


@pytest.mark.parametrize(("wrong", "way"), [(1, "simplex, cold, then"), (2, "ipx, cold"), (3, "ipx, cold, then")])
def test_an_answer_from_cold_that_is_not_right_is_mended_and_then_found_by_the_other_algorithm(monkeypatch, wrong, way):
    asked = changed("demand").numbers
    resolver = Resolver(program(linear(), STAGED))
    expected = resolver.resolve(asked)
    true, seen = resolver.live.values, []
    monkeypatch.setattr(resolver.solves, "patience", 0)
    monkeypatch.setattr(resolver.live, "values", lambda: true() * (0.9 if seen.append(1) or len(seen) <= wrong else 1))
    found = resolver.resolve(asked)
    assert way in found.method
    assert found.objective == close(expected.objective)
    assert resolver.live.highs.getOptionValue("primal_feasibility_tolerance")[1] == 1e-7  # as it was


def test_no_plan_is_an_answer_and_the_next_one_has_a_plan():
    asked = program(linear())
    resolver = Resolver(asked)
    shut = asked.numbers.upper.copy()
    shut[asked.make.span] = 0.0
    assert resolver.resolve(replace(asked.numbers, upper=shut)).status is Status.INFEASIBLE
    assert resolver.resolve(asked.numbers).objective == close(resolver.baseline.objective)


def test_a_baseline_without_a_plan():
    asked = program(linear())
    shut = asked.numbers.upper.copy()
    shut[asked.make.span] = 0.0
    closed = program(apply_scenario(linear(), scenario({"change": "outage"})))
    resolver = Resolver(closed)
    assert resolver.baseline.status is Status.INFEASIBLE
    assert resolver.resolve(asked.numbers).objective == close(least_cost(asked))


def test_after_the_deadline_there_are_no_answers():
    resolver = Resolver(program(linear()))
    resolver.deadline = time.perf_counter() - 1
    assert resolver.resolve(resolver.program.numbers).status is Status.LIMIT
    assert Resolver(program(linear()), deadline=time.perf_counter() - 1).baseline.status is Status.LIMIT


def test_rows_of_your_own_stay():
    own = write_program(build_network(two_plants(), None))
    own.problem += own.make["west", "unit", "standard", "1"] >= 4, "a floor"
    resolver = Resolver(own)
    assert resolver.baseline.objective == close(6 * 1 + 4 * 3)
    right = own.numbers.right.copy()
    start, _ = own.family_rows("demand_balance")
    right[start] = 20
    upper = own.numbers.upper.copy()
    upper[own.lost.first] = 20
    found = resolver.resolve(replace(own.numbers, right=right, upper=upper))
    assert found.objective == close(16 * 1 + 4 * 3)


def test_numbers_of_another_program():
    with pytest.raises(SolverError, match="another program"):
        Resolver(program(linear())).resolve(program(two_plants()).numbers)


def test_integers_are_decided_anew():
    asked = program(toy())
    resolver = Resolver(asked)
    assert not resolver.linear
    assert resolver.baseline.objective == pytest.approx(least_cost(asked), rel=1e-6)
    again = program(apply_scenario(toy(), scenario(CHANGES["demand"])))
    assert resolver.resolve(again.numbers).objective == pytest.approx(least_cost(again), rel=1e-6)


def test_integers_are_held():
    asked = program(toy())
    plan = Resolver(asked).baseline.values
    resolver = Resolver(asked, held=plan)
    assert resolver.linear
    again = program(apply_scenario(toy(), scenario(CHANGES["demand"])))
    held = {int(column): round(plan[column]) for column in np.flatnonzero(asked.integer)}
    found = resolver.resolve(again.numbers)
    assert found.objective == close(least_cost(again, fixed=held))
    assert found.row_duals is not None


def test_two_models_answer_as_one():
    names = list(CHANGES)
    numbers = [changed(name).numbers for name in names]

    def work(resolver, asked):
        return resolver.resolve(asked).objective

    alone, paired = (Resolver(program(linear(), STAGED)) for _ in range(2))
    assert map_cases(alone, numbers, work) == map_cases(paired, numbers, work, threads=2)
    assert alone.resolves == paired.resolves == len(names)
    assert alone.fallbacks == paired.fallbacks


def beside(step):
    """The toy chain with orders a little larger: a step along which its cost is a broken line."""
    asked = program(linear(), STAGED)
    right, upper = asked.numbers.right.copy(), asked.numbers.upper.copy()
    start, rows = asked.family_rows("demand_balance")
    right[start : start + len(rows)] *= 1 + step
    upper[asked.lost.span] *= 1 + step
    return replace(asked.numbers, right=right, upper=upper), None


def test_an_answer_beside_another_is_the_one_that_a_solve_gives_there():
    resolver = Resolver(program(linear(), STAGED))
    found, near = resolver.resolve_beside(beside(0.1), [beside(0.2), beside(0.3)], lambda _, number, __: number == 1)
    assert found.objective == resolver.resolve(beside(0.1)[0]).objective
    assert near.objective == close(resolver.resolve(beside(0.3)[0]).objective)
    assert near.row_duals is not None
    none = resolver.resolve_beside(beside(0.1), [beside(0.2)], lambda *_: False)
    assert none[0].objective == found.objective
    assert none[1] is None
    assert resolver.resolve(resolver.program.numbers).objective == close(resolver.baseline.objective)


def test_beside_no_plan_there_is_nothing():
    asked = program(linear())
    shut = asked.numbers.upper.copy()
    shut[asked.make.span] = 0.0
    closed = replace(asked.numbers, upper=shut)
    resolver = Resolver(asked)
    found, near = resolver.resolve_beside((closed, None), [(asked.numbers, None)], lambda *_: True)
    assert (found.status, near) == (Status.INFEASIBLE, None)
    found, near = resolver.resolve_beside((asked.numbers, None), [(closed, None)], lambda *_: True)
    assert (found.objective, near) == (close(resolver.baseline.objective), None)
    resolver.deadline = time.perf_counter() - 1
    assert resolver.resolve_beside((asked.numbers, None), [], lambda *_: True)[0].status is Status.LIMIT
