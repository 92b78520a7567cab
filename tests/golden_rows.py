"""Golden files of a program: its rows, columns and costs as lines in labels, and their comparison with a file."""

import difflib

import numpy as np
import toys


def column_lines(program, name):
    """The columns of a block, a line each: labels, bounds, whether it is whole, and cost."""
    numbers, block = program.numbers, getattr(program, name)
    lines = []
    for column in range(block.first, block.first + len(block)):
        top = numbers.upper[column]
        bounds = f"{toys.figure(numbers.lower[column])}..{toys.figure(top) if np.isfinite(top) else ''}"
        kind = " whole" if program.integer[column] else ""
        lines.append(f"{toys.column_name(program, column)}: {bounds}{kind} at {toys.figure(numbers.cost[column])}")
    return lines


def cost_lines(program, cost):
    """The parts of a cost component that are not 0, a line for each decision."""
    lines = []
    for name, figures in cost.parts:
        block = getattr(program, name)
        amounts = block.labelled[figures].to_numpy(dtype=float)
        lines += [
            f"{toys.figure(amount)} {toys.column_name(program, block.first + offset)}"
            for offset, amount in enumerate(amounts)
            if amount
        ]
    return lines


def assert_golden(path, lines, regenerate):
    """Fail with the difference where the lines are not those of the file; `regenerate` writes the file first."""
    if regenerate and (lines or path.exists()):
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines) + "\n")
    wanted = path.read_text().splitlines() if path.exists() else []
    difference = list(difflib.unified_diff(wanted, lines, str(path.name), "now", lineterm="", n=0))
    assert not difference, "\n".join(["the program is not the golden one:", *difference])
