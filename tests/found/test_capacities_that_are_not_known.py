"""Where capacities are not known, no time to survive is told of a part of a period.

A site without a limit of capacity was said to be out for 52.1 weeks before any customer gets less, and by the command for
1 year: in any moment that was left of the year it made all that was due.
"""

import json

import pandas as pd
import toys

import planner
from planner.study.stress.time_to_survive import made_up_for

YEARS = {
    "periods": {"first": "2027", "count": 2, "length": "year"},
    "demand": [{"customer": "shop", "item": "unit", "quantity": 10, "price": 100}],
}


def test_a_site_without_a_limit_is_told_to_have_none():
    found = planner.time_to_survive(toys.tiny(**YEARS), over=["site"])
    assert found.worst["periods"].tolist() == [0.999]
    [line] = found.summary.lines
    assert line.startswith(
        "A part of a period without plant is never noticed, only a whole one: its lines have no limit"
    )


def test_several_sets_and_those_of_which_the_horizon_ends_first():
    table = pd.DataFrame(
        {"of": ["a", "b", "a", "c", "d"], "periods": [0.999, 1.999, 0.999, 2.999, 0.5], "at_least": [False] * 5}
    )
    assert "without a, b and c is" in made_up_for(table)
    assert made_up_for(table.assign(at_least=True)) == made_up_for(table.assign(at_least="yes")) == ""


def test_a_site_with_a_capacity_has_its_time():
    found = planner.time_to_survive(toys.tiny(**YEARS, capacities=[{"site": "plant", "capacity": 40}]), over=["site"])
    assert found.worst["periods"].tolist() == [0.75]
    assert found.summary.lines == ()


def test_the_command_shows_no_whole_period(in_process, tmp_path):
    (tmp_path / "chain.json").write_text(json.dumps(toys.tiny(**YEARS).as_mapping()), encoding="utf-8")
    code, out, _ = in_process("stress", str(tmp_path / "chain.json"), "--survive", "--no-store")
    assert code == 0
    assert [line for line in out.splitlines() if line.split()[:2] == ["site", "plant"] and " under 1 " in line]
    assert "without a limit of capacity" in " ".join(out.split())
