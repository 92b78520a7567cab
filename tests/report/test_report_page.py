"""`planner report`: the files it writes, that the page stands alone, escapes names, and opens in a browser."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import toys
from browsers import browser_path
from portions import portion

from planner.cli.main import main
from planner.instance.loading import load_instance
from planner.report import make_report
from planner.report.early_pages import EarlyPages
from planner.report.findings import Findings
from planner.report.write_report import write_report
from planner.study.runs import survey

CANNING = Path(__file__).parents[2] / "instances" / "canning"
HOSTILE = "<script>document.title='taken'</script>\"'&|`</a>"
TABLES = {
    "overview",
    "shares",
    "exposure",
    "limits",
    "costs",
    "service",
    "utilisation",
    "choke_points",
    "scenarios",
    "options",
    "production",
    "runs",
    "pathways",
    "losses",
    "region_losses",
    "prices",
    "sizes",
    *("strikes", "strikes_lost", "deliveries", "survival", "frontier", "buys"),
    *(f"audit_{name}" for name in ("free_of", "free_of_periods", "free_of_stages")),
    *(f"audit_{name}" for name in ("sources", "behind", "concentration", "capacity")),
}


def run(*arguments):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EarlyPages, "first", lambda *_: None)  # the page at the end is the same
        with pytest.raises(SystemExit) as done:
            main([*(str(part) for part in arguments), "--no-store"])
    return done.value.code


@pytest.fixture
def folder(reported):
    return reported


def hostile_instance():
    """Two plants with a limit, an option and a scenario, and everything that has a name with the same one."""
    cap = {"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.5}
    rows = {
        **toys.TINY,
        **toys.TWO_PLANTS,
        "regions": dict.fromkeys(("TW", "US"), HOSTILE),
        "expansions": [{"option": "line", "site": "west", "period": "1", "capacity": 6, "unit_cost": 5}],
        "capacities": [{"site": "east", "capacity": 8}, {"site": "west", "capacity": 6}],
        "policies": [{"name": "capped", "limits": [cap]}],
        "scenarios": [{"name": "growth", "changes": [{"change": "demand", "factor": 1.1}]}],
    }
    mapping = load_instance(rows).as_mapping()
    mapping["title"] = HOSTILE
    for table in ("sites", "customers", "items", "policies", "scenarios"):
        for row in mapping[table]:
            row["title" if table in {"policies", "scenarios"} else "name"] = HOSTILE
    return mapping


class Page(HTMLParser):
    """Tags with their attributes, and the text of scripts."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.scripts, self._in_script = [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._in_script = tag == "script"
        if self._in_script:
            self.scripts.append("")

    def handle_data(self, data):
        if self._in_script:
            self.scripts[-1] += data

    def handle_endtag(self, tag):  # noqa: ARG002 - the name is the base class's
        self._in_script = False


def test_writes_every_file(folder):
    assert {path.name for path in folder.iterdir()} == {"report.html", "summary.md", "tables"}
    assert {path.stem for path in (folder / "tables").iterdir()} == TABLES


@pytest.mark.slow
def test_again_is_the_same_and_leaves_other_files_alone(folder, tmp_path):
    folder = shutil.copytree(folder, tmp_path / "report")
    (folder / "notes.txt").write_text("mine")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert run("report", CANNING, "--out", folder) == 0
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("option", ["--out", "--figures"])
def test_a_file_in_the_way_is_left_alone_and_nothing_is_solved_before(tmp_path, monkeypatch, capsys, option):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(make_report, "survey", lambda *_: pytest.fail("it was solved"))
    (tmp_path / "report").write_text("mine")
    assert run("report", CANNING, option, tmp_path / "report") == 2
    assert "is a file; name a folder." in capsys.readouterr().err
    assert (tmp_path / "report").read_text() == "mine"


def test_summary_has_no_date_version_or_path(folder):
    for path in [folder / "summary.md", *(folder / "tables").iterdir()]:
        text = path.read_text()
        assert not re.search(r"\b20\d\d-\d\d-\d\d\b|/work/|/tmp/|/home/|https?://|\bv?\d+\.\d+\.\d+\b", text), path


def test_a_run_without_a_plan_is_a_row(folder):
    assert "| seattle-half | – | no plan (infeasible) |" in (folder / "summary.md").read_text()
    assert "balanced,seattle-half,infeasible" in (folder / "tables" / "runs.csv").read_text()
    card = "known in advance: Every market orders a tenth more; no plan exists: Seattle works at half its capacity"
    assert card in (folder / "summary.md").read_text()  # by their titles, as a strike is
    text = (folder / "report.html").read_text()
    assert "raise the capacity of seattle" in text
    titles = [scenario.title.rstrip(".") for scenario in load_instance(CANNING).scenarios]
    told = re.findall(r"<dt>([^<]*)</dt>\s*<dd>([^<]*)", re.sub(r"</?(?:strong|span)[^>]*>", "", text))
    told = [(what, words) for what, words in told if what in titles]
    assert len(told) == 2  # the third has a shorter name, and its title beside it
    assert not any(words.startswith(what) for what, words in told)  # the title was told twice


def test_page_loads_nothing(folder):
    page = Page((folder / "report.html").read_text())
    loads = [
        value
        for tag, attributes in page.tags
        for name, value in attributes.items()
        if name in {"src", "href", "action", "data", "poster", "srcset"} and not value.startswith(("#", "data:"))
    ]
    assert loads == []
    assert not [tag for tag, _ in page.tags if tag in {"iframe", "object", "embed", "base"}]
    assert "@import" not in (folder / "report.html").read_text().split("</style>")[0]


def test_every_picture_has_words_and_a_table(folder):
    text = (folder / "report.html").read_text()
    page = Page(text)
    figures = [attributes for tag, attributes in page.tags if tag == "figure"]
    assert figures
    for attributes in figures:
        said = re.search(rf'<figcaption id="{attributes["aria-labelledby"]}">(.*?)</figcaption>', text, re.DOTALL)
        assert len(re.sub("<[^>]*>", "", said[1]).split()) > 10
    for claim in re.findall(r'<section id="[^"]*" class="claim">(.*?)</section>', text, re.DOTALL):
        assert "<figure" in claim
        assert "<table" in claim
    assert all(attributes.get("aria-hidden") == "true" for tag, attributes in page.tags if tag == "svg")


def test_names_are_text(tmp_path):
    (tmp_path / "hostile.json").write_text(json.dumps(hostile_instance()))
    assert run("report", tmp_path / "hostile.json", "--out", tmp_path / "out", "--figures", tmp_path / "figures") == 0
    html = (tmp_path / "out" / "report.html").read_text()
    assert HOSTILE not in html
    assert "&lt;script&gt;document.title" in html
    page = Page(html)
    assert len(page.scripts) == 1
    assert "<script" not in (tmp_path / "out" / "summary.md").read_text()
    for path in (tmp_path / "figures").iterdir():
        assert "<script" not in path.read_text()
        ET.fromstring(path.read_text())


def test_no_policies_and_no_scenarios(tmp_path):
    instance = load_instance(CANNING).replace(policies=(), scenarios=(), expansions=())
    runs = survey(instance, [None], [None])
    write_report(instance, runs, tmp_path)
    text = (tmp_path / "summary.md").read_text()
    assert "No policy" in text
    assert "## Scenarios" not in text
    page = (tmp_path / "report.html").read_text()
    said = re.findall(r"<(?:p|h1|h2|title|figcaption)[ >][^<]*", page)
    assert "The plan without a policy serves" in page
    assert [part for part in said if re.search(r"(?i)\bunder no policy|>no policy (?:serves|costs)", part)] == []
    assert Findings(instance, runs).label(None) == "no policy"


def test_no_plan_at_all(tmp_path):
    instance = load_instance(CANNING)
    instance = instance.replace(
        expansions=(), capacities=[row.model_copy(update={"capacity": 1.0}) for row in instance.capacities]
    )
    write_report(instance, survey(instance, list(instance.policies), [None, instance.scenario("growth")]), tmp_path)
    assert "No policy has a plan: balanced is infeasible." in (tmp_path / "summary.md").read_text()


@pytest.mark.parametrize("size", portion(["1280,1500", "400,900"], quick=1))
def test_opens_without_a_console_error(folder, tmp_path, size):
    browser = browser_path()
    if browser is None:
        pytest.skip("no chromium on this machine")
    done = subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-component-update",
            "--disable-background-networking",
            "--disable-sync",
            f"--user-data-dir={tmp_path / 'profile'}",
            f"--window-size={size}",
            "--virtual-time-budget=8000",
            "--enable-logging=stderr",
            "--v=0",
            "--dump-dom",
            f"file://{folder / 'report.html'}",
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if "<html" not in done.stdout:
        pytest.skip("chromium does not start on this machine")
    assert "CONSOLE" not in done.stderr
    assert 'data-ready="' in done.stdout, "the script did not finish"
    assert 'aria-current="true"' in done.stdout
