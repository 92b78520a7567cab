"""Source counts: how many sites make an item in a period, by rows that tie their output to decisions of 0 or 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from planner.instance.policy import Sources, rules_of
from planner.model.family import Family
from planner.model.loosening import LeastShare, Loosening, NumberOfSites, Turn, Widest
from planner.model.variable_blocks import Array, Decisions, Terms
from planner.model.words.lines import Line, Phrase, Wording
from planner.model.words.names import Labels, period_name
from planner.network.frames import group_numbers, positions, renamed
from planner.network.network import Network

_MADE = ["site", "item", "period"]
_HALF = 0.5


def _fewest(phrase: Phrase) -> str:
    sites = phrase.number(0, "site")
    return f"At least {sites} must make {phrase['item']} {phrase.when} if any does; {phrase['sites']} can."


SOURCE_USE = Wording(
    "source_use",
    lambda phrase: f"What {phrase['site']} makes of {phrase['item']} {phrase.when} makes it a source.",
    by_nature=True,
)
SOURCE_MOST = Wording(
    "source_most",
    lambda phrase: f"At most {phrase.number(0, 'site')} can make {phrase['item']} {phrase.when}.",
    over=("period", "item"),
)
RAISE_SOURCES = Wording("raise_sources", lambda phrase: f"raise max_sources of {phrase['stage']} {phrase.raised}")
SOURCE_FEWEST = Wording("source_fewest", _fewest, over=("period", "item"))
LOWER_SOURCES = Wording("lower_sources", lambda phrase: f"lower min_sources of {phrase['stage']} {phrase.lowered}")
SOURCE_SHARE = Wording(
    "source_share",
    lambda phrase: (
        f"If {phrase['site']} makes {phrase['item']} {phrase.when}, it makes at least {phrase.share()} of it."
    ),
    over=("period", "item", "site"),
    shares=(0,),
)
LOWER_LEAST_SHARE = Wording(
    "lower_least_share",
    lambda phrase: (
        f"lower min_share_if_used of {phrase['stage']} from {phrase.share(0)} to {phrase.furthest(min, share=True)}"
    ),
    shares=(0, 1),
)


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
    wordings = (SOURCE_USE,)

    def left(self, network: Network, x: Decisions) -> Terms:
        """Good output of a site, minus the most that it can make where it is a source."""
        return x.make.sum(_MADE, "yield", network.source_output) - x.use.sum(_MADE, "most")

    def right(self, network: Network) -> pd.DataFrame:
        """0: both sides of the rule are decisions and stand on the left."""
        return network.use.assign(right=0.0)

    def repeats_capacity(self, network: Network, x: Decisions, labels: pd.DataFrame, values: Array) -> Array:
        """Where a site is a source: at most what its capacity allows."""
        known = ~network.use["estimated"].to_numpy(dtype=bool)
        flags = known & is_one(values[x.use.span])
        return np.asarray(flags[positions(labels, network.use, _MADE)])

    def widest(self, network: Network) -> Widest:
        """The rows with a `most` that also suffices where the needed units exceed today's capacity."""
        return Widest("use", np.arange(len(network.use)), -most_needed(network.use))


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
    wordings = (SOURCE_MOST,)
    named_last = 4
    turn = Turn.SOURCES

    def left(self, network: Network, x: Decisions) -> Terms:
        """Number of sites that make the item in the period."""
        counted = network.use.assign(row=range(len(network.use)))
        return x.use.sum(["item", "period"], through=counted[counted["max_sources"].notna()])

    def right(self, network: Network) -> pd.DataFrame:
        """The max_sources of the item's stage."""
        counted = network.use[network.use["max_sources"].notna()]
        rows = counted[["item", "period", "max_sources"]].drop_duplicates()
        return renamed(rows, {"max_sources": "right"})

    def sizes(self, network: Network, labels: pd.DataFrame, need: Mapping[str, float]) -> Array:  # noqa: ARG002
        """1 for each row: moves are weighed in sites."""
        return np.ones(len(labels))

    def loosenings(self, network: Network, labels: pd.DataFrame, right: Array) -> Iterator[tuple[int, Loosening]]:  # noqa: ARG002
        """Raise max_sources: one figure of the policy stands behind all rows of a stage."""
        for row, stage in enumerate(_stages(network, labels)):
            figure = float(_counts(network, stage).max_sources or 0)
            yield row, NumberOfSites(RAISE_SOURCES, {"stage": stage}, figure, size=1.0)


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
    wordings = (SOURCE_FEWEST,)
    named_last = 5
    turn = Turn.SOURCES

    def left(self, network: Network, x: Decisions) -> Terms:
        """Number of sites that make the item in the period, minus min_sources where this site makes it."""
        return x.use.sum(_MADE, "weight", network.source_peers)

    def right(self, network: Network) -> pd.DataFrame:
        """0: min_sources is a coefficient of a decision and stands on the left."""
        return network.use[network.use["min_sources"].notna()].assign(right=0.0)

    def line(self, network: Network, labels: Labels, right: float) -> Line:  # noqa: ARG002
        """The row with min_sources and the sites that can make the item."""
        row = _use_row(network, labels)
        sites = network.use[(network.use["item"] == row["item"]) & (network.use["period"] == row["period"])]
        named = {"item": str(row["item"]), "period": period_name(network, row["period"])}
        return Line(SOURCE_FEWEST, {**named, "sites": ", ".join(sites["site"])}, (float(row["min_sources"]),))

    def sizes(self, network: Network, labels: pd.DataFrame, need: Mapping[str, float]) -> Array:  # noqa: ARG002
        """1 for each row: moves are weighed in sites."""
        return np.ones(len(labels))

    def loosenings(self, network: Network, labels: pd.DataFrame, right: Array) -> Iterator[tuple[int, Loosening]]:  # noqa: ARG002
        """Lower min_sources: one figure of the policy stands behind all rows of a stage."""
        for row, stage in enumerate(_stages(network, labels)):
            figure = float(_counts(network, stage).min_sources or 0)
            yield row, NumberOfSites(LOWER_SOURCES, {"stage": stage}, figure, up=False, size=1.0)


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
    wordings = (SOURCE_SHARE,)
    named_last = 2
    turn = Turn.SOURCES

    def left(self, network: Network, x: Decisions) -> Terms:
        """Least share of all output, minus the site's own, plus what relaxes the row where it is no source."""
        uses = network.use.assign(
            row=np.arange(len(network.use)), freed=network.use["min_share"] * network.use["others"]
        )
        freed = x.use.sum(_MADE, "freed", uses[uses["min_share"].notna()])
        return x.make.sum(_MADE, "weight", network.source_shares) + freed

    def right(self, network: Network) -> pd.DataFrame:
        """Least share of the most that all other sites can make, in good units."""
        shares = network.use[network.use["min_share"].notna()]
        return shares.assign(right=shares["min_share"] * shares["others"])

    def line(self, network: Network, labels: Labels, right: float) -> Line:  # noqa: ARG002
        """The row with the least share."""
        row = _use_row(network, labels)
        named = {"site": str(row["site"]), "item": str(row["item"]), "period": period_name(network, row["period"])}
        return Line(SOURCE_SHARE, named, (float(row["min_share"]),))

    def repeats_capacity(self, network: Network, x: Decisions, labels: pd.DataFrame, values: Array) -> Array:
        """Where a site is no source: a least share of at most what the capacities of all other sites allow."""
        use = network.use
        estimated = use["estimated"].to_numpy(dtype=bool)
        peers = group_numbers(use, columns=["item", "period"])[0]
        unsure = np.bincount(peers, weights=estimated)[peers] > estimated
        flags = ~unsure & ~is_one(values[x.use.span])
        return np.asarray(flags[positions(labels, use, _MADE)])

    def widest(self, network: Network) -> Widest:
        """The rows with an `others` that also suffices where the needed units exceed today's capacity."""
        use = network.use
        wide = pd.Series(most_needed(use), index=use.index)
        others = wide.groupby([use["item"], use["period"]]).transform("sum").to_numpy(dtype=float) - wide.to_numpy()
        given = use["min_share"].notna().to_numpy()
        freed = (others * use["min_share"].to_numpy(dtype=float))[given]
        return Widest("use", np.flatnonzero(given), freed, right=freed)

    def loosenings(self, network: Network, labels: pd.DataFrame, right: Array) -> Iterator[tuple[int, Loosening]]:  # noqa: ARG002
        """Lower min_share_if_used: one figure of the policy stands behind all rows of a stage."""
        use, output = network.use, network.source_output
        made: dict[tuple[str, str, int], list[tuple[int, float]]] = {}
        for start, good, site, item, period in output[["row", "yield", *_MADE]].itertuples(index=False, name=None):
            made.setdefault((str(site), str(item), int(period)), []).append((int(start), float(good)))
        by_item: dict[tuple[str, int], list[tuple[int, float]]] = {}
        for (_, item, period), parts in made.items():
            by_item.setdefault((item, period), []).extend(parts)
        number = {tuple(key): at for at, key in enumerate(use[_MADE].itertuples(index=False, name=None))}
        rows = zip(labels[_MADE].itertuples(index=False, name=None), _stages(network, labels), strict=True)
        for row, ((site, item, period), stage) in enumerate(rows):
            at = number[site, item, period]
            yield (
                row,
                LeastShare(
                    LOWER_LEAST_SHARE,
                    {"stage": stage},
                    float(_counts(network, stage).min_share_if_used or 0.0),
                    up=False,
                    item=str(item),
                    use=at,
                    own=tuple(made.get((site, item, int(period)), ())),
                    every=tuple(by_item.get((item, int(period)), ())),
                    others=float(use["others"].iloc[at]),
                ),
            )


def is_one(decisions: Array) -> Array:
    """Which decisions of 0 or 1 are 1, from their values in a plan."""
    return np.asarray(decisions > _HALF)


def most_needed(table: pd.DataFrame) -> Array:
    """The larger of what the capacity allows to start (`most`) and what can be needed at most (`needed`), by row."""
    needed = np.where(np.isfinite(table["needed"]), table["needed"], 0.0)
    return np.asarray(np.maximum(table["most"], needed), dtype=float)


def _stages(network: Network, labels: pd.DataFrame) -> list[str]:
    """The stage of the item of each row."""
    stages = network.instance.stage_of
    return [stages[str(item)] for item in labels["item"]]


def _counts(network: Network, stage: str) -> Sources:
    """The policy's rule on the number of sources of a stage; where there are several, the last one counts."""
    return {rule.stage: rule for rule in rules_of(network.policy).sources}[stage]


def _use_row(network: Network, labels: Labels) -> Mapping[str, Any]:
    """The row of the network's table `use` that has the labels (site, item, period)."""
    return network.row("use", _MADE, labels)
