"""The instance: settings, tables, policies and scenarios as one immutable value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Discriminator, Tag, model_validator

from planner.errors import UsageError, nearest
from planner.instance.fields import Amount, Count, Id, Label, Takes, Text, Window, column, refuse
from planner.instance.parts import Part
from planner.instance.periods import CALENDARS, HORIZON, LONGEST_HORIZON, PERIODS_A_YEAR, PeriodError, Periods
from planner.instance.policy import Policy
from planner.instance.records import (
    FIELD_OF,
    TABLE,
    TABLES,
    Arrival,
    Capacity,
    Commitment,
    Component,
    Customer,
    Demand,
    Expansion,
    ExpansionFactor,
    Item,
    Lane,
    LaneCapacity,
    LimitUsed,
    Outage,
    Owed,
    Process,
    Record,
    Site,
    Stock,
    Tariff,
)
from planner.instance.scenario import Scenario

SCHEMA_VERSION = 1


class Calendar(Part):
    """Calendar periods: the first one, how many, and their length."""

    first: Label = column("label of the first period: 2027-W05, 2027-01, 2027Q1 or 2027, as the length asks")
    count: Annotated[Count, Takes(f"a whole number from 1 to {LONGEST_HORIZON}", "8")] = column("number of periods")
    length: Literal["week", "month", "quarter", "year"] = column("length of a period; weeks are those of ISO 8601")

    @model_validator(mode="after")
    def _readable(self) -> Self:
        """Refuse a calendar whose first label, count or length do not fit together."""
        try:
            Periods.calendar(self.first, self.count, self.length)
        except PeriodError as error:
            raise refuse(error.message, error.remedy, error.field) from None
        return self


def _calendar(value: Any) -> Any:
    """`2027Q1..2027Q4` as the calendar that it means."""
    if not isinstance(value, str):
        return value
    try:
        periods = Periods.between(value)
    except PeriodError as error:
        raise refuse(error.message, error.remedy) from None
    return {"first": periods.labels[0], "count": len(periods), "length": periods.length}


def _form(value: Any) -> str | None:
    """The form in which a calendar is given, `calendar` or `labels`, for pydantic's discriminator."""
    if isinstance(value, Calendar | Mapping):
        return "calendar"
    return "labels" if isinstance(value, list | tuple) else None


CalendarOrLabels = Annotated[
    Annotated[Calendar, Tag("calendar")] | Annotated[tuple[Id, ...], Tag("labels")],
    Discriminator(_form),
    BeforeValidator(_calendar),
    Takes(CALENDARS, "", closed=True),
]


class Settings(Part):
    """The settings of an instance (instance.yaml)."""

    schema_version: Count = column("version of the format", default=SCHEMA_VERSION)
    name: Id = column("id of the instance", example="accelerators")
    title: Text = column("one line for people", default="")
    as_of: Text = column(
        "date of the data, as people write it; a report says of decisions due before it that they are past",
        example="May 2026",
        default="",
    )
    currency: Text = column("currency of all money", default="USD")
    calendar: CalendarOrLabels = column("calendar periods, or a list of plain labels", alias="periods", default=("1",))
    report_window: Window = column("window of the periods that are reported", alias="report_periods", default="*")
    regions: dict[Id, Text] = column("names of regions", example="{TW: Taiwan, US: United States}", default={})
    region_groups: dict[Id, tuple[Id, ...]] = column("groups of regions", example="{east-asia: [TW, KR]}", default={})
    stages: tuple[Id, ...] = column(
        "order of the chain; default: order of appearance", example="[wafer, packaging, test]", default=()
    )
    discount_rate: Amount = column("discount rate a year; with plain labels, a period", "share", default=0.0)
    holding_rate: Amount = column(
        "share of an item's value a period, where holding_cost is empty", "share", default=0.0
    )
    stock: Literal["anywhere", "listed"] = column("anywhere, or only where `stocks` has a row", default="anywhere")
    elapsed: Count = column(
        "periods between the one to whose start money is discounted and the first; above 0 after a roll",
        "periods",
        default=0,
    )

    @model_validator(mode="after")
    def _readable(self) -> Self:
        """Refuse an unknown schema version, and periods that are empty, repeated or have reserved labels."""
        if self.schema_version != SCHEMA_VERSION:
            raise refuse(
                f"schema_version {self.schema_version} is not known.",
                f"This planner reads {SCHEMA_VERSION}.",
                "schema_version",
            )
        periods = self.periods
        if not periods.labels:
            raise refuse("The list of periods is empty.", f"Write {CALENDARS}.", "periods")
        if len(set(periods.labels)) != len(periods):
            ordered = sorted(periods.labels)
            twice = next(label for label, other in pairwise(ordered) if label == other)
            raise refuse(f"Two periods have the same label, {twice}.", "Give each period its own label.", "periods")
        for label in periods.labels:
            if label in {HORIZON, "*"} or ".." in label:
                raise refuse(
                    f"No period can be called '{label}': tables mean something else by it.",
                    "Give the period another label.",
                    "periods",
                )
        try:
            periods.window(self.report_window)
        except PeriodError as error:
            raise refuse(error.message, error.remedy, "report_periods") from None
        return self

    @property
    def periods(self) -> Periods:
        """The planned periods that the calendar or the list of labels describes."""
        if isinstance(self.calendar, Calendar):
            return Periods.calendar(self.calendar.first, self.calendar.count, self.calendar.length)
        return Periods(self.calendar)


class Instance(Part):
    """Everything that is given; tables are tuples of records, sorted by key, so that no row order matters.

    Build one with `planner.load_instance`, which checks it. `policies` and `scenarios` are sorted by name.
    """

    model_config = ConfigDict(ignored_types=(cached_property,))

    settings: Settings
    sites: tuple[Site, ...] = ()
    items: tuple[Item, ...] = ()
    processes: tuple[Process, ...] = ()
    components: tuple[Component, ...] = ()
    capacities: tuple[Capacity, ...] = ()
    customers: tuple[Customer, ...] = ()
    demand: tuple[Demand, ...] = ()
    lanes: tuple[Lane, ...] = ()
    lane_capacities: tuple[LaneCapacity, ...] = ()
    tariffs: tuple[Tariff, ...] = ()
    stocks: tuple[Stock, ...] = ()
    arrivals: tuple[Arrival, ...] = ()
    owed: tuple[Owed, ...] = ()
    limits_used: tuple[LimitUsed, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    expansions: tuple[Expansion, ...] = ()
    outages: tuple[Outage, ...] = ()
    expansion_factors: tuple[ExpansionFactor, ...] = ()
    policies: tuple[Policy, ...] = ()
    scenarios: tuple[Scenario, ...] = ()

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(getattr(self, name, ()))} {name}" for name in ("sites", "items", "customers"))
        return f"<Instance {self.settings.name}: {sizes}, {len(self.periods)} periods>"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """The instance in a notebook: its calendar and chain, and how many rows each table has."""
        from planner.instance.instance_summary import instance_summary
        from planner.text.html import html_of

        return html_of(instance_summary(self))

    @cached_property
    def periods(self) -> Periods:
        """The planned periods, in order."""
        return self.settings.periods

    @cached_property
    def report_periods(self) -> range:
        """Positions of the periods whose figures are reported."""
        return self.periods.window(self.settings.report_window)

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """Every region that sites and customers use, sorted."""
        return tuple(sorted({*(site.region for site in self.sites), *(row.region for row in self.customers)}))

    @property
    def region_groups(self) -> dict[str, tuple[str, ...]]:
        """The regions of each region group, by the group's id."""
        return self.settings.region_groups

    def regions_of(self, name: str) -> tuple[str, ...]:
        """The regions that a region or group stands for."""
        return self.region_groups.get(name, (name,))

    @cached_property
    def stages(self) -> tuple[str, ...]:
        """The stages in order of the chain; without a list in the settings, in order of appearance in the items."""
        return self.settings.stages or tuple(dict.fromkeys(row.stage for row in self.items))

    def policy(self, name: str) -> Policy:
        """The policy called `name`.

        Raises:
            UsageError: there is none.
        """
        return _named(self.policies, name, "policy")

    def scenario(self, name: str) -> Scenario:
        """The scenario called `name`.

        Raises:
            UsageError: there is none.
        """
        return _named(self.scenarios, name, "scenario")

    def replace(self, **tables: Any) -> Instance:
        """A copy with some tables replaced; rows are sorted again."""
        fields: dict[str, Any] = {name: getattr(self, name) for name in Instance.model_fields}
        fields |= {name: canonical(name, rows) for name, rows in tables.items()}
        return Instance.model_construct(None, **fields)  # not model_copy, which would copy cached values too

    def only(self, *tables: str) -> Instance:
        """A part of the instance: settings, sites, items and customers, and those other tables that are named.

        Building steps get such parts, which compare equal where nothing differs that the step can see.
        """
        kept = {"settings", "sites", "items", "customers", *tables}
        return Instance.model_construct(None, **{name: getattr(self, name) for name in kept})

    def as_mapping(self) -> dict[str, Any]:
        """The instance as one mapping in the file format: settings, then tables, policies, scenarios.

        Fields at their default are left out; reading it back gives an equal instance.
        """
        settings = self.settings.model_dump(by_alias=True, exclude_defaults=True, mode="json")
        mapping: dict[str, Any] = {"schema_version": self.settings.schema_version, **settings}
        mapping["stages"] = list(self.stages)
        for table in TABLES:
            rows = getattr(self, table.name)
            if rows:
                mapping[table.name] = [row_mapping(row) for row in rows]
        for name in ("policies", "scenarios"):
            values = getattr(self, name)
            if values:
                mapping[name] = [
                    value.model_dump(by_alias=True, exclude_defaults=True, mode="json") for value in values
                ]
        return mapping

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of the content: equal for equal instances, whatever their files and row order."""
        text = json.dumps(self.as_mapping(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def row_mapping(row: Record) -> dict[str, Any]:
    """A row as a mapping by column name, without fields at their default."""
    values = row.model_dump(by_alias=True, exclude_defaults=True, mode="json")
    if "touched" in values:
        values["touched"] = "+".join(values["touched"])
    return values


def canonical(name: str, rows: Any) -> tuple[Any, ...]:
    """The rows of a table sorted by key, window and content, so that the order in files does not matter."""
    if name not in TABLE:
        return tuple(sorted(rows, key=lambda row: row.name))
    table = TABLE[name]
    keys = [FIELD_OF.get(key, key) for key in table.key]

    def order(row: Record) -> tuple[str, ...]:
        return (*(str(getattr(row, key) or "") for key in keys), str(getattr(row, "period", "")))

    return tuple(sorted(rows, key=order))


def _named[Part: (Policy, Scenario)](values: tuple[Part, ...], name: str, kind: str) -> Part:
    for value in values:
        if value.name == name:
            return value
    raise UsageError(f"There is no {kind} '{name}'. {nearest(name, [value.name for value in values])}")


__all__ = ["PERIODS_A_YEAR", "SCHEMA_VERSION", "Calendar", "Instance", "Settings", "canonical", "row_mapping"]
