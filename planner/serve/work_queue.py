"""One solve at a time: of the wishes of a page that wait, the newest is heeded and the others are dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor

MOST_WAITING = 16  # pages and runs that wait at a time


class OvertakenError(Exception):
    """A newer wish of the same page came while this one waited."""


class BusyError(Exception):
    """Too many wait already."""


class WorkQueue:
    """Work that waits for one thread, by who asked for it; used from one event loop."""

    def __init__(self, thread: Executor) -> None:
        """Take the executor that does the work, which has one thread."""
        self._thread, self._busy = thread, False
        self._waiting: dict[str, asyncio.Future[None]] = {}

    async def run[Result](self, who: str, work: Callable[[], Result]) -> Result:
        """What a piece of work returns, when its turn has come.

        Args:
            who: whose wish it is; an older one that waits is dropped.
            work: done in the thread.

        Raises:
            OvertakenError: a newer wish of the same came before its turn.
            BusyError: too many wait.
        """
        loop = asyncio.get_running_loop()
        older = self._waiting.pop(who, None)
        if older is not None and not older.done():
            older.set_exception(OvertakenError())
        if self._busy:
            if len(self._waiting) >= MOST_WAITING:
                raise BusyError
            turn = self._waiting[who] = loop.create_future()
            try:
                await turn  # whoever ends hands its turn over, still busy
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._hand_over()
                raise
            finally:
                if self._waiting.get(who) is turn:
                    del self._waiting[who]
        self._busy = True
        try:
            return await loop.run_in_executor(self._thread, work)
        finally:
            self._hand_over()

    def _hand_over(self) -> None:
        """Let the one that has waited longest begin."""
        self._busy = False
        for who, turn in list(self._waiting.items()):
            del self._waiting[who]
            if not turn.done():
                self._busy = True
                turn.set_result(None)
                return
