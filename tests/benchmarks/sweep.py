"""How long is a run of a sweep, and what do two workers gain? Run by hand; ratios last, seconds do not.

    .venv/bin/python tests/benchmarks/sweep.py [DRAWS]

DRAWS draws (40) of three factors of the shipped instance at once (Taiwan's packaging capacity, all demand, freight from
Taiwan) under `diversified`: in this process with the share of each phase, then by two processes, then by two threads.
The rows of all must be the same. Processor time is told beside seconds: a busy machine disturbs it less.
"""

import os
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

import planner
from planner.cli.options import keep_text_plain
from planner.study.sweep import runs
from planner.study.sweep.reading import ResolvedSweep, read_sweep
from planner.study.sweep.runs import SweepRunner
from planner.study.sweep.workers import run_rows

ROOT = Path(__file__).parents[2]
CHANGES = {"stage": "packaging", "region": "TW"}
QUESTION = {
    "name": "benchmark",
    "policies": ["diversified"],
    "seed": 7,
    "factors": [
        {
            "name": "cowos",
            "change": "capacity",
            "where": CHANGES,
            "period": "2027Q3..",
            "factor": {"uniform": [0.4, 1]},
        },
        {
            "name": "demand",
            "change": "demand",
            "factor": {"normal": {"mean": 1.0, "sd": 0.15, "low": 0.5, "high": 1.6}},
        },
        {"name": "freight", "change": "freight", "where": {"from_region": "TW"}, "factor": {"uniform": [0.8, 3]}},
    ],
    "correlations": [{"between": ["cowos", "demand"], "rank": -0.3}],
}


def processor_seconds() -> float:
    """Processor time of this process and of those that it has waited for."""
    return sum(os.times()[:4])


def timed(work):
    """What `work` returns, its seconds and its processor seconds."""
    begun, used = time.perf_counter(), processor_seconds()
    found = work()
    return found, time.perf_counter() - begun, processor_seconds() - used


def steady(rows) -> list:
    """Rows in order, without their seconds, as text (a figure that there is not differs from itself)."""
    return [
        {name: str(value) for name, value in row.items() if name != "seconds"}
        for row in sorted(rows, key=lambda row: row["run"])
    ]


def alone(asked: ResolvedSweep) -> tuple[SweepRunner, list, Counter]:
    """The rows in this process, and the seconds of each phase."""
    total: Counter = Counter()
    told = runs._figures

    def figures(instance, plan):
        total.update(plan.timings)
        begun = time.perf_counter()
        found = told(instance, plan)
        total["figures"] += time.perf_counter() - begun
        total["built anew"] += bool(plan.rebuilt)
        return found

    bench = SweepRunner(asked)
    bench._base(0)
    with mock.patch.object(runs, "_figures", figures):
        rows, seconds, used = timed(lambda: [bench.row(number) for number in range(1, asked.question.runs + 1)])
    total["seconds"], total["cpu"] = seconds, used
    return bench, rows, total


def threads(asked: ResolvedSweep, first: SweepRunner) -> list:
    """The rows by two threads with models of their own, in this process."""
    second = SweepRunner(asked)
    second._bases[0] = first._bases[0].twin()
    first._bases[0] = first._bases[0].twin()
    numbers = range(1, asked.question.runs + 1)
    with ThreadPoolExecutor(2) as pool:
        halves = pool.map(lambda k: [(first, second)[k].row(number) for number in numbers[k::2]], range(2))
        return [row for half in halves for row in half]


def main() -> None:
    """Print seconds a run, shares of phases, and what two workers gain."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    instance = planner.load_instance(ROOT / "instances" / "accelerators")
    asked = read_sweep({**QUESTION, "samples": count}, instance)
    bench, one, total = alone(asked)
    seconds, used, anew = total.pop("seconds"), total.pop("cpu"), int(total.pop("built anew"))
    print(f"{count} runs, models made before: {seconds / count:.3f} s a run, {used / count:.3f} s of a processor")
    whole = sum(total.values())
    print("where: " + ", ".join(f"{name} {100 * part / whole:.0f} %" for name, part in total.most_common() if part))
    print(f"live {count - anew}, built anew {anew}; from cold after a hot start {bench._bases[0].fallbacks}")
    last = [row["seconds"] for row in one]
    print(f"the first quarter {sum(last[: count // 4]) / max(count // 4, 1):.3f} s a run, ", end="")
    print(f"the last quarter {sum(last[-(count // 4) :]) / max(count // 4, 1):.3f} s")
    pair, two, _ = timed(lambda: list(run_rows(asked, range(1, count + 1), 2)))
    own = sum(row["seconds"] for row in pair) / 2  # without their start and models, which a long sweep hardly notices
    print(f"two processes: {two / count:.3f} s a run with their start, {own / count:.3f} s without: ", end="")
    print(f"{seconds / own:.2f} times as fast as one")
    print(f"a thousand runs by two processes at this pace: {two - own + 1000 * own / count:.0f} s")
    both, three, _ = timed(lambda: threads(asked, bench))
    print(f"two threads: {three / count:.3f} s a run, {seconds / three:.2f} times as fast as one")
    same = steady(one) == steady(pair) == steady(both)
    print(f"rows {'are the same' if same else 'DIFFER'} in all three")


if __name__ == "__main__":
    keep_text_plain()
    main()
