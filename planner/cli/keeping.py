"""How commands use the run store, and what RUN means: a folder, an id, a tag or `latest`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.cli.options import FAILED_RUN, Function, say
from planner.errors import UsageError
from planner.text.figures import first_of

if TYPE_CHECKING:
    from planner.instance.instance import Instance
    from planner.plan.plan import Plan
    from planner.store.entry import KeptRun
    from planner.store.memory import StoreMemory
    from planner.study.failure import Failure

SHOWN = 6  # ids that are said


def store_options(function: Function) -> Function:
    """--no-store and --fresh."""
    for option in (
        click.option("--fresh", is_flag=True, help="Solve anew, even where the run store has the answer."),
        click.option("--no-store", is_flag=True, help="Neither look in the run store nor keep anything there."),
    ):
        function = option(function)
    return function


class NoMemory:
    """The stand-in for a store with --no-store: it finds nothing and stores nothing."""

    def __init__(self) -> None:
        """Know no run; the fields are those of `StoreMemory`."""
        self.ids: dict[tuple[str | None, str | None], str] = {}
        self.recalled: list[KeptRun] = []
        self.answer = None
        self.place = self.lost = self.damaged = ""

    def recall(self, *_: object) -> None:
        """No run is known."""

    def keep(self, *_: object) -> None:
        """No run is kept."""

    def recall_answer(self, *_: object) -> None:
        """No answer is known."""

    def keep_answer(self, *_: object) -> None:
        """No answer is kept."""

    def done(self) -> None:
        """There is nothing left to keep."""


def memory_of(command: str, *, no_store: bool, fresh: bool, recalls: bool = True) -> StoreMemory | NoMemory:
    """The access of a command to the store; single runs are recalled, too, with `recalls`."""
    if no_store:
        if fresh:
            raise UsageError("--no-store looks for nothing, so --fresh has nothing to pass over. Leave one out.")
        return NoMemory()
    from planner.store.memory import StoreMemory

    return StoreMemory(command, fresh=fresh, recalls=recalls)


def kept_ids(memory: StoreMemory | NoMemory) -> list[str]:
    """The ids of the runs that a command has recalled or stored, in order, and then the id of its whole answer."""
    return [*memory.ids.values(), *([] if memory.answer is None else [memory.answer])]


def say_kept(memory: StoreMemory | NoMemory, ids: Sequence[str] | None = None) -> None:
    """Write to stderr under which ids runs are stored, which were recalled, and what could not be stored and why.

    Args:
        memory: the access of the command to the store.
        ids: the ids that are named; None for all that it recalled or stored.
    """
    memory.done()
    ids = kept_ids(memory) if ids is None else ids
    before = {kept.id: kept for kept in memory.recalled}
    new = [id_ for id_ in ids if id_ not in before]
    old = [id_ for id_ in ids if id_ in before]
    if new:
        say(f"{_listed(new)} kept in {memory.place}" if memory.place else _listed(new))
    if old:
        since = "" if len(old) > 1 else f" since {str(before[old[0]].row['created'])[:16].replace('T', ' ')} UTC"
        say(f"{_listed(old)}: the answer was there{since}; --fresh solves anew")
    if memory.damaged:
        say(f"planner: {memory.damaged} It was solved anew.")
    if memory.lost:
        say(f"planner: not kept as a run. {memory.lost}")


def say_failed(memory: StoreMemory | NoMemory) -> None:
    """Write to stderr under which id the run without a plan is stored that ends the command, and note it for --json."""
    say_kept(memory)
    if ids := kept_ids(memory):
        click.get_current_context().meta[FAILED_RUN] = ids[0]


def _listed(ids: Sequence[str]) -> str:
    return f"run{'s' if len(ids) > 1 else ''} {first_of(ids, SHOWN)}"


@dataclass(frozen=True)
class NamedRun:
    """A run that was named on the command line.

    Attributes:
        given: the name as it was given.
        run: its folder, or its id in the store.
        plan: its plan.
    """

    given: str
    run: str
    plan: Plan

    def as_json(self) -> dict[str, Any]:
        """The run as `planner solve --json` prints it."""
        return self.plan.as_json(self.run)


@dataclass(frozen=True)
class NamedFailure:
    """A run without a plan that was named on the command line.

    Attributes:
        given: the name as it was given.
        run: its id in the store.
        failure: why it has no plan.
    """

    given: str
    run: str
    failure: Failure

    def as_json(self) -> dict[str, Any]:
        """The run as `planner solve --json` prints it."""
        return self.failure.as_json(self.run)


def named_run_or_failure(given: str) -> NamedRun | NamedFailure:
    """The run that RUN names, which may be a stored run without a plan; raises as `named_run`."""
    if names_a_folder(given):
        return named_run(given)
    from planner.store.plans import NONE, failure_of_entry
    from planner.store.run_store import RunStore

    kept = RunStore().get(given)
    return NamedFailure(given, kept.id, failure_of_entry(kept)) if kept.kind == NONE else named_run(given)


def named_run(given: str | Path) -> NamedRun:
    """The run that RUN names: a run folder, else an id or at least its first six characters, a tag, or `latest`.

    Raises:
        UsageError: there is no such run, it has no plan, or several ids begin with these characters.
        InstanceError: the instance of a folder cannot be read.
        StoreError: the store cannot be read.
    """
    from planner.instance.whole_files import finished_folder
    from planner.report.run_folder import RUN_FILE, read_run

    text, folder = str(given), Path(given)
    if (finished_folder(folder) / RUN_FILE).exists() or not _could_be_kept(text):
        return NamedRun(text, text, read_run(folder))
    from planner.store.run_store import RunStore

    store = RunStore()
    if folder.exists() and not store.knows(text):
        return NamedRun(text, text, read_run(folder))  # which says what is amiss with it
    kept, plan = store.plan(text)
    return NamedRun(text, kept.id, plan)


def names_a_folder(text: str) -> bool:
    """Whether RUN means a folder: a folder with a run, or anything that is no run of the store."""
    from planner.instance.whole_files import finished_folder
    from planner.report.run_folder import RUN_FILE

    folder = Path(text)
    if (finished_folder(folder) / RUN_FILE).exists() or not _could_be_kept(text):
        return True
    from planner.store.run_store import RunStore

    return folder.exists() and not RunStore().knows(text)


def _could_be_kept(text: str) -> bool:
    """Whether a text may name a run of the store; a path may not."""
    return bool(text) and not set(text) & set("/\\") and text not in {".", ".."}


def is_a_run(text: str) -> bool:
    """Whether a text names a run folder or a run of the store."""
    from planner.report.run_folder import RUN_FILE
    from planner.store.run_store import RunStore

    if (Path(text) / RUN_FILE).exists():
        return True
    return _could_be_kept(text) and RunStore().knows(text)


def instance_or_run(given: Path) -> Instance:
    """The instance at a path; where nothing is there and the text names a run of the store, the instance of that run.

    Raises:
        InstanceError: the instance has problems.
        UsageError: there is neither, or a scenario has been applied to the instance of the run.
    """
    from planner.cli.bar import read_instance

    if given.exists() or not is_a_run(str(given)):
        return read_instance(given)
    run = named_run(given)
    if run.plan.scenario is not None:
        raise UsageError(
            f"The run {given} is under the scenario {run.plan.scenario.name}, so its instance is as that left it. Name "
            "a run without a scenario, or the instance."
        )
    return run.plan.instance
