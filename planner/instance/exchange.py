"""Exchanging two paths atomically: by the system call that swaps two names, so that neither is ever missing.

Neither POSIX nor Python has such a call; Linux has `renameat2` with RENAME_EXCHANGE, macOS `renamex_np` with
RENAME_SWAP.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path

_AT_FDCWD = -100  # Linux: paths are taken as they are
_RENAME_EXCHANGE = 2  # Linux, since 3.15
_RENAME_SWAP = 2  # macOS, since 10.12
_CANNOT = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}  # an old kernel, or a file system without it


def exchange(one: Path, other: Path) -> bool:
    """Exchange two paths of one file system; False where the system or the file system cannot do it.

    Raises:
        OSError: it can, but not with these: one is not there, is busy, or may not be written.
    """
    names = os.fsencode(one), os.fsencode(other)
    library = ctypes.CDLL(None, use_errno=True)
    try:
        if sys.platform == "darwin":
            failed = library.renamex_np(*names, _RENAME_SWAP)
        else:
            failed = library.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE)
    except AttributeError:  # the C library has no such function
        return False
    if not failed:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(other))
