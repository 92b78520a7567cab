"""An order book has many lines of one customer, item and period: equal terms add up, other terms are told apart."""

import random

import pytest
import toys

import planner

ORDER = toys.TINY["demand"][0]
ARRIVAL = {"site": "plant", "item": "unit", "period": "2027Q1", "quantity": 3}
CALENDAR = "2027Q1..2027Q4"


def checked(**tables):
    return planner.check_instance({**toys.TINY, "periods": CALENDAR, **tables})


def test_lines_of_an_order_book_add_up():
    lines = [{**ORDER, "period": "2027Q2", "quantity": quantity} for quantity in (10, 5, 7)]
    found = checked(demand=[*lines, {**ORDER, "period": "2027Q3"}])
    assert {(row.period, row.quantity) for row in found.instance.demand} == {("2027Q2", 22), ("2027Q3", 10)}
    [warning] = found.problems
    assert warning.severity == "warning"
    assert (warning.file, warning.row, warning.value) == ("instance: demand", 2, "2")
    assert warning.message.startswith("2 rows have the customer, item and period of an earlier row and equal terms:")
    assert "rows 1 and 2" in warning.message
    assert "repeat" not in warning.message


def test_purchases_that_arrive_together_add_up():
    found = checked(arrivals=[ARRIVAL, {**ARRIVAL, "quantity": 4}, {**ARRIVAL, "touched": "TW"}])
    assert [(row.quantity, row.touched) for row in found.instance.arrivals] == [(7, ()), (3, ("TW",))]
    [warning] = found.problems
    assert warning.message.startswith("1 row has the site, item and period of an earlier row")


def test_the_plan_serves_the_sum():
    lines = [{**ORDER, "quantity": quantity} for quantity in (4, 6)]
    assert planner.solve(toys.tiny(demand=lines)).objective == planner.solve(toys.tiny()).objective


def test_a_line_that_stands_twice_is_counted_and_told():
    lines = [{**ORDER, "source": "book 7"}, {**ORDER, "source": "book 7"}, {**ORDER, "source": "book 8"}]
    found = checked(demand=lines)
    assert "2 rows have" in found.problems[0].message
    assert "1 of them repeats its quantity and source" in found.problems[0].message
    assert found.instance.demand[0].source == "book 7; book 8"


def test_there_is_one_warning_a_table():
    lines = [{**ORDER, "period": f"2027Q{k % 4 + 1}", "quantity": k} for k in range(1, 41)]
    found = checked(demand=lines, arrivals=[ARRIVAL, ARRIVAL])
    assert [problem.value for problem in found.problems] == ["36", "1"]
    assert len(found.instance.demand) == 4
    assert sum(row.quantity for row in found.instance.demand) == 820
    assert "rows 1 and 5, 2 and 6, 3 and 7, ..." in found.problems[0].message


def test_windows_are_compared_by_their_periods():
    lines = [{**ORDER, "period": text} for text in ("*", CALENDAR, "..2027Q4", "..")]
    found = checked(demand=lines)
    assert [(row.period, row.quantity) for row in found.instance.demand] == [("*", 40)]


def test_no_order_of_the_rows_matters():
    lines = [
        {**ORDER, "period": text, "quantity": quantity, "source": source}
        for text, quantity, source in (("..2027Q2", 0.1, "b"), ("2027Q1..2027Q2", 0.2, ""), ("..2027Q2", 1e9, "a"))
    ]
    lines.append({**ORDER, "period": "2027Q1..2027Q2", "quantity": 0.3, "source": "c"})
    rng, hashes = random.Random(1), set()
    for _ in range(10):
        rng.shuffle(lines)
        hashes.add(checked(demand=lines).instance.content_hash)
    assert len(hashes) == 1


def test_reading_back_gives_an_equal_instance():
    instance = checked(demand=[{**ORDER, "source": "x" * 1500 + str(k)} for k in range(3)]).instance
    assert len(instance.demand[0].source) <= 2000
    assert instance.demand[0].source.endswith("; ...")
    assert planner.load_instance(instance.as_mapping()) == instance


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"price": 90}, "price 90 against 100"),
        ({"price": None, "lost_cost": 5}, "price empty against 100, lost_cost 5 against empty"),
        ({"late_cost": 0.5}, "late_cost 0.5 against empty"),
        ({"must_serve": 1}, "must_serve 1 against empty"),
    ],
)
def test_lines_with_other_terms_are_told_how_to_be_written(terms, words):
    found = checked(demand=[ORDER, {**ORDER, "quantity": 5, **terms}])
    [problem] = found.problems
    assert found.instance is None
    assert (problem.row, problem.column) == (2, words.split()[0])
    assert f"of row 1, but other terms: {words}." in problem.message
    assert "one row of 15" in problem.remedy
    assert "e.g. shop-2, with the region and lanes of shop" in problem.remedy


def test_what_the_remedy_says_can_be_done():
    found = checked(
        demand=[ORDER, {**ORDER, "customer": "shop-2", "price": 90}],
        customers=[*toys.TINY["customers"], {"customer": "shop-2", "region": "TW"}],
        lanes=[*toys.TINY["lanes"], {"from": "plant", "to": "shop-2"}],
    )
    assert found.problems == ()


@pytest.mark.parametrize("windows", [("2027Q1", "*"), ("*", "2027Q1"), ("..2027Q2", "2027Q2..")])
def test_windows_that_overlap_in_part_are_an_error(windows):
    [problem] = checked(demand=[{**ORDER, "period": text} for text in windows]).problems
    assert (problem.severity, problem.row, problem.column) == ("error", 2, "period")
    assert "overlaps" in problem.message
    assert "the very same window" in problem.remedy


def test_a_sum_beyond_every_figure_is_refused():
    found = checked(demand=[{**ORDER, "quantity": 9e14}, {**ORDER, "quantity": 9e14}])
    assert found.instance is None
    assert any(problem.column == "quantity" and "1e15" in problem.remedy for problem in found.errors)


def test_lines_add_up_where_the_settings_cannot_be_read():
    problems = checked(periods="x", demand=[ORDER, ORDER]).problems
    assert {problem.column for problem in problems if problem.severity == "error"} == {"periods"}


def test_rows_of_other_tables_are_still_one_a_key():
    assert checked(sites=[*toys.TINY["sites"], *toys.TINY["sites"]]).instance is None


def test_lines_of_a_csv_file(tmp_path):
    (tmp_path / "one").mkdir()
    mapping = {**toys.TINY, "periods": CALENDAR}
    mapping.pop("demand")
    import json

    (tmp_path / "one" / "instance.yaml").write_text(json.dumps(mapping))
    (tmp_path / "one" / "demand.csv").write_text(
        "customer,item,period,quantity,price\nshop,unit,2027Q1,3,9\nshop,unit,2027Q2,3,9\nshop,unit,2027Q1,4,9\n"
    )
    found = planner.check_instance(tmp_path / "one")
    [warning] = found.problems
    assert (warning.file, warning.row) == ("demand.csv", 4)
    assert "rows 2 and 4" in warning.message
