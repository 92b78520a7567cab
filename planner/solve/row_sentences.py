"""Rows, bounds and quantities of a program in planner words."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from planner.model.program import Program
from planner.network.network import Network

WHOLE = 1000
PLACED = 3  # labels of a balance without classes: site, item, period
_KEPT_AT_LEAST = "At least {} {} must be kept at {} in {}."
_KEPT_AT_MOST = "At most {} {} can be kept at {} in {}."
TOLERATED = 2e-7  # more than the slack that the second solve is given


def row_words(program: Program, row: int) -> str:
    """A row of the program as a sentence."""
    name, labels = program.row_label(row)
    if name == "own":
        return f"Your own row {labels[0]} must hold."
    start, rows = program.family_rows(name)
    return _ROW_WORDS[name](program.network, labels, float(rows.right[row - start]))


def column_words(program: Program, column: int) -> str:
    """A bound of a column as a sentence; empty where it only says that nothing is negative."""
    name, labels = program.column_label(column)
    if column >= program.columns:
        return f"Your own variable {labels[0]} must keep its bounds."
    lower, upper = float(program.numbers.lower[column]), float(program.numbers.upper[column])
    if name == "lost" and np.isfinite(upper):
        order = f"{labels[1]} for {labels[0]} in {labels[2]}"
        return (
            f"All of the order of {order} must be served."
            if upper == 0
            else f"At most {amount_of(upper)} of the order of {order} may be lost."
        )
    if name == "stock" and lower > 0:
        return _KEPT_AT_LEAST.format(amount_of(lower), labels[1], labels[0], labels[2])
    if name == "stock" and np.isfinite(upper):
        return _KEPT_AT_MOST.format(amount_of(upper), labels[1], labels[0], labels[2])
    if name in {"make", "ship"} and upper == 0:
        return (
            f"{labels[0]} cannot start {labels[1]} in {labels[3]} (outage)."
            if name == "make"
            else f"Nothing can leave {labels[0]} for {labels[1]} in {labels[3]} (outage)."
        )
    if name == "expand":
        return (
            f"The option {labels[0]} can be bought at most once."
            if upper > 0
            else f"The policy does not allow the option {labels[0]}."
        )
    return ""


def _flow_words(network: Network, labels: tuple[Any, ...], right: float) -> str:
    period = network.labels[int(labels[2])]
    supply = f" ({amount_of(right)} are there or arriving)" if right > 0 else ""
    touched = f" that has touched {labels[3].replace('+', ', ') or 'nothing watched'}" if len(labels) > PLACED else ""
    return f"What {labels[0]} uses, sends and keeps of {labels[1]}{touched} in {period} must have come in{supply}."


def _demand_words(network: Network, labels: tuple[Any, ...], right: float) -> str:
    period = network.labels[int(labels[2])]
    return f"{labels[0]} orders {amount_of(right)} {labels[1]} in {period}."


def _capacity_words(network: Network, labels: tuple[Any, ...], right: float) -> str:
    return f"The resource {labels[1]} at {labels[0]} has {amount_of(right)} in {network.labels[int(labels[2])]}."


def _lane_words(network: Network, labels: tuple[Any, ...], right: float) -> str:
    items = "" if labels[2] == "*" else f" of {labels[2]}"
    return (
        f"At most {amount_of(right)} units{items} can leave {labels[0]} for {labels[1]} in "
        f"{network.labels[int(labels[3])]}."
    )


def _commitment_words(_: Network, labels: tuple[Any, ...], right: float) -> str:
    return f"The commitment {labels[0]} asks for at least {amount_of(right)}."


def limit_row(network: Network, labels: tuple[Any, ...]) -> pd.Series:
    """The row of the limits that a label names."""
    limits = network.limits
    at = (limits["limit"] == labels[0]) & (limits["of"] == labels[1]) & (limits["period"] == labels[2])
    return limits[at].iloc[0]


def _limit_words(network: Network, labels: tuple[Any, ...], _: float) -> str:
    row = limit_row(network, labels)
    return (
        f"The limit {labels[0]} allows {labels[1]} at most {row['max_share'] * 100:.4g} % of {row['stage']} "
        f"in {labels[2]}."
    )


def _pathway_words(network: Network, labels: tuple[Any, ...], right: float) -> str:
    row = limit_row(network, labels)
    if np.isnan(row["min_free"]):
        return (
            f"The limit {labels[0]} lets at most {row['max_share'] * 100:.4g} % of what is delivered in {labels[2]} "
            f"have touched {labels[1]}."
        )
    return (
        f"The limit {labels[0]} asks for at least {amount_of(-right)} delivered free of {labels[1]} in {labels[2]} "
        f"({row['min_free'] * 100:.4g} % of the demand)."
    )


def _most_sources_words(network: Network, labels: tuple[Any, ...], right: float) -> str:
    return f"At most {counted(round(right), 'site')} can make {labels[0]} in {network.labels[int(labels[1])]}."


def _fewest_sources_words(network: Network, labels: tuple[Any, ...], _: float) -> str:
    row = source_row(network, labels)
    sites = network.use[(network.use["item"] == row["item"]) & (network.use["period"] == row["period"])]
    return (
        f"At least {counted(round(row['min_sources']), 'site')} must make {row['item']} in "
        f"{network.labels[int(row['period'])]} if any does; {', '.join(sites['site'])} can."
    )


def _source_share_words(network: Network, labels: tuple[Any, ...], _: float) -> str:
    row = source_row(network, labels)
    return (
        f"If {row['site']} makes {row['item']} in {network.labels[int(row['period'])]}, it makes at least "
        f"{row['min_share'] * 100:.4g} % of it."
    )


def source_row(network: Network, labels: tuple[Any, ...]) -> pd.Series:
    """The row of the uses that a label (site, item, period) names."""
    use = network.use
    return use[(use["site"] == labels[0]) & (use["item"] == labels[1]) & (use["period"] == labels[2])].iloc[0]


def _lot_words(network: Network, labels: tuple[Any, ...], _: float) -> str:
    row = lot_row(network, labels)
    period = network.labels[int(labels[3])]
    return f"A lot of {process_words(network, labels)} in {period} is at least {amount_of(row['min_lot'])}."


def lot_row(network: Network, labels: tuple[Any, ...]) -> pd.Series:
    """The row of the lots that a label (site, item, recipe, period) names."""
    lot = network.lot
    at = (lot["site"] == labels[0]) & (lot["item"] == labels[1]) & (lot["recipe"] == labels[2])
    return lot[at & (lot["period"] == labels[3])].iloc[0]


def process_words(network: Network, labels: tuple[Any, ...]) -> str:
    """A process by its site and item, and its recipe where there are several."""
    make = network.make
    recipes = make.loc[(make["site"] == labels[0]) & (make["item"] == labels[1]), "recipe"].nunique()
    return f"{labels[1]} at {labels[0]}" + (f" ({labels[2]})" if recipes > 1 else "")


def counted(number: int, noun: str) -> str:
    """A number of things."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _buffer_words(_: Network, labels: tuple[Any, ...], right: float) -> str:
    return f"The policy's {labels[0]} asks for a stock of at least {amount_of(right)} {labels[1]} in {labels[2]}."


def _stock_words(sentence: str) -> Callable[[Network, tuple[Any, ...], float], str]:
    return lambda network, labels, right: sentence.format(
        amount_of(right), labels[1], labels[0], network.labels[int(labels[2])]
    )


_ROW_WORDS: dict[str, Callable[[Network, tuple[Any, ...], float], str]] = {
    "flow_balance": _flow_words,
    "demand_balance": _demand_words,
    "capacity": _capacity_words,
    "lane_capacity": _lane_words,
    "commitment": _commitment_words,
    "expansion_open": lambda _, labels, __: f"What the option {labels[0]} gives must be opened.",
    "stage_total": lambda _, labels, __: f"What the limit {labels[0]} counts in {labels[1]} is its total.",
    "stage_limit": _limit_words,
    "pathway_total": lambda _, labels, __: f"What the limit {labels[0]} counts in {labels[1]} is its total.",
    "pathway_limit": _pathway_words,
    "buffer": _buffer_words,
    "cancel_owed": lambda network, labels, _: (
        f"{labels[0]} can cancel no more {labels[1]} in {network.labels[int(labels[2])]} than it is owed."
    ),
    "stock_minimum": _stock_words(_KEPT_AT_LEAST),
    "stock_maximum": _stock_words(_KEPT_AT_MOST),
    "source_use": lambda network, labels, _: (
        f"What {labels[0]} makes of {labels[1]} in {network.labels[int(labels[2])]} makes it a source."
    ),
    "source_count_max": _most_sources_words,
    "source_count_min": _fewest_sources_words,
    "source_share": _source_share_words,
    "lot_use": lambda network, labels, _: (
        f"What is started of {process_words(network, labels)} in {network.labels[int(labels[3])]} is a lot."
    ),
    "lot_minimum": _lot_words,
}


def amount_of(figure: float) -> str:
    """A quantity as people write it."""
    return f"{figure:,.0f}" if abs(figure) >= WHOLE else f"{figure:.4g}"


def at_least(figure: float) -> str:
    """A quantity that is needed, rounded up to what people write, so that following it is enough."""
    unit = 1.0 if abs(figure) >= WHOLE else 10.0 ** (math.floor(math.log10(max(abs(figure), 1e-9))) - 3)
    return amount_of(math.ceil(figure / unit * (1 - TOLERATED)) * unit)


def at_most(figure: float) -> str:
    """A quantity that is allowed, rounded down; 0 where it is nothing but noise."""
    if figure <= TOLERATED:
        return "0"
    unit = 1.0 if figure >= WHOLE else 10.0 ** (math.floor(math.log10(figure)) - 3)
    return amount_of(math.floor(figure / unit * (1 + TOLERATED)) * unit)
