"""Warnings of what is allowed and probably not meant: rates beside plain labels, `2.000`, lots that find no order."""

import json

import books
import pytest
import toys

import planner

ORDER = {"customer": "shop", "item": "unit", "price": 100}


def doubts(**tables):
    found = planner.check_instance({**toys.TINY, **tables})
    assert found.instance is not None, found.problems
    assert all(problem.severity == "warning" for problem in found.problems)
    return found.problems


class TestRateBesidePlainLabels:
    @pytest.mark.parametrize(
        ("labels", "length", "first"),
        [
            (["week-1", "week-2"], "week", "2027-W05"),
            (["W1", "W2", "W3"], "week", "2027-W05"),
            (["w01", "w02"], "week", "2027-W05"),
            (["2026-W53", "2027-W01"], "week", "2026-W53"),
            (["2027W5", "2027W6"], "week", "2027-W05"),
            (["2027-01-04", "2027-01-11", "2027-01-18"], "week", "2027-W01"),
            (["2027-01-31", "2027-02-28", "2027-03-31"], "month", "2027-01"),
            (["Jan", "Feb", "Mar"], "month", "2027-01"),
            (["M1", "M2"], "month", "2027-01"),
            (["2027-01", "2027-02"], "month", "2027-01"),
            (["Q1-27", "Q2-27"], "quarter", "2027Q1"),
            (["Q1", "Q2"], "quarter", "2027Q1"),
        ],
    )
    def test_labels_that_look_like_parts_of_a_year(self, labels, length, first):
        [problem] = doubts(periods=labels, discount_rate=0.1)
        assert problem.column == "discount_rate"
        assert f"look like {length}s: 10 % a {length} is" in problem.message
        assert f"periods: {{first: {first}, count: {len(labels)}, length: {length}}}" in problem.remedy

    def test_the_figures(self):
        [problem] = doubts(periods=["week-1", "week-2"], discount_rate=0.1)
        assert "10 % a week is 14,347 % a year" in problem.message  # 1.1 ** 52.1775 = 144.466
        assert "the rate of a week, 0.0018" in problem.remedy  # 1.1 ** (1 / 52.1775) = 1.00183
        [problem] = doubts(periods=["Q1", "Q2"], discount_rate=0.1)
        assert "10 % a quarter is 46.4 % a year" in problem.message  # 1.1 ** 4 = 1.4641
        assert "0.024" in problem.remedy

    def test_days(self):
        [problem] = doubts(periods=["2027-01-04", "2027-01-05", "2027-01-06"], discount_rate=0.1)
        assert "look like days" in problem.message
        assert "length" not in problem.remedy

    def test_a_rate_of_any_size_is_told(self):
        [problem] = doubts(periods=["day-1", "day-2"], discount_rate=1e14)
        assert "millions of % a year" in problem.message

    @pytest.mark.parametrize(
        "tables",
        [
            {"periods": ["week-1", "week-2"]},
            {"periods": ["week-1"], "discount_rate": 0.1},
            {"periods": ["P1", "P2"], "discount_rate": 0.1},
            {"periods": ["1", "2"], "discount_rate": 0.1},
            {"periods": ["2027", "2028"], "discount_rate": 0.1},
            {"periods": ["early", "week-2"], "discount_rate": 0.1},
            {"periods": "2027-W01..2027-W04", "discount_rate": 0.1},
        ],
    )
    def test_nothing_to_doubt(self, tables):
        assert doubts(**tables) == ()

    def test_it_stands_at_its_line(self, tmp_path):
        file = tmp_path / "one.yaml"
        mapping = {**toys.TINY, "periods": ["W1", "W2"]}
        file.write_text(
            "".join(f"{key}: {json.dumps(value)}\n" for key, value in mapping.items()) + "discount_rate: 0.1\n"
        )
        [problem] = planner.check_instance(file).problems
        assert (problem.file, problem.row) == ("one.yaml", len(mapping) + 1)

    def test_the_remedy_is_the_rate_that_was_meant(self):
        """With the rate of the remedy, plain weeks give what calendar weeks give with the rate of a year."""
        orders = [{**ORDER, "period": label, "quantity": 10, "must_serve": 1} for label in ("2027-W01", "2027-W09")]
        weeks = toys.tiny(periods="2027-W01..2027-W09", demand=orders, discount_rate=0.1)
        plain = toys.tiny(periods=list(weeks.periods.labels), demand=orders, discount_rate=1.1 ** (1 / 52.1775) - 1)
        assert planner.solve(plain).objective == pytest.approx(planner.solve(weeks).objective, rel=1e-9)


class TestPointAndThreeDigits:
    def folder(self, path, quantities):
        mapping = {key: value for key, value in toys.TINY.items() if key != "demand"}
        path.joinpath("instance.yaml").write_text(json.dumps({**mapping, "periods": "2027-01..2027-12"}))
        rows = [f"shop,unit,2027-{k:02d},{quantity}" for k, quantity in enumerate(quantities, start=1)]
        path.joinpath("demand.csv").write_text("\n".join(["customer,item,period,quantity", *rows]) + "\n")
        return planner.check_instance(path).problems

    @pytest.mark.parametrize("quantities", [["2.000"], ["2.000", "15.000", "1.250"], ["2.000", "", "999.999"]])
    def test_every_figure_of_a_column(self, tmp_path, quantities):
        given = [quantity or "0" for quantity in quantities] if "" in quantities else quantities
        problems = self.folder(tmp_path, [quantity for quantity in given if quantity != "0"])
        [problem] = problems
        assert (problem.file, problem.row, problem.column, problem.value) == ("demand.csv", 2, "quantity", "2.000")
        assert problem.severity == "warning"
        assert "it is read as 2, not as 2000" in problem.message
        assert problem.remedy == "Write 2000 if that is meant; else write 2."

    @pytest.mark.parametrize(
        "quantities",
        [
            ["2.000", "2.5"],
            ["2.000", "3"],
            ["0.125", "0.250"],
            ["2.0000"],
            ["2.00"],
            ["1250.000"],
            ["2000"],
            ["2.000", "1e3"],
        ],
    )
    def test_any_other_figure_tells_what_the_point_is(self, tmp_path, quantities):
        assert self.folder(tmp_path, quantities) == ()

    def test_it_is_read_as_a_decimal_point(self, tmp_path):
        self.folder(tmp_path, ["2.000"])
        assert planner.load_instance(tmp_path).demand[0].quantity == 2

    def test_degrees_are_not_doubted(self):
        sites = [{"site": "plant", "region": "TW", "latitude": "25.033", "longitude": "121.565"}]
        assert doubts(sites=sites) == ()

    def test_numbers_of_python_are_not_doubted(self):
        assert doubts(demand=[{**ORDER, "quantity": 2.125}]) == ()


LOT = {"site": "plant", "item": "unit", "unit_cost": 1, "min_lot": 50}


class TestLotsWithoutOrders:
    def test_a_lot_larger_than_all_orders_where_no_stock_may_stand(self):
        instance = {"stock": "listed", "processes": [LOT], "demand": [{**ORDER, "quantity": 10}]}
        [problem] = doubts(**instance)
        assert (problem.file, problem.row, problem.column, problem.value) == ("instance: processes", 1, "min_lot", "50")
        assert "gives 50 of unit, more than the 10 that all orders together can take" in problem.message
        plan = planner.solve(toys.tiny(**instance))
        assert plan.production.empty  # as the warning says: none can start

    @pytest.mark.parametrize(
        "tables",
        [
            {},  # stock: anywhere
            {"stock": "listed", "stocks": [{"site": "plant", "item": "unit"}]},
            {"stock": "listed", "demand": [{**ORDER, "quantity": 50}]},
            {
                "stock": "listed",
                "periods": ["a", "b", "c", "d", "e"],
                "demand": [{**ORDER, "period": "*", "quantity": 10}],
            },
            {"stock": "listed", "processes": [{**LOT, "yield": 0.2}]},
        ],
    )
    def test_a_lot_that_finds_its_orders_or_a_stock(self, tables):
        found = doubts(**{"processes": [LOT], "demand": [{**ORDER, "quantity": 10}], **tables})
        assert [problem for problem in found if problem.column == "min_lot"] == []

    def test_stock_that_may_not_be_above_0(self):
        stocks = [{"site": "plant", "item": "unit", "maximum": 0}]
        for stock in ("anywhere", "listed"):
            [problem] = doubts(stock=stock, stocks=stocks, processes=[LOT], demand=[{**ORDER, "quantity": 10}])
            assert problem.column == "min_lot"

    def chain(self, quantity, **tables):
        """A part that goes into the unit, made in lots of 50."""
        return {
            "stock": "listed",
            "items": [{"item": "part", "stage": "first"}, *toys.TINY["items"]],
            "components": [{"item": "unit", "component": "part", "quantity": quantity}],
            "processes": [
                {"site": "plant", "item": "part", "min_lot": 50},
                {"site": "plant", "item": "unit", "unit_cost": 1, "yield": 0.5},
            ],
            "demand": [{**ORDER, "quantity": 10}],
            **tables,
        }

    def test_what_orders_take_of_a_component(self):
        """Orders of 10 at a yield of 0.5 take 20 starts, and 2 parts each are 40."""
        [problem] = doubts(**self.chain(2))
        assert "gives 50 of part, more than the 40 that" in problem.message
        assert doubts(**self.chain(2.5)) == ()

    def test_a_product_of_which_a_stock_may_stand_takes_any_number(self):
        assert doubts(**self.chain(2, stocks=[{"site": "plant", "item": "unit"}])) == ()

    def test_a_circle_of_components_is_another_check(self):
        tables = self.chain(2)
        tables["components"].append({"item": "part", "component": "unit", "quantity": 1})
        problems = planner.check_instance({**toys.TINY, **tables}).problems
        assert next(problem.message for problem in problems if problem.severity == "error").startswith("The bill")


def test_the_shipped_instances_are_beyond_doubt():
    for name in ("accelerators", "canning"):
        assert planner.check_instance(f"instances/{name}").problems == ()


class TestOnePeriodCalledTwelve:
    @pytest.mark.parametrize("label", ["12", "4", "1200"])
    def test_a_number_is_no_count(self, label):
        [problem] = doubts(periods=[label])
        assert (problem.column, problem.value, problem.message) == (
            "periods",
            label,
            f"One period is planned, called {label}.",
        )
        meant = planner.load_instance({**toys.TINY, "periods": problem.remedy.split()[-1].rstrip(".")})
        assert (len(meant.periods), meant.periods.length) == (int(label), "quarter")

    @pytest.mark.parametrize("labels", [["1"], ["2027"], ["P12"], ["12", "13"], ["2027Q1"]])
    def test_what_a_period_may_be_called(self, labels):
        assert doubts(periods=labels) == ()

    def test_in_a_workbook(self, tmp_path):
        """There a cell holds the labels with commas between, so that a count alone is one label."""
        tables = books.sheets(settings=[["key", "value"], ["name", "small"], ["periods", 12]])
        for sheet in ("demand", "changes"):
            column = tables[sheet][0].index("period")
            tables[sheet] = [
                tables[sheet][0],
                *([*row[:column], "*", *row[column + 1 :]] for row in tables[sheet][-1:]),
            ]
        [problem] = planner.check_instance(books.write_book(tmp_path / "one.xlsx", tables)).problems
        assert (problem.message, problem.severity) == ("One period is planned, called 12.", "warning")
        assert problem.cell in {"settings!A3", "settings!B3"}


DUE_LATER = {**ORDER, "period": "P2", "quantity": 10}


@pytest.mark.parametrize(
    ("windows", "missing"),
    [
        (["P1"], "P2..P4"),
        (["P1..P2", "P4"], "P3"),
        (["P2"], "P3..P4"),  # a site that opens later is no doubt, one that ends is
        (["P1", "P3"], "P2, P4"),
    ],
)
def test_capacity_with_a_gap(windows, missing):
    rows = [{"site": "plant", "period": window, "capacity": 20} for window in windows]
    [problem] = doubts(periods=["P1", "P2", "P3", "P4"], capacities=rows, demand=[DUE_LATER])
    assert problem.message == f"The capacity of plant has no row for {missing}, so it is 0 there."
    assert (problem.column, problem.value) == ("period", windows[-1])


@pytest.mark.parametrize("windows", [["*"], ["P2.."], ["P1", "P2..P4"], []])
def test_capacity_without_a_gap(windows):
    rows = [{"site": "plant", "period": window, "capacity": 20} for window in windows]
    assert not doubts(periods=["P1", "P2", "P3", "P4"], capacities=rows, demand=[DUE_LATER])
