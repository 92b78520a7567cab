"""How rows may be loosened: the figures of tables and policies that stand behind them, and where they stand.

A rule says which figure a planner would write otherwise; solve/levers.py lets the rows of a model give way as if it
were written, and solve/repairs.py finds how far it has to move.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from planner.model.blocks import Array
from planner.model.words.lines import Wording


class Turn(IntEnum):
    """In which turn ways to loosen a program are tried: first what is agreed, last what counts whole decisions."""

    LIMITS = 1
    CAPACITIES = 2
    PROMISES = 3
    STOCKS = 4
    OUTAGES = 5
    OPTIONS = 6
    SOURCES = 7


@dataclass(frozen=True)
class Loosening:
    """A figure that can be written otherwise, so that a row gives way by as much as the figure moves.

    Rows with the same instruction and labels hold one figure: they give way together.

    Attributes:
        rule: the instruction that moves it.
        labels: what it is of.
        figure: as it stands.
        up: whether it is raised (else it is lowered).
        size: by which its move is weighed at least; the size of the row counts where it is larger.
        kept: of a row that asks for at least a larger figure: what it goes on to ask for because of this one; None
            where this is the figure of the row.
    """

    rule: Wording
    labels: Mapping[str, str]
    figure: float
    up: bool = True
    size: float = 0.0
    kept: float | None = None


@dataclass(frozen=True)
class ShareOfTotal(Loosening):
    """A largest share: minus the coefficient of a total in the row.

    Attributes:
        total: position of the total in its table.
    """

    total: int = 0


@dataclass(frozen=True)
class ShareOfDemand(Loosening):
    """A least share of what is ordered: the row asks for share * demand.

    Attributes:
        demand: in weighted units.
    """

    demand: float = 0.0


@dataclass(frozen=True)
class PeriodsOfCover(Loosening):
    """The periods of demand that a stock covers.

    Attributes:
        ordered: what the orders take of the item, by period.
        at: the period.
    """

    ordered: tuple[float, ...] = ()
    at: int = 0


@dataclass(frozen=True)
class NumberOfSites(Loosening):
    """A number of sites, which moves by whole ones."""


@dataclass(frozen=True)
class LeastShare(Loosening):
    """The least share of what all make that a site makes if it is used; it stands in coefficients and the right side.

    Attributes:
        item: what is made.
        use: position of the site's use in its table.
        own: (position of a start, yield) of what the site makes.
        every: the same of what all sites make.
        others: the most that all other sites can make.
    """

    item: str = ""
    use: int = 0
    own: tuple[tuple[int, float], ...] = ()
    every: tuple[tuple[int, float], ...] = ()
    others: float = 0.0


@dataclass(frozen=True)
class Widest:
    """The coefficients of decisions of 0 or 1 where as much may be started as can be needed, not only as there is.

    Attributes:
        block: the block of the decisions.
        position: of the decision of each row in its table.
        coefficient: of the decision in each row.
        right: right-hand sides, where they change as well.
    """

    block: str
    position: Array
    coefficient: Array
    right: Array | None = None
