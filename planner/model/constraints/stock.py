"""Stock minima and maxima as rows, where stock is split by class or can give way; elsewhere they are column bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from planner.model.family import Family
from planner.model.loosening import Loosening, Turn
from planner.model.variable_blocks import Array, Decisions, Terms
from planner.model.words.lines import Line, Phrase, Wording
from planner.model.words.names import Labels, named_labels
from planner.network.frames import PLACED, positions, renamed
from planner.network.network import Network

MINIMUM = Wording(
    "stock_minimum",
    lambda phrase: f"At least {phrase.span()} {phrase['item']} must be kept at {phrase['site']} {phrase.when}.",
    over=("period", "item", "site"),
)
MAXIMUM = Wording(
    "stock_maximum",
    lambda phrase: f"At most {phrase.span()} {phrase['item']} can be kept at {phrase['site']} {phrase.when}.",
    over=("period", "item", "site"),
)
UNLISTED = Wording(
    "unlisted_stock",
    lambda phrase: f"No {phrase['item']} can be kept at {phrase['site']} {phrase.when}: stocks has no row for it.",
    over=("period", "item", "site"),
)


def _moved(verb: str, what: str) -> Any:
    def words(phrase: Phrase) -> str:
        moved = phrase.raised if verb == "raise" else phrase.lowered
        return f"{verb} the {what} of {phrase['item']} at {phrase['site']} {moved}"

    return words


LOWER_MINIMUM = Wording("lower_minimum", _moved("lower", "minimum stock"), over=("item", "site"))
LOWER_CLOSING = Wording("lower_closing", _moved("lower", "closing minimum"), over=("item", "site"))
RAISE_MAXIMUM = Wording("raise_maximum", _moved("raise", "maximum stock"), over=("item", "site"))
LIST_STOCK = Wording(
    "list_stock",
    lambda phrase: (
        f"add {'rows' if phrase.many else 'a row'} to stocks for {phrase['item']} at {phrase['site']} "
        f"(a maximum of {phrase.furthest(max)} is enough)"
    ),
    over=("item", "site"),
)


class StockMinimum(Family):
    """The stock of an item at a site is at least its minimum, whatever its units have touched.

    sum_C stock[s,i,t,C] + below[s,i,t] >= minimum[s,i,t]

    Written only where stock is split by class, or with recourse (`below` stands there alone); elsewhere the minimum is
    a bound.
    Shadow price: minus what one more unit that must be kept costs (money a unit, never positive).
    Moved by: nothing.
    """

    name = "stock_minimum"
    over = ("site", "item", "period")
    sense = ">="
    unit = "units of the item"
    wordings = (MINIMUM,)
    turn = Turn.STOCKS
    bounds = "stock"

    def left(self, network: Network, x: Decisions) -> Terms:
        """Stock of the item at the site, summed over classes, plus the units below the minimum with recourse."""
        return _bounded_stock(x, network.stock, network.stock_minimum) + x.below.sum(["site", "item", "period"])

    def right(self, network: Network) -> pd.DataFrame:
        """The least stock, in units of the item."""
        return renamed(network.stock_minimum, {"minimum": "right"})

    def loosenings(self, network: Network, labels: pd.DataFrame, right: Array) -> Iterator[tuple[int, Loosening]]:  # noqa: ARG002
        """Lower the minimum, one figure for all periods, or the closing minimum of the last period."""
        stocks = {(row.site, row.item): row for row in network.instance.stocks}
        last = len(network.labels) - 1
        for row, (site, item, period) in enumerate(_places(network, labels)):
            listed, place = stocks[site, item], {"site": site, "item": item}
            both = period == last and listed.closing_minimum > 0  # the larger is the figure of the row
            closes = both and listed.closing_minimum > listed.minimum
            if listed.minimum > 0:
                kept = listed.minimum if closes else None
                yield row, Loosening(LOWER_MINIMUM, place, listed.minimum, up=False, kept=kept)
            if both:
                kept = None if closes else listed.closing_minimum
                yield row, Loosening(LOWER_CLOSING, place, listed.closing_minimum, up=False, kept=kept)


class StockMaximum(Family):
    """The stock of an item at a site is at most its maximum, whatever its units have touched.

    sum_C stock[s,i,t,C] - over[s,i,t] <= maximum[s,i,t]

    Written only where stock is split by class, or with recourse (`over` stands there alone); elsewhere the maximum is
    a bound.
    Shadow price: what room for one more unit saves (money a unit, never negative).
    Moved by: nothing.
    """

    name = "stock_maximum"
    over = ("site", "item", "period")
    sense = "<="
    unit = "units of the item"
    wordings = (MAXIMUM, UNLISTED)
    turn = Turn.STOCKS
    bounds = "stock"

    def left(self, network: Network, x: Decisions) -> Terms:
        """Stock of the item at the site, summed over classes, minus the units above the maximum with recourse."""
        return _bounded_stock(x, network.stock, network.stock_maximum) - x.over.sum(["site", "item", "period"])

    def right(self, network: Network) -> pd.DataFrame:
        """The largest stock, in units of the item."""
        return renamed(network.stock_maximum, {"maximum": "right"})

    def loosenings(self, network: Network, labels: pd.DataFrame, right: Array) -> Iterator[tuple[int, Loosening]]:
        """Raise the maximum, one figure behind the rows of all periods; or list the stock, where no row does."""
        for row, (site, item, _) in enumerate(_places(network, labels)):
            rule = LIST_STOCK if is_unlisted(network, site, item) else RAISE_MAXIMUM
            yield row, Loosening(rule, {"site": site, "item": item}, float(right[row]))

    def line(self, network: Network, labels: Labels, right: float) -> Line:
        """The row with its maximum; where no row lists the stock, that none can be kept."""
        return maximum_line(network, labels, right)


def is_unlisted(network: Network, site: str, item: str) -> bool:
    """Whether an item cannot be kept at a site because only listed stock can stand, and no row of stocks lists it."""
    instance = network.instance
    return instance.settings.stock == "listed" and (site, item) not in {(row.site, row.item) for row in instance.stocks}


def maximum_line(network: Network, labels: Labels, most: float) -> Line:
    """What the maximum of a stock says."""
    placed = named_labels(network, PLACED, labels)
    return (
        Line(UNLISTED, placed)
        if is_unlisted(network, placed["site"], placed["item"])
        else Line(MAXIMUM, placed, (most,))
    )


def _bounded_stock(x: Decisions, stock: pd.DataFrame, bounds: pd.DataFrame) -> Terms:
    """The sum over classes of the stock at the labels of `bounds`."""
    placed = ["site", "item", "period"]
    rows = stock[placed].assign(row=range(len(stock)))
    return x.stock.sum(placed, through=rows[positions(rows, bounds, placed) >= 0])


def _places(network: Network, labels: pd.DataFrame) -> Iterator[tuple[str, str, int]]:
    """Site, item and position of the period of rows, or of bounds, which have the period by its label."""
    for site, item, period in labels[["site", "item", "period"]].itertuples(index=False, name=None):
        yield str(site), str(item), network.labels.index(period) if isinstance(period, str) else int(period)
