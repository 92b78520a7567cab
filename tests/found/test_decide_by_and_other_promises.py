"""By when to decide: nothing but the limit gives way, each limit is kept by itself, and a part of an option is a part.

Found by tests/oracle (crossed 11042: a hard buffer) and by reading on from there.
"""

import toys

from planner.study.stress.decide_by import decide_by
from planner.study.stress.undisturbed import Undisturbed

PERIODS = ["P1", "P2", "P3"]
HALF = {"name": "half", "stage": "make", "of": "TW", "max_share": 0.5, "per": "horizon"}


def line(**figures):
    """An option of the west, which has 5 a period without it."""
    return [{"option": "line", "site": "west", "period": "P1", "capacity": 10, "unit_cost": 1, **figures}]


def told(limits, policy=None, **tables):
    """Limit, lever and the last first period; east (TW) without end, west 5 a period and the option, 30 ordered."""
    given = {
        "periods": PERIODS,
        "demand": [{"customer": "shop", "item": "unit", "period": "P3", "quantity": 30, "price": 100}],
        "capacities": [{"site": "west", "capacity": 5}],
        "expansions": line(),
        **tables,
    }
    base = Undisturbed.of(toys.two_plants(**given), toys.policy(*limits, **(policy or {})))
    return {(row["limit"], row["lever"]): row["in_time"] for row in decide_by(base).to_dict("records")}


def test_the_limit_alone():
    """Of 30 the west makes 15 in three periods of 5, so that the option is never needed."""
    assert told([HALF]) == {}


def test_a_hard_buffer_is_kept():
    """With 25 in stock at the end of P2, and 5 more from the west in P3, half of the 55 or more is the west's: 27.5 of
    15 without the option, 15 and 10 with it in P3 alone, 15 and 20 from P2 on."""
    buffers = {"buffers": [{"items": ["unit"], "periods_of_cover": 1, "period": "P3"}]}
    assert told([HALF], buffers) == {("half", "line"): "P2", ("all limits", "line"): "P2"}
    soft = {"buffers": [{**buffers["buffers"][0], "soft_cost": 0.1}]}
    assert told([HALF], soft) == {}


def test_an_order_that_must_be_served_is_not_traded_for_another():
    """Half of the club's 12 in P1 is the west's, which needs the option; what the shop loses anyway is no pay for it."""
    orders = [
        {"customer": "shop", "item": "unit", "period": "P2", "quantity": 12, "lost_cost": 0.1},
        {"customer": "club", "item": "unit", "period": "P1", "quantity": 12, "must_serve": 1},
    ]
    customers = [{"customer": "shop", "region": "US"}, {"customer": "club", "region": "US"}]
    lanes = [{"from": site, "to": customer} for site in ("west", "east") for customer in ("shop", "club")]
    found = told([{**HALF, "period": "P1"}], demand=orders, customers=customers, lanes=lanes)
    assert found == {("half", "line"): "P1", ("all limits", "line"): "P1"}


def test_a_part_of_an_option_that_is_bought_is_taken_away_alone():
    """Half of 10 is bought, beside 5: with it from P2 on the west makes 25 of 50, from P3 on 20."""
    orders = [{"customer": "shop", "item": "unit", "period": "P3", "quantity": 50, "price": 100}]
    found = told([HALF], demand=orders, expansions=line(bought=0.5))
    assert found == {("half", "line"): "P2", ("all limits", "line"): "P2"}


def test_what_is_decided_has_no_date_of_decision():
    """It was told to be decided by P1, a period before P2, though half of it is bought already."""
    orders = [{"customer": "shop", "item": "unit", "period": "P3", "quantity": 50, "price": 100}]
    for bought, by in (({"bought": 0.5}, "decided"), ({"capacity": 5}, "P1")):
        options = line(lead_time=1, **bought)
        instance = toys.two_plants(
            periods=PERIODS, demand=orders, capacities=[{"site": "west", "capacity": 5}], expansions=options
        )
        rows = decide_by(Undisturbed.of(instance, toys.policy(HALF)))
        assert rows[["lever", "in_time", "decide_by"]].to_numpy().tolist() == [["line", "P2", by]] * 2


def test_limits_together_are_each_kept():
    """10 of 20 in P1 are the west's, by the option; in P2 none is. 5 less in P1 and 5 more in P2 is no way around it."""
    orders = [{"customer": "shop", "item": "unit", "period": "P1..P2", "quantity": 20, "price": 100}]
    limits = [
        {**HALF, "name": "dear", "period": "P1", "soft_cost": 50},
        {**HALF, "name": "cheap", "period": "P2", "soft_cost": 0.01},
    ]
    assert told(limits, demand=orders) == {("dear", "line"): "P1", ("all limits", "line"): "P1"}
