"""What the part on strikes says of promises: broken, kept, or not known."""

from functools import cache

import pytest
import toys

from planner.report.findings import Findings
from planner.report.sections.recovery import loss_grid, recovery_section
from planner.report.studies import Studies
from planner.report.tables.report import report_tables
from planner.study.failure import Failure
from planner.study.runs import survey
from planner.study.stress.surprise import Stressed, stress_one
from planner.study.stress.undisturbed import Undisturbed

OUT = {"name": "out", "surprise": True, "changes": [{"change": "outage", "where": {"site": "west"}, "period": "P2"}]}


@cache
def capped(soft_cost=None):
    """Half may be made in the east; the west is struck in P2, so that what is left breaks that or is lost."""
    limit = {"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.5, "soft_cost": soft_cost}
    return toys.two_plants(
        periods=["P1", "P2"], stock="listed", policies=[{"name": "p", "limits": [limit]}], scenarios=[OUT]
    )


@cache
def surveyed(soft_cost):
    instance = capped(soft_cost)
    return survey(instance, instance.policies, [None, *instance.scenarios])


def told(soft_cost, stressed):
    """The first paragraph of the part, and the grid of losses."""
    found = Findings(capped(soft_cost), surveyed(soft_cost), Studies(stressed=(stressed,)))
    tables = report_tables(found)
    return recovery_section(found, tables).text[0], loss_grid(found, tables)


def struck(instance, price=None):
    return stress_one(Undisturbed.of(instance, instance.policies[0]), instance.scenarios[0], price)


def test_a_hard_limit_is_a_promise():
    """5 units of P2 are above the limit, at 30 each, as more than half of the 10 are made in the east."""
    assert "150 of it)" in told(None, struck(capped(), 30))[0]


def test_a_soft_one_is_none():
    found = struck(capped(30))
    assert found.loss == pytest.approx(5 * 30 + 10 * 1 - 5 * 1 - 5 * 3)
    assert ", but none is broken" in told(30, found)[0]


def test_a_strike_without_a_plan_breaks_nobody_knows_what():
    failed = Stressed("p", "out", "P2", Failure("tiny", "p", "out", "limit", "It took too long."))
    text, grid = told(None, failed)
    assert "none is broken" not in text
    assert "at most" not in text
    assert grid.rows[0][-1] == "no plan (limit)"


def test_one_product_does_not_differ_in_price():
    found = Findings(capped(), surveyed(None), Studies(stressed=(struck(capped(), 30),)))
    text = " ".join(recovery_section(found, report_tables(found)).text)
    assert "owed when the planned periods end" in text
    assert "Products differ" not in text
