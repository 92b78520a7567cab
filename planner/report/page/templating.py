"""Pages from their templates, each compiled once; what is put in is escaped, and figures keep their units."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from planner.report.pictures.svg import Drawing, variables
from planner.text.figures import keep_units_together


def page_text(name: str, **values: Any) -> str:
    """A page as HTML.

    Args:
        name: of the template's file.
        values: what it puts in, by name; `labels` are those of the periods, where it has the filter `whole`.
    """
    return _environment().get_template(name).render(**values)


def style() -> Markup:
    """The style of the pages with pictures: colours of the pictures, and report.css."""
    return Markup(variables() + _text("report.css"))  # noqa: S704 - our own file


def script() -> Markup:
    """The script of the page of a report."""
    return Markup(_text("report.js"))  # noqa: S704 - our own file


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_text),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=unbroken,
    )
    environment.filters["whole"] = _whole
    environment.globals["svg"] = _svg
    return environment


def _text(name: str) -> str:
    return (files("planner.report") / "templates" / name).read_text(encoding="utf-8")


def _svg(drawing: Drawing) -> Markup:
    return Markup(drawing.markup())  # noqa: S704 - texts in it are escaped where they are drawn


@pass_context
def _whole(context: Context, text: str) -> object:
    return unbroken_labels(text, context["labels"])


def unbroken(value: object) -> object:
    """A text whose figures stay together with their units."""
    return keep_units_together(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def unbroken_labels(text: str, labels: Sequence[str]) -> object:
    """A text in which browsers break no line within the label of a period, such as behind the hyphen of `2027-03`.

    The characters stay as they are, so that a label can be searched for and copied. Labels without a hyphen are kept
    together by `unbroken`.
    """
    hyphened = sorted((label for label in labels if "-" in label), key=len, reverse=True)
    if not any(label in text for label in hyphened):
        return unbroken(text)
    parts = re.split(rf"(?<![\w-])({'|'.join(map(re.escape, hyphened))})(?![\w-])", text)
    kept = Markup('<span style="white-space: nowrap">{}</span>')
    return Markup().join(
        kept.format(part) if number % 2 else escape(keep_units_together(part)) for number, part in enumerate(parts)
    )
