"""Journals that hold nothing: a study that was refused after its folder was made leaves no runs of another one.

A sweep whose draws could not carry its correlations was refused, and its folder then refused the corrected sweep, as
if it held runs.
"""

from pathlib import Path

import pytest

import planner
from planner.errors import UsageError
from planner.study.journal_lines import Lines

FACTOR = {"name": "demand", "change": "demand", "factor": {"uniform": [0.9, 1.0]}}
OTHER = {"name": "freight", "change": "freight", "where": {}, "factor": {"uniform": [0.9, 1.0]}}
SWEEP = {"name": "few", "factors": [FACTOR, OTHER], "correlations": [{"between": ["demand", "freight"], "rank": 0.5}]}


def test_a_refused_sweep_leaves_its_folder_to_the_next_one(tmp_path: Path) -> None:
    for draws in (2, 3):  # before, the second one was told that the folder has the runs of another sweep
        with pytest.raises(UsageError, match=f"{draws} draws cannot carry correlations"):
            planner.sweep("instances/canning", SWEEP | {"samples": draws}, folder=tmp_path / "out")


def test_what_was_found_and_what_is_no_journal_stay(tmp_path: Path) -> None:
    lines = Lines(tmp_path / "runs.jsonl", "sweep", "the runs of another sweep", replaceable=True)
    lines.read_into(print, {"question": 1})
    lines.read_into(print, {"question": 2})
    lines.add({"run": 1})
    with pytest.raises(UsageError, match=r"the runs of another sweep \(question differ\)"):
        lines.read_into(print, {"question": 1})
    lines.path.write_text('{"mine": 1}\n', encoding="utf-8")
    with pytest.raises(UsageError, match="the runs of another sweep"):
        lines.read_into(print, {"question": 1})
    assert lines.path.read_text(encoding="utf-8") == '{"mine": 1}\n'
