"""Loosenings: the figures of tables and policies behind the rows, which a planner could change to loosen them.

A family says which figures stand behind its rows. `solve/levers.py` adds slack to the rows of a model as if a figure
were changed, and `solve/repairs.py` finds how far it has to move.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from planner.model.variable_blocks import Array
from planner.model.words.lines import Wording


class Turn(IntEnum):
    """The order in which kinds of loosening are tried: agreed limits first, counts of whole decisions last."""

    LIMITS = 1
    CAPACITIES = 2
    PROMISES = 3
    STOCKS = 4
    OUTAGES = 5
    OPTIONS = 6
    SOURCES = 7


@dataclass(frozen=True)
class Loosening:
    """A figure that can be changed so that a row gives way by as much as the figure moves.

    Rows with the same instruction and labels stand for one figure, so they give way together.

    Attributes:
        rule: the instruction to the planner that changes the figure, as a wording.
        labels: what the figure belongs to, by label.
        figure: its present value.
        up: whether loosening raises it (else it lowers it).
        size: the least size by which its move is compared with others; the size of the row counts where it is larger.
        kept: only where a larger figure determines the row: what the row still asks for because of that one while
            this one moves; None where this figure determines the row.
    """

    rule: Wording
    labels: Mapping[str, str]
    figure: float
    up: bool = True
    size: float = 0.0
    kept: float | None = None


@dataclass(frozen=True)
class ShareOfTotal(Loosening):
    """A largest share: the coefficient of a total in the row is minus the share.

    Attributes:
        total: position of the total in its table.
    """

    total: int = 0


@dataclass(frozen=True)
class ShareOfDemand(Loosening):
    """A least share of what is ordered: the row asks for share * demand.

    Attributes:
        demand: demand in the scope of the limit, in weighted units.
    """

    demand: float = 0.0


@dataclass(frozen=True)
class PeriodsOfCover(Loosening):
    """The periods of demand that a stock covers.

    Attributes:
        ordered: units of the item that the orders take, by period.
        at: position of the row's period.
    """

    ordered: tuple[float, ...] = ()
    at: int = 0


@dataclass(frozen=True)
class NumberOfSites(Loosening):
    """A number of sites, which can only move by whole sites."""


@dataclass(frozen=True)
class LeastShare(Loosening):
    """The least share of all output that a site makes if it is used; it stands in coefficients and the right-hand side.

    Attributes:
        item: what is made.
        use: position of the site's use in its table.
        own: (position in `make`, yield) of each start at the site.
        every: the same for the starts at all sites.
        others: the most that all other sites can make, in good units.
    """

    item: str = ""
    use: int = 0
    own: tuple[tuple[int, float], ...] = ()
    every: tuple[tuple[int, float], ...] = ()
    others: float = 0.0


@dataclass(frozen=True)
class Widest:
    """Coefficients of decisions of 0 or 1 that allow as much as can be needed, not only what today's capacity allows.

    Rows such as make <= most * use would otherwise still bind after a repair has raised the capacity behind `most`.

    Attributes:
        block: the block of the decisions.
        position: position of each row's decision in its table.
        coefficient: coefficient of the decision in each row.
        right: new right-hand sides; None where they stay.
    """

    block: str
    position: Array
    coefficient: Array
    right: Array | None = None
