"""Stock: where it may stand, its bounds, and what keeping it costs."""

import toys

TWO = {"periods": ["P1", "P2", "P3"]}


def holding(**tables):
    network = toys.network(toys.tiny(**tables))
    return network.stock["holding"].tolist()


def test_holding_cost_of_the_stock_row_beats_the_items_and_that_the_rate():
    item = {"item": "unit", "stage": "make", "value": 10}
    assert holding(holding_rate=0.2, items=[item]) == [2]
    assert holding(holding_rate=0.2, items=[{**item, "holding_cost": 3}]) == [3]
    stocks = [{"site": "plant", "item": "unit", "holding_cost": 5}]
    assert holding(holding_rate=0.2, items=[{**item, "holding_cost": 3}], stocks=stocks) == [5]


def test_a_holding_cost_of_zero_is_a_holding_cost():
    item = {"item": "unit", "stage": "make", "value": 10, "holding_cost": 0}
    assert holding(holding_rate=0.2, items=[item]) == [0]
    stocks = [{"site": "plant", "item": "unit", "holding_cost": 0}]
    assert holding(holding_rate=0.2, items=[{**item, "holding_cost": 3}], stocks=stocks) == [0]


def test_a_stock_row_without_a_holding_cost_takes_the_items():
    stocks = [{"site": "plant", "item": "unit", "opening": 1}]
    assert holding(holding_rate=0.2, stocks=stocks) == [2]


ORDER = [{"customer": "shop", "item": "unit", "period": "P3", "quantity": 10, "price": 100}]
EARLY = {"capacities": [{"site": "plant", "period": "P1", "capacity": 10}], "demand": ORDER, **TWO}


def test_stock_anywhere_or_listed():
    """Made in P1 for P3: kept over two ends of period where it may be, else lost."""
    free = {"holding_rate": 0.1}
    assert toys.cost(toys.tiny(**EARLY, **free)) == 10 + 20
    assert toys.cost(toys.tiny(**EARLY, **free, stock="listed")) == 1000
    listed = toys.tiny(**EARLY, **free, stock="listed", stocks=[{"site": "plant", "item": "unit"}])
    assert toys.cost(listed) == 10 + 20


def test_maximum():
    """7 can be kept, so 3 are lost."""
    assert toys.cost(toys.tiny(**EARLY, stocks=[{"site": "plant", "item": "unit", "maximum": 7}])) == 7 + 300


def test_minimum_in_every_period_and_closing_minimum_in_the_last():
    bounds = toys.program(
        toys.tiny(
            **TWO,
            stocks=[{"site": "plant", "item": "unit", "opening": 9, "minimum": 2, "closing_minimum": 5, "maximum": 8}],
        )
    ).stock.labelled
    assert bounds["lower"].tolist() == [2, 2, 5]
    assert bounds["upper"].tolist() == [8, 8, 8]
    least = toys.network(
        toys.tiny(**TWO, stocks=[{"site": "plant", "item": "unit", "minimum": 3, "closing_minimum": 1}])
    )
    assert least.stock["lower"].tolist() == [3, 3, 3]


def test_minimum_by_hand():
    """Of the opening 9, 2 stay to the end of P2 and 5 at the end of P3: 10 + 5 - 9 are made."""
    plan = toys.solve(
        toys.tiny(
            **TWO,
            demand=ORDER,
            holding_rate=0.1,
            stocks=[{"site": "plant", "item": "unit", "opening": 9, "minimum": 2, "closing_minimum": 5}],
        )
    )
    assert toys.cost_of(plan, "production") == 6
    # nothing can leave before P3, so 9 are kept twice, then 5; each at 1
    assert plan.stock["quantity"].tolist() == [9, 9, 5]
    assert toys.cost_of(plan, "holding") == 23


def test_a_minimum_of_an_item_that_nobody_orders_is_kept():
    plan = toys.solve(
        toys.tiny(
            items=[{"item": "unit", "stage": "make"}, {"item": "spare", "stage": "make"}],
            processes=[
                {"site": "plant", "item": "unit", "unit_cost": 1},
                {"site": "plant", "item": "spare", "unit_cost": 2},
            ],
            stocks=[{"site": "plant", "item": "spare", "closing_minimum": 4}],
        )
    )
    assert plan.objective == 10 + 8


def test_stock_is_kept_at_sites_only():
    network = toys.network(toys.toy())
    assert set(network.stock["site"]) <= {row.site for row in network.instance.sites}


def test_opening_stock_and_arrivals_of_one_period_add_up():
    network = toys.network(
        toys.tiny(
            stocks=[{"site": "plant", "item": "unit", "opening": 4}],
            arrivals=[
                {"site": "plant", "item": "unit", "period": "1", "quantity": 3},
                {"site": "plant", "item": "unit", "period": "1", "quantity": 2, "touched": "TW"},
            ],
        )
    )
    assert network.flow["supply"].tolist() == [9]
