"""Each answer that a store keeps, and each way in which a store says that it cannot: by hand, on a file."""

import errno
import os
import sqlite3
from contextlib import closing
from functools import cache

import pandas as pd
import pytest
import toys
from sqlalchemy.exc import DBAPIError, OperationalError

import planner
from planner.errors import StoreError, UsageError
from planner.instance.policy import Policy
from planner.plan.run_options import RunOptions
from planner.store import address, database, migrating
from planner.store.answers import (
    Answer,
    answer_entry,
    answer_of,
    comparisons_answer,
    comparisons_of,
    fingerprint,
    frontier_answer,
    frontier_of,
    report_answer,
    report_of,
    sweep_rows,
)
from planner.store.contents import hash_of, table_bytes, text_bytes, text_of
from planner.store.memory import StoreMemory
from planner.store.run_store import RunStore
from planner.study.frontier.curve import Frontier
from planner.study.frontier.points import Break
from planner.study.frontier.points_journal import Mark
from planner.study.runs import Failure


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs.sqlite")


@cache
def plan(policy=None):
    return toys.solve(toys.two_plants(), policy)


def kept(store, answer, kind="compare"):
    """An answer as it comes back from a store."""
    instance = plan().instance
    [run] = store.put([answer_entry(kind, "0" * 64, instance, ("p", None), answer)], kind)
    return store.get(run)


def test_an_answer_comes_back_with_its_tables_and_texts(store):
    answer = Answer({"a": [1, None]}, {"x/y": pd.DataFrame({"n": [1.5, None]})}, {"page.html": "é\n"})
    found = kept(store, answer)
    assert found.words == f"{found.id[:8]} (tiny / p, an answer of compare)"
    again = answer_of(found)
    assert (again.record, again.files) == (answer.record, answer.files)
    pd.testing.assert_frame_equal(again.tables["x/y"], answer.tables["x/y"])
    for broken in ({}, {**found.parts, "record": b"x"}, {**found.parts, "tables/x/y": b"x"}):
        with pytest.raises(StoreError, match=r"The run .* is not whole \(.*\). Solve it again."):
            answer_of(type(found)(found.id, found.row, (), broken))


def test_comparisons_come_back(store):
    first, second = plan(), toys.solve(toys.two_plants(capacities=[{"site": "east", "capacity": 4}]))
    found = [planner.compare(first, second), planner.compare(second, first)]
    again = comparisons_of(answer_of(kept(store, comparisons_answer(found))))
    assert [part.answer for part in again] == [part.answer for part in found]
    assert again[0].cost["difference"].iloc[-1] == 12
    for one, other in zip(found, again, strict=True):
        for name in ("inputs", "outputs", "cost", "exposure", "moved", "split"):
            pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_dtype=False)


def test_a_frontier_comes_back(store):
    frontier = Frontier(
        name="tiny", scenario=None, currency="USD", policy="p", limits=("l1", "l2"), floor=False, soft=True, integer=False,
        exact=True, error=0.5, complete=True, start=1.0, stop=0.0, own=0.8, least=10.0,
        points=pd.DataFrame({"level": [1.0, 0.5], "cost": [10.0, 12.0]}),
        breaks=(Break("gap", 0.5, 0.4, conflict=("a", "b")), Break("jump", 0.9, 0.8, 3.0)),
        marks=(Mark("q", 0.7, 11.0), Mark("r", note="none")), within_asked=(0.1, 0.2), solved=3, remembered=1,
    )  # fmt: skip
    again = frontier_of(answer_of(kept(store, frontier_answer(frontier), "frontier")))
    assert repr(again.breaks) == repr(frontier.breaks), "NaN is not equal to itself"
    assert repr(again.marks) == repr(frontier.marks)
    assert (again.limits, again.within_asked, again.own) == (("l1", "l2"), (0.1, 0.2), 0.8)
    pd.testing.assert_frame_equal(again.points, frontier.points)


def test_a_report_and_the_runs_of_a_sweep_come_back(store):
    answer = report_answer({"a": 1}, {"summary.md": "# x"}, {"map.svg": "<svg/>"})
    assert report_of(answer_of(kept(store, answer))) == ({"a": 1}, {"summary.md": "# x"}, {"map.svg": "<svg/>"})
    runs = Answer({}, {"runs": pd.DataFrame({"run": [1, 2], "cost": [1.5, None], "reason": [None, "x"]})})
    assert sweep_rows(runs) == [{"run": 1, "cost": 1.5, "reason": None}, {"run": 2, "cost": None, "reason": "x"}]


def test_the_fingerprint_of_a_plan_is_of_all_that_a_comparison_looks_at():
    assert fingerprint(plan()) == fingerprint(plan())
    assert fingerprint(plan()) != fingerprint(toys.solve(toys.two_plants(capacities=[{"site": "east", "capacity": 4}])))


def test_contents():
    assert text_of(text_bytes("a\né")) == "a\né"
    assert hash_of(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    with pytest.raises(ValueError, match="x"):
        table_bytes(pd.DataFrame({"x": [1, "a"]}))


def test_an_address_is_a_path_a_url_or_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.setenv(address.VARIABLE, f" {tmp_path}/a.sqlite ")
    assert address.address_of().file == tmp_path / "a.sqlite"
    found = address.address_of(f"sqlite:///{tmp_path}/b.sqlite")
    assert (found.file, found.words, found.own) == (tmp_path / "b.sqlite", f"{tmp_path}/b.sqlite", False)
    assert not found.is_there
    server = address.address_of("postgres://me:secret@host/db")
    assert (server.url, server.file) == ("postgresql+psycopg://me:secret@host/db", None)
    assert server.words == "postgresql+psycopg://me:***@host/db"
    assert server.is_there, "that is not known before it is asked"
    server.prepare()
    monkeypatch.setenv(address.VARIABLE, "")
    assert address.address_of().own


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    store = RunStore(tmp_path / "file" / "runs.sqlite")
    with pytest.raises(
        StoreError, match=r"The folder .*file of the run store cannot be made: .*\. Name another place with"
    ):
        store.keep(plan())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SQLITE_FULL", "there is no room (said). Make room there, or name another place"),
        ("SQLITE_IOERR_WRITE", "there is no room, or the disk fails (said). Make room there, or name another place"),
        ("SQLITE_READONLY", "it cannot be written there (said). Name another place"),
        ("SQLITE_CANTOPEN", "it cannot be written there (said). Name another place"),
        ("SQLITE_BUSY_SNAPSHOT", "others wrote to it for 60 seconds (said). Try again, or name another place"),
        ("SQLITE_NOTADB", "the file is no store, or damaged (said). Put it aside, or name another place"),
        ("SQLITE_CORRUPT", "the file is no store, or damaged (said). Put it aside, or name another place"),
        ("SQLITE_ERROR", "said. Name another place"),
    ],
)
def test_why_a_database_could_not_be_used(name, words):
    cause = sqlite3.OperationalError("said")
    cause.sqlite_errorname = name
    assert database._reason(DBAPIError("select", {}, cause)) == words


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_disk_without_room(number):
    assert database._reason(OSError(number, "said")).startswith("there is no room ([Errno")
    assert database._reason(OSError(errno.EACCES, "said")) == f"[Errno {errno.EACCES}] said. Name another place"
    assert database._reason(OSError()) == "OSError. Name another place"


def test_another_writer_that_does_not_end(store, monkeypatch):
    """A lock on a file without a journal yet, and on one with it: after the wait the reason is told."""
    monkeypatch.setattr(database, "PATIENCE", 0.1)
    for ready in (False, True):
        if ready:
            store.keep(plan())
        with closing(sqlite3.connect(store.address.file, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(StoreError, match="others wrote to it for 0 seconds"):
                RunStore(store.address.file).put(
                    [answer_entry("x", "0" * 64, plan().instance, (None, None), Answer(1))], "x"
                )
    assert len(store.all()) == 1


def test_a_journal_that_is_asked_for_by_several_is_waited_for(store, monkeypatch):
    """The first two times the database is busy, the third time it is not."""

    class Busy:
        asked = 0

        def exec_driver_sql(self, statement):
            self.asked += 1
            if self.asked <= 2:
                cause = sqlite3.OperationalError("busy")
                cause.sqlite_errorname = "SQLITE_BUSY"
                raise OperationalError(statement, {}, cause)
            return self

        def scalar(self):
            return "wal"

    monkeypatch.setattr(database, "_PAUSE", 0)
    connection = Busy()
    database._journal(connection)
    assert connection.asked == 3


def test_a_file_that_may_only_be_read_is_one_that_nobody_changes_unless_a_journal_waits(store, monkeypatch):
    store.keep(plan())
    file = store.address.file
    assert database._read_only(file) is None
    monkeypatch.setattr(os, "access", lambda path, _: path != file)
    only = {"mode": "ro", "uri": "true"}
    found = database._read_only(file)
    assert (found.database, found.query) == (f"file:{file}", {**only, "immutable": "1"})
    assert RunStore(file).all()
    journal = file.with_name("runs.sqlite-wal")
    journal.write_bytes(b"")
    assert "immutable" in database._read_only(file).query
    journal.write_bytes(b"x")
    assert database._read_only(file).query == only


def test_a_driver_that_is_not_there():
    with pytest.raises(StoreError, match=r"needs a driver that is not installed .*pip install 'planner\[postgres\]'"):
        RunStore("postgresql+nodriver://me@127.0.0.1:1/none").all()


def test_an_older_store_is_brought_up_to_date_when_it_is_read(store, monkeypatch):
    store.keep(plan())
    done = []
    monkeypatch.setattr(database, "HEAD", "0002")
    monkeypatch.setattr(database, "migrate", lambda _: done.append(1))
    monkeypatch.setattr(database, "refuse_newer", lambda _: None)
    assert len(RunStore(store.address.file).all()) == 1
    assert done == [1]
    migrating.refuse_newer(migrating.HEAD)
    with pytest.raises(migrating.UnusableError, match=r"a newer planner made it \(version 9999"):
        migrating.refuse_newer("9999")


def test_no_migration_leads_back(store):
    from alembic import command
    from alembic.config import Config

    store.keep(plan())
    config = Config()
    config.set_main_option("script_location", "planner.store:migrations")
    with store.database.writing() as connection:
        config.attributes["connection"] = connection
        with pytest.raises(NotImplementedError):
            command.downgrade(config, "base")
    assert len(store.all()) == 1


def test_a_store_that_was_not_opened_is_closed_without_a_word(store):
    store.close()
    store.keep(plan())
    store.close()
    store.close()
    assert len(store.all()) == 1


def test_a_store_is_let_go_of_at_the_end_of_its_block(store):
    closed = []
    store.database.close = lambda: closed.append(True)
    with store as opened:
        assert opened is store
        run = opened.keep(plan())
        assert closed == []
    assert closed == [True]
    with pytest.raises(UsageError, match="no run nothing"), store:
        store.read("nothing")
    assert closed == [True, True]
    assert [kept.id for kept in store.all()] == [run]


def test_a_run_without_a_plan_names_the_latest_with_one(store):
    assert not store.knows("latest")
    entry = answer_entry("audit", "0" * 64, plan().instance, (None, None), Answer(1))
    [answer] = store.put([entry], "audit")
    with pytest.raises(UsageError, match=r"has no tables of a plan. No run has."):
        store.read("latest")
    run = store.keep(plan())
    store.mark_latest([answer])
    with pytest.raises(UsageError) as refused:
        store.read("latest")
    assert str(refused.value) == (
        f"The run {answer[:8]} (tiny, an answer of audit) has no tables of a plan. "
        f"The latest that has is {run[:8]} (tiny)."
    )
    with pytest.raises(UsageError, match=r"`planner runs list` shows which have."):
        store.read(answer)
    with pytest.raises(UsageError, match=r"or tag. `planner runs list` shows what there is"):
        store.read("nothing")
    store.tag(run, "agreed")
    with pytest.raises(UsageError, match=r"or tag. Did you mean agreed"):
        store.read("agred")


def test_what_is_added_to_a_run_that_is_gone_is_gone(store):
    run = store.keep(plan())
    store.add(run, {"more": b"1"})
    store.add(run, {"more": b"2"})
    assert store.get(run).parts["more"] == b"1", "what is there already stays"
    store.delete(run)
    store.add(run, {"more": b"3"})
    assert store.all() == []


def test_contents_that_are_not_as_they_were(store):
    run = store.keep(plan())
    with closing(sqlite3.connect(store.address.file)) as connection, connection:
        connection.execute(
            "UPDATE contents SET data = x'00' WHERE hash IN (SELECT content FROM parts WHERE name = 'options')"
        )
    with pytest.raises(StoreError, match=r"is damaged: its options is not what was kept. Solve it again."):
        store.read(run)


def test_a_store_that_cannot_be_opened_is_remembered_as_lost(tmp_path):
    memory = StoreMemory("solve", tmp_path)
    assert (memory.place, memory.ids) == ("", {})
    assert "is a folder, and a run store is a file" in memory.lost
    memory.keep(plan(), plan().instance, None, None, RunOptions())
    memory.keep_answer("0" * 64, plan().instance, Answer(1))
    memory.done()
    assert (memory.ids, memory.answer) == ({}, None)


@pytest.mark.parametrize(
    ("status", "there"), [("infeasible", True), ("unbounded", True), ("limit", False), ("error", False)]
)
def test_a_run_without_a_plan_is_kept_where_no_time_would_find_one(store, status, there):
    instance, policy = plan().instance, Policy.model_validate({"name": "p"})
    failure = Failure("tiny", "p", None, status, "why")
    memory = StoreMemory("solve", store.address.file)
    memory.keep(failure, instance, policy, None, RunOptions())
    assert bool(store.all()) == there == bool(memory.ids)
    again = StoreMemory("solve", store.address.file)
    found = again.recall(instance, policy, None, RunOptions())
    assert (found is not None) == there
    if there:
        assert (found.status, found.message) == (status, "why")
        assert again.ids == {("p", None): store.find("latest").id}
    assert StoreMemory("solve", store.address.file, fresh=True).recall(instance, policy, None, RunOptions()) is None
    assert StoreMemory("solve", store.address.file, recalls=False).recall(instance, policy, None, RunOptions()) is None
