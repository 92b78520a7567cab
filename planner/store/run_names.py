"""Which run a name means: an id or its first characters, a tag, or `latest`; and which words can be a tag."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from planner.errors import UsageError, nearest, refuse_other_kinds
from planner.store.rows import ID_BYTES, bare_run
from planner.store.schema import runs, tags
from planner.text.figures import first_of

LATEST = "latest"
SHORTEST = 6  # signs of an id that name a run
_ID = re.compile(rf"[0-9a-f]{{{SHORTEST},{2 * ID_BYTES}}}")
_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_SHOWN = 5  # of the runs that a few signs may mean


def candidates(connection: Connection, run: str) -> Sequence[Row[Any]]:
    """The runs that a name may mean: the run of a tag, else those whose id begins with it, else the latest run."""
    refuse_other_kinds("run", run, str, "an id, its first characters, a tag or latest, as text")
    if run == LATEST:
        return connection.execute(select(runs).order_by(runs.c.asked.desc()).limit(1)).all()
    tagged = connection.execute(select(runs).join(tags, tags.c.run == runs.c.number).where(tags.c.word == run)).all()
    if tagged or not _ID.fullmatch(run):
        return tagged
    return connection.execute(select(runs).where(runs.c.id.startswith(run, autoescape=True)).order_by(runs.c.id)).all()


def named_row(connection: Connection, run: str) -> Row[Any]:
    """The row of the one run that a name means.

    Raises:
        UsageError: the name means no run, or several.
    """
    found = candidates(connection, run)
    if len(found) == 1:
        return found[0]
    if found:
        shown = first_of([bare_run(connection, row).words for row in found], _SHOWN)
        raise UsageError(f"{len(found)} runs begin with {run}: {shown}. Write more of the id.")
    if run == LATEST:
        raise UsageError("There is no latest run: nothing is kept yet. `planner solve` keeps its run.")
    known = list(connection.execute(select(tags.c.word)).scalars())
    said = nearest(run, [*known, LATEST]) if known else "`planner runs list` shows what there is."
    raise UsageError(f"There is no run {run}: no folder, id (its first {SHORTEST} signs or more) or tag. {said}")


def check_tag(word: str) -> None:
    """Refuse a word that cannot be a tag.

    Raises:
        UsageError: the word could mean a run by its id, or contains characters that no tag has.
    """
    refuse_other_kinds("word", word, str, "a tag as text")
    if word == LATEST or _ID.fullmatch(word):
        why = "means the latest run" if word == LATEST else "could be the beginning of an id"
        raise UsageError(f"{word} {why}. Choose another word.")
    if not _TAG.fullmatch(word):
        raise UsageError(f"'{word}' is no tag. Use letters, figures, _ . and -, at most 64, a letter or figure first.")
