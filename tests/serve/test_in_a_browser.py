"""The page in a real browser: moved, refused, repaired, opened again, kept and saved; nothing in the console."""

import signal
from contextlib import ExitStack
from pathlib import Path

import pytest
from served_page import served

import planner
from planner.report.run_folder import read_run

INSTANCE = str(Path("instances/canning").resolve())
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
READY = "body[data-shown]:not(.old)"
LONG = 60_000  # milliseconds, where the machine is busy
SLOW = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def running(place):
    """What gives the process and address of the page: one for all tests, and a new one after a test has ended it."""
    pytest.importorskip("uvicorn", reason="the extra `page` is not installed")
    begun = []
    with ExitStack() as stack:

        def page():
            if not begun or begun[-1][0].poll() is not None:
                begun.append(stack.enter_context(served(INSTANCE, "--policy", "balanced", folder=place)))
            return begun[-1]

        yield page


@pytest.fixture
def address(browser, running):
    return running()[1]


class Tab:
    """A tab at the page, which keeps what the console says and what is requested."""

    def __init__(self, context, address=None):
        self.said, self.asked = [], []
        self.page = context.new_page()
        self.page.set_default_timeout(LONG)
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        if address is not None:
            self.open(address)

    def open(self, address):
        self.page.goto(address)
        self.ready()

    def ready(self, *, showing=""):
        part = f'[data-shown*="{showing}"]' if showing else ""
        self.page.wait_for_selector(f"body{part}:not(.old)" if showing else READY)

    def slide(self, slider, value):
        """Move a slider as a hand does: to a value, and let go."""
        self.page.locator(slider).fill(str(value))
        self.page.locator(slider).blur()

    def figure(self, number=0):
        return self.page.locator(".now b").nth(number).inner_text()

    @property
    def heading(self):
        return self.page.locator(".said").inner_text()


@pytest.fixture(scope="module")
def first_tab(browser):
    context = browser.new_context(viewport=WIDE)
    yield Tab(context)
    context.close()


@pytest.fixture
def tab(first_tab, address):
    """The same tab for all tests, in which each opens the page anew: what it shows is its address, and nothing else."""
    first_tab.page.goto("about:blank")  # what the last one asked for is no more
    first_tab.page.unroute_all()
    first_tab.said.clear()
    first_tab.asked.clear()
    first_tab.open(address)
    yield first_tab
    asked, origin = first_tab.asked, address.split("?")[0]
    outside = [url for url in asked if not url.startswith((origin, "data:"))]
    assert first_tab.said == []
    assert outside == []


def cost(**chosen):
    return f"kUSD\u00a0{planner.solve(INSTANCE, **chosen).objective:.4g}"


def test_a_slider_moves_the_plan_answers_a_view_is_its_address_and_undo_goes_back(tab):
    before = tab.heading
    assert tab.figure() == cost(policy="balanced")
    assert "token" not in tab.page.url
    tab.slide("#demand", 110)
    tab.ready(showing="demand=::110")
    assert tab.figure() == cost(policy="balanced", scenario="growth")
    assert tab.heading.startswith("Costs kUSD")
    assert tab.page.locator("#state").inner_text() == tab.heading
    assert tab.page.url.endswith("?policy=balanced&demand=::110")
    other = Tab(tab.page.context, tab.page.url)
    assert other.heading == tab.heading
    assert other.page.locator("#demand").input_value() == "110"
    assert other.said == []
    other.page.close()
    tab.page.locator("#undo").click()
    tab.page.wait_for_selector(f'{READY}:not([data-shown*="demand"])')
    assert tab.heading == before
    assert tab.page.locator("#demand").input_value() == "100"
    assert tab.page.locator("#undo").is_disabled()


def test_the_keyboard_is_enough_and_the_old_plan_stays_and_is_marked_until_the_new_one_is_there(tab):
    tab.page.keyboard.press("Tab")
    assert tab.page.locator(":focus").inner_text() == "Skip to the result"
    before = tab.heading
    held = []
    tab.page.route("**/plan", lambda route: held.append(route))  # noqa: PLW0108  (playwright marks what it calls)
    tab.page.locator("#demand").focus()
    tab.page.keyboard.press("ArrowRight")
    tab.page.keyboard.press("ArrowRight")
    tab.page.wait_for_selector("body.old")
    assert tab.heading == before
    assert "the plan before" in tab.page.locator("#state").inner_text()
    assert tab.page.locator("#result").get_attribute("aria-busy") == "true"
    tab.page.wait_for_timeout(300)
    held[-1].continue_()
    tab.ready(showing="demand=::102")
    assert tab.heading != before
    assert tab.page.locator(":focus").get_attribute("id") == "demand"


def test_scenarios_are_weighed_an_outage_is_refused_and_a_repair_makes_it_possible(tab):
    tab.page.locator("#policy").select_option("")
    tab.ready(showing="policy=")
    tab.page.locator("#expected").check()
    tab.page.wait_for_selector("text=No expected cost: none of them")
    tab.page.locator("#expected").uncheck()
    tab.page.wait_for_selector(f'{READY}:not([data-shown*="expected"])')
    tab.page.locator("#outage-region").select_option("NW")
    tab.page.wait_for_selector("text=No plan can do this.")
    assert tab.page.locator("text=must be served").count() >= 1
    assert tab.page.locator("#part-pictures").is_hidden()
    promised = tab.page.locator(".repairs .about").first.inner_text().removeprefix("the plan then costs ")
    tab.page.locator(".repairs button").first.click()
    tab.ready(showing="repair=")
    assert tab.figure() == promised
    assert tab.page.locator(".done li").count() >= 1
    tab.page.locator(".done button").first.click()
    tab.page.wait_for_selector("text=No plan can do this.")


def test_runs_are_kept_side_by_side(tab):
    tab.slide("#demand", 110)
    tab.ready(showing="demand=::110")
    kept = tab.figure()
    tab.page.locator("#keep").click()
    tab.ready(showing="keep=")
    tab.slide("#demand", 105)
    tab.ready(showing="demand=::105")
    row = tab.page.locator("#part-beside tr", has_text="balanced; all orders at 110 %")
    row.locator(f"text={kept}").wait_for()
    tab.page.locator("#part-beside button", has_text="Remove").click()
    tab.page.wait_for_selector(f'{READY}:not([data-shown*="keep"])')
    assert tab.page.locator("#part-beside").is_hidden()


def test_what_is_chosen_while_the_controls_of_another_view_come_is_what_is_shown(tab):
    """Undo, and then a slider at once: the controls of the view that was gone back to must not come over it."""
    tab.slide("#demand", 110)
    tab.ready(showing="demand=::110")
    held = []
    tab.page.route("**/controls?**", lambda route: held.append(route))  # noqa: PLW0108  (playwright marks what it calls)
    tab.page.locator("#undo").click()
    tab.page.wait_for_selector("body.old")
    assert "the plan before" in tab.page.locator("#state").inner_text()
    tab.page.wait_for_timeout(100)
    tab.slide("#demand", 105)
    tab.ready(showing="demand=::105")
    held[0].continue_()
    tab.page.wait_for_timeout(300)
    assert tab.page.url.endswith("?policy=balanced&demand=::105")
    assert tab.page.locator("#demand").input_value() == "105"
    assert tab.page.get_attribute("body", "data-shown") == "policy=balanced&demand=::105"
    assert not tab.page.locator("#undo").is_disabled()


def test_the_way_past_the_controls_is_no_view_to_undo(tab):
    tab.slide("#demand", 110)
    tab.ready(showing="demand=::110")
    tab.page.locator(".skip").focus()
    tab.page.keyboard.press("Enter")
    assert tab.page.locator(":focus").get_attribute("id") == "result"
    assert tab.page.url.endswith("?policy=balanced&demand=::110")
    assert not tab.page.locator("#undo").is_disabled()


def test_an_outage_lasts_as_long_as_its_field_says(tab):
    tab.page.locator("#outage-region").select_option("NW")
    for typed in ("0", "99", "-3", "1e2", ""):
        tab.page.locator("#outage-length").fill(typed)
        tab.page.locator("#outage-length").blur()
        assert tab.page.locator("#outage-length").input_value() == "1"
        tab.page.wait_for_selector('body[data-shown$="outage=NW:1:1"]:not(.old)')


def test_what_waits_is_asked_for_again(tab):
    """Controls, pictures and what stands beside are asked for again when the page has asked too much at once."""
    refused = []

    def refuse(route):
        where = route.request.url.split("?")[0].rsplit("/", 1)[1]
        if where in refused:
            route.continue_()
        else:
            refused.append(where)
            route.fulfill(status=429, body="Too many requests: wait a second.")

    for where in ("controls?**", "pictures", "ahead"):
        tab.page.route(f"**/{where}", refuse)
    tab.slide("#demand", 110)
    tab.ready(showing="demand=::110")
    tab.page.locator("#keep").click()
    tab.ready(showing="keep=")
    tab.page.locator("#expected").check()
    tab.page.wait_for_selector("text=No expected cost: none of them")
    tab.page.wait_for_selector('body[data-drawn*="expected=yes"]')
    assert sorted(refused) == ["ahead", "controls", "pictures"]
    tab.said.clear()  # the browser says each refusal


@pytest.mark.slow
def test_a_workbook_is_downloaded_and_read(tab, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    tab.slide("#demand", 110)
    tab.ready(showing="demand=::110")
    with tab.page.expect_download() as waited:
        tab.page.locator("a.button", has_text="workbook").click()
    waited.value.save_as(tmp_path / "plan.xlsx")
    costs = openpyxl.load_workbook(tmp_path / "plan.xlsx")["costs"]
    amounts = [row[1] for row in costs.iter_rows(min_row=2, values_only=True)]
    assert sum(amounts) == pytest.approx(planner.solve(INSTANCE, "balanced", "growth").objective)


@pytest.mark.slow
def test_a_run_is_saved(tab, place):
    tab.slide("#demand", 110)
    tab.ready(showing="demand=::110")
    tab.page.locator("#run-name").fill("grown")
    tab.page.locator("#run-name").press("Enter")
    tab.page.wait_for_selector("text=written to runs/grown")
    assert read_run(place / "runs" / "grown").objective == pytest.approx(
        planner.solve(INSTANCE, "balanced", "growth").objective
    )


@pytest.mark.slow
def test_prices_come_when_they_are_asked_for(tab):
    tab.page.locator("#prices").click()
    tab.page.wait_for_selector("text=one more saves, kUSD")


NAMED = """[...document.querySelectorAll('.scroll')].filter((part) => {
    part.scrollLeft = 9999;
    return [...part.querySelectorAll('tbody tr > th:first-child')].some(
        (name) => name.getBoundingClientRect().left < part.getBoundingClientRect().left - 1);
}).map((part) => part.ariaLabel)"""  # tables whose rows have no name once they are moved to their last column
LOOKS = [("light", WIDE), ("dark", PHONE), ("light", PHONE), ("dark", WIDE)]


@pytest.mark.parametrize("looks", [pytest.param(LOOKS[:2], id="quick"), pytest.param(LOOKS[2:], id="rest", marks=SLOW)])
def test_nothing_keeps_anyone_out(browser, address, looks):
    """Two of the four looks in every suite, each on one page after the other; the others are slow."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    context = browser.new_context(bypass_csp=True)  # axe is put into the page
    tab = Tab(context, address)
    tab.slide("#limit-any-region", 60)
    tab.ready(showing="limit=any-region:60")
    tab.page.locator("#keep").click()
    tab.ready(showing="keep=")
    tab.page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    for scheme, size in looks:
        tab.page.set_viewport_size(size)
        tab.page.emulate_media(color_scheme=scheme)
        found = axe.Axe().run(tab.page).response["violations"]
        serious = [
            (part["id"], part["nodes"][0]["html"][:200]) for part in found if part["impact"] in {"serious", "critical"}
        ]
        assert serious == [], (scheme, size)
        assert tab.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (scheme, size)
        assert size is WIDE or tab.page.evaluate(NAMED) == [], (scheme, size)
    context.close()


def test_ctrl_c_ends_it_cleanly(running):
    """Whether or not it has been looked at before, and by the same process, as it takes seconds to begin."""
    process, url = running()
    assert url.startswith("http://127.0.0.1:")
    assert "/?token=" in url
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "stopped; nothing was written"
    assert "Traceback" not in said
