"""Orders traced back by hand: two fabs and two packaging sites, yields, lead times, stock, classes, circles."""

import pandas as pd
import pytest
import toys

import planner
from planner.plan import tracing
from planner.plan.allocation import EXACT, PROPORTIONAL, Trace, allocation_table
from planner.plan.pools import Order, Rest

COLUMNS = {
    "production": ["site", "item", "recipe", "period", "touched", "started", "finished"],
    "shipments": ["from", "to", "item", "period", "arrives", "touched", "quantity"],
    "stock": ["site", "item", "period", "touched", "quantity"],
    "relabelled": ["site", "item", "period", "touched", "as", "quantity"],
    "service": ["customer", "item", "period", "demand", "delivered", "late", "lost"],
}

CHAIN = {
    "name": "chain",
    "periods": ["P1", "P2", "P3"],
    "stages": ["wafer", "packaging"],
    "sites": [
        {"site": "fab-a", "region": "TW"},
        {"site": "fab-b", "region": "US", "operator": "beta"},
        {"site": "pack-a", "region": "TW"},
        {"site": "pack-b", "region": "US"},
    ],
    "items": [{"item": "die", "stage": "wafer"}, {"item": "chip", "stage": "packaging"}],
    "processes": [
        {"site": "fab-a", "item": "die", "yield": 0.5, "lead_time": 1},
        {"site": "fab-b", "item": "die", "lead_time": 1},
        {"site": "pack-a", "item": "chip", "yield": 0.8},
        {"site": "pack-b", "item": "chip"},
    ],
    "components": [{"item": "chip", "component": "die", "quantity": 2}],
    "customers": [{"customer": "shop", "region": "US"}],
    "demand": [{"customer": "shop", "item": "chip", "quantity": 50, "price": 1}],
    "lanes": [{"from": "region:TW", "to": "region:TW"}, {"from": "region:US", "to": "region:US"}],
}


def tables(*, by_class=False, **rows):
    """The tables of a plan from rows without the columns that the trace does not read."""
    found = {}
    for name, columns in COLUMNS.items():
        if name == "relabelled" and not by_class:
            continue
        wanted = [column for column in columns if by_class or column != "touched"]
        found[name] = pd.DataFrame(rows.get(name, []), columns=wanted)
    return found


def instance(**changes):
    return planner.load_instance({**CHAIN, **changes})


def rows(table):
    return [tuple(row) for row in table.itertuples(index=False)]


def two_fabs():
    """Yields, lead times and stock over three periods."""
    return tables(
        production=[
            ("fab-a", "die", "standard", "P1", 120.0, 60.0),
            ("fab-a", "die", "standard", "P2", 40.0, 20.0),
            ("fab-b", "die", "standard", "P1", 40.0, 40.0),
            ("pack-a", "chip", "standard", "P2", 30.0, 24.0),
            ("pack-a", "chip", "standard", "P3", 10.0, 8.0),
            ("pack-b", "chip", "standard", "P2", 10.0, 10.0),
        ],
        shipments=[
            ("fab-a", "pack-a", "die", "P2", "P2", 60.0),
            ("fab-a", "pack-a", "die", "P3", "P3", 20.0),
            ("fab-b", "pack-a", "die", "P2", "P2", 20.0),
            ("fab-b", "pack-b", "die", "P2", "P2", 20.0),
            ("pack-a", "shop", "chip", "P2", "P2", 24.0),
            ("pack-a", "shop", "chip", "P3", "P3", 8.0),
            ("pack-b", "shop", "chip", "P2", "P2", 10.0),
        ],
        stock=[("pack-a", "die", "P2", 20.0), ("pack-a", "die", "P3", 20.0)],
        service=[
            ("shop", "chip", "P1", 50.0, 0.0, 0.0, 50.0),
            ("shop", "chip", "P2", 50.0, 34.0, 0.0, 16.0),
            ("shop", "chip", "P3", 50.0, 8.0, 0.0, 42.0),
        ],
    )


def test_two_fabs_mix_in_the_pool_of_a_packaging_site():
    """P2: 60 and 20 dies mix at pack-a. P3: 20 carried (15 and 5) mix with 20 new ones: 35 and 5 of 40."""
    found = allocation_table(instance(), two_fabs())
    assert list(found.columns) == ["customer", "product", "period", "wafer", "packaging", "quantity"]
    assert rows(found) == [
        ("shop", "chip", "P2", "fab-a", "pack-a", 18.0),
        ("shop", "chip", "P2", "fab-b", "pack-a", 6.0),
        ("shop", "chip", "P2", "fab-b", "pack-b", 10.0),
        ("shop", "chip", "P3", "fab-a", "pack-a", 7.0),
        ("shop", "chip", "P3", "fab-b", "pack-a", 1.0),
    ]


def test_an_order_takes_its_part_of_each_start_and_shipment():
    """The order of P3 takes 20 dies: an eighth of what was good in P1 at fab-a, half of what was in P2."""
    trace = Trace(instance(), two_fabs())
    part = trace.part(Order("shop", "chip", 2))
    assert rows(part.production[["site", "period", "started", "finished"]]) == [
        ("fab-a", "P1", pytest.approx(15.0), pytest.approx(7.5)),
        ("fab-a", "P2", pytest.approx(20.0), pytest.approx(10.0)),
        ("fab-b", "P1", pytest.approx(2.5), pytest.approx(2.5)),
        ("pack-a", "P3", pytest.approx(10.0), pytest.approx(8.0)),
    ]
    assert rows(part.stock[["site", "period", "quantity"]]) == [("pack-a", "P2", pytest.approx(10.0))]
    assert part.shipments["quantity"].tolist() == pytest.approx([7.5, 10.0, 2.5, 8.0])
    assert part.supplies.empty


def test_what_is_left_is_accounted_for():
    part = Trace(instance(), two_fabs()).part(Rest.KEPT)
    assert part.production["site"].tolist() == ["fab-a", "fab-a", "fab-b"]
    assert part.production["finished"].tolist() == pytest.approx([7.5, 10.0, 2.5])
    assert part.stock["quantity"].tolist() == pytest.approx([10.0, 20.0])


def test_sites_of_an_order_stand_from_the_last_stage_to_the_first():
    trace = Trace(instance(), two_fabs())
    found = trace.sites(Order("shop", "chip", 1))
    assert rows(found[["stage", "item", "site", "operator", "first", "units", "share"]]) == [
        ("packaging", "chip", "pack-a", "pack-a", "P2", 24.0, pytest.approx(24 / 34)),
        ("packaging", "chip", "pack-b", "pack-b", "P2", 10.0, pytest.approx(10 / 34)),
        ("wafer", "die", "fab-a", "fab-a", "P1", 45.0, 0.5625),
        ("wafer", "die", "fab-b", "beta", "P1", 35.0, 0.4375),
    ]
    assert found["started"].tolist()[2:] == [90.0, 35.0]
    assert trace.convention == PROPORTIONAL
    assert trace.touched(Order("shop", "chip", 1)).empty


def test_opening_stock_and_arrivals_are_marked_and_have_no_earlier_site():
    given = instance(
        stocks=[{"site": "pack-a", "item": "chip", "opening": 6}, {"site": "pack-b", "item": "die", "opening": 8}],
        arrivals=[{"site": "pack-b", "item": "chip", "period": "P1", "quantity": 2}],
    )
    plan = tables(
        production=[("pack-b", "chip", "standard", "P1", 4.0, 4.0)],
        shipments=[("pack-a", "shop", "chip", "P1", "P1", 6.0), ("pack-b", "shop", "chip", "P1", "P2", 3.0)],
        stock=[("pack-b", "chip", period, 3.0) for period in ("P1", "P2", "P3")],
        service=[("shop", "chip", "P1", 6.0, 6.0, 0.0, 0.0), ("shop", "chip", "P2", 3.0, 3.0, 0.0, 0.0)],
    )
    trace = Trace(given, plan)
    assert rows(trace.allocation) == [
        ("shop", "chip", "P1", "", "pack-a (stock)", 6.0),
        ("shop", "chip", "P2", "", "pack-b (stock)", 1.0),
        ("shop", "chip", "P2", "pack-b (stock)", "pack-b", 2.0),
    ]
    assert rows(trace.sites(Order("shop", "chip", 1))[["item", "site", "units"]]) == [
        ("chip", "pack-b", 2.0),
        ("chip", "pack-b (stock)", 1.0),
        ("die", "pack-b (stock)", 4.0),
    ]
    assert rows(trace.part(Rest.KEPT).supplies) == [("pack-b", "chip", "P1", "", 1.0), ("pack-b", "die", "P1", "", 4.0)]


JOINED = {
    "items": [{"item": name, "stage": "wafer"} for name in ("top", "base")] + [{"item": "chip", "stage": "packaging"}],
    "processes": [{"site": site, "item": item} for site in ("fab-a", "fab-b") for item in ("top", "base")]
    + [{"site": "pack-a", "item": "chip"}, {"site": "pack-a", "item": "chip", "recipe": "lean"}],
    "components": [
        {"item": "chip", "component": "top", "quantity": 1},
        {"item": "chip", "component": "base", "quantity": 1},
    ],
}


def joined():
    """Two components of one stage, each from both fabs: top 8 and 2 of 10, base 4 and 6 of 10."""
    made = {("fab-a", "top"): 8.0, ("fab-b", "top"): 2.0, ("fab-a", "base"): 4.0, ("fab-b", "base"): 6.0}
    return tables(
        production=[(site, item, "standard", "P1", units, units) for (site, item), units in sorted(made.items())]
        + [("pack-a", "chip", "standard", "P1", 10.0, 10.0)],
        shipments=[(site, "pack-a", item, "P1", "P1", units) for (site, item), units in sorted(made.items())]
        + [("pack-a", "shop", "chip", "P1", "P1", 10.0)],
        service=[("shop", "chip", "P1", 10.0, 10.0, 0.0, 0.0)],
    )


def test_components_of_one_stage_meet_in_proportion():
    assert [(row[3], row[5]) for row in rows(allocation_table(instance(**JOINED), joined()))] == [
        ("fab-a", pytest.approx(3.2)),
        ("fab-a+fab-b", pytest.approx(0.8 * 6 + 0.2 * 4)),
        ("fab-b", pytest.approx(1.2)),
    ]


def test_lots_meet_in_order_where_there_would_be_too_many_routes(monkeypatch):
    """8 and 2 beside 4 and 6: 4 meet their like, 4 the other, 2 their like."""
    monkeypatch.setattr(tracing, "MOST_ROUTES", 3)
    assert [(row[3], row[5]) for row in rows(allocation_table(instance(**JOINED), joined()))] == [
        ("fab-a", pytest.approx(4.0)),
        ("fab-a+fab-b", pytest.approx(4.0)),
        ("fab-b", pytest.approx(2.0)),
    ]


@pytest.mark.parametrize("most", [0, 10**6])
def test_lots_that_meet_keep_their_shares(monkeypatch, most):
    monkeypatch.setattr(tracing, "MOST_ROUTES", most)
    left = {(1 << k, 0): share for k, share in enumerate([0.1, 0.2, 0.3, 0.4])}
    right = {(0, 1 << k): share for k, share in enumerate([0.25, 0.7, 0.05])}
    found = tracing.met(left, right)
    assert len(found) <= (6 if most == 0 else 12)
    for (bits, _), share in left.items():
        assert sum(part for route, part in found.items() if route[0] == bits) == pytest.approx(share)
    for (_, bits), share in right.items():
        assert sum(part for route, part in found.items() if route[1] == bits) == pytest.approx(share)


def test_a_recipe_without_a_component_leaves_its_stage_empty():
    given = instance(
        items=[*CHAIN["items"], {"item": "lid", "stage": "lids"}],
        stages=["wafer", "lids", "packaging"],
        processes=[
            {"site": "fab-a", "item": "die"},
            {"site": "fab-b", "item": "lid"},
            {"site": "pack-a", "item": "chip"},
            {"site": "pack-a", "item": "chip", "recipe": "lean"},
        ],
        components=[
            {"item": "chip", "component": "die", "quantity": 1},
            {"item": "chip", "recipe": "standard", "component": "lid", "quantity": 1},
            {"item": "chip", "recipe": "lean", "component": "die", "quantity": 0.5},
        ],
        demand=[{"customer": "shop", "item": "chip", "quantity": 4}],
    )
    plan = tables(
        production=[
            ("fab-a", "die", "standard", "P1", 2.5, 2.5),
            ("fab-b", "lid", "standard", "P1", 1.0, 1.0),
            ("pack-a", "chip", "lean", "P1", 3.0, 3.0),
            ("pack-a", "chip", "standard", "P1", 1.0, 1.0),
        ],
        shipments=[
            ("fab-a", "pack-a", "die", "P1", "P1", 2.5),
            ("fab-b", "pack-a", "lid", "P1", "P1", 1.0),
            ("pack-a", "shop", "chip", "P1", "P1", 4.0),
        ],
        service=[("shop", "chip", "P1", 4.0, 4.0, 0.0, 0.0)],
    )
    trace = Trace(given, plan)
    assert [row[3:] for row in rows(trace.allocation)] == [
        ("fab-a", "", "pack-a", 3.0),
        ("fab-a", "fab-b", "pack-a", 1.0),
    ]
    assert trace.part(Order("shop", "chip", 0)).production["started"].tolist() == pytest.approx([2.5, 1, 3, 1])


HUBS = {
    "sites": [{"site": name, "region": "TW"} for name in ("one", "two", "hub", "yard")],
    "items": [{"item": "chip", "stage": "packaging"}],
    "stages": ["packaging"],
    "processes": [{"site": "one", "item": "chip"}, {"site": "two", "item": "chip"}],
    "components": [],
    "customers": [{"customer": name, "region": "US"} for name in ("north", "south")],
    "demand": [{"customer": name, "item": "chip", "quantity": 9} for name in ("north", "south")],
}


def circle(*, around, lost=()):
    """10 from `one` enter at the hub and 10 from `two` at the yard; some go from the one to the other and back."""
    return tables(
        production=[(site, "chip", "standard", "P1", 10.0, 10.0) for site in ("one", "two")],
        shipments=[
            ("one", "hub", "chip", "P1", "P1", 10.0),
            ("two", "yard", "chip", "P1", "P1", 10.0),
            ("hub", "yard", "chip", "P1", "P1", around),
            ("yard", "hub", "chip", "P1", "P1", around),
            ("hub", "north", "chip", "P1", "P1", 10.0),
            ("yard", "south", "chip", "P1", "P1", 10.0),
            *lost,
        ],
        service=[(name, "chip", "P1", 10.0, 10.0, 0.0, 0.0) for name in ("north", "south")],
    )


def test_units_that_go_in_a_circle_within_a_period_mix():
    """h = (10 one + 5 y) / 15 and y = (10 two + 5 h) / 15: three quarters of the hub came from `one`."""
    trace = Trace(instance(**HUBS), circle(around=5.0))
    assert [(row[0], row[3], row[4]) for row in rows(trace.allocation)] == [
        ("north", "one", pytest.approx(7.5)),
        ("north", "two", pytest.approx(2.5)),
        ("south", "one", pytest.approx(2.5)),
        ("south", "two", pytest.approx(7.5)),
    ]
    parts = [trace.part(end).shipments["quantity"].tolist() for end in trace.pools.orders]
    assert [sum(part) for part in zip(*(part[:4] for part in parts), strict=True)] == pytest.approx([10, 10, 5, 5])
    assert trace.part(Rest.KEPT).shipments.empty


def test_a_circle_from_nowhere_to_nowhere_ends():
    lost = [("one", "two", "chip", "P2", "P2", 3.0), ("two", "one", "chip", "P2", "P2", 3.0)]
    trace = Trace(instance(**HUBS), circle(around=0.0, lost=lost))
    assert trace.allocation["quantity"].sum() == pytest.approx(20.0)
    kept = trace.part(Rest.KEPT).shipments
    assert kept["period"].tolist() == ["P2", "P2"]


def classes():
    """Watched: TW. pack-b takes 10 clear dies, and 4 more of class TW of which one is a clear one used as if not."""
    return tables(
        by_class=True,
        production=[
            ("fab-a", "die", "standard", "P1", "TW", 12.0, 6.0),
            ("fab-b", "die", "standard", "P1", "", 22.0, 22.0),
            ("pack-b", "chip", "standard", "P2", "", 10.0, 10.0),
            ("pack-b", "chip", "standard", "P2", "TW", 4.0, 4.0),
        ],
        shipments=[
            ("fab-a", "pack-b", "die", "P2", "P2", "TW", 6.0),
            ("fab-b", "pack-b", "die", "P2", "P2", "", 22.0),
            ("pack-b", "shop", "chip", "P2", "P2", "", 10.0),
            ("pack-b", "shop", "chip", "P2", "P2", "TW", 4.0),
        ],
        relabelled=[("pack-b", "die", "P2", "", "TW", 2.0)],
        service=[("shop", "chip", "P2", 14.0, 14.0, 0.0, 0.0)],
    )


def test_classes_do_not_mix_but_by_relabelling():
    trace = Trace(instance(), classes())
    assert [row[3:] for row in rows(trace.allocation)] == [("fab-a", "pack-b", 3.0), ("fab-b", "pack-b", 11.0)]
    order = Order("shop", "chip", 1)
    assert rows(trace.touched(order)[["touched", "quantity"]]) == [("", 10.0), ("TW", 4.0)]
    assert trace.convention == EXACT
    part = trace.part(order).production
    assert rows(part[["site", "touched", "finished"]])[:2] == [("fab-a", "TW", 6.0), ("fab-b", "", 22.0)]


def test_opening_stock_is_of_the_class_that_lacks_it():
    given = instance(stocks=[{"site": "pack-a", "item": "chip", "opening": 5, "touched": "TW"}])
    plan = tables(
        by_class=True,
        shipments=[("pack-a", "shop", "chip", "P1", "P1", "TW", 5.0)],
        service=[("shop", "chip", "P1", 5.0, 5.0, 0.0, 0.0)],
    )
    trace = Trace(given, plan)
    assert [row[3:] for row in rows(trace.allocation)] == [("", "pack-a (stock)", 5.0)]
    assert rows(trace.part(Order("shop", "chip", 0)).supplies) == [("pack-a", "chip", "P1", "TW", 5.0)]


def test_what_rounding_leaves_without_a_source_has_no_sites():
    plan = tables(service=[("shop", "chip", "P1", 5.0, 1e-7, 0.0, 5.0)])
    assert rows(allocation_table(instance(), plan)) == [("shop", "chip", "P1", "", "", 1e-7)]


def test_a_plan_of_nothing_has_no_rows():
    found = allocation_table(instance(), tables())
    assert found.empty
    assert list(found.columns) == ["customer", "product", "period", "wafer", "packaging", "quantity"]


def test_a_stage_that_is_called_like_another_column():
    given = instance(
        stages=["wafer", "product"], items=[{"item": "die", "stage": "wafer"}, {"item": "chip", "stage": "product"}]
    )
    assert list(allocation_table(given, two_fabs()).columns)[3:5] == ["wafer", "product (stage)"]


def test_tables_of_another_instance_are_refused():
    plan = two_fabs()
    plan["production"].loc[0, "site"] = "pack-a"
    with pytest.raises(planner.UsageError, match="starts die at pack-a in P1"):
        allocation_table(instance(), plan)


def test_the_toy_chain_adds_up():
    given = toys.toy()
    plan = toys.solve(given)
    found = allocation_table(given, plan.tables)
    assert {"wafer", "memory", "packaging", "test"} <= set(found.columns)
    sums = found.groupby(["customer", "product", "period"])["quantity"].sum()
    served = plan.service[plan.service["delivered"] > 0].set_index(["customer", "item", "period"])["delivered"]
    assert sums.to_dict() == pytest.approx(served.to_dict(), rel=1e-8)


def test_goods_on_the_way_to_a_customer_are_no_stock_of_theirs():
    """A customer keeps no stock; the order came from `shop (stock)`, a site that there is not."""
    lane = [{"from": "plant", "to": "shop", "lead_time": 1}]
    plan = toys.solve(toys.tiny(periods=["P1", "P2", "P3"], lanes=lane))
    again = toys.solve(planner.roll(plan, "P2").instance)
    assert list(again.allocation["make"]) == ["shop (on the way)", "plant"]
    found = Trace(again.instance, again.tables).sites(Order("shop", "unit", 0))
    assert list(found["site"]) == ["shop (on the way)"]
