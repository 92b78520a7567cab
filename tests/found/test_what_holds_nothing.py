"""Rows and limits that hold nothing are said: they were passed over without a word, and a promise was thought kept."""

import pytest
import toys

import planner

TWO = {**toys.TINY, **toys.TWO_PLANTS}


def said(**tables):
    return [(part.severity, part.message) for part in planner.check_instance({**TWO, **tables}).problems]


def test_limits_that_match_nothing():
    """A pathway limit of what nobody orders; one of each cluster where no site names a cluster."""
    [order] = TWO["demand"]
    customers = [*TWO["customers"], {"customer": "other", "region": "US"}]
    lanes = [*TWO["lanes"], {"from": "west", "to": "other"}]
    limit = {"name": "limit", "measure": "pathway", "of": "TW", "max_share": 0.5, "customers": ["other"]}
    policies = [{"name": "held", "limits": [limit]}]
    none = ("warning", "The limit matches no order, so it holds nothing.")
    assert said(customers=customers, lanes=lanes, policies=policies) == [none]
    assert not said(customers=customers, lanes=lanes, policies=policies, demand=[order, {**order, "customer": "other"}])
    assert none not in said(customers=customers, lanes=lanes, policies=policies, elapsed=1)  # its orders may be past
    clusters = [("warning", "No site names a cluster, so the limit holds nothing.")]
    sites = [{"site": name, "region": "US"} for name in ("east", "west")]
    for each in ({"measure": "stage", "stage": "make"}, {"measure": "pathway"}):
        limits = [{"name": "limit", "over": "cluster", "of": "each", "max_share": 0.5, **each}]
        policies = [{"name": "held", "limits": limits}]
        assert said(sites=sites, policies=policies) == clusters
        assert not said(policies=policies)


@pytest.mark.parametrize(
    ("start", "end", "item", "lanes", "limits"),
    [
        ("west", "shop", "*", [("west", "shop", "*")], True),
        ("west", "shop", "unit", [("west", "shop", "*")], True),
        ("west", "shop", "*", [("west", "shop", "unit")], True),
        ("west", "east", "*", [("west", "shop", "*")], False),
        ("west", "shop", "part", [("west", "shop", "unit")], False),
        ("west", "shop", "*", [("region:US", "region:TW", "*")], True),
        ("region:US", "region:TW", "*", [("west", "shop", "*")], True),
        ("region:US", "region:TW", "*", [("west", "east", "*")], True),
        ("region:TW", "region:TW", "*", [("west", "region:TW", "*")], False),
    ],
)
def test_lane_capacities_without_a_lane(start, end, item, lanes, limits):
    given = [{"from": one, "to": other, "item": goods} for one, other, goods in lanes]
    capacities = [{"from": start, "to": end, "item": item, "capacity": 5}]
    items = [*TWO["items"], {"item": "part", "stage": "raw"}]
    found = [text for _, text in said(lanes=given, items=items, lane_capacities=capacities) if "limits nothing" in text]
    what = "anything" if item == "*" else item
    assert found == ([] if limits else [f"No lane takes {what} from {start} to {end}, so this limits nothing."])


def test_rates_written_in_percent():
    """Of duties in tables this was said; not of duties in scenarios, of discounting and of holding."""
    rise = {"name": "rise", "changes": [{"change": "tariff", "add": 25}]}
    calendar = {"first": "2027Q1", "count": 1, "length": "quarter"}
    assert said(discount_rate=8, holding_rate=2, scenarios=[rise], periods=calendar) == [
        ("warning", "A rate of 25 raises duties by 2,500 % of the value of the goods."),
        ("warning", "A rate of 8 is 800 % a year."),
        ("warning", "A rate of 2 is 200 % of an item's value a period."),
    ]
    assert not said(discount_rate=0.08, holding_rate=0.02)


def test_one_id_of_two_rows():
    """The remedy was to keep one of the two, which loses a contract that was meant."""
    contract = {"commitment": "wafers", "site": "west", "item": "unit", "minimum": 1}
    found = planner.check_instance({**TWO, "commitments": [contract, {**contract, "site": "east"}]}).problems
    assert [part.remedy for part in found] == [
        "Keep one of the two rows, or give one commitment another id if both are meant."
    ]
