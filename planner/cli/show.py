"""How figures, tables and sentences look on a terminal."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from planner.cli.answer import answer

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from planner.cli.wide_tables import Column
    from planner.text.blocks import Block

NARROWEST = 120
SPACE = "\u00a0"  # does not break


def console() -> Console:
    """The console for results; wide enough for tables where it is no terminal."""
    from planner.cli.plain_console import PlainConsole

    found = PlainConsole(file=answer())
    return found if found.is_terminal else PlainConsole(file=answer(), width=max(NARROWEST, found.width))


def heading(words: str, rest: str = "") -> Text:
    """Bold words, and what follows them as it is."""
    from rich.text import Text

    return Text.assemble((words, "bold"), rest)


def accent(words: str) -> Text:
    """Words in colour, which marks what binds; plain where colours are off (NO_COLOR, a pipe)."""
    from rich.text import Text

    return Text(words, style="yellow")


def figure(value: Any) -> str:
    """A figure for people; `no limit` where it is infinite."""
    from planner.text.figures import NO_LIMIT

    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if isinstance(value, str):
        return value
    number = float(value)
    if number == math.inf:
        return NO_LIMIT
    if number == 0:
        return "0"
    size = abs(number)
    if size >= 1e9:
        return f"{number / 1e9:,.2f}{SPACE}bn"
    if size >= 1e6:
        return f"{number / 1e6:,.2f}{SPACE}M"
    if size >= 1000:
        return f"{number:,.0f}"
    return f"{number:,.6g}"


def percentage(value: float | None) -> str:
    """A share as a percentage."""
    return "-" if value is None or math.isnan(value) else f"{100 * value:.1f}{SPACE}%"


def print_table(table: pd.DataFrame, title: str = "", shares: Sequence[str] = (), limit: int | None = None) -> None:
    """Print a data frame, with columns in `shares` as percentages, and in blocks where the terminal is too narrow.

    A table without rows is printed as `none`.
    """
    from pandas.api.types import is_numeric_dtype

    from planner.cli.wide_tables import Column, blocks, needed

    shown = table if limit is None else table.head(limit)
    out = console()
    if title:
        out.print(heading(title))
    if table.empty:
        out.print("none")
        return
    columns = [
        Column(
            str(name).replace("_", " "),
            tuple(percentage(value) if name in shares else figure(value) for value in shown.iloc[:, at].tolist()),
            is_numeric_dtype(table.iloc[:, at]),
        )
        for at, name in enumerate(table.columns)
    ]
    for number, block in enumerate(blocks(columns, out.width) if out.is_terminal else [columns]):
        if number:
            out.print()
        out.width = max(out.width, needed(block))
        out.print(_grid(block))
    if limit is not None and len(table) > limit:
        out.print(f"... and {len(table) - limit} more rows")


def print_text(text: str) -> None:
    """Print text with its line breaks; on a narrower terminal lines are broken again between words."""
    out = console()
    if out.is_terminal:
        text = "\n".join(_folded(line, out.width) for line in text.splitlines())
    out.print(text, soft_wrap=True)


def _folded(line: str, width: int) -> str:
    """A line broken into lines of a width, all with the indentation of the first one."""
    indent = line[: len(line) - len(line.lstrip())]
    if len(line) <= width or len(indent) > width // 2:
        return line
    return textwrap.fill(
        line.strip(),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def sentence(text: str) -> str:
    """A sentence broken into lines as wide as the console, without a break between a figure and its unit."""
    from planner.text.figures import keep_units_together

    lines = _folded(keep_units_together(text), console().width)
    return lines.replace("\u00a0", " ")


def print_block(block: Block) -> None:
    """Print what a result shows under one heading, with its units."""
    title = f"{block.title} ({block.note})" if block.note else block.title
    print_table(block.table, title, shares=sorted(block.shares), limit=block.most)


def _grid(columns: Sequence[Column]) -> Table:
    """Columns of text side by side."""
    from rich.table import Table

    grid = Table(box=None, pad_edge=False)
    for column in columns:
        grid.add_column(column.head, justify="right" if column.numeric else "left", no_wrap=not column.numeric)
    for row in zip(*(column.cells for column in columns), strict=True):
        grid.add_row(*row)
    return grid
