"""Writing an instance as a workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from planner.instance.document import Document
from planner.instance.fields import USERS_OWN
from planner.instance.kinds import Kind
from planner.instance.records import TABLE
from planner.instance.workbook.columns import Column, columns_of, setting_columns
from planner.instance.workbook.sheet_layout import SETTINGS
from planner.instance.workbook.unfolding import Rows, sheet_rows
from planner.report.instance_workbook import styles
from planner.report.instance_workbook.front import write_front
from planner.report.instance_workbook.lists import NAMES, define_names, list_of, write_joined
from planner.report.instance_workbook.styles import Styles

ORDER = (
    *("settings", "regions", "region_groups", "stages", "sites", "items", "processes", "components", "capacities"),
    *("customers", "demand", "lanes", "lane_capacities", "tariffs", "stocks", "arrivals", "commitments", "expansions"),
    *("outages", "expansion_factors", "owed", "limits_used"),
    *("policies", "limits", "buffers", "sources", "scenarios", "changes"),
)
ONLY_WITH_ROWS = {"outages", "expansion_factors", "owed", "limits_used"}  # written by changes or a roll
MOST_ROWS = 1_048_575  # of a sheet, under its head
WIDEST = 48
NARROWEST = 9
BUTTON = 5  # characters that a head's filter button takes
ROOM = 5000  # rows below the last one that have drop-down lists and formats too
NOTE_WIDTH = 300  # pixels
NOTE_LINE = 19
_CHAIN = ("regions", "region_groups", "stages")


class Figure(float):
    """A number that is written with every digit it has; the writer would round it to 16."""

    def __format__(self, form: str) -> str:
        return repr(float(self))


def write_book(document: Document, path: Path, name: str) -> None:
    """Write an instance as a workbook: a first page with instructions, and one sheet for each table.

    No text in it can become a formula or a link.

    Args:
        document: the instance.
        path: the file; it is overwritten.
        name: the final name of the file, for the commands on the first page.
    """
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    rows = sheet_rows(document)
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties(
            {"comments": ""}
        )  # no title: programs show it instead of the file's name, and it would stay
        made = Styles(book)
        sheets = [sheet for sheet in ORDER if sheet in rows or sheet not in ONLY_WITH_ROWS]
        write_front(book, made, document, name, sheets)
        named = define_names(book, {sheet: len(found) for sheet, found in rows.items()})
        for sheet in sheets:
            _write_sheet(book, made, sheet, rows.get(sheet, []), named)
        write_joined(book, named, {name: _ids(rows, name) for name in named})


def _ids(rows: Mapping[str, Rows], name: str) -> list[str]:
    sheet, _ = NAMES[name]
    column = columns_of(sheet)[0].name
    return [row[column] for row in rows[sheet]]


def _write_sheet(book: Any, made: Styles, sheet: str, rows: Rows, named: Sequence[str]) -> None:
    page = book.add_worksheet(sheet)
    known = columns_of(sheet)
    own = dict.fromkeys(name for row in rows for name in row if name.startswith(USERS_OWN))
    columns = [*known, *(Column(name, Kind.TEXT, "your own; the planner passes it over") for name in own)]
    page.set_tab_color(_colour(sheet))
    page.freeze_panes(1, 1 if len(columns) > 3 else 0)
    for number, column in enumerate(columns):
        _write_column(page, made, sheet, number, column, rows)
        _validate(page, sheet, number, column, len(rows), named)
    _as_table(page, made, sheet, columns, len(rows))
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.print_area(0, 0, max(len(rows), 1), len(columns) - 1)
    page.set_paper(9)
    page.set_header(f"&L&B{sheet}&R&P / &N")


def _as_table(page: Any, made: Styles, sheet: str, columns: Sequence[Column], count: int) -> None:
    """An Excel table over the rows: it grows with them, filters, and stripes them."""
    heads = []
    for number, column in enumerate(columns):
        form = made.head(column)
        page.write_string(0, number, column.name, form)
        page.write_comment(0, number, column.note, _note_shape(column.note))
        heads.append({"header": column.name, "header_format": form})
    table = {"name": sheet, "columns": heads, "style": "Table Style Light 1", "banded_rows": True}
    page.add_table(0, 0, max(count, 1), len(columns) - 1, table)


def _note_shape(note: str) -> dict[str, Any]:
    lines = sum(1 + len(line) // 42 for line in note.split("\n"))
    return {"author": "planner", "x_scale": 1, "width": NOTE_WIDTH, "height": NOTE_LINE * (lines + 1), "font_size": 9}


def _write_column(page: Any, made: Styles, sheet: str, number: int, column: Column, rows: Rows) -> None:
    """The cells of a column: figures as numbers, all else as text."""
    form = made.of(column)
    figure = styles.is_figure(column)
    texts = [row.get(column.name, "") for row in rows]
    for row, text in enumerate(texts, start=1):
        if text and figure:
            page.write_number(row, number, Figure(text), form)
        elif text and sheet == "settings" and column.name == "value":
            _write_setting(page, made, (row, number), rows[row - 1].get("key", ""), text)
        elif text:
            page.write_string(row, number, text, form)
    longest = max([len(column.name) + BUTTON, *(len(text) for text in texts)])
    page.set_column(number, number, min(max(longest + 2, NARROWEST), WIDEST), form)
    _, unless, then = styles.shown(column) if figure else ("", "", "")
    if then:
        letter = _letter(number)
        criteria = f"=AND(ISNUMBER({letter}2),{unless.format(cell=f'{letter}2')})"
        rule = {"type": "formula", "criteria": criteria, "format": made.otherwise(column)}
        page.conditional_format(1, number, min(len(rows) + ROOM, MOST_ROWS), number, rule)


def _write_setting(page: Any, made: Styles, cell: tuple[int, int], key: str, text: str) -> None:
    """Write the value of a setting; a number gets a number format, so that a number typed over it is a number, too."""
    column = setting_columns().get(key)
    kind = SETTINGS.get(key, Kind.TEXT)
    if column is not None and kind in {Kind.NUMBER, Kind.COUNT}:
        style = "0.0#######%" if column.unit == "share" else "General"
        page.write_number(*cell, Figure(text), made.get(num_format=style, align="left", indent=1))
    else:
        page.write_string(*cell, text, made.get(num_format="@", align="left", indent=1))


def _validate(page: Any, sheet: str, number: int, column: Column, count: int, named: Sequence[str]) -> None:
    """Add a drop-down list to a column: fixed words, or the known ids, beside which other texts may be typed."""
    source = list_of(sheet, column.name)
    rule: dict[str, Any] = {"validate": "list", "ignore_blank": True}
    if column.choices:
        rule |= {
            "source": list(column.choices),
            "error_title": column.name,
            "error_message": f"One of: {', '.join(column.choices)}."[:255],
        }
    elif source is not None and _has(source, named):
        rule |= {
            "source": f"={source}",
            "error_type": "warning",
            "error_title": column.name,
            "error_message": f"This id is in no row of the table that defines it. {_where_defined(source)}"[:255],
        }
    else:
        return
    page.data_validation(1, number, min(count + ROOM, MOST_ROWS), number, rule)


def _has(source: str, named: Sequence[str]) -> bool:
    """Whether a list has any entry to show."""
    return source in named or source in {"starts", "ends", "items_or_all", "regions_or_all"}


def _where_defined(source: str) -> str:
    sheet, _ = NAMES.get(source, ("", ""))
    return f"Ids stand in the sheet {sheet}." if sheet else ""


def _letter(number: int) -> str:
    return chr(65 + number) if number < 26 else f"{chr(64 + number // 26)}{chr(65 + number % 26)}"


def _colour(sheet: str) -> str:
    if sheet == "settings" or (sheet in TABLE and TABLE[sheet].required):
        return styles.REQUIRED
    return styles.OPTIONAL if sheet in TABLE or sheet in _CHAIN else styles.CHOICES
