"""The figures of the network by hand: options, commitments, survival, what gives way, and how much can be needed."""

import math

import numpy as np
import pandas as pd
import pytest
import toys
from decision_labels import LABELS

import planner
from planner.errors import PlannerError
from planner.network import build_network
from planner.network.frozen_past import frozen
from planner.network.making import capacity_rows, commitment_tables, components_taken, option_tables
from planner.network.needed import LARGEST, MARGIN, bounded, is_proved, largest_needs, most_needed, start_rooms
from planner.network.provenance import _Classes, class_of, classes_of
from planner.network.recourse import Recourse, dearest_ways, prices_to_serve
from planner.network.survival import SLACK, Survival, survival_tables
from planner.network.usable import capacity_bought, estimated, needed_with_any_capacity
from planner.network.watches import Watch

DISCOUNT = pd.Series([1.0, 0.8, 0.64])
# one plant that makes dies and chips of them, two at a time, half of the dies good
PLANT = {
    "name": "plant",
    "periods": ["P1", "P2", "P3"],
    "discount_rate": 0.25,
    "sites": [{"site": "plant", "region": "TW"}],
    "items": [{"item": "die", "stage": "wafer", "value": 1}, {"item": "chip", "stage": "packaging", "value": 5}],
    "processes": [
        {"site": "plant", "item": "die", "resource": "fab", "yield": 0.5, "capacity_use": 2, "unit_cost": 3},
        {"site": "plant", "item": "chip", "resource": "line", "unit_cost": 1},
    ],
    "components": [{"item": "chip", "component": "die", "quantity": 2}],
    "capacities": [{"site": "plant", "resource": "fab", "capacity": 100}],
    "customers": [{"customer": "shop", "region": "TW"}],
    "demand": [{"customer": "shop", "item": "chip", "period": "P2", "quantity": 10, "price": 9}],
    "lanes": [{"from": "plant", "to": "shop"}],
}
OPTION = {"option": "more", "site": "plant", "resource": "fab", "period": "P2", "capacity": 8, "unit_cost": 3, "fixed_cost": 5}  # fmt: skip


def given(**tables):
    return planner.load_instance({**PLANT, **tables})


def network(policy=None, **tables):
    return build_network(given(**tables), policy)


# --- options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "chosen", "row", "opening"),
    [
        # at (0.8): 8 * 3 a share bought, and 5 for its opening, which is a decision of its own
        ({}, None, (0, 1, False, 24 * 0.8), 5 * 0.8),
        ({"all_or_nothing": "yes"}, None, (0, 1, True, 29 * 0.8), None),
        ({"fixed_cost": 0}, None, (0, 1, False, 24 * 0.8), None),
        ({"fixed_cost": 0, "all_or_nothing": "yes"}, None, (0, 1, True, 24 * 0.8), None),
        ({"bought": 0.25}, None, (0.25, 0.25, False, 24 * 0.8), 5 * 0.8),
        ({"bought": 0}, None, (0, 0, False, 24 * 0.8), 5 * 0.8),
        ({"bought": 1, "all_or_nothing": "yes"}, (), (1, 1, False, 29 * 0.8), None),
        ({}, (), (0, 0, False, 24 * 0.8), 5 * 0.8),
        ({}, ("other",), (0, 0, False, 24 * 0.8), 5 * 0.8),
        ({}, ("more",), (0, 1, False, 24 * 0.8), 5 * 0.8),
        ({"bought": 0.25}, (), (0.25, 0.25, False, 24 * 0.8), 5 * 0.8),  # what has been bought is there all the same
    ],
)
def test_an_option_and_its_opening(fields, chosen, row, opening):
    expand, opens, capacity = option_tables(given(expansions=[{**OPTION, **fields}]), chosen, DISCOUNT)
    assert expand[["lower", "upper", "integer", "expansion"]].to_numpy().tolist() == [pytest.approx(list(row))]
    assert opens["expansion"].tolist() == ([] if opening is None else pytest.approx([opening]))
    assert opens[["option", "row", "upper", "usable"]].to_numpy().tolist() == [["more", 0, 1, 1]] * len(opens)
    assert opens["integer"].all()
    assert capacity[["period", "capacity", "usable"]].to_numpy().tolist() == [[1, 8, 8], [2, 8, 8]]


def test_an_option_that_grows():
    factors = [{"option": "more", "period": "P2", "factor": 0.5}, {"option": "more", "period": "P1", "factor": 9}]
    expand, _, capacity = option_tables(given(expansions=[OPTION], expansion_factors=factors), None, DISCOUNT)
    assert capacity["capacity"].tolist() == [4, 8]
    assert expand["capacity"].tolist() == [8]


def test_capacities_of_limited_resources_alone():
    """The fab has a row for P1 only; the line has none, and an option of one makes it limited."""
    fab = [{"site": "plant", "resource": "fab", "period": "P1", "capacity": 7}]
    for more, rows in (
        ([], [["fab", 0, 7], ["fab", 1, 0], ["fab", 2, 0]]),
        ([{**OPTION, "resource": "line"}], [["fab", 0, 7], ["fab", 1, 0], ["fab", 2, 0], ["line", 0, 0], ["line", 1, 0], ["line", 2, 0]]),
    ):  # fmt: skip
        instance = given(capacities=fab, expansions=more)
        made = build_network(given()).make
        starts = pd.concat([made.iloc[:0], *(made[made["item"] == item].iloc[[0]].assign(period=at) for item in ("die", "chip") for at in range(3))])  # fmt: skip
        assert capacity_rows(instance, starts)[["resource", "period", "capacity"]].to_numpy().tolist() == rows


def test_a_row_for_a_recipe_replaces_that_for_all():
    components = [{"item": "chip", "component": "die", "quantity": 2}, {"item": "chip", "recipe": "lean", "component": "die", "quantity": 1}]  # fmt: skip
    processes = [*PLANT["processes"], {"site": "plant", "item": "chip", "recipe": "lean", "resource": "line"}]
    instance = given(components=components, processes=processes)
    starts = pd.DataFrame(
        [("plant", "chip", "lean", 1), ("plant", "chip", "standard", 2), ("plant", "die", "standard", 0)],
        columns=["site", "item", "recipe", "period"],
    )
    assert sorted(components_taken(instance, starts)[["row", "component", "period", "quantity"]].to_numpy().tolist()) == [
        [0, "die", 1, 1.0],
        [1, "die", 2, 2.0],
    ]  # fmt: skip


# --- commitments ------------------------------------------------------------------------------------------------------


def test_commitments_count_good_units_or_capacity_within_their_periods():
    deals = [
        {"commitment": "dies", "site": "plant", "item": "die", "minimum": 4, "shortfall_cost": 10, "period": "P1..P2"},
        {"commitment": "fab", "site": "plant", "resource": "fab", "minimum": 6, "period": "P2.."},
    ]
    instance = given(commitments=deals)
    make = pd.DataFrame(
        [("plant", item, resource, period, *figures) for item, resource, figures in (("die", "fab", (0.5, 2)), ("chip", "line", (1, 1))) for period in range(3)],
        columns=["site", "item", "resource", "period", "yield", "capacity_use"],
    )  # fmt: skip
    rows, under, counted = commitment_tables(instance, make, DISCOUNT, None)
    assert rows.to_numpy().tolist() == [["dies", "plant", 4], ["fab", "plant", 6]]
    assert under.to_numpy().tolist() == [["dies", 10 * 0.8]], "of the last period; without a price it is hard"
    assert counted.to_numpy().tolist() == [[0, "dies", 0.5], [1, "dies", 0.5], [1, "fab", 2], [2, "fab", 2]]
    under = commitment_tables(instance, make, DISCOUNT, Recourse(50.0, dearer={("commitment", "fab"): 70.0}))[1]
    assert under.to_numpy().tolist() == [["dies", 10 * 0.8], ["fab", 70 * 0.64]]


# --- survival ---------------------------------------------------------------------------------------------------------


def test_survival_by_hand():
    """Two lines with 6 and 4, of which an option adds 8 * 0.5 to the first in P2; nothing of the second in P2."""
    capacity = pd.DataFrame([("a", "a", 0, 6.0), ("a", "a", 1, 6.0), ("b", "b", 0, 4.0)], columns=["site", "resource", "period", "capacity"])  # fmt: skip
    options = pd.DataFrame([("more", "a", "a", 1, 8.0), ("none", "b", "b", 0, 9.0), ("more", "b", "x", 1, 8.0)], columns=["option", "site", "resource", "period", "capacity"])  # fmt: skip
    floor = pd.DataFrame([("shop", "unit", 0, 10.0), ("shop", "unit", 1, 40.0), ("shop", "unit", 2, 0.0)], columns=["customer", "item", "period", "quantity"])  # fmt: skip
    sets = {("region", "TW"): frozenset("ab"), ("site", "a"): frozenset("a"), ("site", "z"): frozenset("z")}
    found = survival_tables(Survival(floor, sets, {"more": 0.5}), capacity, options)
    assert found["received"]["lower"].tolist() == [10 * (1 - SLACK) - 40 * SLACK, 40 * (1 - SLACK) - 40 * SLACK, 0]
    assert found["halt"].to_numpy().tolist() == [["region", "TW", 0, 0], ["region", "TW", 1, 0], ["site", "a", 0, 0], ["site", "a", 1, 0]]  # fmt: skip
    rows = found["halt_uses"].sort_values(["row", "site"])[["row", "site", "period", "capacity"]].to_numpy().tolist()
    assert rows == [[0, "a", 0, 6], [0, "b", 0, 4], [1, "a", 1, 10], [2, "a", 0, 6], [3, "a", 1, 10]]
    nothing = survival_tables(Survival(floor.iloc[:0], {}, {}), capacity, options)
    assert [len(nothing[name]) for name in ("received", "halt", "halt_uses")] == [0, 0, 0]
    assert [len(part) for part in survival_tables(None, capacity, options).values()] == [0, 0, 0]


# --- what gives way ---------------------------------------------------------------------------------------------------


def test_the_dearest_way_of_a_unit():
    """A die: 3 / 0.5. A chip: 1 and two dies, freight of the dearest of its own and of all lanes, a duty of 5."""
    assert dearest_ways(given()) == {"die": 6, "chip": 13}
    lanes = [{"from": "plant", "to": "shop", "unit_cost": 2}, {"from": "plant", "to": "shop", "item": "chip", "unit_cost": 1}]  # fmt: skip
    assert dearest_ways(given(lanes=lanes)) == {"die": 8, "chip": 1 + 2 * 8 + 2}
    lanes[1]["unit_cost"] = 4
    assert dearest_ways(given(lanes=lanes)) == {"die": 8, "chip": 1 + 2 * 8 + 4}
    duty = [{"from_region": "*", "to_region": "*", "item": "chip", "rate": 0.5}]
    assert dearest_ways(given(tariffs=duty)) == {"die": 6, "chip": 13 + 2.5}
    rebate = [{**PLANT["processes"][0], "unit_cost": -3}, PLANT["processes"][1]]
    assert dearest_ways(given(processes=rebate)) == {"die": 0, "chip": 1}


def test_the_price_of_a_promise_that_nobody_states():
    orders = PLANT["demand"][0]
    assert (Recourse.of(given()).price, Recourse.of(given()).dearer) == (18, {})
    for fields, price in (({"lost_cost": 20}, 40), ({"late_cost": 11}, 22), ({"price": 7, "lost_cost": 5}, 14)):
        assert Recourse.of(given(demand=[{**orders, **fields}])).price == price
    served = given(demand=[{**orders, "must_serve": 0.1}])
    assert prices_to_serve(served) == {("order", "chip"): 26}
    assert (Recourse.of(served).price, Recourse.of(served).dearer) == (18, {("order", "chip"): 26})
    dear = given(demand=[{**orders, "must_serve": 1, "price": 13}])
    assert Recourse.of(dear).dearer == {}, "twice the price is as much"
    bare = given(demand=[{key: figure for key, figure in orders.items() if key != "price"}])
    assert (Recourse.of(bare).price, Recourse.of(bare).dearer) == (26, {})
    free = [{**row, "unit_cost": 0} for row in PLANT["processes"]]
    assert Recourse.of(given(demand=bare.as_mapping()["demand"], processes=free)).price == 2
    owed = given(owed=[{"customer": "shop", "item": "chip", "quantity": 1, "late_cost": 1}])
    assert prices_to_serve(owed) == {("order", "chip"): 26}
    found = Recourse(5.0, dearer={("order", "b"): 7.0, ("stock", "a"): 9.0}).prices("order", pd.Series(["a", "b"]))
    assert found.tolist() == [5, 7]


def test_what_gives_way_and_at_what_price():
    """10 in P1 and 20 in P2 may be late, half must be served; two units of stock are promised, at most eight."""
    demand = [
        {"customer": "shop", "item": "chip", "period": "P1", "quantity": 10, "price": 9, "late_cost": 1, "must_serve": 0.5},
        {"customer": "shop", "item": "chip", "period": "P2", "quantity": 20, "lost_cost": 4},
    ]  # fmt: skip
    stocks = [{"site": "plant", "item": "die", "opening": 4, "minimum": 2, "maximum": 8}]
    coming = pd.DataFrame(
        [("shop", "chip", 1, 3.0), ("shop", "chip", 1, 2.0), ("shop", "die", 1, 7.0)],
        columns=["customer", "item", "period", "quantity"],
    )
    found = build_network(given(demand=demand, stocks=stocks), None, Recourse(50.0, coming, {("stock", "die"): 60.0}))
    assert found.unserved[["period", "lost_sales", "promise", "upper"]].to_numpy().tolist() == [[0, 9, 50, 5]]
    # what waits from P1 may be cancelled in P2: at 50 * 0 and 9 for the dearer loss of P1, less 4 * 0.8 for its own
    assert found.cancelled[["period", "lost_sales"]].to_numpy().tolist()[0] == [1, pytest.approx(3.2)]
    assert found.cancelled["promise"].iloc[0] == pytest.approx(9 - 3.2)
    assert found.surplus[["item", "period", "upper"]].to_numpy().tolist() == [["chip", 1, 5]]
    assert found.below["promise"].tolist() == pytest.approx([60, 60 * 0.8, 60 * 0.64])
    assert found.over["promise"].tolist() == pytest.approx([60, 60 * 0.8, 60 * 0.64])
    assert found.owed["owed"].tolist() == [0] * len(found.owed)
    still = build_network(given(demand=demand, stocks=stocks))
    assert [len(getattr(still, name)) for name in ("unserved", "cancelled", "surplus", "below", "over", "owed")] == [
        0
    ] * 6


# --- how much can be needed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("room", "needed", "most", "is_estimate"),
    [
        (10.0, 5.0, 10.0, False),
        (100.0, 5.0, 100.0, False),  # ten times the doubled need
        (100.1, 5.0, 10.0, True),
        (math.inf, 5.0, 10.0, True),
        (20.0, 0.0, 20.0, False),  # no need counts as one unit
        (20.1, 0.0, 2.0, True),
        (7.0, math.inf, 7.0, False),
        (LARGEST, math.inf, LARGEST, False),
        (2 * LARGEST, math.inf, math.inf, True),
        (LARGEST * 1.1, LARGEST, LARGEST, True),
        (math.inf, LARGEST, LARGEST, True),
    ],
)
def test_a_bound_by_capacity_or_by_need(room, needed, most, is_estimate):
    found = bounded(pd.DataFrame({"x": [0]}), pd.Series([room]), pd.Series([needed]))
    assert found[["most", "estimated"]].to_numpy().tolist() == [[most, is_estimate]]
    assert found["needed"].tolist() == [min(MARGIN * (needed or 1), LARGEST) if math.isfinite(needed) else math.inf]


def need(policy=None, **tables):
    found = network(policy, **tables)
    return most_needed(found, start_rooms(found))


def test_what_orders_need_through_the_chain():
    """10 chips take 20 dies; half of a start of the fab is good, so 25 dies a period can be made, 75 in all."""
    assert need() == {"chip": 10, "die": 20}
    few = [{"site": "plant", "resource": "fab", "period": "P1", "capacity": 40}]
    assert need(capacities=few) == {"chip": 5, "die": 10}, "no more than can be made: 10 dies"
    assert need(capacities=few, stocks=[{"site": "plant", "item": "die", "opening": 4}])["chip"] == 7
    owed = [{"customer": "shop", "item": "chip", "quantity": 3, "late_cost": 1}]
    assert need(owed=owed) == {"chip": 13, "die": 26}
    buffer = toys.policy(buffers=[{"items": ["chip"], "periods_of_cover": 1}])
    assert need(buffer) == {"chip": 20, "die": 40}
    minimum = [{"site": "plant", "item": "chip", "opening": 1, "minimum": 1}]
    assert need(stocks=minimum)["chip"] == 10 + 3 + 1, "the minimum of each period, and what is there anyway"


def test_what_is_made_for_other_reasons_than_orders():
    deal = {"commitment": "deal", "site": "plant", "item": "die", "minimum": 30, "shortfall_cost": 1}
    assert need(commitments=[deal])["die"] == 50
    on_fab = {"commitment": "deal", "site": "plant", "resource": "fab", "minimum": 40, "shortfall_cost": 1}
    assert need(commitments=[on_fab])["die"] == 30, "40 of the fab give 10 dies"
    lots = [{**PLANT["processes"][0], "min_lot": 8}, PLANT["processes"][1]]
    assert need(processes=lots)["die"] == 20 + 3 * 4, "each period a lot of 8, half of it good, may be left"
    earning = [{**PLANT["processes"][0], "unit_cost": -1}, PLANT["processes"][1]]
    assert need(processes=earning)["die"] == 75, "as much as can be made"


def test_what_a_limit_makes_worth_while():
    """At most half of the chips in one region: 10 needed, so that 20 may be made to keep the share."""
    limit = toys.policy({"stage": "packaging", "of": "TW", "max_share": 0.5})
    assert need(limit)["chip"] == 20
    assert not is_proved(network(limit))
    assert is_proved(network(toys.policy({"stage": "packaging", "of": "TW", "max_share": 1})))
    assert is_proved(network(toys.policy({"stage": "packaging", "of": "TW", "max_share": 0})))
    assert is_proved(network())
    by_value = toys.policy({"stage": "packaging", "of": "TW", "max_share": 0.5, "weight": "value"})
    assert need(by_value)["chip"] == 20, "half of 10 chips of 5 each"
    value = toys.policy({"stage": "packaging", "of": "TW", "max_share": 0.25, "weight": "value"})
    assert need(value)["chip"] == 37.5, "no more than the dies that can be made give"


def test_the_largest_of_several_needs():
    assert largest_needs([{"a": 1.0, "b": 5.0}, {"a": 2.0, "c": 0.0}]) == {"a": 2, "b": 5, "c": 0}
    assert largest_needs([]) == {}


def test_the_room_of_a_start():
    """100 of the fab at 2 a start are 50; an option that may be bought adds 8 / 2; the line has no limit."""
    rooms = start_rooms(network(expansions=[OPTION]))
    assert rooms.groupby("item")["room"].apply(sorted).to_dict() == {"chip": [math.inf] * 3, "die": [50, 54, 54]}
    barred = start_rooms(network(toys.policy(options=[]), expansions=[OPTION]))
    assert set(barred.loc[barred["item"] == "die", "room"]) == {50}
    free = start_rooms(network(processes=[{**PLANT["processes"][0], "capacity_use": 0}, PLANT["processes"][1]]))
    assert set(free["room"]) == {math.inf}


def test_a_whole_option_counts_as_much_as_can_be_used_of_it():
    """20 dies at 2 / 0.5 each use 80 of the fab at most, twice that is 160; of an option of 1000 that counts."""
    large = {**OPTION, "capacity": 1000}
    whole = network(expansions=[{**large, "all_or_nothing": "yes"}])
    assert capacity_bought(whole)[["usable", "counted"]].to_numpy().tolist() == [[160, 160]] * len(
        whole.expand_capacity
    )
    assert estimated(whole)
    part = network(expansions=[large])
    assert capacity_bought(part)[["usable", "counted"]].to_numpy().tolist() == [[160, 1000]] * len(part.expand_capacity)
    assert part.open["usable"].tolist() == [0.16]
    bought = network(expansions=[{**large, "bought": 0.5}])
    assert bought.open["usable"].tolist() == [0.5]
    small = network(expansions=[{**OPTION, "all_or_nothing": "yes"}])
    assert capacity_bought(small)["counted"].tolist() == [8] * len(small.expand_capacity)
    assert not estimated(small)
    assert not estimated(network())


def test_needs_with_any_capacity_are_those_without_limits():
    """A fab of 40 in P1 makes 10 dies, which 5 chips take; with any capacity 10 chips need 20."""
    lots = [{**PLANT["processes"][0], "min_lot": 1}, PLANT["processes"][1]]
    few = [{"site": "plant", "resource": "fab", "period": "P1", "capacity": 40}]
    found = network(processes=lots, capacities=few)
    wide = needed_with_any_capacity(found)
    assert found.lot["needed"].tolist() == [MARGIN * 10 / 0.5] * len(found.lot)
    assert wide.lot["needed"].tolist() == [MARGIN * (20 + 0.5 * len(found.lot)) / 0.5] * len(found.lot)
    assert wide.lot["most"].tolist() == found.lot["most"].tolist()
    plain = network()
    assert needed_with_any_capacity(plain) is plain


# --- what was decided before a strike ---------------------------------------------------------------------------------


def test_decisions_before_a_strike_are_held():
    whole = network(expansions=[{**OPTION, "all_or_nothing": "yes"}])
    decided = {name: getattr(whole, name)[keys].assign(value=np.arange(1.0, len(getattr(whole, name)) + 1)) for name, keys in LABELS.items()}  # fmt: skip
    held = frozen(whole, decided, 1)
    for name in ("make", "ship", "lost"):
        table, before = getattr(held, name), getattr(whole, name)["period"] < 1
        value = decided[name]["value"]
        assert table.loc[before, "lower"].tolist() == value[before].tolist()
        assert table.loc[before, "upper"].tolist() == value[before].tolist()
        assert (table.loc[~before, "lower"] == 0).all()
        assert table.loc[~before, "upper"].tolist() == getattr(whole, name).get("upper", pd.Series(math.inf, index=table.index))[~before].tolist()  # fmt: skip
    assert held.expand[["lower", "upper", "integer"]].to_numpy().tolist() == [[1, 1, False]]
    assert whole.expand["integer"].tolist() == [True]
    stray = pd.DataFrame([("plant", "chip", "other", 0, 1e-7)], columns=[*LABELS["make"], "value"])
    more = {**decided, "make": pd.concat([decided["make"], stray], ignore_index=True)}
    with pytest.raises(PlannerError, match="cannot be told again: make plant/chip/other/0"):
        frozen(whole, more, 1)
    most = float(decided["make"].loc[decided["make"]["period"] < 1, "value"].max())
    more["make"].loc[len(decided["make"]), "value"] = most * 0.9e-9
    assert frozen(whole, more, 1).make["lower"].tolist() == held.make["lower"].tolist(), "too small to be missed"
    more["make"].loc[len(decided["make"]), ["period", "value"]] = [1, 5.0]
    assert frozen(whole, more, 1).make["lower"].tolist() == held.make["lower"].tolist(), "after the strike"


# --- classes ----------------------------------------------------------------------------------------------------------

WATCHES = (
    Watch("region", "KR", "KR", frozenset({"k"}), frozenset({"KR"})),
    Watch("region", "TW", "TW", frozenset({"t", "both"}), frozenset({"TW", "asia"})),
    Watch("operator", "o", "o", frozenset({"both"}), frozenset({"operator:o"})),
)


def test_classes_of_sites_and_of_what_stock_has_touched():
    classes = _Classes(WATCHES)
    assert classes.labels.tolist() == ["", "KR", "KR+TW", "KR+TW+o", "KR+o", "TW", "TW+o", "o"]
    assert [classes.labels[classes.number[classes.of_site(site)]] for site in ("k", "t", "both", "x")] == ["KR", "TW", "TW+o", ""]  # fmt: skip
    for touched, label in (
        ((), ""),
        (("TW",), "TW"),
        (("asia", "KR"), "KR+TW"),
        (("operator:o",), "o"),
        (("o",), ""),
        (("site:both",), "TW+o"),
        (("KR", "site:both"), "KR+TW+o"),
        (("both",), ""),
    ):
        assert class_of(WATCHES, touched) == label
    assert classes_of("KR+o") == {"KR", "o"}
    assert classes_of("") == frozenset()


def test_unions_of_classes():
    """Clear or KR beside TW gives TW or KR+TW; nothing beside anything gives nothing."""
    classes = _Classes(WATCHES[:2])
    assert classes.labels.tolist() == ["", "KR", "KR+TW", "TW"]
    flags = {name: np.array([[label in name.split(",") for label in ("", "KR", "KR+TW", "TW")]]) for name in (",KR", "TW", "KR,TW", "none")}  # fmt: skip

    def union(left, right):
        found = classes.unions(flags[left], flags[right])[0]
        return classes.labels[found].tolist()

    assert union(",KR", "TW") == ["KR+TW", "TW"]
    assert union("TW", "TW") == ["TW"]
    assert union("KR,TW", "KR,TW") == ["KR", "KR+TW", "TW"]
    assert union("none", "KR,TW") == []


def test_a_minimum_where_nothing_can_be_is_one_of_clear_units():
    """No lane leads to the store: the minimum there has a stock to speak of, though none can ever be."""
    sites = [*PLANT["sites"], {"site": "store", "region": "TW"}]
    stocks = [{"site": "store", "item": "chip", "minimum": 2}]
    policy = toys.policy({"measure": "pathway", "of": "TW", "max_share": 1})
    found = network(policy, sites=sites, stocks=stocks)
    assert found.stock_minimum[["site", "period", "minimum"]].to_numpy().tolist() == [
        ["store", at, 2] for at in range(3)
    ]
    there = found.stock[found.stock["site"] == "store"]
    assert there[["period", "touched"]].to_numpy().tolist() == [[at, ""] for at in range(3)]
    with pytest.raises(planner.InfeasibleError, match="store"):
        planner.solve(given(sites=sites, stocks=stocks), policy)
