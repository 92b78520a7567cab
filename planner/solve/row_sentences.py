"""Rows and bounds of a program as lines in planner words: their rule, what they are of, and their figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from planner.model.program import Program
from planner.network.network import Network
from planner.solve.amounts import Amounts
from planner.solve.grouping import Line
from planner.solve.sentences import said

PLACED = 3  # labels of a balance without classes: site, item, period
Labels = tuple[Any, ...]


def row_words(program: Program, row: int) -> str:
    """A row of the program as a sentence."""
    return said([row_line(program, row)], label_order(program.network), Amounts())[0]


def column_words(program: Program, column: int) -> str:
    """A bound of a column as a sentence; empty where it only says that nothing is negative."""
    line = column_line(program, column)
    return "" if line is None else said([line], label_order(program.network), Amounts())[0]


def label_order(network: Network) -> dict[str, Sequence[str]]:
    """All values of some labels, in the order in which they are named."""
    instance = network.instance
    return {
        "period": network.labels,
        "customer": sorted(row.customer for row in instance.customers),
        "item": sorted(row.item for row in instance.items),
    }


def row_line(program: Program, row: int, *, most: bool = False) -> Line:
    """A row of the program.

    Args:
        program: the program.
        row: its row, those added by hand included.
        most: of an order, whether no more than it can be delivered (else it must be).
    """
    name, labels = program.row_label(row)
    if name == "own":
        return Line("own_row", {"name": str(labels[0])})
    start, rows = program.family_rows(name)
    line = _ROWS[name](program.network, labels, float(rows.right[row - start]))
    return Line("order_most", line.labels, line.figures) if most and line.rule == "order" else line


def column_line(program: Program, column: int, *, lower: bool = False) -> Line | None:
    """A bound of a column; None where it says nothing to a planner.

    Args:
        program: the program.
        column: its column, those added by hand included.
        lower: whether the lower bound is meant; of stock the minimum is, where there is one.
    """
    name, labels = program.column_label(column)
    if column >= program.columns:
        return Line("own_column", {"name": str(labels[0])})
    low, high = float(program.numbers.lower[column]), float(program.numbers.upper[column])
    if name == "stock":
        placed = dict(zip(("site", "item", "period"), map(str, labels), strict=False))
        if low > 0 and (lower or not np.isfinite(high)):
            return Line("stock_minimum", placed, (low,))
        return Line("stock_maximum", placed, (high,)) if np.isfinite(high) else None
    if lower or not np.isfinite(high):
        return None
    if name == "lost":
        quantity = _ordered(program.network, labels, program.network.labels.index(str(labels[2])))
        return Line("lost", _order_labels(program.network, labels), (high, quantity))
    if name == "make" and high == 0:
        return Line("outage", {"site": str(labels[0]), "item": str(labels[1]), "period": str(labels[3])})
    if name == "ship" and high == 0:
        return Line("held", {"from": str(labels[0]), "to": str(labels[1]), "period": str(labels[3])})
    if name == "expand":
        return Line("option_once" if high > 0 else "option_not_allowed", {"option": str(labels[0])})
    return None


def _ordered(network: Network, labels: Labels, period: int) -> float:
    orders = network.orders
    at = (orders["customer"] == labels[0]) & (orders["item"] == labels[1]) & (orders["period"] == period)
    return float(orders.loc[at, "quantity"].iloc[0])


def _order_labels(network: Network, labels: Labels) -> dict[str, str]:
    return {"customer": str(labels[0]), "item": str(labels[1]), "period": _period(network, labels[2])}


def _period(network: Network, position: Any) -> str:
    """The label of a period that is given by position, or by its label."""
    return position if isinstance(position, str) else network.labels[int(position)]


def _placed(rule: str) -> Callable[[Network, Labels, float], Line]:
    def line(network: Network, labels: Labels, right: float) -> Line:
        place = {"site": str(labels[0]), "item": str(labels[1]), "period": _period(network, labels[2])}
        return Line(rule, place, (right,))

    return line


def _supply(network: Network, labels: Labels, right: float) -> Line:
    place = {"site": str(labels[0]), "item": str(labels[1]), "period": _period(network, labels[2])}
    if len(labels) > PLACED:
        place["touched"] = str(labels[3]).replace("+", ", ") or "nothing watched"
    return Line("supply", place, (right,))


def _order(network: Network, labels: Labels, right: float) -> Line:
    return Line("order", _order_labels(network, labels), (right,))


def _capacity(network: Network, labels: Labels, right: float) -> Line:
    resource = resource_words(labels[0], labels[1])
    return Line("capacity", {"resource": resource, "period": _period(network, labels[2])}, (right,))


def _lane(network: Network, labels: Labels, right: float) -> Line:
    lane = {"lane": f"{labels[0]} for {labels[1]}", "item": str(labels[2]), "period": _period(network, labels[3])}
    return Line("lane_capacity", lane, (right,))


def _limit(network: Network, labels: Labels, _: float) -> Line:
    row = limit_row(network, labels)
    named = {"limit": str(labels[0]), "of": str(labels[1]), "stage": str(row["stage"]), "period": str(labels[2])}
    return Line("stage_limit", named, (float(row["max_share"]),))


def _pathway(network: Network, labels: Labels, right: float) -> Line:
    row = limit_row(network, labels)
    named = {"limit": str(labels[0]), "of": str(labels[1]), "period": str(labels[2])}
    if np.isnan(row["min_free"]):
        return Line("pathway_cap", named, (float(row["max_share"]),))
    return Line("pathway_floor", named, (-right, float(row["min_free"])))


def _fewest(network: Network, labels: Labels, _: float) -> Line:
    row = source_row(network, labels)
    sites = network.use[(network.use["item"] == row["item"]) & (network.use["period"] == row["period"])]
    named = {"item": str(row["item"]), "period": _period(network, row["period"]), "sites": ", ".join(sites["site"])}
    return Line("source_fewest", named, (float(row["min_sources"]),))


def _least_share(network: Network, labels: Labels, _: float) -> Line:
    row = source_row(network, labels)
    place = {"site": str(row["site"]), "item": str(row["item"]), "period": _period(network, row["period"])}
    return Line("source_share", place, (float(row["min_share"]),))


def _process(rule: str, figure: str = "") -> Callable[[Network, Labels, float], Line]:
    def line(network: Network, labels: Labels, _: float) -> Line:
        named = {"process": process_words(network, labels), "period": _period(network, labels[3])}
        return Line(rule, named, (float(lot_row(network, labels)[figure]),) if figure else ())

    return line


def _named(rule: str, *names: str) -> Callable[[Network, Labels, float], Line]:
    def line(_: Network, labels: Labels, right: float) -> Line:
        return Line(rule, dict(zip(names, map(str, labels), strict=False)), (right,))

    return line


_ROWS: Mapping[str, Callable[[Network, Labels, float], Line]] = {
    "flow_balance": _supply,
    "demand_balance": _order,
    "capacity": _capacity,
    "lane_capacity": _lane,
    "commitment": _named("commitment", "commitment"),
    "expansion_open": _named("option_opened", "option"),
    "stage_total": _named("total", "limit", "period"),
    "stage_limit": _limit,
    "pathway_total": _named("total", "limit", "period"),
    "pathway_limit": _pathway,
    "buffer": _named("buffer", "limit", "item", "period"),
    "cancel_owed": lambda network, labels, _: Line("cancel_owed", _order_labels(network, labels)),
    "received_balance": lambda network, labels, _: Line("received", _order_labels(network, labels)),
    "stock_minimum": _placed("stock_minimum"),
    "stock_maximum": _placed("stock_maximum"),
    "source_use": _placed("source_use"),
    "source_count_max": lambda network, labels, right: Line(
        "source_most", {"item": str(labels[0]), "period": _period(network, labels[1])}, (right,)
    ),
    "source_count_min": _fewest,
    "source_share": _least_share,
    "lot_use": _process("lot_use"),
    "lot_minimum": _process("lot", "min_lot"),
}


def limit_row(network: Network, labels: Labels) -> pd.Series:
    """The row of the limits that a label names."""
    limits = network.limits
    at = (limits["limit"] == labels[0]) & (limits["of"] == labels[1]) & (limits["period"] == labels[2])
    return limits[at].iloc[0]


def source_row(network: Network, labels: Labels) -> pd.Series:
    """The row of the uses that a label (site, item, period) names."""
    use = network.use
    return use[(use["site"] == labels[0]) & (use["item"] == labels[1]) & (use["period"] == labels[2])].iloc[0]


def lot_row(network: Network, labels: Labels) -> pd.Series:
    """The row of the lots that a label (site, item, recipe, period) names."""
    lot = network.lot
    at = (lot["site"] == labels[0]) & (lot["item"] == labels[1]) & (lot["recipe"] == labels[2])
    return lot[at & (lot["period"] == labels[3])].iloc[0]


def resource_words(site: Any, resource: Any) -> str:
    """A resource, with its site where that has another name."""
    return str(site) if site == resource else f"{resource} at {site}"


def process_words(network: Network, labels: Labels) -> str:
    """A process by its site and item, and its recipe where there are several."""
    make = network.make
    recipes = make.loc[(make["site"] == labels[0]) & (make["item"] == labels[1]), "recipe"].nunique()
    return f"{labels[1]} at {labels[0]}" + (f" ({labels[2]})" if recipes > 1 else "")
