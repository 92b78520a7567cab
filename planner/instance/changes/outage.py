"""The outage: no starts at some sites or processes, and no departures from sites where that is held as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from planner.instance.changes.capacity import CapacityChange, resources_of, with_capacity
from planner.instance.changes.change import RefusedError
from planner.instance.changes.processes import OfProcesses
from planner.instance.changes.rows import in_windows, weights
from planner.instance.fields import column
from planner.instance.precedence import universe_of
from planner.instance.records import Outage

if TYPE_CHECKING:
    from planner.instance.instance import Instance
    from planner.instance.selecting import Records, Universe


class OutageChange(OfProcesses):
    """No starts at the selected sites; work under way finishes (`kept`), or nothing leaves either (`held`)."""

    change: Literal["outage"] = column("type of the change")
    pipeline: Literal["kept", "held"] = column("whether work under way and stock can leave", default="kept")
    figures: ClassVar[str] = "no figure; pipeline: kept or held"
    example: ClassVar[str] = "{change: outage, where: {site: motors-suzhou}, period: 2027Q2, pipeline: held}"

    @property
    def of_sites(self) -> bool:
        """Whether `where` selects whole sites, not only some of their processes."""
        where = self.where
        return not (where.stage or where.item or where.recipe or where.resource)

    def finds(self, universe: Universe, records: Records) -> bool:
        """Whether the selector matches any site, or any process where it selects processes."""
        if self.of_sites:
            return any(universe.site_matches(self.where, site) for site in universe.sites)
        return super().finds(universe, records)

    def apply(self, instance: Instance) -> Instance:
        """The instance without starts at what is selected in the window; after it capacity returns over `recovery`."""
        where = self.where
        universe = universe_of(instance)
        held = self.pipeline == "held"
        if not self.of_sites:
            keys = {
                (row.site, row.item, row.recipe) for row in instance.processes if universe.process_matches(where, row)
            }
        else:
            keys = {(site, "*", "*") for site in universe.sites if universe.site_matches(where, site)}
        closed = {
            ((row.site, row.item, row.recipe, row.held), t): True
            for row in instance.outages
            for t in instance.periods.window(row.period)
        }
        closed.update({((*key, held), t): True for key in keys for t in instance.periods.window(self.period)})
        out = instance.replace(
            outages=in_windows(
                instance,
                closed,
                lambda key, text, _: Outage(site=key[0], item=key[1], recipe=key[2], held=key[3], period=text),
            )
        )
        if not self.recovery:
            return out
        _refuse_shared_lines(instance, self)
        inside = instance.periods.window(self.period)
        fading = [0.0 if t in inside else weight for t, weight in enumerate(weights(instance, self))]
        nothing = CapacityChange(change="capacity", factor=0.0, where=where)
        return with_capacity(out, nothing, resources_of(instance, self), fading)

    @property
    def takes_capacity(self) -> bool:
        """True: every outage stops starts."""
        return True

    @property
    def takes_all(self) -> bool:
        """True: nothing can start in the window."""
        return True


def _refuse_shared_lines(instance: Instance, change: OutageChange) -> None:
    """Refuse a recovery for a part of a line: capacity returns by line, so it cannot return for some processes only."""
    universe = universe_of(instance)
    out = {
        (row.site, row.item, row.recipe) for row in instance.processes if universe.process_matches(change.where, row)
    }
    lines = resources_of(instance, change)
    for row in instance.processes:
        if row.line in lines and (row.site, row.item, row.recipe) not in out:
            raise RefusedError(
                f"{row.item} shares the line {row.line.resource} at {row.site} and is not out, so the "
                "line cannot come back step by step.",
                "Select the whole resource, or leave out recovery.",
            )
