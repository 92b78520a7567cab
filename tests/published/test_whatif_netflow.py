"""Thirty-seven published what-ifs of one network problem: each is a scenario, each answer is known."""

from functools import cache
from pathlib import Path

import pytest
from portions import portion, portion_of_rows

import planner

FOLDER = Path(__file__).parent / "whatif_netflow"
BASE = 5500.0
TOLERANCE = 1e-6

# Scenario -> total cost as published; the scenario's title is the question.
PUBLISHED = {
    "freight-from-Denver-half": 3600,
    "freight-from-Detroit-half": 4650,
    "freight-from-Seattle-half": 5500,
    "freight-to-New-York-plus-48": 9340,
    "freight-to-Denver-plus-36": 5500,
    "freight-to-Detroit-plus-5": 5500,
    "freight-to-Denver-plus-37": 5500,
    "freight-to-Denver-plus-19": 5500,
    "freight-to-Seattle-plus-16": 6140,
    "freight-to-Seattle-plus-5": 5700,
    "freight-to-Boston-plus-9": 6310,
    "freight-to-Denver-plus-23": 5500,
    "freight-to-New-York-plus-39": 8620,
    "Pens-Denver-Seattle-none": 8200,
    "Pencils-Denver-New-York-none": 6000,
    "Pens-Detroit-New-York-none": 7600,
    "Pencils-Denver-Seattle-none": 6100,
    "Pens-Detroit-Boston-none": 8200,
    "Pens-Denver-Boston-one": 5590,
    "Pencils-Denver-Boston-one": 5510,
    "Pencils-Detroit-Boston-one": 5990,
    "Pencils-Denver-New-York-one": 5990,
    "Pens-Denver-Seattle-one": 8110,
    "Pencils-Denver-Seattle-one": 6040,
    "Pens-Detroit-Boston-one": 8110,
    "Pens-New-York-Boston-at-17": 5500,
    "Pencils-Seattle-Boston-at-17": 5500,
    "Pencils-Detroit-Boston-at-24": 6000,
    "Pencils-Seattle-New-York-at-24": 5500,
    "Pencils-Boston-Seattle-at-47": 5500,
    "Pens-Boston-Seattle-at-30": 5500,
    "Pencils-New-York-Detroit-at-3": 5500,
    "Pens-Denver-Seattle-at-42": 5860,
    "Pencils-Boston-Denver-at-9": 5500,
    "Pens-Seattle-Detroit-at-18": 5500,
    "freight-from-New-York-half": 5500,
    "freight-from-Boston-half": 5500,
}

# What-ifs that the change types cannot say word for word: name -> why, and what is said instead.
# All other what-ifs are said literally, so no published question is left out.
SAID_OTHERWISE = {
    "Pencils-Denver-Boston-one": "Forces a flow of 1 where the base plan has none; no change sets a floor on a lane. "
    "Only Detroit and Denver reach Boston, so Detroit's lane is limited to Boston's 50 less 1."
}
# Our own, because no published what-if is infeasible.
OWN = {"own-Seattle-cut-off"}


@cache
def instance():
    return planner.load_instance(FOLDER / "instance.yaml")


@cache
def planned(name):
    return planner.solve(instance(), scenario=name)


def test_every_published_whatif_is_a_scenario():
    names = {scenario.name for scenario in instance().scenarios}
    assert names == set(PUBLISHED) | OWN
    assert len(PUBLISHED) == 37
    assert set(SAID_OTHERWISE) <= names


@pytest.mark.parametrize(("name", "answer"), portion_of_rows(PUBLISHED.items(), quick=3))
def test_whatif(name, answer):
    plan = planned(name)
    assert plan.status == "optimal"
    assert plan.certificate.passed is True
    assert plan.objective == pytest.approx(answer, rel=TOLERANCE)


def test_whatifs_leave_the_base_alone():
    first = next(iter(PUBLISHED))
    assert planned(first).objective != pytest.approx(BASE, rel=TOLERANCE)
    assert planner.solve(instance()).objective == pytest.approx(BASE, rel=TOLERANCE)


@pytest.mark.parametrize("name", portion([name for name in PUBLISHED if name.endswith("-one")], quick=3))
def test_a_flow_fixed_to_one_is_one(name):
    """These are said as limits on a lane; in the optimum the limit is met exactly."""
    item, lane = name.removesuffix("-one").split("-", maxsplit=1)
    shipments = planned(name).shipments
    flow = shipments[(shipments["item"] == item) & (shipments["from"] + "-" + shipments["to"] == lane)]
    assert flow["quantity"].sum() == pytest.approx(1.0, rel=TOLERANCE)


@pytest.mark.parametrize("name", sorted(OWN))
def test_infeasible(name):
    with pytest.raises(planner.InfeasibleError) as caught:
        planner.solve(instance(), scenario=name)
    assert caught.value.conflict
