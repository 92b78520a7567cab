"""Exports: the tables of a plan in the forms that other programs read, and the program itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from planner.errors import UsageError
from planner.instance.whole_files import finished_folder, put_file, put_files, put_folder, text_writer
from planner.model.writing import write_model
from planner.plan.plan import Plan
from planner.plan.planning import formulate
from planner.plan.tables import FURTHER_TABLES, TABLE_NAMES
from planner.report.csv_tables import csv_text
from planner.report.duckdb_file import arrow_table, write_database
from planner.report.iamc import write_iamc
from planner.report.plan_workbook import write_workbook

IAMC = ".iamc.csv"
FILES = (".xlsx", ".duckdb", IAMC)  # endings of exports in one file
FOLDERS = ("", ".csv", ".parquet")  # endings of folders with a file a table
PROGRAMS = (".lp", ".mps")


@dataclass(frozen=True)
class Export:
    """What was written.

    Attributes:
        place: the file or folder.
        words: what it is, for people.
    """

    place: Path
    words: str


def refuse_plan(target: Path) -> None:
    """Refuse a target for tables whose ending stands for no format.

    Raises:
        UsageError: the suffix is not known.
    """
    if _ending(target) not in {*FILES, *FOLDERS}:
        raise UsageError(
            f"'{target.suffix}' is no kind of export. Use .xlsx, .duckdb or .iamc.csv for one file, "
            "and .csv, .parquet or no ending for a folder with a file a table."
        )


def refuse_model(target: Path) -> None:
    """Refuse a target for a program whose ending stands for no format.

    Raises:
        UsageError: the suffix is not known.
    """
    if target.suffix.lower() not in PROGRAMS:
        raise UsageError(f"'{target.suffix.lower()}' is no format of a program. Use .lp or .mps.")


def _ending(target: Path) -> str:
    return IAMC if target.name.lower().endswith(IAMC) else target.suffix.lower()


def export_plan(plan: Plan, target: Path) -> Export:
    """Write the tables of a plan, in the format that the suffix of the target stands for.

    Raises:
        UsageError: the suffix is not known, or a file or folder that must not be replaced has that name.
        OSError: it cannot be written; what was there is still there.
    """
    refuse_plan(target)
    ending = _ending(target)
    tables = f"{len(plan.tables)} tables"
    if ending == ".xlsx":
        return Export(put_file(target, partial(write_workbook, plan)), f"a workbook of a summary and {tables}")
    if ending == ".duckdb":
        return Export(put_file(target, partial(write_database, plan)), f"a DuckDB file of {tables} and their views")
    if ending == IAMC:
        return Export(put_file(target, partial(write_iamc, plan)), "one table in the IAMC format")
    if ending == ".parquet":
        return Export(_folder(plan, target, ending, _parquet), f"a folder of {tables}, a Parquet file each")
    return Export(_folder(plan, target, ".csv", _csv), f"a folder of {tables}, a CSV file each")


def _csv(table: pd.DataFrame, path: Path) -> None:
    text_writer(csv_text(table))(path)


def _parquet(table: pd.DataFrame, path: Path) -> None:
    from pyarrow import parquet

    parquet.write_table(arrow_table(table, path.stem), path)


def export_model(plan: Plan, target: Path) -> Export:
    """Write the program of a plan as `.lp` or `.mps`, with `<name>.names.csv` beside it: what each name stands for.

    Raises:
        UsageError: another ending.
        OSError: it cannot be written; what was there is still there.
    """
    refuse_model(target)
    program = formulate(plan.instance, plan.policy)
    rows = []
    for block in program.blocks:
        labels = block.labels()
        rows += [
            {"name": variable.name, "kind": "column", "of": block.spec.name, "label": _label_text(label)}
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
                    "label": _label_text(tuple(text)),
                }
            )
    names = text_writer(csv_text(pd.DataFrame(rows)))
    beside = target.with_suffix(".names.csv")
    put_files(target.parent, {target.name: partial(write_model, program), beside.name: names})
    return Export(target, f"the program, with {beside.name}: what each of its names stands for")


def _label_text(label: object) -> str:
    return "/".join(str(part) for part in label) if isinstance(label, tuple) else str(label)


def _folder(plan: Plan, target: Path, suffix: str, write: Callable[[pd.DataFrame, Path], object]) -> Path:
    """One file a table, in a folder that holds nothing else."""

    def fill(draft: Path) -> None:
        for name, table in plan.tables.items():
            write(table, draft / f"{name}{suffix}")

    def refuse(_: Path) -> None:
        if target.exists() and not target.is_dir():
            raise UsageError(f"{target} is a file; name a folder.")
        own = {f"{name}{suffix}" for name in (*TABLE_NAMES, *FURTHER_TABLES)}
        strangers = sorted(path.name for path in finished_folder(target).iterdir()) if target.exists() else []
        strangers = [name for name in strangers if name not in own]
        if strangers:
            raise UsageError(
                f"{target} holds other files ({strangers[0]}), so it is left alone. Choose another folder."
            )

    put_folder(target, fill, refuse)
    return target
