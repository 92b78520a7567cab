"""Calendars, and labels as people write them; discounting by the true length of each period."""

from datetime import date

import pytest
import toys

import planner
from planner.instance.labels import read_span, split_window
from planner.instance.periods import PERIODS_A_YEAR, PeriodError, Periods

WRITTEN = {
    "2027Q2": ["Q2 2027", "2027-Q2", "2027q2", "2Q27", "27Q2", "Q2-27", "Q2/2027", "2027 Q2", "quarter 2 2027"],
    "2027-01": ["Jan 2027", "2027/01", "2027-1", "01/2027", "January 2027", "jan-27", "2027M01", "1.2027", "M1 2027"],
    "2027-09": ["Sept 2027", "sep 27", "2027/9"],
    "2027-W05": ["2027W5", "W5 2027", "2027-W5", "KW5 2027", "week 5 2027", "2027 w05", "27W05", "W05 27"],
    "2027": ["2027"],
    "2027-02-28": ["2027-02-28", "2027/2/28", "28 Feb 2027"],
}
NOTHING = [
    "",
    "P1",
    "week-1",
    "2027Q5",
    "2027-13",
    "2026-W54",
    "2027-W53",
    "2027-02-30",
    "Q1",
    "27",
    "0000",
    "2027Q1Q2",
]
NOTHING += ["x" * 50, "2027-W05-1", "ma 2027", "٢٠٢٧", "1/2/2027", "20270101"]


@pytest.mark.parametrize("label", WRITTEN)
def test_a_label_is_read_however_it_is_written(label):
    for text in WRITTEN[label]:
        span = read_span(text)
        assert span is not None, text
        assert span.label == label, text


@pytest.mark.parametrize("text", NOTHING)
def test_what_means_no_period(text):
    assert read_span(text) is None


def test_spans_are_days():
    assert (read_span("2028-02").first, read_span("2028-02").last) == (date(2028, 2, 1), date(2028, 2, 29))
    assert (read_span("2027Q4").first, read_span("2027Q4").last) == (date(2027, 10, 1), date(2027, 12, 31))
    assert (read_span("2026-W53").first, read_span("2026-W53").last) == (date(2026, 12, 28), date(2027, 1, 3))


def refused(calendar, text):
    with pytest.raises(PeriodError) as caught:
        Periods.between(calendar).window(text)
    return caught.value


@pytest.mark.parametrize(
    ("calendar", "text", "remedy"),
    [
        ("2027Q1..2027Q4", "Q2 2027", "Write 2027Q2."),
        ("2027Q1..2027Q4", "2027-Q2", "Write 2027Q2."),
        ("2027Q1..2027Q4", "2027q2", "Write 2027Q2."),
        ("2027-01..2027-12", "Jan 2027", "Write 2027-01."),
        ("2027-01..2027-12", "2027/01", "Write 2027-01."),
        ("2027-W01..2027-W10", "2027W5", "Write 2027-W05."),
        ("2027..2030", "2028Q1", "The quarter 2028Q1 lies in 2028: write that."),
        ("2027Q1..2027Q4", "2027-02-15", "The day 2027-02-15 lies in 2027Q1: write that."),
        ("2027-01..2027-12", "2027Q2", "For the quarter 2027Q2, write 2027-04..2027-06."),
        ("2027Q1..2027Q4", "2027", "For the year 2027, write * (every period)."),
        (
            "2027Q1..2027Q4",
            "2028Q1",
            "2028Q1 lies after the last planned period: plan more periods, or name a planned one.",
        ),
        (
            "2027Q1..2027Q4",
            "2026Q1..",
            "2026Q1 lies before the first planned period: plan more periods, or name a planned one.",
        ),
        ("2027Q1..2027Q4", "Q1 2027..Q3 2027", "Write it as first..last: 2027Q1..2027Q3."),
        ("2027Q1..2027Q4", "2027Q1-2027Q3", "Write it as first..last: 2027Q1..2027Q3."),
        ("2027Q1..2027Q4", "2027Q1 to 2027Q3", "Write it as first..last: 2027Q1..2027Q3."),
        ("2027Q1..2027Q4", "2027Q1:2027Q3", "Write it as first..last: 2027Q1..2027Q3."),
        ("2027Q1..2027Q4", "Q2 2027..", "Write 2027Q2.. with nothing after the two dots, for all periods from it on."),
        ("2027Q1..2027Q4", "..Q2 2027", "Write ..2027Q2 with nothing before the two dots, for all periods up to it."),
        ("2027Q1..2027Q4", "2027Q3..2027Q1", "Write it as first..last: 2027Q1..2027Q3."),
        ("2027Q1..2027Q4", "2027Q1,2027Q3", "Write one label or one window first..last here, and one row for each."),
        ("2027Q1..2027Q4", "all", "Write * for every period, or leave it empty where that is the default."),
        ("2027Q1..2027Q4", "2027Q9", "Did you mean 2027Q4 or 2027Q3 or 2027Q2?"),
    ],
)
def test_the_right_label_is_named_first(calendar, text, remedy):
    assert refused(calendar, text).remedy == remedy


def test_plain_labels_are_read_too():
    with pytest.raises(PeriodError) as caught:
        Periods(("Q1-27", "Q2-27")).window("2027Q2")
    assert caught.value.remedy == "Write Q2-27."


def test_dates_as_plain_labels_claim_no_order():
    with pytest.raises(PeriodError) as caught:
        Periods(("2027-01-04", "2027-01-11")).window("2027-01-06")
    assert "Did you mean 2027-01-04" in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("2027Q1..2027Q4", ("2027Q1", "2027Q2", "2027Q3", "2027Q4")),
        ("2027Q4..2028Q1", ("2027Q4", "2028Q1")),
        ("2026-12..2027-01", ("2026-12", "2027-01")),
        ("2027..2028", ("2027", "2028")),
        ("2026-W52..2027-W02", ("2026-W52", "2026-W53", "2027-W01", "2027-W02")),
        ("2027Q1..2027Q1", ("2027Q1",)),
    ],
)
def test_a_window_is_a_calendar(text, labels):
    instance = toys.tiny(periods=text)
    assert instance.periods.labels == labels
    length = instance.periods.length
    assert instance == toys.tiny(periods={"first": labels[0], "count": len(labels), "length": length})
    assert planner.load_instance(instance.as_mapping()) == instance


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("Q1 2027..Q4 2027", "Write 2027Q1..2027Q4."),
        ("2027Q1-2027Q4", "Write 2027Q1..2027Q4."),
        ("2027W1..2027W9", "Write 2027-W01..2027-W09."),
        ("2027Q4..2027Q1", "Write 2027Q1..2027Q4."),
        ("2027Q1", "Write the last one too: 2027Q1..2027Q1 for one period."),
        ("2027Q1..2028", "Write both as weeks, months, quarters or years, e.g. 2027Q1..2028Q4."),
        ("2027-01-04..2027-02-01", "Write 2027Q1..2028Q4, {first:"),
        ("1000..2500", "Plan at most 1200, or longer ones."),
        ("monthly", "Write 2027Q1..2028Q4, {first:"),
        ("12", "Write 2027Q1..2028Q4, {first:"),
    ],
)
def test_what_is_no_calendar(text, remedy):
    with pytest.raises(planner.InstanceError) as caught:
        toys.tiny(periods=text)
    [problem] = caught.value.problems
    assert problem.column == "periods"
    assert problem.value == text
    assert problem.remedy.startswith(remedy)


@pytest.mark.parametrize(
    ("first", "length", "remedy"),
    [
        ("Q1 2027", "quarter", "Write 2027Q1."),
        ("2027-01", "quarter", "Write it like 2027Q1, or length: month."),
        ("2027W5", "week", "Write 2027-W05."),
        ("2027-W53", "week", "Write it like 2027-W05."),
        ("x", "year", "Write it like 2027."),
    ],
)
def test_the_first_label_of_a_calendar(first, length, remedy):
    with pytest.raises(planner.InstanceError) as caught:
        toys.tiny(periods={"first": first, "count": 3, "length": length})
    [problem] = caught.value.problems
    assert (problem.column, problem.remedy) == ("periods.first", remedy)


class TestWeeks:
    def test_a_year_of_53_weeks(self):
        weeks = Periods.calendar("2026-W52", 4, "week")
        assert weeks.labels == ("2026-W52", "2026-W53", "2027-W01", "2027-W02")
        assert Periods.calendar("2027-W52", 2, "week").labels == ("2027-W52", "2028-W01")

    def test_labels_agree_with_the_calendar_for_a_century(self):
        weeks = Periods.calendar("2000-W01", 1200, "week")
        day = date(2000, 1, 3).toordinal()
        for position in range(0, 1200, 7):
            year, week, weekday = date.fromordinal(day + 7 * position).isocalendar()
            assert (weeks.labels[position], weekday) == (f"{year}-W{week:02d}", 1)
        assert len(set(weeks.labels)) == 1200

    def test_the_last_week_of_all(self):
        assert Periods.calendar("9999-W50", 2, "week").labels[-1] == "9999-W51"
        with pytest.raises(PeriodError, match="past the year 9999"):
            Periods.calendar("9999-W51", 2, "week")

    def test_windows_over_the_turn_of_a_year(self):
        weeks = Periods.between("2026-W50..2027-W10")
        assert weeks.window("2026-W53..2027-W02") == range(3, 6)
        assert weeks.window_text(3, 5) == "2026-W53..2027-W02"

    def test_a_plan_in_weeks(self):
        orders = [{"customer": "shop", "item": "unit", "period": "2027-W01", "quantity": 3, "price": 9}]
        instance = toys.tiny(periods="2026-W52..2027-W02", demand=orders)
        plan = planner.solve(instance)
        assert plan.status == "optimal"
        assert set(plan.service["period"]) == {"2027-W01"}
        assert plan.production["started"].sum() == pytest.approx(3)


class TestDiscounting:
    """Time counts from the start of the first period, by the true length of each."""

    @pytest.mark.parametrize(
        ("calendar", "years"),
        [
            ("2027..2029", (0, 1, 2)),
            ("2027Q2..2028Q2", (0, 0.25, 0.5, 0.75, 1)),
            ("2027-11..2028-02", (0, 1 / 12, 2 / 12, 3 / 12)),
        ],
    )
    def test_parts_of_a_year(self, calendar, years):
        assert Periods.between(calendar).years == years

    def test_weeks_are_their_days(self):
        years = Periods.between("2026-W01..2027-W01").years
        assert len(years) == 54
        assert years[53] == pytest.approx(53 * 7 / 365.2425, rel=1e-12)
        assert PERIODS_A_YEAR["week"] == pytest.approx(365.2425 / 7, rel=1e-12)

    def test_a_full_calendar_of_weeks_is_as_long_as_its_years(self):
        """400 years of the calendar are 20,871 weeks, so that weeks and years agree in the long run."""
        assert 400 * PERIODS_A_YEAR["week"] == pytest.approx(20871, rel=1e-12)
        assert (date(2400, 1, 3) - date(2000, 1, 3)).days == 20871 * 7

    @pytest.mark.parametrize(
        ("periods", "years"),
        [("2026-W52..2027-W51", 52 * 7 / 365.2425), ("2027Q1..2028Q4", 7 / 4), ("2027-01..2027-12", 11 / 12)],
    )
    def test_the_last_order_is_discounted_by_its_distance(self, periods, years):
        last = periods.split("..")[1]
        orders = [{"customer": "shop", "item": "unit", "period": last, "quantity": 10, "must_serve": 1}]
        instance = toys.tiny(periods=periods, demand=orders, discount_rate=0.1, stock="listed")
        assert planner.solve(instance).objective == pytest.approx(10 * 1.1**-years, rel=1e-9)

    def test_plain_labels_have_a_rate_a_period(self):
        orders = [{"customer": "shop", "item": "unit", "period": "c", "quantity": 10, "must_serve": 1}]
        instance = toys.tiny(periods=["a", "b", "c"], demand=orders, discount_rate=0.1, stock="listed")
        assert planner.solve(instance).objective == pytest.approx(10 * 1.1**-2, rel=1e-9)


def test_windows_with_other_signs_are_split():
    assert split_window("2027-01 - 2027-05") == ("2027-01", "2027-05")
    assert split_window("2027-01-2027-05") == ("2027-01", "2027-05")
    assert split_window("2027-01") is None
    assert split_window("2027..") == ("2027", "")
    assert split_window("x" * 1000) is None
