"""Capable sites: which sites can start which items when, read from the tables alone, without a plan."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from planner.instance.instance import Instance
from planner.instance.lines import LineCapacities, Start, line_capacities_of, stopped_starts
from planner.instance.records import Process


@dataclass(frozen=True)
class CapableSites:
    """The capable sites of an instance.

    A site can start an item in a period in which one of its processes may start it (no outage), on a resource that
    has capacity in the period or is unlimited; with options, also on what an option could add by then.
    """

    instance: Instance

    @cached_property
    def capacities(self) -> LineCapacities:
        """The capacity of each limited resource, and what options add."""
        return line_capacities_of(self.instance)

    @cached_property
    def _stopped(self) -> frozenset[Start]:
        return stopped_starts(self.instance)

    def starts(self, process: Process) -> list[int]:
        """The periods in which a process may start and no outage stops it, whatever its capacity."""
        return [
            period
            for period in self.instance.periods.window(process.period)
            if process.yield_ > 0 and (process.site, process.item, process.recipe, period) not in self._stopped
        ]

    def has_capacity(self, process: Process, period: int, *, options: bool) -> bool:
        """Whether its resource has any capacity in a period, or is unlimited."""
        room = self.capacities.most(process.line) if options else self.capacities.own.get(process.line)
        return room is None or bool(room[period] > 0)

    @cached_property
    def _able(self) -> tuple[tuple[Process, frozenset[int], frozenset[int]], ...]:
        """Each process with the periods in which it can start: with today's capacity, and with all options."""
        return tuple(
            (
                process,
                frozenset(at for at in starts if self.has_capacity(process, at, options=False)),
                frozenset(at for at in starts if self.has_capacity(process, at, options=True)),
            )
            for process in self.instance.processes
            for starts in [self.starts(process)]
        )

    def able(self, item: str, period: int, *, recipe: str | None = None, options: bool = False) -> tuple[str, ...]:
        """The sites that can start an item (by a recipe) in a period, sorted."""
        return tuple(
            sorted(
                {
                    process.site
                    for process, without, with_options in self._able
                    if process.item == item
                    and recipe in {None, process.recipe}
                    and period in (with_options if options else without)
                }
            )
        )

    def of(self, items: Collection[str], outside: Collection[str]) -> tuple[str, ...]:
        """The sites outside some regions that can start any of the items up to the last reported period, sorted.

        With options; by the first period in which they can, then by name.
        """
        home = self.instance.region_of
        first: dict[str, int] = {}
        for process, _, periods in self._able:
            useful = [at for at in periods if at <= self.instance.report_periods[-1]]
            if process.item in items and home[process.site] not in outside and useful:
                first[process.site] = min(first.get(process.site, useful[0]), *useful)
        return tuple(sorted(first, key=lambda site: (first[site], site)))

    def first(self, site: str, items: Iterable[str]) -> int | None:
        """The first period in which a site can start any of the items, with options; None for never."""
        wanted = set(items)
        found = [
            at for process, _, able in self._able if process.site == site and process.item in wanted for at in able
        ]
        return min(found, default=None)
