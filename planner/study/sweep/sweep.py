"""The question of a sweep: how cost and service vary over uncertain figures."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd

from planner.instance.instance import Instance
from planner.instance.loading import instance_of
from planner.network.building import build_network
from planner.plan.planning import refuse_unreachable
from planner.study.progress import Progress
from planner.study.sweep.reading import read_sweep
from planner.study.sweep.records import SweepQuestion
from planner.study.sweep.result import Sweep
from planner.study.sweep.runs import columns_of
from planner.study.sweep.runs_journal import Journal
from planner.study.sweep.workers import run_rows


def sweep(
    source: Instance | str | Path,
    question: SweepQuestion | Mapping[str, Any] | str | Path,
    *,
    folder: str | Path | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    force: bool = False,
    progress: Progress | None = None,
    known: Sequence[Mapping[str, Any]] = (),
) -> Sweep:
    """Plan every policy under every scenario in each of many draws of uncertain figures.

    Each run is planned knowing its figures from the first period, and is certified as any other plan. A run without a
    plan is a row with its reason. No run depends on another, so the figures do not depend on the number of workers.

    >>> import planner
    >>> found = planner.sweep(
    ...     "instances/canning",
    ...     {
    ...         "name": "demand",
    ...         "policies": [None, "balanced"],
    ...         "mode": "grid",
    ...         "factors": [{"name": "demand", "change": "demand", "factor": {"grid": [0.8, 0.9, 1.0]}}],
    ...     },
    ... )
    >>> found
    <Sweep of canning, demand: 6 runs, 6 with a plan>
    >>> print(found.runs[["policy", "demand", "objective"]].to_string())
         policy  demand  objective
    0       NaN     0.8   122.9400
    1       NaN     0.9   138.3075
    2       NaN     1.0   153.6750
    3  balanced     0.8   122.9400
    4  balanced     0.9   138.5975
    5  balanced     1.0   154.7750

    Args:
        source: an instance or its path.
        question: a sweep.yaml by path, a mapping in the same shape, or the record of it.
        folder: where each run that ended is kept, so that a stopped sweep goes on from there; None for nowhere.
        workers: processes on this machine; 1 for this one alone.
        scheduler: address of the scheduler of a Dask cluster that makes the runs instead, `tcp://HOST:PORT`.
        force: whether the runs of another sweep in the folder are replaced.
        progress: called with (runs done, runs that were left to be done, how many a second) after each run.
        known: rows of runs of this sweep that were made before, which are not made again.

    Returns:
        the runs as a table, one row each in the order of the design, and what they say together: money in the
        instance's currency, units in those of the items, shares from 0 to 1.

    Raises:
        InstanceError: the instance or the sweep is not right; with every problem.
        UsageError: the folder has something else in it, or the cluster cannot be reached.
    """
    instance = instance_of(source)
    asked = read_sweep(question, instance)
    journal = Journal(None if folder is None else Path(folder), asked, force=force)
    journal.recall(known)
    left = [number for number in range(1, asked.question.runs + 1) if number not in journal.rows]
    begun = time.perf_counter()
    if progress:
        progress(0, len(left), "models")
    if left:
        refuse_unreachable(build_network(instance, None))  # no policy closes anything
        with closing(run_rows(asked, left, workers, scheduler)) as rows:  # its workers end with it, however that ends
            for made, row in enumerate(rows, start=1):
                journal.add(row)
                if progress:
                    progress(made, len(left), f"{made / (time.perf_counter() - begun):.2g} runs a second")
    runs = pd.DataFrame([journal.rows[number] for number in sorted(journal.rows)], columns=columns_of(asked))
    return Sweep(asked, runs, journal.remembered)
