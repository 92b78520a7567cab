"""How tables and plans look on a terminal."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from planner.cli.answer import answer

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from planner.cli.wide_tables import Column
    from planner.plan.plan import Plan
    from planner.solve.certificate import Certificate
    from planner.text.blocks import Block

NARROWEST = 120
NOISE = 1e-9  # of the amounts that are added up: a total below it is zero
SPACE = "\u00a0"  # does not break


def console() -> Console:
    """The console for results; wide enough for tables where it is no terminal."""
    from planner.cli.plain_console import PlainConsole

    found = PlainConsole(file=answer())
    return found if found.is_terminal else PlainConsole(file=answer(), width=max(NARROWEST, found.width))


def heading(words: str, rest: str = "") -> Text:
    """Bold words, and what follows them as it is."""
    from rich.text import Text

    return Text.assemble((words, "bold"), rest)


def accent(words: str) -> Text:
    """Words in the one colour that this tool has: what binds. Without colour (NO_COLOR, a pipe) they are plain."""
    from rich.text import Text

    return Text(words, style="yellow")


def figure(value: Any) -> str:
    """A figure as people read it; where there is no end to it `no limit`."""
    from planner.text.figures import NO_LIMIT

    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if isinstance(value, str):
        return value
    number = float(value)
    if number == math.inf:
        return NO_LIMIT
    if number == 0:
        return "0"
    size = abs(number)
    if size >= 1e9:
        return f"{number / 1e9:,.2f}{SPACE}bn"
    if size >= 1e6:
        return f"{number / 1e6:,.2f}{SPACE}M"
    if size >= 1000:
        return f"{number:,.0f}"
    return f"{number:,.6g}"


def percentage(value: float | None) -> str:
    """A share as a percentage."""
    return "-" if value is None or math.isnan(value) else f"{100 * value:.1f}{SPACE}%"


def print_table(table: pd.DataFrame, title: str = "", shares: Sequence[str] = (), limit: int | None = None) -> None:
    """Print a data frame; columns in `shares` as percentages; where a terminal is too narrow, in blocks.

    Of a table without rows it says `none`, so that no head stands over nothing.
    """
    from pandas.api.types import is_numeric_dtype

    from planner.cli.wide_tables import Column, blocks, needed

    shown = table if limit is None else table.head(limit)
    out = console()
    if title:
        out.print(heading(title))
    if table.empty:
        out.print("none")
        return
    columns = [
        Column(
            str(name).replace("_", " "),
            tuple(percentage(value) if name in shares else figure(value) for value in shown.iloc[:, at].tolist()),
            is_numeric_dtype(table.iloc[:, at]),
        )
        for at, name in enumerate(table.columns)
    ]
    for number, block in enumerate(blocks(columns, out.width) if out.is_terminal else [columns]):
        if number:
            out.print()
        out.width = max(out.width, needed(block))
        out.print(_grid(block))
    if limit is not None and len(table) > limit:
        out.print(f"... and {len(table) - limit} more rows")


def print_text(text: str) -> None:
    """Print text that is broken into lines; on a terminal that is narrower, lines are broken again between words."""
    out = console()
    if out.is_terminal:
        text = "\n".join(_folded(line, out.width) for line in text.splitlines())
    out.print(text, soft_wrap=True)


def _folded(line: str, width: int) -> str:
    """A line in lines of a width, each as far in as the first one."""
    indent = line[: len(line) - len(line.lstrip())]
    if len(line) <= width or len(indent) > width // 2:
        return line
    return textwrap.fill(
        line.strip(),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def sentence(text: str) -> str:
    """A sentence in lines as wide as the console, no figure apart from its unit."""
    from planner.text.figures import together

    lines = _folded(together(text), console().width)
    return lines.replace("\u00a0", " ")


def print_block(block: Block) -> None:
    """Print what a result shows under one heading, with its units."""
    title = f"{block.title} ({block.note})" if block.note else block.title
    print_table(block.table, title, shares=sorted(block.shares), limit=block.most)


def _grid(columns: Sequence[Column]) -> Table:
    """Columns of text side by side."""
    from rich.table import Table

    grid = Table(box=None, pad_edge=False)
    for column in columns:
        grid.add_column(column.head, justify="right" if column.numeric else "left", no_wrap=not column.numeric)
    for row in zip(*(column.cells for column in columns), strict=True):
        grid.add_row(*row)
    return grid


def print_certificate(certificate: Certificate) -> None:
    """Print the figures of a certificate, for those who ask."""
    console().print(
        f"certificate {'passed' if certificate.passed else 'FAILED'}: largest violation "
        f"{certificate.largest_violation:.1e}, relative gap {certificate.relative_gap:.1e} ({certificate.method})",
        soft_wrap=True,
    )


def print_plan(plan: Plan, *, verbose: bool = False) -> None:
    """Print the main figures of a plan; with the figures of its certificate where more words are asked for."""
    out, money = console(), plan.instance.settings.currency
    _print_headline(out, plan)
    out.print()
    costs = plan.costs[plan.costs["amount"] != 0]
    print_table(costs.assign(share=_shares_of_cost(costs["amount"])), f"Cost ({money})", shares=["share"])
    out.print()
    print_exposure(plan)
    _print_options(out, plan, money)
    _print_binding_limits(out, plan, money)
    _print_choke_points(out, plan, money)
    _print_turns(out, plan)
    out.print()
    out.print(plan.certificate.in_words(plan.status, plan.gap), soft_wrap=True)
    if verbose:
        print_certificate(plan.certificate)
    if not plan.unique:
        out.print("The tie-break was not carried through: another plan of the same cost may exist.")


def _print_headline(out: Console, plan: Plan) -> None:
    """What came of it, what binds, and the figures that are asked for first."""
    from planner.plan.plan_summary import plan_answer, what_binds

    settings, service = plan.instance.settings, plan.service_summary
    word = plan.status if plan.status == "optimal" else f"{plan.status}, within {plan.gap:.2%} of the proved bound"
    out.print(heading(settings.name, f": {plan.name}: {word}"))
    out.print(sentence(plan_answer(plan)))
    for words in what_binds(plan):
        out.print(accent(sentence(words)))
    out.print()
    out.print(
        f"cost {figure(plan.objective)} {settings.currency}, margin {figure(plan.margin)} {settings.currency}"
        "  (all planned periods, discounted)"
    )
    before = f" and {figure(plan.owed_before)} owed from before" if plan.owed_before else ""
    out.print(
        f"delivered {figure(service['delivered'])} of {figure(service['demand'])} ordered{before}, "
        f"lost {figure(service['lost'])}, fill rate {percentage(service['fill_rate'])}, "
        f"late {figure(service['late'])} unit-periods  (reported periods)"
    )


def _print_options(out: Console, plan: Plan, money: str) -> None:
    if len(plan.expansions):
        out.print()
        print_table(
            plan.expansions[["option", "site", "period", "share", "capacity", "cost"]],
            f"Options bought (cost in {money})",
            shares=["share"],
        )


def _print_binding_limits(out: Console, plan: Plan, money: str) -> None:
    if not len(plan.limits):
        return
    binding = plan.limits[plan.limits["shadow_price"].fillna(0) > 0]
    if len(binding):
        out.print()
        allowed = [name for name in ("max_share", "min_free") if binding[name].notna().any()]
        print_table(
            binding[["limit", "of", "period", "share", *allowed, "shadow_price"]],
            f"Limits that bind (shadow price in {money} a unit)",
            shares=["share", *allowed],
            limit=12,
        )


def _print_choke_points(out: Console, plan: Plan, money: str) -> None:
    from planner.plan.plan_summary import choke_points_by_rent

    points = plan.choke_points
    points = points[(points["kind"] != "limit") & (points["shadow_price"] > 0)]
    if len(points):
        out.print()
        print_table(
            choke_points_by_rent(points),
            f"Choke points, by rent (shadow price x capacity, {money}, all planned periods)",
            limit=8,
        )


def _print_turns(out: Console, plan: Plan) -> None:
    turning = plan.tables.get("price_sides")
    if turning is not None and len(turning):
        out.print()
        print_table(
            _largest_turns(turning),
            "Where the cost turns: one more unit saves the shadow price, one less costs something else",
            limit=8,
        )


def _largest_turns(turning: pd.DataFrame) -> pd.DataFrame:
    """Prices that differ on their two sides, those first for which one unit less costs most."""
    table = turning.sort_values("one_less_costs", ascending=False, kind="stable", ignore_index=True)
    endless = table["one_less_costs"].map(math.isinf)
    if not endless.any():
        return table
    return table.assign(one_less_costs=table["one_less_costs"].astype(object).mask(endless, "no plan left"))


def _shares_of_cost(amounts: pd.Series) -> pd.Series:
    """The part of each component in the total; none where the total is not above zero (but for rounding)."""
    total = float(amounts.sum())
    return amounts / (total if total > NOISE * float(amounts.abs().sum()) else math.nan)


def timings(plan: Plan) -> str:
    """Where the seconds went, in a line."""
    phases = ", ".join(f"{name.replace('_', '-')} {seconds:.2f}" for name, seconds in plan.timings.items())
    return (
        f"seconds: {phases}; {plan.sizes['columns']:,} columns, {plan.sizes['rows']:,} rows, "
        f"{plan.sizes['nonzeros']:,} non-zeros; {plan.method}"
    )


def print_exposure(plan: Plan) -> None:
    """Print each stage's shares by region with their concentration, and what share of finished units touched each."""
    import pandas as pd

    from planner.plan.measures import pathway_summary

    rows = [row for row in plan.exposure_summary if row["over"] == "region"]
    if not rows:
        return
    regions = sorted({row["of"] for row in rows})
    grid = pd.DataFrame(
        [
            {
                "stage": stage,
                **{
                    region: next(
                        (row["share"] for row in rows if row["stage"] == stage and row["of"] == region), math.nan
                    )
                    for region in regions
                },
                "hhi": next(row["hhi"] for row in rows if row["stage"] == stage),
            }
            for stage in plan.instance.stages
            if any(row["stage"] == stage for row in rows)
        ]
    )
    print_table(grid, "Exposure: share of each stage made in each region", shares=regions)
    touched = [row for row in pathway_summary(plan.exposure) if row["share"] > 0 or row["blended"] > 0]
    if touched:
        console().print()
        title = "Exposure of finished units: share of deliveries that touched it at any stage"
        table = pd.DataFrame(touched)[["of", "over", "share", "blended", "least"]]
        print_table(table, title, shares=["share", "blended", "least"], limit=12)
