"""The tables of an audit in the form in which they are shown."""

from __future__ import annotations

import pandas as pd

from planner.study.audit.audit import Audit
from planner.study.audit.concentration import stage_in_unit
from planner.text.blocks import Block

NO_SHARES = ("region", "product", "first", "full_from", "stopped_by", "demand", "units")


def audit_blocks(found: Audit) -> tuple[Block, ...]:
    """Blocks on what can be free of a region, the concentration and holders of capacity, and single sources."""
    capacity, sources = found.capacity, found.sources
    held = capacity[capacity["over"].isin(["region", "operator"])].drop(columns=["over"])
    held.insert(2, "by", capacity.loc[held.index, "over"])
    single = sources.loc[
        sources["single"] != "", ["stage", "item", "recipe", "period", "sites", "operators", "regions", "single"]
    ]
    behind = found.behind[["over", "of", "sites", "regions", "stage", "share"]].assign(
        stage=[stage_in_unit(row) for row in found.behind.itertuples()]
    )
    free = (
        _free("Free of a region: the largest share of the orders that any policy could promise", _shares(found)),
        _free("The same by period: the largest share that lasts from that period on", _lasting(found)),
        _free("What each stage by itself lets through free of the region", _ceilings(found)),
    )
    held_by = (
        Block("Concentration of capacity: HHI (10,000 = one holder)", _concentration(found), shares=frozenset()),
        Block("Capacity by region and operator", held, shares=frozenset({"share", "share_with_options"})),
    )
    several = (
        Block("Single sources: items with one site, cluster, operator or region", single, shares=frozenset()),
        Block("Operators and hazard clusters behind several sites", behind, shares=frozenset({"share"})),
    )
    return (*(block for block in free if len(block.table)), *held_by, *(block for block in several if len(block.table)))


def _free(title: str, table: pd.DataFrame) -> Block:
    return Block(title, table, shares=frozenset(map(str, table.columns)) - frozenset(NO_SHARES))


def _concentration(found: Audit) -> pd.DataFrame:
    """The HHI of each stage and unit (rows) over regions, operators, clusters and sites (columns)."""
    rows = [
        {**dict(zip(("stage", "unit"), key, strict=True)), **dict(zip(part["over"], part["hhi"], strict=True))}
        for key, part in found.concentration.groupby(["stage", "unit"], sort=False)
    ]
    return pd.DataFrame(rows).round(0)


def _named(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(product=table["product"].where(table["product"] != "*", "all"))


def _shares(found: Audit) -> pd.DataFrame:
    """The regions and products (rows) of which not everything can be free in every period."""
    table = _named(found.free_of)
    columns = ["region", "product", "demand", "units", "share", "every_period", "first", "full_from", "stopped_by"]
    return table.loc[table["every_period"] < 1, columns]


def _lasting(found: Audit) -> pd.DataFrame:
    """The lasting share of each region and product that is not free in every period (rows), by period (columns)."""
    table = found.free_of_periods
    wide = table.pivot_table(  # with the periods in which nothing is ordered
        index=["region", "product"], columns="period", values="lasting", aggfunc="first", sort=False, dropna=False
    )
    return wide[(wide < 1).any(axis=1)].reset_index()


def _ceilings(found: Audit) -> pd.DataFrame:
    """The share that each stage (columns) lets through, for regions and products that a stage limits (rows)."""
    table = _named(found.free_of_stages)
    wide = table.pivot_table(index=["region", "product"], columns="stage", values="share", aggfunc="first", sort=False)
    return wide.reset_index()
