"""Where does the time of a report go? Run by hand; shares and counts last, seconds do not.

    .venv/bin/python tests/benchmarks/report.py [instances/accelerators] [--out FOLDER] [--callers]

Makes the whole report of an instance as `planner report` does, from nothing and in this process, and prints for each
part of it: seconds by the clock, seconds of processor time, how often HiGHS ran, and its seconds of processor time; the
rest is the planner's own. With --callers also which functions had HiGHS run, how often and how long.
"""

import argparse
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from planner.cli.options import keep_text_plain
from planner.instance.loading import load_instance
from planner.report import make_report
from planner.report.background import _Work
from planner.solve import highs_model

PACKAGE = "planner"


@dataclass
class Part:
    """What a part of the report took."""

    wall: float = 0.0
    cpu: float = 0.0
    runs: int = 0
    highs: float = 0.0


@dataclass
class Counting:
    """The parts so far, and the one that is being made; threads of one part share it."""

    parts: dict[str, Part] = field(default_factory=dict)
    now: str = ""
    callers: Counter[str] = field(default_factory=Counter)
    lock: Lock = field(default_factory=Lock)

    def timed[Found](self, name: str, step: Callable[[], Found]) -> Found:
        """What a step gives, as a part of the report."""
        self.now = name
        part = self.parts.setdefault(name, Part())
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            return step()
        finally:
            part.wall += time.perf_counter() - wall
            part.cpu += time.process_time() - cpu

    def ran(self, seconds: float, caller: str) -> None:
        """One run of HiGHS."""
        with self.lock:
            part = self.parts.setdefault(self.now, Part())
            part.runs += 1
            part.highs += seconds
            self.callers[f"{self.now}: {caller}"] += 1
            self.callers[f"  seconds {self.now}: {caller}"] += seconds


def caller() -> str:
    """The functions of the planner that wanted this run, outermost first, without those of the solver's own model."""
    frames = [frame for frame in traceback.extract_stack() if f"/{PACKAGE}/" in frame.filename]
    names = [f"{Path(frame.filename).stem}.{frame.name}" for frame in frames if "highs_model" not in frame.filename]
    return " > ".join(names[-4:])


def counted(count: Counting, *, callers: bool) -> None:
    """Have every run of HiGHS and every part of a report counted from now on."""
    apart, steps = highs_model.apart, _Work.steps

    def timed[Found](highs: object, work: Callable[[], Found]) -> Found:
        who = caller() if callers else ""

        def run() -> Found:
            begun = time.thread_time()
            try:
                return work()
            finally:
                count.ran(time.thread_time() - begun, who)

        return apart(highs, run)

    highs_model.apart = timed
    _Work.steps = lambda work, views: [
        (name, lambda name=name, step=step: count.timed(name, step)) for name, step in steps(work, views)
    ]
    for name in ("survey", "write_report"):
        function = getattr(make_report, name)
        setattr(
            make_report,
            name,
            lambda *given, name=name, function=function, **named: count.timed(name, lambda: function(*given, **named)),
        )


def main() -> None:
    """Print a line a part, the sum, and where asked the callers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("instance", nargs="?", default="instances/accelerators")
    parser.add_argument("--out", type=Path, help="where the report is written; else nowhere that lasts")
    parser.add_argument("--callers", action="store_true", help="which functions had HiGHS run")
    given = parser.parse_args()
    count = Counting()
    counted(count, callers=given.callers)
    begun, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as name:
        instance = count.timed("load", lambda: load_instance(given.instance))
        found = make_report.report(instance, given.out or name)
    whole = Part(time.perf_counter() - begun, time.process_time() - cpu)
    for part in count.parts.values():
        whole.runs, whole.highs = whole.runs + part.runs, whole.highs + part.highs
    print(f"{'part':<42} {'wall s':>8} {'cpu s':>8} {'HiGHS runs':>10} {'HiGHS s':>8}")
    for title, part in [*count.parts.items(), ("whole", whole)]:
        print(f"{title:<42} {part.wall:>8.1f} {part.cpu:>8.1f} {part.runs:>10,} {part.highs:>8.1f}")
    for said, times in sorted(count.callers.items()) if given.callers else ():
        print(f"{times:>8.1f}  {said}")
    if found.studies.failures:
        sys.exit(f"Parts that failed: {found.studies.failures}")


if __name__ == "__main__":
    keep_text_plain()
    main()
