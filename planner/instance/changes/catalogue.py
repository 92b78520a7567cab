"""The catalogue of changes: a new kind of change is added here, one line for each."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from planner.instance.changes.capacity import CapacityChange
from planner.instance.changes.change import Change
from planner.instance.changes.demand import DemandChange, PriceChange
from planner.instance.changes.lanes import FreightChange, LaneCapacityChange
from planner.instance.changes.lead_time import LeadTimeChange
from planner.instance.changes.outage import OutageChange
from planner.instance.changes.processes import UnitCostChange, YieldChange
from planner.instance.changes.stock import StockChange
from planner.instance.changes.tariff import TariffChange

AnyChange = Annotated[
    CapacityChange
    | OutageChange
    | DemandChange
    | PriceChange
    | UnitCostChange
    | FreightChange
    | TariffChange
    | YieldChange
    | LeadTimeChange
    | LaneCapacityChange
    | StockChange,
    Field(discriminator="change"),
]

CHANGES: dict[str, type[Change]] = {kind.word(): kind for kind in get_args(get_args(AnyChange)[0])}
"""The types of changes by the word that names them."""
