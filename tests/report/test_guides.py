"""Pages of help say what is so: their commands run, their examples are right, and no table or change is left out."""

import re
import shlex
import sys
from pathlib import Path
from typing import get_args

import pytest
import toys

sys.path.insert(0, str(Path(__file__).parents[1]))
import planner
from planner.cli.main import main
from planner.instance.changes.catalogue import CHANGES
from planner.instance.mapping_files import parse_yaml
from planner.instance.workbook.columns import columns_of
from planner.instance.workbook.sheet_layout import SHEETS
from planner.plan.tables import FURTHER_TABLES, TABLE_NAMES
from planner.report.guides import GUIDES, MISTAKES, guide, results_page, scenarios_page, sweep_page, table_page
from planner.report.new_instance import TEMPLATE
from planner.report.result_tables import COLUMNS, MEANINGS, SHARED, STAGE, described
from planner.study.stress.surprise import stress_one
from planner.study.stress.undisturbed import Undisturbed
from planner.study.sweep.reading import read_sweep
from planner.study.sweep.records import Correlation, Distribution, Factor, Mode, SweepQuestion

WORDS = (
    *("site", "stage", "region", "operator", "cluster", "lane", "item", "process", "resource", "yield", "lead time"),
    *("period", "demand", "stock", "commitment", "expansion option", "policy", "limit", "exposure", "pathway", "HHI"),
    *("scenario", "baseline", "run", "shadow price", "binding", "choke point", "certificate", "conflict"),
)


def run(*words):
    with pytest.raises(SystemExit) as left:
        main(list(words))
    return int(left.value.code or 0)


@pytest.mark.slow
def test_the_commands_of_the_start_page_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^ *\$ planner (.*)$", guide("start"), re.MULTILINE)
    assert len(commands) >= 8
    for command in commands:
        assert run(*shlex.split(command)) == 0, command
    assert (tmp_path / "balanced.xlsx").exists()


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_table_has_a_page(sheet):
    text = table_page(sheet)
    for column in columns_of(sheet) if sheet != "settings" else ():
        assert f"  {column.name} " in text
    assert all(mistake[:40] in text for mistake in MISTAKES[sheet])
    if sheet not in {"outages", "expansion_factors", "owed", "limits_used"}:
        assert "For example:" in text
    assert all(len(line) <= 110 for line in text.splitlines() if "," not in line)


def test_every_table_of_a_plan_is_told_column_by_column():
    """Of plans with classes, counted sources and promises that gave way, no column is left out, and none is invented."""
    base = toys.toy()
    struck = Undisturbed.of(base, None)
    strike = toys.scenario({"change": "outage", "where": {"stage": "packaging"}, "period": "P2.."})
    plans = [toys.solve(base, policy) for policy in (None, toys.TRACED, toys.SOURCED)]
    plans.append(stress_one(struck, strike).plan)
    text, seen = results_page(), set()
    for name in {*TABLE_NAMES, *FURTHER_TABLES}:
        told = dict(described(name))
        tables = [plan.tables[name] for plan in plans if name in plan.tables]
        found = {
            STAGE if name == "allocation" and column in base.stages else column for part in tables for column in part
        }
        assert found == set(told), name
        assert f"\n{name}: {MEANINGS[name]}\n" in text
        seen |= found
        for column, meaning in told.items():
            assert f"\n  {column} " in text
            assert meaning
    assert set(MEANINGS) == {*TABLE_NAMES, *FURTHER_TABLES}
    assert set(SHARED) <= seen
    assert all(set(own) <= set(dict(described(name))) for name, own in COLUMNS.items())


def test_no_mistake_of_a_table_that_is_not():
    assert set(MISTAKES) == set(SHEETS)


def test_every_change_is_shown_and_right():
    instance = planner.load_instance(TEMPLATE)
    text = scenarios_page()
    shown = re.findall(r"^    - (\{.*\})$", text, re.MULTILINE)
    changes = [parse_yaml(line) for line in shown]
    assert {change["change"] for change in changes} == set(CHANGES)
    found = planner.check_instance({**instance.as_mapping(), "scenarios": [{"name": "all", "changes": changes}]})
    assert found.errors == ()


def test_the_sweep_that_is_shown_fits_the_example():
    text = sweep_page()
    shown = text[text.index("  name: ") : text.index("\nfactors  ")]
    asked = read_sweep(parse_yaml(shown), planner.load_instance(TEMPLATE))
    assert asked.question.runs == int(re.search(r"(\d+) runs", shown)[1])
    assert {factor.limit for factor in asked.question.factors} == {None, "motors-china"}


def test_every_part_of_a_sweep_is_shown_and_right():
    text = sweep_page()
    for part in (SweepQuestion, Correlation, Factor):
        for name in part.model_fields:
            assert re.search(rf"\b{name}\b", text), name
    for mode in get_args(Mode):
        assert re.search(rf"^  {mode}  ", text, re.MULTILINE), mode
    examples = [parse_yaml(line) for line in re.findall(r"e\.g\. (\{.*\})$", text, re.MULTILINE)]
    assert {kind for example in examples for kind in example} == set(Distribution.model_fields) - {"weights"}
    for example in examples:
        assert Distribution.model_validate(example).range


def test_the_glossary_has_the_words():
    text = guide("glossary")
    for word in WORDS:
        assert re.search(rf"^  {word}  ?", text, re.MULTILINE | re.IGNORECASE), word


@pytest.mark.parametrize("name", GUIDES)
def test_pages_are_printed(name, capsys):
    assert run("explain", name) == 0
    out = capsys.readouterr().out
    assert out.split() == guide(name).split()
    assert run("explain", name, "--json") == 0


@pytest.mark.parametrize(("word", "page"), [("sweap", "sweep"), ("scenarois", "scenarios"), ("strat", "start")])
def test_a_misspelt_page_is_named(word, page, capsys):
    assert run("explain", word) == 2
    assert re.search(rf"Did you mean .*\b{page}\b", capsys.readouterr().err)


def test_an_unknown_table_or_a_second_name_is_refused(capsys):
    assert run("explain", "data", "demnd") == 2
    assert "demand" in capsys.readouterr().err
    assert run("explain", "start", "demand") == 2
