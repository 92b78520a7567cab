"""Service is back in the same period in whatever unit orders are counted: a millionth of the largest is no noise."""

import pytest
import toys
from portions import portion
from units import counted_in

from planner.study.stress.surprise import stress_one
from planner.study.stress.undisturbed import Undisturbed


@pytest.mark.parametrize("factor", portion([1e-7, 1e6, 1.0], quick=2))
def test_when_service_is_back(factor):
    instance = counted_in(toys.tiny(periods=["P1", "P2", "P3"]), {"unit": factor})
    out = toys.scenario({"change": "outage", "where": {"site": "plant"}, "period": "P2"})
    found = stress_one(Undisturbed.of(instance, None), out)
    assert found.lost_units == pytest.approx(10 * factor)
    assert found.back == "P3"
