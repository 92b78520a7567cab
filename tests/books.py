"""Workbooks for tests: the small hostile instance as sheets, and how its cells are spoilt."""

import copy
import re
import shutil
import zipfile

import xlsxwriter

SHEETS = {
    "settings": [["key", "value"], ["name", "small"], ["currency", "USD"], ["periods", "2027Q1..2027Q3"]],
    "regions": [["region", "name"], ["TW", "Taiwan"], ["US", "United States"]],
    "region_groups": [["group", "region"], ["world", "TW"], ["world", "US"]],
    "stages": [["stage"], ["wafer"], ["packaging"]],
    "sites": [["site", "region", "operator"], ["fab", "TW", "acme"], ["osat", "US", "acme"]],
    "items": [["item", "stage", "value"], ["die", "wafer", 20], ["chip", "packaging", 50]],
    "processes": [
        ["site", "item", "unit_cost", "yield", "lead_time"],
        ["fab", "die", 10, 0.9, 0],
        ["osat", "chip", 5, 1, 0],
    ],
    "components": [["item", "component", "quantity"], ["chip", "die", 2]],
    "capacities": [["site", "period", "capacity"], ["fab", "*", 500], ["osat", "*", 300]],
    "customers": [["customer", "name", "region"], ["cloud", "Cloud", "US"], ["lab", "Lab", "TW"]],
    "demand": [
        ["customer", "item", "period", "quantity", "price", "late_cost", "lost_cost", "must_serve"],
        ["cloud", "chip", "2027Q1", 40, 100, 3, None, None],
        ["cloud", "chip", "2027Q2", 50, 100, 3, None, None],
        ["lab", "chip", "*", 10, 90, None, 120, 0.5],
    ],
    "lanes": [
        ["from", "to", "item", "unit_cost", "lead_time"],
        ["fab", "osat", "die", 1, 0],
        ["osat", "cloud", "*", 2, 0],
        ["osat", "region:TW", "chip", 3, 0],
    ],
    "policies": [["policy", "title", "options"], ["limited", "Not too much", None]],
    "limits": [
        ["policy", "name", "measure", "stage", "of", "max_share"],
        ["limited", "cap", "stage", "packaging", "US", 1],
    ],
    "scenarios": [["scenario", "title"], ["strike", "A strike"]],
    "changes": [
        ["scenario", "change", "where", "period", "factor"],
        ["strike", "capacity", "site=osat", "2027Q2", 0.5],
    ],
}


class Shown:
    """A number with the format that shows it."""

    def __init__(self, number, form):
        self.number, self.form = number, form

    def __str__(self):
        return f"{self.number} as {self.form}"

    __repr__ = __str__  # in the names of tests


class Formula:
    """A formula with the value that the spreadsheet stored."""

    def __init__(self, text, value):
        self.text, self.value = text, value

    def __str__(self):
        return f"{self.text} stored as {self.value}"

    __repr__ = __str__  # in the names of tests


def sheets(**changed):
    """The sheets of the small instance; a value of None leaves one out."""
    found = {**copy.deepcopy(SHEETS), **changed}
    return {name: rows for name, rows in found.items() if rows is not None}


def spoilt(sheet, cell, value):
    """The sheets of the small instance with one cell changed, e.g. ("demand", "D2", "many")."""
    found = sheets()
    letter, row = cell[0], int(cell[1:])
    rows = found[sheet]
    rows.extend([] for _ in range(row - len(rows)))
    line = rows[row - 1]
    line.extend([None] * (ord(letter) - 64 - len(line)))
    line[ord(letter) - 65] = value
    return found


def write_book(path, tables, *, date_1904=False, finish=None):
    """A workbook of these sheets, cell by cell as given; `finish(book, sheets by name)` may add to it."""
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd", "strings_to_urls": False})
    if date_1904:
        book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd", "date_1904": True})
    made = {}
    with book:
        for name, rows in tables.items():
            made[name] = sheet = book.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, value in enumerate(cells):
                    _write(book, sheet, row, column, value)
        if finish is not None:
            finish(book, made)
    return path


def _write(book, sheet, row, column, value):
    if value is None:
        return
    if isinstance(value, Shown):
        sheet.write_number(row, column, value.number, book.add_format({"num_format": value.form}))
    elif isinstance(value, Formula):
        sheet.write_formula(row, column, value.text, None, value.value)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    else:
        sheet.write(row, column, value)


def edit_part(path, part, change):
    """Rewrite one part of a workbook's archive: `change(text) -> text`."""
    draft = path.with_suffix(".draft")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            new.writestr(info.filename, change(data.decode()).encode() if info.filename == part else data)
    shutil.move(draft, path)
    return path


def part_of(path, sheet):
    """The part of the archive that holds a sheet."""
    with zipfile.ZipFile(path) as archive:
        names = re.findall(r'<sheet name="([^"]+)"', archive.read("xl/workbook.xml").decode())
    return f"xl/worksheets/sheet{names.index(sheet) + 1}.xml"
