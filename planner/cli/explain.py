"""planner explain."""

from __future__ import annotations

import inspect

import click

from planner.cli.show import console
from planner.errors import UsageError, nearest


@click.command(epilog="Example: planner explain capacity")
@click.argument("name")
def explain(name: str) -> int:
    """The mathematics and the data, in words and formulas.

    NAME is `model` (every decision, rule and cost), `data` (every table and column), or the name of one rule,
    decision, cost or table.
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
    from planner.instance.records import TABLES
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
        meaning = inspect.cleandoc(table.record.__doc__ or "")
        lines = [f"{table.name}   table{' (required)' if table.required else ''}: {meaning}"]
        for field_name, field in table.record.model_fields.items():
            extra = field.json_schema_extra
            unit = extra.get("unit") if isinstance(extra, dict) else None
            label = field.alias or field_name
            key = " (key)" if label in table.key else ""
            default = "" if field.is_required() else f" [default: {_default(field.default)}]"
            lines.append(f"    {label}{key}: {field.description}{f', {unit}' if unit else ''}{default}")
        found.setdefault(table.name, ("table", "\n".join(lines)))
        if found[table.name][0] != "table":
            found[f"{table.name} (table)"] = ("table", "\n".join(lines))
    return found


def _default(value: object) -> str:
    return "empty" if value in (None, "", ()) else str(value)
