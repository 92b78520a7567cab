"""Writing a report: report.html, summary.md and tables/*.csv."""

from __future__ import annotations

from pathlib import Path

from planner.errors import UsageError
from planner.instance.instance import Instance
from planner.instance.whole_files import put_files, text_writer
from planner.report.csv_tables import csv_text
from planner.report.findings import Findings, Runs
from planner.report.page.html import page_text
from planner.report.studies import Studies
from planner.report.summary import summary_text
from planner.report.tables.report import for_disk, report_tables


def write_report(instance: Instance, runs: Runs, folder: Path, studies: Studies | None = None) -> Path:
    """Write the report of an instance's policies under its scenarios: no file before all of them can be written.

    Args:
        instance: as it is undisturbed.
        runs: by (policy name, scenario name); None for no policy, and for the undisturbed run.
        folder: where to write; other files in it are left alone.
        studies: what `planner.report.studies.background` found; the parts that show it are left out without.

    Raises:
        UsageError: the folder is a file, or there is no run.
    """
    if not runs:
        raise UsageError("There is no run to report.")
    findings = Findings(instance, runs, studies or Studies())
    tables = report_tables(findings)
    texts = {
        **{f"tables/{name}.csv": csv_text(for_disk(table)) for name, table in tables.items()},
        "summary.md": summary_text(findings, tables),
        "report.html": page_text(findings, tables),
    }
    put_files(folder, {name: text_writer(text) for name, text in texts.items()})
    return folder
