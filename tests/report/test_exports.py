"""Exports: what other programs read is what the plan says, and is there whole."""

import importlib.util
import math
import shutil
import sys
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import toys

import planner
from planner.errors import UsageError
from planner.instance.periods import Periods
from planner.plan.plan_summary import plan_summary
from planner.report import plan_workbook
from planner.report.calendar_parts import quarter_of, year_and_part
from planner.report.csv_tables import read_csv_table
from planner.report.exports import export_plan
from planner.report.iamc import KEYS, iamc_table

CANNING = Path(__file__).parents[2] / "instances" / "canning"
QUARTERS = {"first": "2027Q2", "count": 6, "length": "quarter"}


def dated(**settings):
    """Two plants over six quarters of two years, the first of them run-in; stock is kept, and some is lost."""
    orders = [
        {"customer": "shop", "item": "unit", "period": period, "quantity": quantity, "price": 100}
        for period, quantity in (("2027Q3", 30), ("2027Q4", 90), ("2028Q1", 10), ("2028Q3", 200))
    ]
    rows = {
        "periods": QUARTERS,
        "report_periods": "2027Q3..",
        "regions": {"TW": "Taiwan", "US": "United States"},
        "capacities": [{"site": "east", "capacity": 40}, {"site": "west", "capacity": 20}],
        "lanes": [{"from": "east", "to": "shop", "unit_cost": 1}, {"from": "west", "to": "shop", "unit_cost": 2}],
        "demand": orders,
        **settings,
    }
    return toys.two_plants(**rows)


@pytest.fixture(scope="module")
def plan():
    limit = {"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.6}
    return planner.solve(
        dated(policies=[{"name": "capped", "title": "At most 60 % in Taiwan", "limits": [limit]}]), "capped"
    )


def rows_of(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_a_workbook_has_a_summary_and_a_sheet_a_table(plan, tmp_path):
    written = export_plan(plan, tmp_path / "x.xlsx")
    assert written.words == f"a workbook of a summary and {len(plan.tables)} tables"
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert book.sheetnames == ["summary", *plan.tables]
    for name, table in plan.tables.items():
        sheet = book[name]
        head, *rows = rows_of(sheet)
        assert head == list(table.columns)
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref
        assert len(rows) == len(table)
        for row, values in zip(rows, table.itertuples(index=False, name=None), strict=True):
            for cell, value in zip(row, values, strict=True):
                if isinstance(value, str):
                    assert (cell or "") == value
                else:
                    assert (math.isnan(value) and cell is None) or cell == pytest.approx(value, rel=1e-12)
    shares = next(cell for cell in book["exposure"][1] if cell.value == "share").column
    assert "%" in book["exposure"].cell(2, shares).number_format
    assert book["shipments"].cell(2, 9).number_format.startswith("#,##0")


def test_the_summary_says_the_answer_the_cost_and_what_binds(plan, tmp_path):
    export_plan(plan, tmp_path / "x.xlsx")
    found = rows_of(openpyxl.load_workbook(tmp_path / "x.xlsx")["summary"])
    texts = [str(cell) for row in found for cell in row if cell is not None]
    service = plan.service_summary
    assert service["lost"] > 0
    answer = found[1][0]
    assert answer.startswith("The policy capped delivers ")
    assert f"{service['lost']:.0f}" in answer
    assert "Taiwan, where 60 % of make is made and which 60 % of the units delivered have touched." in answer
    assert found[2][0].startswith("What binds most is ")
    assert any(str(row[0]).startswith("checked: every balance, limit and cost re-added") for row in found[2:5])
    total = next(row for row in found if row[0] == "total")
    assert total[1] == pytest.approx(plan.objective)
    for heading in ("Cost", "Orders", "Exposure: where each stage is made", "What binds: limits", "What was solved"):
        assert heading in texts
    limits = found[texts_at(found, "What binds: limits") + 2 :][:2]
    assert limits[1][:2] == ["cap", "TW"]
    cells = openpyxl.load_workbook(tmp_path / "x.xlsx")["summary"].iter_rows()
    links = [cell.hyperlink for row in cells for cell in row if cell.hyperlink]
    assert {link.location for link in links} == {f"'{name}'!A1" for name in plan.tables}
    assert not any(link.target for link in links)


def texts_at(rows, text):
    return next(number for number, row in enumerate(rows) if row[0] == text)


def test_a_summary_leaves_out_what_is_empty():
    bare = planner.solve(toys.tiny())
    found = plan_summary(bare)
    titles = {block.title for block in found.blocks}
    assert titles == {
        "Cost",
        "Orders",
        "Exposure: where each stage is made",
        "Exposure of finished units",
        "What was solved",
    } | ({"What binds: choke points"} if (bare.choke_points["shadow_price"] > 0).any() else set())
    assert found.lines[0].startswith(
        "The plan without a policy delivers 10 of the 10 units ordered and loses none, at a cost"
    )


def test_a_plan_without_anything_made_has_a_summary():
    nothing = toys.tiny(demand=[{"customer": "shop", "item": "unit", "quantity": 0, "price": 1}])
    found = plan_summary(planner.solve(nothing))
    assert "delivers 0 of the 0 units" in found.lines[0]
    cost = found.blocks[0].table
    assert cost["amount"].tolist() == [0.0]
    assert cost["share"].isna().all()


def test_a_table_that_no_sheet_holds_is_refused(plan, tmp_path, monkeypatch):
    monkeypatch.setattr(plan_workbook, "MOST_ROWS", 3)
    with pytest.raises(UsageError, match=r"a sheet holds 3.*duckdb"):
        export_plan(plan, tmp_path / "x.xlsx")
    assert not list(tmp_path.iterdir())


def test_a_workbook_calls_for_nothing_from_outside(plan, tmp_path):
    export_plan(plan, tmp_path / "x.xlsx")
    with zipfile.ZipFile(tmp_path / "x.xlsx") as file:
        text = "".join(file.read(name).decode("utf-8") for name in file.namelist() if name.endswith((".xml", ".rels")))
    assert "<f>" not in text.replace("<c:f>", "")  # the chart's own references aside
    assert 'TargetMode="External"' not in text


def test_a_csv_folder_reads_back(plan, tmp_path):
    written = export_plan(plan, tmp_path / "out.csv")
    assert written.place.is_dir()
    assert written.words.startswith("a folder of ")
    for name, table in plan.tables.items():
        pd.testing.assert_frame_equal(
            read_csv_table(tmp_path / "out.csv" / f"{name}.csv", name), table, check_dtype=False
        )


def test_a_parquet_folder_has_the_types_that_columns_mean(plan, tmp_path):
    export_plan(plan, tmp_path / "out.parquet")
    for name, table in plan.tables.items():
        found = pd.read_parquet(tmp_path / "out.parquet" / f"{name}.parquet")
        pd.testing.assert_frame_equal(found, table, check_dtype=False)
    empty = pd.read_parquet(tmp_path / "out.parquet" / "commitments.parquet")
    assert empty.empty
    assert empty["minimum"].dtype == float
    assert pd.api.types.is_string_dtype(empty["commitment"])


@pytest.mark.parametrize("name", ["x.ods", "x.xls", "x.json", "x.iamc"])
def test_an_ending_that_is_not_known_is_refused(plan, tmp_path, name):
    with pytest.raises(UsageError, match=r"no kind of export.*xlsx"):
        export_plan(plan, tmp_path / name)


@pytest.fixture
def base(plan, tmp_path):
    duckdb = pytest.importorskip("duckdb")
    export_plan(plan, tmp_path / "x.duckdb")
    with duckdb.connect(str(tmp_path / "x.duckdb"), read_only=True) as found:
        yield found


def test_a_database_has_a_table_a_table(plan, base):
    for name, table in plan.tables.items():
        found = base.execute(f'SELECT * FROM "{name}"').df()
        assert list(found.columns) == list(table.columns)
        pd.testing.assert_frame_equal(found.astype(object), table.astype(object), check_dtype=False)
    instance, policy, objective = base.execute("SELECT instance, policy, objective FROM run").fetchone()
    assert (instance, policy) == ("tiny", "capped")
    assert objective == pytest.approx(plan.objective)


def test_exposure_by_quarter_is_the_plans(plan, base):
    found = base.execute("SELECT stage, region, quarter, share FROM exposure_by_quarter").fetchall()
    exposure = plan.exposure[(plan.exposure["over"] == "region") & (plan.exposure["measure"] == "stage")]
    reported = [plan.instance.periods.labels[position] for position in plan.instance.report_periods]
    exposure = exposure[exposure["period"].isin(reported)]
    expected = {(row.stage, row.of, row.period): row.share for row in exposure.itertuples()}
    assert {row[:3]: row[3] for row in found} == pytest.approx(expected)
    assert len(expected) > 6


def test_a_quarter_has_its_reported_months_alone(tmp_path):
    """Run-in and tail stay out of both views, as they stay out of every reported figure."""
    duckdb = pytest.importorskip("duckdb")
    months = [f"2027-{number:02d}" for number in range(1, 7)]
    orders = [{"customer": "shop", "item": "unit", "period": month, "quantity": 10, "price": 9} for month in months]
    plan = planner.solve(dated(periods="2027-01..2027-06", report_periods="2027-02..2027-05", demand=orders))
    export_plan(plan, tmp_path / "x.duckdb")
    with duckdb.connect(str(tmp_path / "x.duckdb"), read_only=True) as base:
        found = base.execute("SELECT quarter, sum(finished), sum(share) FROM exposure_by_quarter GROUP BY 1 ORDER BY 1")
        rows = found.fetchall()
    made = plan.production.set_index("period")["finished"]
    assert made.sum() == pytest.approx(60)
    expected = [("2027Q1", made[["2027-02", "2027-03"]].sum(), 1), ("2027Q2", made[["2027-04", "2027-05"]].sum(), 1)]
    assert rows == expected


def test_service_by_customer_is_the_plans(plan, base):
    ((customer, item, demand, delivered, _, lost, rate),) = base.execute("SELECT * FROM service_by_customer").fetchall()
    service = plan.service_summary
    assert (customer, item) == ("shop", "unit")
    assert [demand, delivered, lost, rate] == pytest.approx(
        [service["demand"], service["delivered"], service["lost"], service["fill_rate"]]
    )


@pytest.mark.parametrize("name", ["what if?", "a\\b", "50% #2"])
def test_a_duckdb_file_in_a_folder_of_any_name(plan, tmp_path, name):
    """DuckDB itself takes what follows a `?` for no part of the path, and a backslash for a folder."""
    duckdb = pytest.importorskip("duckdb")
    export_plan(plan, tmp_path / name / f"{name}.duckdb")
    assert [path.name for path in tmp_path.iterdir()] == [name]
    shutil.copyfile(tmp_path / name / f"{name}.duckdb", tmp_path / "plain.duckdb")
    with duckdb.connect(str(tmp_path / "plain.duckdb"), read_only=True) as base:
        assert base.execute("SELECT count(*) FROM production").fetchall() == [(len(plan.production),)]


def test_without_duckdb_it_is_said_how_to_get_it(plan, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(UsageError, match=r"planner\[duckdb\]"):
        export_plan(plan, tmp_path / "x.duckdb")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("length", "label", "part", "quarter"),
    [
        ("quarter", "2027Q3", (2027, "Q3"), "2027Q3"),
        ("month", "2027-01", (2027, "01"), "2027Q1"),
        ("month", "2027-12", (2027, "12"), "2027Q4"),
        ("year", "2027", (2027, "Year"), "2027"),
        ("week", "2026-W53", (2026, "W53"), "2026Q4"),
        ("week", "2026-W01", (2026, "W01"), "2026Q1"),
        ("week", "2026-W40", (2026, "W40"), "2026Q4"),
        (None, "2027Q3", None, "2027Q3"),
        (None, "week-1", None, "week-1"),
    ],
)
def test_periods_in_years_and_quarters(length, label, part, quarter):
    periods = Periods((label,), length)
    assert year_and_part(periods, label) == part
    assert quarter_of(periods, label) == quarter


def test_the_iamc_table_counts_what_the_plan_says(plan):
    table = iamc_table(plan)
    assert list(table.columns) == [*KEYS, "Subannual", 2027, 2028]
    assert set(table["Scenario"]) == {"tiny / capped"}
    assert not table.duplicated([*KEYS, "Subannual"]).any()

    def value(variable, region, part, year):
        row = table[(table["Variable"] == variable) & (table["Region"] == region) & (table["Subannual"] == part)]
        return float(row[year].iloc[0])

    made = plan.production.groupby(["region", "period"])["finished"].sum()
    assert value("Production|make", "Taiwan", "Q4", 2027) == pytest.approx(made["TW", "2027Q4"])
    assert value("Production|make|unit", "World", "Year", 2027) == pytest.approx(
        sum(amount for (_, period), amount in made.items() if period.startswith("2027"))
    )
    year = {region: value("Production|make", region, "Year", 2028) for region in ("Taiwan", "United States", "World")}
    assert year["Taiwan"] + year["United States"] == pytest.approx(year["World"])
    assert value("Exposure|make", "Taiwan", "Year", 2028) == pytest.approx(100 * year["Taiwan"] / year["World"])
    kept = plan.stock.groupby("period")["quantity"].sum()
    assert "2028Q2" in kept
    assert value("Stock|make", "World", "Q2", 2028) == pytest.approx(kept["2028Q2"])
    assert value("Lost Orders|unit", "World", "Year", 2028) == pytest.approx(plan.service["lost"].sum())
    assert value("Cost|Production", "World", "Year", 2027) + value("Cost|Production", "World", "Year", 2028) == (
        pytest.approx(float(plan.costs.loc[plan.costs["component"] == "production", "amount"].iloc[0]))
    )
    sent = plan.shipments[(plan.shipments["from_region"] == "US") & (plan.shipments["period"].str.startswith("2028"))]
    assert value("Trade|make|unit", "United States>Taiwan", "Year", 2028) == pytest.approx(sent["quantity"].sum())
    assert set(table.loc[table["Variable"].str.startswith("Exposure"), "Unit"]) == {"%"}
    assert set(table.loc[table["Variable"].str.startswith("Cost"), "Unit"]) == {"USD (discounted)"}


def test_the_iamc_table_of_whole_years_has_no_parts():
    orders = [
        {"customer": "shop", "item": "unit", "period": year, "quantity": 5, "price": 100} for year in ("2027", "2028")
    ]
    plan = planner.solve(
        dated(periods={"first": "2027", "count": 2, "length": "year"}, report_periods="*", demand=orders)
    )
    assert list(iamc_table(plan).columns) == [*KEYS, 2027, 2028]


def test_regions_of_one_name_keep_their_ids():
    plan = planner.solve(dated(regions={"TW": "Here", "US": "Here"}))
    assert set(iamc_table(plan)["Region"]) >= {"TW", "US"}
    plan = planner.solve(dated(regions={"TW": "World", "US": "A>B"}))
    assert set(iamc_table(plan)["Region"]) == {"TW", "US", "World", "US>TW"}


def test_plain_periods_lie_in_no_year(tmp_path):
    with pytest.raises(UsageError, match="plain labels"):
        export_plan(planner.solve(CANNING), tmp_path / "x.iamc.csv")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(
    importlib.util.find_spec("pyam") is None, reason="pyam is not installed: it brings a hundred packages"
)
def test_pyam_reads_it(plan, tmp_path):
    import pyam

    export_plan(plan, tmp_path / "x.iamc.csv")
    found = pyam.IamDataFrame(tmp_path / "x.iamc.csv")
    assert found.model == [iamc_table(plan)["Model"].iloc[0]]
    assert found.year == [2027, 2028]
    assert found.extra_cols == ["subannual"]
    world = found.filter(variable="Production|make", region="World", subannual="Year", year=2028).data["value"]
    made = plan.production[plan.production["period"].str.startswith("2028")]["finished"].sum()
    assert world.tolist() == pytest.approx([made])
    assert found.filter(subannual="Year").check_aggregate_region("Production|make") is None
