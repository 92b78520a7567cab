"""What a sweep is written to: runs.csv, a row a run; summary.json, what they say together; and report.html."""

from __future__ import annotations

import json
from pathlib import Path

from planner.instance.whole_files import put_files, text_writer
from planner.report.csv_tables import csv_text
from planner.report.page.sweep_page import sweep_page
from planner.study.sweep.result import Sweep


def write_sweep(found: Sweep, folder: Path) -> Path:
    """Write runs.csv, summary.json and report.html to a folder: none before all of them can be written."""
    texts = {
        "runs.csv": csv_text(found.runs),
        "summary.json": json.dumps(found.as_json(), indent=2, ensure_ascii=False, allow_nan=False) + "\n",
        "report.html": sweep_page(found),
    }
    put_files(folder, {name: text_writer(text) for name, text in texts.items()})
    return folder
