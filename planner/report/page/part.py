"""A part of the appendix, as a value."""

from __future__ import annotations

from dataclasses import dataclass

from planner.report.page.grids import Grid


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        name, title: the id on the page, and the heading.
        text: the paragraphs under the heading.
        grids: its tables; those longer than 14 rows, and those in `folded`, open on a click.
        lines: (name, sentence) pairs, as a list; without names a longer one opens on a click.
        lines_title: the heading of the list.
        lines_lead: whether the list stands above charts and grids.
    """

    name: str
    title: str
    text: tuple[str, ...] = ()
    grids: tuple[Grid, ...] = ()
    folded: tuple[Grid, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()
    lines_title: str = ""
    lines_lead: bool = False
