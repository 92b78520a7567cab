"""Survival: deliveries that must not fall behind, and sites that are out for a share of a period.

Only networks for the time to survive have these decisions. The sites are grouped in sets: a site, a cluster, an
operator, a region.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.network.frames import ORDER, Tables, empty

SLACK = 1e-7  # relative; by so much deliveries may fall short, for the solver's tolerance


@dataclass(frozen=True)
class Survival:
    """The deliveries that must be kept up, and the sets of sites that can be out.

    Attributes:
        at_least: customer, item, period (a position) and quantity: cumulative deliveries that must be kept up.
        sets: the sites of each set, by (over, of).
        bought: share of each expansion option that is bought.
    """

    at_least: pd.DataFrame
    sets: Mapping[tuple[str, str], frozenset[str]]
    bought: Mapping[str, float]


def survival_tables(survival: Survival | None, capacity: pd.DataFrame, expand_capacity: pd.DataFrame) -> Tables:
    """The tables received, halt and halt_uses of the network; without rows for None.

    Args:
        survival: deliveries to keep up, and sets that can be out.
        capacity, expand_capacity: tables of the network.
    """
    if survival is None:
        return {
            "received": empty([*ORDER, "lower"], ["lower"]),
            "halt": empty(["over", "of", "period", "upper"], ["upper"]),
            "halt_uses": empty(["row", "site", "resource", "period", "capacity"], ["row", "capacity"]),
        }
    floor = survival.at_least
    largest = float(floor["quantity"].max()) if len(floor) else 0.0
    received = floor[ORDER].assign(lower=np.maximum(floor["quantity"] * (1.0 - SLACK) - SLACK * largest, 0.0))
    keys = ["site", "resource", "period"]
    bought = expand_capacity.assign(
        capacity=expand_capacity["capacity"] * expand_capacity["option"].map(survival.bought).fillna(0.0)
    )
    whole = pd.concat([capacity[[*keys, "capacity"]], bought[[*keys, "capacity"]]])
    whole = whole.groupby(keys, as_index=False)["capacity"].sum()
    whole = whole.merge(capacity[keys], on=keys)
    parts = [
        whole[whole["site"].isin(sites)].assign(over=over, of=of) for (over, of), sites in sorted(survival.sets.items())
    ]
    uses = pd.concat(parts, ignore_index=True) if parts else whole.iloc[:0].assign(over="", of="")
    halt = uses[["over", "of", "period"]].drop_duplicates().sort_values(["over", "of", "period"], ignore_index=True)
    uses = uses.merge(halt.assign(row=np.arange(len(halt))), on=["over", "of", "period"])
    return {
        "received": received.reset_index(drop=True),
        "halt": halt.assign(upper=0.0),
        "halt_uses": uses[["row", *keys, "capacity"]],
    }
