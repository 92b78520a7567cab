"""report.html: one file that contains everything; its pictures are SVG in the page and need no script."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from planner.report.calendar_parts import spoken_window
from planner.report.findings import Findings
from planner.report.left_out import coming_sentence
from planner.report.names import Names
from planner.report.page.claims import claims
from planner.report.page.contents import sections
from planner.report.page.grids import Grid, Tables
from planner.report.page.part import Claim, Section
from planner.report.page.templating import page_text, script, style
from planner.report.pictures.policies import colours, trade
from planner.report.pictures.svg import Picture
from planner.report.sections.answer import worst_strike
from planner.report.sections.cards import cards
from planner.report.sections.first_screen import basis, headline
from planner.report.sections.notes import notes
from planner.report.sections.recommendation import recommendation
from planner.text.figures import money


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
    names = Names.of_instance(findings.instance)
    told = claims(findings, tables, names)
    first = opening_picture(findings, told)
    text = page_text(
        "report.html.j2",
        labels=findings.instance.periods.labels,
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
        style=style(),
        script=script(),
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
