"""A plan as a workbook: a summary on the first sheet, then one sheet for each table; no text acts as a formula."""

from __future__ import annotations

import math
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from planner.errors import UsageError
from planner.plan.plan import Plan
from planner.plan.plan_summary import plan_summary
from planner.report.csv_tables import like_a_formula
from planner.report.page.chart_marks import REGION_COLOURS
from planner.report.result_tables import MEANINGS
from planner.text.blocks import SHARES, Block

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

SUMMARY = "summary"
MOST_ROWS = 1_048_575  # of a sheet, below its head
NARROWEST, WIDEST = 9, 44  # characters
WIDTHS = (26, 18, 14, 14, 14, 14, 16, 16)  # of the first sheet
SHARE = '0.0%;-0.0%;"–"'  # nothing is seen to be nothing
INK, QUIET, HEAD, LINE = "#1C2127", "#5F6B7A", "#E8EEF4", "#B8C4D0"
CHART_ROWS = 12  # that it is high
LARGE = 100  # from here on a figure is known well enough by the digits of its column
MEASURED = 500  # rows whose texts decide how wide a column is


def write_workbook(plan: Plan, path: Path) -> None:
    """Write a plan as a workbook.

    Raises:
        UsageError: a table has more rows than a sheet.
        OSError: it cannot be written.
    """
    import xlsxwriter

    for name, table in plan.tables.items():
        if len(table) > MOST_ROWS:
            raise UsageError(
                f"The table {name} has {len(table):,} rows, and a sheet holds {MOST_ROWS:,}. "
                "Export to a folder of CSV files, to .parquet or to .duckdb."
            )
    made = BytesIO()  # the library would write its parts to a folder of its own
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False, "in_memory": True}
    with xlsxwriter.Workbook(made, options) as book:
        book.set_properties({"title": plan.instance.settings.title or plan.instance.settings.name})
        styles = _Styles(book)
        _summary(plan, book, styles)
        for name, table in plan.tables.items():
            _sheet(book.add_worksheet(name), table, styles)
        _total_of_costs(plan, book)
    path.write_bytes(made.getvalue())


class _Styles:
    """The cell formats of a workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def __call__(self, **properties: Any) -> Format:
        """A format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"font_color": INK, "valign": "top", **properties})
        return self._made[key]

    def head(self, *, right: bool) -> Format:
        """The head of a column."""
        return self(bold=True, bg_color=HEAD, bottom=1, bottom_color=LINE, align="right" if right else "left")


def number_format(name: str, values: pd.Series) -> str:
    """How the figures of a column are shown: shares as percentages, others with as many digits as their size needs."""
    if name in SHARES:
        return SHARE
    sizes = values.abs().dropna()
    largest = float(sizes.max()) if len(sizes) else 0.0
    if (sizes % 1 == 0).all() or largest >= 3000:
        return "#,##0"
    return "#,##0.0" if largest >= 100 else "#,##0.00" if largest >= 1 else "0.0000"


def figure_format(form: str, value: float) -> str:
    """The number format of one figure: a small figure keeps its digits, and is not shown as 0 beside large ones."""
    size = abs(value)
    if "%" in form or not 0 < size < LARGE or size % 1 == 0:
        return form
    return "#,##0.00" if size >= 1 else "0.0000" if size >= 0.001 else "0.0E+00"


def _write(sheet: Worksheet, row: int, column: int, value: Any, style: Format, inert: Format) -> None:
    """Write a cell: texts as text, figures as numbers, infinities as in CSV files, nothing for missing values."""
    if isinstance(value, str):
        sheet.write_string(row, column, value, inert if like_a_formula(value) else style)
    elif value is None or math.isnan(value):
        sheet.write_blank(row, column, None, style)
    elif math.isinf(value):
        sheet.write_string(row, column, str(float(value)), style)
    else:
        sheet.write_number(row, column, float(value), style)


def _sheet(sheet: Worksheet, table: pd.DataFrame, styles: _Styles) -> None:
    """Write a table: with a frozen head, filters, and columns as wide as their contents."""
    sheet.freeze_panes(1, 0)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_paper(9)
    sheet.set_header(f"&L&B{sheet.get_name()}&R&P / &N")
    for column, label in enumerate(map(str, table.columns)):
        values = table.iloc[:, column]
        numeric = pd.api.types.is_numeric_dtype(values)
        form = number_format(label, values) if numeric else "@"
        style = styles()
        _write(sheet, 0, column, label, styles.head(right=numeric), styles.head(right=numeric))
        for row, value in enumerate(values.tolist(), start=1):
            if numeric:
                style = styles(num_format=figure_format(form, value))
            _write(sheet, row, column, value, style, styles(quote_prefix=True))
        sheet.set_column(column, column, _width(label, values, form))
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{len(table) + 1}"})  # ids like 001
    if len(table.columns):
        sheet.autofilter(0, 0, len(table), len(table.columns) - 1)


def _total_of_costs(plan: Plan, book: Workbook) -> None:
    """Write the total of the costs as a note on the head of their column; a row of totals would be added in sums."""
    total, currency = math.fsum(plan.costs["amount"]), plan.instance.settings.currency
    amount = f"{total:,.2f}" if abs(total) >= 1 else f"{total:.6g}"
    words = f"In all {currency} {amount}, over all planned periods, discounted: the total of the sheet {SUMMARY}."
    look = {"x_scale": 1.8, "font_size": 9, "color": HEAD}
    book.get_worksheet_by_name("costs").write_comment(0, list(plan.costs.columns).index("amount"), words, look)


def _width(label: str, values: pd.Series, form: str) -> float:
    """The width of a column in characters; its head needs room for the filter button."""
    if not pd.api.types.is_numeric_dtype(values):
        longest = max((len(str(value)) for value in values.head(MEASURED)), default=0)
    else:
        sizes = values.abs().dropna()
        largest = float(sizes.max()) if len(sizes) else 0.0
        longest = len(f"{largest:,.0f}") + 1 + (len(form.partition(".")[2]) + 1 if "%" not in form else 3)
    return min(max(NARROWEST, len(label) + 4, longest + 2), WIDEST)


def _summary(plan: Plan, book: Workbook, styles: _Styles) -> None:
    """Write the first sheet: the answer, and under it the blocks of the summary."""
    sheet = book.add_worksheet(SUMMARY)
    found = plan_summary(plan)
    last = len(WIDTHS) - 1
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 26)
    _write(
        sheet, 0, 0, found.title, styles(bold=True, font_size=16), styles(bold=True, font_size=16, quote_prefix=True)
    )
    answer = styles(text_wrap=True, font_size=12, bold=True)
    quiet = styles(text_wrap=True, font_color=QUIET)
    for at, line in enumerate(found.lines, start=1):
        style = answer if at == 1 else quiet
        sheet.merge_range(at, 0, at, last, "", style)
        sheet.write_string(at, 0, line, style)
    sheet.set_row(1, 17 * (1 + len(found.lines[0]) // 105))
    row = top = len(found.lines) + 2
    for block in found.blocks:
        end = _block(sheet, row, block, styles)
        if block.drawn:
            sheet.insert_chart(top, 4, _chart(book, row, block), {"x_offset": 12, "object_position": 2})
        row = max(end, top + CHART_ROWS) + 2
    _contents(plan, sheet, row, styles)
    sheet.freeze_panes(1, 0)


def _block(sheet: Worksheet, row: int, block: Block, styles: _Styles) -> int:
    """Write a heading and the table of a block under it; returns the row after it."""
    sheet.write_string(row, 0, block.title, styles(bold=True, font_size=12))
    if block.note:
        sheet.write_string(row + 1, 0, block.note, styles(font_color=QUIET))
        row += 1
    row += 1
    table = block.table
    for column, label in enumerate(map(str, table.columns)):
        values = table.iloc[:, column]
        numeric = pd.api.types.is_numeric_dtype(values)
        head = styles.head(right=numeric)
        _write(sheet, row, column, label.replace("_", " "), head, head)
        form = SHARE if label in block.shares else number_format(label, values) if numeric else "@"
        for at, value in enumerate(values.tolist(), start=1):
            total = {"bold": True, "top": 1, "top_color": LINE} if block.total and at == len(table) else {}
            style = styles(num_format=figure_format(form, value), **total) if numeric else styles(**total)
            _write(sheet, row + at, column, value, style, styles(quote_prefix=True, **total))
        if label in block.bars and len(table):
            rows = len(table) - 1 if block.total else len(table)
            sheet.conditional_format(
                row + 1,
                column,
                row + rows,
                column,
                {
                    "type": "2_color_scale",
                    "min_type": "num",
                    "min_value": 0,
                    "max_type": "num",
                    "max_value": 1,
                    "min_color": "#FFFFFF",
                    "max_color": "#F2A3AB",
                },
            )
    return row + 1 + len(table)


def _chart(book: Workbook, row: int, block: Block) -> Chart:
    """The shares of a block, a bar a row; beside the first block."""
    chart = book.add_chart({"type": "bar", "subtype": "percent_stacked"})
    first = row + 2 + bool(block.note)  # below the heading, its note and the head
    last = first + len(block.table) - 1
    for column, label in enumerate(map(str, block.table.columns)):
        if label in block.bars:
            chart.add_series(
                {
                    "name": [SUMMARY, first - 1, column],
                    "categories": [SUMMARY, first, 0, last, 0],
                    "values": [SUMMARY, first, column, last, column],
                    "fill": {"color": REGION_COLOURS[(column - 1) % len(REGION_COLOURS)]},
                    "gap": 40,
                }
            )
    font = {"color": INK, "size": 9}
    chart.set_title({"name": block.title, "name_font": {**font, "size": 10, "bold": True}, "overlay": False})
    chart.set_legend({"position": "bottom", "font": font})
    chart.set_x_axis(
        {"num_format": "0%", "num_font": font, "major_gridlines": {"visible": True, "line": {"color": LINE}}}
    )
    chart.set_y_axis({"reverse": True, "num_font": font, "crossing": "max"})
    chart.set_chartarea({"border": {"none": True}})
    chart.set_size({"width": 470, "height": 20 * CHART_ROWS})
    return chart


def _contents(plan: Plan, sheet: Worksheet, row: int, styles: _Styles) -> None:
    """Write links to the other sheets."""
    sheet.write_string(row, 0, "Sheets of this workbook", styles(bold=True, font_size=12))
    for column, label in enumerate(("sheet", "rows", "  what it says")):
        sheet.write_string(row + 1, column, label, styles.head(right=label == "rows"))
    link = styles(font_color="#0072B2", underline=1)
    for at, (name, table) in enumerate(plan.tables.items(), start=row + 2):
        sheet.write_url(at, 0, f"internal:'{name}'!A1", link, name)
        sheet.write_number(at, 1, len(table), styles(num_format="#,##0"))
        sheet.write_string(at, 2, MEANINGS.get(name, ""), styles(indent=1))
