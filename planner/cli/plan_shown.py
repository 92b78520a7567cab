"""A plan on a terminal: what it does, costs and depends on, what binds, and how it was checked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from planner.cli.show import accent, console, figure, heading, percentage, print_table, sentence

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from planner.plan.plan import Plan
    from planner.solve.certificate import Certificate

NOISE = 1e-9  # of the amounts that are added up: a total below it is zero
MOST_OPTIONS = 20  # that are listed


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
    """Print the answer, what binds, and the main figures."""
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
    bought = plan.expansions[["option", "site", "period", "share", "capacity", "cost"]]
    if len(bought):
        out.print()
        order = ", the dearest first" if len(bought) > MOST_OPTIONS else ""
        if order:
            bought = bought.sort_values("cost", ascending=False, kind="stable")
        print_table(bought, f"Options bought{order} (cost in {money})", shares=["share"], limit=MOST_OPTIONS)


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
    """Shadow prices that differ by side, sorted by what one unit less costs, the largest first."""
    table = turning.sort_values("one_less_costs", ascending=False, kind="stable", ignore_index=True)
    endless = table["one_less_costs"].map(math.isinf)
    if not endless.any():
        return table
    return table.assign(one_less_costs=table["one_less_costs"].astype(object).mask(endless, "no plan left"))


def _shares_of_cost(amounts: pd.Series) -> pd.Series:
    """The share of each component in the total; empty where the total is not above 0 by more than rounding."""
    total = float(amounts.sum())
    return amounts / (total if total > NOISE * float(amounts.abs().sum()) else math.nan)


def print_exposure(plan: Plan) -> None:
    """Print each stage's shares by region with their concentration, and what share of finished units touched each."""
    from planner.plan.plan_summary import exposure_by_stage, touched_by_finished_units

    grid = exposure_by_stage(plan, elsewhere=math.nan)
    if grid.empty:
        return
    regions = [name for name in grid if name not in {"stage", "hhi"}]
    print_table(grid, "Exposure: share of each stage made in each region", shares=regions)
    touched = touched_by_finished_units(plan)
    if len(touched):
        console().print()
        title = "Exposure of finished units: share of deliveries that touched it at any stage"
        print_table(touched, title, shares=["share", "blended", "least"], limit=12)


def print_certificate(certificate: Certificate) -> None:
    """Print the figures of a certificate (--verbose)."""
    console().print(
        f"certificate {'passed' if certificate.passed else 'FAILED'}: largest violation "
        f"{certificate.largest_violation:.1e}, relative gap {certificate.relative_gap:.1e} ({certificate.method})",
        soft_wrap=True,
    )


def timings(plan: Plan) -> str:
    """The seconds of each phase, in one line."""
    phases = ", ".join(f"{name.replace('_', '-')} {seconds:.2f}" for name, seconds in plan.timings.items())
    return (
        f"seconds: {phases}; {plan.sizes['columns']:,} columns, {plan.sizes['rows']:,} rows, "
        f"{plan.sizes['nonzeros']:,} non-zeros; {plan.method}"
    )
