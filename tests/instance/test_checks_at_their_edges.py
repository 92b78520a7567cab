"""Each check at its edge: all that is said of an instance where a figure is equal, just below or just above."""

import pytest
import toys

import planner
from planner.errors import Problem
from planner.instance.cells import KEPT, UnreadRows
from planner.instance.checks import width
from planner.instance.checks.draft import Draft
from planner.instance.checks.ids import _overlap, marks_of_site
from planner.instance.checks.lots import check_lots_against_orders
from planner.instance.checks.structure import _cycle
from planner.instance.records import Item, Process, Site
from planner.instance.settings import Settings

ORDER = {"customer": "shop", "item": "unit", "price": 100}
SITES = [{"site": "plant", "region": "TW"}, {"site": "other", "region": "US"}]


def told(**tables):
    """All that is said of the tiny instance with some tables replaced: where, what and its remedy."""
    found = planner.check_instance({**toys.TINY, **tables}).problems
    return [(part.file.removeprefix("instance: "), part.row, part.column, part.value, f"{part.message} {part.remedy}", part.severity) for part in found]  # fmt: skip


def said(**tables):
    """The messages alone."""
    return [part[4] for part in told(**tables)]


# --- calendars --------------------------------------------------------------------------------------------------------


def rated(labels, rate=0.1):
    return told(periods=labels, discount_rate=rate, demand=[{**ORDER, "period": labels[0], "quantity": 10}])


def test_a_rate_beside_months():
    """1.1 ** 12 is 3.138, and its twelfth root 1.00797."""
    words = (
        "With plain labels the discount rate counts a period, and these (Jan, Feb, ...) look like months: "
        "10 % a month is 214 % a year. If 10 % a year is meant, write periods: {first: 2027-01, count: 2, length: month} "
        "for a rate a year, or give the rate of a month, 0.008."
    )
    assert rated(["Jan", "Feb"]) == [("instance", None, "discount_rate", "0.1", words, "warning")]
    assert rated(["Jan"]) == [], "one period is not discounted"
    assert rated(["Jan", "Feb"], 0) == []
    assert rated(["Jan", "Fub"]) == []
    assert rated(["2027", "2028"]) == [], "years"


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (0.001, "0.1 % a quarter is 0.401 % a year. If 0.1 % a year"),
        (0.18, "18 % a quarter is 93.9 % a year."),
        (0.19, "19 % a quarter is 101 % a year."),
        (0.5, "50 % a quarter is 406 % a year. If 50 % a year"),
        (1, "100 % a quarter is 1,500 % a year. If 100 % a year"),
        (8.9, "890 % a quarter is 960,496 % a year."),
        (9, "900 % a quarter is 999,900 % a year."),
        (9.1, "910 % a quarter is millions of % a year."),
    ],
)
def test_rates_in_words(rate, words):
    [(*_, text, _)] = rated(["Q1", "Q2"], rate)
    assert f"look like quarters: {words}" in text


@pytest.mark.parametrize(
    ("labels", "length", "first"),
    [
        (["2027-01-04", "2027-01-05"], "day", ""),
        (["2027-01-04", "2027-01-08"], "day", ""),  # four days, as near to one as to seven
        (["2027-01-04", "2027-01-09"], "week", "2027-W01"),
        (["2027-01-04", "2027-01-22"], "week", "2027-W01"),  # 18 days
        (["2027-01-04", "2027-01-23"], "month", "2027-01"),
        (["2027-01-04", "2027-03-04"], "month", "2027-01"),  # 59 days
        (["2027-01-04", "2027-03-08"], "quarter", "2027Q1"),  # 63 days
        (["2027-01-04", "2027-02-04", "2027-05-05"], "month", "2027-01"),  # 60.5 on average
        (["2027-01-04", "2027-08-22"], "year", None),  # 230 days
        (["d1", "d2"], "day", ""),
        (["mon", "tue"], "day", ""),
        (["m1", "m2"], "month", "2027-01"),
    ],
)
def test_what_labels_look_like(labels, length, first):
    found = rated(labels)
    if first is None:
        assert found == []
        return
    [(*_, text, _)] = found
    assert f"look like {length}s: " in text
    assert ("periods: {" in text) == bool(first)
    assert not first or f"{{first: {first}, count: {len(labels)}, length: {length}}}" in text


@pytest.mark.parametrize(("label", "last"), [("1", None), ("2", "2027Q2"), ("1200", "2326Q4"), ("1201", None), ("0", None), ("x", None)])  # fmt: skip
def test_a_number_for_the_periods(label, last):
    words = f"One period is planned, called {label}. For {label} periods write a calendar, e.g. 2027Q1..{last}."
    assert told(periods=[label]) == ([] if last is None else [("instance", None, "periods", label, words, "warning")])


@pytest.mark.parametrize(
    ("windows", "row", "missing"),
    [
        (["*"], None, None),
        (["P2.."], None, None),
        (["P2"], 1, "P3..P4"),
        (["P1", "P3", "P4"], 3, "P2"),
        (["P4", "P1"], 1, "P2..P3"),  # the row of the latest window is named
        (["P1", "P3"], 2, "P2, P4"),
        (["P4"], None, None),
    ],
)
def test_a_capacity_that_ends_or_has_a_gap(windows, row, missing):
    tables = {"periods": ["P1", "P2", "P3", "P4"], "demand": [{**ORDER, "period": "P4", "quantity": 1}]}
    remedy = "Add the periods to a window (`*` is all of them, `P..` from P on), or a row with 0 if that is meant."
    for line, name in (("plant", "plant"), ("line", "line at plant")):
        rows = [{"site": "plant", "resource": line, "period": window, "capacity": 9} for window in windows]
        found = told(**tables, capacities=rows, processes=[{"site": "plant", "item": "unit", "resource": line}])
        words = f"The capacity of {name} has no row for {missing}, so it is 0 there. {remedy}"
        assert found == ([] if row is None else [("capacities", row, "period", windows[row - 1], words, "warning")])


# --- rows that were not read ------------------------------------------------------------------------------------------


def draft(rows=None, unread=(), lost=None):
    found = {table: [("t", number, row) for number, row in enumerate(part, 1)] for table, part in (rows or {}).items()}
    return Draft(Settings.model_validate({"name": "d"}), found, (), (), unread=frozenset(unread), lost=lost or {})


def test_what_is_known_of_rows_that_could_not_be_read():
    sites = {"sites": [Site.model_validate({"site": "a", "region": "TW"})]}
    assert draft(sites).ids("sites", "site") == {"a"}
    assert draft(sites, unread=["sites"]).ids("sites", "site") is None
    assert draft(sites, unread=["items"]).ids("sites", "site") == {"a"}
    few, many = UnreadRows(), UnreadRows()
    few.add({"site": "b", "region": "US"})
    assert draft(sites, lost={"sites": few}).ids("sites", "site") == {"a", "b"}
    assert draft(sites, lost={"sites": few}).ids("sites", "region") == {"TW", "US"}
    assert draft(sites, lost={"items": few}).ids("sites", "site") == {"a"}
    for _ in range(KEPT + 1):
        many.add({"site": "c"})
    assert draft(sites, lost={"sites": many}).ids("sites", "site") is None
    assert draft(sites).whole("sites", "items")
    assert not draft(sites, unread=["items"]).whole("sites", "items")
    assert not draft(sites, lost={"items": few}).whole("sites", "items")
    assert draft(sites, lost={"items": few}).whole("sites")
    assert not draft(sites).may_be_lost("b")
    assert draft(sites, lost={"items": few}).may_be_lost("b")
    assert not draft(sites, lost={"items": few}).may_be_lost("c")
    assert draft(sites, lost={"items": few, "sites": many}).may_be_lost("x")
    assert draft(sites, unread=["items"]).may_be_lost("x")
    assert draft(sites).records("items") == []
    assert draft(sites).window("x") == range(0)


def test_a_check_that_needs_whole_tables_is_silent_without_them():
    """A lane dearer than its goods, a lot that is too large, an item without a source: with a row that is none, nothing."""
    dear = {"lanes": [{"from": "plant", "to": "shop", "unit_cost": 250}]}
    lot = {"processes": [{"site": "plant", "item": "unit", "min_lot": 11}], "stock": "listed"}
    narrow = {"processes": [{"site": "plant", "item": "unit", "min_lot": 9}], "capacities": [{"site": "plant", "capacity": 8}]}  # fmt: skip
    tape = {
        "items": [*toys.TINY["items"], {"item": "tape", "stage": "make"}],
        "components": [{"item": "unit", "component": "tape", "quantity": 1}],
    }
    bad = {
        "items": {"item": "other", "stage": "make", "value": "much"},
        "demand": {**ORDER, "quantity": "some"},
        "stocks": {"site": "plant", "item": "unit", "minimum": "few"},
        "capacities": {"site": "plant", "resource": "x", "capacity": "much"},
        "processes": {"site": "plant", "item": "unit", "recipe": "x", "unit_cost": "dear"},
    }
    for tables, words, needed in (
        (dear, "a unit, more than unit is worth", ("items", "demand")),
        (lot, "all orders together can take", ("items", "demand", "stocks", "processes")),
        (narrow, "which never has more than 8", ("capacities",)),
        (tape, "No site makes 'tape'", ("processes", "stocks")),
    ):
        assert sum(words in text for text in said(**tables)) == 1
        for name in needed:
            rows = [*tables.get(name, toys.TINY.get(name, ())), bad[name]]
            found = said(**{**tables, name: rows})
            assert len(found) == 1, (words, name)
            assert not any(words in text for text in found)


# --- widths, ids and windows ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lanes", "clash"),
    [
        ([("region:one", "shop", 1), ("region:two", "shop", 2)], "from"),  # the end alone is exact
        ([("plant", "region:one", 1), ("plant", "region:two", 2)], "to"),  # the start alone is
        ([("region:one", "shop", 1), ("region:two", "shop", 1)], None),
        ([("region:one", "shop", 1), ("region:TW", "shop", 2)], None),  # a region is more exact than a group
        ([("region:TW", "shop", 1), ("plant", "shop", 2)], None),
        ([("plant", "shop", 1), ("plant", "shop", 2)], "twice"),
    ],
)
def test_rows_that_are_equally_exact(lanes, clash):
    rows = [{"from": start, "to": end, "unit_cost": cost} for start, end, cost in lanes]
    found = said(lanes=rows, region_groups={"one": ["TW"], "two": ["TW"]})
    words = "Row 1 is equally exact for the same places in the same period, with other figures."
    remedy = "Write one more exact row, or make the figures agree."
    if clash == "twice":
        assert found == ["The key (plant, shop, *) stands in row 1 already. Keep one of the two rows."]
    elif clash:
        assert found == [f"{words} {remedy}"]
    else:
        assert found == []


def test_rows_that_each_name_a_pair_are_never_too_many(monkeypatch):
    """They are as many as somebody wrote."""
    monkeypatch.setattr(width, "MOST_PAIRS", 1)
    sites = {"sites": SITES, "lanes": [*toys.TINY["lanes"], {"from": "plant", "to": "other"}]}
    assert said(**sites) == []
    assert len(said(**{**sites, "lanes": [*sites["lanes"], {"from": "other", "to": "region:TW"}]})) == 1
    assert len(said(**{**sites, "lanes": [*sites["lanes"], {"from": "region:US", "to": "plant"}]})) == 1


@pytest.mark.parametrize(
    ("span", "other"),
    [((0, 2), 10), ((2, 3), 10), ((3, 5), None), ((4, 6), 20), ((5, 7), 20), ((7, 8), None), ((8, 9), 30), ((0, 9), 10), ((9, 12), None), ((-1, 0), None)],
)  # fmt: skip
def test_the_first_row_that_a_window_overlaps(span, other):
    """Rows of 0..3, 5..7 and 8..9."""
    spans = [(0, 3, 10), (5, 7, 20), (8, 9, 30)]
    assert _overlap(spans, (*span, 40)) == other
    assert ((*span, 40) in spans) == (other is None)
    assert spans == sorted(spans)


def test_marks_of_a_site():
    assert marks_of_site(Site.model_validate({"site": "a", "region": "TW"})) == ("site:a", "operator:a")
    site = Site.model_validate({"site": "a", "region": "TW", "operator": "o", "cluster": "c"})
    assert marks_of_site(site) == ("site:a", "operator:o", "cluster:c")


def test_a_chain_that_is_walked_through_once():
    """Twenty items, each of which takes all that follow: every pair once, not every way."""
    uses = {f"{at:02}": {f"{other:02}" for other in range(at + 1, 20)} for at in range(20)}
    assert _cycle(uses) is None
    assert _cycle({**uses, "19": {"18"}}) == ["18", "19", "18"]


# --- policies ---------------------------------------------------------------------------------------------------------

CAP = {"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.5}
SOURCE = {"stage": "make", "min_sources": 2, "min_share_if_used": 0.1}
MORE = {"option": "more", "site": "plant", "period": "1", "capacity": 5, "fixed_cost": 1}


@pytest.mark.parametrize(
    ("policy", "column", "words"),
    [
        ({}, None, None),
        ({"options": ["more"]}, None, None),
        ({"options": []}, None, None),
        ({"options": ["mor"]}, "options", "There is no expansion option 'mor'. Did you mean more?"),
        ({"limits": [CAP]}, None, None),
        ({"limits": [{**CAP, "of": "each"}]}, None, None),
        ({"limits": [{**CAP, "of": "TV"}]}, "limits.cap.of", "There is no region 'TV'. Did you mean TW?"),
        ({"limits": [{**CAP, "over": "site", "of": "plnt"}]}, "limits.cap.of", "There is no site 'plnt'. Did you mean plant?"),
        ({"limits": [{**CAP, "over": "operator", "of": "TW"}]}, "limits.cap.of", "There is no operator 'TW'."),
        ({"limits": [{**CAP, "stage": "mke"}]}, "limits.cap.stage", "There is no stage 'mke'. Did you mean make?"),
        ({"limits": [{**CAP, "items": ["unt"]}]}, "limits.cap.items", "There is no item 'unt'. Did you mean unit?"),
        ({"limits": [{**CAP, "period": "9"}]}, "limits.cap.period", "'9' is not a planned period (1)."),
        ({"limits": [{**CAP, "items": ["tape"]}]}, "limits.cap", "The limit matches no item that is made. Check its stage and items."),
        ({"limits": [{**CAP, "stage": "bought"}]}, "limits.cap", "The limit matches no item that is made. Check its stage and items."),
        ({"limits": [{**CAP, "items": ["tape", "unit"]}]}, None, None),
        ({"limits": [{"name": "path", "measure": "pathway", "of": "TW", "max_share": 0.5, "customers": ["shp"]}]}, "limits.path.customers", "There is no customer 'shp'. Did you mean shop?"),
        ({"limits": [{"name": "path", "measure": "pathway", "of": "TW", "max_share": 0.5, "items": ["tape"]}]}, "limits.path", "The limit matches no order, so it holds nothing"),
        ({"limits": [{"name": "path", "measure": "pathway", "of": "TW", "max_share": 0.5, "items": ["tape", "unit"], "customers": ["shop"]}]}, None, None),
        ({"buffers": [{"stage": "make", "periods_of_cover": 1}]}, None, None),
        ({"buffers": [{"stage": "mke", "periods_of_cover": 1}]}, "buffers.0.stage", "There is no stage 'mke'. Did you mean make?"),
        ({"buffers": [{"stage": "make", "periods_of_cover": 1}, {"items": ["unt"], "periods_of_cover": 1}]}, "buffers.1.items", "There is no item 'unt'. Did you mean unit?"),
        ({"buffers": [{"stage": "make", "periods_of_cover": 1, "period": "9"}]}, "buffers.0.period", "'9' is not a planned period (1)."),
        ({"sources": [{**SOURCE, "stage": "mke"}]}, "sources.0.stage", "There is no stage 'mke'. Did you mean make?"),
        ({"sources": [{**SOURCE, "stage": "bought"}]}, "sources.0.stage", "No item of this stage is made. Check the stage."),
        ({"sources": [SOURCE]}, None, None),  # two sites make a unit
        ({"sources": [{**SOURCE, "min_sources": 3}]}, "sources.0.min_sources", "unit is made at 2 sites only (other, plant), so under this policy it cannot be made. Lower min_sources, or add a process at another site."),
    ],
)  # fmt: skip
def test_what_a_policy_names(policy, column, words):
    tables = {
        "sites": SITES,
        "items": [*toys.TINY["items"], {"item": "tape", "stage": "bought"}],
        "processes": [*toys.TINY["processes"], {"site": "other", "item": "unit"}],
        "components": [{"item": "unit", "component": "tape", "quantity": 1}],
        "stocks": [{"site": "plant", "item": "tape", "opening": 99}],
        "lanes": [{"from": "plant", "to": "other"}, {"from": "plant", "to": "shop"}, {"from": "other", "to": "shop"}],
        "expansions": [MORE],
        "capacities": [{"site": "plant", "capacity": 99}],
    }
    found = [part for part in told(**tables, policies=[{"name": "p", **policy}]) if part[0] == "policies"]
    assert [part[2] for part in found][:1] == ([] if column is None else [column])
    both = {"limits.cap.items", "limits.path.customers"}
    assert len(found) == (0 if column is None else 1 + (column in both)), "and so it counts nothing"
    assert not words or found[0][4].startswith(words)


@pytest.mark.parametrize(("chances", "total"), [((0.5, 0.5), None), ((0.5, 0.5 + 1e-10), None), ((0.5, 0.50001), "1.00001"), ((1, None), None), ((1, 0.5), "1.5")])  # fmt: skip
def test_the_sum_of_probabilities(chances, total):
    change = {"change": "demand", "factor": 1.1}
    rows = [{"name": f"s{at}", "changes": [change], **({} if chance is None else {"probability": chance})} for at, chance in enumerate(chances)]  # fmt: skip
    found = [(part[2], part[3]) for part in told(scenarios=rows)]
    assert found == ([] if total is None else [("probability", total)])


# --- figures ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("large", "words"),
    [
        (1e9, None),
        (1.001e9, "shop orders 1 of unit, and shop (row 2) 1,001,000,000 of unit: 1e9 times as much."),
        (2.5e12, "shop orders 1 of unit, and shop (row 2) 2.5e+12 of unit: 2.5e12 times as much."),
    ],
)
def test_orders_a_thousand_million_times_apart(large, words):
    rows = [{**ORDER, "period": f"P{at}", "quantity": figure} for at, figure in enumerate((1, large), 1)]
    found = [text for text in said(periods=["P1", "P2"], demand=rows) if " orders " in text and "times as much" in text]
    assert [text.partition(" Check")[0] for text in found] == ([] if words is None else [words])


@pytest.mark.parametrize(("rate", "percent"), [(1.99, None), (2, "200"), (25, "2,500")])
def test_a_duty_of_twice_the_value(rate, percent):
    duty = [{"from_region": "TW", "to_region": "US", "rate": rate}]
    found = said(customers=[{"customer": "shop", "region": "US"}], tariffs=duty)
    words = f"A rate of {rate:g} is a duty of {percent} % of the value of the goods. Write {rate / 100:g} if {rate:g} % is meant."  # fmt: skip
    assert found == ([] if percent is None else [words])


@pytest.mark.parametrize(("quantity", "wrong"), [(1e9, False), (1.1e9, True)])
def test_a_recipe_a_thousand_million_times_apart(quantity, wrong):
    """One unit started gives one and takes so many of a part; of two parts only the ends count."""
    items = [*toys.TINY["items"], *({"item": part, "stage": "parts"} for part in ("bolt", "dye", "tape"))]
    processes = [*toys.TINY["processes"], *({"site": "plant", "item": part, "resource": "press"} for part in ("bolt", "dye", "tape"))]  # fmt: skip
    figures = {"bolt": 2, "dye": quantity, "tape": 5}
    components = [{"item": "unit", "component": part, "quantity": figure} for part, figure in figures.items()]
    demand = [{**ORDER, "quantity": 1e-6}]
    found = [text for text in said(items=items, processes=processes, components=components, demand=demand) if " apart." in text]  # fmt: skip
    assert len(found) == wrong
    if wrong:
        words = "A unit of unit started at plant takes 1,100,000,000 of dye and"
        assert found[0].startswith(words)
        assert "figures that are 1.1e9 times apart." in found[0]


@pytest.mark.parametrize(("cost", "told_of"), [(100, False), (100.5, True)])
def test_freight_that_is_more_than_what_is_paid(cost, told_of):
    for lane in ({}, {"item": "unit"}):
        found = said(lanes=[{"from": "plant", "to": "shop", "unit_cost": cost, **lane}])
        words = f"The lane from plant to shop costs {cost:,.12g} a unit, more than unit is worth (100)."
        assert [text.partition(" Check")[0] for text in found] == ([words] if told_of else [])


# --- lots -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stock", "stocks", "warned"),
    [
        ("listed", [], True),
        ("anywhere", [], False),
        ("anywhere", [("plant", 0)], False),  # it can stand at the other site
        ("anywhere", [("plant", 0), ("other", 0)], True),
        ("anywhere", [("plant", 0), ("other", 5)], False),
        ("listed", [("plant", 0)], True),
        ("listed", [("plant", None)], False),
        ("listed", [("plant", 1)], False),
    ],
)
def test_where_the_rest_of_a_lot_can_stand(stock, stocks, warned):
    processes = [{"site": "plant", "item": "unit", "min_lot": 11}]
    rows = [{"site": site, "item": "unit", **({} if most is None else {"maximum": most})} for site, most in stocks]
    lanes = [*toys.TINY["lanes"], {"from": "plant", "to": "other"}]
    found = [text for text in said(sites=SITES, processes=processes, stocks=rows, stock=stock, lanes=lanes) if "A lot of" in text]  # fmt: skip
    assert len(found) == warned
    if warned:
        assert found[0].startswith("A lot of 11 gives 11 of unit, more than the 10 that all orders together can take")


def test_a_lot_of_what_is_ordered_and_taken_up():
    """10 units and 3 parts are ordered; a unit takes 2 parts, and at the worst yield of 0.5 twice as many: 43."""
    rows = {
        "items": [{"item": "unit", "stage": "make"}, {"item": "part", "stage": "parts"}],
        "processes": [
            {"site": "plant", "item": "unit", "yield": 0.5},
            {"site": "other", "item": "unit"},
            {"site": "plant", "item": "part", "resource": "press", "min_lot": 43},
        ],
        "components": [
            {"item": "unit", "component": "part", "quantity": 2},
            {"item": "unit", "recipe": "x", "component": "part", "quantity": 1},
        ],
    }
    demand = [{**ORDER, "period": "P1..P2", "quantity": 5}, {**ORDER, "item": "part", "period": "P1", "quantity": 3}]
    tables = {"sites": SITES, "periods": ["P1", "P2"], "stock": "listed", "demand": demand, "lanes": [*toys.TINY["lanes"], {"from": "plant", "to": "other"}, {"from": "other", "to": "shop"}]}  # fmt: skip

    def lots(least):
        processes = [*rows["processes"][:2], {**rows["processes"][2], "min_lot": least}]
        found = said(**{**rows, "processes": processes}, **tables)
        return [text for text in found if "A lot of" in text]

    assert lots(43) == []
    assert lots(43 * (1 + 0.9e-9)) == []
    assert "gives 43.0000001 of part, more than the 43 that" in lots(43.0000001)[0]


def test_a_lot_of_what_little_is_taken_of():
    """10 units take a quarter of a part each: 2.5."""
    items = [{"item": "unit", "stage": "make"}, {"item": "part", "stage": "parts"}]
    components = [{"item": "unit", "component": "part", "quantity": 0.25}]
    for lot, warned in ((2.5, False), (2.6, True)):
        processes = [*toys.TINY["processes"], {"site": "plant", "item": "part", "resource": "press", "min_lot": lot}]
        found = said(items=items, components=components, processes=processes, stock="listed")
        assert any("more than the 2.5 that all orders together" in text for text in found) == warned


def test_a_lot_within_a_circle_is_not_judged():
    rows = [Process.model_validate({"site": "plant", "item": item, "min_lot": 5}) for item in ("a", "b")]
    items = [Item.model_validate({"item": item, "stage": "s"}) for item in ("a", "b")]
    found = draft({"processes": rows, "items": items})
    problems = [part for part in check_lots_against_orders(found) if isinstance(part, Problem)]
    assert [(part.row, part.message.partition(", and")[0]) for part in problems] == [
        (1, "A lot of 5 gives 5 of a, more than the 0 that all orders together can take"),
        (2, "A lot of 5 gives 5 of b, more than the 0 that all orders together can take"),
    ]


# --- what limits used before ------------------------------------------------------------------------------------------

HORIZON = {**CAP, "per": "horizon"}
USED = {"policy": "p", "limit": "cap", "of": "TW", "inside": 1, "total": 2}


def used(*policies, rows):
    return [text.partition(" Give the policy")[0] for text in said(policies=list(policies), limits_used=rows)]


def test_a_policy_of_which_no_row_is_known_beside_others():
    """Those with a limit of the same name are named, or all others."""
    asked = {"name": "q", "limits": [HORIZON]}
    others = [USED, {**USED, "policy": "r", "limit": "other"}, {**USED, "policy": "s"}]
    words = "limits_used has no row of the policy q, only of {}, so its limit over the horizon (cap) counts from 1 on alone."
    assert used(asked, rows=others) == [words.format("p and s")]
    assert used(asked, rows=others[1:2]) == [words.format("r")]
    assert used(asked, rows=[*others, {**USED, "policy": "q"}]) == []
    assert used({"name": "q", "limits": [CAP]}, rows=others) == []
    two = {"name": "q", "limits": [HORIZON, {**HORIZON, "name": "more"}]}
    [text] = used(two, rows=others[1:2])
    assert text.endswith("so its limits over the horizon (cap, more) count from 1 on alone.")
    gone = "The policy p has no limit 'cap' over the horizon, so this counts for nothing. None is defined."
    assert used({"name": "p", "limits": [CAP]}, rows=[USED]) == [gone]
    assert used({"name": "p", "limits": [HORIZON]}, rows=[USED]) == []
