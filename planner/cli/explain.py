"""The command `planner explain`: pages of help, the mathematics, or one order of a run traced back."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import click

from planner.cli.keeping import is_a_run, named_run
from planner.cli.options import json_failures, json_option, print_json
from planner.cli.show import console, figure, heading, percentage, print_table, print_text
from planner.errors import UsageError, nearest
from planner.text.json_values import records

if TYPE_CHECKING:
    import pandas as pd
    from pydantic import BaseModel

    from planner.plan.plan import Plan
    from planner.plan.pools import Order

MOST_ROUTES = 12
EXAMPLES = 3


@click.command(
    short_help="How to start, data, mathematics; or one order traced back.",
    epilog="Example: planner explain runs/base --order chicago/cases/1",
)
@click.argument("name", metavar="NAME|RUN")
@click.argument("table", metavar="[TABLE]", required=False)
@click.option(
    "--order",
    metavar="CUSTOMER/ITEM/PERIOD",
    help="Trace what a run delivers for an order in a period back to the sites of every stage.",
)
@json_option
@json_failures
def explain(name: str, table: str | None, order: str | None, *, as_json: bool) -> int:
    """How to start, the words, the data and the mathematics; or one order of a run, traced back.

    NAME is `start` (your own instance, step by step), `glossary`, `scenarios`, `sweep`, `data TABLE` (columns, an
    example, the commonest mistakes), `data` (every table, policy and scenario field), `results` (every column of the
    tables of a plan), `model` (every decision, rule and cost), or the name of one rule, decision, cost or table. With
    --order it is a RUN.
    """
    from planner.report.guides import GUIDES

    if order is not None:
        return _explain_order(name, order, as_json=as_json)
    texts = _texts()
    if table is None and name not in texts and not is_a_run(name):
        name = _as_named(name, {*GUIDES, "data", "model", *texts})
    if table is not None or name in GUIDES:
        return _explain_page(name, table, as_json=as_json)
    if name in {"model", "data"}:
        wanted = [text for kind, text in texts.values() if (kind == "table") == (name == "data")]
    elif name in texts:
        wanted = [texts[name][1]]
    elif is_a_run(name):
        raise UsageError(_which_order(name))
    else:
        raise UsageError(
            f"There is nothing to explain under '{name}'. {nearest(name, [*GUIDES, 'data', 'model', *texts])}"
        )
    if as_json:
        print_json({"schema_version": 1, "name": name, "texts": wanted})
        return 0
    for text in wanted:
        print_text(f"{text}\n")
    return 0


def _as_named(name: str, known: Collection[str]) -> str:
    """The known name that a text means: the text itself, or its singular or plural."""
    forms = (name, f"{name}s", name.removesuffix("s"), f"{name.removesuffix('ies')}y")
    return next((form for form in forms if form in known), name)


def _explain_page(name: str, table: str | None, *, as_json: bool) -> int:
    """A page of help; on a terminal page by page."""
    from planner.report.guides import guide, table_page

    if table is not None and name != "data":
        raise UsageError(f"'{name}' takes no second name. Write `planner explain data {table}` for a table.")
    text = guide(name) if table is None else table_page(table)
    if as_json:
        print_json({"schema_version": 1, "name": name if table is None else table, "texts": [text]})
        return 0
    out = console()
    with out.pager() if out.is_terminal and text.count("\n") >= out.height else contextlib.nullcontext():
        print_text(text.rstrip())
    return 0


def _which_order(run: str) -> str:
    """The message for a run that is named without an order."""
    service = named_run(run).plan.service
    served = service[service["delivered"] > 0]
    orders = (served if len(served) else service)[["customer", "item", "period"]].head(EXAMPLES)
    examples = ", ".join("/".join(row) for row in orders.itertuples(index=False, name=None))
    return (
        f"{run} is a run. Say which of its {len(service)} orders, a customer, item and period, shall be traced back: "
        f"--order CUSTOMER/ITEM/PERIOD, for example {examples or 'shop/unit/1'}."
    )


def _explain_order(run: str, text: str, *, as_json: bool) -> int:
    """Print where an order of a run came from."""
    from planner.plan.allocation import Trace, stage_columns

    plan = named_run(run).plan
    trace = Trace(plan.instance, plan.tables)
    order, served = trace.order(text)
    sites, routes, touched = trace.sites(order), trace.routes(order), trace.touched(order)
    if as_json:
        stages = stage_columns(plan.instance)
        customer, item, period = text.split("/")
        print_json(
            {
                "schema_version": 1,
                "order": {"customer": customer, "item": item, "period": period, **served},
                "convention": trace.convention,
                "touched": records(touched),
                "sites": records(sites),
                "routes": [
                    {"sites": {name: row[name] for name in stages}, "quantity": row["quantity"], "share": row["share"]}
                    for row in records(routes)
                ],
            }
        )
        return 0
    out = console()
    out.print(heading(text, f" in {plan.name}"))
    older = _owed_before(plan, order)
    owed = f"owed from before {figure(older)}, " if older else ""
    out.print(
        f"ordered {figure(served['demand'])}, {owed}delivered in the period {figure(served['delivered'])}, "
        f"still owed at its end {figure(served['late'])}, lost {figure(served['lost'])}"
    )
    if served["delivered"] <= 0:
        service = plan.service[plan.service["delivered"] > 0]
        other = service.loc[
            (service["customer"] == order.customer) & (service["item"] == order.item), "period"
        ].tolist()
        when = f"in {', '.join(other)}" if other else "in no period"
        out.print(f"Nothing is delivered in this period; {order.customer} gets {order.item} {when}.", markup=False)
        return 0
    out.print()
    _print_sites(sites)
    out.print()
    if len(touched):
        print_table(touched.replace({"touched": {"": "nothing"}}), "Touched, of what is watched", shares=["share"])
        out.print()
    print_table(routes, "Routes: units of the order by the sites they came by", shares=["share"], limit=MOST_ROUTES)
    out.print()
    out.print(trace.convention, markup=False)
    return 0


def _owed_before(plan: Plan, order: Order) -> float:
    """Units of an order's customer and item that are owed when its period begins."""
    if order.period == 0:
        rows = plan.instance.owed
        return sum(row.quantity for row in rows if (row.customer, row.item) == (order.customer, order.item))
    service, last = plan.service, plan.instance.periods.labels[order.period - 1]
    own = (service["customer"] == order.customer) & (service["item"] == order.item) & (service["period"] == last)
    return float(service.loc[own, "late"].sum())


def _print_sites(sites: pd.DataFrame) -> None:
    """A tree: each stage from last to first, its items, and the sites of each."""
    from rich.table import Table

    grid = Table(box=None, pad_edge=False)
    for name in ("traced back", "region", "operator", "started in"):
        grid.add_column(name, no_wrap=True)
    for name in ("started", "good units", "share"):
        grid.add_column(name, justify="right")
    stage = None
    for (_, item), group in sites.groupby(["stage", "item"], sort=False):
        rows: list[dict[str, Any]] = group.to_dict("records")
        if rows[0]["stage"] != stage:
            stage = rows[0]["stage"]
            grid.add_row(heading(str(stage)))
        grid.add_row(f"  {item}", "", "", "", "", figure(float(group["units"].sum())), "")
        for row in rows:
            last = "" if row["last"] == row["first"] else f"..{row['last']}"
            words = [row["site"], row["region"], row["operator"], f"{row['first']}{last}"]
            words[0] = f"    {words[0]}"
            figures = [figure(row["started"]), figure(row["units"]), percentage(row["share"])]
            grid.add_row(*(str(word) for word in words), *figures)
    out = console()
    out.width = max(out.width, out.measure(grid).maximum)
    out.print(grid)


def _texts() -> dict[str, tuple[str, str]]:
    """(kind, text) of everything that has a name."""
    from planner.instance.changes.catalogue import CHANGES
    from planner.instance.changes.where import Where
    from planner.instance.policy import Buffer, Limit, Policy, Sources
    from planner.instance.records import TABLES
    from planner.instance.scenario import Scenario
    from planner.instance.settings import Calendar, Settings
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
        "calendar": Calendar,
        "policy": Policy,
        "limits": Limit,
        "buffers": Buffer,
        "sources": Sources,
        "scenario": Scenario,
        "where": Where,
    }
    for name, part in parts.items():
        found[name] = ("table", _fields(name, part, ()))
    for name, change in CHANGES.items():
        found[f"{name} (change)"] = ("table", _fields(f"change: {name}", change, (), change.selects))
    return found


def _fields(
    name: str, part: type[BaseModel], key: Sequence[str], selects: Sequence[str] = (), *, required: bool = False
) -> str:
    """The fields of a table or of a part of a policy or scenario, one a line."""
    from planner.instance.field_types import fields_of

    meaning = inspect.cleandoc(part.__doc__ or "")
    lines = [f"{name}{'   (required)' if required else ''}: {meaning}"]
    types = fields_of(part)
    fields = sorted(part.model_fields.items(), key=lambda item: item[0] == "source")
    for field_name, field in fields:
        extra = field.json_schema_extra
        unit = extra.get("unit") if isinstance(extra, dict) else None
        label = field.alias or field_name
        takes = types[label].takes
        mark = " (key)" if label in key else ""
        values = ", ".join(str(text) for text in ("" if takes.plain else takes.words, unit) if text)
        default = "required" if field.is_required() else f"default: {_default(field.default)}"
        meaning = f": {field.description}" if field.description else ""
        lines.append(f"    {label}{mark}{meaning} [{'; '.join(text for text in (values, default) if text)}]")
    if selects:
        lines.append(f"    where can name {', '.join(selects)}")
    return "\n".join(lines)


def _default(value: object) -> str:
    from pydantic import BaseModel

    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in (None, "", (), {}) or isinstance(value, BaseModel):
        return "empty"
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return f"{value:g}" if isinstance(value, float) else str(value)
