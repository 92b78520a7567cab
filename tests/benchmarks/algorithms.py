"""Which algorithm of HiGHS should solve a linear program? Run by hand; ratios last, seconds do not.

    .venv/bin/python tests/benchmarks/algorithms.py [LARGEST]

Programs of up to LARGEST (120,000) columns: generated ones with limits on shares, with floors on whole pathways, and
with lots and options whose decisions are fixed as the tie-break fixes them (`generator.py`, two seeds a size); the
shipped instance under each policy; and the shipped one with every item in two and four variants that share all sites,
capacities and limits. Each algorithm solves the same model from cold, in one process, on one thread, and is measured by
processor time. A choice is judged by what it loses: the time of the algorithm chosen over that of the faster one.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from generator import Size, generated

import planner
from planner.cli.options import keep_text_plain
from planner.model.program import Program
from planner.plan.planning import formulate
from planner.solve.algorithms import Algorithm, Outcome
from planner.solve.highs_model import HighsModel

ROOT = Path(__file__).parents[2]
LARGEST = 120_000  # columns
PATIENCE = 600.0  # seconds an algorithm is given
SIZES = (
    Size(sites=15, products=3, customers=4, periods=6),
    Size(sites=20, products=5, customers=6, periods=8),
    Size(sites=30, products=6, customers=8, periods=12),
    Size(sites=45, products=10, customers=12, periods=12),
    Size(sites=60, products=16, customers=20, periods=16),
)
SEEDS = (1, 2)
FLOOR = {"measure": "pathway", "of": "TW", "min_free": 0.1}


@dataclass(frozen=True)
class Measured:
    """A program: its size, the processor time of each algorithm, and how far their costs lie apart."""

    kind: str
    columns: int
    rows: int
    nonzeros: int
    simplex: float
    interior: float
    apart: float

    @property
    def ratio(self) -> float:
        """Interior point over simplex."""
        return self.interior / self.simplex


def programs() -> Iterator[tuple[str, Program]]:
    """What is measured, by kind."""
    for size in SIZES:
        for seed in SEEDS:
            data = generated(size, seed)
            shares = planner.load_instance(data)
            yield "shares", formulate(shares, policy="shares")
            limits = [*data["policies"][0]["limits"], {"name": "free", **FLOOR}]  # type: ignore[index]
            yield "pathways", formulate(shares, policy=planner.Policy(name="free", limits=limits))
            yield "lots fixed", formulate(with_lots(shares), policy="shares")
    base = planner.load_instance(ROOT / "instances" / "accelerators")
    for policy in base.policies:
        yield f"accelerators, {policy.name}", formulate(base, policy=policy)
    for copies in (2, 4):
        yield f"accelerators x {copies}", formulate(widened(base, copies), policy="diversified")


def with_lots(instance: planner.Instance) -> planner.Instance:
    """The instance with a smallest lot, small beside what a site makes, for every process."""
    capacity = {row.site: row.capacity for row in instance.capacities}
    return instance.replace(
        processes=[row.model_copy(update={"min_lot": 0.01 * capacity[row.site]}) for row in instance.processes]
    )


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


def measured(kind: str, program: Program) -> Measured | str:
    """Solve a program by both algorithms; a sentence where one did not end."""
    seconds, costs = {}, {}
    for algorithm in (Algorithm.SIMPLEX, Algorithm.INTERIOR_POINT):
        live = HighsModel.of(program.problem, time.perf_counter() + PATIENCE)
        live.scale()
        integer = np.array([variable.cat == "Integer" for variable in program.problem.exported_variables()])
        if integer.any():
            live.set_integrality(np.flatnonzero(integer), integer=False)
            if live.run(Algorithm.SIMPLEX) is not Outcome.OPTIMAL:
                return f"{kind}: no relaxation"
            live = _fixed(program, np.ceil(live.values() - 1e-6), integer)
        begun = time.process_time()
        outcome = live.run(algorithm)
        seconds[algorithm] = time.process_time() - begun
        if outcome is not Outcome.OPTIMAL:
            return f"{kind}, {program.columns:,} columns: {algorithm.value} ended {outcome.value}"
        costs[algorithm] = live.objective()
    simplex, interior = costs.values()
    nonzeros = sum(len(row) for row in program.problem.constraints())
    size = (program.columns, program.rows, nonzeros)
    return Measured(kind, *size, *seconds.values(), abs(simplex - interior) / max(1.0, abs(simplex)))


def _fixed(program: Program, values: np.ndarray, integer: np.ndarray) -> HighsModel:
    live = HighsModel.of(program.problem, time.perf_counter() + PATIENCE)
    live.scale()
    live.fix_integers(values, integer)
    return live


def lost(found: list[Measured], interior: np.ndarray) -> tuple[float, float, float]:
    """What a choice loses: over all the time together, on average of the ratios, at worst."""
    simplex_s, interior_s = (np.array([getattr(one, name) for one in found]) for name in ("simplex", "interior"))
    chosen, best = np.where(interior, interior_s, simplex_s), np.minimum(simplex_s, interior_s)
    return chosen.sum() / best.sum(), float(np.exp(np.log(chosen / best).mean())), (chosen / best).max()


def main() -> None:
    """Print a row a program, then what each way to choose would lose."""
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else LARGEST
    found: list[Measured] = []
    head = f"{'kind':<28} {'columns':>9} {'rows':>8} {'nonzeros':>9} {'simplex s':>10} {'ipm s':>8} {'ipm/simplex':>12}"
    print(f"{head} {'apart':>8}")
    for kind, program in programs():
        if program.columns > largest:
            continue
        one = measured(kind, program)
        if isinstance(one, str):
            print(one, flush=True)
            continue
        found.append(one)
        print(
            f"{one.kind:<28} {one.columns:>9,} {one.rows:>8,} {one.nonzeros:>9,} {one.simplex:>10.2f} "
            f"{one.interior:>8.2f} {one.ratio:>12.2f} {one.apart:>8.0e}",
            flush=True,
        )
    columns = np.array([one.columns for one in found])
    rows = np.array([one.rows for one in found])
    print(f"\n{'choice':<44} {'all time':>9} {'mean':>7} {'worst':>7}")
    everywhere = {"simplex": columns < 0, "interior point": columns > 0}
    by_columns = {f"interior point from {n:,} columns": columns >= n for n in (2_000, 5_000, 10_000, 20_000, 50_000)}
    by_rows = {f"interior point from {n:,} rows": rows >= n for n in (500, 1_000, 2_000, 5_000, 10_000)}
    for name, chosen in {**everywhere, **by_columns, **by_rows}.items():
        total, mean, worst = lost(found, chosen)
        print(f"{name:<44} {total:>9.2f} {mean:>7.2f} {worst:>7.2f}")


if __name__ == "__main__":
    keep_text_plain()
    main()
