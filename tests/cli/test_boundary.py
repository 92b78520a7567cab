"""Whatever ends a command ends in a sentence and an exit code; a traceback is for those who ask for it."""

import errno
import json
import resource
import shutil
import signal
import subprocess
import sys
import time

import children
import click
import pulp
import pytest
import toys
from portions import portion
from xlsxwriter.exceptions import FileCreateError

import planner
from planner.cli.boundary import report_end
from planner.cli.main import COMMANDS
from planner.cli.options import Number
from planner.plan import planning

INSTANCE = {**toys.TINY, **toys.TWO_PLANTS, "name": "two"}


@pytest.fixture
def run(run, tmp_path):
    """The same in a folder with an instance, and all loaded: what is first loaded later would keep what is replaced."""
    import preloaded  # noqa: F401

    (tmp_path / "two.json").write_text(json.dumps(INSTANCE))
    return run


def figures():
    """(command, option) of every option that takes a figure."""
    for command in COMMANDS:
        for parameter in command.params:
            if isinstance(parameter.type, click.types.FloatParamType):
                yield command, parameter


def test_every_figure_is_read_by_one_type():
    found = list(figures())
    assert len(found) >= 12
    for command, parameter in found:
        assert isinstance(parameter.type, Number), f"{command.name} {parameter.opts[0]}"


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999", "NaN", "1e15", "1_0", ""])
@pytest.mark.parametrize(
    ("command", "parameter"), [pytest.param(*case, id=f"{case[0].name} {case[1].opts[0]}") for case in figures()]
)
def test_no_figure_that_is_none(run, command, parameter, value):
    needed = [] if command.name != "whatif" else ["--scenario", "x"]
    code, out, err = run(command.name, "two.json", *needed, f"{parameter.opts[0]}={value}", "--json")
    assert code == 2
    assert parameter.opts[0] in err
    assert json.loads(out)["status"] == "error"


STOPPED = "stopped; nothing was written"
KINDS = {
    "memory": (MemoryError(), 4, "The memory does not suffice"),
    "full disk": (OSError(errno.ENOSPC, "No space left on device", "x.csv"), 2, "x.csv: No space left on device. Make"),
    "in a library's words": (FileCreateError(OSError(errno.ENOSPC, "No space left on device")), 2, "No space left"),
    "in Rust's words": (RuntimeError("No space left on device (os error 28)"), 2, "No space left on device. Make room"),
    "no text": (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), 2, "not UTF-8"),
    "recursion": (RecursionError("maximum recursion depth exceeded"), 1, "a fault of the planner"),
    "bug": (KeyError("west"), 1, "a fault of the planner, not of what it was given: KeyError: 'west'"),
    "end of input": (EOFError("nothing left"), 1, "EOFError: nothing left"),
    "panic": (BaseException("the library panicked"), 1, "the library panicked"),
    "interrupt": (KeyboardInterrupt(), 130, "stopped"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("as_json", [False, True])
def test_every_kind_of_failure(run, monkeypatch, kind, as_json):
    error, expected, words = KINDS[kind]

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(planning, "plan_instance", fail)
    code, out, err = run("solve", "two.json", *(["--json"] if as_json else []))
    assert code == expected
    assert words in err
    assert "Traceback" not in err
    if as_json and isinstance(error, Exception):
        assert json.loads(out)["status"] == ("limit" if kind == "memory" else "error")
    else:
        assert out == ""


def test_what_became_of_an_interrupt(capsys):
    """A library that makes an error of its own of an interrupt does not turn it into a bug."""
    error = ImportError("cannot load part of a library")
    error.__context__ = KeyboardInterrupt()
    assert report_end(error) == 130
    assert capsys.readouterr().err.startswith("stopped; ")


def test_a_traceback_for_those_who_ask(run, monkeypatch):
    def fail(*_, **__):
        raise KeyError("west")

    monkeypatch.setattr(planning, "plan_instance", fail)
    monkeypatch.setenv("PLANNER_TRACEBACK", "1")
    code, _, err = run("solve", "two.json")
    assert code == 1
    assert "Traceback (most recent call last)" in err
    assert "in fail" in err


def test_a_failure_after_the_answer_prints_no_second_object(run, monkeypatch):
    def fail(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device", "report")

    monkeypatch.setattr("planner.cli.solve.timings", fail)
    code, out, _ = run("solve", "two.json", "--json")
    assert code == 2
    assert json.loads(out)["status"] == "optimal"


def test_a_failure_of_an_instance_that_cannot_be_read(run, tmp_path):
    """The name of the instance, for the JSON object, cannot be read either."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "instance.yaml").mkdir()
    code, out, err = run("solve", "folder", "--json")
    assert code == 2
    assert json.loads(out)["instance"] == "folder"
    assert "This is a folder, not a file." in err


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """The folder of a run."""
    folder = tmp_path_factory.mktemp("solved")
    (folder / "two.json").write_text(json.dumps(INSTANCE))
    assert children.planner("solve", "two.json", "--out", "run", folder=folder).returncode == 0
    return folder / "run"


SMALL = """
import resource, sys
sys.dont_write_bytecode = True  # Python 3.13.0 would keep half of it
resource.setrlimit(resource.RLIMIT_FSIZE, (400, 400))
from planner.cli.process import start; start()
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no limit on the size of files here")
@pytest.mark.parametrize(
    ("option", "target"),
    [("--to", "out.xlsx"), ("--to", "out.parquet"), ("--to", "out"), ("--model", "out.lp"), ("--model", "out.mps")],
)
def test_a_disk_that_is_full(solved, tmp_path, option, target):
    (tmp_path / "two.json").write_text(json.dumps(INSTANCE))
    shutil.copytree(solved, tmp_path / "run")
    done = children.python(SMALL, "export", "run", option, target, folder=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "File too large. Make room there, or choose another place." in done.stderr
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")], "a draft was left behind"


WAITING = """
from planner.cli import interrupts, process
import os
interrupts.heed(process._run.__code__)
os.write(2, b"ready\\n")
process.start()
"""


def interrupted(folder, words, after):
    """Exit code and stderr of a command that gets an interrupt after so many seconds."""
    child = subprocess.Popen(
        [sys.executable, "-c", WAITING, *words], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stderr.readline() == "ready\n"
    time.sleep(after)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=120)
    return child.returncode, err


@pytest.mark.parametrize("moments", portion([1, 12], quick=1))
def test_an_interrupt_at_any_moment(tmp_path, moments):
    """From the first module that is loaded to the end; some moments are in the solver, most in libraries.

    At once in every suite, while the first modules are loaded; twelve moments with -m slow.
    """
    (tmp_path / "two.json").write_text(json.dumps(INSTANCE))
    words = ["solve", "two.json", "--json"]
    lasts = 0.0
    if moments > 1:
        begun = time.perf_counter()
        assert children.started(children.COMMAND, *words, folder=tmp_path).returncode == 0
        lasts = time.perf_counter() - begun
    stopped = 0
    for number in range(moments):
        code, err = interrupted(tmp_path, words, lasts * number / moments)
        assert "Traceback" not in err
        assert "xception" not in err
        assert (code, err.splitlines()[-1]) == (130, STOPPED) or code == 0
        stopped += code == 130
    assert stopped  # how many depends on how busy the machine was when the first one was timed; the first has no wait


def test_a_second_interrupt_ends_at_once(tmp_path):
    """Also where the first one waits for something that does not end."""
    code = """
import os, signal, time
from planner.cli import interrupts
interrupts.heed()
try:
    os.kill(os.getpid(), signal.SIGINT)
except KeyboardInterrupt:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(60)
"""
    done = children.started(code)
    assert (done.returncode, done.stderr) == (130, f"{STOPPED}\n")


def test_an_interrupt_that_python_drops(tmp_path):
    code = """
import os, signal, time
from planner.cli import interrupts
interrupts.heed()

class Closing:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1)

Closing()
print("went on")
"""
    done = children.started(code)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", f"{STOPPED}\n")


def test_a_command_in_the_background_is_not_interrupted():
    code = """
import os, signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
from planner.cli import interrupts
interrupts.heed()
os.kill(os.getpid(), signal.SIGINT)
print("went on")
"""
    assert children.started(code).stdout == "went on\n"


def test_a_solver_that_takes_the_interrupt_for_itself(monkeypatch):
    """SCIP ends its run and says so; what it had by then is not shown as a plan that a limit stopped."""

    class Interrupted:
        status = pulp.LpSolveStatus.Interrupted
        has_solution, best_bound = True, None

    program = planner.formulate(toys.two_plants())
    monkeypatch.setattr(type(program.problem), "solve", lambda *_: Interrupted())
    with pytest.raises(KeyboardInterrupt):
        planner.solve(program, solver="cbc")


def test_an_interrupt_does_not_wait_for_a_thread_that_does_not_hear_of_it(tmp_path):
    """The pools of runs join their threads; one that builds a model hears of an interrupt seconds later."""
    code = """
import os, signal, time
from planner.cli import interrupts
from planner.solve.threads import Pool
interrupts.heed()
with Pool(1) as pool:
    work = pool.submit(time.sleep, 60)
    os.kill(os.getpid(), signal.SIGINT)
    work.result()
"""
    begun = time.monotonic()
    done = children.started(code)
    assert (done.returncode, done.stderr) == (130, f"{STOPPED}\n")
    assert time.monotonic() - begun < 50
