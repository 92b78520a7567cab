"""The selector of a change in one cell: `stage=packaging; region=TW,KR`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_VALUE = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*|([^",;=]*))(?=[,;]|$)')
_KEY = re.compile(r'([^=;,"]*)=')
LONGEST = 2000


def parse_where(text: str) -> dict[str, list[str]]:
    """The keys of a selector with their values; a value with , ; = or quotes in it stands in double quotes.

    Raises:
        ValueError: with what is wrong.
    """
    if len(text) > LONGEST:
        raise ValueError("The selector is longer than 2,000 characters.")
    found: dict[str, list[str]] = {}
    position = 0
    while text[position:].strip():
        key = _KEY.match(text, position)
        name = key[1].strip() if key is not None else ""
        if key is None or not name:
            raise ValueError(f"'{text[position:].strip()[:40]}' is not written as key=value.")
        if name in found:
            raise ValueError(f"The key {name} stands twice.")
        position = key.end()
        values = found[name] = []
        while True:
            value = _VALUE.match(text, position)
            if value is None:
                raise ValueError(f"The values of {name} cannot be read.")
            word = value[1].replace('""', '"') if value[1] is not None else value[2].strip()
            if not word:
                raise ValueError(f"{name} has no value.")
            values.append(word)
            position = value.end() + 1
            if text[value.end() : position] != ",":
                break
    return found


def where_text(where: Mapping[str, Sequence[str] | str]) -> str:
    """The text of a selector, which `parse_where` reads back."""
    return "; ".join(
        f"{key}={list_text([values] if isinstance(values, str) else values)}" for key, values in where.items()
    )


def list_text(values: Sequence[str]) -> str:
    """Values separated by commas, in double quotes where they contain a separator."""
    return ",".join(
        f'"{value.replace(chr(34), chr(34) * 2)}"' if set(value) & set('",;=') else value for value in values
    )
