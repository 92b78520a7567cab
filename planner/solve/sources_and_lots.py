"""Sources and started lots, derived from what a plan makes, and the check of the table that shows them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.instance.policy import rules_of
from planner.model.program import Program
from planner.network.frames import PLACED, label_rows, lookup, positions, rows_where, summed
from planner.network.making import RESOURCE
from planner.network.network import Network
from planner.network.usable import capacity_bought
from planner.solve.solution import Array
from planner.solve.tolerances import RELATIVE, dropped_in, label_of, wrong_figures

NEAR = 0.999  # share of the estimated need from which the estimate may have been too small
MADE = ["site", "item", "period"]
PROCESS = ["site", "item", "recipe", "period"]


def used_sites(program: Program, values: Array) -> Array:
    """Which rows of `use` are sources in a plan: their site makes more of the item than noise."""
    use = program.network.use
    if not len(use):
        return np.zeros(0, dtype=bool)
    output = source_output(program, values)
    largest = np.zeros(len(use))
    for at in use.groupby("item").indices.values():
        largest[at] = np.max(output[at])
    return np.asarray(output > RELATIVE * largest)


def started_lots(program: Program, values: Array) -> Array:
    """Which rows of `lot` are started in a plan: their process starts more than noise."""
    return np.asarray(_lot_starts(program, values) > RELATIVE * program.network.lot["min_lot"].to_numpy(dtype=float))


def source_output(program: Program, values: Array) -> Array:
    """Good units of the item that each site starts in each period, by the rows of `use`."""
    use, made = program.network.use, program.network.source_output
    output = np.zeros(len(use))
    amounts = values[program.make.span][made["row"].to_numpy(dtype=np.int64)] * made["yield"].to_numpy(dtype=float)
    np.add.at(output, positions(made, use, MADE), amounts)
    return output


def _lot_starts(program: Program, values: Array) -> Array:
    """Units that each process starts in each period, by the rows of `lot`."""
    lots, starts = program.network.lot, program.network.lot_starts
    started = np.zeros(len(lots))
    amounts = values[program.make.span][starts["row"].to_numpy(dtype=np.int64)]
    np.add.at(started, positions(starts, lots, PROCESS), amounts)
    return started


def source_failures(program: Program, table: pd.DataFrame | None, values: Array) -> list[str]:
    """Sentences on figures of the table of sources that do not follow from the plan, or rows that stand twice."""
    sources = rules_of(program.network.policy).sources
    if not sources:
        return []
    if table is None:
        return ["the table of sources is missing"]
    keys = ["item", "period", "site"]
    made = program.make.labelled
    made = made[["stage", *keys]].assign(good=values[program.make.span] * made["yield"].to_numpy(dtype=float))
    made = made[made["stage"].isin({rule.stage for rule in sources})]
    wanted = made.groupby(["stage", *keys], as_index=False)["good"].sum()
    wanted = wanted[wanted["good"] > RELATIVE * wanted.groupby("item")["good"].transform("max")].reset_index(drop=True)
    wanted["share"] = wanted["good"] / wanted.groupby(["item", "period"])["good"].transform("sum")
    counts = np.bincount(positions(table, wanted, keys) + 1, minlength=len(wanted) + 1)[1:]
    failures = [
        f"sources has {'no row' if count == 0 else 'two rows'} for {label_of(wanted, keys, row)}"
        for row, count in enumerate(counts)
        if count != 1
    ]
    for column, figure in (("quantity", "good"), ("share", "share")):
        expected = lookup(table, wanted, keys, figure, 0.0).astype(float)
        shown = table[column].to_numpy(dtype=float)
        failures += wrong_figures(table, keys, f"sources.{column}", shown, expected, dropped_in(program))
    return failures


def estimate_failures(program: Program, values: Array) -> list[str]:
    """Starts that come near the estimated most that can be needed, where this estimate stood in for a capacity.

    Such an estimate might have cut off a better plan, so the plan is not certified.
    """
    network = program.network
    failures = _option_failures(program, values)
    for table, amounts in ((network.use, source_output(program, values)), (network.lot, _lot_starts(program, values))):
        near = table["estimated"].to_numpy(dtype=bool) & (amounts >= NEAR * table["most"].to_numpy(dtype=float))
        failures += [
            f"{site} makes as much {item} in {network.labels[int(period)]} as was taken for the most that "
            "can be needed: give its resource a capacity"
            for site, item, period in label_rows(rows_where(table, near), PLACED)
        ]
    return failures


def _option_failures(program: Program, values: Array) -> list[str]:
    """Options of which as much is used as the estimate allowed, so that the estimate may have been too small."""
    network = program.network
    bought = capacity_bought(network)
    row = bought["row"].to_numpy(dtype=np.int64)
    share = values[program.expand.span][row]
    most = np.where(_paid_at_once(network)[row], bought["usable"], bought["counted"])
    less = (most < NEAR * bought["capacity"].to_numpy(dtype=float)) & (share > 0)
    if not less.any():
        return []
    used = values[program.make.span] * network.make["capacity_use"].to_numpy(dtype=float)
    sums = summed(network.make[RESOURCE].assign(used=used), RESOURCE, ["used"])
    amount = lookup(bought, sums, RESOURCE, "used", 0.0).astype(float)
    return [
        f"{part.site} uses as much of {part.resource} in {network.labels[int(part.period)]} as was taken for the most "
        f"that can be used of the option {network.expand['option'].iloc[int(part.row)]}: make its capacity smaller"
        for part in bought[less & (amount >= NEAR * most)].itertuples()
    ]


def _paid_at_once(network: Network) -> Array:
    """Which options have a fixed cost that is due for any share of them."""
    found = np.zeros(len(network.expand), dtype=bool)
    found[network.open.loc[network.open["integer"], "row"].to_numpy(dtype=np.int64)] = True
    return found
