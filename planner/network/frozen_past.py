"""Freezing: decisions before a strike are fixed at the values of an earlier plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from planner.errors import PlannerError
from planner.network.frames import lookup, positions
from planner.network.network import Network

BEFORE = ("make", "ship", "late", "lost")  # decided period by period
AT_ONCE = ("expand", "open")  # decided for good
NOTHING = 1e-9  # relative to the largest of its block; a smaller decision may be absent from the later network


def frozen(network: Network, decided: Mapping[str, pd.DataFrame], strike: int) -> Network:
    """The network with all decisions before a strike, and every expansion option, fixed at given values.

    Args:
        network: what can be decided, the strike known.
        decided: for make, ship, late, lost, expand and open: the labels of each decision (periods as positions) and
            its `value`.
        strike: the first period in which anything can change.

    Raises:
        PlannerError: a decision that was taken before the strike is not in the network (a bug).
    """
    changed = {}
    for name in (*BEFORE, *AT_ONCE):
        table: pd.DataFrame = getattr(network, name)
        taken = decided[name]
        keys = [column for column in taken if column != "value"]
        if name in BEFORE:
            taken = taken[taken["period"] < strike]
        stray = taken[(positions(taken, table, keys) < 0) & (taken["value"] > NOTHING * taken["value"].max())]
        if len(stray):
            label = "/".join(str(part) for part in stray[keys].iloc[0])
            raise PlannerError(f"What was decided before the strike cannot be told again: {name} {label}.")
        value = lookup(table, taken, keys, "value", 0.0).astype(float)
        held = table["period"] < strike if name in BEFORE else pd.Series(data=True, index=table.index)
        lower = table["lower"] if "lower" in table else pd.Series(0.0, index=table.index)
        upper = table["upper"] if "upper" in table else pd.Series(float("inf"), index=table.index)
        changed[name] = table.assign(lower=lower.mask(held, value), upper=upper.mask(held, value))
        if name in AT_ONCE:
            changed[name]["integer"] = False  # fixed, so the program needs no integer here
    return replace(network, **changed)
