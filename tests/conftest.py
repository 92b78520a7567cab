"""Shared fixtures. `pytest --regenerate` writes the golden files anew: read the difference before you keep it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


def pytest_addoption(parser):
    parser.addoption("--regenerate", action="store_true", help="write tests/golden anew instead of comparing with it")


@pytest.fixture
def regenerate(request):
    return request.config.getoption("--regenerate")
