"""Lists of names and periods as text: long lists are shortened, adjacent periods become a window."""

from __future__ import annotations

from collections.abc import Sequence

from planner.text.figures import joined

FEW = 4  # names that are written out
RUNS = 3  # windows of periods that are written out


def named(values: Sequence[str], noun: str = "", known: int = 0) -> str:
    """Names as a list: `a`, `a, b and c`, `all 9 customers`, `a, b, c and 5 more`.

    Args:
        values: the names.
        noun: what they are, in the plural.
        known: how many there are in all; 0 where it is not known.
    """
    if len(values) == known > FEW:
        return f"all {known} {noun}"
    return joined(values, most=FEW)


def windows(values: Sequence[str], order: Sequence[str]) -> str:
    """Periods as text: `2027Q1`, `2027Q1..2027Q4`, `2027Q1 and 2027Q3`, `5 periods of 2027Q1..2028Q4`."""
    rank = {value: number for number, value in enumerate(order)}
    if any(value not in rank for value in values):
        return named(values)
    runs: list[list[str]] = []
    for value in sorted(values, key=rank.__getitem__):
        if runs and rank[runs[-1][-1]] + 1 == rank[value]:
            runs[-1].append(value)
        else:
            runs.append([value])
    said = [run[0] if len(run) == 1 else f"{run[0]}..{run[-1]}" for run in runs]
    if len(said) > RUNS:
        return f"{len(values)} periods of {runs[0][0]}..{runs[-1][-1]}"
    return named(said)
