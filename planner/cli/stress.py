"""The command `planner stress`: what a strike without warning costs, and the questions that follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from planner.cli.bar import progress, read_instance
from planner.cli.keeping import NoMemory, memory_of, say_kept, store_options
from planner.cli.options import (
    Number,
    instance_argument,
    json_failures,
    json_option,
    limit_reached,
    print_json,
    say,
    say_counted_anew,
    time_limit_option,
)
from planner.cli.stress_answers import TWO, StressAnswers
from planner.errors import UsageError

if TYPE_CHECKING:
    from planner.instance.instance import Instance
    from planner.instance.policy import Policy
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
@click.option("--policy", "policies", multiple=True, metavar="P", help="Policy (name or file); may be repeated.")
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
@click.option(
    "--price",
    type=Number(0),
    metavar="MONEY",
    help="What breaking any promise costs, a unit. Default: twice the largest price or cost of an order; "
    "twice the dearest way to serve a unit where that is more and it must be served, or where no order has a "
    "price; and more for a promise that is dearer to keep in the undisturbed plan.",
)
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
    from planner.study.stress.undisturbed import undisturbed_each

    deadline = seconds_from_now(time_limit)
    loaded = read_instance(instance)
    chosen = find_policies(loaded, policies or (None,))
    say_counted_anew(loaded, chosen)
    other = bool(each) or survive or leverage or decide_by or per_dollar
    striking = bool(scenarios) or not other
    _refuse_unheard(
        {"--each": bool(each), "--survive": survive, "--leverage": leverage, "--per-dollar": per_dollar}
        | {"--scenario": striking}
    )
    happening = _scenarios(loaded, scenarios) if striking else []
    begin = _start(loaded, start)
    at = begin if begin is not None else loaded.report_periods[0]

    def ask() -> StressAnswers:
        with progress("planning") as advance:
            advance(0, len(chosen), "undisturbed")
            bases = undisturbed_each(loaded, chosen, TWO, deadline)
        asked = StressAnswers(loaded, bases, deadline)
        if striking:
            asked.strike(happening, price)
        for name, base in bases.items():
            if not other or asked.failed(name, base):
                continue
            for option, wanted, answer in (
                ("--each", each, partial(asked.each, name, each, at, periods, recovery, price)),
                ("--survive", survive, partial(asked.survive, name, begin, recover, happening)),
                ("--leverage", leverage, partial(asked.leverage, name, price)),
                ("--decide-by", decide_by, partial(asked.decide_by, name)),
                ("--per-dollar", per_dollar, partial(asked.per_dollar, name, begin, happening, price)),
            ):
                if wanted:
                    asked.ask(name, option, answer)
        return asked

    memory = memory_of("stress", no_store=no_store, fresh=fresh)
    further = {
        "striking": striking,
        "each": [each, at, periods, recovery] if each else None,
        "survive": [begin, recover] if survive else None,
        "leverage": leverage,
        "decide_by": decide_by,
        "per_dollar": [begin] if per_dollar else None,
        "price": price,
    }
    asked = _remembered(memory, loaded, chosen, happening, further, ask)
    if as_json:
        print_json({**asked.as_json(), "run": memory.answer})
    else:
        asked.show()
    say_kept(memory)
    return limit_reached(asked.left_out, "answers")


def _remembered(
    memory: StoreMemory | NoMemory,
    instance: Instance,
    policies: Sequence[Policy | None],
    scenarios: Sequence[Scenario],
    further: dict[str, Any],
    ask: Callable[[], StressAnswers],
) -> StressAnswers:
    """The answers that are kept already, or new ones that then are, where time left none out."""
    from planner.plan.run_record import policy_record, scenario_record
    from planner.store.questions import question

    policies = list({policy and policy.name: policy for policy in policies}.values())  # named twice counts once
    whole = {
        "instance": instance.content_hash,
        "policies": [policy_record(policy) for policy in policies],
        "scenarios": [scenario_record(scenario) for scenario in scenarios],
        **further,
    }
    known = memory.recall_answer(question("stress", whole), partial(StressAnswers.of_answer, instance))
    if known is not None:
        return known
    found = ask()
    if not found.left_out:
        names = (policies[0].name if len(policies) == 1 and policies[0] else None, None)
        memory.keep_answer(question("stress", whole), instance, found.answer(), names)
    return found


def _refuse_unheard(asked: dict[str, bool]) -> None:
    """Refuse an option that nothing of what is asked listens to.

    Args:
        asked: whether each question is asked.
    """
    context = click.get_current_context()
    for name, heard in HEARD.items():
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and not any(asked[question] for question in heard):
            raise UsageError(
                f"--{name} has no say in what is asked: it is for {' and '.join(heard)}. Leave it out, or ask for one."
            )


def _scenarios(instance: Instance, names: tuple[str, ...]) -> list[Scenario]:
    """The scenarios named, each once; else those marked as a surprise; else, said so, all."""
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
