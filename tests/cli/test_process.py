"""A command as a process: stdout has the answer and nothing else, whatever becomes of streams and libraries."""

import json
import os
from pathlib import Path

import children
import pytest
import toys
from portions import portion

from planner.cli.answer import Answer
from planner.cli.main import COMMANDS

FULL = Path("/dev/full")
INSTANCE = {
    **toys.TINY,
    **toys.TWO_PLANTS,
    "name": "two",
    "capacities": [{"site": "east", "capacity": 40}, {"site": "west", "capacity": 40}],
    "demand": [{"customer": "shop", "item": "unit", "quantity": 10}],
    "policies": [
        {
            "name": "capped",
            "limits": [{"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.5}],
        }
    ],
    "scenarios": [
        {
            "name": "half",
            "surprise": True,
            "probability": 0.1,
            "changes": [{"change": "capacity", "where": {"site": "west"}, "factor": 0.1}],
        }
    ],
}
SWEEP = {
    "name": "half",
    "mode": "grid",
    "factors": [{"name": "more", "change": "demand", "where": {}, "factor": {"grid": [1.0, 2.0]}}],
}
# command: its words, and how its answer begins without --json ("" where it has none)
WORDS = {
    "check": (["two.json"], "two: 2 sites"),
    "audit": (["two.json"], "two: audit of"),
    "solve": (["two.json", "--policy", "capped"], "two: capped: optimal"),
    "whatif": (["two.json", "--scenario", "half"], "two: changes against"),
    "compare": (["run", "run"], "no policy (run) against"),
    "frontier": (["two.json", "--policy", "capped", "--limit", "cap"], "two: capped, least cost against"),
    "stress": (["two.json"], "Struck without warning"),
    "two-stage": (["two.json"], "two: no policy: two-stage plan"),
    "roll": (["months", "--to", "2", "--out", "later"], "two at the start of 2"),
    "sweep": (["two.json", "sweep.yaml", "--out", "sweep", "--workers", "1"], "two: "),
    "report": (["two.json", "--out", "report"], None),
    "runs": (["list"], "No runs are kept in"),
    "export": (["run", "--to", "tables"], None),
    "verify": (["run"], "two: no policy: holds"),
    "explain": (["run", "--order", "shop/unit/1"], "shop/unit/1 in no policy"),
    "new": (["mine"], None),
    "schema": ([], "{"),
    "convert": (["two.json", "--to", "two.yaml"], None),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with an instance and a run."""
    folder = tmp_path_factory.mktemp("place")
    (folder / "two.json").write_text(json.dumps(INSTANCE))
    (folder / "tiny.json").write_text(json.dumps({**toys.TINY, "name": "tiny"}))
    (folder / "months.json").write_text(json.dumps({**INSTANCE, "periods": ["1", "2"]}))
    (folder / "sweep.yaml").write_text(json.dumps(SWEEP))
    for instance, run in (("two.json", "run"), ("months.json", "months")):
        done = children.planner("solve", instance, "--out", run, folder=folder)
        assert done.returncode == 0, done.stderr
    return folder


def test_every_command_is_tried():
    goes_on = {"serve"}  # until Ctrl-C: tests/serve starts and ends it
    assert set(WORDS) | goes_on == {command.name for command in COMMANDS}


def has_json(name):
    command = next(command for command in COMMANDS if command.name == name)
    return any("--json" in parameter.opts for parameter in command.params)


@pytest.mark.parametrize("name", [name for name in WORDS if has_json(name)])
def test_json_is_all_of_stdout(place, name):
    words = ["tiny.json", "--out", "report"] if name == "report" else WORDS[name][0]  # whose studies take long
    done = children.planner(name, *words, "--json", folder=place)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)


@pytest.mark.parametrize("name", [name for name in WORDS if name == "solve" or not has_json(name)])
def test_the_answer_begins_stdout(place, name):
    words, begins = WORDS[name]
    done = children.planner(name, *words, folder=place)
    assert done.returncode == 0, done.stderr
    check_beginning(done.stdout, begins)
    assert "HiGHS 1." not in done.stdout + done.stderr


@pytest.mark.parametrize("name", [name for name in WORDS if has_json(name) and name not in {"solve", "report"}])
def test_the_text_of_an_answer(place, in_process, monkeypatch, name):
    """What goes to stdout besides does not depend on --json, with which these commands are tried as processes."""
    monkeypatch.chdir(place)
    words, begins = WORDS[name]
    code, out, err = in_process(name, *words)
    assert code == 0, err
    check_beginning(out, begins)


def check_beginning(text, begins):
    if begins is None:
        assert text == ""
    else:
        assert text.replace("\u00a0", " ").startswith(begins), text[:200]
        assert text.strip()


def test_a_command_that_is_started_anew(place):
    """With all that loading does, which prints nothing: the other commands here are forks that have loaded it."""
    code = f"import preloaded, sys; print('loaded', file=sys.stderr); {children.COMMAND}"
    done = children.started(code, "solve", "two.json", "--json", folder=place)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("loaded\n")
    assert json.loads(done.stdout)["status"] == "optimal"


NOISY = """
import ctypes, os
import planner.plan.planning as planning
from planner.cli.process import start
plan_instance = planning.plan_instance

def noisy(*given, **options):
    print("noise from Python")
    os.write(1, b"noise to the descriptor\\n")
    os.system("echo noise from a child")
    ctypes.CDLL(None).puts(b"noise from C")
    return plan_instance(*given, **options)

planning.plan_instance = noisy
start()
"""


def test_what_a_library_prints_does_not_reach_stdout(place):
    done = children.python(NOISY, "solve", "two.json", "--json", folder=place)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "optimal"
    for noise in ("from Python", "to the descriptor", "from a child", "from C"):
        assert f"noise {noise}" in done.stderr


def test_help_is_an_answer(place):
    for words in (["--help"], ["solve", "--help"], ["--version"]):
        done = children.planner(*words, folder=place)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full on this machine")
@pytest.mark.parametrize("words", [("check", "two.json"), ("check", "two.json", "--json"), ("--help",)])
def test_an_answer_that_cannot_be_written(place, words):
    with FULL.open("w") as full:
        done = children.planner(*words, folder=place, stdout=full)
    assert done.returncode == 2
    assert done.stderr == (
        "planner: The answer cannot be written to stdout: No space left on device. Send it elsewhere.\n"
    )


def test_an_answer_that_nobody_wants(place):
    reading, writing = os.pipe()
    os.close(reading)
    done = children.planner("check", "two.json", folder=place, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full on this machine")
def test_notes_that_cannot_be_written_change_nothing(place):
    with FULL.open("w") as full:
        done = children.planner("solve", "two.json", "--json", folder=place, stderr=full)
    assert done.returncode == 0
    assert json.loads(done.stdout)["status"] == "optimal"


CLOSED = "import os\nfor number in {closed}: os.close(number)\nfrom planner.cli.process import start; start()"


@pytest.mark.parametrize("closed", portion([(1,), (0, 1, 2), (0,), (2,)], quick=2))
def test_streams_that_are_closed(place, closed):
    """Stdout alone and all three in every suite; the two others alone are slow.

    A file that is opened later does not take the place of a closed stream, so that nothing is written into it."""
    code = CLOSED.format(closed=closed)
    done = children.python(code, "solve", "two.json", "--out", f"closed-{len(closed)}-{closed[0]}", folder=place)
    assert done.returncode == 0, done.stderr
    written = place / f"closed-{len(closed)}-{closed[0]}"
    assert json.loads((written / "run.json").read_text())
    assert bool(done.stdout) == (1 not in closed)
    assert bool(done.stderr) == (2 not in closed)


@pytest.mark.slow
def test_a_plain_encoding(place):
    """What ASCII does not have is written in plainer characters; JSON loses nothing."""
    ascii_only = {"PYTHONIOENCODING": "ascii"}
    done = children.started(children.COMMAND, "solve", "two.json", folder=place, env=ascii_only)
    assert done.returncode == 0, done.stderr
    assert "fill rate 100.0 %" in done.stdout
    (place / "plain.json").write_text(json.dumps({**INSTANCE, "name": "S\u00fcd"}))
    done = children.started(children.COMMAND, "check", "plain.json", "--json", folder=place, env=ascii_only)
    assert done.returncode == 2
    assert done.stdout.isascii()
    assert "S\u00fcd" in json.loads(done.stdout)["problems"][0]["value"]


def test_characters_that_an_encoding_does_not_have(tmp_path):
    with (tmp_path / "out").open("wb") as file:
        stream = Answer(os.dup(file.fileno()), "ascii")
        stream.write("50\u00a0% \u2013 a\u00d7b \u00fc \ud800\n")
        stream.close()
    assert (tmp_path / "out").read_text() == "50 % - axb \\xfc \\ud800\n"
