"""Answers of commands as runs of the store (tables, a record, texts); results of studies as such answers, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import pandas as pd

from planner.instance.instance import Instance
from planner.plan.plan import Plan
from planner.plan.run_record import instance_text, record_of
from planner.store.contents import record_bytes, record_of_bytes, table_bytes, table_of, text_bytes, text_of
from planner.store.entry import TABLES, Entry, KeptRun, reading_contents
from planner.study.compare import Comparison
from planner.study.frontier.curve import Frontier
from planner.study.frontier.points import Break
from planner.study.frontier.points_journal import Mark
from planner.study.sweep.result import Sweep
from planner.study.sweep.runs_journal import question_record
from planner.text.json_values import records

FILES = "files/"  # before the name of a text among the contents
DONE = "done"  # the status of an answer
_TOLD_BY_TABLES = ("production", "shipments", "stock", "service", "costs")  # a plan that differs does so there


@dataclass(frozen=True)
class Answer:
    """The answer of a command, in the form in which the store keeps it.

    Attributes:
        record: a value that JSON can hold.
        tables: data frames by name.
        files: texts by name.
    """

    record: Any
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


def answer_entry(
    kind: str, question: str, instance: Instance, names: tuple[str | None, str | None], answer: Answer
) -> Entry:
    """An answer as an entry of the store.

    Args:
        kind: the command that answered.
        question: the hash of the question.
        instance: the undisturbed instance.
        names: the names of the policy and the scenario; None where there is none or several.
        answer: the answer.
    """
    return Entry(
        kind=kind,
        question=question,
        instance=instance.settings.name,
        instance_hash=instance.content_hash,
        policy=names[0],
        scenario=names[1],
        status=DONE,
        parts={
            "instance": text_bytes(instance_text(instance)),
            "record": record_bytes(answer.record),
            **{f"{TABLES}{name}": table_bytes(table) for name, table in answer.tables.items()},
            **{f"{FILES}{name}": text_bytes(text) for name, text in answer.files.items()},
        },
    )


def answer_of(kept: KeptRun) -> Answer:
    """The answer from which `answer_entry` made the entry.

    Raises:
        StoreError: the contents are no answer.
    """
    with reading_contents(kept):
        tables = {name: table_of(data) for name, data in kept.parts.items() if name.startswith(TABLES)}
        files = {name: text_of(data) for name, data in kept.parts.items() if name.startswith(FILES)}
        return Answer(
            record_of_bytes(kept.parts["record"]),
            {name.removeprefix(TABLES): table for name, table in tables.items()},
            {name.removeprefix(FILES): text for name, text in files.items()},
        )


def fingerprint(plan: Plan) -> str:
    """A hash of all parts of a plan that a comparison uses."""
    found = hashlib.sha256(json.dumps([record_of(plan), plan.instance.content_hash]).encode())
    for name in _TOLD_BY_TABLES:
        found.update(plan.tables[name].to_csv(index=False).encode())
    return found.hexdigest()


def comparisons_answer(found: Sequence[Comparison]) -> Answer:
    """Comparisons as an answer."""
    values = [{part.name: getattr(comparison, part.name) for part in fields(comparison)} for comparison in found]
    tables = {
        f"{number}/{name}": value
        for number, named in enumerate(values)
        for name, value in named.items()
        if isinstance(value, pd.DataFrame)
    }
    return Answer([{name: part for name, part in named.items() if isinstance(part, str)} for named in values], tables)


def comparisons_of(answer: Answer) -> list[Comparison]:
    """The comparisons from which `comparisons_answer` made the answer."""
    found = []
    for number, texts in enumerate(answer.record):
        before = f"{number}/"
        tables = {name.removeprefix(before): part for name, part in answer.tables.items() if name.startswith(before)}
        found.append(Comparison(**texts, **tables))
    return found


def frontier_answer(found: Frontier) -> Answer:
    """A frontier as an answer."""
    record = {part.name: getattr(found, part.name) for part in fields(found) if part.name != "points"}
    record |= {name: [asdict(part) for part in record[name]] for name in ("breaks", "marks")}
    return Answer(record, {"points": found.points})


def frontier_of(answer: Answer) -> Frontier:
    """The frontier from which `frontier_answer` made the answer."""
    record: dict[str, Any] = dict(answer.record)
    breaks = tuple(Break(**{**part, "conflict": tuple(part["conflict"])}) for part in record.pop("breaks"))
    marks = tuple(Mark(**part) for part in record.pop("marks"))
    record |= {name: tuple(record[name]) for name in ("limits", "within_asked")}
    return Frontier(**record, breaks=breaks, marks=marks, points=answer.tables["points"])


def sweep_answer(found: Sweep) -> Answer:
    """A sweep as an answer: the object that --json prints, and its runs."""
    return Answer({"question": question_record(found.asked), "found": found.as_json()}, {"runs": found.runs})


def sweep_rows(answer: Answer) -> list[dict[str, Any]]:
    """The rows of the runs from which `sweep_answer` made the answer; missing values are None."""
    return records(answer.tables["runs"])


def report_answer(found: Mapping[str, Any], texts: Mapping[str, str], pictures: Mapping[str, str]) -> Answer:
    """A report as an answer: the object that --json prints, and its files and pictures by their names."""
    files = {f"page/{name}": text for name, text in texts.items()}
    return Answer(dict(found), files={**files, **{f"pictures/{name}": text for name, text in pictures.items()}})


def report_of(answer: Answer) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    """The object, files and pictures from which `report_answer` made the answer."""
    page, pictures = (
        {name.removeprefix(before): text for name, text in answer.files.items() if name.startswith(before)}
        for before in ("page/", "pictures/")
    )
    return dict(answer.record), page, pictures
