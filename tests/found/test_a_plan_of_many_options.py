"""A plan that buys many options was printed with all of them, and an HHI below 1,000 with three decimals."""

import dataclasses
import re

import pandas as pd
import toys

from planner.cli.plan_shown import MOST_OPTIONS, print_plan
from planner.plan.plan_summary import exposure_by_stage


def test_the_dearest_options_are_listed_and_the_others_counted(capsys):
    plan = toys.solve(toys.toy())
    row = {"option": "o", "site": "east", "resource": "east", "period": "P1", "share": 1.0, "capacity": 5.0}
    for count in (MOST_OPTIONS, MOST_OPTIONS + 30):
        bought = pd.DataFrame([{**row, "option": f"o-{at}", "cost": float(at)} for at in range(count)])
        print_plan(dataclasses.replace(plan, tables={**plan.tables, "expansions": bought}))
        said = capsys.readouterr().out
        listed = re.findall(r"^(o-\d+) ", said, re.MULTILINE)
        if count == MOST_OPTIONS:
            assert listed == [f"o-{at}" for at in range(count)]
            assert "Options bought (cost in" in said
            continue
        assert listed == [f"o-{at}" for at in reversed(range(30, count))]
        assert "Options bought, the dearest first" in said
        assert "... and 30 more rows" in said


def test_concentration_is_a_whole_number():
    plan = toys.solve(toys.toy())
    share = 1 / 13
    rows = [
        {"stage": "wafer", "over": "region", "of": f"r{at}", "share": share, "hhi": 1e4 * share} for at in range(13)
    ]
    plan = dataclasses.replace(plan)
    object.__setattr__(plan, "exposure_summary", rows)
    assert exposure_by_stage(plan)["hhi"].tolist() == [769.0]
