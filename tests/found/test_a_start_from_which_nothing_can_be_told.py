"""Where a chain is longer than what is left of the horizon, a report said that no site can be out for a day.

Of the example of `planner new` it said so of all four sites, from 2027Q2 on, and beside it that all four can be out for
as long as the plan can tell. A report now asks from a start from which something can be told, where there is one.
"""

import json
import math

import pandas as pd
import pytest
import toys

from planner.report.findings import Findings
from planner.report.names import Names
from planner.report.pictures.bars import survival_bars
from planner.report.sections.survival import survival_section, within_a_day
from planner.report.studies import Studies
from planner.report.tables import strikes
from planner.study.runs import survey
from planner.study.stress.strike_choices import choke_point, survival
from planner.study.stress.undisturbed import Undisturbed

CUT_OFF = {
    **toys.TINY,
    **toys.TWO_PLANTS,
    "periods": {"first": "2027-01", "count": 4, "length": "month"},
    "processes": [
        {"site": "east", "item": "unit", "unit_cost": 1, "lead_time": 2},
        {"site": "west", "item": "unit", "unit_cost": 3, "lead_time": 2},
    ],
    "capacities": [{"site": "east", "capacity": 6}, {"site": "west", "capacity": 6}],
    "demand": [{"customer": "shop", "item": "unit", "period": "2027-04", "quantity": 10, "price": 100}],
    "scenarios": [
        {
            "name": "quake",
            "surprise": True,
            "probability": 0.1,
            "changes": [{"change": "outage", "where": {"site": "east"}, "period": "2027-03"}],
        }
    ],
}


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cut.json").write_text(json.dumps(CUT_OFF))
    return tmp_path / "cut.json"


def test_it_is_no_short_time():
    table = pd.DataFrame({"periods": [0.0, 0.0], "weeks": [0.0, 0.0], "at_least": ["yes", ""]})
    assert within_a_day(table).tolist() == [False, True]


def test_the_command_says_so_too(path, in_process):
    told = "the horizon ends before anything can be told"
    assert told in in_process("stress", path, "--survive", "--start", "2027-03")[1]
    assert told not in in_process("stress", path, "--survive")[1]


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
def test_a_report_asks_from_where_it_can_be_told(count, start):
    """Of six periods four can be told of, so that P3 is early enough; of four only the first two."""
    _, table = asked(count)
    site = table[table["over"] == "site"]
    assert site["start"].tolist() == [start]
    assert not site["at_least"].any()


def test_a_page_says_where_nothing_can_be_told():
    instance, table = asked(4)
    late = table.assign(periods=0.0, weeks=math.nan, at_least=True)
    found = Findings(instance, survey(instance, [None], [None]), Studies(survival={None: late}))
    tables = {"survival": strikes.survival(found), "strikes": strikes.strikes(found)}
    text = " ".join(survival_section(found, tables).text)
    assert "How long a site can be out from P2 on cannot be told" in text
    assert "cannot be out for" not in text
    assert survival_bars(found, tables["survival"], Names({})) is None
    assert choke_point(late, None) is None


def test_one_site_is_one_site():
    instance, table = asked(6)
    found = Findings(instance, survey(instance, [None], [None]), Studies(survival={None: table}))
    tables = {"survival": strikes.survival(found), "strikes": strikes.strikes(found)}
    assert " of 1 site " in " ".join(survival_section(found, tables).text)
