"""The instance: settings, tables, policies and scenarios as one immutable value."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from operator import attrgetter
from typing import Any

from pydantic import ConfigDict

from planner.errors import UsageError, nearest
from planner.instance.bill import Bill
from planner.instance.parts import Part
from planner.instance.periods import Periods
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
from planner.instance.settings import Settings


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

    def __hash__(self) -> int:
        """Equal for equal instances, so that one can be the key of a dictionary or of a cache."""
        return hash(self.content_hash)

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

    @cached_property
    def report_labels(self) -> tuple[str, ...]:
        """Labels of the periods whose figures are reported."""
        return tuple(self.periods.labels[position] for position in self.report_periods)

    @cached_property
    def stage_of(self) -> dict[str, str]:
        """The stage of each item."""
        return {row.item: row.stage for row in self.items}

    @cached_property
    def value_of(self) -> dict[str, float]:
        """The value of each item, in money a unit."""
        return {row.item: row.value for row in self.items}

    @cached_property
    def region_of(self) -> dict[str, str]:
        """The region of each site."""
        return {row.site: row.region for row in self.sites}

    @cached_property
    def site_ids(self) -> frozenset[str]:
        """The ids of all sites."""
        return frozenset(row.site for row in self.sites)

    @cached_property
    def customer_ids(self) -> frozenset[str]:
        """The ids of all customers."""
        return frozenset(row.customer for row in self.customers)

    def group_of(self, over: str) -> dict[str, str]:
        """For each site its region, operator, cluster or own id, as `over` says; empty for no cluster."""
        group = attrgetter("run_by" if over == "operator" else over)
        return {row.site: group(row) for row in self.sites}

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

    @cached_property
    def bill(self) -> Bill:
        """The bill of materials."""
        return Bill.of(self.components)

    @property
    def due(self) -> tuple[Demand | Owed, ...]:
        """The orders, and what is owed from before the first period."""
        return (*self.demand, *self.owed)

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

    def replace(self, settings: Settings | None = None, **tables: Any) -> Instance:
        """A copy with some tables replaced, and the settings where they are given; rows are sorted again."""
        fields: dict[str, Any] = {name: getattr(self, name) for name in Instance.model_fields}
        fields |= {name: canonical(name, rows) for name, rows in tables.items()}
        fields["settings"] = self.settings if settings is None else settings
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
