"""Workbooks as people and programs save them: each cell does what its owner means, or says that it cannot."""

import datetime as dt
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from portions import portion, portion_of_rows
from small_instance import as_mapping

sys.path.insert(0, str(Path(__file__).parents[1]))
from books import SHEETS, Formula, Shown, edit_part, part_of, sheets, spoilt, write_book

import planner


@pytest.fixture
def book(tmp_path):
    """A writer of workbooks."""

    def write(tables, **options):
        return write_book(tmp_path / "small.xlsx", tables, **options)

    return write


def problems(path):
    return planner.check_instance(path).problems


def errors(path):
    return [problem for problem in problems(path) if problem.severity == "error"]


def loads(path, **changed):
    """The workbook is the small instance with some tables changed."""
    mapping = as_mapping()
    for name in ("lane_capacities", "tariffs", "stocks", "arrivals", "commitments", "expansions"):
        del mapping[name]
    mapping["regions"] = {"TW": "Taiwan", "US": "United States"}
    limit = {"name": "cap", "measure": "stage", "stage": "packaging", "of": "US", "max_share": 1}
    mapping["policies"] = [{"name": "limited", "title": "Not too much", "limits": [limit]}]
    change = {"change": "capacity", "where": {"site": "osat"}, "period": "2027Q2", "factor": 0.5}
    mapping["scenarios"] = [{"name": "strike", "title": "A strike", "changes": [change]}]
    wanted = planner.load_instance({**mapping, **changed})
    found = planner.check_instance(path)
    assert not [problem for problem in found.problems if problem.severity == "error"]
    return found.instance == wanted


def test_a_workbook_is_the_instance_of_its_sheets(book):
    path = book(sheets())
    assert problems(path) == ()
    assert loads(path)


def test_a_workbook_that_another_program_saved(book):
    """openpyxl writes inline what xlsxwriter shares, and leaves references and styles as it likes."""
    path = book(sheets())
    copy = path.with_name("copy.xlsx")
    openpyxl.load_workbook(path).save(copy)
    assert loads(copy)


def test_ways_in_which_programs_write_the_same_cells(book):
    path = book(sheets())
    part = part_of(path, "demand")
    edit_part(path, part, lambda text: text.replace("<c r=", "<c x:r=", 0).replace(' r="D2"', "", 1))
    assert loads(path)  # a cell without its reference follows the one before it
    edit_part(path, part, lambda text: text.replace("<worksheet xmlns=", "<s:worksheet xmlns:s=", 1))
    assert errors(path)[0].file == "small.xlsx"  # the part is no longer well formed


@pytest.mark.parametrize("encoding", portion(["WTF-8", "cp932", "rot13", "x" * 200, "idna", "hex", "utf-7"], quick=4))
def test_encodings_of_parts(book, encoding):
    path = book(sheets())
    edit_part(path, part_of(path, "demand"), lambda text: text.replace('encoding="UTF-8"', f'encoding="{encoding}"'))
    (found,) = errors(path)
    assert "damaged" in found.message or "encoding" in found.message


def test_strict_open_xml(book):
    path = book(sheets())
    transitional = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    with zipfile.ZipFile(path) as archive:
        parts = [name for name in archive.namelist() if name.endswith(".xml")]
    for part in parts:
        edit_part(path, part, lambda text: text.replace(transitional, strict))
    assert loads(path)


# one cell is spoilt: (sheet, cell, value, part of the message)
SPOILT = [
    ("demand", "D2", "many", "'many' is not a number"),
    ("demand", "D2", dt.date(2027, 5, 3), "date, 2027-05-03"),
    ("demand", "D2", Formula("=1/0", "#DIV/0!"), "error #DIV/0!"),
    ("demand", "A3", Formula("=NA()", "#N/A"), "error #N/A"),
    ("demand", "D2", "1,250", "'1,250' is not a number"),
    ("demand", "D2", "1.250", "'1.250' is text, and can be 1.25 or 1250"),
    ("demand", "H4", "50%", "'50%' is text"),
    ("demand", "H4", Shown(50, "0%"), "50 is not a share"),
    ("demand", "C2", dt.date(2027, 5, 1), "date 2027-05-01"),
    ("demand", "C2", "2027Q9", "'2027Q9' is not a planned period"),
    ("demand", "B2", dt.date(2027, 3, 1), "the spreadsheet has made it"),
    ("sites", "A2", Shown(100000, "0.00E+00"), "shown with an exponent"),
    ("sites", "B3", None, "region is missing"),
    ("processes", "D2", 92, "92 is not a yield"),
    ("settings", "B4", dt.date(2027, 1, 1), "2027-01-01"),
    ("settings", "A3", "curency", "'curency' is not known here"),
    ("limits", "F2", 1.5, "1.5 is not a share"),
    ("limits", "D2", "packing", "There is no stage 'packing'"),
    ("limits", "A2", "limitd", "There is no policy 'limitd'"),
    ("changes", "C2", "site=osta", "There is no site 'osta'"),
    ("changes", "C2", "osat", "is not written as key=value"),
    ("changes", "D2", "2028Q1", "'2028Q1' is not a planned period"),
    ("changes", "E2", "half", "'half' is not a number"),
    ("changes", "A2", "strik", "There is no scenario 'strik'"),
    ("demand", "K7", "a note", "no name"),
    ("demand", "E1", "prize", "'prize' is no column of demand"),
]


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "said"), portion_of_rows(SPOILT, quick=10), ids=lambda part: str(part)[:30]
)
def test_a_spoilt_cell_is_named_once(book, sheet, cell, value, said):
    found = errors(book(spoilt(sheet, cell, value)))
    assert said in str(found[0])
    assert found[0].cell == f"{sheet}!{cell}"
    assert str(found[0]).startswith(f"{sheet}!")
    same = [problem for problem in found if problem.cell == found[0].cell]
    assert len(same) == 1, "what follows from it is not said"


@pytest.mark.parametrize(
    ("sheet", "cell", "value"),
    [
        ("demand", "D2", "40"),  # a number kept as text
        ("demand", "D2", " 40\u00a0"),
        ("demand", "D2", "40.00"),
        ("demand", "D2", Formula("=20*2", 40)),
        ("demand", "D2", Shown(40, '#,##0.00 "units"')),
        ("demand", "D2", Shown(40, "[$-409]#,##0.00 [$USD]")),
        ("demand", "H4", Shown(0.5, "0 %")),
        ("demand", "A2", "cloud "),
        ("demand", "B2", Formula('="ch"&"ip"', "chip")),
        ("demand", "D9", "   "),
    ],
    ids=str,
)
def test_a_cell_means_what_its_owner_means(book, sheet, cell, value):
    assert loads(book(spoilt(sheet, cell, value)))


def test_a_figure_is_what_is_stored_not_what_is_shown(book):
    path = book(spoilt("processes", "D2", Shown(0.92, "0%")))
    assert planner.load_instance(path).processes[0].yield_ == 0.92
    edit_part(path, part_of(path, "processes"), lambda text: text.replace("<v>0.92</v>", "<v>0.92000000000000004</v>"))
    assert planner.load_instance(path).processes[0].yield_ == 0.92


def test_a_formula_without_a_stored_value(book):
    path = book(sheets())
    edited = openpyxl.load_workbook(path)
    edited["demand"]["D2"] = "=20*2"
    edited.save(path)
    (found,) = errors(path)
    assert found.cell == "demand!D2"
    assert "not stored" in found.message


def test_a_formula_that_shows_nothing(book):
    path = book(sheets())
    formula = '<row r="9"><c r="A9" t="str"><f>""</f><v></v></c></row></sheetData>'
    edit_part(path, part_of(path, "sites"), lambda text: text.replace("</sheetData>", formula))
    assert loads(path)


def test_ids_that_became_numbers(book):
    tables = sheets()
    for name, column in (("sites", 0), ("processes", 0), ("lanes", 0), ("lanes", 1), ("capacities", 0)):
        for row in tables[name][1:]:
            if row[column] == "osat":
                row[column] = Shown(7, "000")
    tables["changes"][1][2] = "site=007"
    assert [site.site for site in planner.load_instance(book(tables)).sites] == ["007", "fab"]


@pytest.mark.parametrize("date_1904", [False, True])
def test_periods_that_became_dates(book, date_1904):
    tables = sheets()
    tables["settings"][3][1] = "2027-01..2027-03"
    tables["demand"][1][2], tables["demand"][2][2] = dt.date(2027, 1, 1), dt.date(2027, 2, 1)
    tables["changes"][1][3] = dt.date(2027, 3, 1)
    instance = planner.load_instance(book(tables, date_1904=date_1904))
    assert [row.period for row in instance.demand] == ["2027-01", "2027-02", "*"]
    assert instance.scenarios[0].changes[0].period == "2027-03"


def test_years_are_periods(book):
    tables = sheets()
    tables["settings"][3][1] = "2027..2029"
    tables["demand"][1][2], tables["demand"][2][2] = 2027, 2028.0
    tables["changes"][1][3] = 2029
    assert [row.period for row in planner.load_instance(book(tables)).demand] == ["2027", "2028", "*"]


def test_plain_labels(book):
    tables = sheets()
    tables["settings"][3][1] = "w1, w2,w3"
    for name, column in (("demand", 2), ("changes", 3)):
        for row in tables[name][1:]:
            row[column] = {"2027Q1": "w1", "2027Q2": "w2"}.get(row[column], row[column])
    assert planner.load_instance(book(tables)).periods.labels == ("w1", "w2", "w3")


def test_merged_cells_are_an_error(book):
    def merge(_, made):
        made["demand"].merge_range("E2:F3", 100)

    (found,) = errors(book(sheets(), finish=merge))
    assert (found.cell, "E2:F3" in found.message) == ("demand!E2", True)


def test_merged_cells_of_the_users_own_do_no_harm(book):
    tables = sheets()
    for row in tables["demand"]:
        row.append(None)
    tables["demand"][0][8] = "#remark"

    def merge(_, made):
        made["demand"].merge_range("I2:I3", "both of them")

    assert loads(book(tables, finish=merge))


def test_a_hidden_sheet_is_read_and_said(book):
    path = book(sheets(), finish=lambda _, made: made["demand"].hide())
    (found,) = problems(path)
    assert (found.severity, found.cell) == ("warning", "demand")
    assert loads(path)


def test_filtered_rows_are_read_and_said(book):
    def hide(_, made):
        made["demand"].set_row(1, None, None, {"hidden": True})

    path = book(sheets(), finish=hide)
    (found,) = problems(path)
    assert (found.severity, found.cell, found.message.startswith("1 of the rows")) == ("warning", "demand", True)
    assert loads(path)


def far(path, cell):
    """A workbook with another cell at the far end of every sheet."""
    for sheet in sheets():
        edit_part(
            path,
            part_of(path, sheet),
            lambda text: text.replace("</sheetData>", f'<row r="1048576">{cell}</row></sheetData>'),
        )
    return path


def test_far_cells_that_are_only_styled_do_no_harm(book):
    path = far(book(sheets()), '<c r="XFD1048576" s="0"/>')
    begun = time.process_time()
    assert loads(path)
    assert time.process_time() - begun < 1


def test_a_far_cell_with_a_value_is_named(book):
    found = errors(far(book(sheets()), '<c r="XFD1048576"><v>1</v></c>'))
    assert {problem.cell for problem in found} == {f"{sheet}!XFD1048576" for sheet in sheets()}


def test_sheets_and_columns_of_the_users_own(book):
    tables = sheets(**{"#totals": [["anything"], [Formula("=1/0", "#DIV/0!")]], "Sheet9": [[]]})
    tables["demand"][0] += ["# check", "#note"]
    tables["demand"][1] += [Formula("=D2*E2", 4000), "agreed by telephone"]
    tables["settings"].append(["#note", "anything"])
    assert loads(book(tables))


def test_a_sheet_of_another_name_is_refused(book):
    (found,) = errors(book(sheets(lane=SHEETS["lanes"])))
    assert "lanes" in found.remedy
    assert found.file == "lane"


def test_sheet_and_column_names_in_capitals(book):
    tables = {name.capitalize(): rows for name, rows in sheets().items()}
    tables["Demand"][0] = [name.upper() for name in tables["Demand"][0]]
    assert loads(book(tables))


def test_keys_of_settings_in_capitals_are_keys_as_columns_are(book):
    tables = sheets()
    for row in tables["settings"][1:]:
        row[0] = row[0].capitalize()
    assert loads(book(tables))


@pytest.mark.parametrize("written", ["Q1 2027 - Q4 2027", "2027Q1 .. 2027Q4", "2027Q1-2027Q4", "1Q27 to 4Q27"])
def test_a_calendar_written_otherwise_is_no_label(book, written):
    (found,) = errors(book(spoilt("settings", "B4", written)))
    assert (found.cell, found.remedy) == ("settings!B4", "Write 2027Q1..2027Q4.")


def test_a_date_in_the_place_of_a_quarter_names_the_quarter(book):
    tables = sheets()
    tables["settings"][3][1] = "2027Q1..2027Q4"
    tables["demand"][1][2] = dt.date(2027, 6, 30)
    (found,) = errors(book(tables))
    assert (found.cell, found.remedy) == ("demand!C2", "Format the cell as text and write 2027Q2.")


@pytest.mark.parametrize("name", ["2027Q1", "Q2 2027", "2027"])
def test_a_column_a_period_is_told_to_be_rows(book, name):
    tables = sheets()
    tables["demand"][0].append(name)
    (found,) = errors(book(tables))
    assert found.remedy == "Give each period a row of its own, with its label in the column period."
    tables["demand"][0][-1] = "comment"
    (found,) = errors(book(tables))
    assert found.remedy.endswith("Let the name of a column of your own begin with #.")


def test_coordinates_as_text_are_what_they_are(book):
    tables = sheets()
    tables["sites"][0] += ["latitude"]
    tables["sites"][1] += ["25.034"]
    assert 25.034 in {site.latitude for site in planner.load_instance(book(tables)).sites}


def test_a_title_above_the_table_is_one_problem(book):
    tables = sheets()
    tables["demand"].insert(0, ["Orders of 2027"])
    (found,) = errors(book(tables))
    assert found.cell == "demand!A1"


def test_empty_rows_and_sheets_are_passed_over(book):
    tables = sheets(stocks=[["site", "item"]], tariffs=[])
    tables["demand"] = [[], [], *tables["demand"][:2], [], *tables["demand"][2:]]
    assert loads(book(tables))


def test_order_matters_for_stages_and_changes_only(book):
    tables = sheets()
    for name, rows in tables.items():
        if name not in {"stages", "changes", "region_groups"}:  # groups keep the order in which they are written
            rows[1:] = reversed(rows[1:])
    assert loads(book(tables))


def test_nothing_follows_from_a_sheet_that_cannot_be_read(book):
    tables = sheets()
    tables["sites"][0] = ["plant", "area", "firm"]
    (found,) = errors(book(tables))
    assert found.cell == "sites!A1"


def test_a_workbook_without_settings(book):
    (found,) = errors(book(sheets(settings=None)))
    assert "settings" in found.message


def test_options_of_a_policy(book):
    tables = sheets(expansions=[["option", "site", "period", "capacity"], ["more", "osat", "2027Q2", 5]])
    for text, options in ((None, None), ("-", ()), ("more", ("more",))):
        tables["policies"][1][2] = text
        assert planner.load_instance(book(tables)).policies[0].options == options


def zipped(path, **parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def bomb(path, sheet):
    """A workbook with this as the XML of its one sheet."""
    write_book(path, {"settings": [["k" * 30_000, "value"]]})
    return edit_part(path, "xl/worksheets/sheet1.xml", lambda _: sheet)


HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = "</sheetData></worksheet>"
ENTITIES = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + k)} "{f"&{chr(97 + k)};" * 10}">' for k in range(9)
)
BOMBS = {  # a quarter of a gigabyte in sum: each is written where it is used
    "spaces": lambda: HEAD + " " * 60_000_000 + TAIL,
    "cells": lambda: HEAD + "<row>" + "<c><v>1</v></c>" * 2_500_000 + "</row>" + TAIL,
    "one row a cell": lambda: HEAD + "<row><c><v>1</v></c></row>" * 1_400_000 + TAIL,
    "a long value": lambda: HEAD + '<row><c t="str"><v>' + "x" * 39_000_000 + "</v></c></row>" + TAIL,
    "one text in many cells": lambda: (
        HEAD + "".join(f"<row>{"<c t='s'><v>0</v></c>" * 9}</row>" for _ in range(25_000)) + TAIL
    ),
    "deep": lambda: HEAD + "<row>" * 3_000_000,
    "attributes": lambda: HEAD + "<row>" + "<c " + " ".join(f'a{k}="1"' for k in range(1_000_000)) + "/></row>" + TAIL,
    "entities": lambda: ENTITIES + "]>" + HEAD + '<row><c t="str"><v>&j;</v></c></row>' + TAIL,
    "far away": lambda: HEAD + '<row r="99999999999999"><c r="A1"><v>1</v></c></row>' + TAIL,
    "merged": lambda: (
        HEAD + "</sheetData><mergeCells>" + '<mergeCell ref="A1:B2"/>' * 1_500_000 + "</mergeCells></worksheet>"
    ),
}


@pytest.mark.parametrize("kind", portion(BOMBS, quick=1))
def test_a_bomb_is_refused_in_time(tmp_path, kind):
    path = bomb(tmp_path / "bomb.xlsx", BOMBS[kind]())
    begun = sum(os.times()[:4])  # its own time and that of its children
    found = errors(path)
    assert sum(os.times()[:4]) - begun < 5
    assert found
    assert all(len(str(problem)) < 1_000 for problem in found)


def test_it_works_from_a_script_without_a_main_guard_and_beside_files_of_any_name(book, tmp_path):
    """As in a notebook: no module of the caller's is imported again, and none in the working folder by mistake."""
    path = book(sheets())
    for name in ("json", "zipfile", "xlsx"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module')\n")
    script = "import sys, planner; print(planner.load_instance(sys.argv[1]).settings.name)"
    command = [sys.executable, "-P", "-c", script, str(path)]  # -P: planner itself is not found in the working folder
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "small\n", done.stderr
