"""The change of duties: each selected pair of regions gets an exact row, which takes precedence over wide ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from planner.instance.changes.change import Deviation
from planner.instance.changes.lanes import wanted
from planner.instance.changes.rows import figure_of, weights, with_exact
from planner.instance.changes.where import TARIFF_KEYS
from planner.instance.fields import column
from planner.instance.precedence import resolve_tariffs, universe_of
from planner.instance.records import Tariff

if TYPE_CHECKING:
    from planner.instance.instance import Instance
    from planner.instance.selecting import Records, Universe


class TariffChange(Deviation):
    """Duty rates on crossings of a border, by period of departure."""

    change: Literal["tariff"] = column("type of the change")
    selects: ClassVar[tuple[str, ...]] = TARIFF_KEYS
    example: ClassVar[str] = "{change: tariff, where: {from_region: CN, to_region: EU}, period: 2027Q3.., add: 0.25}"

    def finds(self, universe: Universe, records: Records) -> bool:  # noqa: ARG002
        """Whether the selector matches any pair of regions in use."""
        regions = universe.regions
        return any(universe.border_matches(self.where, start, end) for start in regions for end in regions)

    @property
    def duty(self) -> tuple[str, float] | None:
        """The rate that is set or added."""
        figures = {"set": self.set, "add": self.add}
        return next(((name, rate) for name, rate in figures.items() if rate is not None), None)

    def apply(self, instance: Instance) -> Instance:
        """The instance with the rates of the selected pairs of regions changed; without a row the rate is 0."""
        universe = universe_of(instance)
        resolved = resolve_tariffs(instance.tariffs, universe, instance.periods)
        part = weights(instance, self)
        figures: dict[tuple[Any, int], float] = {}
        for start in sorted(universe.regions):
            for end in sorted(universe.regions):
                if universe.border_matches(self.where, start, end):
                    for item in self.where.item or ("*",):
                        figures.update({((start, end, item), t): 0.0 for t in range(len(part))})
        matches = {key[:2] for key, _ in figures}
        for key, t, position in wanted(resolved, self, lambda start, end: (start, end) in matches):
            figures[key, t] = instance.tariffs[position].rate
        for (key, t), rate in figures.items():
            if part[t]:
                figures[key, t] = figure_of(self, "rate", rate, part[t])
        return instance.replace(
            tariffs=with_exact(
                instance,
                instance.tariffs,
                lambda row: (row.from_region, row.to_region, row.item),
                figures,
                lambda key, text, rate: Tariff(
                    from_region=key[0], to_region=key[1], item=key[2], period=text, rate=rate
                ),
            )
        )
