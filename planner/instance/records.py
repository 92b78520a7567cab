"""The tables of an instance: one frozen record class for each table, one described field for each column.

The record gives the meaning, unit and default of each column; `TABLES` says which columns are a table's key. Empty
cells take the default. Every table has a last column `source`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ConfigDict, model_validator

from planner.instance.fields import (
    Amount,
    Count,
    Id,
    IdOrAny,
    Label,
    Name,
    Number,
    Place,
    PositiveAmount,
    Share,
    Text,
    Touched,
    Window,
    YesNo,
    Yield,
    column,
    refuse,
)
from planner.instance.parts import Part


class Record(Part):
    """The base of all rows of tables; it adds the column `source`."""

    model_config = ConfigDict(validate_default=False)

    source: Text = column("where the figures of the row come from", default="")

    @classmethod
    def columns(cls) -> list[str]:
        """The column names in file order, `source` last."""
        names = [field.alias or name for name, field in cls.model_fields.items()]
        return [name for name in names if name != "source"] + ["source"]


class Line(NamedTuple):
    """A resource at a site; a site's own has the id of the site."""

    site: str
    resource: str


class OnALine(Record):
    """A row about a resource at a site."""

    if TYPE_CHECKING:
        site: str
        resource: str | None

    @property
    def line(self) -> Line:
        """The resource that it is about; the site's own where it names none."""
        return Line(self.site, self.resource or self.site)


class Site(Record):
    """A place where items are made, kept or sent on."""

    site: Id = column("id of the site", example="fab-1")
    name: Text = column("name for people", default="")
    region: Id = column("region in which the site stands", example="TW")
    operator: Name = column("company that runs the site; empty = the site itself", default="")
    cluster: Name = column("hazard cluster: sites that one event hits together", default="")
    latitude: Number | None = column("latitude", "degrees", default=None)
    longitude: Number | None = column("longitude", "degrees", default=None)

    @property
    def run_by(self) -> str:
        """The company that runs it; the site itself where no operator is named."""
        return self.operator or self.site


class Item(Record):
    """A component or product; it is made at one stage of the chain."""

    item: Id = column("id of the item", example="chip")
    name: Text = column("name for people", default="")
    stage: Id = column("stage of the chain at which the item is made", example="wafer")
    unit: Text = column("unit in which the item is counted", default="")
    value: Amount = column("value, for duty and holding", "money a unit", default=0.0)
    holding_cost: Amount | None = column("cost of keeping a unit for a period", "money a unit a period", default=None)


class Process(OnALine):
    """A site can make an item, in one way (recipe)."""

    site: Id = column("site that makes the item", example="fab-1")
    item: Id = column("item that is made", example="chip")
    recipe: Id = column("way of making it", default="standard")
    unit_cost: Number = column("cost of starting a unit", "money a unit started", default=0.0)
    yield_: Yield = column("good units out of one unit started", "share", alias="yield", default=1.0)
    lead_time: Count = column("periods from start to finish", "periods", default=0)
    resource: Id | None = column("line whose capacity it uses; empty = the site's own", default=None)
    capacity_use: Amount = column("capacity used by a unit started", "resource units a unit", default=1.0)
    min_lot: Amount = column("smallest lot if any is started in a period", "units started", default=0.0)
    period: Window = column("periods in which it may start (qualification)", default="*")


class Component(Record):
    """An item takes components."""

    item: Id = column("item that is made", example="chip")
    recipe: IdOrAny = column("recipe; a row for a recipe replaces the `*` row of that component", default="*")
    component: Id = column("item that is used", example="die")
    quantity: PositiveAmount = column("units of the component for a unit started", "units a unit")


class Capacity(OnALine):
    """Capacity of a resource at a site."""

    site: Id = column("site of the resource", example="fab-1")
    resource: Id | None = column("resource; empty = the site's own", default=None)
    period: Window = column("periods", default="*")
    capacity: Amount = column("capacity in each of the periods", "resource units a period")
    unit: Text = column("unit of the resource, e.g. wafers", default="")


class Customer(Record):
    """A customer whose orders are planned."""

    customer: Id = column("id of the customer", example="cloud")
    name: Text = column("name for people", default="")
    region: Id = column("region of delivery", example="TW")


class Demand(Record):
    """An order of a customer for an item in a period; rows of one window with equal terms add up."""

    customer: Id = column("customer that orders", example="cloud")
    item: Id = column("item ordered", example="chip")
    period: Window = column("periods; the quantity is due in each", default="*")
    quantity: Amount = column("units ordered", "units")
    price: Amount | None = column("selling price (empty = 0)", "money a unit", default=None)
    late_cost: Amount | None = column(
        "cost of owing a unit for a period; empty = never late", "money a unit a period", default=None
    )
    lost_cost: Amount | None = column("cost of a unit never served; empty = the price", "money a unit", default=None)
    must_serve: Share | None = column(
        "share that must be served in the end; empty = 0, but 1 where neither price nor lost_cost is given",
        "share",
        default=None,
    )


class Lane(Record):
    """Goods can go from a site to a site or customer."""

    from_: Place = column("site, or region:X for every site of a region or group", example="fab-1", alias="from")
    to: Place = column("site or customer, or region:X for every site and customer there", example="osat-1")
    item: IdOrAny = column("item, or * for all", default="*")
    unit_cost: Number = column("freight", "money a unit", default=0.0)
    lead_time: Count = column("periods from departure to arrival", "periods", default=0)
    period: Window = column("periods of departure", default="*")


class LaneCapacity(Record):
    """Limit of what goes over a lane in a period."""

    from_: Place = column("site, or region:X (each of its lanes by itself)", example="fab-1", alias="from")
    to: Place = column("site or customer, or region:X (each by itself)", example="osat-1")
    item: IdOrAny = column("item, or * for all items together", default="*")
    period: Window = column("periods of departure", default="*")
    capacity: Amount = column("units that may leave in a period", "units a period")


class Tariff(Record):
    """Duty on goods that cross a border."""

    from_region: IdOrAny = column("region or group of departure, or *", example="TW")
    to_region: IdOrAny = column("region or group of arrival, or *", example="US")
    item: IdOrAny = column("item, or * for all", default="*")
    rate: Amount = column("duty as a share of the item's value", "share")
    period: Window = column("periods of departure", default="*")


class Stock(Record):
    """Stock of an item at a site: what is there at first, and its bounds."""

    site: Id = column("site", example="fab-1")
    item: Id = column("item", example="chip")
    opening: Amount = column("units at the start of the first period", "units", default=0.0)
    touched: Touched = column("regions that the opening stock has touched beside its site's", default=())
    worked_here: YesNo = column(
        "whether its site has worked on the opening stock; no = it was only brought there, and only touched counts",
        default=True,
    )
    minimum: Amount = column("fewest units at the end of each period", "units", default=0.0)
    maximum: Amount | None = column("most units at the end of each period; empty = no limit", "units", default=None)
    closing_minimum: Amount = column("fewest units at the end of the last period", "units", default=0.0)
    holding_cost: Amount | None = column(
        "cost of keeping a unit for a period; empty = the item's", "money a unit a period", default=None
    )


class Arrival(Record):
    """Units that are already on the way, to a site or to a customer; rows of one window add up."""

    site: Id = column("site at which they arrive, or customer to whom they go", example="fab-1")
    item: Id = column("item", example="chip")
    period: Window = column("periods; the quantity arrives in each")
    quantity: Amount = column("units that arrive", "units")
    touched: Touched = column("regions that they have touched beside the site's", default=())
    worked_here: YesNo = column(
        "whether the site works on them before they arrive; no = they are only brought there, and only touched counts",
        default=True,
    )


class Owed(Record):
    """Units that a customer is owed from before the first period; they are due at once, late at a cost, never lost."""

    customer: Id = column("customer to whom they are owed", example="cloud")
    item: Id = column("item", example="chip")
    quantity: Amount = column("units owed when the first period begins", "units")
    late_cost: Amount | None = column(
        "cost of owing a unit for a period, until an order has a figure of its own; empty = not later than then",
        "money a unit a period",
        default=None,
    )
    lost_cost: Amount = column("cost of a unit that is cancelled after a strike", "money a unit", default=0.0)


class LimitUsed(Record):
    """What of a limit over the horizon was used before the first period, which counts with what follows."""

    policy: Id = column("policy of the limit", example="diversified")
    limit: Id = column("limit, with per: horizon", example="packaging-taiwan")
    of: Text = column("region, group, operator, site or cluster that was counted", example="TW")
    inside: Amount = column("what counted inside; for a floor, what was delivered clear", "weighted units")
    total: Amount = column("all that was in the limit's scope; for a floor, what was ordered", "weighted units")


class Commitment(OnALine):
    """A minimum that has been promised to a supplier (take-or-pay)."""

    commitment: Id = column("id of the contract", example="wafer-contract")
    site: Id = column("site", example="fab-1")
    resource: Id | None = column(
        "resource whose use counts; empty = the site's own, unless an item is given", default=None
    )
    item: Id | None = column("item whose good units count", default=None)
    period: Window = column("periods over which the minimum counts, together", default="*")
    minimum: Amount = column("least good units (item) or resource units used, over the periods", "units")
    shortfall_cost: Amount | None = column("cost of a unit short; empty = must be met", "money a unit", default=None)

    @model_validator(mode="after")
    def _one_measure(self) -> Commitment:
        if self.resource is not None and self.item is not None:
            raise refuse("A commitment counts a resource or an item, not both.", "Leave one of the two empty.")
        return self


class Expansion(OnALine):
    """An option to add capacity to a resource."""

    option: Id = column("id of the option", example="more-packaging")
    site: Id = column("site", example="fab-1")
    resource: Id | None = column("resource; empty = the site's own", default=None)
    period: Label = column("first period in which the capacity counts")
    lead_time: Count = column("periods from the decision to that", "periods", default=0)
    capacity: Amount = column("capacity added in each period from then on", "resource units a period")
    fixed_cost: Amount = column("cost if any of it is bought", "money, once", default=0.0)
    unit_cost: Amount = column("cost of a unit of capacity", "money a resource unit, once", default=0.0)
    all_or_nothing: YesNo = column("whether it can only be bought whole", default=False)
    bought: Share | None = column(
        "share of it that has been bought, no more and no less; empty = still to decide", "share", default=None
    )

    @property
    def most_capacity(self) -> float:
        """The most that it can add in a period, in resource units: all of it, or the share that has been bought."""
        return self.capacity * (1.0 if self.bought is None else self.bought)


class Outage(Record):
    """No starts at a site; written by the outage change, or used directly for a planned shutdown."""

    site: Id = column("site that stands still", example="fab-1")
    item: IdOrAny = column("item whose making stands still, or * for all", default="*")
    recipe: IdOrAny = column("recipe, or * for all", default="*")
    period: Window = column("periods without starts", default="*")
    held: YesNo = column("whether nothing leaves the site either, of any item", default=False)

    def stops(self, site: str, item: str, recipe: str) -> bool:
        """Whether it keeps a process from starting in its periods."""
        return self.site == site and self.item in {item, "*"} and self.recipe in {recipe, "*"}


class ExpansionFactor(Record):
    """Share of an expansion option's capacity that is there; written by the capacity change."""

    option: Id = column("id of the option", example="more-packaging")
    period: Window = column("periods", default="*")
    factor: Amount = column("share of the option's capacity", "share")


class Delivery(Record):
    """What a customer was delivered in a period that has passed; no part of an instance, but of actuals."""

    customer: Id = column("customer", example="cloud")
    item: Id = column("item", example="chip")
    period: Label = column("period that has passed, in which it was delivered")
    quantity: Amount = column("units delivered", "units")


@dataclass(frozen=True)
class Table:
    """A table of the format.

    Attributes:
        name: name of the file (without .csv), of the inline list and of the field of `Instance`.
        record: the class of its rows.
        key: columns that together with the period identify a row.
        required: whether an instance must have it.
    """

    name: str
    record: type[Record]
    key: tuple[str, ...]
    required: bool = False

    @property
    def windowed(self) -> bool:
        """Whether several rows may share a key in windows that do not overlap."""
        return "period" in self.record.model_fields and self.record not in (Commitment, Expansion)

    def key_of(self, row: Record) -> tuple[Any, ...]:
        """The values of a row in the key columns of the table."""
        return tuple(getattr(row, FIELD_OF.get(name, name)) for name in self.key)


FIELD_OF: dict[str, str] = {"from": "from_", "yield": "yield_"}

TABLES: tuple[Table, ...] = (
    Table("sites", Site, ("site",), required=True),
    Table("items", Item, ("item",), required=True),
    Table("processes", Process, ("site", "item", "recipe"), required=True),
    Table("components", Component, ("item", "recipe", "component")),
    Table("capacities", Capacity, ("site", "resource")),
    Table("customers", Customer, ("customer",), required=True),
    Table("demand", Demand, ("customer", "item"), required=True),
    Table("lanes", Lane, ("from", "to", "item"), required=True),
    Table("lane_capacities", LaneCapacity, ("from", "to", "item")),
    Table("tariffs", Tariff, ("from_region", "to_region", "item")),
    Table("stocks", Stock, ("site", "item")),
    Table("arrivals", Arrival, ("site", "item", "touched", "worked_here")),
    Table("owed", Owed, ("customer", "item")),
    Table("limits_used", LimitUsed, ("policy", "limit", "of")),
    Table("commitments", Commitment, ("commitment",)),
    Table("expansions", Expansion, ("option",)),
    Table("outages", Outage, ("site", "item", "recipe", "held")),
    Table("expansion_factors", ExpansionFactor, ("option",)),
)

TABLE: dict[str, Table] = {table.name: table for table in TABLES}
RECORDS: dict[str, type[Record]] = {**{table.name: table.record for table in TABLES}, "deliveries": Delivery}
