"""The catalogue: every block, cost component and constraint family of the program, in order."""

from __future__ import annotations

import numpy as np

from planner.model.blocks import BlockSpec
from planner.model.constraints.balances import DemandBalance, FlowBalance, StockMaximum, StockMinimum
from planner.model.constraints.capacities import Capacity, Commitment, ExpansionOpen, LaneCapacity
from planner.model.constraints.limits import PathwayLimit, PathwayTotal, StageLimit, StageTotal
from planner.model.constraints.sourcing import (
    LotMinimum,
    LotUse,
    SourceCountMax,
    SourceCountMin,
    SourceShare,
    SourceUse,
)
from planner.model.costs import COSTS
from planner.model.family import Family

BLOCKS: tuple[BlockSpec, ...] = (
    BlockSpec(
        "make",
        ("site", "item", "recipe", "period"),
        "units started",
        "Units started by a process in a period; they finish after its lead time, times its yield.",
        upper=lambda network: network.make["upper"].to_numpy(),
    ),
    BlockSpec(
        "ship",
        ("from", "to", "item", "period"),
        "units",
        "Units leaving over a lane in a period.",
        upper=lambda network: network.ship["upper"].to_numpy(),
    ),
    BlockSpec(
        "stock",
        ("site", "item", "period"),
        "units",
        "Units kept at the end of a period.",
        lower=lambda network: network.stock["lower"].to_numpy(),
        upper=lambda network: network.stock["upper"].to_numpy(),
    ),
    BlockSpec("late", ("customer", "item", "period"), "units", "Units still owed at the end of a period."),
    BlockSpec(
        "lost",
        ("customer", "item", "period"),
        "units",
        "Units of an order never served.",
        upper=lambda network: network.lost["upper"].to_numpy(),
    ),
    BlockSpec("under", ("commitment",), "units", "Units below a committed minimum."),
    BlockSpec("excess", ("limit", "of", "period"), "weighted units", "Weighted units above a soft limit."),
    BlockSpec(
        "expand",
        ("option",),
        "share of the option",
        "Share of an expansion option that is bought.",
        upper=lambda network: network.expand["upper"].to_numpy(),
        integer=lambda network: network.expand["integer"].to_numpy(dtype=bool),
    ),
    BlockSpec(
        "open",
        ("option",),
        "0 or 1",
        "Whether the fixed cost of an option is paid.",
        upper=lambda network: (network.open["row"] >= 0).to_numpy(dtype=float),
        integer=lambda network: (network.open["row"] >= 0).to_numpy(dtype=bool),
    ),
    BlockSpec("total", ("limit", "period"), "weighted units", "All that a limit's scope makes or is delivered."),
    BlockSpec(
        "relabel",
        ("site", "item", "period", "touched", "as"),
        "units",
        "Units of a class that are used as if they had touched more; only where a policy has pathway limits.",
    ),
    BlockSpec(
        "use",
        ("site", "item", "period"),
        "0 or 1",
        "Whether a site makes an item in a period; only where a policy counts sources.",
        upper=lambda network: np.ones(len(network.use)),
        integer=lambda network: np.ones(len(network.use), dtype=bool),
    ),
    BlockSpec(
        "lot",
        ("site", "item", "recipe", "period"),
        "0 or 1",
        "Whether a process with a smallest lot starts any in a period.",
        upper=lambda network: np.ones(len(network.lot)),
        integer=lambda network: np.ones(len(network.lot), dtype=bool),
    ),
)

FAMILIES: tuple[Family, ...] = (
    FlowBalance(),
    DemandBalance(),
    Capacity(),
    LaneCapacity(),
    Commitment(),
    ExpansionOpen(),
    StageTotal(),
    StageLimit(),
    PathwayTotal(),
    PathwayLimit(),
    StockMinimum(),
    StockMaximum(),
    SourceUse(),
    SourceCountMax(),
    SourceCountMin(),
    SourceShare(),
    LotUse(),
    LotMinimum(),
)

__all__ = ["BLOCKS", "COSTS", "FAMILIES"]
