"""A report on a share below 20 %: its own level was not on the curve, and a jump was told as the price of a point.

The curve of a cap ended at 20 %, so that "the level of tight, 10.0 %, costs – (–) more than none". Where the cost leaps
between 100 % and 99.96 %, by 58.9, "a percentage point costs kEUR 1,507 at first" was said: the leap, divided by the
little way that it takes. And the cell of a policy without a plan ended in a colon, before what clashes was said.
"""

import json
from types import SimpleNamespace

import pandas as pd
import pytest
import toys

from planner.report.sections.frontier import end_points

TIGHT = {"name": "x", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.1}
NEVER = {"name": "f", "measure": "pathway", "of": "TW", "min_free": 0.95}
DATA = {
    **toys.TINY,
    **toys.TWO_PLANTS,
    "periods": ["1", "2"],
    "processes": [
        {"site": "east", "item": "unit", "unit_cost": 1},
        {
            "site": "west",
            "item": "unit",
            "unit_cost": 3,
            "lead_time": 1,
        },  # what starts in the last period comes too late
    ],
    "capacities": [{"site": "east", "capacity": 20}, {"site": "west", "capacity": 30}],
    "demand": [{"customer": "shop", "item": "unit", "quantity": 10, "price": 100, "must_serve": 0}],
    "policies": [{"name": "none"}, {"name": "tight", "limits": [TIGHT]}, {"name": "never", "limits": [NEVER]}],
}


def curve(*points):
    """A frontier of these levels and costs, from loose to tight."""
    return SimpleNamespace(tightening=pd.DataFrame(points, columns=["level", "cost"]))


def test_a_leap_is_a_part_of_what_its_point_costs():
    first, last = end_points(curve((1.0, 826.2), (0.9996, 885.1), (0.9, 885.1), (0.1, 925.1)))
    assert first == pytest.approx(58.9)
    assert last == pytest.approx(0.5)


def test_a_curve_of_less_than_a_point_is_told_in_proportion():
    assert end_points(curve((0.1, 10.0), (0.105, 11.0))) == pytest.approx((2.0, 2.0))


def test_a_report_reaches_the_level_of_its_policy(tmp_path, in_process, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tight.json").write_text(json.dumps(DATA))
    assert in_process("report", "tight.json", "--out", "report")[0] == 0
    text = (tmp_path / "report" / "summary.md").read_text()
    assert "From 100.0 % to 10.0 % cost rises by USD 740: a percentage point costs USD 0.4 at first" in text
    assert "The level of tight, 10.0 %, costs USD 740 (3700.00 %) more than none." in text
    assert "outside of it" not in text
    assert "No plan can satisfy all of these together: The limit f asks for at least 9.5 delivered free of TW" in text
