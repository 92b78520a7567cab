"""Plans of views begin at the nearest earlier one, and are those of the same run built anew."""

import pytest
import toys

import planner
from planner.plan.tables import TABLE_NAMES
from planner.report.csv_tables import csv_text
from planner.serve.live import Planning
from planner.serve.view import View
from planner.serve.wishes import place_of
from planner.serve.written import written
from planner.solve.start_bases import FAR

QUERIES = [
    "policy=guarded",
    "policy=guarded&limit=wafer-tw:50",
    "policy=guarded&demand=::106&capacity=packaging:TW:90",
    "policy=guarded&outage=TW:P2:1",
]
MORE = [
    "policy=guarded&limit=wafer-tw:55",
    "policy=guarded&demand=::103",
    "policy=guarded&capacity=packaging:TW:85",
    "policy=guarded&outage=TW:P2:1&demand=::98",
]
UNPRICED = [name for name in TABLE_NAMES if name not in {"limits", "choke_points"}]


def shown(plan):
    return {name: csv_text(plan.tables[name]) for name in UNPRICED}


@pytest.mark.parametrize("queries", [QUERIES, pytest.param([*QUERIES, *MORE], marks=pytest.mark.slow)])
def test_plans_do_not_depend_on_what_was_asked_before(queries):
    """One view of each kind in every suite; with four more between them it is slow."""
    instance = toys.toy(expansions=[])  # nothing to be decided by 0 or 1: runs are live
    forth, back = Planning(instance), Planning(instance)
    views = [View.read(query) for query in queries]
    found = {view.query: forth.answer(view).plan for view in views}
    for view in reversed(views):
        plan, asked = found[view.query], written(instance, view)
        assert shown(back.answer(view).plan) == shown(plan), view.query
        assert shown(planner.solve(asked.instance, asked.policy, asked.scenario)) == shown(plan), view.query
        assert not plan.rebuilt
    assert len(forth._baseline("guarded").starts.places) == len(views)


def test_where_a_view_lies_is_how_far_it_is_from_its_policy():
    instance = toys.toy()
    guarded = {group.name: group for group in instance.policy("guarded").limits}
    share = 100 * guarded["wafer-tw"].max_share
    view = View.read(f"policy=guarded&limit=wafer-tw:{share - 5:g}&capacity=packaging:TW:90&demand=::102")
    place = place_of(instance, view)
    assert {name: round(away, 9) for name, away in place.items()} == {
        "limit wafer-tw": -0.05,
        "capacity ('packaging', 'TW')": -0.1,
        "demand ('', '')": 0.02,
    }
    assert place_of(instance, View.read("policy=guarded")) == {}
    assert set(place_of(instance, View.read("policy=guarded&outage=TW:P2:1")).values()) == {FAR}
