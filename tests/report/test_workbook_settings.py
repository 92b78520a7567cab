"""Settings in a workbook: figures in cells of figures, and one problem a cell, at the cell of the value."""

from __future__ import annotations

from shutil import copy

import openpyxl
import pytest
from portions import portion_of_rows

from planner.instance.loading import check_instance, load_instance
from planner.report.new_instance import write_new


@pytest.fixture(scope="module")
def new_book(tmp_path_factory):
    """The workbook of a new instance, made once."""
    target, _ = write_new(tmp_path_factory.mktemp("new") / "chain", book=True)
    return target


@pytest.fixture
def book(new_book, tmp_path):
    return copy(new_book, tmp_path)


def typed(book, key, value):
    found = openpyxl.load_workbook(book)
    row = next(row for row in found["settings"].iter_rows(min_row=2) if row[0].value == key)
    row[1].value = value
    found.save(book)
    return f"settings!{row[1].coordinate}"


def test_what_is_typed_over_a_rate_is_a_figure(book):
    """A cell that is formatted as text would make a text of 9 %."""
    cells = {row[0].value: row[1] for row in openpyxl.load_workbook(book)["settings"].iter_rows(min_row=2)}
    assert cells["discount_rate"].value == 0.08
    assert cells["discount_rate"].number_format.endswith("%")
    assert cells["holding_rate"].value == 0.02
    assert cells["schema_version"].value == 1
    assert cells["periods"].number_format == "@"
    typed(book, "discount_rate", 0.09)
    assert load_instance(book).settings.discount_rate == 0.09


@pytest.mark.parametrize(
    ("key", "text", "remedy"),
    portion_of_rows([("discount_rate", "8%", "8 % is 0.08"), ("holding_rate", "2,5 %", "2,5 % is 0.025")], quick=1),
)
def test_a_percentage_as_text_is_one_problem(book, key, text, remedy):
    cell = typed(book, key, text)
    problems = [problem for problem in check_instance(book).problems if problem.severity == "error"]
    assert [(problem.cell, remedy in problem.remedy) for problem in problems] == [(cell, True)]


@pytest.mark.parametrize(
    ("key", "value"),
    portion_of_rows([("stock", "somewhere"), ("schema_version", 7), ("report_periods", "2031Q1")], quick=1),
)
def test_a_wrong_setting_is_named_at_its_value(book, key, value):
    cell = typed(book, key, value)
    problems = [problem for problem in check_instance(book).problems if problem.severity == "error"]
    assert [problem.cell for problem in problems] == [cell]


def test_an_unknown_setting_is_named_at_its_key(book):
    found = openpyxl.load_workbook(book)
    found["settings"].append(["discont_rate", 0.1])
    found.save(book)
    problems = [problem for problem in check_instance(book).problems if problem.severity == "error"]
    assert [problem.cell[:10] for problem in problems] == ["settings!A"]
