"""Shared fixtures. `pytest --regenerate` writes the golden files anew: read the difference before you keep it."""

import gc
import os
import sys
import uuid
from pathlib import Path

import pytest

from planner.cli.options import keep_text_plain

sys.path.insert(0, str(Path(__file__).parent))
import portions


def _keep_bytecode():
    """Where the environment forbids bytecode beside the code, keep it in pytest's cache.

    Else every process that a test starts would compile pandas and all the rest again, for many seconds.
    """
    if sys.dont_write_bytecode:
        sys.dont_write_bytecode = False
        sys.pycache_prefix = str(Path(__file__).parents[1] / ".pytest_cache" / "bytecode")
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix


_keep_bytecode()
keep_text_plain()  # as every command does


STUDIES = ("struck", "studied", "reported")  # fixtures of the whole session


def pytest_addoption(parser):
    parser.addoption("--regenerate", action="store_true", help="write tests/golden anew instead of comparing with it")


def pytest_configure(config):
    portions.left_out = "not slow" in config.option.markexpr.split(" and ")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Put the tests that share what takes long to make side by side, so that one worker makes it, once.

    These are the plans of the shipped instance, the studies of tests/report/conftest.py, the browser, the server of the
    stores (tests/store/conftest.py) and that which children fork from (children.py), and the parsed source (sources.py).
    """
    with_browser = {item.path for item in items if "browser" in getattr(item, "fixturenames", ())}

    def place(item):
        names = getattr(item, "fixturenames", ())
        shared = (
            item.get_closest_marker("shipped"),
            *(name in names for name in STUDIES),
            item.path in with_browser,
            item.path.parent.name == "store",
            hasattr(item.module, "children") or hasattr(item.module, "killed"),
            hasattr(item.module, "nodes"),
        )
        return next((number for number, held in enumerate(shared) if held), len(shared))

    items.sort(key=place)


def pytest_collection_finish(session):
    gc.freeze()  # modules and tests stay until the end: the garbage collector need not look through them again
    gc.set_threshold(50_000, 20, 50)  # nor through what each solve makes and leaves, so often


@pytest.fixture(autouse=True)
def _store_of_its_own(monkeypatch, tmp_path_factory):
    """Each test has a run store of its own, made when something is first kept: none is found in a working folder."""
    folder = tmp_path_factory.getbasetemp() / "stores"
    monkeypatch.setenv("PLANNER_STORE", str(folder / f"{uuid.uuid4().hex}.sqlite"))


@pytest.fixture
def in_process(capsys, request, monkeypatch):
    """Run a command in this process; exit code, stdout, stderr.

    What is not about the run store (marked `keeps`, or in tests/store) says --no-store: to compute and write all that
    a run is kept with takes a quarter of a small command. A report is written once, at the end: the first page, of
    which test_early_pages.py is, takes half of a small one.
    """
    from planner.cli.main import COMMANDS, main

    keeps = request.node.get_closest_marker("keeps") or request.node.path.parent.name == "store"
    monkeypatch.setattr("planner.report.early_pages.EarlyPages.first", lambda *_: None)
    storing = {command.name for command in COMMANDS if any("--no-store" in part.opts for part in command.params)}

    def run(*words):
        words = list(map(str, words))
        if words and words[0] in storing and not keeps and not {"--no-store", "--fresh", "--"} & {*words}:
            words.append("--no-store")
        with pytest.raises(SystemExit) as left:
            main(words)
        found = capsys.readouterr()
        return int(left.value.code or 0), found.out, found.err

    return run


@pytest.fixture(scope="session")
def browser():
    """A browser that is driven; the test is skipped where there is none, or nothing to drive it with."""
    from browsers import FLAGS, browser_path

    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if browser_path() is None:
        pytest.skip("no chromium on this machine")
    with api.sync_playwright() as tool:
        try:
            found = tool.chromium.launch(executable_path=browser_path(), args=list(FLAGS))
        except api.Error as error:
            pytest.skip(f"chromium does not start on this machine: {error.message[:80]}")
        yield found
        found.close()


@pytest.fixture
def regenerate(request):
    return request.config.getoption("--regenerate")
