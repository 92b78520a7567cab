"""The console on which all talk and tables are printed: names and messages are text there, whatever is in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from planner.errors import visible


class PlainConsole(Console):
    """A console on which names and messages are text: no markup, no emoji by name, and nothing that acts on a terminal.

    What is bold is said by `heading`. Control and direction characters are shown, in each piece of text on its way out.
    """

    def __init__(self, **options: Any) -> None:
        """A console with rich's options."""
        super().__init__(highlight=False, markup=False, emoji=False, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """What is printed, piece by piece."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))
