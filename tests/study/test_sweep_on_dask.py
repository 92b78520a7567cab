"""A sweep on a Dask cluster on loopback: a real scheduler, real workers, one of them killed on the way."""

import json
import signal
import time
from importlib.util import find_spec

import children
import pytest
import toys

from planner.report.csv_tables import csv_text
from planner.study.sweep.sweep import sweep

pytestmark = pytest.mark.skipif(
    find_spec("distributed") is None, reason="Dask is not installed: pip install 'planner[dask]'"
)

PART = """
import os, runpy
os.environ.update({quiet})
runpy.run_module("distributed.cli.dask_{part}", run_name="__main__")
"""
QUIET = {"DASK_DISTRIBUTED__ADMIN__EVENT_LOOP_MONITOR_INTERVAL": "1s", "OMP_NUM_THREADS": "1"}
PATIENCE = 120  # seconds for a scheduler or worker to be there, on a busy machine


@pytest.fixture
def cluster(tmp_path):
    """Address of a scheduler, and the processes of its two workers."""
    file = tmp_path / "scheduler.json"
    common = ["--scheduler-file", str(file)]
    begun = []

    def start(part, *words):
        code = PART.format(quiet=QUIET, part=part)
        with (tmp_path / f"{part}-{len(begun)}.txt").open("wb") as log:
            streams = (log.fileno(), log.fileno())
            begun.append(children.begun(code, *common, *words, folder=tmp_path, streams=streams))
        return begun[-1]

    try:
        start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        until = time.monotonic() + PATIENCE
        while not file.exists() and time.monotonic() < until:
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        alone = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1"]
        yield address, [start("worker", *alone), start("worker", *alone)]
    finally:
        for process in reversed(begun):
            process.kill()
            process.join()


def wait_for_workers(address, count):
    from distributed import Client

    with Client(address, timeout=f"{PATIENCE}s", set_as_default=False) as client:
        client.wait_for_workers(count, timeout=PATIENCE)


def test_a_worker_that_is_killed_costs_no_run(cluster, tmp_path):
    address, workers = cluster
    wait_for_workers(address, 2)
    instance = toys.tiny()
    question = {
        "name": "orders",
        "samples": 8,
        "seed": 5,
        "factors": [{"name": "orders", "change": "demand", "factor": {"uniform": [0.3, 1]}}],
    }
    done = []

    def kill_one(count, total, name):
        done.append(count)
        if count == 3:
            workers[0].kill()
            workers[0].join()
            assert workers[0].exitcode == -signal.SIGKILL

    found = sweep(instance, question, folder=tmp_path / "out", scheduler=address, progress=kill_one)
    assert done == list(range(9))
    assert workers[1].is_alive()
    alone = sweep(instance, question)
    assert csv_text(found.runs.drop(columns="seconds")) == csv_text(alone.runs.drop(columns="seconds"))
    assert len((tmp_path / "out" / "runs.jsonl").read_bytes().splitlines()) == 9
