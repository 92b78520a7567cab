"""Bounds on decisions of 0 or 1: how much of an option, a source or a lot can be used at most.

A solver accepts a decision of 0 or 1 as whole within a tolerance. Where its coefficient is millions of times what can
be used, a millionth of an option would give all that is wanted at no cost. So no such coefficient enters the program:
an option gives no more than can be needed of its resource (network/needed.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from planner.network.frames import Tables, first_rows, group_numbers, lookup, narrowed, summed
from planner.network.making import RESOURCE
from planner.network.needed import MARGIN, Need, largest_needs, most_needed, start_rooms
from planner.network.network import Network
from planner.network.sourcing import sourcing_tables


def needs(network: Network) -> Need:
    """Good units of each item that can be needed at most; empty where the network has no decision of 0 or 1."""
    return most_needed(network, start_rooms(network)) if _decides_wholes(network) else {}


def estimated(network: Network) -> bool:
    """Whether any figure of the network is as large as what can be needed, so that another estimate would change it."""
    given = network.expand_capacity
    cut = (given["usable"].to_numpy() < given["capacity"].to_numpy()).any()
    return bool(cut) or len(network.use) > 0 or len(network.lot) > 0


def bounded_by_need(network: Network, elsewhere: Mapping[str, float] | None = None) -> Network:
    """The network with the rows of sources and lots, and with options that give no more than can be used of them.

    Args:
        network: the network with every other table.
        elsewhere: good units of each item that are needed otherwise, as `build_network` says.

    Raises:
        UsageError: how much a site can start has no bound.
    """
    if not _decides_wholes(network):
        return network
    starts = start_rooms(network)
    needed = largest_needs([most_needed(network, starts), dict(elsewhere or {})])
    return replace(network, **_usable_tables(network, starts, needed), **sourcing_tables(network, starts, needed))


def needed_with_any_capacity(network: Network) -> Network:
    """The network whose sources and lots have in `needed` what can be needed where capacities can be raised at will.

    What is needed is otherwise no more than what can be made, which capacities limit. A need without any bound (where
    making earns money) stays as it was.
    """
    if not len(network.use) and not len(network.lot):
        return network
    starts = start_rooms(network)
    most = most_needed(network, starts, any_capacity=True)
    found = sourcing_tables(network, starts, most)
    rows = {name: _at_least(getattr(network, name), found[name]) for name in ("use", "lot") if name in found}
    return replace(network, **rows)


def _at_least(rows: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Rows with the larger `needed` of two tables of the same rows, where it is finite."""
    most = other["needed"].to_numpy(dtype=float)
    own = rows["needed"].to_numpy(dtype=float)
    return rows.assign(needed=np.where(np.isfinite(most), np.maximum(own, most), own))


def _decides_wholes(network: Network) -> bool:
    """Whether the network has any decision of 0 or 1: for options, sources or lots."""
    options = bool(network.expand["integer"].any()) or len(network.open) > 0
    sources = network.policy is not None and len(network.policy.sources) > 0
    return options or sources or any(row.min_lot > 0 for row in network.instance.processes)


def _usable_tables(network: Network, starts: pd.DataFrame, needed: Need) -> Tables:
    """The tables expand_capacity and open with the usable part of each option.

    usable_o[t] = min(capacity_o[t], 2 * sum_i max_p (capacity_use_p / yield_p) * needed_i), p on the option's resource

    Where nothing is needed of a resource the capacity stays as it is.
    """
    keys = [*RESOURCE, "item"]
    number = group_numbers(starts, columns=keys)[0]
    most = first_rows(narrowed(starts, keys), number)
    each = np.zeros(len(most))
    np.maximum.at(each, number, starts["capacity_use"].to_numpy() / starts["yield"].to_numpy())
    need = np.array([needed[item] for item in most["item"].tolist()], dtype=float)  # infinite where making it earns
    most["used"] = np.multiply(each, need, out=np.zeros(len(most)), where=each > 0)
    given = network.expand_capacity
    used = MARGIN * lookup(given, summed(most, RESOURCE, ["used"]), RESOURCE, "used", 0.0).astype(float)
    capacity = given["capacity"].to_numpy(dtype=float)
    usable = np.where(used > 0, np.minimum(capacity, used), capacity)
    share = np.divide(usable, capacity, out=np.zeros(len(given)), where=capacity > 0)
    largest = np.zeros(len(network.expand))
    np.maximum.at(largest, given["row"].to_numpy(dtype=np.int64), share)
    largest = np.maximum(
        largest, network.expand["lower"].to_numpy(dtype=float)
    )  # what is bought already stays possible
    opened = largest[network.open["row"].to_numpy(dtype=np.int64)]
    return {
        "expand_capacity": given.assign(usable=usable),
        "open": network.open.assign(usable=np.where(opened > 0, opened, 1.0)),
    }


def capacity_bought(network: Network) -> pd.DataFrame:
    """The capacity that options add to resources, as the capacity rows count it.

    Returns:
        the table expand_capacity with `counted`: the usable part for an option that is bought whole or not at all,
        else its capacity (also where nothing is left to decide).
    """
    given = network.expand_capacity
    whole = network.expand["integer"].to_numpy(dtype=bool)[given["row"].to_numpy(dtype=np.int64)]
    return given.assign(counted=np.where(whole, given["usable"].to_numpy(), given["capacity"].to_numpy()))
