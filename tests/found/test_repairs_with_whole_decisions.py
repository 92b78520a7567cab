"""Repairs of programs with lots and sources: what a raised capacity is worth is not held back by today's capacity.

Found by writing repairs of random instances down (wide 20): what sites can start at most where a lot is started was
taken from today's capacities, so that plans which a repair allows were left out of its cost.
"""

import sys
from pathlib import Path

import numpy as np
import pytest
import toys

import planner
from planner.instance.policy import Policy
from planner.model.constraints.capacities import LOWER_COMMITMENT
from planner.serve.repairing import repaired
from planner.serve.view import Repair
from planner.solve.levers import Lever

sys.path.insert(0, str(Path(__file__).parent.parent / "properties"))

from test_repairs_written_down import found_repairs

MUST = {"customer": "shop", "item": "unit", "quantity": 10, "price": 100, "must_serve": 1}
LOT = {"site": "plant", "item": "unit", "unit_cost": 1, "min_lot": 1}
SOURCES = {"name": "p", "sources": [{"stage": "make", "max_sources": 1}]}
CASES = {
    "a lot": (
        toys.tiny,
        {"demand": [MUST], "processes": [LOT], "capacities": [{"site": "plant", "capacity": 1}]},
        None,
    ),
    "a source": (
        toys.two_plants,
        {"demand": [MUST], "capacities": [{"site": site, "capacity": 1} for site in ("east", "west")]},
        SOURCES,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_capacity_that_is_raised_far(case):
    """10 are ordered where 1 can be made: the capacity is raised to 10, and all is made for 1 each."""
    make, tables, policy = CASES[case]
    instance, chosen = make(**tables), policy and Policy.model_validate(policy)
    found = {repair.text: repair for repair in found_repairs(planner.formulate(instance, chosen))}
    raised = next((repair for text, repair in found.items() if text.startswith("raise the capacity")), None)
    assert raised is not None, list(found)
    assert "from 1 to 10" in raised.text
    assert raised.cost == pytest.approx(10)
    lines = tuple(Repair(line.rule.name, tuple(sorted(line.labels.items())), line.figures) for line in raised.lines)
    assert planner.solve(*repaired(instance, chosen, lines)).objective == pytest.approx(raised.cost)


def test_what_is_left_of_a_minimum_is_no_noise():
    """548.7 less all but 0.00000047 was written down, for which a lot had to be started: there was no plan."""
    lever = Lever(LOWER_COMMITMENT, {"commitment": "deal"}, 548.7, 548.7, ((0, 1.0),), up=False)
    nothing = np.zeros(0)
    assert lever.written(548.7 - 4.69e-7, nothing) == 0.0
    assert lever.written(548.7 - 0.5, nothing) == pytest.approx(0.5)
