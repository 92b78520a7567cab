"""How many sites make an item in a period, and lots: the rows that tie starts to decisions of 0 or 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.model.blocks import Decisions, Terms
from planner.model.family import Family
from planner.network.network import Network

_MADE = ["site", "item", "period"]
_PROCESS = ["site", "item", "recipe", "period"]


class SourceUse(Family):
    """What a site makes of an item in a period makes it a source of that item.

    sum_(p at s making i) yield_p * make[p,t] - most[s,i,t] * use[s,i,t] <= 0
    most: the good units that the capacity of its resources allows, with every option; what can be needed at most
    where there is no capacity

    Good output counts in the period of its start. Written only where a policy counts sources and can bind.
    Shadow price: of the program with the integers fixed; no figure to act on.
    Moved by: the capacity change and expansion options (a coefficient); yields change the structure.
    """

    name = "source_use"
    over = ("site", "item", "period")
    sense = "<="
    unit = "good units of the item"

    def left(self, network: Network, x: Decisions) -> Terms:
        """Good output, less the most of a site that is used."""
        return x.make.sum(_MADE, "yield", network.source_output) - x.use.sum(_MADE, "most")

    def right(self, network: Network) -> pd.DataFrame:
        """Zero."""
        return network.use.assign(right=0.0)


class SourceCountMax(Family):
    """At most so many sites make an item in a period.

    sum_s use[s,i,t] <= max_sources

    Shadow price: of the program with the integers fixed; no figure to act on.
    Moved by: max_sources.
    """

    name = "source_count_max"
    over = ("item", "period")
    sense = "<="
    unit = "sites"

    def left(self, network: Network, x: Decisions) -> Terms:
        """Sites that are used."""
        counted = network.use.assign(row=range(len(network.use)))
        return x.use.sum(["item", "period"], through=counted[counted["max_sources"].notna()])

    def right(self, network: Network) -> pd.DataFrame:
        """The most sites of each item and period."""
        counted = network.use[network.use["max_sources"].notna()]
        rows = counted[["item", "period", "max_sources"]].drop_duplicates()
        return rows.rename(columns={"max_sources": "right"})


class SourceCountMin(Family):
    """A site makes an item in a period only where at least so many sites do.

    sum_s' use[s',i,t] - min_sources * use[s,i,t] >= 0   for each site s

    So nothing is asked for in a period in which nothing of the item is made; and where fewer sites can make it than
    that, none may. Bites together with source_share: a site that is used makes its least share.
    Shadow price: of the program with the integers fixed; no figure to act on.
    Moved by: min_sources (a coefficient).
    """

    name = "source_count_min"
    over = ("site", "item", "period")
    sense = ">="
    unit = "sites"

    def left(self, network: Network, x: Decisions) -> Terms:
        """Sites that are used, less the fewest where this one is."""
        return x.use.sum(_MADE, "weight", network.source_peers)

    def right(self, network: Network) -> pd.DataFrame:
        """Zero."""
        return network.use[network.use["min_sources"].notna()].assign(right=0.0)


class SourceShare(Family):
    """A site that makes an item in a period makes at least its least share of it.

    min_share * sum_s' output[s',i,t] - output[s,i,t] + min_share * others[s,i,t] * use[s,i,t]
      <= min_share * others[s,i,t]
    output[s,i,t] = sum_(p at s making i) yield_p * make[p,t]; others[s,i,t]: the most that all other sites can make

    Where the site is not used it makes nothing (source_use), and the row says no more than that the others make at
    most what they can.
    Shadow price: what one good unit less that the site must make saves, with the integers fixed (money a unit,
    never negative).
    Moved by: min_share_if_used; the capacity change and expansion options (a coefficient).
    """

    name = "source_share"
    over = ("site", "item", "period")
    sense = "<="
    unit = "good units of the item"

    def left(self, network: Network, x: Decisions) -> Terms:
        """The site's share of all output, less its own, and what frees a site that is not used."""
        uses = network.use.assign(
            row=np.arange(len(network.use)), freed=network.use["min_share"] * network.use["others"]
        )
        freed = x.use.sum(_MADE, "freed", uses[uses["min_share"].notna()])
        return x.make.sum(_MADE, "weight", network.source_shares) + freed

    def right(self, network: Network) -> pd.DataFrame:
        """The share of what the others can make."""
        shares = network.use[network.use["min_share"].notna()]
        return shares.assign(right=shares["min_share"] * shares["others"])


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

    def left(self, network: Network, x: Decisions) -> Terms:
        """Units started, less the most of a lot."""
        return x.make.sum(_PROCESS, through=network.lot_starts) - x.lot.sum(_PROCESS, "most")

    def right(self, network: Network) -> pd.DataFrame:
        """Zero."""
        return network.lot.assign(right=0.0)


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

    def left(self, network: Network, x: Decisions) -> Terms:
        """Units started, less the smallest lot."""
        return x.make.sum(_PROCESS, through=network.lot_starts) - x.lot.sum(_PROCESS, "min_lot")

    def right(self, network: Network) -> pd.DataFrame:
        """Zero."""
        return network.lot.assign(right=0.0)
