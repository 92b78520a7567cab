"""Loosenings of rows and bounds, said as instructions: what a repair asks for."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from planner.model.program import Program
from planner.network.network import Network
from planner.solve.row_sentences import (
    TOLERATED,
    amount_of,
    at_least,
    at_most,
    counted,
    limit_row,
    lot_row,
    process_words,
    source_row,
)
from planner.solve.solution import Array
from planner.solve.sources_and_lots import source_output


@dataclass(frozen=True)
class Slack:
    """A column that loosens a row or bound: where it stands, and what it loosens."""

    column: int
    row: int | None
    moved: int | None
    size: float


def loosening(program: Program, slack: Slack, values: Array) -> str:
    """What a slack that is used means, as an instruction; empty where another kind says it better."""
    amount = float(values[slack.column])
    network = program.network
    if slack.row is not None:
        name, labels = program.row_label(slack.row)
        start, rows = program.family_rows(name)
        right = float(rows.right[slack.row - start])
        if name in {"stage_limit", "pathway_limit"}:
            return _loosened_limit(program, labels, values, amount)
        if name == "buffer":
            have = at_most(right - amount)
            return f"lower {labels[0]} of {labels[1]} in {labels[2]} from {amount_of(right)} to {have}"
        if name in {"stock_minimum", "stock_maximum"}:
            return _loosened_stock(labels[0], labels[1], network.labels[int(labels[2])], right, name, amount)
        if name == "capacity":
            return (
                f"raise the capacity of {labels[1]} at {labels[0]} in {network.labels[int(labels[2])]} from "
                f"{amount_of(right)} to {at_least(right + amount)}"
            )
        if name == "source_share":
            return _smaller_share(program, labels, values)
        if name in _SOURCING:
            return _SOURCING[name](network, labels, right, amount)
        if name == "lane_capacity":
            return (
                f"raise the limit of the lane {labels[0]} > {labels[1]} in {network.labels[int(labels[3])]} from "
                f"{amount_of(right)} to {at_least(right + amount)}"
            )
        return f"lower the minimum of the commitment {labels[0]} from {amount_of(right)} to {at_most(right - amount)}"
    column = slack.moved if slack.moved is not None else 0
    name, labels = program.column_label(column)
    upper, lower = float(program.numbers.upper[column]), float(program.numbers.lower[column])
    if name == "lost":
        return f"allow {at_least(upper + amount)} {labels[1]} of {labels[0]} in {labels[2]} to be lost"
    if name == "stock":
        kind, bound = ("stock_minimum", lower) if lower > 0 else ("stock_maximum", upper)
        return _loosened_stock(labels[0], labels[1], labels[2], bound, kind, amount)
    if name == "expand":
        return f"allow the option {labels[0]}" if upper == 0 else f"allow {at_least(amount + upper)} times {labels[0]}"
    return (
        f"let {labels[0]} start {at_least(amount)} {labels[1]} in {labels[3]} in spite of the outage"
        if name == "make"
        else f"let {at_least(amount)} {labels[2]} leave {labels[0]} in {labels[3]} in spite of the outage"
    )


def _loosened_stock(site: str, item: str, period: str, bound: float, kind: str, amount: float) -> str:
    """What moving a bound of stock means, as an instruction."""
    if kind == "stock_minimum":
        change = f"from {amount_of(bound)} to {at_most(bound - amount)}"
        return f"lower the minimum stock of {item} at {site} in {period} {change}"
    change = f"from {amount_of(bound)} to {at_least(bound + amount)}"
    return f"raise the maximum stock of {item} at {site} in {period} {change}"


def _loosened_limit(program: Program, labels: tuple[Any, ...], values: Array, amount: float) -> str:
    network = program.network
    row = limit_row(network, labels)
    floor = float(row["min_free"])
    if not math.isnan(floor):
        needed = max(0.0, floor - amount / float(row["demand"]))
        return (
            f"lower the floor of {labels[0]} (free of {labels[1]}) in {labels[2]} from {floor * 100:.4g} % to "
            f"{math.floor(needed * 1000 * (1 + 10 * TOLERATED)) / 10:.4g} %"
        )
    what = row["stage"] or "pathway"
    total = float(
        values[
            program.total.first
            + int(np.flatnonzero((network.total["limit"] == labels[0]) & (network.total["period"] == labels[2]))[0])
        ]
    )
    share = float(row["max_share"])
    needed = min(1.0, share + amount / total) if total > 0 else 1.0
    return (
        f"raise the {what} cap of {labels[1]} ({labels[0]}) in {labels[2]} from {share * 100:.4g} % to "
        f"{math.ceil(needed * 1000 * (1 - 10 * TOLERATED)) / 10:.4g} %"
    )


def _more_sources(network: Network, labels: tuple[Any, ...], right: float, amount: float) -> str:
    wanted = counted(round(right + amount), "site")
    return f"let {wanted} make {labels[0]} in {network.labels[int(labels[1])]} instead of at most {round(right)}"


def _fewer_sources(network: Network, labels: tuple[Any, ...], _: float, amount: float) -> str:
    fewest = round(source_row(network, labels)["min_sources"])
    wanted = counted(fewest - round(amount), "site")
    return f"let {wanted} make {labels[1]} in {network.labels[int(labels[2])]} instead of at least {fewest}"


def _smaller_share(program: Program, labels: tuple[Any, ...], values: Array) -> str:
    """Empty where the site would count as a source but make nothing: fewer sources say that."""
    row = source_row(program.network, labels)
    made = float(source_output(program, values)[row.name])
    if made <= TOLERATED:
        return ""
    period = program.network.labels[int(labels[2])]
    return (
        f"let {labels[0]} make {at_most(made)} {labels[1]} in {period}, less than {row['min_share'] * 100:.4g} % of it"
    )


def _smaller_lot(network: Network, labels: tuple[Any, ...], _: float, amount: float) -> str:
    least = lot_row(network, labels)["min_lot"]
    process = f"{process_words(network, labels)} in {network.labels[int(labels[3])]}"
    return f"lower the smallest lot of {process} from {amount_of(least)} to {at_most(least - amount * (1 - TOLERATED))}"


_SOURCING: dict[str, Callable[[Network, tuple[Any, ...], float, float], str]] = {
    "source_count_max": _more_sources,
    "source_count_min": _fewer_sources,
    "lot_minimum": _smaller_lot,
}
