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
    ("page", "size", "scheme"),
    portion_of_rows(
        [
            ("canning", WIDE, "light"),
            ("canning", PHONE, "dark"),
            ("shipped", PHONE, "dark"),
            ("canning", WIDE, "dark"),
            ("canning", PHONE, "light"),
            ("shipped", WIDE, "light"),
            ("shipped", WIDE, "dark"),
            ("shipped", PHONE, "light"),
        ],
        quick=2,
        ids=[
            *("canning-wide-light", "canning-phone-dark", "shipped-phone-dark", "canning-wide-dark"),
            *("canning-phone-light", "shipped-wide-light", "shipped-wide-dark", "shipped-phone-light"),
        ],
    ),
    indirect=["page"],
)
def test_the_page_of_a_report(browser, page, size, scheme):
    """Each width and each colour scheme once in every suite.

    The other pairs, and those of the shipped report where it was made, run with -m slow: axe takes 10 to 15 s for a
    page of that length.
    """
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


def test_paper_has_the_tables_that_were_open_and_the_first_screen_on_one_page(browser, page):
    context = browser.new_context(viewport={"width": 680, "height": 990})  # A4 less its margins
    tab = context.new_page()
    tab.goto(page.as_uri())
    opened = tab.locator("main details").first
    opened.evaluate("(part) => { part.open = true; }")
    tab.emulate_media(media="print")
    tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    shown = tab.evaluate("[...document.querySelectorAll('details')].filter((part) => part.offsetHeight > 0).length")
    assert shown == 1
    assert opened.locator("table").is_visible()
    assert tab.locator("text=On paper stand the tables that were open").is_visible()
    assert len({card.bounding_box()["y"] for card in tab.locator(".card").all()[:4]}) == 1
    assert tab.locator("#first").bounding_box()["height"] < 990
    bare = tab.evaluate(
        "[...document.querySelectorAll('#appendix section')]"
        ".filter((part) => part.offsetHeight > 0 && !part.querySelector('p, li, dd')).length"
    )
    assert bare == 0
    context.close()


def test_the_letters_of_pictures_can_be_read_on_a_phone(browser, page):
    context = browser.new_context(viewport=PHONE)
    tab = context.new_page()
    tab.goto(page.as_uri())
    sizes = tab.evaluate(
        "[...document.querySelectorAll('.drawing svg')].filter((part) => part.getBoundingClientRect().height > 0)"
        ".flatMap((part) => [...part.querySelectorAll('text')].map((text) => text.getAttribute('font-size')"
        " * part.getBoundingClientRect().width / part.viewBox.baseVal.width))"
    )
    assert len(sizes) > 10
    assert min(sizes) >= 9
    context.close()
