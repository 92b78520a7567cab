"""The report asked for the time to survive of the example from 2027Q2 on, after which its chain is longer than the plan.

Every site then was told to be out for "at least 0 weeks": the page counted the same four sites among those that cannot
be out for a day, and among those that can be out for as long as the plan can tell.
"""

import math

import pytest
import toys

from planner.report.findings import Findings
from planner.report.pictures.bars import asked_sites
from planner.report.sections.survival import survival_section
from planner.report.studies import Studies
from planner.report.tables import strikes
from planner.study.runs import survey
from planner.study.stress.strike_choices import choke_point, survival
from planner.study.stress.undisturbed import Undisturbed

SLOW = {
    "lanes": [{"from": "plant", "to": "shop", "lead_time": 1}],
    "processes": [{"site": "plant", "item": "unit", "unit_cost": 1, "lead_time": 1}],
}
STRIKE = {
    "name": "fire",
    "surprise": True,
    "changes": [{"change": "outage", "where": {"site": "plant"}, "period": "P3"}],
}


def asked(count):
    """The time to survive of a plant whose units are two periods on their way, struck in P3 of so many periods."""
    labels = [f"P{number}" for number in range(1, count + 1)]
    demand = [{"customer": "shop", "item": "unit", "period": "P3..", "quantity": 10, "price": 100}]
    instance = toys.tiny(periods=labels, demand=demand, scenarios=[STRIKE], **SLOW)
    return instance, survival(Undisturbed.of(instance, None))


@pytest.mark.parametrize(("count", "start"), [(6, "P3"), (5, "P3"), (4, "P2"), (3, "P1")])
def test_it_is_asked_from_where_it_can_be_told(count, start):
    """Of six periods four can be told of, so that P3 is early enough; of four only the first two."""
    _, table = asked(count)
    site = table[table["over"] == "site"]
    assert site["start"].tolist() == [start]
    assert site["periods"].notna().all()


def test_nothing_is_said_of_an_outage_that_comes_too_late_to_be_noticed():
    _, table = asked(4)
    [row] = table[table["over"] == "scenario"].to_dict("records")
    assert row["start"] == "P3"
    assert math.isnan(row["periods"])
    assert not row["at_least"]
    assert row["risk"] == "open"


def test_the_page_says_that_the_horizon_ends_first():
    instance, table = asked(4)
    late = table.assign(periods=math.nan, weeks=math.nan, at_least=False)
    found = Findings(instance, survey(instance, [None], [None]), Studies(survival={None: late}))
    tables = {"survival": strikes.survival(found), "strikes": strikes.strikes(found)}
    section = survival_section(found, tables)
    assert "From P2 on, the planned periods end before an outage could be noticed." in section.text
    assert asked_sites(found, tables["survival"]).empty
    assert choke_point(late, None) is None
