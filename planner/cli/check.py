"""planner check."""

from __future__ import annotations

from pathlib import Path

import click

from planner.cli.options import instance_argument, json_failures, json_option, print_json
from planner.cli.show import console
from planner.errors import Problem


@click.command(epilog="Example: planner check instances/canning")
@instance_argument
@json_option
@json_failures
def check(instance: Path, *, as_json: bool) -> int:
    """Is the data right? Every problem at once, with file, row, column, value and remedy."""
    from planner.instance.loading import check_instance
    from planner.network import build_network, reach_problems

    checked = check_instance(instance)
    problems = list(checked.problems)
    if checked.instance is not None:
        problems += reach_problems(build_network(checked.instance))
    errors = [problem for problem in problems if problem.severity == "error"]
    warnings = [problem for problem in problems if problem.severity != "error"]
    if as_json:
        print_json(
            {
                "schema_version": 1,
                "instance": str(instance),
                "status": "error" if errors else "ok",
                "problems": [problem.as_json() for problem in errors],
                "warnings": [problem.as_json() for problem in warnings],
            }
        )
        return 2 if errors else 0
    _print(errors, "error")
    _print(warnings, "warning")
    if errors:
        console().print(
            f"{len(errors)} error{'s' if len(errors) != 1 else ''}, {len(warnings)} "
            f"warning{'s' if len(warnings) != 1 else ''}",
            markup=False,
        )
        return 2
    found = checked.instance
    if found is not None:
        console().print(
            f"{found.settings.name}: {len(found.sites)} sites, {len(found.items)} items, "
            f"{len(found.processes)} processes, {len(found.customers)} customers, {len(found.periods)} "
            f"periods, {len(found.policies)} policies, {len(found.scenarios)} scenarios: no errors, "
            f"{len(warnings)} warning{'s' if len(warnings) != 1 else ''}",
            markup=False,
        )
    return 0


def _print(problems: list[Problem], word: str) -> None:
    out = console()
    for problem in problems:
        place = problem.file if problem.row is None else f"{problem.file}:{problem.row}"
        place = problem.cell or place
        column = f" [{problem.column}]" if problem.column else ""
        out.print(f"{word} {place}{column}: {problem.message}", markup=False, soft_wrap=True)
        out.print(f"    {problem.remedy}", markup=False, soft_wrap=True)
