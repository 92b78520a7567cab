"""Names x faces: whatever a name has in it, no face runs it, loads it, obeys it or loses it."""

import csv
import io
import json
import re
import unicodedata
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import openpyxl
import pandas as pd
import pytest
import toys
from markdown_it import MarkdownIt
from portions import portion

import planner
from planner.cli.main import main
from planner.errors import visible
from planner.report.csv_tables import csv_text, inert, like_a_formula, read_csv_table, without_apostrophe
from planner.report.exports import export_plan
from planner.report.markdown import block, inline
from planner.report.run_folder import read_run, write_run
from planner.report.write_report import write_report
from planner.study.runs import survey

NAMES = [  # that `check` lets through as names of operators, clusters, regions and titles
    '＝HYPERLINK("http://x.test","pay")',
    "＋1+1",
    "－2+3",
    "＠SUM(A1)",
    "﹦1+1",
    "'=1+1",
    "''＝1+1",
    " =1+1",
    "\u00a0=cmd|' /C calc'!A0",
    "![i](http://x.test/i.png)",
    "[pay here](http://x.test)",
    "<img src=http://x.test/i.png onerror=alert(1)>",
    "<script>document.title='taken'</script>",
    "</script><script>alert(1)</script>",
    "http://x.test/bare and www.x.test and me@x.test",
    "javascript:alert(1)",
    "`code` **bold** _em_ ~~gone~~ $x$ \\",
    "# heading",
    "* list",
    "> quoted",
    "1. numbered",
    "a | b | c",
    "[/bold][red]red[/red] :smiley: [link=http://x.test]x[/link]",
    "{{ 7 * 7 }} {% for %} ${7*7} %s %(x)s",
    "\"quoted\", 'and', comma; semi",
    "台積電 ＆ Söhne",
    "../../x",
    "&lt;b&gt; &amp; &#60;",
]
ACTING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
CHARACTERS = [
    "\x1b[31m",
    "\x1b]0;title\x07",
    "\r",
    "\x08",
    "\x7f",
    "\x9b31m",
    "\u202e",
    "\u2067",
    "\u200f",
    "\u200b",
    "\ufeff",
    "\u2028",
]


def runs_as_a_formula(text):
    """A spreadsheet's view, kept apart from the planner's: the first character that can be seen, in any width."""
    seen = [unicodedata.normalize("NFKC", sign) for sign in text if unicodedata.category(sign)[0] not in {"C", "Z"}]
    return len(seen) > 1 and seen[0][0] in "=+-@"


def number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def acting(text):
    return sorted({sign for sign in text if unicodedata.category(sign) in ACTING and sign not in "\n\t"})


@pytest.fixture(scope="module")
def instance():
    """A plant for each name, run by an operator and standing in a cluster of that name; titles and units likewise."""
    count = len(NAMES)
    names = dict(enumerate(NAMES))
    policies = [
        {"name": "open", "title": NAMES[9]},
        {
            "name": "capped",
            "title": NAMES[0],
            "limits": [
                {"name": "cap", "measure": "stage", "stage": "make", "over": "operator", "of": "each", "max_share": 0.9}
            ],
        },
    ]
    return planner.load_instance(
        {
            **toys.TINY,
            "title": NAMES[10],
            "currency": "<b>＝$</b>",
            "regions": {f"R{number}": name for number, name in names.items()},
            "sites": [
                {
                    "site": f"s{number}",
                    "name": name,
                    "region": f"R{number}",
                    "operator": name,
                    "cluster": name,
                    "source": name,
                }
                for number, name in names.items()
            ],
            "items": [{"item": "unit", "name": NAMES[11], "stage": "make", "value": 10, "unit": NAMES[9]}],
            "processes": [{"site": f"s{number}", "item": "unit", "unit_cost": 1 + number / 10} for number in names],
            "capacities": [{"site": f"s{number}", "capacity": 10, "unit": NAMES[1]} for number in names],
            "customers": [{"customer": "shop", "name": NAMES[12], "region": "R0"}],
            "demand": [
                {"customer": "shop", "item": "unit", "quantity": 10 * count - 5, "price": 100, "source": NAMES[0]}
            ],
            "lanes": [{"from": f"s{number}", "to": "shop"} for number in names],
            "policies": policies,
            "scenarios": [
                {
                    "name": "half",
                    "title": NAMES[9],
                    "probability": 0.1,
                    "changes": [{"change": "demand", "factor": 0.5}],
                }
            ],
        }
    )


@pytest.fixture(scope="module")
def plan(instance):
    return planner.solve(instance, policy="capped")


def cells_of(text):
    return [cell for row in csv.reader(io.StringIO(text)) for cell in row]


def test_the_names_are_let_through(instance):
    assert planner.check_instance(instance.as_mapping()).errors == ()


@pytest.mark.parametrize("name", [*NAMES, *(f"'{name}" for name in NAMES), "", "-", "=", "plain", "'plain", "it's"])
def test_a_text_is_inert_and_comes_back(name):
    assert without_apostrophe(inert(name)) == name
    assert not runs_as_a_formula(inert(name)) or inert(name).startswith("'")
    assert inert(name)[:1] == "'" or not runs_as_a_formula(name)
    assert like_a_formula(name) == like_a_formula(f"'{name}")


@pytest.mark.parametrize("face", ["run", "csv"])
def test_no_csv_cell_runs_and_all_read_back(plan, tmp_path, face):
    folder = tmp_path / face
    if face == "run":
        write_run(plan, folder)
        tables = folder / "tables"
        found = read_run(folder).tables
    else:
        export_plan(plan, folder)
        tables = folder
        found = {name: read_csv_table(folder / f"{name}.csv", name) for name in plan.tables}
    dangerous = 0
    for path in tables.glob("*.csv"):
        for cell in cells_of(path.read_text(encoding="utf-8")):
            dangerous += cell.startswith("'")
            assert number(cell) or not runs_as_a_formula(cell), (path.name, cell)
    assert dangerous > 10
    for name, table in plan.tables.items():
        pd.testing.assert_frame_equal(found[name], table, check_dtype=False)
    if face == "run":
        assert read_run(folder).instance == plan.instance


def test_no_workbook_cell_runs(plan, tmp_path):
    export_plan(plan, tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    seen = set()
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in {"s", "n"}, (sheet.title, cell.value)
                assert cell.hyperlink is None or not cell.hyperlink.target
                if isinstance(cell.value, str) and runs_as_a_formula(cell.value):
                    assert cell.quotePrefix, (sheet.title, cell.value)
                    seen.add(cell.value)
    assert {name for name in NAMES if runs_as_a_formula(name)} <= seen


def test_typed_exports_keep_names_as_they_are(plan, tmp_path):
    export_plan(plan, tmp_path / "x.parquet")
    assert set(pd.read_parquet(tmp_path / "x.parquet" / "production.parquet")["operator"]) == set(NAMES)
    duckdb = pytest.importorskip("duckdb")
    export_plan(plan, tmp_path / "x.duckdb")
    with duckdb.connect(str(tmp_path / "x.duckdb"), read_only=True) as base:
        assert {row[0] for row in base.execute("SELECT operator FROM production").fetchall()} == set(NAMES)


def test_no_iamc_cell_runs(instance, tmp_path):
    dated = instance.as_mapping()
    dated["periods"] = {"first": "2027", "count": 1, "length": "year"}
    export_plan(planner.solve(planner.load_instance(dated)), tmp_path / "x.iamc.csv")
    cells = cells_of((tmp_path / "x.iamc.csv").read_text(encoding="utf-8"))
    assert inert(NAMES[0]) in cells
    assert not [cell for cell in cells if not number(cell) and runs_as_a_formula(cell)]


LIVE = {"image", "link_open", "html_inline", "html_block", "code_inline", "em_open", "strong_open", "s_open"}
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
AUTOLINK = re.compile(r"(?i)(?<![\\\w])(https?://|ftp://|www\.)")  # as GitHub finds them in plain text


def kinds_of(text):
    tokens = [part for token in MARKDOWN.parse(text) for part in (token, *(token.children or ()))]
    return {token.type for token in tokens}, "".join(token.content for token in tokens if token.type == "text")


@pytest.mark.parametrize(
    "name", [*NAMES, "*", "_", "a_b_c", "__init__", "~", "2) x", "===", "+ x", "[x]: http://x.test"]
)
def test_markdown_shows_a_name_as_it_is(name):
    shown = re.sub(r"\s+", " ", name).strip()
    for text in (f"**before** {inline(name)} after", block(name), f"- {block(name)}", f"# {inline(name)}"):
        kinds, said = kinds_of(text)
        assert not (kinds & LIVE) - {"strong_open"}, text
        assert "heading_open" not in kinds or text.startswith("# ")
        assert not kinds & {"blockquote_open", "ordered_list_open", "fence", "code_block", "hr"}
        assert "bullet_list_open" not in kinds or text.startswith("- ")
        assert shown in said.replace("\u00a0", " ")
        assert not AUTOLINK.search(text)
    kinds, said = kinds_of(f"| a | b |\n| --- | --- |\n| {inline(name)} | after |")
    assert said.endswith("after")
    assert shown in said


class Loads(HTMLParser):
    """What a page would load or run: addresses of its tags, handlers, the number of scripts."""

    def __init__(self, text):
        super().__init__()
        self.found, self.scripts = [], 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.scripts += tag == "script"
        for name, value in attributes:
            if name.startswith("on") or (
                name in {"src", "href", "action", "data", "poster", "srcset"}
                and not (value or "").startswith(("#", "data:"))
            ):
                self.found.append((tag, name, value))


OWN_TAGS = re.compile(r"</?(?:extra|br|b|i)>")


@pytest.mark.slow
def test_no_report_runs_or_loads_a_name(instance, tmp_path):
    write_report(instance, survey(instance, list(instance.policies), [None, *instance.scenarios]), tmp_path)
    page = Loads((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert (page.found, page.scripts) == ([], 1)
    pictures = re.findall(r"<svg\b.*?</svg>", (tmp_path / "report.html").read_text("utf-8"), re.DOTALL)
    assert len(pictures) >= 4
    for picture in pictures:
        tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(picture).iter()}
        assert not tags & {"script", "a", "image", "foreignObject", "use", "set", "animate"}
    text = (tmp_path / "summary.md").read_text(encoding="utf-8")
    kinds, _ = kinds_of(text)
    assert not kinds & {"image", "link_open", "html_inline", "html_block"}
    assert not AUTOLINK.search(text)
    for path in (tmp_path / "tables").glob("*.csv"):
        for cell in cells_of(path.read_text(encoding="utf-8")):
            assert number(cell) or not runs_as_a_formula(cell), (path.name, cell)


@pytest.fixture
def run(capfd, monkeypatch, tmp_path):
    """Run a command in an empty folder; exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def command(*words):
        with pytest.raises(SystemExit) as left:
            main(list(map(str, words)))
        found = capfd.readouterr()
        return int(left.value.code or 0), found.out, found.err

    return command


@pytest.mark.parametrize(
    "words",
    portion(
        [
            ("solve", "--policy", "capped"),
            ("audit",),
            ("check",),
            ("frontier", "--policy", "capped", "--limit", "cap", "--to", "0.5", "--out", "f"),
        ],
        quick=2,
    ),
    ids=lambda words: words[0],
)
def test_a_terminal_shows_names_as_they_are(run, instance, tmp_path, words):
    (tmp_path / "i.json").write_text(json.dumps(instance.as_mapping()), encoding="utf-8")
    code, out, err = run(words[0], tmp_path / "i.json", *words[1:])
    assert code == 0, err
    assert not acting(out)
    assert "☺" not in out
    if words[0] == "frontier":
        text = (tmp_path / "f" / "frontier.html").read_text(encoding="utf-8")
        assert Loads(text).found == []
        drawn = re.findall(r'\{"data":\[.*?"height":\d+\}\}', text)
        assert len(drawn) == 2
        assert "u003cb" not in OWN_TAGS.sub("", "".join(drawn))
        assert "&lt;b&gt;" in text
    if words[0] == "solve":
        assert "<b>＝$</b>" in out


@pytest.mark.parametrize("sign", portion(CHARACTERS, quick=3), ids=ascii)
def test_what_a_terminal_obeys_is_shown(run, folder, sign):
    """In names that are refused, files and options that are not there, and tables of runs that say so."""
    name = f"a{sign}b"
    folder.replace("customers.csv", "cloud,Cloud", f'cloud,"C{name}"')
    folder.replace("sites.csv", "fab,TW", f'"f{name}",TW')
    folder.replace("instance.yaml", "currency: USD", json.dumps(f"currency {name}") + ": USD")
    commands = [
        ("check", folder.path),
        ("solve", folder.path),
        ("solve", name),
        ("solve", folder.path, "--policy", name),
        ("solve", folder.path, "--solver", name),
        ("solve", folder.path, "--gap", name),
        ("solve", folder.path, f"--{name}"),
        (name,),
        ("explain", name),
        ("explain", "nowhere", "--order", name),
        ("compare", name, name),
        ("export", name, "--to", "x"),
        ("check", folder.path, "--json"),
        ("solve", name, "--json"),
    ]
    for words in commands:
        code, out, err = run(*words)
        assert code == 2
        assert not acting(out + err), words
        if "--json" in words:
            json.loads(out)


@pytest.mark.parametrize("sign", CHARACTERS, ids=ascii)
def test_visible_leaves_what_is_harmless(sign):
    assert not acting(visible(f"a{sign}b"))
    assert visible(f"a{sign}b") != f"a{sign}b"
    for text in ("plain", "two\nlines\tand a tab", "Söhne 台積電 −5\u00a0%"):
        assert visible(text) == text


def test_csv_figures_stay_figures():
    table = pd.DataFrame({"name": ["=1", "x"], "cost": [-1.5, 2.0], "share": [-0.0, float("nan")]})
    assert csv_text(table) == "name,cost,share\n'=1,-1.5,-0.0\nx,2.0,\n"
