"""Writing a report: report.html, summary.md and tables/*.csv."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from planner.errors import UsageError
from planner.instance.instance import Instance
from planner.instance.whole_files import put_files, text_writer
from planner.report.csv_tables import csv_text
from planner.report.findings import Findings, Runs
from planner.report.page.html import page_of
from planner.report.pictures.png import png_of
from planner.report.run_folder import RUN_FILE
from planner.report.studies import Studies
from planner.report.summary import MADE_BY, summary_text
from planner.report.tables.report import for_disk, report_tables

_INSTANCE = re.compile(r'<meta name="planner-report" content="([^"]*)">')


def write_report(
    instance: Instance,
    runs: Runs,
    folder: Path,
    studies: Studies | None = None,
    *,
    force: bool = False,
    figures: Path | None = None,
) -> Path:
    """Write the report of an instance's policies under its scenarios: no file before all of them can be written.

    Args:
        instance: the undisturbed instance.
        runs: by (policy name, scenario name); None for no policy, and for the undisturbed run.
        folder: where to write; other files in it are left alone.
        studies: the result of `planner.report.background.background`; None for a report without studies.
        force: whether the report of another instance that stands there is replaced.
        figures: a folder to which every picture of the page is written as an SVG file of its name; None for none.

    Raises:
        UsageError: the folder is a file or left alone as `refuse_to_replace_report` says, or there is no run.
    """
    texts = report_texts(instance, runs, studies)
    put_report(texts, folder, instance.settings.name, force=force, figures=figures)
    return folder


class ReportTexts(NamedTuple):
    """The files of a report, as texts.

    Attributes:
        files: report.html, summary.md and tables/*.csv, by their names.
        pictures: the pictures of the page as SVG, by their names.
    """

    files: Mapping[str, str]
    pictures: Mapping[str, str]


def report_texts(instance: Instance, runs: Runs, studies: Studies | None = None) -> ReportTexts:
    """The files of the report of an instance, and its pictures; arguments as of `write_report`.

    Raises:
        UsageError: there is no run.
    """
    if not runs:
        raise UsageError("There is no run to report.")
    findings = Findings(instance, runs, studies or Studies())
    tables = report_tables(findings)
    page = page_of(findings, tables)
    files = {
        **{f"tables/{name}.csv": csv_text(for_disk(table)) for name, table in tables.items()},
        "summary.md": summary_text(findings, tables),
        "report.html": page.text,
    }
    return ReportTexts(files, {f"{picture.name}.svg": picture.file_text() for picture in page.pictures})


def put_report(
    texts: ReportTexts,
    folder: Path,
    instance: str,
    *,
    force: bool = False,
    figures: Path | None = None,
    png: bool = False,
) -> None:
    """Write the files of a report to their places.

    Args:
        texts: the files.
        folder, force, figures: as of `write_report`, and so are the errors.
        instance: its name.
        png: whether the pictures are written as PNG too.
    """
    refuse_to_replace_report(folder, instance, force=force)
    if figures is not None:
        drawn = {name: text_writer(text) for name, text in texts.pictures.items()}
        if png:
            drawn |= {
                name.removesuffix(".svg") + ".png": partial(_put_png, text) for name, text in texts.pictures.items()
            }
        put_files(figures, drawn)
    put_files(folder, {name: text_writer(text) for name, text in texts.files.items()})


def _put_png(svg: str, path: Path) -> None:
    path.write_bytes(png_of(svg))


def refuse_to_replace_report(folder: Path, instance: str, *, force: bool = False) -> None:
    """Raise an error where writing the report of an instance would replace something else.

    Args:
        folder: the folder of the report.
        instance: the name of the instance.
        force: whether the report of another instance may be replaced.

    Raises:
        UsageError: the folder holds the report of another instance, or a report.html or summary.md that is no report;
            or a run, with `force` too, because a report has tables of the same names.
    """
    if (folder / RUN_FILE).exists():
        raise UsageError(f"{folder} holds a run, so it is left alone. Choose another --out.")
    page, summary = (_read(folder / name) for name in ("report.html", "summary.md"))
    known = _INSTANCE.search(page)
    own = known is not None or MADE_BY in summary  # pages made before they said of what
    if known is not None and known[1] != instance:
        what = f"has the report of the instance {known[1]}, not of {instance}"
    elif (page or summary) and not own:
        what = f"has a {'report.html' if page else 'summary.md'} that is no report of the planner"
    else:
        return
    if not force:
        raise UsageError(f"{folder} {what}, so it is left alone. Choose another --out, or replace it with --force.")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
