"""Tables that are wider than the terminal: in blocks beneath each other, so that no figure is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GAP = 2  # spaces between columns


@dataclass(frozen=True)
class Column:
    """A column as text.

    Attributes:
        head: its name, which may be broken between words.
        cells: its cells, which are not broken.
        numeric: whether its cells are figures.
    """

    head: str
    cells: tuple[str, ...]
    numeric: bool

    @property
    def width(self) -> int:
        """The width in characters that it needs."""
        from rich.cells import cell_len

        return max((cell_len(text) for text in (*self.head.split(), *self.cells)), default=0)


def blocks(columns: Sequence[Column], width: int) -> list[list[Column]]:
    """The columns in blocks that each fit a width; the columns at the left that name the rows are repeated in each.

    A column that does not fit beside these gets a block of its own, which may be wider than the terminal.
    """
    if needed(columns) <= width or len(columns) < 2:
        return [list(columns)]
    naming = 1
    while naming < len(columns) and not columns[naming].numeric and needed(columns[: naming + 1]) <= width // 2:
        naming += 1
    first, rest = list(columns[:naming]), columns[naming:]
    found: list[list[Column]] = []
    for column in rest:
        if found and needed([*found[-1], column]) <= width:
            found[-1].append(column)
        else:
            found.append([*first, column])
    return found or [first]


def needed(columns: Sequence[Column]) -> int:
    """The width in characters that columns need side by side."""
    return sum(column.width for column in columns) + GAP * (len(columns) - 1)
