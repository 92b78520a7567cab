"""Options that several commands share."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from planner.errors import PlannerError, UsageError

Function = Callable[..., Any]

instance_argument = click.argument("instance", type=click.Path(path_type=Path))
run_argument = click.argument("run", type=click.Path(path_type=Path))
all_option = click.option(
    "--all",
    "in_full",
    is_flag=True,
    help="Where no plan exists: every row that clashes and every figure of the repairs, not gathered.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")


def solver_options(function: Function) -> Function:
    """--solver, --time-limit and --gap."""
    for option in (
        click.option(
            "--gap",
            type=click.FloatRange(min=0, max=1),
            default=1e-6,
            show_default=True,
            help="Relative gap at which integer decisions count as solved.",
        ),
        click.option(
            "--time-limit",
            type=click.FloatRange(min=0, min_open=True),
            metavar="SECONDS",
            help="Stop after this time, with the best plan so far.",
        ),
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
    """Print one JSON object to stdout; a figure that is no finite number is null."""
    click.echo(json.dumps(_finite(value), indent=2, ensure_ascii=False, allow_nan=False))


def _with_files(function: Function, *args: Any, **kwargs: Any) -> Any:
    """Run; a file or folder that cannot be read or written is wrong usage, said in a sentence."""
    try:
        return function(*args, **kwargs)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(f"{error.filename or 'A file'}: {error.strerror or error}. Choose another place.") from error


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _name_of(path: Path | None) -> str:
    """The name of an instance; of one that cannot be read, its file's."""
    from planner.instance.loading import load_instance

    if path is None:
        return ""
    try:
        return load_instance(path).settings.name
    except PlannerError:
        return Path(path).name


def json_failures(function: Function) -> Function:
    """With --json, a failure is printed as an object too, before the error boundary ends the command."""

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return _with_files(function, *args, **kwargs)
        except PlannerError as error:
            if kwargs.get("as_json"):
                from planner.study.runs import failure_of

                plan = getattr(error, "plan", None)
                failure = failure_of(
                    error, _name_of(kwargs.get("instance")), kwargs.get("policy"), kwargs.get("scenario")
                )
                print_json(plan.as_json() if plan is not None else failure.as_json())
            raise

    return wrapped
