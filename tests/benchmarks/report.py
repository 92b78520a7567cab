"""Where does the time of a report go? Run by hand; shares and counts last, seconds do not.

    .venv/bin/python tests/benchmarks/report.py [instances/accelerators] [--out FOLDER] [--callers]

Makes the whole report of an instance as `planner report` does, in this process, and prints for each part of it: seconds
by the clock, how often HiGHS ran, and seconds of processor time inside and outside HiGHS. Parts are made two at a time,
so that clocks overlap. Without --out everything is made from nothing; with it what is kept there is used. With
--callers also which functions had HiGHS run, how often and how long.
"""

import argparse
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from planner.cli.options import keep_text_plain
from planner.instance.loading import load_instance
from planner.report import make_report
from planner.report.early_pages import EarlyPages
from planner.report.study_steps import Work
from planner.solve import highs_model
from planner.solve.threads import Pool

PACKAGE = "planner"


@dataclass
class Part:
    """What a part of the report took."""

    wall: float = 0.0
    runs: int = 0
    inside: float = 0.0
    outside: float = 0.0


@dataclass
class Counting:
    """The parts so far; `main` is the part of all threads that have none of their own."""

    parts: dict[str, Part] = field(default_factory=dict)
    main: str = "between"
    callers: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)
    here: threading.local = field(default_factory=threading.local)

    def of(self, name: str) -> Part:
        """The part of a name."""
        with self.lock:
            return self.parts.setdefault(name, Part())

    def alone[Found](self, name: str, step: Callable[[], Found]) -> Found:
        """What a step gives that is made by several threads, and nothing beside it but pages."""
        before, self.main, part = self.main, name, self.of(name)
        wall, cpu, others = time.perf_counter(), time.process_time(), self.inside() + self.of("pages").outside
        try:
            return step()
        finally:
            part.wall += time.perf_counter() - wall
            others = self.inside() + self.of("pages").outside - others
            part.outside += time.process_time() - cpu - others
            self.main = before

    def beside[Found](self, name: str, step: Callable[[], Found]) -> Found:
        """What a step gives that is made by this thread."""
        self.here.name, part = name, self.of(name)
        wall, cpu = time.perf_counter(), time.thread_time()
        try:
            return step()
        finally:
            part.wall += time.perf_counter() - wall
            part.outside += time.thread_time() - cpu
            del self.here.name

    def within[Found](self, name: str, step: Callable[[], Found]) -> Found:
        """What a step gives that is made by a thread of its own for a part."""
        self.here.name, cpu = name, time.thread_time()
        try:
            return step()
        finally:
            self.of(name).outside += time.thread_time() - cpu
            del self.here.name

    def inside(self) -> float:
        """Seconds of all runs of HiGHS so far."""
        with self.lock:
            return sum(part.inside for part in self.parts.values())

    def ran(self, name: str, seconds: float, caller: str) -> None:
        """One run of HiGHS."""
        part = self.of(name)
        with self.lock:
            part.runs, part.inside = part.runs + 1, part.inside + seconds
            self.callers[f"{name}: {caller}"] += 1
            self.callers[f"  seconds {name}: {caller}"] += seconds


def caller() -> str:
    """The functions of the planner that wanted this run, outermost first, without those of the solver's own model."""
    frames = [frame for frame in traceback.extract_stack() if f"/{PACKAGE}/" in frame.filename]
    names = [f"{Path(frame.filename).stem}.{frame.name}" for frame in frames if "highs_model" not in frame.filename]
    return " > ".join(names[-4:])


def counted(count: Counting, *, callers: bool) -> None:
    """Have every run of HiGHS and every part of a report counted from now on."""
    apart, steps, written, submit = highs_model.on_new_thread, Work.steps, EarlyPages._written, Pool.submit

    def timed[Found](highs: object, work: Callable[[], Found]) -> Found:
        name, who = getattr(count.here, "name", count.main), caller() if callers else ""

        def run() -> Found:
            begun = time.thread_time()
            try:
                return work()
            finally:
                count.ran(name, time.thread_time() - begun, who)

        return apart(highs, run)

    def handed_on(pool: Pool, work: Callable[..., object], *given: object) -> object:
        name = getattr(count.here, "name", None)
        if name is None:
            return submit(pool, work, *given)
        return submit(pool, lambda: count.within(name, lambda: work(*given)))

    def noted(step: object) -> object:
        return replace(step, make=lambda: count.beside(step.name, step.make))

    highs_model.on_new_thread, Pool.submit = timed, handed_on
    Work.steps = lambda work, views: [noted(step) for step in steps(work, views)]
    EarlyPages._written = lambda *given: count.beside("pages", lambda: written(*given))
    survey, write = make_report.survey, make_report.write_report
    make_report.survey = lambda *given, **named: count.alone(
        "policies" if list(given[2]) == [None] else "scenarios", lambda: survey(*given, **named)
    )
    make_report.write_report = lambda *given, **named: (
        write(*given, **named)
        if hasattr(count.here, "name")
        else count.beside("last page", lambda: write(*given, **named))
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
        instance = count.beside("load", lambda: load_instance(given.instance))
        found = make_report.report(instance, given.out or name)
    whole = Part(time.perf_counter() - begun)
    for part in count.parts.values():
        whole.runs, whole.inside = whole.runs + part.runs, whole.inside + part.inside
    whole.outside = time.process_time() - cpu - whole.inside
    print(f"{'part':<42} {'wall s':>8} {'HiGHS runs':>10} {'inside s':>9} {'outside s':>9}")
    for title, part in [*count.parts.items(), ("whole", whole)]:
        print(f"{title:<42} {part.wall:>8.1f} {part.runs:>10,} {part.inside:>9.1f} {part.outside:>9.1f}")
    for said, times in sorted(count.callers.items()) if given.callers else ():
        print(f"{times:>8.1f}  {said}")
    if found.studies.failures:
        sys.exit(f"Parts that failed: {found.studies.failures}")


if __name__ == "__main__":
    keep_text_plain()
    main()
