"""How near to the least cost do source counts and lots on the shipped instance end? Run by hand.

    .venv/bin/python tests/benchmarks/integers.py [SECONDS]

Solves the policy `diversified` of instances/accelerators with sources counted, and with lots, within a time limit
(60 s): with diving, and with HiGHS's own beginning. Prints the gap that is left, and what of it is known before branch
and bound: the gap between the plan of diving and the linear program.
"""

import argparse
import importlib
import math
import time

import numpy as np

from planner.instance.instance import Instance
from planner.instance.loading import load_instance
from planner.instance.policy import Policy, Sources
from planner.model.program import write_program
from planner.network.building import build_network
from planner.solve import diving
from planner.solve.deadline import seconds_from_now
from planner.solve.solve_program import SolveOptions, solve_program

SOLVING = importlib.import_module("planner.solve.solve_program")
LOT = 20_000.0  # units started, for every process of a stage
PACKAGING, WAFER = "packaging", "wafer"


def cases(instance: Instance, policy: Policy) -> dict[str, tuple[Instance, Policy]]:
    """The instance and policy of each case."""

    def counted(*rules: Sources) -> tuple[Instance, Policy]:
        return instance, policy.model_copy(update={"sources": rules})

    def in_lots(stage: str) -> tuple[Instance, Policy]:
        stages = {item.item: item.stage for item in instance.items}
        processes = (
            row.model_copy(update={"min_lot": LOT}) if stages[row.item] == stage else row for row in instance.processes
        )
        return instance.model_copy(update={"processes": tuple(processes)}), policy

    stages = dict.fromkeys(item.stage for item in instance.items)
    return {
        "packaging: at most 3 sites an item": counted(Sources(stage=PACKAGING, max_sources=3)),
        "packaging: at most 2, each 10 % or more": counted(
            Sources(stage=PACKAGING, max_sources=2, min_share_if_used=0.1)
        ),
        "packaging: 2 or more, each 20 % or more": counted(
            Sources(stage=PACKAGING, min_sources=2, min_share_if_used=0.2)
        ),
        "every stage: at most 2 sites an item": counted(*(Sources(stage=stage, max_sources=2) for stage in stages)),
        "packaging: lots of 20,000": in_lots(PACKAGING),
        "wafers: lots of 20,000": in_lots(WAFER),
    }


def main() -> None:
    """Print a line a case."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seconds", nargs="?", type=float, default=60.0)
    given = parser.parse_args()
    instance = load_instance("instances/accelerators")
    dived: list[diving.Start] = []
    plain = diving.dive

    def noted(*what: object) -> object:
        found = plain(*what)
        dived.append(found)
        return found

    SOLVING.dive = noted
    print(f"{'case':<42} {'0 or 1':>6} {'beginning':<8} {'seconds':>7} {'root gap':>9} {'gap':>9} {'cost':>12}")
    for name, (case, policy) in cases(instance, instance.policy("diversified")).items():
        program = write_program(build_network(case, policy))
        for beginning, columns in (("diving", 0), ("HiGHS", math.inf)):
            SOLVING.FROM_COLUMNS, begun = columns, time.perf_counter()
            dived.clear()
            found = solve_program(program, SolveOptions(deadline=seconds_from_now(given.seconds), priced=False))
            took = time.perf_counter() - begun
            root = ""
            if dived and dived[0] is not None and dived[0].values is not None:
                cost = float((program.numbers.cost * np.asarray(dived[0].values)).sum())
                root = f"{(cost - dived[0].bound) / cost:.4%}"
            cost, gap = found.objective or math.nan, found.gap
            print(
                f"{name:<42} {int(program.integer.sum()):>6} {beginning:<8} {took:>7.1f} {root:>9} {gap:>9.4%} "
                f"{cost:>12.5e}",
                flush=True,
            )


if __name__ == "__main__":
    main()
