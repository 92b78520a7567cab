"""The page without a browser: views in and plans out, and what is refused at its gate."""

import asyncio
import html
import re
import shutil
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import cache

import pytest
import toys
from click.testing import CliRunner
from served_page import BASE, PORT, TOKEN, asking, plan

import planner
from planner.cli.main import cli
from planner.errors import UsageError
from planner.instance.scenario import Scenario
from planner.report.run_folder import read_run
from planner.serve.guards import AT_ONCE, HEADERS, LARGEST_BODY, Rate
from planner.serve.running import bound, serve
from planner.serve.work_queue import BusyError, OvertakenError, WorkQueue
from planner.store.run_store import RunStore
from planner.study.stress.surprise import stress_one

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@cache
def grown():
    """The planner's own plan of all orders at 110 %."""
    return planner.solve("instances/canning", scenario="growth")


@pytest.fixture(scope="module")
def client():
    with asking(planner.load_instance("instances/canning")) as found:
        yield found


def in_a_loop(work):
    """`asyncio.run` in a thread of its own: in this one the loop that drives the browser may run."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def test_the_page_shows_a_view_in_its_controls(client):
    page = client.get("/?policy=balanced&limit=any-region:60&demand=::110&outage=NW:1:1&warning=no").text
    assert '<option value="balanced" selected>' in page
    assert 'data-key="any-region" data-usual="55" min="0" max="100" step="0.5" value="60"' in page
    assert 'value="110"' in page
    assert '<option value="NW" selected>' in page
    assert 'data-field="warning" data-usual="yes">' in page


def test_why_a_plan_was_built_anew_is_one_sentence():
    with asking(toys.toy()) as found:
        parts = plan(found, "policy=&demand=::101").json()["parts"]
    [text] = [part for part in parts.values() if "built anew" in part]
    assert "which are found anew each time." in text
    assert ".." not in text


def test_a_plan_is_that_of_the_planner(client):
    answer = plan(client, "demand=::110").json()
    assert answer["query"] == "policy=&demand=::110"
    cost = grown().objective
    assert f"kUSD\xa0{cost:.4g}" in answer["parts"]["answer"]
    assert "+kUSD\xa016.17" in answer["parts"]["answer"]
    assert "New York" in answer["parts"]["moves"]
    assert "Seattle" in answer["parts"]["binds"]
    assert "<svg" in answer["parts"]["pictures"]
    assert "Checked: every balance" in answer["parts"]["proof"]


def test_no_plan_says_why_and_offers_repairs(client):
    parts = plan(client, "capacity=canning::50").json()["parts"]
    assert "No plan can do this." in parts["answer"]
    assert 'data-view="policy=&amp;capacity=canning::50&amp;repair=' in parts["answer"]
    assert parts["pictures"] == ""


def test_a_repair_that_is_taken_up_makes_the_plan_that_it_promises(client):
    answer = plan(client, "capacity=canning::50").json()["parts"]["answer"]
    offers = re.findall(r'costs kUSD\s([\d.,]+)</p><button type="button" data-view="([^"]+)"', answer)
    assert len(offers) >= 2
    for cost, query in offers:
        repaired = plan(client, html.unescape(query)).json()["parts"]["answer"]
        shown = re.search(r"<b>kUSD\s([\d.,]+)</b>", repaired)
        assert float(shown[1].replace(",", "")) == pytest.approx(float(cost.replace(",", "")), rel=1e-3)


def test_what_an_instance_does_not_have_is_said(client):
    assert "There is no policy &#39;nobody" in plan(client, "policy=nobody").json()["parts"]["answer"]
    assert client.get("/controls?policy=nobody").status_code == 422
    assert "There is no period" in plan(client, "outage=NW:P9:1").json()["parts"]["answer"]


@pytest.mark.parametrize(
    "body", ["limit=a:nan", "demand=::NaN", "capacity=::Infinity", "repair=[NaN]", "a=b", "\x00", "é"]
)
def test_a_body_that_is_no_view_is_unprocessable(client, body):
    answer = plan(client, body.encode())
    assert answer.status_code == 422
    assert "Traceback" not in answer.text


def test_a_wish_says_which_page_it_is_from(client):
    assert client.post("/plan", content="").status_code == 422
    assert plan(client, "", **{"x-page": "<script>"}).status_code == 422


def test_every_answer_has_the_headers(client):
    for answer in (client.get("/"), client.get("/page.js"), client.get("/none"), plan(client, "a=b"), client.put("/")):
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "default-src 'none'" in HEADERS["Content-Security-Policy"]
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


def test_nothing_on_the_page_is_inline_or_from_outside(client):
    page = client.get("/").text + "".join(plan(client, "demand=::110").json()["parts"].values())
    assert "style=" not in page
    assert "<style" not in page
    assert not re.search(r"<[^>]+\son[a-z]+=", page)
    assert re.findall(r"<script[^>]*>", page) == ['<script src="/page.js" defer>']
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "@import" not in client.get("/page.css").text
    assert "url(" not in client.get("/page.css").text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"host": f"127.0.0.1:{PORT + 1}"}, 421),
        ({"host": f"localhost:{PORT}"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": f"http://localhost:{PORT}"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"cookie": "planner-8765=wrong"}, 403),
        ({"content-length": str(LARGEST_BODY + 1)}, 413),
    ],
)
def test_who_may_ask(client, headers, status):
    assert plan(client, "", **headers).status_code == status


def test_without_the_token_nothing_is_shown():
    with asking(toys.tiny(), cookie=False) as stranger:
        for path in ("/", "/page.js", "/controls", "/?token=wrong", f"/controls?token={TOKEN}", "/?token=a&token=b"):
            answer = stranger.get(path)
            assert answer.status_code == 403
            assert "set-cookie" not in answer.headers
        assert plan(stranger, "").status_code == 403
        opened = stranger.get(f"/?token={TOKEN}")
        assert opened.status_code == 200
        assert opened.headers["set-cookie"] == f"planner-{PORT}={TOKEN}; HttpOnly; SameSite=Strict; Path=/"
        assert TOKEN not in opened.text


def test_a_post_without_an_origin_is_refused(client):
    before = client.headers.pop("origin")
    try:
        assert plan(client, "").status_code == 403
        assert client.get("/").status_code == 200
    finally:
        client.headers["origin"] = before


def test_a_body_that_grows_too_large_is_cut_off(client):
    def growing():
        for _ in range(LARGEST_BODY // 1000 + 2):
            yield b"a" * 1000

    assert plan(client, growing()).status_code == 413
    assert plan(client, "policy=" + "a" * 20_000).status_code == 422
    assert client.get("/?policy=" + "a" * 30_000).status_code == 414


def test_too_many_requests_are_slowed_down():
    with asking(toys.tiny(), rate=Rate(now=lambda: 0.0)) as client:
        statuses = [client.get("/page.css").status_code for _ in range(int(AT_ONCE) + 5)]
    assert statuses == [200] * int(AT_ONCE) + [429] * 5


def test_hostile_names_are_text():
    instance = toys.two_plants(
        title=HOSTILE,
        regions={"TW": HOSTILE, "US": "ok"},
        sites=[{**row, "name": f"x{HOSTILE}"} for row in toys.TWO_PLANTS["sites"]],
        customers=[{"customer": "shop", "region": "TW", "name": f"x{HOSTILE}"}],
        items=[{"item": "unit", "stage": "make", "value": 10, "name": f"x{HOSTILE}"}],
        scenarios=[{"name": "s", "title": HOSTILE, "changes": [{"change": "demand", "factor": 2}]}],
        capacities=[{"site": "east", "capacity": 8}],
    )
    with asking(instance) as client:
        page = client.get("/").text
        parts = plan(client, "capacity=make:TW:50&follow=TW").json()["parts"]
        lost = plan(client, "outage=TW:1:1&capacity=make::0").json()["parts"]
    for text in (page, *parts.values(), *lost.values()):
        assert "<script>alert" not in text
        assert "<img" not in text
    assert "alert(1)" in page
    assert "alert(1)" in parts["pictures"]


def test_the_newest_wish_wins_and_an_older_one_that_waits_is_dropped():
    begun, go = threading.Event(), threading.Event()

    def first():
        begun.set()
        go.wait(10)
        return "first"

    async def ask():
        queue = WorkQueue(thread)
        one = asyncio.create_task(queue.run("tab", first))
        await asyncio.to_thread(begun.wait, 10)
        two = asyncio.create_task(queue.run("tab", lambda: "second"))
        other = asyncio.create_task(queue.run("other tab", lambda: "other"))
        await asyncio.sleep(0)
        three = asyncio.create_task(queue.run("tab", lambda: "third"))
        found = await asyncio.gather(two, return_exceptions=True)  # at once, while the first is still at work
        assert not one.done()
        go.set()
        return found + await asyncio.gather(one, three, other)

    with ThreadPoolExecutor(1) as thread:
        dropped, *rest = in_a_loop(ask())
    assert isinstance(dropped, OvertakenError)
    assert rest == ["first", "third", "other"]


def test_only_so_many_may_wait():
    go = threading.Event()

    async def ask():
        queue = WorkQueue(thread)
        tasks = [asyncio.create_task(queue.run(f"tab {number}", lambda: go.wait(10))) for number in range(20)]
        await asyncio.sleep(0.05)
        go.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    with ThreadPoolExecutor(1) as thread:
        found = in_a_loop(ask())
    assert sum(isinstance(part, BusyError) for part in found) == 3
    assert found.count(True) == 17


def test_one_that_goes_away_leaves_the_desk_to_the_next():
    go = threading.Event()

    async def ask():
        queue = WorkQueue(thread)
        one = asyncio.create_task(queue.run("a", lambda: go.wait(10)))
        await asyncio.sleep(0.02)
        two = asyncio.create_task(queue.run("b", lambda: "b"))
        three = asyncio.create_task(queue.run("c", lambda: "c"))
        await asyncio.sleep(0)
        two.cancel()
        go.set()
        await one
        return await asyncio.wait_for(three, 5)

    with ThreadPoolExecutor(1) as thread:
        assert in_a_loop(ask()) == "c"


def test_the_address_is_of_this_machine(client):
    assert client.get("/").url.host == "127.0.0.1"
    assert BASE.startswith("http://127.0.0.1:")


def test_runs_stand_side_by_side(client):
    kept = "keep=policy%3Dbalanced%26demand%3D%3A%3A105"
    first = plan(client, f"demand=::110&{kept}").json()
    assert first["missing"] == ["policy=balanced&demand=::105"]
    assert "being planned" in first["parts"]["beside"]
    assert first["alone"] == "policy=&demand=::110"
    assert client.post("/ahead", content=first["missing"][0], headers={"x-page": "tab-1-ahead"}).status_code == 200
    second = plan(client, f"demand=::110&{kept}").json()
    assert second["missing"] == []
    instance = planner.load_instance("instances/canning")
    more = {"name": "more", "changes": [{"change": "demand", "factor": 1.05}]}
    cost = planner.solve(instance, "balanced", Scenario.model_validate(more)).objective
    assert f"<td>kUSD\xa0{cost:.4g}</td>" in second["parts"]["beside"]
    assert 'data-view="policy=balanced&amp;demand=::105"' in second["parts"]["beside"]


def test_a_run_without_a_plan_stands_beside_as_that(client):
    kept = "keep=policy%3D%26capacity%3Dcanning%3A%3A50"
    for _ in range(2):
        answer = plan(client, f"demand=::110&{kept}").json()
        for query in answer["missing"]:
            client.post("/ahead", content=query, headers={"x-page": "a"})
    assert "no plan" in answer["parts"]["beside"]


@pytest.mark.slow
def test_scenarios_are_weighed_by_their_probabilities(client):
    query = "expected=yes&chance=growth:10&chance=chicago-road-closed:20"
    for name in plan(client, query).json()["missing"]:
        client.post("/ahead", content=name, headers={"x-page": "a"})
    beside = plan(client, query).json()["parts"]["beside"]
    costs = {
        name: planner.solve("instances/canning", scenario=name).objective
        for name in (None, "growth", "chicago-road-closed")
    }
    usual = costs[None]
    mean = usual + 0.1 * (costs["growth"] - usual) + 0.2 * (costs["chicago-road-closed"] - usual)
    assert f"Expected cost kUSD\xa0{mean:.4g}" in beside
    assert "<td>no plan</td>" in beside  # seattle-half has none, and no probability
    assert (
        "at most 100\u00a0%"
        in plan(client, "expected=yes&chance=growth:80&chance=chicago-road-closed:30").json()["parts"]["beside"]
    )


def test_prices_are_those_of_the_planner(client):
    answer = client.post("/prices", content="demand=::110", headers={"x-page": "tab-1-prices"}).json()
    points = grown().choke_points
    (price,) = points[(points["name"] == "seattle") & (points["kind"] == "resource")]["shadow_price"]
    assert "one more saves, kUSD" in answer["parts"]["binds"]
    assert f">{price:.4g}<" in answer["parts"]["binds"]
    assert 'id="prices"' not in answer["parts"]["binds"]
    assert 'id="prices"' in plan(client, "demand=::110").json()["parts"]["binds"]


def test_a_strike_without_warning_costs_more_than_one_that_is_known():
    instance = toys.two_plants(periods=["P1", "P2"], capacities=[{"site": "west", "capacity": 4}])
    with asking(instance) as client:
        known, struck = (plan(client, f"outage=TW:P2:1&warning={word}").json()["parts"] for word in ("yes", "no"))
    outage = {"name": "s", "changes": [{"change": "outage", "where": {"region": "TW"}, "period": "P2"}]}
    base = toys.undisturbed(instance)
    found = stress_one(base, Scenario.model_validate(outage))
    assert f"<b>USD\xa0{base.plan.objective + found.loss:,.0f}</b>" in struck["answer"]
    assert "without warning" in struck["answer"]
    assert known["answer"] != struck["answer"]


def test_a_workbook_holds_the_plan(client, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    answer = client.get("/save/workbook?policy=&demand=::110")
    assert answer.headers["content-disposition"] == 'attachment; filename="what-if.xlsx"'
    (tmp_path / "a.xlsx").write_bytes(answer.content)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["costs"]
    amounts = [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert sum(amounts) == pytest.approx(grown().objective)


def test_a_run_is_written_where_it_is_named(client, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = client.post("/run?name=grown", content="policy=&demand=::110", headers={"x-page": "a"})
    folder, _, kept = answer.json()["said"].partition("; kept as ")
    assert folder == "written to runs/grown"
    store = RunStore()
    assert store.find(kept).id.startswith(kept)
    store.close()
    assert read_run(tmp_path / "runs" / "grown").objective == pytest.approx(169.8425)
    for name in ("../grown", "", ".hidden", "a/b", "a" * 65, "/etc/x", "a\x00b"):
        refused = client.post("/run", params={"name": name}, content="policy=", headers={"x-page": "a"})
        assert refused.status_code == 422
    (tmp_path / "runs" / "mine").mkdir()
    (tmp_path / "runs" / "mine" / "letter.txt").write_text("dear")
    assert client.post("/run?name=mine", content="policy=", headers={"x-page": "a"}).status_code == 422
    assert sorted(path.name for path in (tmp_path / "runs").rglob("*") if path.is_dir()) == ["grown", "mine", "tables"]
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


def test_what_a_strike_leaves_is_kept_as_no_answer_of_the_store(tmp_path, monkeypatch, in_process):
    monkeypatch.chdir(tmp_path)
    with asking(toys.toy(policies=[])) as client:
        said = client.post("/run?name=a", content="policy=&outage=US:P2:1&warning=no", headers={"x-page": "a"}).json()
    assert said["said"] == "written to runs/a; as a plan after a strike it cannot be proved again by planner verify"
    store = RunStore()
    assert store.all() == []
    store.close()
    code, out, _ = in_process("verify", tmp_path / "runs" / "a")
    assert (code, out.splitlines()) == (
        2,
        [
            "toy: what-if: cannot be proved",
            "- recourse: the plan is one after a strike, of which a run does not say the terms",
        ],
    )


def test_files_that_have_changed_since_are_said_with_every_answer(tmp_path):
    folder = tmp_path / "canning"
    shutil.copytree("instances/canning", folder)
    instance = planner.load_instance(folder)
    said = "The files of the instance have been changed since this page was begun"
    with asking(instance, source=str(folder)) as client:
        assert said not in plan(client, "policy=").json()["parts"]["answer"]
        (folder / "notes.txt").write_text("nothing that is read")
        assert said not in plan(client, "policy=").json()["parts"]["answer"]
        with (folder / "demand.csv").open("a") as file:
            file.write("\n")
        assert said in plan(client, "policy=").json()["parts"]["answer"]
        assert said in plan(client, "policy=&capacity=canning::0").json()["parts"]["answer"]
        assert said in plan(client, "policy=nobody").json()["parts"]["answer"]


def test_what_a_view_does_not_have_is_not_saved(client):
    assert client.get("/save/policy?policy=").status_code == 422
    assert client.get("/save/scenario?policy=").status_code == 422
    assert client.get("/save/everything?policy=").status_code == 404
    assert client.get("/save/workbook?policy=&capacity=canning::50").status_code == 422


def test_a_bug_is_said_and_shows_nothing_of_itself(capsys, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("secret")

    with asking(toys.tiny()) as client:
        monkeypatch.setattr("planner.serve.app.View.read", broken)
        answer = client.get("/controls?policy=")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]
    assert "ZeroDivisionError: secret" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said():
    with bound(None) as first, pytest.raises(UsageError, match="is taken"):
        bound(first.getsockname()[1])


def test_only_this_machine_is_listened_to():
    with bound(None) as first, bound(None) as second:
        assert {first.getsockname()[0], second.getsockname()[0]} == {"127.0.0.1"}
        assert first.getsockname()[1] != second.getsockname()[1]


def test_another_policy_than_there_is_is_said():
    done = CliRunner().invoke(cli, ["serve", "instances/canning", "--policy", "nobody", "--no-open"])
    assert isinstance(done.exception, UsageError)
    assert "There is no policy 'nobody'" in str(done.exception)


def test_without_the_extra_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(UsageError, match=r"planner\[page\]"):
        serve(toys.tiny(), "tiny.yaml", None, None, print, nullcontext, opened=False)


def test_no_other_page_is_told_that_it_may_ask(client):
    """No answer has a header of CORS, neither to a browser that asks first nor to a request."""
    foreign = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    answers = [client.options("/plan", headers=foreign), client.get("/", headers=foreign), plan(client, "")]
    assert [answer.status_code for answer in answers[:1]] != [200]
    assert not [name for answer in answers for name in answer.headers if name.startswith("access-control")]


def test_scenarios_that_are_too_many_to_be_weighed_are_named_as_left_out(monkeypatch):
    monkeypatch.setattr("planner.serve.beside.SCENARIOS_WEIGHED", 2)
    chances = "&chance=growth:10&chance=chicago-road-closed:20&chance=seattle-half:5"
    with asking(planner.load_instance("instances/canning")) as client:
        query = f"policy=&expected=yes{chances}"
        for missing in plan(client, query).json()["missing"]:
            client.post("/ahead", content=missing, headers={"x-page": "a"})
        shown = html.unescape(plan(client, query).json()["parts"]["beside"])
    assert "of which something does with 30.0" in shown.replace("\u00a0", " ")
    assert " 1 of 3 scenarios, with 5.0 %, is not planned and left out of it." in shown.replace("\u00a0", " ")


def weighed(client, query):
    """What stands under `What may happen` once all that is missing is planned."""
    for missing in plan(client, query).json()["missing"]:
        client.post("/ahead", content=missing, headers={"x-page": "a"})
    return html.unescape(plan(client, query).json()["parts"]["beside"]).replace("\u00a0", " ")


def test_scenarios_without_a_plan_are_not_waited_for(client):
    """`seattle-half` has no plan without the option; with a probability there is no expected cost, and no waiting."""
    shown = weighed(client, "policy=&expected=yes&chance=seattle-half:5&chance=growth:10")
    assert "No expected cost: under this policy there is no plan in Seattle works at half its capacity." in shown
    assert "being planned" not in shown
    assert "…" not in shown
    assert "Expected cost kUSD" in weighed(client, "policy=&expected=yes&chance=growth:10")


def test_without_probabilities_nothing_is_expected(client):
    """It said `±0 for what may happen, of which something does with 0.0 %`."""
    shown = weighed(client, "policy=&expected=yes")
    assert "No expected cost: none of them has a probability yet." in shown
    assert "±0 for what may happen" not in shown


def test_scenarios_are_not_weighed_against_what_has_no_plan():
    """10 must be served of a capacity of 8; in a slump half of them are not ordered."""
    slump = {"change": "demand", "where": {}, "factor": 0.5}
    instance = toys.tiny(
        capacities=[{"site": "plant", "capacity": 8}],
        demand=[{"customer": "shop", "item": "unit", "quantity": 10}],
        scenarios=[{"name": "slump", "probability": 0.1, "changes": [slump]}],
    )
    with asking(instance) as client:
        shown = weighed(client, "policy=&scenario=slump&expected=yes")
    assert "No expected cost: there is no plan even where none of them happens." in shown
    assert "no plan</td>" not in shown  # of the slump there is one
