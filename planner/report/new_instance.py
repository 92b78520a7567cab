"""The instance that `planner new` writes: a small one that solves, made to be overwritten."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterable
from pathlib import Path

from planner.errors import UsageError
from planner.instance.document import Document
from planner.instance.fields import ID_PATTERN
from planner.instance.forms import folder_files
from planner.instance.workbook.columns import Column, columns_of, meaning_of, setting_columns
from planner.report.instance_forms import read_document, write_document

TEMPLATE = Path(__file__).parent / "templates" / "new.yaml"
EXAMPLE = "example"


def write_new(folder: Path, *, book: bool) -> tuple[Path, list[str]]:
    """Write the example as a folder, or as a workbook.

    Args:
        folder: the folder to write; a workbook is written beside it as `<folder>.xlsx`.
        book: whether to write a workbook.

    Returns:
        the path that was written, and the three commands that come next.

    Raises:
        UsageError: the path exists already.
    """
    name = folder.name.removesuffix(".xlsx") if book else folder.name
    if name in {"", ".."}:
        raise UsageError("Name a folder that is to be made.")
    document, _ = read_document(TEMPLATE)
    settings = {**document.settings, "name": name if ID_PATTERN.fullmatch(name) else EXAMPLE}
    document = dataclasses.replace(document, settings=settings)
    target = folder.with_name(f"{name}.xlsx") if book else folder
    if not book and target.suffix:
        raise UsageError(f"{target.name} looks like a file. Name a folder, or add --book for {name}.xlsx.")
    commands = next_commands(document, target)
    files = {**folder_files(document, every_column=True), "README.md": readme(document, commands)}
    write_document(document, target, files)
    return target, commands


def next_commands(document: Document, target: Path) -> list[str]:
    """The three commands with which a new user goes on."""
    place = shlex.quote(str(target))
    policy, scenario = document.policies[0]["name"], document.scenarios[0]["name"]
    return [
        f"planner check {place}",
        f"planner solve {place} --policy {policy} --out runs/first",
        f"planner whatif {place} --policy {policy} --scenario {scenario}",
    ]


def readme(document: Document, commands: list[str]) -> str:
    """README.md of a new folder: what it is, the commands, and every column of every table."""
    title = document.settings["title"]
    lines = [
        f"# {document.settings['name']}",
        "",
        f"{title}. An example that solves, made to be overwritten: put your own rows into the tables,",
        "one table after another, and run the first command after each.",
        "",
        "```sh",
        *commands,
        "```",
        "",
        "The first names every mistake with file, row and remedy; the second finds the plan of least cost under",
        "the policy; the third shows what the scenario does to it. `planner explain start` goes through it step by",
        "step; `planner convert` turns the folder into a workbook and back.",
        "",
        "Ids are short words of letters, digits, `_`, `.` and `-`. A period is one label, a window such as",
        "`2027Q2..2028Q1` (an end may stay open), or `*` for all. Empty cells take the default. Each row can name its",
        "`source`; a column whose name begins with `#` is your own.",
        "",
        "## instance.yaml",
        "",
        *_column_lines(setting_columns().values()),
    ]
    for table in document.tables:
        lines += ["", f"## {table}.csv", "", meaning_of(table), "", *_column_lines(columns_of(table))]
    return "\n".join(lines) + "\n"


def _column_lines(columns: Iterable[Column]) -> list[str]:
    """A Markdown table of columns."""
    lines = ["| name | meaning | unit | empty means |", "| --- | --- | --- | --- |"]
    for column in columns:
        name = f"**{column.name}**" if column.default is None else column.name
        choices = f" ({' or '.join(column.choices)})" if column.choices else ""
        empty = "must be filled" if column.default is None else column.default
        lines.append(f"| {name} | {column.meaning}{choices} | {column.unit} | {empty.replace('*', chr(92) + '*')} |")
    return lines
