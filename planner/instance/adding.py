"""Adding up rows: several lines of one customer, item and period in an order book, or several purchases that arrive.

Lines with equal terms are added into one row, with one warning that counts them. Lines with different terms cannot be
added: they are an error that says how to write both.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from planner.errors import Problem, Problems
from planner.instance.fields import LARGEST, LONGEST_TEXT, shown
from planner.instance.periods import Periods
from planner.instance.records import TABLE

Row = tuple[str, int, Any]  # file, row number, record
TERMS = {"demand": ("price", "late_cost", "lost_cost", "must_serve"), "arrivals": ()}
SAME = {"demand": "customer, item and period", "arrivals": "site, item and period"}
EACH = {"demand": "an order", "arrivals": "a purchase"}
EXAMPLES = 3


def added_up(rows: Mapping[str, list[Row]], periods: Periods | None, problems: Problems) -> dict[str, list[Row]]:
    """The tables, with lines of `demand` and `arrivals` added into the first of their key, window and terms.

    Args:
        rows: the rows of each table, with the places from which they come.
        periods: the planned periods, by which windows are compared; None where they are not known: then as text.
        problems: to which one warning a table is added, and an error for each line whose terms differ.
    """
    return {name: _added(name, found, periods, problems) if name in TERMS else found for name, found in rows.items()}


def _added(name: str, rows: list[Row], periods: Periods | None, problems: Problems) -> list[Row]:
    """The rows of a table with equal lines added, and problems for lines whose terms differ."""
    attributes = attrgetter(*TABLE[name].key, "period")
    windows = {text: _window(text, periods) for text in {row.period for _, _, row in rows}}

    def key_of(row: Any) -> tuple[Any, ...]:
        key: tuple[Any, ...] = attributes(row)
        return (*key[:-1], windows[key[-1]])

    if len({key_of(row) for _, _, row in rows}) == len(rows):
        return rows
    books: dict[Any, dict[Any, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for placed in rows:
        books[key_of(placed[2])][tuple(getattr(placed[2], term) for term in TERMS[name])].append(placed)
    lines = [book for by_terms in books.values() for book in by_terms.values() if len(book) > 1]
    if lines:
        problems.add("adding", _warning(name, lines))
    for by_terms in books.values():
        first, *others = by_terms.values()
        problems.extend("adding", (_other_terms(name, first[0], other) for other in others))
    return [_sum(next(iter(by_terms.values())), periods, problems) for by_terms in books.values()]


def _window(text: str, periods: Periods | None) -> range | str:
    """The periods of a window; its text where it cannot be read, which another check reports."""
    return text if periods is None else periods.found(text) or text


def _sum(book: Sequence[Row], periods: Periods | None, problems: Problems) -> Row:
    """One row with the total quantity and all sources of some lines, the same for every order of the lines."""
    file, number, first = book[0]
    if len(book) == 1:
        return book[0]
    quantity = math.fsum(row.quantity for _, _, row in book)  # rounded once
    window = _window(first.period, periods)
    period = periods.window_text(window[0], window[-1]) if periods and isinstance(window, range) else first.period
    if quantity >= LARGEST:
        problems.add(
            "adding",
            Problem(
                file,
                book[-1][1],
                "quantity",
                f"{quantity:g}",
                f"The quantities of {len(book)} rows with one key add up to {quantity:g}.",
                "Check their unit: a figure must be below 1e15.",
            ),
        )
    return file, number, first.model_copy(update={"quantity": quantity, "period": period, "source": _sources(book)})


def _sources(book: Sequence[Row]) -> str:
    """The distinct sources of all lines joined to one text, as many as fit into a field."""
    named = sorted({row.source for _, _, row in book if row.source})
    text = "; ".join(named)
    while len(text) > LONGEST_TEXT:
        *named, _ = named
        text = "; ".join([*named, "..."])
    return text


def _warning(name: str, lines: Sequence[Sequence[Row]]) -> Problem:
    """The warning that says how many lines were added to others, and where the first of them stand."""
    added = sum(len(book) - 1 for book in lines)
    again = sum(_repeats(book) for book in lines)
    examples = ", ".join(f"{book[0][1]} and {book[1][1]}" for book in lines[:EXAMPLES])
    examples += ", ..." if len(lines) > EXAMPLES else ""
    repeated = f", and {again} of them {'repeat' if again > 1 else 'repeats'} its quantity and source" if again else ""
    return Problem(
        lines[0][0][0],
        lines[0][1][1],
        None,
        str(added),
        f"{added} {'rows have' if added > 1 else 'row has'} the {SAME[name]} of an earlier row and equal terms"
        f"{repeated}: their quantities are added (rows {examples}).",
        f"Nothing is to do where each row is {EACH[name]} of its own; remove what was written twice by mistake.",
        "warning",
    )


def _repeats(book: Sequence[Row]) -> int:
    """The number of lines that equal an earlier line in quantity and source."""
    return len(book) - len({(row.quantity, row.source) for _, _, row in book})


def _other_terms(name: str, first: Row, others: Sequence[Row]) -> Problem:
    """The error for an order with the key of another but other terms: what differs, and how to write both."""
    file, number, row = others[0]
    differing = [term for term in TERMS[name] if getattr(row, term) != getattr(first[2], term)]
    what = ", ".join(
        f"{term} {_figure(getattr(row, term))} against {_figure(getattr(first[2], term))}" for term in differing
    )
    more = f", as have {len(others) - 1} more rows" if len(others) > 2 else ", as has one more" if others[1:] else ""
    total = math.fsum([first[2].quantity, row.quantity])
    return Problem(
        file,
        number,
        differing[0],
        _figure(getattr(row, differing[0])),
        f"This order has the {SAME[name]} of row {first[1]}, but other terms: {what}{more}.",
        f"Write one row of {total:.15g} with one set of terms; or keep both and give this one a customer of its own, "
        f"e.g. {_second(row.customer)}, with the region and lanes of {row.customer}.",
    )


def _figure(value: float | None) -> str:
    return "empty" if value is None else f"{shown(value)}".removesuffix(".0")


def _second(customer: str) -> str:
    """A second id for the same customer, as a suggestion for lines with other terms."""
    return f"{customer[:61]}-2"
