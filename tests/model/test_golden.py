"""Every row, column and cost of the toy instance, written out in labels and checked by hand against the model.

One file a constraint family (tests/golden), a block of decisions (tests/golden/columns) and a cost component
(tests/golden/costs). After a change that is meant, `python -m pytest tests/model/test_golden.py --regenerate` writes
them anew; read the difference line by line before you keep it.
"""

import difflib
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import toys

import planner
from planner.model.catalogue import BLOCKS, COSTS, FAMILIES

GOLDEN = Path(__file__).parents[1] / "golden"


@cache
def program():
    return planner.formulate(toys.toy(), policy="guarded")


def column_lines(spec):
    written, numbers = program(), program().numbers
    block = getattr(written, spec.name)
    lines = []
    for column in range(block.first, block.first + len(block)):
        top = numbers.upper[column]
        bounds = f"{toys.figure(numbers.lower[column])}..{toys.figure(top) if np.isfinite(top) else ''}"
        kind = " whole" if written.integer[column] else ""
        lines.append(f"{toys.column_name(written, column)}: {bounds}{kind} at {toys.figure(numbers.cost[column])}")
    return lines


def cost_lines(cost):
    lines = []
    for name, figures in cost.parts:
        block = getattr(program(), name)
        amounts = block.labelled[figures].to_numpy(dtype=float)
        lines += [
            f"{toys.figure(amount)} {toys.column_name(program(), block.first + offset)}"
            for offset, amount in enumerate(amounts)
            if amount
        ]
    return lines


def compare(path, lines, regenerate):
    if regenerate:
        path.write_text("\n".join(lines) + "\n")
    wanted = path.read_text().splitlines() if path.exists() else []
    difference = list(difflib.unified_diff(wanted, lines, str(path.name), "now", lineterm="", n=0))
    assert not difference, "\n".join(["the program is not the golden one:", *difference])


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_rows(family, regenerate):
    compare(GOLDEN / f"{family.name}.txt", toys.rows_of(program(), family.name), regenerate)


@pytest.mark.parametrize("spec", BLOCKS, ids=lambda spec: spec.name)
def test_columns(spec, regenerate):
    compare(GOLDEN / "columns" / f"{spec.name}.txt", column_lines(spec), regenerate)


@pytest.mark.parametrize("cost", COSTS, ids=lambda cost: cost.name)
def test_costs(cost, regenerate):
    compare(GOLDEN / "costs" / f"{cost.name}.txt", cost_lines(cost), regenerate)


@pytest.mark.parametrize(
    ("folder", "entries"), [("", FAMILIES), ("columns", BLOCKS), ("costs", COSTS)], ids=["families", "blocks", "costs"]
)
def test_all_mathematics_has_golden_rows(folder, entries):
    written = {path.stem for path in (GOLDEN / folder).glob("*.txt") if path.read_text().strip()}
    names = {entry.name for entry in entries}
    assert names - written == set(), f"write golden rows for {sorted(names - written)}: see this file's first lines"
    assert written - names == set(), f"{sorted(written - names)} is no longer in the catalogue: remove its golden file"


def test_the_toy_uses_every_cost_and_family():
    empty = [rows.family.name for rows in program().families if not len(rows)]
    assert not empty
    assert all(cost_lines(cost) for cost in COSTS)
