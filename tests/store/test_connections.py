"""Connections to a store: what they acknowledge is on the disk, writers take turns, readers wait for nobody."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import create_engine

from planner.errors import StoreError
from planner.store import database
from planner.store.run_store import RunStore
from planner.store.schema import metadata


@pytest.fixture
def file(tmp_path):
    return tmp_path / "runs.sqlite"


def asked(connection, *names):
    return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]


def test_a_connection_keeps_what_it_acknowledges(file):
    """FULL is 2; a writer waits for a minute; references hold in every connection, not in that which made the file."""
    for _ in range(2):
        with RunStore(file).database.writing() as connection:
            found = asked(connection, "journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            assert found == ["wal", 2, 1, 60_000]
    with RunStore(file).database.reading() as connection:
        assert asked(connection, "synchronous", "foreign_keys", "busy_timeout") == [2, 1, 60_000]


def test_a_writer_is_alone_from_its_first_moment_and_a_reader_waits_for_nobody(file, monkeypatch):
    """A transaction that only becomes one of a writer when it writes fails then, after all its work."""
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    first, second = RunStore(file).database, RunStore(file).database
    with first.writing():
        pass
    with first.writing() as connection:
        connection.exec_driver_sql("INSERT INTO contents VALUES ('x', x'00')")
        with pytest.raises(StoreError, match="others wrote to it for"), second.writing():
            raise AssertionError("two writers at once")
        with second.reading() as other:
            assert other.exec_driver_sql("SELECT count(*) FROM contents").scalar() == 0
    with second.reading() as other, first.writing():
        assert other.exec_driver_sql("SELECT count(*) FROM contents").scalar() == 1


def test_what_fails_within_a_transaction_leaves_nothing(file):
    with pytest.raises(ZeroDivisionError), RunStore(file).database.writing() as connection:
        connection.exec_driver_sql(f"INSERT INTO contents VALUES ('x', {1 // 0})")
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []


def test_a_content_that_a_run_holds_cannot_be_taken_away(file):
    with RunStore(file).database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO contents VALUES ('x', x'00')")
        connection.exec_driver_sql(
            "INSERT INTO runs (id, kind, command, created, asked, instance, instance_hash, status) "
            "VALUES ('a', 'plan', 'solve', '', 1, 'i', '', 'optimal')"
        )
        connection.exec_driver_sql("INSERT INTO parts VALUES (1, 'record', 'x')")
    for said in ("DELETE FROM contents", "INSERT INTO tags VALUES ('word', 7)"):
        with pytest.raises(StoreError, match="FOREIGN KEY"), RunStore(file).database.writing() as connection:
            connection.exec_driver_sql(said)


def test_the_tables_that_queries_are_written_for_are_those_that_migrations_make(file, tmp_path):
    """Columns with type, null, default and key; references; indices. Alembic's own comparison passes over keys."""

    def made(connection):
        asked = [(table, ask) for table in metadata.tables for ask in ("table_info", "foreign_key_list", "index_list")]
        found = [connection.exec_driver_sql(f"PRAGMA {ask}({table})").all() for table, ask in asked]
        return [(*of, sorted(str(row[1:]) for row in rows)) for of, rows in zip(asked, found, strict=True)]

    other = create_engine(f"sqlite:///{tmp_path / 'other.sqlite'}")
    with RunStore(file).database.writing() as migrated, other.begin() as written:
        metadata.create_all(written)
        assert made(written) == made(migrated)
        definitions = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
        indices = [connection.exec_driver_sql(definitions).all() for connection in (written, migrated)]
        assert indices[0] == indices[1]
    other.dispose()
