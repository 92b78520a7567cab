"""report.html: one file with everything in it, charts drawn by the embedded Plotly."""

from __future__ import annotations

import json
import re
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from planner.report.findings import Findings
from planner.report.page.chart_marks import policy_colours, region_colours
from planner.report.page.charts import charts
from planner.report.page.contents import sections
from planner.report.page.grids import Tables
from planner.report.sections.answer import sentence
from planner.report.sections.cards import cards
from planner.report.sections.notes import notes

LONG = 14
FEW = 8


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
        instance=findings.instance.settings.name,
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
        few=FEW,
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
