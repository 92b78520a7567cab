"""The `planner` command: its parts, and how it is run."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import click

import planner
from planner.cli.answer import AnswerLostError
from planner.cli.audit import audit
from planner.cli.boundary import DONE, report_end
from planner.cli.check import check
from planner.cli.compare import compare
from planner.cli.convert import convert
from planner.cli.explain import explain
from planner.cli.export import export
from planner.cli.frontier import frontier
from planner.cli.interrupts import begin
from planner.cli.new import new
from planner.cli.options import failure, print_json
from planner.cli.report import report
from planner.cli.roll import roll
from planner.cli.runs import runs
from planner.cli.schema import schema
from planner.cli.serve import serve
from planner.cli.solve import solve
from planner.cli.stress import stress
from planner.cli.sweep import sweep
from planner.cli.two_stage import two_stage
from planner.cli.verify import verify
from planner.cli.whatif import whatif

COMMANDS = (
    check,
    audit,
    solve,
    whatif,
    compare,
    frontier,
    stress,
    two_stage,
    roll,
    verify,
    sweep,
    report,
    runs,
    export,
    explain,
    new,
    convert,
    schema,
    serve,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(planner.__version__, prog_name="planner")
def cli() -> None:
    """Plan where AI accelerators are made, packaged and tested.

    At least cost, within capacity, and within agreed limits on dependence on any one region.

    \b
    The first hour, on your own data (`planner explain start` goes through it step by step):
      planner new my-chain --book             a workbook with an example that solves, to be overwritten
      planner check my-chain.xlsx             every mistake, with its cell
      planner solve my-chain.xlsx --out run   the plan of least cost

    INSTANCE is a folder, a workbook (.xlsx), or a YAML or JSON file. RUN is a folder that
    `planner solve --out` wrote, or a run that is kept: its id, a tag, or `latest` (`planner runs --help`).

    Exit codes: 0 done; 1 a bug or a solver failure; 2 wrong usage or an invalid instance; 3 infeasible or
    unbounded, explained; 4 a limit was reached before a proof; 130 interrupted.
    """  # noqa: D301  (the escape is for click: what follows is not filled)


for command in COMMANDS:
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command and leave with its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    begin()
    try:
        done: Any = cli.main(args=words, prog_name="planner", standalone_mode=False)
        sys.stdout.flush()
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001, the error boundary
        code = report_end(error)
        if isinstance(error, click.ClickException) and "--json" in words:
            try:
                print_json(failure(error.format_message()))
            except AnswerLostError as lost:
                code = report_end(lost)
        sys.exit(code)
    sys.exit(done if isinstance(done, int) else DONE)
