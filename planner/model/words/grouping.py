"""Similar lines gathered into groups, so that one sentence covers several customers, items, sites or periods.

Lines that differ in a single label become a group: first over periods, then over the other labels that their wording
allows. A group is exact: every combination of its labels is one of its lines. Only where a rule would still have more
groups than wanted are inexact groups made.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence

from planner.model.words.lines import PERIOD, Group, Line, Wording


def gathered(lines: Iterable[Line], order: Mapping[str, Sequence[str]], *, most: int) -> list[Group]:
    """Lines in groups, in the order in which their rules, and then their first lines, came.

    Args:
        lines: the lines; repeated ones are dropped.
        order: by label, its values in the order in which they are named; others are named as they came.
        most: the number of groups of one rule above which labels other than the period are gathered too, and finally
            all labels.
    """
    found: list[Group] = []
    ranks = {name: {value: rank for rank, value in enumerate(values)} for name, values in order.items()}
    for rule, own in _by_rule(lines).items():
        groups = [Group.of(line) for line in own]
        for name in rule.over:
            if name == PERIOD or rule.at_once or len(groups) > most:
                groups = _merged(groups, name, ranks.get(name, {}))
        found += groups if len(groups) <= most else [_together(groups, ranks)]
    return found


def _by_rule(lines: Iterable[Line]) -> dict[Wording, list[Line]]:
    """The distinct lines of each wording, in the order in which they came."""
    found: dict[Wording, dict[Hashable, Line]] = {}
    for line in lines:
        key = (tuple(line.labels.items()), line.figures)
        found.setdefault(line.rule, {}).setdefault(key, line)
    return {rule: list(own.values()) for rule, own in found.items()}


def _merged(groups: list[Group], name: str, rank: Mapping[str, int]) -> list[Group]:
    """Merge the groups that agree in every label but one."""
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
    """One group of several; each label in `ranks` takes the values of all of them, sorted by rank."""
    labels = dict(groups[0].labels)
    for name, rank in ranks.items():
        values = dict.fromkeys(value for group in groups for value in group.labels.get(name, ()))
        labels[name] = tuple(sorted(values, key=lambda value, rank=rank: rank.get(value, len(rank))))  # type: ignore[misc]
    return Group(groups[0].rule, labels, tuple(line for group in groups for line in group.lines))
