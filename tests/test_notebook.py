"""A notebook is a second reader: results have a short repr, and show their tables as HTML that can do nothing."""

import html.parser

import pandas as pd
import pytest
import toys

import planner
from planner.text.blocks import Block, Summary
from planner.text.html import MOST, cell, html_of

EVIL = "<script>alert(1)</script> & $x$ \"'"
TAGS = {"div", "h4", "p", "small", "b", "table", "caption", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"style", "class", "scope"}


class Reader(html.parser.HTMLParser):
    """Tags, attributes and text of a piece of HTML; every tag that is opened is closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text, self.open = set(), {}, [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= dict(attrs)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


DOUBLED = {
    "name": "doubled",
    "mode": "grid",
    "factors": [{"name": "orders", "change": "demand", "factor": {"grid": [1.0, 2.0]}}],
}


def chain():
    """East and west make units in two periods; a policy caps east, and a fire puts it out."""
    return toys.two_plants(
        title=EVIL,
        periods=["P1", "P2"],
        sites=[
            {"site": "east", "region": "TW", "operator": EVIL, "cluster": EVIL},
            {"site": "west", "region": "US", "operator": EVIL},
        ],
        regions={"TW": EVIL},
        capacities=[{"site": "west", "capacity": 6}, {"site": "east", "capacity": 8}],
        expansions=[{"option": "line", "site": "west", "period": "P2", "capacity": 6, "unit_cost": 5}],
        policies=[
            {
                "name": "capped",
                "title": EVIL,
                "limits": [{"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.6}],
            }
        ],
        scenarios=[
            {
                "name": "fire",
                "title": EVIL,
                "probability": 0.1,
                "changes": [{"change": "outage", "where": {"site": "east"}, "period": "P2"}],
            }
        ],
    )


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    instance = chain()
    bare, plan = planner.solve(instance), planner.solve(instance, policy="capped")
    return {
        "Instance": instance,
        "Plan": plan,
        "Comparison": planner.compare(bare, plan),
        "Audit": planner.audit(instance),
        "WhatIf": planner.what_if(instance, "fire", ["capped"]),
        "Stress": planner.stress(instance, "fire", ["capped"]),
        "TimeToSurvive": planner.time_to_survive(instance, "capped", over=["site"], recover=1),
        "Frontier": planner.frontier(instance, "capped", "cap", planner.Levels(error=0.1)),
        "TwoStage": planner.two_stage(instance, "capped", against=[None]),
        "Sweep": planner.sweep(instance, {**DOUBLED, "policies": ["capped"]}),
        "Report": planner.report(toys.tiny(title=EVIL), tmp_path_factory.mktemp("report") / "r"),
    }


RESULTS = (
    "Instance",
    "Plan",
    "Comparison",
    "Audit",
    "WhatIf",
    "Stress",
    "TimeToSurvive",
    "Frontier",
    "TwoStage",
    "Sweep",
    "Report",
)


def test_every_result_of_a_public_name_is_looked_at():
    shown = {name for name in planner.__all__ if hasattr(getattr(planner, name), "_repr_html_")}
    assert shown == set(RESULTS)


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_has_a_short_repr(results, name):
    text = repr(results[name])
    assert text.startswith(f"<{name} of " if name != "Instance" else "<Instance ")
    assert text.endswith(">")
    assert len(text) < 160
    assert "\n" not in text


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_shows_tables_in_a_notebook_that_can_do_nothing(results, name):
    found = Reader(results[name]._repr_html_())
    assert found.tags <= TAGS
    assert set(found.attributes) <= ATTRIBUTES
    assert "table" in found.tags
    assert "mathjax_ignore" in found.attributes["class"]


@pytest.mark.parametrize("name", ["Instance", "Plan", "Report"])
def test_names_stand_there_as_they_are_written(results, name):
    assert EVIL in "".join(Reader(results[name]._repr_html_()).text)


def test_what_a_cell_says():
    values = [0.25, 1234567.0, 12, float("nan"), None, True, "a<b", pd.NA]
    assert [cell(value) for value in values] == ["0.25", "1.2 M", "12", "–", "–", "yes", "a<b", "–"]
    assert cell(0.25, share=True) == "25.0 %"


def test_a_long_table_says_how_many_rows_are_left_out():
    block = Block("numbers", pd.DataFrame({"n": range(MOST + 3)}))
    text = "".join(Reader(html_of(Summary("many", (), (block,)))).text)
    assert "... and 3 more rows" in text
    short = Block("numbers", pd.DataFrame({"n": range(5)}), most=2)
    assert "... and 3 more rows" in html_of(Summary("many", (), (short,)))


def test_a_block_without_rows_is_not_shown():
    assert "empty" not in html_of(Summary("t", (), (Block("empty", pd.DataFrame({"n": []})),)))


def test_a_total_stands_out():
    block = Block("cost", pd.DataFrame({"what": ["a", "total"], "cost": [1.0, 1.0]}), total=True)
    assert html_of(Summary("t", (), (block,))).count("<th style") == 2
