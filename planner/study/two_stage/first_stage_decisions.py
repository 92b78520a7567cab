"""First-stage decisions: what is decided before it is known which scenario comes, for several plans side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from planner.instance.instance import Instance

KEYS = ["kind", "name", "by", "unit"]


def early_decisions(
    instance: Instance, strikes: Sequence[int], plans: Mapping[str, Mapping[str, pd.DataFrame]]
) -> pd.DataFrame:
    """Options, allocation, buffers and commitments of several plans, on the undisturbed path.

    Args:
        instance: what is planned.
        strikes: the first periods in which something can happen, as positions.
        plans: the tables of each plan by the name of its column.

    Returns:
        kind, name, by, unit and a column for each plan, 0 where a plan has none:
        `option`: the share of it that is bought; `allocation` (stage/region): share of the stage's good output of all
        starts before the strike `by`; `stock` (item): units kept at the end of the period before that strike;
        `buffer` (stage): the same at the items' values, in money; `commitment`: what counts towards the minimum, in
        good units of its item, or in the unit of its resource (`resource units` where that has no name).
    """
    values = instance.value_of
    stages = instance.stage_of
    at = instance.periods.index
    counted = _counted_in(instance)
    columns: dict[str, pd.Series] = {}
    for name, tables in plans.items():
        figures: dict[tuple[str, str, str, str], float] = {}
        for row in tables["expansions"].itertuples():
            figures["option", str(row.option), "", "share"] = float(row.share)
        for row in tables["commitments"].itertuples():
            figures["commitment", str(row.commitment), "", counted[str(row.commitment)]] = float(row.made)
        made = tables["production"].assign(at=tables["production"]["period"].map(at))
        kept = tables["stock"].assign(at=tables["stock"]["period"].map(at))
        for strike in strikes:
            by = instance.periods.labels[strike]
            before = made[made["at"] < strike].groupby(["stage", "region"])["finished"].sum()
            share = before / before.groupby("stage").transform("sum")
            figures |= {
                ("allocation", f"{stage}/{region}", by, "share of the stage"): float(part)
                for (stage, region), part in share.items()
            }
            for item, units in kept[kept["at"] == strike - 1].groupby("item")["quantity"].sum().items():
                figures["stock", str(item), by, "units"] = float(units)
                key = ("buffer", stages[str(item)], by, instance.settings.currency)
                figures[key] = figures.get(key, 0.0) + float(units) * float(values[str(item)] or 0.0)
        columns[name] = pd.Series(figures, dtype=float)
    index = pd.MultiIndex.from_tuples(sorted({key for part in columns.values() for key in part.index}), names=KEYS)
    table = pd.DataFrame({name: part.reindex(index) for name, part in columns.items()}, index=index).fillna(0.0)
    kinds = ["option", "allocation", "buffer", "stock", "commitment"]
    table = table.reset_index()
    order = table["kind"].map(kinds.index)
    periods = table["by"].map(at).fillna(-1)
    return (
        table.assign(order=order, at=periods)
        .sort_values(["order", "at", "name"])
        .drop(columns=["order", "at"])
        .reset_index(drop=True)
    )


def _counted_in(instance: Instance) -> dict[str, str]:
    """The unit in which each commitment counts: that of its item or resource."""
    named = {row.line: row.unit for row in reversed(instance.capacities) if row.unit}
    return {
        row.commitment: "units" if row.item is not None else named.get(row.line, "resource units")
        for row in instance.commitments
    }
