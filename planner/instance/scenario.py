"""Scenarios: what happens to us. Typed changes in order, each with a selector, a window and a deviation."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BeforeValidator, Field, model_validator

from planner.instance.fields import Id, Number, Share, Takes, Text, Window, YesNo, column, read_count, refuse
from planner.instance.parts import Part
from planner.instance.periods import LONGEST_HORIZON


def _listed(value: Any) -> Any:
    if value == []:  # as files and people write it; what is dumped in Python is an empty tuple
        raise refuse("An empty list selects nothing.", "Name what is selected, or leave the key out for all.")
    return (value,) if isinstance(value, str) else value


def _fading(value: Any) -> int:
    periods = read_count(value)
    if periods > LONGEST_HORIZON:
        raise refuse(
            f"{periods} is more than the {LONGEST_HORIZON} periods that can be planned.",
            f"Give a number from 0 to {LONGEST_HORIZON}.",
        )
    return periods


Names = Annotated[tuple[Text, ...], BeforeValidator(_listed), Takes("a name, or a list of names", "[a, b]")]
Fading = Annotated[int, BeforeValidator(_fading), Takes(f"a whole number from 0 to {LONGEST_HORIZON}", "2")]
SITE_KEYS = ("region", "operator", "cluster", "site")
PROCESS_KEYS = ("stage", *SITE_KEYS, "resource", "item", "recipe")
DEMAND_KEYS = ("customer", "region", "item", "stage")
LANE_KEYS = ("from", "to", "from_region", "to_region", "item")
TARIFF_KEYS = ("from_region", "to_region", "item")
STOCK_KEYS = ("stage", *SITE_KEYS, "item")


class Where(Part):
    """A selector: a row is selected when every key that is given matches one of its values."""

    stage: Names = ()
    region: Names = ()
    operator: Names = ()
    cluster: Names = ()
    site: Names = ()
    resource: Names = ()
    item: Names = ()
    recipe: Names = ()
    customer: Names = ()
    from_: Names = Field(default=(), alias="from")
    to: Names = ()
    from_region: Names = ()
    to_region: Names = ()

    @property
    def given(self) -> dict[str, Names]:
        """The keys that are given, by the name that files use."""
        values = {(field.alias or name): getattr(self, name) for name, field in Where.model_fields.items()}
        return {name: value for name, value in values.items() if value}


class _Change(Part):
    where: Where = column("what is selected; nothing given = everything", example="{region: TW}", default=Where())
    period: Window = column("periods of the window", default="*")
    recovery: Fading = column("periods after the window over which it fades away, linearly", "periods", default=0)

    selects: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="after")
    def _known_keys(self) -> _Change:
        wrong = [key for key in self.where.given if key not in self.selects]
        if wrong:
            raise refuse(
                f"where cannot name {wrong[0]} in a {getattr(self, 'change', '')} change.",
                f"It can name {', '.join(self.selects)}." if self.selects else "Remove it.",
                f"where.{wrong[0]}",
            )
        return self


class Deviation(_Change):
    """A change of a figure: times a factor, set to a value, or plus an amount."""

    factor: Number | None = column("the figure is multiplied by this", default=None)
    set: Number | None = column("the figure becomes this", default=None)
    add: Number | None = column("this is added to the figure", default=None)

    @model_validator(mode="after")
    def _one_deviation(self) -> Deviation:
        if sum(value is not None for value in (self.factor, self.set, self.add)) != 1:
            raise refuse("A change has exactly one of factor, set and add.", "Give one of the three.")
        if self.factor is not None and self.factor < 0:
            raise refuse(f"The factor {self.factor:.15g} is negative.", "Give a factor of 0 or more.", "factor")
        return self

    def figure(self, base: float, part: float = 1.0) -> float:
        """The figure that `base` becomes, with `part` (0-1) of the deviation in force."""
        if self.factor is not None:
            target = base * self.factor
        elif self.set is not None:
            target = self.set
        else:
            target = base + (self.add or 0.0)
        return base + (target - base) * part if part < 1 else target


class CapacityChange(Deviation):
    """Capacity of resources: `factor` scales rows and options, `set` and `add` the rows."""

    change: Literal["capacity"] = column("type of the change")
    selects: ClassVar[tuple[str, ...]] = PROCESS_KEYS


class OutageChange(_Change):
    """No starts at the selected sites; work under way finishes (`kept`), or nothing leaves either (`held`)."""

    change: Literal["outage"] = column("type of the change")
    pipeline: Literal["kept", "held"] = column("whether work under way and stock can leave", default="kept")
    selects: ClassVar[tuple[str, ...]] = PROCESS_KEYS


class DemandChange(Deviation):
    """Quantities ordered."""

    change: Literal["demand"] = column("type of the change")
    selects: ClassVar[tuple[str, ...]] = DEMAND_KEYS


class PriceChange(Deviation):
    """Selling prices; an empty lost_cost moves with them."""

    change: Literal["price"] = column("type of the change")
    selects: ClassVar[tuple[str, ...]] = DEMAND_KEYS


class UnitCostChange(Deviation):
    """Cost of starting a unit."""

    change: Literal["unit_cost"] = column("type of the change")
    selects: ClassVar[tuple[str, ...]] = PROCESS_KEYS


class FreightChange(Deviation):
    """Freight of lanes, by period of departure."""

    change: Literal["freight"] = column("type of the change")
    selects: ClassVar[tuple[str, ...]] = LANE_KEYS


class TariffChange(Deviation):
    """Duty rates on crossings of a border, by period of departure."""

    change: Literal["tariff"] = column("type of the change")
    selects: ClassVar[tuple[str, ...]] = TARIFF_KEYS


class YieldChange(Deviation):
    """Yields, by period of start."""

    change: Literal["yield"] = column("type of the change")
    selects: ClassVar[tuple[str, ...]] = PROCESS_KEYS


class LeadTimeChange(Deviation):
    """Lead times, rounded up: of lanes if `where` has from or to keys, else of processes."""

    change: Literal["lead_time"] = column("type of the change")
    selects: ClassVar[tuple[str, ...]] = (*PROCESS_KEYS, "from", "to", "from_region", "to_region")

    @model_validator(mode="after")
    def _lanes_or_processes(self) -> LeadTimeChange:
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
        """Whether lanes are meant."""
        return any(key in self.where.given for key in ("from", "to", "from_region", "to_region"))


class LaneCapacityChange(Deviation):
    """Limits of lanes; a lane without a row is unlimited, `set: 0` closes it."""

    change: Literal["lane_capacity"] = column("type of the change")
    selects: ClassVar[tuple[str, ...]] = LANE_KEYS


class StockChange(Deviation):
    """The opening stock; a window has to include the first period, and nothing fades."""

    change: Literal["stock"] = column("type of the change")
    selects: ClassVar[tuple[str, ...]] = STOCK_KEYS


Change = Annotated[
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


CHANGES: dict[str, type[_Change]] = {
    str(get_args(kind.model_fields["change"].annotation)[0]): kind for kind in get_args(get_args(Change)[0])
}
"""The types of changes by the word that names them."""


class Scenario(Part):
    """A named sequence of changes, with a probability where one is known."""

    name: Id = column("id of the scenario", example="taiwan-halt")
    title: Text = column("one line for people", default="")
    probability: Share | None = column("probability; scenarios exclude each other", "share", default=None)
    surprise: YesNo = column("whether it strikes without warning", default=False)
    changes: tuple[Change, ...] = column(
        "changes, applied in order",
        example="[{change: capacity, where: {region: TW}, period: 2027Q2, factor: 0.5}]",
        default=(),
    )
