"""Exports: the tables of a plan as a workbook, CSV or Parquet files, and the program itself."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from planner.errors import UsageError
from planner.plan.plan import Plan
from planner.plan.planning import formulate
from planner.plan.tables import FURTHER_TABLES, TABLE_NAMES
from planner.report.run_folder import csv_text, write_text

WIDEST = 40


def export_plan(plan: Plan, target: Path) -> Path:
    """Write the tables of a plan: `.xlsx` is a workbook; `.parquet` or `.csv` or no suffix is a folder of files.

    Raises:
        UsageError: the suffix is not known, or the target is in the way.
    """
    kind = target.suffix.lower()
    if kind == ".xlsx":
        return _in_place(target, lambda draft: _workbook(plan, draft))
    if kind == ".parquet":
        return _folder(plan, target, ".parquet", lambda table, path: table.to_parquet(path, index=False))
    if kind in {"", ".csv"}:
        return _folder(plan, target, ".csv", lambda table, path: write_text(path, csv_text(table)))
    raise UsageError(f"'{kind}' is no kind of export. Use .xlsx, .parquet, .csv, or a folder for CSV files.")


def export_model(plan: Plan, target: Path) -> Path:
    """Write the program of a plan as `.lp` or `.mps`, with `<name>.names.csv` beside it: what each name stands for.

    Raises:
        UsageError: another suffix.
    """
    program = formulate(plan.instance, plan.policy)
    kind = target.suffix.lower()
    if kind not in {".lp", ".mps"}:
        raise UsageError(f"'{kind}' is no format of a program. Use .lp or .mps.")

    def write(draft: Path) -> None:
        if kind == ".lp":
            program.problem.writeLP(str(draft))
        else:
            program.problem.writeMPS(str(draft))

    rows = []
    for block in program.blocks:
        labels = block.labels()
        rows += [
            {"name": variable.name, "kind": "column", "of": block.spec.name, "label": _joined(label)}
            for variable, label in zip(block.variables, labels, strict=True)
        ]
    for family in program.families:
        for number, label in enumerate(family.labels.itertuples(index=False, name=None)):
            text = [
                plan.instance.periods.labels[part] if name == "period" and not isinstance(part, str) else part
                for name, part in zip(family.labels, label, strict=True)
            ]
            rows.append(
                {
                    "name": f"{family.family.name}_{number:06d}",
                    "kind": "row",
                    "of": family.family.name,
                    "label": _joined(tuple(text)),
                }
            )
    _in_place(target, write)
    _in_place(target.with_suffix(".names.csv"), lambda draft: write_text(draft, csv_text(pd.DataFrame(rows))))
    return target


def _joined(label: object) -> str:
    return "/".join(str(part) for part in label) if isinstance(label, tuple) else str(label)


def _in_place(target: Path, write: Callable[[Path], None]) -> Path:
    """Write beside the target, then put it in its place."""
    if target.is_dir():
        raise UsageError(f"{target} is a folder; name a file.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=target.parent) as folder:
        draft = Path(folder) / target.name
        write(draft)
        os.replace(draft, target)
    return target


def _folder(plan: Plan, target: Path, suffix: str, write: Callable[[pd.DataFrame, Path], None]) -> Path:
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file; name a folder.")
    known = (*TABLE_NAMES, *FURTHER_TABLES)
    strangers = (
        [path.name for path in target.iterdir() if path.name not in {name + suffix for name in known}]
        if target.exists()
        else []
    )
    if strangers:
        raise UsageError(f"{target} holds other files ({strangers[0]}), so it is left alone. Choose another folder.")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".export-", dir=target.parent))
    try:
        draft.chmod(0o755)
        for name, table in plan.tables.items():
            write(table, draft / f"{name}{suffix}")
        target.mkdir(exist_ok=True)
        for name in plan.tables:
            os.replace(draft / f"{name}{suffix}", target / f"{name}{suffix}")
        for name in set(known) - set(plan.tables):  # of another plan that was exported here before
            (target / f"{name}{suffix}").unlink(missing_ok=True)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def _workbook(plan: Plan, path: Path) -> None:
    """One sheet a table; text is never read as a formula or link."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        for name, table in plan.tables.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for column, label in enumerate(table.columns):
                sheet.write_string(0, column, str(label), head)
                values = table[label].tolist()
                for row, value in enumerate(values, start=1):
                    if isinstance(value, str):
                        sheet.write_string(row, column, value)
                    elif value is not None and math.isfinite(value):
                        sheet.write_number(row, column, float(value))
                longest = max([len(str(label)), *(len(str(value)) for value in values[:200])])
                sheet.set_column(column, column, min(longest + 2, WIDEST))
            if len(table):
                sheet.autofilter(0, 0, len(table), len(table.columns) - 1)
