"""Sentences of one rule gathered over customers, items, places and periods: rows as values, and nothing else.

A line is what one row of a program says: its rule, what it is of, and its figures. Lines that differ in one label
alone become a group: first over periods, then over the other labels that a rule names. A group is exact (every
combination of its labels is one of its lines) but where a rule would still have more groups than are wanted.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

PERIOD = "period"
FEW = 4  # names that are written out
RUNS = 3  # windows of periods that are written out


@dataclass(frozen=True)
class Line:
    """What one row says.

    Attributes:
        rule: its rule, which decides the words.
        labels: what it is of, by the name of the label.
        figures: the figures that it names, in the order of its rule.
    """

    rule: str
    labels: Mapping[str, str] = field(default_factory=dict)
    figures: tuple[float, ...] = ()


@dataclass(frozen=True)
class Group:
    """Lines of one rule that are said together.

    Attributes:
        rule: their rule.
        labels: the values of each label, in order.
        lines: the lines, in the order in which they came.
    """

    rule: str
    labels: Mapping[str, tuple[str, ...]]
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, line: Line) -> Group:
        """A line by itself."""
        return cls(line.rule, {name: (value,) for name, value in line.labels.items()}, (line,))

    @property
    def exact(self) -> bool:
        """Whether every combination of the labels is one of the lines."""
        return len(self.lines) == math.prod(len(values) for values in self.labels.values())

    def figures(self, number: int) -> list[float]:
        """One of the figures of each line."""
        return [line.figures[number] for line in self.lines]


def gathered(
    lines: Iterable[Line],
    over: Mapping[str, Sequence[str]],
    order: Mapping[str, Sequence[str]],
    *,
    most: int,
    always: Iterable[str] = (),
) -> list[Group]:
    """Lines in groups, in the order in which their rules and then their first lines came.

    Args:
        lines: the lines; one that came before is passed over.
        over: by rule, the labels over which its lines are gathered, in that order; a rule without an entry is
            gathered over periods alone.
        order: by label, its values in the order in which they are named; others are named as they came.
        most: groups of one rule beyond which labels other than the period are gathered, and at last all of them.
        always: rules that are gathered over all their labels, however few groups there are.
    """
    found: list[Group] = []
    whole = set(always)
    ranks = {name: {value: rank for rank, value in enumerate(values)} for name, values in order.items()}
    for rule, own in _by_rule(lines).items():
        groups = [Group.of(line) for line in own]
        for name in over.get(rule, (PERIOD,)):
            if name == PERIOD or rule in whole or len(groups) > most:
                groups = _merged(groups, name, ranks.get(name, {}))
        found += groups if len(groups) <= most else [_together(groups, ranks)]
    return found


def _by_rule(lines: Iterable[Line]) -> dict[str, list[Line]]:
    found: dict[str, dict[Hashable, Line]] = {}
    for line in lines:
        key = (tuple(line.labels.items()), line.figures)
        found.setdefault(line.rule, {}).setdefault(key, line)
    return {rule: list(own.values()) for rule, own in found.items()}


def _merged(groups: list[Group], name: str, rank: Mapping[str, int]) -> list[Group]:
    """Groups that agree in every label but one become one."""
    if name not in groups[0].labels:
        return groups
    alike: dict[Hashable, list[Group]] = {}
    for group in groups:
        others = tuple((label, values) for label, values in group.labels.items() if label != name)
        alike.setdefault(others, []).append(group)
    return [_joined(parts, {name: rank}) if len(parts) > 1 else parts[0] for parts in alike.values()]


def _together(groups: list[Group], ranks: Mapping[str, Mapping[str, int]]) -> Group:
    return _joined(groups, {name: ranks.get(name, {}) for group in groups for name in group.labels})


def _joined(groups: list[Group], ranks: Mapping[str, Mapping[str, int]]) -> Group:
    """One group of several; the labels in `ranks` take the values of all, in that order."""
    labels = dict(groups[0].labels)
    for name, rank in ranks.items():
        values = dict.fromkeys(value for group in groups for value in group.labels.get(name, ()))
        labels[name] = tuple(sorted(values, key=lambda value, rank=rank: rank.get(value, len(rank))))  # type: ignore[misc]
    return Group(groups[0].rule, labels, tuple(line for group in groups for line in group.lines))


def named(values: Sequence[str], noun: str = "", known: int = 0) -> str:
    """Names as a list: `a`, `a, b and c`, `all 9 customers`, `a, b, c and 5 more`.

    Args:
        values: the names.
        noun: what they are, in the plural.
        known: how many there are in all; 0 where it is not known.
    """
    if len(values) == known > FEW:
        return f"all {known} {noun}"
    if len(values) > FEW:
        return f"{', '.join(values[: FEW - 1])} and {len(values) - FEW + 1} more"
    return " and ".join([", ".join(values[:-1]), values[-1]]) if len(values) > 1 else "".join(values)


def windows(values: Sequence[str], order: Sequence[str]) -> str:
    """Periods as windows: `2027Q1`, `2027Q1..2027Q4`, `2027Q1 and 2027Q3`, `5 periods of 2027Q1..2028Q4`."""
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
