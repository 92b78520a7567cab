"""planner check."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.cli.answer import answer
from planner.cli.bar import progress
from planner.cli.options import instance_argument, json_failures, json_option, print_json
from planner.cli.show import console
from planner.errors import LISTED, LeftOut, Problem, Problems, visible

if TYPE_CHECKING:
    from planner.network.load import StageLoad


@click.command(
    short_help="Is the data right? Every problem, with its cell.", epilog="Example: planner check instances/canning"
)
@instance_argument
@click.option("--all", "every", is_flag=True, help=f"List every problem, not the first {LISTED} of a kind.")
@json_option
@json_failures
def check(instance: Path, *, every: bool, as_json: bool) -> int:
    """Is the data right? Every problem at once, with file, row, column, value and remedy; and what was understood."""
    from planner.cli.understood import print_understood, understood_as_json
    from planner.instance.loading import check_instance
    from planner.network.gaps import gap_problems, too_large
    from planner.network.load import load_problems, stage_loads

    most = None if every else LISTED
    with progress("checking") as advance:
        advance(0, 3, "every row and scenario")
        checked = check_instance(instance, most)
        problems, left_out = list(checked.problems), checked.left_out
        loads: Sequence[StageLoad] = ()
        if checked.instance is not None:
            found = Problems(most)
            found.extend("size", too_large(checked.instance))
            if not found.listed():
                advance(1, 3, "what can arrive where")
                found.extend("gaps", gap_problems(checked.instance))
                advance(2, 3, "capacity against orders")
                found.extend("load", load_problems(checked.instance))
                loads = stage_loads(checked.instance)
            problems, left_out = [*problems, *found.listed()], (*left_out, *found.left_out())
    errors = [problem for problem in problems if problem.severity == "error"]
    warnings = [problem for problem in problems if problem.severity != "error"]
    unlisted = {word: [kind for kind in left_out if kind.severity == word] for word in ("error", "warning")}
    count = {
        word: len(listed) + sum(kind.count for kind in unlisted[word])
        for word, listed in (("error", errors), ("warning", warnings))
    }
    if as_json:
        understood = [] if checked.instance is None else understood_as_json(checked.instance, loads)
        print_json(
            {
                "schema_version": 1,
                "instance": str(instance),
                "status": "error" if errors else "ok",
                "problems": [problem.as_json() for problem in errors],
                "warnings": [problem.as_json() for problem in warnings],
                "counts": {"problems": count["error"], "warnings": count["warning"]},
                "left_out": {
                    "problems": [kind.as_json() for kind in unlisted["error"]],
                    "warnings": [kind.as_json() for kind in unlisted["warning"]],
                },
                "understood": understood,
            }
        )
        return 2 if errors else 0
    _print(errors, unlisted["error"], "error")
    _print(warnings, unlisted["warning"], "warning")
    counts = f"{_counted(count['error'], 'error') if errors else 'no errors'}, {_counted(count['warning'], 'warning')}"
    found_instance = checked.instance
    if errors or found_instance is None:
        click.echo(counts, file=answer())
        return 2
    sizes = ", ".join(
        _counted(len(getattr(found_instance, name)), word, name)
        for name, word in (
            *(("sites", "site"), ("items", "item"), ("processes", "process"), ("customers", "customer")),
            *(("periods", "period"), ("policies", "policy"), ("scenarios", "scenario")),
        )
    )
    console().print(f"{found_instance.settings.name}: {sizes}: {counts}")
    if loads:
        print_understood(found_instance, loads)
    return 0


def _counted(count: int, one: str, several: str = "") -> str:
    return f"{count:,} {one if count == 1 else several or f'{one}s'}"


def _print(problems: list[Problem], unlisted: list[LeftOut], word: str) -> None:
    lines = []
    for problem in problems:
        place = problem.file if problem.row is None else f"{problem.file}:{problem.row}"
        column = f" [{problem.column}]" if problem.column else ""
        lines += [f"{word} {problem.cell or place}{column}: {problem.message}", f"    {problem.remedy}"]
    lines += [f"{word}: {kind}" for kind in unlisted]
    if unlisted:
        lines.append("    --all lists every one.")
    if lines:
        click.echo(visible("\n".join(lines)), file=answer())  # any number of lines, each as long as it is
