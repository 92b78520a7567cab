"""Options that several commands share."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.cli.answer import AnswerLostError, answer, only_the_answer
from planner.cli.boundary import DONE, LIMIT, as_refusal, bug_words
from planner.errors import PlannerError, visible
from planner.text.json_values import finite

if TYPE_CHECKING:
    from planner.instance.instance import Instance
    from planner.instance.policy import Policy

Function = Callable[..., Any]
NAMED = 8  # of what a limit left out
TOO_LARGE = 1e15  # as in the files of an instance
_ANSWERED = "planner.cli.options"  # in the context of a command: its object is printed
FAILED_RUN = "planner.cli.options.run"  # in the context of a command: the id of a run without a plan that ends it

instance_argument = click.argument("instance", type=click.Path(path_type=Path))
run_argument = click.argument("run")
policies_option = click.option(
    "--policy", "policies", multiple=True, metavar="P", help="Policy (name or file); may be repeated."
)
all_option = click.option(
    "--all",
    "in_full",
    is_flag=True,
    help="Where no plan exists: every row that clashes and every figure of the repairs, not gathered.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
exact_option = click.option(
    "--exact",
    is_flag=True,
    help="Prove the plan in exact decimals too, as planner verify does, and say how near it is to the least cost.",
)
ranges_option = click.option(
    "--ranges",
    is_flag=True,
    help="Find how far each shadow price holds, too: valid_from and valid_to of the choke points, by re-solves.",
)
verbose_option = click.option("--verbose", is_flag=True, help="Show the figures of the certificate too.")


class Number(click.FloatRange):
    """The type of an option with a number: written as plain decimal, finite, and within a range."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number; any other text ends the command with an error."""
        number: float = super().convert(value, param, ctx)
        if not abs(number) < TOO_LARGE:
            self.fail(f"{value} is no finite figure below {TOO_LARGE:.0e}.", param, ctx)
        if isinstance(value, str) and "_" in value:
            self.fail(f"{value} is not written as a figure. Leave the underscore out.", param, ctx)
        return number


time_limit_option = click.option(
    "--time-limit",
    type=Number(min=0, min_open=True),
    metavar="SECONDS",
    help="End after this time, reading and checking included, with what is found by then.",
)


price_option = click.option(
    "--price",
    type=Number(min=0),
    metavar="MONEY",
    help="What breaking any promise costs, a unit. Default: twice the largest price or cost of an order; "
    "twice the dearest way to serve a unit where that is more and it must be served, or where no order has a "
    "price; and more for a promise that is dearer to keep in the undisturbed plan.",
)


def solver_options(function: Function) -> Function:
    """--solver, --time-limit and --gap."""
    for option in (
        click.option(
            "--gap",
            type=Number(min=0, max=1),
            default=1e-6,
            show_default=True,
            help="Relative gap at which integer decisions count as solved.",
        ),
        time_limit_option,
        click.option(
            "--solver",
            default="HiGHS",
            show_default=True,
            metavar="NAME",
            help="Any solver that PuLP has and finds, by PuLP's name (or cbc, scip, glpk).",
        ),
    ):
        function = option(function)
    return function


def print_json(value: dict[str, Any]) -> None:
    """Print a JSON object as the answer; infinite and missing figures become null."""
    context = click.get_current_context(silent=True)
    if context is not None:
        context.meta[_ANSWERED] = True
    out = answer()
    plain = not (out.encoding or "utf-8").lower().startswith("utf")  # text in memory has no encoding
    text = json.dumps(finite(value), indent=2, ensure_ascii=plain, allow_nan=False)
    click.echo(text if text.replace("\n", "").isprintable() else "".join(map(_escaped, text)), file=out)


def say(text: str) -> None:
    """Write a sentence to stderr; control characters in it are shown as text."""
    click.echo(visible(text), err=True)


def say_counted_anew(instance: Instance, policies: Iterable[Policy | str | Path | None]) -> None:
    """Warn of policies for which the data do not say what their limits used before the first period."""
    if not instance.limits_used:
        return
    from planner.instance.by_name_or_file import find_policies
    from planner.instance.checks.used import counted_anew

    for sentence in counted_anew(instance, find_policies(instance, policies)):
        say(f"planner: {sentence}")


def limit_reached(unproved: Sequence[str], what: str) -> int:
    """The exit code of a command whose time limit may have left parts without a proof; these are named on stderr.

    Args:
        unproved: the names of those parts.
        what: the noun for them, in the plural.
    """
    if not unproved:
        return DONE
    more = len(unproved) - NAMED
    names = "; ".join(unproved[:NAMED]) + (f"; and {more} more" if more > 0 else "")
    say(f"planner: the time limit was reached; {what} not done or not proved by then: {names}")
    return LIMIT


def _escaped(character: str) -> str:
    """A character of a JSON text; a control character as a JSON escape, which has the same value."""
    return character if visible(character) == character else json.dumps(character)[1:-1]


def failure(message: str) -> dict[str, Any]:
    """The JSON object of a failure of which only the message is known."""
    return {"schema_version": 1, "status": "error", "message": message}


def _name_of(path: Path | None) -> str:
    """The name of the instance at a path; where it cannot be read, the name of the file."""
    from planner.instance.loading import load_instance

    if path is None:
        return ""
    try:
        return load_instance(path).settings.name
    except (PlannerError, OSError, UnicodeError, MemoryError):
        return Path(path).name


def keep_text_plain() -> None:
    """Let pandas store text as Python strings, which are faster than Arrow's in tables of this size.

    The setting holds for the whole process, so the command makes it and not the library.
    """
    import pandas as pd

    pd.set_option("mode.string_storage", "python")


def json_failures(function: Function) -> Function:
    """Decorate a command: only its answer is written to stdout, and with --json a failure is printed as an object, too.

    The error itself is then handled by the error boundary (cli/boundary.py).
    """

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        with only_the_answer():
            try:
                keep_text_plain()
                return function(*args, **kwargs)
            except AnswerLostError:
                raise
            except Exception as error:
                if kwargs.get("as_json") and _ANSWERED not in click.get_current_context().meta:
                    print_json(_failed(error, kwargs))
                raise

    return wrapped


def _failed(error: Exception, asked: dict[str, Any]) -> dict[str, Any]:
    """A failure as a JSON object."""
    from planner.study.failure import failure_of

    refusal = as_refusal(error)
    if refusal is None:
        return failure(bug_words(error))
    plan = getattr(error, "plan", None)
    if plan is not None:
        return dict(plan.as_json())
    failed = failure_of(refusal, _name_of(asked.get("instance")), asked.get("policy"), asked.get("scenario"))
    return dict(failed.as_json(click.get_current_context().meta.get(FAILED_RUN)))
