"""Drafts: folders beside what is written, in which a writer works until all of it is there.

A writer that is killed leaves its draft. The next one beside it removes that, but never the draft of a writer that
still runs: each draft has a file that its writer holds locked, and the system gives the lock back when the writer ends,
however it ends. (A process id would not do: ids are used again, and mean nothing elsewhere or in a container.)
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from planner.instance.locks import take

PREFIX = ".planner-draft-"
LOCK = "lock"
NEW, OLD = "new", "old"
_TRIES = 100


@contextmanager
def draft_beside(parent: Path) -> Iterator[Path]:
    """A draft in a folder, removed at the end; what it holds under `new` is moved out of it when it is whole.

    Drafts of writers that were killed are removed first, and what they had nearly put in its place is put there.
    """
    clean(parent)
    draft, lock = _begun(parent)
    try:
        (draft / NEW).mkdir()
        yield draft
    finally:
        _end(draft, parent)
        os.close(lock)


def clean(parent: Path) -> None:
    """Remove the drafts in a folder whose writers are dead; finish the replacing of a folder that one was at.

    Nothing is said where that cannot be done, on a disk that may not be written for one.
    """
    for draft in _drafts(parent):
        with _owned(draft) as dead:
            if dead:
                _end(draft, parent)


def moved_aside(target: Path) -> bool:
    """Whether some draft beside a missing folder holds what stood there: its writer is at it, or was killed."""
    return any((draft / OLD / target.name).exists() for draft in _drafts(target.parent))


def _end(draft: Path, parent: Path) -> None:
    """Remove a draft, its lock last; where it had moved a folder aside and none stands there yet, its own does now.

    The new one was whole by then; where it is gone, it has been put there, and what was moved aside is out of date.
    Where it cannot be put there, the draft stays: nothing is lost.
    """
    for old in _within(draft / OLD):
        new, target = draft / NEW / old.name, parent / old.name
        if new.exists() and not os.path.lexists(target):
            try:
                new.rename(target)
            except OSError:
                if not os.path.lexists(target):
                    return
    for part in (draft / NEW, draft / OLD, draft):
        shutil.rmtree(part, ignore_errors=True)


def _drafts(parent: Path) -> list[Path]:
    return [path for path in _within(parent) if path.name.startswith(PREFIX) and not path.is_symlink()]


def _within(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _begun(parent: Path) -> tuple[Path, int]:
    """A new draft and its lock; between the two steps a cleaner may take it for a dead one's, so they are checked."""
    for _ in range(_TRIES):
        draft = parent / f"{PREFIX}{secrets.token_hex(6)}"
        draft.mkdir()
        try:
            lock = os.open(draft / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:  # a cleaner removed the empty folder
            continue
        except OSError:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        # without locks in the file system no cleaner can lock it either, and so removes nothing
        if take(lock) is not False and _still_there(draft / LOCK, lock):
            return draft, lock
        os.close(lock)
    raise FileExistsError(f"{parent} has no room for another draft.")


def _still_there(path: Path, opened: int) -> bool:
    try:
        return os.path.samestat(os.fstat(opened), path.stat())
    except FileNotFoundError:
        return False


@contextmanager
def _owned(draft: Path) -> Iterator[bool]:
    """Whether the writer of a draft is dead, for as long as that is held."""
    try:
        lock = os.open(draft / LOCK, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except OSError as error:
        if isinstance(error, FileNotFoundError):  # killed between its first two steps, or just between them
            with contextlib.suppress(OSError):
                draft.rmdir()  # only if it is empty
        yield False
        return
    try:
        yield take(lock) is True
    finally:
        os.close(lock)
