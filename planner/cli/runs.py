"""The command `planner runs`: stored runs are listed, shown, tagged, annotated and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from planner.cli.options import json_failures, json_option, print_json, say
from planner.cli.plan_shown import print_plan
from planner.cli.show import console, figure, percentage, print_table

if TYPE_CHECKING:
    from planner.store.entry import KeptRun

SHORT = 8  # signs of an id in the list


@click.group(short_help="The runs that are kept: list, show, tag, let go.", epilog="Example: planner runs list")
def runs() -> None:
    """The runs that are kept: list them, show, tag, note and delete them, and let old ones go.

    Commands keep their runs in .planner/runs.sqlite in the working folder, or where PLANNER_STORE says (a path, or the
    URL of a database: postgresql://user@host/name). RUN is an id or its first six signs or more, a tag, or `latest`;
    other commands take a folder that --out wrote as well.
    """


@runs.command("list", short_help="Every run, the latest first.", epilog="Example: planner runs list --json")
@json_option
@json_failures
def list_(*, as_json: bool) -> int:
    """Every run, the latest first, with its figures."""
    from planner.store.run_store import RunStore

    store = RunStore()
    found = store.all()
    if as_json:
        print_json({"schema_version": 1, "store": store.address.words, "runs": [_json(kept) for kept in found]})
        return 0
    if not found:
        console().print(f"No runs are kept in {store.address.words} yet. `planner solve` keeps its run there.")
        return 0
    import pandas as pd

    table = pd.DataFrame([_row(kept) for kept in found])
    empty = [name for name in ("tags", "note", "policy", "scenario") if not table[name].astype(bool).any()]
    print_table(table.drop(columns=empty), f"Runs kept in {store.address.words} (cost in the instance's currency)")
    return 0


@runs.command(short_help="One run: where it comes from, and what it says.", epilog="Example: planner runs show latest")
@click.argument("run")
@json_option
@json_failures
def show(run: str, *, as_json: bool) -> int:
    """One run: where it comes from, and what it says."""
    from planner.cli.kept_answers import answer_json, show_answer
    from planner.plan.plan import Plan
    from planner.store.plans import NONE, run_of
    from planner.store.questions import PLAN
    from planner.store.run_store import RunStore

    kept = RunStore().get(run)
    found = run_of(kept) if kept.kind in {PLAN, NONE} else None
    if as_json:
        answer = answer_json(kept) if found is None else found.as_json(kept.id)
        print_json({"schema_version": 1, **_json(kept), "answer": answer})
        return 0
    _head(kept)
    if found is None:
        show_answer(kept)
    elif isinstance(found, Plan):
        print_plan(found)
    else:
        console().print(found.message, markup=False, soft_wrap=True)
    return 0


@runs.command(short_help="Call a run by a word, which then is a RUN.", epilog="Example: planner runs tag latest agreed")
@click.argument("run")
@click.argument("word")
@json_option
@json_failures
def tag(run: str, word: str, *, as_json: bool) -> int:
    """Call a run by a word, which then is a RUN; a run that was called so before no longer is."""
    from planner.store.run_store import RunStore

    store = RunStore()
    before = store.tag(run, word)
    if before is not None:
        say(f"{word} was the run {before} before")
    return _changed(store.find(word), as_json=as_json)


@runs.command(short_help="Take a word away from a run.", epilog="Example: planner runs untag agreed")
@click.argument("word")
@json_option
@json_failures
def untag(word: str, *, as_json: bool) -> int:
    """Take a word away from the run that is called so; the run stays."""
    from planner.store.run_store import RunStore

    store = RunStore()
    kept = store.find(word)
    store.untag(word)
    return _changed(store.find(kept.id), as_json=as_json)


@runs.command(short_help="Write a note on a run.", epilog="Example: planner runs note latest 'as agreed on Monday'")
@click.argument("run")
@click.argument("text")
@json_option
@json_failures
def note(run: str, text: str, *, as_json: bool) -> int:
    """Write a note on a run, in place of the one before; an empty one takes it away."""
    from planner.store.run_store import RunStore

    store = RunStore()
    return _changed(store.find(store.note(run, text)), as_json=as_json)


@runs.command(short_help="Let go of a run.", epilog="Example: planner runs delete latest")
@click.argument("run")
@json_option
@json_failures
def delete(run: str, *, as_json: bool) -> int:
    """Let go of a run, with its tags and its note."""
    from planner.store.run_store import RunStore

    return _gone([RunStore().delete(run)], as_json=as_json)


@runs.command(short_help="Let go of all runs but the latest ones.", epilog="Example: planner runs prune --keep 20")
@click.option("--keep", type=click.IntRange(0), required=True, metavar="N", help="How many runs without a tag stay.")
@json_option
@json_failures
def prune(keep: int, *, as_json: bool) -> int:
    """Let go of all runs but the latest ones and those that have a tag."""
    from planner.store.run_store import RunStore

    return _gone(RunStore().prune(keep), as_json=as_json)


def _changed(kept: KeptRun, *, as_json: bool) -> int:
    if as_json:
        print_json({"schema_version": 1, **_json(kept)})
    else:
        _head(kept)
    return 0


def _gone(ids: list[str], *, as_json: bool) -> int:
    if as_json:
        print_json({"schema_version": 1, "deleted": ids})
    else:
        console().print(f"{len(ids)} deleted{': ' if ids else ''}{', '.join(ids)}", soft_wrap=True)
    return 0


def _head(kept: KeptRun) -> None:
    """Print the origin of a run: when, by which command, of what."""
    out, row = console(), kept.row
    out.print(f"run {kept.id}, kept {_when(kept)} UTC by planner {row['command']}", markup=False, soft_wrap=True)
    if kept.tags:
        out.print(f"tags: {', '.join(kept.tags)}", markup=False, soft_wrap=True)
    if row["note"]:
        out.print(f"note: {row['note']}", markup=False, soft_wrap=True)


def _when(kept: KeptRun) -> str:
    return str(kept.row["created"])[:16].replace("T", " ")


def _row(kept: KeptRun) -> dict[str, Any]:
    """A run as a row for people."""
    row = kept.row
    return {
        "run": kept.id[:SHORT],
        "kept (UTC)": _when(kept),
        "by": row["command"],
        "instance": row["instance"],
        "policy": row["policy"] or "",
        "scenario": row["scenario"] or "",
        "status": row["status"],
        "cost": figure(row["objective"]),
        "fill rate": percentage(row["fill_rate"]),
        "late": figure(row["late"]),
        "lost": figure(row["lost"]),
        "tags": ", ".join(kept.tags),
        "note": row["note"],
    }


def _json(kept: KeptRun) -> dict[str, Any]:
    """A run as an object: its columns under the names of the store's table of runs."""
    hidden = {"number", "asked", "question", "id"}
    row = {name: value for name, value in kept.row.items() if name not in hidden}
    return {"run": kept.id, **row, "tags": list(kept.tags)}
