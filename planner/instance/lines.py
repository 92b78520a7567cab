"""What lines can give by period: the capacity of their rows, what options can add, and which starts outages stop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from planner.instance.instance import Instance
from planner.instance.records import Capacity, Expansion, ExpansionFactor, Line

Array = np.ndarray[Any, np.dtype[np.float64]]
Start = tuple[str, str, str, int]  # site, item, recipe, position of the period


@dataclass(frozen=True)
class LineCapacities:
    """The capacity of every limited line, in its own unit, an array over the periods each.

    Attributes:
        own: of the rows alone, 0 where none covers a period; an unlimited line is not in it.
        added: the most that all options of a line add together; a line without options is not in it.
    """

    own: dict[Line, Array]
    added: dict[Line, Array]

    def most(self, line: Line) -> Array | None:
        """The capacity of a line with every option; None where it is unlimited."""
        own = self.own.get(line)
        return own if own is None or line not in self.added else own + self.added[line]


def line_capacities(
    capacities: Iterable[Capacity],
    options: Iterable[Expansion],
    factors: Iterable[ExpansionFactor],
    window: Callable[[str], range],
    count: int,
) -> LineCapacities:
    """The capacity of every line that these rows limit.

    added(line, t) = sum over its options o from their first period on of most_capacity_o * factor(o, t)

    Args:
        capacities: rows of the table.
        options: those that can be bought; of what has been bought only that share.
        factors: the share of an option's capacity that is there, 1 where no row says so.
        window: the positions of the periods of a text.
        count: the number of periods.
    """
    there: dict[str, Array] = defaultdict(lambda: np.ones(count))
    for factor in factors:
        at = window(factor.period)
        there[factor.option][at.start : at.stop] = factor.factor
    own: dict[Line, Array] = defaultdict(lambda: np.zeros(count))
    added: dict[Line, Array] = defaultdict(lambda: np.zeros(count))
    for row in capacities:
        at = window(row.period)
        own[row.line][at.start : at.stop] = row.capacity
    for option in options:
        own.setdefault(option.line, np.zeros(count))  # an option alone limits its line
        if at := window(option.period):
            added[option.line][at.start :] += option.most_capacity * there[option.option][at.start :]
    return LineCapacities(dict(own), dict(added))


def line_capacities_of(instance: Instance) -> LineCapacities:
    """The capacity of every limited line of an instance."""
    periods = instance.periods
    rows = (instance.capacities, instance.expansions, instance.expansion_factors)
    return line_capacities(*rows, periods.window, len(periods))


def stopped_starts(instance: Instance, *, held: bool = False) -> frozenset[Start]:
    """The starts of the instance's processes that an outage stops.

    Args:
        instance: the instance.
        held: whether only those outages count in which nothing leaves the site either.
    """
    outages = defaultdict(list)
    for row in instance.outages:
        if row.held or not held:
            outages[row.site].append((row, instance.periods.window(row.period)))
    return frozenset(
        (process.site, process.item, process.recipe, period)
        for process in instance.processes
        for row, window in outages.get(process.site, ())
        if row.stops(process.site, process.item, process.recipe)
        for period in window
    )
