"""The first hour: new, check, solve, convert and schema as a person types them."""

import json
import sys
from pathlib import Path

import openpyxl
import pytest
from portions import portion

sys.path.insert(0, str(Path(__file__).parents[1]))
from books import spoilt, write_book

import planner

CANNING = Path(__file__).parents[2] / "instances" / "canning"


@pytest.mark.parametrize("book", portion([False, True], quick=1))
def test_new_names_three_commands_that_run(run, tmp_path, book):
    code, out, err = run("new", "my-chain", *(["--book"] if book else []))
    assert (code, out) == (0, "")
    commands = [line.split() for line in err.splitlines() if line.startswith("  planner ")]
    assert [words[1] for words in commands] == ["check", "solve", "whatif"]
    for words in commands:
        assert run(*words[1:])[0] == 0
    assert (tmp_path / "runs" / "first" / "run.json").exists()
    assert planner.load_instance("my-chain.xlsx" if book else "my-chain").settings.name == "my-chain"


def test_new_leaves_alone_what_is_there(run, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("mine")
    code, _, err = run("new", "mine")
    assert code == 2
    assert "left alone" in err
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["file"]
    (tmp_path / "mine.xlsx").write_text("mine")
    assert run("new", "mine", "--book")[0] == 2
    assert (tmp_path / "mine.xlsx").read_text() == "mine"


@pytest.mark.parametrize(
    "words", [("new", "a.yaml"), *(("new", name, *book) for name in (".", "..", "/", "") for book in ((), ("--book",)))]
)
def test_new_wants_a_name(run, words):
    code, _, err = run(*words)
    assert code == 2
    assert "Name a folder" in err or "left alone" in err


def test_convert_there_and_back(run, tmp_path):
    assert run("convert", CANNING, "--to", "canning.xlsx")[0] == 0
    code, _, err = run("convert", "canning.xlsx", "--to", "again")
    assert code == 0
    assert planner.load_instance("again") == planner.load_instance(CANNING)
    assert "wrote" in err
    code, _, err = run("convert", CANNING, "--to", "again")
    assert code == 2
    assert "left alone" in err


def test_convert_names_what_stays_behind(run):
    _, _, err = run("convert", CANNING, "--to", "canning.json")
    assert "not carried over: README.md" in err


def test_convert_refuses_what_is_wrong_and_writes_nothing(run, tmp_path):
    write_book(tmp_path / "bad.xlsx", spoilt("demand", "D2", "many"))
    code, _, err = run("convert", "bad.xlsx", "--to", "bad")
    assert code == 2
    assert "demand!D2" in err
    assert [path.name for path in tmp_path.iterdir()] == ["bad.xlsx"]


def test_check_names_the_cell(run, tmp_path):
    write_book(tmp_path / "bad.xlsx", spoilt("demand", "D2", "many"))
    code, out, _ = run("check", "bad.xlsx")
    assert code == 2
    assert "demand!D2" in out
    found = json.loads(run("check", "bad.xlsx", "--json")[1])["problems"]
    assert (found[0]["file"], found[0]["row"], found[0]["column"]) == ("demand!D2", 2, "quantity")


def test_formulas_become_their_values(run, tmp_path):
    run("new", "chain", "--book")
    book = openpyxl.load_workbook("chain.xlsx")
    book["demand"]["D2"] = "=5000+200"
    book.save("chain.xlsx")
    code, _, err = run("convert", "chain.xlsx", "--to", "chain")
    assert code == 2
    assert "demand!D2" in err
    assert "not stored" in err


@pytest.mark.parametrize("name", ["book.xls", "book.ods", "book.xlsb", "book.docx"])
def test_other_workbooks_are_refused_with_the_form_that_is_read(run, tmp_path, name):
    (tmp_path / name).write_text("x")
    code, _, err = run("check", name)
    assert code == 2
    assert "workbook" in err


def test_what_is_no_workbook(run, tmp_path):
    (tmp_path / "a.xlsx").write_text("customer,item\n")
    (tmp_path / "b.xlsx").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    (tmp_path / "c.xlsx").mkdir()
    assert "no workbook" in run("check", "a.xlsx")[1]
    assert "password" in run("check", "b.xlsx")[1]
    assert run("check", "c.xlsx")[0] == 2


def test_schema(run, tmp_path):
    code, out, _ = run("schema")
    assert code == 0
    assert json.loads(out)["$defs"]["policy"]
    assert run("schema", "--out", "s.json")[0] == 0
    assert (tmp_path / "s.json").read_text() == out


def test_a_workbook_solves_and_is_the_same_instance(run):
    run("convert", CANNING, "--to", "canning.xlsx")
    assert run("solve", "canning.xlsx", "--out", "book")[0] == 0
    found = json.loads(Path("book", "run.json").read_text())
    assert found["content_hash"] == planner.load_instance(CANNING).content_hash


def test_a_folder_without_settings_is_told_how_to_begin(run, tmp_path):
    folder = tmp_path / "my data"
    folder.mkdir()
    code, _, err = run("check", folder)
    assert code == 2
    assert "`planner new DIR` writes one that solves" in err
    (folder / "sites.csv").write_text("site,region\nplant,TW\n")
    code, _, err = run("check", folder)
    assert code == 2
    assert "`name: my-data`" in err
    (folder / "instance.yaml").write_text("name: my-data\n")
    code, out, _ = run("check", folder)
    assert (code, "name" in out.split("items.csv")[0]) == (2, False), "what was said is what was missing"


def test_whatif_without_a_scenario_names_those_there_are(run):
    code, out, err = run("whatif", CANNING)
    assert (code, out) == (2, "")
    assert "--scenario S: canning has chicago-road-closed, growth, seattle-half." in err
    assert json.loads(run("whatif", CANNING, "--json")[1])["status"] == "error"


def test_two_stages_without_probabilities_say_so(run):
    code, _, err = run("two-stage", CANNING)
    assert code == 0
    assert "no scenario of canning has a probability" in err


def test_a_converted_folder_is_named_as_it_was_given(run, tmp_path):
    assert run("convert", CANNING, "--to", "copy")[2].splitlines()[0] == "wrote copy"


def test_the_settings_of_a_folder_are_no_instance(run):
    code, out, err = run("check", CANNING / "instance.yaml")
    assert (code, out) == (2, "")
    assert f"Name the folder: {CANNING}." in err


def test_tables_that_are_missing_in_one_file_stand_in_it(run, tmp_path):
    (tmp_path / "one.yaml").write_text("name: one\n")
    code, out, _ = run("check", "one.yaml")
    assert code == 2
    assert "Add `sites:` inline." in out
    assert ".csv" not in out
