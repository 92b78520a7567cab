"""Where the store is: `PLANNER_STORE` (a path or SQLAlchemy URL), else `.planner/runs.sqlite` in the working folder."""

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
    """Where a store is.

    Attributes:
        url: of a server, as SQLAlchemy takes it, with its password; empty for a file, whose path may have any sign.
        words: the same for people: a path, or a URL without its password.
        file: the file of an SQLite store; None for a server.
        own: whether it is the folder `.planner`, which ignores itself in git.
    """

    url: str
    words: str
    file: Path | None
    own: bool = False

    def prepare(self) -> None:
        """Make the folder of the file, before something is written to it.

        Raises:
            StoreError: it cannot be made.
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
                f"The folder {self.file.parent} of the run store cannot be made: {error.strerror or error}. "
                f"Name another place with {VARIABLE}."
            ) from None

    @property
    def is_there(self) -> bool:
        """Whether there is something to read; of a server that is not known before it is asked."""
        return self.file is None or self.file.exists()


def address_of(where: str | Path | None = None) -> Address:
    """The address of a path or URL; without one, what the environment says, else the one of the working folder.

    Raises:
        StoreError: it is no address.
    """
    said = str(where) if where is not None else os.environ.get(VARIABLE, "").strip()
    if not said:
        file = Path(FOLDER) / FILE
        return Address("", str(file), file, own=True)
    if "://" not in said:
        file = Path(said).expanduser()
        if file.is_dir():
            raise StoreError(f"{said} is a folder, and a run store is a file. Name one in it: {Path(said) / FILE}.")
        return Address("", said, file)
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
        return Address("", str(file), file)
    if backend in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg" if "+" not in url.drivername else url.drivername)
        return Address(url.render_as_string(hide_password=False), url.render_as_string(hide_password=True), None)
    raise StoreError(
        f"A run store is SQLite or PostgreSQL, not {backend}. Name a file, or postgresql://user@host/name."
    )
