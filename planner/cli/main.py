"""The `planner` command and its error boundary: every failure has an exit code and says what to do."""

from __future__ import annotations

import sys
from typing import Any

import click
import pandas as pd

import planner
from planner.cli.audit import audit
from planner.cli.check import check
from planner.cli.compare import compare
from planner.cli.explain import explain
from planner.cli.export import export
from planner.cli.frontier import frontier
from planner.cli.options import print_json
from planner.cli.report import report
from planner.cli.solve import solve
from planner.cli.stress import stress
from planner.cli.two_stage import two_stage
from planner.cli.whatif import whatif
from planner.errors import InfeasibleError, InstanceError, LimitReachedError, PlannerError, UnboundedError, UsageError

COMMANDS = (check, audit, solve, whatif, compare, frontier, stress, two_stage, report, export, explain)
DONE, BUG, WRONG_INPUT, NO_PLAN, LIMIT = 0, 1, 2, 3, 4


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(planner.__version__, prog_name="planner")
def cli() -> None:
    """Plan where AI accelerators are made, packaged and tested.

    At least cost, within capacity, and within agreed limits on dependence on any one region.

    INSTANCE is a folder, or a YAML or JSON file. RUN is a folder that `planner solve --out` wrote.

    Exit codes: 0 done; 1 a bug or a solver failure; 2 wrong usage or an invalid instance; 3 infeasible or
    unbounded, explained; 4 a limit was reached before a proof.
    """


for command in COMMANDS:
    cli.add_command(command)


def exit_code(error: PlannerError) -> int:
    """The exit code that a failure ends with."""
    if isinstance(error, InstanceError | UsageError):
        return WRONG_INPUT
    if isinstance(error, InfeasibleError | UnboundedError):
        return NO_PLAN
    return LIMIT if isinstance(error, LimitReachedError) else BUG


def keep_text_plain() -> None:
    """Let pandas keep text as Python strings: in tables of this size Arrow's cost more than they save.

    It holds for the whole process, so it is the command that says so, not the library.
    """
    pd.set_option("mode.string_storage", "python")


def main(arguments: list[str] | None = None) -> None:
    """Run a command and leave with its exit code."""
    keep_text_plain()
    try:
        done: Any = cli.main(args=arguments, prog_name="planner", standalone_mode=False)
        sys.exit(done if isinstance(done, int) else DONE)
    except click.exceptions.Abort:
        click.echo("stopped", err=True)
        sys.exit(BUG)
    except click.ClickException as error:
        error.show()
        if "--json" in (sys.argv[1:] if arguments is None else arguments):
            print_json({"schema_version": 1, "status": "error", "message": error.format_message()})
        sys.exit(WRONG_INPUT)
    except PlannerError as error:
        click.echo(f"planner: {error}", err=True)
        sys.exit(exit_code(error))
    except BrokenPipeError:
        sys.exit(DONE)
