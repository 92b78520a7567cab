"""summary.md: the answer and the main tables as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from planner.report.findings import Findings
from planner.report.markdown import block, inline
from planner.report.names import Names
from planner.report.page.grids import Grid, Tables, choke_grid, cost_grid, product_grid, shares_grid
from planner.report.sections.answer import answer_sentence
from planner.report.sections.audit import audit_grids
from planner.report.sections.cards import cards
from planner.report.sections.choke_points import disagreement, price_grid, ranking, region_loss_grid
from planner.report.sections.data_sources import not_shown, provenance_grid, provenance_sentence
from planner.report.sections.first_screen import headline
from planner.report.sections.notes import SCENARIO_LINES, notes, scenario_lines, view_lines
from planner.report.sections.pathway_grids import scope_grids, size_grid, view_grid
from planner.report.sections.pathways import touched, views
from planner.report.sections.recommendation import recommendation
from planner.report.sections.resilience import resilience_sections, third_way
from planner.report.sections.runs import options_grid, ranking_grid, runs_sentence, scenario_grid

MADE_BY = "`planner report` makes this page"
ITEM = "  - "  # begins what a message lists


@dataclass(frozen=True)
class _Part:
    """A part of summary.md under a heading.

    Attributes:
        heading: the heading.
        grids: its tables.
        before, after: paragraphs of Markdown before and after the tables.
        always: whether it is shown even if no table has a row.
    """

    heading: str
    grids: Sequence[Grid]
    before: Sequence[str] = ()
    after: Sequence[str] = ()
    always: bool = False

    def paragraphs(self, customers: Mapping[str, str]) -> list[str]:
        """The part as paragraphs of Markdown, customers by their names; none where it has nothing to show."""
        grids = [_with_customers(grid, customers) for grid in self.grids if grid.rows]
        if not (grids or self.always):
            return []
        tables = [text for grid in grids for text in (f"{block(grid.caption)}.", grid_text(grid))]
        return [f"## {inline(self.heading)}", *self.before, *tables, *self.after]


def summary_text(findings: Findings, tables: Tables) -> str:
    """summary.md: the answer, what to decide, the figures, the main tables, and what is not shown."""
    instance = findings.instance
    title = instance.settings.title or instance.settings.name
    customers = {row.customer: row.name for row in instance.customers if row.name}
    paragraphs = [
        f"# {inline(title)}",
        f"**{inline(headline(findings))}**",
        *(f"- {inline(part)}" for part in _sentences(findings)),
        *_decisions_text(findings),
        _cards_text(findings),
        *(f"- {block(note)}" for note in notes(findings)),
        *(paragraph for part in _parts(findings, tables) for paragraph in part.paragraphs(customers)),
        block(provenance_sentence(instance)),
        block(runs_sentence(findings)),
        "## What this does not show",
        "\n".join(f"- **{inline(head)}** {inline(text)}" for head, text in not_shown(findings)),
        (f"All figures are in `tables/*.csv`, to six digits; {MADE_BY} and `report.html`, with charts."),
    ]
    return re.sub(r"(^- .*)\n\n(?=- )", r"\1\n", "\n\n".join(paragraphs), flags=re.MULTILINE) + "\n"


def _parts(findings: Findings, tables: Tables) -> Iterator[_Part]:
    """The parts under headings, in their order."""
    if any(touched(findings, name) for name in findings.undisturbed):
        yield _end_to_end(findings, tables)
    yield _Part(f"Share of {findings.concern.title} by stage", [shares_grid(findings)])
    yield _Part("Cost", [cost_grid(findings, tables)])
    yield _Part("Orders", [product_grid(findings, tables)])
    if findings.scenarios:
        grids = [scenario_grid(findings), *([ranking_grid(findings)] if len(findings.policies) > 1 else [])]
        lines = "\n".join(f"- {block(name)}: {inline(line)}" for name, line in scenario_lines(findings))
        yield _Part("Scenarios", grids, after=[f"{SCENARIO_LINES}:", lines])
    for section in resilience_sections(findings, tables):
        yield _Part(section.title, section.grids, [block(text) for text in section.text], always=True)
    if findings.instance.expansions:
        yield _Part("Options", [options_grid(findings, tables)])
    choke_points = [choke_grid(findings, tables, longest=12), *_choke_grids(findings, tables)]
    rankings = (disagreement(findings, tables), third_way(findings, tables))
    yield _Part("Choke points", choke_points, [block(text) for text in rankings if text])
    yield _Part("Audit: who depends on whom, before any plan", audit_grids(findings))
    yield _Part("Where the figures come from", [provenance_grid(findings.instance)])


def _end_to_end(findings: Findings, tables: Tables) -> _Part:
    """Limits on a stage against limits on the whole chain."""
    grids = [view_grid(findings, view) for view in views(findings)]
    grids += scope_grids(findings, tables)[:2]
    if findings.studies.sizes:
        grids.append(size_grid(findings, seconds=False))
    lines = [f"- {block(name)}: {inline(line)}" for name, line in view_lines(findings)]
    return _Part("Stage by stage, and end to end", grids, lines)


def _sentences(findings: Findings) -> list[str]:
    """The answer, a sentence for each of its parts."""
    parts = answer_sentence(findings).removesuffix(".").split("; ")
    return [f"{part[:1].upper()}{part[1:]}." for part in parts]


def _decisions_text(findings: Findings) -> list[str]:
    """What to decide and by when, under a heading; empty where there is nothing to decide."""
    told = recommendation(findings, Names.of_instance(findings.instance))
    return (
        ["## What to decide", *(f"- **{inline(what)}**: {inline(words)}" for what, words in told), "## Figures"]
        if told
        else []
    )


def _choke_grids(findings: Findings, tables: Tables) -> list[Grid]:
    """Rankings and shadow prices of the first and the widest policy, and the regions."""
    names = [findings.label(name) for name in dict.fromkeys((findings.first, findings.policies[-1]))]
    ranked = [ranking(findings, tables, name) for name in names if (tables["losses"]["policy"] == name).any()]
    prices = [price_grid(findings, tables, name) for name in names if (tables["prices"]["policy"] == name).any()]
    regions = [region_loss_grid(findings, tables)] if ranked and len(tables["region_losses"]) else []
    return [*ranked, *regions, *prices]


def _cards_text(findings: Findings) -> str:
    found = cards(findings)
    rows = [
        ("cost, all planned periods", *(_two(card.cost) for card in found)),
        ("orders", *(_two(card.delivered) for card in found)),
        (f"units that touched {findings.concern.title}", *(_two(card.touched) for card in found)),
        (
            f"share of {findings.concern.title}; any stage: units that touched it somewhere",
            *("; ".join(f"{bar.stage} {bar.text}" for bar in card.bars) for card in found),
        ),
        ("loss in the heaviest scenario", *(_two(card.worst) for card in found)),
        ("limits and options", *(card.about for card in found)),
        *(
            [("no plan", *(_reason(card.failure) or "–" for card in found))]
            if any(card.failure for card in found)
            else []
        ),
    ]
    return grid_text(Grid("", ("", *(card.name for card in found)), tuple(rows), texts=tuple(range(len(found) + 1))))


def _with_customers(grid: Grid, customers: Mapping[str, str]) -> Grid:
    """A grid with the names of customers in its columns of them; other ids stay, as the tables have them."""
    at = {column for column, head in enumerate(grid.head) if head == "customer"}
    rows = (tuple(customers.get(cell, cell) if k in at else cell for k, cell in enumerate(row)) for row in grid.rows)
    return replace(grid, rows=tuple(rows))


def _reason(failure: str) -> str:
    """Why there is no plan, in one line: the conflict without its repairs."""
    first, *more = failure.split("\n")
    clashing = takewhile(lambda headline: headline.startswith(ITEM), more)
    return " ".join([first, *(headline.removeprefix(ITEM) for headline in clashing)])


def _two(figure: tuple[str, str]) -> str:
    return f"{figure[0]} ({figure[1]})" if figure[1] else figure[0]


def grid_text(grid: Grid) -> str:
    """A grid as a Markdown table."""
    rule = ["---" if at in grid.texts else "---:" for at in range(len(grid.head))]
    head, *rows = ([inline(cell) for cell in line] for line in (grid.head, *grid.rows))
    shown = [[f"**{cell}**" for cell in row] if at in grid.strong else row for at, row in enumerate(rows)]
    return "\n".join("| " + " | ".join(headline) + " |" for headline in (head, rule, *shown))
