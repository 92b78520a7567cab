"""The address of the store: `PLANNER_STORE` (a path or SQLAlchemy URL), else `.planner/runs.sqlite` in this folder."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from planner.errors import StoreError

VARIABLE = "PLANNER_STORE"
FOLDER, FILE = ".planner", "runs.sqlite"
_IGNORED = "*\n"  # everything in the folder, this file too
_MEMORY = {"", ":memory:"}


@dataclass(frozen=True)
class Address:
    """The address of a store.

    Attributes:
        url: the URL of a server for SQLAlchemy, with its password; empty for a file, whose path may have any sign.
        words: the address for people: a path, or a URL without its password.
        file: the file of an SQLite store, as an absolute path; None for a server.
        own: whether the store is in the folder `.planner`, in which the planner writes a .gitignore.
    """

    url: str
    words: str
    file: Path | None
    own: bool = False

    def prepare(self) -> None:
        """Create the folder of the file, before the file is written.

        Raises:
            StoreError: it cannot be created.
        """
        if self.file is None:
            return
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            if self.own:  # where it cannot be written, the database says so
                with contextlib.suppress(OSError), (self.file.parent / ".gitignore").open("x") as ignore:
                    ignore.write(_IGNORED)
        except OSError as error:
            raise StoreError(
                f"The folder {Path(self.words).parent} of the run store cannot be made: {error.strerror or error}. "
                f"Name another place with {VARIABLE}."
            ) from None

    @property
    def is_there(self) -> bool:
        """Whether the file of the store exists; always true for a server, which is only known when connected."""
        return self.file is None or self.file.exists()


def address_of(where: str | Path | None = None) -> Address:
    """The address of a path or URL; for None that of the environment variable, else that of the working folder.

    Raises:
        StoreError: the text is no address of a store.
    """
    said = str(where) if where is not None else os.environ.get(VARIABLE, "").strip()
    if not said:
        file = Path(FOLDER) / FILE
        return Address("", str(file), file.absolute(), own=True)
    if "://" not in said:
        file = Path(said).expanduser()
        if file.is_dir():
            raise StoreError(f"{said} is a folder, and a run store is a file. Name one in it: {Path(said) / FILE}.")
        return Address("", said, file.absolute())
    return _address_of_url(said)


def _address_of_url(said: str) -> Address:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(said)
    except (ArgumentError, ValueError):
        raise StoreError(
            f"{VARIABLE} is no path and no URL of a database. Write runs.sqlite, or postgresql://user@host/name."
        ) from None
    backend = url.drivername.partition("+")[0]
    if backend == "sqlite":
        if (url.database or "") in _MEMORY:
            raise StoreError("A store in memory keeps nothing. Name a file: sqlite:///runs.sqlite.")
        file = Path(str(url.database))
        return Address("", str(file), file.absolute())
    if backend in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg" if "+" not in url.drivername else url.drivername)
        return Address(url.render_as_string(hide_password=False), url.render_as_string(hide_password=True), None)
    raise StoreError(
        f"A run store is SQLite or PostgreSQL, not {backend}. Name a file, or postgresql://user@host/name."
    )
