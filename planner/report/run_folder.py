"""The run folder: a plan on disk, with all that is needed to compare, export and explain it later."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from planner.errors import PlannerError, UsageError, refuse_other_kinds
from planner.instance.drafts import moved_aside
from planner.instance.loading import load_instance
from planner.instance.whole_files import finished_folder, put_folder, text_writer
from planner.plan.plan import Plan, refuse_no_plan
from planner.plan.proof.claims import Claims, broken_seals, seals_of
from planner.plan.proof.kept import FILE as PROOF_FILE
from planner.plan.proof.kept import RowWeights, kept_bytes, kept_of_bytes
from planner.plan.run_record import instance_text, plan_of_record, record_of
from planner.plan.tables import FURTHER_TABLES, TABLE_NAMES
from planner.plan.whole_tables import refuse_damaged
from planner.report.csv_tables import csv_text, read_csv_table, read_csv_texts

RUN_FILE, INSTANCE_FILE = "run.json", "instance.yaml"
READINGS = 100  # of a run that is replaced while it is read
_TABLES = "|".join((*TABLE_NAMES, *FURTHER_TABLES))
_OF_A_RUN = re.compile(
    rf"{RUN_FILE}|{INSTANCE_FILE}|{PROOF_FILE}|tables/({_TABLES})\.csv|(tables/)?\.DS_Store"
)  # the Finder's own


def write_run(plan: Plan, folder: str | Path, *, force: bool = False) -> Path:
    """Write a plan to a folder in one step: at every moment the folder holds either the old run or the new one.

    >>> import planner, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = planner.write_run(planner.solve("instances/canning"), f"{folder}/base")
    ...     sorted(path.name for path in run.iterdir())
    ['instance.yaml', 'proof.json.gz', 'run.json', 'tables']

    Args:
        plan: the plan to write.
        folder: the folder to write; a run of the same instance in it is replaced.
        force: whether a run of another instance is replaced, too. Files that are no part of a run are never removed.

    Returns:
        the folder.

    Raises:
        UsageError: the folder must not be replaced: it is a file, holds anything that is no part of a run, or is the
            run of another instance.
    """
    refuse_no_plan("plan", plan)
    refuse_other_kinds("folder", folder, (str, PathLike), "the path of a folder")
    folder = Path(folder)

    def fill(draft: Path) -> None:
        (draft / "tables").mkdir()
        for name, table in plan.tables.items():
            text_writer(csv_text(table))(draft / "tables" / f"{name}.csv")
        text_writer(instance_text(plan.instance))(draft / INSTANCE_FILE)
        if plan.kept is not None:
            (draft / PROOF_FILE).write_bytes(kept_bytes(plan.kept))
        record = {**record_of(plan), "seals": seals_of(plan)}
        text_writer(json.dumps(record, indent=2, ensure_ascii=False) + "\n")(draft / RUN_FILE)

    name = plan.instance.settings.name
    put_folder(folder, fill, lambda _: refuse_to_replace(folder, name, force=force))
    return folder


def refuse_to_replace(folder: Path, instance: str, *, force: bool = False) -> None:
    """Raise an error where writing a run to a folder would delete something else.

    Args:
        folder: the folder of the run.
        instance: the name of the instance.
        force: whether a run of another instance may be replaced.

    Raises:
        UsageError: it is a file, contains anything that is no part of a run, or is the run of another instance.
    """
    finished_folder(folder)
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder with --out.")
    holds = _holds(folder)
    strangers = [name for name in holds if not _OF_A_RUN.fullmatch(name)]
    if not holds:
        return
    if RUN_FILE not in holds:
        raise UsageError(f"{folder} exists and is no run, so it is left alone. Choose another --out.")
    if strangers:
        raise UsageError(
            f"{folder} holds {strangers[0]}, which is no part of a run, so it is left alone. Choose another --out."
        )
    other = _about(folder, folder)["instance"]
    if other != instance and not force:
        raise UsageError(
            f"{folder} is a run of the instance {other}, not of {instance}, so it is left alone. Choose another --out, "
            "or replace it with --force."
        )


def _holds(folder: Path) -> list[str]:
    """The files of a folder at one moment."""
    found: list[str] = []
    for _ in range(READINGS):
        before = _mark(folder)
        parts = [path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()]
        found = sorted(str(path.relative_to(folder)) for path in parts)
        if _mark(folder) == before:
            break
    return found


def read_run(folder: str | Path) -> Plan:
    """The plan in a run folder, as `write_run` or `planner solve --out` wrote it.

    >>> import planner, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = planner.write_run(planner.solve("instances/canning", policy="balanced"), f"{folder}/base")
    ...     planner.read_run(run)
    <Plan of canning, balanced: optimal, cost kUSD 154.8, fill rate 100.0 %>

    Args:
        folder: the folder of the run.

    Returns:
        the plan with its instance and tables, to be compared, exported, rolled or stayed close to.

    Raises:
        UsageError: the folder is no run, or a table of it is damaged.
        InstanceError: its instance cannot be read.
    """
    refuse_other_kinds("folder", folder, (str, PathLike), "the path of a folder")
    return _settled(Path(folder), _read)


def read_claims(folder: Path) -> Claims:
    """All that a run folder claims, read as texts and without trusting any of it, for `planner verify`.

    Raises:
        UsageError: the folder is no run, or a file of it cannot be read.
        InstanceError: its instance cannot be read.
    """
    return _settled(folder, _claims)


def _settled[Found](folder: Path, read: Callable[[Path, Path], Found]) -> Found:
    """The result of a function that reads a run folder, called again if the run was replaced while it was read."""
    for _ in range(READINGS):
        place = finished_folder(folder)
        before = _mark(place)
        try:
            found = read(folder, place)
        except (PlannerError, OSError):
            if _mark(place) == before and not moved_aside(place):
                raise
        else:
            if _mark(place) == before:
                return found
    raise UsageError(f"{folder} is written anew all the time. Read it when its writers are done.")


def _mark(folder: Path) -> tuple[int, ...] | None:
    """A mark that changes each time a run is written, so that a reader notices a replacement."""
    try:
        found = (folder / RUN_FILE).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns


def _about(folder: Path, place: Path) -> dict[str, Any]:
    """The contents of run.json.

    Args:
        folder: the name of the run in messages.
        place: the folder that is read.

    Raises:
        UsageError: the file is missing, or it is not the run.json of a run.
    """
    try:
        about = json.loads((place / RUN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        about = None
    if not isinstance(about, dict) or "instance" not in about:
        raise UsageError(
            f"{folder} is no run: it has no readable {RUN_FILE}. `planner solve ... --out {folder}` writes one."
        )
    return about


def _read(folder: Path, place: Path) -> Plan:
    """The plan in a folder; `folder` is its name in messages, `place` the folder that is read."""
    about = _about(folder, place)
    instance = load_instance(place / INSTANCE_FILE)
    try:
        further = sorted(path.stem for path in (place / "tables").glob("*.csv") if path.stem not in TABLE_NAMES)
        tables = {name: read_csv_table(place / "tables" / f"{name}.csv", name) for name in (*TABLE_NAMES, *further)}
        refuse_damaged(instance, tables)
        return replace(plan_of_record(about, instance, tables), kept=_kept(place))
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise UsageError(f"{folder} is not a whole run ({type(error).__name__}: {error}). Solve it again.") from None


def _claims(folder: Path, place: Path) -> Claims:
    """The claims in a folder; `folder` is its name in messages, `place` the folder that is read."""
    about = _about(folder, place)
    instance = load_instance(place / INSTANCE_FILE)
    tables, file = {}, place / PROOF_FILE
    try:
        kept = _kept(place)
        for file in sorted((place / "tables").glob("*.csv")):
            tables[file.stem] = read_csv_texts(file, file.stem).fillna("").astype(object)
    except (OSError, ValueError) as error:
        name = file.relative_to(place).as_posix()
        raise UsageError(f"{folder}: {name} cannot be read ({error}), so the run is not what was written.") from None
    return Claims(instance, about, tables, kept, broken_seals(about, tables))


def _kept(place: Path) -> RowWeights | None:
    """The weights of rows that a run keeps for its proof; None where it keeps none.

    Raises:
        OSError, ValueError: it cannot be read.
    """
    file = place / PROOF_FILE
    return kept_of_bytes(file.read_bytes()) if file.exists() else None
