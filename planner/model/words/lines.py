"""Lines and wordings: a line is what one row of a program says, a wording is the sentence for lines of one kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from planner.instance.periods import HORIZON
from planner.model.words.amounts import Amounts, exact
from planner.model.words.lists import named, windows
from planner.text.figures import counted

PERIOD = "period"
NOUNS = {"customer": "customers", "item": "items", "resource": "resources", "period": "periods"}


@dataclass(frozen=True, eq=False)
class Wording:
    """The sentence for lines of one kind, whether one or many are said at once. Wordings are compared by identity.

    Attributes:
        name: of the kind; a hash of it breaks ties between repairs, so it stays the same from release to release.
        words: the sentence of a group of lines.
        over: the labels over which lines are gathered, in that order.
        shares: which of the figures are shares, and written in percent.
        added_up: whether the sum of the figures means something; such lines are gathered over all their labels.
        whole: whether lines are gathered over all their labels, however few groups there are.
        by_nature: whether such a row only defines or ties decisions, so that it is left out of a conflict that has
            other rows to name.
        way_out: a sentence on what would let such a row give way, said once after a conflict that has one; empty where
            repairs say it.
    """

    name: str
    words: Callable[[Phrase], str]
    over: tuple[str, ...] = (PERIOD,)
    shares: tuple[int, ...] = ()
    added_up: bool = False
    whole: bool = False
    by_nature: bool = False
    way_out: str = ""

    @property
    def at_once(self) -> bool:
        """Whether lines are gathered over all their labels, however few groups there are."""
        return self.whole or self.added_up


@dataclass(frozen=True)
class Line:
    """What one row of a program says.

    Attributes:
        rule: its wording.
        labels: what the row belongs to, by label.
        figures: the figures that the sentence names, in the order that its wording expects.
    """

    rule: Wording
    labels: Mapping[str, str] = field(default_factory=dict)
    figures: tuple[float, ...] = ()


@dataclass(frozen=True)
class Group:
    """Lines of one wording that one sentence covers.

    Attributes:
        rule: their wording.
        labels: the values of each label, in order.
        lines: the lines, in the order in which they came.
    """

    rule: Wording
    labels: Mapping[str, tuple[str, ...]]
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, line: Line) -> Group:
        """A group of a single line."""
        return cls(line.rule, {name: (value,) for name, value in line.labels.items()}, (line,))

    @property
    def exact(self) -> bool:
        """Whether every combination of the labels is one of the lines."""
        return len(self.lines) == math.prod(len(values) for values in self.labels.values())

    def figures(self, number: int) -> list[float]:
        """The figure at position `number` of each line."""
        return [line.figures[number] for line in self.lines]


@dataclass(frozen=True)
class Phrase:
    """The pieces of text from which a wording builds the sentence of a group.

    Attributes:
        group: the lines that are said.
        amounts: how its figures are written.
        order: by label, all its values in order.
    """

    group: Group
    amounts: Amounts
    order: Mapping[str, Sequence[str]]

    def __getitem__(self, label: str) -> str:
        """The values of a label as a list in words, shortened where there are many."""
        values = self.group.labels[label]
        return named(values, NOUNS.get(label, label), len(self.order.get(label, ())))

    @property
    def many(self) -> bool:
        """Whether the group has more than one line."""
        return len(self.group.lines) > 1

    def several(self, label: str) -> bool:
        """Whether a label has more than one value in the group."""
        return len(self.group.labels[label]) > 1

    @property
    def when(self) -> str:
        """The periods as text, e.g. `in 2027Q1..2027Q4`, or `over the horizon`."""
        if set(self.group.labels["period"]) == {HORIZON}:
            return "over the horizon"
        return f"in {windows(self.group.labels['period'], self.order.get('period', ()))}"

    @property
    def each(self) -> str:
        """` a period` where the group has several periods, as its figures are one for each; else nothing."""
        return " a period" if self.several("period") else ""

    def all_are(self, number: int, figure: float) -> bool:
        """Whether the figure at position `number` has the given value in every line."""
        return all(found == figure for found in self.group.figures(number))

    def span(self, number: int = 0, word: str = " to ") -> str:
        """The figure at position `number`; where lines differ, the smallest and the largest with `word` between."""
        return self.amounts.span(self.group.figures(number), word)

    def total(self, number: int = 0) -> str:
        """The sum of the figures at position `number`, as text."""
        return self.amounts.total(self.group.figures(number))

    def share(self, number: int = 0, word: str = " to ") -> str:
        """The figure at position `number` as a percentage, or the range of them, as in `span`."""
        shares = [round(100.0 * share, 9) for share in self.group.figures(number)]
        return f"{self.amounts.span(shares, word)} %"

    def number(self, index: int, noun: str) -> str:
        """The figure at position `index` as a count with its noun, e.g. `2 sites` or `2 to 3 sites`."""
        found = sorted({round(figure) for figure in self.group.figures(index)})
        return counted(found[0], noun) if len(found) == 1 else f"{found[0]} to {counted(found[-1], noun)}"

    @property
    def raised(self) -> str:
        """`from A to B`: the old figures, which come first in each line, and the largest of the new ones."""
        return f"from {self.span(0, '..')} to {self.furthest(max)}"

    @property
    def lowered(self) -> str:
        """`from A to B`: the old figures, which come first in each line, and the smallest of the new ones."""
        return f"from {self.span(0, '..')} to {self.furthest(min)}"

    def furthest(self, side: Callable[[list[float]], float], *, share: bool = False) -> str:
        """The second figure, as it is written; of lines that differ the furthest one, and that it is."""
        found = self.group.figures(1)
        said = f"{exact(100.0 * side(found))} %" if share else exact(side(found))
        if min(found) == max(found):
            return said
        return f"{'as much as' if side is max else 'as little as'} {said}"


def one_or_many(one: str, many: str, label: str) -> Callable[[Phrase], str]:
    """A sentence that has one form for a single line and another for several; `{}` is the values of a label."""
    return lambda phrase: (many if phrase.many else one).format(phrase[label])
