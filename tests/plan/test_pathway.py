"""Pathway exposure by hand: small chains in which every unit can be followed with a pencil."""

import json
import math

import numpy as np
import pandas as pd
import pytest
import toys

import planner
from planner.network.watches import watches_of
from planner.plan.columns import COLUMNS
from planner.plan.measures import pathway_exposure, pathway_summary, pathway_table

PERIODS = ["P1", "P2"]


def chain(**tables):
    """Two fabs make 10 dies each, which meet in a bank; 10 of them are packaged in TW and 10 in the US."""
    given = {
        "name": "chain",
        "stages": ["wafer", "memory", "packaging"],
        "region_groups": {"asia": ["TW", "KR"], "both": ["TW", "US"]},
        "sites": [
            {"site": "fab-tw", "region": "TW", "operator": "alpha"},
            {"site": "fab-us", "region": "US", "operator": "beta"},
            {"site": "mem-kr", "region": "KR"},
            {"site": "mem-us", "region": "US"},
            {"site": "bank", "region": "SG"},
            {"site": "pack-tw", "region": "TW", "operator": "beta"},
            {"site": "pack-us", "region": "US", "operator": "gamma"},
        ],
        "items": [
            {"item": "die", "stage": "wafer"},
            {"item": "hbm", "stage": "memory"},
            {"item": "chip", "stage": "packaging"},
        ],
        "processes": [
            {"site": "fab-tw", "item": "die"},
            {"site": "fab-us", "item": "die"},
            {"site": "pack-tw", "item": "chip"},
            {"site": "pack-us", "item": "chip"},
        ],
        "components": [{"item": "chip", "component": "die", "quantity": 1}],
        "capacities": [
            {"site": "fab-tw", "capacity": 10},
            {"site": "fab-us", "capacity": 10},
            {"site": "pack-tw", "capacity": 10},
            {"site": "pack-us", "capacity": 10},
        ],
        "customers": [{"customer": "cloud", "region": "US"}],
        "demand": [{"customer": "cloud", "item": "chip", "quantity": 20}],
        "lanes": [
            {"from": "fab-tw", "to": "bank", "item": "die"},
            {"from": "fab-us", "to": "bank", "item": "die"},
            {"from": "bank", "to": "pack-tw"},
            {"from": "bank", "to": "pack-us"},
            {"from": "pack-tw", "to": "cloud"},
            {"from": "pack-us", "to": "cloud"},
        ],
    }
    return planner.load_instance({**given, **tables})


def shelf(**tables):
    """Plants in TW and the US fill a shelf in SG, from which a shop is served."""
    given = {
        "name": "shelf",
        "periods": PERIODS,
        "sites": [
            {"site": "east", "region": "TW"},
            {"site": "west", "region": "US"},
            {"site": "shelf", "region": "SG"},
            {"site": "side", "region": "SG"},
        ],
        "items": [{"item": "unit", "stage": "make"}],
        "processes": [{"site": "east", "item": "unit"}, {"site": "west", "item": "unit"}],
        "customers": [{"customer": "shop", "region": "US"}, {"customer": "lab", "region": "US"}],
        "demand": [{"customer": "shop", "item": "unit", "quantity": 5, "lost_cost": 1}],
        "lanes": [
            {"from": "east", "to": "shelf"},
            {"from": "west", "to": "shelf"},
            {"from": "east", "to": "side"},
            {"from": "west", "to": "side"},
            {"from": "shelf", "to": "side"},
            {"from": "side", "to": "shelf"},
            {"from": "shelf", "to": "shop"},
            {"from": "side", "to": "lab"},
        ],
    }
    return planner.load_instance({**given, **tables})


def tables(*, starts=(), ships=(), stocks=()):
    """The tables of a plan from (site, item, period, started, finished), (from, to, item, period, quantity), and
    (site, item, period, quantity); a departure arrives in its period, work is by the standard recipe."""
    ships = [(*ship[:4], ship[3], *ship[4:]) for ship in ships]
    ships = [(*ship[:5], float(ship[5]), *ship[6:]) for ship in ships]
    return {
        "production": pd.DataFrame(starts, columns=["site", "item", "period", "started", "finished"]).assign(
            recipe="standard"
        ),
        "shipments": pd.DataFrame(
            [(*ship, "")[:7] for ship in ships],
            columns=["from", "to", "item", "period", "arrives", "quantity", "touched"],
        ),
        "stock": pd.DataFrame(stocks, columns=["site", "item", "period", "quantity"]),
    }


def made(amount, site, period="P1", item="unit"):
    return (site, item, period, amount, amount)


def sent(amount, start, end, period="P1", item="unit", touched=""):
    return (start, end, item, period, amount, touched)


def exposure(table, of, *, customer="", item="", period="horizon", over="region"):
    """Share, blended and least of one row."""
    at = table["of"].eq(of) & table["over"].eq(over) & table["period"].eq(period)
    at &= table["customer"].eq(customer) & table["item"].eq(item)
    assert at.sum() == 1, table
    return tuple(table.loc[at, ["share", "blended", "least"]].iloc[0])


def of_plan(instance, of, **labels):
    plan = planner.solve(instance)
    return exposure(pathway_table(instance, plan.tables), of, **labels)


def test_pathway_table():
    """Half of what pack-us mixes is from fab-tw: 1/2 + 1/2 * 1/2 blended; its US lots alone leave the 10 of pack-tw."""
    plan = planner.solve(chain())
    table = pathway_table(plan.instance, plan.tables)
    assert list(table) == ["customer", "item", "over", "of", "period", "delivered", "share", "blended", "least"]
    for labels in ({}, {"customer": "cloud"}, {"item": "chip"}, {"customer": "cloud", "item": "chip", "period": "1"}):
        assert exposure(table, "TW", **labels) == (0.75, 0.75, 0.5)
        assert exposure(table, "US", **labels) == (0.75, 0.75, 0.5)
        assert exposure(table, "asia", **labels) == (0.75, 0.75, 0.5)
        assert exposure(table, "both", **labels) == (1, 1, 1)
    assert set(table["of"]) == {"TW", "US", "asia", "both"}  # no unit is worked on in SG, and KR has no part
    assert set(table["delivered"]) == {20}
    assert len(table) == 4 * 2 * 4  # 4 levels, period and horizon, 4 watches


def test_pathway_exposure():
    instance, limited = chain(), pd.DataFrame({"over": "region", "of": "TW", "period": "1", "max_share": [0.9, 0.8]})
    plan = planner.solve(instance)
    table = pathway_exposure(instance, plan.tables, limits=limited)
    assert list(table) == list(COLUMNS["exposure"])
    assert list(table["of"]) == ["TW", "TW", "US", "US", "asia", "asia", "both", "both"]
    assert list(table["period"]) == ["1", "horizon"] * 4
    assert set(table["measure"]) == {"pathway"}
    assert set(table["stage"]) == {""}
    assert list(table["limit"].fillna(0)) == [0.8, 0, 0, 0, 0, 0, 0, 0]
    assert list(table["blended"]) == [0.75] * 6 + [1] * 2
    assert pathway_exposure(instance, plan.tables)["limit"].isna().all()


def test_pathway_summary():
    plan = planner.solve(chain())
    rows = pathway_summary(pathway_exposure(plan.instance, plan.tables))
    shares = {"share": 0.75, "blended": 0.75, "least": 0.5}
    assert rows[0] == {"measure": "pathway", "stage": None, "over": "region", "of": "TW", **shares, "hhi": None}
    assert [row["of"] for row in rows] == ["TW", "US", "asia", "both"]
    assert json.loads(json.dumps(rows)) == rows
    assert pathway_summary(plan.exposure[plan.exposure["measure"] == "stage"]) == []


def test_a_die_from_arizona_that_is_packaged_in_taiwan_is_not_free_of_taiwan():
    instance = chain(
        capacities=[{"site": "fab-tw", "capacity": 0}, {"site": "pack-us", "capacity": 0}],
        lanes=[{"from": "fab-us", "to": "pack-tw"}, {"from": "pack-tw", "to": "cloud"}],
    )
    assert of_plan(instance, "TW") == (1, 1, 1)
    assert of_plan(instance, "US") == (1, 1, 1)


def test_passing_through_does_not_touch():
    plan = planner.solve(chain(region_groups={"rest": ["SG"]}))
    assert exposure(pathway_table(plan.instance, plan.tables), "rest") == (0, 0, 0)


MEMORY = {
    "processes": [
        {"site": "fab-tw", "item": "die"},
        {"site": "fab-us", "item": "die"},
        {"site": "pack-tw", "item": "chip"},
        {"site": "pack-us", "item": "chip"},
        {"site": "mem-kr", "item": "hbm"},
        {"site": "mem-us", "item": "hbm"},
    ],
    "components": [
        {"item": "chip", "component": "die", "quantity": 1},
        {"item": "chip", "component": "hbm", "quantity": 8},
    ],
}


def with_memory(korean):
    """The chain's flows with 8 units of memory a chip, of which `korean` (of 80) at pack-us come from Korea."""
    ships = [(10, "fab-tw", "bank"), (10, "fab-us", "bank"), (10, "bank", "pack-tw"), (10, "bank", "pack-us")]
    memory = [(80, "mem-kr", "pack-tw"), (korean, "mem-kr", "pack-us"), (80 - korean, "mem-us", "pack-us")]
    return tables(
        starts=[
            made(10, "fab-tw", "1", "die"),
            made(10, "fab-us", "1", "die"),
            made(10, "pack-tw", "1", "chip"),
            made(10, "pack-us", "1", "chip"),
            made(80 + korean, "mem-kr", "1", "hbm"),
            made(80 - korean, "mem-us", "1", "hbm"),
        ],
        ships=[
            *(sent(*ship, "1", "die") for ship in ships),
            *(sent(*ship, "1", "hbm") for ship in memory),
            sent(10, "pack-tw", "cloud", "1", "chip"),
            sent(10, "pack-us", "cloud", "1", "chip"),
        ],
    )


def test_memory_from_korea():
    """A package is clear only if every component's lot is: 1 - 1/2 * (1 - 20/80) at pack-us for Taiwan or Korea."""
    instance = chain(**MEMORY)
    table = pathway_table(instance, with_memory(20))
    assert exposure(table, "KR") == (0.625, 0.625, 0.625)  # no die touches Korea: 10 + 1/4 * 10 of 20
    assert exposure(table, "TW") == (0.75, 0.75, 0.5)
    mixed = (1 + (1 - 0.5 * 0.75)) / 2
    assert exposure(table, "asia") == (mixed, mixed, 0.625)  # 60 clear memory units are enough for 7.5 chips
    assert exposure(pathway_table(instance, with_memory(60)), "asia")[2] == 0.875  # 20 for 2.5


def test_what_counts_is_what_is_finished():
    """At a yield of one half 20 starts in TW give as many dies as 10 in the US, and each chip takes two."""
    plan = planner.solve(
        chain(
            processes=[
                {"site": "fab-tw", "item": "die", "yield": 0.5},
                {"site": "fab-us", "item": "die"},
                {"site": "pack-us", "item": "chip", "yield": 0.5},
            ],
            components=[{"item": "chip", "component": "die", "quantity": 2}],
            capacities=[{"site": "fab-tw", "capacity": 20}, {"site": "fab-us", "capacity": 10}],
            demand=[{"customer": "cloud", "item": "chip", "quantity": 5}],
            stocks=[{"site": "bank", "item": "die", "maximum": 0}],
        )
    )
    assert plan.production.set_index("site")["started"].to_dict() == {"fab-tw": 20, "fab-us": 10, "pack-us": 10}
    assert exposure(pathway_table(plan.instance, plan.tables), "TW") == (0.5, 0.5, 0.5)


def test_opening_stock_counts_its_site_and_what_it_has_touched():
    instance = shelf(
        periods=["1"],
        stocks=[{"site": "shelf", "item": "unit", "opening": 4, "touched": "TW+KR"}],
        customers=[{"customer": "shop", "region": "KR"}],
        lanes=[{"from": "west", "to": "shelf"}, {"from": "shelf", "to": "shop"}],
    )
    table = pathway_table(instance, planner.solve(instance).tables)
    for region in ("TW", "KR", "SG"):
        assert exposure(table, region) == (0.8, 0.8, 0.8)
    assert exposure(table, "US") == (0.2, 0.2, 0.2)


def test_arrivals_count_like_opening_stock():
    instance = shelf(
        stocks=[],
        arrivals=[
            {"site": "shelf", "item": "unit", "period": "P2", "quantity": 2},
            {"site": "shelf", "item": "unit", "period": "P2", "quantity": 1, "touched": "TW"},
        ],
    )
    plan = tables(
        starts=[made(5, "west"), made(2, "west", "P2")],
        ships=[
            sent(5, "west", "shelf"),
            sent(5, "shelf", "shop"),
            sent(2, "west", "shelf", "P2"),
            sent(5, "shelf", "shop", "P2"),
        ],
    )
    table = pathway_table(instance, plan)
    assert exposure(table, "SG", period="P1") == (0, 0, 0)
    assert exposure(table, "SG", period="P2") == (0.6, 0.6, 0.6)
    assert exposure(table, "TW", period="P2") == (0.2, 0.2, 0.2)
    assert exposure(table, "TW") == (0.1, 0.1, 0.1)


def test_stock_carries_what_it_has_touched():
    """5 of TW are kept and 10 of the US join them: a third of what leaves in P2."""
    plan = tables(
        starts=[made(10, "east"), made(10, "west", "P2")],
        ships=[
            sent(10, "east", "shelf"),
            sent(10, "west", "shelf", "P2"),
            sent(5, "shelf", "shop"),
            sent(15, "shelf", "shop", "P2"),
        ],
        stocks=[("shelf", "unit", "P1", 5)],
    )
    table = pathway_table(shelf(), plan)
    assert exposure(table, "TW", period="P1") == (1, 1, 1)
    assert exposure(table, "TW", period="P2")[1:] == pytest.approx((1 / 3, 1 / 3))
    assert exposure(table, "TW") == (0.5, 0.5, 0.5)
    late = pathway_table(shelf(report_periods="P2"), plan)
    assert exposure(late, "TW")[1:] == pytest.approx((1 / 3, 1 / 3))
    assert exposure(late, "TW", period="P1") == (1, 1, 1)


MIXED = tables(
    starts=[made(5, "east"), made(5, "west")],
    ships=[
        sent(5, "east", "shelf"),
        sent(5, "west", "shelf"),
        sent(5, "shelf", "shop"),
        sent(5, "shelf", "shop", "P2"),
    ],
    stocks=[("shelf", "unit", "P1", 5)],
)


def test_least_of_a_whole_is_a_program_of_its_own():
    """Either period alone can be served from US lots, but not both."""
    table = pathway_table(shelf(), MIXED)
    for period in PERIODS:
        assert exposure(table, "TW", period=period) == (0.5, 0.5, 0)
    assert exposure(table, "TW") == (0.5, 0.5, 0.5)
    assert exposure(table, "US") == (0.5, 0.5, 0.5)


def test_the_period_of_start_says_when_work_is_finished():
    """What starts in P1 takes a period, what starts in P2 none: both meet in P2."""
    instance = shelf(
        processes=[
            {"site": "east", "item": "unit", "period": "P1", "lead_time": 1},
            {"site": "west", "item": "unit", "period": "P2", "lead_time": 0},
        ]
    )
    plan = tables(
        starts=[made(3, "east"), made(1, "west", "P2")],
        ships=[
            sent(3, "east", "shelf", "P2"),
            sent(1, "west", "shelf", "P2"),
            sent(2, "shelf", "shop", "P2"),
            sent(2, "shelf", "side", "P2"),
            sent(2, "side", "lab", "P2"),
        ],
    )
    table = pathway_table(instance, plan)
    assert set(table["period"]) == {"P2", "horizon"}
    assert exposure(table, "TW") == (0.75, 0.75, 0.75)
    assert exposure(table, "TW", customer="lab") == (0.75, 0.75, 0.5)


def circling(amount):
    """10 from TW at the shelf and 10 from the US beside it; what goes to and fro between them mixes them."""
    return tables(
        starts=[made(10, "east"), made(10, "west")],
        ships=[
            sent(10, "east", "shelf"),
            sent(10, "west", "side"),
            sent(amount, "shelf", "side"),
            sent(amount, "side", "shelf"),
            sent(10, "shelf", "shop"),
            sent(10, "side", "lab"),
        ],
    )


def test_goods_that_go_round_in_a_period_are_mixed_to_the_end():
    """shelf: 17 e = 10 + 7 f, side: 17 f = 7 e, so e = 17/24 and f = 7/24; at best 7 US units swap sides."""
    table = pathway_table(shelf(), circling(7))
    assert exposure(table, "TW", customer="shop")[1:] == pytest.approx((17 / 24, 0.3))
    assert exposure(table, "TW", customer="lab")[1:] == pytest.approx((7 / 24, 0))
    assert exposure(table, "TW") == (0.5, 0.5, 0.5)


def test_a_long_way_round_ends():
    table = pathway_table(shelf(), circling(1e9))
    assert exposure(table, "TW", customer="shop")[1] == pytest.approx(0.5)
    assert exposure(table, "TW", customer="shop")[2] == 0


def test_goods_that_only_go_round_change_nothing():
    plan = tables(
        starts=[made(10, "east")],
        ships=[
            sent(10, "east", "shelf"),
            sent(10, "shelf", "shop"),
            *(sent(4, *pair, "P2") for pair in (("shelf", "side"), ("side", "shelf"), ("side", "side"))),
        ],
    )
    assert exposure(pathway_table(shelf(), plan), "TW") == (1, 1, 1)


def test_what_has_lost_its_source_to_rounding_counts_where_it_stands():
    plan = tables(starts=[made(10, "west")], ships=[sent(1e-12, "shelf", "shop"), sent(10, "west", "shelf", "P2")])
    assert exposure(pathway_table(shelf(), plan), "SG") == (1, 1, 1)


def test_one_source_everywhere_agrees():
    plan = toys.solve(toys.tiny())
    table = pathway_table(plan.instance, plan.tables)
    assert set(table["of"]) == {"TW"}
    assert (table[["share", "blended", "least"]] == 1).all(axis=None)


def test_share_is_the_one_assigned_by_class():
    """The plan calls 3 of 5 in P1 touched, more than it must; lots that mix would touch half."""
    instance = shelf()
    policy = toys.policy(
        {"measure": "pathway", "of": "TW", "max_share": 0.9},
        {"measure": "pathway", "over": "operator", "of": "west", "max_share": 0.9},
    )
    ships = [
        sent(5, "east", "shelf", touched="TW"),
        sent(5, "west", "shelf", touched="west"),
        sent(3, "shelf", "shop", touched="TW"),
        sent(2, "shelf", "shop", touched="west"),
        sent(3, "shelf", "shop", "P2", touched="west"),
        sent(2, "shelf", "shop", "P2", touched="TW+west"),
    ]
    plan = {**MIXED, "shipments": tables(ships=ships)["shipments"]}
    table = pathway_table(instance, plan, watches_of(instance, policy))
    assert exposure(table, "TW", period="P1") == (0.6, 0.5, 0)
    assert exposure(table, "TW", period="P2") == (0.4, 0.5, 0)
    assert exposure(table, "TW") == (0.5, 0.5, 0.5)
    assert exposure(table, "west", over="operator") == (0.7, 0.5, 0.5)
    assert exposure(table, "US") == (0.5, 0.5, 0.5)  # not watched: blended
    rows = pathway_exposure(instance, plan, watches_of(instance, policy))
    assert list(rows[rows["period"] == "horizon"]["of"]) == ["SG", "TW", "US", "west"]


def test_rounding_never_turns_least_above_the_others():
    """Assigned shares a digit below the truth."""
    plan = {**MIXED, "shipments": MIXED["shipments"].copy()}
    plan["shipments"]["touched"] = ["TW", "", "TW", ""]
    plan["shipments"].loc[2:, "quantity"] = [4.99999999, 5.00000001]
    instance = shelf()
    policy = toys.policy({"measure": "pathway", "of": "TW", "max_share": 0.9})
    share, blended, least = exposure(pathway_table(instance, plan, watches_of(instance, policy)), "TW")
    assert least <= share < blended == 0.5


def test_nothing_delivered_has_no_share():
    instance = shelf()
    for plan in (tables(), tables(starts=[made(5, "east")], stocks=[("east", "unit", "P2", 5)])):
        assert pathway_table(instance, plan).empty
        assert list(pathway_exposure(instance, plan)) == list(COLUMNS["exposure"])
        assert pathway_summary(pathway_exposure(instance, plan)) == []


def test_a_plan_of_something_else_is_refused():
    with pytest.raises(planner.UsageError, match="starts unit at nowhere"):
        pathway_table(shelf(), tables(starts=[made(5, "nowhere")]))


def test_the_order_of_rows_does_not_matter():
    plan = with_memory(20)
    mixed = {name: table.sample(frac=1, random_state=3) for name, table in plan.items()}
    pd.testing.assert_frame_equal(pathway_table(chain(**MEMORY), plan), pathway_table(chain(**MEMORY), mixed))


def test_figures_have_nine_digits():
    table = pathway_table(shelf(), circling(7))
    figures = table[["share", "blended", "least"]].to_numpy().ravel()
    assert all(math.isclose(figure, float(f"{figure:.9g}"), rel_tol=0, abs_tol=0) for figure in figures)
    assert np.all((figures >= 0) & (figures <= 1))
