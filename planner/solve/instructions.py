"""What a repair asks for, as instructions: each names a figure as the tables and policies of an instance hold it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from planner.solve.amounts import Amounts, exact
from planner.solve.grouping import Group, Line, gathered
from planner.solve.sentences import Phrase

MOST_GROUPS = 5  # of one rule
PARTS = {
    "raise_cap": ("period", "of", "limit"),
    "lower_floor": ("period", "of", "limit"),
    "lower_cover": ("period", "item"),
    "raise_capacity": ("period", "resource"),
    "raise_lane": ("period", "lane"),
    "lower_commitment": ("commitment",),
    "lose": ("period", "item", "customer"),
    "lower_minimum": ("item", "site"),
    "lower_closing": ("item", "site"),
    "raise_opening": ("item", "site"),
    "raise_maximum": ("item", "site"),
    "end_outage": ("period", "process"),
    "let_leave": ("period", "site"),
    "allow_option": ("option",),
    "enlarge_option": ("option",),
    "lower_lot": ("period", "process"),
}
SHARES = ("raise_cap", "lower_floor", "lower_least_share")
ADDED_UP = ("lose",)


def instructions(lines: Iterable[Line], order: Mapping[str, Sequence[str]]) -> list[str]:
    """Each line as an instruction of its own."""
    return [_said(Group.of(line), order) for line in lines]


def instructions_together(lines: Iterable[Line], order: Mapping[str, Sequence[str]]) -> list[str]:
    """Lines in groups, as instructions."""
    groups = gathered(lines, PARTS, order, most=MOST_GROUPS, always=ADDED_UP)
    return [_said(group, order) for group in groups]


def _said(group: Group, order: Mapping[str, Sequence[str]]) -> str:
    figures = [figure for line in group.lines for figure in line.figures]
    if group.rule in SHARES:
        figures = [round(100.0 * figure, 9) for figure in figures]
    return _INSTRUCTIONS[group.rule](Phrase(group, Amounts.apart(figures), order))


def _raised(phrase: Phrase) -> str:
    """From one figure to another; of several lines to the largest."""
    return f"from {phrase.span(0, '..')} to {_furthest(phrase, max)}"


def _lowered(phrase: Phrase) -> str:
    return f"from {phrase.span(0, '..')} to {_furthest(phrase, min)}"


def _furthest(phrase: Phrase, side: Callable[[list[float]], float], *, share: bool = False) -> str:
    """The second figure, as it is written; of lines that differ the furthest one, and that it is."""
    found = phrase.group.figures(1)
    said = f"{exact(100.0 * side(found))} %" if share else exact(side(found))
    if min(found) == max(found):
        return said
    return f"{'as much as' if side is max else 'as little as'} {said}"


def _cap(phrase: Phrase) -> str:
    what = f"raise the {phrase['what']} cap of {phrase['of']} ({phrase['limit']}) {phrase.when}"
    return f"{what} from {phrase.share(0, '..')} to {_furthest(phrase, max, share=True)}"


def _floor(phrase: Phrase) -> str:
    what = f"lower the floor of {phrase['limit']} (free of {phrase['of']}) {phrase.when}"
    return f"{what} from {phrase.share(0, '..')} to {_furthest(phrase, min, share=True)}"


def _lane(phrase: Phrase) -> str:
    items = "" if phrase.group.labels["item"] == ("*",) else f" for {phrase['item']}"
    lane = "lanes" if phrase.several("lane") else "lane"
    return f"raise the limit of the {lane} {phrase['lane']}{items} {phrase.when} {_raised(phrase)}"


def _lose(phrase: Phrase) -> str:
    shares = phrase.group.figures(1)
    must = exact(shares[0]) if min(shares) == max(shares) else f"{exact(min(shares))}..{exact(max(shares))}"
    what = f"{phrase['item']} of {phrase['customer']} {phrase.when} to be lost (must_serve {must})"
    if not phrase.many:
        return f"allow {phrase.total(0)} {what}"
    return f"allow {phrase.total(0)} of the {len(phrase.group.lines)} orders of {what}"


def _options(one: str, several: str) -> Callable[[Phrase], str]:
    return lambda phrase: (several if phrase.many else one).format(phrase["option"])


_INSTRUCTIONS: dict[str, Callable[[Phrase], str]] = {
    "raise_cap": _cap,
    "lower_floor": _floor,
    "lower_cover": lambda phrase: (
        f"lower periods_of_cover of {phrase['limit']} for {phrase['item']} {phrase.when} {_lowered(phrase)}"
    ),
    "raise_capacity": lambda phrase: f"raise the capacity of {phrase['resource']} {phrase.when} {_raised(phrase)}",
    "raise_lane": _lane,
    "lower_commitment": lambda phrase: f"lower the minimum of the commitment {phrase['commitment']} {_lowered(phrase)}",
    "lose": _lose,
    "lower_minimum": lambda phrase: (
        f"lower the minimum stock of {phrase['item']} at {phrase['site']} {_lowered(phrase)}"
    ),
    "lower_closing": lambda phrase: (
        f"lower the closing minimum of {phrase['item']} at {phrase['site']} {_lowered(phrase)}"
    ),
    "raise_opening": lambda phrase: (
        f"raise the opening stock of {phrase['item']} at {phrase['site']} {_raised(phrase)}"
    ),
    "raise_maximum": lambda phrase: (
        f"raise the maximum stock of {phrase['item']} at {phrase['site']} {_raised(phrase)}"
    ),
    "end_outage": lambda phrase: f"end the outage of {phrase['process']} {phrase.when}",
    "let_leave": lambda phrase: f"let goods leave {phrase['site']} {phrase.when} in spite of the outage",
    "allow_option": _options("allow the option {}", "allow the options {}"),
    "enlarge_option": lambda phrase: (
        f"raise the capacity of the option{'s' if phrase.many else ''} {phrase['option']} {_raised(phrase)}"
    ),
    "raise_sources": lambda phrase: f"raise max_sources of {phrase['stage']} {_raised(phrase)}",
    "lower_sources": lambda phrase: f"lower min_sources of {phrase['stage']} {_lowered(phrase)}",
    "lower_least_share": lambda phrase: (
        f"lower min_share_if_used of {phrase['stage']} from {phrase.share(0)} to {_furthest(phrase, min, share=True)}"
    ),
    "lower_lot": lambda phrase: f"lower the smallest lot of {phrase['process']} {phrase.when} {_lowered(phrase)}",
}
