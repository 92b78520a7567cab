"""What tests of commands share."""

import pytest

from planner.cli.main import main


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run a command in an empty folder; exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")

    def command(*words):
        with pytest.raises(SystemExit) as left:
            main(list(map(str, words)))
        found = capsys.readouterr()
        return int(left.value.code or 0), found.out, found.err

    return command
