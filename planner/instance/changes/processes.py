"""The changes of processes: cost of a start, and yield."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from planner.instance.changes.change import Change, Deviation
from planner.instance.changes.rows import changed
from planner.instance.changes.where import PROCESS_KEYS
from planner.instance.fields import column
from planner.instance.precedence import universe_of

if TYPE_CHECKING:
    from planner.instance.instance import Instance
    from planner.instance.selecting import Records, Universe


class OfProcesses(Change):
    """The base of changes of processes; they strike the sites of the processes that they select."""

    selects: ClassVar[tuple[str, ...]] = PROCESS_KEYS

    def finds(self, universe: Universe, records: Records) -> bool:
        """Whether the selector matches any process."""
        return any(universe.process_matches(self.where, row) for row in records("processes"))

    def sites_struck(self, instance: Instance) -> frozenset[str]:
        """The sites at which the selector matches a process."""
        universe = universe_of(instance)
        return frozenset(row.site for row in instance.processes if universe.process_matches(self.where, row))


class UnitCostChange(OfProcesses, Deviation):
    """Cost of starting a unit."""

    change: Literal["unit_cost"] = column("type of the change")
    example: ClassVar[str] = "{change: unit_cost, where: {operator: suzhou-motors}, factor: 1.1}"

    def apply(self, instance: Instance) -> Instance:
        """The instance with the unit cost of the selected processes changed."""
        return with_processes(instance, self, "unit_cost")


class YieldChange(OfProcesses, Deviation):
    """Yields, by period of start."""

    change: Literal["yield"] = column("type of the change")
    example: ClassVar[str] = "{change: yield, where: {site: drives-penang}, period: 2027Q1, set: 0.9}"

    def apply(self, instance: Instance) -> Instance:
        """The instance with the yield of the selected processes changed."""
        return with_processes(instance, self, "yield_")


def with_processes(
    instance: Instance, change: Deviation, field: str, finish: Callable[[float], Any] = lambda figure: figure
) -> Instance:
    """The instance with one figure of the selected processes changed over the window of the change."""
    universe = universe_of(instance)
    return instance.replace(
        processes=changed(
            instance,
            instance.processes,
            lambda row: universe.process_matches(change.where, row),
            field,
            change,
            finish=finish,
        )
    )
