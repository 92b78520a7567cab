"""Rows of the store: runs written, read back with their tags and contents, and deleted."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from planner.store.contents import hash_of
from planner.store.entry import DamagedRunError, Entry, KeptRun
from planner.store.schema import contents, parts, runs, tags

ID_BYTES = 8


def kept_run(connection: Connection, entry: Entry, command: str, *, again: bool) -> str:
    """The id under which an entry is stored now, or of an undamaged run that answers the same question already.

    Args:
        connection: the connection of a transaction.
        entry: the run.
        command: the command that made it.
        again: whether it is stored beside an earlier answer to its question.
    """
    known = None if again or entry.question is None else answering(connection, entry.question)
    with contextlib.suppress(DamagedRunError):
        if known is not None:
            return whole_run(connection, known).id
    return insert_run(connection, entry, command)


def insert_run(connection: Connection, entry: Entry, command: str) -> str:
    """Write a run with its contents as the latest one, and return its id, sixteen random characters.

    Args:
        connection: the connection of a transaction.
        entry: the run.
        command: the command that made it.
    """
    id_ = secrets.token_hex(ID_BYTES)
    row = {
        "id": id_,
        "question": entry.question,
        "kind": entry.kind,
        "command": command,
        "created": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "asked": next_asked(connection),
        "instance": entry.instance,
        "instance_hash": entry.instance_hash,
        "policy": entry.policy,
        "scenario": entry.scenario,
        "status": entry.status,
        **entry.figures,
    }
    number = connection.execute(insert(runs).values(row).returning(runs.c.number)).scalar_one()
    write_contents(connection, number, entry.parts)
    return id_


def next_asked(connection: Connection) -> int:
    """The next number in the order of use; the run with the highest number is the latest one."""
    return int(connection.execute(select(func.coalesce(func.max(runs.c.asked), 0))).scalar_one()) + 1


def answering(connection: Connection, question: str) -> Row[Any] | None:
    """The row of the latest run that answers a question; None where there is none."""
    query = select(runs).where(runs.c.question == question).order_by(runs.c.number.desc()).limit(1)
    return connection.execute(query).first()


def bare_run(connection: Connection, row: Row[Any]) -> KeptRun:
    """The run of a row with its tags, without its contents."""
    words = connection.execute(select(tags.c.word).where(tags.c.run == row.number).order_by(tags.c.word)).scalars()
    return KeptRun(row.id, row._asdict(), tuple(words))


def whole_run(connection: Connection, row: Row[Any]) -> KeptRun:
    """The run of a row with its tags and contents.

    Raises:
        DamagedRunError: a content has changed since it was stored.
    """
    query = select(parts.c.name, contents.c.hash, contents.c.data).join(contents, contents.c.hash == parts.c.content)
    found = connection.execute(query.where(parts.c.run == row.number).order_by(parts.c.name)).all()
    bare = bare_run(connection, row)
    whole = {name: bytes(data) for name, _, data in found}
    for name, content, _ in found:
        if hash_of(whole[name]) != content:
            raise DamagedRunError(bare, f"is damaged: its {name} is not what was kept")
    return KeptRun(bare.id, bare.row, bare.tags, whole)


def tags_by_run(connection: Connection) -> dict[int, tuple[str, ...]]:
    """The tags of every run that has any, by the number of the run."""
    found: dict[int, tuple[str, ...]] = {}
    for word, run in connection.execute(select(tags.c.word, tags.c.run).order_by(tags.c.word)):
        found[run] = (*found.get(run, ()), word)
    return found


def write_contents(connection: Connection, number: int, held: Mapping[str, bytes]) -> None:
    """Write the contents of a run; a content that is stored already and undamaged is not written again."""
    if not held:
        return
    named = {name: hash_of(data) for name, data in held.items()}
    query = select(contents.c.hash, contents.c.data).where(contents.c.hash.in_(set(named.values())))
    whole = {content: hash_of(bytes(data)) == content for content, data in connection.execute(query)}
    new = {named[name]: data for name, data in held.items() if named[name] not in whole}
    for name, data in held.items():
        if not whole.get(named[name], True):
            connection.execute(update(contents).where(contents.c.hash == named[name]).values(data=data))
    if new:
        connection.execute(insert(contents), [{"hash": content, "data": data} for content, data in new.items()])
    rows = [{"run": number, "name": name, "content": content} for name, content in named.items()]
    connection.execute(insert(parts), rows)


def delete_runs(connection: Connection, numbers: Iterable[int]) -> None:
    """Delete runs, and the contents that no other run uses."""
    for number in numbers:
        connection.execute(delete(runs).where(runs.c.number == number))
    connection.execute(delete(contents).where(contents.c.hash.not_in(select(parts.c.content))))
