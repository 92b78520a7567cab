"""Pictures as PNG: the SVG files of a report in the colours of light mode, at twice their size in pixels."""

from __future__ import annotations

import re
from importlib.util import find_spec

from planner.errors import UsageError
from planner.report.pictures.svg import LIGHT

ZOOM = 2.0
_COLOUR = re.compile(r"var\(--(\w+)\)")


def refuse_without_png() -> None:
    """Raise where PNG cannot be made, before the work whose pictures are wanted.

    Raises:
        UsageError: the extra is not installed.
    """
    if find_spec("resvg_py") is None:
        raise UsageError("PNG needs resvg: `pip install 'planner[png]'`. Without it pictures are SVG files.")


def png_of(svg: str) -> bytes:
    """A picture's SVG file (`Picture.file_text`) as a PNG file.

    Raises:
        UsageError: the extra is not installed.
    """
    refuse_without_png()
    from resvg_py import svg_to_bytes

    plain = _COLOUR.sub(lambda match: LIGHT[match[1]], svg)  # resvg knows no variables of CSS
    return bytes(svg_to_bytes(svg_string=plain, zoom=ZOOM, font_family="sans-serif"))
