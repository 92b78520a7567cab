"""Lines: what one row of a program says, in a wording that says many lines of its kind together."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from planner.model.words.amounts import Amounts, counted, exact
from planner.model.words.lists import named, windows

PERIOD = "period"
NOUNS = {"customer": "customers", "item": "items", "resource": "resources", "period": "periods"}


@dataclass(frozen=True, eq=False)
class Wording:
    """How lines of one kind are said, one or many at once. Wordings are compared by identity.

    Attributes:
        name: of the kind; a hash of it breaks ties between repairs, so it stays the same from release to release.
        words: the sentence of a group of lines.
        over: the labels over which lines are gathered, in that order.
        shares: which of the figures are shares, and written in percent.
        added_up: whether figures have a meaning when added up; such lines are gathered over all their labels.
        whole: whether lines are gathered over all their labels, however few groups there are.
        by_nature: whether such a row holds by nature, so that nobody is told of it where there is more to say.
    """

    name: str
    words: Callable[[Phrase], str]
    over: tuple[str, ...] = (PERIOD,)
    shares: tuple[int, ...] = ()
    added_up: bool = False
    whole: bool = False
    by_nature: bool = False

    @property
    def at_once(self) -> bool:
        """Whether lines are gathered over all their labels, however few groups there are."""
        return self.whole or self.added_up


@dataclass(frozen=True)
class Line:
    """What one row says.

    Attributes:
        rule: how it is said.
        labels: what it is of, by the name of the label.
        figures: the figures that it names, in the order of its rule.
    """

    rule: Wording
    labels: Mapping[str, str] = field(default_factory=dict)
    figures: tuple[float, ...] = ()


@dataclass(frozen=True)
class Group:
    """Lines of one rule that are said together.

    Attributes:
        rule: how they are said.
        labels: the values of each label, in order.
        lines: the lines, in the order in which they came.
    """

    rule: Wording
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


@dataclass(frozen=True)
class Phrase:
    """What a wording takes its words from.

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

    @property
    def raised(self) -> str:
        """From the first figure to the second; of several lines to the largest."""
        return f"from {self.span(0, '..')} to {self.furthest(max)}"

    @property
    def lowered(self) -> str:
        """From the first figure to the second; of several lines to the least."""
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
