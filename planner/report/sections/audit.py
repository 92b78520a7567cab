"""The audit as a part of the report: its findings as sentences, and its main tables."""

from __future__ import annotations

import math

import pandas as pd

from planner.report.findings import Findings
from planner.report.page.grids import Grid, made_grid
from planner.study.audit.concentration import stage_in_unit
from planner.text.figures import NONE, count, percent

ALL = "*"
TABLES = ("free_of", "free_of_periods", "free_of_stages", "sources", "behind", "concentration", "capacity")


def audit_tables(findings: Findings) -> dict[str, pd.DataFrame]:
    """The tables of the audit by name; none where it was not made."""
    found = findings.studies.audit
    return {} if found is None else {f"audit_{name}": getattr(found, name) for name in TABLES}


def audit_lines(findings: Findings) -> tuple[tuple[str, str], ...]:
    """The sentences of the audit, with ids."""
    found = findings.studies.audit
    return tuple(("", text) for text in found.findings) if found else ()


def most_free(findings: Findings) -> float:
    """The largest share of all orders that any policy could keep free of the region of concern; NaN if not known."""
    found = findings.studies.audit
    if found is None:
        return math.nan
    rows = found.free_of[found.free_of["region"] == findings.concern.name]
    whole = rows[rows["product"] == ALL] if (rows["product"] == ALL).any() else rows
    return float(whole["share"].iloc[0]) if len(whole) == 1 else math.nan


def audit_grids(findings: Findings) -> tuple[Grid, ...]:
    """Grids of the shares that can be free of the region of concern, by product, stage and region; and of capacity."""
    found = findings.studies.audit
    if found is None:
        return ()
    return (_by_product(findings, found.free_of, found.free_of_stages), _by_region(findings, found.free_of))


def audit_folded(findings: Findings) -> tuple[Grid, ...]:
    """The other tables."""
    found = findings.studies.audit
    if found is None:
        return ()
    return (
        _lasting(findings, found.free_of_periods),
        _capacity(findings, found.capacity),
        _sources(found.sources),
        _behind(findings, found.behind),
    )


def _product(name: object) -> str:
    return "all together" if name == ALL else str(name)


def _by_product(findings: Findings, table: pd.DataFrame, stages: pd.DataFrame) -> Grid:
    own, ceilings = (part[part["region"] == findings.concern.name] for part in (table, stages))
    wide = ceilings.pivot_table(index="product", columns="stage", values="share", aggfunc="first", sort=False)
    names = [stage for stage in findings.instance.stages if stage in wide]
    rows = []
    for row in own.itertuples():
        lets = [float(wide.loc[row.product, stage]) if row.product in wide.index else math.nan for stage in names]
        rows.append(
            [
                _product(row.product),
                count(float(row.demand)),
                percent(float(row.share)),
                percent(float(row.every_period)),
                _text(row.first),
                _text(row.full_from),
                *(percent(share) for share in lets),
            ]
        )
    word = findings.period_word
    return made_grid(
        f"Free of {findings.concern.title} at every stage: the largest share of the orders that any policy could "
        f"promise, over all reported periods and in every one of them; then what each stage alone would let through",
        [
            "product",
            "ordered",
            "at most",
            f"in every {word}",
            "first",
            "in full from",
            *(f"{name} alone" for name in names),
        ],
        rows,
        strong=[at for at, row in enumerate(own.itertuples()) if row.product == ALL],
    )


def _by_region(findings: Findings, table: pd.DataFrame) -> Grid:
    products = [name for name in dict.fromkeys(table["product"]) if name != ALL]
    products += [ALL] if (table["product"] == ALL).any() else []
    wide = table.pivot_table(index="region", columns="product", values="share", aggfunc="first", sort=False)
    return made_grid(
        "Free of a region, or a group of regions: the largest share of the orders of each product over the reported "
        "periods that any policy could promise",
        ["region", *map(_product, products)],
        [
            [findings.region_name(str(region)), *(percent(float(row[name])) for name in products)]
            for region, row in wide.iterrows()
        ],
    )


def _lasting(findings: Findings, table: pd.DataFrame) -> Grid:
    own = table[table["region"] == findings.concern.name]
    rows = [
        [
            str(name),
            *(percent(float(value), 0) for value in part.set_index("period")["lasting"].reindex(findings.periods)),
        ]
        for name, part in own.groupby("product", sort=False)
    ]
    return made_grid(
        f"Free of {findings.concern.title}: the largest share of each product that lasts from a period on",
        ["product", *findings.periods],
        rows,
    )


def _capacity(findings: Findings, table: pd.DataFrame) -> Grid:
    own = table[table["over"].isin(["region", "operator"])]
    return made_grid(
        "Capacity over the reported periods by region and operator, now and with every option",
        ["stage", "unit", "by", "holder", "capacity", "share", "with every option"],
        [
            [
                str(row.stage),
                str(row.unit),
                str(row.over),
                findings.region_name(str(row.of)) if row.over == "region" else str(row.of),
                count(float(row.capacity)),
                percent(float(row.share)),
                percent(float(row.share_with_options)),
            ]
            for row in own.itertuples()
        ],
        texts=(0, 1, 2, 3),
    )


def _sources(table: pd.DataFrame) -> Grid:
    own = table[table["single"] != ""]
    return made_grid(
        "Single sources: items with one site, cluster, operator or region",
        ["item", "stage", "recipe", "periods", "sites", "one and the same"],
        [
            [
                *(str(part) for part in (row.item, row.stage, row.recipe, row.period)),
                str(row.makers).replace("+", ", ") or "none",
                str(row.single).replace("+", ", "),
            ]
            for row in own.itertuples()
        ],
        texts=(0, 1, 2, 3, 4, 5),
    )


def _behind(findings: Findings, table: pd.DataFrame) -> Grid:
    return made_grid(
        "Operators and clusters behind several sites, and their share of the capacity of a stage",
        ["behind", "it is a", "sites", "regions", "stage", "share"],
        [
            [
                str(row.of),
                str(row.over),
                str(row.names).replace("+", ", "),
                ", ".join(findings.region_name(name) for name in str(row.regions).split("+")),
                stage_in_unit(row),
                percent(float(row.share)),
            ]
            for row in table.itertuples()
        ],
        texts=(0, 1, 2, 3, 4),
    )


def _text(value: object) -> str:
    return NONE if value is None or (isinstance(value, float) and math.isnan(value)) else str(value)
