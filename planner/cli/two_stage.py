"""The command `planner two-stage`: one plan for what is decided before it is known which scenario comes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.cli.bar import progress, read_instance
from planner.cli.options import (
    Number,
    instance_argument,
    json_failures,
    json_option,
    price_option,
    print_json,
    say,
    time_limit_option,
    verbose_option,
)
from planner.cli.plan_shown import print_certificate
from planner.cli.show import console, figure, heading, percentage, print_table
from planner.text.cases import policy_called

if TYPE_CHECKING:
    from planner.study.two_stage.result import TwoStage


@click.command(
    "two-stage",
    short_help="One plan for what is decided before one knows what comes.",
    epilog="Example: planner two-stage instances/accelerators --scenario taiwan-quarantine --against concentrated",
)
@instance_argument
@click.option("--policy", metavar="P", help="Policy (name or file); without it, no limits and every option.")
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="S",
    help="Scenario (name or file) with a probability; may be repeated. Default: all that have one.",
)
@click.option(
    "--weight",
    type=Number(min=0, max=1),
    default=0.0,
    show_default=True,
    metavar="W",
    help="Weight of the worst cases: (1 - W) * expected cost + W * mean cost of the worst 1 - alpha.",
)
@click.option(
    "--alpha",
    type=Number(min=0, min_open=True, max=1, max_open=True),
    default=0.9,
    show_default=True,
    help="How much is not among the worst cases; 0.9 is the worst tenth.",
)
@price_option
@click.option(
    "--against",
    multiple=True,
    metavar="P",
    help="Policy (name or file) whose undisturbed plan is shown beside the decisions; default: every one, and none.",
)
@time_limit_option
@verbose_option
@json_option
@json_failures
def two_stage(
    instance: Path,
    policy: str | None,
    scenarios: tuple[str, ...],
    weight: float,
    alpha: float,
    price: float | None,
    against: tuple[str, ...],
    time_limit: float | None,
    *,
    verbose: bool,
    as_json: bool,
) -> None:
    """One plan for what must be decided before it is known which scenario comes.

    Scenarios exclude each other; what is left of the probability is the undisturbed case. Until a scenario strikes,
    nothing tells it apart; afterwards the rest is planned anew, and promises may be broken at a price.
    """
    from planner.solve.deadline import seconds_from_now
    from planner.study.progress import Effort
    from planner.study.two_stage.two_stage_plan import two_stage as decide

    deadline = seconds_from_now(time_limit)
    loaded = read_instance(instance)
    beside: tuple[str | None, ...] = against or (None, *(part.name for part in loaded.policies))
    with progress("two-stage plan") as advance:
        found = decide(
            loaded,
            policy,
            scenarios or None,
            weight=weight,
            alpha=alpha,
            price=price,
            against=beside,
            effort=Effort(time_limit, progress=advance, deadline=deadline),
        )
    if as_json:
        print_json(found.as_json())
        return
    _show(found, loaded.settings.currency, verbose=verbose)
    if not scenarios and all(part.probability is None for part in loaded.scenarios):
        say(f"no scenario of {found.instance} has a probability, so there was nothing to reckon with")
    phases = ", ".join(f"{name} {seconds:.2f}" for name, seconds in found.timings.items())
    sizes = found.sizes
    say(f"seconds: {phases}; {sizes['columns']:,} columns, {sizes['rows']:,} rows, {sizes['nonzeros']:,} non-zeros")


def _show(found: TwoStage, currency: str, *, verbose: bool) -> None:
    """Print a two-stage plan: what it is worth, what it costs when what comes, and what it decides."""
    out = console()
    value = "expected cost"
    if found.weight > 0:
        value = f"value ({percentage(1 - found.weight)} expected cost, {percentage(found.weight)} worst cases)"
    out.print(heading(found.instance, f": {policy_called(found.policy)}: two-stage plan, optimal"))
    out.print(
        f"expected cost {figure(found.expected)} {currency}, mean of the worst {percentage(1 - found.alpha)} "
        f"{figure(found.cvar)} {currency}  (all planned periods, discounted)"
    )
    out.print(
        f"Planning for what can come is worth {figure(found.vss)} {currency} of {value}: so much more the plan that "
        "reckons with nothing would cost once it is struck (value of the stochastic solution).",
        soft_wrap=True,
    )
    out.print(
        f"Knowing today what will come would be worth {figure(found.evpi)} {currency} more, and nobody should pay more "
        "than that for a forecast (expected value of perfect information).",
        soft_wrap=True,
    )
    out.print()
    print_table(found.values, f"What each way of planning costs ({currency})")
    out.print()
    table = found.scenarios.drop(columns=["broken"] if not found.scenarios["broken"].any() else [])
    print_table(table, f"Cost by scenario ({currency})", shares=["probability"])
    for kind, title in (
        ("option", "Options bought, here and in the undisturbed plan of each policy"),
        ("buffer", f"Stock before each strike, at the items' values ({currency})"),
        ("commitment", "Made towards commitments, if nothing happens"),
    ):
        rows = found.decisions[found.decisions["kind"] == kind].drop(columns=["kind", "unit"])
        shown = [name for name in rows.columns if name not in {"name", "by"}]
        if len(rows):
            out.print()
            print_table(
                rows.drop(columns=["by"] if not rows["by"].any() else []),
                title,
                shares=shown if kind == "option" else (),
            )
    rows = found.decisions[found.decisions["kind"] == "allocation"].drop(columns=["kind", "unit"])
    if len(rows):
        first = rows[rows["by"] == rows["by"].iloc[0]]
        out.print()
        print_table(
            first.drop(columns="by"),
            f"Share of each stage made in each region before the first strike ({rows['by'].iloc[0]})",
            shares=[name for name in rows.columns if name not in {"name", "by"}],
        )
    from planner.study.stress.tables import promises_in_words

    gave_way = promises_in_words(found.promises[found.promises["quantity"] != 0])
    if len(gave_way):
        out.print()
        print_table(gave_way, f"What gives way in the two-stage plan (units, {currency})")
    out.print()
    out.print(found.certificate.in_words("optimal", 0.0), soft_wrap=True)
    if verbose:
        print_certificate(found.certificate)
    if not found.unique:
        out.print("The tie-break was not carried through: another plan of the same value may exist.")
