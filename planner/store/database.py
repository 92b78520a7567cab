"""The database under a store: its connections, one writer at a time, and errors as sentences for the user."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

from planner.errors import StoreError
from planner.store.address import VARIABLE, Address
from planner.store.migrating import UnusableError, migrate, refuse_newer, version_of
from planner.store.schema import HEAD

PATIENCE = 60.0  # seconds that a writer waits for the others
_PAUSE = 0.01
_WRITER = "planner_writer"  # an option of a connection
_LOCK = 0x706C616E  # of PostgreSQL: any number that all planners share
_HEAD = b"SQLite format 3\0"
_READ_ONLY = {"SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_READONLY_DIRECTORY", "SQLITE_READONLY_CANTINIT"}


class Database:
    """An SQLite file or a PostgreSQL database that holds a store."""

    def __init__(self, address: Address) -> None:
        """Take an address; nothing is opened yet."""
        self.address = address
        self._engine: Engine | None = None
        self._current = False

    def __reduce__(self) -> tuple[type[Database], tuple[Address]]:
        """A copy, also in another process, has the address and connections of its own."""
        return Database, (self.address,)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection | None]:
        """A transaction for reading; None where there is no store yet.

        Raises:
            StoreError: it cannot be read, or a newer planner made it.
        """
        if not self.address.is_there:
            yield None
            return
        version = self._version()
        if version is not None and version != HEAD:
            with self.writing():
                pass  # brings an older store up to date
        with self._errors(), self._begun(writer=False) as connection:
            yield connection if version is not None else None

    def _version(self) -> str | None:
        """The migration at which the store is; None where there is none."""
        if self._current:
            return HEAD
        with self._errors(), self._begun(writer=False) as connection:
            version = version_of(connection)
            refuse_newer(version)
        self._current = version == HEAD
        return version

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction for writing, one at a time: all of its changes are kept, or none. A missing store is created.

        Raises:
            StoreError: it cannot be written, or a newer planner made it.
        """
        self.address.prepare()
        with self._errors(), self._begun(writer=True) as connection:
            if not self._current:
                migrate(connection)
            yield connection
        self._current = True

    def close(self) -> None:
        """Close all connections to the database."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    @contextlib.contextmanager
    def _begun(self, *, writer: bool) -> Iterator[Connection]:
        if self._engine is None:
            _refuse_other_files(self.address)
            self._engine = _engine(self.address)
        options: dict[str, Any] = {_WRITER: writer}
        with self._engine.connect() as connection, connection.execution_options(**options).begin():
            yield connection

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn the errors of a database into StoreErrors with a sentence for the user."""
        try:
            yield
        except UnusableError as error:
            raise StoreError(self._said(str(error))) from None
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise StoreError(
                f"The run store {self.address.words} needs a driver that is not installed ({error}): "
                "pip install 'planner[postgres]'."
            ) from None
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(self._said(_reason(error))) from error

    def _said(self, reason: str) -> str:
        return f"The run store {self.address.words} cannot be used: {reason.rstrip('.')}, with {VARIABLE}."


def _refuse_other_files(address: Address) -> None:
    """Raise an error where a file is no database, because SQLite would overwrite a very short file as an empty one.

    Raises:
        UnusableError: the file is no database.
        OSError: it cannot be read.
    """
    if address.file is None or not address.file.exists():
        return
    with address.file.open("rb") as file:
        head = file.read(len(_HEAD))
    if head and head != _HEAD:
        raise UnusableError("the file is no store, or damaged. Put it aside, or name another place")


def _reason(error: Exception) -> str:
    """Why a database could not be used and what to do, as the middle of a sentence."""
    cause: BaseException = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    words = " ".join(str(cause).split()) or type(cause).__name__
    name = getattr(cause, "sqlite_errorname", "")
    if name == "SQLITE_FULL" or getattr(cause, "errno", None) in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return f"there is no room ({words}). Make room there, or name another place"
    if name.startswith("SQLITE_IOERR"):
        return f"there is no room, or the disk fails ({words}). Make room there, or name another place"
    if name in _READ_ONLY:
        return f"it cannot be written there ({words}). Name another place"
    if name.startswith("SQLITE_BUSY"):
        return f"others wrote to it for {PATIENCE:.0f} seconds ({words}). Try again, or name another place"
    if name in {"SQLITE_NOTADB", "SQLITE_CORRUPT"}:
        return f"the file is no store, or damaged ({words}). Put it aside, or name another place"
    return f"{words}. Name another place"


def _engine(address: Address) -> Engine:
    """An engine whose committed changes survive a power cut, and whose writers wait for each other."""
    if address.file is None:
        engine = create_engine(address.url, poolclass=NullPool)

        @event.listens_for(engine, "begin")
        def _alone(connection: Connection) -> None:
            if connection.get_execution_options().get(_WRITER):
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")

        return engine
    url = _read_only(address.file) or URL.create("sqlite", database=str(address.file))
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": PATIENCE})

    @event.listens_for(engine, "connect")
    def _prepared(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where they are begun, not where the driver thinks
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_WRITER):
            _journal(connection)
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def _read_only(file: Path) -> URL | None:
    """A read-only URL of a file without write permission, for which SQLite creates no further files; else None.

    Where no journal with changes stands beside it, the file is opened as one that nobody changes meanwhile.
    """
    if not file.exists() or (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)):
        return None
    journal = file.with_name(f"{file.name}-wal")
    settled = {} if journal.exists() and journal.stat().st_size else {"immutable": "1"}
    return URL.create("sqlite", database=f"file:{quote(str(file))}", query={"mode": "ro", **settled, "uri": "true"})


def _journal(connection: Connection) -> None:
    """Switch an SQLite file to a write-ahead log, so that readers and a writer can work at the same time."""
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            if connection.exec_driver_sql("PRAGMA journal_mode").scalar() != "wal":
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        except DBAPIError as error:
            busy = getattr(error.orig, "sqlite_errorname", "").startswith("SQLITE_BUSY")
            if not busy or time.monotonic() > ends:
                raise
            time.sleep(_PAUSE)
        else:
            return
