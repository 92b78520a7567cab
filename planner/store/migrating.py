"""The version of a store: an older store is migrated, a newer one refused."""

from __future__ import annotations

import contextlib
import io

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from planner.store.schema import HEAD

_versions = Table("alembic_version", MetaData(), Column("version_num", String(32)))


class UnusableError(Exception):
    """A database cannot be used as a store; the message says why and what to do, as the middle of a sentence."""


def version_of(connection: Connection) -> str | None:
    """The migration at which a store is; None for an empty database.

    Raises:
        UnusableError: the database has tables that are not those of a store.
    """
    names = set(inspect(connection).get_table_names())
    if _versions.name in names:
        return connection.execute(select(_versions.c.version_num)).scalar()
    if names:
        raise UnusableError(f"it is a database of something else (it has a table {min(names)}). Name another place")
    return None


def refuse_newer(version: str | None) -> None:
    """Raise an error where a store is at a migration that this planner does not know.

    Raises:
        UnusableError: a newer planner made the store.
    """
    if version is not None and version > HEAD:
        raise UnusableError(
            f"a newer planner made it (version {version}; this one knows {HEAD}). Update the planner, or name another "
            "place"
        )


def migrate(connection: Connection) -> None:
    """Bring a store up to date, within the transaction of the connection.

    Raises:
        UnusableError: a newer planner made it, or it is no store.
    """
    version = version_of(connection)
    refuse_newer(version)
    if version == HEAD:
        return
    from alembic import command
    from alembic.config import Config

    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", "planner.store:migrations")
    config.attributes["connection"] = connection
    with contextlib.redirect_stdout(io.StringIO()):
        command.upgrade(config, "head")
