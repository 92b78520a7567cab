"""A report is shown when its policies are planned, and again while its parts are found; each page is whole."""

import threading
from itertools import pairwise

import pytest
from test_studies import HALF, POLICIES, toy

from planner.report import early_pages, make_report
from planner.report.early_pages import EarlyPages
from planner.report.make_report import report
from planner.report.studies import Studies
from planner.study.progress import Effort


@pytest.mark.slow
def test_the_page_comes_first_and_is_filled(tmp_path, monkeypatch):
    written, write = [], make_report.write_report

    def noted(instance, runs, place, studies, **options):
        write(instance, runs, place, studies, **options)
        page = (place / "report.html").read_text(encoding="utf-8")
        summary = (place / "summary.md").read_text(encoding="utf-8")
        written.append((len(runs), studies.coming, "still being made" in page, "still being made" in summary))
        assert page.rstrip().endswith("</html>")

    monkeypatch.setattr(make_report, "write_report", noted)
    monkeypatch.setattr(early_pages, "SELDOM", 0.0)
    sudden = HALF.model_copy(update={"surprise": True})
    policies = [policy.model_dump() for policy in POLICIES if policy is not None]
    instance = toy(policies=policies, scenarios=[sudden.model_dump(exclude_none=True)])
    found = report(instance, tmp_path / "found", effort=Effort(threads=2))
    count = len(instance.policies)
    assert written[0] == (count, ("the scenarios", "all that is asked beside them"), True, True)
    assert written[-1][0] == 2 * count
    assert all(page and summary for _, _, page, summary in written)
    assert found.studies.coming == ()
    for name in ("report.html", "summary.md"):
        assert "still being made" not in (tmp_path / "found" / name).read_text(encoding="utf-8")
    write(instance, found.runs, tmp_path / "once", found.studies)
    files = sorted(path.relative_to(tmp_path / "once") for path in (tmp_path / "once").rglob("*.*"))
    assert len(files) > 20
    assert all((tmp_path / "once" / file).read_bytes() == (tmp_path / "found" / file).read_bytes() for file in files)


def test_the_first_page_is_there_before_the_rest_begins(monkeypatch):
    """Beside the runs of scenarios it took 17 s on two cores where it takes 5 before them."""
    monkeypatch.setattr(early_pages, "SELDOM", 1e12)
    shown = []
    with EarlyPages(lambda _, studies: shown.append(studies.coming)) as pages:
        pages.first({}, Studies(coming=("all",)))
        assert shown == [("all",)]
        pages.show({}, lambda: Studies(coming=("too soon",)))  # they cost a twentieth of the time at most
    assert shown == [("all",)]


def test_one_page_at_a_time():
    going, go_on, shown = threading.Event(), threading.Event(), []

    def write(runs, studies):
        shown.append(studies.coming)
        going.set()
        assert go_on.wait(10)

    with EarlyPages(write) as pages:
        pages.show({}, lambda: Studies(coming=("one",)))
        assert going.wait(10)
        pages.show({}, lambda: Studies(coming=("two",)))  # the first is not done
        go_on.set()
    assert shown == [("one",)]


def test_pages_cost_a_twentieth_at_most(monkeypatch):
    now, shown = [0.0], []

    def write(runs, studies):
        now[0] += 2.0
        shown.append(now[0])

    monkeypatch.setattr(early_pages.time, "perf_counter", lambda: now[0])
    with EarlyPages(write) as pages:
        for _ in range(100):
            pages.show({}, Studies)
            pages._last.result()
            now[0] += 1.0
    assert len(shown) == 3
    assert all(later - earlier >= 40.0 for earlier, later in pairwise(shown))


def test_what_goes_wrong_with_a_page_is_raised():
    def write(runs, studies):
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"), EarlyPages(write) as pages:
        pages.show({}, Studies)
