"""The parts of the page as values: claims of the main text, and sections of the appendix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planner.report.page.grids import Grid
from planner.report.pictures.svg import Picture


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


@dataclass(frozen=True)
class Claim:
    """A section of the main text of the page.

    Attributes:
        name: the id of the section on the page.
        title: the claim, in words that a reader could repeat.
        text: the evidence for it, at most 80 words.
        pictures: the pictures that show it.
        grids: its tables, folded under the pictures.
    """

    name: str
    title: str
    text: str
    pictures: tuple[Picture, ...]
    grids: tuple[Grid, ...] = ()


def made_claim(
    name: str, title: str, text: str, pictures: Sequence[Picture | None], grids: Sequence[Grid]
) -> Claim | None:
    """A claim with those pictures and tables that have anything to show; None where no picture has."""
    drawn = tuple(picture for picture in pictures if picture is not None)
    return (
        Claim(name, title[:1].upper() + title[1:], text, drawn, tuple(grid for grid in grids if grid.rows))
        if drawn
        else None
    )
