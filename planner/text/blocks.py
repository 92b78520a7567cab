"""Blocks: what a result shows, as a value apart from whether a terminal, a workbook or a notebook shows it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

SHARES = frozenset({"share", "blended", "least", "max_share", "min_free", "utilisation", "fill_rate", "limit"})


@dataclass(frozen=True)
class Block:
    """Figures under one heading.

    Attributes:
        title, note: what they are; the note says units and periods.
        table: the figures.
        shares: columns that are shares, shown as percentages.
        bars: columns of shares that are shaded by their size.
        drawn: whether they are drawn too.
        total: whether the last row is the sum of the others.
        most: rows that are shown at most where there is little room; None for all.
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
    """What matters of a result.

    Attributes:
        title: what it is of.
        lines: sentences, the most important first.
        blocks: figures; those without a row are not shown.
    """

    title: str
    lines: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
