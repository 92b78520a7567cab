"""Counted in millions of units or billions of money, no figure that is something is shown as 0."""

import contextlib
import io
import json
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
import toys
from units import counted_in

import planner
from planner.cli.main import main
from planner.report.plan_workbook import write_workbook
from planner.report.sections.choke_points import price_grid

CANNING = planner.load_instance(Path(__file__).parents[2] / "instances" / "canning")
SMALLEST = {"#,##0": 0.5, "#,##0.0": 0.05, "#,##0.00": 0.005, "0.0000": 0.00005}  # that a format shows


def printed(instance, folder, *words):
    """What a command prints of an instance."""
    path = folder / "x.json"
    path.write_text(json.dumps(instance.as_mapping()), encoding="utf-8")
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()), pytest.raises(SystemExit) as end:
        main([words[0], str(path), *words[1:], "--no-store"])
    assert not end.value.code
    return out.getvalue()


def cells(text, title):
    """The rows of cells of a printed table, its head first."""
    lines = text.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(title))
    found = []
    for line in lines[first + 1 :]:
        if not line.strip():
            break
        found.append([part.strip() for part in line.split("  ") if part.strip()])
    return found


def test_money_a_unit_where_a_unit_is_small(tmp_path):
    out = {"change": "outage", "where": {"site": "east"}, "period": "P2"}
    instance = toys.two_plants(
        periods=["P1", "P2"],
        policies=[
            {
                "name": "split",
                "limits": [{"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.6}],
            },
            {"name": "bare"},
        ],
        scenarios=[{"name": "fire", "surprise": True, "probability": 0.1, "changes": [out]}],
    )
    text = printed(counted_in(instance, {"unit": 1e6}), tmp_path, "stress", "--policy", "bare", "--policy", "split")
    head, *rows = cells(text, "Concentration tariff")
    assert {row[head.index("of")] for row in rows} >= {"TW"}
    assert all(float(row[head.index("tariff")]) > 0 for row in rows if row[head.index("of")] == "TW")
    head, *rows = cells(text, "What diversifying may cost")
    premium = float(rows[-1][head.index("premium")])
    assert 0 < premium < 1e-3


def test_what_a_policy_costs_more_beside_a_curve(tmp_path):
    lanes = [row.model_copy(update={"unit_cost": 1e-6 * row.unit_cost}) for row in CANNING.lanes]
    options = [row.model_copy(update={"unit_cost": 1e-6 * row.unit_cost}) for row in CANNING.expansions]
    instance = CANNING.replace(lanes=lanes, expansions=options)
    text = printed(instance, tmp_path, "frontier", "--policy", "balanced", "--limit", "any-region", "--to", "0.5")
    head, *rows = cells(text, "The policies:")
    assert [float(row[head.index("extra cost")]) for row in rows] == [pytest.approx(1.1e-6)]


def test_cells_of_a_workbook(tmp_path):
    instance = counted_in(CANNING, {"cases": 1e-6})
    capacities = [row.model_copy(update={"capacity": 1e-6 * row.capacity}) for row in CANNING.capacities]
    options = [row.model_copy(update={"capacity": 1e-6 * row.capacity}) for row in CANNING.expansions]
    processes = [row.model_copy(update={"capacity_use": 1.0}) for row in instance.processes]
    lanes = [row.model_copy(update={"unit_cost": 1e-6 * row.unit_cost}) for row in instance.lanes]
    instance = instance.replace(capacities=capacities, expansions=options, processes=processes, lanes=lanes)
    write_workbook(planner.solve(instance, "balanced"), tmp_path / "x.xlsx")
    seen = 0
    for sheet in openpyxl.load_workbook(tmp_path / "x.xlsx"):
        for cell in (cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, float) and cell.value):
            assert abs(cell.value) >= SMALLEST.get(cell.number_format, 0.0), (sheet.title, cell.coordinate, cell.value)
            seen += abs(cell.value) < 0.001
    assert seen > 10
    comment = openpyxl.load_workbook(tmp_path / "x.xlsx")["costs"]["B1"].comment.text
    assert "kUSD 0.000154775" in comment


def test_orders_of_all_products_together():
    made = {"stage": "make", "value": 10}
    instance = toys.two_plants(
        items=[{"item": "unit", **made}, {"item": "other", **made}],
        processes=[{"site": site, "item": item} for site in ("east", "west") for item in ("unit", "other")],
        capacities=[{"site": "west", "capacity": 0.2}],
        demand=[{"customer": "shop", "item": item, "quantity": 0.2, "price": 100} for item in ("unit", "other")],
    )
    told = [line for line in planner.audit(instance).findings if "all products together" in line]
    assert told
    assert all("of the 0.4 units ordered" in line for line in told)


def test_the_range_in_which_a_price_holds():
    row = {"policy": "p", "kind": "resource", "name": "line", "site": "plant", "period": "P1", "shadow_price": 3.0}
    row |= {"one_less_costs": 3.0, "capacity": 0.35, "valid_from": 0.3, "valid_to": 12.5, "verified": "yes"}
    prices = pd.DataFrame([{**row, "reason": ""}, {**row, "capacity": 1234.4, "reason": ""}])
    grid = price_grid(SimpleNamespace(currency="USD"), {"prices": prices}, "p")
    assert [line[5] for line in grid.rows] == ["0.35", "1,234"]
    assert {line[6] for line in grid.rows} == {"0.3 – 12.5"}
