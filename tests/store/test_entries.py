"""What the list of runs has of a plan, figure by figure."""

import math
from dataclasses import replace

import pytest
import toys

from planner.store.plans import plan_entry


def test_the_figures_of_a_plan():
    """6 of 10 are made at 1 a unit, 4 are lost at 100; a share of the time is the solver's."""
    plan = toys.solve(toys.tiny(capacities=[{"site": "plant", "capacity": 6}]))
    timed = replace(plan, timings={"build": 0.25, "solve": 0.5})
    entry = plan_entry(timed)
    assert entry.figures == {
        "objective": 406,
        "margin": 6 * 99,
        "demand": 10,
        "delivered": 6,
        "late": 0,
        "lost": 4,
        "fill_rate": 0.6,
        "gap": 0,
        "solver_seconds": 0.5,
        "seconds": 0.75,
    }
    assert (entry.kind, entry.instance, entry.policy, entry.scenario, entry.status) == ("plan", "tiny", None, None, "optimal")  # fmt: skip


@pytest.mark.parametrize(("gap", "kept"), [(0.0, 0.0), (0.25, 0.25), (math.inf, None)])
def test_a_gap_that_is_not_known_is_none(gap, kept):
    plan = replace(toys.solve(toys.tiny()), gap=gap)
    assert plan_entry(plan).figures["gap"] == kept
