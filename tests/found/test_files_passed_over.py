"""Files that are meant as a part and are not read are named: a table as workbook, a policy whose name ends in .txt.

A folder with tariffs.xlsx and no tariffs.csv was planned without tariffs, one with deliveries.xlsx among the actuals was
rolled without them, and that semicolons and decimal commas were read in actuals was said nowhere.
"""

import pytest
import toys

import planner
from planner.report.instance_forms import document_of_instance, write_document

PLAN = {"periods": ["P1", "P2"], "demand": [{"customer": "shop", "item": "unit", "quantity": 4, "price": 9}]}


@pytest.fixture
def folder(tmp_path):
    return written(tmp_path)


def written(tmp_path):
    chain = toys.tiny(**PLAN, tariffs=[{"from_region": "TW", "to_region": "*", "rate": 0.1}])
    write_document(document_of_instance(chain), tmp_path / "chain")
    return tmp_path / "chain"


def said(folder):
    return [(found.severity, found.file, found.remedy) for found in planner.check_instance(folder).problems]


@pytest.mark.parametrize("name", ["tariffs.xlsx", "tariffs.csv.txt", "Tariffs.parquet", "tariffs.yaml", "tariffs.tsv"])
def test_a_table_that_is_in_no_csv_file(folder, name):
    (folder / "tariffs.csv").rename(folder / name)
    assert said(folder) == [("error", name, "Save it as tariffs.csv, or move it away.")]


def test_a_table_that_is_there_in_another_form_too(folder):
    (folder / "tariffs.xlsx").write_bytes(b"PK")
    [(severity, file, remedy)] = said(folder)
    assert (severity, file) == ("warning", "tariffs.xlsx")
    assert "the table tariffs that is read says the same" in remedy


@pytest.mark.parametrize("name", ["tariffs.md", "notes.txt", "tariffs.csv.orig", "~$tariffs.xlsx", "book.xlsx"])
def test_what_is_no_table_is_left_alone(folder, name):
    (folder / name).write_bytes(b"PK")
    assert said(folder) == []


@pytest.mark.parametrize(
    ("path", "file", "remedy"),
    [
        ("policies/own.yaml.txt", "policies/own.yaml.txt", "Call it own.yaml."),
        ("Policies/own.yaml", "Policies/", "Call it policies."),
        ("scenario/own.yaml", "scenario/", "Call it scenarios."),
    ],
)
def test_a_policy_or_scenario_by_a_name_that_is_not_read(folder, path, file, remedy):
    (folder / path).parent.mkdir(exist_ok=True)
    (folder / path).write_text("title: ours\n", encoding="utf-8")
    assert said(folder) == [("error", file, remedy)]


def test_actuals_in_a_workbook_are_named(tmp_path):
    plan = planner.solve(toys.tiny(**PLAN))
    (tmp_path / "stocks.csv").write_text("site,item,opening\nplant,unit,1\n", encoding="utf-8")
    (tmp_path / "deliveries.xlsx").write_bytes(b"PK")
    with pytest.raises(planner.InstanceError) as caught:
        planner.roll(plan, "P2", tmp_path)
    [problem] = caught.value.problems
    assert (problem.file, problem.remedy) == ("deliveries.xlsx", "Save it as deliveries.csv, or move it away.")


def test_how_actuals_were_read_is_said(tmp_path):
    (tmp_path / "stocks.csv").write_text("site;item;opening\nplant;unit;1.001,5\n", encoding="utf-8")
    rolled = planner.roll(planner.solve(toys.tiny(**PLAN)), "P2", tmp_path)
    assert [row.opening for row in rolled.instance.stocks] == [1001.5]
    assert [note for note in rolled.notes if "decimal commas" in note]
