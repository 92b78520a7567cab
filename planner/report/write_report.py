"""Writing a report: report.html, summary.md and tables/*.csv."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from planner.errors import UsageError
from planner.instance.instance import Instance
from planner.report.findings import Findings, Runs
from planner.report.page.html import page_text
from planner.report.run_folder import csv_text, write_text
from planner.report.studies import Studies
from planner.report.summary import summary_text
from planner.report.tables.report import for_disk, report_tables


def write_report(instance: Instance, runs: Runs, folder: Path, studies: Studies | None = None) -> Path:
    """Write the report of an instance's policies under its scenarios; each file is put in its place whole.

    Args:
        instance: as it is undisturbed.
        runs: by (policy name, scenario name); None for no policy, and for the undisturbed run.
        folder: where to write; other files in it are left alone.
        studies: what `planner.report.studies.background` found; the parts that show it are left out without.

    Raises:
        UsageError: the folder is a file, or there is no run.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder with --out.")
    if not runs:
        raise UsageError("There is no run to report.")
    findings = Findings(instance, runs, studies or Studies())
    tables = report_tables(findings)
    files = {
        **{Path("tables") / f"{name}.csv": csv_text(for_disk(table)) for name, table in tables.items()},
        Path("summary.md"): summary_text(findings, tables),
        Path("report.html"): page_text(findings, tables),
    }
    folder.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".report-", dir=folder))
    try:
        (draft / "tables").mkdir()
        for path, text in files.items():
            write_text(draft / path, text)
        (folder / "tables").mkdir(exist_ok=True)
        for path in files:
            os.replace(draft / path, folder / path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder
