"""Checks across tables by hand: what each asks of the figures just at, below and above its threshold."""

import pytest
import toys

import planner
from planner.instance.checks import ids, width

ORDER = {"customer": "shop", "item": "unit", "price": 100}


def said(**tables):
    """What is said of the tiny instance with some tables replaced."""
    return [str(problem).partition(": ")[2] for problem in planner.check_instance({**toys.TINY, **tables}).problems]


def places(*, base=None, **tables):
    """The same as (table, row, column, value, severity)."""
    found = planner.check_instance({**(toys.TINY if base is None else base), **tables}).problems
    return [(part.file, part.row, part.column, part.value, part.severity) for part in found]


TWO_PARTS = {
    "items": [{"item": "unit", "stage": "make", "value": 10}, {"item": "part", "stage": "parts", "value": 1}],
    "processes": [{"site": "plant", "item": "unit"}, {"site": "plant", "item": "part", "resource": "press"}],
    "components": [{"item": "unit", "component": "part", "quantity": 2}],
}


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"site": "plant", "resource": "press", "capacity": 5}, []),
        ({"site": "plant", "capacity": 5}, []),
        ({"site": "plant", "resource": "pres", "capacity": 5}, [("resource", "pres", "error")]),
    ],
)
def test_a_capacity_of_a_resource_that_nothing_uses(row, found):
    assert [part[2:] for part in places(**TWO_PARTS, capacities=[row])] == found


def test_a_capacity_of_a_site_that_makes_nothing_is_a_warning_and_an_option_of_it_an_error():
    sites = [{"site": "plant", "region": "TW"}, {"site": "store", "region": "TW"}]
    [(_, row, column, value, severity)] = places(sites=sites, capacities=[{"site": "store", "capacity": 5}])
    assert (row, column, value, severity) == (1, "resource", None, "warning")
    option = {"option": "more", "site": "store", "period": "1", "capacity": 5, "fixed_cost": 1}
    assert [part[4] for part in places(sites=sites, expansions=[option])] == ["error"]


def test_a_resource_and_its_nearest_name():
    found = said(**TWO_PARTS, capacities=[{"site": "plant", "resource": "pres", "capacity": 5}])
    assert len(found) == 1
    assert "No process at plant uses the resource 'pres'." in found[0]
    assert "press" in found[0].partition("'pres'")[2]


def test_a_commitment_and_an_outage_of_an_item_that_is_not_made_there():
    deal = {"commitment": "deal", "site": "plant", "minimum": 1, "shortfall_cost": 1}
    assert places(**TWO_PARTS, commitments=[{**deal, "item": "part"}]) == []
    assert places(**TWO_PARTS, outages=[{"site": "plant", "item": "*"}]) == []
    sites = [{"site": "plant", "region": "TW"}, {"site": "store", "region": "TW"}]
    for table, row in (
        ("commitments", {**deal, "site": "store", "item": "part"}),
        ("outages", {"site": "store", "item": "part"}),
    ):
        [problem] = planner.check_instance({**toys.TINY, **TWO_PARTS, "sites": sites, table: [row]}).problems
        assert (problem.column, problem.value, problem.severity) == ("item", "part", "error")
        assert "store does not make 'part'." in problem.message


def test_recipes_of_the_bill_of_materials():
    found = said(**{**TWO_PARTS, "components": [{**TWO_PARTS["components"][0], "recipe": "leen"}]})
    assert any("No site makes unit by recipe 'leen'." in text and "standard" in text for text in found)


@pytest.mark.parametrize(
    ("uses", "circle"),
    [
        ({"a": "b", "b": "c", "c": "a"}, "a needs b needs c needs a"),
        ({"a": "b", "b": "b"}, "b needs b"),
        ({"a": "bc", "b": "d", "c": "d", "d": ""}, None),
        ({"a": "bc", "b": "d", "c": "d", "d": "c"}, "d needs c needs d"),
        ({"z": "y", "y": "x", "x": "y"}, "x needs y needs x"),
    ],
)
def test_a_circle_is_told_from_its_first_item_and_a_diamond_is_none(uses, circle):
    items = [{"item": name, "stage": "make"} for name in sorted(set("".join([*uses, *uses.values()])))]
    rows = [{"item": item, "component": part, "quantity": 1} for item, parts in uses.items() for part in parts]
    processes = [{"site": "plant", "item": part["item"]} for part in items]
    demand = [{"customer": "shop", "item": items[0]["item"], "quantity": 1, "price": 9}]
    found = said(items=items, processes=processes, components=rows, demand=demand)
    circles = [text for text in found if "circle" in text]
    assert len(circles) == (circle is not None)
    if circle:
        assert f"circle: {circle}." in circles[0]


@pytest.mark.parametrize(
    ("stock", "wrong"),
    [
        ({"minimum": 5, "maximum": 5}, False),
        ({"minimum": 5, "maximum": 4.9}, True),
        ({"closing_minimum": 6, "maximum": 5}, True),
        ({"minimum": 4, "closing_minimum": 5, "maximum": 5}, False),
        ({"minimum": 5}, False),
    ],
)
def test_a_maximum_below_a_minimum(stock, wrong):
    found = said(stocks=[{"site": "plant", "item": "unit", "opening": 1, **stock}])
    assert any("The maximum is below the minimum." in text for text in found) == wrong


@pytest.mark.parametrize(
    ("value", "tariff", "warned"),
    [
        (0, {"item": "unit", "rate": 0.1}, True),
        (0, {"item": "unit", "rate": 0}, False),
        (0, {"item": "*", "rate": 0.1}, False),
        (1, {"item": "unit", "rate": 0.1}, False),
    ],
)
def test_a_duty_on_what_has_no_value(value, tariff, warned):
    border = {"from_region": "TW", "to_region": "US", **tariff}
    customers = [{"customer": "shop", "region": "US"}]
    found = said(items=[{"item": "unit", "stage": "make", "value": value}], customers=customers, tariffs=[border])
    assert any("A tariff names unit, which has no value." in text for text in found) == warned


@pytest.mark.parametrize(("periods", "lead", "wrong"), [(3, 2, False), (3, 3, True), (1, 0, False), (1, 1, True)])
@pytest.mark.parametrize("table", ["processes", "lanes"])
def test_a_lead_time_as_long_as_the_horizon(table, periods, lead, wrong):
    row = {**toys.TINY[table][0], "lead_time": lead}
    labels = [f"P{number}" for number in range(1, periods + 1)]
    demand = [{**ORDER, "period": labels[-1], "quantity": 10}]
    found = said(periods=labels, demand=demand, **{table: [row]})
    told = [text for text in found if f"ends within the {periods} planned periods" in text]
    assert len(told) == wrong


@pytest.mark.parametrize(("first", "lead", "before"), [("P3", 2, None), ("P2", 2, 1), ("P1", 3, 3)])
def test_an_option_that_should_have_been_decided(first, lead, before):
    option = {"option": "more", "site": "plant", "period": first, "lead_time": lead, "capacity": 5, "fixed_cost": 1}
    tables = {"periods": ["P1", "P2", "P3"], "capacities": [{"site": "plant", "capacity": 20}]}
    told = [text for text in said(**tables, expansions=[option]) if "would have to be decided" in text]
    assert len(told) == (before is not None)
    if before:
        assert f"The option more would have to be decided {before} period{'s' if before > 1 else ''} before" in told[0]
    bought = [text for text in said(**tables, expansions=[{**option, "bought": 1}]) if "would have" in text]
    assert bought == []


@pytest.mark.parametrize(("figure", "times"), [(999, None), (1000, "1,000"), (12345, "12,345")])
def test_a_figure_a_thousand_times_the_median(figure, times):
    """Five figures of 1, 1, 1, 2 and the one: the median is 1."""
    demand = [{**ORDER, "period": f"P{at}", "quantity": value} for at, value in enumerate((1, 1, 1, 2, figure), 1)]
    told = [text for text in said(periods=["P1", "P2", "P3", "P4", "P5"], demand=demand) if "times the median" in text]
    assert len(told) == (times is not None)
    if times:
        assert f"{figure:g} is {times} times the median of its column." in told[0]
    few = [{**part, "period": f"P{at}"} for at, part in enumerate([*demand[:3], demand[4]], 1)]
    assert not [text for text in said(periods=["P1", "P2", "P3", "P4"], demand=few) if "times the median" in text]


def test_nothing_ordered_and_nothing_to_make_it_of():
    assert any("All quantities ordered are 0." in text for text in said(demand=[{**ORDER, "quantity": 0}]))
    assert not any("All quantities" in text for text in said())
    without = {**TWO_PARTS, "processes": [{"site": "plant", "item": "unit"}]}
    told = "No site makes 'part' and none has a stock of it."
    assert sum(told in text for text in said(**without)) == 1
    for more in (
        {"stocks": [{"site": "plant", "item": "part", "opening": 1}]},
        {"arrivals": [{"site": "plant", "item": "part", "period": "1", "quantity": 1}]},
    ):
        assert not any(told in text for text in said(**without, **more))
    assert any(told in text for text in said(**without, stocks=[{"site": "plant", "item": "part", "opening": 0}]))


def test_pairs_that_a_table_stands_for(monkeypatch):
    """Two sites and three customers in a region: 2 * 5 pairs a period for a lane of regions, 4 periods."""
    tables = {
        "periods": ["P1", "P2", "P3", "P4"],
        "sites": [{"site": "plant", "region": "TW"}, {"site": "other", "region": "TW"}],
        "customers": [{"customer": name, "region": "TW"} for name in ("shop", "b", "c")],
        "lanes": [{"from": "region:TW", "to": "region:TW"}],
    }
    words = (
        "The row stands for 2 times 5 pairs of places; up to here the table stands for more than 39 pairs and periods."
    )
    monkeypatch.setattr(width, "MOST_PAIRS", 39)
    assert any(words in text for text in said(**tables))
    monkeypatch.setattr(width, "MOST_PAIRS", 40)
    assert not any("stands for" in text for text in said(**tables))
    half = {**tables, "lanes": [{**tables["lanes"][0], "period": "P1..P2"}, {"from": "plant", "to": "shop"}]}
    monkeypatch.setattr(width, "MOST_PAIRS", 24)
    assert not any("stands for" in text for text in said(**half)), "2 * 5 * 2 and 4"
    monkeypatch.setattr(width, "MOST_PAIRS", 23)
    assert any("stands for 1 times 1 pairs of places" in text for text in said(**half))


def test_pairs_that_tariffs_stand_for(monkeypatch):
    """Two regions and a group of both: `*` stands for 2, the group for 2."""
    tables = {
        "customers": [{"customer": "shop", "region": "US"}],
        "region_groups": {"both": ["TW", "US"]},
        "tariffs": [{"from_region": "both", "to_region": "*", "rate": 0.1}],
    }
    monkeypatch.setattr(width, "MOST_PAIRS", 3)
    assert any("stands for 2 times 2 pairs of places" in text for text in said(**tables))
    monkeypatch.setattr(width, "MOST_PAIRS", 4)
    assert not any("stands for" in text for text in said(**tables))


def test_two_equally_exact_rows_clash_only_where_their_figures_differ():
    sites = [{"site": "plant", "region": "TW"}, {"site": "other", "region": "TW"}]
    groups = {"one": ["TW"], "two": ["TW"]}

    def clashes(cost):
        lanes = [
            {"from": "plant", "to": "shop"},
            {"from": "region:one", "to": "plant", "unit_cost": 1},
            {"from": "region:two", "to": "plant", "unit_cost": cost},
        ]
        return [text for text in said(sites=sites, region_groups=groups, lanes=lanes) if "equally exact" in text]

    assert len(clashes(2)) == 1
    assert "Row 2 is equally exact for the same places in the same period, with other figures." in clashes(2)[0]
    assert clashes(1) == []


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        ("TW", None),
        ("site:plant", None),
        ("operator:plant", None),
        ("cluster:valley", None),
        ("site:plnt", "There is no site 'plnt'. Did you mean plant?"),
        ("operator:plnt", "There is no operator 'plnt'. Did you mean plant?"),
        ("cluster:vally", "There is no cluster 'vally'. Did you mean valley?"),
        ("TV", "There is no region 'TV'. Did you mean TW?"),
    ],
)
def test_what_stock_has_touched(mark, words):
    sites = [{"site": "plant", "region": "TW", "cluster": "valley"}]
    for table, row in (("stocks", {"opening": 1}), ("arrivals", {"period": "1", "quantity": 1})):
        told = said(sites=sites, **{table: [{"site": "plant", "item": "unit", **row, "touched": mark}]})
        assert [text for text in told if "touched" in text] == [text for text in told if words and words in text]
        assert len(told) == (words is not None)


BIG = {
    "items": [{"item": name, "stage": name} for name in ("unit", "other", "part")],
    "processes": [
        {"site": "plant", "item": "unit", "unit_cost": 1},
        {"site": "plant", "item": "other", "unit_cost": 1, "yield": 0.5},
    ],
    "components": [
        {"item": "unit", "component": "part", "quantity": 2},
        {"item": "other", "component": "part", "quantity": 4},
    ],
    "demand": [{**ORDER, "quantity": 10}, {**ORDER, "item": "other", "quantity": 5}],
    "stock": "listed",
}


@pytest.mark.parametrize(("lot", "good", "wrong"), [(60, 1, False), (61, 1, True), (120, 0.5, False), (122, 0.5, True)])
def test_a_lot_that_all_orders_together_cannot_take(lot, good, wrong):
    """10 units take 2 parts each, and 5 of another, of which half are good, 4 each: 20 + 40 in all."""
    lots = [*BIG["processes"], {"site": "plant", "item": "part", "min_lot": lot, "yield": good}]
    told = [text for text in said(**{**BIG, "processes": lots}) if "none can start" in text]
    assert len(told) == wrong
    if wrong:
        assert "gives 61 of part, more than the 60 that all orders together can take" in told[0]
    standing = {**BIG, "processes": lots, "stocks": [{"site": "plant", "item": "part", "maximum": 1}]}
    assert not [text for text in said(**standing) if "none can start" in text], "what is left over can stand"
    nothing = {**BIG, "processes": lots, "stocks": [{"site": "plant", "item": "part", "maximum": 0}]}
    assert len([text for text in said(**nothing) if "none can start" in text]) == wrong
    unit = {**BIG, "processes": lots, "stocks": [{"site": "plant", "item": "unit"}]}
    assert not [text for text in said(**unit) if "none can start" in text], "any number of units can be made for stock"


@pytest.mark.parametrize(
    ("lot", "room", "wrong"),
    [(5, [{"capacity": 10}], False), (5.1, [{"capacity": 10}], True), (7, [{"period": "P1", "capacity": 14}], False)],
)
def test_a_lot_against_the_capacity_of_its_resource(lot, room, wrong):
    """A start takes 2 of the plant."""
    process = {"site": "plant", "item": "unit", "min_lot": lot, "capacity_use": 2}
    demand = [{**ORDER, "period": "P1", "quantity": 100}]
    capacities = [{"site": "plant", **part} for part in room]
    tables = {"periods": ["P1", "P2"], "demand": demand, "processes": [process], "capacities": capacities}
    told = [text for text in said(**tables) if "none can start" in text]
    assert len(told) == wrong
    if wrong:
        assert "A lot of 5.1 takes 10.2 of the resource plant, which never has more than 10" in told[0]
    more = {"option": "more", "site": "plant", "period": "P2", "capacity": 1, "fixed_cost": 1}
    assert not [text for text in said(**tables, expansions=[more]) if "none can start" in text]
    bought = {**more, "capacity": 4, "bought": 0.01}
    assert len([text for text in said(**tables, expansions=[bought]) if "none can start" in text]) == wrong
    gone = [{"option": "more", "factor": 0}]
    told = [text for text in said(**tables, expansions=[more], expansion_factors=gone) if "none can start" in text]
    assert len(told) == wrong
    late = {**tables, "processes": [{**process, "period": "P1"}]}
    assert len([text for text in said(**late, expansions=[more]) if "none can start" in text]) == wrong
    nowhen = {**tables, "capacities": [*capacities, {"site": "plant", "period": "P9", "capacity": 1000}]}
    assert len([text for text in said(**nowhen) if "none can start" in text]) == wrong, (
        "a window that is none has no room"
    )


def test_what_follows_from_rows_that_could_not_be_read_is_not_told():
    """A row of each table with a figure that is none: what may stand in it is not said to be missing."""
    few = [{"name": "p", "sources": [{"stage": "make", "min_sources": 2, "min_share_if_used": 0.1}]}]
    assert any("is made at 1 site only" in text for text in said(policies=few))
    bad = {"site": "plant", "item": "unit", "unit_cost": "dear"}
    told = said(
        policies=few,
        processes=[*toys.TINY["processes"], bad],
        capacities=[{"site": "plant", "resource": "x", "capacity": 1}],
    )
    assert len(told) == 1
    assert "unit_cost" in told[0]
    item = {"item": "other", "stage": "make", "value": "much"}
    assert len(said(policies=few, items=[*toys.TINY["items"], item])) == 1
    assert len(said(demand=[{**ORDER, "quantity": "x"}], processes=[bad])) == 2


def test_a_lane_is_not_dear_where_an_order_says_no_price():
    """An order that must be served says nothing of what its goods are worth."""
    lanes = [{"from": "plant", "to": "shop", "unit_cost": 9}]
    free = {"customer": "shop", "item": "unit", "quantity": 10}
    items = [{"item": "unit", "stage": "make"}]
    assert said(items=items, lanes=lanes, demand=[free]) == []
    assert said(items=items, lanes=lanes, demand=[{**free, "lost_cost": 9}]) == []
    [told] = said(items=items, lanes=lanes, demand=[{**free, "lost_cost": 8, "price": 7}])
    assert "costs 9 a unit, more than unit is worth (8)." in told


def test_a_window_that_is_none_names_the_nearest_label_of_the_first_ones_only(monkeypatch):
    wrong = [{**ORDER, "period": f"2027Q{at}", "quantity": 1} for at in (5, 6, 7)]
    monkeypatch.setattr(ids, "LISTED", 2)
    told = [part.partition("2027Q")[2] for part in said(periods="2027Q1..2027Q4", demand=wrong)]
    assert len(told) == 3
    assert "names no planned periods. Write it as first..last." in told[2]
    for text in told[:2]:
        assert "Write it as first..last." not in text
        assert "2027Q4" in text


def test_rows_that_overlap_are_told_what_to_do_by_their_table():
    tables = {"periods": ["P1", "P2", "P3"], "demand": [{**ORDER, "period": "P1", "quantity": 1}]}
    rows = [{"site": "plant", "capacity": 9, "period": "P1..P2"}, {"site": "plant", "capacity": 9, "period": "P2.."}]
    [told] = said(**tables, capacities=rows)
    assert told.endswith(
        "The window overlaps that of row 1 with the same key (plant). Let the windows follow one another, or remove one row."
    )
    both = [{"site": "plant", "capacity": 9}, {"site": "plant", "resource": "plant", "capacity": 8}]
    [told] = said(**tables, capacities=both)
    assert told.endswith("The key (plant, plant) stands in row 1 already. Keep one of the two rows.")
    orders = [{**ORDER, "period": "P1..P2", "quantity": 1}, {**ORDER, "period": "P2..P3", "quantity": 1}]
    [told] = said(periods=tables["periods"], demand=orders)
    assert told.endswith(
        "Let the windows follow one another; only rows of the very same window and terms are added up."
    )
    apart = [{"site": "plant", "capacity": 9, "period": part} for part in ("P3", "P1", "P2")]
    assert said(**tables, capacities=apart) == []
    assert len(said(**tables, capacities=[*apart, {"site": "plant", "capacity": 1, "period": "P1..P3"}])) == 1


def test_policies_and_scenarios_of_one_name():
    assert len([text for text in said(policies=[{"name": "p"}] * 2) if "Two policies have this name." in text]) == 2
    assert said(policies=[{"name": "p"}, {"name": "q"}]) == []
    twice = [{"name": "s", "changes": [{"change": "demand", "factor": 1.1}]}] * 2
    assert len([text for text in said(scenarios=twice) if "Two scenarios have this name." in text]) == 2
    likely = [{**twice[0], "name": name, "probability": part} for name, part in (("s", 0.6), ("t", 0.4))]
    assert said(scenarios=likely) == []
    likely[1]["probability"] = 0.5
    assert [text.count("add up to more than 1") for text in said(scenarios=likely)] == [1]
