"""What tests of commands share."""

import pytest


@pytest.fixture
def run(in_process, monkeypatch, tmp_path):
    """Run a command in an empty folder; exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")

    return in_process
