"""Views saved: as YAML, as a workbook, and as a run folder."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from planner.errors import UsageError
from planner.instance.instance import Instance
from planner.plan.plan import Plan
from planner.report.plan_workbook import write_workbook
from planner.report.run_folder import write_run
from planner.serve.view import View
from planner.serve.written import written
from planner.store.memory import StoreMemory

Writing = Callable[[Path], AbstractContextManager[None]]
"""Called with what is about to be written; what it returns is left when that is done."""

SHORT = 6  # signs of an id that are enough to name it
RUNS = Path("runs")  # in the folder in which the command was started
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def file_of(instance: Instance, view: View, what: str) -> str:
    """The text of a view's policy, scenario or instance.

    Raises:
        UsageError: it has none.
    """
    return written(instance, view).text(what)


def workbook_of(plan: Plan) -> bytes:
    """A plan as the bytes of a workbook."""
    with tempfile.TemporaryDirectory(prefix="planner-") as folder:
        path = Path(folder) / "what-if.xlsx"
        write_workbook(plan, path)
        return path.read_bytes()


def save_run(plan: Plan, name: str, writing: Writing, *, struck: bool) -> str:
    """Write a plan as a run folder below `runs`, and keep it in the run store; returns where, in words.

    Args:
        plan: what is saved.
        name: of the run.
        writing: is told of the folder.
        struck: whether the plan is what is left after a strike: the store would take it for one that knew.

    Raises:
        UsageError: the name is none, or something that is no run of the same instance stands there.
    """
    if not _NAME.fullmatch(name):
        raise UsageError("A run is named with letters, digits, '_', '.' and '-', at most 64, a letter or digit first.")
    folder = RUNS / name
    with writing(folder):
        RUNS.mkdir(exist_ok=True)
        write_run(plan, folder)
    if struck:
        return f"written to {folder}; as a plan after a strike it cannot be proved again by planner verify"
    memory = StoreMemory("serve")
    kept = memory.keep_plan(plan)
    return f"written to {folder}; kept as {kept[:SHORT]}" if kept else f"written to {folder}; {memory.lost}"
