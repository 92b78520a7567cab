"""Figures of the results workbook as they are shown."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import toys

from planner.instance.loading import load_instance
from planner.plan.planning import solve
from planner.report.plan_workbook import figure_format, write_workbook

CANNING = Path(__file__).parents[2] / "instances" / "canning"


@pytest.mark.parametrize(
    ("form", "value", "shown"),
    [
        ("#,##0", 0.4908, "0.0000"),
        ("#,##0", -0.4908, "0.0000"),
        ("#,##0", 0.0, "#,##0"),
        ("#,##0", 12.0, "#,##0"),
        ("#,##0", 12.5, "#,##0.00"),
        ("#,##0", 2500.4, "#,##0"),
        ("#,##0", 4e-7, "0.0E+00"),
        ("#,##0", float("nan"), "#,##0"),
        ("0.0%", 0.4908, "0.0%"),
    ],
)
def test_a_small_figure_among_large_ones(form, value, shown):
    assert figure_format(form, value) == shown


def test_a_share_that_binds_is_not_shown_as_a_whole_number(tmp_path):
    """The use of a limit stands in one column with units: 0.55 of 0.55 was shown as 1 of 1."""
    plan = solve(load_instance(CANNING), "balanced")
    write_workbook(plan, tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    sheet = book["choke_points"]
    heads = {cell.value: cell.column for cell in sheet[1]}
    row = next(row for row in sheet.iter_rows(min_row=2) if row[heads["name"] - 1].value == "any-region (SW)")
    for name in ("used", "capacity"):
        cell = row[heads[name] - 1]
        assert cell.value == pytest.approx(0.55)
        assert cell.number_format == "0.0000"
    assert all("choke_points" in text for text in (sheet.oddHeader.left.text,))


def test_the_costs_have_a_total_that_is_not_counted_twice(tmp_path):
    """Their sheet is a table of the contract, read back by others: what they add up to is a note on it, not a row."""
    plan = solve(load_instance(CANNING))
    write_workbook(plan, tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    totals = [row[1].value for row in book["summary"].iter_rows(max_col=2) if row[0].value == "total"]
    assert totals[0] == pytest.approx(plan.objective)  # of the block Cost; the next is of the orders
    rows = list(book["costs"].iter_rows(min_row=2, values_only=True))
    assert sum(amount for _, amount in rows) == pytest.approx(plan.objective)
    assert {name for name, _ in rows} == set(plan.costs["component"])
    note = book["costs"]["B1"].comment.text
    assert f"In all {plan.instance.settings.currency} {plan.objective:,.2f}" in note
    assert "total of the sheet summary" in note


def test_what_has_no_end_is_no_empty_cell(tmp_path):
    """All that the plant can make must be served: with one unit less there would be no plan, which its CSV has as inf."""
    order = {"customer": "shop", "item": "unit", "quantity": 10}
    plan = toys.solve(toys.tiny(demand=[order], capacities=[{"site": "plant", "capacity": 10}]))
    assert float("inf") in plan.tables["price_sides"]["one_less_costs"].tolist()
    write_workbook(plan, tmp_path / "x.xlsx")
    rows = openpyxl.load_workbook(tmp_path / "x.xlsx")["price_sides"].iter_rows(min_row=2, values_only=True)
    assert "inf" in [row[-1] for row in rows]
