"""Formats of the workbook: how a column shows its figures, without hiding what was typed."""

from __future__ import annotations

from typing import Any

from planner.instance.kinds import Kind
from planner.instance.workbook.columns import Column

FONT = {"font_name": "Calibri", "font_size": 11}
INK, PALE, FAINT = "#1F3864", "#DCE6F1", "#7F7F7F"
REQUIRED, OPTIONAL, CHOICES, FRONT = "#2F5597", "#8FAADC", "#C55A11", "#548235"  # colours of tabs
# how figures are shown, and how those are shown that would look like another figure: (format, unless, then)
MONEY = ("#,##0.00", "ROUND({cell},2)<>{cell}", "#,##0.00########")
WHOLE = ("#,##0", "ROUND({cell},0)<>{cell}", "#,##0.0#########")
PERCENT = ("0%", "ROUND({cell},2)<>{cell}", "0.0########%")
PLAIN = ("General", "", "")


class Styles:
    """The formats of one workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def get(self, **wanted: Any) -> Any:
        """A format with these properties."""
        key = tuple(sorted({**FONT, **wanted}.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(dict(key))
        return self._made[key]

    def of(self, column: Column) -> Any:
        """The format of a column's cells."""
        if is_figure(column):
            return self.get(num_format=shown(column)[0], align="right", indent=1)
        return self.get(num_format="@", align="left", indent=1)

    def head(self, column: Column) -> Any:
        """The format of a column's head: bold where the cells must be filled, aligned as they are."""
        side = {"align": "right", "indent": 2} if is_figure(column) else {"align": "left", "indent": 1}
        return self.get(bold=column.default is None, font_color=INK, bg_color=PALE, bottom=1, bottom_color=INK, **side)

    def otherwise(self, column: Column) -> Any:
        """The format of cells whose figure the column's own format would round."""
        return self._book.add_format({"num_format": shown(column)[2]})


def is_figure(column: Column) -> bool:
    """Whether a column holds numbers; all others are formatted as text, so that 001 and 2027-01 stay what they are."""
    return column.kind in {Kind.NUMBER, Kind.COUNT}


def shown(column: Column) -> tuple[str, str, str]:
    """How a column of figures is shown."""
    if "money" in column.unit:
        return MONEY
    if column.unit == "share":
        return PERCENT
    return WHOLE if column.unit and column.unit != "degrees" else PLAIN
