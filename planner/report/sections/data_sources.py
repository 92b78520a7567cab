"""Where the figures come from, by kind of source, and what the report does not show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from planner.instance.instance import Instance
from planner.instance.records import TABLES
from planner.report.calendar_parts import spoken_window
from planner.report.findings import NOISE, Findings
from planner.report.page.grids import Grid
from planner.report.sections.pathways import share_touched
from planner.text.figures import joined, percent

ASSUMED, DERIVED, COMMON = "assumption", "derived", "general knowledge"
MIXED, CITED, MISSING = "cited, part assumed", "cited", "no source given"
KINDS = (CITED, MIXED, DERIVED, COMMON, ASSUMED, MISSING)
_ASSUMED = re.compile(r"A(?:/\w+)?(?::|;|$)")
_DERIVED = re.compile(r"D(?::|;|$)")
_COMMON = re.compile(r"GK(?!\w)")
_PART_ASSUMED = re.compile(r"(?<=[\s(])A(?!\w)")


def kind_of(source: str) -> str:
    """The kind of a source: `A` marks an assumption, `D` arithmetic on cited figures, `GK` general knowledge."""
    text = source.strip()
    if not text:
        return MISSING
    for kind, pattern in ((ASSUMED, _ASSUMED), (DERIVED, _DERIVED), (COMMON, _COMMON)):
        if pattern.match(text):
            return kind
    return MIXED if _PART_ASSUMED.search(text) else CITED


def sources(instance: Instance) -> dict[str, Counter[str]]:
    """Rows by kind of source, table by table."""
    counts = {table.name: Counter(kind_of(row.source) for row in getattr(instance, table.name)) for table in TABLES}
    return {name: counted for name, counted in counts.items() if counted}


def provenance_grid(instance: Instance) -> Grid:
    """Rows by table and kind of source."""
    counts = sources(instance)
    total: Counter[str] = sum(counts.values(), start=Counter())
    kinds = [kind for kind in KINDS if total[kind]]
    rows = [
        (
            name.replace("_", " "),
            f"{counted.total():,}",
            *(f"{counted[kind]:,}" if counted[kind] else "–" for kind in kinds),
        )
        for name, counted in counts.items()
    ]
    rows.append(("all tables", f"{total.total():,}", *(f"{total[kind]:,}" for kind in kinds)))
    return Grid("Rows by kind of source", ("table", "rows", *kinds), tuple(rows), strong=(len(rows) - 1,))


def assumptions_grid(instance: Instance) -> Grid:
    """Every source that begins as an assumption, with the rows that rest on it."""
    found = Counter(
        (table.name, row.source.strip())
        for table in TABLES
        for row in getattr(instance, table.name)
        if kind_of(row.source) == ASSUMED
    )
    rows = [
        (name.replace("_", " "), text, f"{number:,}")
        for (name, text), number in sorted(found.items(), key=lambda pair: (pair[0][0], -pair[1], pair[0][1]))
    ]
    return Grid("What is assumed, as the rows say it", ("table", "assumption", "rows"), tuple(rows), texts=(0, 1))


def provenance_sentence(instance: Instance) -> str:
    """How much of the data is assumption, in a sentence."""
    counts = sources(instance)
    total: Counter[str] = sum(counts.values(), start=Counter())
    rows = total.total()
    part = {kind: percent(total[kind] / rows, 0) if rows else "0 %" for kind in KINDS}
    if total[MISSING] == rows:
        return f"None of the {rows:,} rows says where its figures come from."
    return (
        f"Of {rows:,} rows {total[ASSUMED]:,} ({part[ASSUMED]}) are assumptions, {total[MIXED]:,} ({part[MIXED]}) "
        f"are cited in part and assumed in part, {total[DERIVED]:,} ({part[DERIVED]}) are derived from cited or "
        f"assumed figures, {total[CITED] + total[COMMON]:,} ({percent((total[CITED] + total[COMMON]) / rows, 0)}) "
        f"rest on a source or on general knowledge, and {total[MISSING]:,} ({part[MISSING]}) give no source. Rows "
        "are counted, not what hangs on them."
    )


def not_shown(findings: Findings) -> tuple[tuple[str, str], ...]:
    """What the report does not show: (heading, sentence)."""
    instance = findings.instance
    counts: Counter[str] = sum(sources(instance).values(), start=Counter())
    gaps = [
        f"{counted[ASSUMED]:,} of {name.replace('_', ' ')}"
        for name, counted in sources(instance).items()
        if counted[ASSUMED]
    ]
    known = (
        (_chain(findings) != "", "Stage shares are not the exposure of a whole chain.", _chain(findings)),
        (
            bool(findings.scenarios),
            "Scenario runs know the scenario in advance.",
            (
                "Each is planned anew from the first planned period, purchases of options and stock included. A "
                "surprise "
                "costs at least as much under the same limits; the lines on options show where a policy prepares with "
                "hindsight."
                + (" Those marked as surprises also strike without warning." if findings.studies.stressed else "")
            ),
        ),
        (
            bool(findings.scenarios) and any(map(findings.limited_stages, findings.policies)),
            "Limits stay in force in every scenario.",
            (
                "A hard limit can then only be met by making less. A planner would lift it in a crisis: that part of a "
                "policy's loss is its own doing."
            ),
        ),
        (any(findings.probability.values()), "Probabilities are inputs.", "Expected figures are as good as they are."),
        (
            True,
            "Costs count lost sales and lateness as the instance prices them.",
            (
                f"They cover all planned periods ({spoken_window(instance.periods.labels)}), discounted; units, shares "
                f"and fill rates cover the reported ones ({spoken_window(findings.periods)}). What is cheap per scarce "
                "unit of capacity is the first to wait or to be lost."
            ),
        ),
        (
            any(site.operator for site in instance.sites) and counts[ASSUMED] + counts[MIXED] > 0,
            "Sites of companies are public estimates and assumptions.",
            "No company has confirmed a capacity, price, yield, date or customer share; the names say where.",
        ),
        (
            bool(gaps),
            "Gaps in the data are filled with assumptions.",
            f"Rows that rest on an assumption: {joined(gaps)}.",
        ),
        (
            True,
            "What is upstream of the stages, or beside them, is not there.",
            (
                f"The chain begins at {instance.stages[0]}; materials, contracts and anything else without a row are "
                "outside."
            ),
        ),
    )
    return tuple((heading, text) for holds, heading, text in known if holds)


def _chain(findings: Findings) -> str:
    """Why the share of one stage is not the exposure of the whole chain, with stages of this instance as examples."""
    concern = findings.concern.title
    outside, inside = _stages_with(findings, inside=False), _stages_with(findings, inside=True)
    if len(findings.instance.stages) < 2 or not outside or not inside or outside[0] == inside[-1]:
        return ""
    return (
        f"A unit made outside {concern} at the stage {outside[0]} and inside it at the stage {inside[-1]} counts "
        f"as outside at the one and as inside at the other. The share of units that touch {concern} somewhere "
        f"{'is' if _is_larger(findings) else 'can be'} larger than any one stage share; it stands beside them, and "
        "follows single units only where a limit does."
    )


def _is_larger(findings: Findings) -> bool:
    """Whether under each policy more units touch the region of concern somewhere than are made there at any stage."""
    touched = {policy: share_touched(findings, policy) for policy in findings.undisturbed}
    return all(
        share is not None and share > max(findings.shares(policy).values(), default=0.0) + NOISE
        for policy, share in touched.items()
    )


def _stages_with(findings: Findings, *, inside: bool) -> list[str]:
    """Stages made inside, or also outside, the region of concern."""
    regions: Mapping[str, str] = findings.instance.region_of
    stage = findings.instance.stage_of
    held = {
        (stage[process.item], regions[process.site] in findings.concern.regions)
        for process in findings.instance.processes
    }
    return [name for name in findings.instance.stages if (name, inside) in held]
