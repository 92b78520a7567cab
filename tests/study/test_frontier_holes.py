"""Levels that no answer passes its check for: what is asked instead, what is said of them, and what is not drawn."""

import math
from types import SimpleNamespace

import pytest
from toys import policy, two_plants

from planner.report.frontier_page import cost_figure, frontier_page, price_figure
from planner.report.tables.strikes import frontier as report_table
from planner.solve.resolver import Resolver
from planner.solve.solution import Solution, Status
from planner.solve.solve_program import solve_program
from planner.study.frontier import level_solves
from planner.study.frontier.level_search import RESOLUTION, Point, Search, exact, last_feasible, refined
from planner.study.frontier.levels import Levels
from planner.study.frontier.points import breaks_of, points_table
from planner.study.frontier.price_of_resilience import frontier
from planner.study.progress import Effort

CAP = policy({"stage": "make", "of": "TW", "max_share": 0.6})


def solved(level, cost=0.0, slope=-1.0):
    return Point(level, "optimal", cost, 0.0, slope)


def unsolved(level, status="error"):
    return Point(level, status)


def why(level):
    return (f"no plan at {level:g}",)


def spans(points):
    return [(part.kind, part.looser, part.tighter) for part in breaks_of(points, 0.01, why)]


def test_what_is_unproved_lies_between_the_levels_that_have_an_answer():
    assert spans([solved(1), solved(0.7), unsolved(0.6), unsolved(0.5), solved(0.4), solved(0.2)]) == [
        ("unproved", 0.7, 0.4)
    ]
    assert spans([solved(1), solved(0.7), unsolved(0.6), unsolved(0.2)]) == [("unproved", 0.7, 0.2)]
    assert spans([unsolved(1), solved(0.7), solved(0.2)]) == [("unproved", 1, 0.7)]
    assert spans([unsolved(1), unsolved(0.2)]) == [("unproved", 1, 0.2)]


def test_no_plan_begins_where_it_is_known_and_not_before():
    points = [solved(1), solved(0.7), unsolved(0.6), unsolved(0.5, "infeasible"), unsolved(0.2, "infeasible")]
    assert spans(points) == [("unproved", 0.7, 0.5), ("gap", 0.5, 0.2)]
    assert breaks_of(points, 0.01, why)[1].conflict == ("no plan at 0.5",)
    assert spans([solved(1), unsolved(0.5, "infeasible"), solved(0.2)]) == [("unproved", 1, 0.2)]
    assert spans([unsolved(1, "infeasible"), unsolved(0.2, "infeasible")]) == [("gap", 1, 0.2)]


def test_no_price_goes_across_a_hole_or_a_jump():
    points = [solved(1, 10), solved(0.7, 40), unsolved(0.6), solved(0.4, 70), solved(0.39995, 700), solved(0.2, 720)]
    breaks = breaks_of(points, 0.01, why)
    assert [part.kind for part in breaks] == ["unproved", "jump"]
    table = points_table(points, breaks, breakpoints=set(), own=None, asked=set(), least=10, descending=True)
    assert list(table["status"]) == ["optimal"] * 2 + ["error"] + ["optimal"] * 3
    known = [not math.isnan(price) for price in table["price_beyond"]]
    assert known == [True, False, False, False, True, False]


@pytest.fixture
def failing(monkeypatch):
    """Levels at which the re-solve and the program of its own both fail their checks."""
    levels = []
    true = level_solves.LevelSolver._again

    def again(solver, resolver, level):
        return unsolved(level) if any(abs(level - bad) < 1e-12 for bad in levels) else true(solver, resolver, level)

    monkeypatch.setattr(level_solves.LevelSolver, "_again", again)
    return levels


def drawn():
    given = two_plants(
        sites=[{"site": "east", "region": "TW"}, {"site": "west", "region": "US"}],
        capacities=[{"site": "west", "capacity": 8}],
    )
    return frontier(given, CAP, ["l1"], marks=False)


def test_a_level_that_fails_is_a_hole_of_a_hundredth_of_a_point(failing):
    whole = drawn()
    failing.append(0.5)
    found = drawn()
    [hole] = found.breaks
    assert hole.kind == "unproved"
    assert hole.looser == pytest.approx(0.5 + RESOLUTION / 2)
    assert hole.tighter == pytest.approx(0.5 - RESOLUTION / 2)
    assert not found.exact
    for row in found.tightening.itertuples():
        low, high = whole.cost_at(row.level)
        assert low - 1e-6 <= row.cost <= high + 1e-6


def test_figures_and_tables_leave_the_hole_out(failing):
    failing.append(0.5)
    found = drawn()
    [hole] = found.breaks
    assert None in cost_figure(found)["data"][0]["y"]
    assert None in price_figure(found)["data"][0]["y"]
    spans_drawn = [(looser, tighter) for looser, tighter, _ in found.steps()]
    assert (hole.looser, hole.tighter) not in spans_drawn
    assert {hole.looser, hole.tighter} <= {level for span in spans_drawn for level in span}
    table = report_table(SimpleNamespace(studies=SimpleNamespace(frontier=found)))
    without = table.loc[table["price_a_point"].isna(), "level"]
    assert list(without) == [pytest.approx(hole.looser, abs=1e-4), 0.2]  # and the tight end
    assert "no answer passed its check" in frontier_page(found)


def quadratic(level):
    """Convex and smooth, so that a search never ends by itself but for its allowed error."""
    return Point(level, "optimal", level**2, 0.0, 2 * level)


@pytest.mark.parametrize("search_of", [exact, refined])
def test_a_search_goes_round_a_level_without_an_answer(search_of):
    asked = []

    def ask(levels):
        asked.extend(levels)
        return [unsolved(level) if abs(level - 0.5) < 1e-9 else quadratic(level) for level in levels]

    search_of(Search(ask, 100), [quadratic(0.0), quadratic(1.0)], 0.01)
    assert any(0.5 < level < 0.51 for level in asked)
    assert any(0.49 < level < 0.5 for level in asked)
    assert len([level for level in asked if abs(level - 0.5) > 0.01]) > 2


def test_the_end_of_what_has_a_plan_is_found_past_a_level_that_fails():
    def ask(levels):
        known = {0.6: unsolved(0.6)}
        return [known.get(level, solved(level) if level >= 0.31 else unsolved(level, "infeasible")) for level in levels]

    loose, tight = last_feasible(Search(ask, 100), solved(1.0), unsolved(0.2, "infeasible"))
    assert tight.level < 0.31 <= loose.level
    assert loose.level - tight.level <= RESOLUTION


@pytest.mark.slow
def test_a_re_solve_that_fails_is_solved_as_a_program_of_its_own(monkeypatch):
    expected = drawn()
    monkeypatch.setattr(Resolver, "resolve_beside", failing_beside())
    found = drawn()
    assert set(found.points["status"]) == {"optimal"}
    assert found.points["cost"].to_numpy() == pytest.approx(expected.points["cost"].to_numpy())


def failing_beside():
    """A `resolve_beside` that fails in the model that is solved again, which is written at the policy's own level."""
    true = Resolver.resolve_beside

    def resolve_beside(resolver, at, beside, fits):
        if resolver.program.network.policy == CAP:
            return Solution(Status.ERROR), None
        return true(resolver, at, beside, fits)

    return resolve_beside


def test_a_plan_that_fails_its_certificate_is_solved_by_the_other_algorithm(monkeypatch):
    given = two_plants()
    options = []

    def solve(program, asked):
        options.append(asked.cold)
        return solve_program(program, asked)

    answers = iter([False])
    checked = level_solves.certified_tables

    def once_wrong(*parts):
        passed = checked(*parts).certificate.passed
        return SimpleNamespace(certificate=SimpleNamespace(passed=next(answers, None) is None and passed))

    monkeypatch.setattr(level_solves, "solve_program", solve)
    monkeypatch.setattr(level_solves, "certified_tables", once_wrong)
    monkeypatch.setattr(Resolver, "resolve_beside", failing_beside())
    found = frontier(given, CAP, ["l1"], Levels(stop=0.5, error=1), marks=False, effort=Effort(threads=1))
    assert options[:3] == [False, True, False]
    assert set(found.points["status"]) == {"optimal"}
