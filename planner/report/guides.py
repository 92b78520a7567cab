"""Pages of help: how to start, the words, each table with an example and its mistakes, results, scenarios, sweeps."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

from planner.errors import UsageError, nearest
from planner.instance.changes.catalogue import CHANGES
from planner.instance.document import Document
from planner.instance.forms import csv_file
from planner.instance.workbook.columns import Column, columns_of, meaning_of, setting_columns
from planner.instance.workbook.sheet_layout import SHEETS
from planner.instance.workbook.unfolding import sheet_rows
from planner.report.instance_forms import read_document
from planner.report.new_instance import TEMPLATE
from planner.report.result_tables import MEANINGS, described
from planner.study.sweep.records import BESIDE_A_KIND, Distribution

WIDTH = 110
_PAGES = Path(__file__).parent / "templates"
_PERIODS = "A period that is written otherwise than the calendar has it: 2027Q1, not Q1 2027; in a workbook, as text."
_UNITS = "Figures in other units than their neighbours: capacity in thousands, orders in pieces."
MISTAKES: Mapping[str, tuple[str, ...]] = {
    "settings": ("A discount rate a year where periods have plain labels: there it is a period's.", _PERIODS),
    "sites": ("The same id for a site and a customer.", "Two spellings of one region: TW and Taiwan are two."),
    "items": ("A stage that is written in two ways.", "No value, so that tariffs and holding cost nothing."),
    "processes": (
        "A yield of 92 where 0.92 is meant.",
        "unit_cost for a good unit: it is for a unit started, good or not.",
        "capacity_use left at 1 where the capacity is in wafers or hours.",
    ),
    "components": ("quantity for a good unit: it is for a unit started.", "item and component the wrong way round."),
    "capacities": (
        "A row for some periods only: a resource with any row has 0 in the others.",
        "The resource named in capacities and not in processes, which then use the site's own.",
        _UNITS,
    ),
    "customers": ("No lane that ends at the customer.",),
    "demand": (
        "Neither price nor lost_cost: then all of it must be served, or there is no plan.",
        "late_cost left empty: then it is never late, but lost.",
        _UNITS,
        _PERIODS,
    ),
    "lanes": (
        "No lane between two sites of one company: things do not move by themselves.",
        "lead_time in days: it is in periods.",
        "region:A to region:B where single lanes are meant: goods may then pass through every site there.",
    ),
    "lane_capacities": ("A row for each of many lanes where one with region: says it; each is limited by itself.",),
    "tariffs": ("rate in per cent: 25 % is 0.25.", "A rate within one region: only crossings of a border pay."),
    "stocks": (
        "No opening stock where lead times are longer than the first orders wait.",
        "A maximum below the minimum.",
    ),
    "arrivals": ("What arrives is listed as opening stock too.",),
    "commitments": ("A minimum a period: it is over all periods of the window together.",),
    "expansions": (
        "capacity of the whole line: it is what the option adds.",
        "The whole investment as cost of a short plan: charge the share that falls into it.",
    ),
    "owed": ("What is late already also ordered again in demand.",),
    "limits_used": ("Filled in by hand: rolling a plan on writes it.",),
    "outages": ("Used for what may happen: that is a scenario; this is a planned shutdown.",),
    "expansion_factors": ("Filled in by hand: the capacity change writes it.",),
    "policies": ("options named that the policy needs not: left out means all may be used.",),
    "limits": (
        "max_share of 60 where 0.6 is meant.",
        "Shares of all regions that add up to less than 1: no plan is left.",
    ),
    "buffers": ("Cover from the first period on, which no stock can give.",),
    "sources": ("max_sources 1 with a limit below 1 on the same stage: no plan is left.",),
    "scenarios": ("Probabilities of scenarios that can happen together: they exclude each other.",),
    "changes": (
        "factor 10 for ten per cent more: that is 1.1.",
        "A capacity change of something without capacity rows: use an outage.",
        "Two changes of one figure: they apply one after the other.",
    ),
    "regions": ("A region here that no site or customer names.",),
    "region_groups": ("A group with the id of a region.",),
    "stages": ("A stage missing from the list, or items of it named otherwise.",),
}


def guide(name: str) -> str:
    """A page by its name, one of `GUIDES`.

    Raises:
        KeyError: there is no page of this name.
    """
    makers = {
        "start": lambda: _page("start"),
        "glossary": lambda: _page("glossary"),
        "results": results_page,
        "scenarios": scenarios_page,
        "sweep": sweep_page,
    }
    return makers[name]()


GUIDES = ("start", "glossary", "results", "scenarios", "sweep")


def table_page(table: str) -> str:
    """A table or sheet: what a row says, its columns, an example, and the commonest mistakes.

    Raises:
        UsageError: there is no such table.
    """
    if table not in SHEETS:
        raise UsageError(f"There is no table '{table}'. {nearest(table, SHEETS)}")
    columns = tuple(setting_columns().values()) if table == "settings" else columns_of(table)
    lines = [f"{table}: {meaning_of(table)}", ""]
    for column in columns:
        lines += _wrapped(f"  {column.name:<{_widest(columns)}}  ", _sentence(column))
    example = _example(table)
    if example:
        lines += ["", "For example:", "", *(f"  {line}" for line in example.splitlines())]
    lines += ["", "The commonest mistakes:", ""]
    for mistake in MISTAKES[table]:
        lines += _wrapped("  - ", mistake)
    return "\n".join(lines) + "\n"


def results_page() -> str:
    """Every table of a plan with its columns."""
    lines = _page("results").rstrip().splitlines()
    for table, meaning in MEANINGS.items():
        columns = described(table)
        widest = max(len(name) for name, _ in columns)
        lines += ["", f"{table}: {meaning}", ""]
        for name, text in columns:
            lines += _wrapped(f"  {name:<{widest}}  ", text)
    return "\n".join(lines) + "\n"


def scenarios_page() -> str:
    """How a scenario is written, with every type of change, what it can select and an example."""
    lines = _page("scenarios").rstrip().splitlines()
    for word, kind in CHANGES.items():
        lines += ["", f"  {word}"]
        lines += _wrapped("    ", (kind.__doc__ or "").splitlines()[0])
        lines += _wrapped("    ", f"where can name {', '.join(kind.selects)}; {kind.figures}.")
        lines.append(f"    - {kind.example}")
    return "\n".join(lines) + "\n"


def sweep_page() -> str:
    """How a sweep is written, with every mode and every distribution, each with an example."""
    lines = [*_page("sweep").rstrip().splitlines(), ""]
    for name, field in Distribution.model_fields.items():
        example = f"{name}: {(field.examples or [''])[0]}"
        shown = example if name in BESIDE_A_KIND else f"{{{example}}}"
        lines += _wrapped(f"  {name:<11}  ", f"{field.description}, e.g. {shown}")
    return "\n".join(lines) + "\n"


def _page(name: str) -> str:
    return (_PAGES / f"explain_{name}.txt").read_text(encoding="utf-8")


def _sentence(column: Column) -> str:
    note = column.note.replace("\n", " ")
    return f"{note} (key)" if column.key else note


def _widest(columns: tuple[Column, ...]) -> int:
    return max(len(column.name) for column in columns)


def _wrapped(head: str, text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=head, subsequent_indent=" " * len(head))


def _example(table: str) -> str:
    """Two rows of the example instance."""
    document: Document = read_document(TEMPLATE)[0]
    rows = sheet_rows(document).get(table, [])[: 10 if table == "settings" else 2]
    names = [name for name in SHEETS[table] if any(name in row for row in rows)]
    return csv_file(names, rows) if rows else ""
