"""What to decide by when: a date before that of the data is said to be past."""

import dataclasses

import pandas as pd
import pytest
import toys

import planner
from planner.report.findings import Findings
from planner.report.names import Names
from planner.report.sections.recommendation import _latest, recommendation
from planner.report.sections.runs import options_grid
from planner.report.studies import Studies
from planner.report.tables.report import report_tables


@pytest.fixture(scope="module")
def plan():
    instance = toys.two_plants(
        periods={"first": "2026Q1", "count": 4, "length": "quarter"},
        demand=[{"customer": "shop", "item": "unit", "period": "2026Q4", "quantity": 10, "price": 100}],
        capacities=[{"site": "east", "capacity": 1}, {"site": "west", "capacity": 0}],
        expansions=[{"option": "line", "site": "east", "period": "2026Q4", "lead_time": 2, "capacity": 9}],
        stock="listed",
    )
    return toys.solve(instance)


def dated(plan, as_of, lead_time=2):
    settings = plan.instance.settings.model_copy(update={"as_of": as_of})
    options = tuple(row.model_copy(update={"lead_time": lead_time}) for row in plan.instance.expansions)
    return plan.instance.model_copy(update={"settings": settings, "expansions": options})


@pytest.mark.parametrize(
    ("as_of", "lead_time", "words"),
    [
        ("", 2, "by 2026Q2 line"),
        ("last spring", 2, "by 2026Q2 line"),
        ("30 June 2026, newest source April 2026", 2, "by 2026Q2 line"),
        ("1 July 2026, newest source April 2026", 2, "now (was due by 2026Q2) line"),
        ("Q4 2026 (budget)", 2, "now (was due by 2026Q2) line"),
        ("December 2025", 9, "before 2026Q1 line"),
        ("January 2026", 9, "now (was due before 2026Q1) line"),
    ],
)
def test_a_date_before_that_of_the_data_is_past(plan, as_of, lead_time, words):
    instance = dated(plan, as_of, lead_time)
    told = dict(recommendation(Findings(instance, {(None, None): plan}), Names.of_instance(instance)))
    assert told["Whatever the policy"] == words


def test_the_latest_date_of_a_limit_too(plan):
    """`before` in the table of the study is before the first period."""
    for as_of, label, words in (
        ("July 2026", "2026Q2", "line now (was due by 2026Q2)"),
        ("2025", "before", "line before 2026Q1"),
    ):
        instance = dated(plan, as_of)
        table = pd.DataFrame({"lever": ["line"], "decide_by": [label]})
        found = Findings(instance, {(None, None): plan}, Studies(decide=table))
        assert _latest(found, Names.of_instance(instance)) == ("Later than this its limits cannot be kept", words)


def test_what_has_been_decided_is_not_to_decide(plan):
    """The line was bought before the first period, as in an instance that a roll wrote: no date is told of it."""
    decided = tuple(row.model_copy(update={"bought": 1.0}) for row in plan.instance.expansions)
    instance = plan.instance.replace(expansions=decided)
    table = pd.DataFrame({"lever": ["line"], "decide_by": ["before"]})
    found = Findings(instance, {(None, None): toys.solve(instance)}, Studies(decide=table))
    assert "Whatever the policy" not in dict(recommendation(found, Names.of_instance(instance)))
    assert _latest(found, Names.of_instance(instance)) is None


def test_a_decided_option_is_told_of_a_policy_that_does_not_allow_it(plan):
    decided = tuple(row.model_copy(update={"bought": 0.5}) for row in plan.instance.expansions)
    instance = plan.instance.replace(expansions=decided)
    policy = toys.policy(options=[])
    found = Findings(instance, {("p", None): planner.solve(instance, policy)})
    [row] = options_grid(found, report_tables(found)).rows
    assert row[-1].startswith("50 %")


def test_of_many_options_those_that_come_first_are_named(plan):
    """The first screen holds a line of some twenty options at most, however many a plan buys."""
    row = plan.instance.expansions[0]
    options = [row.model_copy(update={"option": f"line-{at}", "lead_time": 2 - at % 3}) for at in range(60)]
    instance = plan.instance.model_copy(update={"expansions": tuple(options)})
    bought = pd.concat([plan.expansions.assign(option=option.option) for option in options])
    many = dataclasses.replace(plan, tables={**plan.tables, "expansions": bought})
    words = dict(recommendation(Findings(instance, {(None, None): many}), Names.of_instance(instance)))
    said = words["Whatever the policy"]
    assert said.startswith("by 2026Q2 line-0, line-3, line-6, ")
    assert said.endswith(" and line-45; 44 more, which the table of options has")
