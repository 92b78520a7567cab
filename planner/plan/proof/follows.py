"""The tables of a run that follow from several decisions: service, limits, commitments, sources and costs."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd

from planner.instance.policy import rules_of
from planner.model.catalogue import COSTS
from planner.network.frames import positions, renamed
from planner.plan.columns import COLUMNS
from planner.plan.proof.claims import Texts
from planner.plan.proof.compared import Finding, Written, table_named
from planner.plan.proof.decided import RunDecisions, part_of
from planner.plan.proof.printed_figures import ZERO, Figures, decimals, unrounded, zeros
from planner.plan.proof.rules import Rules, summed
from planner.solve.tolerances import RELATIVE

SOURCES = ("stage", "item", "period", "site", "quantity", "share")
DROPPED = Decimal("2e-9")  # of all costs together: what decisions that are too small for a row may cost


def table_failures(rules: Rules, tables: Texts, found: RunDecisions, findings: list[Finding]) -> None:
    """Compare the tables that follow from several decisions with what is written; what differs goes to `findings`."""
    _service(rules, tables, found, findings)
    _limits(rules, tables, found, findings)
    _commitments(rules, tables, found, findings)
    _sources(rules, tables, found, findings)
    _costs(rules, tables, found, findings)


def _written(name: str, tables: Texts, found: RunDecisions, findings: list[Finding]) -> Written:
    columns = COLUMNS.get(name, SOURCES)
    table = found.written[name] = Written(name, table_named(tables, name, columns), columns, findings)
    return table


def _service(rules: Rules, tables: Texts, found: RunDecisions, findings: list[Finding]) -> None:
    network, layout = rules.layout.network, rules.layout
    keys = ["customer", "item", "period"]
    orders = network.orders.reset_index(drop=True)
    labels = np.array(network.labels, dtype=object)
    named = orders[keys].assign(period=labels[orders["period"].to_numpy(dtype=np.int64)])
    arriving = network.deliveries
    rows = arriving["row"].to_numpy(dtype=np.int64)
    sent = part_of(found.decisions, layout.ship).take(rows)
    absent = found.absent[layout.ship.first + rows].copy()  # what may be too small for a row of its own
    absent[sent.value != ZERO] = ZERO
    at = positions(renamed(arriving, {"place": "customer"}), orders, keys)
    demand, delivered = unrounded(orders["quantity"].to_numpy(dtype=float)), sent.added(at, len(orders))
    late, lost, lateness, lost_cost = (_spread(rules, found, orders, *part) for part in (
        ("late", None), ("lost", None), ("late", "lateness"), ("lost", "lost_sales")
    ))  # fmt: skip
    parts = (demand, delivered, late, lost)
    largest = [max(map(abs, part.value.tolist()), default=ZERO) for part in parts]
    required = np.zeros(len(orders), dtype=bool)
    for part, most in zip(parts, largest, strict=True):
        required |= np.array([abs(value) > Decimal("2e-9") * most for value in part.value.tolist()], dtype=bool)
    table = _written("service", tables, found, findings)
    table.match(named, keys, required)
    table.agree("delivered", delivered, summed(absent, at, len(orders)))
    for column, follows in (
        ("demand", demand),
        ("late", late),
        ("lost", lost),
        ("price", unrounded((orders["price"] * orders["discount"]).to_numpy(dtype=float))),
        ("lateness_cost", lateness),
        ("lost_cost", lost_cost),
    ):
        table.agree(column, follows)


def _spread(rules: Rules, found: RunDecisions, orders: pd.DataFrame, name: str, factor: str | None) -> Figures:
    """The decisions of a block, each times a column of its table, by order; 0 where an order has none."""
    block = getattr(rules.layout, name)
    part = part_of(found.decisions, block)
    if factor is not None:
        part = part.times(decimals(block.labelled[factor].to_numpy(dtype=float)))
    return part.added(
        positions(getattr(rules.layout.network, name), orders, ["customer", "item", "period"]), len(orders)
    )


def _limits(rules: Rules, tables: Texts, found: RunDecisions, findings: list[Finding]) -> None:
    network, layout = rules.layout.network, rules.layout
    keys = ["limit", "of", "period"]
    limits = network.limits.reset_index(drop=True)
    table = _written("limits", tables, found, findings)
    table.match(limits[keys], keys, np.ones(len(limits), dtype=bool))
    for column in ("max_share", "min_free"):
        table.agree(column, unrounded(limits[column].to_numpy(dtype=float)))
    table.figures("shadow_price", empty=True)  # what they are is compared with the duals (measured.py)
    excess = part_of(found.decisions, layout.excess)
    at = positions(network.excess, limits, keys)
    table.agree("excess", excess.added(at, len(limits)))
    table.agree("cost", excess.times(decimals(network.excess["soft"].to_numpy(dtype=float))).added(at, len(limits)))
    inside = Figures(zeros(len(limits)), zeros(len(limits)), np.ones(len(limits), dtype=bool))
    for block, uses in (
        (layout.make, network.limit_uses),
        (layout.ship, network.pathway_uses),
        (layout.stock, network.buffer_uses),
    ):
        weight = decimals(uses["weight"].to_numpy(dtype=float))
        amounts = part_of(found.decisions, block).take(uses["row"].to_numpy(dtype=np.int64)).times(weight)
        inside = inside.plus(amounts.added(positions(uses, limits, keys), len(limits)))
    inside = Figures(np.abs(inside.value) + decimals(limits["used"].to_numpy(dtype=float)), inside.width, inside.known)
    totals = network.total.assign(row=np.arange(len(network.total)))
    at = positions(limits, totals, ["limit", "period"])
    total = part_of(found.decisions, layout.total).take(at)
    capped = limits["max_share"].notna().to_numpy(dtype=bool)
    demand = decimals(limits["demand"].fillna(0.0).to_numpy(dtype=float))
    total = Figures(
        np.where(capped, total.value, demand), np.where(capped, total.width, zeros(len(limits))), total.known
    )
    _shares(rules, table, "share", inside, total)


def _shares(rules: Rules, table: Written, column: str, part: Figures, total: Figures) -> None:
    """Compare shares with a part of a total; where the total is about 0 a share may be empty."""
    most = max(total.value.tolist(), default=ZERO)
    noise = ZERO if rules.layout.units is not None else Decimal(repr(RELATIVE)) * most
    shown, cells = table.figures(column, empty=True), table.texts[column].tolist()
    largest = max(map(abs, shown.value.tolist()), default=ZERO)
    for row in np.flatnonzero(table.place >= 0).tolist():
        at = table.place[row]
        if cells[row] == "":
            if total.value[at] > 10 * noise:
                table.wrong(row, column, "is empty, but something is made or ordered of which it is a share")
            continue
        if not shown.known[row]:
            continue
        if total.value[at] <= (noise / 10 if noise else ZERO):
            table.wrong(row, column, f"is {cells[row]}, but there is nothing of which it could be a share")
            continue
        share = shown.value[row]
        apart = abs(share * total.value[at] - part.value[at])
        allowed = shown.width[row] * (total.value[at] + total.width[at]) + part.width[at] + abs(share) * total.width[at]
        if apart > allowed and not (not share and part.value[at] <= Decimal("1e-9") * largest * total.value[at]):
            table.wrong(
                row, column, f"is {cells[row]}, but {float(part.value[at]) / float(total.value[at]):.9g} follows"
            )


def _commitments(rules: Rules, tables: Texts, found: RunDecisions, findings: list[Finding]) -> None:
    network, layout = rules.layout.network, rules.layout
    rows = network.commitments.reset_index(drop=True)
    keys = ["commitment"]
    table = _written("commitments", tables, found, findings)
    table.match(rows[keys], keys, np.ones(len(rows), dtype=bool))
    uses = network.commitment_uses
    amounts = part_of(found.decisions, layout.make).take(uses["row"].to_numpy(dtype=np.int64))
    made = amounts.times(decimals(uses["amount"].to_numpy(dtype=float))).added(positions(uses, rows, keys), len(rows))
    under = part_of(found.decisions, layout.under)
    at = positions(network.under, rows, keys)
    cost = under.times(decimals(network.under["shortfall"].to_numpy(dtype=float)))
    table.agree("minimum", unrounded(rows["minimum"].to_numpy(dtype=float)))
    table.agree("made", made)
    table.agree("shortfall", under.added(at, len(rows)))
    table.agree("cost", cost.added(at, len(rows)))


def _sources(rules: Rules, tables: Texts, found: RunDecisions, findings: list[Finding]) -> None:
    sources = rules_of(rules.layout.network.policy).sources
    if not sources:
        if "sources" in tables:
            findings.append(Finding("sources", 0, "", "", "the policy counts no sources, so there is no such table"))
        return
    block = rules.layout.make
    keys = ["item", "period", "site"]
    good = part_of(found.decisions, block).times(decimals(block.labelled["yield"].to_numpy(dtype=float)))
    counted = block.labelled["stage"].isin({rule.stage for rule in sources}).to_numpy(dtype=bool)
    groups = block.labelled.loc[counted, ["stage", *keys]].drop_duplicates(ignore_index=True)
    at = np.where(counted, positions(block.labelled, groups, keys), -1)
    quantity = good.added(at, len(groups))
    floats = pd.Series(quantity.floats())
    largest = floats.groupby(groups["item"].to_numpy()).transform("max").to_numpy()
    required = (floats.to_numpy() > 10 * RELATIVE * largest) & (floats.to_numpy() > 0)
    table = _written("sources", tables, found, findings)
    table.match(groups, keys, required)
    table.agree("quantity", quantity)
    whole = groups[["item", "period"]].drop_duplicates(ignore_index=True)
    total = quantity.added(positions(groups, whole, ["item", "period"]), len(whole))
    _shares(rules, table, "share", quantity, total.take(positions(groups, whole, ["item", "period"])))


def _costs(rules: Rules, tables: Texts, found: RunDecisions, findings: list[Finding]) -> None:
    shown = [cost for cost in COSTS if cost.table in COLUMNS]
    total = Figures(zeros(len(shown)), zeros(len(shown)), np.ones(len(shown), dtype=bool))
    gross = ZERO
    for number, cost in enumerate(shown):
        for name, column in cost.parts:
            block = getattr(rules.layout, name)
            part = part_of(found.decisions, block).times(decimals(block.labelled[column].to_numpy(dtype=float)))
            total.value[number] += sum(part.value.tolist(), ZERO)
            total.width[number] += sum(part.width.tolist(), ZERO)
            gross += sum(map(abs, part.value.tolist()), ZERO)
    slack = zeros(len(shown)) + (DROPPED * gross if rules.layout.units is None else ZERO)
    table = _written("costs", tables, found, findings)
    table.match(
        pd.DataFrame({"component": [cost.name for cost in shown]}), ["component"], np.ones(len(shown), dtype=bool)
    )
    table.agree("amount", total, slack)
