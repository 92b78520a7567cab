"""Shared fixtures. `pytest --regenerate` writes the golden files anew: read the difference before you keep it."""

import gc
import sys
import uuid
from pathlib import Path

import pytest

from planner.cli.options import keep_text_plain

sys.path.insert(0, str(Path(__file__).parent))
keep_text_plain()  # as every command does


def pytest_addoption(parser):
    parser.addoption("--regenerate", action="store_true", help="write tests/golden anew instead of comparing with it")


def pytest_collection_finish(session):
    gc.freeze()  # modules and tests stay until the end: the garbage collector need not look through them again


@pytest.fixture(autouse=True)
def _store_of_its_own(monkeypatch, tmp_path_factory):
    """Each test has a run store of its own, made when something is first kept: none is found in a working folder."""
    folder = tmp_path_factory.getbasetemp() / "stores"
    monkeypatch.setenv("PLANNER_STORE", str(folder / f"{uuid.uuid4().hex}.sqlite"))


@pytest.fixture
def regenerate(request):
    return request.config.getoption("--regenerate")
