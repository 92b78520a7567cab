"""What a reader stumbles over: cut labels, crooked axes, counts that contradict a picture, dates that are past."""

import re

import pandas as pd
import pytest
import toys

import planner
from planner.report.calendar_parts import spoken_window
from planner.report.findings import Findings
from planner.report.names import Names
from planner.report.page.study_claims import _expected
from planner.report.pictures.bars import loss_bars
from planner.report.pictures.svg import fitted_apart, levels
from planner.report.sections.survival import within_a_day

PAPER = {"width": 680, "height": 960}  # a page of A4 within its margins


@pytest.fixture(scope="module")
def found():
    """Two plants over eight quarters, with a policy that limits one of them step by step."""
    steps = [
        {"name": f"l{at}", "measure": "stage", "stage": "make", "of": "TW", "period": f"202{7 + at // 4}Q{at % 4 + 1}"}
        for at in range(8)
    ]
    base = toys.two_plants(
        as_of="22 November 2027, newest source April 2026",
        periods={"first": "2027Q1", "count": 8, "length": "quarter"},
        policies=[{"name": "front-end-only", "limits": [{**step, "max_share": 0.6} for step in steps]}],
    )
    plan = planner.solve(base, "front-end-only")
    return Findings(base, {("front-end-only", None): plan})


@pytest.mark.parametrize(
    ("low", "high", "most", "shown"),
    [
        (0.0, 0.089, 6, [0.0, 0.02, 0.04, 0.06, 0.08]),
        (-4.3e9, 7.5e9, 5, [-2.5e9, 0.0, 2.5e9, 5e9, 7.5e9]),
        (0.0, 0.2, 5, [0.0, 0.05, 0.1, 0.15, 0.2]),
        (3.0, 3.0, 5, [3.0]),
    ],
)
def test_an_axis_has_round_figures(low, high, most, shown):
    assert levels(low, high, most) == pytest.approx(shown)


def test_titles_that_differ_at_the_end_are_not_cut_alike():
    long = [f"Taiwan's packaging sites at 40 % for two quarters of {year}" for year in (2027, 2028)]
    one, two, short = fitted_apart([*long, "Quarantine"], 284)
    assert one != two
    assert (one[-4:], two[-4:], short) == ("2027", "2028", "Quarantine")
    assert max(len(one), len(two)) <= 43


def test_the_figures_at_the_bars_of_losses_are_within_the_drawing(found):
    """A bold letter of 11 pixels is about 7 pixels wide in DejaVu Sans."""
    rows = [("front-end-only", scenario, loss) for scenario, loss in (("a", 416.7e9), ("b", 10.9e9))]
    picture = loss_bars(found, pd.DataFrame(rows, columns=["policy", "scenario", "loss"]), Names({}))
    for drawing in picture.drawings:
        assert ">front-end-only<" in drawing.body
        [(x, words)] = re.findall(r'<text x="([\d.]+)"[^>]*font-weight="600"[^>]*>([^<]*)<', drawing.body)
        assert float(x) + 7.0 * len(words) <= drawing.width


def test_a_site_that_can_be_out_for_two_hours_cannot_be_out_for_a_day():
    table = pd.DataFrame({"periods": [0.0, 0.001, 0.036, 0.0], "weeks": [0.0, 0.013, 0.47, float("nan")]})
    table["at_least"] = ""
    assert within_a_day(table).tolist() == [True, True, False, True]


def test_what_is_saved_of_the_expected_loss_is_rounded_once(found):
    """13.25 less 11.74 is 1.51, while 13.3 less 11.7 would be 1.6."""
    said = _expected(found, {"front-end-only": 13.2526e9, "end": 11.7373e9, "dear": 13.9e9})
    assert said == "13.3 bn for front-end-only; of it end saves 1.5 bn and dear adds 647.4 M".replace(
        "13.3", f"{found.currency} 13.3"
    ).replace("1.5", f"{found.currency} 1.5").replace("647.4", f"{found.currency} 647.4")


@pytest.fixture(scope="module")
def page(found, tmp_path_factory):
    return planner.report(found.instance, tmp_path_factory.mktemp("page")).page


@pytest.mark.slow  # a report of its own, wide enough
def test_what_is_read_is_in_sight_in_the_contents_of_a_phone(page, browser):
    tab = browser.new_page(viewport={"width": 390, "height": 844})
    tab.goto(page.as_uri())
    tab.evaluate("document.getElementById('appendix').scrollIntoView({behavior: 'instant'})")
    here = tab.locator("nav a[aria-current]")
    tab.wait_for_function("document.querySelector('nav a[aria-current]').hash === '#appendix'")
    box = here.bounding_box()
    tab.close()
    assert 0 <= box["x"] < 390 - 50


@pytest.mark.slow  # a report of its own, wide enough
def test_no_table_is_cut_off_on_paper(page, browser):
    tab = browser.new_page(viewport=PAPER)
    tab.emulate_media(media="print")
    tab.goto(page.as_uri())
    tab.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    wide = tab.evaluate(
        "[...document.querySelectorAll('table')].map((table) => table.getBoundingClientRect().right - innerWidth)"
    )
    marks = tab.evaluate(
        "[...document.querySelectorAll('.mark')].map((part) => getComputedStyle(part).printColorAdjust)"
    )
    tab.close()
    assert len(wide) > 5
    assert max(wide) <= 0
    assert marks
    assert set(marks) == {"exact"}  # browsers print no background otherwise


@pytest.mark.parametrize(
    ("labels", "said"),
    [(("1",), "period 1"), (("1", "2", "3"), "period 1 to 3"), (("2027Q1", "2027Q2"), "2027Q1 to 2027Q2")],
)
def test_periods_that_are_mere_numbers_are_told_as_periods(labels, said):
    assert spoken_window(labels) == said
