"""Buffers: stock that covers the demand of some periods ahead, as a limit of the policy."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from planner.instance.policy import rules_of
from planner.model.constraints.limits import PolicyLimit
from planner.model.loosening import Loosening, PeriodsOfCover
from planner.model.variable_blocks import Array, Decisions, Terms
from planner.model.words.lines import Line, Wording
from planner.model.words.names import Labels
from planner.network.buffers import orders_take
from planner.network.frames import renamed
from planner.network.network import Network

BUFFER = Wording(
    "buffer",
    lambda phrase: (
        f"The policy's {phrase['limit']} asks for a stock of at least {phrase.span()} {phrase['item']} {phrase.when}."
    ),
    over=("period", "item"),
)
LOWER_COVER = Wording(
    "lower_cover",
    lambda phrase: f"lower periods_of_cover of {phrase['limit']} for {phrase['item']} {phrase.when} {phrase.lowered}",
    over=("period", "item"),
)


class Buffer(PolicyLimit):
    """The stock of an item over all sites covers the demand of some periods ahead.

    sum_s stock[s,i,t] + excess[b,i,t] >= needed[b,i,t]
    needed = the demand for products of the next periods_of_cover periods, each taken through the components at its
    period's best yields; past the horizon the last period repeats

    `excess` (the units that are missing) exists only where a soft_cost is given.
    Shadow price: minus what one more unit that must be held costs (money a unit, never positive).
    Moved by: the demand change, periods_of_cover (a right-hand side), soft_cost.
    """

    name = "buffer"
    measure = "buffer"
    sense = ">="
    unit = "units of the item"
    wordings = (BUFFER,)

    def left(self, network: Network, x: Decisions) -> Terms:
        """Stock of the item over all sites, plus the missing units where the buffer is soft."""
        row = ["limit", "of", "period"]
        return x.stock.sum(row, "weight", network.buffer_uses) + x.excess.sum(row, through=self.excesses(network))

    def right(self, network: Network) -> pd.DataFrame:
        """The units that must be held at the end of the period: the demand that the buffer has to cover."""
        return renamed(self.limits(network), {"demand": "right"})

    def line(self, network: Network, labels: Labels, right: float) -> Line:  # noqa: ARG002
        """The row with its item: the label `of` holds an item here, and a region in other limits."""
        limit, item, period = map(str, labels)
        return Line(BUFFER, {"limit": limit, "item": item, "period": period}, (right,))

    def loosenings(self, network: Network, labels: pd.DataFrame, right: Array) -> Iterator[tuple[int, Loosening]]:  # noqa: ARG002
        """Lower periods_of_cover; only for hard buffers, because a soft one gives way at its soft_cost."""
        items = sorted(set(labels["of"].astype(str)))
        taken = orders_take(network.instance, items, network.orders) if items else {}
        buffers = rules_of(network.policy).named_buffers
        for row, (name, item, period) in enumerate(labels.astype(str).itertuples(index=False, name=None)):
            buffer = buffers[name]
            if buffer.soft_cost is None:
                named = {"limit": name, "item": item, "period": period}
                at, ordered = network.labels.index(period), tuple(map(float, taken[item]))
                cover = buffer.periods_of_cover
                yield row, PeriodsOfCover(LOWER_COVER, named, cover, up=False, ordered=ordered, at=at)
