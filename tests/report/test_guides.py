"""Pages of help say what is so: their commands run, their examples are right, and no table or change is left out."""

import re
import shlex
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
import planner
from planner.cli.main import main
from planner.instance.changes.catalogue import CHANGES
from planner.instance.mapping_files import parse_yaml
from planner.instance.workbook.columns import columns_of
from planner.instance.workbook.layout import SHEETS
from planner.report.guides import GUIDES, MISTAKES, guide, scenarios_page, table_page
from planner.report.new_instance import TEMPLATE

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


def test_an_unknown_table_or_a_second_name_is_refused(capsys):
    assert run("explain", "data", "demnd") == 2
    assert "demand" in capsys.readouterr().err
    assert run("explain", "start", "demand") == 2
