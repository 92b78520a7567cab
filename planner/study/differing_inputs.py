"""What differs between the inputs of two plans: data, policy, scenario, and whether that came without warning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from planner.instance.instance import row_mapping
from planner.instance.records import TABLES
from planner.plan.plan import Plan
from planner.study.stress.surprise import strike_of


def differing_inputs(first: Plan, second: Plan) -> pd.DataFrame:
    """The settings, rows, policy parts and scenario parts that differ between two plans.

    Where one of them was struck by its scenario and the other was not, or in another period, there is a row of the kind
    `strike`.
    """
    rows: list[dict[str, Any]] = []

    def differ(kind: str, key: str, one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> None:
        if one is None or other is None:
            rows.append(
                {
                    "kind": kind,
                    "key": key,
                    "field": "",
                    "first": "there" if one is not None else "-",
                    "second": "there" if other is not None else "-",
                }
            )
            return
        rows.extend(
            {"kind": kind, "key": key, "field": name, "first": _text(one.get(name)), "second": _text(other.get(name))}
            for name in sorted({*one, *other})
            if one.get(name) != other.get(name) and name != "source"
        )

    settings = [plan.instance.settings.model_dump(by_alias=True, mode="json") for plan in (first, second)]
    differ("settings", "", settings[0], settings[1])
    for table in TABLES:
        keyed = [_keyed(table.name, plan) for plan in (first, second)]
        for key in sorted({*keyed[0], *keyed[1]}):
            differ(table.name, key, keyed[0].get(key), keyed[1].get(key))
    for kind, lists in (("policy", ("limits", "buffers", "sources")), ("scenario", ("changes",))):
        parts = [_parts(getattr(plan, kind), lists) for plan in (first, second)]
        for key in sorted({*parts[0], *parts[1]}):
            differ(kind, key, parts[0].get(key), parts[1].get(key))
    comes = [_comes(plan) for plan in (first, second)]
    if comes[0] != comes[1] and any(map(is_struck, (first, second))):
        rows.append({"kind": "strike", "key": "", "field": "", "first": comes[0], "second": comes[1]})
    return pd.DataFrame(rows, columns=["kind", "key", "field", "first", "second"])


def _parts(value: Any, lists: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """A policy or scenario as mappings: its own fields, and each entry of its lists by name or position."""
    if value is None:
        return {}
    dumped = value.model_dump(by_alias=True, exclude_defaults=True, mode="json")
    parts = {"": {name: part for name, part in dumped.items() if name not in lists}}
    for name in lists:
        for position, part in enumerate(dumped.get(name, ())):
            parts[f"{name}/{part.get('name', position)}"] = part
    return parts


def _keyed(name: str, plan: Plan) -> dict[str, dict[str, Any]]:
    table = next(table for table in TABLES if table.name == name)
    keyed = {}
    for row in getattr(plan.instance, name):
        key = [str(part) for part in table.key_of(row) if part not in (None, ())]
        if getattr(row, "period", "*") != "*":
            key.append(row.period)
        keyed["/".join(key)] = row_mapping(row)
    return keyed


def _text(value: Any) -> str:
    return "-" if value is None else str(value)


def is_struck(plan: Plan) -> bool:
    """Whether it was made after a strike: what came before is frozen, and promises could be broken."""
    return "recourse" in plan.tables


def _comes(plan: Plan) -> str:
    """How the scenario of a plan comes, in words."""
    if plan.scenario is None or not plan.scenario.changes:
        return "-"
    if not is_struck(plan):
        return "known from the first period"
    return f"without warning, from {plan.instance.periods.labels[strike_of(plan.instance, plan.scenario)]}"
