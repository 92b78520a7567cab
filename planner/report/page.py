"""report.html: one file with everything in it, charts drawn by the embedded Plotly."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from planner.report.answer import SCENARIO_LINES, cards, notes, scenario_lines, sentence
from planner.report.figures import charts
from planner.report.findings import Findings
from planner.report.grids import (
    Grid,
    Tables,
    choke_grid,
    cost_grid,
    exposure_grid,
    limit_grid,
    product_grid,
    service_grid,
    shares_grid,
    utilisation_grid,
)
from planner.report.marks import Chart, policy_colours, region_colours
from planner.report.provenance import assumptions_grid, not_shown, provenance_grid, provenance_sentence
from planner.report.run_grids import (
    options_grid,
    production_grid,
    ranking_grid,
    runs_grid,
    runs_sentence,
    scenario_grid,
)

LONG = 14


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        name, title: id and heading.
        text: paragraphs under the heading.
        charts, grids: what it shows; grids longer than 14 rows, and those in `folded`, open on a click.
        lines: (name, sentence) pairs, as a list.
        lines_title: heading of the list.
    """

    name: str
    title: str
    text: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    grids: tuple[Grid, ...] = ()
    folded: tuple[Grid, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()
    lines_title: str = ""


def page_text(findings: Findings, tables: Tables) -> str:
    """The page as HTML."""
    from plotly.offline import get_plotlyjs

    environment = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_unbroken,
    )
    found = charts(findings, tables)
    concern = findings.concern
    return environment.get_template("report.html.j2").render(
        title=findings.instance.settings.title or findings.instance.settings.name,
        sentence=sentence(findings),
        cards=cards(findings),
        notes=notes(findings),
        concern=concern.title,
        concern_colour=next(
            (colour for region, colour in region_colours(findings).items() if region in concern.regions), "#EE6677"
        ),
        colours=policy_colours(findings),
        sections=sections(findings, tables, found),
        planned=(findings.instance.periods.labels[0], findings.instance.periods.labels[-1]),
        reported=(findings.periods[0], findings.periods[-1]),
        long=LONG,
        charts=Markup(safe_json([chart.as_json() for chart in found.values()])),  # noqa: S704 - escaped there
        style=Markup(_template("report.css")),  # noqa: S704 - our own file
        script=Markup(_template("report.js")),  # noqa: S704 - our own files
        plotly=Markup(get_plotlyjs()),  # noqa: S704 - the library
    )


def safe_json(value: object) -> str:
    """JSON that can stand inside a script element: no tag can begin in it."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


_SPACE = re.compile(r"(?<=\d) (?=(?:%|pp|trn|bn|M)(?!\w))|(?<=[A-Za-z]) (?=\d[\d,.]* (?:trn|bn|M)(?!\w))")


def _unbroken(value: object) -> object:
    """A text whose figures stay together with their units."""
    return _SPACE.sub("\u00a0", value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _template(name: str) -> str:
    return (files("planner.report") / "templates" / name).read_text(encoding="utf-8")


def sections(findings: Findings, tables: Tables, found: dict[str, Chart]) -> tuple[Section, ...]:
    """The parts of the page below the first screen, without those that have nothing to show."""
    policies = [findings.label(name) for name in findings.undisturbed]
    word, many = findings.period_word, len(findings.policies) > 1

    def shown(*names: str) -> tuple[Chart, ...]:
        return tuple(found[name] for name in names if name in found)

    every = [
        Section(
            "exposure",
            "Exposure by stage and region",
            (
                (
                    f"Share of each stage that is made in a region, by {word} of start. Short bars are "
                    "limits. Where the "
                    "limits of a stage count something else than units (wafers, say, so that a small die "
                    "does not weigh "
                    "as "
                    "much as a large one), lines and limits count that; the shares at the top of the page count units."
                ),
            ),
            shown("exposure", "regions"),
            (shares_grid(findings),),
            tuple(exposure_grid(findings, tables, policy) for policy in policies),
        ),
        Section(
            "cost",
            "Cost by component",
            (
                "All planned periods, discounted. Lost sales count what was not served at its price; making less saves "
                "production, so the two must be read together. Changes are against the first policy and add up to its "
                "extra cost."
                if many
                else "All planned periods, discounted.",
            ),
            shown("cost"),
            (cost_grid(findings, tables),),
        ),
        Section(
            "service",
            f"Service by {word}",
            (
                (
                    "An order is delivered, waits (late) or is lost. Late units are counted at the end of every period "
                    "in "
                    "which they are still owed."
                ),
            ),
            shown("service"),
            (product_grid(findings, tables),),
            (service_grid(findings, tables),),
        ),
        Section(
            "scenarios",
            "How each policy fares in each scenario",
            (
                (
                    "Each policy is planned anew under each scenario, knowing it from the first period, "
                    "and set against "
                    "the "
                    "same policy undisturbed. Where it then buys other options, foresight flatters it."
                ),
            ),
            shown("scenarios"),
            (scenario_grid(findings), *((ranking_grid(findings),) if many else ())),
            lines=scenario_lines(findings),
            lines_title=SCENARIO_LINES,
        )
        if findings.scenarios
        else None,
        Section(
            "utilisation",
            "Use of resources",
            ("Work started as a share of capacity.",),
            shown("utilisation"),
            (),
            tuple(utilisation_grid(findings, tables, policy) for policy in policies),
        ),
        Section(
            "choke-points",
            "Choke points",
            (
                (
                    "The shadow price says what one more unit of capacity would save; times the capacity "
                    "it is the rent "
                    "of "
                    "the resource. It ranks what is scarce. It is not what losing the site would cost."
                ),
            ),
            shown("choke-points"),
            (choke_grid(findings, tables),),
            (limit_grid(findings, tables),),
        ),
        Section("options", "Expansion options", (), (), (options_grid(findings, tables),))
        if findings.instance.expansions
        else None,
        Section(
            "production", "Who makes what, and what moved", (), shown("moved"), (), (production_grid(findings, tables),)
        ),
        Section(
            "runs",
            "Status and certificate",
            (
                (
                    "A certificate checks every plan outside the solver: feasibility and cost are counted "
                    "again from the "
                    "plan's tables, and a bound from the shadow prices proves how far the cost is from the least "
                    "possible."
                ),
                runs_sentence(findings),
            ),
            (),
            (),
            (runs_grid(findings),),
            lines=_failures(findings),
            lines_title="Runs without a plan",
        ),
        Section(
            "data",
            "Where the figures come from",
            (provenance_sentence(findings.instance),),
            (),
            (provenance_grid(findings.instance),),
            (assumptions_grid(findings.instance),),
        ),
        Section("not-shown", "What this does not show", (), lines=not_shown(findings)),
    ]
    return tuple(section for section in every if section is not None)


def _failures(findings: Findings) -> tuple[tuple[str, str], ...]:
    return tuple(
        (f"{findings.label(name)}, {scenario or 'undisturbed'}: {failure.status}", failure.message)
        for name in findings.policies
        for scenario in (None, *findings.scenarios)
        if (failure := findings.failure(name, scenario)) is not None
    )
