"""planner explain."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

import click
from pydantic import BaseModel

from planner.cli.show import console
from planner.errors import UsageError, nearest


@click.command(epilog="Example: planner explain capacity")
@click.argument("name")
def explain(name: str) -> int:
    """The mathematics and the data, in words and formulas.

    NAME is `model` (every decision, rule and cost), `data` (every table, policy and scenario field), or the name of
    one rule, decision, cost or table.
    """
    texts = _texts()
    out = console()
    if name in {"model", "data"}:
        wanted = [text for kind, text in texts.values() if (kind == "table") == (name == "data")]
    elif name in texts:
        wanted = [texts[name][1]]
    else:
        raise UsageError(f"There is nothing to explain under '{name}'. {nearest(name, [*texts, 'model', 'data'])}")
    for text in wanted:
        out.print(text, markup=False, soft_wrap=True)
        out.print()
    return 0


def _texts() -> dict[str, tuple[str, str]]:
    """(kind, text) of everything that has a name."""
    from planner.instance.applying import APPLY
    from planner.instance.instance import Settings
    from planner.instance.policy import Buffer, Limit, Policy, Sources
    from planner.instance.records import TABLES
    from planner.instance.scenario import Scenario, Where
    from planner.model.catalogue import BLOCKS, COSTS, FAMILIES

    found: dict[str, tuple[str, str]] = {}
    for block in BLOCKS:
        head = f"{block.name}[{', '.join(block.keys)}]   decision, {block.unit}"
        found[block.name] = ("decision", f"{head}\n    {block.meaning}")
    for cost in COSTS:
        found[cost.name] = ("cost", f"{cost.name}   cost component, money\n    {cost.meaning}\n    {cost.formula}")
    for family in FAMILIES:
        body = "\n".join(f"    {line}".rstrip() for line in family.doc.splitlines())
        head = f"{family.name}[{', '.join(family.over)}]   rule, {family.sense}, {family.unit}"
        found[family.name] = ("rule", f"{head}\n{body}")
    for table in TABLES:
        found.setdefault(table.name, ("table", _fields(table.name, table.record, table.key, required=table.required)))
        if found[table.name][0] != "table":
            text = _fields(table.name, table.record, table.key, required=table.required)
            found[f"{table.name} (table)"] = ("table", text)
    parts: dict[str, type[BaseModel]] = {
        "settings": Settings,
        "policy": Policy,
        "limits": Limit,
        "buffers": Buffer,
        "sources": Sources,
        "scenario": Scenario,
        "where": Where,
    }
    for name, part in parts.items():
        found[name] = ("table", _fields(name, part, ()))
    for change in APPLY:
        name = str(change.model_fields["change"].annotation.__args__[0])
        found[f"{name} (change)"] = ("table", _fields(f"change: {name}", change, (), change.selects))
    return found


def _fields(
    name: str, part: type[BaseModel], key: Sequence[str], selects: Sequence[str] = (), *, required: bool = False
) -> str:
    """The fields of a table or of a part of a policy or scenario, one a line."""
    meaning = inspect.cleandoc(part.__doc__ or "")
    lines = [f"{name}{'   (required)' if required else ''}: {meaning}"]
    fields = sorted(part.model_fields.items(), key=lambda item: item[0] == "source")
    for field_name, field in fields:
        extra = field.json_schema_extra
        unit = extra.get("unit") if isinstance(extra, dict) else None
        label = field.alias or field_name
        mark = " (key)" if label in key else ""
        default = "" if field.is_required() else f" [default: {_default(field.default)}]"
        meaning = f": {field.description}{f', {unit}' if unit else ''}" if field.description else ""
        lines.append(f"    {label}{mark}{meaning}{default}")
    if selects:
        lines.append(f"    where can name {', '.join(selects)}")
    return "\n".join(lines)


def _default(value: object) -> str:
    return "empty" if value in (None, "", (), {}) or isinstance(value, BaseModel) else str(value)
