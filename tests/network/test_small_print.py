"""Conditions that only a special case can tell: one decision of 0 or 1 alone, names alike, little of something."""

import pandas as pd
import pytest
import toys

from planner.instance.policy import Policy
from planner.network import build_network
from planner.network.needed import MARGIN, bounded
from planner.network.outline import customers_alike
from planner.network.usable import needs
from planner.network.watches import watches_of

LARGE = {"option": "large", "site": "plant", "period": "1", "capacity": 1e9}


def test_an_operator_that_is_called_like_a_group_of_regions_is_not_that_group():
    sites = [{"site": "east", "region": "TW", "operator": "asia"}, {"site": "west", "region": "US", "operator": "two"}]
    instance = toys.two_plants(sites=sites, region_groups={"asia": ["TW"], "two": ["TW"]})
    limits = [{"measure": "pathway", "over": "operator", "of": of, "max_share": 1} for of in ("two", "asia")]
    found = watches_of(instance, toys.policy(*limits))
    assert [(watch.of, set(watch.sites)) for watch in found] == [("asia", {"east"}), ("two", {"west"})]
    (group,) = watches_of(instance, toys.policy({"measure": "pathway", "of": "two", "max_share": 1}))
    assert set(group.sites) == {"east"}


@pytest.mark.parametrize(
    "options",
    [
        [{**LARGE, "fixed_cost": 5}],  # decided whether it is opened at all
        [{**LARGE, "all_or_nothing": "yes"}, {**LARGE, "option": "other", "capacity": 3, "unit_cost": 1}],
    ],
    ids=["one that is opened", "one of two is bought whole"],
)
def test_an_option_gives_no_more_than_can_be_used_of_it(options):
    """Ten are ordered at one unit of capacity each: of a billion 2 * 10 count, so that a trace of it gives nothing."""
    instance = toys.tiny(capacities=[{"site": "plant", "capacity": 4}], expansions=options)
    network = toys.network(instance)
    usable = dict(zip(network.expand_capacity["option"], network.expand_capacity["usable"], strict=True))
    assert usable["large"] == MARGIN * 10
    assert needs(network) == {"unit": 10}
    assert network.open["usable"].tolist() == [MARGIN * 10 / 1e9] * len(network.open)


def test_one_process_in_lots_beside_one_that_is_not_is_bounded_by_need():
    """Ten are ordered, and to make the smallest lot of four another four may be left over."""
    east, west = toys.TWO_PLANTS["processes"]
    network = toys.network(toys.two_plants(processes=[{**east, "min_lot": 4}, west]))
    assert network.lot[["site", "min_lot", "most"]].values.tolist() == [["east", 4, MARGIN * 14]]
    assert needs(network) == {"unit": 14}
    assert needs(toys.network(toys.two_plants())) == {}


def test_less_than_one_unit_that_is_needed_is_a_bound_too():
    rows = pd.DataFrame({"site": ["a", "b", "c"]})
    found = bounded(rows, pd.Series([float("inf")] * 3), pd.Series([0.25, 1.0, 0.0]))
    assert found["most"].tolist() == [MARGIN * 0.25, MARGIN, MARGIN]


def test_a_buffer_of_less_than_one_unit_is_one():
    demand = [{"customer": "shop", "item": "unit", "period": f"P{number}", "quantity": 0.5} for number in (1, 2)]
    instance = toys.tiny(periods=["P1", "P2"], demand=demand)
    policy = Policy.model_validate({"name": "p", "buffers": [{"stage": "make", "periods_of_cover": 1}]})
    limits = build_network(instance, policy).limits
    assert limits[["of", "period", "demand"]].values.tolist() == [["unit", "P1", 0.5], ["unit", "P2", 0.5]]


def test_customers_with_other_goods_on_the_way_are_not_alike():
    shops = [{"customer": name, "region": "TW"} for name in ("one", "two", "three")]
    instance = toys.tiny(
        customers=shops,
        demand=[{"customer": row["customer"], "item": "unit", "quantity": 1} for row in shops],
        lanes=[{"from": "plant", "to": row["customer"]} for row in shops],
        arrivals=[{"site": "three", "item": "unit", "period": "1", "quantity": 1}],
    )
    assert customers_alike(instance) == {"one": "one", "two": "one", "three": "three"}
