"""Orders: what may be late, what must be served, and what a lost unit costs."""

import math

import toys


def orders(*demand, periods=("P1", "P2", "P3", "P4"), **tables):
    rows = [{"customer": "shop", "item": "unit", **row} for row in demand]
    network = toys.network(toys.tiny(periods=list(periods), demand=rows, **tables))
    return network, network.orders


def late_costs(*demand, **tables):
    """{period: late cost, None where nothing may be owed} of every period that has a balance."""
    network, found = orders(*demand, **tables)
    return {
        network.labels[row.period]: None if math.isnan(row.late_cost) else row.late_cost for row in found.itertuples()
    }


def test_late_cost_carries_forward_over_periods_without_a_row():
    assert late_costs({"period": "P1", "quantity": 5, "late_cost": 2}) == {"P1": 2, "P2": 2, "P3": 2, "P4": None}


def test_a_later_row_has_its_own_late_cost_from_then_on():
    found = late_costs({"period": "P1", "quantity": 5, "late_cost": 2}, {"period": "P3", "quantity": 5, "late_cost": 7})
    assert found == {"P1": 2, "P2": 2, "P3": 7, "P4": None}


def test_a_later_row_without_a_late_cost_ends_lateness():
    found = late_costs({"period": "P1", "quantity": 5, "late_cost": 2}, {"period": "P3", "quantity": 5})
    assert found == {"P1": 2, "P2": 2, "P3": None}


def test_a_late_cost_of_zero_is_a_late_cost():
    assert late_costs({"period": "P2", "quantity": 5, "late_cost": 0}) == {"P2": 0, "P3": 0, "P4": None}


def test_without_a_late_cost_only_the_ordered_periods_have_a_balance():
    assert late_costs({"period": "P1", "quantity": 5}, {"period": "P3", "quantity": 5}) == {"P1": None, "P3": None}


def test_nothing_is_owed_before_the_first_order():
    assert late_costs({"period": "P3", "quantity": 5, "late_cost": 2}) == {"P3": 2, "P4": None}


def test_items_and_customers_do_not_carry_into_one_another():
    _, found = orders(
        {"period": "P1", "quantity": 5, "late_cost": 2},
        {"item": "other", "period": "P3", "quantity": 5},
        items=[{"item": "unit", "stage": "make"}, {"item": "other", "stage": "make"}],
        processes=[{"site": "plant", "item": "unit"}, {"site": "plant", "item": "other"}],
    )
    assert found[["item", "period"]].values.tolist() == [
        ["other", 2],
        ["unit", 0],
        ["unit", 1],
        ["unit", 2],
        ["unit", 3],
    ]


def test_late_units_by_hand():
    """10 owed over the ends of P1 and P2 at 2 a period, made in P3: 40 for lateness and 10 for making."""
    plan = toys.solve(
        toys.tiny(
            periods=["P1", "P2", "P3", "P4"],
            capacities=[{"site": "plant", "period": "P3", "capacity": 10}],
            demand=[{"customer": "shop", "item": "unit", "period": "P1", "quantity": 10, "price": 100, "late_cost": 2}],
        )
    )
    assert plan.objective == 50
    columns = ["period", "demand", "delivered", "late", "lost", "lateness_cost"]
    assert plan.service[columns].values.tolist() == [
        ["P1", 10, 0, 10, 0, 20],
        ["P2", 0, 0, 10, 0, 20],
        ["P3", 0, 10, 0, 0, 0],
    ]
    assert plan.service_summary == {"demand": 10, "delivered": 10, "late": 20, "lost": 0, "fill_rate": 1}


def test_nothing_is_late_in_the_last_period():
    program = toys.program(
        toys.tiny(
            periods=["P1", "P2"],
            demand=[{"customer": "shop", "item": "unit", "quantity": 5, "price": 9, "late_cost": 1}],
        )
    )
    assert program.late.labels() == [("shop", "unit", "P1")]


def lost_bounds(*demand):
    """(upper bound, cost) of `lost` in one period."""
    return [tuple(row) for row in orders(*demand, periods=["P1"])[0].lost[["upper", "lost_sales"]].to_numpy().tolist()]


def test_must_serve_is_nothing_where_a_price_or_a_lost_cost_is_given():
    assert lost_bounds({"quantity": 10, "price": 4}) == [(10, 4)]
    assert lost_bounds({"quantity": 10, "lost_cost": 6}) == [(10, 6)]
    assert lost_bounds({"quantity": 10, "price": 0}) == [(10, 0)]


def test_must_serve_is_all_where_neither_is_given():
    assert lost_bounds({"quantity": 10}) == [(0, 0)]
    assert lost_bounds({"quantity": 10, "must_serve": 0.25}) == [(7.5, 0)]


def test_a_given_must_serve_counts():
    assert lost_bounds({"quantity": 10, "price": 4, "must_serve": 1}) == [(0, 4)]
    assert lost_bounds({"quantity": 10, "price": 4, "must_serve": 0.4}) == [(6, 4)]


def test_lost_cost_is_the_price_where_none_is_given():
    assert lost_bounds({"quantity": 10, "price": 4, "lost_cost": 0}) == [(10, 0)]
    assert lost_bounds({"quantity": 10, "price": 4, "lost_cost": 9}) == [(10, 9)]


def test_the_promise_by_hand():
    """Making costs 20 and losing 4: only the promised half is made; one unit less of the promise saves 16."""
    plan = toys.solve(
        toys.tiny(
            processes=[{"site": "plant", "item": "unit", "unit_cost": 20}],
            demand=[{"customer": "shop", "item": "unit", "quantity": 10, "price": 4, "must_serve": 0.5}],
        )
    )
    assert plan.objective == 5 * 20 + 5 * 4
    row = toys.choke(plan, "must_serve", name="shop/unit")
    assert (row["used"], row["capacity"], row["utilisation"], row["shadow_price"]) == (5, 5, 1, 16)
    less = toys.tiny(
        processes=[{"site": "plant", "item": "unit", "unit_cost": 20}],
        demand=[{"customer": "shop", "item": "unit", "quantity": 10, "price": 4, "must_serve": 0.4}],
    )
    assert plan.objective - toys.cost(less) == 16


def test_an_order_that_no_chain_reaches_is_an_error_and_one_too_early_a_warning():
    early = toys.tiny(periods=["P1", "P2"], lanes=[{"from": "plant", "to": "shop", "lead_time": 1}])
    assert toys.cost(early) == 1000 + 10
    from planner.network import reach_problems

    assert [(problem.severity, problem.value) for problem in reach_problems(toys.network(early))] == [("warning", "P1")]
    promised = toys.tiny(
        periods=["P1", "P2"],
        lanes=[{"from": "plant", "to": "shop", "lead_time": 1}],
        demand=[{"customer": "shop", "item": "unit", "quantity": 10}],
    )
    assert [problem.severity for problem in reach_problems(toys.network(promised))] == ["error"]


def test_what_is_owed_without_an_order_asks_for_nothing_more():
    owed = [{"customer": "shop", "item": "unit", "quantity": 7, "late_cost": 1, "lost_cost": 5}]
    _, found = orders({"period": "P2", "quantity": 10, "price": 3}, owed=owed)
    first = found[found["period"] == 0].iloc[0]
    assert (first["owed"], first["quantity"], bool(first["ordered"])) == (7.0, 0.0, False)
    assert found.loc[found["period"] == 1, "quantity"].tolist() == [10.0]
