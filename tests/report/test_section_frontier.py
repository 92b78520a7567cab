"""The price of resilience in the report where the least cost is zero, so that parts of it mean nothing."""

from dataclasses import replace

import pytest
import toys

from planner.report.findings import Findings
from planner.report.pictures.price import price
from planner.report.sections.frontier import frontier_section, frontier_sentence, near_grid
from planner.report.studies import Studies
from planner.report.tables import strikes as strike_tables
from planner.study.frontier.price_of_resilience import frontier
from planner.study.progress import Effort
from planner.study.runs import survey

HALVES = {"name": "halves", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.5}


@pytest.mark.parametrize(("cost", "sentence"), [(0, "costs USD 15 more"), (1, "costs USD 10 (100.00 %) more")])
def test_a_part_of_the_least_cost_is_told_only_where_there_is_one(cost, sentence):
    instance = toys.two_plants(
        processes=[
            {"site": "east", "item": "unit", "unit_cost": cost},
            {"site": "west", "item": "unit", "unit_cost": 3},
        ],
        policies=[{"name": "shared", "limits": [HALVES]}],
    )
    found = frontier(instance, "shared", ["halves"])
    runs = survey(instance, list(instance.policies), [None])
    findings = Findings(instance, runs, Studies(frontier=found))
    assert found.least == pytest.approx(10 * cost)
    assert sentence in frontier_sentence(findings)
    rows = near_grid(findings).rows
    [own] = [row for row in rows if row[0] == "a level of 50.0 %"]
    assert own[1] == ("USD 10 (100.00 %)" if cost else "USD 15")
    assert any("more cost" in row[0] for row in rows) == bool(cost)


def test_a_curve_that_does_not_rise_has_no_lines_that_err():
    """Where all levels cost the same, straight lines were said to err by what no re-solve can tell."""
    cap = {"name": "halves", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.9, "per": "horizon"}
    instance = toys.two_plants(
        processes=[{"site": site, "item": "unit", "unit_cost": 1e6} for site in ("east", "west")],
        policies=[{"name": "shared", "limits": [cap]}],
    )
    found = frontier(instance, "shared", ["halves"])
    findings = Findings(instance, survey(instance, list(instance.policies), [None]), Studies(frontier=found))
    section = frontier_section(findings, {"frontier": strike_tables.frontier(findings)})
    assert "the least cost is the same" in section.text[1]
    assert "err by" not in section.text[0]


def test_a_frontier_without_any_level_solved_has_an_empty_table():
    instance = toys.two_plants(policies=[{"name": "shared", "limits": [HALVES]}])
    found = frontier(instance, "shared", ["halves"], effort=Effort(time_limit=1e-9))
    table = strike_tables.frontier(Findings(instance, survey(instance, [None], [None]), Studies(frontier=found)))
    assert table["cost"].isna().all()


def test_the_picture_tells_no_noise_of_a_solver():
    """A policy at the least cost stood at -USD 6e-05 with one release of HiGHS, and at 0 with another."""
    instance = toys.two_plants(policies=[{"name": "free"}, {"name": "shared", "limits": [HALVES]}])
    found = frontier(instance, "shared", ["halves"])
    marks = [replace(mark, cost=mark.cost * (1 - 1e-15)) for mark in found.marks]
    assert any(0 < found.least - mark.cost < 1e-9 for mark in marks)
    runs = survey(instance, list(instance.policies), [None])
    words = price(Findings(instance, runs, Studies(frontier=replace(found, marks=tuple(marks))))).describes
    assert "free: 100.0 %, \u00b10" in words
