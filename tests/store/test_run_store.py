"""The run store: what is kept comes back the same, is found by its names, and goes only where it is let go."""

import json
from functools import cache

import pandas as pd
import pytest
import toys
from portions import portion

import planner
from planner.errors import StoreError, UsageError
from planner.instance.loading import load_instance
from planner.plan.lazy_tables import PRICED, LazyTables
from planner.plan.live_planning import Replanner
from planner.report.run_folder import read_run, write_run
from planner.store.run_store import COLUMNS, RunStore

CANNING = planner.load_instance("instances/canning")
# What one query or none stands behind is told on SQLite; on PostgreSQL only with -m slow. All else runs on both.
ON_SQLITE = pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True
)


@pytest.fixture(scope="module")
def plans():
    return [planner.solve(CANNING), planner.solve(CANNING, policy="balanced"), planner.solve(CANNING, None, "growth")]


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def same(first, second, tmp_path):
    """Whether two plans are the same run: their folders agree byte by byte, and so do their objects."""
    one, other = write_run(first, tmp_path / "one"), write_run(second, tmp_path / "other")
    assert files(one) == files(other)
    return json.dumps(first.as_json()) == json.dumps(second.as_json())


@cache
def whole():
    """A plan with everything that one can have: a scenario, classes, counted sources, relabelled units."""
    rows = {
        **toys.TOY,
        "policies": [
            {
                "name": "all",
                "limits": [{"name": "free", "measure": "pathway", "of": "TW", "max_share": 0.9, "soft_cost": 10}],
                "sources": [{"stage": "packaging", "max_sources": 2}],
            }
        ],
        "scenarios": [{"name": "growth", "changes": [{"change": "demand", "factor": 1.1}]}],
    }
    return planner.solve(load_instance(rows), "all", "growth")


@pytest.mark.parametrize("which", portion(["whole", 0, 1, 2], quick=1))
def test_a_run_comes_back_the_same(store, plans, tmp_path, which):
    plan = whole() if which == "whole" else plans[which]
    again = store.read(store.keep(plan))
    assert same(plan, again, tmp_path)
    assert again.instance == plan.instance
    assert again.instance.content_hash == plan.instance.content_hash
    assert (again.policy, again.scenario) == (plan.policy, plan.scenario)
    for name, table in plan.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table, check_dtype=False)  # text is text


@ON_SQLITE
def test_a_run_comes_back_from_a_folder_through_the_store_to_a_folder(store, plans, tmp_path):
    write_run(plans[1], tmp_path / "first")
    again = store.read(store.keep(read_run(tmp_path / "first")))
    write_run(again, tmp_path / "second")
    assert files(tmp_path / "first") == files(tmp_path / "second")


@ON_SQLITE
def test_what_was_not_computed_is_computed_when_it_is_asked_for(store, tmp_path):
    live = Replanner(CANNING).plan(CANNING.scenario("growth"))
    run = store.keep(live)
    assert {"choke_points", "price_sides", "allocation"} & live.tables.made() == set(), "keeping computes no prices"
    again = store.read(run)
    assert isinstance(again.tables, LazyTables)
    assert set(again.tables) == set(live.tables)
    assert again.as_json() == {**live.as_json(), "timings": again.timings}
    assert set(PRICED) & (live.tables.made() | again.tables.made()) == set(), "costs need no prices"
    assert same(live, again, tmp_path)


@ON_SQLITE
def test_versions_are_those_that_made_the_run(store, plans):
    plan = store.read(store.keep(plans[0]))
    assert plan.versions == plans[0].versions
    assert {"planner", "python", "pulp", "highspy", "pandas", "code"} == set(plan.versions)


@ON_SQLITE
def test_a_run_has_a_row_of_figures(store, plans):
    run = store.keep(plans[1])
    [row] = store.table.to_dict("records")
    assert tuple(row) == COLUMNS
    service = plans[1].service_summary
    assert row | {"id": run, "kind": "plan", "policy": "balanced", "status": "optimal"} == row
    assert row["objective"] == plans[1].objective
    assert row["margin"] == plans[1].margin
    assert [row[name] for name in service] == list(service.values())
    assert row["solver_seconds"] == plans[1].timings["solve"]


def test_the_same_content_is_kept_once(store, plans):
    store.keep(plans[0])
    with store.database.reading() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM contents").scalar()
    other = planner.solve(CANNING, gap=1e-5)  # another question with the same tables
    assert store.keep(other) != store.find("latest").row["question"]
    with store.database.reading() as connection:
        now = connection.exec_driver_sql("SELECT count(*) FROM contents").scalar()
        parts = connection.exec_driver_sql("SELECT count(*) FROM parts").scalar()
    assert len(store.all()) == 2
    assert now - before == 2, "its options and its seconds"
    assert parts > 2 * 11


@ON_SQLITE
def test_another_who_answered_the_same_meanwhile_stands_for_it(store, plans):
    assert store.keep(plans[0]) == store.keep(plans[0])
    assert len(store.all()) == 1


@ON_SQLITE
def test_names_of_a_run(store, plans):
    first, second = store.keep(plans[0]), store.keep(plans[1])
    store.tag(first, "base")
    for name, wanted in ((first, first), (first[:6], first), ("base", first), (second[:7], second), ("latest", second)):
        assert store.find(name).id == wanted
    store.mark_latest([first])
    assert store.find("latest").id == first


def test_signs_that_several_ids_begin_with_are_refused_with_their_names(store, plans):
    for number, plan in enumerate(plans):
        store.keep(plan)
        with store.database.writing() as connection:
            connection.exec_driver_sql(f"UPDATE runs SET id = 'abcdef{number}' WHERE id NOT LIKE 'abcdef%%'")
    with pytest.raises(UsageError) as refused:
        store.find("abcdef")
    assert str(refused.value) == (
        "3 runs begin with abcdef: abcdef0 (canning), abcdef1 (canning / balanced), abcdef2 (canning / growth). "
        "Write more of the id."
    )
    assert store.find("abcdef1").row["policy"] == "balanced"


NOTHING = ["nothing", "012345", "abcde", "", "%", "______", "latest/x", "\u0660\u0661"]
NO_TAGS = ["latest", "facade", "0123456789", "a b", "", "-x", "x" * 65, "../x", "a\nb", "=1+1"]


@ON_SQLITE
def test_a_name_of_nothing(store, plans):
    for name in NOTHING:
        with pytest.raises(UsageError, match="nothing is kept in"):
            store.find(name)
    store.keep(plans[0])
    for name in NOTHING:
        with pytest.raises(UsageError, match="There is no run"):
            store.find(name)


@ON_SQLITE
def test_a_word_that_is_no_tag(store, plans):
    run = store.keep(plans[0])
    for word in NO_TAGS:
        with pytest.raises(UsageError):
            store.tag(run, word)
        assert store.find(run).tags == (), word


def test_tags_and_notes(store, plans):
    first, second = store.keep(plans[0]), store.keep(plans[1])
    assert store.tag(first, "agreed") is None
    assert store.tag(first, "agreed") is None
    assert store.tag(second, "agreed") == first
    assert store.find("agreed").id == second
    store.note("agreed", "as of Monday")
    store.note("agreed", "as of Tuesday")
    assert store.find(second).row["note"] == "as of Tuesday"
    store.untag("agreed")
    assert store.find(second).tags == ()
    with pytest.raises(UsageError, match="No run is tagged agreed"):
        store.untag("agreed")


def contents(store):
    with store.database.reading() as connection:
        kept = set(connection.exec_driver_sql("SELECT hash FROM contents").scalars())
        used = set(connection.exec_driver_sql("SELECT content FROM parts").scalars())
        tags = connection.exec_driver_sql("SELECT count(*) FROM tags").scalar()
    assert kept == used, "nothing is left that no run holds, and nothing is missing"
    return kept, tags


def test_a_run_that_is_deleted_takes_only_its_own_along(store, plans, tmp_path):
    ids = [store.keep(plan) for plan in plans]
    store.tag(ids[1], "agreed")
    before, _ = contents(store)
    assert store.delete("agreed") == ids[1]
    after, tags = contents(store)
    assert after < before
    assert tags == 0
    assert same(store.read(ids[0]), plans[0], tmp_path)
    for id_ in (ids[0], ids[2]):
        store.delete(id_)
    assert contents(store) == (set(), 0)


def test_pruning_keeps_the_latest_and_those_with_a_tag(store, plans):
    ids = [store.keep(plan) for plan in plans]
    store.tag(ids[0], "agreed")
    assert store.prune(1) == [ids[1]]
    assert {kept.id for kept in store.all()} == {ids[0], ids[2]}
    assert store.prune(0) == [ids[2]]
    assert store.prune(0) == []
    contents(store)


def test_nothing_is_made_by_reading(tmp_path):
    store = RunStore(tmp_path / "not" / "there.sqlite")
    assert store.all() == []
    assert store.table.empty
    assert not store.knows("latest")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_store_is_left_alone(tmp_path, plans):
    other = tmp_path / "other.sqlite"
    for content in (b"not a database, just text of some length\n" * 40, b"x"):
        other.write_bytes(content)
        for ask in (lambda: RunStore(other).all(), lambda: RunStore(other).keep(plans[0])):
            with pytest.raises(StoreError, match="no store, or damaged"):
                ask()
        assert other.read_bytes() == content
    with pytest.raises(StoreError, match="is a folder"):
        RunStore(tmp_path)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("mysql://root@host/db", "SQLite or PostgreSQL, not mysql"),
        ("sqlite://", "keeps nothing"),
        ("sqlite:///:memory:", "keeps nothing"),
        ("://", "no path and no URL"),
        ("postgresql://host:port/db", "no path and no URL"),
    ],
)
def test_an_address_that_is_none(monkeypatch, said, words):
    monkeypatch.setenv("PLANNER_STORE", said)
    with pytest.raises(StoreError, match=words):
        planner.open_store()


def test_a_password_is_not_shown():
    store = RunStore("postgresql://me:secret@127.0.0.1:1/none")
    assert "secret" not in repr(store)
    with pytest.raises(StoreError) as refused:
        store.all()
    assert "secret" not in str(refused.value)


def test_the_folder_of_the_store_ignores_itself(tmp_path, monkeypatch, plans):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PLANNER_STORE")
    planner.open_store().keep(plans[0])
    assert (tmp_path / ".planner" / ".gitignore").read_text() == "*\n"
    assert (tmp_path / ".planner" / "runs.sqlite").exists()
