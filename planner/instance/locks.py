"""Locks on files, which the system releases when their holder ends, however it ends."""

from __future__ import annotations

import sys

if sys.platform == "win32":

    def take(descriptor: int, *, wait: bool = False) -> bool | None:
        """None: there are no such locks here."""
        del descriptor, wait
        return None

else:
    import fcntl

    def take(descriptor: int, *, wait: bool = False) -> bool | None:
        """Lock an open file for this process alone.

        Args:
            descriptor: of the file.
            wait: whether to wait while another process holds it.

        Returns:
            True: it is held until the file is closed. False: another process holds it. None: the file system has no
            locks.
        """
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return None
        return True
