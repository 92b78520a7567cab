"""The page of a sweep in a real browser: nothing in the console, nothing asked for, nobody kept out, on a phone too."""

from pathlib import Path

import pytest
from portions import portion

from planner.report.sweep_files import write_sweep
from planner.study.sweep.sweep import sweep

CANNING = Path(__file__).parents[2] / "instances" / "canning"
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
QUESTION = {
    "name": "demand",
    "title": "How much is ordered, what Seattle makes, and what freight costs",
    "policies": [None, "balanced"],
    "scenarios": [None, "growth"],
    "seed": 3,
    "factors": [
        {"name": "demand", "change": "demand", "factor": {"uniform": [0.7, 1.1]}},
        {"name": "seattle", "change": "capacity", "where": {"site": "seattle"}, "factor": {"uniform": [0.9, 1.1]}},
        {"name": "what-freight-costs-on-every-lane", "change": "freight", "factor": {"uniform": [0.8, 1.5]}},
    ],
}


@pytest.fixture(scope="module", params=portion([("sample", 3), ("morris", 3)], quick=1), ids=lambda mode: mode[0])
def page(request, tmp_path_factory):
    mode, samples = request.param
    if mode != "sample":
        pytest.importorskip("SALib", reason="the extra `sensitivity` is not installed")
    folder = tmp_path_factory.mktemp(mode)
    write_sweep(sweep(CANNING, {**QUESTION, "mode": mode, "samples": samples}), folder)
    return folder / "report.html"


@pytest.mark.parametrize("scheme", portion(["dark", "light"], quick=1))
def test_the_page_of_a_sweep(browser, page, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    for size in (WIDE, PHONE):
        context = browser.new_context(viewport=size, color_scheme=scheme)
        tab, said, asked = context.new_page(), [], []
        tab.on("console", lambda message, said=said: said.append(message.text))
        tab.on("pageerror", lambda error, said=said: said.append(str(error)))
        tab.on("request", lambda request, asked=asked: asked.append(request.url))
        tab.goto(page.as_uri())
        assert said == []
        assert [url for url in asked if not url.startswith("data:")] == [page.as_uri()]
        tab.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        for box in tab.locator(".drawing svg").all():
            cut = box.evaluate(
                "(svg) => [...svg.querySelectorAll('text')].filter((part) => { const box = part.getBBox(), all = "
                "svg.viewBox.baseVal; return box.x < -1 || box.x + box.width > all.width + 1 || "
                "box.y + box.height > all.height + 4; }).map((part) => part.textContent)"
            )
            assert cut == []
        found = axe.Axe().run(tab).response["violations"]
        serious = [
            (part["id"], part["nodes"][0]["html"][:200]) for part in found if part["impact"] in {"serious", "critical"}
        ]
        assert serious == []
        context.close()
