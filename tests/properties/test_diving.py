"""Diving: what begins an integer program is a plan with whole decisions, and the program is left as it was."""

import importlib
import time

import numpy as np
import pytest
import test_sourcing_brute_force as sourcing
import test_whole_brute_force as whole
from portions import portion

import planner
from planner.solve.algorithms import Algorithm, Outcome
from planner.solve.diving import dive
from planner.solve.highs_model import HighsModel

SOLVING = importlib.import_module("planner.solve.solve_program")
SEEDS = range(12)


@pytest.fixture
def every_size(monkeypatch):
    """Programs of any size are dived into."""
    monkeypatch.setattr(SOLVING, "FROM_COLUMNS", 0)


def model(seed):
    """The integer program of a random instance in HiGHS, and the numbers of its integer columns."""
    mapping, rules, limits = sourcing.given(seed)
    program = planner.formulate(planner.load_instance(mapping), sourcing.policy_of(rules, limits))
    live = HighsModel.of(program.problem)
    live.scale()
    return live, np.flatnonzero(program.integer)


def state(live):
    """What of a model diving could change."""
    lp = live.lp
    return [np.array(part).tolist() for part in (lp.col_lower_, lp.col_upper_, lp.col_cost_)], list(lp.integrality_)


@pytest.mark.parametrize("seed", portion(SEEDS, quick=3))
def test_options_and_lots_cost_what_they_cost_without_it(seed, every_size):
    best = whole.brute(seed)
    cost = whole.found(planner.load_instance(whole.given(seed)))
    assert cost == (None if best is None else pytest.approx(best, rel=2e-6, abs=1e-6))


@pytest.mark.parametrize("seed", portion(SEEDS, quick=2))
def test_sources_and_lots_cost_what_they_cost_without_it(seed, every_size):
    mapping, rules, limits = sourcing.given(seed)
    best = sourcing.brute(seed)[0]
    cost = whole.found(planner.load_instance(mapping), sourcing.policy_of(rules, limits))
    assert cost == (None if best is None else pytest.approx(best, rel=2e-6, abs=1e-6))


@pytest.mark.parametrize("seeds", portion([SEEDS[:6], SEEDS[6:]], quick=1))
def test_it_finds_a_plan_and_a_bound_and_leaves_the_program(seeds):
    """6 instances in the suite, 6 more by hand (slow)."""
    plans = 0
    for seed in seeds:
        live, integer = model(seed)
        before = state(live)
        told = []
        start = dive(live, integer, Algorithm.SIMPLEX, tell=lambda cost, gap, told=told: told.append((cost, gap)))
        assert state(live) == before
        if start is None or start.values is None:
            continue
        assert told == sorted(told, reverse=True), "each plan that is told is better"
        assert told[-1][0] == pytest.approx(float((live.costs() * start.values).sum()), rel=1e-6)
        plans += 1
        assert np.abs(start.values[integer] - np.round(start.values[integer])).max() <= 1e-6
        assert live.run() is Outcome.OPTIMAL
        least, reached = live.objective(), float((live.costs() * start.values).sum())
        assert start.bound <= least + 1e-6 * (1 + abs(least))
        assert reached >= least - 1e-6 * (1 + abs(least))
    assert plans >= len(seeds) // 2


def test_without_time_there_is_no_plan_and_the_program_is_left():
    live, integer = model(0)
    before = state(live)
    live.deadline = deadline = time.perf_counter()
    assert dive(live, integer, Algorithm.SIMPLEX) is None
    assert (state(live), live.deadline) == (before, deadline)


def test_branch_and_bound_is_given_the_time_that_is_left_and_no_more():
    """HiGHS counts the seconds of branch and bound from its beginning, those of linear programs from the first run."""
    live, integer = model(0)
    live.set_integrality(integer, integer=False)
    for _ in range(20):
        live.start_from(None)
        live.run()
    clock = live.highs.getRunTime()
    assert clock > 0
    live.deadline = time.perf_counter() + 100
    live.run()
    assert live.highs.getOptionValue("time_limit")[1] > 100
    live.set_integrality(integer, integer=True)
    live.deadline = time.perf_counter() + 100
    live.run()
    assert live.highs.getOptionValue("time_limit")[1] <= 100


@pytest.mark.parametrize("seeds", portion([SEEDS[:4], SEEDS[4:]], quick=1))
def test_a_decision_that_is_made_already_is_not_turned(seeds):
    """Decisions of a plan are forbidden in turn, though to take them saves something: 4 instances, 8 more (slow)."""
    forbidden = 0
    for seed in seeds:
        live, integer = model(seed)
        if live.run() is not Outcome.OPTIMAL:
            continue
        taken = integer[np.round(live.values()[integer]) == 1][:2]
        for column in taken:
            live, integer = model(seed)
            live.set_column_bounds(np.array([column]), np.zeros(1), np.zeros(1))
            start = dive(live, integer, Algorithm.SIMPLEX)
            if start is not None and start.values is not None:
                forbidden += 1
                assert start.values[column] == pytest.approx(0.0, abs=1e-6), (seed, column)
    assert forbidden > len(seeds) // 4
