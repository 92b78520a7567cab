"""What a terminal shows while a command runs, and what it says when it is stopped; a pipe is shown nothing."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import time
from pathlib import Path

import children
import pytest
from portions import portion

from planner.cli import interrupts
from planner.cli.bar import clock

ROOT = Path(__file__).parents[2]
CANNING = ROOT / "instances" / "canning"
ACCELERATORS = ROOT / "instances" / "accelerators"
ON_A_TERMINAL = f"""
import os
os.environ.update(TERM="xterm", COLUMNS="80", LINES="24")
{children.COMMAND}
"""
LONGEST = 120.0  # seconds of a busy machine
COMMANDS = {
    "solve": (["solve", CANNING], ["reading: canning", "planning: canning"]),
    "whatif": (["whatif", CANNING, "--scenario", "growth"], ["reading: canning", "solving"]),
    "audit": (["audit", CANNING], ["reading: canning", "auditing"]),
    "stress": (
        ["stress", CANNING, "--policy", "balanced", "--each", "site", "--periods", "1"],
        ["reading: canning", "planning"],
    ),
    "frontier": (
        ["frontier", CANNING, "--policy", "balanced", "--limit", "any-region", "--from", "0.5", "--to", "0.6"],
        ["solving"],
    ),
    "two-stage": (["two-stage", CANNING], ["reading: canning", "two-stage plan"]),
    "check": (["check", CANNING], ["checking: "]),
    "convert": (["convert", CANNING, "--to", "x.yaml"], ["reading: canning", "writing: x.yaml"]),
}


def on_a_terminal(words, folder, stop_at=None, code=ON_A_TERMINAL):
    """(exit code, what a terminal of 80 columns shows, seconds from Ctrl-C to the end)."""
    ours, theirs = pty.openpty()
    child = children.begun(code, *words, folder=folder, streams=(theirs, theirs))
    os.close(theirs)
    shown, stopped, begun = b"", None, time.monotonic()
    while time.monotonic() - begun < LONGEST:
        if select.select([ours], [], [], 0.05)[0]:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
        if stop_at is not None and stopped is None and stop_at in plain(shown):
            os.kill(child.pid, signal.SIGINT)
            stopped = time.monotonic()
    child.join(LONGEST)
    os.close(ours)
    return child.exitcode, plain(shown), None if stopped is None else time.monotonic() - stopped


def plain(shown):
    return re.sub("\x1b\\[[0-9;?]*[A-Za-z]", "", shown.decode(errors="replace"))


@pytest.mark.parametrize("name", portion(COMMANDS, quick=1))
def test_a_terminal_is_told_what_is_being_done(name, tmp_path):
    words, told = COMMANDS[name]
    code, shown, _ = on_a_terminal(words, tmp_path)
    assert code == 0, shown
    for text in told:
        assert text in shown


def test_a_pipe_is_shown_no_bar(tmp_path):
    for name in ("whatif", "solve"):
        done = children.planner(*map(str, COMMANDS[name][0]), folder=tmp_path)
        assert done.returncode == 0
        assert "\x1b" not in done.stdout + done.stderr
        assert "reading" not in done.stderr


def test_a_terminal_that_can_only_print_is_shown_no_bar(tmp_path):
    dumb = ON_A_TERMINAL.replace("xterm", "dumb")
    code, shown, _ = on_a_terminal(["check", CANNING], tmp_path, code=dumb)
    assert code == 0, shown
    assert shown.startswith("canning: "), "not even an empty line"
    assert "checking" not in shown


def test_a_stopped_solve_says_that_nothing_was_written(tmp_path):
    code, shown, took = on_a_terminal(["solve", ACCELERATORS, "--out", "run"], tmp_path, "planning: ")
    assert code == 130, shown
    assert shown.rstrip().endswith("stopped; nothing was written")
    assert took < 10.0  # a second on a machine with nothing else to do; the solve takes several
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_stopped_search_says_what_a_time_limit_would_keep(tmp_path):
    """Half a minute: the first plan of 572 whole decisions is found in some fifteen seconds."""
    (tmp_path / "three.yaml").write_text("name: three\nsources: [{stage: packaging, max_sources: 3}]\n")
    code, shown, _ = on_a_terminal(["solve", ACCELERATORS, "--policy", "three.yaml"], tmp_path, " so far, within ")
    assert code == 130, shown
    assert re.search(
        r"stopped; nothing was written; with --time-limit SECONDS the best plan found by then is kept "
        r"\(USD 4\d\d\.\d bn so far, within \d\.\d\d %\)",
        " ".join(shown.split()),
    )


@pytest.mark.slow
def test_a_stopped_frontier_says_what_is_kept(tmp_path):
    words = ["frontier", ACCELERATORS, "--policy", "end-to-end", "--limit", "free-*", "--from", "0", "--to", "0.2"]
    code, shown, _ = on_a_terminal([*words, "--out", "levels"], tmp_path, "solving: ")
    assert code == 130, shown
    assert "stopped; each level that was solved is kept in levels" in shown


def test_last_words(tmp_path):
    interrupts.begin()
    assert interrupts.last_words() == "stopped; nothing was written"
    for sentence in ("wait an hour", "wait a minute"):
        interrupts.advise(sentence)
    assert interrupts.last_words() == "stopped; nothing was written; wait a minute"
    interrupts.begin()
    with interrupts.writing(None):
        assert interrupts.last_words() == "stopped; nothing was written"
    with interrupts.writing(Path("run")):
        assert interrupts.last_words() == "stopped; run was about to be written: it is as it was, or new and whole"
    assert interrupts.last_words() == "stopped; run is written"
    interrupts.begin()
    assert interrupts.last_words() == "stopped; nothing was written"


@pytest.mark.parametrize(
    ("elapsed", "done", "total", "words"),
    [
        (65.2, 0, None, "1:05"),
        (5.0, 0, 4, "0/4  0:05"),
        (30.0, 1, 4, "1/4  0:30, about 1:30 left"),
        (30.0, 4, 4, "4/4  0:30"),
    ],
)
def test_the_time_left(elapsed, done, total, words):
    assert clock(elapsed, done, total) == words
