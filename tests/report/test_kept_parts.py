"""Parts of a report kept beside it: taken where they rest on the same, made anew where anything differs or is spoilt."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from test_studies import HALF, POLICIES, toy

from planner.report import background as beside
from planner.report import kept_parts
from planner.report.background import background
from planner.report.kept_parts import KeptParts
from planner.report.studies import Studies
from planner.report.study_steps import Work

QUESTION = {"what": "a table", "data": "abc"}
TABLE = pd.DataFrame(
    {
        "figure": [0.1, np.nan, np.inf],
        "text": pd.Series(["a", None, ""], dtype="str"),
        "mixed": pd.Series([None, True, "so"], dtype="object"),
        "count": [1, 2, 3],
    }
)
NOT_KEPT = {"sizes", "stressed"}  # figures of this machine; plans


@pytest.fixture
def plans(studied):
    return studied[0]


@pytest.fixture(autouse=True)
def _all_is_worth_keeping(monkeypatch):
    monkeypatch.setattr(beside, "WORTH", 0)


def told(value):
    """A value as text, to the last digit; tables with the kinds of their columns."""
    if isinstance(value, dict):
        return {key: told(part) for key, part in value.items()}
    return json.dumps(kept_parts._encoded(value))


def asked(instance, plans):
    """What each study that is kept rests on, by its name."""
    steps = Work(instance, plans, None, None).steps([HALF])
    return {step.name: json.dumps(step.asked) for step in steps if step.asked is not None}


def test_what_is_kept_comes_back_exactly(tmp_path):
    kept = KeptParts(tmp_path)
    assert kept.found(QUESTION) is None
    kept.keep(QUESTION, TABLE)
    pd.testing.assert_frame_equal(KeptParts(tmp_path).found(QUESTION), TABLE, check_exact=True)
    assert (tmp_path / ".kept" / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_a_second_report_takes_every_study_that_rests_on_the_same(studied):
    plans, before, _, folder = studied
    kept = KeptParts(folder)
    again = background(toy(), plans, [HALF], kept=kept)
    assert again.failures == ()
    assert kept.reused == len(asked(toy(), plans))
    for part in dataclasses.fields(Studies):
        if part.name not in NOT_KEPT:
            assert told(getattr(before, part.name)) == told(getattr(again, part.name)), part.name


def test_only_what_moved_is_asked_anew(plans):
    limit = POLICIES[1].limits[0].model_copy(update={"max_share": 0.4})
    other = POLICIES[1].model_copy(update={"limits": (limit,)})
    before, after = (
        asked(toy(), plans | {"capped": dataclasses.replace(plans["capped"], policy=policy)})
        for policy in (POLICIES[1], other)
    )
    assert {name for name, question in before.items() if after[name] != question} == {
        "capped, regions out",
        "capped, half, regions out",
        "capped, shadow prices",
        "capped, time to survive",
        "frontier",  # on which every policy is marked
    }


def test_another_figure_is_another_question(plans):
    row, *rows = toy().capacities
    instance = toy().replace(capacities=(row.model_copy(update={"capacity": row.capacity + 1.0}), *rows))
    before, after = asked(toy(), plans), asked(instance, plans)
    assert not [name for name, question in before.items() if after[name] == question]


def test_other_code_or_libraries_are_another_question(tmp_path, monkeypatch):
    KeptParts(tmp_path).keep(QUESTION, TABLE)
    monkeypatch.setattr(kept_parts, "made_by", lambda: {"planner": "other"})
    assert KeptParts(tmp_path).found(QUESTION) is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: "",
        lambda text: text[:-20],
        lambda text: text.replace("0.1", "0.2"),
        lambda text: text.split("\n")[0] + "\n{}",
        lambda text: "0\n" + text,
        lambda _: "[" * 100_000,
    ],
)
def test_a_spoilt_entry_counts_as_none_and_is_made_anew(spoil, tmp_path):
    kept = KeptParts(tmp_path)
    kept.keep(QUESTION, TABLE)
    [path] = (tmp_path / ".kept").glob("*.json")
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert kept.found(QUESTION) is None
    kept.keep(QUESTION, TABLE)
    assert told(kept.found(QUESTION)) == told(TABLE)


def test_what_cannot_be_kept_exactly_is_not_kept(tmp_path):
    kept = KeptParts(tmp_path)
    for answer in (TABLE.set_index("text"), object(), {"a": 1}, TABLE.assign(when=pd.Timestamp("2026-01-01"))):
        kept.keep(QUESTION, answer)
    assert kept.found(QUESTION) is None


def test_the_oldest_go_when_there_are_many(tmp_path, monkeypatch):
    monkeypatch.setattr(kept_parts, "MOST", 3)
    kept = KeptParts(tmp_path)
    for number in range(6):
        kept.keep({"what": str(number)}, TABLE)
    assert len(list((tmp_path / ".kept").glob("*.json"))) == 3


def test_a_folder_that_takes_nothing_is_no_reason_to_end(tmp_path):
    (tmp_path / ".kept").write_text("in the way", encoding="utf-8")
    KeptParts(tmp_path).keep(QUESTION, TABLE)
    assert KeptParts(tmp_path).found(QUESTION) is None
