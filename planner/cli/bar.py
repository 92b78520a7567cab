"""Progress of a command: a bar on stderr, only on a terminal, with the present step and the expected time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from planner.cli.interrupts import advise
from planner.cli.options import say

if TYPE_CHECKING:
    from planner.instance.instance import Instance
    from planner.solve.search_progress import Tell

BAR = 24  # characters


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar; yields a function (done, total, name of the next step). A total of 0 means that it is not known.

    Nothing is shown on a pipe, or on a terminal that cannot move its cursor (TERM=dumb).
    """
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
    from rich.table import Column
    from rich.text import Text

    from planner.cli.plain_console import PlainConsole

    class Clock(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(clock(task.elapsed or 0.0, task.completed, task.total), no_wrap=True)

    console = PlainConsole(stderr=True)
    if console.is_dumb_terminal:  # it cannot take a line back, so each bar would leave an empty one
        yield lambda *_: None
        return
    words = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis"))
    with Progress(words, BarColumn(BAR), Clock(), console=console, transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total, name: bar.update(
            task, completed=done, total=total or None, description=f"{title}: {name}"
        )


def best_so_far(advance: Callable[[int, int, str], None], currency: str) -> Tell:
    """The listener of a search for whole decisions, which shows its best plan beside the bar.

    The last words of a command that is stopped say how to keep that plan.

    Args:
        advance: of the bar.
        currency: of the instance.
    """
    from planner.text.figures import money, percent

    def tell(cost: float, gap: float) -> None:
        found = f"{money(cost, currency)} so far, within {percent(gap, 2)}"
        advance(0, 0, found)
        advise(f"with --time-limit SECONDS the best plan found by then is kept ({found})")

    return tell


def read_instance(path: Path) -> Instance:
    """The instance at a path, with a bar while it is read and checked; the number of warnings is written to stderr.

    Raises:
        InstanceError: it has problems.
    """
    from planner.instance.loading import check_instance
    from planner.text.figures import counted

    with progress("reading") as advance:
        advance(0, 0, path.name)
        checked = check_instance(path, try_scenarios=False)
        instance = checked.usable()
    if checked.warnings:
        say(f"{counted(checked.warnings, 'warning')} in {path}: planner check shows each with its place")
    return instance


def clock(elapsed: float, done: float, total: float | None) -> str:
    """The text beside a bar: how much is done, the time so far in minutes and seconds, and the expected time left.

    Args:
        elapsed: seconds since the start.
        done: the number of steps done.
        total: the number of all steps; None where it is not known, so that no time left can be given.
    """
    if total is None:
        return _minutes(elapsed)
    counted = f"{done:.0f}/{total:.0f}  {_minutes(elapsed)}"
    return f"{counted}, about {_minutes(elapsed / done * (total - done))} left" if 0 < done < total else counted


def _minutes(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
