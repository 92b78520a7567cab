"""The catalogue: every block, cost component and constraint family of the program, in order."""

from __future__ import annotations

from planner.model.constraints.balances import CancelOwed, DemandBalance, FlowBalance, ReceivedBalance
from planner.model.constraints.buffers import Buffer
from planner.model.constraints.capacities import Capacity, Commitment, ExpansionOpen, LaneCapacity
from planner.model.constraints.limits import PathwayLimit, PathwayTotal, StageLimit, StageTotal
from planner.model.constraints.lots import LotMinimum, LotUse
from planner.model.constraints.sourcing import SourceCountMax, SourceCountMin, SourceShare, SourceUse
from planner.model.constraints.stock import StockMaximum, StockMinimum
from planner.model.costs import COSTS
from planner.model.family import Family
from planner.model.variable_blocks import BlockSpec

BLOCKS: tuple[BlockSpec, ...] = (
    BlockSpec(
        "make",
        ("site", "item", "recipe", "period"),
        "units started",
        "Units started by a process in a period; they finish after its lead time, times its yield.",
    ),
    BlockSpec("ship", ("from", "to", "item", "period"), "units", "Units leaving over a lane in a period."),
    BlockSpec("stock", ("site", "item", "period"), "units", "Units kept at the end of a period."),
    BlockSpec("late", ("customer", "item", "period"), "units", "Units still owed at the end of a period."),
    BlockSpec("lost", ("customer", "item", "period"), "units", "Units of an order never served."),
    BlockSpec("under", ("commitment",), "units", "Units below a committed minimum."),
    BlockSpec("excess", ("limit", "of", "period"), "weighted units", "Weighted units above a soft limit."),
    BlockSpec("expand", ("option",), "share of the option", "Share of an expansion option that is bought."),
    BlockSpec("open", ("option",), "0 or 1", "Whether the fixed cost of an option is paid."),
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
    ),
    BlockSpec(
        "lot",
        ("site", "item", "recipe", "period"),
        "0 or 1",
        "Whether a process with a smallest lot starts any in a period.",
    ),
    BlockSpec(
        "unserved",
        ("customer", "item", "period"),
        "units",
        "Units of an order that must be served and are not; only with recourse, as the blocks below.",
    ),
    BlockSpec("cancelled", ("customer", "item", "period"), "units", "Units owed that are cancelled in a period."),
    BlockSpec(
        "surplus",
        ("customer", "item", "period"),
        "units",
        "Units sent before the strike that reach a customer beyond what is owed.",
    ),
    BlockSpec("below", ("site", "item", "period"), "units", "Units of stock below a minimum."),
    BlockSpec("over", ("site", "item", "period"), "units", "Units of stock above a maximum."),
    BlockSpec(
        "received",
        ("customer", "item", "period"),
        "units",
        "Units delivered up to a period; only where something must survive, as the block below.",
    ),
    BlockSpec("halt", ("over", "of", "period"), "share of a period", "Share of a period for which sites are out."),
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
    Buffer(),
    CancelOwed(),
    ReceivedBalance(),
)

__all__ = ["BLOCKS", "COSTS", "FAMILIES"]
