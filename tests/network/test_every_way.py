"""When one site stands for others through which an item only passes: of instance and policy alone, or as they were before."""

import pandas as pd
import pytest
import toys

from planner.network import build_network
from planner.network.passing import places_of
from planner.network.recourse import Recourse
from planner.network.survival import Survival

SITES = [{"site": name, "region": region} for name, region in (("plant", "A"), ("b1", "B"), ("b2", "B"), ("b3", "B"))]
LANES = [{"from": "region:A", "to": "region:B"}, {"from": "region:B", "to": "shop"}]
EVERY = {("b1", "unit"), ("b2", "unit"), ("b3", "unit")}


def passed(**terms):
    """The sites through which the units of the plant can pass."""
    return places_of(build_network(toys.tiny(sites=SITES, lanes=LANES), None, **terms)) & EVERY


def test_of_instance_and_policy_alone_one_stands_for_the_others():
    assert passed() == {("b1", "unit")}
    assert passed(every_way=True) == EVERY


@pytest.mark.parametrize("name", ["recourse", "survival", "elsewhere"])
def test_where_more_is_given_every_way_is_there_unless_it_is_said_what_is_held(name):
    nothing = pd.DataFrame(columns=["customer", "item", "period", "quantity"]).astype({"quantity": float})
    terms = {"recourse": Recourse(5.0), "survival": Survival(nothing, {}, {}), "elsewhere": {"unit": 1.0}}
    more = {name: terms[name]}
    assert passed(**more) == EVERY
    before = build_network(toys.tiny(sites=SITES, lanes=LANES))
    assert passed(**more, holding=before) == {("b1", "unit")}
    assert passed(**more, holding=before, every_way=True) == EVERY
    other = [*LANES, {"from": "plant", "to": "b2"}]  # b2 has a lane of its own, so that b1 and b2 are there
    before = build_network(toys.tiny(sites=SITES, lanes=other))
    assert passed(**more, holding=before) == {("b1", "unit"), ("b2", "unit")}


def test_a_network_of_none_has_no_places():
    assert places_of(None) == frozenset()
