"""Two spellings of one region, stage, operator or cluster are a warning: no limit would see both."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from toys import TINY, two_plants

import planner


def doubts(**tables):
    """Column, value, message and remedy of the warnings of `two_plants` with some tables replaced."""
    found = planner.check_instance({**two_plants().as_mapping(), **tables})
    assert found.errors == ()
    return [(problem.column, problem.value, problem.message, problem.remedy) for problem in found.problems]


def plants(**columns):
    """Two sites with these values in turn."""
    sites = [{"site": "east", "region": "TW"}, {"site": "west", "region": "US"}]
    return [{**site, **{name: values[at] for name, values in columns.items()}} for at, site in enumerate(sites)]


@pytest.mark.parametrize(
    ("first", "second"), [("TSMC", "tsmc"), ("Tokyo Electron", "tokyo-electron"), ("a.b", "A_B"), ("acme", "acme ")]
)
@pytest.mark.parametrize("kind", ["operator", "cluster"])
def test_two_spellings_of_an_operator_or_cluster(kind, first, second):
    [(column, value, message, remedy)] = doubts(sites=plants(**{kind: (first, second)}))
    assert (column, value) == (kind, second)
    assert message == f"'{second}' and '{first}' are taken for two {kind}s."
    assert remedy == f"Write both alike if they are one {kind}."


@pytest.mark.parametrize(
    ("second", "why"),
    [
        ("Zu\u0308rich Fab", ": in one an accented letter is one sign, in the other two"),
        ("Z\u00fcrich\u00a0Fab", ""),
        ("\uff3a\u00fcrich Fab", ""),
    ],
)
def test_two_spellings_that_look_alike(second, why):
    """As one system writes accents as signs of their own, and another does not: seen on no screen."""
    first = "Z\u00fcrich Fab"
    [(column, value, message, _)] = doubts(sites=plants(operator=(first, second)))
    assert (column, value) == ("operator", second)
    assert message == f"'{second}' and '{first}' are taken for two operators{why}."


def test_a_region_in_two_tables():
    [(column, value, message, _)] = doubts(customers=[{"customer": "shop", "region": "tw"}])
    assert (column, value) == ("region", "tw")
    assert "'tw' and 'TW'" in message


def test_a_stage():
    items = [{"item": "unit", "stage": "make"}, {"item": "part", "stage": "Make"}]
    processes = [{"site": "east", "item": name} for name in ("unit", "part")]
    components = [{"item": "unit", "component": "part", "quantity": 1}]
    found = planner.check_instance({**TINY, **planner_tables(items, processes, components)})
    assert [problem.value for problem in found.problems if "taken for two stages" in problem.message] == ["Make"]


def planner_tables(items, processes, components):
    sites, lanes = [{"site": "east", "region": "TW"}], [{"from": "east", "to": "shop"}]
    return {"items": items, "processes": processes, "components": components, "sites": sites, "lanes": lanes}


def test_the_name_of_a_region_for_its_id():
    [(column, value, message, remedy)] = doubts(
        regions={"TW": "Taiwan", "US": "United States"}, customers=[{"customer": "shop", "region": "Taiwan"}]
    )
    assert (column, value) == ("region", "Taiwan")
    assert "beside TW, which has it as its name" in message
    assert remedy == "Write TW if that is meant."


@pytest.mark.parametrize(
    "tables",
    [
        {},
        {"sites": plants(operator=("A-1", "A1"))},
        {"sites": plants(operator=("same", "same"), cluster=("", ""))},
        {"regions": {"TW": "TW", "US": ""}},
        {"regions": {"TW": "US", "US": "TW"}},
    ],
)
def test_nothing_to_doubt(tables):
    assert doubts(**tables) == []


def test_each_spelling_is_told_once_at_its_first_row():
    rows = [{"customer": f"shop-{number}", "region": "us"} for number in range(3)]
    lanes = [{"from": "region:US", "to": row["customer"]} for row in rows]
    demand = [{"customer": row["customer"], "item": "unit", "quantity": 1, "price": 9} for row in rows]
    found = planner.check_instance({**two_plants().as_mapping(), "customers": rows, "lanes": lanes, "demand": demand})
    assert [(problem.file, problem.row) for problem in found.problems if problem.value == "us"] == [
        ("instance: customers", 1)
    ]


@pytest.mark.parametrize("text", ["region: TW", "Region:TW", " REGION : TW ", "region:TW "])
def test_a_region_with_blanks_is_told_as_it_is_written(text):
    found = planner.check_instance({**two_plants().as_mapping(), "lanes": [{"from": text, "to": "shop"}]})
    assert [problem.remedy for problem in found.errors] == ["Write region:TW, without blanks."]
