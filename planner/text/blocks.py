"""Blocks and summaries: what a result shows, independent of the medium (terminal, workbook or notebook)."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

SHARES = frozenset({"share", "blended", "least", "max_share", "min_free", "utilisation", "fill_rate", "limit"})


@dataclass(frozen=True)
class Block:
    """A table under one heading.

    Attributes:
        title: the heading.
        note: units and periods of the figures.
        table: the figures.
        shares: columns that are shares, shown as percentages.
        bars: columns of shares whose cells are shaded in proportion.
        drawn: whether a chart of the figures is drawn too.
        total: whether the last row is the sum of the others.
        most: the most rows that are shown where there is little room; None for all.
    """

    title: str
    table: pd.DataFrame
    note: str = ""
    shares: frozenset[str] = field(default=SHARES)
    bars: frozenset[str] = frozenset()
    drawn: bool = False
    total: bool = False
    most: int | None = None


@dataclass(frozen=True)
class Summary:
    """What to show of a result first.

    Attributes:
        title: what it is a summary of.
        lines: sentences, the most important first.
        blocks: tables; those without rows are not shown.
    """

    title: str
    lines: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()

    @property
    def shown(self) -> tuple[Block, ...]:
        """The blocks that have rows."""
        return tuple(block for block in self.blocks if len(block.table))
