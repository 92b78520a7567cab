"""Whether the files of an instance are still those that the page was begun with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from planner.instance.files import MAPPING_FILES, SETTINGS_FILE, files_of

Stamp = tuple[tuple[str, int, int], ...]  # name, time of its last change in nanoseconds, and bytes of each file


def stamp_of(source: Path) -> Stamp:
    """What tells the files of an instance from later ones; empty where there are none."""
    found = []
    for path in sorted(_files(source)):
        try:
            about = path.stat()
        except OSError:
            continue
        found.append((str(path), about.st_mtime_ns, about.st_size))
    return tuple(found)


def _files(source: Path) -> Iterator[Path]:
    if not source.is_dir():
        yield source
        return
    yield source / SETTINGS_FILE
    yield from files_of(source, ".csv")
    for folder in ("policies", "scenarios"):
        yield from files_of(source / folder, *MAPPING_FILES)
