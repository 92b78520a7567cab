"""Texts escaped for Markdown, so that no part of a name acts as markup, HTML, an image or a link."""

from __future__ import annotations

import re

_ALWAYS = re.compile(r"([\\`*\[\]|~$])")
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")  # within a word it is no markup
_ADDRESS = re.compile(r"(?i)\b(https?|ftps?|file|data|mailto|xmpp|javascript)(:)|\b(www)(\.)")
_MAIL = re.compile(r"(?<=[\w.+-])@(?=[\w-])")
_FIRST = re.compile(r"^(?:([#>+=~-])|(\d{1,9})([.)]))(?=\s|$|[#>=~+-])")


def inline(text: str) -> str:
    """A text escaped for the middle of a line or a table cell: no markup, no HTML, no link, no end of the cell."""
    plain = re.sub(r"\s+", " ", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    plain = _ALWAYS.sub(r"\\\1", plain)
    plain = _UNDERSCORE.sub(r"\\_", plain)
    plain = _ADDRESS.sub(lambda found: f"{found[1] or found[3]}\\{found[2] or found[4]}", plain)
    return _MAIL.sub("&#64;", plain)


def block(text: str) -> str:
    """A text escaped for the start of a line, where it must not begin a heading, list, quotation or rule either."""
    plain = inline(text).strip()
    return _FIRST.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", plain)
