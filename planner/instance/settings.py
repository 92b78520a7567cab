"""The settings of an instance: its periods, currency, regions, stages and rates, as instance.yaml holds them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Tag, model_validator

from planner.instance.fields import Accepted, Amount, Count, Id, Label, Text, Window, YesNo, column, refuse
from planner.instance.parts import Part
from planner.instance.periods import CALENDARS, HORIZON, LONGEST_HORIZON, PeriodError, Periods

SCHEMA_VERSION = 1


class Calendar(Part):
    """Calendar periods: the first one, how many, and their length."""

    first: Label = column("label of the first period: 2027-W05, 2027-01, 2027Q1 or 2027, as the length asks")
    count: Annotated[Count, Accepted(f"a whole number from 1 to {LONGEST_HORIZON}", "8")] = column("number of periods")
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
    Accepted(CALENDARS, "", closed=True),
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
    after_scenario: YesNo = column(
        "whether a scenario has changed the tables, so that what it makes too late or leaves without a source is no "
        "mistake in them; written with the instance of a run where that is so",
        default=False,
    )

    @model_validator(mode="after")
    def _readable(self) -> Self:
        """Refuse an unknown schema version, periods that are empty, repeated or reserved, and a stage named twice."""
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
        for position, stage in enumerate(self.stages):
            if stage in self.stages[:position]:
                at = f"stages.{position}"
                raise refuse(f"The stage {stage} stands twice in the order.", "Name each stage once.", at)
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

    def region_name(self, region: str) -> str:
        """A region as people call it: by its name, by its id where it has none, by both where two have one name."""
        name = self.regions.get(region) or region
        alike = sum((words or other) == name for other, words in self.regions.items())
        return f"{name} ({region})" if alike > 1 else name

    @property
    def as_written(self) -> bool:
        """Whether the tables are as somebody wrote them: neither rolled on nor changed by a scenario."""
        return not (self.elapsed or self.after_scenario)
