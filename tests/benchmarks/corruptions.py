"""Every single change of the tables of some runs: is it rejected, with the table, row and column, or harmless?

`.venv/bin/python tests/benchmarks/corruptions.py` changes each figure of each table of each run (times 1.01, one unit
more and one less in the sixth digit, the sign, 0, no number, infinite, empty), leaves out each row, writes it twice, gives
it another id, and exchanges the ids of two rows. `--certificate` asks the certificate of a solve instead of `verify`;
`--some N --part K` takes one change in N, drawn by a fixed seed, and K = 0..N-1 gives another one each.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))
import toys

import planner
from planner.errors import PlannerError
from planner.plan.proof.claims import SEALED, Claims, seal_of
from planner.plan.proof.decided import read_decisions
from planner.plan.proof.follows import DROPPED
from planner.plan.proof.measured import MEASURED, measures_of
from planner.plan.proof.printed_figures import exact_arithmetic
from planner.plan.proof.rules import Rules
from planner.plan.proof.verify import verify
from planner.report.csv_tables import TEXT

STRANGER = "nobody"
REORDERED = "the same rows in another order"
CANNING = Path(__file__).parents[2] / "instances" / "canning"
RUNS = {
    "late": (
        lambda: toys.two_plants(**toys.EVERY_TABLE),
        toys.policy({"stage": "make", "of": "TW", "max_share": 0.8, "soft_cost": 1}),
    ),
    "chain": (lambda: toys.toy(expansions=[]), "guarded"),
    "classes": (lambda: toys.toy(expansions=[]), toys.TRACED),
    "options": (toys.toy, "guarded"),
    "sources": (toys.toy, toys.SOURCED),
    "lots": (toys.toy_in_lots, None),
    "canning": (lambda: planner.load_instance(CANNING), "balanced"),
}


@cache
def solved(name):
    """A run: its plan, what is written of it, and its rules."""
    instance, policy = RUNS[name]
    plan = planner.solve(instance(), policy)
    return plan, Claims.of(plan), Rules(plan.instance, plan.policy)


@cache
def measures(name):
    """The measures of a run's decisions, as they are made again."""
    _, claims, rules = solved(name)
    with exact_arithmetic():
        duals = claims.kept.for_program(rules.layout) if claims.kept else None
        return measures_of(rules, claims.tables, read_decisions(rules, claims.tables, []), duals)


def is_figure(name, column):
    """Whether a column of a table has figures."""
    text = column != "quantity" if name == "allocation" else column in TEXT
    return not text or (name, column) == ("exposure", "limit")


def changed_figure(text):
    """A cell with another figure, by the kind of change."""
    yield "not a number", "nan"
    yield "infinite", "inf"
    yield "empty", ""
    yield "zero", "0.0"
    try:
        figure = float(text)
    except ValueError:
        yield "filled", "1.0"
        return
    unit = 10.0 ** (len(f"{abs(figure):.0f}") - 6) if abs(figure) >= 1 else 1e-6
    for kind, other in (
        ("times 1.01", figure * 1.01),
        ("a unit more", figure + unit),
        ("a unit less", figure - unit),
        ("sign", -figure),
    ):
        yield kind, repr(float(f"{other:.9g}"))


def changes(name):
    """Every change of a run's tables: (table, kind, row, column, the table as it then is)."""
    _, claims, _ = solved(name)
    for table, texts in claims.tables.items():
        columns = list(texts.columns)
        ids = [column for column in columns if not is_figure(table, column)]
        for row in range(len(texts)):
            for column in columns:
                cell = texts[column].iloc[row]
                if is_figure(table, column):
                    for kind, other in changed_figure(cell):
                        if other != cell and not (kind in {"zero", "sign"} and cell in {"0", "0.0", "-0.0"}):
                            yield table, kind, row, column, with_cell(texts, row, column, other)
                else:
                    yield table, "another id", row, column, with_cell(texts, row, column, STRANGER)
            yield table, "left out", row, "", texts.drop(index=row).reset_index(drop=True)
            yield table, "twice", row, "", texts.iloc[sorted([*range(len(texts)), row])].reset_index(drop=True)
            if row + 1 < len(texts):
                for column in ids:
                    if texts[column].iloc[row] != texts[column].iloc[row + 1]:
                        order = [*range(row), row + 1, row, *range(row + 2, len(texts))]
                        swapped = texts.assign(**{column: texts[column].iloc[order].to_numpy()})
                        yield table, "ids exchanged", row, column, swapped
        yield table, "rows in another order", 0, "", texts.iloc[::-1].reset_index(drop=True)


def with_cell(texts, row, column, text):
    """A table with one cell changed."""
    other = texts.copy()
    other.loc[row, column] = text
    return other


def harmless(claims, table, kind, column, texts):
    """Whether a changed table says the truth all the same, and why."""
    before = claims.tables[table]
    columns = list(before.columns)
    if sorted(map(tuple, before[columns].to_numpy())) == sorted(map(tuple, texts[columns].to_numpy())):
        return REORDERED
    if column == "shadow_price" and kind == "empty" and table == "choke_points":
        return "an empty price, which says nothing"
    if table == "costs" and column == "amount" and kind.startswith("a unit"):
        amounts, others = (part[column].map(Decimal) for part in (before, texts))
        if (others - amounts).abs().sum() <= DROPPED * amounts.abs().sum():
            return "no more than what decisions that are too small for a row may cost"
    return ""


def judged(name, table, texts, *, certificate):
    """What is said of a run with a changed table: a list of messages, none where it passes; or an exception's name."""
    plan, claims, rules = solved(name)
    try:
        if certificate:
            return by_certificate(plan, claims, table, texts)
        again = measures(name) if table in MEASURED else None  # the decisions are the same
        verdict = verify(replace(claims, tables={**claims.tables, table: texts}), rules, again)
    except Exception as error:  # noqa: BLE001, what is not expected is what is counted
        return f"{type(error).__name__}: {error}"
    return list(verdict.findings)


@cache
def program(name):
    """The program of a run, and its solution."""
    from planner.solve import solve_program

    instance, policy = RUNS[name]
    found = planner.formulate(instance(), policy)
    return found, solve_program(found)


def by_certificate(plan, claims, table, texts):
    """What the certificate of a solve says, with the checks of tables that are read."""
    from planner.plan.whole_tables import refuse_damaged
    from planner.solve.certificate import certify

    tables = {}
    run = next(run for run in RUNS if solved(run)[1] is claims)
    try:
        for name, part in {**claims.tables, table: texts}.items():
            figures = [column for column in part if is_figure(name, column)]
            numbers = {column: pd.to_numeric(part[column].mask(part[column] == "")).astype(float) for column in figures}
            tables[name] = part.assign(**numbers)
        refuse_damaged(plan.instance, tables)
    except (PlannerError, ValueError) as error:
        return [str(error)]
    return list(certify(*program(run), tables).failures)


def measure(names, *, certificate=False, some=1, part=0, seed=1):
    """Count what becomes of the changes; returns the counts, what passed or ended wrongly, and what only a seal found."""
    counts, bad, sealed = Counter(), [], Counter()
    for name in names:
        chosen = random.Random(seed)
        for table, kind, row, column, texts in changes(name):
            if some > 1 and chosen.randrange(some) != part:
                continue
            counts["changes"] += 1
            said = judged(name, table, texts, certificate=certificate)
            reason = harmless(solved(name)[1], table, kind, column, texts)
            where = f"{name}: {table} row {row + 1} {column} {kind}"
            if isinstance(said, str):
                counts["exceptions"] += 1
                bad.append(f"{where}: {said}")
            elif said and reason == REORDERED:
                counts["harmless, and rejected"] += 1
                bad.append(f"{where}: rejected, though it is {reason}: {said[0]}")
            elif said:
                counts["rejected"] += 1
                if not certificate and not any(part.table for part in said):
                    bad.append(f"{where}: {said[0].words} names no table")
            elif reason:
                counts["harmless"] += 1
            elif not certificate and table in SEALED:
                counts["found by its seal alone"] += 1
                sealed[f"{table}.{column or kind}"] += 1
                assert seal_of(texts) != seal_of(solved(name)[1].tables[table])
            else:
                counts["passed"] += 1
                bad.append(f"{where}: passed")
    return counts, bad, sealed


def main():
    """Measure, and print the counts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--certificate", action="store_true")
    parser.add_argument("--some", type=int, default=1)
    parser.add_argument("--part", type=int, default=0)
    parser.add_argument("--shown", type=int, default=40)
    parser.add_argument("runs", nargs="*", default=list(RUNS))
    asked = parser.parse_args()
    begun = time.process_time()
    counts, bad, sealed = measure(asked.runs, certificate=asked.certificate, some=asked.some, part=asked.part)
    for line in bad[: asked.shown]:
        print(line)
    print("by its seal alone:", dict(sealed))
    print(", ".join(f"{count} {what}" for what, count in counts.items()), f"({time.process_time() - begun:.0f} s)")


if __name__ == "__main__":
    main()
