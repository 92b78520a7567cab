"""The page of a small instance, without a browser and in one."""

import subprocess
import sys
from contextlib import contextmanager, nullcontext

import pytest

from planner.solve.threads import Pool

TOKEN, PORT = "a-token-of-tests", 8765
BASE = f"http://127.0.0.1:{PORT}"


@contextmanager
def asking(instance, *, source="instances/canning", policy="", rate=None, cookie=True):
    """A client of the page of an instance, as a browser that has opened it."""
    pytest.importorskip("starlette", reason="the extra `page` is not installed")
    pytest.importorskip("httpx2", reason="the test client needs httpx2")
    from starlette.testclient import TestClient

    from planner.serve.app import Setting, application

    with Pool(1) as thread:
        app = application(Setting(instance, source, policy, TOKEN, PORT), thread, nullcontext, rate)
        client = TestClient(app, base_url=BASE, raise_server_exceptions=False)
        client.headers["origin"] = BASE
        if cookie:
            client.cookies.set(f"planner-{PORT}", TOKEN, domain="127.0.0.1")
        yield client


def plan(client, query, **headers):
    """What the page answers to a view."""
    return client.post("/plan", content=query, headers={"x-page": "tab-1", **headers})


@contextmanager
def served(*arguments, folder):
    """`planner serve` in a process of its own: (process, its address)."""
    command = [sys.executable, "-m", "planner", "serve", *arguments, "--no-open"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()
