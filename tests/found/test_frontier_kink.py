"""A frontier has an answer at the very kink of its curve, where a plain solve has one."""

from functools import cache
from pathlib import Path

import pytest

import planner
from planner.instance.policy import Policy
from planner.study.frontier.price_of_resilience import frontier

INSTANCE = Path(__file__).parent / "frontier-kink"
KINK = 0.256612525278


@cache
def curve():
    return frontier(INSTANCE, "tw-cap", ["tw-wafer"], marks=False)


def planned(level):
    """The least cost at a level, of a program of its own."""
    instance = planner.load_instance(INSTANCE)
    chosen = instance.policy("tw-cap").model_dump()
    limits = [part | ({"max_share": level} if part["name"] == "tw-wafer" else {}) for part in chosen["limits"]]
    return planner.solve(instance, Policy.model_validate({**chosen, "limits": limits})).objective


def test_every_level_is_answered():
    found = curve()
    assert set(found.points["status"]) == {"optimal"}
    assert not found.breaks
    corners = found.points.loc[found.points["kind"] == "breakpoint", "level"]
    assert list(corners) == [pytest.approx(0.532950, abs=1e-6), pytest.approx(KINK, abs=1e-9)]


def test_the_kink_costs_what_a_plain_solve_says():
    table = curve().points
    for row in table[table["level"] < 0.3].itertuples():
        assert row.cost == pytest.approx(planned(row.level), rel=1e-9)


def test_the_price_is_that_of_the_tighter_side():
    table = curve().tightening
    inner = table[table["kind"].isin(["breakpoint", "between", "policy"])]
    straight = inner["price_beyond"].to_numpy()
    assert inner["price_per_point"].to_numpy() == pytest.approx(straight, rel=1e-6)
