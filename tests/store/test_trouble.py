"""Stores in trouble: the answer is shown all the same, and why nothing was kept is said; nothing is lost or torn."""

import json
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import alembic.script
import children
import pytest
import toys
from alembic.config import Config
from crashes import killed, no_file_above
from portions import portion
from sqlalchemy import event

import planner
from planner.errors import StoreError
from planner.store import migrating
from planner.store.migrating import migrate, version_of
from planner.store.plans import plan_entry
from planner.store.run_store import RunStore
from planner.store.schema import HEAD, metadata

PROGRAM = Path(__file__).with_name("killed_keepers.py")
INSTANCE = {**toys.TINY, "name": "tiny"}


@pytest.fixture
def run(in_process, monkeypatch, tmp_path):
    """Run a command in a folder with an instance and a store of its own; exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANNER_STORE", "runs.sqlite")
    (tmp_path / "tiny.json").write_text(json.dumps(INSTANCE))

    return in_process


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs.sqlite")


def shown(answer):
    """An answer without what differs from run to run: seconds, and the id."""
    found = json.loads(answer)
    return {name: value for name, value in found.items() if name not in {"timings", "run"}}


@pytest.mark.parametrize("size", portion([0, 1000, 5000, 30_000, 60_000, 90_000], quick=1))
def test_a_full_disk_does_not_lose_the_answer(run, store, size):
    wanted = run("solve", "tiny.json", "--json", "--no-store")
    assert not store.address.file.exists()
    with no_file_above(size):
        code, out, err = run("solve", "tiny.json", "--json")
    assert (code, shown(out)) == (0, shown(wanted[1]))
    assert json.loads(out)["run"] is None
    assert "planner: not kept as a run. The run store runs.sqlite cannot be used: there is no room" in err
    assert store.all() == []
    code, out, err = run("solve", "tiny.json", "--json")  # and there is room again
    assert (code, [kept.id for kept in store.all()]) == (0, [json.loads(out)["run"]])


def test_a_disk_that_fills_up_later_loses_nothing_that_was_kept(run, store):
    first = json.loads(run("solve", "tiny.json", "--json")[1])
    other = {**INSTANCE, "demand": [{**row, "quantity": row["quantity"] / 2} for row in INSTANCE["demand"]]}
    Path("other.json").write_text(json.dumps(other))
    with no_file_above(40_000):  # enough for what SQLite needs to read
        code, _, err = run("solve", "other.json", "--json")
        assert code == 0
        assert "there is no room" in err
        code, again, err = run("solve", "tiny.json", "--json")
    assert json.loads(again) == first
    assert store.read(first["run"]).objective == first["objective"]
    assert len(store.all()) == 1


def test_a_database_that_is_full(store):
    plan = planner.solve(planner.load_instance(INSTANCE))
    store.keep(plan)

    @event.listens_for(store.database._engine, "connect")
    def _small(connection, _record):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    entry = replace(plan_entry(plan), question=None, parts={"random": os.urandom(100_000)})
    with pytest.raises(StoreError, match="there is no room") as refused:
        store.put([entry], "test")
    assert "Make room there, or name another place, with PLANNER_STORE." in str(refused.value)
    [kept] = store.all()
    assert store.read(kept.id).objective == plan.objective


# a superuser may write everywhere: its child gives up what makes it one, and stays the owner of its files
BOUND = (
    "import ctypes, os, struct; os.environ.pop('PLANNER_STORE', None); "
    "os.getuid() or ctypes.CDLL(None).capset(struct.pack('Ii', 0x20080522, 0), bytes(24)); "
)


def test_a_folder_that_cannot_be_written(tmp_path):
    """As somebody who may only read."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "tiny.json").write_text(json.dumps(INSTANCE))
    folder.chmod(0o555)
    done = children.python(BOUND + children.COMMAND, "solve", "tiny.json", "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "optimal"
    assert json.loads(done.stdout)["run"] is None
    assert "planner: not kept as a run. The folder .planner of the run store cannot be made: " in done.stderr
    done = children.python(BOUND + children.COMMAND, "runs", "list", folder=folder)
    assert (done.returncode, done.stdout[:24]) == (0, "No runs are kept in .pla")
    folder.chmod(0o755)


def test_a_store_that_may_only_be_read(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "tiny.json").write_text(json.dumps(INSTANCE))
    store = RunStore(folder / ".planner" / "runs.sqlite")
    run = store.keep(planner.solve(planner.load_instance(INSTANCE)))
    for path in (folder / ".planner", folder):
        path.chmod(0o555)
    store.address.file.chmod(0o444)
    done = children.python(BOUND + children.COMMAND, "explain", run, "--order", "shop/unit/1", folder=folder)
    assert done.returncode == 0, done.stderr
    done = children.python(BOUND + children.COMMAND, "runs", "tag", run, "mine", folder=folder)
    assert (done.returncode, "it cannot be written there" in done.stderr) == (2, True), done.stderr
    done = children.python(BOUND + children.COMMAND, "solve", "tiny.json", "--gap", "0.1", folder=folder)
    assert (done.returncode, "planner: not kept as a run." in done.stderr) == (0, True), done.stderr
    for path in (folder, folder / ".planner"):
        path.chmod(0o755)


def test_a_store_of_a_newer_planner_is_refused_with_a_word(run, store):
    kept = json.loads(run("solve", "tiny.json", "--json")[1])["run"]
    with closing(sqlite3.connect(store.address.file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = store.address.file.read_bytes()
    word = f"a newer planner made it (version 9999; this one knows {HEAD}). Update the planner, or name another place"
    for words in (("runs", "list"), ("runs", "tag", kept, "x"), ("explain", kept, "--order", "shop/unit/1")):
        code, out, err = run(*words)
        assert (code, out) == (2, "")
        assert word in err
    code, out, err = run("solve", "tiny.json")
    assert (code, "tiny: no policy: optimal" in out) == (0, True)
    assert f"planner: not kept as a run. The run store runs.sqlite cannot be used: {word}" in err
    assert store.address.file.read_bytes() == before


def test_a_database_of_something_else_is_left_alone(run, tmp_path):
    with closing(sqlite3.connect(tmp_path / "runs.sqlite")) as connection:
        connection.execute("CREATE TABLE sales (id INTEGER)")
        connection.commit()
    before = (tmp_path / "runs.sqlite").read_bytes()
    assert "it is a database of something else (it has a table sales)" in run("runs", "list")[2]
    code, _, err = run("solve", "tiny.json")
    assert (code, "something else" in err) == (0, True)
    with closing(sqlite3.connect(tmp_path / "runs.sqlite")) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("sales",)]
    assert len(before) == len((tmp_path / "runs.sqlite").read_bytes())


def test_contents_that_are_not_what_was_kept_are_no_answer(run, store):
    first = json.loads(run("solve", "tiny.json", "--json")[1])
    with closing(sqlite3.connect(store.address.file)) as connection:
        connection.execute("UPDATE contents SET data = zeroblob(length(data))")
        connection.commit()
    code, out, err = run("solve", "tiny.json", "--json")
    assert (code, shown(out)) == (0, shown(json.dumps(first)))
    assert "is damaged: its " in err
    code, _, err = run("runs", "show", first["run"])
    assert (code, "is damaged: its " in err) == (2, True)


def test_contents_of_a_stranger_are_no_plan(run, store):
    """Whole by its hash, but nothing that the planner wrote."""
    first = json.loads(run("solve", "tiny.json", "--json")[1])["run"]
    from planner.store.contents import hash_of, text_bytes

    for name, text in (("record", "[]"), ("record", "{}"), ("instance", "[1]"), ("policy", '{"name": 3}')):
        data = text_bytes(text)
        with closing(sqlite3.connect(store.address.file)) as connection:
            connection.execute("INSERT OR IGNORE INTO contents VALUES (?, ?)", (hash_of(data), data))
            connection.execute("UPDATE parts SET content = ? WHERE name = ?", (hash_of(data), name))
            connection.commit()
        code, _, err = run("explain", first, "--order", "shop/unit/1")
        assert (code, "is not whole" in err) == (2, True), err
    assert run("solve", "tiny.json")[0] == 0


def test_migrations_lead_from_the_first_to_the_tables_of_today(tmp_path):
    config = Config()
    config.set_main_option("script_location", "planner.store:migrations")
    script = alembic.script.ScriptDirectory.from_config(config)
    every = [found.revision for found in script.walk_revisions()][::-1]
    assert every[0] == "0001"
    assert every == sorted(every)
    assert every[-1] == HEAD
    store = RunStore(tmp_path / "runs.sqlite")
    with store.database.writing() as connection:
        from alembic.autogenerate import compare_metadata
        from alembic.migration import MigrationContext

        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert version_of(connection) == HEAD


FIRST = Path(__file__).with_name("first_schema.sql")


def test_a_store_of_the_first_schema_is_read_and_brought_up_to_date(tmp_path):
    """The file is what the first planner with a store wrote; it stays as it is, whatever migrations come."""
    with closing(sqlite3.connect(tmp_path / "old.sqlite")) as connection:
        connection.executescript(FIRST.read_text(encoding="utf-8"))
    store = RunStore(tmp_path / "old.sqlite")
    plan = store.read("agreed")
    assert (plan.status, plan.objective) == ("optimal", 10.0)
    assert plan.production["started"].tolist() == [10.0]
    assert store.find("agreed").row["note"] == "the first"
    with store.database.writing() as connection:
        migrate(connection)
        assert version_of(connection) == HEAD


def test_a_migration_that_fails_leaves_the_store_as_it_was(tmp_path, monkeypatch):
    store = RunStore(tmp_path / "runs.sqlite")
    monkeypatch.setattr(migrating, "HEAD", "0002")  # there is none, so that Alembic stops at the first
    with pytest.raises(RuntimeError), store.database.writing():
        raise RuntimeError
    with closing(sqlite3.connect(tmp_path / "runs.sqlite")) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []


def test_writers_that_are_killed_and_writers_at_once_lose_nothing():
    found = killed(PROGRAM, 3)
    assert found["killed"]["kills"] == 3
    assert found["killed"]["acknowledged"]
    assert found["at_once"] == {"writers": 8, "errors": 0, "runs": 16}


@pytest.mark.slow
def test_500_killed_writers_lose_nothing():
    found = killed(PROGRAM, 500)
    assert found["killed"]["kills"] == 500
    assert found["killed"]["acknowledged"] > 500


def test_a_copy_of_the_file_is_the_whole_store(run, store, tmp_path):
    """What was acknowledged stands in the file itself once the command has ended, and in no file beside it."""
    kept = json.loads(run("solve", "tiny.json", "--json")[1])["run"]
    copy = shutil.copy(store.address.file, tmp_path / "copy.sqlite")
    assert RunStore(copy).find(kept).id == kept
    assert [path.name for path in tmp_path.glob("runs.sqlite*")] == ["runs.sqlite"]
