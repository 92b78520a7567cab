"""Documents cannot rot: every command, output and headline number in them is made by the code as it stands.

`pytest tests/test_documents.py --regenerate` writes outputs and numbers anew: read the difference before you keep it.
"""

import contextlib
import io
import re
import shlex
import shutil
from collections import Counter
from pathlib import Path
from shutil import copytree

import pytest
from shipped import undisturbed

from planner.cli.main import COMMANDS, main
from planner.plan.measures import pathway_summary

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
MAP = ROOT / "planner" / "README.md"
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
PYTHON = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)
HEADLINE = re.compile(r"(<!-- headline:begin -->\n)(.*?)(<!-- headline:end -->)", re.DOTALL)
TIMED = re.compile(r"\d+\.\d\d s\b")
LONG_EXAMPLES = {"audit", "two-stage", "sweep"}  # on the shipped instance, or run as a command of the README
TRIED = {"export", "frontier", "new", "roll", "stress", "whatif"}  # which the tour or tests/cli run too
RUN_BY_HAND = LONG_EXAMPLES | TRIED
POLICIES = ("concentrated", "front-end-only", "diversified", "end-to-end")


def run(command: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a `planner ...` line."""
    out, err = io.StringIO(), io.StringIO()
    words = shlex.split(command)
    assert words[0] == "planner"
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as left:
        main(words[1:])
    return int(left.value.code or 0), out.getvalue(), err.getvalue()


def settled(text: str) -> str:
    """Text without what may differ from run to run: seconds, and spaces at line ends."""
    lines = [line.rstrip().replace("\u00a0", " ") for line in TIMED.sub("0.00 s", text).splitlines()]
    return "\n".join(lines).strip() + "\n"


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    (tmp_path / "instances").symlink_to(ROOT / "instances")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path


def test_tour(workplace, regenerate):
    text = README.read_text(encoding="utf-8")
    blocks = CONSOLE.findall(text)
    assert len(blocks) >= 6
    for block in blocks:
        command, _, shown = block.partition("\n")
        code, out, err = run(command.removeprefix("$ "))
        assert code == 0, err
        made = settled(out) if out.strip() else ""
        if regenerate:
            text = text.replace(f"```console\n{block}```", f"```console\n{command}\n{made}```")
        else:
            assert (settled(shown) if shown.strip() else "") == made, f"the output of `{command}` differs"
    if regenerate:
        README.write_text(text, encoding="utf-8")


def test_python_example(workplace, regenerate):
    text = README.read_text(encoding="utf-8")
    examples = PYTHON.findall(text)
    assert len(examples) == 2
    for code, shown in examples:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(code, "README.md", "exec"), {})
        if regenerate:
            text = text.replace(
                f"```python\n{code}```\n\n```text\n{shown}```",
                f"```python\n{code}```\n\n```text\n{settled(out.getvalue())}```",
            )
        else:
            assert settled(shown) == settled(out.getvalue())
    if regenerate:
        README.write_text(text, encoding="utf-8")


def headline(plans) -> str:
    """The headline numbers of the shipped instance, as a table."""
    lines = ["| | " + " | ".join(POLICIES) + " |", "| --- |" + " --- |" * len(POLICIES)]

    def row(name, figures):
        lines.append(f"| {name} | " + " | ".join(figures) + " |")

    found = [plans[name] for name in POLICIES]
    first = found[0].objective
    row("cost, all planned periods, discounted", [f"USD {plan.objective / 1e9:.1f} bn" for plan in found])
    row(
        "against concentrated",
        [
            f"{(plan.objective - first) / 1e9:+.1f} bn ({(plan.objective / first - 1):+.1%})"
            if plan.objective != first
            else "-"
            for plan in found
        ],
    )
    row(
        "orders lost, reported quarters",
        [
            f"{plan.service_summary['lost'] / 1e6:.2f} M of {plan.service_summary['demand'] / 1e6:.1f} M"
            for plan in found
        ],
    )
    for stage in found[0].instance.stages:
        row(f"Taiwan's share of {stage} (units)", [f"{plan.share(stage, 'TW'):.0%}" for plan in found])
    touched = [
        next(row["share"] for row in pathway_summary(plan.exposure) if (row["over"], row["of"]) == ("region", "TW"))
        for plan in found
    ]
    row("finished units that touched Taiwan at any stage", [f"{share:.1%}" for share in touched])
    packaging = [
        plan.exposure[
            (plan.exposure["stage"] == "packaging")
            & (plan.exposure["over"] == "region")
            & (plan.exposure["of"] == "TW")
            & (plan.exposure["period"] == "2028Q4")
        ]
        for plan in found
    ]
    row("Taiwan's share of packaging, 2028Q4", [f"{float(rows['share'].iloc[0]):.0%}" for rows in packaging])
    return "\n".join(lines) + "\n"


@pytest.mark.shipped
@pytest.mark.parametrize("path", ["README.md", "instances/accelerators/README.md"])
def test_headline_numbers(path, regenerate):
    file = ROOT / path
    text = file.read_text(encoding="utf-8")
    made = headline({name: undisturbed(name) for name in POLICIES})
    assert HEADLINE.search(text)
    if regenerate:
        file.write_text(HEADLINE.sub(lambda match: match[1] + made + match[3], text), encoding="utf-8")
    else:
        assert HEADLINE.search(text)[2] == made


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """The runs that examples name, made once."""
    runs, canning = tmp_path_factory.mktemp("solved"), ROOT / "instances" / "canning"
    for name, policy in (("base", ""), ("balanced", "--policy balanced")):
        assert run(f"planner solve {canning} {policy} --out {runs / name}")[0] == 0
    return runs


def test_canning_readme_commands(workplace, solved):
    """Those that the tour of the README has too are run there, and not again; each says whether it has a plan."""
    text = (ROOT / "instances" / "canning" / "README.md").read_text(encoding="utf-8")
    commands = [found.strip() for found in re.findall(r"^    (planner [^#\n]*)", text, re.MULTILINE)]
    toured = {
        block.partition("\n")[0].removeprefix("$ ") for block in CONSOLE.findall(README.read_text(encoding="utf-8"))
    }
    own = [command for command in commands if command not in toured]
    assert len(commands) >= 5
    assert len(own) < len(commands)
    copytree(solved, workplace / "runs")
    for command in own:
        code, _, err = run(command)
        assert code == (3 if "seattle-half" in command and "solve" in command else 0), err


def example_of(command):
    code, out, _ = run(f"planner {command.name} --help")
    assert code == 0
    example = re.search(r"Example: (planner .*)", out.replace("\n  ", " "))
    assert example, f"`planner {command.name} --help` ends without an example"
    return example[1].strip()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_ends_with_an_example(command):
    assert example_of(command).startswith(f"planner {command.name}")


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(command, id=command.name, marks=pytest.mark.slow if command.name in RUN_BY_HAND else ())
        for command in COMMANDS
    ],
)
def test_an_example_of_help_runs(command, workplace, solved):
    example = example_of(command)
    if command.name == "report":
        pytest.skip("takes minutes on the shipped instance; tests/report runs it on a small one")
    if command.name == "serve":
        pytest.skip("goes on until Ctrl-C, and opens a browser; tests/serve runs it")
    copytree(solved, workplace / "runs")
    if command.name == "roll":
        assert run("planner new my-chain")[0] == 0
        assert run("planner solve my-chain --policy balanced --out runs/january")[0] == 0
    code, out, err = run(example)
    assert code == 0, err
    assert out or err


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_commands_are_documented(command):
    assert len((command.help or "").split()) > 5
    assert f"planner {command.name}" in README.read_text(encoding="utf-8")
    for parameter in command.params:
        if parameter.param_type_name == "option" and parameter.name != "help":
            assert parameter.help, f"--{parameter.name} of {command.name} has no help"


def test_links_of_the_readme_lead_somewhere():
    text = README.read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target]
    assert targets
    for target in targets:
        assert (ROOT / target).exists(), target


def test_two_commands_stand_first():
    text = README.read_text(encoding="utf-8")
    commands = re.findall(r"```sh\n(.*?)\n```", text, re.DOTALL)
    assert len(commands) == 2
    assert all(command.startswith("python3 -m venv .venv && ") for command in commands)
    assert "planner report instances/accelerators" in commands[0]
    assert "pytest" in commands[1]


def shell_blocks():
    """The commands of the README whose outputs are too long to be shown there, block by block."""
    blocks = re.findall(r"```shell\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    return [block.splitlines() for block in blocks]


def run_each(commands):
    for command in commands:
        code, _, err = run(command)
        assert code == 0, f"{command}: {err}"


def test_the_sweep_of_the_readme_runs(workplace):
    """In one process: tests/study runs sweeps in several."""
    (block,) = [block for block in shell_blocks() if len(block) == 1]
    run_each([f"{command} --workers 1" for command in block])
    assert (workplace / "swept" / "report.html").exists()


@pytest.mark.slow
def test_the_months_of_the_readme_run(workplace):
    (block,) = [block for block in shell_blocks() if len(block) > 1]
    first, *rest = block
    run_each([first, "planner roll january --to 2027Q2 --out expected"])
    (workplace / "actuals").mkdir()
    shutil.copy(workplace / "expected" / "arrivals.csv", workplace / "actuals")
    run_each(rest)
    assert (workplace / "april" / "tables").is_dir()


def test_every_file_of_the_package_is_in_the_map():
    """A line of the map names files of the folder at its beginning, each file once; an `__init__.py` need not be."""
    package, text = MAP.parent, MAP.read_text(encoding="utf-8")
    lines = re.findall(r"^- `([\w./]+/)` (.*)$", text, re.MULTILINE)
    named = Counter(package / folder / name for folder, line in lines for name in re.findall(r"`(\w+\.[\w.]+)`", line))
    files = {path for path in package.rglob("*.*") if path.suffix != ".pyc" and path.name[0] != "." and path != MAP}
    missing = sorted(path for path in files - set(named) if path.name != "__init__.py")
    assert not missing, f"planner/README.md does not say what {missing[0].relative_to(package)} is for"
    strangers = sorted(set(named) - files)
    assert not strangers, f"planner/README.md names {strangers[0].relative_to(package)}, which is not there"
    assert max(named.values()) == 1, f"planner/README.md names {named.most_common(1)[0][0]} twice"


def test_paths_and_links_of_the_map_lead_somewhere():
    text = MAP.read_text(encoding="utf-8")
    paths = re.findall(r"`([\w/]+/[\w.]*)`", text)
    lost = [path for path in paths if not (MAP.parent / path).exists() and not (ROOT / path).exists()]
    assert paths
    assert not lost, f"planner/README.md names {lost[0]}, which is not there"
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    links = re.findall(r"\]\(#([^)]+)\)", text)
    assert links
    assert set(links) <= anchors
