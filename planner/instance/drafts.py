"""Drafts: temporary folders beside the target, in which files are written until all of them are complete.

A writer that is killed leaves its draft behind. The next writer there removes it, but never the draft of a writer that
still runs: each draft holds a file that its writer keeps locked, and the system releases the lock however the writer
ends. (A process id would not do: ids are used again, and mean nothing on another machine or in a container.)
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
    """A draft in a folder, removed at the end; its subfolder `new` is moved out of it once complete.

    Drafts of killed writers are cleaned up first; what they had nearly put in place is put in place.
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
    """Remove the drafts of dead writers in a folder, and finish a replacement that one of them had begun.

    No error is raised where this is impossible, for example on a read-only disk.
    """
    for draft in _drafts(parent):
        with _owned(draft) as dead:
            if dead:
                _end(draft, parent)


def moved_aside(target: Path) -> bool:
    """Whether a draft holds what stood at a missing folder, because its writer is replacing it or was killed."""
    return any((draft / OLD / target.name).exists() for draft in _drafts(target.parent))


def _end(draft: Path, parent: Path) -> None:
    """Remove a draft, its lock last; a folder that it had moved aside is first replaced by its new version.

    This matters only where the writer died in between. The new version was complete by then. Where it is gone, it is in
    place already, and the folder aside is outdated. Where it cannot be put in place, the draft stays, so that nothing
    is lost.
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
    """A new draft and its lock; checked again, because a cleaner may remove it before it is locked."""
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
        # without locks in the file system no cleaner can lock it either, so it removes nothing
        if take(lock) is not False and _still_there(draft / LOCK, lock):
            return draft, lock
        os.close(lock)
    raise FileExistsError(f"{parent} has no room for another draft.")


def _still_there(path: Path, opened: int) -> bool:
    """Whether a path still leads to the file that is open."""
    try:
        return os.path.samestat(os.fstat(opened), path.stat())
    except FileNotFoundError:
        return False


@contextmanager
def _owned(draft: Path) -> Iterator[bool]:
    """Whether the writer of a draft is dead; while the context lasts, the draft's lock is held."""
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
