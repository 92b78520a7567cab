"""The page of a sweep: one file that says how figures are spread, what drives them, and who has least regret."""

import re

import pytest
import toys

from planner.report.page.sweep_page import sweep_page
from planner.report.sweep_files import write_sweep
from planner.study.sweep.sweep import sweep

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def found():
    cap = {"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.5}
    instance = toys.two_plants(
        title=EVIL, capacities=[{"site": "east", "capacity": 10}], policies=[{"name": "capped", "limits": [cap]}]
    )
    question = {
        "name": "plants",
        "title": EVIL,
        "policies": [None, "capped"],
        "mode": "grid",
        "factors": [
            {"name": "east", "change": "capacity", "where": {"site": "east"}, "factor": {"grid": [0, 0.25, 0.5, 1]}},
            {"name": "west", "change": "unit_cost", "where": {"site": "west"}, "factor": {"grid": [1, 2]}},
        ],
    }
    return sweep(instance, question)


def test_the_page_says_what_the_runs_say(found):
    text = sweep_page(found)
    words = re.sub(r"<[^>]+>|\s+", " ", text)
    assert "16 runs: 2 policies, 1 scenario, every combination of their figures of east and west" in words
    for heading in ("How the figures are spread", "What drives them", "The worst twentieth", "Regret, and who beats"):
        assert heading in words
    # the dearest of eight: nothing in the east, the west at twice its cost: 10 at 6
    assert re.search(r"no policy, nothing happens: the worst run costs USD 60\b", words)
    assert "east low, 0 (0.438 in all draws)" in words
    # the cap costs where the east could make more than half: 5 more in the west at 2 or 5 more each, in one of four
    assert (
        "the plan without a policy costs least, alone or with others, in 100.0 % of draws; whoever chooses it" in words
    )
    assert "beats it" in words
    assert "25.0 %" in words


def test_the_page_loads_nothing_and_runs_nothing(found):
    text = sweep_page(found)
    assert EVIL not in text
    assert "<script" not in text
    assert not re.search(r"(?:src|href)=\"(?!#|data:,)", text)
    assert text.count("<svg") >= 3
    assert "nan" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL).lower()


def test_the_worst_twentieth_names_what_was_drawn(found):
    [free, capped] = found.worst
    assert (free.runs, free.cost, capped.cost) == (1, 60, 60)
    assert [part.factor for part in free.drawn] == ["east", "west"]
    assert (free.drawn[0].mean, free.drawn[1].mean) == (0, 2)


def test_files_are_written_together(found, tmp_path):
    write_sweep(found, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["report.html", "runs.csv", "summary.json"]


def test_a_sweep_without_any_plan_has_a_page():
    instance = toys.tiny(
        capacities=[{"site": "plant", "capacity": 5}], demand=[{"customer": "shop", "item": "unit", "quantity": 10}]
    )
    factor = {"name": "plant", "change": "capacity", "where": {"site": "plant"}, "factor": {"grid": [0.5, 1]}}
    text = sweep_page(sweep(instance, {"name": "none", "mode": "grid", "factors": [factor]}))
    assert "2 of the runs have no plan" in text
