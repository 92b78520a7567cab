"""The console for all messages and tables, which prints names and messages as plain text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from planner.errors import visible


class PlainConsole(Console):
    """A console that prints names and messages as plain text, without markup, emoji names or control characters.

    Bold text is made by `heading` alone. Control and direction characters are replaced by visible text at the output.
    """

    def __init__(self, **options: Any) -> None:
        """A console with rich's options."""
        super().__init__(highlight=False, markup=False, emoji=False, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """The segments that are printed."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))
