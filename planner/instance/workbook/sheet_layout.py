"""The layout of a workbook: its sheets, their columns, and the kind of each column."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from planner.instance.fields import USERS_OWN
from planner.instance.kinds import Kind, kinds_of
from planner.instance.policy import Buffer, Limit, Sources
from planner.instance.records import TABLES
from planner.instance.settings import Settings

FRONT, JOINED = f"{USERS_OWN}start", f"{USERS_OWN}lists"
OURS = (FRONT, JOINED)  # sheets that we write beside the tables: a page to start from, and lists for drop-downs
_PART = MappingProxyType({"policy": Kind.ID})
LISTS = {"limits": ("items", "customers"), "buffers": ("items",), "policies": ("options",)}
NO_OPTIONS = "-"  # in `options`, where empty means all
POLICY_PARTS = ("limits", "buffers", "sources")

SHEETS: Mapping[str, Mapping[str, Kind]] = {
    "settings": {"key": Kind.ID, "value": Kind.TEXT},
    "regions": {"region": Kind.ID, "name": Kind.TEXT},
    "region_groups": {"group": Kind.ID, "region": Kind.ID},
    "stages": {"stage": Kind.ID},
    **{table.name: {name: kinds_of(table.record)[name] for name in table.record.columns()} for table in TABLES},
    "policies": {"policy": Kind.ID, "title": Kind.TEXT, "options": Kind.ID},
    "limits": {**_PART, **kinds_of(Limit)},
    "buffers": {**_PART, **kinds_of(Buffer)},
    "sources": {**_PART, **kinds_of(Sources)},
    "scenarios": {"scenario": Kind.ID, "title": Kind.TEXT, "probability": Kind.NUMBER, "surprise": Kind.YES_NO},
    "changes": {
        "scenario": Kind.ID,
        "change": Kind.ID,
        "where": Kind.ID,
        "period": Kind.PERIOD,
        "factor": Kind.NUMBER,
        "set": Kind.NUMBER,
        "add": Kind.NUMBER,
        "recovery": Kind.COUNT,
        "pipeline": Kind.ID,
    },
}
"""The columns of each sheet with their kinds, in the order in which they are written."""

SETTINGS = {
    name: Kind.ID if name in {"periods", "report_periods"} else kind for name, kind in kinds_of(Settings).items()
}
"""The kind of each setting's value."""
