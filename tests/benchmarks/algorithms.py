"""Which algorithm of HiGHS should solve a linear program of a given size? Run by hand; ratios last, seconds do not.

    .venv/bin/python tests/benchmarks/algorithms.py [COPIES ...]

The shipped instance under `diversified`, with every item made in 1, 2, 4, ... variants that share all sites,
capacities and limits: about 16,000 columns a copy, coupled by the shares. Each algorithm solves the same model from
cold, in one process, one thread.
"""

import sys
import time
from pathlib import Path

import planner
from planner.cli.options import keep_text_plain
from planner.plan.planning import formulate
from planner.solve.highs_model import Algorithm, Live, Outcome

ROOT = Path(__file__).parents[2]


def widened(instance: planner.Instance, copies: int) -> planner.Instance:
    """The instance with every item in several variants, each with its part of the demand."""

    def variants(rows, *fields, **scaled):
        made = []
        for row in rows:
            for number in range(copies):
                update = {field: f"{getattr(row, field)}-{number}" for field in fields}
                # prices differ a little, so that the variants are not one another's mirror image
                update |= {
                    field: getattr(row, field) * (part / copies if part else 1 + 0.01 * number)
                    for field, part in scaled.items()
                }
                made.append(row.model_copy(update=update))
        return made

    if copies == 1:
        return instance
    tariffs = [row for row in instance.tariffs if row.item == "*"]
    return instance.replace(
        items=variants(instance.items, "item"),
        processes=variants(instance.processes, "item", unit_cost=0),
        components=variants(instance.components, "item", "component"),
        demand=variants(instance.demand, "item", quantity=1, price=0),
        lanes=variants(instance.lanes, "item"),
        tariffs=tariffs + variants([row for row in instance.tariffs if row.item != "*"], "item"),
        commitments=[
            row.model_copy(update={"item": f"{row.item}-0", "minimum": 0.0}) if row.item else row
            for row in instance.commitments
        ],
    )


def main() -> None:
    """Print columns, rows, and the seconds of each algorithm."""
    base = planner.load_instance(ROOT / "instances" / "accelerators")
    print(f"{'copies':>6} {'columns':>9} {'rows':>8} {'simplex s':>10} {'ipm s':>10} {'ipm/simplex':>12}")
    for copies in [int(word) for word in sys.argv[1:]] or [1, 2, 4]:
        program = formulate(widened(base, copies), policy="diversified")
        seconds, costs = {}, {}
        for algorithm in (Algorithm.SIMPLEX, Algorithm.INTERIOR_POINT):
            live = Live.of(program.problem)
            live.scale()
            begun = time.perf_counter()
            outcome = live.run(algorithm)
            seconds[algorithm] = time.perf_counter() - begun
            costs[algorithm] = live.objective()
            if outcome is not Outcome.OPTIMAL:
                print(f"{algorithm.value}: {outcome.value}")
        simplex, interior = seconds[Algorithm.SIMPLEX], seconds[Algorithm.INTERIOR_POINT]
        difference = abs(costs[Algorithm.SIMPLEX] / costs[Algorithm.INTERIOR_POINT] - 1)
        print(
            f"{copies:>6} {program.columns:>9,} {program.rows:>8,} {simplex:>10.2f} {interior:>10.2f} "
            f"{interior / simplex:>12.2f}   costs differ by {difference:.0e}"
        )


if __name__ == "__main__":
    keep_text_plain()
    main()
