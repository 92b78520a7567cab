"""The page of a report in a real browser: nothing in the console, nothing asked for, nobody kept out, on a phone too."""

from pathlib import Path

import pytest
from portions import portion_of_rows

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "reports" / "accelerators" / "report.html"  # not in the repository: made by `planner report`
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module", params=["canning", "shipped"])
def page(request, reported):
    if request.param == "shipped":
        if not SHIPPED.is_file():
            pytest.skip("the shipped report was not made here")
        return SHIPPED
    return reported / "report.html"


@pytest.mark.parametrize(
    ("size", "scheme"),
    portion_of_rows([(WIDE, "light"), (PHONE, "dark"), (WIDE, "dark"), (PHONE, "light")], quick=2),
    ids=["wide-light", "phone-dark", "wide-dark", "phone-light"],
)
def test_the_page_of_a_report(browser, page, size, scheme):
    """Each width and each colour scheme once in every suite; the other two pairs with -m slow."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    context = browser.new_context(viewport=size, color_scheme=scheme)
    tab, said, asked = context.new_page(), [], []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(page.as_uri())
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [page.as_uri()]
    box = tab.locator("h1").first.bounding_box()
    assert box["y"] + box["height"] < size["height"]  # the line to repeat is seen at once
    tab.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = axe.Axe().run(tab).response["violations"]
    serious = [
        (part["id"], part["nodes"][0]["html"][:200]) for part in found if part["impact"] in {"serious", "critical"}
    ]
    assert serious == []
    context.close()


def test_print_has_a_margin_and_no_contents(browser, page):
    context = browser.new_context(viewport=WIDE)
    tab = context.new_page()
    tab.goto(page.as_uri())
    tab.emulate_media(media="print")
    assert not tab.locator("nav").first.is_visible()
    margins = tab.evaluate(
        "[...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])"
        ".filter((rule) => rule instanceof CSSPageRule).map((rule) => rule.style.margin)"
    )
    assert margins == ["15mm"]
    context.close()
