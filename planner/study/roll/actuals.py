"""Actuals: the real stock, arrivals, deliveries and outages, in place of those that the plan expected.

They are a folder with any of these files, with the columns of the instance's tables:

- stocks.csv: the stock at a place when the period begins. A place without a row has the stock that the plan expected.
- arrivals.csv: what is on the way. For a place and item that it names, its rows replace all that was expected.
- deliveries.csv (customer, item, period, quantity): what was delivered in a period that has passed. Units that were
  not delivered are owed now, where they may be late; units beyond what was owed count for the first period.
- outages.csv: outages that last into the periods that are left. For a site, item and recipe that it names, its rows
  replace the outages that were expected.

A row of stocks or arrivals without an entry for what units have touched is taken to have touched what the plan expected
at that place for that item, in the same proportions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planner.errors import InstanceError, Names, Problem, Problems, UsageError, nearest
from planner.instance.adding import added_up
from planner.instance.checks.draft import Draft
from planner.instance.checks.ids import check_arrivals, check_ids, check_regions, check_windows
from planner.instance.checks.structure import check_resources
from planner.instance.files import files_of, passed_over
from planner.instance.instance import Instance
from planner.instance.loading import read_table
from planner.instance.records import Arrival, Delivery, Outage, Stock
from planner.study.roll.calendar import Shift

FILES = ("stocks", "arrivals", "deliveries", "outages")
Placed = tuple[str, int, Any]


@dataclass(frozen=True)
class Actuals:
    """The actual figures, as far as they are known.

    Attributes:
        stocks, arrivals, deliveries, outages: rows of the files of these names.
        warnings: what is doubtful in the files, as `planner check` says it of an instance.
    """

    stocks: tuple[Stock, ...] = ()
    arrivals: tuple[Arrival, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    outages: tuple[Outage, ...] = ()
    warnings: tuple[Problem, ...] = ()


def read_actuals(folder: Path, instance: Instance, to: str) -> Actuals:
    """The actuals in a folder.

    Args:
        folder: with any of stocks.csv, arrivals.csv, deliveries.csv and outages.csv.
        instance: as it was solved.
        to: label of the first period that is left.

    Raises:
        UsageError: the folder is not there, or holds none of the files, or another table.
        InstanceError: with every problem by file and row.
    """
    named = ", ".join(f"{name}.csv" for name in FILES)
    if folder.is_file():
        raise UsageError(
            f"{folder} is a file. Give a folder with any of {named}, as which sheets of a workbook are saved."
        )
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}. Give one with any of {named}.")
    files = files_of(folder, ".csv")
    for file in files:
        if file.stem not in FILES:
            raise UsageError(f"{file} is no table of actuals. {nearest(file.stem, FILES)}")
        if sum(other.stem == file.stem for other in files) > 1:
            raise UsageError(f"{folder} holds the table {file.stem} twice. Keep one of the two.")
    unread = list(passed_over(folder, FILES, {file.stem for file in files}))
    if not files and not unread:
        raise UsageError(f"{folder} holds none of {named}.")
    problems = Problems()
    problems.extend("files passed over", unread)
    rows: dict[str, list[Placed]] = {}
    for file in files:
        rows[file.stem] = read_table(file, problems)
    shift = Shift(instance.periods, instance.periods.index[to])
    rows = added_up(rows, shift.after, problems)
    found = [*problems.listed(), *_problems(instance, shift, rows, {file.name for file in files})]
    errors = [problem for problem in found if problem.severity == "error"]
    if errors:
        raise InstanceError(errors, "actuals")
    warnings = tuple(problem for problem in found if problem.severity != "error")
    return Actuals(**{name: tuple(row for _, _, row in placed) for name, placed in rows.items()}, warnings=warnings)


def _problems(instance: Instance, shift: Shift, rows: dict[str, list[Placed]], own: set[str]) -> Iterator[Problem]:
    """What is wrong with actuals, which stand in the files `own`, beside the instance that they belong to."""
    tables = {name: [(name, 0, row) for row in getattr(instance, name)] for name in ("sites", "items", "customers")}
    tables["processes"] = [("processes", 0, row) for row in instance.processes]
    later = shift.settings(instance.settings, [])
    draft = Draft(later, tables | {name: placed for name, placed in rows.items() if name != "deliveries"}, (), ())
    for check in (check_ids, check_regions, check_arrivals, check_windows, check_resources):
        yield from (problem for problem in check(draft) if problem.file in own)
    ids = {"customer": instance.customer_ids, "item": {row.item for row in instance.items}}
    gone = shift.before.labels[: shift.gone]
    for file, number, row in rows.get("deliveries", ()):
        for name, known in ids.items():
            value = getattr(row, name)
            if value not in known:
                yield Problem(file, number, name, value, f"There is no {name} '{value}'.", Names(known).nearest(value))
        if row.period not in gone:
            message = f"'{row.period}' has not passed ({gone[0]} to {gone[-1]})."
            yield Problem(file, number, "period", row.period, message, "Name a period before the one rolled to.")
