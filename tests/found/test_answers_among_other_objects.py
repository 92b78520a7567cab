"""Answers are objects like others: they are found in lists, are keys of dictionaries and caches, and travel.

`plan in plans` and `plan == earlier` raised pandas' "The truth value of a DataFrame is ambiguous", an instance could be no
key of a cache, and a run store could not be handed to a process of a pool.
"""

import copy
import dataclasses
import functools
import pickle

import pytest
import toys

import planner

PUBLIC = [getattr(planner, name) for name in planner.__all__]
TABLED = [
    kind
    for kind in PUBLIC
    if dataclasses.is_dataclass(kind) and any("DataFrame" in str(field.type) for field in dataclasses.fields(kind))
]
RESULTS = [*TABLED, planner.WhatIf]  # which holds plans


def test_the_results_are_those_that_hold_tables():
    assert {planner.Plan, planner.Comparison, planner.Stress, planner.Frontier} <= set(TABLED)


@pytest.mark.parametrize("kind", RESULTS, ids=lambda kind: kind.__name__)
def test_a_result_is_equal_to_itself_alone(kind):
    """Two tables have no truth value, so that no result can compare by what it holds."""
    assert (kind.__eq__, kind.__hash__) == (object.__eq__, object.__hash__)


def test_plans_are_found_among_plans():
    first, second = (planner.solve(toys.tiny()) for _ in range(2))
    assert second in [first, second]
    assert [first, second].index(second) == 1
    assert len({first, second, first}) == 2
    assert planner.Closeness(first) != planner.Closeness(second)


def test_an_instance_is_a_key():
    asked = []

    @functools.cache
    def cost(instance):
        asked.append(instance)
        return planner.solve(instance).objective

    first = toys.tiny()
    again = pickle.loads(pickle.dumps(toys.tiny()))
    assert first == again
    assert cost(first) == cost(again)
    assert len(asked) == 1
    assert first.replace(demand=()) != first


@pytest.mark.parametrize("moved", [copy.deepcopy, lambda store: pickle.loads(pickle.dumps(store))])
def test_a_run_store_travels(tmp_path, moved):
    """Before it was opened, and with connections open."""
    store = planner.open_store(tmp_path / "runs.sqlite")
    run = moved(store).keep(planner.solve(toys.tiny()))
    assert store.read(run).status == "optimal"
    assert list(moved(store).table["id"]) == [run]
