"""What made a plan: the releases of the planner and its libraries, and the planner's code itself."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("pulp", "highspy", "pandas")
_DIGITS = 12  # of the code's hash
_NOT_CODE = frozenset({".pyc", ".md"})


def versions() -> dict[str, str]:
    """Releases of the planner, of Python and of the libraries that make a plan, and a hash of the code, by name."""
    return dict(_versions())


def releases(*libraries: str) -> dict[str, str]:
    """Releases of the planner, of Python and of some libraries, by name."""
    return {"python": platform.python_version(), **{name: version(name) for name in ("planner", *libraries)}}


@cache
def _versions() -> dict[str, str]:
    return {**releases(*LIBRARIES), "code": _code()}


def _code() -> str:
    """A hash of the planner's own files, because code can change between two releases."""
    return hash_of(Path(__file__).parents[1])


def hash_of(package: Path) -> str:
    """A hash of the files of a package that its answers come from: code, and the templates of what it writes."""
    found = hashlib.sha256()
    files = (path for path in package.rglob("*") if path.is_file() and path.suffix not in _NOT_CODE)
    for path in sorted(files):
        found.update(f"{path.relative_to(package).as_posix()}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:_DIGITS]
