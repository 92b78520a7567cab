"""How long from Ctrl-C to the end of a command? Run by hand; the goal is a second, and to be told what was kept.

    .venv/bin/python tests/benchmarks/interrupts.py [MOMENTS [COMMAND...]]

Each long command is started on the shipped instance MOMENTS (8) times and gets SIGINT, with its workers as a terminal
sends it, at a random moment of its first LONGEST seconds. Told are the seconds by the clock until the process has ended,
the processor seconds that it used meanwhile, and those until its workers have ended too. A command that had ended by
itself counts as such. Whatever ends otherwise than with 130 and a last line on what was kept, or leaves a draft of a
file behind, is a failure, and the exit code is 1.
"""

import os
import random
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
ACCELERATORS = ROOT / "instances" / "accelerators"
LONGEST = 30.0  # seconds of a command in which the moments are
GOAL = 1.0  # seconds
SEED = 7
LARGE = 40  # times as many orders as the shipped instance has, for check
TICK = os.sysconf("SC_CLK_TCK")
READY = b"ready\n"
STARTED = f"""
import os
from planner.cli import interrupts, process
interrupts.heed(process._run.__code__)
os.write(2, {READY!r})
process.start()
"""  # before it is ready it is Python that is stopped, not the planner
SWEEP = """
policies: [diversified]
samples: 200
seed: 7
factors: [{name: demand, change: demand, factor: {uniform: [0.8, 1.2]}}]
"""
STUDIES = ["--policy", "diversified"]
LIMITS = ["--policy", "end-to-end", "--limit", "free-*", "--from", "0", "--to", "0.2"]
COMMANDS = {
    "solve": ["solve", ACCELERATORS, "--policy", "end-to-end", "--out", "out"],
    "whatif": ["whatif", ACCELERATORS, *STUDIES, "--scenario", "taiwan-quarantine", "--scenario", "tainan-quake"],
    "report": ["report", ACCELERATORS, "--out", "out"],
    "frontier": ["frontier", ACCELERATORS, *LIMITS, "--out", "out"],
    "stress": ["stress", ACCELERATORS, *STUDIES, "--each", "region", "--periods", "2"],
    "audit": ["audit", ACCELERATORS],
    "sweep": ["sweep", ACCELERATORS, "sweep.yaml", "--out", "out", "--workers", "2"],
    "sweep alone": ["sweep", ACCELERATORS, "sweep.yaml", "--out", "out", "--workers", "1"],
    "two-stage": ["two-stage", ACCELERATORS, *STUDIES],
    "roll": ["roll", "run", "--to", "2027Q3", "--out", "out"],
    "check": ["check", "large"],
    "check book": ["check", "book.xlsx"],
    "convert": ["convert", "large", "--to", "out.xlsx"],
    "convert book": ["convert", "book.xlsx", "--to", "out"],
    "export": ["export", "run", "--to", "out.xlsx"],
}


@dataclass(frozen=True)
class Stopped:
    """How a command ended that was stopped.

    Attributes:
        moment: seconds from its start to the signal.
        code: exit code.
        said: all that it said on stderr.
        seconds: from the signal to its end.
        processor: processor seconds that it used meanwhile, of all its threads.
        workers: seconds from the signal to the end of the last of its workers.
        drafts: files that it left half written.
    """

    moment: float
    code: int
    said: str
    seconds: float
    processor: float
    workers: float
    drafts: tuple[str, ...]

    @property
    def last(self) -> str:
        """The last line that it said."""
        return self.said.rstrip().rpartition("\n")[2]

    @property
    def failed(self) -> bool:
        """Whether it was not stopped as it should be; one that had ended already is none."""
        return bool(self.drafts) or ((self.code, self.last[:9]) != (130, "stopped; ") and self.code != 0)


def planner(words, folder, **streams) -> subprocess.Popen:
    """A command that has just begun, in a process group of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PLANNER_STORE": str(folder / "runs.sqlite")}
    return subprocess.Popen(
        [sys.executable, "-c", STARTED, *map(str, words)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        **streams,
    )


def stopped(words, folder, moment: float) -> Stopped:
    """Start a command and stop it at a moment."""
    before = {path.name for path in folder.iterdir()}
    child = planner(words, folder, stderr=subprocess.PIPE)
    said = child.stderr.fileno()
    assert os.read(said, len(READY)) == READY
    begun, heard, open_still = time.monotonic(), b"", True
    while open_still and (left := begun + moment - time.monotonic()) > 0:
        if select.select([said], [], [], left)[0]:
            part = os.read(said, 65536)
            heard, open_still = heard + part, bool(part)
    used = processor_seconds(child.pid)
    sent = time.monotonic()
    os.killpg(child.pid, signal.SIGINT)
    _, status, usage = os.wait4(child.pid, 0)
    ended = time.monotonic()
    while part := os.read(said, 65536):
        heard += part
    gone = time.monotonic()
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stderr.close()
    left = sorted(path.name for path in folder.iterdir() if path.name not in before)
    drafts = tuple(name for name in left if name.startswith(".") and name != ".planner")
    for name in left:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    processor = usage.ru_utime + usage.ru_stime - used
    return Stopped(
        moment, child.returncode, heard.decode(errors="replace"), ended - sent, processor, gone - sent, drafts
    )


def processor_seconds(pid: int) -> float:
    """Processor seconds of a process and of the children that it has waited for; 0 where they cannot be read."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICK


def prepared(folder: Path, wanted) -> None:
    """What the commands work on: a run, a large folder, a workbook, and the file of a sweep."""
    (folder / "sweep.yaml").write_text(SWEEP)
    made = {
        "run": ["solve", ACCELERATORS, "--no-store", "--out", "run"],
        "book.xlsx": ["convert", "large", "--to", "book.xlsx"],
    }
    shutil.copytree(ACCELERATORS, folder / "large")
    head, *rows = (folder / "large" / "demand.csv").read_text().splitlines()
    lines = [head, *rows * LARGE]  # orders of one customer, item and period add up
    (folder / "large" / "demand.csv").write_text("\n".join(lines) + "\n")
    for name, words in made.items():
        if any(name in COMMANDS[command] for command in wanted):
            assert planner(words, folder, stderr=subprocess.DEVNULL).wait() == 0, words


def line(name: str, found: list[Stopped]) -> str:
    """What is told of a command."""
    cut = [part for part in found if part.code != 0]
    told = f"{name:<13}{len(cut):>8}{len(found) - len(cut):>8}"
    if not cut:
        return told
    seconds = [part.seconds for part in cut]
    worst = max(cut, key=lambda part: part.seconds)
    return (
        f"{told}{statistics.median(seconds):>9.2f}{worst.seconds:>8.2f}{worst.processor:>11.2f}"
        f"{max(part.workers for part in cut):>9.2f}{sum(part > GOAL for part in seconds):>7}   "
        f"{max(cut, key=lambda part: len(part.last)).last[:90]}"
    )


def main() -> None:
    """Measure and print."""
    moments = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    wanted = sys.argv[2:] or list(COMMANDS)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it is ignored, by children too
    chance = random.Random(SEED)
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print("command       stopped   ended   median   worst  processor  workers  over 1   last words", flush=True)
    every: list[Stopped] = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        prepared(folder, wanted)
        for name in wanted:
            lasts = LONGEST
            found = []
            for _ in range(moments):
                part = stopped(COMMANDS[name], folder, chance.uniform(0, lasts))
                lasts = min(lasts, part.moment) if part.code == 0 else lasts  # it does not last as long
                found.append(part)
            print(line(name, found), flush=True)
            every += found
            for part in found:
                if part.failed or (part.code == 130 and part.seconds > GOAL):
                    what = "failed" if part.failed else "late"
                    print(
                        f"  {what}: at {part.moment:.2f} s exit {part.code}, {part.seconds:.2f} s "
                        f"({part.processor:.2f} of the processor), {part.said[-900:] if part.failed else part.last} {part.drafts or ''}"
                    )
    cut = [part.seconds for part in every if part.code != 0]
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print(
        f"{len(cut)} stopped: median {statistics.median(cut):.2f} s, worst {max(cut):.2f} s, "
        f"{sum(part > GOAL for part in cut)} over {GOAL:.0f} s; failures {sum(part.failed for part in every)}"
    )
    sys.exit(any(part.failed for part in every))


if __name__ == "__main__":
    main()
