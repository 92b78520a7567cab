"""Studies that a deadline ends say so; none gives an answer that is not one."""

import sys
import time

import numpy as np
import pytest
import toys

from planner.errors import InfeasibleError, LimitReachedError
from planner.plan import planning
from planner.plan.live_planning import Replanner
from planner.plan.planning import formulate, solve
from planner.plan.run_options import RunOptions
from planner.solve.conflict import TOO_LATE, explain_infeasibility
from planner.solve.deadline import is_over, refuse_when_over, seconds_until
from planner.solve.resolver import Resolver
from planner.solve.solution import Solution, Status
from planner.study.audit.audit import audit
from planner.study.outage.n_minus_one import n_minus_one
from planner.study.outage.n_minus_one_without_warning import Outage, strike_each
from planner.study.progress import Effort
from planner.study.shadow_prices import checked_prices
from planner.study.stress.buffers_against_sources import survival_per_dollar
from planner.study.stress.decide_by import decide_by
from planner.study.stress.longest_outages import Outages, longest_outages
from planner.study.stress.stress import stress
from planner.study.stress.surprise import stress_one
from planner.study.stress.undisturbed import Undisturbed
from planner.study.stress.worth_of_resilience import leverage
from planner.study.two_stage.two_stage_plan import two_stage

CAP = toys.policy({"stage": "make", "of": "TW", "max_share": 0.6})
OUT = {"change": "outage", "where": {"site": "east"}, "period": "P2"}


def instance():
    return toys.two_plants(
        periods=["P1", "P2"],
        capacities=[{"site": "west", "capacity": 6}],
        expansions=[{"option": "line", "site": "west", "period": "P2", "capacity": 6, "unit_cost": 5}],
        scenarios=[{"name": "fire", "probability": 0.1, "changes": [OUT]}],
    )


@pytest.fixture(scope="module")
def base():
    return Undisturbed.of(instance(), CAP)


STUDIES = {
    "strikes": lambda base, end: strike_each(base, Outage(1), ("site",), effort=Effort(deadline=end)),
    "survival": lambda base, end: longest_outages(base, Outages(("site",), [1]), Effort(deadline=end)),
    "leverage": lambda base, end: leverage(base, effort=Effort(deadline=end)),
    "decide-by": lambda base, end: decide_by(base, Effort(deadline=end)),
    "per dollar": lambda base, end: survival_per_dollar(base, (), Outages(("site",), [1]), effort=Effort(deadline=end)),
}
OTHERS = {
    "audit": lambda _, end: audit(instance(), effort=Effort(deadline=end)),
    "two-stage": lambda _, end: two_stage(instance(), CAP, effort=Effort(deadline=end)),
    "n-1": lambda _, end: n_minus_one(formulate(instance(), CAP), time_limit=seconds_until(end)),
    "a plan": lambda _, end: solve(instance(), CAP, deadline=end),
}


@pytest.mark.parametrize("name", [*STUDIES, *OTHERS])
def test_after_the_deadline_nothing_is_begun(base, name):
    with pytest.raises(LimitReachedError):
        {**STUDIES, **OTHERS}[name](base, time.perf_counter() - 1)


@pytest.mark.parametrize("name", STUDIES)
def test_a_re_solve_that_the_deadline_ends_is_no_answer(base, name, monkeypatch):
    monkeypatch.setattr(Resolver, "resolve", lambda *_, **__: Solution(Status.LIMIT, method="time limit"))
    with pytest.raises(LimitReachedError):
        STUDIES[name](base, time.perf_counter() + 1000)


def test_a_strike_that_is_not_begun_is_a_failure(base):
    [fire] = instance().scenarios
    found = stress_one(base, fire, deadline=time.perf_counter() - 1)
    assert found.plan.status == "limit"
    assert np.isnan(found.loss)
    [row] = stress(instance(), fire, CAP, effort=Effort(deadline=time.perf_counter() - 1)).runs
    assert row.plan.status == "limit"


def test_sets_that_are_not_done_stand_last(monkeypatch):
    program = formulate(instance(), CAP)
    true, asked = Resolver.resolve, []

    def resolve(*words, **options):
        asked.append(1)
        return Solution(Status.LIMIT) if len(asked) > 2 else true(*words, **options)  # the first is undisturbed

    monkeypatch.setattr(Resolver, "resolve", resolve)
    table = n_minus_one(program).table
    assert list(table["status"]) == sorted(table["status"], key=lambda status: status == "limit")
    assert {"limit", "optimal"} == set(table["status"])
    assert (table.loc[table["status"] == "limit", "rank"] > 1).all()


def test_prices_that_are_not_checked_say_so():
    plan = toys.solve(instance(), CAP)
    table = checked_prices(toys.program(instance(), CAP), plan, deadline=time.perf_counter())
    assert len(table)
    assert not table["verified"].any()


def test_there_may_be_no_time_to_say_why_no_plan_exists():
    short = toys.two_plants(
        capacities=[{"site": "west", "capacity": 1}, {"site": "east", "capacity": 1}],
        demand=[{"customer": "shop", "item": "unit", "quantity": 10, "must_serve": 1}],
    )
    program = formulate(short)
    assert explain_infeasibility(program, time.perf_counter() - 1)[0] == [TOO_LATE]
    assert explain_infeasibility(program, time.perf_counter() + 1000) == explain_infeasibility(program)
    with pytest.raises(InfeasibleError):
        solve(short, time_limit=1000)


def test_time_is_kept_back_for_tables_and_certificate(monkeypatch):
    now, seen = [0.0], []
    write, solve_program = planning.write_program, planning.solve_program

    def writing(*given):
        now[0] += 10
        return write(*given)

    def solving(program, options):
        seen.append(seconds_until(options.deadline))
        return solve_program(program, options)

    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(planning, "write_program", writing)
    monkeypatch.setattr(planning, "solve_program", solving)
    plan = solve(toys.tiny(), time_limit=100)
    assert seen == [pytest.approx(90 - 10 * planning.SHOWING)]
    assert plan.status == "optimal"
    with pytest.raises(LimitReachedError, match="before the solver began"):
        solve(toys.tiny(), time_limit=11)


def test_no_deadline_is_never_over():
    assert not is_over(None)
    refuse_when_over(None, "anything")
    assert seconds_until(None) is None


@pytest.mark.parametrize(
    ("slow", "next_one"),
    [
        ("planner.network.decisions.possible", "planner.network.decisions.ship_table"),
        ("planner.model.program._with_variables", "planner.model.program._add_rows"),
    ],
)
def test_time_that_is_up_while_a_large_program_is_put_together_ends_it(monkeypatch, slow, next_one):
    """Of a large instance the network and the program take minutes: what comes next is not begun any more."""
    module, name = slow.rsplit(".", 1)
    own = getattr(sys.modules[module], name)

    def slowly(*given, **named):
        found = own(*given, **named)
        time.sleep(0.5)
        return found

    monkeypatch.setattr(slow, slowly)
    monkeypatch.setattr(next_one, lambda *_, **__: pytest.fail("it went on"))
    monkeypatch.setattr(planning, "refuse_unreachable", lambda _: None)
    for plan in (solve, lambda given, time_limit: Replanner(given, options=RunOptions(time_limit=time_limit))):
        with pytest.raises(LimitReachedError, match="before the program was written"):
            plan(instance(), time_limit=0.4)
