"""The command `planner stress`: what a strike without warning costs, and the questions that follow."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from planner.cli.bar import read_instance
from planner.cli.keeping import NoMemory, memory_of, say_kept, store_options
from planner.cli.options import (
    Number,
    instance_argument,
    json_failures,
    json_option,
    limit_reached,
    policies_option,
    price_option,
    print_json,
    say,
    say_counted_anew,
    time_limit_option,
)
from planner.cli.stress_answers import StressAnswers
from planner.cli.stress_request import StressRequest
from planner.errors import UsageError

if TYPE_CHECKING:
    from planner.instance.instance import Instance
    from planner.instance.scenario import Scenario
    from planner.store.memory import StoreMemory

KINDS = ("site", "cluster", "operator", "region")


HEARD = {  # which questions listen to an option
    "start": ("--each", "--survive", "--per-dollar"),
    "periods": ("--each",),
    "recovery": ("--each",),
    "recover": ("--survive",),
    "price": ("--scenario", "--each", "--leverage", "--per-dollar"),
}


@click.command(
    short_help="What a strike without warning costs, policy by policy.",
    epilog="Example: planner stress instances/canning --policy balanced --scenario seattle-half",
)
@instance_argument
@policies_option
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="S",
    help="Scenario (name or file) that strikes; may be repeated. Default: those marked surprise.",
)
@click.option(
    "--each",
    multiple=True,
    type=click.Choice(KINDS),
    help="Strike each site, cluster, operator or region in turn, ranked by loss; may be repeated.",
)
@click.option("--survive", is_flag=True, help="How long each site, cluster, operator and region can be out unnoticed.")
@click.option(
    "--start",
    metavar="PERIOD",
    help="First period of the outage. Default: the first reported one; for --survive all reported ones.",
)
@click.option("--periods", type=click.IntRange(1), default=1, show_default=True, help="Length of the outage of --each.")
@click.option(
    "--recovery",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Periods after the outage of --each over which capacity comes back step by step.",
)
@click.option(
    "--recover",
    type=Number(0),
    metavar="PERIODS",
    help="Time to recover, to compare --survive with; scenarios that take capacity bring their own.",
)
@click.option("--leverage", is_flag=True, help="What doing without each region and operator for good would cost.")
@click.option("--decide-by", is_flag=True, help="By when options and qualifications must start to keep each limit.")
@click.option("--per-dollar", is_flag=True, help="What a buffer, an option or a second source buys in survival.")
@price_option
@time_limit_option
@store_options
@json_option
@json_failures
def stress(
    instance: Path,
    policies: tuple[str, ...],
    scenarios: tuple[str, ...],
    each: tuple[str, ...],
    start: str | None,
    periods: int,
    recovery: int,
    recover: float | None,
    price: float | None,
    time_limit: float | None,
    *,
    survive: bool,
    leverage: bool,
    decide_by: bool,
    per_dollar: bool,
    no_store: bool,
    fresh: bool,
    as_json: bool,
) -> int:
    """What a disruption costs that strikes without warning, policy by policy.

    Everything before the strike stays as planned; from then on the rest is planned anew, and promises break at a price.
    The loss is the difference to the undisturbed plan. --each, --survive, --leverage, --decide-by and --per-dollar ask
    something else of the same plans; scenarios strike too where they are named. What a time limit left no time for is
    said, and the exit code is 4.
    """
    from planner.instance.by_name_or_file import find_policies
    from planner.solve.deadline import seconds_from_now

    deadline = seconds_from_now(time_limit)
    loaded = read_instance(instance)
    chosen = find_policies(loaded, policies or (None,))
    say_counted_anew(loaded, chosen)
    striking = bool(scenarios) or not (each or survive or leverage or decide_by or per_dollar)
    _refuse_unheard(
        {"--each": bool(each), "--survive": survive, "--leverage": leverage, "--per-dollar": per_dollar}
        | {"--scenario": striking}
    )
    request = StressRequest(
        loaded,
        list({policy and policy.name: policy for policy in chosen}.values()),  # a policy named twice counts once
        _scenarios(loaded, scenarios) if striking else [],
        striking=striking,
        each=each,
        survive=survive,
        leverage=leverage,
        decide_by=decide_by,
        per_dollar=per_dollar,
        start=_start(loaded, start),
        periods=periods,
        recovery=recovery,
        recover=recover,
        price=price,
    )
    memory = memory_of("stress", no_store=no_store, fresh=fresh)
    found = _answer(request, deadline, memory)
    if as_json:
        print_json({**found.as_json(), "run": memory.answer})
    else:
        found.show()
    say_kept(memory)
    return limit_reached(found.left_out, "answers")


def _answer(request: StressRequest, deadline: float | None, memory: StoreMemory | NoMemory) -> StressAnswers:
    """The answers from the store; where it has none, new ones, which are stored if the deadline left none out."""
    known = memory.recall_answer(request.question(), partial(StressAnswers.of_answer, request.instance))
    if known is not None:
        return known
    found = request.answers(deadline)
    if not found.left_out:
        only = request.policies[0] if len(request.policies) == 1 else None
        names = (None if only is None else only.name, None)
        memory.keep_answer(request.question(), request.instance, found.answer(), names)
    return found


def _refuse_unheard(asked: dict[str, bool]) -> None:
    """Refuse an option that has no effect on any of the questions that are asked.

    Args:
        asked: for each question whether it is asked.
    """
    context = click.get_current_context()
    for name, heard in HEARD.items():
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and not any(asked[question] for question in heard):
            raise UsageError(
                f"--{name} has no say in what is asked: it is for {' and '.join(heard)}. Leave it out, or ask for one."
            )


def _scenarios(instance: Instance, names: tuple[str, ...]) -> list[Scenario]:
    """The named scenarios, each once; without names those marked as a surprise, or with a note all of them."""
    from planner.instance.by_name_or_file import find_scenarios, without_repetition

    if names:
        return without_repetition("scenarios", find_scenarios(instance, names))
    marked = [scenario for scenario in instance.scenarios if scenario.surprise]
    if not marked and instance.scenarios:
        say("No scenario is marked as a surprise, so all of them strike.")
    if not instance.scenarios:
        raise UsageError("The instance has no scenario that could strike. Name a file with --scenario, or use --each.")
    return marked or list(instance.scenarios)


def _start(instance: Instance, label: str | None) -> int | None:
    if label is None:
        return None
    if label not in instance.periods.labels:
        raise UsageError(f"There is no period {label}. Use one of {', '.join(instance.periods.labels)}.")
    return instance.periods.index[label]
