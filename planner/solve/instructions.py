"""Repairs as instructions to a planner: each names a figure as the tables and policies of an instance hold it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from planner.model.words.amounts import Amounts, exact
from planner.model.words.grouping import gathered
from planner.model.words.lines import Group, Line, Phrase, Wording, one_or_many

MOST_GROUPS = 5  # of one rule


def instructions(lines: Iterable[Line], order: Mapping[str, Sequence[str]]) -> list[str]:
    """One instruction for each line."""
    return [_said(Group.of(line), order) for line in lines]


def instructions_together(lines: Iterable[Line], order: Mapping[str, Sequence[str]]) -> list[str]:
    """Fewer instructions: one for each group of similar lines."""
    return [_said(group, order) for group in gathered(lines, order, most=MOST_GROUPS)]


def _said(group: Group, order: Mapping[str, Sequence[str]]) -> str:
    figures = [
        round(100.0 * figure, 9) if number in group.rule.shares else figure
        for line in group.lines
        for number, figure in enumerate(line.figures)
    ]
    return group.rule.words(Phrase(group, Amounts.apart(figures), order))


def _lose(phrase: Phrase) -> str:
    shares = phrase.group.figures(1)
    must = exact(shares[0]) if min(shares) == max(shares) else f"{exact(min(shares))}..{exact(max(shares))}"
    what = f"{phrase['item']} of {phrase['customer']} {phrase.when} to be lost (must_serve {must})"
    if not phrase.many:
        return f"allow {phrase.total(0)} {what}"
    return f"allow {phrase.total(0)} units of the {len(phrase.group.lines)} orders of {what}"


LOSE = Wording("lose", _lose, over=("period", "item", "customer"), added_up=True)
RAISE_OPENING = Wording(
    "raise_opening",
    lambda phrase: f"raise the opening stock of {phrase['item']} at {phrase['site']} {phrase.raised}",
    over=("item", "site"),
)
END_OUTAGE = Wording(
    "end_outage", lambda phrase: f"end the outage of {phrase['process']} {phrase.when}", over=("period", "process")
)
END_HELD = Wording(
    "end_held_outage",
    lambda phrase: f"end the outage of {phrase['process']} {phrase.when}, so that goods can leave there too",
    over=("period", "process"),
)
LET_LEAVE = Wording(
    "let_leave",
    lambda phrase: f"let goods leave {phrase['site']} {phrase.when} in spite of the outage",
    over=("period", "site"),
)
ALLOW_OPTION = Wording(
    "allow_option", one_or_many("allow the option {}", "allow the options {}", "option"), over=("option",)
)
ENLARGE_OPTION = Wording(
    "enlarge_option",
    lambda phrase: f"raise the capacity of the option{'s' if phrase.many else ''} {phrase['option']} {phrase.raised}",
    over=("option",),
)
