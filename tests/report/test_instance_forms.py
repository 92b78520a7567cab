"""Folder, workbook, YAML and JSON are the same instance: row by row, byte by byte, sources and notes included."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
import toys
from portions import portion

sys.path.insert(0, str(Path(__file__).parents[1] / "properties"))
from random_instances import random_instance

import planner
from planner.errors import UsageError
from planner.instance.document import document_of
from planner.instance.files import read_instance_files
from planner.instance.forms import folder_files
from planner.instance.loading import check_raw
from planner.instance.notes import add_notes
from planner.instance.workbook.columns import columns_of
from planner.instance.workbook.sheet_layout import SHEETS
from planner.report import instance_forms
from planner.report.instance_forms import read_document, write_document
from planner.report.instance_workbook.front import TITLE
from planner.report.new_instance import write_new

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(
    (path.parent for path in [*ROOT.glob("instances/*/instance.yaml"), *ROOT.glob("tests/published/*/instance.yaml")]),
    key=lambda path: (path.name != "canning", path),
)
FULL = {  # every table, and what is awkward in a cell
    **toys.TOY,
    "title": "=1+1, \"quoted\" 'twice' #hash; 50 % of {that} [and] more: äöü 東京 😀",
    "regions": {"TW": "Taiwan", "US": ""},
    "report_periods": "P2..",
    "outages": [{"site": "mem", "period": "P3", "held": "yes", "source": "=SUM(A1)"}],
    "expansion_factors": [{"option": "more-fab", "period": "P3", "factor": 0.1 + 0.2}],
    "arrivals": [{"site": "pack-b", "item": "die", "period": "P1", "quantity": 1e-7, "touched": "TW+US"}],
    "scenarios": [
        {
            "name": "all",
            "title": "All of it",
            "probability": 0.25,
            "surprise": "yes",
            "changes": [
                {"change": "demand", "factor": 1.1},
                {
                    "change": "freight",
                    "where": {"from": "region:TW", "to": ["test", "lab"]},
                    "add": -0.5,
                    "period": "P2",
                },
                {
                    "change": "outage",
                    "where": {"operator": "alpha"},
                    "period": "P2..P3",
                    "pipeline": "held",
                    "recovery": 1,
                },
            ],
        }
    ],
}
QUOTED = 'Foo, "Bar"; and = sons'


def awkward():
    """`FULL` with an operator's name that a selector has to quote."""
    full = json.loads(json.dumps(FULL))
    full["sites"][0]["operator"] = QUOTED
    full["scenarios"][0]["changes"][2]["where"]["operator"] = QUOTED
    full["policies"][0]["limits"].append(
        {"name": "cloud", "measure": "pathway", "of": "TW", "max_share": 0.9, "customers": ["cloud", "lab"]}
    )
    full["policies"][0]["buffers"] = [{"items": ["chip", "die"], "periods_of_cover": 0.05, "soft_cost": 1}]
    full["policies"][0]["sources"] = [{"stage": "wafer", "max_sources": 2}]
    return full


def read(path):
    """The document, its files, and the instance."""
    raw = read_instance_files(path)
    checked = check_raw(raw)
    assert not add_notes(raw, path)
    document = document_of(raw)
    return document, folder_files(document), checked.instance


def settled(path):
    return read(path)[1]


def check_round_trip(source, tmp_path, kinds=(".xlsx", "", ".yaml", "", ".json", "")):
    """Each form, made from the one before, says the same, and is the same instance."""
    document, wanted, instance = read(source)
    assert instance is not None
    for number, kind in enumerate(kinds):
        form = write_document(document, tmp_path / f"form-{number}{kind}")
        document, files, found = read(form)
        assert files == wanted, kind
        assert found == instance, kind
        if kind == "":
            written = {str(path.relative_to(form)): path.read_text() for path in form.rglob("*") if path.is_file()}
            assert written == wanted


@pytest.mark.parametrize("source", portion(SHIPPED, quick=1), ids=lambda path: path.name)
def test_there_and_back_is_the_identity(source, tmp_path):
    """Every shipped instance through every form: the small one, and with -m slow the largest through a workbook and YAML."""
    kinds = (".xlsx", "") if source.name == "accelerators" else (".xlsx", "", ".yaml", "", ".json", "")
    check_round_trip(source, tmp_path, kinds)


@pytest.mark.slow
def test_the_largest_instance_survives_yaml(tmp_path):
    check_round_trip(ROOT / "instances" / "accelerators", tmp_path, (".yaml", ""))


@pytest.mark.parametrize("seed", portion(range(60), 1))
def test_random_instances_survive_every_form(seed, tmp_path):
    source = tmp_path / "random.json"
    source.write_text(json.dumps(random_instance(seed)))
    check_round_trip(source, tmp_path)


@pytest.mark.parametrize("mapping", portion([toys.TOY, awkward()], quick=1, ids=["toy", "awkward"]))
def test_what_is_awkward_survives_every_form(mapping, tmp_path):
    source = tmp_path / "source.json"
    source.write_text(json.dumps(mapping))
    check_round_trip(source, tmp_path)


def test_order_of_rows_and_figures_as_they_are_written(tmp_path):
    mapping = {**toys.TINY, "demand": [], "customers": [{"customer": name, "region": "TW"} for name in ("z", "a", "m")]}
    mapping["demand"] = [{"customer": name, "item": "unit", "quantity": 0.1 + 0.2} for name in ("z", "a", "m")]
    mapping["lanes"] = [{"from": "plant", "to": name} for name in ("m", "z", "a")]
    source = tmp_path / "source.json"
    source.write_text(json.dumps(mapping))
    book = write_document(read_document(source)[0], tmp_path / "book.xlsx")
    text = settled(book)["demand.csv"]
    assert text == "customer,item,quantity\n" + "".join(f"{name},unit,0.30000000000000004\n" for name in "zam")


def test_notes_and_columns_of_the_users_own_are_carried(tmp_path):
    folder = tmp_path / "own"
    (folder / "policies").mkdir(parents=True)
    for name, text in settled_tiny(tmp_path).items():
        (folder / name).write_text(text)
    (folder / "sites.csv").write_text("site,region,#owner,# seen\nplant,TW,Ann,\n")
    (folder / "instance.yaml").write_text(
        "# head of it\n# goes on\nname: tiny\ndiscount_rate: 0.1  # a guess\nregions: {TW: Taiwan} # named\n"
    )
    (folder / "policies" / "p.yaml").write_text(
        "# from a meeting\nname: p\nlimits:\n"
        "  - {name: l, measure: stage, stage: make, of: TW, max_share: 1}  # not yet agreed\n"
    )
    (folder / "README.md").write_text("# tiny\n")
    check_round_trip(folder, tmp_path)
    document, left = read_document(folder)
    assert left == ["README.md"]
    book = openpyxl.load_workbook(write_document(document, tmp_path / "own.xlsx"))
    rows = {row[0]: row for row in book["settings"].iter_rows(values_only=True)}
    assert rows["discount_rate"][2] == "a guess"
    assert rows["#note"][1] == "head of it\ngoes on"
    assert rows["#regions"][1] == "named"
    assert [cell.value for cell in book["sites"][1]][-1] == "#owner"
    assert book["policies"]["D2"].value == "from a meeting"
    assert [cell.value for cell in book["limits"][2]][-1] == "not yet agreed"


def settled_tiny(tmp_path):
    source = tmp_path / "tiny.json"
    source.write_text(json.dumps(toys.TINY))
    return settled(source)


@pytest.mark.parametrize("kind", ["", ".xlsx", ".yaml", ".json"])
def test_nothing_is_overwritten(kind, tmp_path):
    document, _ = read_document(ROOT / "instances" / "canning")
    target = tmp_path / f"there{kind}"
    if kind:
        target.write_text("mine")
    else:
        target.mkdir()
        (target / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="left alone"):
        write_document(document, target)
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [
        "mine.txt" if not kind else target.name
    ]


def test_an_unknown_form_is_refused(tmp_path):
    document, _ = read_document(ROOT / "instances" / "canning")
    with pytest.raises(UsageError, match="no form"):
        write_document(document, tmp_path / "canning.ods")


def test_what_is_lost_in_writing_is_noticed_and_nothing_stays(tmp_path, monkeypatch):
    """A form is read again before it takes its place: here its writer loses a digit."""
    document, _ = read_document(ROOT / "instances" / "canning")
    whole = instance_forms.yaml_file
    monkeypatch.setattr(instance_forms, "yaml_file", lambda document: whole(document).replace("350", "35"))
    with pytest.raises(UsageError, match=r"without loss .capacities\.csv, row 2"):
        write_document(document, tmp_path / "canning.yaml")
    assert list(tmp_path.iterdir()) == []


# the workbook that we write


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    target, _ = write_new(tmp_path_factory.mktemp("new") / "chain", book=True)
    return target


def test_the_workbook_is_one_that_a_planner_wants(template):
    book = openpyxl.load_workbook(template)
    assert book.sheetnames[0] == "#start"
    assert book["#lists"].sheet_state == "hidden"
    front = [cell for row in book["#start"].iter_rows(values_only=True) for cell in row if cell]
    assert sum(cell.startswith("planner ") for cell in front) == 3
    assert book["#start"].max_row <= 16
    for sheet in set(SHEETS) - {"outages", "expansion_factors", "owed", "limits_used"}:
        page = book[sheet]
        columns = columns_of(sheet)
        heads = [cell.value for cell in page[1]][: len(columns)]
        assert heads == [column.name for column in columns]
        assert list(page.tables) == [sheet]
        assert page.freeze_panes in {"A2", "B2"}
        for cell, column in zip(page[1], columns, strict=False):
            assert column.meaning[1:] in cell.comment.text
            assert column.unit in cell.comment.text
            assert cell.font.bold == (column.default is None)
        assert page.max_row >= 2, "an example row"


def test_drop_down_lists_follow_the_tables(template):
    book = openpyxl.load_workbook(template)
    lists = {
        (sheet.title, rule.formula1): rule
        for sheet in book.worksheets
        for rule in sheet.data_validations.dataValidation
    }
    assert lists["processes", "site_ids"].errorStyle == "warning"
    assert "A2" in lists["processes", "site_ids"].sqref
    assert ("lanes", "ends") in lists
    assert ("limits", '"region,operator,site,cluster"') in lists
    assert ("changes", "scenario_ids") in lists
    for _, formula in lists:
        assert formula.startswith('"') or formula in book.defined_names
    assert "INDEX(sites!$A:$A" in book.defined_names["site_ids"].attr_text


def test_figures_keep_their_digits_and_text_is_text(template):
    book = openpyxl.load_workbook(template)
    assert book["demand"]["D2"].number_format == "#,##0"
    assert book["demand"]["E2"].number_format == "#,##0.00"
    assert book["limits"]["G2"].number_format == "0%"
    assert book["sites"]["A2"].number_format == book["demand"]["C2"].number_format == "@"
    assert len(book["demand"].conditional_formatting) > 0, "figures that the format would round are shown in full"


def test_no_text_becomes_a_formula_or_link(tmp_path):
    source = tmp_path / "source.json"
    source.write_text(json.dumps({**toys.TINY, "title": '=HYPERLINK("http://x")', "#note": "=1+1"}))
    book = openpyxl.load_workbook(write_document(read_document(source)[0], tmp_path / "book.xlsx"))
    cells = [cell for sheet in book.worksheets if sheet.title != "#lists" for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type == "f"] == [TITLE]
    links = [cell.hyperlink for cell in cells if cell.hyperlink]
    assert links
    assert all(link.target is None for link in links), "links stay inside the workbook"


def test_the_new_instance_solves_and_means_something(template):
    instance = planner.load_instance(template)
    assert (len(instance.stages), len(instance.policies), len(instance.scenarios)) == (2, 1, 1)
    plan = planner.solve(instance, policy="balanced")
    assert plan.service_summary["lost"] == 0
    binding = plan.limits[plan.limits["shadow_price"] > 0]
    assert "motors-china" in set(binding["limit"])
    struck = planner.solve(instance, policy="balanced", scenario="suzhou-half")
    assert struck.objective > plan.objective * 1.001


def test_folder_and_workbook_of_new_are_the_same(template, tmp_path):
    folder, commands = write_new(tmp_path / "chain", book=False)
    assert planner.load_instance(folder) == planner.load_instance(template)
    assert planner.check_instance(folder).problems == ()
    text = (folder / "README.md").read_text()
    assert all(command in text for command in commands)
    for table in (path.stem for path in folder.glob("*.csv")):
        header = (folder / f"{table}.csv").read_text().splitlines()[0].split(",")
        assert header == [column.name for column in columns_of(table)]
        assert all(column.meaning in text for column in columns_of(table))


SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")


@pytest.fixture(scope="module")
def resaved(template, tmp_path_factory):
    """Workbooks by name, each as we wrote it and as LibreOffice saves it; it is started once for all."""
    folder = tmp_path_factory.mktemp("resaved")
    mapping = awkward()
    mapping["expansion_factors"][0]["factor"] = 0.3  # LibreOffice keeps 15 digits
    (folder / "source.json").write_text(json.dumps(mapping))
    sources = {
        "template": template,
        "awkward": write_document(read_document(folder / "source.json")[0], folder / "awkward.xlsx"),
    }
    book = openpyxl.load_workbook(template)
    (title,) = (value for key, value, *_ in book["settings"].iter_rows() if key.value == "title")
    title.value = "Our own chain"
    sources["retitled"] = folder / "retitled.xlsx"
    book.save(sources["retitled"])
    command = [SOFFICE, "--headless", "--norestore", f"-env:UserInstallation=file://{folder / 'profile'}"]
    command += ["--convert-to", "xlsx", "--outdir", folder / "saved", *sources.values()]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return {name: (source, folder / "saved" / source.name) for name, source in sources.items()}


@pytest.mark.slow
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("name", ["template", "awkward"])
def test_libreoffice_saves_the_same_instance(name, resaved):
    source, again = resaved[name]
    assert planner.check_instance(again).problems == planner.check_instance(source).problems
    assert planner.load_instance(again) == planner.load_instance(source)
    assert settled(again) == settled(source)


@pytest.mark.slow
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_the_first_page_has_the_title_that_was_typed_over_the_example(resaved):
    page = openpyxl.load_workbook(resaved["retitled"][1], data_only=True)["#start"]
    assert page["A1"].value == "Our own chain"
