"""Atomic writing of files and folders: either all of a result is in place, or what was there before.

Files are written to a draft beside their place until they are complete and on the disk (fsync of every file and
folder), and are then moved there in one step (rename). So a full disk, a signal or a power cut leaves the old or the
new state. Links are followed: what a link points to is replaced, not the link.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from planner.errors import UsageError
from planner.instance.drafts import NEW, OLD, clean, draft_beside, moved_aside
from planner.instance.exchange import exchange
from planner.instance.locks import take

Write = Callable[[Path], object]
_NO_SUCH_FOR_FOLDERS = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBADF}
_IN_THE_WAY = {errno.ENOTEMPTY, errno.EEXIST}
_TRIES = 100
PAUSE = 0.02  # seconds


def put_file(target: Path, write: Write) -> Path:
    """Write one file.

    Args:
        target: where it shall stand; folders above it are made.
        write: writes it to the path that it is given.

    Raises:
        UsageError: the target is a folder.
        OSError: it cannot be written; what was there is still there.
    """
    place = _followed(target)
    put_files(place.parent, {place.name: write})
    return target


def put_files(folder: Path, files: Mapping[str, Write]) -> Path:
    """Write several files of a folder: none is put in its place before all of them are written.

    Args:
        folder: made where it is not there; other files in it are left alone.
        files: by path in the folder, what writes each to the path that it is given.

    Raises:
        UsageError: the folder is a file, or a folder has the name of one of the files.
        OSError: they cannot be written; what was there is still there.
    """
    folder = _followed(folder)
    refuse_file(folder)
    taken = [folder / name for name in files if (folder / name).is_dir()]
    if taken:
        raise UsageError(f"{taken[0]} is a folder; name a file.")
    named = folder / next(iter(files)) if len(files) == 1 else folder
    with _made(folder), _named(named), draft_beside(folder) as draft:
        for name, write in files.items():
            path = draft / NEW / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path)
            _keep_mode(folder / name, path)
        _see_to_disk(draft / NEW)
        for name in files:
            (folder / name).parent.mkdir(exist_ok=True)
            os.replace(draft / NEW / name, folder / name)  # noqa: PTH105  (in one step, or not at all, as it says)
        for above in sorted({(folder / name).parent for name in files}):
            _sync_folder(above)
    return folder


def refuse_file(folder: Path) -> None:
    """Raise where a file stands in the place of a folder that is to be written; ask before long work, too.

    Raises:
        UsageError: it is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder.")


def put_folder(target: Path, fill: Write, refuse: Callable[[Path], object]) -> Path:
    """Write a folder atomically in place of an existing one: at every moment the old or the new one is there.

    The two are exchanged in one step where the system can (`exchange`). Elsewhere the old one is moved aside and the
    new one put in its place; readers wait in between, and if the writer is killed there, the next reader or writer
    finishes its work (`finished_folder`).

    Args:
        target: the folder.
        fill: writes it to the path of an empty folder that it is given.
        refuse: called with the target before it is replaced, each time; raises where it must be left alone.

    Raises:
        UsageError: the working folder stands in it, or it cannot be moved.
        OSError: it cannot be written; what was there is still there.
    """
    target = _followed(target)
    _refuse_working_folder(target)
    with _made(target.parent), _named(target), draft_beside(target.parent) as draft:
        refuse(target)
        new = draft / NEW / target.name
        new.mkdir()
        fill(new)
        _keep_mode(target, new)
        _see_to_disk(new)
        (draft / OLD).mkdir()
        _see_to_disk(draft)
        for _ in range(_TRIES):
            if _placed(new, target, draft / OLD / target.name, refuse):
                _sync_folder(target.parent)
                return target
        raise UsageError(f"{target} is written by others all the time. Choose another place.")


def finished_folder(target: Path) -> Path:
    """A folder that `put_folder` wrote, for reading: what a writer left half done is finished first.

    Raises nothing: where there is none, the path is returned as it is.
    """
    target = _followed(target)
    for _ in range(_TRIES):
        if os.path.lexists(target) or not moved_aside(target):
            break
        clean(target.parent)
        if not os.path.lexists(target):
            time.sleep(PAUSE)  # a live writer is between its two renames
    return target


def text_writer(text: str) -> Write:
    """A `Write` that writes a text as UTF-8, with its line ends unchanged."""
    return lambda path: path.write_bytes(text.encode("utf-8"))


def whole_lines(path: Path) -> list[bytes]:
    """The lines of a file that grows by `append_line`; without the last one where it was cut off.

    Raises:
        OSError: it is there and cannot be read.
    """
    found = path.read_bytes() if path.exists() else b""
    return found[: found.rfind(b"\n") + 1].splitlines()


def append_line(path: Path, line: str) -> None:
    """Add a line to a file and flush it to the disk.

    Several processes may do so at once. An incomplete last line that another one left is removed first; a line that
    cannot be written whole is taken back.

    Args:
        path: the file; made where it is not there.
        line: with its end.

    Raises:
        OSError: it cannot be written; the lines before it are still there.
    """
    with _named(path), path.open("a+b", buffering=0) as file:
        take(file.fileno(), wait=True)
        end = _end_of_lines(file)
        left = line.encode("utf-8")
        try:
            while left:
                left = left[file.write(left) :]
            os.fsync(file.fileno())
        except OSError:
            with contextlib.suppress(OSError):
                os.truncate(path, end)
            raise


def _end_of_lines(file: FileIO) -> int:
    """The position after the last whole line; an incomplete line behind it is cut off."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - 4096)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            end = start + found + 1
            break
        end = start
    file.truncate(end)
    return end


def _placed(new: Path, target: Path, aside: Path, refuse: Callable[[Path], object]) -> bool:
    """Put a folder in its place; False where another writer was faster, so that the target must be checked again."""
    refuse(target)
    try:
        if not os.path.lexists(target):
            new.rename(target)
        elif not exchange(new, target):
            target.rename(aside)
            new.rename(target)
    except OSError as error:
        if error.errno in {errno.EBUSY, errno.EXDEV}:
            raise UsageError(f"{target} cannot be replaced ({error.strerror}). Name a folder inside it.") from None
        if error.errno not in _IN_THE_WAY and not isinstance(error, FileNotFoundError):
            raise
        shutil.rmtree(aside, ignore_errors=True)  # another folder is in its place already
        if not new.exists():
            raise
        return False
    return True


def _followed(path: Path) -> Path:
    """The path with links and `..` resolved."""
    return Path(os.path.realpath(path))


def _refuse_working_folder(target: Path) -> None:
    try:
        here = Path(os.path.realpath(Path.cwd()))
    except FileNotFoundError:  # it was removed
        return
    if here == target or target in here.parents:
        raise UsageError(f"{target} is replaced whole, and you are working in it. Go up first, or name another folder.")


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Make a folder and those above it; if the block fails, those that were made are removed again."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for path in missing:
            with contextlib.suppress(OSError):
                path.rmdir()
        raise
    for path in missing:
        _sync_folder(path.parent)


@contextmanager
def _named(target: Path) -> Iterator[None]:
    """Make errors of the system name the target, not the draft."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(target)) from error


def _keep_mode(old: Path, new: Path) -> None:
    """Give the new file or folder the permissions of the one it replaces, if that is there."""
    with contextlib.suppress(FileNotFoundError):  # another writer may be moving it aside
        shutil.copymode(old, new)


def _see_to_disk(folder: Path) -> None:
    """Flush a folder, and every file and folder in it, to the disk."""
    for path, _, names in os.walk(folder, topdown=False):
        for name in names:
            with (Path(path) / name).open("rb") as file:
                os.fsync(file.fileno())
        _sync_folder(Path(path))


def _sync_folder(folder: Path) -> None:
    """Flush the names in a folder to the disk, where its file system supports that."""
    try:
        opened = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    except OSError:
        return  # a folder with write but no read permission
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in _NO_SUCH_FOR_FOLDERS:
            raise
    finally:
        os.close(opened)
