"""Shares of a total that is not above zero: there are none."""

from pathlib import Path

import pandas as pd
import pytest
import toys

import planner
from planner.cli.plan_shown import _shares_of_cost, print_plan

INPUT = Path(__file__).with_name("negative-total.yaml")


def cost_lines(plan, capsys):
    """The lines of the table of costs."""
    print_plan(plan)
    lines = capsys.readouterr().out.splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("Cost (")) + 2
    return [line.split() for line in lines[start : lines.index("", start)]]


def test_a_negative_total_has_no_shares(capsys):
    plan = planner.solve(INPUT)
    assert plan.objective == pytest.approx(5 - 15)
    assert cost_lines(plan, capsys) == [["production", "5", "-"], ["freight", "-15", "-"]]


def test_a_total_of_zero_has_no_shares(capsys):
    """Ten units for 1 each, which freight pays back."""
    plan = toys.solve(toys.tiny(lanes=[{"from": "plant", "to": "shop", "unit_cost": -1}]))
    assert plan.objective == pytest.approx(0, abs=1e-12)
    assert cost_lines(plan, capsys) == [["production", "10", "-"], ["freight", "-10", "-"]]


def test_a_total_of_rounding_has_no_shares():
    assert _shares_of_cost(pd.Series([0.1, 0.2, -0.3])).isna().all()


def test_parts_of_a_total_above_zero_may_be_negative(capsys):
    plan = toys.solve(toys.tiny(lanes=[{"from": "plant", "to": "shop", "unit_cost": -0.5}]))
    assert cost_lines(plan, capsys) == [["production", "10", "200.0", "%"], ["freight", "-5", "-100.0", "%"]]
