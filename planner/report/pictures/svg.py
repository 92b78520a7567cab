"""The building blocks of pictures: SVG marks, drawings made of marks, and pictures of drawings with a legend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

PHONE = 340  # width of a drawing that a phone shows at full size
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
LETTER = 6.6  # pixels of a letter of 12 pixels, about
TITLE = 9.3  # pixels of a letter of a picture's title, about
GAP, HEADING = 28, 24
LIGHT = {
    "ink": "#1c2127",
    "soft": "#59626d",
    "faint": "#d9dde2",
    "paper": "#ffffff",
    "track": "#e6e9ed",
    "touched": "#c2543f",
    "free": "#1d7f75",
    "accent": "#1f5f99",
}
DARK = {
    "ink": "#e7eaee",
    "soft": "#a3adb8",
    "faint": "#353c45",
    "paper": "#14181d",
    "track": "#2c343d",
    "touched": "#e58a72",
    "free": "#58b9ad",
    "accent": "#86bdf0",
}


@dataclass(frozen=True)
class Drawing:
    """One drawing.

    Attributes:
        title: the heading above it; empty where the heading of the picture is sufficient.
        width, height: its size, in pixels at full scale.
        body: its SVG elements.
        narrow: the same drawing for narrow screens, where this one would be too small to read; None where it would not.
    """

    title: str
    width: float
    height: float
    body: str
    narrow: Drawing | None = None

    def markup(self, place: str = "") -> str:
        """The SVG element, hidden from screen readers: the picture describes all of its drawings."""
        size = f'viewBox="0 0 {number(self.width)} {number(self.height)}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size}{place} aria-hidden="true">{self.body}</svg>'


@dataclass(frozen=True)
class Picture:
    """Drawings under one heading.

    Attributes:
        name: its id on the page, and the name of its file.
        title: what it shows.
        describes: what it shows in words, for screen readers.
        drawings: its drawings, side by side.
        key: the legend: (name, colour) of the marks.
        columns: the number of drawings in a row where the page is wide enough.
    """

    name: str
    title: str
    describes: str
    drawings: tuple[Drawing, ...]
    key: tuple[tuple[str, str], ...] = field(default=())
    columns: int = 1

    def file_text(self) -> str:
        """The whole picture as one SVG file, which loads nothing and follows the reader's light or dark mode."""
        width = max(drawing.width for drawing in self.drawings)
        columns = min(self.columns, len(self.drawings))
        rows = [self.drawings[at : at + columns] for at in range(0, len(self.drawings), columns)]
        parts, top = [text(0, 18, self.title, size=16, weight=600)], 34.0
        for at, (name, colour) in enumerate(self.key):
            before = sum(30 + LETTER * len(word) for word, _ in self.key[:at])
            parts += [box(before, top, 12, 12, colour), text(before + 18, top + 10, name, colour="var(--soft)")]
        top += 26 if self.key else 0
        for row in rows:
            for at, drawing in enumerate(row):
                left = at * (width + GAP)
                if drawing.title:
                    parts.append(text(left, top + 14, drawing.title, weight=600))
                place = f' x="{number(left)}" y="{number(top + HEADING * bool(drawing.title))}"'
                size = f' width="{number(drawing.width)}" height="{number(drawing.height)}"'
                parts.append(drawing.markup(place + size))
            top += max(drawing.height + HEADING * bool(drawing.title) for drawing in row) + GAP
        whole = max(columns * width + (columns - 1) * GAP, TITLE * len(self.title))
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-16 -8 {number(whole + 32)} {number(top + 8)}"'
        return (
            f'{head} role="img"><title>{escape(self.title)}</title><desc>{escape(self.describes)}</desc>'
            f"<style>{variables()}</style>{box(-16, -8, whole + 32, top + 8, 'var(--paper)')}{''.join(parts)}</svg>\n"
        )


def variables() -> str:
    """The colours as CSS, light and dark."""
    light, dark = (";".join(f"--{name}:{colour}" for name, colour in part.items()) for part in (LIGHT, DARK))
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}text{{font-family:{FONT}}}"


def number(value: float) -> str:
    """A coordinate, to a hundredth."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    size: float = 12,
    weight: int = 400,
    colour: str = "var(--ink)",
    clear: bool = False,
) -> str:
    """Text at a point; with `clear` it gets an edge in the background colour, to stand out from lines behind it."""
    place = f'x="{number(x)}" y="{number(y)}" text-anchor="{anchor}" font-size="{number(size)}"'
    edge = ' stroke="var(--paper)" stroke-width="4" paint-order="stroke"' if clear else ""
    return f'<text {place} font-weight="{weight}" fill="{colour}"{edge}>{escape(words)}</text>'


def box(x: float, y: float, width: float, height: float, colour: str, said: str = "", *, opacity: float = 1.0) -> str:
    """A filled rectangle, with words at the pointer."""
    place = f'x="{number(x)}" y="{number(y)}" width="{number(max(width, 0))}" height="{number(max(height, 0))}"'
    seen = "" if opacity >= 1 else f' opacity="{number(opacity)}"'
    return f'<rect {place} fill="{colour}"{seen}>{_said(said)}</rect>'


def dot(x: float, y: float, radius: float, colour: str, said: str = "", *, opacity: float = 1.0) -> str:
    """A filled circle, with words at the pointer."""
    place = f'cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"'
    return f'<circle {place} fill="{colour}" fill-opacity="{number(opacity)}" stroke="{colour}">{_said(said)}</circle>'


def line(
    points: Sequence[tuple[float, float]], colour: str, *, width: float = 1.0, dash: str = "", said: str = ""
) -> str:
    """A line through points."""
    way = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    style = f'fill="none" stroke="{colour}" stroke-width="{number(width)}" stroke-linejoin="round"'
    return f'<polyline points="{way}" {style}{dashes}>{_said(said)}</polyline>'


def area(points: Sequence[tuple[float, float]], colour: str, *, opacity: float = 0.3, said: str = "") -> str:
    """A filled polygon."""
    way = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    return f'<polygon points="{way}" fill="{colour}" fill-opacity="{number(opacity)}">{_said(said)}</polygon>'


def ribbon(left: tuple[float, float], right: tuple[float, float], height: float, colour: str, said: str) -> str:
    """A band of constant height between two columns, from and to the upper ends given."""
    (x0, y0), (x1, y1) = left, right
    middle = number((x0 + x1) / 2)
    way = (
        f"M{number(x0)} {number(y0)}C{middle} {number(y0)} {middle} {number(y1)} {number(x1)} {number(y1)}"
        f"V{number(y1 + height)}C{middle} {number(y1 + height)} {middle} {number(y0 + height)} "
        f"{number(x0)} {number(y0 + height)}Z"
    )
    return f'<path d="{way}" fill="{colour}" fill-opacity="0.45">{_said(said)}</path>'


def fitted(words: str, pixels: float, size: float = 12) -> str:
    """Text cut off at the end so that it fits a width in pixels."""
    most = max(int(pixels / (LETTER * size / 12)), 3)
    return words if len(words) <= most else words[: most - 1].rstrip(" ,:(") + "…"


def fitted_apart(every: Sequence[str], pixels: float, size: float = 12) -> list[str]:
    """Several texts cut as by `fitted`; in the middle where the cut texts would be equal, as their ends differ."""
    cut = [fitted(words, pixels, size) for words in every]
    most = max(int(pixels / (LETTER * size / 12)), 3)
    return [
        words if cut.count(words) == 1 or words == whole else f"{whole[: most // 2 - 1]}…{whole[-(most // 2) :]}"
        for words, whole in zip(cut, every, strict=True)
    ]


def levels(low: float, high: float, most: int = 5) -> list[float]:
    """Round figures between two figures, for an axis: multiples of 1, 2, 2.5 or 5 times a power of ten."""
    size = 10.0 ** math.floor(math.log10(high - low)) if high > low else 1.0
    steps = [size * part for part in (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0, 10.0)]
    for step in steps:
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            return [round(at * step, 12) + 0.0 for at in range(first, last + 1)]
    return [low]


def _said(words: str) -> str:
    return f"<title>{escape(words)}</title>" if words else ""
