"""The capacity change: factors and amounts on the capacity of resources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from planner.instance.changes.change import Change, Deviation, RefusedError
from planner.instance.changes.processes import OfProcesses
from planner.instance.changes.rows import Row, figure_of, in_windows, split, updates, weights
from planner.instance.fields import column
from planner.instance.precedence import universe_of
from planner.instance.records import Capacity, ExpansionFactor, Line

if TYPE_CHECKING:
    from planner.instance.instance import Instance
    from planner.instance.selecting import Records, Universe


class CapacityChange(OfProcesses, Deviation):
    """Capacity of resources: `factor` scales rows and options, `set` and `add` the rows."""

    change: Literal["capacity"] = column("type of the change")
    example: ClassVar[str] = (
        "{change: capacity, where: {stage: motor, region: CN}, period: 2027Q2, factor: 0.5, recovery: 1}"
    )

    def finds(self, universe: Universe, records: Records) -> bool:
        """Whether the resource of a selected process has a capacity or an option."""
        matched = [row for row in records("processes") if universe.process_matches(self.where, row)]
        limited = {row.line for name in ("capacities", "expansions") for row in records(name)}
        return any(row.line in limited for row in matched)

    @property
    def remedy(self) -> str:
        """What to do where the selected processes have no limited resource."""
        return "Select a resource that has a row in capacities or an expansion option, or use an outage."

    def apply(self, instance: Instance) -> Instance:
        """The instance with the capacity of the selected resources changed; `set` and `add` leave options alone."""
        return with_capacity(instance, self, resources_of(instance, self), weights(instance, self))

    @property
    def takes_capacity(self) -> bool:
        """True for a factor below 1, a negative `add`, or `set: 0`."""
        return (self.factor is not None and self.factor < 1) or (self.add is not None and self.add < 0) or self.set == 0

    @property
    def takes_all(self) -> bool:
        """True for `factor: 0` or `set: 0`."""
        return 0.0 in (self.factor, self.set)


def with_capacity(instance: Instance, change: Deviation, resources: set[Line], part: Sequence[float]) -> Instance:
    """The instance with the capacity of some resources changed.

    Args:
        instance: the instance.
        change: the deviation.
        resources: those that change.
        part: for each period the part (0-1) of the deviation that is in force.
    """
    listed = {row.line for row in instance.capacities}
    options = [row for row in instance.expansions if row.line in resources]
    limited = listed | ({row.line for row in options} if change.factor is not None else set())
    unlimited = sorted(resources - limited)
    if unlimited:
        site, resource = unlimited[0]
        raise RefusedError(
            f"The resource {resource} at {site} has no capacity rows, so it is unlimited.",
            "Give it a capacity, or use an outage.",
        )
    rows: list[Row] = []
    covered: dict[Line, set[int]] = defaultdict(set)
    for row in instance.capacities:
        if row.line not in resources:
            rows.append(row)
            continue
        covered[row.line].update(instance.periods.window(row.period))
        rows += split(instance, row, updates(change, "capacity", row.capacity, part))
    if change.factor is None:
        for line in sorted(resources):
            for t, weight in enumerate(part):
                figure = change.figure(0.0, weight) if weight and t not in covered[line] else 0.0
                if figure > 0:
                    rows.append(Capacity(**line._asdict(), period=instance.periods.labels[t], capacity=figure))
        return instance.replace(capacities=rows)
    factors = {
        (row.option, t): row.factor for row in instance.expansion_factors for t in instance.periods.window(row.period)
    }
    for option in options:
        for t, weight in enumerate(part):
            if weight:
                factors[option.option, t] = figure_of(change, "factor", factors.get((option.option, t), 1.0), weight)
    return instance.replace(
        capacities=rows,
        expansion_factors=in_windows(
            instance, factors, lambda key, text, factor: ExpansionFactor(option=key, period=text, factor=factor)
        ),
    )


def resources_of(instance: Instance, change: Change) -> set[Line]:
    """The resources of the processes that a change selects."""
    universe = universe_of(instance)
    return {row.line for row in instance.processes if universe.process_matches(change.where, row)}
