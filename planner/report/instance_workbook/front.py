"""The first page of a workbook: what it is, and what to do next."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from planner.instance.document import Document
from planner.instance.workbook.sheet_layout import FRONT
from planner.report.instance_workbook import styles
from planner.report.instance_workbook.styles import Styles

STEPS = (
    ("settings", "Name the instance, its currency and its periods; regions and stages have sheets of their own."),
    ("sites", "Sites and items: where things are made, and what, stage by stage. Ids are short words without spaces."),
    ("processes", "Which site makes which item, at what cost, yield and lead time; components say what it takes."),
    ("capacities", "What each site can make in a period; an expansion option adds to it."),
    ("customers", "Customers and what they order: demand has one row for a customer, an item and a period."),
    ("lanes", "Which way goods can go: from a site to a site or customer, or region:X for all in a region."),
    ("policies", "Policies and limits are ours to choose; scenarios and changes are what may happen to us."),
)

_SETTING = 'INDEX(settings!$B:$B,MATCH("{}",settings!$A:$A,0))'
# the title, or else the name, as it stands in the settings: the example is made to be overwritten
TITLE = f'=IF(IFERROR({_SETTING},"")="",IFERROR({_SETTING},""),{_SETTING})'.format("title", "name", "title")


def write_front(book: Any, made: Styles, document: Document, name: str, sheets: Sequence[str]) -> None:
    """Write the page: a title, the steps with links to their sheets, and the commands that follow."""
    page = book.add_worksheet(FRONT)
    page.set_tab_color(styles.FRONT)
    page.hide_gridlines(2)
    page.set_column(0, 0, 4, made.get())
    page.set_column(1, 1, 16, made.get())
    page.set_column(2, 2, 100, made.get())
    page.set_row(0, 30)
    title = str(document.settings.get("title") or document.settings["name"])
    page.write_formula(0, 0, TITLE, made.get(bold=True, font_size=18, font_color=styles.INK), title)
    faint = made.get(font_color=styles.FAINT)
    page.write_string(1, 0, "Each sheet is a table. The note on each head says what it means, in which unit.", faint)
    row = 3
    for number, (sheet, text) in enumerate((step for step in STEPS if step[0] in sheets), start=1):
        page.write_string(row, 0, str(number), made.get(bold=True, font_color=styles.INK, align="center"))
        page.write_url(row, 1, f"internal:'{sheet}'!A2", made.get(font_color=styles.REQUIRED, underline=1), sheet)
        page.write_string(row, 2, text, made.get())
        row += 1
    commands = _commands(document, name)
    page.write_string(row, 0, str(len(STEPS) + 1), made.get(bold=True, font_color=styles.INK, align="center"))
    page.write_string(row, 1, "save, then run", made.get())
    for command, meaning in commands:
        page.write_rich_string(
            row, 2, made.get(font_name="Consolas"), command, made.get(), f"    {meaning}", made.get()
        )
        row += 1
    page.write_string(
        row + 1,
        0,
        "Bold heads must be filled; an empty cell elsewhere takes the default of its note. Overwrite the example rows. "
        "A sheet or column whose name begins with # is your own.",
        faint,
    )
    page.set_landscape()
    page.fit_to_pages(1, 1)
    page.set_paper(9)


def _commands(document: Document, name: str) -> list[tuple[str, str]]:
    file = shlex.quote(name)
    policy = f" --policy {document.policies[0]['name']}" if document.policies else ""
    commands = [
        (f"planner check {file}", "every problem with its cell"),
        (f"planner solve {file}{policy} --out runs/first", "the plan of least cost"),
    ]
    if document.scenarios:
        scenario = document.scenarios[0]["name"]
        commands.append((f"planner whatif {file}{policy} --scenario {scenario}", "what happens to it"))
    return commands
