"""Names in place of ids: the names of sites, items, customers, regions, scenarios and options, for readers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from planner.instance.instance import Instance
from planner.report.page.grids import Grid

_PARTS = re.compile(r"( / | > |\+|, | → |: )")
_SHORT = re.compile(r"[,:;(]")
LONGEST = 60
STAGE = "stage"  # above a column of stages, which have no names but their ids
MORE_AT = "more at "  # how the name of an option begins that has none of its own


@dataclass(frozen=True)
class Names:
    """The names of an instance by id.

    Attributes:
        of: the name of each id; ids without a name are missing.
        by_kind: the same for each kind of id, by the word that stands above a column of them.
        stages: the stages: where one has the id of something with a name, only a column of that kind has the name.
    """

    of: dict[str, str]
    by_kind: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    stages: frozenset[str] = frozenset()

    @classmethod
    def of_instance(cls, instance: Instance) -> Names:
        """All names in the instance; an option without a name is named after its site and what it adds."""
        items = {row.item: row.name for row in instance.items if row.name}
        customers = {row.customer: row.name for row in instance.customers if row.name}
        sites = {row.site: row.name for row in instance.sites if row.name}
        regions = {name: instance.settings.region_name(name) for name in instance.settings.regions}
        of = _option_names(instance) | items | customers | sites | regions
        of |= _scenario_names(instance, {*of, *of.values()})
        by_kind = {"item": items, "product": items, "customer": customers, "site": sites}
        return cls({name: words for name, words in of.items() if words != name}, by_kind, frozenset(instance.stages))

    def __call__(self, name: str) -> str:
        """The name of an id; the id where it has none."""
        return self.of.get(name, name)

    def short(self, name: str) -> str:
        """The name of an id up to its first comma or bracket; the full name where that is not unique."""
        words = short(self(name))
        return words if self._beginnings[words] < 2 else _cut(self(name).rstrip("."))

    def cell(self, text: str) -> str:
        """A cell with its ids replaced by names: the cell as a whole, or each part between separators."""
        if text in self.of and text not in self.stages:
            return self.of[text]
        return "".join(part if part in self.stages else self.of.get(part, part) for part in _PARTS.split(text))

    def _in_column(self, text: str, head: str) -> str:
        """A cell with names, of the kind that its column has."""
        if head == STAGE:
            return text
        found = self.by_kind.get(head, {}).get(text)
        return self.cell(text) if found is None else found

    def grid(self, grid: Grid) -> Grid:
        """A table with names in place of ids in its head, caption and text columns."""
        rows = tuple(
            tuple(self._in_column(cell, grid.head[at]) if at in grid.texts else cell for at, cell in enumerate(row))
            for row in grid.rows
        )
        return replace(
            grid, caption=self.sentence(grid.caption), head=tuple(self.cell(cell) for cell in grid.head), rows=rows
        )

    def sentence(self, text: str) -> str:
        """A sentence with ids replaced by names, but only ids with a sign or digit, which cannot be ordinary words."""
        return self._sought.sub(lambda match: self.of[match[0]], text) if self.signed else text

    @cached_property
    def signed(self) -> list[str]:
        """The ids with a sign or digit, which are no ordinary words, the longest first."""
        return sorted(
            (name for name in self.of if re.search(r"[-_.\d]", name) and name not in self.stages), key=len, reverse=True
        )

    @cached_property
    def _beginnings(self) -> Counter[str]:
        """For each short name, how many names have it."""
        return Counter(short(words) for words in self.of.values())

    @cached_property
    def _sought(self) -> re.Pattern[str]:
        return re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, self.signed)) + r")(?![\w-])")


def _option_names(instance: Instance) -> dict[str, str]:
    """A name for each option, which has none of its own: after its site, where that has one, and what it adds."""
    sites = Names({row.site: row.name or row.site for row in instance.sites})
    at_site = Counter(option.site for option in instance.expansions)
    return {
        option.option: f"{MORE_AT}{sites.short(option.site)}"
        + ("" if at_site[option.site] == 1 else f" ({option.option})")
        for option in instance.expansions
        if sites(option.site) != option.site
    }


def _scenario_names(instance: Instance, others: set[str]) -> dict[str, str]:
    """A name for each scenario: its title, short where no other title begins so and nothing else is called so.

    Args:
        instance: its scenarios.
        others: the names and ids of all else; a title that begins `Taiwan: ` is not to be read as the region.
    """
    titles = {row.name: row.title for row in instance.scenarios if row.title}
    beginnings = Counter(short(title) for title in titles.values())
    return {
        name: title.rstrip(".") if beginnings[short(title)] > 1 or short(title) in others else short(title)
        for name, title in titles.items()
    }


def short(words: str) -> str:
    """A name up to its first comma, colon or bracket; no longer than a line."""
    return _cut(_SHORT.split(words)[0].strip().rstrip("."))


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST else words[: LONGEST - 1].rstrip() + "…"
