"""The change of lead times, of lanes or of processes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import model_validator

from planner.instance.changes.change import Deviation
from planner.instance.changes.lanes import finds_lane, sites_left, with_lanes
from planner.instance.changes.processes import OfProcesses, with_processes
from planner.instance.changes.where import LANE_KEYS, PROCESS_KEYS
from planner.instance.fields import column, refuse
from planner.instance.precedence import universe_of

if TYPE_CHECKING:
    from planner.instance.instance import Instance
    from planner.instance.selecting import Records, Universe


class LeadTimeChange(OfProcesses, Deviation):
    """Lead times, rounded up: of lanes if `where` has from or to keys, else of processes."""

    change: Literal["lead_time"] = column("type of the change")
    selects: ClassVar[tuple[str, ...]] = (*PROCESS_KEYS, "from", "to", "from_region", "to_region")
    example: ClassVar[str] = "{change: lead_time, where: {from: motors-suzhou}, period: 2027Q2, add: 1}"

    @model_validator(mode="after")
    def _lanes_or_processes(self) -> LeadTimeChange:
        """Refuse a selector that mixes keys of lanes with keys of processes."""
        mixed = [key for key in self.where.given if self.of_lanes and key not in LANE_KEYS]
        if mixed:
            raise refuse(
                f"where names lanes, so it cannot name {mixed[0]} too.",
                f"A lane is selected by {', '.join(LANE_KEYS)}.",
                f"where.{mixed[0]}",
            )
        return self

    @property
    def of_lanes(self) -> bool:
        """Whether `where` has a key of lanes, so that it changes lanes and not processes."""
        return any(key in self.where.given for key in ("from", "to", "from_region", "to_region"))

    def finds(self, universe: Universe, records: Records) -> bool:
        """Whether the selector matches any lane or process."""
        return finds_lane(self.where, universe, records) if self.of_lanes else super().finds(universe, records)

    def apply(self, instance: Instance) -> Instance:
        """The instance with the lead times of the selected lanes or processes changed, rounded up to whole periods."""
        change = with_lanes if self.of_lanes else with_processes
        return change(instance, self, "lead_time", _round_up)

    def sites_struck(self, instance: Instance) -> frozenset[str]:
        """The sites at which a selected lane starts, or those of the selected processes."""
        if self.of_lanes:
            return sites_left(self.where, universe_of(instance))
        return super().sites_struck(instance)


def _round_up(figure: float) -> int:
    return math.ceil(figure - 1e-9)
