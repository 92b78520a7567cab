"""What a sweep is written to: runs.csv, a row a run; summary.json, what they say together; report.html; indices.csv."""

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

    Where SALib was asked what drives what, indices.csv too; else one that another sweep left there is removed.

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
