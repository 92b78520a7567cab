"""Actual deliveries that are not those planned say nothing of where the goods are: the roll says what it takes them for.

Units that were not delivered were in no stock any more, without a word, and had to be made again.
"""

import pytest
import toys

import planner
from planner.instance.records import Delivery, Stock

ORDERS = [
    {"customer": "shop", "item": "unit", "period": period, "quantity": 1000, "price": 9, "late_cost": 1}
    for period in ("P1", "P2")
]


@pytest.fixture(scope="module")
def plan():
    return planner.solve(toys.tiny(periods=["P1", "P2"], demand=ORDERS))


def notes(plan, delivered, stocks=()):
    actual = Delivery(customer="shop", item="unit", period="P1", quantity=delivered)
    return list(planner.roll(plan, "P2", planner.Actuals(deliveries=(actual,), stocks=stocks)).notes)


@pytest.mark.parametrize(
    ("delivered", "said"),
    [(900, "Of unit, 100 units fewer were delivered than planned"), (1200, "Of unit, 200 units more were delivered")],
)
def test_deliveries_alone(plan, delivered, said):
    [note] = notes(plan, delivered)
    assert note.startswith(said)
    assert note.endswith("Say in stocks.csv or arrivals.csv what is there.")
    assert ("count as gone" in note) == (delivered < 1000)


def test_nothing_is_said_where_stock_is_given_or_units_are_rounded(plan):
    assert notes(plan, 900, (Stock(site="plant", item="unit", opening=100),)) == []
    assert notes(plan, 1000) == notes(plan, 999.6) == []
