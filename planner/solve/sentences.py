"""Lines of a conflict as sentences, one by one or in groups; also the wordings of bounds of decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from planner.model.constraints.balances import ORDER
from planner.model.words.amounts import Amounts
from planner.model.words.grouping import gathered
from planner.model.words.lines import Group, Line, Phrase, Wording, one_or_many

MOST_GROUPS = 6  # of one rule


def one_sentence_each(lines: Iterable[Line], order: Mapping[str, Sequence[str]], amounts: Amounts) -> list[str]:
    """One sentence for each line, without repetitions."""
    return list(dict.fromkeys(sentence(Group.of(line), order, amounts) for line in lines))


def sentences_in_groups(lines: Iterable[Line], order: Mapping[str, Sequence[str]], amounts: Amounts) -> list[str]:
    """One sentence for each group of similar lines; an order and the units that may be lost of it make one promise."""
    return [sentence(group, order, amounts) for group in gathered(_promises(lines), order, most=MOST_GROUPS)]


def _promises(lines: Iterable[Line]) -> list[Line]:
    """The lines with each order and its units that may be lost joined to one promise; promises come first.

    An order beside which something is owed from before is said by itself, as what is owed cannot be lost.
    """
    every = list(lines)
    ordered = {tuple(line.labels.items()) for line in every if line.rule is ORDER and line.figures[1] == 0}
    lost = {tuple(line.labels.items()): line for line in every if line.rule is LOST}
    both = [Line(PROMISE, lost[key].labels, lost[key].figures) for key in lost if key in ordered]
    kept = {tuple(line.labels.items()) for line in both}
    rest = [line for line in every if line.rule not in {ORDER, LOST} or tuple(line.labels.items()) not in kept]
    return [*both, *rest]


def sentence(group: Group, order: Mapping[str, Sequence[str]], amounts: Amounts) -> str:
    """The sentence of a group of lines, in the wording of their rule."""
    text = group.rule.words(Phrase(group, amounts, order))
    if group.exact or group.rule.added_up:
        return text
    return f"{text.removesuffix('.')} ({len(group.lines)} rows, not every combination)."


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


LOST = Wording("lost", _lost, over=("period", "item", "customer"), added_up=True)
PROMISE = Wording(
    "promise", lambda phrase: _lost(phrase, with_quantity=True), over=("period", "item", "customer"), added_up=True
)
OUTAGE = Wording(
    "outage",
    lambda phrase: f"{phrase['site']} cannot start {phrase['item']} {phrase.when} (outage).",
    over=("period", "item", "site"),
)
HELD = Wording(
    "held",
    lambda phrase: f"Nothing can leave {phrase['from']} for {phrase['to']} {phrase.when} (outage).",
    over=("period", "to", "from"),
)
OPTION_ONCE = Wording(
    "option_once",
    one_or_many(
        "The option {} can be bought at most once.", "The options {} can be bought at most once each.", "option"
    ),
    over=("option",),
    whole=True,
)
OPTION_NOT_ALLOWED = Wording(
    "option_not_allowed",
    one_or_many("The policy does not allow the option {}.", "The policy does not allow the options {}.", "option"),
    over=("option",),
    whole=True,
)


OWN_ROW = Wording("own_row", lambda phrase: f"Your own row {phrase['name']} must hold.")
OWN_COLUMN = Wording("own_column", lambda phrase: f"Your own variable {phrase['name']} must keep its bounds.")
