"""Where does the time of a solve go? Run by hand; shares last, seconds do not.

    .venv/bin/python tests/benchmarks/phases.py [--columns 10000|100000] [--seed 1]

A generated instance (generator.py) of about 10,000 columns and one of about 100,000, each written to a folder, loaded
and solved once under its limits on shares, step by step as `planner.solve` does it, in one process, one thread. Seconds
are of processor time, so that other work on the machine does not count. HiGHS runs again while ties are broken, and
for the least exposure in the tables.
"""

import argparse
import csv
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from generator import Size, generated

from planner.cli.options import keep_text_plain
from planner.instance.loading import load_instance
from planner.model.program import write_program
from planner.network.building import build_network
from planner.plan import from_solution as showing
from planner.solve.algorithms import Outcome
from planner.solve.highs_model import HighsModel
from planner.solve.noise import without_noise
from planner.solve.solution import Solution, Status
from planner.solve.solve_program import SolveOptions, algorithm_for
from planner.solve.tie_break import choose_plan

SIZES = {10_000: Size(30, 6, 10, 13), 100_000: Size(76, 16, 24, 18)}
GOALS = {10_000: 50.0, 100_000: 15.0}  # per cent of the total that is not HiGHS's own run
PHASES = (
    *("load", "network", "build", "hand-over", "HiGHS", "read-back"),
    *("tie-break", "tie-break: HiGHS", "certify", "tables", "tables: HiGHS"),
)
HIGHS = ("HiGHS", "tie-break: HiGHS", "tables: HiGHS")


class Clock:
    """Seconds of each phase; those of a phase within another count for the inner one only."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def of[Found](self, phase: str, step: Callable[[], Found]) -> Found:
        """What a step gives, its seconds added to a phase."""
        begun, before = time.process_time(), sum(self.seconds.values())
        found = step()
        inner = sum(self.seconds.values()) - before
        self.seconds[phase] = self.seconds.get(phase, 0.0) + time.process_time() - begun - inner
        return found

    @contextmanager
    def within(self, phase: str, owner: object, name: str) -> Iterator[None]:
        """Count every call of a function of a module or object for a phase."""
        function = getattr(owner, name)
        setattr(owner, name, lambda *given, **named: self.of(phase, lambda: function(*given, **named)))
        try:
            yield
        finally:
            setattr(owner, name, function)


def written(instance: dict[str, object], folder: Path) -> Path:
    """The instance as a folder of CSV tables and YAML files (JSON is YAML)."""
    settings = {}
    for name, value in instance.items():
        if name == "policies":
            (folder / "policies").mkdir()
            for policy in value:
                (folder / "policies" / f"{policy['name']}.yaml").write_text(json.dumps(policy))
        elif isinstance(value, list) and isinstance(value[0], dict):
            with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
                table = csv.DictWriter(file, list(value[0]))
                table.writeheader()
                table.writerows(value)
        else:
            settings[name] = value
    (folder / "instance.yaml").write_text(json.dumps(settings))
    return folder


def measured(folder: Path) -> tuple[Clock, dict[str, int]]:
    """The phases of one solve, and the size of its program."""
    clock = Clock()
    instance = clock.of("load", lambda: load_instance(folder))  # reading and checking take turns
    network = clock.of("network", lambda: build_network(instance, instance.policy("shares")))
    program = clock.of("build", lambda: write_program(network))
    live = clock.of("hand-over", lambda: HighsModel.of(program.problem))
    clock.of("hand-over", live.scale)
    outcome = clock.of("HiGHS", lambda: live.run_with_retry(algorithm_for(program, SolveOptions())))
    if outcome is not Outcome.OPTIMAL:
        raise SystemExit(f"HiGHS ended with {outcome.value}.")
    duals, cost = clock.of("read-back", lambda: (live.values(), live.row_duals(), np.array(live.lp.col_cost_)))[1:]
    with clock.within("tie-break: HiGHS", live, "run"), clock.within("tie-break: HiGHS", live, "run_hot"):
        chosen = clock.of("tie-break", lambda: choose_plan(program, live, cost))
    values = clock.of("read-back", lambda: without_noise(program, chosen.values))
    answer = Solution(Status.OPTIMAL, values=values, objective=float(cost @ values), row_duals=duals)
    with clock.within("certify", showing, "certify"), clock.within("tables: HiGHS", HighsModel, "run"):
        found = clock.of("tables", lambda: showing.certified_solution(program, answer))
    with clock.within("tables: HiGHS", HighsModel, "run"):
        clock.of("tables", lambda: dict(found.tables))  # those too that wait until they are asked for
    if not found.certificate.passed:
        raise SystemExit(f"The plan failed its certificate: {found.certificate.failures}")
    sizes = {"columns": program.columns, "rows": program.rows}
    return clock, sizes | {"nonzeros": sum(len(rows.column) for rows in program.families)}


def main() -> None:
    """Print the phases of each size in seconds and per cent, and the share that is not HiGHS's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--columns", type=int, choices=sorted(SIZES), help="one size only")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for columns in [given.columns] if given.columns else sorted(SIZES):
        with tempfile.TemporaryDirectory() as name:
            clock, sizes = measured(written(generated(SIZES[columns], given.seed), Path(name)))
        total = sum(clock.seconds.values())
        print(", ".join(f"{count:,} {what}" for what, count in sizes.items()))
        print(f"  {'phase':<18} {'seconds':>9} {'per cent':>9}")
        for phase in PHASES:
            seconds = clock.seconds.get(phase, 0.0)
            print(f"  {phase:<18} {seconds:>9.3f} {100 * seconds / total:>9.1f}")
        print(f"  {'total':<18} {total:>9.3f} {100.0:>9.1f}")
        other = 100 * (1 - sum(clock.seconds.get(phase, 0.0) for phase in HIGHS) / total)
        print(f"  everything but HiGHS's own run: {other:.1f} % (goal: at most {GOALS[columns]:.0f} %)\n", flush=True)


if __name__ == "__main__":
    keep_text_plain()
    main()
