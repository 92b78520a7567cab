"""report.html: one file that contains everything; its pictures are SVG in the page and need no script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from importlib.resources import files
from typing import NamedTuple

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from planner.report.calendar_parts import spoken_window
from planner.report.findings import Findings
from planner.report.left_out import coming_sentence
from planner.report.names import Names
from planner.report.page.claims import claims
from planner.report.page.contents import sections
from planner.report.page.grids import Grid, Tables
from planner.report.page.part import Claim, Section
from planner.report.pictures.policies import colours, trade
from planner.report.pictures.svg import Picture, variables
from planner.report.sections.answer import worst_strike
from planner.report.sections.cards import cards
from planner.report.sections.first_screen import basis, headline
from planner.report.sections.notes import notes
from planner.report.sections.recommendation import recommendation
from planner.text.figures import keep_units_together, money


class Page(NamedTuple):
    """The page of a report.

    Attributes:
        text: as HTML.
        pictures: every picture of it, in order.
    """

    text: str
    pictures: tuple[Picture, ...]


def page_of(findings: Findings, tables: Tables) -> Page:
    """The page of the findings of a report, with the report's tables."""
    environment = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=unbroken,
    )
    environment.filters["whole"] = partial(unbroken_labels, labels=findings.instance.periods.labels)
    names = Names.of_instance(findings.instance)
    told = claims(findings, tables, names)
    first = opening_picture(findings, told)
    text = environment.get_template("report.html.j2").render(
        instance=findings.instance.settings.name,
        title=findings.instance.settings.title or findings.instance.settings.name,
        line=headline(findings),
        cards=cards(findings),
        concern=findings.concern.title,
        opening=first,
        recommendation=recommendation(findings, names),
        basis=basis(findings),
        footnotes=_footnotes(findings),
        colours=colours(findings),
        claims=[replace(claim, grids=tuple(map(names.grid, claim.grids))) for claim in told],
        appendix=appendix(findings, tables, names, told),
        svg=lambda drawing: Markup(drawing.markup()),  # noqa: S704 - texts in it are escaped where they are drawn
        style=Markup(variables() + _template("report.css")),  # noqa: S704 - our own file
        script=Markup(_template("report.js")),  # noqa: S704 - our own file
    )
    return Page(
        text, (*([first] if first is not None else []), *(picture for claim in told for picture in claim.pictures))
    )


def opening_picture(findings: Findings, told: tuple[Claim, ...]) -> Picture | None:
    """The picture of the first screen: cost against independence, or where that is missing the first picture."""
    found = trade(findings)
    if found is not None or not told:
        return found
    picture = told[0].pictures[0]
    return replace(picture, name=f"first-{picture.name}", drawings=picture.drawings[:1])


def appendix(findings: Findings, tables: Tables, names: Names, told: tuple[Claim, ...]) -> list[Section]:
    """The appendix as it is shown: its parts with names in place of ids."""
    shown = {grid.caption for claim in told for grid in claim.grids}

    def rest(grids: tuple[Grid, ...]) -> tuple[Grid, ...]:
        return tuple(names.grid(grid) for grid in grids if grid.caption not in shown)

    notes_part = Section("notes", "What must be read with the first figures", notes(findings))
    return [
        replace(
            section,
            name=f"method-{section.name}",
            text=tuple(names.sentence(text) for text in section.text),
            grids=rest((*section.grids, *section.folded)),
            folded=(),
            lines=tuple(
                (title := names.cell(name), names.sentence(text).removeprefix(f"{title}.").lstrip())
                for name, text in section.lines
            ),
        )
        for section in (notes_part, *sections(findings, tables))
    ]


def _footnotes(findings: Findings) -> tuple[str, ...]:
    """Notes under the first screen: what is still missing, what its figures count, and losses in spite of a warning."""
    labels = findings.instance.periods.labels
    found = [
        *filter(None, [coming_sentence(findings.studies.coming)]),
        (
            f"Cost: {spoken_window(labels)}, discounted, with lateness and lost sales. Orders and units: "
            f"{spoken_window(findings.periods)}, the oldest order served first."
        ),
    ]
    scenario = worst_strike(findings)
    if scenario is not None:
        known = [
            f"{findings.label(name)} {money(findings.cost_change(name, scenario), findings.currency)}"
            for name in findings.undisturbed
            if findings.plan(name, scenario) is not None
        ]
        if known:
            found.append(
                f"Known from the first {findings.period_word} instead, the same strike would cost: {', '.join(known)}."
            )
    return tuple(found)


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


def _template(name: str) -> str:
    return (files("planner.report") / "templates" / name).read_text(encoding="utf-8")
