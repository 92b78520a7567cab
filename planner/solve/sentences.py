"""Groups of lines as sentences: one template a rule, for one line or many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from planner.solve.amounts import Amounts, counted
from planner.solve.grouping import Group, Line, gathered, named, windows

MOST_GROUPS = 6  # of one rule
NOUNS = {"customer": "customers", "item": "items", "resource": "resources", "period": "periods"}
PARTS = {  # the labels over which lines of a rule are gathered
    "order": ("period", "item", "customer"),
    "order_most": ("period", "item", "customer"),
    "lost": ("period", "item", "customer"),
    "promise": ("period", "item", "customer"),
    "capacity": ("period", "resource"),
    "lane_capacity": ("period", "item", "lane"),
    "stage_limit": ("period", "of", "limit"),
    "pathway_cap": ("period", "of", "limit"),
    "pathway_floor": ("period", "of", "limit"),
    "commitment": ("commitment",),
    "source_most": ("period", "item"),
    "source_fewest": ("period", "item"),
    "source_share": ("period", "item", "site"),
    "lot": ("period", "process"),
    "buffer": ("period", "item"),
    "stock_minimum": ("period", "item", "site"),
    "stock_maximum": ("period", "item", "site"),
    "supply": ("period", "item", "site"),
    "outage": ("period", "item", "site"),
    "held": ("period", "to", "from"),
    "option_once": ("option",),
    "option_not_allowed": ("option",),
}
ALWAYS = ("option_once", "option_not_allowed")  # which say no figure
ADDED_UP = ("order", "order_most", "lost", "promise")  # whose figures have a meaning when added up


@dataclass(frozen=True)
class Phrase:
    """What a template takes its words from.

    Attributes:
        group: what is said.
        amounts: how its figures are written.
        order: by label, all its values in order.
    """

    group: Group
    amounts: Amounts
    order: Mapping[str, Sequence[str]]

    def __getitem__(self, label: str) -> str:
        """The values of a label."""
        values = self.group.labels[label]
        return named(values, NOUNS.get(label, label), len(self.order.get(label, ())))

    @property
    def many(self) -> bool:
        """Whether there is more than one line."""
        return len(self.group.lines) > 1

    def several(self, label: str) -> bool:
        """Whether a label has more than one value."""
        return len(self.group.labels[label]) > 1

    @property
    def when(self) -> str:
        """The periods."""
        return f"in {windows(self.group.labels['period'], self.order.get('period', ()))}"

    @property
    def each(self) -> str:
        """That a figure is one of each period, where there are several."""
        return " a period" if self.several("period") else ""

    def all_are(self, number: int, figure: float) -> bool:
        """Whether one of the figures is the same in every line."""
        return all(found == figure for found in self.group.figures(number))

    def span(self, number: int = 0, word: str = " to ") -> str:
        """One of the figures: of all lines, or the least and the largest with a word between."""
        return self.amounts.span(self.group.figures(number), word)

    def total(self, number: int = 0) -> str:
        """One of the figures, added up."""
        return self.amounts.total(self.group.figures(number))

    def share(self, number: int = 0, word: str = " to ") -> str:
        """One of the figures as a percentage, as `span`."""
        shares = [round(100.0 * share, 9) for share in self.group.figures(number)]
        return f"{self.amounts.span(shares, word)} %"

    def number(self, index: int, noun: str) -> str:
        """One of the figures as a number of things."""
        found = sorted({round(figure) for figure in self.group.figures(index)})
        return counted(found[0], noun) if len(found) == 1 else f"{found[0]} to {counted(found[-1], noun)}"


def said(lines: Iterable[Line], order: Mapping[str, Sequence[str]], amounts: Amounts) -> list[str]:
    """Each line as a sentence of its own; the same sentence once."""
    return list(dict.fromkeys(sentence(Group.of(line), order, amounts) for line in lines))


def summed_up(lines: Iterable[Line], order: Mapping[str, Sequence[str]], amounts: Amounts) -> list[str]:
    """Lines in groups, as sentences; an order and how much of it may be lost are one promise."""
    groups = gathered(_promises(lines), PARTS, order, most=MOST_GROUPS, always=(*ADDED_UP, *ALWAYS))
    return [sentence(group, order, amounts) for group in groups]


def _promises(lines: Iterable[Line]) -> list[Line]:
    """Lines with one line for an order and what may be lost of it, first."""
    every = list(lines)
    ordered = {tuple(line.labels.items()) for line in every if line.rule == "order"}
    lost = {tuple(line.labels.items()): line for line in every if line.rule == "lost"}
    both = [Line("promise", lost[key].labels, lost[key].figures) for key in lost if key in ordered]
    kept = {tuple(line.labels.items()) for line in both}
    rest = [line for line in every if line.rule not in {"order", "lost"} or tuple(line.labels.items()) not in kept]
    return [*both, *rest]


def sentence(group: Group, order: Mapping[str, Sequence[str]], amounts: Amounts) -> str:
    """A group as a sentence."""
    text = _SENTENCES[group.rule](Phrase(group, amounts, order))
    if group.exact or group.rule in ADDED_UP:
        return text
    return f"{text.removesuffix('.')} ({len(group.lines)} rows, not every combination)."


def _order(phrase: Phrase, most: str = "") -> str:
    verb = "order" if phrase.several("customer") else "orders"
    return f"{phrase['customer']} {verb} {most}{phrase.total()} {phrase['item']} {phrase.when}."


def _lost(phrase: Phrase, *, with_quantity: bool = False) -> str:
    quantity = f"{phrase.total(1)} " if with_quantity else ""
    what = f"{phrase['item']} for {phrase['customer']} {phrase.when}"
    if not phrase.many:
        if phrase.all_are(0, 0.0):
            return f"All of the order of {quantity}{what} must be served."
        return f"At most {phrase.total()} of the order of {quantity}{what} may be lost."
    orders = "All orders" if phrase.group.exact else f"{len(phrase.group.lines)} orders"
    if phrase.all_are(0, 0.0):
        return f"{orders} of {what} must be served{f': {quantity}in all' if quantity else ''}."
    total = f" ({quantity}in all)" if quantity else ""
    return f"At most {phrase.total()} of {orders.removeprefix('All ')} of {what}{total} may be lost."


def _capacity(phrase: Phrase) -> str:
    head = "resources {} have" if phrase.several("resource") else "resource {} has"
    return f"The {head.format(phrase['resource'])} {phrase.span()}{phrase.each} {phrase.when}."


def _lane(phrase: Phrase) -> str:
    items = "" if phrase.group.labels["item"] == ("*",) else f" of {phrase['item']}"
    return f"At most {phrase.span()} units{items}{phrase.each} can leave {phrase['lane']} {phrase.when}."


def _stage_limit(phrase: Phrase) -> str:
    verb = "limits {} allow" if phrase.several("limit") else "limit {} allows"
    head = f"The {verb.format(phrase['limit'])} {phrase['of']}{' each' if phrase.several('of') else ''}"
    return f"{head} at most {phrase.share()} of {phrase['stage']} {phrase.when}."


def _cap(phrase: Phrase) -> str:
    verb = "limits {} let" if phrase.several("limit") else "limit {} lets"
    head = f"The {verb.format(phrase['limit'])} at most {phrase.share()}"
    return f"{head} of what is delivered {phrase.when} have touched {phrase['of']}."


def _floor(phrase: Phrase) -> str:
    verb = "limits {} ask" if phrase.several("limit") else "limit {} asks"
    head = f"The {verb.format(phrase['limit'])} for at least {phrase.span()}{phrase.each}"
    return f"{head} delivered free of {phrase['of']} {phrase.when} ({phrase.share(1)} of the demand)."


def _commitment(phrase: Phrase) -> str:
    verb = "commitments {} ask" if phrase.many else "commitment {} asks"
    return f"The {verb.format(phrase['commitment'])} for at least {phrase.span()}{' each' if phrase.many else ''}."


def _fewest(phrase: Phrase) -> str:
    sites = phrase.number(0, "site")
    return f"At least {sites} must make {phrase['item']} {phrase.when} if any does; {phrase['sites']} can."


def _supply(phrase: Phrase) -> str:
    supply = f" ({phrase.total()} are there or arriving)" if not phrase.all_are(0, 0.0) else ""
    touched = f" that has touched {phrase['touched']}" if "touched" in phrase.group.labels else ""
    what = f"What {phrase['site']} uses, sends and keeps of {phrase['item']}{touched}"
    return f"{what} {phrase.when} must have come in{supply}."


def _options(one: str, several: str) -> Callable[[Phrase], str]:
    return lambda phrase: (several if phrase.many else one).format(phrase["option"])


_SENTENCES: dict[str, Callable[[Phrase], str]] = {
    "order": _order,
    "order_most": lambda phrase: _order(phrase, "no more than "),
    "lost": _lost,
    "promise": lambda phrase: _lost(phrase, with_quantity=True),
    "capacity": _capacity,
    "lane_capacity": _lane,
    "commitment": _commitment,
    "stage_limit": _stage_limit,
    "pathway_cap": _cap,
    "pathway_floor": _floor,
    "source_most": lambda phrase: f"At most {phrase.number(0, 'site')} can make {phrase['item']} {phrase.when}.",
    "source_fewest": _fewest,
    "source_share": lambda phrase: (
        f"If {phrase['site']} makes {phrase['item']} {phrase.when}, it makes at least {phrase.share()} of it."
    ),
    "lot": lambda phrase: f"A lot of {phrase['process']} {phrase.when} is at least {phrase.span()}.",
    "buffer": lambda phrase: (
        f"The policy's {phrase['limit']} asks for a stock of at least {phrase.span()} {phrase['item']} {phrase.when}."
    ),
    "stock_minimum": lambda phrase: (
        f"At least {phrase.span()} {phrase['item']} must be kept at {phrase['site']} {phrase.when}."
    ),
    "stock_maximum": lambda phrase: (
        f"At most {phrase.span()} {phrase['item']} can be kept at {phrase['site']} {phrase.when}."
    ),
    "supply": _supply,
    "total": lambda phrase: f"What the limit {phrase['limit']} counts {phrase.when} is its total.",
    "cancel_owed": lambda phrase: (
        f"{phrase['customer']} can cancel no more {phrase['item']} {phrase.when} than it is owed."
    ),
    "received": lambda phrase: (
        f"What {phrase['customer']} has received of {phrase['item']} {phrase.when} is what came."
    ),
    "source_use": lambda phrase: f"What {phrase['site']} makes of {phrase['item']} {phrase.when} makes it a source.",
    "lot_use": lambda phrase: f"What is started of {phrase['process']} {phrase.when} is a lot.",
    "outage": lambda phrase: f"{phrase['site']} cannot start {phrase['item']} {phrase.when} (outage).",
    "held": lambda phrase: f"Nothing can leave {phrase['from']} for {phrase['to']} {phrase.when} (outage).",
    "option_opened": _options("What the option {} gives must be opened.", "What the options {} give must be opened."),
    "option_once": _options(
        "The option {} can be bought at most once.", "The options {} can be bought at most once each."
    ),
    "option_not_allowed": _options(
        "The policy does not allow the option {}.", "The policy does not allow the options {}."
    ),
    "own_row": lambda phrase: f"Your own row {phrase['name']} must hold.",
    "own_column": lambda phrase: f"Your own variable {phrase['name']} must keep its bounds.",
}
