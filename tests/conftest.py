"""Shared fixtures. `pytest --regenerate` writes the golden files anew: read the difference before you keep it."""

import gc
import sys
from pathlib import Path

import pytest

from planner.cli.options import keep_text_plain

sys.path.insert(0, str(Path(__file__).parent))
keep_text_plain()  # as every command does


def pytest_addoption(parser):
    parser.addoption("--regenerate", action="store_true", help="write tests/golden anew instead of comparing with it")


def pytest_collection_finish(session):
    gc.freeze()  # modules and tests stay until the end: the garbage collector need not look through them again


@pytest.fixture
def regenerate(request):
    return request.config.getoption("--regenerate")
