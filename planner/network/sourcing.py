"""The tables of sources and lots: which sites make an item, how many of them may or must, and smallest lots."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.errors import UsageError
from planner.instance.policy import Sources
from planner.network.frames import Tables, empty, positions, renamed, table_of_columns
from planner.network.making import PROCESS
from planner.network.needed import Need, bounded
from planner.network.network import Network

MADE = ["site", "item", "period"]
_USE = [*MADE, "stage", "most", "needed", "estimated", "others", "max_sources", "min_sources", "min_share"]
_LOT = [*PROCESS, "most", "needed", "estimated", "min_lot"]


def no_sourcing() -> Tables:
    """The tables of a network without counted sources and without lots: no rows."""
    return {
        "use": empty(_USE, _USE[4:]),
        "lot": empty(_LOT, _LOT[4:]),
        "source_output": empty(["row", *MADE, "yield"], ["row", "yield"]),
        "source_shares": empty(["row", *MADE, "weight"], ["row", "weight"]),
        "source_peers": empty(["row", *MADE, "weight"], ["row", "weight"]),
        "lot_starts": empty(["row", *PROCESS], ["row"]),
    }


def sourcing_tables(network: Network, starts: pd.DataFrame, needed: Need) -> Tables:
    """Those tables of `no_sourcing` in which a policy or a smallest lot asks for rows.

    Args:
        network: the network with every other table.
        starts: as `start_rooms` gives them.
        needed: good units of each item that can be needed at most.

    Raises:
        UsageError: how much a site can start has no bound.
    """
    rules = network.policy.sources if network.policy else ()
    tables: Tables = {}
    lots = starts[starts["min_lot"] > 0].reset_index(drop=True)
    if len(lots):
        lots = bounded(lots, lots["room"], lots["item"].map(needed) / lots["yield"])
        _refuse_unbounded(lots)
        tables["lot"] = lots[_LOT].assign(upper=1.0, integer=True)
        tables["lot_starts"] = _linked(network, lots, PROCESS)[["row", *PROCESS]]
    use = _uses(rules, starts, needed)
    if len(use):
        made = _linked(network, use, MADE)
        counted = use[use["min_sources"].notna()]
        peers = renamed(use[MADE], {"site": "peer"}).assign(row=np.arange(len(use)))
        peers = counted[[*MADE, "min_sources"]].merge(peers, on=["item", "period"])
        peers["weight"] = 1.0 - peers["min_sources"] * (peers["site"] == peers["peer"])
        parts = renamed(made, {"site": "peer"})
        parts = use.loc[use["min_share"].notna(), [*MADE, "min_share"]].merge(parts, on=["item", "period"])
        parts["weight"] = (parts["min_share"] - (parts["site"] == parts["peer"])) * parts["yield"]
        tables |= {
            "use": use[_USE].assign(upper=1.0, integer=True),
            "source_output": made[["row", *MADE, "yield"]],
            "source_shares": parts[["row", *MADE, "weight"]],
            "source_peers": peers[["row", *MADE, "weight"]],
        }
    return tables


def _uses(rules: tuple[Sources, ...], starts: pd.DataFrame, needed: Need) -> pd.DataFrame:
    """The table `use`: a row for each site that can make an item in a period, where a rule on sources can bind."""
    if not rules:
        return empty(_USE)
    good = starts["room"] * starts["yield"]
    by_resource = good.groupby([starts[name] for name in ("stage", *MADE, "resource")]).max()
    use = by_resource.groupby(level=["stage", *MADE]).sum().rename("most").reset_index()
    figures = table_of_columns(
        {
            "stage": [rule.stage for rule in rules],
            "max_sources": [np.nan if rule.max_sources is None else float(rule.max_sources) for rule in rules],
            "min_sources": [float(fewest) if (fewest := rule.min_sources or 0) > 1 else np.nan for rule in rules],
            "min_share": [np.nan if rule.min_share_if_used is None else rule.min_share_if_used for rule in rules],
        }
    )
    use = use.merge(figures, on="stage")
    sites = use.groupby(["item", "period"])["site"].transform("size")
    use = use[(use["max_sources"] < sites) | use["min_sources"].notna() | use["min_share"].notna()]
    use = use.sort_values(MADE, ignore_index=True)
    use = bounded(use, use["most"], use["item"].map(needed))
    _refuse_unbounded(use)
    use["others"] = use.groupby(["item", "period"])["most"].transform("sum") - use["most"]
    return use


def _linked(network: Network, rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The starts, of all classes, that count towards some rows; `row` is their position in `make`."""
    starts = network.make[[*PROCESS, "yield"]].assign(row=np.arange(len(network.make)))
    return starts[positions(starts, rows, keys) >= 0].reset_index(drop=True)


def _refuse_unbounded(rows: pd.DataFrame) -> None:
    """Raise an error for starts without any bound, because a decision of 0 or 1 needs one."""
    free = rows[~np.isfinite(rows["most"].to_numpy(dtype=float))]
    if len(free):
        row = free.iloc[0]
        raise UsageError(
            f"How much {row['item']} {row['site']} can start has no bound: making or moving it, or what it is used "
            "for, earns money. Where sources are counted or lots have a smallest size, give its resource a capacity."
        )
