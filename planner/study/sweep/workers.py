"""The workers of a sweep: this process, processes beside it, or a cluster, all through joblib and the same function.

Each worker builds the models of a sweep once, and keeps them while it is asked for its runs. So a task is a number
beside the packed sweep, and no run depends on which worker makes it, or on what that made before.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
import warnings
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd

from planner.errors import UsageError
from planner.study.sweep.reading import ResolvedSweep
from planner.study.sweep.records import Mode
from planner.study.sweep.runs import Row, SweepRunner
from planner.study.sweep.runs_journal import fingerprint, versions


def processors() -> int:
    """How many processors this process may use."""
    from joblib import cpu_count

    return int(cpu_count())


WARNINGS, QUIET = "PYTHONWARNINGS", "ignore::UserWarning"
SETTLED = 0.1  # seconds in which joblib's thread takes over the first tasks; stopped before, it fails
PAUSE = 0.5  # seconds between two looks at whether the process that asks is there
ANSWERS = "10s"  # within which the scheduler of a cluster must answer


_kept = threading.local()  # of a worker: the models of its sweep, a model a thread


def run_rows(
    asked: ResolvedSweep, numbers: Sequence[int], workers: int, scheduler: str | None = None
) -> Generator[Row]:
    """The rows of some runs, in the order in which they end. Closed before, it ends the runs and their workers.

    Args:
        asked: the sweep.
        numbers: of the runs.
        workers: how many processes; 1 for this one alone. A cluster has as many as it has.
        scheduler: address of the scheduler of a Dask cluster, e.g. `tcp://127.0.0.1:8786`.

    Raises:
        UsageError: the cluster cannot be reached, or its workers have other versions.
    """
    workers = min(workers, len(numbers))
    if scheduler is None and workers < 2:
        bench = SweepRunner(asked)
        yield from (bench.row(number) for number in numbers)
        return
    from joblib import Parallel, delayed, parallel_config

    packed = pickle.dumps(asked)
    mode = asked.question.mode
    key, ours = fingerprint(asked), versions(mode)
    with _backend(scheduler, workers) as backend, parallel_config(**backend):
        # no more are handed over than joblib's queue holds: else it fails in a thread when its workers are killed
        parallel = Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="2 * n_jobs")
        found = None
        try:
            with _without_interrupts():
                found = parallel(delayed(_row)(packed, key, mode, ours, number) for number in numbers)
                time.sleep(SETTLED)
            for row in found:  # noqa: UP028  (`yield from` would close it before the warnings are caught)
                yield row
        finally:
            if found is not None:
                with warnings.catch_warnings(action="ignore"):  # that runs were given up
                    found.close()


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Let processes that are started meanwhile never hear Ctrl-C, which a terminal sends to them too.

    Who asks hears it when they are started, and ends them. One that is just being loaded would say a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):  # another system
        yield
        return
    _start_trackers()
    heard: list[int] = []
    theirs = signal.getsignal(signal.SIGINT)
    heeded = callable(theirs) and threading.current_thread() is threading.main_thread()
    if heeded:  # another thread may take the signal, and a worker that is half started be forgotten
        signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if heeded:
            signal.signal(signal.SIGINT, theirs)
        if heard:
            signal.raise_signal(signal.SIGINT)


def _start_trackers() -> None:
    """Start the processes that clean up behind workers, which otherwise start with the first one and undo its mask.

    When a stopped command leaves them what the workers shared, they clean it up, and do not say so.
    """
    from multiprocessing import resource_tracker

    from joblib.externals.loky.backend import resource_tracker as own_tracker

    before = os.environ.get(WARNINGS)
    os.environ[WARNINGS] = QUIET if before is None else f"{before},{QUIET}"
    try:
        for tracker in (resource_tracker, own_tracker):
            tracker.ensure_running()
    finally:
        if before is None:
            del os.environ[WARNINGS]
        else:
            os.environ[WARNINGS] = before


@contextmanager
def _backend(scheduler: str | None, workers: int) -> Iterator[dict[str, Any]]:
    """What joblib is told of the workers: processes of this machine, or a cluster."""
    if scheduler is None:
        from joblib.externals.loky import get_reusable_executor

        tied = {"initializer": _tie_to, "initargs": (os.getpid(),)}
        yield {"backend": "loky", "n_jobs": workers, "inner_max_num_threads": 1, **tied}
        # when an exception ends the runs, joblib kills the workers itself
        get_reusable_executor().shutdown(wait=True)  # else they stay for minutes, and hold their models
        return
    try:
        from distributed import Client
    except ImportError:
        raise UsageError("--scheduler needs Dask: pip install 'planner[dask]'.") from None
    try:
        client = Client(scheduler, timeout=ANSWERS, set_as_default=False)
    except (OSError, ValueError) as error:
        what = " ".join(str(error).split())[:200]
        raise UsageError(f"No Dask scheduler answers at {scheduler} ({what}). Start one: dask scheduler.") from None
    try:
        yield {"backend": "dask", "client": client, "n_jobs": -1}
    finally:
        client.close()


def _row(packed: bytes, key: str, mode: Mode, theirs: dict[str, str], number: int) -> Row:
    """A run in a worker.

    Args:
        packed: the sweep.
        key: its fingerprint.
        mode: how its figures are drawn.
        theirs: the versions of who asks.
        number: of the run.

    Raises:
        UsageError: this worker has other versions, or not what the mode needs.
    """
    if theirs != (own := versions(mode)):
        differ = ", ".join(sorted(name for name, value in own.items() if theirs.get(name) != value))
        raise UsageError(f"A worker has other versions ({differ} differ): install the same on every machine.")
    with pd.option_context("mode.string_storage", "python"):
        if getattr(_kept, "key", None) != key:
            _kept.bench, _kept.key = SweepRunner(pickle.loads(packed)), key  # noqa: S301  (packed by whoever asks)
        row: Row = _kept.bench.row(number)
        return row


def _tie_to(asker: int) -> None:
    """End this worker, which is beginning, soon after the process that asks has ended: it would wait for minutes."""
    threading.Thread(target=_end_with, args=(asker,), daemon=True).start()


def _end_with(asker: int) -> None:
    while os.getppid() == asker:
        time.sleep(PAUSE)
    os._exit(1)
