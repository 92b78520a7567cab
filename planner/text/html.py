"""Results as HTML for a notebook: headings, sentences and tables, everything escaped, without scripts."""

from __future__ import annotations

import math
from html import escape
from typing import Any

import pandas as pd

from planner.text.blocks import Block, Summary
from planner.text.figures import NONE, count, percent

MOST = 25  # rows shown of a table whose block sets no number
_PLAIN = "tex2jax_ignore mathjax_ignore"  # classes by which a notebook is told that `$` begins no formula
_LEFT, _RIGHT = "text-align: left", "text-align: right; white-space: nowrap"


def html_of(summary: Summary) -> str:
    """A summary as a self-contained piece of HTML: no script, no style sheet, no address.

    Names are escaped. Of a long table the first rows are shown, with the number of further ones.
    """
    parts = [f"<h4>{escape(summary.title)}</h4>"]
    parts += [f"<p>{escape(line)}</p>" for line in summary.lines]
    parts += [_table(block) for block in summary.shown]
    return f'<div class="{_PLAIN}">{"".join(parts)}</div>'


def _table(block: Block) -> str:
    """A table with its heading above and its note beneath."""
    table = block.table.head(block.most or MOST)
    sides = [_RIGHT if _is_figures(table.iloc[:, at]) else _LEFT for at in range(len(table.columns))]
    head = "".join(
        f'<th scope="col" style="{side}">{escape(str(name).replace("_", " "))}</th>'
        for name, side in zip(table.columns, sides, strict=True)
    )
    rows = []
    for at, row in enumerate(table.itertuples(index=False, name=None), start=1):
        tag = "th" if block.total and at == len(block.table) else "td"
        texts = [cell(value, share=str(name) in block.shares) for name, value in zip(table.columns, row, strict=True)]
        cells = (f'<{tag} style="{side}">{escape(text)}</{tag}>' for text, side in zip(texts, sides, strict=True))
        rows.append(f"<tr>{''.join(cells)}</tr>")
    caption = f'<caption style="{_LEFT}"><b>{escape(block.title)}</b></caption>'
    notes = [f"... and {len(block.table) - len(table):,} more rows"] if len(block.table) > len(table) else []
    notes += [block.note] if block.note else []
    foot = "".join(f"<p><small>{escape(note)}</small></p>" for note in notes)
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>{foot}"


def cell(value: Any, *, share: bool = False) -> str:
    """A table cell as text: a rounded figure, a percentage, `yes` or `no`, a name as it is, or a dash for nothing."""
    if isinstance(value, str):
        return value
    if value is None or (isinstance(value, float) and math.isnan(value)) or value is pd.NaT or value is pd.NA:
        return NONE
    if isinstance(value, bool) or type(value).__name__ == "bool":  # NumPy has its own
        return "yes" if value else "no"
    return percent(float(value)) if share else count(float(value))


def _is_figures(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column))
