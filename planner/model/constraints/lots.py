"""Smallest lots: the rows that tie the starts of a process to its decision of 0 or 1."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from planner.model.constraints.sourcing import is_one, most_needed
from planner.model.family import Family
from planner.model.loosening import Loosening, Turn, Widest
from planner.model.variable_blocks import Array, Decisions, Terms
from planner.model.words.lines import Line, Wording
from planner.model.words.names import Labels, period_name, process_name
from planner.network.frames import positions
from planner.network.network import Network

_PROCESS = ["site", "item", "recipe", "period"]

LOT_USE = Wording(
    "lot_use", lambda phrase: f"What is started of {phrase['process']} {phrase.when} is a lot.", by_nature=True
)
LOT = Wording(
    "lot",
    lambda phrase: f"A lot of {phrase['process']} {phrase.when} is at least {phrase.span()}.",
    over=("period", "process"),
)
LOWER_LOT = Wording(
    "lower_lot",
    lambda phrase: f"lower the smallest lot of {phrase['process']} {phrase.when} {phrase.lowered}",
    over=("period", "process"),
)


class LotUse(Family):
    """What a process starts in a period is a lot, or nothing.

    sum_C make[p,t,C] - most[p,t] * lot[p,t] <= 0
    most: the units that the capacity of its resource allows, with every option; what can be needed at most where
    there is no capacity

    Written only for processes with a min_lot.
    Shadow price: of the program with the integers fixed; no figure to act on.
    Moved by: the capacity change and expansion options (a coefficient).
    """

    name = "lot_use"
    over = ("site", "item", "recipe", "period")
    sense = "<="
    unit = "units started"
    wordings = (LOT_USE,)

    def left(self, network: Network, x: Decisions) -> Terms:
        """Units started, minus the most that can be started where the process runs."""
        return x.make.sum(_PROCESS, through=network.lot_starts) - x.lot.sum(_PROCESS, "most")

    def right(self, network: Network) -> pd.DataFrame:
        """0: both sides of the rule are decisions and stand on the left."""
        return network.lot.assign(right=0.0)

    def line(self, network: Network, labels: Labels, right: float) -> Line:  # noqa: ARG002
        """The row with site, item and recipe joined to the name of the process."""
        return Line(LOT_USE, _process(network, labels))

    def repeats_capacity(self, network: Network, x: Decisions, labels: pd.DataFrame, values: Array) -> Array:
        """Where a lot is started: at most what the capacity allows."""
        known = ~network.lot["estimated"].to_numpy(dtype=bool)
        flags = known & is_one(values[x.lot.span])
        return np.asarray(flags[positions(labels, network.lot, _PROCESS)])

    def widest(self, network: Network) -> Widest:
        """The rows with a `most` that also suffices where the needed units exceed today's capacity."""
        return Widest("lot", np.arange(len(network.lot)), -most_needed(network.lot))


class LotMinimum(Family):
    """A process that starts anything in a period starts at least its smallest lot.

    sum_C make[p,t,C] - min_lot_p * lot[p,t] >= 0

    Shadow price: minus what one more unit that must be started costs, with the integers fixed (money a unit, never
    positive).
    Moved by: min_lot (a coefficient).
    """

    name = "lot_minimum"
    over = ("site", "item", "recipe", "period")
    sense = ">="
    unit = "units started"
    wordings = (LOT,)
    named_last = 3
    turn = Turn.SOURCES

    def left(self, network: Network, x: Decisions) -> Terms:
        """Units started, minus the smallest lot where the process runs."""
        return x.make.sum(_PROCESS, through=network.lot_starts) - x.lot.sum(_PROCESS, "min_lot")

    def right(self, network: Network) -> pd.DataFrame:
        """0: both sides of the rule are decisions and stand on the left."""
        return network.lot.assign(right=0.0)

    def line(self, network: Network, labels: Labels, right: float) -> Line:  # noqa: ARG002
        """The row with the name of the process and its smallest lot."""
        return Line(LOT, _process(network, labels), (_smallest(network, labels),))

    def loosenings(self, network: Network, labels: pd.DataFrame, right: Array) -> Iterator[tuple[int, Loosening]]:  # noqa: ARG002
        """Lower the min_lot of a process; its size weighs the move, because the right-hand side is 0."""
        for row, label in enumerate(labels.itertuples(index=False, name=None)):
            least = _smallest(network, label)
            yield row, Loosening(LOWER_LOT, _process(network, label), least, up=False, size=least)


def _process(network: Network, labels: Labels) -> dict[str, str]:
    return {"process": process_name(network, labels), "period": period_name(network, labels[3])}


def _smallest(network: Network, labels: Labels) -> float:
    """The min_lot of a label (site, item, recipe, period), in units started."""
    return float(network.row("lot", _PROCESS, labels)["min_lot"])
