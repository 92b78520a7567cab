"""Where a chain is longer than what is left of the horizon, a report said that no site can be out for a day."""

import json

import pandas as pd
import pytest
import toys

from planner.report.sections.survival import within_a_day

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


def test_a_report_says_that_it_cannot_be_told(path, in_process):
    code, _, _ = in_process("report", path, "--out", path.parent / "report")
    said = (path.parent / "report" / "summary.md").read_text()
    assert code == 0
    assert "How long a site can be out from 2027-03 on cannot be told" in said
    assert "cannot be out for a day" not in said
    assert pd.read_csv(path.parent / "report" / "tables" / "losses.csv")["survived"].isna().all()


def test_the_command_says_so_too(path, in_process):
    told = "the horizon ends before anything can be told"
    assert told in in_process("stress", path, "--survive", "--start", "2027-03")[1]
    assert told not in in_process("stress", path, "--survive")[1]
