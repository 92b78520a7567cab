"""What a sweep is written to: runs.csv, a row a run, and summary.json, what they say together."""

from __future__ import annotations

import json
from pathlib import Path

from planner.instance.whole_files import put_files, text_writer
from planner.report.csv_tables import csv_text
from planner.study.sweep.result import Sweep


def write_sweep(found: Sweep, folder: Path) -> Path:
    """Write runs.csv and summary.json to a folder: none before all of them can be written."""
    texts = {
        "runs.csv": csv_text(found.runs),
        "summary.json": json.dumps(found.as_json(), indent=2, ensure_ascii=False, allow_nan=False) + "\n",
    }
    put_files(folder, {name: text_writer(text) for name, text in texts.items()})
    return folder
