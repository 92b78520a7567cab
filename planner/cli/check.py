"""The command `planner check`: whether the data is right, every problem with its cell, and what was understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.cli.answer import answer
from planner.cli.bar import progress
from planner.cli.options import instance_argument, json_failures, json_option, print_json
from planner.cli.show import console
from planner.errors import LISTED, LeftOut, Problem, Problems, alike, places, visible

if TYPE_CHECKING:
    from planner.instance.instance import Instance
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
    from planner.cli.understood import print_understood

    found = _examined(instance, None if every else LISTED)
    if as_json:
        print_json({"schema_version": 1, "instance": str(instance), **found.as_json()})
        return 2 if found.errors else 0
    for word in ("error", "warning"):
        _print(found.listed(word), found.unlisted(word), word)
    errors = _counted(found.count("error"), "error") if found.errors else "no errors"
    counts = f"{errors}, {_counted(found.count('warning'), 'warning')}"
    if found.errors or found.instance is None:
        click.echo(counts, file=answer())
        return 2
    sizes = ", ".join(
        _counted(len(getattr(found.instance, name)), word, name)
        for name, word in (
            *(("sites", "site"), ("items", "item"), ("processes", "process"), ("customers", "customer")),
            *(("periods", "period"), ("policies", "policy"), ("scenarios", "scenario")),
        )
    )
    console().print(f"{found.instance.settings.name}: {sizes}: {counts}")
    if found.loads:
        print_understood(found.instance, found.loads)
    return 0


@dataclass(frozen=True)
class _Examined:
    """The result of examining an instance.

    Attributes:
        instance: the instance; None where it cannot be read.
        problems: the problems that are listed.
        left_out: for each kind of problem, how many are not listed.
        loads: orders against capacity, stage by stage; empty where that was not examined.
    """

    instance: Instance | None
    problems: tuple[Problem, ...]
    left_out: tuple[LeftOut, ...]
    loads: Sequence[StageLoad]

    @property
    def errors(self) -> bool:
        """Whether any problem is an error."""
        return bool(self.listed("error"))

    def listed(self, word: str) -> list[Problem]:
        """The listed problems of severity `error`, or all others."""
        return [problem for problem in self.problems if (problem.severity == "error") == (word == "error")]

    def unlisted(self, word: str) -> list[LeftOut]:
        """The kinds of problems that are not all listed, by their severity."""
        return [kind for kind in self.left_out if kind.severity == word]

    def count(self, word: str) -> int:
        """How many problems there are, listed or not."""
        return len(self.listed(word)) + sum(kind.count for kind in self.unlisted(word))

    def as_json(self) -> dict[str, object]:
        """The object that --json prints of it."""
        from planner.cli.understood import understood_as_json

        parts = {"problems": "error", "warnings": "warning"}
        return {
            "status": "error" if self.errors else "ok",
            **{name: [problem.as_json() for problem in self.listed(word)] for name, word in parts.items()},
            "counts": {name: self.count(word) for name, word in parts.items()},
            "left_out": {name: [kind.as_json() for kind in self.unlisted(word)] for name, word in parts.items()},
            "understood": [] if self.instance is None else understood_as_json(self.instance, self.loads),
        }


def _examined(instance: Path, most: int | None) -> _Examined:
    """Examine an instance: rows and scenarios, and if it can be read also gaps and load.

    Args:
        instance: the path of the instance.
        most: the number of problems of one kind that are listed; None for all.
    """
    from planner.instance.loading import check_instance
    from planner.network.gaps import gap_problems, too_large
    from planner.network.load import load_problems, stage_loads

    with progress("checking") as advance:
        advance(0, 3, "every row and scenario")
        checked = check_instance(instance, most)
        if checked.instance is None:
            return _Examined(None, tuple(checked.problems), checked.left_out, ())
        loads: Sequence[StageLoad] = ()
        found = Problems(most)
        found.extend("size", too_large(checked.instance))
        if not found.listed():
            advance(1, 3, "what can arrive where")
            found.extend("gaps", gap_problems(checked.instance))
            advance(2, 3, "capacity against orders")
            found.extend("load", load_problems(checked.instance))
            loads = stage_loads(checked.instance)
    problems = (*checked.problems, *found.listed())
    return _Examined(checked.instance, problems, (*checked.left_out, *found.left_out()), loads)


def _counted(count: int, one: str, several: str = "") -> str:
    return f"{count:,} {one if count == 1 else several or f'{one}s'}"


def _print(problems: list[Problem], unlisted: list[LeftOut], word: str) -> None:
    lines = []
    for group in alike(problems):
        first = group[0]
        column = f" [{first.column}]" if first.column else ""
        lines += [f"{word} {places(group, ':')}{column}: {first.message}", f"    {first.remedy}"]
    lines += [f"{word}: {kind}" for kind in unlisted]
    if unlisted:
        lines.append("    --all lists every one.")
    if lines:
        click.echo(visible("\n".join(lines)), file=answer())  # any number of lines, each as long as it is
