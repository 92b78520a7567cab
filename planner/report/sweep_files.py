"""The files of a sweep: runs.csv with a row for each run, summary.json, report.html, and indices.csv."""

from __future__ import annotations

import json
from pathlib import Path

from planner.instance.whole_files import put_files, text_writer
from planner.report.csv_tables import csv_text
from planner.report.page.sweep_page import sweep_page
from planner.study.sweep.result import Sweep

INDICES = "indices.csv"


def write_sweep(found: Sweep, folder: Path) -> list[str]:
    """Write runs.csv, summary.json and report.html to a folder: none before all of them can be written.

    Where the mode of the sweep gives indices, indices.csv is written, too; else an earlier indices.csv is removed.

    Returns:
        the names of the files.
    """
    texts = {
        "runs.csv": csv_text(found.runs),
        "summary.json": json.dumps(found.as_json(), indent=2, ensure_ascii=False, allow_nan=False) + "\n",
        "report.html": sweep_page(found),
    }
    if len(found.indices):
        texts[INDICES] = csv_text(found.indices)
    put_files(folder, {name: text_writer(text) for name, text in texts.items()})
    if INDICES not in texts:
        (folder / INDICES).unlink(missing_ok=True)
    return sorted(texts, key=lambda name: (name != "report.html", name == INDICES, name))
